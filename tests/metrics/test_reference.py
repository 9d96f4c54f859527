"""Other people's numbers: the tables of results/reference say what their sources say, and the kit's metrics
and tests, given those numbers, find what was published.
"""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from w2s_kit.metrics import comparison
from w2s_kit.metrics.intervals import mean_interval
from w2s_kit.metrics.pgr import estimate_pgr, pgr
from w2s_kit.shared.files import results_folder

ROOT = Path(__file__).parents[2]
RAW = ROOT.parent / "shared/data/reference"
FOLDER = results_folder() / "reference"
SIZES = ["gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl"]
METHODS = ["logconf", "xent", "entropy", "window", "s2s-1", "s2s-2"]

needs_raw = pytest.mark.skipif(not RAW.is_dir(), reason="the raw runs of others are not here")


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(
        FOLDER / f"{name}.csv", keep_default_na=False, na_values={c: [""] for c in ("sd", "value", "pgr")}
    )


@pytest.fixture(scope="module")
def runs():
    return pd.read_csv(FOLDER / "gpt2_runs.csv")


@pytest.fixture(scope="module")
def eleuther():
    return pd.read_csv(FOLDER / "eleuther_21.csv").set_index("dataset")


# ------------------------------------------------------------------------------------------------- the tables
@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.csv")), ids=lambda p: p.stem)
def test_every_number_says_where_it_is_from_and_how_sure_it_is(path):
    table = pd.read_csv(path)
    assert len(table) and list(table)[-2:] == ["source", "tag"]
    assert table["source"].str.len().gt(10).all()
    assert table["tag"].str.match(r"exact|digitised ±0\.\d+|from memory").all()
    numbers = table.select_dtypes("number").drop(columns=["seed"], errors="ignore")
    assert (
        numbers.abs().le(1.5).to_numpy()[numbers.notna().to_numpy()].all() or path.stem == "eleuther_summary"
    ), "shares, not percent"


def test_the_runs_are_complete(runs):
    assert len(runs) == 198
    pair = ["dataset", "supervisor", "student", "loss"]
    assert not runs.duplicated([*pair, "seed"]).any()
    seeds = runs.groupby(pair)["seed"].agg(list)
    assert len(seeds) == 40
    short = seeds[seeds.str.len() < 5]
    assert set(short.index) == {
        ("boolq", weak, "gpt2-xl", "xent") for weak in ("gpt2-large", "gpt2-xl")
    } and all(s == [0, 1, 3, 4] for s in short)
    assert (
        runs[["supervisor_accuracy", "student_accuracy", "ceiling_accuracy"]]
        .stack()
        .between(0.45, 0.80)
        .all()
    )


@needs_raw
def test_the_shipped_runs_are_the_254_of_the_plain_sweep(runs):
    raw = pd.read_csv(RAW / "mayankmahajan24_gpt2_runs.csv")
    raw = raw[raw["path"].str.startswith("results/data/baseline")]
    assert len(raw) == 254
    truth = raw[raw["weak_model_size"].isna() & (raw["loss"] == "xent")].set_index(
        ["ds_name", "model_size", "seed"]
    )["accuracy"]
    students = raw[raw["weak_model_size"].notna()].set_index(
        ["ds_name", "weak_model_size", "model_size", "loss", "seed"]
    )["accuracy"]
    # of the 254, 16 more are ground-truth runs with the other loss, which serve as nobody's supervisor or
    # ceiling
    assert len(truth) == 40 and len(students) == len(runs) and len(truth) + len(students) + 16 == len(raw)
    for row in runs.itertuples():
        at = (row.dataset, row.supervisor, row.student, row.loss, row.seed)
        want = (
            truth[row.dataset, row.supervisor, row.seed],
            students[at],
            truth[row.dataset, row.student, row.seed],
        )
        np.testing.assert_allclose(
            (row.supervisor_accuracy, row.student_accuracy, row.ceiling_accuracy), want, atol=1e-6
        )


# ---------------------------------------------------------------------------------------- GPT-2, seed by seed
def published(quantity: str) -> pd.DataFrame:
    table = read("gpt2_independent")
    return table[table["quantity"] == quantity]


