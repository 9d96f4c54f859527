"""Questions whose training halves differ from what is asked later: a distribution shift.

    shifted:edible                  halves ask about living things only; the test asks about the others, too
    shifted:edible?by=answer        halves where living things have the answer yes, and the others no
    shifted:edible?others=0.1       a tenth of each half is like the other questions
    shifted:edible?student=1        all of the student's half is, and `others` is for the supervisor's half
    shifted:dialogue                halves compare answers of which none is rude; the test has rude ones, too
    shifted:dialogue?by=answer      halves where the truer answer is the politer one

A question is *inside* where it is like those of the halves, and *outside* elsewhere. The test holds as many
of one as of the other, and its column `inside` says which is which. What is true of a thing does not change:
only which questions are asked does. With by=answer there is a shortcut ("is it alive?", "which answer is
politer?"): right inside, wrong outside.
"""

from __future__ import annotations

import random

import numpy as np
import pandas as pd

from ...shared.names import nearest
from ..split import SEPARATOR, Split
from . import dialogue
from .questions import load as load_questions
from .world import make_world

PREFIX = "shifted:"
TASKS = ("edible", "danger", "weight", dialogue.TASK)
#: What sets inside and outside apart: the kind of thing (in dialogues, the manner), or this together with
#: the answer.
WAYS = ("kind", "answer")
# Questions drawn for n that are kept: about half of them are inside, in small draws perhaps far fewer. Some
# parts have hardly more than MOST. Of comparisons, one in five is inside, and there are always more.
MORE, SPARE, MOST, MORE_PAIRS = 2.5, 60, 1_150, 6


def load(name: str, seed: int = 0, n_train: int = 400, n_test: int = 800) -> Split:
    """The split of a task with a shift; see `w2s_kit.tasks.load_task`.

    Half of the answers are yes in each half, and in each part of the test. No noun stands in two parts. A
    further column, `inside`, says which questions are like those of the halves. Raises ValueError for another
    task or option, a share outside [0, 1], numbers of examples that cannot be so divided, and where there are
    too few questions.
    """
    task, by, shares = read_name(name)
    for what, n, groups in (("n_train", n_train, 2), ("n_test", n_test, 4)):
        if n % groups:
            raise ValueError(f"{name}: {what} is divided into {groups} equal groups, and {n} is no multiple")
    if task == dialogue.TASK:
        drawn = dialogue.load(task, seed, MORE_PAIRS * n_train + SPARE, MORE_PAIRS * n_test // 2 + SPARE)
        sort = inside_of_pairs
    else:
        enough = lambda n: min(round(MORE * n) + SPARE, MOST)
        drawn, sort = load_questions(task, seed, enough(n_train), enough(n_test / 2)), inside
    rng = random.Random(f"{name.partition('?')[0]}-{seed}")  # the dial moves nothing else
    wanted = {"supervisor": (n_train, shares[0]), "student": (n_train, shares[1]), "test": (n_test, 0.5)}
    parts = []
    for part, (n, others) in wanted.items():
        parts.append(mixed(sort(drawn.parts[part], by), n, others, rng, f"{name}/{part}"))
    supervisor, student, test = parts
    return Split(name, supervisor, student, test, drawn.kind)


def read_name(name: str) -> tuple[str, str, tuple[float, float]]:
    """The task of a name with a shift, by what it shifts, and the shares of outside questions in both halves.

    Raises ValueError for a part of the name that nobody knows.
    """
    task, _, query = name.removeprefix(PREFIX).partition("?")
    if task not in TASKS:
        raise ValueError(nearest("task with a shift,", task, TASKS))
    options = {"by": "kind", "others": "0"}
    for part in filter(None, query.split("&")):
        option, _, value = part.partition("=")
        if option not in ("by", "others", "student"):
            raise ValueError(nearest(f"option of {name!r},", option, ("by", "others", "student")))
        options[option] = value
    if options["by"] not in WAYS:
        raise ValueError(nearest("way to shift,", options["by"], WAYS))
    shares = []
    for option in ("others", "student"):
        value = options.get(option, options["others"])
        try:
            shares.append(float(value))
        except ValueError:
            shares.append(-1.0)
        if not 0 <= shares[-1] <= 1:
            raise ValueError(f"{name}: {option} is a share and must lie in [0, 1], got {value!r}")
    return task, options["by"], (shares[0], shares[1])


def living(rows: pd.DataFrame) -> np.ndarray:
    """Whether each question is about a beast or a plant: booleans, (n,).

    rows has a column `group`, whose first name is the thing that is asked about.
    """
    alive = {noun.name: bool(noun.alive) for noun in make_world().lexicons["noun"].items}
    return rows["group"].str[0].map(alive).to_numpy(bool)


def inside(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """The questions with a column `inside`: whether each is inside, `by` one of WAYS."""
    alive = living(rows)
    return rows.assign(inside=alive if by == "kind" else alive == (rows["label"] == 1).to_numpy())


def inside_of_pairs(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """The comparisons with a column `inside`: whether each is inside, `by` one of WAYS.

    With by="answer", those whose sides are equally true or equally polite are neither, and left out.
    """
    manner = np.array([[dialogue.manner_of(side) for side in text.split(SEPARATOR)] for text in rows["text"]])
    if by == "kind":
        return rows.assign(inside=(manner >= 0).all(axis=1))
    politer = (manner[:, 1] > manner[:, 0]).astype(int)
    told_apart = rows["kind"].str.startswith("truth").to_numpy() & (manner[:, 0] != manner[:, 1])
    return rows.assign(inside=politer == rows["better"].to_numpy())[told_apart]


def mixed(rows: pd.DataFrame, n: int, others: float, rng: random.Random, where: str) -> pd.DataFrame:
    """`n` of the rows, of which the share `others` is outside, and half of each kind has label 1; shuffled.

    rows has columns `inside` and `label`. `n` is even. The share is rounded to whole pairs of a yes and a no.
    Raises ValueError where a group has too few rows.
    """
    pairs = {False: round(others * n / 2), True: n // 2 - round(others * n / 2)}
    taken = []
    for kept, count in pairs.items():
        for label in (0, 1):
            group = rows[(rows["inside"] == kept) & (rows["label"] == label)]
            if len(group) < count:
                raise ValueError(
                    f"{where}: {count} questions are wanted that are {'inside' if kept else 'outside'} with "
                    f"label {label}, and {len(group)} are there; ask for fewer"
                )
            taken.append(group.head(count))
    table = pd.concat(taken)
    return table.iloc[rng.sample(range(len(table)), len(table))].reset_index(drop=True)
