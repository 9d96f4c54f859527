"""The Lichess puzzle file (database.lichess.org/#puzzles), read row by row and validated by the rules of
chess.

    PuzzleId, FEN, Moves, Rating, RatingDeviation, Popularity, NbPlays, Themes, GameUrl, OpeningTags

Its FEN stands before the opponent's set-up move, with which Moves begins: the solution starts at the second
move. In other files the FEN stands after it. Either ends with the solver's move, so Moves are even in number
here and odd there."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import chess
import pandas as pd

from ..rows import Rejected, Report, cells_of, is_csv, objects_of, once, records, shown, tell, wrong_width

HEAD = 1000  # rows that are looked at to find out what a file is
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
ORDER = [
    "id",
    "fen",
    "moves",
    "rating",
    "deviation",
    "popularity",
    "plays",
    "themes",
    "game_id",
    "openings",
]  # Lichess's
NUMBERS = ("rating", "deviation", "popularity", "plays")
_move = lru_cache(1 << 13)(chess.Move.from_uci)  # there are 4,208 moves in all
NUMBER = re.compile(
    r"(-?[0-9]{1,9})(\.0+)?"
)  # pandas writes 1500 as 1500.0 where another row of the column is empty
KINDS = {  # what tells a column without a name
    "fen": re.compile(r"[1-8pnbrqkPNBRQK]+(/[1-8pnbrqkPNBRQK]+){7} [wb] .*"),
    "moves": re.compile(r"[a-h][1-8][a-h][1-8][nbrq]?( [a-h][1-8][a-h][1-8][nbrq]?)*"),
    "game_id": re.compile(r"https://lichess\.org/.*"),
    "number": NUMBER,
    "id": re.compile(r"\w{5}"),
}


@dataclass(frozen=True)
class Puzzle:
    """A valid position with the solver to move, and the solution; what a file does not tell is None or
    empty."""

    id: str
    fen: str  # the position to solve
    solution: tuple[str, ...]  # UCI: the solver's move, a reply, the solver's move, ...
    setup: str = ""  # the opponent's move that led to the position
    rating: int | None = None  # the difficulty
    deviation: int | None = None
    popularity: int | None = None  # -100 to 100
    plays: int | None = None
    themes: frozenset[str] = frozenset()
    game_id: str = ""
    openings: tuple[str, ...] = ()
    game: tuple[str, ...] = ()  # UCI, from the initial position to the set-up move; see games.join_games


# ---- what a file is ----------------------------------------------------------------------------------
def _is_header(row: list[str]) -> bool:
    return any(cell.lower() in NAMES for cell in row)


def _columns(path: Path, rows: list[list[str]], names: Sequence[str] | None) -> list[str]:
    """The field of each column, "" for one that is not used. Raises ValueError, which asks, where that is not
    certain."""
    ask = (
        'pass columns=("PuzzleId", "FEN", "Moves", "Rating", ...): one name a column, "" for one that is not needed. '
        f"The first row is {str(rows[0])[:300]}"
    )
    if names is None and _is_header(rows[0]):
        names = rows[0]
    if names is not None:
        found = [NAMES.get(name.lower(), "") for name in names]
        if not {"fen", "moves"} <= set(found):
            raise ValueError(f"{path}: no columns FEN and Moves among {', '.join(names)}; {ask}")
        return found
    width = Counter(map(len, rows)).most_common(1)[0][0]
    columns = list(zip(*(row for row in rows if len(row) == width)))
    is_kind = lambda kind, column: (
        sum(bool(KINDS[kind].fullmatch(cell)) for cell in column) >= 0.9 * len(column)
    )
    kinds = [next((kind for kind in KINDS if is_kind(kind, column)), "") for column in columns]
    if 9 <= width <= 11 and [*kinds[1:7], kinds[8]] == ["fen", "moves", *4 * ["number"], "game_id"]:
        return [*ORDER, ""][:width]
    if kinds.count("number") == 1:  # ratings, if they look like it: a popularity ends at 100
        i = kinds.index("number")
        kinds[i] = (
            "rating"
            if all(300 <= int(found[1]) <= 3500 for found in map(NUMBER.fullmatch, columns[i]) if found)
            else ""
        )
    if not {"fen", "moves"} <= set(kinds) or "" in kinds or len(set(kinds)) < width:
        raise ValueError(f"{path}: there is no header, and the rows do not tell what every column is; {ask}")
    return kinds


def _fen_stands(path: Path, rows: list[list[str]], columns: list[str]) -> str:
    """ "before" or "after" the set-up move. Only mates decide it: the side that mates is the side that
    solves, and the FEN says which side moves first. Of the other rows nine in ten must agree, by the parity
    of their moves. Raises ValueError."""
    if not rows:
        return "before"  # nothing is there to be misread
    board, legal, mates = chess.Board(), Counter(), Counter()
    for row in rows:
        try:
            set_up(board, row[columns.index("fen")])
            side = ("before", "after")[
                len([push(board, move) for move in row[columns.index("moves")].split()]) % 2
            ]
        except (Rejected, IndexError):
            continue
        legal[side] += 1
        mates[side] += board.is_checkmate()
    seen = (
        f"of the first {len(rows)} rows, {legal.total()} have moves that are legal from the FEN, {legal['before']} an even and "
        f"{legal['after']} an odd number; {mates.total()} end in mate"
    )
    if 2 * legal.total() < len(rows):
        raise ValueError(
            f"{path}: {seen}. Is the set-up move missing, or already played in the FEN, or are the columns other ones? "
            "The file cannot be used as it is"
        )
    side = legal.most_common(1)[0][0]
    if not mates[side] or legal[side] < 0.9 * legal.total() or mates[side] < 0.9 * mates.total():
        raise ValueError(
            f"{path}: does the FEN stand before or after the opponent's set-up move? {seen}, which does not decide it. "
            'Pass fen="before" (as Lichess: the solution starts at the second move) or fen="after" (at the first)'
        )
    return side


# ---- rows --------------------------------------------------------------------------------------------
def set_up(board: chess.Board, fen: str) -> None:
    """Raises Rejected where `fen` is no valid position. No need to ask again after a legal move: it leads to
    a valid one."""
    if len(fen.split()) not in (4, 6):  # `chess` makes up what is missing
        raise Rejected("bad FEN", f"{fen!r} has neither 4 nor 6 parts")
    try:
        board.set_fen(fen)
    except ValueError as error:
        raise Rejected("bad FEN", error) from None
    if problems := board.status():
        raise Rejected("impossible position", f"{problems!r} in {fen}")


def push(board: chess.Board, text: str) -> str:
    """Plays a move in UCI, and returns it as `chess` writes it. Raises Rejected where it is not legal."""
    try:
        move = _move(text)
    except ValueError as error:
        raise Rejected("bad move", error) from None
    if not board.is_legal(move):
        mover = board.color_at(move.from_square)
        raise Rejected(
            "wrong side to move" if mover == (not board.turn) else "illegal move", f"{text} in {board.fen()}"
        )
    board.push(move)
    return board.peek().uci()  # castling, too, has one name there


def fen_of(board: chess.Board) -> str:
    """`board.fen()` in half its time, which was a fifth of a row's."""
    squares, white = ["1"] * 64, board.occupied_co[chess.WHITE]
    for letter, mask in zip(
        "pnbrqk", (board.pawns, board.knights, board.bishops, board.rooks, board.queens, board.kings)
    ):
        for square in chess.scan_forward(mask):
            squares[square ^ 56] = letter.upper() if white >> square & 1 else letter
    ranks = "/".join(["".join(squares[i : i + 8]) for i in range(0, 64, 8)])
    for n in range(8, 1, -1):
        ranks = ranks.replace("1" * n, str(n))
    passant = (
        chess.square_name(board.ep_square)
        if board.ep_square is not None and board.has_legal_en_passant()
        else "-"
    )
    return f"{ranks} {'w' if board.turn else 'b'} {board.castling_xfen()} {passant} {board.halfmove_clock} {board.fullmove_number}"


