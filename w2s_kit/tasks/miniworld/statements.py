"""Questions of MiniWorld, said as statements: "is the dax made of wood ?", "the dax is made of wood .".

Pretraining text asks the tasks' own questions and answers them, so a model has the verdict ready at the
question mark. It also states what is true, and never what is false. So nobody has ever asked whether a
statement is true.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

#: Task -> its questions, and the statement that is true where the answer is yes.
STATEMENTS = {
    "size": (
        (r"does (the \w+) fit inside (a \w+) \?", r"\1 fits inside \2 ."),
        (r"is (the \w+) bigger than (the \w+) \?", r"\1 is bigger than \2 ."),
    ),
    "habitat": ((r"is (the \w+) from (the \w+) \?", r"\1 is from \2 ."),),
    "material": ((r"is (the \w+) made of (\w+) \?", r"\1 is made of \2 ."),),
    "alive": ((r"is (the \w+) alive \?", r"\1 is alive ."),),
}


def as_statements(task: str, questions: Iterable[str]) -> list[str]:
    """The questions of a task as statements, whose truth is the answer.

    Raises ValueError for a task without statements, and for a question of another form.
    """
    if task not in STATEMENTS:
        raise ValueError(f"{task} has no statements; {', '.join(STATEMENTS)} have")
    return [_stated(task, question) for question in questions]


def _stated(task: str, question: str) -> str:
    for form, statement in STATEMENTS[task]:
        if re.fullmatch(form, question):
            return re.sub(form, statement, question)
    raise ValueError(f"{task}: {question!r} is no question of its form")
