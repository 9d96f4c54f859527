"""Pictures of the ledger of claims (notebook 27)."""

from __future__ import annotations

import pandas as pd

from .intervals import current

MARKERS = {"shows": "o", "opposite": "X", "does not show": "s"}


def claims_about_pgr(table: pd.DataFrame, *, ax=None):
    """One claim a line: its number with its 95 % interval, in the colour and with the marker of its verdict.

    `table`: rows of `claims.scoreboard` that have a value. Ends of intervals beyond -0.5 and 1.2 are cut.
    """
    from ..claims.page import COLORS

    ax = current(ax)
    for y, row in enumerate(table.itertuples()):
        color = COLORS[row.verdict]
        ax.plot([max(row.low, -0.5), min(row.high, 1.2)], [y, y], color=color, lw=2)
        ax.plot(row.value, y, MARKERS.get(row.verdict, "s"), color=color, ms=6)
    ax.axvline(0, color="0.5", lw=0.8, ls=":")
    names = [
        f"{row.notebook} · {row.statement[:62]}{'…' * (len(row.statement) > 62)}"
        for row in table.itertuples()
    ]
    ax.set_yticks(range(len(table)), names, fontsize=7.5)
    ax.set(
        xlabel="PGR, or a difference of two, with 95 % interval",
        ylim=(len(table) - 0.5, -0.5),
        xlim=(-0.55, 1.25),
    )
    return ax
