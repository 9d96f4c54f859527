"""Games of Stockfish against itself, in shards: they are played, written whole, and replayed."""

from __future__ import annotations

import gzip
import os
import random
from collections.abc import Iterator
from pathlib import Path

import chess
import chess.engine

ROOT = Path(__file__).resolve().parent.parent
GAMES = 1_000
NODES = (15, 50, 150, 400)
BLUNDERS = (0.0, 0.03, 0.1, 0.25)  # share of a side's moves that are random
PLIES = {"full": 100, "few": 16}
FOR_PUZZLES = 1_000  # shards from this number on give puzzles, and no model is pretrained on them


def shard_path(number: int, games: Path) -> Path:
    """The file of a shard in the folder `games`."""
    return games / f"games-{number:04d}.txt.gz"


def pretraining_shards(games: Path) -> list[Path]:
    """Those that are there, by number."""
    return [path for path in sorted(games.glob("games-*.txt.gz")) if path < shard_path(FOR_PUZZLES, games)]


def replay(shard: Path) -> Iterator[tuple[int, chess.Board, chess.Move]]:
    """(number of the game, position, the move that was played there) for every position of a shard's games.

    The board is one and the same, and goes on from where it was left: leave it as it is.
    """
    with gzip.open(shard, "rt") as lines:
        for game, line in enumerate(lines):
            fen, moves = line.rstrip("\n").split("\t")
            board = chess.Board(fen)
            for move in map(chess.Move.from_uci, moves.split()):
                yield game, board, move
                board.push(move)


def write_packed(path: Path, text: str) -> None:
    """gzip, whole or not at all, and the same bytes for the same text."""
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    with (
        open(temporary, "wb") as file,
        gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as packed,
    ):
        packed.write(text.encode())
    os.replace(temporary, path)


def opening(rng: random.Random) -> chess.Board:
    """A position after 2 to 12 random moves from the start, in which the game is not over."""
    while True:
        board = chess.Board()
        for _ in range(rng.randint(2, 12)):
            board.push(rng.choice(list(board.legal_moves)))
            if board.is_game_over():
                break
        else:
            return chess.Board(board.fen())


def few_pieces(rng: random.Random) -> chess.Board:
    """Two kings and one to five pieces a side, anywhere that is legal."""
    while True:
        board, squares = chess.Board(None), rng.sample(range(64), 12)
        for color in (chess.WHITE, chess.BLACK):
            board.set_piece_at(squares.pop(), chess.Piece(chess.KING, color))
            for _ in range(rng.randint(1, 5)):
                kind, square = (
                    rng.choices(
                        [chess.QUEEN, chess.ROOK, chess.BISHOP, chess.KNIGHT, chess.PAWN], [2, 3, 2, 2, 4]
                    )[0],
                    squares.pop(),
                )
                if kind != chess.PAWN or 8 <= square < 56:
                    board.set_piece_at(square, chess.Piece(kind, color))
        board.turn = rng.random() < 0.5
        if board.is_valid() and not board.is_game_over():
            return board


def shard(number: int, out: Path, engine: str) -> Path:
    """Plays the games of a shard with `engine`, unless its file is there; returns the file.

    A shard has GAMES games, from an opening or from a few pieces, each side of its own strength.
    """
    path = shard_path(number, out)
    if path.exists():
        return path
    rng, lines = random.Random(f"games-{number}"), []
    with chess.engine.SimpleEngine.popen_uci(engine) as player:
        player.configure({"Threads": 1, "Hash": 16})
        for game in range(GAMES):
            kind = "full" if rng.random() < 0.6 else "few"
            board = opening(rng) if kind == "full" else few_pieces(rng)
            start, strength = (
                board.fen(),
                {color: (rng.choice(NODES), rng.choice(BLUNDERS)) for color in (True, False)},
            )
            for _ in range(PLIES[kind]):
                if board.is_game_over(claim_draw=False):
                    break
                nodes, blunders = strength[board.turn]
                if rng.random() < blunders:
                    board.push(rng.choice(list(board.legal_moves)))
                else:
                    # a new `game` clears what the engine remembers, so that a shard is the same on every
                    # machine
                    board.push(player.play(board, chess.engine.Limit(nodes=nodes), game=game).move)
            lines.append(f"{start}\t{' '.join(move.uci() for move in board.move_stack)}\n")
    write_packed(path, "".join(lines))
    return path
