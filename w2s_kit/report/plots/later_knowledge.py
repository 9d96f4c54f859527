"""Pictures of what a student knows and does not say (notebook 24)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...metrics.intervals import mean_interval
from .intervals import interval_points
from .looks import current


def by_layer(table: pd.DataFrame, *, column, color, look, label, shift=0.0, ax=None):
    """`column` against the layer of the student, with 95 % intervals over seeds.

    `table`: a row a task, seed and layer.
    """
    groups = [rows.groupby("seed")[column].mean() for _, rows in table.groupby("layer")]
    at = np.arange(len(groups)) + shift + table["layer"].min()
    means = [mean_interval(values) for values in groups]
    return interval_points(means, at=at, fmt=look, color=color, capsize=2, ms=5, label=label, ax=ax)


def read_out_by_layer(table: pd.DataFrame, *, columns, says, layers, ax=None):
    """What several probes read from each layer, beside what the student says (the level `says`).

    `columns`: {column: (colour, look, label, shift)}. `layers`: where the ticks are.
    """
    ax = current(ax)
    for column, (color, look, label, shift) in columns.items():
        by_layer(table, column=column, color=color, look=look, label=label, shift=shift, ax=ax)
    ax.axhline(says, color="#222222", lw=1.2, label="what the student says")
    ax.set(xlabel="layer", xticks=list(layers), xlim=(layers[0] - 0.3, layers[-1] + 0.3), ylim=(0, 1.02))
    return ax


def steered_by_dose(table: pd.DataFrame, *, column, looks, ax=None):
    """`column` against the dose of a push along each direction, with 95 % intervals over seeds.

    Grey: the range of random directions. `table`: columns direction, dose, seed and `column`. `looks`:
    {direction: (colour, look, label)}.
    """
    ax = current(ax)
    for direction, (color, look, label) in looks.items():
        rows = table[table["direction"] == direction]
        if direction == "random":  # no push is no push in any direction
            rows = pd.concat([rows, table[(table["direction"] == "plain") & (table["dose"] == 0)]])
            spread = rows.groupby("dose")[column].agg(["min", "max"])
            ax.fill_between(spread.index, spread["min"], spread["max"], color="0.85", lw=0)
        means = {
            dose: mean_interval(part.groupby("seed")[column].mean()) for dose, part in rows.groupby("dose")
        }
        interval_points(means.values(), at=means, fmt=look, color=color, capsize=2, ms=4, label=label, ax=ax)
    ax.set(xlabel="dose", xticks=[0, 0.5, 1, 1.5, 2], ylim=(0, 1.02))
    return ax


def aurocs_of_latents(table: pd.DataFrame, *, names, ax=None):
    """AUROCs, one below the other: the mean with its 95 % interval, and a hollow marker for each task.

    `table`: columns task, seed and those of `names`, {column: name}.
    """
    ax, by_seed = current(ax), table.groupby("seed").mean(numeric_only=True)
    for place, column in enumerate(names):
        for (task, rows), marker in zip(table.groupby("task", sort=False), "osD^"):
            label = task if place == 0 else None
            ax.plot(rows[column].mean(), place, marker, color="0.6", ms=5, mfc="none", label=label)
        mean = mean_interval(by_seed[column])
        interval_points(
            [mean], at=[place], across=True, fmt="|", ms=12, color="#0173b2", capsize=3, lw=2, ax=ax
        )
    ax.axvline(0.5, color="0.6", lw=0.8, ls=":")
    ax.set(yticks=range(len(names)), yticklabels=list(names.values()), xlim=(0.4, 1.01))
    ax.invert_yaxis()
    ax.legend(
        frameon=False,
        fontsize=8,
        title="mean of a task",
        title_fontsize=8,
        loc="center left",
        bbox_to_anchor=(1.01, 0.5),
    )
    return ax
