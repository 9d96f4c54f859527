"""Pictures of models that err alike (notebook 26)."""

from __future__ import annotations

import pandas as pd

from .looks import current, style


def gain_by_likeness(cells: pd.DataFrame, *, ax=None):
    """What students gain against κp of student and supervisor: a point a pair and task, a colour a student.

    `cells`: columns student; capa; gain, in points; taught, whether the pair counts. The others are hollow.
    """
    ax = current(ax)
    looks = style(cells["student"].unique())
    for student, (color, marker) in looks.items():
        rows = cells[cells["student"] == student]
        for taught, face in ((True, color), (False, "none")):
            of_kind = rows[rows["taught"] == taught]
            label = f"student {student}" if taught == rows["taught"].any() else None
            ax.scatter(
                of_kind["capa"],
                of_kind["gain"],
                s=32,
                marker=marker,
                color=color,
                facecolor=face,
                label=label,
            )
    ax.axhline(0, color="0.6", linewidth=0.8)
    ax.set(xlabel="κp of weak labels and own answers", ylabel="student − supervisor (points)")
    ax.legend(frameon=False, fontsize=9)
    return ax
