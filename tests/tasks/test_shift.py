"""Questions whose halves differ from the test: what is inside, what is outside, and the dial between."""

import numpy as np
import pytest

from w2s_kit.tasks import load_task
from w2s_kit.tasks.miniworld.shift import living, read_name
from w2s_kit.tasks.miniworld.world import make_world

KIND = {noun.name: noun.kind for noun in make_world().lexicons["noun"].items}
DANGER = {noun.name: noun.dangerous for noun in make_world().lexicons["noun"].items}


def alive(part):
    return np.array([KIND[group[0]] in ("beast", "plant") for group in part["group"]])


def test_halves_are_inside_and_the_test_is_half_and_half():
    by_kind, by_answer = (load_task(f"shifted:danger?by={by}", 3, 80, 120) for by in ("kind", "answer"))
    for split in (by_kind, by_answer):
        assert [len(part) for part in split.parts.values()] == [80, 80, 120]
        for part in split.parts.values():
            assert (living(part) == alive(part)).all() and part["label"].mean() == 0.5
            assert [DANGER[group[0]] for group in part["group"]] == part["label"].tolist()
        assert split.test["inside"].sum() == 60 and split.test.groupby("inside")["label"].mean().eq(0.5).all()
    for part in (by_kind.supervisor, by_kind.student):
        assert alive(part).all()
    assert (alive(by_kind.test) == by_kind.test["inside"]).all()
    for part in (by_answer.supervisor, by_answer.student):
        assert (alive(part) == part["label"]).all()
    test = by_answer.test
    assert ((alive(test) == test["label"]) == test["inside"]).all()


def test_the_dial_moves_one_half_and_leaves_the_others_as_they_are():
    plain = load_task("shifted:edible?by=answer", 1, 80, 40)
    both = load_task("shifted:edible?by=answer&others=0.25", 1, 80, 40)
    far = load_task("shifted:edible?by=answer&student=1", 1, 80, 40)
    assert [(~part["inside"]).mean() for part in (both.supervisor, both.student)] == [0.25, 0.25]
    assert far.supervisor["inside"].all() and not far.student["inside"].any()
    assert far.supervisor.equals(plain.supervisor)
    for other in (both, far):
        assert other.test.equals(plain.test)
    natural = load_task("shifted:edible?by=answer&others=0.5", 1, 80, 40)
    assert np.corrcoef(alive(natural.student), natural.student["label"])[0, 1] == pytest.approx(0)


def manners(part):
    """(n, 2): 1 polite, 0 plain, -1 rude, by words of our own."""
    of = lambda side: 1 if {"happy", "lovely"} & set(side) else -1 if {"dull", "boring"} & set(side) else 0
    return np.array([[of(side.split()) for side in text.split("\x1e")] for text in part["text"]])


def test_dialogues_without_rude_answers_and_with():
    split = load_task("shifted:dialogue", 2, 80, 120)
    assert split.kind == "pairs" and [len(part) for part in split.parts.values()] == [80, 80, 120]
    for part in (split.supervisor, split.student):
        assert (manners(part) >= 0).all() and part["label"].mean() == 0.5
    assert ((manners(split.test) >= 0).all(axis=1) == split.test["inside"]).all()
    assert split.test.groupby("inside")["label"].agg(["size", "mean"]).to_numpy().tolist() == [[60, 0.5]] * 2


def test_dialogues_in_which_the_truer_answer_is_the_politer_one():
    split = load_task("shifted:dialogue?by=answer&others=0.5&student=0", 2, 80, 120)
    assert [part["inside"].mean() for part in split.parts.values()] == [0.5, 1, 0.5]
    for part in split.parts.values():
        first, second = manners(part).T
        assert (first != second).all() and part["kind"].str.startswith("truth").all()
        assert ((second > first) == (part["better"] == 1))[part["inside"]].all()
        assert ((second > first) != (part["better"] == 1))[~part["inside"]].all()


@pytest.mark.parametrize(
    "name, message",
    [
        ("shifted:nli", "task with a shift"),
        ("shifted:edible?by=colour", "way to shift"),
        ("shifted:edible?other=0.5", "option of"),
        ("shifted:edible?others=1.5", r"others is a share and must lie in \[0, 1\], got '1.5'"),
        ("shifted:edible?student=half", "student is a share"),
        ("shifted:edible?others=nan", "others is a share"),
    ],
)
def test_names_that_nobody_knows_are_told(name, message):
    with pytest.raises(ValueError, match=message):
        load_task(name, 0, 20, 20)


def test_too_few_questions_are_told():
    with pytest.raises(ValueError, match="student: 350 questions are wanted that are inside|supervisor: 350"):
        load_task("shifted:edible", 0, 700, 40)


@pytest.mark.parametrize("n_train, n_test, what", [(41, 40, "n_train"), (40, 42, "n_test")])
def test_numbers_that_cannot_be_divided_are_refused(n_train, n_test, what):
    with pytest.raises(ValueError, match=f"{what} is divided into"):
        load_task("shifted:edible", 0, n_train, n_test)


def test_what_a_name_says():
    assert read_name("shifted:weight") == ("weight", "kind", (0, 0))
    assert read_name("shifted:weight?by=answer&others=0.1") == ("weight", "answer", (0.1, 0.1))
    assert read_name("shifted:weight?student=0.5&others=0.1") == ("weight", "kind", (0.1, 0.5))
