"""Scaling: accuracy and PGR against the student's pretraining compute."""

from __future__ import annotations

from textwrap import fill
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from ...metrics.intervals import mean_interval
from .intervals import interval_points
from .looks import LINES, by_compute, compute_axis, current, style

FLOPS = "student_pretraining_flops"
UNBOUNDED = 10  #: Intervals of PGR that reach further run out of the picture.


def _label(supervisor: str, method: str, methods) -> str:
    return f"from {supervisor}" + (f", {method}" if len(methods) > 1 else "")


def accuracy_by_compute(
    table: pd.DataFrame, *, methods=("naive",), statistic="median", intervals=False, ax=None, legend=True
):
    """Figures 3a, 5a and 12 of the paper: accuracy against the student's pretraining compute.

    Black: ceilings. Colour: supervisor, whose own accuracy is the larger marker at the start of its line.
    `statistic` is over tasks, of means over seeds. `intervals` adds 95 % intervals over seeds to students and
    ceilings of a single task with several seeds.
    """
    ax, by = current(ax), ["task", "supervisor", "student", "method"]
    intervals = intervals and table["task"].nunique() == 1 and table["seed"].nunique() > 1
    by_task = table.groupby(by, sort=False).mean(numeric_only=True).reset_index()
    models = by_task.drop_duplicates(["task", "student"])
    ceilings = models.groupby(FLOPS)["ceiling_accuracy"].agg(statistic)
    ax.plot(ceilings.index, ceilings, "-o", color="black", label="ceiling (ground truth)")
    if intervals:
        _over_seeds(ax, table.drop_duplicates(["student", "seed"]), "ceiling_accuracy", "black")
    for name, (color, marker) in style(by_compute(table)).items():
        students = by_task[by_task["supervisor"] == name]
        if students.empty:
            continue
        own = students.drop_duplicates("task")
        at, accuracy = own["supervisor_pretraining_flops"].iloc[0], own["supervisor_accuracy"].agg(statistic)
        ax.plot(at, accuracy, marker, color=color, ms=9, mec="black")
        for method in methods:
            rows = students[students["method"] == method]
            if rows.empty:  # a line without points would stand in the legend
                continue
            line = rows.groupby(FLOPS)["student_accuracy"].agg(statistic)
            look = dict(color=color, label=_label(name, method, methods))
            ax.plot(line.index, line, LINES.get(method, "-") + marker, **look)
            if intervals:
                runs = table[(table["supervisor"] == name) & (table["method"] == method)]
                _over_seeds(ax, runs, "student_accuracy", color)
    compute_axis(ax).set(ylabel="test accuracy")
    if legend:
        ax.legend(fontsize=8, frameon=False)
    return ax


def _over_seeds(ax, rows: pd.DataFrame, column: str, color) -> None:
    """A 95 % interval over seeds at each student's compute, where it has two seeds or more."""
    for flops, values in rows.groupby(FLOPS)[column]:
        if len(values) > 1:
            look = dict(fmt="none", color=color, capsize=2, lw=0.8, ax=ax)
            interval_points([mean_interval(values)], at=[flops], **look)


