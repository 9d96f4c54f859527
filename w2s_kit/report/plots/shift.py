"""Pictures of students under a shift (notebook 29)."""

from __future__ import annotations

import pandas as pd

from ...metrics.intervals import mean_interval
from .intervals import interval_points
from .looks import current

#: Colour and marker of each side of a test with a shift.
SIDES = {"in": ("#0173b2", "o", "inside"), "out": ("#de8f05", "s", "outside")}


def inside_and_outside(table: pd.DataFrame, *, ax=None):
    """The accuracy of students inside and outside, a line for each method, with 95 % intervals over seeds.

    `table`: rows of a method, a task and a seed, with columns `student_in`, `student_out`, `supervisor_in`
    and `supervisor_out`; tasks are averaged first. The bars "|" are the supervisor of each method.
    """
    ax, methods = current(ax), list(dict.fromkeys(table["method"]))
    by_seed = table.groupby(["method", "seed"], sort=False).mean(numeric_only=True)
    places = range(len(methods))[::-1]
    for side, (color, marker, name) in SIDES.items():
        students = [mean_interval(by_seed.loc[method, f"student_{side}"]) for method in methods]
        interval_points(
            students,
            at=places,
            across=True,
            ax=ax,
            fmt=marker,
            color=color,
            mfc=color if side == "in" else "white",
            capsize=2,
            markersize=5,
            label=f"student {name}",
        )
        weak = [by_seed.loc[method, f"supervisor_{side}"].mean() for method in methods]
        ax.plot(weak, places, "|", color=color, markersize=11, mew=2, label=f"supervisor {name}")
    ax.axvline(0.5, color="0.6", lw=0.8, ls=":")
    ax.set_yticks(list(places), methods)
    ax.set_xlabel("accuracy")
    return ax
