"""Bootstrapping (Section 4.3.1): a chain of students of growing size, each teaching the next.

    teacher = supervisor
    for model in the chain, from the smallest to the student:
        labels  = the teacher's, on examples that no model of the chain has learned from
        teacher = model, finetuned on (examples, labels)

The paper's chain has two sizes between supervisor and student: three students learn, one after the other.
Each link is a run of its own in the store, and chains that begin alike share their first links. Every other
method is a chain of one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..models.families import SCRATCH
from .naive import naive
from .value import Method


class NothingBetween(ValueError):
    """No size lies between a supervisor and a student."""


def teach(teacher, chain: Sequence[str], learn: Callable):
    """The run of the last model of `chain`, each taught by the one before, the first by `teacher`.

    `learn(teacher, name, part)` is a run of model `name`, finetuned on the teacher's labels of one part of
    the data. The last part is the student's half, so that student and ceiling differ in whose labels they see
    and in nothing else.
    """
    for name, part in zip(chain, [*(f"fresh{i}" for i in range(1, len(chain))), "student"]):
        teacher = learn(teacher, name, part)
    return teacher


def between(names: Sequence[str], first: str, last: str, most: int = 2) -> list[str]:
    """At most `most` of the `names` that stand between two of them, evenly spread."""
    there = list(names[names.index(first) + 1 : names.index(last)])
    count = min(most, len(there))
    return [there[(2 * i + 1) * len(there) // (2 * count)] for i in range(count)]


def _of_runs(student, texts, weak_labels, config, *, through: int | Sequence[str] = 2):
    """A chain of students through the sizes between supervisor and student, each of which learns naively.

    through: the names of these sizes, or how many at most.
    """
    raise TypeError(
        "bootstrapping trains several models, one after the other: "
        "hand it to run_student, three_stages or grid"
    )


@dataclass(frozen=True)
class Chain(Method):
    """A method that goes through other models on the way to the student."""

    def path(self, names: Sequence[str], supervisor: str, student: str) -> list[str]:
        """The chain: the sizes between supervisor and student, then the student.

        Raises NothingBetween where no size lies between.
        """
        through = self.options.get("through", 2)
        if isinstance(through, int):
            through = between(
                names, supervisor.removesuffix(SCRATCH), student.removesuffix(SCRATCH), most=through
            )
        if not through:
            raise NothingBetween(
                f"bootstrap: no size lies between {supervisor!r} and {student!r}; "
                "name some by through=[...], or take a larger student"
            )
        return [*through, student]

    @property
    def step(self) -> Method:
        """Each of them learns naively."""
        return naive


bootstrap = Chain(_of_runs, "bootstrap")
