"""Colours, markers and axes that the pictures share.

Colours are colour-blind safe, and every series has its own marker as well. A supervisor keeps its colour
everywhere.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.ticker import NullFormatter

MARKERS = "oDsPXv^"
SIZES = ("xs", "s", "m", "l", "xl")
LINES = {"naive": ":", "confidence": "--", "bootstrap": "-."}
STAGES = {"supervisor": "#737373", "student": "#0173b2", "ceiling": "#222222"}


def style(names) -> dict:
    """Colour and marker of each supervisor.

    They go by its place in a family of five, or by its place among `names` where they are others.
    """
    places = SIZES if set(names) <= set(SIZES) else list(names)
    colors = sns.color_palette("colorblind", len(places))
    return {name: (colors[places.index(name)], MARKERS[places.index(name)]) for name in names}


def current(ax):
    """`ax`, or the current axes where there is none."""
    return ax if ax is not None else plt.gca()


def compute_axis(ax):
    """Makes the horizontal axis that of the student's pretraining compute, and returns `ax`."""
    ax.set(xscale="log", xlabel="student's pretraining compute (FLOPs)")
    ax.xaxis.set_minor_formatter(NullFormatter())  # within two decades they would run into each other
    return ax


def answers_axis(ax):
    """Makes the horizontal axis that of n, the answers to choose among, and returns `ax`."""
    ax.set(xscale="log", xlabel="n")
    ax.set_xticks([1, 4, 16, 64], ["1", "4", "16", "64"])
    ax.minorticks_off()
    return ax


def by_compute(table: pd.DataFrame) -> list[str]:
    """The names of the models in `table`, by pretraining compute."""
    sizes = {}
    for who in ("supervisor", "student"):
        sizes |= dict(zip(table[who], table[f"{who}_pretraining_flops"]))
    return sorted(sizes, key=sizes.__getitem__)
