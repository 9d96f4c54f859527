"""What occurs in every exercise is called by its name: percent, a turned sign, a text, a forgotten return."""

import re
import sys

import pytest
from test_checks import ANSWERS, told

from w2s_kit import check


class Unspeakable:
    """What a student's own class can be like."""

    def __repr__(self):
        raise RuntimeError("no name")


def right(name: str, change):
    """The right answer, with something done to it."""
    return lambda *arguments: change(ANSWERS[name].right[0](*arguments))


@pytest.mark.parametrize(
    "name, function, words",
    [
        ("00-pgr", right("00-pgr", lambda pgr: 100 * pgr), "got 50: that is in percent.*What share"),
        ("00-pgr", right("00-pgr", lambda pgr: -pgr), "got -0.5: the value is right, but its sign is turned"),
        (
            "00-pgr",
            right("00-pgr", lambda pgr: f"{pgr:.2f}"),
            "expected a number, got '0.50'. That is a text",
        ),
        ("00-pgr", right("00-pgr", lambda pgr: [pgr]), "inside an array or a list: take it out"),
        ("00-pgr", right("00-pgr", lambda pgr: (pgr, 1)), "several numbers, and one is asked for"),
        ("00-pgr", right("00-pgr", lambda pgr: round(pgr, 1)), "expected 0.2727, got 0.3"),
        ("00-pgr", right("00-pgr", lambda pgr: Unspeakable()), "expected a number, got a Unspeakable"),
        ("00-pgr", right("00-pgr", lambda pgr: sys.exit(1)), r"RuntimeError: exit\(\) ends the program"),
        ("01-agreement", lambda s, w, y: (y == w)[w != s].mean(), "expected 0.*First keep the rows"),
        (
            "01-agreement",
            lambda s, w, y: (s == w)[w == y].mean(),
            "the agreement where the supervisor is right",
        ),
        ("02-median-pgr", right("02-median-pgr", lambda pgr: pgr * 100), "got .*in percent"),
        ("02-median-pgr", right("02-median-pgr", dict), r"pd.Series\(...\) makes a Series of a dict"),
        (
            "02-median-pgr",
            right("02-median-pgr", lambda pgr: pgr.to_frame()),
            "Choose one column of the table",
        ),
        ("05-inherited", right("05-inherited", lambda share: 1 - share), "that is 1 minus the right answer"),
        ("06-preference", right("06-preference", lambda p: p * 100), "that is in percent"),
        ("08-difficulty-by-case", lambda *arguments: 0.5, "got 0.5. They are: corrected, inherited"),
        ("13-never-rises", lambda dial, pgr: True, "One PGR is higher than the one before it"),
        # a hint that looks at the answer comes after the confusion, and does not replace it
        (
            "24-ccs-loss",
            right("24-ccs-loss", lambda loss: -loss),
            "its sign is turned. The mean over the pairs",
        ),
        ("26-adaptive-weight", right("26-adaptive-weight", lambda alpha: 100 * alpha), "in percent.*CE"),
        # several values, all in one other form
        ("29-both", right("29-both", lambda both: tuple(100 * share for share in both)), "in percent"),
        ("29-both", right("29-both", lambda both: tuple(-share for share in both)), "its sign is turned"),
    ],
)
def test_usual_confusions_are_named(name, function, words):
    assert re.search(words, told(name, function), re.DOTALL), told(name, function)


def test_an_answer_without_return_is_told_apart_from_a_blank_one(capsys):
    def forgotten(supervisor, student, ceiling):
        recovered = student - supervisor
        recovered / (ceiling - supervisor)

    check("00-pgr", forgotten)
    assert "the answer needs a `return`" in capsys.readouterr().out
