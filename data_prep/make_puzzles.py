"""Make the chess puzzles that ship: mates in one and two, proved by the rules, and an engine's tactics.

    python data_prep/make_puzzles.py --jobs 2    # after make_games.py
                                                 # tactics need the Debian package `stockfish`

Every puzzle has one solution: one move mates; one move forces mate in two against every defence, and none
mates at once; one move is better than every other by a wide margin, at three depths of search. Most mates
come from random positions of few pieces. The others and the tactics come from games that no model is
pretrained on. A position that stands in the pretraining games, on either side of the board, is left out.
Seeded and resumable by shards; the table is written last, whole.
"""

from __future__ import annotations

import argparse
import csv
import random
import shutil
from itertools import islice
from pathlib import Path

import chess
import chess.engine
from joblib import Parallel, delayed
from playing import FOR_PUZZLES, pretraining_shards, replay, write_packed
from playing import shard as play
from tqdm.auto import tqdm

from w2s_kit.shared.files import written_whole
from w2s_kit.tasks.chess.rules import gives_mate

ROOT = Path(__file__).resolve().parent.parent
WANTED = {"mate_in_one": 12_000, "mate_in_two": 6_000, "tactic": 2_000}
MARGIN, WINNING = 250, 150  # centipawns: of the best move over the second, and its own value
NODES = (3_000, 30_000, 300_000)  # a glance, a look, the verdict
COLUMNS = ["id", "fen", "moves", "theme", "tempting", "verified", "game"]


def key(board: chess.Board) -> str:
    """The same for a position and its mirror image with colours exchanged."""
    return (board if board.turn else board.mirror()).board_fen()


def mating_moves(board: chess.Board, most: int = 2) -> list[chess.Move]:
    """Up to `most` moves that mate at once."""
    return list(islice((m for m in board.legal_moves if board.gives_check(m) and gives_mate(board, m)), most))


def forces_mate(board: chess.Board) -> bool:
    """Whether every reply of the side to move, if it has one, is answered by a mate."""
    replies = list(board.legal_moves)
    for reply in replies:
        board.push(reply)
        mates = mating_moves(board, most=1)
        board.pop()
        if not mates:
            return False
    return bool(replies)


def mate_in_two(board: chess.Board) -> list[str] | None:
    """The solution (move, a longest defence, mate) of a mate in two; None where there is not exactly one.

    Exactly one move forces mate in two, and none mates at once.
    """
    if mating_moves(board, most=1):
        return None
    keys = []
    for move in list(board.legal_moves):
        board.push(move)
        if forces_mate(board):
            keys.append(move)
        board.pop()
        if len(keys) > 1:
            return None
    if not keys:
        return None
    board = board.copy(stack=False)
    board.push(keys[0])
    reply = min(board.legal_moves, key=lambda m: m.uci())
    board.push(reply)
    return [keys[0].uci(), reply.uci(), mating_moves(board, most=1)[0].uci()]


def hunted_king(rng: random.Random) -> chess.Board:
    """A random position: White, to move, has the better pieces, Black's king is often at the edge."""
    edge = [s for s in chess.SQUARES if chess.square_rank(s) in (0, 7) or chess.square_file(s) in (0, 7)]
    while True:
        board, king = chess.Board(None), rng.choice(edge) if rng.random() < 0.8 else rng.randrange(64)
        near = [s for s in chess.SQUARES if 0 < chess.square_distance(s, king) <= 2]
        board.set_piece_at(king, chess.Piece(chess.KING, chess.BLACK))
        pieces = [(chess.KING, True, near if rng.random() < 0.35 else range(64))]
        pieces += [
            (rng.choices([5, 4, 3, 2, 1], [4, 4, 2, 2, 1])[0], True, range(64))
            for _ in range(rng.randint(2, 4))
        ]
        pieces += [
            (
                rng.choices([5, 4, 3, 2, 1], [1, 2, 2, 2, 4])[0],
                False,
                near if rng.random() < 0.6 else range(64),
            )
            for _ in range(rng.randint(0, 4))
        ]
        for kind, color, squares in pieces:
            square = rng.choice(squares)
            if board.piece_at(square) is None and (kind != chess.PAWN or 8 <= square < 56):
                board.set_piece_at(square, chess.Piece(kind, color))
        board.turn = chess.WHITE
        if board.king(chess.WHITE) is not None and board.is_valid() and not board.is_game_over():
            return board if rng.random() < 0.5 else board.mirror()


def distractors(board: chess.Board, solution: chess.Move) -> int:
    """Checks and captures that are not the solution: what tempts a beginner."""
    return sum(
        move != solution and (board.is_capture(move) or board.gives_check(move)) for move in board.legal_moves
    )


