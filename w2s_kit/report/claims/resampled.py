"""Statistics over seeds: a claim's number for many draws of the seeds at once.

A claim's statistic is a function of `Means`, and works on arrays whose first axis is the draws. So 500 draws
cost hardly more than one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd
from scipy.stats import rankdata, t

from ...metrics.intervals import Interval

PAIR = ["task", "supervisor", "student"]
# numbers that say which runs a row is about
FACTS = ("seed", "supervisor_size", "size", "step", "clear", "link", "share")


class NotMeasured(Exception):
    """The results to judge a claim by are not there; its text says which."""


@dataclass(frozen=True)
class Means:
    """The means over the seeds of each draw, pair by pair.

    Of a measured number, as in `p["naive"]`, they are an array [draws, pairs]. Names and facts, as in
    `p["task"]`, are an array [pairs]. Pairs are in the order of task, supervisor and student.

    Fields:

        pairs    one row a pair: its names and facts
        values   measured numbers, each an array [pairs, seeds]
        draws    which seeds were drawn, [draws, seeds]
    """

    pairs: pd.DataFrame
    values: dict[str, np.ndarray]
    draws: np.ndarray

    def __contains__(self, column: str) -> bool:
        return column in self.values or column in self.pairs

    def __getitem__(self, column: str) -> np.ndarray:
        """The means of a column. Raises NotMeasured where the table lacks it."""
        if column in self.values:
            return self.values[column][:, self.draws].mean(axis=-1).T
        if column in self.pairs:
            return self.pairs[column].to_numpy()
        raise NotMeasured(f"no {column!r} among the results")

    def where(self, **names) -> Means:
        """Only the pairs of this task, supervisor or student. Raises NotMeasured where there is none."""
        kept = np.ones(len(self.pairs), dtype=bool)
        for column, name in names.items():
            kept &= self[column] == name
        if not kept.any():
            raise NotMeasured(f"no {' '.join(map(str, names.values()))} among the results")
        values = {column: numbers[kept] for column, numbers in self.values.items()}
        return Means(self.pairs[kept], values, self.draws)

    def one(self, column: str, **names) -> np.ndarray:
        """A number of the one pair that has these names, [draws]. Raises ValueError for several."""
        means = self.where(**names)[column]
        if means.shape[-1] != 1:
            raise ValueError(f"{means.shape[-1]} pairs are {' '.join(map(str, names.values()))}, not one")
        return means[..., 0]

    def groups(self, *names: str) -> np.ndarray:
        """The number of each pair's group, from 0: pairs are in one group where they share these names."""
        return self.pairs.groupby(list(names), sort=True).ngroup().to_numpy()


def mean(x: np.ndarray) -> np.ndarray:
    """The mean over pairs, [draws]."""
    return x.mean(axis=-1)


