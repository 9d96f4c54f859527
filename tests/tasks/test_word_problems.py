"""Real problems with levels, and answers that are the same."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from w2s_kit.tasks import word_problems
from w2s_kit.tasks.rows import Report

HUB = Path(__file__).parents[3] / "shared/data/hub"


GSM = {
    "question": " How many? ",
    "answer": "There are 2 * 3 = <<2*3=6>>6 of 1,000 = <<6*1000=6000>>6,000.\n#### 6,000",
}
MATH = {
    "problem": "What is $x$?",
    "level": "Level 4",
    "type": "Algebra",
    "solution": r"Not \boxed{2}, but $x = \boxed{\frac{\sqrt{3}}{2}}$.",
}


def test_word_problems():
    found = word_problems.problems([GSM, MATH, {**MATH, "level": "Level ?"}, {**GSM, "answer": "none"}])
    assert found.to_dict("records") == [
        {
            "text": "How many?",
            "solution": "There are 2 * 3 = 6 of 1,000 = 6,000.\n#### 6,000",
            "answer": "6,000",
            "level": 2,
        },
        {"text": MATH["problem"], "solution": MATH["solution"], "answer": r"\frac{\sqrt{3}}{2}", "level": 4},
    ]
    assert word_problems.problems([GSM, MATH], levels=(1, 2, 3))["level"].tolist() == [2]
    with pytest.raises(ValueError, match="row 2: other columns: the row has text"):
        word_problems.problems([GSM, {"text": ""}, {"text": "b"}])


def test_levels_that_are_numbers_and_rows_that_are_broken(capsys):
    rows = [{**MATH, "level": level} for level in (3, 3.0, "3", "Level 3", np.int64(3))]
    assert word_problems.problems(rows)["level"].tolist() == [3] * 5 and capsys.readouterr().out == ""
    bad = [{**MATH, "level": level} for level in (None, True, float("nan"), 2.5, -1, 10**400, "Level ?")]
    bad += [
        {**MATH, "solution": None},
        {**MATH, "problem": " "},
        {**GSM, "answer": "none"},
        {**MATH, "solution": "42"},
        "text",
        {},
    ]
    for row in bad:
        table = word_problems.problems([GSM, MATH, row], report=(report := Report()))
        assert len(table) == 2 and (report.read, report.kept) == (3, 2) and "row 3" in str(report), row
        assert str(report) in capsys.readouterr().out
    with pytest.raises(ValueError, match="(?s)more than half.*row 3.*allow_rejected=True"):
        word_problems.problems([GSM, MATH, *bad])
    assert len(word_problems.problems([GSM, MATH, *bad], allow_rejected=True)) == 2


@pytest.mark.parametrize(
    "a, b, same",
    [
        ("6,000", "6000", True),
        ("$18", "18.00", True),
        (r"\frac{1}{2}", "0.5", True),
        ("1/2", r"\dfrac{1}{2}", True),
        ("-3/4", "-.75", True),
        (r"-\frac{1}{2}", "-0.5", True),
        ("1,2", "12", False),
        ("5", "6", False),
        ("1/0", "1/0", True),
        (r"\left( 1, 2 \right)", "(1,2)", True),
        ("x+1", "1+x", False),
        (None, None, False),
        ("", "0", False),
        ("5.", "5", True),
        (r"45^\circ", "45", True),
        (r"45^{\circ}", r"$45^\circ$", True),
        ("45°", r"45\degree", True),
        (r"45^\circ", "46", False),
        (r"x^\circ y", "xy", False),
        (r"50\%", "50", True),
        ("50%", r"50\%", True),
        ("50%", "0.5", False),
        (r"12.5\%.", "12.5", True),
        (r"\text{Evelyn}", "Evelyn", True),
        (r"\mbox{Evelyn}", r"\text{ Evelyn }", True),
        (r"\text{Evelyn}", "Eve", False),
        (r"5 \text{ cm}", "5 cm", True),
        (r"\frac12", r"\frac{1}{2}", True),
        (r"\frac12", "0.5", True),
        (r"\frac1{2}", r"\dfrac{1}2", True),
        (r"-\tfrac34", "-0.75", True),
        (r"\frac12", r"\frac21", False),
        (r"\frac{11}2", "5.5", True),
        (r"\frac{x}{2}", r"\frac x2", False),
        (r"\frac{\sqrt{3}}{2}", r"\frac{\sqrt3}2", True),
        (r"2 \sqrt 3", r"2\sqrt{3}", True),
        (r"1\frac12", "1.5", True),
        (r"-1\frac{1}{2}", "-1.5", True),
        (r"12\frac12", "6", False),
        (r"5\text{ cm}", "5", True),
        (r"12\,\mbox{cm}^2", "12", True),
        (r"20\text{ degrees}", r"20^\circ", True),
        (r"5\text{ cm}", r"5\text{ km}", False),
        (r"5\text{ cm}", "6", False),
        ("x=5", "5", True),
        (r"x \in [1,2]", "[1,2]", True),
        ("x=5", "y=5", False),
        ("x=5", "x", False),
        ("1{,}000", "1000", True),
        ("\u22125", "-5", True),
        (r"\$5.00", "5", True),
    ],
)
def test_answers_that_are_the_same(a, b, same):
    assert word_problems.same(a, b) == word_problems.same(b, a) == same


@pytest.mark.parametrize(
    "text, answer",
    [
        (r"\boxed{a} and \boxed{{b}c}", "{b}c"),
        (r"\boxed{open", None),
        ("#### ", None),
        ("nothing", None),
        ("#### 4\nmore", "4"),
    ],
)
def test_answers_of_solutions(text, answer):
    assert word_problems.answer_of(text) == answer


@pytest.mark.skipif(not HUB.exists(), reason="shared data is not here")
def test_word_problems_of_the_hub():
    gsm = word_problems.problems(pd.read_parquet(HUB / "openai/gsm8k/main/test.parquet").to_dict("records"))
    assert (
        len(gsm) == 1_301
        and all(word_problems.same(a, a.replace(",", "")) for a in gsm["answer"])
        and gsm["level"].between(1, 12).all()
    )
    math = word_problems.problems(
        pd.read_parquet(HUB / "EleutherAI/hendrycks_math/algebra/test.parquet").to_dict("records")
    )
    assert (
        len(math) == 475
        and set(math["level"]) == {1, 2, 3, 4, 5}
        and not math["answer"].str.contains("boxed").any()
    )
