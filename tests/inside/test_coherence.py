"""Leaving one out is exact, the search finds what is coherent, and bad input is named."""

import numpy as np
import pytest
from scipy.special import expit, log_expit

from w2s_kit.inside.coherence import (
    PENALTY,
    SHARPNESS,
    anneal,
    coherence,
    first_component,
    grow,
    leave_one_out,
    most_coherent,
    predicted,
)

RNG = np.random.default_rng(0)
CONCEPT = RNG.integers(0, 2, 80)
#: A concept along one direction that varies most, noise along the others.
FEATURES = np.outer(2 * CONCEPT - 1, [3.0, 0, 0, 0, 0]) + RNG.normal(size=(80, 5))
FEATURES[:, 1] += FEATURES[:, 0]  # after scaling all columns weigh the same, so two share it


def ridge_without(features: np.ndarray, signs: np.ndarray, row: int, intercept: bool) -> float:
    """The prediction for one row of a regression that was solved without it, penalty as for all rows."""
    scaled = (features - features.mean(axis=0)) / features.std(axis=0)
    others = np.arange(len(signs)) != row
    strength = PENALTY * np.trace(scaled.T @ scaled) / scaled.shape[1]
    design, penalties = scaled, np.full(scaled.shape[1], strength)
    if intercept:
        design, penalties = np.column_stack([scaled, np.ones(len(signs))]), np.append(penalties, 0)
    kept = design[others]
    weights = np.linalg.solve(kept.T @ kept + np.diag(penalties), kept.T @ signs[others])
    return float(design[row] @ weights)


@pytest.mark.parametrize("intercept", [False, True])
def test_leaving_one_out_is_what_a_regression_without_the_row_says(intercept):
    signs = 2.0 * RNG.integers(0, 2, 80) - 1
    matrix = leave_one_out(FEATURES, intercept=intercept)
    by_hand = [ridge_without(FEATURES, signs, row, intercept) for row in range(80)]
    np.testing.assert_allclose(matrix @ signs, by_hand, atol=1e-9)


def test_coherence_is_the_mean_log_probability_of_each_label_given_the_others():
    matrix = leave_one_out(FEATURES)
    f, signs = matrix @ (2.0 * CONCEPT - 1), 2 * CONCEPT - 1
    assert coherence(matrix, CONCEPT) == pytest.approx(np.mean(log_expit(SHARPNESS * signs * f)))
    np.testing.assert_allclose(predicted(matrix, CONCEPT), expit(SHARPNESS * f))
    assert coherence(matrix, 1 - CONCEPT) == pytest.approx(coherence(matrix, CONCEPT))
    assert coherence(matrix, CONCEPT) > coherence(matrix, RNG.permutation(CONCEPT)) + 0.2


def test_differences_keep_their_sign():
    """Swapping the sides of a pair swaps its label and changes no coherence, if nothing is centred."""
    swapped = FEATURES.copy()
    swapped[:30] *= -1
    labels = CONCEPT.copy()
    labels[:30] = 1 - labels[:30]
    before, after = (leave_one_out(z, centred=False) for z in (FEATURES, swapped))
    assert coherence(before, CONCEPT) == pytest.approx(coherence(after, labels))
    assert coherence(leave_one_out(FEATURES), CONCEPT) != pytest.approx(
        coherence(leave_one_out(swapped), labels), abs=1e-3
    )


def test_the_most_coherent_labels_are_the_concept_or_its_opposite():
    found = most_coherent(FEATURES, restarts=3, seed=1)
    assert np.mean(found.signed(CONCEPT).labels == CONCEPT) > 0.97
    assert found.coherence == pytest.approx(coherence(leave_one_out(FEATURES), found.labels))
    swapped = found.signed(1 - found.labels)
    assert (swapped.labels == 1 - found.labels).all() and (swapped.trace == 1 - found.trace).all()
    again = most_coherent(FEATURES, restarts=3, seed=1)
    assert (again.labels == found.labels).all() and again.trace.shape == (8, 80)


def test_a_search_ends_no_less_coherent_than_it_began():
    matrix, start = leave_one_out(FEATURES), RNG.integers(0, 2, 80)
    found = anneal(matrix, start, np.random.default_rng(2))
    assert found.coherence > coherence(matrix, start)
    nothing = anneal(matrix, start, np.random.default_rng(2), sweeps=0)
    assert (nothing.labels == start).all() and nothing.trace.shape == (0, 80)


def test_a_prior_that_is_sure_is_kept_and_one_that_is_not_decides_nothing():
    matrix, rng = leave_one_out(RNG.normal(size=(60, 4))), np.random.default_rng(3)
    weak = rng.integers(0, 2, 60)
    sure = np.where(weak == 1, 0.999, 0.001)
    assert np.mean(anneal(matrix, weak, rng, prior=sure).labels == weak) > 0.95
    plain, flat = (
        anneal(matrix, weak, np.random.default_rng(4), prior=prior) for prior in (None, np.full(60, 0.5))
    )
    assert (plain.labels == flat.labels).all()


def test_grown_labels_follow_the_first_ones():
    """With the concept's own labels to begin with, the rest is the concept; half of the first are 1."""

    class First:
        """Stands for a generator: the order as it is, and the labels of the first as the concept has them."""

        def __init__(self):
            self.order = np.concatenate([np.flatnonzero(CONCEPT == 1)[:4], np.flatnonzero(CONCEPT == 0)[:4]])

        def permutation(self, x):
            if isinstance(x, int):
                return np.concatenate([self.order, np.setdiff1d(np.arange(x), self.order)])
            return np.array([1, 1, 1, 1, 0, 0, 0, 0])

    assert np.mean(grow(FEATURES, First()) == CONCEPT) > 0.97
    start = grow(np.zeros((8, 3)), np.random.default_rng(0))
    assert start.sum() == 4


def test_blocks_allow_what_they_allow():
    matrix = leave_one_out(FEATURES, intercept=True)
    blocks = [(np.arange(i, i + 4), np.eye(4, dtype=int)) for i in range(0, 80, 4)]
    start = np.tile([1, 0, 0, 0], 20)
    found = anneal(matrix, start, np.random.default_rng(0), blocks=blocks)
    assert (found.labels.reshape(-1, 4).sum(axis=1) == 1).all() and found.coherence >= coherence(
        matrix, start
    )
    fixed = [(np.arange(80), start[None])]  # one state: nothing to change
    assert (anneal(matrix, start, np.random.default_rng(0), blocks=fixed).labels == start).all()
    with pytest.raises(ValueError, match="exactly one"):
        anneal(matrix, start, np.random.default_rng(0), blocks=blocks[1:])


def test_the_first_component_is_a_baseline():
    labels = first_component(FEATURES)
    assert max(np.mean(labels == CONCEPT), np.mean(labels != CONCEPT)) > 0.95


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: leave_one_out(np.ones(5)), "width"),
        (lambda: leave_one_out(np.array([[1.0], [np.nan]])), "not numbers"),
        (lambda: leave_one_out(FEATURES, penalty=0), "penalty"),
        (lambda: coherence(np.zeros((3, 3)), [0, 1]), "3 examples"),
        (lambda: predicted(np.zeros((2, 2)), [-1, 1]), "0 or 1"),
        (lambda: most_coherent(FEATURES, restarts=0), "restarts"),
        (lambda: anneal(np.zeros((2, 2)), [0, 1], RNG, prior=[0.5]), "prior"),
        (lambda: anneal(np.zeros((2, 2)), [0, 1], RNG, prior=[0.5, 2]), "prior"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
