"""Points with intervals: what nearly every picture of measured numbers is made of."""

from __future__ import annotations

import matplotlib.pyplot as plt


def current(ax):
    """`ax`, or the current axes where there is none."""
    return ax if ax is not None else plt.gca()


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
