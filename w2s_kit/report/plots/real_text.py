"""Pictures of the notebook on pretrained models and real datasets, 14."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .looks import STAGES, current

NAIVE, CONFIDENCE = STAGES["student"], "#de8f05"


def memory_bars(need: pd.DataFrame, *, minutes, limit: float, limit_name: str, ax=None):
    """Memory for finetuning in GB: one group of bars a model. `minutes`: under the model's name."""
    ax = current(ax)
    looks = zip(("#222222", "#0173b2", "#de8f05", "#029e73"), ("", "//", "\\\\", ".."))
    for i, (way, (color, hatch)) in enumerate(zip(need, looks)):
        places = np.arange(len(need)) + 0.2 * (i - 1.5)
        ax.bar(places, need[way], 0.19, color=color, hatch=hatch, edgecolor="white", label=way)
    ax.axhline(limit, color="#cc78bc", lw=2)
    ax.text(-0.45, limit * 1.06, limit_name, color="0.2")
    ax.set_xticks(range(len(need)), [f"{name}\n{minutes[name]:.0f} min" for name in need.index])
    ax.set(yscale="log", ylabel="GB", ylim=(0.3, 400))
    ax.legend(frameon=False, ncol=4, loc="upper center", fontsize=8)
    return ax


def stages_by_dataset(table: pd.DataFrame, *, order, confidence, ax=None):
    """Supervisor, student and ceiling of each dataset on a line: large marks are means, small ones seeds.

    `table`: naive runs, a row a seed. `order`: of the datasets, from below.
    `confidence`: mean accuracy of students with the confidence loss, by dataset.
    """
    ax = current(ax)
    for y, task in enumerate(order):
        rows = table[table.task == task]
        ends = [rows.supervisor_accuracy.mean(), rows.ceiling_accuracy.mean()]
        ax.plot(ends, [y, y], color="0.85", lw=6, zorder=0, solid_capstyle="butt")
        for (who, color), marker in zip(STAGES.items(), "sov"):
            seeds = rows[f"{who}_accuracy"]
            ax.plot(seeds, np.full(len(seeds), y), marker, color=color, ms=4, alpha=0.35)
            ax.plot(seeds.mean(), y, marker, color=color, ms=9, label=who if y == 0 else None)
        label = "student with the confidence loss" if y == 0 else None
        ax.plot(confidence[task], y, "D", mfc="none", color=CONFIDENCE, ms=9, label=label)
    ax.set_yticks(range(len(order)), order)
    ax.axvline(0.5, color="0.6", lw=0.8, ls=":")
    ax.set(xlabel="test accuracy", xlim=(0.45, 0.9))
    ax.legend(frameon=False, loc="lower right")
    return ax


def paper_figure_5(table: pd.DataFrame, *, ax=None):
    """The paper's Figure 5a, by the student's share of GPT-4's compute. `table`: `reference/paper_fig5`."""
    ax = current(ax)
    looks = {
        "ceiling_accuracy": ("ceiling", STAGES["ceiling"], "o"),
        "naive_accuracy": ("naive student", NAIVE, "s"),
        "confidence_accuracy": ("with the confidence loss", CONFIDENCE, "D"),
    }
    for column, (label, color, marker) in looks.items():
        points = table.dropna(subset=[column])
        line = "-" if len(points) > 2 else ""
        ax.plot(points.student_compute, points[column], marker=marker, color=color, label=label, ls=line)
    ax.set(xscale="log", xlabel="student's compute, share of GPT-4's", ylabel="median accuracy of 22 tasks")
    ax.legend(frameon=False, fontsize=9)
    return ax


def published_accuracies(readme: pd.DataFrame, runs: pd.DataFrame, *, supervisor: str, sizes, ax=None):
    """Accuracies that others published for one dataset, by model: a README's, and seeds of a replication.

    `readme` and `runs`: the rows of `reference/openai_readme` and `reference/gpt2_runs` on this dataset.
    """
    ax = current(ax)
    taught, truth = readme[readme.supervisor == supervisor], readme[readme.supervisor.isna()]
    by = f"taught by {supervisor}"
    lines = [
        (truth[truth.labels_or_loss == "truth"], "ceiling", STAGES["ceiling"], "o"),
        (taught[taught.labels_or_loss == "xent"], f"naive, {by}", NAIVE, "s"),
        (taught[taught.labels_or_loss == "logconf"], f"confidence loss, {by}", CONFIDENCE, "D"),
    ]
    for rows, label, color, marker in lines:
        points = rows.set_index("student").value.reindex(sizes).dropna()
        places = [sizes.index(name) for name in points.index]
        ax.plot(places, points, marker=marker, color=color, label=f"README: {label}")
    for loss, color, shift in (("xent", NAIVE, 0.12), ("logconf", CONFIDENCE, 0.2)):
        for name, seeds in runs[runs.loss == loss].groupby("student"):
            places = np.full(len(seeds), sizes.index(name) + shift)
            ax.plot(places, seeds.student_accuracy, ".", color=color, alpha=0.5)
    ax.plot([], [], ".", color="0.4", label="single seeds, replication")
    ax.set_xticks(range(len(sizes)), sizes, rotation=30, ha="right")
    ax.legend(frameon=False, fontsize=8)
    return ax