def test_means_over_the_first_three_seeds_are_those_published(runs):
    """Students with plain cross-entropy agree to the third decimal, the report's "three seeds" being two
    where the archive lacks seed 2 (gpt2-xl on BoolQ under gpt2-large and itself). The rest agrees roughly:
    the archive holds other ground-truth runs of some seeds than the report lists, and other runs with the
    confidence loss.
    """
    mean = (
        runs[runs["seed"] < 3]
        .groupby(["dataset", "loss", "supervisor", "student"])["student_accuracy"]
        .mean()
    )
    table = published("accuracy").query("labels_or_loss != 'truth'")
    told = table.set_index(["dataset", "labels_or_loss", "supervisor", "student"])["value"]
    assert len(told) == len(mean) == 40
    off = (mean - told.reindex(mean.index)).abs()
    assert off.xs("xent", level="loss").max() < 6e-4
    assert off.xs("logconf", level="loss").max() < 0.05

    truth = (
        runs[runs["seed"] < 3]
        .drop_duplicates(["dataset", "student", "seed"])
        .groupby(["dataset", "student"])["ceiling_accuracy"]
        .mean()
    )
    told = published("accuracy").query("labels_or_loss == 'truth'").set_index(["dataset", "student"])["value"]
    assert (truth - told.reindex(truth.index)).abs().max() < 0.006


def pooled_median(rows: pd.DataFrame) -> float:
    """As the report has it: every pair and seed whose ceiling beats its supervisor."""
    values = [
        pgr(*row)
        for row in rows[["supervisor_accuracy", "student_accuracy", "ceiling_accuracy"]].to_numpy()
        if row[2] > row[0]
    ]
    return float(np.median(values))


def upward(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["supervisor"].map(SIZES.index) < rows["student"].map(SIZES.index)]


def test_published_medians_as_near_as_the_archive_allows(runs):
    """Published +.17, -.32, -.31, -1.37; the archive's runs give +.22, -.35, -.28, -1.21."""
    told = published("median PGR").set_index(["dataset", "labels_or_loss"])["value"]
    found = {
        key: pooled_median(rows) for key, rows in upward(runs[runs["seed"] < 3]).groupby(["dataset", "loss"])
    }
    assert {key: round(value, 2) for key, value in found.items()} == {
        ("boolq", "logconf"): -1.21,
        ("boolq", "xent"): -0.28,
        ("sciq", "logconf"): -0.35,
        ("sciq", "xent"): 0.22,
    }
    for key, value in found.items():
        assert np.sign(value) == np.sign(told[key]) and abs(value - told[key]) < 0.17
    assert sorted(found, key=found.get) == sorted(found, key=told.to_dict().get)


def test_published_medians_from_the_published_means():
    """Two of the four are also the median of the six pairs' PGRs, made of the rounded means in the same
    report.
    """
    table = published("accuracy")
    truth = table[table["labels_or_loss"] == "truth"].set_index(["dataset", "student"])["value"]
    rows = upward(table[table["labels_or_loss"] != "truth"])
    rows = rows.assign(
        pgr=[
            pgr(truth[r.dataset, r.supervisor], r.value, truth[r.dataset, r.student])
            for r in rows.itertuples()
        ]
    )
    found = rows.groupby(["dataset", "labels_or_loss"])["pgr"].median()
    told = published("median PGR").set_index(["dataset", "labels_or_loss"])["value"]
    assert found["sciq", "logconf"] == pytest.approx(told["sciq", "logconf"], abs=0.005)
    assert found["boolq", "xent"] == pytest.approx(told["boolq", "xent"], abs=0.025)
    assert (found - told.reindex(found.index)).abs().max() < 0.11


def test_most_pairs_have_no_pgr_over_five_seeds(runs):
    """The kit's own estimate: of 24 upward pairs and losses, six have a ceiling clearly above their
    supervisor.
    """
    estimates = {
        key: estimate_pgr(g["supervisor_accuracy"], g["student_accuracy"], g["ceiling_accuracy"])
        for key, g in upward(runs).groupby(["dataset", "loss", "supervisor", "student"])
    }
    defined = {key: e for key, e in estimates.items() if e.defined}
    assert len(estimates) == 24
    assert all(e.low <= e.value <= e.high for e in defined.values())
    wide = {("boolq", "gpt2", "gpt2-xl"), ("sciq", "gpt2", "gpt2-large"), ("sciq", "gpt2", "gpt2-xl")}
    assert set(defined) == {(dataset, loss, *pair) for dataset, *pair in wide for loss in ("xent", "logconf")}
    assert defined["sciq", "xent", "gpt2", "gpt2-xl"].value == pytest.approx(0.12, abs=0.01)


