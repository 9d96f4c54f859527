"""Tasks: raw material turned into examples, and into the three-way split of the paper.

    supervisor half   the supervisor learns ground truth here
    student half      the supervisor labels it; student and ceiling learn here, from weak labels and from
                      ground truth
    test              everybody is measured here

A task is one name; it knows no model. Whatever carries the answer (a noun, a question, a premise, a game) is
the example's group, and no group stands in two parts of a split (`split`).

    miniworld, chess, sums, preference, nlp     the tasks themselves
    own                                         questions with two answers from files of your own
    hub, rows, labels                           rows of datasets and files, and what their labels mean
    supervisors                                 weak labels without a model
    leaks                                       what gives an answer away
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from ..shared.names import nearest
from . import chess, own, preference, sums
from .miniworld import dialogue, distraction, questions, shift, taste
from .nlp.load import load as load_dataset
from .nlp.table import DATASETS
from .own import name_of, own_task
from .split import Split

__all__ = ["LOADERS", "WITH_PREFIX", "Loader", "Split", "files_of", "load_task", "own_task", "task_names"]

Loader = Callable[..., Split]
LOADERS: dict[str, Loader] = {
    **dict.fromkeys(questions.TASKS, questions.load),
    taste.TASK: questions.load,
    dialogue.TASK: dialogue.load,
    **dict.fromkeys(chess.TASKS, chess.load),
    **dict.fromkeys(sums.TASKS, sums.load),
    **dict.fromkeys(DATASETS, load_dataset),
}
WITH_PREFIX: dict[str, Loader] = {  # what follows the prefix is a file, a dataset of the hub, or a task
    distraction.PREFIX: distraction.load,
    shift.PREFIX: shift.load,
    chess.FILE: chess.load_file,
    chess.TEXT: chess.load_text,
    preference.PREFIX: preference.load,
    own.PREFIX: own.load,
}


def task_names() -> list[str]:
    """The tasks of MiniWorld with two classes, about what its pretraining text tells.

    Further, "taste" is about what it does not tell, "dialogue" its comparisons of answers,
    "distracted:edible" asks every question a second time after an aside, and "shifted:edible" tests on other
    things than it trains on; those of chess stand in `chess.TASKS`, of sums in `sums.TASKS`, the paper's
    datasets in `nlp.table.DATASETS`. Of your own, "rows:FILE" is questions with two answers (see `own`),
    "preference:FILE" comparisons of completions, "chess:FILE" puzzles of Lichess for players, and
    "chess-text:FILE" puzzles as text.
    """
    return list(questions.TASKS)


def load_task(
    name: str | pd.DataFrame | Split,
    seed: int = 0,
    n_train: int = 500,
    n_test: int = 500,
    fresh: int = 0,
    allow_rejected: bool = False,
) -> Split:
    """The split of task `name`: `n_train` examples in each half and `n_test` in the test.

    The parts are balanced, and disjoint in their groups. `seed` draws both the groups and the examples.
    fresh: how many further parts a task of MiniWorld has, for the links of a bootstrapping chain; the other
    tasks have two. Of a task from a file, the rows that cannot be used are printed, and stand on the split as
    `report`; more than half of them are an error, unless `allow_rejected`. A table in memory, or a `Split`,
    stands for the name that `own_task` gives it. Raises ValueError for an unknown name, and where a file
    cannot be used or has too few rows.
    """
    name = name_of(name)
    prefixed = (load for prefix, load in WITH_PREFIX.items() if name.startswith(prefix))
    load = LOADERS.get(name) or next(prefixed, None)
    if load is None:
        raise ValueError(_unknown(name))
    options = {"fresh": fresh, "allow_rejected": allow_rejected}
    taken = inspect.signature(load).parameters  # only MiniWorld has as many fresh parts as wanted
    return load(
        name, seed, n_train, n_test, **{option: given for option, given in options.items() if option in taken}
    )


def _unknown(name: str) -> str:
    """The message for an unknown task, which may be a file that lacks its prefix."""
    for file in (name, name.partition(":")[2], name.partition("?")[0]):
        if file and Path(file).exists():
            return (
                f"unknown task {name!r}, but there is such a file. Questions with two answers in it are the "
                f"task '{own.PREFIX}{file}', comparisons of two answers '{preference.PREFIX}{file}', chess "
                f"puzzles '{chess.FILE}{file}', and as text '{chess.TEXT}{file}'"
            )
    return nearest("task", name, [*LOADERS, *(f"{prefix}FILE" for prefix in WITH_PREFIX)])


def files_of(name: str) -> list[Path]:
    """The files that the task `name` is read from; none for a task of the kit or of the hub.

    Raises ValueError as `load_task` does.
    """
    if name.startswith(own.PREFIX):
        return own.files_of(name)
    file = chess.asked(name)[0] if name.startswith(chess.FILE) else Path(name.partition(":")[2])
    return [file] if file.is_file() else []
