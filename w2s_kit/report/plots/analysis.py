"""Pictures of the notebooks that analyse what students learn, 07 to 11 and 13."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from ...metrics.intervals import mean_interval
from .intervals import interval_points, table_intervals
from .looks import LINES, SIZES, compute_axis, current, style

#: Who reads before it learns: colour and hatch.
READING = {
    "naive": ("#bcd8ea", ""),
    "generative": ("#f4d19b", "//"),
    "generative, fair": ("#de8f05", ""),
    "generative, fair, no ends": ("#029e73", "//"),
}
#: What the text holds that is read before the preferences: label, colour and hatch.
REACTIONS = {
    "none": ("nothing\nis read", "#bcd8ea", ""),
    "answers only": ("no\nreactions", "#f4d19b", "//"),
    "half": ("half of\nthem", "#ebb05d", "//"),
    "all": ("all\nreactions", "#de8f05", ""),
    "other nouns": ("all, about\nother nouns", "#029e73", ".."),
    "all three read": ("all; the\nsupervisor\nreads, too", "#737373", "\\\\"),
}
#: Bars that stand side by side: colour and hatch.
SERIES = {
    "at the end": ("#0173b2", ""),
    "by weak labels": ("#de8f05", "//"),
    "by ground truth": ("#029e73", ".."),
    "naive": ("#0173b2", ""),
    "with the confidence loss": ("#56b4e9", "//"),
}
#: How a model comes to its answers: label, colour and line.
PROMPTING = {
    "zero": ("zero-shot", "#999999", "-o"),
    "few_true": ("five examples, true labels", "#029e73", "-s"),
    "few_weak": ("five examples, weak labels", "#029e73", ":s"),
    "naive": ("finetuned on weak labels", "#0173b2", ":D"),
    "confidence": ("... with the confidence loss", "#0173b2", "--D"),
    "ceiling_accuracy": ("finetuned on true labels", "#222222", "-^"),
}
#: Colours of the bars. lp: a linear probe, ft: finetuning; and on which labels.
SALIENCE = {
    "lp_weak": "#56b4e9",
    "lp_true": "#0173b2",
    "ft_weak": "#ece133",
    "ft_weak_lp_true": "#de8f05",
    "ft_true": "#222222",
}
#: A column of the dials: colour and line.
DIAL = {
    "ceiling_accuracy": ("#222222", "-^"),
    "confidence_accuracy": ("#56b4e9", "--D"),
    "student_accuracy": ("#0173b2", "-o"),
    "supervisor_accuracy": ("#de8f05", "-.s"),
    "agreement_wrong": ("#de8f05", "-s"),
    "agreement_right": ("#029e73", "-o"),
    "student_pgr": ("#0173b2", "-o"),
    "confidence_pgr": ("#56b4e9", "--D"),
}


def reading_bars(summary: pd.DataFrame, column: str, *, pairs, labels: dict, ax=None):
    """A column of `summary` for each pair of models, with its interval where the table has one.

    `labels`: {method: label}, from left to right within a pair; the methods of `READING`.
    """
    ax = current(ax)
    for i, (method, label) in enumerate(labels.items()):
        rows = summary[summary.method == method].set_index(["supervisor", "student"]).loc[pairs]
        (color, hatch), places = READING[method], np.arange(len(pairs)) + 0.27 * (i - 1)
        ax.bar(places, rows[column], 0.25, color=color, hatch=hatch, edgecolor="0.3", label=label)
        if f"{column}_low" in rows:
            look = dict(fmt="none", color="0.2", capsize=2, lw=1, ax=ax)
            interval_points(table_intervals(rows, column), at=places, **look)
    ax.set_xticks(range(len(pairs)), [f"{supervisor} → {student}" for supervisor, student in pairs])
    return ax


def bars_by_reading(table: pd.DataFrame, column: str, *, readings=tuple(REACTIONS), ax=None):
    """A column after each reading, the mean over seeds with its interval.

    `table`: columns reading, seed and `column`. `readings`: from left to right, names of `REACTIONS`.
    """
    ax = current(ax)
    for i, reading in enumerate(readings):
        interval = mean_interval(table[table.reading == reading][column])
        _, color, hatch = REACTIONS[reading]
        ax.bar(i, interval.mean, 0.75, color=color, hatch=hatch, edgecolor="0.3")
        interval_points([interval], at=[i], color="0.2", capsize=3, ax=ax)
    ax.set_xticks(range(len(readings)), [REACTIONS[reading][0] for reading in readings], fontsize=8)
    return ax


def salience_by_stage(table: pd.DataFrame, *, stages, ax=None):
    """Accuracy of a linear probe after each stage, with its standard deviation: a line for each student."""
    ax = current(ax)
    for name, (color, marker) in style(list(dict.fromkeys(table.student))).items():
        by_stage = table[table.student == name].groupby("stage").accuracy
        mean, deviation = by_stage.mean()[stages], by_stage.std()[stages]
        ax.errorbar(range(len(stages)), mean, deviation, fmt="-" + marker, color=color, capsize=3, label=name)
    ax.axhline(0.5, color="0.6", lw=0.8, ls=":")
    names = {"naive": "naive\nstudent", "generative": "generative\nstudent"}
    ax.set_xticks(range(len(stages)), [names.get(stage, stage) for stage in stages])
    return ax


GAINS = {"shows": "#0173b2", "opposite": "#de8f05", "refuted": "#a6a6a6"}  # by verdict; others: light grey


def gain_tiles(gains: pd.DataFrame, *, methods: dict, domains, ax=None):
    """What a method gains in a domain, one tile each, with where it was measured and what the paper reports.

    Blue is a gain, orange a loss, dark grey no gain of interest, and light grey is undecided.
    gains: what `claims.intervention_gains` returns. methods: {method: label}, from top to bottom.
    """
    ax = current(ax)
    for y, method in enumerate(methods):
        for x, domain in enumerate(domains):
            cell = gains[(gains.method == method) & (gains.domain == domain)].iloc[0]
            color = GAINS.get(cell.verdict, "#eeeeee")
            ax.add_patch(plt.Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=color, edgecolor="white", lw=3))
            missing = cell.verdict == "not measured"
            text = "not measured" if missing else f"{cell.value:+.2f} [{cell.low:+.2f}, {cell.high:+.2f}]"
            ink = {"ha": "center", "color": "white" if cell.verdict == "shows" else "0.1"}
            ax.text(x, y - 0.08, text, va="bottom", **ink)
            where = "" if missing else f"{cell.regime}\n"
            ax.text(x, y, f"{where}paper: {cell.paper}", va="top", fontsize=8, **ink)
    ax.set(xlim=(-0.5, len(domains) - 0.5), ylim=(len(methods) - 0.5, -0.5))
    ax.set_xticks(range(len(domains)), list(domains))
    ax.set_yticks(range(len(methods)), list(methods.values()))
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def median_by_compute(table: pd.DataFrame, column: str, *, methods, ax=None):
    """The median over tasks of a column by compute: a colour a supervisor, a kind of line a method."""
    ax = compute_axis(current(ax))
    for name, (color, marker) in style(SIZES).items():
        for method in methods:
            rows = table[(table.method == method) & (table.supervisor == name)]
            if len(rows):
                by_task = rows.groupby(["task", "student_pretraining_flops"])[column].mean()
                median = by_task.groupby("student_pretraining_flops").median()
                label = f"from {name}" + (f", {method}" if len(methods) > 1 else "")
                ax.plot(median.index, median, LINES[method] + marker, color=color, label=label)
    ax.minorticks_off()
    return ax


def accuracy_and_agreement(accuracy, agreement, *, supervisor: float, ax=None):
    """How often a student is right while it trains, and how often it agrees with its supervisor.

    `supervisor`: its accuracy, the line across.
    """
    ax = current(ax)
    ax.plot(accuracy, "-o", color="#0173b2", label="right", markersize=4)
    ax.plot(agreement, "--s", color="#de8f05", label="says what its supervisor says", markersize=4)
    ax.axhline(supervisor, color="0.5", linewidth=1, label="supervisor is right")
    ax.set(xlabel="epochs")
    return ax


def overfitting_curves(table: pd.DataFrame, *, supervisors, ax=None):
    """Accuracy by epoch: thin lines are tasks, the star is at the best epoch of their mean.

    `table`: columns task, supervisor, epoch and accuracy. `supervisors`: their own accuracies, dotted.
    """
    ax = current(ax)
    for name, (color, marker) in style([size for size in SIZES if size in set(table.supervisor)]).items():
        by_task = table[table.supervisor == name].groupby(["task", "epoch"]).accuracy.mean()
        for task in by_task.index.unique("task"):
            ax.plot(by_task[task], color=color, linewidth=0.6, alpha=0.5)
        mean = by_task.groupby("epoch").mean()
        ax.plot(mean, "-" + marker, color=color, label=f"from {name}", markersize=4)
        ax.plot(mean.idxmax(), mean.max(), "*", color=color, markeredgecolor="black", markersize=13)
        ax.axhline(supervisors[name], color=color, linestyle=":", linewidth=1)
    ax.set(xlabel="epochs")
    return ax


def grouped_intervals(groups: dict, *, capsize: float = 3, ax=None):
    """Bars side by side in groups, with their intervals. `groups`: {group: {name of `SERIES`: Interval}}."""
    ax, names = current(ax), list(next(iter(groups.values())))
    step = round(0.8 / len(names), 2)
    for i, intervals in enumerate(groups.values()):
        for j, name in enumerate(names):
            place, (color, hatch) = i + step * (j - (len(names) - 1) / 2), SERIES[name]
            look = dict(color=color, hatch=hatch, edgecolor="white", label=name if i == 0 else None)
            ax.bar(place, intervals[name].mean, step - 0.02, **look)
            whisker = dict(color="black", capsize=capsize, linewidth=1, ax=ax)
            interval_points([intervals[name]], at=[place], **whisker)
    ax.set_xticks(range(len(groups)), list(groups), rotation=45 if len(groups) > 8 else 0)
    return ax


def students_by_supervisor(points: pd.DataFrame, *, ax=None):
    """Accuracy of students against that of their supervisors: columns supervisor, student, and own.

    `own`: whether the supervisor sees features of the student itself, or of another model.
    """
    ax = current(ax)
    looks = {
        False: ("a few features of another model", "#0173b2", "s"),
        True: ("a few of the student's own features", "#de8f05", "o"),
    }
    for own, (label, color, marker) in looks.items():
        rows = points[points.own == own]
        ax.scatter(rows.supervisor, rows.student, color=color, marker=marker, s=22, label=label)
    ax.plot([0.6, 0.9], [0.6, 0.9], color="0.6", linewidth=1)
    ax.text(0.86, 0.84, "student = supervisor", rotation=38, ha="center", va="top", fontsize=8, color="0.4")
    ax.set(xlabel="accuracy of the supervisor, which sees", ylabel="accuracy of the student")
    ax.legend(frameon=False)
    return ax


def pgr_by_simulability(table: pd.DataFrame, *, ax=None):
    """PGR against how well a probe imitates the errors, and the straight line through it.

    `table`: columns simulable and pgr, a row for each structure of errors.
    """
    ax = current(ax)
    ax.scatter(table.simulable, table.pgr, color="#0173b2")
    # where names would meet, in points
    shifts = {
        "word": (-8, -14),
        "letter": (10, -15),
        "noise": (-4, 8),
        "kind": (-8, -13),
        "long": (2, 7),
        "short": (9, -6),
    }
    for name, row in table.iterrows():
        look = dict(xytext=shifts.get(name, (4, 3)), textcoords="offset points", fontsize=9)
        ax.annotate(name, (row.simulable, row.pgr), **look)
    slope, at_zero = np.polyfit(table.simulable, table.pgr, 1)
    ax.plot(table.simulable, at_zero + slope * table.simulable, color="0.6", linewidth=1)
    ax.set(xlim=(-0.03, 0.46), ylabel="PGR of naive students")
    ax.set_xlabel("simulable: excess imitation by a linear probe")
    return ax


def errors_imitated_by_epoch(curves: pd.DataFrame, *, structures, ax=None):
    """Share of the supervisor's errors that students repeat while they train, a line a structure."""
    ax = current(ax)
    for (name, (color, _)), line in zip(style(structures).items(), ("-", "--", "-.") * len(structures)):
        mean = curves[curves.structure == name].groupby("epoch").errors_imitated.mean()
        ax.plot(mean, line, color=color, label=name, linewidth=2.5 if name == "real" else 1.3)
    ax.set(xlabel="epochs", ylabel="errors imitated on the test", ylim=(0, None))
    ax.legend(frameon=False, ncols=2, fontsize=9)
    return ax


