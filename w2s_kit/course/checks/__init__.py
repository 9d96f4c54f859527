"""Checks of the exercises: `check("00-pgr", my_pgr)` says that an answer is right, or what to think over.

The exercises stand in tables, a module for each part of the course. A new one is a row in one of them.
"""

from __future__ import annotations

from typing import Any

from ...shared.names import nearest
from . import (
    analysis,
    chess_and_rewards,
    language,
    later_methods,
    later_studies,
    real_text,
    scoreboard,
    theory,
)
from .telling import Exercise, judge

PARTS = (language, chess_and_rewards, analysis, real_text, theory, later_methods, later_studies, scoreboard)
EXERCISES: dict[str, Exercise] = {exercise.name: exercise for part in PARTS for exercise in part.EXERCISES}


def check(name: str | None = None, *answer: Any) -> None:
    """Check your answer to an exercise: `check("00-pgr", my_pgr)`. Without a name: list the exercises.

    As long as your function returns nothing, it only says that it is your turn. Raises AssertionError, which
    says what to think about again, and ValueError where there is no such exercise.
    """
    if name is None:
        print("\n".join(sorted(EXERCISES)))
        return
    try:
        print(_line(name, answer))
    except NotImplementedError as nothing:
        print(f"Your turn: {nothing}")
    except AssertionError as wrong:
        raise wrong.with_traceback(None)  # noqa: B904 (without our own lines; its cause stays)


def graded(name: str, *answer: Any) -> None:
    """`check` as a test of an assignment: here an answer that returns nothing raises NotImplementedError."""
    try:
        print(_line(name, answer))
    except (NotImplementedError, AssertionError) as wrong:
        raise wrong.with_traceback(None)  # noqa: B904


def _line(name: str, answer: tuple) -> str:
    if callable(name):
        raise AssertionError(
            f'name the exercise first: check("00-pgr", {getattr(name, "__name__", "my_function")})'
        )
    if name not in EXERCISES:
        raise ValueError(nearest("exercise", name, sorted(EXERCISES)))
    function, *given = answer or (None,)
    return judge(EXERCISES[name], function, tuple(given))
