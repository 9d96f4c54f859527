"""The Lichess puzzle file (database.lichess.org/#puzzles), read row by row and checked by the rules of chess.

    PuzzleId, FEN, Moves, Rating, RatingDeviation, Popularity, NbPlays, Themes, GameUrl, OpeningTags

Its FEN stands before the opponent's set-up move, and Moves begin with this move: the solution starts at the
second move. In other files the FEN stands after the set-up move. Both end with a move of the solver, so the
number of Moves is even here and odd there.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import chess

from ..rows import Rejected, Report, cells_of, is_csv, objects_of, once, records, shown, tell, wrong_width
from .columns import NUMBER, NUMBERS, columns_of, fen_stands, is_header
from .puzzle import Puzzle, keys
from .rules import fen_of, push, set_up

HEAD = 1000  # rows that are looked at to find out what a file is
GAME = re.compile(  # the address of a game, or its id alone
    r"(?:https?://(?:www\.)?lichess\.org/)?(\w{8})(?:\w{4})?(?:/white|/black)?(?:[#?].*)?", re.ASCII
)


def read_puzzles(
    path: str | Path,
    report: Report | None = None,
    *,
    fen: str | None = None,
    columns: Sequence[str] | None = None,
) -> Iterator[Puzzle]:
    """The puzzles of a file, one by one.

    The file is CSV with or without header, JSON lines, a JSON array, or parquet; see `rows`. Any other row is
    counted in `report`, with file, row and reason. So is a puzzle that was there before, by its id, or by its
    position and solution. A puzzle without id is named after its row.

    `fen` says whether the FEN stands "before" or "after" the set-up move, and `columns` names the columns, in
    order. By default both are found out from the first rows. Raises ValueError, which asks, where these do
    not decide it.
    """
    path, report = Path(path), Report() if report is None else report
    if fen not in (None, "before", "after"):
        raise ValueError(f'fen={fen!r}: choose "before", "after", or None to find out')
    rows = (row for _, row in itertools.islice(table_rows(path, Report()), HEAD))
    head = [row for row in rows if not isinstance(row, Rejected)]
    if not head:
        raise ValueError(f"{path}: no text at its beginning; is this a puzzle file, complete, and in UTF-8?")
    names = columns_of(path, head, columns)
    stands = fen or fen_stands(path, head[is_header(head[0]) :], names)
    report.notes.append(f"the FEN is taken as the position {stands} the set-up move")
    return _read(path, report, names, stands == "after")


def load_puzzles(
    path: str | Path,
    *,
    fen: str | None = None,
    columns: Sequence[str] | None = None,
    allow_rejected: bool = False,
) -> list[Puzzle]:
    """All puzzles of `read_puzzles`, as a list.

    What was rejected is printed. Raises ValueError when that is more than half of the rows, unless
    `allow_rejected`.
    """
    puzzles = list(read_puzzles(path, report := Report(), fen=fen, columns=columns))
    tell(report, path, "puzzle", allow_rejected)
    return puzzles


def _read(path: Path, report: Report, names: list[str], after: bool) -> Iterator[Puzzle]:
    """The puzzles of a file whose columns are known; `after`: its FEN stands after the set-up move."""
    columns, board = {name: i for i, name in enumerate(names) if name}, chess.Board()

    def rows() -> Iterator[tuple[str, tuple[int, list[str]] | Rejected]]:
        for i, (number, row) in enumerate(table_rows(path, report)):
            if isinstance(row, Rejected):
                yield f"{path}, row {number}", row
            elif i or not is_header(row):
                yield f"{path}, row {number}", (number, row)

    def parse(numbered: tuple[int, list[str]]) -> Puzzle:
        return _puzzle(numbered[1], numbered[0], columns, len(names), after, board)

    return records(rows(), once(parse, keys, "stands twice"), report)


def table_rows(path: Path, report: Report) -> Iterator[tuple[int, list[str] | Rejected]]:
    """(row, cells) of each row, whatever the file is.

    Before the objects of a file that is not CSV, their names stand as a header, in row 0.
    """
    if is_csv(path):
        for number, row in cells_of(path, report):
            yield number, row if isinstance(row, Rejected) else [cell.strip() for cell in row]
        return
    names: list[str] = []
    for number, row in objects_of(path, report):
        if isinstance(row, Rejected):
            yield number, row
            continue
        if not names:
            names = list(row)
            yield 0, names
        yield number, [_cell(row.get(name)) for name in names]


def _cell(value: Any) -> str:
    """A value as CSV has it: nothing is "", and several texts have blanks between them."""
    if value is None or value != value:  # pandas' missing number is not equal to itself
        return ""
    if isinstance(value, Iterable) and not isinstance(value, (str, Mapping)):
        return " ".join(map(_cell, value))
    return shown(value).strip() if not isinstance(value, str) else value.strip()


def game_id(url: str) -> str:
    """The eight characters that name a game, from its address or from the id itself, or "" without them."""
    match = GAME.fullmatch(url)
    return match[1] if match else ""


def _puzzle(
    row: list[str], number: int, columns: dict[str, int], width: int, after: bool, board: chess.Board
) -> Puzzle:
    """The puzzle of row `number`, checked on `board`; raises Rejected where the row is none."""
    if len(row) != width:
        raise wrong_width(len(row), width)
    cells = {name: row[i] for name, i in columns.items()}
    numbers: dict[str, Any] = {name: _number(name, cells[name]) for name in NUMBERS if name in cells}
    moves = cells["moves"].split()
    if not moves or len(moves) % 2 != after:
        stands, parity = ("after", "odd") if after else ("before", "even")
        detail = f"with the FEN {stands} the set-up move, a complete solution has an {parity} number"
        raise Rejected("incomplete solution", f"{len(moves)} moves; {detail}")
    set_up(board, cells["fen"])
    setup = "" if after else push(board, moves.pop(0))
    fen = fen_of(board)
    return Puzzle(
        cells.get("id") or f"row{number}",
        fen,
        tuple([push(board, move) for move in moves]),
        setup,
        themes=frozenset(cells.get("themes", "").split()),
        game_id=game_id(cells.get("game_id", "")),
        openings=tuple(cells.get("openings", "").split()),
        **numbers,
    )


def _number(name: str, cell: str) -> int | None:
    if not cell:
        return None
    match = NUMBER.fullmatch(cell)
    if not match:
        raise Rejected("bad number", f"{name} {cell!r}; write a whole number, or leave the cell empty")
    return int(match[1])
