"""The metrics of predictions against independent oracles: loops, scipy, and sklearn."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, cohen_kappa_score

from w2s_kit.metrics.answers import (
    accuracy,
    agreement,
    auroc,
    calibration,
    capa,
    cross_entropy_between,
    error_sources,
    quadrants,
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


# ---- of two models, by chance and beyond ---------------------------------------------------------------
def test_capa_by_hand():
    """Two examples: they agree with 0.9 × 0.6 + 0.1 × 0.4, and with 0.2 × 0.5 + 0.8 × 0.5."""
    observed, a, b = (0.58 + 0.5) / 2, (0.9 + 0.8) / 2, (0.6 + 0.5) / 2
    expected = a * b + (1 - a) * (1 - b)
    wanted = (observed - expected) / (1 - expected)
    assert capa([0.9, 0.2], [0.6, 0.5], [1, 0]) == pytest.approx(wanted) == pytest.approx(0.005 / 0.465)


def errors(accuracies, n=20_000, seed=0):
    """Balanced labels, and the hard answers of models that err independently of each other."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    return labels, [np.where(rng.random(n) < accuracy, labels, 1 - labels) for accuracy in accuracies]


def test_capa_of_hard_answers_is_cohens_kappa_of_right_and_wrong_and_not_of_the_answers():
    y, (p, q) = errors((0.9, 0.8))
    q = np.where(np.arange(len(y)) % 3 == 0, p, q)
    assert capa(p, q, y) == pytest.approx(cohen_kappa_score(p == y, q == y))
    assert cohen_kappa_score(p, q) > capa(p, q, y) + 0.2, "agreement of two good models is no common error"
    ones = np.ones_like(y)  # one class only: an answer is right where it is 1, so here the two are the same
    assert capa(p, q, ones) == pytest.approx(cohen_kappa_score(p, q))


def test_capa_keeps_within_its_bounds_and_is_symmetric():
    rng = np.random.default_rng(0)
    for _ in range(50):
        (p, q), y = rng.random((2, 6)) ** 3, rng.integers(0, 2, 6)
        assert -1 <= capa(p, q, y) <= 1 and capa(p, q, y) == pytest.approx(capa(q, p, y))
    y, (p,) = errors((0.7,))
    assert capa(p, p, y) == pytest.approx(1)
    assert capa([1, 0], [0, 1], [1, 1]) == -1, "each right in half, and never together"
    assert abs(capa(np.full(4, 0.5), [1, 0, 0, 1], [1, 1, 0, 0])) < 1e-12, "who is unsure agrees by chance"
    assert math.isnan(capa([1, 0], [1, 0], [1, 0])) and math.isnan(capa([0, 1], [0, 1], [1, 0]))


def test_plain_agreement_rises_with_accuracy_and_capa_does_not():
    agreements = []
    for right in (0.6, 0.75, 0.9, 0.97):
        y, (p, q) = errors((right, right))
        agreements.append(np.mean(p == q))
        assert abs(capa(p, q, y)) < 0.03
    assert np.all(np.diff(agreements) > 0.05)
    assert agreements[0] == pytest.approx(0.52, abs=0.01) and agreements[-1] == pytest.approx(0.94, abs=0.01)


def test_quadrants_by_hand():
    shares = quadrants([0.9, 0.8, 0.2, 0.1, 0.6], [1, 0, 1, 0, 1], [1, 1, 1, 1, 0])
    assert shares == pytest.approx({"both": 0.2, "only_weak": 0.2, "only_strong": 0.2, "neither": 0.4})
    y, (p, q) = errors((0.6, 0.9))
    sources, shares = error_sources(q, p, y), quadrants(p, q, y)
    assert sum(shares.values()) == pytest.approx(1)
    assert (shares["both"], shares["only_strong"]) == (sources["kept"], sources["corrected"])
    assert (shares["neither"], shares["only_weak"]) == (sources["inherited"], sources["new"])


@pytest.mark.parametrize("measure", [capa, quadrants])
@pytest.mark.parametrize(
    "arguments, words",
    [
        (([0.5, 1.2], [0, 1], [0, 1]), "row 1 is 1.2"),
        (([0.5, 0.5], [0, np.nan], [0, 1]), "row 1 is nan"),
        (([0.5, 0.5], [0, 1], [0, 0.4]), "row 1 is 0.4, but the truth is 0 or 1"),
        (([0.5], [0, 1], [0, 1]), "lengths differ"),
        (([], [], []), "non-empty"),
        (([[0.5, 0.5]], [0, 1], [0, 1]), "1-D"),
    ],
)
def test_unfit_input_is_told(measure, arguments, words):
    with pytest.raises(ValueError, match=words):
        measure(*arguments)