def prompting_by_compute(table: pd.DataFrame, *, ax=None):
    """Accuracy against compute: zero-shot, few-shot and finetuned. The orange line is the supervisor.

    `table`: of one supervisor, with the columns student, student_pretraining_flops, supervisor_accuracy and
    those of `PROMPTING`.
    """
    ax = current(ax)
    by_student = table.groupby("student")
    flops = by_student.student_pretraining_flops.first().sort_values()
    for column, (label, color, line) in PROMPTING.items():
        ax.plot(flops, by_student[column].mean()[flops.index], line, color=color, label=label, markersize=5)
    supervisor = table.supervisor_accuracy.mean()
    ax.axhline(supervisor, color="#de8f05", linewidth=1, linestyle="-.")
    ax.text(flops.max(), supervisor - 0.018, "supervisor", color="0.2", fontsize=8, ha="right")
    ax.set(xscale="log", xlabel="pretraining compute (FLOPs)")
    ax.minorticks_off()
    return ax


def salience_bars(table: pd.DataFrame, *, labels: dict, ax=None):
    """The paper's Figure 11: bars are means over tasks with intervals over seeds, dashes are tasks.

    `labels`: {column of `SALIENCE`: name}. The line is at the mean of `table.weak`, the supervisor.
    """
    ax = current(ax)
    for i, column in enumerate(labels):
        interval = mean_interval(table.groupby("seed")[column].mean())
        by_task = table.groupby("task")[column].mean()
        ax.bar(i, interval.mean, color=SALIENCE[column], width=0.7)
        interval_points([interval], at=[i], color="0.5", capsize=3, linewidth=1, ax=ax)
        dashes = "white" if column == "ft_true" else "black"
        ax.plot([i] * len(by_task), by_task, "_", color=dashes, alpha=0.6)
        number = "white" if column in ("ft_true", "lp_true") else "black"
        ax.text(i, 0.47, f"{100 * interval.mean:.0f}", ha="center", color=number)
    ax.axhline(table.weak.mean(), color="#de8f05", linewidth=1, linestyle="-.")
    ax.set_xticks(range(len(labels)), list(labels.values()), fontsize=8)
    ax.set(ylim=(0.45, 1.0))
    return ax


