"""Pictures of the notebooks on chess puzzles, bootstrapping and reward models, 04 to 06."""

from __future__ import annotations

import chess
import numpy as np
import pandas as pd

from ...metrics.intervals import mean_interval
from .intervals import interval_points, table_intervals
from .looks import STAGES, answers_axis, by_compute, compute_axis, current, style

#: What happens to an answer of the supervisor: colour and hatch.
SOURCES = {
    "kept": ("#0173b2", ""),
    "corrected": ("#56b4e9", ""),
    "inherited": ("#de8f05", "//"),
    "replaced": ("#f4d19b", "\\\\"),
    "new": ("#cc78bc", "xx"),
}
#: A name of `learned_from`: label, line and colour, which is that of no model.
LEARNED_FROM = {
    "zero-shot": ("zero-shot", ":o", "#949494"),
    "chess-easy": ("the easier half", "--s", "#cc78bc"),
    "chess-hard": ("the harder half", "-.D", "#ca9161"),
    "chess": ("all puzzles", "-^", "#222222"),
}
DOSE_LOOKS = (("#de8f05", "s"), ("#0173b2", "o"), ("#cc78bc", "^"))  # colour and marker, dose by dose
CHOOSERS = {  # who chooses the best of n answers: label, colour and line
    "people": ("people, without noise", "#ca9161", "-.^"),
    "ceiling": ("ceiling", STAGES["ceiling"], "-o"),
    "student": ("student", STAGES["student"], "-s"),
    "supervisor": ("supervisor", STAGES["supervisor"], "--D"),
    "chance": ("chance", "#cccccc", ":."),
}


def likeliest_moves(fen: str, moves, probabilities, *, solution: str, number: int = 5, ax=None):
    """The moves that a model finds likeliest, as bars; a hatched bar is the solution.

    `moves`: `chess.Move` objects, in the order of `probabilities`. `solution`: a move in UCI notation.
    """
    ax, position = current(ax), chess.Board(fen)
    best = np.argsort(probabilities)[::-1][:number]
    solves = [moves[i].uci() == solution for i in best]
    colors = ["#0173b2" if yes else "#bbbbbb" for yes in solves]
    hatches = ["//" if yes else "" for yes in solves]
    ax.bar(range(len(best)), probabilities[best], color=colors, hatch=hatches)
    ax.set_xticks(range(len(best)), [position.san(moves[i]) for i in best], rotation=60, fontsize=8)
    return ax


def pgr_by_gap(summary: pd.DataFrame, *, ax=None):
    """PGR with its interval against the gap in points: one point a pair, one colour a supervisor."""
    ax = current(ax)
    for name, (color, marker) in style(by_compute(summary)).items():
        rows = summary[summary.supervisor == name]
        if len(rows):
            look = dict(fmt=marker, color=color, capsize=3, label=f"from {name}", ax=ax)
            interval_points(table_intervals(rows, "pgr"), at=100 * rows.gap, **look)
    ax.axhline(0, color="0.6", lw=0.8, ls=":")
    ax.set(xlabel="gap: ceiling − supervisor, points", ylabel="PGR")
    ax.legend(frameon=False)
    return ax


def agreement_by_compute(table: pd.DataFrame, *, ax=None):
    """Agreement with the supervisor by compute: solid where it is right, dotted where it is wrong."""
    ax = compute_axis(current(ax))
    for name, (color, marker) in style(by_compute(table)).items():
        rows = table[table.supervisor == name].groupby("student_pretraining_flops")
        if len(rows):
            for line, where in (("-", "right"), (":", "wrong")):
                mean = rows[f"agreement_{where}"].mean()
                ax.plot(mean.index, mean, line + marker, color=color, label=f"{name} is {where}")
    ax.legend(fontsize=8, frameon=False, ncols=2)
    return ax


