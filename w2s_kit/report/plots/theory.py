"""Pictures of the theory: misfit, expansion and random features (notebooks 16 to 18)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...metrics.intervals import mean_interval
from .intervals import interval_points
from .looks import STAGES, current

BLUE, ORANGE, GREEN, PURPLE = "#0173b2", "#de8f05", "#029e73", "#cc78bc"
GREY, BLACK = "0.45", "#222222"


def projection(edge, *, truth, weak, student, ax=None):
    """The set V, and the triangle of truth, supervisor and student, three points of the plane.

    `edge`: of V, points x 2.
    """
    ax = current(ax)
    ax.fill(*edge.T, color="#bcd8ea", alpha=0.6, label="V: what the student can be")
    for start, end, line, color in (
        (weak, truth, "-", ORANGE),
        (student, truth, "-", BLUE),
        (student, weak, "--", "0.3"),
    ):
        ax.plot(*np.array([start, end]).T, line, color=color, lw=1.5)
    points = (
        (truth, "*", BLACK, "truth g"),
        (weak, "s", ORANGE, "supervisor w"),
        (student, "o", BLUE, "student s"),
    )
    for point, marker, color, name in points:
        ax.plot(*point, marker, color=color, ms=10, label=name)
    ax.set(xlim=(-1.1, 1.6), ylim=(-1.1, 1.5), aspect="equal", xticks=[], yticks=[])
    ax.legend(frameon=False, fontsize=8, loc="upper left")
    return ax


def gain_by_misfit(misfit, gain, *, below=None, sizes=(16, 16), labels=(None, None), line=None, ax=None):
    """A point a pair of models, and the line on which gain is misfit.

    `below`: which pairs are crosses, if any. `sizes` and `labels`: of points and of crosses. `line`: the
    line's label.
    """
    ax = current(ax)
    below = np.zeros(len(gain), bool) if below is None else below
    ax.scatter(misfit[~below], gain[~below], s=sizes[0], color=BLUE, label=labels[0])
    if below.any():
        ax.scatter(misfit[below], gain[below], s=sizes[1], marker="X", color=ORANGE, label=labels[1])
    ax.plot([0, misfit.max()], [0, misfit.max()], color="0.4", lw=1, label=line)
    ax.set_xlabel("misfit")
    return ax


def guessed_error(guess, student_error, *, names, ax=None):
    """The student's true error against a guess of it that needs no truth, a named point a supervisor."""
    ax = current(ax)
    ax.scatter(guess, student_error, s=26, color=BLUE)
    for name, x, y in zip(names, guess, student_error):
        ax.annotate(name, (x, y), textcoords="offset points", xytext=(5, 3), fontsize=8)
    ax.axline((student_error.min(), student_error.min()), slope=1, color="0.4", lw=1)
    return ax


def accuracy_by_set(table: pd.DataFrame, *, looks, names, published, ax=None):
    """Bars of accuracy where the supervisor speaks (S0, S1) and is silent (T0, T1), a colour a student.

    `table`: columns student, set and accuracy, a row a seed. `looks`: {student: (label, colour, hatch)}.
    `names`: of the two classes. `published`: {student: accuracies}, white diamonds, as many as were
    published.
    """
    ax, sets = current(ax), ("S0", "S1", "T0", "T1")
    for shift, (name, (label, color, hatch)) in zip(np.linspace(-0.34, 0.34, len(looks)), looks.items()):
        for place, where in enumerate(sets):
            values = table[(table["student"] == name) & (table["set"] == where)]["accuracy"]
            if len(values):
                mean = mean_interval(values)
                ax.bar(
                    place + shift,
                    mean.mean,
                    0.16,
                    color=color,
                    hatch=hatch,
                    edgecolor="white",
                    label=label if place == 0 else None,
                )
                whisker = "0.5" if color == BLACK else "black"
                interval_points([mean], at=[place + shift], fmt="", color=whisker, lw=1, capsize=2, ax=ax)
        for place, accuracy in enumerate(published.get(name, ())):
            label = "the paper's, on films" if (place, name) == (0, "xl") else None
            ax.plot(place + shift, accuracy, "D", color="white", mec="black", ms=6, zorder=3, label=label)
    ax.axhline(0.5, color="0.6", lw=0.8, ls=":")
    ax.set_xticks(
        range(4),
        [
            f"{where}: {names[int(where[1])]}, {'it speaks' if where[0] == 'S' else 'it is silent'}"
            for where in sets
        ],
    )
    ax.set(ylabel="accuracy", ylim=(0, 1.03))
    ax.legend(frameon=False, fontsize=8, ncols=6, loc="lower center", bbox_to_anchor=(0.5, 1))
    return ax