def test_the_confidence_loss_lowers_small_students(runs):
    mean = (
        upward(runs)
        .groupby(["dataset", "supervisor", "student", "loss"])["student_accuracy"]
        .mean()
        .unstack()
    )
    row = comparison.compare(mean, "xent").loc["logconf"]
    assert row["tasks"] == 12 and row["mean"] < -0.03 and row["wilcoxon"] < 0.01


@needs_raw
def test_pgr_of_the_automated_researchers_baselines():
    """Their column of 4 to 5 seeds a method, by the kit's formula; seeds rounded before they were stored are
    the exception.
    """
    table = pd.read_csv(RAW / "automated_w2s_baselines.csv").dropna(
        subset=["pgr", "transfer_acc", "fixed_weak", "fixed_strong"]
    )
    assert len(table) > 50
    found = np.array([pgr(*row) for row in table[["fixed_weak", "transfer_acc", "fixed_strong"]].to_numpy()])
    rounded = table["domain_idea"].str.contains("ue_zeroshot").to_numpy()
    np.testing.assert_allclose(found[~rounded], table["pgr"].to_numpy()[~rounded], atol=1e-9)
    np.testing.assert_allclose(found[rounded], table["pgr"].to_numpy()[rounded], atol=1e-3)
    mean = mean_interval(table.loc[table["domain_idea"] == "math_vanilla_w2s", "pgr"])
    assert mean.n == 5 and round(mean.mean, 3) == 0.338


# -------------------------------------------------------------------------------------- EleutherAI's 21 tasks
def test_digitised_pgr_and_auc_agree_within_their_error(eleuther):
    floor, student, ceiling = (eleuther[f"{c}_auc"] for c in ("floor", "logconf", "ceiling"))
    got = (student - floor) / (ceiling - floor)
    allowed = 0.003 * (1 + (1 - got).abs() + got.abs()) / (ceiling - floor) + 0.006 + 1e-9
    assert ((got - eleuther["logconf"]).abs() <= allowed).all()


def test_means_and_medians_of_the_digitised_bars(eleuther):
    told = {
        "logconf": (0.48, 0.45),
        "xent": (0.46, 0.41),
        "entropy": (0.43, 0.43),
        "window": (0.42, 0.42),
        "s2s-1": (0.44, 0.45),
        "s2s-2": (0.39, 0.40),
    }
    for method, (mean, median) in told.items():
        assert eleuther[method].mean() == pytest.approx(mean, abs=0.0051)
        assert eleuther[method].median() == pytest.approx(median, abs=0.0051)


def test_their_tests_come_out_again(eleuther):
    told = pd.read_csv(FOLDER / "eleuther_summary.csv").set_index("quantity")["value"]
    row = comparison.compare(eleuther[METHODS], "xent", "greater").loc["logconf"]
    assert row["wins"] == told["tasks on which logconf beats xent, of 21"] == 16
    assert row["t"] == pytest.approx(told["paired t, one-sided p, logconf against xent"], abs=0.0005)
    assert row["wilcoxon"] == pytest.approx(told["Wilcoxon, one-sided p, logconf against xent"], abs=0.01)


def test_after_holms_correction_none_gains(eleuther):
    table = comparison.compare(eleuther[METHODS], "xent")
    assert table[["t_holm", "wilcoxon_holm"]].to_numpy().min() > 0.5
    assert (table["low"] < 0).all() and (table["high"] > 0).all()


