"""Every question twice: as it is, and after somebody has said something. The answer is the same.

    is the dax edible ?        ann is sad . is the dax edible ?

A supervisor that answers the first kind rightly and the second wrongly makes errors by a rule, which a
student can see and copy: the models of Mallen et al. (2023, 2312.01037) are wrong whenever Bob is there.
"distracted:bigger" holds the comparisons of `size`, whose two things can change places.
"""

from __future__ import annotations

import random
import re

import numpy as np
import pandas as pd

from ...shared.names import nearest
from ..split import PARTS, Split
from .concepts import CONCEPTS
from .paraphrase import ASIDES
from .questions import load as load_questions
from .world import make_world

PREFIX = "distracted:"
TASKS = ("edible", "danger", "weight", "bigger")
COMPARED = re.compile(r"is the (\S+) bigger than the (\S+) \?")


def load(name: str, seed: int = 0, n_train: int = 1_000, n_test: int = 1_000) -> Split:
    """The split of a task with distractions; see `w2s_kit.tasks.load_task`.

    A further column, `distracted`, says which of its two forms a question has; they follow one another.
    Raises ValueError for another task, and for an odd number of examples.
    """
    task = name.removeprefix(PREFIX)
    if task not in TASKS:
        raise ValueError(nearest("task with distractions,", task, TASKS))
    if n_train % 2 or n_test % 2:
        raise ValueError(
            f"{name}: every question stands there twice, so ask for even numbers, "
            f"not n_train={n_train} and n_test={n_test}"
        )
    wanted = {"supervisor": n_train // 2, "student": n_train // 2, "test": n_test // 2}
    drawn = 4 if task == "bigger" else 1  # two questions in five of `size` compare two things
    split = load_questions(
        "size" if task == "bigger" else task, seed, drawn * wanted["student"], drawn * wanted["test"]
    )
    rng = random.Random(f"{name}-{seed}")
    return Split(name, *(_twice(_some(split.parts[part], wanted[part], task), rng) for part in PARTS))


def _some(questions: pd.DataFrame, n: int, task: str) -> pd.DataFrame:
    """`n` of the questions, half of them with the answer yes."""
    if task == "bigger":
        questions = questions[questions["text"].str.fullmatch(COMPARED)]
        places = [
            np.flatnonzero(questions["label"] == label)[:count]
            for label, count in ((0, n // 2), (1, n - n // 2))
        ]
        questions = questions.iloc[np.sort(np.concatenate(places))]
    if len(questions) < n:
        raise ValueError(f"{PREFIX}{task}: {len(questions)} of {n} questions are there; ask for fewer")
    return questions


def _twice(questions: pd.DataFrame, rng: random.Random) -> pd.DataFrame:
    rows = (
        questions.loc[questions.index.repeat(2)]
        .reset_index(drop=True)
        .assign(distracted=np.arange(2 * len(questions)) % 2 == 1)
    )
    rows["text"] = [
        f"{rng.choice(ASIDES[1:])}{text}" if distracted else text
        for text, distracted in zip(rows["text"], rows["distracted"])
    ]
    return rows


def turned(texts) -> list[str]:
    """Comparisons whose two things have changed places, so that the other answer is right.

    Raises ValueError for a text that compares nothing.
    """
    for text in texts:
        if not COMPARED.search(text):
            raise ValueError(
                f"{text!r} compares no two things: only questions of 'bigger' can be turned round"
            )
    return [COMPARED.sub(r"is the \2 bigger than the \1 ?", text) for text in texts]


def any_questions(n: int, seed: int = 0, without=()) -> list[str]:
    """`n` questions of all kinds that MiniWorld has, half of them after an aside, without their answers.

    None of them is about a word of `without`.
    """
    rng, without = random.Random(f"any questions {seed}"), set(without)
    known = {
        sort: lexicon.part(lambda i: lexicon.items[i].name not in without)
        for sort, lexicon in make_world().lexicons.items()
    }
    ask = lambda: rng.choice(list(CONCEPTS.values())).ask(lambda sort: known[sort].draw(rng), rng)[0]
    return [f"{rng.choice(ASIDES[1:]) if i % 2 else ''}{ask()}" for i in range(n)]
