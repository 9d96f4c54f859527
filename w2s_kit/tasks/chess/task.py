"""Chess as a task: shipped puzzles, a file of puzzles, and puzzles as text, dealt to the parts of a split."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import chess
import pandas as pd

from ...shared.files import touched
from .. import rows
from ..rows import Report, tell
from ..split import LINKS, Split, deal, normalised, shuffled, together
from .board import place
from .games import lines_of_play, prompt, read_text, target
from .lichess import read_puzzles
from .puzzle import Puzzle

#: The kinds of shipped puzzles.
THEMES = ("mate_in_one", "mate_in_two", "tactic")
TASKS = ("chess", *THEMES, "chess-easy", "chess-hard")
FILE = "chess:"  # and then a file as Lichess has it, for models that choose among the legal moves
#: Puzzles of such a file: they take five seconds to read, and no experiment here needs more.
MOST = 50_000
TEXT = "chess-text:"  # and then a file, or a dataset of the hub, for models that write


@lru_cache(maxsize=1)
def puzzles() -> pd.DataFrame:
    """The puzzles that ship with the kit, as a table.

    id            of the puzzle
    fen           the position to solve
    moves         the whole solution, UCI
    theme         one of `THEMES`
    tempting      the number of checks and captures that are not the solution
    verified      how we know the solution
    game          the game of the position
    difficulty    in [0, 1]: the rank by theme, then by what tempts
    """
    table = pd.read_csv(Path(__file__).parent / "puzzles.csv.gz")
    order = table["theme"].map(THEMES.index) * 1_000 + table["tempting"]
    return table.assign(difficulty=order.rank(pct=True))


def load(name: str, seed: int = 0, n_train: int = 500, n_test: int = 500) -> Split:
    """The split of a task about positions; see `w2s_kit.tasks.load_task`.

    The text of an example is a FEN. Its label is the place of the best move among the legal ones. "chess"
    mixes all themes. "chess-easy" and "chess-hard" have its test, and learn from the easier or the harder
    half of the puzzles only. Puzzles of one game stand in one part. Raises ValueError when there are not
    enough puzzles.
    """
    rng = random.Random(f"chess-{seed}")
    pool = puzzles().assign(group=lambda table: [(game,) for game in table["game"]])
    if name in THEMES:
        pool = pool[pool["theme"] == name]
    pool = shuffled(pool, "game", rng)
    trainable = None
    if name in ("chess-easy", "chess-hard"):
        trainable = (pool["difficulty"] <= 0.5) == (name == "chess-easy")
    parts = deal(pool, "game", name, n_train, n_test, LINKS, trainable)
    test, supervisor, student, *fresh = map(_positions, parts)
    return Split(name, supervisor, student, test, "choices", tuple(fresh))


def load_file(
    name: str, seed: int = 0, n_train: int = 500, n_test: int = 500, allow_rejected: bool = False
) -> Split:
    """The split of a file of puzzles for models that choose among the legal moves, as the shipped players.

    `name` is "chess:" and then a file for `read_puzzles`, such as lichess_db_puzzle.csv.zst, and perhaps
    "?fen=before" or "?fen=after". Of more than MOST puzzles the first are taken, so a file that is sorted by
    rating has to be shuffled before. The examples are those of `load`. `difficulty` is the rank of the
    rating.

    Puzzles of one game stand in one part, and so do those with the same position. Without a column of games,
    only the positions tell. Raises ValueError where there is no such file, when it cannot be read, when most
    rows are rejected, and when there are not enough.
    """
    file, fen = asked(name)
    if not file.is_file():
        raise ValueError(f"{name}: there is no file {file}")
    pool, report = _of_file(file, fen, touched(file))
    tell(report, file, "puzzle", allow_rejected)
    pool = shuffled(pool, "linked", random.Random(f"chess-{seed}"))
    test, supervisor, student, *fresh = map(_positions, deal(pool, "linked", name, n_train, n_test, LINKS))
    return Split(name, supervisor, student, test, "choices", tuple(fresh), report=replace(report))


def asked(name: str) -> tuple[Path, str | None]:
    """The file of "chess:puzzles.csv?fen=before", and where its FEN stands; None where that is not said."""
    file, _, fen = name.removeprefix(FILE).partition("?fen=")
    return Path(file), fen or None


@lru_cache(maxsize=2)  # the seeds of a grid read the same file
def _of_file(file: Path, fen: str | None, touched: tuple[int, int]) -> tuple[pd.DataFrame, Report]:
    """The puzzles of a file as a table, and what became of its rows."""
    report = Report()
    read = read_puzzles(file, report, fen=fen)
    found = list(itertools.islice(read, MOST))
    if len(found) == MOST and next(read, None):
        report.read, report.kept = report.read - 1, report.kept - 1
        report.notes.append(f"the first {MOST:,} puzzles are taken; shuffle a file that is sorted by rating")
    if found and not any(puzzle.game_id for puzzle in found):
        report.notes.append("the file names no games, so two positions of a game may stand in two parts")
    group = [
        (f"position {' '.join(one.fen.split()[:4])}", *([f"game {one.game_id}"] if one.game_id else []))
        for one in found
    ]
    rating = pd.Series([one.rating for one in found], dtype=float)
    table = pd.DataFrame(
        {
            "id": [one.id for one in found],
            "fen": [one.fen for one in found],
            "moves": [" ".join(one.solution) for one in found],
            "theme": [" ".join(sorted(one.themes)) for one in found],
            "difficulty": rating.rank(pct=True).fillna(0.5),
            "group": group,
        }
    )
    return table.assign(linked=together(group) if group else []), report


def _positions(puzzles: pd.DataFrame) -> pd.DataFrame:
    """The examples of puzzles for models that choose, in their order."""
    best = [place(fen, moves.split()[0]) for fen, moves in zip(puzzles["fen"], puzzles["moves"])]
    columns = {name: puzzles[name].to_numpy() for name in ("difficulty", "theme", "id")}
    groups = puzzles["group"].tolist()
    return pd.DataFrame({"text": puzzles["fen"].to_numpy(), "label": best, "group": groups, **columns})


def load_text(
    name: str, seed: int = 0, n_train: int = 500, n_test: int = 500, allow_rejected: bool = False
) -> Split:
    """The split of puzzles as text, as the models of the paper read them.

    `name` is "chess-text:" and then a file of rows with ctx and target, or a dataset of the hub with such
    rows, as EleutherAI/lichess-puzzles; see `read_text`. `write_text` makes such a file of a Lichess CSV
    joined with its games. The text of an example is the game so far. Its label is the best move in SAN, and
    `among` holds the legal moves.

    Puzzles stand in one part when they have the same position or the same text, or are of one game. Rows of
    text do not name their game: `games.lines_of_play` tells it by the moves. Raises ValueError when no row
    can be used, when most are rejected, or when there are not enough.
    """
    rng, source = random.Random(f"{name}-{seed}"), name.removeprefix(TEXT)
    most = (2 + LINKS) * n_train + n_test + 1_000
    puzzles, report = rows.load(source, read_text, "puzzle", most, seed, allow_rejected)
    texts = [prompt(puzzle.game) for puzzle in puzzles]
    pool = pd.DataFrame({"puzzle": puzzles, "group": groups(puzzles), "text": texts})
    pool["linked"] = together(
        (*group, f"text {normalised(text)}") for group, text in zip(pool["group"], pool["text"])
    )
    parts = deal(shuffled(pool, "linked", rng), "linked", name, n_train, n_test, LINKS)
    test, supervisor, student, *fresh = map(_texts, parts)
    return Split(name, supervisor, student, test, "writing", tuple(fresh), report=report)


def groups(puzzles: list[Puzzle]) -> list[tuple[str, ...]]:
    """For each puzzle, the names of what may not stand in two parts.

    These are its position, and its game, by name and by the moves.
    """
    positions = [" ".join(puzzle.fen.split()[:4]) for puzzle in puzzles]
    games = [[f"game {puzzle.game_id}"] if puzzle.game_id else [] for puzzle in puzzles]
    lines = lines_of_play([puzzle.game for puzzle in puzzles])
    return [
        (f"position {position}", *game, f"line of {puzzles[first].id}")
        for position, game, first in zip(positions, games, lines)
    ]


def _texts(pool: pd.DataFrame) -> pd.DataFrame:
    """The examples of puzzles with their games, in their order."""
    examples = []
    for puzzle, group, text in zip(pool["puzzle"], pool["group"], pool["text"]):
        board = chess.Board(puzzle.fen)
        among = [board.san(move) for move in board.legal_moves]
        difficulty = 0.5 if puzzle.rating is None else min(puzzle.rating / 3_000, 1.0)
        examples.append((text, target(puzzle).strip(), group, difficulty, among))
    return pd.DataFrame(examples, columns=["text", "label", "group", "difficulty", "among"])
