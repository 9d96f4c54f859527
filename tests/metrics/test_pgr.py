"""The performance gap recovered, and its interval, against brute force and simulation."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from w2s_kit.metrics.intervals import mean_interval
from w2s_kit.metrics.pgr import estimate_pgr, gap_of_accuracies, mean_pgr, pgr, pgr_by_row, pgr_text


def three_models(seeds=5, items=400, accuracies=(0.6, 0.7, 0.8), spread=0.0, seed=0):
    """0/1 correctness of supervisor, student and ceiling, (3, seeds, items); true PGR 0.5 by default."""
    rng = np.random.default_rng(seed)
    level = np.array(accuracies)[:, None] + spread * rng.normal(size=(3, seeds))
    return (rng.random((3, seeds, items)) < level[:, :, None]).astype(float)


# ---- performance gap recovered -----------------------------------------------------------------------
def test_pgr_is_the_papers_formula():
    assert pgr(0.6, 0.6, 0.8) == 0 and pgr(0.6, 0.8, 0.8) == 1 and pgr(0.6, 0.7, 0.8) == pytest.approx(0.5)
    assert pgr(0.6, 0.5, 0.8) == pytest.approx(-0.5) and pgr(0.6, 0.9, 0.8) == pytest.approx(1.5)
    assert math.isnan(pgr(0.7, 0.6, 0.7))


def by_brute_force(data, resamples, seed):
    """The bootstrap as the words say it: draw seeds, then items of each drawn seed, for the three models
    together.
    """
    rng, ratios, gaps = np.random.default_rng(seed), [], []
    for _ in range(resamples):
        total = np.zeros(3)
        for s in rng.integers(0, data.shape[1], data.shape[1]):
            row = data[:, s]
            total += (
                row if row.ndim == 1 else row[:, rng.integers(0, row.shape[1], row.shape[1])].mean(axis=1)
            ) / data.shape[1]
        gaps.append(total[2] - total[0])
        ratios.append((total[1] - total[0]) / gaps[-1])
    return np.quantile(ratios, [0.025, 0.975]), np.quantile(gaps, [0.025, 0.975])


@pytest.mark.parametrize(
    "seeds, items", [(1, 400), (6, None), (4, 400)], ids=["items", "seeds", "seeds and items"]
)
def test_the_interval_is_that_of_a_brute_force_bootstrap(seeds, items):
    data = three_models(seeds, items or 400, spread=0.02, seed=3)
    data = data if items else data.mean(axis=2)
    (low, high), gap = by_brute_force(data, 2000, seed=1)
    got = estimate_pgr(*data, resamples=3000, seed=2)
    weak, student, ceiling = data.reshape(3, -1).mean(axis=1)
    assert got.defined and got.value == pytest.approx((student - weak) / (ceiling - weak))
    slack = 0.1 * (high - low)
    assert got.low == pytest.approx(low, abs=slack) and got.high == pytest.approx(high, abs=slack)
    if seeds == 1:
        assert (got.gap.low, got.gap.high) == (
            pytest.approx(gap[0], abs=0.01),
            pytest.approx(gap[1], abs=0.01),
        )
    else:  # never narrower than Student's t, nor than the bootstrap
        accuracies = data if data.ndim == 2 else data.mean(axis=2)
        t = stats.ttest_1samp(accuracies[2] - accuracies[0], 0).confidence_interval()
        assert got.gap.low <= min(t.low, gap[0] + 0.01) and got.gap.high >= max(t.high, gap[1] - 0.01)


def test_a_seed_drawn_twice_gets_two_resamples_of_its_items(seeds=4):
    """Seeds that do not differ at all are so many times the items; one resample for both would be up to 30 %
    wider.
    """
    data = three_models(1, 100, seed=5)
    width = lambda n: (lambda gap: gap.high - gap.low)(
        estimate_pgr(*np.repeat(data, n, axis=1), resamples=8000, seed=n).gap
    )
    assert width(seeds) == pytest.approx(width(1) / math.sqrt(seeds), rel=0.08)


def test_the_three_models_are_resampled_together():
    """A student that errs exactly as its ceiling, or as its supervisor, leaves nothing to chance."""
    weak, _, ceiling = three_models(seeds=3)
    for data in ((weak, ceiling), (weak.mean(axis=1), ceiling.mean(axis=1))):
        full, none = estimate_pgr(data[0], data[1], data[1]), estimate_pgr(data[0], data[0], data[1])
        assert (full.value, full.low, full.high) == pytest.approx((1, 1, 1)) and (
            none.value,
            none.low,
            none.high,
        ) == pytest.approx((0, 0, 0))


def test_the_interval_holds_the_truth_as_often_as_it_says():
    inside = [
        e.low <= 0.5 <= e.high
        for e in (estimate_pgr(*three_models(1, 300, seed=s), resamples=300, seed=s) for s in range(100))
    ]
    assert np.mean(inside) >= 0.88


def test_one_seed_with_a_tiny_gap_does_not_drown_the_others():
    weak, student, ceiling = np.array(
        [[0.60, 0.61, 0.59, 0.60, 0.699], [0.65, 0.66, 0.64, 0.65, 0.65], [0.70, 0.71, 0.69, 0.70, 0.70]]
    )
    assert np.mean((student - weak) / (ceiling - weak)) < -9  # the mean of ratios
    got = estimate_pgr(weak, student, ceiling)
    assert not got.defined or 0 < got.value < 0.6
    steady = estimate_pgr(weak[:4], student[:4], ceiling[:4])
    assert steady.defined and (steady.value, steady.low, steady.high) == pytest.approx((0.5, 0.5, 0.5))


@pytest.mark.parametrize(
    "weak, ceiling",
    [
        ([0.70, 0.72, 0.68], [0.70, 0.72, 0.68]),  # no gap
        ([0.80, 0.81, 0.79], [0.70, 0.71, 0.69]),  # the supervisor is better
        ([0.70, 0.60, 0.80], [0.75, 0.74, 0.76]),  # a gap smaller than its noise
        ([0.60, 0.62], [0.66, 0.70]),  # two seeds: a gap of 0.06 and 0.08 may be luck
        ([0.60], [0.90]),  # one seed, no items
    ],
    ids=["none", "negative", "noise", "two seeds", "one seed"],
)
def test_pgr_is_undefined_when_the_gap_is_not_clear(weak, ceiling):
    got = estimate_pgr(weak, np.full(len(weak), 0.7), ceiling)
    if len(weak) == 2:  # a t interval over two seeds is 12.7 standard errors wide
        assert got.gap.low == pytest.approx(0.07 - 12.706 * 0.01, abs=1e-3)
    assert not got.defined and got.why and "undefined" in str(got)
    assert all(math.isnan(v) for v in (got.value, got.low, got.high)) and got.gap.mean == pytest.approx(
        np.mean(ceiling) - np.mean(weak)
    )


def test_without_a_true_gap_pgr_is_rarely_defined():
    defined = [
        estimate_pgr(*three_models(5, 200, (0.7, 0.7, 0.7), 0.02, s).mean(axis=2), resamples=200).defined
        for s in range(300)
    ]
    assert np.mean(defined) < 0.05  # 2.5 % by construction


def test_an_interval_that_touches_a_gap_of_zero_is_unbounded_not_wrong():
    data = three_models(1, 60, (0.6, 0.8, 0.8), seed=4)
    got = estimate_pgr(*data, confidence=0.5, resamples=2000)
    assert got.defined and got.low <= got.value <= got.high and not math.isnan(got.high)


def test_the_estimate_is_seeded_and_prints_itself():
    data = three_models(3, 100)
    assert estimate_pgr(*data, seed=1) == estimate_pgr(*data, seed=1) != estimate_pgr(*data, seed=2)
    got = estimate_pgr(*data, resamples=200)
    assert str(got) == f"{got.value:.2f} [{got.low:.2f}, {got.high:.2f}]"


def test_input_that_is_no_three_runs_is_refused():
    one = np.full((2, 10), 0.5)
    for bad in (
        (one, one, one[:1]),
        (one[0], one[0], one),
        (one[None],) * 3,
        (one[:0],) * 3,
        (0.6, 0.7, 0.8),
    ):
        with pytest.raises(ValueError, match="share a shape"):
            estimate_pgr(*bad)
    for bad in (math.nan, 1.1, -0.1, 70):
        with pytest.raises(ValueError, match=r"lie in \[0, 1\]"):
            estimate_pgr([0.6, 0.6], [0.7, bad], [0.8, 0.8])


# ---- as text, over seeds, and by row -----------------------------------------------------------------
def test_pgr_as_text_never_shows_a_number_without_a_clear_gap():
    noise = estimate_pgr([0.60, 0.61], [0.70, 0.71], [0.62, 0.60])
    assert str(noise).startswith("undefined: ceiling - supervisor = +0.005 [") and f"{noise}" == str(noise)
    assert pgr_text(20.0, 1.0, 40.0, "the gap is noise") == "undefined: the gap is noise"
    assert pgr_text(math.nan, math.nan, math.nan) == "undefined: there is no number"
    assert pgr_text(math.inf, math.nan, math.nan).startswith("undefined")
    assert pgr_text(0.5, 0.25, math.inf) == "0.50 [0.25, inf]"


@pytest.mark.parametrize("supervisor, ceiling, items", [(0.6, 0.62, 500), (0.5, 0.9, 40), (0.0, 1.0, 10)])
def test_the_gap_of_two_accuracies_by_simulation(supervisor, ceiling, items):
    rng = np.random.default_rng(0)
    gaps = rng.binomial(items, ceiling, 100_000) / items - rng.binomial(items, supervisor, 100_000) / items
    found = gap_of_accuracies(supervisor, ceiling, items)
    assert [found.low, found.high] == pytest.approx(np.quantile(gaps, [0.025, 0.975]), abs=1.01 / items)


@pytest.mark.parametrize("bad", [(-0.1, 0.5, 10), (0.5, 1.1, 10), (0.5, math.nan, 10), (0.5, 0.6, 0)])
def test_what_is_no_accuracy_has_no_gap(bad):
    with pytest.raises(ValueError, match="accuracies lie in"):
        gap_of_accuracies(*bad)


def test_the_mean_pgr_over_seeds():
    supervisor, student, ceiling = np.array([[0.5, 0.52, 0.54], [0.6, 0.7, 0.6], [0.8, 0.82, 0.79]])
    found = mean_pgr(supervisor, student, ceiling)
    by_hand = (student - supervisor) / (ceiling - supervisor)
    interval = stats.ttest_1samp(by_hand, 0).confidence_interval()
    assert (found.value, found.low, found.high) == pytest.approx((by_hand.mean(), *interval))
    assert found.gap == mean_interval(ceiling - supervisor) and found.defined


@pytest.mark.parametrize(
    "supervisor, ceiling, why",
    [
        ([0.6, 0.6], [0.61, 0.65], "not clearly above 0"),
        ([0.8, 0.8, 0.8], [0.6, 0.61, 0.6], "not clearly above 0"),
        ([0.6], [0.9], "one seed"),
        ([0.6] * 6, [0.6] + [0.8] * 5, "1 of 6 seeds without any gap"),
    ],
)
def test_there_is_no_mean_pgr_without_a_clear_gap(supervisor, ceiling, why):
    found = mean_pgr(supervisor, [0.7] * len(supervisor), ceiling)
    assert math.isnan(found.value) and str(found).startswith("undefined: ") and why in str(found)


@pytest.mark.parametrize("shapes", [((3,), (3,), (2,)), ((3, 2), (3, 2), (3, 2)), ((), (), ())])
def test_a_mean_pgr_is_of_one_accuracy_a_seed(shapes):
    with pytest.raises(ValueError, match="share a shape"):
        mean_pgr(*(np.full(shape, 0.5) for shape in shapes))


def test_pgr_by_row_leaves_out_groups_without_a_clear_gap():
    rows = pd.DataFrame(
        {
            "task": list("aaabbbcaa"),
            "pair": [0, 0, 0, 0, 0, 0, 0, 1, 1],
            "supervisor_accuracy": 0.6,
            "student_accuracy": 0.7,
            "other": 0.8,
            "ceiling_accuracy": [0.9, 0.9, 0.88, 0.6, 0.75, 0.58, 0.9, 0.6, 0.6],
        }
    )
    found = pgr_by_row(rows, ["task", "pair"])
    assert found[:3].tolist() == pytest.approx([1 / 3, 1 / 3, 0.1 / 0.28]) and found[3:].isna().all()
    assert pgr_by_row(rows, ["task", "pair"], "other")[0] == pytest.approx(2 / 3)
