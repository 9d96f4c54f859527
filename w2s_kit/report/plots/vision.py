"""Pictures of the notebook on images, 12."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from .intervals import interval_points
from .looks import STAGES, current

COLORS, MARKERS = ("#de8f05", "#cc78bc", "#0173b2", "#029e73"), "Dso^"  # of students, by their order


def image_rows(rows: dict, *, size, frame_first: bool = False):
    """Grey images in rows, {name: images}; what is NaN is blue. Returns the figure, `size` in inches."""
    colors = plt.get_cmap("gray_r").with_extremes(bad="#bcd8ea")
    width = max(map(len, rows.values()))
    options: dict[str, Any] = dict(
        subplot_kw={"xticks": [], "yticks": []}, layout="constrained", squeeze=False
    )
    figure, axes = plt.subplots(len(rows), width, figsize=size, **options)
    for (name, images), line in zip(rows.items(), axes):
        for image, ax in zip(images, line):
            ax.imshow(image, cmap=colors, vmin=0, vmax=1)
        line[0].set_ylabel(name)
        if frame_first:
            line[0].spines[:].set(color="#de8f05", linewidth=3)
    return figure


def stage_levels(levels: dict, *, ax=None):
    """Supervisor, student and ceiling as three marks on a bar: {name: their accuracies}, one bar a name."""
    ax = current(ax)
    for place, accuracies in enumerate(levels.values()):
        ax.plot([place, place], [accuracies[0], accuracies[2]], color="0.8", lw=6, zorder=0)
        for (who, color), marker, level in zip(STAGES.items(), "sov", accuracies):
            ax.plot(place, level, marker, color=color, ms=9, label=who if place == 0 else None)
    ax.set_xticks(range(len(levels)), list(levels), fontsize=9)
    ax.legend(frameon=False, loc="upper left")
    return ax


def pgr_by_source(points: pd.DataFrame, *, hollow: str, ax=None):
    """PGR against the gap in points: one mark a row, hollow where its source has that name.

    `points`: columns student, source, gap, pgr, low and high; no interval where low is NaN.
    """
    ax = current(ax)
    looks = dict(zip(dict.fromkeys(points.student), zip(COLORS, MARKERS)))
    for row in points.rename(columns={"pgr": "mean"}).itertuples():
        color, marker = looks[row.student]
        look = dict(color=color, ms=9, label=f"{row.student}, {row.source}")
        if pd.notna(row.low):
            interval_points([row], at=[row.gap], fmt=marker, capsize=4, ax=ax, **look)
        else:
            face = "none" if row.source == hollow else None
            ax.plot(row.gap, row.mean, marker, mfc=face, ls="none", **look)
    ax.axhline(0, color="0.6", lw=0.8, ls=":")
    ax.set(xlabel="gap: ceiling − supervisor, in points", ylabel="PGR")
    ax.legend(frameon=False, fontsize=8)
    return ax


def pgr_by_passes(estimates: dict, *, lines: dict, ax=None):
    """PGR of a student whose representation learned for longer and longer, and of others as level `lines`.

    `estimates`: {passes: what `estimate_pgr` gives}; one that is not defined has no mark. `lines`:
    {name: PGR}.
    """
    ax, points = current(ax), {}
    for place, e in enumerate(estimates.values()):
        if e.defined:
            points[place] = SimpleNamespace(mean=e.value, low=e.low, high=e.high)
    look = {"fmt": f"{MARKERS[2]}-", "color": COLORS[2], "capsize": 4, "label": "views"}
    interval_points(points.values(), at=points, ax=ax, **look)
    for (name, level), color, line in zip(lines.items(), COLORS, ("--", ":")):
        ax.axhline(level, color=color, ls=line, label=name)
    ax.set_xticks(range(len(estimates)), list(map(str, estimates)))
    ax.set(xlabel="passes over the images without labels", ylabel="PGR")
    ax.legend(frameon=False, fontsize=8)
    return ax


def confusion(truth, answers, *, classes: int = 10, ax=None):
    """What each class is called: a row a true class, its shares add up to 1."""
    ax, table = current(ax), np.zeros((classes, classes))
    np.add.at(table, (truth, answers), 1)
    ax.imshow(table / table.sum(axis=1, keepdims=True), cmap="cividis", vmin=0, vmax=1)
    ax.set(xlabel="is called", ylabel="is", xticks=range(classes), yticks=range(classes))
    return ax


def accuracy_by_digit(accuracies: dict, *, ax=None):
    """Accuracy on each class, {who: one number a class}; from hard to easy for the first, the supervisor."""
    ax = current(ax)
    order = next(iter(accuracies.values())).argsort(kind="stable")
    for (name, values), color, marker in zip(accuracies.items(), (STAGES["supervisor"], *COLORS[2:]), "so^"):
        ax.plot(values[order], marker, color=color, label=name, ms=8, alpha=0.8)
    ax.set(title="right, by digit", ylabel="accuracy on this digit", ylim=(0, 1.05))
    ax.set_xlabel("digit, from hard to easy for the supervisor")
    ax.set_xticks(range(len(order)), order)
    ax.legend(frameon=False, loc="upper left")
    return ax
