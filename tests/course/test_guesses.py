"""Predictions are kept whole, counted against the ledger, and never in the way."""

import json

import pytest

from w2s_kit import guess, guesses
from w2s_kit.course.guesses import CAME_OUT, FILE
from w2s_kit.shared.files import results

LEDGER = results("claims")
FIRST = {verdict: LEDGER[LEDGER["verdict"] == verdict]["id"].iloc[0] for verdict in [*CAME_OUT, "undecided"]}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_dots_write_nothing_and_say_what_is_asked(capsys):
    guess(FIRST["shows"], ...)
    guess(FIRST["shows"])
    assert not FILE.exists()
    statement = LEDGER.set_index("id").loc[FIRST["shows"], "statement"]
    assert capsys.readouterr().out.count(statement) == 2
    assert guesses().empty and "no predictions" in capsys.readouterr().out


def test_predictions_are_counted_against_the_verdicts(capsys):
    for claim in FIRST.values():
        guess(claim, True)
    rows = guesses()
    assert rows.loc[[*FIRST.values()], "right"].tolist() == [True, False, False, None]
    assert "4 predictions: 1 of 3 came out as you said; 1 are undecided" in capsys.readouterr().out
    guess(FIRST["refuted"], False)
    assert "before, you said True" in capsys.readouterr().out
    guesses()
    assert "2 of 3 came out" in capsys.readouterr().out


def test_a_claim_that_is_gone_is_told(capsys):
    FILE.write_text(json.dumps({"no_such_claim": True, FIRST["shows"]: True}))
    assert len(guesses()) == 1
    assert "1 are about claims that are no longer in the ledger" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["{", "[1]", '{"a": "yes"}'])
def test_a_damaged_file_is_named_and_left_alone(text):
    FILE.write_text(text)
    for call in (guesses, lambda: guess(FIRST["shows"], True)):
        with pytest.raises(ValueError, match="my_predictions.json.*Delete the file"):
            call()
    assert FILE.read_text() == text


def test_what_is_no_prediction():
    with pytest.raises(ValueError, match="students_beat_supervisors"):
        guess("student_beat_supervisors", True)
    with pytest.raises(ValueError, match="True"):
        guess(FIRST["shows"], "yes")
    assert not FILE.exists()