# --------------------------------------------------------------------------------------- the tests themselves
def test_wilcoxon_by_hand():
    assert comparison.wilcoxon([1, 2, 3]) == pytest.approx(2 / 8)  # one of eight signs is as large
    assert comparison.wilcoxon([1, 2, 3], "greater") == pytest.approx(1 / 8)
    # sums of ranks 3, 3, 4, 5 and 6 of the eight
    assert comparison.wilcoxon([1, 2, -3], "greater") == pytest.approx(5 / 8)
    # ranks 2, 2, 2: two or three up
    assert comparison.wilcoxon([1, 1, -1, 0], "greater") == pytest.approx(4 / 8)
    assert comparison.wilcoxon([0, 0]) == 1


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("side", comparison.SIDES)
def test_against_scipy_and_against_counting_all_signs(seed, side):
    x = np.random.default_rng(seed).normal(0.2, 1, 12)
    assert comparison.wilcoxon(x, side) == pytest.approx(
        stats.wilcoxon(x, alternative=side, method="exact").pvalue
    )
    assert comparison.paired_t(x, side) == pytest.approx(stats.ttest_1samp(x, 0, alternative=side).pvalue)
    assert comparison.sign_test(x, side) == pytest.approx(
        stats.binomtest(int((x > 0).sum()), 12, alternative=side).pvalue
    )
    tied = np.round(x[:9])  # ties and zeros
    ranks = stats.rankdata(abs(tied[tied != 0]))
    sums = np.array(
        [ranks[list(signs)].sum() for signs in itertools.product([False, True], repeat=len(ranks))]
    )
    at = ranks[tied[tied != 0] > 0].sum()
    low, high = (sums <= at).mean(), (sums >= at).mean()
    assert comparison.wilcoxon(tied, side) == pytest.approx(
        min(1, {"less": low, "greater": high, "two-sided": 2 * min(low, high)}[side])
    )


def test_t_and_sign_by_hand():
    # 1, 2, 3: mean 2, standard error 1/sqrt(3), t = 2 sqrt(3) with 2 degrees of freedom, where p = 1 -
    # t/sqrt(2 + t^2)
    assert comparison.paired_t([1, 2, 3]) == pytest.approx(1 - np.sqrt(12 / 14))
    assert comparison.paired_t([0, 0, 0]) == 1 and comparison.paired_t([1, 1, 1]) == 0
    assert comparison.sign_test([1, 1, 1, 1, -1]) == pytest.approx(2 * 6 / 32)
    assert comparison.sign_test([1, 1, 1, 1, -1, 0], "greater") == pytest.approx(6 / 32)
    assert comparison.sign_test([0, 0]) == 1


def test_holm_by_hand():
    # 4 x .005, 3 x .01, 2 x .03, 1 x .04 -> .06
    np.testing.assert_allclose(comparison.holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(comparison.holm([0.5, 0.6]), [1, 1])
    np.testing.assert_allclose(comparison.holm([0.02]), [0.02])
    with pytest.raises(ValueError, match="probabilities"):
        comparison.holm([0.1, np.nan])


def test_median_interval_by_hand():
    # 21 values: the 6th and the 16th, as for the sign test
    found = comparison.median_interval(np.arange(1, 22))
    assert (found.mean, found.low, found.high, found.n) == (11, 6, 16, 21)
    found = comparison.median_interval([3, 1, 2, 6, 5, 4])
    assert (found.mean, found.low, found.high) == (3.5, 1, 6)
    assert comparison.median_interval([1, 2, 3]).high == np.inf


def test_equal_gains_are_ties_whatever_the_floats():
    assert 0.3 - 0.2 != 0.2 - 0.1
    assert len(set(comparison.differences([0.3, 0.2], [0.2, 0.1]))) == 1
    with pytest.raises(ValueError, match="not finite"):
        comparison.differences([0.3, np.nan], [0.2, 0.1])
    with pytest.raises(ValueError, match="shapes"):
        comparison.differences([0.3], [0.2, 0.1])
    with pytest.raises(ValueError, match="two-sided, greater, less"):
        comparison.wilcoxon([1, 2], "both")


def test_compare_names_what_is_missing():
    table = pd.DataFrame({"a": [0.1, 0.2, 0.3], "b": [0.2, 0.3, 0.5], "c": [0.1, 0.2, 0.3]})
    with pytest.raises(ValueError, match="no method 'd' among a, b, c"):
        comparison.compare(table, "d")
    found = comparison.compare(table, "a")
    assert list(found.index) == ["b", "c"] and found.loc["c", "ties"] == 3 and found.loc["c", "t"] == 1
    assert found.loc["b", "t_holm"] == pytest.approx(2 * found.loc["b", "t"])