def lines_by_student(medians: pd.Series, *, ceilings=None, ax=None):
    """A number for each (supervisor, student), a line for each supervisor. `ceilings`: by student, black."""
    ax = current(ax)
    if ceilings is not None:
        ax.plot(range(1, len(SIZES)), ceilings[list(SIZES[1:])], "-^", color="#222222", label="ceilings")
    for name, (color, marker) in style(SIZES).items():
        students = [size for size in SIZES if (name, size) in medians.index]
        if students:
            places = [SIZES.index(size) for size in students]
            ax.plot(places, medians[name][students], ":" + marker, color=color, label=f"from {name}")
    ax.set_xticks(range(1, len(SIZES)), SIZES[1:])
    ax.set(xlabel="student")
    return ax


def dial_curves(table: pd.DataFrame, labels: dict, *, ax=None):
    """Means over tasks with intervals over seeds, against the share to which a dial is turned.

    `table`: columns share, task, seed and those of `labels`, {column: label}; the columns of `DIAL`.
    """
    ax = current(ax)
    for column, label in labels.items():
        by_seed, (color, line) = table.groupby(["share", "seed"])[column].mean(), DIAL[column]
        intervals = {share: mean_interval(by_seed[share]) for share in by_seed.index.unique("share")}
        look = dict(fmt=line, color=color, label=label, capsize=3, markersize=5, ax=ax)
        interval_points(intervals.values(), at=intervals, **look)
    ax.legend(frameon=False, fontsize=8)
    return ax


def auc_bars(intervals: dict, *, ax=None):
    """Areas under the ROC curve, {label: Interval}. The first is hatched: the others are compared with it."""
    ax = current(ax)
    for i, interval in enumerate(intervals.values()):
        color, hatch = ("#0173b2", "") if i else ("#999999", "//")
        ax.bar(i, interval.mean, color=color, hatch=hatch, edgecolor="white")
        interval_points([interval], at=[i], color="black", capsize=3, linewidth=1, ax=ax)
        ax.text(i, interval.high + 0.02, f"{interval.mean:.2f}", ha="center")
    ax.axhline(0.5, color="0.4", linewidth=1)
    ax.set_xticks(range(len(intervals)), list(intervals))
    ax.set(ylim=(0, 1))
    return ax
