"""Readings of a model against what was planted: differences of means, CCS, and sparse autoencoders."""

import numpy as np
import pytest
import torch
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from w2s_kit.inside.probes import aurocs, fit_ccs, main_difference, mean_difference
from w2s_kit.inside.sae import SAE, fit_sae


# ---------------------------------------------------------------------------------------------------- reading
def test_the_difference_of_means_asks_which_mean_is_nearer():
    rng = np.random.default_rng(0)
    seen, labels, unseen = rng.normal(size=(60, 5)), rng.integers(0, 2, 60), rng.normal(size=(40, 5))
    direction, threshold = mean_difference(seen, labels)
    means = [seen[labels == label].mean(axis=0) for label in (0, 1)]
    nearer = np.linalg.norm(unseen - means[1], axis=1) < np.linalg.norm(unseen - means[0], axis=1)
    np.testing.assert_array_equal(unseen @ direction > threshold, nearer)
    np.testing.assert_allclose(direction, means[1] - means[0])
    with pytest.raises(ValueError, match="all 60 are 1"):
        mean_difference(seen, np.ones(60))


def pairs(n=400, width=12, seed=0, truth=3.0, other=0.0):
    """(no, yes, labels): one axis says the truth of the side, a second one something else that its opposite
    denies; the words of a side add a constant, and all else is noise that both sides share.
    """
    rng = np.random.default_rng(seed)
    label, something, shared = rng.integers(0, 2, n), rng.integers(0, 2, n), rng.normal(size=(n, width))
    yes, no = shared + 0.3 * rng.normal(size=(n, width)) + 5, shared + 0.3 * rng.normal(size=(n, width))
    for side, sign in ((yes, 1), (no, -1)):
        side[:, 0] = sign * truth * (2 * label - 1) / 2 + 0.3 * rng.normal(size=n)
        side[:, 1] += sign * other * (2 * something - 1) / 2
    return no, yes, label


def test_ccs_finds_what_one_side_says_and_the_other_denies():
    no, yes, label = pairs()
    found = fit_ccs(no, yes, seed=1)
    unseen_no, unseen_yes, unseen = pairs(seed=1)
    signed = found.signed(no[:20], yes[:20], label[:20])
    assert np.mean((signed(unseen_no, unseen_yes) > 0.5) == unseen) > 0.97
    turned_round = found.signed(no[:20], yes[:20], 1 - label[:20])
    np.testing.assert_allclose(
        turned_round(unseen_no, unseen_yes), 1 - signed(unseen_no, unseen_yes), atol=1e-6
    )
    p_no, p_yes = (
        expit((side - side.mean(axis=0)) / found.scale @ found.weight + found.bias) for side in (no, yes)
    )
    assert found.loss == pytest.approx(
        np.mean((p_no + p_yes - 1) ** 2 + np.minimum(p_no, p_yes) ** 2), abs=2e-3
    )
    assert fit_ccs(no, yes, seed=1).loss == found.loss
    np.testing.assert_allclose(
        fit_ccs(no - 7, 2 * np.pi + yes, seed=1)(no - 7, yes + 2 * np.pi), found(no, yes), atol=1e-3
    )


def test_ccs_finds_what_is_clearest_and_that_need_not_be_the_truth():
    no, yes, label = pairs(truth=0.6, other=6.0)
    right = np.mean((fit_ccs(no, yes).signed(no, yes, label)(no, yes) > 0.5) == label)
    assert right < 0.65, "the other feature is as consistent, and louder"
    along = (yes - no - (yes - no).mean(axis=0)) @ main_difference(no, yes) > 0
    assert abs(np.mean(along == label) - 0.5) < 0.15


def test_the_main_difference():
    no, yes, label = pairs()
    direction = main_difference(no, yes)
    assert np.linalg.norm(direction) == pytest.approx(1) and abs(direction[0]) > 0.95
    assert abs(np.mean(((yes - no - (yes - no).mean(axis=0)) @ direction > 0) == label) - 0.5) > 0.47


def test_pairs_have_two_sides():
    with pytest.raises(ValueError, match=r"got \(3, 2\) and \(4, 2\)"):
        fit_ccs(np.zeros((3, 2)), np.zeros((4, 2)))


# ---------------------------------------------------------------------------------------------------- latents
def planted(n=3_000, width=16, directions=12, used=2, seed=0):
    """Sums of `used` of `directions` directions that are at right angles."""
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.normal(size=(width, width)))[0][:directions]
    amounts = np.zeros((n, directions))
    for row in amounts:
        row[rng.choice(directions, used, replace=False)] = rng.uniform(1, 2, used)
    return (amounts @ basis + 3).astype(np.float32), basis, amounts


def test_a_sparse_autoencoder_finds_the_directions_that_things_are_made_of():
    x, basis, amounts = planted()
    sae = fit_sae(x, latents=24, k=2, steps=1_500, lr=1e-2)
    directions, fire = sae.directions.detach().numpy(), sae.latents(x)
    assert sae.unexplained(x) < 0.05 and ((fire > 0).sum(axis=1) <= 2).all() and (fire >= 0).all()
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1, atol=1e-5)
    cosines = basis @ directions.T
    assert (cosines.max(axis=1) > 0.95).mean() > 0.8
    which = cosines[0].argmax()
    assert np.corrcoef(fire[:, which], amounts[:, 0])[0, 1] > 0.95
    np.testing.assert_allclose(
        sae.without(x, which), x - np.outer(fire[:, which], directions[which]), atol=1e-5
    )
    np.testing.assert_allclose(
        fire @ directions + sae.origin.detach().numpy(), sae(torch.from_numpy(x)).detach().numpy(), atol=1e-4
    )


def test_latents_count_in_the_units_of_the_features():
    x, _, _ = planted(500)
    once, larger = (fit_sae(factor * x, latents=24, k=2, steps=30) for factor in (1, 8))
    np.testing.assert_allclose(larger.latents(8 * x), 8 * once.latents(x), rtol=1e-3, atol=1e-3)
    with pytest.raises(ValueError, match="not k=5"):
        SAE(8, latents=4, k=5)


def test_aurocs_are_those_of_each_column():
    rng = np.random.default_rng(0)
    columns, labels = rng.integers(0, 4, (80, 6)).astype(float), rng.integers(0, 2, 80)
    columns[:, 5] = 1
    np.testing.assert_allclose(
        aurocs(columns, labels), [roc_auc_score(labels, column) for column in columns.T]
    )
    with pytest.raises(ValueError, match="all 80 are 0"):
        aurocs(columns, np.zeros(80))
