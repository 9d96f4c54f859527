"""Pictures of nested oversight (notebook 30)."""

from __future__ import annotations

import pandas as pd

from ...metrics.intervals import mean_interval
from .intervals import interval_points
from .looks import current, style


def caught_by_gap(table: pd.DataFrame, *, ax=None):
    """How many backdoors are caught against the Elo gap: a point a pair, a look a judge, means over seeds.

    `table`: rows of a judge, a player and a seed, with columns `gap` (Elo of the player minus that of the
    judge) and `caught`. Whiskers are 95 % intervals over seeds. A model that judges itself is left out.
    """
    ax, rows = current(ax), table[table["judge"] != table["player"]]
    weakest_first = rows.groupby("judge")["gap"].mean().sort_values(ascending=False).index
    for judge, look in style(list(weakest_first)).items():
        theirs = rows[rows["judge"] == judge]
        pairs = [(pair["gap"].mean(), mean_interval(pair["caught"])) for _, pair in theirs.groupby("player")]
        pairs.sort(key=lambda pair: pair[0])
        gaps, caught = zip(*pairs)
        interval_points(
            caught, at=gaps, ax=ax, fmt=f"{look[1]}-", color=look[0], capsize=2, label=f"judge {judge}"
        )
    ax.axvline(0, color="0.6", lw=0.8, ls=":")
    ax.set(xlabel="Elo of the player minus Elo of the judge", ylabel="backdoors caught", ylim=(0, 1))
    return ax
