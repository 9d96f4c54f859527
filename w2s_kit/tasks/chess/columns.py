"""What the columns of a puzzle file hold, and whether its FEN stands before or after the set-up move."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import chess

from ..rows import Rejected
from .rules import push, set_up

# the names of columns, in small letters, and what each column holds
NAMES = {
    "puzzleid": "id",
    "id": "id",
    "fen": "fen",
    "moves": "moves",
    "rating": "rating",
    "ratingdeviation": "deviation",
    "popularity": "popularity",
    "nbplays": "plays",
    "themes": "themes",
    "gameurl": "game_id",
    "gameid": "game_id",
    "openingtags": "openings",
    "openingfamily": "openings",
}
NUMBERS = ("rating", "deviation", "popularity", "plays")
ORDER = ["id", "fen", "moves", *NUMBERS, "themes", "game_id", "openings"]  # Lichess's
# pandas writes 1500 as 1500.0 where another row of the column is empty
NUMBER = re.compile(r"(-?[0-9]{1,9})(\.0+)?")
KINDS = {  # what tells a column without a name
    "fen": re.compile(r"[1-8pnbrqkPNBRQK]+(/[1-8pnbrqkPNBRQK]+){7} [wb] .*"),
    "moves": re.compile(r"[a-h][1-8][a-h][1-8][nbrq]?( [a-h][1-8][a-h][1-8][nbrq]?)*"),
    "game_id": re.compile(r"https://lichess\.org/.*"),
    "number": NUMBER,
    "id": re.compile(r"\w{5}"),
}


def is_header(row: list[str]) -> bool:
    """Whether a row holds the names of columns."""
    return any(cell.lower() in NAMES for cell in row)


def columns_of(path: Path, rows: list[list[str]], names: Sequence[str] | None) -> list[str]:
    """What each column holds, "" for one that is not used.

    It is told by `names`, by the header, or by the content of the first `rows`. Raises ValueError, which asks
    for the names, where none of them is certain.
    """
    ask = (
        'name them in the first row, as Lichess does, or pass columns=("PuzzleId", "FEN", "Moves", '
        '"Rating", ...) to read_puzzles: one name a column, "" for one that is not needed. The first row '
        f"is {str(rows[0])[:300]}"
    )
    if names is None and is_header(rows[0]):
        names = rows[0]
    if names is not None:
        columns = [NAMES.get(name.lower(), "") for name in names]
        if not {"fen", "moves"} <= set(columns):
            raise ValueError(f"{path}: no columns FEN and Moves among {', '.join(names)}; {ask}")
        return columns
    if columns := _columns_by_content(rows):
        return columns
    raise ValueError(f"{path}: there is no header, and the rows do not tell what every column is; {ask}")


def _columns_by_content(rows: list[list[str]]) -> list[str] | None:
    """What each column of rows without a header holds, or None where that is not certain."""
    width = Counter(map(len, rows)).most_common(1)[0][0]
    cells = list(zip(*(row for row in rows if len(row) == width)))
    columns = [next((kind for kind in KINDS if _is_kind(kind, column)), "") for column in cells]
    if 9 <= width <= 11 and [*columns[1:7], columns[8]] == ["fen", "moves", *4 * ["number"], "game_id"]:
        return [*ORDER, ""][:width]
    if columns.count("number") == 1:
        i = columns.index("number")
        columns[i] = "rating" if _are_ratings(cells[i]) else ""
    certain = {"fen", "moves"} <= set(columns) and "" not in columns and len(set(columns)) == width
    return columns if certain else None


def _is_kind(kind: str, cells: Sequence[str]) -> bool:
    return sum(bool(KINDS[kind].fullmatch(cell)) for cell in cells) >= 0.9 * len(cells)


def _are_ratings(cells: Sequence[str]) -> bool:
    """Whether numbers look like ratings: a popularity ends at 100."""
    return all(300 <= int(match[1]) <= 3500 for match in map(NUMBER.fullmatch, cells) if match)


def fen_stands(path: Path, rows: list[list[str]], columns: list[str]) -> str:
    """Whether the FEN of a file stands "before" or "after" the set-up move.

    Only mates decide it: the side that mates is the side that solves, and the FEN says which side moves
    first. Nine in ten of the other rows must agree, by the parity of their moves. Raises ValueError, which
    asks, where it is not decided.
    """
    if not rows:
        return "before"  # nothing is there to be misread
    board, legal, mates = chess.Board(), Counter(), Counter()
    for row in rows:
        try:
            set_up(board, row[columns.index("fen")])
            moves = [push(board, move) for move in row[columns.index("moves")].split()]
        except (Rejected, IndexError):
            continue
        side = ("before", "after")[len(moves) % 2]
        legal[side] += 1
        mates[side] += board.is_checkmate()
    counts = (
        f"of the first {len(rows)} rows, {legal.total()} have moves that are legal from the FEN, "
        f"{legal['before']} an even and {legal['after']} an odd number; {mates.total()} end in mate"
    )
    if 2 * legal.total() < len(rows):
        raise ValueError(
            f"{path}: {counts}. Is the set-up move missing, or already played in the FEN, or are the columns "
            "other ones? The file cannot be used as it is"
        )
    side = legal.most_common(1)[0][0]
    if not mates[side] or legal[side] < 0.9 * legal.total() or mates[side] < 0.9 * mates.total():
        raise ValueError(
            f"{path}: does the FEN stand before or after the opponent's set-up move? {counts}, which does "
            'not decide it. Pass fen="before" (as Lichess: the solution starts at the second move) '
            'or fen="after" (at the first); in the name of a task, chess:FILE?fen=before'
        )
    return side
