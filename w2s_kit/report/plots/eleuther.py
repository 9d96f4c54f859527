"""Pictures of EleutherAI's 21 tasks and of the paired tests on them (notebook 15)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...metrics.comparison import differences, median_interval
from ...metrics.intervals import mean_interval
from .intervals import interval_points
from .looks import STAGES, current

METHODS = ("#0173b2", "#de8f05", "#029e73", "#cc78bc", "#ca9161", "#949494")


def task_gaps(tasks: pd.DataFrame, *, ax=None):
    """Floor, two students and ceiling of every task, the narrowest gap at the bottom.

    `tasks`: one row a task, with floor_auc, ceiling_auc, naive_auc and logconf_auc.
    """
    ax = current(ax)
    tasks = tasks.loc[(tasks["ceiling_auc"] - tasks["floor_auc"]).sort_values().index]
    y = np.arange(len(tasks))
    ax.hlines(y, tasks["floor_auc"], tasks["ceiling_auc"], color="0.8", lw=2, zorder=1)
    ax.plot(tasks["floor_auc"], y, "o", color=STAGES["supervisor"], label="floor: Qwen1.5-0.5B")
    ax.plot(tasks["naive_auc"], y, "s", color="#0173b2", ms=7, label="naive student")
    ax.plot(tasks["logconf_auc"], y, "D", color="#de8f05", ms=5, label="student with logconf")
    ax.plot(tasks["ceiling_auc"], y, "|", color=STAGES["ceiling"], ms=12, mew=2, label="ceiling: Llama-3-8B")
    ax.set_yticks(y, tasks.index)
    ax.axvline(0.5, color="0.6", lw=0.8, ls=":")
    ax.set(xlabel="AUC", xlim=(0.49, 1.01))
    ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return ax


def pgr_of_methods(scores: pd.DataFrame, *, ax=None):
    """Each method's PGR on every task, with mean and median and their 95 % intervals.

    `scores`: a row a task, a column a method.
    """
    ax, spread = current(ax), np.linspace(-0.22, 0.22, len(scores))
    for i, (method, color) in enumerate(zip(scores, METHODS)):
        values, named = scores[method], i == 0
        ax.plot(i + spread, values.sort_values(), "o", color=color, alpha=0.35, ms=4)
        look = dict(color="0.15", capsize=3, ms=5, ax=ax)
        interval_points(
            [mean_interval(values)], at=[i - 0.1], fmt="s", label="mean" if named else None, **look
        )
        interval_points(
            [median_interval(values)], at=[i + 0.1], fmt="D", label="median" if named else None, **look
        )
    ax.set_xticks(range(scores.shape[1]), scores.columns)
    ax.set(ylabel="PGR", title=f"each method: {len(scores)} tasks, mean and median with 95 % intervals")
    ax.legend(frameon=False, loc="upper center")
    return ax


def paired_differences(scores: pd.DataFrame, *, baseline: str, ax=None):
    """Each method's PGR less that of `baseline` on the same task, with the mean's 95 % interval."""
    ax, spread = current(ax), np.linspace(-0.22, 0.22, len(scores))
    colors = dict(zip(scores, METHODS))
    methods = [method for method in scores if method != baseline]
    for i, method in enumerate(methods):
        difference = differences(scores[method], scores[baseline])
        ax.plot(i + spread, np.sort(difference), "o", color=colors[method], alpha=0.35, ms=4)
        interval_points([mean_interval(difference)], at=[i], fmt="s", color="0.15", capsize=3, ms=5, ax=ax)
    ax.axhline(0, color="0.4", lw=0.8)
    ax.set_xticks(range(len(methods)), methods)
    ax.set(ylabel="PGR − PGR of naive", title="paired: difference from naive on the same task")
    return ax


def forest(comparisons: pd.DataFrame, *, colors, markers="s", scores=None, baseline="naive", ax=None):
    """One comparison a row: mean with 95 % interval, and the median as a tick.

    `comparisons`: rows of `metrics.comparison.compare`. `colors` and `markers`: one a row. `scores`: a column
    a method, with `baseline`; the differences of single tasks are then grey dots.
    """
    ax, markers = current(ax), markers * len(comparisons) if len(markers) == 1 else markers
    for i, row in enumerate(comparisons.itertuples()):
        if scores is not None:
            ax.plot(
                differences(scores[row.Index], scores[baseline]),
                np.full(len(scores), i),
                "o",
                color="0.75",
                ms=4,
                zorder=1,
            )
        look = dict(fmt=markers[i], color=colors[i], capsize=3, ax=ax)
        interval_points([row], at=[i], across=True, **look)
        ax.plot(row.median, i, "|", color="0.15", ms=12, mew=1.5)
    ax.axvline(0, color="0.4", lw=0.8)
    ax.set_yticks(range(len(comparisons)), comparisons.index)
    return ax
