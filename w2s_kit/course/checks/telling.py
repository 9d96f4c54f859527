"""What an exercise is, and what a student is told about an answer to it.

An exercise is data: cases, the right answer to each, and what to say when an answer differs. The kind of
thing that has to come back (a number, an array, a pair) is that of the right answer. Nothing that a student
returns or raises ends in an error of ours. It becomes an AssertionError that says what the function was
given, what came back, what was expected, and a hint.
"""

from __future__ import annotations

import contextlib
import copy
import inspect
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .comparing import Tolerance, as_kind, difference, has_nan, is_alike, is_same, kind, show
from .confusions import other_kind, usual_confusion


@dataclass(frozen=True)
class Slip:
    """A wrong answer that many give.

    Fields:

        answer     to a case, as a function of its arguments; None stands for any value of a part
        message    what those who give it are told
    """

    answer: Callable[..., Any]
    message: str


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Fields:

        name         the notebook's number and what is asked, "00-pgr"
        cases        the arguments of each call; or a function of what `check` is given beside the
                     answer, which makes them
        answer       the right answer to a case; its parameters name the arguments in messages
        hint         what to think about again: a text, a function of (result, *arguments), or a text for each
                     part of an answer that has several
        right        what is printed when all is right; a function of (student's function, *given) if it
                     holds a number
        slips        wrong answers that have a message of their own; the first that fits is told
        also         other answers that are right, too
        choices      all values that can come back, where they are few
        tolerance    relative and absolute
        nan          the hint where NaN comes back
        rule         for what cases cannot say, such as a gradient: a function of the student's function that
                     returns a message, or "" when all is well
    """

    name: str
    cases: Sequence[tuple] | Callable[..., Sequence[tuple]]
    answer: Callable[..., Any]
    hint: str | Mapping[str, str] | Callable[..., str]
    right: str | Callable[..., str]
    slips: Sequence[Slip] = ()
    also: Sequence[Callable[..., Any]] = ()
    choices: Sequence = ()
    tolerance: Tolerance = (1e-9, 1e-9)
    nan: str = "NaN comes of 0 / 0, of log 0, or of a mean of nothing. Which of your steps makes it?"
    rule: Callable[[Callable], str] | None = None


# type of an error that a student's function raises, words in it, what is added to it
ERRORS = [
    (
        ValueError,
        "truth value of a",
        "An `if` wants one True or False, and here it gets a whole array. "
        "Compare the array itself (array > 0.5), or choose with np.where.",
    ),
    (
        TypeError,
        "can be converted to Python scalar",
        "Functions of `math`, float() and int() take one number, and here "
        "they get a whole array. NumPy has the same functions for arrays.",
    ),
    (TypeError, "NoneType", "Something is None there. Mostly that is a function that returns nothing."),
    (ZeroDivisionError, "", "Which of the inputs makes the divisor zero?"),
]


def judge(exercise: Exercise, function: Callable | None, given: tuple) -> str:
    """Try the student's `function` on every case; returns the line for an answer that is right.

    Raises NotImplementedError while the function returns nothing, and AssertionError when it is wrong.
    """
    if not callable(function):
        raise AssertionError(
            f"Exercise {exercise.name} takes your function itself, without calling it: "
            f'check("{exercise.name}", my_function). It got {show(function)}.'
        )
    for number, arguments in enumerate(cases_of(exercise, given)):
        result = call(exercise, function, arguments)
        if result is None and number == 0:
            raise NotImplementedError(nothing_yet(function))
        if message := what_is_wrong(exercise, arguments, result):
            raise AssertionError(f"Exercise {exercise.name}: {message}")
    with errors_explained(exercise, function):
        if exercise.rule and (message := exercise.rule(function)):
            raise AssertionError(f"Exercise {exercise.name}: {message}")
        return exercise.right if isinstance(exercise.right, str) else exercise.right(function, *given)


def cases_of(exercise: Exercise, given: tuple) -> Sequence[tuple]:
    """The arguments of every call. Raises AssertionError where `check` got other things than it needs."""
    wanted = list(inspect.signature(exercise.cases).parameters) if callable(exercise.cases) else []
    if len(given) != len(wanted):
        example = ", ".join([f'check("{exercise.name}"', "my_function", *wanted]) + ")"
        raise AssertionError(
            f"Exercise {exercise.name} is checked by {example}: it got {len(given)} values after the "
            f"function, and takes {len(wanted)}."
        )
    if not callable(exercise.cases):
        return exercise.cases
    try:
        if cases := exercise.cases(*given):
            return cases
        problem = "has no rows"
    except Exception as error:  # whatever a value of another kind leads to
        problem = f"is not such a table ({type(error).__name__}: {error})"
    raise AssertionError(
        f"Exercise {exercise.name}: {', '.join(wanted)} {problem}; give it the table of this notebook."
    )


def call(exercise: Exercise, function: Callable, arguments: tuple) -> Any:
    """What the student's function returns for copies of `arguments`; what it prints is printed.

    Raises AssertionError where it takes other arguments, where it prints its answer and returns nothing, and,
    with the student's own error as its cause, where it raises. Raises NotImplementedError for a blank form.
    """
    if problem := other_arguments(exercise, function, arguments):
        raise AssertionError(f"Exercise {exercise.name}: {problem}")
    printed, where = io.StringIO(), inputs(exercise, arguments)
    try:
        with errors_explained(exercise, function, where), contextlib.redirect_stdout(printed):
            try:
                result = function(*copy.deepcopy(arguments))
                if isinstance(result, Iterator):
                    result = list(result)
            except SystemExit:  # it would end the cell without a word
                raise RuntimeError("exit() ends the program: use return in its place") from None
    finally:
        print(printed.getvalue(), end="")
    if result is None and printed.getvalue():
        raise AssertionError(
            f"Exercise {exercise.name}: {where} {name_of(function)} prints, and returns nothing: use "
            "return in place of print."
        )
    return result


def other_arguments(exercise: Exercise, function: Callable, arguments: tuple) -> str:
    """What is wrong with the arguments that the student's function takes; "" where it can be called."""
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):  # functions written in C have none
        return ""
    try:
        signature.bind(*arguments)
    except TypeError:
        names = ", ".join(inspect.signature(exercise.answer).parameters)
        return (
            f"{name_of(function)} is called with {len(arguments)} arguments ({names}), and takes {signature}."
        )
    return ""


