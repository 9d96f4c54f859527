"""Pictures of later studies: easy to hard, correctors, debate, what the student knows (notebooks 21 to 24)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...metrics import mean_interval
from .intervals import current, interval_points

JUDGES = {  # (judge, way) -> label, colour, line and marker
    ("none", "majority"): ("majority", "#222222", "-o"),
    ("prm", "vote"): ("PRM, weighted vote", "#0173b2", "-s"),
    ("orm", "vote"): ("ORM, weighted vote", "#de8f05", "-^"),
    ("prm", "best"): ("PRM, best of n", "#0173b2", "--s"),
    ("orm", "best"): ("ORM, best of n", "#de8f05", "--^"),
}
FAULTS = {  # kind of solution -> colour, hatch
    "right": ("#029e73", ""),
    "calculation": ("#de8f05", "//"),
    "copying": ("#0173b2", ".."),
    "form": ("#cc78bc", "xx"),
    "close": ("#949494", "\\\\"),
}
FOUR_MODELS = {  # of an easy-to-hard pair: label, colour, marker
    "supervisor": ("supervisor", "#949494", "v"),
    "student": ("student of weak labels", "#de8f05", "o"),
    "easy": ("student of easy truth", "#029e73", "s"),
    "ceiling": ("ceiling: of hard truth", "#222222", "D"),
}


def solved_by_samples(table: pd.DataFrame, *, live=None, ax=None):
    """Share of problems solved against the number of solutions to choose among, a line a way to choose, with 95 % bands.

    `table`: one level, with judge, way, n and accuracy. `live`: {(judge, way): {n: share}}, hollow markers.
    """
    ax = current(ax)
    for (judge, way), (label, color, look) in JUDGES.items():
        rows = table[(table["judge"] == judge) & (table["way"] == way)]
        bands = {n: mean_interval(values) for n, values in rows.groupby("n")["accuracy"]}
        ax.plot(list(bands), [band.mean for band in bands.values()], look, color=color, ms=4, lw=1.3, label=label)
        low, high = zip(*((band.low, band.high) for band in bands.values()))
        ax.fill_between(list(bands), low, high, color=color, alpha=0.15, lw=0)
        for n, share in (live or {}).get((judge, way), {}).items():
            ax.plot(n, share, look[-1], color=color, ms=9, mfc="none")
    ax.set_xscale("log", base=2)
    ax.set_xticks(list(bands), list(bands))
    ax.set(xlabel="n, solutions to choose among", ylim=(0, 1.03))
    return ax


def kinds_of_solutions(shares, *, names, ax=None):
    """One stacked bar for each way to choose a solution: which share is right, and which fault the others have.

    `shares`: {(way, kind): share}. `names`: {way: name under the bar}.
    """
    ax, bottom = current(ax), np.zeros(len(names))
    for kind, (color, hatch) in FAULTS.items():
        height = np.array([shares[way, kind] for way in names])
        ax.bar(range(len(names)), height, bottom=bottom, color=color, hatch=hatch, edgecolor="white", width=0.7, label=kind)
        bottom += height
    ax.set_xticks(range(len(names)), names.values(), fontsize=8)
    return ax


def ways_to_choose(samples, *, looks, ax=None):
    """Share of problems solved by each way to choose, one below the other, with 95 % intervals.

    `samples`: {name: one number a seed}. `looks`: {name: (marker, colour)}.
    """
    ax = current(ax)
    for place, (name, values) in enumerate(samples.items()):
        marker, color = looks[name]
        interval_points([mean_interval(values)], at=[place], across=True, fmt=marker, capsize=3, ms=6, color=color, ax=ax)
    ax.set_yticks(range(len(samples)), samples)
    ax.set(xlabel="share of problems solved", xlim=(0.45, 1.02))
    ax.grid(axis="x", alpha=0.3)
    return ax


def easy_to_hard(table: pd.DataFrame, *, ax=None):
    """Supervisor, student, student of easy truth and ceiling of each pair, with 95 % intervals over seeds.

    `table`: columns supervisor, student, and an accuracy of each of the four models.
    """
    ax, pairs = current(ax), list(table.groupby(["supervisor", "student"], sort=False))
    for offset, (model, (label, color, marker)) in zip((-0.18, -0.06, 0.06, 0.18), FOUR_MODELS.items()):
        means = [mean_interval(rows[f"{model}_accuracy"]) for _, rows in pairs]
        at = np.arange(len(pairs)) + offset
        interval_points(means, at=at, fmt=marker, color=color, capsize=3, ms=6, label=label, ax=ax)
    ax.set_xticks(range(len(pairs)), [f"{supervisor} → {student}" for (supervisor, student), _ in pairs])
    ax.set(ylabel="accuracy on hard problems", xlabel="supervisor → student", ylim=(0.45, 1.08))
    ax.legend(frameon=False, fontsize=8, loc="lower right")
    return ax


def changes_by_corrector(intervals, *, names, ax=None):
    """How a corrector changes each model's answers, in points. `intervals`: {"helpful" or "harmless": one interval a name}."""
    ax, looks = current(ax), (("#0173b2", "o"), ("#de8f05", "s"))
    for shift, (what, found), (color, marker) in zip((-0.15, 0.15), intervals.items(), looks):
        at = np.arange(len(names)) + shift
        interval_points(found, at=at, across=True, fmt=marker, color=color, capsize=2, ms=5, label=what, ax=ax)
    ax.axvline(0, color="0.5", lw=0.8)
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.set(xlabel="change by the corrector, in points")
    ax.legend(frameon=False, fontsize=8)
    return ax


def lines_over_crowds(lines, *, wrong, ax=None):
    """Intervals against the share of facts that a crowd tells wrongly. `lines`: {label: (intervals, colour, line and marker)}."""
    ax = current(ax)
    for label, (intervals, color, look) in lines.items():
        interval_points(intervals, at=wrong, fmt=look, color=color, capsize=3, label=label, ax=ax)
    ax.set(xlabel="share of facts that the crowd tells wrongly")
    ax.set_xticks(list(wrong))
    ax.legend(frameon=False, fontsize=8)
    return ax


def labels_and_student(labels_right, student_right, *, names, before, supervisor, ax=None):
    """For each kind of labels: how many are right, and how many facts the strong model has right after it learned them.

    `labels_right`, `student_right`: {kind: one number a seed}. `names`: {kind: name}. `before`, `supervisor`: levels.
    """
    ax = current(ax)
    for i, kind in enumerate(names):
        label = {"labels": "its labels", "student": "the strong model, after"} if i == 0 else {}
        ax.plot(i, np.mean(labels_right[kind]), "s", color="white", mec="#de8f05", mew=1.5, label=label.get("labels"))
        mean = mean_interval(student_right[kind])
        interval_points([mean], at=[i], fmt="o", color="#0173b2", capsize=3, label=label.get("student"), ax=ax)
    ax.axhline(before, color="#0173b2", lw=1, ls="--", label="the strong model, before")
    ax.axhline(supervisor, color="0.4", lw=1.2, ls=":", label="m, answering by itself")
    ax.set_xticks(range(len(names)), names.values(), rotation=20)
    return ax
