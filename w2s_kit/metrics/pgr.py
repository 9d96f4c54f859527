"""Numbers about predictions. NumPy in, floats out.

PGR is the paper's performance gap recovered (Burns et al. 2023, Section 3):

    PGR = (student - supervisor) / (ceiling - supervisor)

A ratio of differences explodes where its denominator is noise, so an estimate carries its interval, and is
undefined when the ceiling does not clearly beat the supervisor. Notebook 01 derives all of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .intervals import Interval, mean_interval


def pgr(supervisor: float, student: float, ceiling: float) -> float:
    """The bare formula, for three accuracies known exactly. NaN when the ceiling equals the supervisor.

    Measured accuracies are never exact: `estimate_pgr` says whether the gap is more than noise.
    """
    gap = ceiling - supervisor
    return (student - supervisor) / gap if gap else math.nan


@dataclass(frozen=True)
class PGR:
    """An estimate of PGR.

    Fields:

        value    the estimate; NaN where it is undefined
        low      lower end of its interval; NaN as well
        high     upper end; NaN as well
        gap      ceiling - supervisor
        why      why it is undefined; "" where it is defined
    """

    value: float
    low: float
    high: float
    gap: Interval
    why: str = ""

    @property
    def defined(self) -> bool:
        """Whether the ceiling clearly beats the supervisor, so that there is a PGR."""
        return not self.why

    def __str__(self) -> str:
        return pgr_text(self.value, self.low, self.high, self.why)


def pgr_text(value: float, low: float, high: float, why: str = "") -> str:
    """PGR as tables, prints and pictures show it: "0.45 [0.31, 0.60]", or "undefined: " and the reason.

    A value without a clear gap behind it is never shown: `why` is the reason, empty where PGR is defined.
    """
    if why or not math.isfinite(value):
        return f"undefined: {why or 'there is no number'}"
    return f"{value:.2f} [{low:.2f}, {high:.2f}]"


def no_clear_gap(gap: Interval) -> str:
    """Why there is no PGR across this `gap` (ceiling - supervisor), or "" where it lies above zero."""
    if gap.low > 0:
        return ""
    if math.isinf(gap.low):
        return "one seed and no test items: nothing to judge the gap by"
    return f"ceiling - supervisor = {gap.mean:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}], not clearly above 0"


def gap_of_accuracies(supervisor: float, ceiling: float, items: int = 500) -> Interval:
    """ceiling - supervisor with its 95 % interval, when each is an accuracy on `items` test items of its own.

    For accuracies without the answers behind them. Runs on the same items agree on many, so the interval that
    `estimate_pgr` finds for them is narrower. Raises ValueError for what is no accuracy.
    """
    if not (0 <= supervisor <= 1 and 0 <= ceiling <= 1 and items > 0):
        raise ValueError(
            f"accuracies lie in [0, 1], on one item at least: got {supervisor}, {ceiling} on {items}"
        )
    half = 1.96 * math.sqrt((supervisor * (1 - supervisor) + ceiling * (1 - ceiling)) / items)
    return Interval(ceiling - supervisor, ceiling - supervisor - half, ceiling - supervisor + half, 1)


def estimate_pgr(
    supervisor, student, ceiling, *, confidence: float = 0.95, resamples: int = 2000, seed: int = 0
) -> PGR:
    """PGR with a bootstrap interval, from repeated runs of one supervisor-student pair.

    Each argument is either (seeds, items): 0/1 for wrong/right on the test items of each seed, the same items
    for the three models; or (seeds,): one accuracy a seed. The point estimate is the ratio of mean
    differences, not the mean of ratios: a single seed with a tiny gap would otherwise drown the others.

    Interval: seeds are resampled, and with item-level input also the items of each seed, always for the three
    models together. PGR is undefined unless the interval of ceiling - supervisor lies above zero. That
    interval is the wider of the bootstrap's and, over two seeds or more, Student's t, because a bootstrap
    over few seeds is too narrow.
    """
    arrays = [np.asarray(a, dtype=float) for a in (supervisor, student, ceiling)]
    shapes = {a.shape for a in arrays}
    if len(shapes) != 1 or arrays[0].ndim not in (1, 2) or arrays[0].size == 0:
        raise ValueError(
            "supervisor, student and ceiling must share a shape (seeds,) or (seeds, items), "
            f"got {[a.shape for a in arrays]}"
        )
    if not all(((a >= 0) & (a <= 1)).all() for a in arrays):
        raise ValueError("accuracies and correctness lie in [0, 1]")
    by_seed = np.stack([a if a.ndim == 1 else a.mean(axis=1) for a in arrays])  # (3, seeds)
    weak, w2s, ceil = by_seed.mean(axis=1)
    n = by_seed.shape[1]

    rng = np.random.default_rng(seed)
    picked = rng.integers(0, n, (resamples, n))
    if arrays[0].ndim == 2:
        items = arrays[0].shape[1]
        boot = np.empty((resamples, n, 3))
        for s, seed_items in enumerate(np.stack(arrays, axis=-1)):  # (items, 3)
            # an item is one of at most 8 patterns of right and wrong, so drawing items is drawing patterns;
            # a seed picked twice gets two resamples of its items
            patterns, counts = np.unique(seed_items, axis=0, return_counts=True)
            where = picked == s
            boot[where] = rng.multinomial(items, counts / items, where.sum()) @ patterns / items
    else:
        boot = by_seed.T[picked]
    means = boot.mean(axis=1)  # (resamples, 3)
    gaps, gains = means[:, 2] - means[:, 0], means[:, 1] - means[:, 0]

    tail = (1 - confidence) / 2
    low, high = np.quantile(gaps, [tail, 1 - tail])
    if n > 1:
        t = mean_interval(by_seed[2] - by_seed[0], confidence)
        low, high = min(low, t.low), max(high, t.high)
    elif arrays[0].ndim == 1:
        low, high = -math.inf, math.inf
    gap = Interval(float(ceil - weak), float(low), float(high), n)
    if why := no_clear_gap(gap):
        return PGR(math.nan, math.nan, math.nan, gap, why)
    # resamples whose gap is not positive have no PGR; they are few, since the gap is clear, and count as
    # unbounded
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(gaps > 0, gains / gaps, np.sign(gains) * np.inf)
    low, high = np.quantile(ratios[~np.isnan(ratios)], [tail, 1 - tail], method="nearest")
    return PGR(pgr(weak, w2s, ceil), float(low), float(high), gap)


def mean_pgr(supervisor, student, ceiling) -> PGR:
    """The mean of the seeds' PGRs, with Student's t interval; undefined where the gap is not clear.

    Each argument: (seeds,), one accuracy a seed. Every seed counts alike, one with a small gap as much as one
    with a wide gap; `estimate_pgr` is safer where gaps differ. Also undefined where one seed has no gap.
    Raises ValueError where the shapes differ, or are not (seeds,).
    """
    arrays = [np.asarray(a, dtype=float) for a in (supervisor, student, ceiling)]
    if arrays[0].ndim != 1 or len({a.shape for a in arrays}) != 1:
        shapes = [a.shape for a in arrays]
        raise ValueError(f"supervisor, student and ceiling must share a shape (seeds,), got {shapes}")
    supervisor, student, ceiling = arrays
    gaps = ceiling - supervisor
    gap, without = mean_interval(gaps), int((gaps == 0).sum())
    why = no_clear_gap(gap)
    if without and not why:
        why = f"{without} of {len(gaps)} seeds without any gap, so no mean of ratios"
    if why:
        return PGR(math.nan, math.nan, math.nan, gap, why)
    ratio = mean_interval((student - supervisor) / gaps)
    return PGR(ratio.mean, ratio.low, ratio.high, gap)


def pgr_by_row(rows, by: list[str], student: str = "student_accuracy"):
    """PGR of each row of a table, a Series, for means over tasks. NaN in groups `by` whose gap is not clear.

    `rows`: a DataFrame of one seed a row, with `supervisor_accuracy`, `ceiling_accuracy` and the column
    `student`. The rows of a group are the seeds of one pair, and its gap is judged over them. A mean leaves
    NaN out, so say how many there are.
    """
    gap = rows["ceiling_accuracy"] - rows["supervisor_accuracy"]
    groups = gap.groupby([rows[column] for column in by])
    clear = groups.transform(lambda seeds: not no_clear_gap(mean_interval(seeds))).astype(bool)
    return ((rows[student] - rows["supervisor_accuracy"]) / gap).where(clear & (gap != 0))