@contextlib.contextmanager
def errors_explained(exercise: Exercise, function: Callable, where: str = "") -> Iterator[None]:
    """An error of the student's function becomes the cause of one that says what the function was given.

    The cause keeps the student's own lines, and loses ours. The blank form of an assignment, which raises
    NotImplementedError without a word, is a function that returns nothing yet.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, AssertionError) and not where:  # it is what a rule says
            raise
        if isinstance(error, NotImplementedError) and not error.args:
            raise NotImplementedError(f"{name_of(function)} returns nothing yet.") from None
        hints = [hint for class_, words, hint in ERRORS if isinstance(error, class_) and words in str(error)]
        message = f"{where} {name_of(function)} raises {type(error).__name__}: {error}.".strip()
        traceback = error.__traceback__
        while traceback and traceback.tb_frame.f_globals.get("__name__", "").startswith(__package__):
            traceback = traceback.tb_next
        message = " ".join([f"Exercise {exercise.name}: {message}", *hints[:1]])
        raise AssertionError(message) from error.with_traceback(traceback)


def what_is_wrong(exercise: Exercise, arguments: tuple, result: Any) -> str:
    """What a student is told about `result`; "" where it is right."""
    want = exercise.answer(*arguments)
    answers = [want, *(other(*arguments) for other in exercise.also)]
    if any(is_same(result, answer, exercise.tolerance) for answer in answers):
        return ""
    slips = [(value_of(slip, arguments), slip.message) for slip in exercise.slips]
    where, hint = inputs(exercise, arguments), exercise.hint
    if isinstance(want, tuple) and isinstance(hint, Mapping) and is_alike(result, want):
        place = [is_same(*pair, exercise.tolerance) for pair in zip(result, want, strict=True)].index(False)
        part, hint = list(hint.items())[place]
        where, result, want = f"{where} {part}:", result[place], want[place]
        slips = [(value[place], message) for value, message in slips if isinstance(value, tuple)]
    for value, message in slips:
        if is_same(result, value, exercise.tolerance):
            return f"{where} got {show(result)}: {message}"
    choices = exercise.choices
    if not choices and (message := usual_confusion(result, want, exercise.tolerance)):
        more = in_words(hint, result, want, arguments)
        return f"{where} {difference(result, want)}: {message} {more}".strip()
    if choices and not any(is_same(result, choice, exercise.tolerance) for choice in choices):
        return f"{where} expected one of {', '.join(map(repr, choices))}, got {show(result)}"
    if not choices and not is_alike(result, want):
        if result is None:
            hint = "Is there a way through your function without a return?"
        if isinstance(hint, Mapping):
            hint = f"They are: {', '.join(hint)}."
        hint = " ".join(filter(None, [other_kind(result, want), hint if isinstance(hint, str) else ""]))
        return f"{where} expected {kind(want)}, got {show(result)}. {hint}".strip()
    hint = exercise.nan if has_nan(result) else in_words(hint, result, want, arguments)
    return f"{where} {difference(result, want)}. {hint}"


def in_words(
    hint: str | Mapping[str, str] | Callable[..., str], result: Any, want: Any, arguments: tuple
) -> str:
    """A hint as a text; "" where it has a text for each of several parts."""
    if callable(hint):
        return hint(as_kind(result, want), *arguments)
    return hint if isinstance(hint, str) else ""


def value_of(slip: Slip, arguments: tuple) -> Any:
    """The slip's answer to a case; NaN, which equals nothing, where it has none (a division by zero)."""
    try:
        with np.errstate(all="ignore"):
            return slip.answer(*copy.deepcopy(arguments))
    except ArithmeticError:
        return float("nan")


def inputs(exercise: Exercise, arguments: tuple) -> str:
    """The case in words: "for supervisor 0.6, student 0.75, ceiling 0.9:"."""
    names = inspect.signature(exercise.answer).parameters
    shown = [f"{name} {show(value)}" for name, value in zip(names, arguments, strict=True)]
    return f"for {', '.join(shown)}:"


def nothing_yet(function: Callable) -> str:
    """What is said of a function that returns None: it may be blank still, or lack its return."""
    code = getattr(function, "__code__", None)
    blank = code is None or len(code.co_code) <= len(_blank.__code__.co_code)
    lacks = "" if blank else " If it has computed its answer, the answer needs a `return`."
    return f"{name_of(function)} returns nothing yet.{lacks}"


def _blank(*arguments): ...


def name_of(function: Callable) -> str:
    """What messages call the student's function."""
    return getattr(function, "__name__", "your function")
