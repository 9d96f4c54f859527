"""Pictures of labels without a supervisor (notebook 27)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns

from ...metrics.intervals import mean_interval
from .intervals import interval_points
from .looks import MARKERS, current


def search_traces(traces, *, lines=None, ax=None):
    """How the labels of several searches change: one curve a search, one point a sweep.

    `traces`: (searches, sweeps), any number that describes the labels. `lines`: {name: value} to compare
    with, drawn across and named at the right.
    """
    ax, traces = current(ax), np.asarray(traces, float)
    for values in traces:
        ax.plot(range(1, len(values) + 1), values, color="#0173b2", alpha=0.55, marker=".")
    for (name, value), look in zip((lines or {}).items(), ("--", ":", "-.")):
        ax.axhline(value, color="0.3", linestyle=look, linewidth=1)
        ax.annotate(
            f" {name}", (1, value), xycoords=ax.get_yaxis_transform(), va="center", fontsize=9, color="0.3"
        )
    ax.set_xlabel("sweeps over all labels")
    return ax


def lines_over(table: pd.DataFrame, x: str, *, columns: dict, ax=None):
    """Means over seeds, with 95 % intervals, at each value of the column `x`: one line for each of `columns`.

    `columns`: {column of `table`: what to call it}. Rows where a column has no number are left out of its
    line. The lines are moved apart a little, so that intervals do not hide each other.
    """
    ax, places = current(ax), sorted(table[x].unique())
    step = 0.012 * (places[-1] - places[0])
    colors = sns.color_palette("colorblind", len(columns))
    for k, (column, label) in enumerate(columns.items()):
        known = table.dropna(subset=[column])
        by_place = [(place, mean_interval(rows[column])) for place, rows in known.groupby(x)]
        interval_points(
            [interval for _, interval in by_place],
            at=[place + step * (k - (len(columns) - 1) / 2) for place, _ in by_place],
            ax=ax,
            fmt="-" + MARKERS[k],
            color=colors[k],
            label=label,
            capsize=2,
            markersize=5,
        )
    ax.set_xticks(places, [f"{place:g}" for place in places])
    ax.legend(frameon=False, fontsize=9)
    return ax


def concept_bars(table: pd.DataFrame, *, concepts: dict, ax=None):
    """For each student, how often its labels agree with each concept: bars with 95 % intervals over seeds.

    `table`: a row for each student and seed. `concepts`: {column: what to call it}. The dotted line is what
    a coin would have.
    """
    ax, students = current(ax), list(dict.fromkeys(table["student"]))
    width = 0.8 / len(concepts)
    looks = zip(sns.color_palette("colorblind", len(concepts)), ("", "//", "xx"))
    for k, ((column, label), (color, hatch)) in enumerate(zip(concepts.items(), looks)):
        places = [i + width * (k - (len(concepts) - 1) / 2) for i in range(len(students))]
        intervals = [mean_interval(table.loc[table["student"] == name, column]) for name in students]
        means = [interval.mean for interval in intervals]
        ax.bar(places, means, width * 0.95, color=color, hatch=hatch, edgecolor="white", label=label)
        interval_points(intervals, at=places, ax=ax, fmt="none", color="0.2", capsize=3)
    ax.axhline(0.5, color="0.5", linestyle=":", linewidth=1)
    ax.set_xticks(range(len(students)), students)
    ax.set(ylim=(0.4, 1.02), ylabel="agreement")
    ax.legend(frameon=False, ncols=len(concepts), fontsize=9, loc="lower left", bbox_to_anchor=(0, 1))
    return ax