def median(x: np.ndarray) -> np.ndarray:
    """The median over pairs, or over groups, [draws].

    A pair whose gap and gain vanish in a draw has no PGR there, NaN: the draw's median is that of the others.
    """
    x = np.sort(x, axis=-1)  # NaN last
    known = np.count_nonzero(~np.isnan(x), axis=-1)[..., None]
    low, high = (np.take_along_axis(x, at, axis=-1)[..., 0] for at in ((known - 1) // 2, known // 2))
    return (low + high) / 2


def least(*parts: np.ndarray) -> np.ndarray:
    """The least number of each draw, of arrays [draws] and [draws, pairs] together, [draws]."""
    return np.column_stack(parts).min(axis=-1)


def most(*parts: np.ndarray) -> np.ndarray:
    """The greatest number of each draw, of arrays [draws] and [draws, pairs] together, [draws]."""
    return np.column_stack(parts).max(axis=-1)


def group_sums(x: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """The sum of `x` [..., pairs] within each group, [..., groups]."""
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    return np.add.reduceat(x[..., order], starts, axis=-1)


def group_means(x: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """The mean of `x` [..., pairs] within each group, [..., groups]."""
    return group_sums(x, groups) / np.bincount(groups)


def slopes(x: np.ndarray, y: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Least-squares slope of `y` against `x` within each group, [draws, groups]."""
    x = x - group_means(x, groups)[..., groups]
    return group_sums(x * y, groups) / group_sums(x * x, groups)


def slope(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Least-squares slope of `y` against `x` over all pairs, [draws]."""
    x = x - x.mean(axis=-1, keepdims=True)
    return (x * y).sum(axis=-1) / (x * x).sum(axis=-1)


def rank_correlation(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation of `x` and `y` over all pairs, [draws]. Equal numbers share their rank.

    Both are rounded to 9 digits: 0.30 - 0.20 and 0.20 - 0.10 are a tie, and floats do not know it.
    """
    x, y = (rankdata(np.round(np.atleast_2d(each), 9), axis=-1) for each in (x, y))
    return slope(x, y) * x.std(axis=-1) / y.std(axis=-1)


def over_seeds(rows: pd.DataFrame, statistic: Callable[[Means], np.ndarray]) -> Interval:
    """`statistic` of the means over seeds, one row a pair and seed, with a 95 % interval.

    The interval is Student's t times the bootstrap's standard error, with seeds drawn together for all pairs.
    For a mean this is `metrics.intervals.mean_interval`. Percentiles of so few seeds would be too narrow.
    Raises NotMeasured for one seed, ValueError where a pair lacks seeds that others have.
    """
    n, pair = rows["seed"].nunique(), rows.groupby(PAIR).ngroup().to_numpy()
    if n < 2:
        raise NotMeasured("one seed only, so no interval" if n else "no such pairs in the grid")
    counts = np.bincount(np.unique(np.column_stack([pair, rows["seed"]]), axis=0)[:, 0])  # seeds of each pair
    if (counts < n).any():
        names = tuple(rows[PAIR].to_numpy()[pair == counts.argmin()][0])
        raise ValueError(f"{names} has {counts.min()} of {n} seeds: finish the grid first")
    rows = rows.iloc[np.lexsort((rows["seed"], pair))]
    measured = [column for column in rows.select_dtypes("number") if column not in (*PAIR, *FACTS)]
    values = {column: rows[column].to_numpy(float).reshape(-1, n) for column in measured}
    draws, weights = _resamples(n)
    draws = np.vstack([np.arange(n), draws])  # first every seed once: what was measured
    with np.errstate(divide="ignore", invalid="ignore"):  # told below
        results = statistic(Means(rows.iloc[::n].drop(columns=measured), values, draws))
    centre, results = float(results[0]), results[1:]
    if np.isnan(centre):
        raise NotMeasured("too few models in the grid for a slope")
    # a gap that vanishes in some resample leaves its PGR, and so the interval, unbounded
    variance = math.inf
    if np.isfinite(results).all():
        variance = np.average((results - np.average(results, weights=weights)) ** 2, weights=weights)
    half = float(t.ppf(0.975, n - 1)) * math.sqrt(variance * n / (n - 1))
    return Interval(centre, centre - half, centre + half, n)


def seeds_for(interval: Interval, distance: float) -> float:
    """How many seeds make the interval's half as short as `distance`, at its spread; inf: over 1,000."""
    half = interval.high - interval.mean
    if not (distance > 0 and math.isfinite(half)):
        return math.inf
    spread = half * math.sqrt(interval.n) / float(t.ppf(0.975, interval.n - 1))
    n = np.arange(2, 1_001)
    enough = n[t.ppf(0.975, n - 1) * spread / np.sqrt(n) < distance]
    return float(enough[0]) if len(enough) else math.inf


def over_seeds_and_tasks(rows: pd.DataFrame, statistic: Callable[[Means], np.ndarray]) -> Interval:
    """As `over_seeds`, where the tasks are a sample, too: what other tasks would have given.

    The variance over tasks, of 100 bootstrap samples of them, is added to that over seeds. A task that is
    drawn twice counts as two.
    """
    caught: list[Means] = []

    def catch(p: Means) -> np.ndarray:
        caught.append(p)
        return statistic(p)

    narrow = over_seeds(rows, catch)
    p, once = caught[0], np.arange(narrow.n)[None]
    places = {task: np.flatnonzero(p["task"] == task) for task in np.unique(p["task"].astype(str))}
    rng, names, results = np.random.default_rng(0), list(places), []
    for _ in range(100):
        drawn = rng.choice(len(names), len(names))
        rows_of = [places[names[task]] for task in drawn]
        kept = np.concatenate(rows_of)
        again = np.repeat([f"{i} {names[task]}" for i, task in enumerate(drawn)], [len(r) for r in rows_of])
        values = {column: numbers[kept] for column, numbers in p.values.items()}
        with np.errstate(divide="ignore", invalid="ignore"):
            results.append(float(statistic(Means(p.pairs.iloc[kept].assign(task=again), values, once))[0]))
    count = len(names)
    over_tasks = float(t.ppf(0.975, count - 1)) * math.sqrt(np.nanvar(results) * count / (count - 1))
    half = math.hypot(narrow.high - narrow.mean, over_tasks)
    return Interval(narrow.mean, narrow.mean - half, narrow.mean + half, narrow.n)


def _resamples(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Resamples of `n` seeds and their weights: all that there are for up to six seeds, else 500 drawn."""
    if n > 6:
        return np.random.default_rng(0).integers(0, n, (500, n)), np.ones(500)
    draws = list(combinations_with_replacement(range(n), n))
    weights = [1 / math.prod(map(math.factorial, Counter(draw).values())) for draw in draws]
    return np.array(draws), np.array(weights)