def describe(board: chess.Board, moves: list[str], theme: str, verified: str) -> list:
    return [board.fen(), " ".join(moves), theme, distractors(board, chess.Move.from_uci(moves[0])), verified]


def solved(board: chess.Board, two: bool) -> list | None:
    """The row of a position that is a mate in one or, where asked for, in two."""
    mates = mating_moves(board)
    if len(mates) == 1:
        return describe(board, [mates[0].uci()], "mate_in_one", "rules")
    if two and not mates and (line := mate_in_two(board)):
        return describe(board, line, "mate_in_two", "rules")
    return None


def tactic(board: chess.Board, player) -> list | None:
    """The row of a position whose best move stands out, when every deeper search agrees."""
    best = None
    for nodes in NODES:
        lines = player.analyse(board, chess.engine.Limit(nodes=nodes), multipv=2, game=object())
        if len(lines) < 2 or "pv" not in lines[0]:
            return None
        first, second = (line["score"].relative.score(mate_score=10_000) for line in lines)
        if (
            first < WINNING
            or first - second < MARGIN
            or first > 9_000
            or best not in (None, lines[0]["pv"][0])
        ):
            return None
        best = lines[0]["pv"][0]
    return describe(
        board, [best.uci()], "tactic", f"engine: {min(first - second, 999)} centipawns over the second move"
    )


def composed(number: int, out: Path, tries: int = 4_000) -> Path:
    """A shard of mates in random positions."""
    path = out / f"composed-{number:04d}.csv"
    if not path.exists():
        rng = random.Random(f"puzzles-{number}")
        boards = (hunted_king(rng) for _ in range(tries))
        # mates in two take long to prove
        puzzles = filter(None, (solved(board, two=i % 2 == 0) for i, board in enumerate(boards)))
        _write(path, ([*puzzle, f"composed-{number}-{i}"] for i, puzzle in enumerate(puzzles)))
    return path


def from_games(number: int, games: Path, out: Path, engine: str) -> Path:
    """A shard of mates and tactics from the games of one shard."""
    path = out / f"played-{number:04d}.csv"
    if path.exists():
        return path
    rng, rows = random.Random(f"played-{number}"), []
    with chess.engine.SimpleEngine.popen_uci(engine) as player:
        player.configure({"Threads": 1, "Hash": 32})
        for game, board, _ in replay(play(number, games, engine)):
            puzzle = solved(board, two=rng.random() < 0.1) or (rng.random() < 0.1 and tactic(board, player))
            if puzzle:
                rows.append([*puzzle, f"played-{number}-{game}"])
    _write(path, rows)
    return path


def _write(path: Path, rows) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as temporary, open(temporary, "w", newline="") as file:
        csv.writer(file).writerows(rows)


def pretraining_keys(games: Path) -> set[int]:
    shards = tqdm(pretraining_shards(games), desc="pretraining positions", unit="shard")
    return {hash(key(board)) for shard in shards for _, board, _ in replay(shard)}


def merge(parts: list[Path], games: Path, out: Path) -> None:
    """The puzzles of all shards as one table: each position once, none that a model was pretrained on."""
    keys, kept = pretraining_keys(games), {theme: [] for theme in WANTED}
    for part in sorted(parts):
        with open(part, newline="") as stream:
            for puzzle in csv.reader(stream):
                if (mark := hash(key(chess.Board(puzzle[0])))) not in keys:
                    keys.add(mark)
                    kept[puzzle[2]].append(puzzle)
    rows = []
    for theme, most in WANTED.items():
        random.Random(theme).shuffle(kept[theme])
        print(f"{theme}: {len(kept[theme])} found, {min(most, len(kept[theme]))} kept")
        rows += [[f"{theme}-{i:05d}", *puzzle] for i, puzzle in enumerate(kept[theme][:most])]
    write_packed(out, "".join(",".join(map(str, row)) + "\n" for row in [COLUMNS, *rows]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--composed", type=int, default=46, help="shards of random positions")
    parser.add_argument("--played", type=int, default=8, help="shards of games")
    parser.add_argument("--cache", type=Path, default=ROOT / "data_prep/cache")
    parser.add_argument("--out", type=Path, default=ROOT / "w2s_kit/tasks/chess/puzzles.csv.gz")
    parser.add_argument("--engine", default=shutil.which("stockfish") or "/usr/games/stockfish")
    args = parser.parse_args()
    games, parts = args.cache / "games", args.cache / "puzzles"
    games.mkdir(parents=True, exist_ok=True)
    work = [delayed(composed)(n, parts) for n in range(args.composed)]
    work += [delayed(from_games)(FOR_PUZZLES + n, games, parts, args.engine) for n in range(args.played)]
    files = list(tqdm(Parallel(n_jobs=args.jobs, return_as="generator")(work), total=len(work), unit="shard"))
    merge(files, games, args.out)
