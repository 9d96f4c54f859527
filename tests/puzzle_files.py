"""Files of chess puzzles, and the verdict of `chess` itself on them."""

import itertools

import chess
import chess.pgn
import pyarrow as pa
from hypothesis import HealthCheck, settings

from w2s_kit.tasks.chess import Puzzle, Report, join_games, read_puzzles

few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

HEADER = "PuzzleId,FEN,Moves,Rating,RatingDeviation,Popularity,NbPlays,Themes,GameUrl,OpeningTags"
# what it is: FEN before the set-up move, moves, the position to solve
KNOWN = {
    "backrank": (
        "6k1/5ppp/8/8/7r/8/5PPP/1R4K1 b - - 3 30",
        "h4h3 b1b8",
        "6k1/5ppp/8/8/8/7r/5PPP/1R4K1 w - - 4 31",
    ),
    "black": (
        "1r4k1/5ppp/8/8/8/8/R4PPP/6K1 w - - 3 30",
        "a2c2 b8b1 c2c1 b1c1",
        "1r4k1/5ppp/8/8/8/8/2R2PPP/6K1 b - - 4 30",
    ),
    "castles": ("5k2/8/8/8/8/8/6PP/4K2R b K - 0 30", "f8e7 e1g1", "8/4k3/8/8/8/8/6PP/4K2R w K - 1 31"),
    "passant": ("4k3/3p4/8/4P3/8/8/8/4K3 b - - 0 30", "d7d5 e5d6", "4k3/8/8/3pP3/8/8/8/4K3 w - d6 0 31"),
    "promotes": ("8/P4k2/8/8/8/8/8/K7 b - - 0 50", "f7e6 a7a8n", "8/P7/4k3/8/8/8/8/K7 w - - 1 51"),
}


def line(name="backrank", **cells):
    fen, moves, _ = KNOWN[name]
    row = {
        "id": name,
        "fen": fen,
        "moves": moves,
        "rating": 1500,
        "deviation": 80,
        "popularity": 90,
        "plays": 1000,
        "themes": "mate short",
        "game": "https://lichess.org/abcdefgh/black#60",
        "openings": "",
        **cells,
    }
    return ",".join(map(str, row.values()))


def puzzle_lines(n, **cells):
    """Of `n` puzzles in different positions: four more pieces stand where they change nothing."""
    squares = [
        square for square in range(32, 48) if chess.square_name(square) not in ("b5", "b6", "f6", "h6")
    ]
    board, moves = chess.Board(KNOWN["backrank"][0]), KNOWN["backrank"][1]
    for i, places in enumerate(itertools.islice(itertools.permutations(squares, 4), n)):
        other = board.copy()
        for square, piece in zip(places, "NnBb"):
            other.set_piece_at(square, chess.Piece.from_symbol(piece))
        yield line(**{"id": f"p{i}", "fen": other.fen(), "moves": moves, "rating": 500 + i, **cells})


def write(path, *rows, header=HEADER):
    path.write_text("\n".join([header] * bool(header) + list(rows)) + "\n")
    return path


def read(path, **how):
    report = Report()
    puzzles = list(read_puzzles(path, report, **how))
    assert report.read == report.kept + report.rejected.total() and report.kept == len(puzzles)
    return puzzles, report


def verdict(fen: str, moves: str, after: bool = False) -> bool:
    """Is this a puzzle?"""
    return bool(positions_of(fen, moves, after))


def positions_of(fen: str, moves: str, after: bool = False) -> list[str]:
    """From the position to solve to the last, or none where this is no puzzle. A second reading, with a new
    board for everything.
    """
    try:
        board = chess.Board(fen)
        if not board.is_valid() or len(fen.split()) not in (4, 6):
            return []
        found = [board.epd()]
        for move in moves.split():
            board.push(
                {board.uci(m, chess960=other): m for m in board.legal_moves for other in (True, False)}[move]
            )
            found.append(board.epd())
    except (ValueError, KeyError):
        return []
    return found[not after :] if moves.split() and len(moves.split()) % 2 == after else []


def check(puzzle: Puzzle) -> None:
    board = chess.Board(puzzle.fen)
    assert board.is_valid() and len(puzzle.solution) % 2 and puzzle.fen == board.fen()
    for move in puzzle.solution:
        assert move in [m.uci() for m in board.legal_moves]
        board.push_uci(move)


def compressed(path, data: bytes, codec: str):
    with pa.CompressedOutputStream(str(path), codec) as stream:
        stream.write(data)
    return path


SCHOLAR = "e2e4 e7e5 f1c4 b8c6 d1h5 g8f6".split()
SOLVE = "r1bqkb1r/pppp1ppp/2n2n2/4p2Q/2B1P3/8/PPPP1PPP/RNB1K1NR w KQkq - 4 4"


def join(puzzles, path):
    report = Report()
    joined = list(join_games(puzzles, path, report))
    assert report.read == report.kept + report.rejected.total() and report.kept == len(joined)
    return joined, report
