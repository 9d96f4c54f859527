"""Pictures of later methods: reliability and two stages (notebooks 19 and 20), and methods side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...metrics.intervals import mean_interval
from .intervals import interval_points
from .looks import current

MARKERS = "osD"


def accuracy_by_agreement(shares, counts, *, title, ax=None):
    """Bars: which share of the answers is right where five wordings agree so and so.

    `shares` and `counts`: {level: number}.
    """
    ax = current(ax)
    ax.bar(
        list(shares),
        list(shares.values()),
        color=["#0173b2", "#8fbfdd", "#dddddd"],
        edgecolor="0.3",
        width=0.6,
    )
    for i, (level, share) in enumerate(shares.items()):
        ax.text(i, share + 0.02, f"{share:.2f}\n{counts[level]} questions", ha="center", fontsize=8)
    ax.axhline(0.5, color="0.5", lw=0.8, ls=":")
    ax.set(title=title, xlabel="answers to five wordings", ylim=(0, 1.15))
    return ax


def kept_and_dropped(table: pd.DataFrame, *, colors, ax=None):
    """How many labels are right among the kept and the dropped questions, with 95 % intervals over seeds.

    `table`: columns task, kept and dropped. `colors`: {task: colour}.
    """
    ax = current(ax)
    for i, (task, color) in enumerate(colors.items()):
        rows = table[table["task"] == task]
        for shift, column, marker in ((-0.1, "kept", "o"), (0.1, "dropped", "X")):
            interval_points(
                [mean_interval(rows[column])], at=[i + shift], fmt=marker, color=color, capsize=3, ms=7, ax=ax
            )
    ax.plot([], [], "o", color="0.4", label="entropy at most the median (kept)")
    ax.plot([], [], "X", color="0.4", label="above it (dropped)")
    ax.axhline(0.5, color="0.5", lw=0.8, ls=":")
    ax.set_xticks(range(len(colors)), colors)
    ax.set(ylim=(0.4, 1), title="three tasks, ten seeds")
    ax.legend(frameon=False, fontsize=8, loc="upper right")
    return ax


def accuracy_by_method(table: pd.DataFrame, *, methods, colors, spread=0.12, legend=True, ax=None):
    """Mean accuracy of each method with 95 % intervals over seeds, a colour and a marker a task.

    `table`: a row a task and seed, a column a method. `methods`: {column: name}. `colors`: {task:
    colour}, of three at most.
    """
    ax = current(ax)
    for place, (task, color) in enumerate(colors.items()):
        rows = table[table["task"] == task]
        means = [mean_interval(rows[method]) for method in methods]
        at = np.arange(len(methods)) + spread * (place - 1)
        interval_points(means, at=at, fmt=MARKERS[place], color=color, capsize=2, ms=5, label=task, ax=ax)
    ax.set_xticks(range(len(methods)), methods.values())
    if legend:
        ax.legend(frameon=False, fontsize=8, loc="lower right")
    return ax


def method_differences(intervals, *, by_task, colors, ax=None):
    """Differences of methods, one below the other: the mean with its interval, and a marker for each task.

    `intervals`: {name: interval}. `by_task`: {task: {name: number}}. `colors`: {task: colour}.
    """
    ax, names = current(ax), list(intervals)
    for place, name in enumerate(names):
        for (task, color), marker in zip(colors.items(), MARKERS):
            ax.plot(by_task[task][name], place + 0.25, marker, color=color, ms=5, alpha=0.7)
        interval_points(
            [intervals[name]], at=[place], across=True, fmt="|", color="black", capsize=3, ms=12, ax=ax
        )
    ax.axvline(0, color="0.5", lw=0.8)
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.set(xlabel="points of test accuracy")
    return ax


def paired_bars(groups, *, colors, hatches, ax=None):
    """Bars side by side, with 95 % intervals over seeds. `groups`: {place: {bar: one number a seed}}."""
    ax = current(ax)
    for i, samples in enumerate(groups.values()):
        for shift, (name, values), color, hatch in zip((-0.15, 0.15), samples.items(), colors, hatches):
            mean = mean_interval(values)
            ax.bar(
                i + shift,
                mean.mean,
                0.28,
                color=color,
                hatch=hatch,
                edgecolor="white",
                label=name if i == 0 else None,
            )
            interval_points([mean], at=[i + shift], fmt="", color="black", capsize=3, ax=ax)
    ax.set_xticks(range(len(groups)), groups)
    ax.legend(frameon=False, loc="upper right")
    return ax


def by_share_kept(table: pd.DataFrame, *, column, ax=None):
    """`column` against the share of questions kept, each point with its threshold.

    `table`: threshold, "share kept" and `column`.
    """
    ax = current(ax)
    ax.plot(table["share kept"], table[column], "-o", color="#0173b2")
    for threshold, share, value in zip(table["threshold"], table["share kept"], table[column]):
        ax.annotate(f"{threshold:.1f}", (share, value), xytext=(4, 4), textcoords="offset points", fontsize=8)
    ax.set(xlabel="share of questions kept", ylabel=column)
    return ax
