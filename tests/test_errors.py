"""Weak labels with errors where they are wanted."""

import numpy as np
import pytest

from w2s_kit.errors import STRUCTURES, wrong_at_top
from w2s_kit.tasks import load_task


def test_errors_stand_at_the_top_of_the_score_and_nowhere_else():
    truth, score = np.array([0, 1, 1, 0, 1]), [3, 9, 1, 7, 5]
    assert wrong_at_top(truth, score, 2).tolist() == [0, 0, 1, 1, 1]
    assert wrong_at_top(truth, score, 0).tolist() == truth.tolist()
    assert truth.tolist() == [0, 1, 1, 0, 1], "the caller's labels stay"


def test_ties_fall_at_random_and_by_the_seed():
    truth = np.zeros(1_000)
    first, again, other = (wrong_at_top(truth, truth, 300, seed) for seed in (0, 0, 1))
    assert first.sum() == 300 and np.array_equal(first, again)
    assert 60 < (first * other).sum() < 120  # 90 by chance
    assert 120 < first[:500].sum() < 180


@pytest.mark.parametrize("score, errors", [(np.zeros(4), 2), (np.zeros(5), 6), (np.zeros(5), -1)])
def test_impossible_errors_are_refused(score, errors):
    with pytest.raises(ValueError, match="errors among 5 examples"):
        wrong_at_top(np.zeros(5), score, errors)


@pytest.mark.parametrize("task", ["edible", "weight"])
def test_all_structures_make_as_many_errors_and_each_its_own(task):
    examples = load_task(task, 0, 200, 200).test
    wrong = {name: wrong_at_top(examples["label"], score(examples), 40) != examples["label"].to_numpy() for name, score in STRUCTURES.items()}
    assert all(where.sum() == 40 for where in wrong.values())
    assert len({where.tobytes() for where in wrong.values()}) == len(STRUCTURES)
    difficulty, length = examples["difficulty"].to_numpy(), examples["text"].str.len().to_numpy()
    assert difficulty[wrong["rare"]].min() >= difficulty[~wrong["rare"]].max()
    assert difficulty[wrong["common"]].max() <= difficulty[~wrong["common"]].min()
    assert length[wrong["long"]].min() >= length[~wrong["long"]].max()
    words = examples["group"].str[0]
    assert len(set(words[wrong["word"]]) & set(words[~wrong["word"]])) <= 1  # a word is wrong always, but where the count ends
    assert words[wrong["letter"]].str[0].max() <= words[~wrong["letter"]].str[0].min()
    tools = STRUCTURES["kind"](examples)
    assert tools[wrong["kind"]].mean() == min(1, tools.sum() / 40) and 0.1 < tools.mean() < 0.4
    assert (examples["label"][wrong["yes"]] == 0).all()
    longer = examples["text"].str.split().str.len() > 5
    assert 0.3 < longer.mean() < 0.7 and (longer != examples["label"])[wrong["form"]].all()
