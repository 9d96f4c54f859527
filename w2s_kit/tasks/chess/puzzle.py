"""What a puzzle is, when two are equal, which are wanted, and whether an answer to one is right."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, fields

import chess
import pandas as pd

from .rules import gives_mate


@dataclass(frozen=True)
class Puzzle:
    """A valid position with the solver to move, and the solution.

    Fields:

        id            of the puzzle
        fen           the position to solve
        solution      UCI: the solver's move, a reply, the solver's move, ...
        setup         the opponent's move that led to the position
        rating        the difficulty
        deviation     how uncertain the rating is
        popularity    -100 to 100
        plays         how often it was tried
        themes        what it is about
        game_id       of the game that it comes from
        openings      of that game
        game          UCI, from the initial position to the set-up move; see `games.join_games`

    A field that a file does not tell is None or empty.
    """

    id: str
    fen: str
    solution: tuple[str, ...]
    setup: str = ""
    rating: int | None = None
    deviation: int | None = None
    popularity: int | None = None
    plays: int | None = None
    themes: frozenset[str] = frozenset()
    game_id: str = ""
    openings: tuple[str, ...] = ()
    game: tuple[str, ...] = ()


def keys(puzzle: Puzzle) -> list[Hashable]:
    """The keys of a puzzle: two puzzles are equal that share their id, or their position and solution."""
    return [puzzle.id, (*puzzle.fen.split()[:4], *puzzle.solution)]


def is_right(puzzle: Puzzle, answer: str, *, any_mate: bool = False) -> bool:
    """Whether `answer`, in SAN or UCI, is the first move of the solution.

    It must be exactly this move, as the paper counts; blanks around it do not matter. With `any_mate`, any
    other mate is right, too, where the move mates, as on Lichess.
    """
    board, best, answer = chess.Board(puzzle.fen), chess.Move.from_uci(puzzle.solution[0]), answer.strip()
    if answer in (best.uci(), board.san(best)):
        return True
    if not any_mate or not gives_mate(board, best):
        return False
    for parse in (board.parse_uci, board.parse_san):
        try:
            return gives_mate(board, parse(answer))
        except ValueError:
            continue
    return False


def select(
    puzzles: Iterable[Puzzle],
    *,
    rating: tuple[float, float] | None = None,
    any_theme: Iterable[str] = (),
    all_themes: Iterable[str] = (),
    popularity: float | None = None,
) -> Iterator[Puzzle]:
    """The puzzles that fulfil all of the conditions.

    The rating lies in the band, ends included; one of `any_theme` and all of `all_themes` are among the
    themes; the popularity is at least this one. A puzzle that does not tell what is asked for is left out.
    """
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
    """Puzzles as a table, one row a puzzle and one column a field of Puzzle.

    Several moves or themes stand in one text. `difficulty` is the rating.
    """
    rows = [{**vars(p), "themes": " ".join(sorted(p.themes))} for p in puzzles]
    frame = pd.DataFrame(rows, columns=[f.name for f in fields(Puzzle)])
    for name in ("solution", "openings", "game"):
        frame[name] = frame[name].map(" ".join)
    return frame.assign(difficulty=frame["rating"])