def pgr_by_dose(summary: pd.DataFrame, *, ax=None):
    """PGR of each pair with its interval, from the nearest to the widest gap, a series for each dose.

    `summary`: a row a dose and pair, with the columns n_train, epochs, gap and those of PGR. Pairs are in the
    order of their gap at the largest dose. A pair without a clear gap has no PGR, so no point.
    """
    ax, doses = current(ax), _doses(summary)
    largest = summary[summary.n_train == summary.n_train.max()].sort_values("gap")
    places = {pair: i for i, pair in enumerate(zip(largest.supervisor, largest.student))}
    for i, (dose, (color, marker)) in enumerate(zip(doses, DOSE_LOOKS)):
        rows = summary[(summary.n_train == dose[0]) & summary.defined]
        at = [places[pair] + 0.2 * (i - (len(doses) - 1) / 2) for pair in zip(rows.supervisor, rows.student)]
        look = dict(fmt=marker, color=color, capsize=3, label=_dose_name(*dose), ax=ax)
        interval_points(table_intervals(rows, "pgr"), at=at, **look)
    ax.axhline(0, color="0.6", lw=0.8, ls=":")
    gaps = [f"{w} → {s}\n{100 * gap:.0f}" for (w, s), gap in zip(places, largest.gap)]
    ax.set_xticks(range(len(places)), gaps)
    ax.set(xlabel="pair, and its gap at the largest dose in points", ylabel="PGR")
    ax.legend(frameon=False)
    return ax


def agreement_by_dose(table: pd.DataFrame, *, pairs, ax=None):
    """Agreement with the supervisor at each dose, a colour for each pair, with intervals over seeds.

    Solid where the supervisor is right, dotted where it is wrong. `pairs`: of (supervisor, student).
    """
    ax = current(ax)
    for (supervisor, student), (color, marker) in zip(pairs, DOSE_LOOKS):
        rows = table[(table.supervisor == supervisor) & (table.student == student)]
        for line, where in (("-", "right"), (":", "wrong")):
            look = dict(color=color, fmt=line + marker, label=f"{supervisor} → {student}, {where}")
            _over_doses(rows, f"agreement_{where}", ax, **look)
    ax.set(ylabel="student plays its move")
    ax.legend(fontsize=8, frameon=False, ncols=2)
    return ax


def accuracy_by_dose(table: pd.DataFrame, *, ax=None):
    """Supervisor, student and ceiling of one pair at each dose, and the student as pretrained.

    `table`: a row a dose and seed, with their accuracies. Intervals are over seeds.
    """
    ax = current(ax)
    looks = dict(zip(STAGES, ("--D", "-s", "-o")))
    for who, color in STAGES.items():
        _over_doses(table, f"{who}_accuracy", ax, color=color, fmt=looks[who], label=who)
    before = table.zero_shot_accuracy.mean()
    ax.axhline(before, color="#de8f05", ls=":", label="student, zero-shot")
    ax.set(ylabel="puzzles solved")
    ax.legend(fontsize=8, frameon=False)
    return ax


def _doses(table: pd.DataFrame) -> list[tuple[int, int]]:
    """Puzzles and epochs of each dose, the smallest first."""
    return sorted(set(zip(table.n_train, table.epochs)))


def _dose_name(n_train: int, epochs: int) -> str:
    return f"{n_train:,} puzzles × {epochs}"


def _over_doses(table: pd.DataFrame, column: str, ax, **look) -> None:
    """A line along the doses: the mean over seeds of a column, with its interval."""
    doses = _doses(table)
    intervals = [mean_interval(table[table.n_train == n_train][column]) for n_train, _ in doses]
    interval_points(intervals, at=range(len(doses)), capsize=3, ax=ax, **look)
    ax.set_xticks(range(len(doses)), [_dose_name(*dose) for dose in doses])
    ax.margins(x=0.2)


def solved_by_difficulty(bands: pd.Series, *, ax=None):
    """Puzzles solved in each fifth of difficulty, a line for each training set.

    `bands`: accuracy by (learned_from, fifth), for the names of `LEARNED_FROM`.
    """
    ax = current(ax)
    for learned_from, (label, line, color) in LEARNED_FROM.items():
        ax.plot(range(1, 6), bands[learned_from], line, color=color, label=label)
    ax.set(xlabel="difficulty of the test puzzles, in fifths")
    return ax


