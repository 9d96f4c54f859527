"""The metrics of predictions against independent oracles: loops, scipy, and sklearn."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score

from w2s_kit.metrics.answers import (
    accuracy,
    agreement,
    auroc,
    calibration,
    cross_entropy_between,
    error_sources,
    same_answers,
    with_error_sources,
)
from w2s_kit.metrics.intervals import mean_interval


def drawn(n=300, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    return np.clip(rng.normal(0.4 + 0.2 * labels, 0.2), 0, 1), labels


# ---- of one set of predictions -----------------------------------------------------------------------
def test_accuracy_is_sklearns_and_takes_hard_labels_too():
    p, y = drawn()
    assert accuracy(p, y) == accuracy_score(y, p > 0.5)
    assert accuracy(list(p > 0.5), y) == accuracy(p, y)
    assert accuracy([0.5, 0.5], [0, 1]) == 0.5  # a tie is class 0, as in argmax


def test_auroc_counts_the_pairs_in_the_right_order():
    p, y = drawn(120)
    p = p.round(1)  # ties count half
    pairs = [(a > b) + 0.5 * (a == b) for a in p[y == 1] for b in p[y == 0]]
    assert auroc(p, y) == pytest.approx(np.mean(pairs))
    with pytest.raises(ValueError, match="one class"):
        auroc(p, np.ones_like(y))


def test_agreement_by_a_loop():
    (student, y), (supervisor, _) = drawn(200, 1), drawn(200, 2)
    same = {True: [], False: []}
    for s, w, label in zip(student, supervisor, y):
        same[(w > 0.5) == bool(label)].append((s > 0.5) == (w > 0.5))
    got = agreement(student, supervisor, y)
    assert got["supervisor_right"] == pytest.approx(np.mean(same[True])) and got[
        "supervisor_wrong"
    ] == pytest.approx(np.mean(same[False]))
    assert got["overall"] == pytest.approx(np.mean(same[True] + same[False]))
    assert math.isnan(agreement(student, y, y)["supervisor_wrong"]) and math.isnan(
        agreement(student, 1 - y, y)["supervisor_right"]
    )


def test_calibration_table_is_sklearns():
    rng = np.random.default_rng(0)
    p = rng.random(1000)
    y = (rng.random(1000) < p**2).astype(int)
    error, table = calibration(p, y, bins=10)
    share, mean = calibration_curve(y, p, n_bins=10, strategy="quantile")
    assert np.allclose(table[:, 0], mean) and np.allclose(table[:, 1], share) and (table[:, 2] == 100).all()
    assert error == pytest.approx(np.mean(np.abs(share - mean)))
    assert error == pytest.approx(1 / 6, abs=0.03)  # E|p - p^2|
    assert calibration(p, (rng.random(1000) < p).astype(int))[0] < 0.06


def test_calibration_does_not_depend_on_the_order_of_the_rows():
    y = np.repeat([0, 1], 50)
    # a constant 0.5 on balanced labels is calibrated
    assert calibration(np.full(100, 0.5), y)[0] == pytest.approx(0)
    p = drawn(200, 3)[0].round(1)
    y = (np.random.default_rng(1).random(200) < p).astype(int)
    again = np.random.default_rng(2).permutation(200)
    assert calibration(p, y)[0] == pytest.approx(calibration(p[again], y[again])[0])


def test_equal_predictions_share_a_bin():
    p = np.random.default_rng(0).permutation(np.repeat([0.1, 0.5, 0.9], [60, 25, 15]))
    y = (np.random.default_rng(1).random(100) < p).astype(int)
    error, table = calibration(p, y, bins=10)
    by_value = [(v, y[p == v].mean(), (p == v).sum()) for v in (0.1, 0.5, 0.9)]
    assert table == pytest.approx(np.array(by_value))
    assert error == pytest.approx(sum(abs(mean - share) * n for mean, share, n in by_value) / 100)
    for bins in (1, 2, 5, 10):
        table = calibration(p, y, bins)[1]
        assert len(table) <= bins and table[:, 2].sum() == 100 and (np.diff(table[:, 0]) > 0).all()


@pytest.mark.parametrize(
    "bad, why",
    [([0.2, math.nan], "row 1 is nan"), ([1.2, 0], "row 0 is 1.2"), ([], "non-empty"), ([[0.1, 0.2]], "1-D")],
)
def test_what_is_no_probability_is_refused(bad, why):
    for f in (accuracy, auroc, calibration):
        with pytest.raises(ValueError, match=why):
            f(bad, [0, 1])
    with pytest.raises(ValueError, match=why):
        agreement(bad, [0, 1], [0, 1])


def test_lengths_that_differ_are_refused():
    for f in (
        lambda: accuracy([0, 1], [1]),
        lambda: auroc([0, 1], [1]),
        lambda: calibration([0, 1], [1]),
        lambda: agreement([0, 1], [0, 1], [1]),
    ):
        with pytest.raises(ValueError, match="lengths differ"):
            f()


# ---- over seeds --------------------------------------------------------------------------------------
@pytest.mark.parametrize("n, confidence", [(2, 0.95), (5, 0.95), (10, 0.8)])
def test_mean_interval_is_scipys(n, confidence):
    x = np.random.default_rng(n).normal(size=n)
    low, high = stats.ttest_1samp(x, 0).confidence_interval(confidence)
    got = mean_interval(x, confidence)
    assert (got.mean, got.low, got.high, got.n) == (
        pytest.approx(x.mean()),
        pytest.approx(low),
        pytest.approx(high),
        n,
    )
    assert str(mean_interval([0.5])) == "0.500 [-inf, inf], 1 seed" and "2 seeds" in str(
        mean_interval([0.5, 0.6])
    )


@pytest.mark.parametrize("bad", [[], [math.nan], [0.1, math.inf], [[0.1, 0.2]]])
def test_mean_interval_refuses_what_has_no_mean(bad):
    with pytest.raises(ValueError, match="finite numbers"):
        mean_interval(bad)


# ---- of a student and its supervisor -----------------------------------------------------------------
def test_where_errors_come_from():
    truth, teacher, student = np.array([3, 3, 3, 3, 3]), np.array([3, 1, 1, 1, 3]), np.array([3, 3, 1, 2, 0])
    found = error_sources(student, teacher, truth)
    assert found == {"kept": 0.2, "corrected": 0.2, "inherited": 0.2, "replaced": 0.2, "new": 0.2}
    rng = np.random.default_rng(0)
    student, teacher, truth = rng.integers(0, 4, (3, 500))
    found = error_sources(student, teacher, truth)
    assert sum(found.values()) == pytest.approx(1) and found["kept"] + found["corrected"] == pytest.approx(
        (student == truth).mean()
    )
    with pytest.raises(ValueError):
        error_sources(student[:3], teacher, truth)


@pytest.mark.parametrize("answers, how_right", [(2, 0.6), (4, 0.6), (4, 0), (4, 1)])
def test_where_errors_come_from_can_be_told_from_a_table_of_accuracies(answers, how_right):
    rng = np.random.default_rng(answers)
    truth = rng.integers(0, answers, 500)
    teacher = np.where(rng.random(500) < how_right, truth, (truth + 1) % answers)
    student = np.where(rng.random(500) < 0.5, teacher, rng.integers(0, answers, 500))
    same = same_answers(student, teacher, truth)
    row = {
        "supervisor_accuracy": (teacher == truth).mean(),
        "student_accuracy": (student == truth).mean(),
        "agreement_right": same["supervisor_right"],
        "agreement_wrong": same["supervisor_wrong"],
    }
    table = with_error_sources(pd.DataFrame([row, row]))
    for name, share in error_sources(student, teacher, truth).items():
        np.testing.assert_allclose(table[name], share, atol=1e-12)


def test_cross_entropy_between():
    w, f = np.array([0.0, 0.3, 1.0]), np.array([0.2, 0.3, 0.9])
    by_hand = [-np.log(0.8), -(0.3 * np.log(0.3) + 0.7 * np.log(0.7)), -np.log(0.9)]
    np.testing.assert_allclose(cross_entropy_between(f, w), by_hand)
    assert np.isfinite(cross_entropy_between([0.0, 1.0], [1.0, 0.0])).all()
    with pytest.raises(ValueError, match="lengths differ"):
        cross_entropy_between([0.5], [0.5, 0.5])