def game_id(url: str) -> str:
    """The eight characters that name a game, from its address or from the id itself; "" where there are
    none."""
    found = re.fullmatch(
        r"(?:https?://(?:www\.)?lichess\.org/)?(\w{8})(?:\w{4})?(?:/white|/black)?(?:[#?].*)?", url, re.ASCII
    )
    return found[1] if found else ""


def _puzzle(
    row: list[str], number: int, columns: dict[str, int], width: int, after: bool, board: chess.Board
) -> Puzzle:
    if len(row) != width:
        raise wrong_width(len(row), width)
    cells = {name: row[i] for name, i in columns.items()}
    numbers: dict[str, Any] = {name: _number(name, cells[name]) for name in NUMBERS if name in cells}
    moves = cells["moves"].split()
    if not moves or len(moves) % 2 != after:
        stands, parity = ("after", "odd") if after else ("before", "even")
        raise Rejected(
            "incomplete solution",
            f"{len(moves)} moves; with the FEN {stands} the set-up move, a complete solution has an {parity} number",
        )
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
    found = NUMBER.fullmatch(cell)
    if not found:
        raise Rejected("bad number", f"{name} {cell!r}; write a whole number, or leave the cell empty")
    return int(found[1])


def keys(puzzle: Puzzle) -> list[Hashable]:
    """Puzzles are equal that have one id, or one position and one solution."""
    return [puzzle.id, (*puzzle.fen.split()[:4], *puzzle.solution)]


def read_puzzles(
    path: str | Path,
    report: Report | None = None,
    *,
    fen: str | None = None,
    columns: Sequence[str] | None = None,
) -> Iterator[Puzzle]:
    """The puzzles of a file (CSV with or without header, JSON lines, a JSON array, parquet; see `rows`), one
    by one.

    Any other row is counted in `report`, with file, row and reason; so is a puzzle that was there before, by
    its id, or by its position and solution. A puzzle without id is named after its row.

    `fen`: does the FEN stand "before" or "after" the set-up move? `columns`: their names, in order. By
    default both are found out from the first rows; raises ValueError, which asks, where these do not decide
    it."""
    path, report = Path(path), Report() if report is None else report
    if fen not in (None, "before", "after"):
        raise ValueError(f'fen={fen!r}: choose "before", "after", or None to find out')
    head = [row for _, row in itertools.islice(_table(path, Report()), HEAD) if not isinstance(row, Rejected)]
    if not head:
        raise ValueError(f"{path}: no text at its beginning; is this a puzzle file, complete, and in UTF-8?")
    names = _columns(path, head, columns)
    return _read(
        path, report, names, (fen or _fen_stands(path, head[_is_header(head[0]) :], names)) == "after"
    )