def solved_by_rating(table: pd.DataFrame, *, ax=None):
    """Puzzles solved by their rating, a line a model. `table`: columns student, rating and accuracy."""
    ax = current(ax)
    for name, (color, marker) in style(list(dict.fromkeys(table.student))).items():
        line = table[table.student == name].groupby("rating", sort=False).accuracy.mean()
        ax.plot(line.index, line, "-" + marker, color=color, label=name)
    ax.set(xlabel="rating of the puzzle")
    ax.tick_params(axis="x", rotation=30)
    return ax


def error_source_bars(
    shares: pd.DataFrame, *, labels=None, ceilings=None, width: float = 0.6, ax=None, legend=True
):
    """What becomes of the supervisor's answers: stacked shares of the test, one bar a row of `shares`.

    `shares`: the columns of `SOURCES`. `labels`: under the bars, instead of the index.
    `ceilings`: one accuracy a bar, a black line across it. The legend stands on the right of the axes.
    """
    ax, places, bottom = current(ax), np.arange(len(shares)), np.zeros(len(shares))
    for source, (color, hatch) in SOURCES.items():
        look = dict(color=color, hatch=hatch, edgecolor="white", label=source)
        ax.bar(places, shares[source], width, bottom, **look)
        bottom += shares[source].to_numpy()
    if ceilings is not None:
        ax.hlines(ceilings, places - width / 2, places + width / 2, color="black", lw=2, label="its ceiling")
    ax.set_xticks(places, list(shares.index if labels is None else labels))
    if legend:
        ax.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    return ax


def accuracy_by_kind(table: pd.DataFrame, *, kinds, names: dict, ax=None):
    """Supervisor, student and ceiling side by side for each kind of comparison.

    `table`: columns who, kind and accuracy. `kinds`: from left to right. `names`: {stage: model}.
    """
    ax = current(ax)
    for i, (who, color) in enumerate(STAGES.items()):
        accuracies = table[table.who == who].groupby("kind").accuracy.mean()[list(kinds)]
        places = np.arange(len(kinds)) + 0.27 * (i - 1)
        look = dict(color=color, hatch=("", "//", "")[i], edgecolor="white")
        ax.bar(places, accuracies, 0.25, label=f"{who} ({names[who]})", **look)
    ax.axhline(0.5, color="0.6", lw=0.8, ls=":")
    ax.set_xticks(range(len(kinds)), [kind.replace("truth ", "truth\n") for kind in kinds])
    ax.set(ylabel="better answer chosen", ylim=(0, 1))
    ax.legend(frameon=False, ncols=3, loc="upper center", bbox_to_anchor=(0.5, 1.18))
    return ax


def accuracy_by_epoch(table: pd.DataFrame, *, supervisors, ax=None):
    """Mean accuracy of a student while it trains, a line for each supervisor.

    `supervisors`: their own accuracies, dotted.
    """
    ax = current(ax)
    for name, (color, marker) in style(list(dict.fromkeys(table.supervisor))).items():
        rows = table[table.supervisor == name]
        line = rows.groupby("epoch").accuracy.mean()
        ax.plot(line.index, line, "-" + marker, color=color, label=f"{rows.student.iloc[0]}, from {name}")
        ax.axhline(supervisors[name], color=color, lw=0.8, ls=":")
    ax.set(xlabel="epoch", ylabel="test accuracy")
    # beside the picture: a dotted line may run anywhere in it
    ax.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    return ax


def best_of_n_curves(table: pd.DataFrame, column: str, *, ax=None):
    """What the best of n answers is worth, by who chooses. `table`: columns who, n and `column`."""
    ax = current(ax)
    for who, (label, color, line) in CHOOSERS.items():
        mean = table[table.who == who].groupby("n")[column].mean()
        ax.plot(mean.index, mean, line, color=color, label=label)
    return answers_axis(ax)
