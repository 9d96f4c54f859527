"""Sums: chains of small calculations of which only the last digit counts, and how people write them down.

    4 x3+7 x13+2 x9+5 :                                4 times 3, plus 7; the last digit of that
                                                       times 13, plus 2; and so on
    4 x3+7 = 9 ; 9 x13+2 = 9 ; 9 x9+5 = 6 ; so 6       its solution, step by step

A problem's level is the number of its steps. A step is a fact: ten digits and 63 operations make 630 of them,
some common and some rare, as words are. People slip now and then, and one fact in ten is tricky: there most
of them go wrong, and all in the same way. The text that models are pretrained on is what people write, and
single sums that somebody has marked. What is right is known exactly: `check` finds the first wrong step of
any solution.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import pandas as pd

from .split import Split

TASKS = ("sums", "sums-easy")
#: Levels; pretraining text goes up to the longest.
EASY, HARD, LONGEST = (1, 2, 3), (6, 9), 10
#: All operations. Different digits stay different: no error heals by itself.
OPERATIONS = tuple(f"x{a}+{b}" for a in (3, 7, 9, 11, 13, 17, 19) for b in range(1, 10))
TEMPER = 1 / 3  # problems ask about rare facts more often than the text has them: frequency^(1/3)
SLIP, HABIT = 0.03, 0.6  # how often people get a fact wrong, and a tricky one
#: What can be wrong of a step: its result; its value or operation, which are not the problem's; that it is no
#: step at all; or the last line.
FAULTS = ("calculation", "copying", "form", "close")
CHECKS = 0.75  # share of the documents that are one marked sum


def _laws(seed: int = 0) -> tuple[np.ndarray, dict[tuple[int, str], int]]:
    """How common each fact is (10, operations), and what people make of the tricky ones."""
    rng, shape = np.random.default_rng(seed), (10, len(OPERATIONS))
    frequency = (rng.permutation(shape[0] * shape[1]).reshape(shape) + 10) ** -1.5
    tricky, off = rng.random(shape) < 0.1, rng.integers(1, 10, shape)
    return frequency, {
        (int(v), OPERATIONS[o]): (calculate(int(v), OPERATIONS[o]) + int(off[v, o])) % 10
        for v, o in np.argwhere(tricky)
    }


def calculate(value: int, operation: str) -> int:
    """calculate(4, "x3+7") is 9."""
    times, plus = operation[1:].split("+")
    return (value * int(times) + int(plus)) % 10


FREQUENCY, HABITS = _laws()


class Step(NamedTuple):
    """One calculation of a solution; as text, "4 x3+7 = 9".

    Fields:

        value        the digit that it begins with
        operation    one of OPERATIONS
        result       the digit that it says comes out, right or not
    """

    value: int
    operation: str
    result: int

    def __str__(self) -> str:
        return f"{self.value} {self.operation} = {self.result}"


@dataclass(frozen=True)
class Problem:
    """A chain of calculations, in which no operation comes twice.

    Fields:

        start         the digit that it begins with
        operations    some of OPERATIONS, in order
    """

    start: int
    operations: tuple[str, ...]

    @property
    def level(self) -> int:
        """The number of steps."""
        return len(self.operations)

    @property
    def text(self) -> str:
        """The problem as models read it: "4 x3+7 x13+2 :"."""
        return f"{self.start} {' '.join(self.operations)} :"

    @property
    def steps(self) -> tuple[Step, ...]:
        """The true ones."""
        return self.worked(calculate)

    @property
    def answer(self) -> int:
        """The digit that comes out of the true steps."""
        return self.steps[-1].result

    @property
    def solution(self) -> str:
        """The true steps in writing, as `written` has them."""
        return written(self.steps)

    def worked(self, how) -> tuple[Step, ...]:
        """The steps of somebody who calculates by `how(value, operation)`, each from the last result."""
        steps, value = [], self.start
        for operation in self.operations:
            steps.append(Step(value, operation, how(value, operation)))
            value = steps[-1].result
        return tuple(steps)


def written(steps: Sequence[Step]) -> str:
    """A solution as text: its steps with ";" between, and at last "so" and the last result."""
    return " ; ".join([*map(str, steps), f"so {steps[-1].result}"])


@lru_cache(maxsize=8)
def _cumulative(temper: float) -> list[list[float]]:
    return [list(accumulate(row)) for row in FREQUENCY**temper]


def draw(level: int, rng: random.Random, temper: float = TEMPER) -> Problem:
    """A problem with `level` different operations, common facts more often than rare ones.

    Raises ValueError for more operations than there are.
    """
    if not 1 <= level <= len(OPERATIONS):
        raise ValueError(
            f"level {level}: a problem has 1 to {len(OPERATIONS)} steps, as no operation comes twice"
        )
    start, operations, weights = rng.randrange(10), [], _cumulative(temper)
    value = start
    while len(operations) < level:
        operation = rng.choices(OPERATIONS, cum_weights=weights[value])[0]
        if operation not in operations:
            operations.append(operation)
            value = calculate(value, operation)
    return Problem(start, tuple(operations))


# ---- people ------------------------------------------------------------------------------------------
def by_people(value: int, operation: str, rng: random.Random) -> int:
    """What comes out when one of them calculates."""
    habit = HABITS.get((value, operation))
    if habit is not None and rng.random() < HABIT:
        return habit
    return mistake(value, operation, rng) if rng.random() < SLIP else calculate(value, operation)


def mistake(value: int, operation: str, rng: random.Random) -> int:
    """A wrong result: of a tricky fact, the usual one in every other case."""
    habit = HABITS.get((value, operation))
    if habit is not None and rng.random() < 0.5:
        return habit
    return rng.choice([digit for digit in range(10) if digit != calculate(value, operation)])


def documents(seed: int) -> Iterator[str]:
    """Endless pretraining text: problems up to level 10 as people solve them, and single sums.

    Half of the single sums are wrong; each has a mark that says so.
    """
    rng = random.Random(f"sums-{seed}")
    while True:
        if rng.random() < CHECKS:
            problem, right = draw(1, rng, 1.0), rng.random() < 0.5
            (step,) = problem.steps
            said = step if right else step._replace(result=mistake(step.value, step.operation, rng))
            yield f"check {said} {'yes' if right else 'no'}"
        else:
            problem = draw(rng.randint(1, LONGEST), rng, 1.0)
            steps = problem.worked(lambda value, operation: by_people(value, operation, rng))
            yield f"{problem.text} {written(steps)}"


def vocabulary() -> list[str]:
    """Every token of this language: three specials, words and signs, digits, operations."""
    return ["<pad>", "<eos>", "<unk>", *": = ; so check yes no".split(), *map(str, range(10)), *OPERATIONS]


# ---- what is right -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Checked:
    """A solution after the check.

    Fields:

        steps     its lines as texts, the closing "so 6" as the last
        wrong     the place of the first wrong line, None where there is none
        fault     what is wrong with it, one of FAULTS, or ""
        answer    the digit that it closes with, None where it gives none
    """

    steps: tuple[str, ...]
    wrong: int | None
    fault: str
    answer: int | None

    def prefixes(self, problem: Problem) -> list[tuple[str, int]]:
        """What a process reward model learns from: the problem with the steps so far, and 1 if all are right.

        A solution gives one prefix a step, up to the first wrong one.
        """
        last = len(self.steps) if self.wrong is None else min(self.wrong + 1, len(self.steps))
        return [
            (f"{problem.text} {' ; '.join(self.steps[:k])}", int(self.wrong is None or k <= self.wrong))
            for k in range(1, last + 1)
        ]


def read_step(text: str) -> Step:
    """The step that a text says. Raises ValueError for a text that is no step."""
    found = re.fullmatch(r"(\d) (\S+) = (\d)", text)
    if not found or found[2] not in OPERATIONS:
        raise ValueError(
            f"{text!r} is no step: it should be a digit, an operation, '=' and a digit, as in '4 x3+7 = 9'"
        )
    return Step(int(found[1]), found[2], int(found[3]))


def read_answer(text: str) -> int:
    """The digit after "so". Raises ValueError for a text that closes no solution."""
    if not (found := re.fullmatch(r"so (\d)", text)):
        raise ValueError(f"{text!r} closes no solution: it should end with 'so' and a digit, as in 'so 6'")
    return int(found[1])


def check(problem: Problem, solution: str) -> Checked:
    """Checks a solution of `problem` step by step.

    A step is right if it goes on from the value where the last one ended, does what the problem says next,
    and calculates rightly. The close is right if it comes after the last step and says its result. Where
    there is none, a solution is wrong at its end.
    """
    *steps, close = texts = tuple(text.strip() for text in solution.split(";"))
    try:
        answer = read_answer(close)
    except ValueError:
        answer, steps = None, texts
    value = problem.start
    for place, text in enumerate(steps):
        try:
            step = read_step(text)
        except ValueError:
            return Checked(texts, place, "form", answer)
        if place >= problem.level or step[:2] != (value, problem.operations[place]):
            return Checked(texts, place, "copying", answer)
        if step.result != calculate(value, step.operation):
            return Checked(texts, place, "calculation", answer)
        value = step.result
    if len(steps) < problem.level or answer != value:
        return Checked(texts, len(steps), "close", answer)
    return Checked(texts, None, "", answer)


# ---- as a task ---------------------------------------------------------------------------------------
def load(name: str, seed: int = 0, n_train: int = 500, n_test: int = 500) -> Split:
    """See `w2s_kit.tasks.load_task`. Is the last step of this solution right? The steps before it are.

    Test and halves are hard problems ("sums"), or the halves easy ones ("sums-easy", with the same test). No
    problem stands in two parts; a fact may.
    """
    rng, seen, tables = random.Random(f"sums-{seed}"), set(), {}
    for part, n in (("test", n_test), ("supervisor", n_train), ("student", n_train)):
        levels = EASY if name == "sums-easy" and part != "test" else HARD
        tables[part] = _examples(n, levels, rng, seen)
    return Split(name, tables["supervisor"], tables["student"], tables["test"])


def _examples(n: int, levels: Sequence[int], rng: random.Random, seen: set[str]) -> pd.DataFrame:
    rows, labels = [], [i % 2 for i in range(n)]
    rng.shuffle(labels)
    while len(rows) < n:
        problem, label = draw(rng.choice(levels), rng), labels[len(rows)]
        if problem.text in seen:
            continue
        seen.add(problem.text)
        steps = problem.steps[: rng.randint(1, problem.level)]
        last = (
            steps[-1]
            if label
            else steps[-1]._replace(result=mistake(steps[-1].value, steps[-1].operation, rng))
        )
        rows.append(
            (
                f"{problem.text} {' ; '.join(map(str, (*steps[:-1], last)))}",
                label,
                (problem.text,),
                problem.level / LONGEST,
            )
        )
    return pd.DataFrame(rows, columns=["text", "label", "group", "difficulty"])
