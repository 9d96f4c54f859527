"""The exercises' checks accept right answers, tell wrong ones apart, and never fail themselves."""

import contextlib
import json
import re
import subprocess
import sys
import traceback
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from analysis_answers import ANALYSIS
from early_answers import EARLY
from later_answers import LATER_STUDIES
from middle_answers import MIDDLE, wrong_label_overruled

from w2s_kit import check
from w2s_kit.course.checks import PARTS, exercises, graded, part
from w2s_kit.course.checks.theory import three_tables

ANSWERS = EARLY | ANALYSIS | MIDDLE | LATER_STUDIES
EXERCISES = exercises()
ROOT = Path(__file__).parents[2]
each = pytest.mark.parametrize("name", sorted(EXERCISES))
WRONG = [
    pytest.param(name, function, words, id=f"{name}-{i}")
    for name, answers in sorted(ANSWERS.items())
    for i, (function, words) in enumerate(answers.wrong)
]


def given(name: str) -> tuple:
    return ANSWERS[name].given


def told(name: str, function) -> str:
    """The message to an answer that is wrong."""
    with pytest.raises(AssertionError) as error:
        check(name, function, *given(name))
    return str(error.value)


# ---------------------------------------------------------------------------------- every exercise
def test_every_exercise_has_answers_here():
    assert set(ANSWERS) == set(EXERCISES) and len(EXERCISES) == sum(map(len, map(part, PARTS))) == 62
    assert all(name[:2] in notebooks for each, notebooks in PARTS.items() for name in part(each))
    assert all(re.fullmatch(r"[0-3]\d(-[a-z]+)+", name) for name in EXERCISES)
    assert all(len(answers.wrong) >= 2 and answers.right for answers in ANSWERS.values())


@each
def test_a_right_answer(name, capsys):
    for function in ANSWERS[name].right:
        check(name, function, *given(name))
        assert capsys.readouterr().out.startswith("Right")
        graded(name, function, *given(name))
        assert capsys.readouterr().out.startswith("Right")


@pytest.mark.parametrize("name, function, words", WRONG)
def test_a_wrong_answer_gets_its_hint(name, function, words):
    message = told(name, function)
    assert re.search(words, message, re.DOTALL), message
    assert message.startswith(f"Exercise {name}: ")


@each
def test_while_nothing_is_returned_it_is_your_turn(name, capsys):
    def mine(*arguments): ...

    def blank(*arguments):
        raise NotImplementedError()

    for function in (mine, blank):
        check(name, function, *given(name))
        assert capsys.readouterr().out == f"Your turn: {function.__name__} returns nothing yet.\n"
        with pytest.raises(NotImplementedError, match=f"{function.__name__} returns nothing yet"):
            graded(name, function, *given(name))


NONSENSE = {
    "text": "seven",
    "NaN": float("nan"),
    "infinity": float("inf"),
    "number": -77.5,
    "dict": {"a": 1},
    "object": object(),
    "class": dict,
    "complex": 1j,
    "bytes": b"7",
    "set": {1, 2},
    "many": np.ones((3, 2, 2)),
    "empty": [],
    "pair": (1.5, "x"),
    "ragged": [[1], [1, 2]],
    "pair of ragged": ([[1], [1, 2]], None),
    "two NaN": (np.nan, np.nan),
    "frame": pd.DataFrame({"a": [1.0]}),
    "series": pd.Series(["a", None]),
    "tensor": torch.ones(2, requires_grad=True),
    "array of objects": np.array([None, "a"]),
    "dates": np.array(["2020-01-01"], "datetime64[D]"),
    "nan array": np.full(4, np.nan),
    "sparse": torch.eye(2).to_sparse(),
}


@each
@pytest.mark.parametrize("kind", NONSENSE)
def test_nonsense_is_told_so(name, kind):
    """Whatever comes back, the message names the exercise and the input, and it is no error of ours."""
    message = told(name, lambda *arguments: NONSENSE[kind])
    assert message.startswith(f"Exercise {name}: for ") and ("got" in message), message


@each
def test_the_answer_of_a_later_case_may_be_nothing(name):
    calls = []

    def once(*arguments):
        calls.append(1)
        return ANSWERS[name].right[0](*arguments) if len(calls) == 1 else None

    with contextlib.suppress(StopIteration):
        if (
            len(
                EXERCISES[name].cases(*given(name))
                if callable(EXERCISES[name].cases)
                else EXERCISES[name].cases
            )
            > 1
        ):
            assert "got None" in told(name, once)


@each
def test_a_function_that_raises_is_the_cause(name):
    def mine(*arguments):
        return {}["not there"]

    with pytest.raises(AssertionError, match="^Exercise .*for .*mine raises KeyError: 'not there'") as error:
        check(name, mine, *given(name))
    frames = traceback.extract_tb(error.value.__cause__.__traceback__)
    assert isinstance(error.value.__cause__, KeyError) and [frame.name for frame in frames] == ["mine"]
    assert len(traceback.extract_tb(error.value.__traceback__)) == 2, "this test, and check"


@each
def test_a_function_that_raises_in_some_cases_only(name):
    def mine(*arguments):
        raise NotImplementedError("for float64") if np.random.rand() < 2 else None

    assert "mine raises NotImplementedError: for float64" in told(name, mine)


@each
def test_print_in_place_of_return(name, capsys):
    message = told(name, lambda *arguments: print("0.5"))
    assert "prints, and returns nothing: use return" in message and capsys.readouterr().out == "0.5\n"