def pgr_by_compute(summary: pd.DataFrame, *, methods=("naive",), intervals=False, ax=None, legend=True):
    """Figures 3d and 5b: median over tasks of the defined PGRs against the student's compute.

    Where there are several tasks, the small number at a point says how many have a PGR. A pair that has none,
    for want of a clear gap, or has it on one task of several, is a hollow marker below the others. The legend
    counts and names these.
    `intervals` adds 95 % intervals where a point is one task. `summary` is what
    `experiment.result.summarise` returns.
    """
    ax, undefined, of_one, ends = current(ax), [], [], []
    several = summary["task"].nunique() > 1
    for name, (color, marker) in style(by_compute(summary)).items():
        for k, method in enumerate(methods):
            rows = summary[(summary["supervisor"] == name) & (summary["method"] == method)]
            defined = rows[rows["defined"].astype(bool)]
            if several:  # one task of many is no median
                defined = defined.groupby("student", sort=False).filter(lambda pair: len(pair) > 1)
            for student, pair in rows.groupby("student", sort=False):
                if student not in set(defined["student"]):
                    where = of_one if pair["defined"].any() else undefined
                    where.append((pair[FLOPS].iloc[0], f"{name} → {student}", color, marker))
            if defined.empty:
                continue
            line = defined.groupby(FLOPS)["pgr"].agg(["median", "size"])
            look = dict(color=color, label=_label(name, method, methods))
            ax.plot(line.index, line["median"], LINES.get(method, "-") + marker, **look)
            if several:
                _numbers_of_tasks(ax, line, color, (4, 4) if k == 0 else (-10, -9))
            if intervals:
                alone = defined.groupby(FLOPS).filter(lambda rows: len(rows) == 1)
                ends += zip(alone[FLOPS], alone["pgr_low"], alone["pgr_high"], [color] * len(alone))
    # small PGRs would be flat lines at the bottom if the picture reached up to 1
    for level in (0, 1) if intervals or summary["pgr"].max() > 0.5 else (0,):
        ax.axhline(level, color="0.6", lw=0.8, ls=":")
    _pgr_intervals(ax, ends, summary["pgr"].dropna())
    _hollow(ax, undefined, "PGR undefined")
    _hollow(ax, of_one, "PGR of one task only")
    compute_axis(ax).set(ylabel="PGR (median over tasks)" if several or not intervals else "PGR")
    if legend:
        ax.legend(fontsize=8, frameon=False)
    return ax


def _numbers_of_tasks(ax, line: pd.DataFrame, color, shift: tuple[int, int]) -> None:
    """Writes beside each point over how many tasks it is the median. `shift`: in points, right and up."""
    for flops, row in line.iterrows():
        look = dict(xytext=shift, textcoords="offset points", fontsize=7, color=color)
        ax.annotate(f"{row['size']:.0f}", (flops, row["median"]), **look)


def _pgr_intervals(ax, ends, pgrs: pd.Series) -> None:
    """Draws intervals, each (FLOPs, low, high, colour), in a frame that shows every one of the `pgrs`.

    An end of an interval is in the frame only if it is not further away than `UNBOUNDED`.
    """
    for flops, low, high, color in ends:
        ax.vlines(flops, *np.nan_to_num((low, high), posinf=1e6, neginf=-1e6), color=color, lw=0.8)
    if ends:
        near = [end for _, low, high, _ in ends for end in (low, high) if abs(end) <= UNBOUNDED]
        low, high = min([0, *pgrs, *near]), max([1, *pgrs, *near])
        ax.set_ylim(low - 0.08 * (high - low), high + 0.08 * (high - low))


def _hollow(ax, marks, why: str) -> None:
    """Marks pairs without a point at the bottom, each (FLOPs, pair, colour, marker), and names them."""
    for flops, _, color, marker in marks:
        look = dict(mfc="none", color=color, clip_on=False)
        ax.plot(flops, 0.03, marker, transform=ax.get_xaxis_transform(), **look)
    if marks:
        pairs = list(dict.fromkeys(pair for _, pair, _, _ in marks))
        named = ", ".join(pairs[:4]) + (f" and {len(pairs) - 4} more" if len(pairs) > 4 else "")
        label = fill(f"{why}, {len(pairs)} pair{'s' * (len(pairs) > 1)}: {named}", 34)
        ax.plot([], [], "o", mfc="none", color="0.3", label=label)


def small_multiples(table: pd.DataFrame, *, methods=("naive",), columns: int = 5):
    """Figure 12: one small `accuracy_by_compute` a task. Returns the figure."""
    tasks = list(dict.fromkeys(table["task"]))
    rows = -(-len(tasks) // columns)
    options: dict[str, Any] = dict(
        figsize=(2.6 * columns, 2.2 * rows), sharex=True, sharey=True, squeeze=False
    )
    figure, axes = plt.subplots(rows, columns, **options)
    for ax, task in zip(axes.flat, tasks):
        accuracy_by_compute(table[table["task"] == task], methods=methods, ax=ax, legend=False)
        ax.set(title=task, xlabel="", ylabel="")
    for ax in axes.flat[len(tasks) :]:
        ax.axis("off")
    handles, labels = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=min(6, len(labels)), frameon=False)
    figure.supxlabel("student's pretraining compute (FLOPs)", y=0.06)
    figure.supylabel("test accuracy")
    figure.tight_layout(rect=(0.01, 0.07, 1, 1))
    return figure
