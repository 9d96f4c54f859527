"""Pictures of the problem sets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .looks import STAGES, answers_axis, current


def accuracy_by_seed(table: pd.DataFrame, *, ax=None):
    """Every seed's accuracy of each method, a marker a seed.

    `table`: one task, with columns who, seed and accuracy.
    """
    ax = current(ax)
    for (seed, rows), marker in zip(table.groupby("seed", sort=False), "osD"):
        ax.plot(
            range(len(rows)), rows["accuracy"], marker, ms=7, color="0.3", alpha=0.7, label=f"seed {seed}"
        )
    ax.axhline(0.5, color="0.6", lw=0.8, ls=":")
    ax.set_xticks(range(len(rows)), rows["who"], rotation=25, ha="right")
    ax.set(ylim=(-0.04, 1.04), ylabel="test accuracy")
    return ax


def errors_by_confidence(repeated, *, edges, ax=None):
    """Which share of the supervisor's errors a student repeats, by the supervisor's confidence.

    `repeated`: {method: one share a bin}. `edges`: of the bins.
    """
    ax, bins = current(ax), range(len(edges) - 1)
    for (method, shares), look in zip(repeated.items(), ("-o", "--s", ":D", "-.^")):
        ax.plot(bins, shares, look, label=method)
    ax.set_xticks(bins, [f"{low:g} to {high:g}" for low, high in zip(edges, edges[1:])])
    ax.set(xlabel="the supervisor's confidence", ylabel="share that the student repeats", ylim=(-0.04, 1.04))
    ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return ax


def gap_and_gain(bands: pd.DataFrame, *, ax=None):
    """Bars of gap and gain in points for each band of difficulty.

    `bands`: columns band, gap and gain, shares of all puzzles.
    """
    ax = current(ax)
    ax.bar(
        bands["band"] - 0.2,
        100 * bands["gap"],
        0.4,
        color="#bbbbbb",
        label="gap",
        hatch="//",
        edgecolor="white",
    )
    ax.bar(bands["band"] + 0.2, 100 * bands["gain"], 0.4, color="#0173b2", label="gain")
    ax.axhline(0, color="0.4", lw=0.8)
    ax.set(xlabel="difficulty of the test puzzles, from the easiest band", ylabel="points of accuracy")
    ax.set_xticks(bands["band"])
    ax.legend(frameon=False)
    return ax


def solved_by_seed(solved, *, ax=None):
    """Puzzles solved by each player, one below the other, a marker a seed.

    `solved`: {player: one share a seed}.
    """
    ax = current(ax)
    by_seed = zip(*solved.values())
    for seed, (shares, marker, color) in enumerate(zip(by_seed, "os^", ("#0173b2", "#de8f05", "#029e73"))):
        shares = [100 * share for share in shares]
        ax.plot(shares, range(len(solved)), marker, color=color, label=f"seed {seed}", ms=7, alpha=0.8)
    ax.set_yticks(range(len(solved)), solved)
    ax.invert_yaxis()
    ax.set(xlabel="puzzles solved, %")
    ax.legend(frameon=False)
    return ax


def gains_by_band(bands, *, looks, ax=None):
    """Gains over the supervisor in points for each band of difficulty, three bars side by side.

    `bands`: {player: table with columns band and gain}. `looks`: {player: (colour, hatch)}.
    """
    ax = current(ax)
    for i, (player, table) in enumerate(bands.items()):
        color, hatch = looks[player]
        ax.bar(
            table["band"] + 0.27 * (i - 1),
            100 * table["gain"],
            0.27,
            color=color,
            hatch=hatch,
            edgecolor="white",
            label=player,
        )
    ax.axhline(0, color="0.4", lw=0.8)
    ax.set(xlabel="difficulty, from the easiest band", ylabel="gain over the supervisor, points")
    ax.set_xticks(table["band"])
    ax.legend(frameon=False)
    return ax


def best_of_n(curves, *, column, title, ax=None):
    """What the best of n is worth, against n, a line a reward model.

    `curves`: {model: table with columns n and `column`}.
    """
    ax = current(ax)
    for (model, color), look in zip(STAGES.items(), ("D--", "s-", "o-")):
        ax.plot(curves[model]["n"], curves[model][column], look, color=color, label=model, ms=5)
    answers_axis(ax).set(title=title)
    return ax


def corrected_and_covered(alphas, covered, silent, *, ax=None):
    """A student's accuracy where its supervisor speaks and where it does not, by share of wrong labels."""
    ax = current(ax)
    ax.plot(alphas, 1 - np.asarray(alphas), color=STAGES["supervisor"], ls="--", label="supervisor")
    ax.plot(alphas, covered, "o-", color="#0173b2", label="student, where it speaks")
    ax.plot(alphas, silent, "s-", color="#de8f05", ms=4, label="student, where it is silent")
    ax.axvline(0.5, color="0.6", lw=0.8, ls=":")
    ax.set(xlabel="α: share of wrong labels")
    return ax


def kept_labels(counts, right, *, by_probability, all_right, ax=None):
    """How many kept labels are right against the number of wordings, beside other ways to keep them."""
    ax = current(ax)
    ax.plot(counts, right, "o-", color="#0173b2", label="half kept by agreement of answers")
    ax.axhline(by_probability, color="#029e73", ls="-.", label="half kept by one probability")
    ax.axhline(all_right, color="#999999", ls="--", label="all labels")
    ax.set(xlabel="wordings", xscale="log", ylim=(0.4, 1))
    ax.set_xticks(counts, counts)
    ax.minorticks_off()
    return ax
