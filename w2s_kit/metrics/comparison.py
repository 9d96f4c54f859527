"""Paired tests of whether one method is better than another over many tasks, and what several tests cost.

Notebook 15 derives them.

A task is a pair of numbers, method and baseline. Tests look at their differences, one a task: the tasks are
the sample here, so a p-value speaks of other tasks like these, and not of other seeds. Two-sided unless told
otherwise.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from .intervals import Interval, mean_interval

SIDES = ("two-sided", "greater", "less")


def differences(scores, baseline) -> np.ndarray:
    """scores - baseline, shape (tasks,).

    They are rounded to 9 digits: 0.30 - 0.20 and 0.20 - 0.10 are a tie, and floats do not know it. Raises
    ValueError when the two differ in shape, are not 1-D with two tasks or more, or hold NaN.
    """
    a, b = np.asarray(scores, dtype=float), np.asarray(baseline, dtype=float)
    if a.shape != b.shape or a.ndim != 1 or len(a) < 2:
        raise ValueError(
            f"expected two numbers for each of two tasks or more, got shapes {a.shape} and {b.shape}"
        )
    if not (np.isfinite(a) & np.isfinite(b)).all():
        raise ValueError("a score is not finite: drop the task for both methods")
    return np.round(a - b, 9)


def paired_t(x, alternative: str = "two-sided") -> float:
    """p of Student's t test that the mean of the differences `x`, shape (tasks,), is zero.

    p is 0 where all differences are one number other than zero.
    """
    from scipy.stats import t

    x = np.asarray(x, dtype=float)
    mean, error = x.mean(), x.std(ddof=1) / math.sqrt(len(x))
    at = mean / error if error else math.copysign(math.inf, mean) if mean else 0.0
    return _p(float(t.cdf(at, len(x) - 1)), float(t.sf(at, len(x) - 1)), alternative)


def wilcoxon(x, alternative: str = "two-sided") -> float:
    """p of Wilcoxon's signed-rank test of the differences `x`, shape (tasks,).

    Zeros are dropped, and ties share their rank. The test is exact, with ties, too: all 2^n signs are
    counted, by adding up rank by rank. SciPy turns to a normal approximation there.
    """
    from scipy.stats import rankdata

    x = np.asarray(x, dtype=float)
    x = x[x != 0]
    ranks = np.rint(2 * rankdata(abs(x))).astype(int)  # doubled: shared ranks are halves
    share = np.zeros(ranks.sum() + 1)
    share[0] = 1.0  # of all signs so far, those whose positive ranks sum to 0
    for rank in ranks:
        with_it = np.zeros_like(share)
        with_it[rank:] = share[: len(share) - rank]
        share = (share + with_it) / 2
    at = ranks[x > 0].sum()
    return _p(share[: at + 1].sum(), share[at:].sum(), alternative)


def sign_test(x, alternative: str = "two-sided") -> float:
    """p of the sign test of the differences `x`, shape (tasks,), as if each task were a coin.

    Zeros are dropped.
    """
    from scipy.stats import binom

    x = np.asarray(x, dtype=float)
    wins, n = int((x > 0).sum()), int((x != 0).sum())
    return _p(float(binom.cdf(wins, n, 0.5)), float(binom.sf(wins - 1, n, 0.5)), alternative)


def _p(low: float, high: float, alternative: str) -> float:
    """From the probability of a value as small, or smaller, and of one as large, or larger."""
    if alternative not in SIDES:
        raise ValueError(f"alternative: expected one of {', '.join(SIDES)}, got {alternative!r}")
    return float(min(1.0, {"less": low, "greater": high, "two-sided": 2 * min(low, high)}[alternative]))


def holm(p_values) -> np.ndarray:
    """Holm's adjusted p-values, shape (tests,).

    The smallest is multiplied by the number of tests, the next by one less, and so on; none is below the one
    before it, and none above 1. Who calls those below 0.05 significant makes any error at all in at most one
    family of tests in twenty. Raises ValueError for what is no probability.
    """
    p = np.asarray(p_values, dtype=float)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise ValueError(f"p_values: expected probabilities, one a test, got {p_values!r}")
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return adjusted


def median_interval(values, confidence: float = 0.95) -> Interval:
    """The median of one number a task, between the two order statistics that the sign test does not reject.

    The interval holds whatever the distribution, and covers at least `confidence`. It is infinite for five
    tasks or fewer, where no such pair is sure enough.
    """
    from scipy.stats import binom

    x = np.sort(np.asarray(values, dtype=float))
    if x.ndim != 1 or not len(x) or not np.isfinite(x).all():
        raise ValueError(f"values: expected finite numbers, one a task, got {values!r}")
    tail = (1 - confidence) / 2
    below = int(binom.ppf(tail, len(x), 0.5))  # smallest k with P(X <= k) >= tail
    below -= binom.cdf(below, len(x), 0.5) > tail  # largest with P(X <= k) <= tail; -1 if there is none
    low, high = (x[below], x[-1 - below]) if below >= 0 else (-math.inf, math.inf)
    return Interval(float(np.median(x)), float(low), float(high), len(x))


def compare(scores: pd.DataFrame, baseline: str, alternative: str = "two-sided") -> pd.DataFrame:
    """Every other column of `scores` (tasks x methods) against the column `baseline`.

    The result has one row a method: tasks, wins, ties, the mean difference with its 95 % t interval (low,
    high), the median, p of the three tests, and each p after Holm's correction over the methods. Raises
    ValueError when there is no such column.
    """
    if baseline not in scores:
        raise ValueError(f"no method {baseline!r} among {', '.join(map(str, scores))}")
    rows = {}
    for method in scores.columns.drop(baseline):
        x = differences(scores[method], scores[baseline])
        mean = mean_interval(x)
        rows[method] = {
            "tasks": len(x),
            "wins": int((x > 0).sum()),
            "ties": int((x == 0).sum()),
            "mean": mean.mean,
            "low": mean.low,
            "high": mean.high,
            "median": float(np.median(x)),
            "t": paired_t(x, alternative),
            "wilcoxon": wilcoxon(x, alternative),
            "sign": sign_test(x, alternative),
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    for test in ("t", "wilcoxon", "sign"):
        table[f"{test}_holm"] = holm(table[test])
    return table
