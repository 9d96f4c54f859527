"""Points and bars with intervals: what nearly every picture of measured numbers is made of."""

from __future__ import annotations

import pandas as pd

from ...metrics.intervals import mean_interval
from .looks import current


def interval_points(intervals, *, at, across=False, ax=None, **look):
    """A point with a whisker for each interval, at the places `at`.

    `intervals`: objects with mean, low and high, such as `mean_interval` gives. `across`: the intervals
    lie down. `look`: fmt, color, label and others, as matplotlib's errorbar takes them.
    """
    ax, intervals, at = current(ax), list(intervals), list(at)
    means = [interval.mean for interval in intervals]
    below = [interval.mean - interval.low for interval in intervals]
    above = [interval.high - interval.mean for interval in intervals]
    if across:
        ax.errorbar(means, at, xerr=[below, above], **look)
    else:
        ax.errorbar(at, means, yerr=[below, above], **look)
    return ax


def table_intervals(table: pd.DataFrame, column: str):
    """The intervals of a column, one a row, for `interval_points`.

    `table`: has the ends of the intervals in the columns whose names end in "_low" and "_high".
    """
    columns = [column, f"{column}_low", f"{column}_high"]
    return table[columns].set_axis(["mean", "low", "high"], axis=1).itertuples()


def interval_bars(samples, *, ax=None):
    """One bar a name: the mean of its values, one a seed, with a 95 % interval over seeds.

    `samples`: {name: values}. A bar below zero is orange and hatched.
    """
    ax = current(ax)
    for i, values in enumerate(samples.values()):
        interval = mean_interval(values)
        color, hatch = ("#bcd8ea", "") if interval.mean >= 0 else ("#f4c7a1", "//")
        ax.bar(i, interval.mean, color=color, edgecolor="0.3", hatch=hatch)
        interval_points([interval], at=[i], color="0.2", capsize=3, ax=ax)
    ax.axhline(0, color="0.2", lw=0.8)
    ax.set_xticks(range(len(samples)), list(samples), rotation=45 if len(samples) > 6 else 0)
    return ax
