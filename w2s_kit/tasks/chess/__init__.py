"""Chess puzzles (Burns et al. 2023, Section 3 and Appendix A.2): the position or the game goes in, the best move comes out.

`puzzles` reads the Lichess puzzle file, `games` finds the games that led to the puzzles and writes them as the paper does,
`board` turns positions into tokens. The puzzles of the mini tier ship with the kit; data_prep/make_puzzles.py makes them.
"""

from __future__ import annotations

import random
from functools import lru_cache
from pathlib import Path

import pandas as pd

from .. import Split
from .board import place
from .games import join_games, prompt, read_text, target
from .puzzles import Puzzle, Report, is_right, is_unique_mate_in_one, read_puzzles, select, table

__all__ = ["TASKS", "Puzzle", "Report", "is_right", "is_unique_mate_in_one", "join_games", "load", "prompt", "puzzles", "read_puzzles", "read_text",
           "select", "table", "target"]

THEMES = ("mate_in_one", "mate_in_two", "tactic")
TASKS = ("chess", *THEMES, "chess-easy", "chess-hard")
LINKS = 2  # parts of fresh puzzles, for the two sizes between of the paper's bootstrapping chain


@lru_cache(maxsize=1)
def puzzles() -> pd.DataFrame:
    """The shipped puzzles: id, fen, moves (the whole solution, UCI), theme, tempting (checks and captures that are not the
    solution), verified (how we know), game, and difficulty in [0, 1]: the rank by theme, then by what tempts."""
    found = pd.read_csv(Path(__file__).parent / "puzzles.csv.gz")
    order = found["theme"].map(THEMES.index) * 1_000 + found["tempting"]
    return found.assign(difficulty=order.rank(pct=True))


def load(name: str, seed: int = 0, n_train: int = 500, n_test: int = 500) -> Split:
    """See `w2s_kit.tasks.load_task`. The text of an example is a FEN, its label the place of the best move among the legal
    ones. "chess" mixes all themes; "chess-easy" and "chess-hard" have its test, and learn from the easier or harder half
    of the puzzles only. Puzzles of one game stand in one part. Raises ValueError when there are not enough."""
    pool, rng = puzzles(), random.Random(f"chess-{seed}")
    if name in THEMES:
        pool = pool[pool["theme"] == name]
    games = list(dict.fromkeys(pool["game"]))
    rng.shuffle(games)
    pool = pool.set_index("game", drop=False).loc[games]  # whole games, one after the other
    easy, wanted = pool["difficulty"] <= 0.5, {"chess-easy": True, "chess-hard": False}.get(name)
    parts, start = [], 0
    for part, n in [("test", n_test), *[(part, n_train) for part in ("supervisor", "student", *["fresh"] * LINKS)]]:
        left = pool.iloc[start:]
        take = left if part == "test" or wanted is None else left[easy.iloc[start:] == wanted]
        take = take.iloc[:n]
        if len(take) < n:
            if part == "fresh":
                break
            raise ValueError(f"{name}/{part}: {len(take)} of {n} puzzles are left, of {len(pool)}; ask for a smaller n_train or n_test")
        parts.append(_examples(take))
        last = take["game"].iloc[-1]
        start = len(pool) - (pool["game"].to_numpy()[::-1] == last).argmax()  # the rest of its last game is left out
    test, supervisor, student, *fresh = parts
    return Split(name, supervisor, student, test, choices=True, fresh=tuple(fresh))


def _examples(taken: pd.DataFrame) -> pd.DataFrame:
    best = [place(fen, moves.split()[0]) for fen, moves in zip(taken["fen"], taken["moves"])]
    return pd.DataFrame({"text": taken["fen"].to_numpy(), "label": best, "group": [(game,) for game in taken["game"]],
                         "difficulty": taken["difficulty"].to_numpy(), "theme": taken["theme"].to_numpy(), "id": taken["id"].to_numpy()})
