"""Choosing among solutions against choosing one by one."""

import random
from itertools import combinations

import numpy as np
import pytest

from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.studies.reranking import best_of_n, step_scores, vote
from w2s_kit.tasks import sums
from w2s_kit.training.device import pick_device
from w2s_kit.training.reading import predict


def test_scores_of_steps_are_what_predict_says_of_prefixes():
    model, rng = load_classifier(load_family("sums")["xs"], head="tokens"), random.Random(0)
    texts = [f"{p.text} {p.solution}" for p in (sums.draw(level, rng) for level in (1, 3, 9))]
    found = step_scores(model, [*texts, texts[0]], device=pick_device("cpu"))
    assert [len(scores) for scores in found] == [2, 4, 10, 2] and np.array_equal(found[0], found[3])
    for text, scores in zip(texts, found):
        steps = text.split(" ; ")
        np.testing.assert_allclose(
            scores, predict(model, [" ; ".join(steps[: k + 1]) for k in range(len(steps))]), atol=1e-5
        )


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_best_of_n_is_the_mean_over_all_choices(n):
    rng = np.random.default_rng(n)
    right, scores = rng.random((4, 5)) > 0.5, rng.random((4, 5))
    each = [
        right[row, max(chosen, key=lambda i: scores[row, i])]
        for row in range(4)
        for chosen in combinations(range(5), n)
    ]
    assert best_of_n(right, scores, n) == pytest.approx(np.mean(each))


def test_votes():
    answers = np.array([[1, 1, 2, None], [3, 4, 4, 4], [5, 6, 5, 6]], dtype=object)
    truth, equal = [1, 3, 6], np.ones((3, 4))
    assert vote(answers, truth, equal, 4) == pytest.approx((1 + 0 + 0.5) / 3)
    weights = np.array([[0.1, 0.1, 0.9, 9.0], [0.9, 0.2, 0.2, 0.2], [0.5, 0.6, 0.5, 0.6]])
    assert vote(answers, truth, weights, 4) == pytest.approx((0 + 1 + 1) / 3), "None wins no vote"
    assert vote(answers, truth, equal, 1, draws=20_000) == pytest.approx(
        np.mean([2 / 4, 1 / 4, 2 / 4]), abs=0.01
    )
    all_pairs = np.mean(
        [vote(answers[:, list(pair)], truth, equal[:, list(pair)], 2) for pair in combinations(range(4), 2)]
    )
    assert vote(answers, truth, equal, 2, draws=20_000) == pytest.approx(all_pairs, abs=0.01)
    assert vote(np.array([[None, None]], dtype=object), [1], np.ones((1, 2)), 2) == 0


@pytest.mark.parametrize(
    "n, shape, message",
    [
        (5, (3, 4), "4 samples"),
        (0, (3, 4), "4 samples"),
        (2, (3, 3), "one number a sample"),
        (1, (12,), "one number a sample"),
    ],
)
def test_what_cannot_be_chosen_from(n, shape, message):
    for choose in (
        lambda scores: best_of_n(np.ones((3, 4)), scores, n),
        lambda scores: vote(np.ones((3, 4)), [1, 1, 1], scores, n),
    ):
        with pytest.raises(ValueError, match=message):
            choose(np.ones(shape))
