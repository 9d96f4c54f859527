"""Questions that are asked twice, with the same answer or with the other one."""

import pytest

from w2s_kit.tasks import load_task
from w2s_kit.tasks.miniworld.distraction import TASKS, any_questions, turned
from w2s_kit.tasks.miniworld.paraphrase import ASIDES
from w2s_kit.tasks.miniworld.world import make_world
from w2s_kit.tasks.supervisors import distracted_labels


@pytest.mark.parametrize("task", TASKS)
def test_every_question_stands_there_twice(task):
    split = load_task(f"distracted:{task}", 3, 60, 100)
    assert [len(part) for part in split.parts.values()] == [60, 60, 100]
    for part in split.parts.values():
        plain, after = part[~part["distracted"]], part[part["distracted"]]
        assert (
            part["label"].mean() == 0.5 and (plain.index + 1 == after.index).all() and plain["text"].is_unique
        )
        for column in ("label", "group", "difficulty"):
            assert plain[column].tolist() == after[column].tolist()
        assert all(
            text.endswith(question) and text.removesuffix(question) in ASIDES[1:]
            for text, question in zip(after["text"], plain["text"])
        )
        said = distracted_labels(part)
        assert (said == part["label"]).tolist() == [True, False] * (len(part) // 2) and said.dtype == float
    assert (
        load_task(f"distracted:{task}", 3, 60, 100).hash
        == split.hash
        != load_task(f"distracted:{task}", 4, 60, 100).hash
    )


def test_comparisons_turned_round_have_the_other_answer():
    sizes = {noun.name: noun.size_cm for noun in make_world().lexicons["noun"].items}
    test = load_task("distracted:bigger", 1, 40, 80).test
    for text, label, other in zip(test["text"], test["label"], turned(test["text"])):
        (first, second), (turned_first, turned_second) = (
            question.split("is the ")[1].removesuffix(" ?").split(" bigger than the ")
            for question in (text, other)
        )
        assert label == (sizes[first] > sizes[second]) and (first, second) == (turned_second, turned_first)
        assert text.split("is the")[0] == other.split("is the")[0], "what somebody said stays"
    assert turned(turned(test["text"])) == test["text"].tolist()


def test_questions_that_cannot_be():
    with pytest.raises(ValueError, match="'edibl'; did you mean 'edible'"):
        load_task("distracted:edibl")
    with pytest.raises(ValueError, match="even numbers, not n_train=31"):
        load_task("distracted:edible", n_train=31)
    with pytest.raises(ValueError, match="'is the dax edible .' compares no two things"):
        turned(["is the dax edible ?"])


def test_any_questions_are_about_other_words():
    split = load_task("distracted:edible", 0, 40, 40)
    words = set().union(*split.test["group"])
    asked = any_questions(2_000, seed=1, without=words)
    assert not words & set(" ".join(asked).split()) and asked == any_questions(
        2_000, seed=1, without=words
    ) != any_questions(2_000, seed=2, without=words)
    after = [any(text.startswith(aside) for aside in ASIDES[1:]) for text in asked]
    assert after == [False, True] * 1_000 and all(text.endswith("?") for text in asked)
    assert words & set(" ".join(any_questions(2_000, seed=1)).split())
