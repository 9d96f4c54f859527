"""Pictures of the scoreboard of claims."""

from __future__ import annotations

from textwrap import fill
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd

from .ledger import domains
from .looks import COLORS, INKS, SIGNS

LONGEST = 20  # tiles in a row
MARKERS = {"shows": "o", "undecided": "s", "refuted": "D", "opposite": "X"}


def claims_board(table: pd.DataFrame):
    """A scoreboard of claims at a glance: one tile a claim, one row a domain, or more where it is long.

    `table`: what `scoreboard` returns; its columns notebook and verdict are read. Returns the figure.
    """
    lines = [
        (name if start == 0 else "", rows[start : start + LONGEST])
        for name, rows in table.groupby(domains(table["notebook"]), sort=False)
        for start in range(0, len(rows), LONGEST)
    ]
    widest = max(len(rows) for _, rows in lines)
    size = (2.2 + 0.42 * widest, 0.7 + 0.46 * len(lines))
    figure, ax = plt.subplots(figsize=size, layout="constrained")
    middle: dict[str, Any] = dict(ha="center", va="center")
    for y, (_, rows) in enumerate(lines):
        for x, row in enumerate(rows.itertuples()):
            ax.add_patch(plt.Rectangle((x - 0.46, y - 0.42), 0.92, 0.84, color=COLORS[row.verdict], lw=0))
            look = middle | {"color": INKS[row.verdict]}
            ax.text(x, y - 0.1, SIGNS[row.verdict], fontsize=11, family="DejaVu Sans", **look)
            ax.text(x, y + 0.26, row.notebook, fontsize=6.5, **look)
    for verdict, number in table["verdict"].value_counts().reindex(list(SIGNS)).dropna().items():
        ax.plot([], [], "s", ms=9, color=COLORS[verdict], label=f"{SIGNS[verdict]} {verdict} ({number:.0f})")
    ax.set(xlim=(-0.6, widest - 0.4), ylim=(len(lines) - 0.5, -0.5))
    ax.set_yticks(range(len(lines)), [name for name, _ in lines])
    ax.set_xticks([])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    figure.legend(loc="outside lower center", ncols=5, frameon=False, handletextpad=0.3)
    return figure


def claims_about_pgr(table: pd.DataFrame, *, ax=None):
    """One claim a line: its number with its 95 % interval, in the colour and with the marker of its verdict.

    `table`: rows of a scoreboard that have a value. Ends of intervals beyond -0.5 and 1.2 are cut.
    """
    ax = ax if ax is not None else plt.gca()
    for y, row in enumerate(table.itertuples()):
        color = COLORS[row.verdict]
        ax.plot([max(row.low, -0.5), min(row.high, 1.2)], [y, y], color=color, lw=2)
        ax.plot(row.value, y, MARKERS.get(row.verdict, "s"), color=color, ms=6)
    ax.axvline(0, color="0.5", lw=0.8, ls=":")
    names = [fill(f"{row.notebook} · {row.statement}", 64) for row in table.itertuples()]
    ax.set_yticks(range(len(table)), names, fontsize=7.5)
    ax.set(xlabel="PGR, or a difference of two, with 95 % interval")
    ax.set(ylim=(len(table) - 0.5, -0.5), xlim=(-0.55, 1.25))
    return ax