def expansion(table: pd.DataFrame, *, ax=None, legend=True):
    """Theorem 4.1 of Lang et al. as robustness is asked for less strictly.

    It shows what expands, how far it reaches, and the bounds that follow, beside the errors of supervisor and
    student. `table`: rows of `theory.correction`, one an eta.
    """
    ax = current(ax)
    lines = {
        "robust": ("right and robust (of good labels)", GREEN, "-^"),
        "reach": ("has such a neighbour (of bad labels)", ORANGE, "-s"),
        "bound": ("bound, with this reach", BLUE, "-o"),
        "theorem": ("Theorem 4.1", PURPLE, "-D"),
    }
    for name, (label, color, look) in lines.items():
        values = table[name].where(table[name] < 1) if name == "theorem" else table[name]
        ax.plot(table["eta"], values, look, color=color, ms=5, lw=1.2, alpha=0.85, label=label)
    supervisor, student = table["alpha"].iloc[0], table["error"].iloc[0]
    ax.axhline(supervisor, color=STAGES["supervisor"], lw=2, ls="--", label="the supervisor's error, α")
    ax.axhline(student, color="black", lw=2, ls=":", label="the student's error")
    ax.set(xlabel="η: share of neighbours that may disagree", ylabel="share", ylim=(-0.03, 1.03))
    if legend:
        ax.legend(fontsize=8, frameon=False)
    return ax


def accuracy_by_penalty(table: pd.DataFrame, *, ax=None):
    """A student's accuracy on each set against its penalty's inverse C, with 95 % intervals.

    `table`: columns set, C, accuracy.
    """
    ax = current(ax)
    for (where, rows), color, marker in zip(
        table.groupby("set", sort=False), (BLUE, ORANGE, GREEN, PURPLE), "osD^"
    ):
        look = dict(marker=marker, ls="-" if where[0] == "S" else "--", color=color, label=where)
        _by_penalty(ax, rows, "accuracy", **look)
    ax.axhline(0.5, color="0.6", lw=0.8, ls=":")
    ax.set(ylabel="accuracy of xl", title="Correction and coverage", ylim=(0.4, 1.03))
    ax.legend(frameon=False)
    return ax


def bound_by_penalty(table: pd.DataFrame, *, ax=None):
    """What is promised and what is done on S0: bound, error and the supervisor's error.

    `table`: columns C, bound, error, alpha.
    """
    ax = current(ax)
    _by_penalty(ax, table, "bound", fmt="-o", color=BLUE, label="bound, with this reach")
    _by_penalty(ax, table, "error", fmt=":s", color="black", label="the student's error")
    alpha, grey = table["alpha"].mean(), STAGES["supervisor"]
    ax.axhline(alpha, color=grey, lw=2, ls="--", label="the supervisor's error, α")
    ax.set(ylabel="share of S0", title="What is promised, and what is done", ylim=(0, None))
    ax.legend(frameon=False)
    return ax


def _by_penalty(ax, rows: pd.DataFrame, column: str, **look) -> None:
    means = {c: mean_interval(values) for c, values in rows.groupby("C")[column]}
    interval_points(means.values(), at=means, capsize=2, ms=5, ax=ax, **look)
    ax.set(xscale="log", xlabel="C: weak penalty to the right")