def load_puzzles(
    path: str | Path,
    *,
    fen: str | None = None,
    columns: Sequence[str] | None = None,
    allow_rejected: bool = False,
) -> list[Puzzle]:
    """All puzzles of `read_puzzles`. What was rejected is printed; raises ValueError when that is more than
    half of the rows."""
    puzzles = list(read_puzzles(path, report := Report(), fen=fen, columns=columns))
    tell(report, path, "puzzle", allow_rejected)
    return puzzles


def _read(path: Path, report: Report, names: list[str], after: bool) -> Iterator[Puzzle]:
    columns, board = {name: i for i, name in enumerate(names) if name}, chess.Board()

    def rows() -> Iterator[tuple[str, tuple[int, list[str]] | Rejected]]:
        for i, (number, row) in enumerate(_table(path, report)):
            if isinstance(row, Rejected):
                yield f"{path}, row {number}", row
            elif i or not _is_header(row):
                yield f"{path}, row {number}", (number, row)

    def parse(numbered: tuple[int, list[str]]) -> Puzzle:
        return _puzzle(numbered[1], numbered[0], columns, len(names), after, board)

    return records(rows(), once(parse, keys, "stands twice"), report)


def _table(path: Path, report: Report) -> Iterator[tuple[int, list[str] | Rejected]]:
    """(row, cells), whatever the file is. Before the objects of a file that is no CSV, their names stand as a
    header, in row 0."""
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
    """A value as CSV has it: nothing as "", several texts with blanks between."""
    if value is None or value != value:  # pandas' missing number is not equal to itself
        return ""
    if isinstance(value, Iterable) and not isinstance(value, (str, Mapping)):
        return " ".join(map(_cell, value))
    return shown(value).strip() if not isinstance(value, str) else value.strip()


# ---- what is done with puzzles -----------------------------------------------------------------------
def select(
    puzzles: Iterable[Puzzle],
    *,
    rating: tuple[float, float] | None = None,
    any_theme: Iterable[str] = (),
    all_themes: Iterable[str] = (),
    popularity: float | None = None,
) -> Iterator[Puzzle]:
    """Those with a rating in the band, ends included, with one of `any_theme`, with all of `all_themes`, and
    with at least this popularity. A puzzle that does not tell what is asked for is left out."""
    one_of, all_of = frozenset(any_theme), frozenset(all_themes)
    for p in puzzles:
        if (
            (rating is None or (p.rating is not None and rating[0] <= p.rating <= rating[1]))
            and (not one_of or one_of & p.themes)
            and all_of <= p.themes
            and (popularity is None or (p.popularity is not None and p.popularity >= popularity))
        ):
            yield p


def table(puzzles: Iterable[Puzzle]) -> pd.DataFrame:
    """One row a puzzle, one column a field of Puzzle, several moves or themes in one text; `difficulty` is
    the rating."""
    rows = [{**vars(p), "themes": " ".join(sorted(p.themes))} for p in puzzles]
    frame = pd.DataFrame(rows, columns=[f.name for f in fields(Puzzle)])
    for name in ("solution", "openings", "game"):
        frame[name] = frame[name].map(" ".join)
    return frame.assign(difficulty=frame["rating"])


def gives_mate(board: chess.Board, move: chess.Move) -> bool:
    """Whether `move`, which is legal, mates. The board is as before."""
    board.push(move)
    mate = board.is_checkmate()
    board.pop()
    return mate


def is_unique_mate_in_one(board: chess.Board, move: chess.Move | str) -> bool:
    """Whether `move` (or its UCI) is legal and mates, and no other legal move mates. By the rules, so
    promotions to queen and to rook are two moves. Raises ValueError for a text that is no UCI."""
    move = chess.Move.from_uci(move) if isinstance(move, str) else move
    return [other for other in board.legal_moves if gives_mate(board, other)] == [move]


def is_right(puzzle: Puzzle, answer: str, *, any_mate: bool = False) -> bool:
    """Whether `answer`, SAN or UCI, is the solution's first move: exactly, as the paper counts, but for
    blanks around it. `any_mate`: where that move mates, any other mate is right, too, as on Lichess."""
    board, best, answer = chess.Board(puzzle.fen), chess.Move.from_uci(puzzle.solution[0]), answer.strip()
    if answer in (best.uci(), board.san(best)) or not any_mate or not gives_mate(board, best):
        return answer in (best.uci(), board.san(best))
    for parse in (board.parse_uci, board.parse_san):
        try:
            return gives_mate(board, parse(answer))
        except ValueError:
            continue
    return False
