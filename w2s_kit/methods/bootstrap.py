"""Bootstrapping (Section 4.3.1): a chain of students of growing size, each teaching the next.

    teacher = supervisor
    for model in the chain, from the smallest to the student:
        labels  = the teacher's, on examples that no model of the chain has learned from
        teacher = model, finetuned on (examples, labels)

The paper's chain has two sizes between supervisor and student: three students learn, one after the other. Unlike the
other methods this one is about runs, not about one loss: each link is a run of its own in the store, and chains that
begin alike share their first links.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence


def bootstrap(teacher, chain: Sequence[str], teach: Callable):
    """`chain`: names from the smallest model to the student. `teach(teacher, name, part)` is a run of model `name`,
    finetuned on the teacher's labels of one part of the data; the last part is the student's half, so that student
    and ceiling differ in whose labels they see and in nothing else. Returns the student's run."""
    parts = [f"fresh{i}" for i in range(1, len(chain))] + ["student"]
    for name, part in zip(chain, parts):
        teacher = teach(teacher, name, part)
    return teacher


def between(names: Sequence[str], first: str, last: str, most: int = 2) -> list[str]:
    """At most `most` of the `names` that stand between two of them, evenly spread."""
    there = list(names[names.index(first) + 1:names.index(last)])
    count = min(most, len(there))
    return [there[(2 * i + 1) * len(there) // (2 * count)] for i in range(count)]
