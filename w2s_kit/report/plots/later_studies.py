"""Pictures of later studies: easy to hard, debate and automated research (notebooks 21, 23 and 25)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...metrics.intervals import mean_interval
from .intervals import interval_points
from .looks import current

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
PUBLIC, PRIVATE = "#de8f05", "#0173b2"


def solved_by_samples(table: pd.DataFrame, *, live=None, ax=None):
    """Share of problems solved against the number of solutions to choose among, a line a way to choose.

    `table`: one level, with judge, way, n and accuracy. `live`: {(judge, way): {n: share}}, hollow markers.
    """
    ax = current(ax)
    for (judge, way), (label, color, look) in JUDGES.items():
        rows = table[(table["judge"] == judge) & (table["way"] == way)]
        bands = {n: mean_interval(values) for n, values in rows.groupby("n")["accuracy"]}
        ax.plot(
            list(bands), [band.mean for band in bands.values()], look, color=color, ms=4, lw=1.3, label=label
        )
        low, high = zip(*((band.low, band.high) for band in bands.values()))
        ax.fill_between(list(bands), low, high, color=color, alpha=0.15, lw=0)
        for n, share in (live or {}).get((judge, way), {}).items():
            ax.plot(n, share, look[-1], color=color, ms=9, mfc="none")
    ax.set_xscale("log", base=2)
    ax.set_xticks(list(bands), list(bands))
    ax.set(xlabel="n, solutions to choose among", ylim=(0, 1.03))
    return ax


def kinds_of_solutions(shares, *, names, ax=None):
    """A stacked bar for each way to choose a solution: the share that is right, and the faults of the others.

    `shares`: {(way, kind): share}. `names`: {way: name under the bar}.
    """
    ax, bottom = current(ax), np.zeros(len(names))
    for kind, (color, hatch) in FAULTS.items():
        height = np.array([shares[way, kind] for way in names])
        ax.bar(
            range(len(names)),
            height,
            bottom=bottom,
            color=color,
            hatch=hatch,
            edgecolor="white",
            width=0.7,
            label=kind,
        )
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
        interval_points(
            [mean_interval(values)], at=[place], across=True, fmt=marker, capsize=3, ms=6, color=color, ax=ax
        )
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


def right_by_reading(table: pd.DataFrame, *, column, methods, looks, ax=None):
    """`column` for each thing that judges read, with 95 % intervals over seeds.

    `methods`: {method: name}. `looks`: {suffix of the method's name: (marker, colour, label)}, such as
    one judge and four.
    """
    ax = current(ax)
    for (suffix, (marker, color, label)), shift in zip(looks.items(), (-0.12, 0.12)):
        for x, method in enumerate(methods):
            rows = table[table["method"] == method + suffix]
            if len(rows):
                mean, named = mean_interval(rows[column]), label if x == 0 else None
                interval_points(
                    [mean], at=[x + shift], fmt=marker, color=color, capsize=2, ms=5, label=named, ax=ax
                )
    ax.axhline(0.5, color="0.5", lw=0.8, ls=":")
    ax.set_xticks(range(len(methods)), methods.values(), fontsize=8.5)
    ax.set(ylim=(0.45, 0.9))
    return ax


def labels_by_turns(samples, *, unadvised, ax=None):
    """Labels right against the number of turns, a line a kind of debate, each seed a dot.

    `samples`: {kind: {turns: values}}.
    """
    ax = current(ax)
    for (name, by_turns), marker, color in zip(samples.items(), "os", ("#0173b2", "#de8f05")):
        ax.plot(
            list(by_turns),
            [values.mean() for values in by_turns.values()],
            f"-{marker}",
            color=color,
            ms=5,
            label=name,
        )
        for turns, values in by_turns.items():
            ax.plot([turns] * len(values), values, ".", color=color, alpha=0.5, ms=5)
    ax.axhline(unadvised, color="0.5", lw=1, ls=":", label="unadvised")
    ax.set(xlabel="turns", ylabel="labels of one judge right", xticks=range(1, 6))
    ax.legend(frameon=False, fontsize=7.5)
    return ax


def labels_by_judges(lines, *, ax=None):
    """Labels right against the number of judges whose mean they are.

    `lines`: {what they read: one share a number of judges}.
    """
    ax = current(ax)
    for (name, shares), marker, color in zip(lines.items(), "o^D", ("#0173b2", "#029e73", "0.4")):
        ax.plot(range(1, len(shares) + 1), shares, f"-{marker}", color=color, ms=5, label=name)
    ax.set(xlabel="judges", ylabel="labels of their mean right", xticks=range(1, 5))
    ax.legend(frameon=False, fontsize=7.5)
    return ax


def labels_and_students(table: pd.DataFrame, *, methods, ax=None):
    """Labels and the student of these labels for each method, with 95 % intervals.

    `table`: method, labels, student_accuracy.
    """
    ax = current(ax)
    for column, marker, color, label, shift in (
        ("labels", "o", "#0173b2", "labels", -0.1),
        ("student_accuracy", "D", "#029e73", "student", 0.1),
    ):
        means = [mean_interval(table[table["method"] == method][column]) for method in methods]
        at = np.arange(len(methods)) + shift
        interval_points(means, at=at, fmt=marker, color=color, capsize=2, ms=5, label=label, ax=ax)
    ax.set_xticks(range(len(methods)), methods.values())
    ax.legend(frameon=False, fontsize=7.5)
    return ax


def best_so_far(table: pd.DataFrame, *, ax=None):
    """A search: the best public score so far, the same entry's private score, and every experiment.

    `table`: a row an experiment, with experiment (its public score), public and private (of the best so far).
    """
    ax, steps = current(ax), np.arange(1, len(table) + 1)
    ax.plot(steps, table["public"], "--", color=PUBLIC, label="best so far, public", drawstyle="steps-post")
    ax.plot(steps, table["private"], color=PRIVATE, label="the same entry, private", drawstyle="steps-post")
    ax.plot(steps, table["experiment"], ".", color="0.7", label="each experiment, public")
    ax.set(xlabel="experiments")
    return ax


def mean_searches(table: pd.DataFrame, *, ax=None):
    """Many searches: means of public and private scores of the best so far, with 95 % bands.

    `table`: columns step, public, private.
    """
    ax = current(ax)
    for half, color, line in (("public", PUBLIC, "--"), ("private", PRIVATE, "-")):
        means = [mean_interval(values) for _, values in table.groupby("step")[half]]
        steps = range(1, len(means) + 1)
        ax.plot(steps, [mean.mean for mean in means], line, color=color)
        ax.fill_between(
            steps, [mean.low for mean in means], [mean.high for mean in means], color=color, alpha=0.2, lw=0
        )
    ax.set(xlabel="experiments")
    return ax


def public_and_private(table: pd.DataFrame, *, ax=None):
    """PGR on both halves of the test against the number of questions that a leaderboard was asked.

    `table`: asked, public, private.
    """
    ax = current(ax)
    ax.plot(table["asked"], table["private"], color=PRIVATE, lw=4, alpha=0.6, label="private")
    ax.plot(table["asked"], table["public"], "--", color=PUBLIC, lw=2, label="public")
    ax.axhline(1, color="0.5", lw=0.8, ls=":", label="ceiling")
    ax.set(xlabel="questions asked")
    return ax


def share_matrix(matrix, *, names, ax=None):
    """A square of shares, each written into its cell. `matrix`: (n, n); `names`: of its rows and columns."""
    ax = current(ax)
    image = ax.imshow(matrix, cmap="cividis", vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(matrix):
        ink = "white" if share < 0.475 else "black"  # what can be read on the middle of the map, either
        ax.text(column, row, f"{share:.2f}", ha="center", va="center", color=ink)
    ax.set_xticks(range(len(names)), names)
    ax.set_yticks(range(len(names)), names)
    ax.figure.colorbar(image, label="share of questions")
    return ax
