"""Checks of the exercises: `check("00-pgr", my_pgr)` says that an answer is right, or what to think over.

The exercises stand in tables, a module for each part of the course. A new one is a row in one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from ...shared.names import nearest
from .telling import Exercise, judge

#: The modules with the exercises, each with the notebooks that it is about.
PARTS = {
    "language": ("00", "01", "02", "03"),
    "chess_and_rewards": ("04", "05", "06", "07"),
    "imitation": ("08", "09", "10"),
    "analysis": ("11", "12", "13"),
    "real_text": ("14", "15"),
    "theory": ("16", "17", "18"),
    "later_methods": ("19", "20", "26"),
    "later_studies": ("21", "22", "23", "24", "25"),
    "elicitation": ("27",),
    "reinforcement": ("28",),
    "shift": ("29",),
    "oversight": ("30",),
    "scoreboard": ("31",),
}


@cache
def part(name: str) -> dict[str, Exercise]:
    """The exercises of one of PARTS, by their names.

    A part is imported when it is asked for: some import what takes seconds.
    """
    return {exercise.name: exercise for exercise in import_module(f"{__name__}.{name}").EXERCISES}


def exercises() -> dict[str, Exercise]:
    """All exercises, by their names."""
    return {name: exercise for each in PARTS for name, exercise in part(each).items()}


def check(name: str | None = None, *answer: Any) -> None:
    """Check your answer to an exercise: `check("00-pgr", my_pgr)`. Without a name: list the exercises.

    As long as your function returns nothing, it only says that it is your turn. Raises AssertionError, which
    says what to think about again, and ValueError where there is no such exercise.
    """
    if name is None:
        print("\n".join(sorted(exercises())))
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


def by_case(points: float, **cases: Callable[[], object]) -> float:
    """Points for a part of the cases: the last line of an assignment's test, in place of asserts.

    cases: a name and a function without arguments, which returns whether the answer is right there. Prints
    the names of the cases that fail. Returns the share of `points` that the others earn. An answer that
    is blank in all cases raises NotImplementedError, as everywhere.
    """
    wrong, blank = [], 0
    for name, case in cases.items():
        try:
            if not case():
                wrong.append(name)
        except NotImplementedError:
            blank += 1
            wrong.append(name)
        except Exception as error:
            wrong.append(f"{name} ({type(error).__name__})")
    if blank == len(cases):
        raise NotImplementedError("this answer is blank")
    right = len(cases) - len(wrong)
    print(f"{right} of {len(cases)} cases are right." + (f" Wrong: {', '.join(wrong)}" if wrong else ""))
    return round(points * right / len(cases), 2)


def _line(name: str, answer: tuple) -> str:
    if callable(name):
        raise AssertionError(
            f'name the exercise first: check("00-pgr", {getattr(name, "__name__", "my_function")})'
        )
    function, *given = answer or (None,)
    return judge(_exercise(name), function, tuple(given))


def _exercise(name: str) -> Exercise:
    """Raises ValueError where there is none of this name."""
    for each, notebooks in PARTS.items():
        if str(name)[:2] in notebooks and name in part(each):
            return part(each)[name]
    raise ValueError(nearest("exercise", name, sorted(exercises())))
