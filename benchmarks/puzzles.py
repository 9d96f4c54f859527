"""Measure the microseconds in which a chess puzzle is read, and how many of them `chess` takes.

    python benchmarks/puzzles.py FILE_OR_FOLDER [...] [--rows 10000] [--turns 5]

A row is parsed and validated. `chess` is what that package does for it, by itself, on the same rows: set up
the FEN, check the position, see that each move is legal, play it. CPU time of one process, the least over
turns, since whatever else the machine does only adds to it.
"""

from __future__ import annotations

import argparse
import itertools
import time
from pathlib import Path

import chess
import pandas as pd
from instruments import machine, report  # first: it switches the model hub off

from w2s_kit.tasks.chess import Report, read_puzzles
from w2s_kit.tasks.chess.columns import columns_of
from w2s_kit.tasks.chess.lichess import HEAD, table_rows


def by_chess(rows: list[tuple[str, list[chess.Move]]]) -> None:
    board = chess.Board()
    for fen, moves in rows:
        board.set_fen(fen)
        board.status()
        for move in moves:
            board.is_legal(move)
            board.push(move)
            board.peek().uci()


def measure(path: Path, n: int, turns: int) -> dict:
    """One row of the table, of the first `n` rows of a file."""
    cells = [row for _, row in itertools.islice(table_rows(path, Report()), n + 1)]
    names = columns_of(path, cells[:HEAD], None)
    columns = [(row[names.index("fen")], row[names.index("moves")].split()) for row in cells]
    # without header
    raw = [(fen, [chess.Move.from_uci(move) for move in moves]) for fen, moves in columns if "/" in fen][:n]
    looked, kit, alone = [], [], []
    for _ in range(turns):
        report_of_file, start = Report(), time.process_time()
        puzzles = read_puzzles(path, report_of_file)
        looked.append(time.process_time() - start)
        start = time.process_time()
        for _ in itertools.islice(puzzles, len(raw)):
            pass
        kit.append(time.process_time() - start)
        start = time.process_time()
        by_chess(raw)
        alone.append(time.process_time() - start)
    each = 1e6 / report_of_file.read
    return {
        "file": path.name,
        "rows": report_of_file.read,
        "rejected": report_of_file.rejected.total(),
        "moves_per_row": sum(len(moves) for _, moves in raw) / len(raw),
        "us_per_row": min(kit) * each,
        "us_chess": min(alone) * each,
        "share_of_chess": min(alone) / min(kit),
        "first_look_ms": min(looked) * 1e3,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="+", type=Path, help="puzzle files, or folders of them")
    parser.add_argument("--rows", type=int, default=10_000, help="of each file (default: 10000)")
    parser.add_argument("--turns", type=int, default=5, help="default: 5")
    args = parser.parse_args()
    facts, rows = machine(), []
    for path in itertools.chain.from_iterable(
        sorted(p.glob("*.csv*")) if p.is_dir() else [p] for p in args.paths
    ):
        try:
            rows.append(measure(path, args.rows, args.turns))
        except ValueError as error:
            print(f"left out: {error}")
    report(
        "puzzles",
        pd.DataFrame(rows),
        facts | {"chess": chess.__version__},
        "us_per_row: CPU time to parse and validate a row; us_chess: of what chess does in it.\n"
        "first_look_ms: once a file, to find out its columns and where its FEN stands.",
    )


if __name__ == "__main__":
    main()
