"""Chess puzzles (Burns et al. 2023, Section 3 and Appendix A.2): the position or the game goes in, the best
move comes out.

`puzzles` reads the Lichess puzzle file, `games` finds the games that led to the puzzles and writes them as
the paper does, `board` turns positions into tokens. The puzzles of the mini tier ship with the kit;
data_prep/make_puzzles.py makes them."""

from __future__ import annotations

import random
from functools import lru_cache
from pathlib import Path

import chess
import pandas as pd

from .. import rows
from ..rows import Report
from ..split import LINKS, Split, deal, normalised, shuffled, together
from .board import place
from .games import join_games, lines_of_play, prompt, read_text, target, write_text
from .puzzles import Puzzle, is_right, is_unique_mate_in_one, load_puzzles, read_puzzles, select, table

__all__ = [
    "TASKS",
    "Puzzle",
    "Report",
    "is_right",
    "is_unique_mate_in_one",
    "join_games",
    "load",
    "load_puzzles",
    "load_text",
    "prompt",
    "puzzles",
    "read_puzzles",
    "read_text",
    "select",
    "table",
    "target",
    "write_text",
]

THEMES = ("mate_in_one", "mate_in_two", "tactic")
TASKS = ("chess", *THEMES, "chess-easy", "chess-hard")
TEXT = "chess-text:"  # and then a file, or a dataset of the hub, for models that write


@lru_cache(maxsize=1)
def puzzles() -> pd.DataFrame:
    """The shipped puzzles: id, fen, moves (the whole solution, UCI), theme, tempting (checks and captures
    that are not the solution), verified (how we know), game, and difficulty in [0, 1]: the rank by theme,
    then by what tempts."""
    found = pd.read_csv(Path(__file__).parent / "puzzles.csv.gz")
    order = found["theme"].map(THEMES.index) * 1_000 + found["tempting"]
    return found.assign(difficulty=order.rank(pct=True))


def load(name: str, seed: int = 0, n_train: int = 500, n_test: int = 500) -> Split:
    """See `w2s_kit.tasks.load_task`. The text of an example is a FEN, its label the place of the best move
    among the legal ones. "chess" mixes all themes; "chess-easy" and "chess-hard" have its test, and learn
    from the easier or harder half of the puzzles only. Puzzles of one game stand in one part. Raises
    ValueError when there are not enough."""
    pool, rng = puzzles(), random.Random(f"chess-{seed}")
    if name in THEMES:
        pool = pool[pool["theme"] == name]
    pool = shuffled(pool, "game", rng)
    easy, wanted = pool["difficulty"] <= 0.5, {"chess-easy": True, "chess-hard": False}.get(name)
    test, supervisor, student, *fresh = map(
        _examples,
        deal(pool, "game", name, n_train, n_test, LINKS, None if wanted is None else easy == wanted),
    )
    return Split(name, supervisor, student, test, "choices", tuple(fresh))


def load_text(
    name: str, seed: int = 0, n_train: int = 500, n_test: int = 500, allow_rejected: bool = False
) -> Split:
    """Puzzles as the paper's models read them. `name` is "chess-text:" and a file of rows with ctx and target
    (see `read_text`; `write_text` makes one of a Lichess CSV joined with its games) or a dataset of the hub
    with such rows, EleutherAI/lichess-puzzles. The text is the game so far, the label the best move in SAN,
    `among` are the legal moves.

    Puzzles stand in one part when they have the same position, the same text, or are of one game. Rows of
    text do not name their game: `games.lines_of_play` tells it by the moves. Raises ValueError when no row
    can be used, when most are rejected, or when there are not enough."""
    rng, source = random.Random(f"{name}-{seed}"), name.removeprefix(TEXT)
    most = (2 + LINKS) * n_train + n_test + 1_000
    found, report = rows.load(source, read_text, "puzzle", most, seed, allow_rejected)
    pool = pd.DataFrame(
        {"puzzle": found, "group": groups(found), "text": [prompt(puzzle.game) for puzzle in found]}
    )
    pool["linked"] = together(
        (*group, f"text {normalised(text)}") for group, text in zip(pool["group"], pool["text"])
    )
    test, supervisor, student, *fresh = map(
        _written, deal(shuffled(pool, "linked", rng), "linked", name, n_train, n_test, LINKS)
    )
    return Split(name, supervisor, student, test, "writing", tuple(fresh), report=report)


def groups(puzzles: list[Puzzle]) -> list[tuple[str, ...]]:
    """What may not stand in two parts, for each puzzle: its position, and its game, by name and by the
    moves."""
    positions = [" ".join(puzzle.fen.split()[:4]) for puzzle in puzzles]
    games = [[f"game {puzzle.game_id}"] if puzzle.game_id else [] for puzzle in puzzles]
    lines = lines_of_play([puzzle.game for puzzle in puzzles])
    return [
        (f"position {where}", *game, f"line of {puzzles[first].id}")
        for where, game, first in zip(positions, games, lines)
    ]


def _written(taken: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for puzzle, group, text in zip(taken["puzzle"], taken["group"], taken["text"]):
        board = chess.Board(puzzle.fen)
        among = [board.san(move) for move in board.legal_moves]
        difficulty = 0.5 if puzzle.rating is None else min(puzzle.rating / 3_000, 1.0)
        rows.append((text, target(puzzle).strip(), group, difficulty, among))
    return pd.DataFrame(rows, columns=["text", "label", "group", "difficulty", "among"])


def _examples(taken: pd.DataFrame) -> pd.DataFrame:
    best = [place(fen, moves.split()[0]) for fen, moves in zip(taken["fen"], taken["moves"])]
    return pd.DataFrame(
        {
            "text": taken["fen"].to_numpy(),
            "label": best,
            "group": [(game,) for game in taken["game"]],
            "difficulty": taken["difficulty"].to_numpy(),
            "theme": taken["theme"].to_numpy(),
            "id": taken["id"].to_numpy(),
        }
    )
