"""Statistics on arrays say what the same statistics on tables say, draw by draw."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from w2s_kit.report.claims.resampled import (
    Means,
    NotMeasured,
    group_means,
    least,
    mean,
    median,
    most,
    over_seeds,
    rank_correlation,
    slope,
    slopes,
)

TASKS, STUDENTS, SEEDS = "abc", ("m", "l", "xl"), 4


@pytest.fixture
def rows():
    """Three tasks, three students each, four seeds; in no order."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        [
            {"task": task, "supervisor": "s", "student": student, "seed": seed, "size": float(size)}
            for task in TASKS
            for size, student in enumerate(STUDENTS)
            for seed in range(SEEDS)
        ]
    )
    return table.assign(weak=rng.random(len(table)), naive=rng.random(len(table))).sample(
        frac=1, random_state=1
    )


@pytest.fixture
def means(rows):
    """Handed to a statistic: all seeds once, then each of the 35 resamples of four."""
    caught = []
    over_seeds(rows, lambda p: caught.append(p) or mean(p["naive"]))
    return caught[0]


def by_hand(rows, draw):
    """One row a pair, means over the seeds of a draw."""
    drawn = pd.concat([rows[rows["seed"] == seed] for seed in draw])
    return drawn.groupby(["task", "supervisor", "student"], as_index=False)[["size", "weak", "naive"]].mean()


def test_every_draw_is_what_its_table_says(rows, means):
    assert means.draws[0].tolist() == [0, 1, 2, 3] and len(means.draws) == 1 + math.comb(7, 4)
    for i in (0, 1, 17, 35):
        table = by_hand(rows, means.draws[i])
        gain = means["naive"] - means["weak"]
        assert gain[i] == pytest.approx((table["naive"] - table["weak"]).to_numpy())
        assert median(gain)[i] == pytest.approx((table["naive"] - table["weak"]).median())
        tasks = (table["naive"] - table["weak"]).groupby(table["task"]).mean()
        assert group_means(gain, means.groups("task"))[i] == pytest.approx(tasks.to_numpy())
        fits = [np.polyfit(one["size"], one["naive"], 1)[0] for _, one in table.groupby("task")]
        assert slopes(means["size"], means["naive"], means.groups("task"))[i] == pytest.approx(fits)
        assert slope(means["weak"], means["naive"])[i] == pytest.approx(
            np.polyfit(table["weak"], table["naive"], 1)[0]
        )
        of_b = table.set_index(["task", "student"]).loc[("b", "xl"), "naive"]
        assert means.one("naive", task="b", student="xl")[i] == pytest.approx(of_b)
        assert least(gain, tasks.max() * np.ones(36))[i] == pytest.approx(min(gain[i].min(), tasks.max()))
        assert most(gain)[i] == pytest.approx(gain[i].max())


def test_groups_need_not_stand_together(means):
    of_students = group_means(means["naive"], means.groups("student"))
    assert of_students.shape == (36, 3)
    expected = [means.where(student=student)["naive"].mean(axis=-1) for student in sorted(STUDENTS)]
    assert of_students.T == pytest.approx(np.array(expected))


def test_pairs_without_pgr_in_a_draw_are_left_out_of_its_median():
    x = np.array([[1.0, 2.0, 6.0], [1.0, np.nan, 6.0]])
    assert median(x).tolist() == [2, 3.5]


def test_what_is_not_there_was_not_measured(means):
    with pytest.raises(NotMeasured, match="no 'confidence' among the results"):
        means["confidence"]
    with pytest.raises(NotMeasured, match="no d xl among the results"):
        means.one("naive", task="d", student="xl")
    with pytest.raises(ValueError, match="3 pairs are xl, not one"):
        means.one("naive", student="xl")
    assert "naive" in means and "task" in means and "confidence" not in means


def test_a_slope_needs_two_sizes(rows):
    with pytest.raises(NotMeasured, match="too few models"):
        over_seeds(
            rows[rows["student"] == "m"], lambda p: median(slopes(p["size"], p["naive"], p.groups("task")))
        )


def test_an_interval_is_unbounded_where_a_draw_is(rows):
    gaps = rows["seed"].map({0: 1.0, 1: -1.0, 2: 1.0, 3: 2.0})  # the draw 0, 0, 1, 1 has no gap
    interval = over_seeds(rows.assign(gap=gaps), lambda p: mean(p["naive"] / p["gap"]))
    assert math.isfinite(interval.mean) and interval.low == -math.inf and interval.high == math.inf


def test_columns_are_drawn_only_when_they_are_read(rows):
    """Twenty seeds and a wide table: what no statistic reads costs nothing."""
    wide = rows.assign(**{f"unread{i}": 1.0 for i in range(5)})
    read = []

    class Watched(dict):
        def __getitem__(self, column):
            read.append(column)
            return super().__getitem__(column)

    def statistic(p):
        p = Means(p.pairs, Watched(p.values), p.draws)
        return mean(p["naive"] - p["weak"])

    over_seeds(wide, statistic)
    assert set(read) == {"naive", "weak"}


def test_rank_correlation_is_scipys_with_ties_too():
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 4, (5, 9)), rng.random((5, 9))
    wanted = [spearmanr(*each).statistic for each in zip(x, y)]
    assert rank_correlation(x, y) == pytest.approx(wanted)
    assert rank_correlation([0.3 - 0.2, 0.2 - 0.1, 0.5], [1, 1, 2]) == pytest.approx(1), (
        "a tie, but for floats"
    )
    assert rank_correlation(np.arange(9), y) == pytest.approx(
        [spearmanr(np.arange(9), e).statistic for e in y]
    )


def test_a_seed_that_stands_twice_does_not_hide_one_that_another_pair_lacks():
    """As many rows as a whole grid has, and yet it is not finished."""
    seeds = {"m": [100, 101, 102, 102], "l": [100, 101]}
    rows = pd.DataFrame(
        {"task": "t", "supervisor": "s", "student": student, "seed": seed, "naive": 1.0}
        for student, mine in seeds.items()
        for seed in mine
    )
    with pytest.raises(ValueError, match=r"\('t', 's', 'l'\) has 2 of 3 seeds"):
        over_seeds(rows, lambda p: mean(p["naive"]))