@each
def test_other_arguments(name):
    assert re.search(
        r"mine is called with \d+ arguments? .*, and takes \(only, these, many, indeed, yes, six\)",
        told(name, mine),
    )
    assert "takes ()" in told(name, lambda: 1)


def mine(only, these, many, indeed, yes, six):
    return 1


@each
def test_what_is_no_function(name):
    for answer in (0.5, None, "half", np.ones(3)):
        assert "takes your function itself, without calling it" in told(name, answer)
    if not given(name):
        with pytest.raises(
            AssertionError, match=r"is checked by check\(.*it got 1 values after the function, and takes 0"
        ):
            check(name, ANSWERS[name].right[0], 3)


@each
def test_arguments_are_copies(name):
    """A student's function that spoils what it is given spoils no other try."""

    def spoil(*arguments):
        for value in arguments:
            if isinstance(value, np.ndarray):
                value[...] = 0
            if isinstance(value, list):
                value.clear()
        return 1

    told(name, spoil)
    check(name, ANSWERS[name].right[0], *given(name))


# ---------------------------------------------------------------------------------- the face
def test_names_that_are_not_known(capsys):
    with pytest.raises(ValueError, match="unknown exercise '00-prg'; did you mean '00-pgr'"):
        check("00-prg", len)
    with pytest.raises(AssertionError, match=r'name the exercise first: check\("00-pgr", mine\)'):
        check(mine)
    with pytest.raises(ValueError, match="unknown exercise 7"):
        graded(7, mine)
    check()
    assert capsys.readouterr().out.split() == sorted(EXERCISES)


def test_a_check_imports_what_its_exercise_needs_and_no_more():
    code = (
        'import sys; from w2s_kit import check; check("31-verdict", lambda *numbers: None); '
        'assert not {"torch", "transformers", "scipy"} & set(sys.modules)'
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", [name for name, answers in ANSWERS.items() if answers.given])
def test_a_table_that_does_not_fit(name):
    right = ANSWERS[name].right[0]
    with pytest.raises(AssertionError, match=rf'check\("{name}", my_function, summary\): it got 0 values'):
        check(name, right)
    for table in ([1, 2], None, pd.DataFrame({"a": [1]})):
        with pytest.raises(AssertionError, match=f"Exercise {name}: .*"):
            check(name, right, table)
    if name == "02-median-pgr":
        with pytest.raises(AssertionError, match="summary has no rows"):
            check(name, right, given(name)[0][:0])


def test_what_a_function_prints_is_seen(capsys):
    check("00-pgr", lambda w, s, c: print("here") or (s - w) / (c - w))
    assert capsys.readouterr().out.splitlines() == 5 * ["here"] + [EXERCISES["00-pgr"].right]


def test_values_that_look_the_same_are_shown_in_full():
    message = told("00-pgr", lambda w, s, c: (s - w) / (c - w) + 1e-7)
    assert re.search(r"expected 0\.5, got 0\.50000\d+", message), message


def test_an_error_in_the_last_line_is_told(capsys):
    """The line for 04 calls the answer once more, with the whole table."""

    def right_for_four(table):
        if len(table) > 4:
            raise RuntimeError("too long for me")
        return ANSWERS["04-gap-slope"].right[0](table)

    assert "right_for_four raises RuntimeError: too long for me" in told("04-gap-slope", right_for_four)
    check("04-gap-slope", *ANSWERS["04-gap-slope"].right, *given("04-gap-slope"))
    assert re.fullmatch(
        r"Right: on the stored grid -0\.\d\d for 10 points of gap\.\n", capsys.readouterr().out
    )


def test_a_formula_and_the_world_agree():
    """Counted on draws, too: where two disagree, and where a student overrules wrong labels."""
    rng = np.random.default_rng(0)
    answerer, corrector = rng.random(400_000) < 0.9, rng.random(400_000) < 0.8
    assert EXERCISES["22-who-is-right"].answer(0.9, 0.8) == pytest.approx(
        answerer[answerer != corrector].mean(), abs=0.01
    )
    rng = np.random.default_rng(0)  # as three_tables draws
    for share, table in zip((0.1, 0.3, 0.45), three_tables(), strict=True):
        good, right = rng.random(2_000) > share, rng.random(2_000) < 0.7
        assert wrong_label_overruled(*table) == pytest.approx(right[~good].mean(), abs=1e-12)


# ---------------------------------------------------------------------------------- where exercises are used
def calls() -> list[tuple[str, str, str]]:
    """(file, check or graded, exercise) of every call in the notebooks and problem sets."""
    found = []
    for path in sorted(
        [
            *ROOT.glob("notebooks/*.ipynb"),
            *ROOT.glob("notebooks/solutions/*.ipynb"),
            *ROOT.glob("notebooks/assignments/source/*/*.ipynb"),
        ]
    ):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                found += [
                    (path.name, *call)
                    for call in re.findall(
                        r'\b(check|graded)\(\s*["\']([^"\']*)["\']', "".join(cell["source"])
                    )
                ]
    return found


def test_every_exercise_of_a_notebook_is_there_and_every_one_is_used():
    assert not [call for call in calls() if call[2] not in EXERCISES]
    assert {exercise for _, _, exercise in calls()} == set(EXERCISES)
    notebooks = [(file[:2], exercise[:2]) for file, function, exercise in calls() if function == "check"]
    assert all(number == of for number, of in notebooks), "an exercise bears its notebook's number"
