"""Pictures of correctors, which improve the answers of other models (notebook 22)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.patheffects import withStroke

from ...metrics.intervals import mean_interval
from .intervals import interval_points
from .looks import current, style


def arrows(table: pd.DataFrame, *, ax=None, legend=True):
    """What a corrector makes of other models' answers (Ji et al. 2024): an arrow a row, from before to after.

    `table`: columns upstream, size, and harmless and helpful, also with "before_". The names stand where the
    arrows begin.
    """
    ax, looks = current(ax), style(table["size"])
    starts = table[["before_harmless", "before_helpful"]].to_numpy()
    for start, row in zip(starts, table.itertuples()):
        (color, marker), end = looks[row.size], (row.harmless, row.helpful)
        arrow = dict(arrowstyle="-|>", color=color, lw=1.5, shrinkA=4, shrinkB=0)
        ax.annotate("", end, start, arrowprops=arrow)
        ax.plot(*start, marker, color="white", mec=color, mew=1.5, ms=6)
        shift, side = _beside(start, end, starts)
        look = dict(xytext=shift, textcoords="offset points", ha=side, fontsize=8, color="0.2")
        halo = [withStroke(linewidth=2.5, foreground="white")]
        ax.annotate(row.upstream, start, path_effects=halo, **look)
    for size in dict.fromkeys(table["size"]):
        color, marker = looks[size]
        ax.plot([], [], marker, color="white", mec=color, mew=1.5, ms=6, label=size)
    ax.set(xlabel="harmless: share of answers", ylabel="helpful: share of facts that are right")
    ax.set_xlim(-0.03, 1.13)
    ax.margins(y=0.1)
    if legend:
        ax.legend(title="before, by size", fontsize=8, title_fontsize=8, frameon=False, loc="lower left")
    return ax


def _beside(start, end, starts):
    """Where the name of an arrow stands: its shift in points, and its horizontal alignment.

    The name is on a side from which no arrow leaves, and away from the nearest other start.
    """
    if start[0] > 0.9:
        return (8, -3), "left"
    if end[1] > start[1]:
        nearest = min(starts, key=lambda other: ((other - start) ** 2).sum() or np.inf)
        return (0, -14), "left" if nearest[0] <= start[0] else "right"
    return (0, 7), "center" if start[0] > 0.1 else "left"


def changes_by_corrector(intervals, *, names, ax=None):
    """How a corrector changes each model's answers, in points.

    `intervals`: {"helpful" or "harmless": one interval a name}.
    """
    ax, looks = current(ax), (("#0173b2", "o"), ("#de8f05", "s"))
    for shift, (what, changes), (color, marker) in zip((-0.15, 0.15), intervals.items(), looks):
        at = np.arange(len(names)) + shift
        interval_points(
            changes, at=at, across=True, fmt=marker, color=color, capsize=2, ms=5, label=what, ax=ax
        )
    ax.axvline(0, color="0.5", lw=0.8)
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.set(xlabel="change by the corrector, in points")
    ax.legend(frameon=False, fontsize=8)
    return ax


def lines_over_crowds(lines, *, wrong, ax=None):
    """Intervals against the share of facts that a crowd tells wrongly.

    `lines`: {label: (intervals, colour, line and marker)}.
    """
    ax = current(ax)
    for label, (intervals, color, look) in lines.items():
        interval_points(intervals, at=wrong, fmt=look, color=color, capsize=3, label=label, ax=ax)
    ax.set(xlabel="share of facts that the crowd tells wrongly")
    ax.set_xticks(list(wrong))
    ax.legend(frameon=False, fontsize=8)
    return ax


def learned_from_labels(labels_right, student_right, *, names, before, supervisor, ax=None):
    """How many labels of each kind are right, and how much the strong model has right after learning them.

    `labels_right`, `student_right`: {kind: one number a seed}. `names`: {kind: name}. `before`,
    `supervisor`: levels.
    """
    ax = current(ax)
    for i, kind in enumerate(names):
        label = {"labels": "its labels", "student": "the strong model, after"} if i == 0 else {}
        ax.plot(
            i,
            np.mean(labels_right[kind]),
            "s",
            color="white",
            mec="#de8f05",
            mew=1.5,
            label=label.get("labels"),
        )
        mean = mean_interval(student_right[kind])
        interval_points(
            [mean], at=[i], fmt="o", color="#0173b2", capsize=3, label=label.get("student"), ax=ax
        )
    ax.axhline(before, color="#0173b2", lw=1, ls="--", label="the strong model, before")
    ax.axhline(supervisor, color="0.4", lw=1.2, ls=":", label="m, answering by itself")
    ax.set_xticks(range(len(names)), names.values(), rotation=20)
    return ax