def error_over_time(times, errors, *, teacher_error, lowest, stop, ax=None):
    """A student's error over its training, beside its teacher's.

    `lowest`: below it no student can be. `stop`: (time, error).
    """
    ax = current(ax)
    ax.semilogx(times, errors, color=BLUE, label="student")
    ax.axhline(teacher_error, color=ORANGE, ls="--", label="teacher")
    ax.axhspan(0, lowest, color="0.8", label="impossible")
    ax.plot(*stop, "o", color=BLUE, ms=9)
    ax.set(xlabel="time of training", ylabel="error", ylim=(0, 1.05))
    ax.legend(frameon=False, fontsize=8)
    return ax


def taught_and_learned(parts: pd.DataFrame, *, ax=None):
    """White bars: what the teacher's labels hold of each part. Coloured bars: what is learned of it.

    `parts`: a row a part, with taught and learned; the first is signal.
    """
    ax, places = current(ax), range(len(parts))
    colors = [GREEN] + [ORANGE] * (len(parts) - 1)
    ax.bar(places, parts["taught"], color="white", edgecolor="0.3", label="said by the teacher")
    ax.bar(places, parts["learned"], color=colors, label="learned")
    ax.set(title="squared length of what was said and learned", yscale="log", ylim=(1e-4, 1.5))
    ax.set(xticks=places, xticklabels=parts.index)
    ax.legend(frameon=False, fontsize=8)
    return ax


def student_by_teacher_error(infinite: pd.DataFrame, finite: pd.DataFrame, *, ax=None):
    """Students' errors against their teachers', between three power laws and what is impossible.

    `infinite`: columns features ("linear" or "relu"), teacher, student. `finite`: columns teacher_error,
    student_error.
    """
    ax, line = current(ax), np.geomspace(0.01, 0.9, 100)
    ax.fill_between(line, 1e-5, line**2 / 4, color="0.85")
    ax.text(0.12, 4e-4, "impossible: below $L_{TE}^2/4$", rotation=37, fontsize=9, color="0.3")
    for power, line_style in ((1, "-"), (1.49, "--"), (2, ":")):
        ax.loglog(line, line**power, line_style, color=GREY, lw=1)
        ax.text(0.0105, 0.0105**power * 1.25 * 1.75**power, f"power {power}", fontsize=8, color=GREY)
    for kind, color, marker in (("linear", GREEN, "^"), ("relu", BLUE, "o")):
        points = infinite[infinite["features"] == kind]
        ax.loglog(
            points["teacher"],
            points["student"],
            marker,
            color=color,
            ms=4,
            label=f"{kind}, student of infinite width",
        )
    label = "relu, student of 8192 units, 3000 inputs"
    ax.loglog(finite["teacher_error"], finite["student_error"], "x", color=ORANGE, ms=4, label=label)
    ax.set(
        xlabel="teacher's error $L_{TE}$",
        ylabel="student's error $L_{ST}$, stopped at its best",
        xlim=(0.01, 1),
        ylim=(2e-5, 1),
    )
    ax.legend(frameon=False, fontsize=8, loc="lower right")
    return ax


def variance_by_overlap(shared, formula, *, teacher, truth, measured_at, measured, ax=None):
    """A student's error against the dimensions that it shares with its teacher, by formula and measured.

    `shared`, `formula`: the curve. `teacher`, `truth`: the levels of the teacher, and of the student's
    model on true labels. `measured`: (repeats, 3), errors of teacher, student and the model on true
    labels, at the overlap `measured_at`.
    """
    ax = current(ax)
    ax.plot(shared, formula, color=BLUE, label="student, formula")
    ax.axhline(teacher, color=ORANGE, ls="--", label="teacher, formula")
    ax.axhline(truth, color=GREEN, ls=":", label="the student's model on the true labels")
    for values, color, marker in zip(measured.T, (ORANGE, BLUE, GREEN), "so^"):
        interval_points([mean_interval(values)], at=[measured_at], fmt=marker, color=color, capsize=3, ax=ax)
    ax.set(xlabel="shared dimensions", ylabel="error", ylim=(0, None))
    return ax
