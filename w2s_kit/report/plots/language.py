"""Pictures of the notebooks on language tasks, 00 to 03."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...metrics.answers import AT_CHANCE, equivalent
from .looks import STAGES, by_compute, compute_axis, current, style
from .scaling import accuracy_by_compute


def weak_label_histogram(weak_labels, truth, *, ax=None):
    """The supervisor's P(yes), by the true answer. What stands on the wrong side of 0.5 is an error."""
    ax, truth = current(ax), np.asarray(truth)
    bins = np.linspace(0, 1, 21)
    for label, name, color in ((1, "truth is yes", "#0173b2"), (0, "truth is no", "#de8f05")):
        ax.hist(
            weak_labels[truth == label], bins, alpha=0.6, label=name, color=color, hatch="/" if label else ""
        )
    ax.set(xlabel="weak label: the supervisor's P(yes)", ylabel="examples")
    ax.legend(frameon=False)
    return ax


def accuracy_measured_again(stored: pd.DataFrame, live: pd.DataFrame, *, ax=None):
    """`accuracy_by_compute` of a stored table, and a diamond at each student's mean accuracy in `live`."""
    ax = accuracy_by_compute(stored, ax=ax, legend=False)
    mean = live.groupby("student_pretraining_flops").student_accuracy.mean()
    ax.plot(mean.index, mean, "D", color="none", mec="#d55e00", mew=2, ms=11, label="measured now")
    return ax


def pgr_scatter(summary: pd.DataFrame, column: str, *, ax=None):
    """PGR against a column of `summary`, such as "gap": a point a task and pair, a colour a supervisor."""
    ax = current(ax)
    for name, (color, marker) in style(by_compute(summary)).items():
        rows = summary[summary.supervisor == name]
        if len(rows):
            ax.plot(rows[column], rows.pgr, marker, color=color, alpha=0.7, label=f"from {name}")
    return ax


def loss_gradients(odds, gradients: dict, *, ax=None):
    """Gradient of the loss of one example against the student's log-odds, a line for each alpha.

    `gradients`: {alpha: one value for each of `odds`}.
    """
    ax = current(ax)
    for (alpha, gradient), line in zip(gradients.items(), ("-", "--", ":", "-.")):
        ax.plot(odds, gradient, line, label=f"α = {alpha}")
    ax.axhline(0, color="0.7", lw=0.8)
    ax.set(xlabel="the student's log-odds of yes")
    return ax


def amplifier(table: pd.DataFrame, *, at_chance: float = AT_CHANCE / 100, ax=None):
    """How right students are, against how right the labels were that they learned from: a point a run.

    `table`: rows of a grid with `label_accuracy`, on the student's half, such as those of one student and
    method. A colour a supervisor. Dotted: as right as the labels. Left of the line at `at_chance` a
    supervisor counts as guessing.
    """
    ax = current(ax)
    for name, (color, marker) in style(by_compute(table)).items():
        rows = table[table.supervisor == name]
        if len(rows):
            right = rows.label_accuracy, rows.student_accuracy
            ax.plot(*right, marker, color=color, alpha=0.8, ms=4, label=f"from {name}")
    ax.plot([0.4, 1], [0.4, 1], ":", color="0.5")
    ax.axvline(at_chance, color="0.7", lw=0.8)
    ax.set(xlabel="weak labels that are right", ylabel="student's accuracy", ylim=(-0.04, 1.04))
    return ax


def worth(sizes, ceilings, student: float, *, ax=None):
    """The ceilings of a task read backwards: which size, finetuned on truth, is as good as a student.

    sizes, ceilings: pretraining compute of the models and what they reach, smallest first. The curve between
    them is straight in log compute and never falls. Returns `ax`; the size stands beside the mark.
    """
    ax = current(ax)
    sizes, ceilings = np.asarray(sizes, float), np.maximum.accumulate(ceilings)
    equal = 10 ** equivalent(np.log10(sizes), ceilings, student)
    ax.plot(sizes, ceilings, "-o", color=STAGES["ceiling"], label="ceilings")
    ax.plot([sizes[0], equal], [student, student], "--", color=STAGES["student"], label="student")
    ax.plot([equal, equal], [min(ceilings), student], ":", color=STAGES["student"])
    ax.plot(equal, student, "D", color=STAGES["student"])
    right = equal > np.sqrt(sizes[0] * sizes[-1])  # then there is more room on the left
    beside = dict(xytext=(-4 if right else 4, 2), ha="right" if right else "left")
    ax.annotate(f"{equal:.1e} FLOPs", (equal, min(ceilings)), textcoords="offset points", **beside)
    return compute_axis(ax)
