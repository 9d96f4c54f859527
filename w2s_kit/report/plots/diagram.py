"""The experiment at a glance: who learns from what, and one supervisor, student and ceiling."""

from __future__ import annotations

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from ...metrics.intervals import mean_interval
from ...metrics.pgr import gap_of_accuracies, no_clear_gap, pgr
from .intervals import interval_points
from .looks import STAGES, current

PARTS = {  # part of the split -> name, colour, where its box begins
    "supervisor": ("supervisor half", "#dddddd", 0.0),
    "student": ("student half", "#bcd8ea", 0.36),
    "test": ("test", "#f4e3c1", 0.72),
}
MODELS = {  # stage -> name, labels, where it stands
    "supervisor": ("weak supervisor", "ground truth", (0.14, 0.62)),
    "student": ("strong student", "weak labels", (0.42, 0.62)),
    "ceiling": ("strong ceiling", "ground truth", (0.58, 0.92)),
}


def split_diagram(split=None, *, ax=None):
    """Who learns from what: the figure that prevents most misunderstandings.

    `split`: gives the counts of examples, if there is one.
    """
    ax, middle = current(ax), dict(ha="center", va="center")
    for part, (name, color, x) in PARTS.items():
        text = name if split is None else f"{name}\n{len(getattr(split, part))} examples"
        ax.add_patch(plt.Rectangle((x, 0.0), 0.28, 0.22, facecolor=color, edgecolor="0.3"))
        ax.text(x + 0.14, 0.11, text, **middle)
    arrow = dict(arrowstyle="-|>", shrinkA=2, shrinkB=2)
    for stage, (name, labels, (x, y)) in MODELS.items():
        color = STAGES[stage]
        box = dict(boxstyle="round,pad=.5", facecolor=color, edgecolor="none")
        ax.text(x, y, name, color="white", bbox=box, **middle)
        ax.annotate("", (x, y - 0.07), (x, 0.23), arrowprops=dict(color=color, **arrow))
        shift, side = (0.012, "left") if x > 0.2 else (-0.012, "right")
        ax.text(x + shift, 0.4, labels, rotation=90, va="center", ha=side, color=color, fontsize=9)
    ax.annotate("", (0.335, 0.62), (0.225, 0.62), arrowprops=dict(color=STAGES["student"], **arrow))
    ax.text(0.28, 0.67, "labels the\nstudent half", ha="center", va="bottom", fontsize=9)
    ax.text(0.86, 0.5, "all three are\nmeasured here", fontsize=9, **middle)
    ax.annotate("", (0.86, 0.23), (0.86, 0.43), arrowprops=dict(color="0.3", **arrow))
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    ax.axis("off")
    return ax


def pgr_bars(supervisor: float, student: float, ceiling: float, *, items: int = 500, ax=None):
    """Three accuracies and the share of the gap that the student recovers, or why there is no such share.

    `items`: on how many test items each accuracy was measured. They tell whether the gap is more than noise.
    """
    ax = current(ax)
    values = dict(zip(STAGES, (supervisor, student, ceiling)))
    ax.bar(list(values), list(values.values()), color=list(STAGES.values()), width=0.55)
    for i, value in enumerate(values.values()):
        ax.text(i, value + 0.01, f"{value:.2f}", ha="center")
    for level in (supervisor, ceiling):
        ax.axhline(level, color="0.6", lw=0.8, ls=":")
    gained, gap = student - supervisor, ceiling - supervisor
    if why := no_clear_gap(gap_of_accuracies(supervisor, ceiling, items)):
        title = fill(f"PGR undefined: {why}, with {items} test items", 46)
    else:
        title = f"PGR = {gained:+.2f} / {gap:.2f} = {pgr(supervisor, student, ceiling):.2f}"
    ax.set(title=title, ylabel="test accuracy", ylim=(min(0.5, *values.values()) - 0.05, 1.05))
    return ax


def stages(table: pd.DataFrame, *, ax=None):
    """Supervisor, student and ceiling: every seed as a point, and a 95 % interval over seeds.

    `table`: runs of one task and one pair of models.
    """
    ax = current(ax)
    for i, (who, color) in enumerate(STAGES.items()):
        values = table[f"{who}_accuracy"].to_numpy()
        spread = np.linspace(-0.12, 0.12, len(values)) if len(values) > 1 else np.zeros(1)
        ax.plot(i + spread, values, "o", color=color, alpha=0.45, ms=4)
        if len(values) > 1:
            interval_points([mean_interval(values)], at=[i], fmt="_", color=color, ms=22, capsize=5, ax=ax)
    ax.set_xticks(range(3), list(STAGES))
    ax.set(ylabel="test accuracy", xlim=(-0.5, 2.5))
    return ax
