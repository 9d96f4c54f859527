"""Pictures of result tables. Nothing is computed here beyond means and medians over seeds and tasks.

Every function takes its data first, everything else by keyword, draws on `ax` (or the current axes) and
returns it. Colours are colour-blind safe, and every series has its own marker as well. A supervisor keeps its
colour everywhere.
"""

from __future__ import annotations

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.patheffects import withStroke
from matplotlib.ticker import NullFormatter

from ...metrics.intervals import mean_interval
from ...metrics.pgr import gap_of_accuracies, no_clear_gap, pgr

MARKERS = "oDsPXv^"
SIZES = ("xs", "s", "m", "l", "xl")
LINES = {"naive": ":", "confidence": "--", "bootstrap": "-."}
UNBOUNDED = 10  # intervals of PGR that reach further run out of the picture
STAGES = {"supervisor": "#999999", "student": "#0173b2", "ceiling": "#222222"}


def style(names) -> dict:
    """Colour and marker of each supervisor: by its place in a family of five, or among `names` where they are
    others.
    """
    places = SIZES if set(names) <= set(SIZES) else list(names)
    colors = sns.color_palette("colorblind", len(places))
    return {name: (colors[places.index(name)], MARKERS[places.index(name)]) for name in names}


def _axes(ax):
    return ax if ax is not None else plt.gca()


def split_diagram(split=None, *, ax=None):
    """Who learns from what: the figure that prevents most misunderstandings. `split` gives the counts, if
    any.
    """
    ax = _axes(ax)
    count = (
        (lambda part: f"\n{len(getattr(split, part))} examples") if split is not None else (lambda part: "")
    )
    boxes = [
        (0.0, "supervisor half" + count("supervisor"), "#dddddd"),
        (0.36, "student half" + count("student"), "#bcd8ea"),
        (0.72, "test" + count("test"), "#f4e3c1"),
    ]
    for x, text, color in boxes:
        ax.add_patch(plt.Rectangle((x, 0.0), 0.28, 0.22, facecolor=color, edgecolor="0.3"))
        ax.text(x + 0.14, 0.11, text, ha="center", va="center")
    models = [
        (0.14, 0.62, "weak supervisor", "ground truth", STAGES["supervisor"]),
        (0.42, 0.62, "strong student", "weak labels", STAGES["student"]),
        (0.58, 0.92, "strong ceiling", "ground truth", STAGES["ceiling"]),
    ]
    arrow = dict(arrowstyle="-|>", shrinkA=2, shrinkB=2)
    for x, y, name, labels, color in models:
        ax.text(
            x,
            y,
            name,
            ha="center",
            va="center",
            color="white",
            bbox=dict(boxstyle="round,pad=.5", facecolor=color, edgecolor="none"),
        )
        ax.annotate("", (x, y - 0.07), (x, 0.23), arrowprops=dict(color=color, **arrow))
        ax.text(
            x + (0.012 if x > 0.2 else -0.012),
            0.4,
            labels,
            rotation=90,
            va="center",
            ha="left" if x > 0.2 else "right",
            color=color,
            fontsize=9,
        )
    ax.annotate("", (0.335, 0.62), (0.225, 0.62), arrowprops=dict(color=STAGES["student"], **arrow))
    ax.text(0.28, 0.67, "labels the\nstudent half", ha="center", va="bottom", fontsize=9)
    ax.text(0.86, 0.5, "all three are\nmeasured here", ha="center", va="center", fontsize=9)
    ax.annotate("", (0.86, 0.23), (0.86, 0.43), arrowprops=dict(color="0.3", **arrow))
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    ax.axis("off")
    return ax


def pgr_bars(supervisor: float, student: float, ceiling: float, *, items: int = 500, ax=None):
    """Three accuracies and the share of the gap that the student recovers, or why there is no such share.

    `items`: on how many test items each accuracy was measured. They tell whether the gap is more than noise.
    """
    ax = _axes(ax)
    values = dict(zip(STAGES, (supervisor, student, ceiling)))
    ax.bar(list(values), list(values.values()), color=list(STAGES.values()), width=0.55)
    for i, value in enumerate(values.values()):
        ax.text(i, value + 0.01, f"{value:.2f}", ha="center")
    for level in (supervisor, ceiling):
        ax.axhline(level, color="0.6", lw=0.8, ls=":")
    gained, gap = student - supervisor, ceiling - supervisor
    if why := no_clear_gap(gap_of_accuracies(supervisor, ceiling, items)):
        says = fill(f"PGR undefined: {why}, with {items} test items", 46)
    else:
        says = f"PGR = {gained:+.2f} / {gap:.2f} = {pgr(supervisor, student, ceiling):.2f}"
    ax.set(title=says, ylabel="test accuracy", ylim=(min(0.5, *values.values()) - 0.05, 1.05))
    return ax


def stages(table: pd.DataFrame, *, ax=None):
    """Supervisor, student and ceiling with every seed as a point and a 95 % interval over seeds. One task and
    pair.
    """
    ax = _axes(ax)
    for i, (who, color) in enumerate(STAGES.items()):
        values = table[f"{who}_accuracy"].to_numpy()
        mean = mean_interval(values)
        spread = np.linspace(-0.12, 0.12, len(values)) if len(values) > 1 else [0]
        ax.plot(i + np.asarray(spread), values, "o", color=color, alpha=0.45, ms=4)
        if len(values) > 1:
            ax.errorbar(
                i,
                mean.mean,
                [[mean.mean - mean.low], [mean.high - mean.mean]],
                fmt="_",
                color=color,
                ms=22,
                capsize=5,
            )
    ax.set_xticks(range(3), list(STAGES))
    ax.set(ylabel="test accuracy", xlim=(-0.5, 2.5))
    return ax


def accuracy_by_compute(
    table: pd.DataFrame, *, methods=("naive",), statistic="median", intervals=False, ax=None, legend=True
):
    """Figures 3a, 5a and 12 of the paper: accuracy against the student's pretraining compute.

    Black: ceilings. Colour: supervisor, whose own accuracy is the larger marker at the start of its line.
    `statistic` is over tasks, of means over seeds. `intervals` adds 95 % intervals over seeds to students and
    ceilings of a single task with several seeds.
    """
    ax = _axes(ax)
    sizes = _order(table)
    intervals = intervals and table["task"].nunique() == 1 and table["seed"].nunique() > 1
    by_task = (
        table.groupby(["task", "supervisor", "student", "method"], sort=False)
        .mean(numeric_only=True)
        .reset_index()
    )
    ceilings = (
        by_task.drop_duplicates(["task", "student"])
        .groupby("student_pretraining_flops")["ceiling_accuracy"]
        .agg(statistic)
    )
    ax.plot(ceilings.index, ceilings, "-o", color="black", label="ceiling (ground truth)")
    if intervals:
        _over_seeds(ax, table.drop_duplicates(["student", "seed"]), "ceiling_accuracy", "black")
    for name, (color, marker) in style(sizes).items():
        mine = by_task[by_task["supervisor"] == name]
        if mine.empty:
            continue
        own = mine.drop_duplicates("task")
        ax.plot(
            own["supervisor_pretraining_flops"].iloc[0],
            own["supervisor_accuracy"].agg(statistic),
            marker,
            color=color,
            ms=9,
            mec="black",
        )
        for method in methods:
            line = (
                mine[mine["method"] == method]
                .groupby("student_pretraining_flops")["student_accuracy"]
                .agg(statistic)
            )
            ax.plot(
                line.index,
                line,
                LINES.get(method, "-") + marker,
                color=color,
                label=f"from {name}" + (f", {method}" if len(methods) > 1 else ""),
            )
            if intervals:
                _over_seeds(
                    ax,
                    table[(table["supervisor"] == name) & (table["method"] == method)],
                    "student_accuracy",
                    color,
                )
    _compute_axis(ax).set(ylabel="test accuracy")
    if legend:
        ax.legend(fontsize=8, frameon=False)
    return ax


def _over_seeds(ax, rows: pd.DataFrame, column: str, color) -> None:
    """A 95 % interval over seeds at each student's compute, where it has two seeds or more."""
    for x, values in rows.groupby("student_pretraining_flops")[column]:
        if len(values) > 1:
            mean = mean_interval(values)
            ax.errorbar(
                x,
                mean.mean,
                [[mean.mean - mean.low], [mean.high - mean.mean]],
                fmt="none",
                color=color,
                capsize=2,
                lw=0.8,
            )


def pgr_by_compute(summary: pd.DataFrame, *, methods=("naive",), intervals=False, ax=None, legend=True):
    """Figures 3d and 5b: median over tasks of the defined PGRs against the student's compute.

    Where there are several tasks, the small number at a point says how many have a PGR. A pair that has none,
    for want of a clear gap, is a hollow marker below the others, and the legend counts and names these.
    `intervals` adds 95 % intervals where a point is one task. `summary` is what `experiment.summarise`
    returns.
    """
    ax, missing, ends = _axes(ax), [], []
    for name, (color, marker) in style(_order(summary)).items():
        for method in methods:
            asked = summary[(summary["supervisor"] == name) & (summary["method"] == method)]
            told = asked[asked["defined"].astype(bool)]
            line = told.groupby("student_pretraining_flops")["pgr"].agg(["median", "size"])
            for student, rows in asked.groupby("student", sort=False):
                if not rows["defined"].any():
                    missing.append(
                        (rows["student_pretraining_flops"].iloc[0], f"{name} → {student}", color, marker)
                    )
            if line.empty:
                continue
            ax.plot(
                line.index,
                line["median"],
                LINES.get(method, "-") + marker,
                color=color,
                label=f"from {name}" + (f", {method}" if len(methods) > 1 else ""),
            )
            for x, row in line.iterrows() if summary["task"].nunique() > 1 else ():
                ax.annotate(
                    f"{row['size']:.0f}",
                    (x, row["median"]),
                    xytext=(4, 4),
                    textcoords="offset points",
                    fontsize=7,
                    color=color,
                )
            alone = (
                told.groupby("student_pretraining_flops").filter(lambda rows: len(rows) == 1)
                if intervals
                else told.iloc[:0]
            )
            ends += [
                (row.student_pretraining_flops, row.pgr_low, row.pgr_high, color)
                for row in alone.itertuples()
            ]
    for level in (0, 1):
        ax.axhline(level, color="0.6", lw=0.8, ls=":")
    for x, low, high, color in ends:
        ax.vlines(x, *np.nan_to_num((low, high), posinf=1e6, neginf=-1e6), color=color, lw=0.8)
    if ends:  # a point is always seen, an end of an interval only if it is near
        seen = [end for _, *both, _ in ends for end in both if abs(end) <= UNBOUNDED]
        low, high = min([0, *summary["pgr"].dropna(), *seen]), max([1, *summary["pgr"].dropna(), *seen])
        ax.set_ylim(low - 0.08 * (high - low), high + 0.08 * (high - low))
    for x, _, color, marker in missing:
        ax.plot(x, 0.03, marker, mfc="none", color=color, transform=ax.get_xaxis_transform(), clip_on=False)
    if missing:
        pairs = list(dict.fromkeys(pair for _, pair, _, _ in missing))
        which = ", ".join(pairs[:4]) + (f" and {len(pairs) - 4} more" if len(pairs) > 4 else "")
        said = fill(f"PGR undefined, {len(pairs)} pair{'s' * (len(pairs) > 1)}: {which}", 34)
        ax.plot([], [], "o", mfc="none", color="0.3", label=said)
    _compute_axis(ax).set(
        ylabel="PGR (median over tasks)" if summary["task"].nunique() > 1 or not intervals else "PGR"
    )
    if legend:
        ax.legend(fontsize=8, frameon=False)
    return ax


def interval_bars(samples, *, ax=None):
    """One bar a name: the mean of its values (one a seed) with a 95 % interval over seeds. `samples`: {name:
    values}.
    """
    ax = _axes(ax)
    for i, values in enumerate(samples.values()):
        mean = mean_interval(values)
        ax.bar(
            i,
            mean.mean,
            color="#bcd8ea" if mean.mean >= 0 else "#f4c7a1",
            edgecolor="0.3",
            hatch="" if mean.mean >= 0 else "//",
        )
        ax.errorbar(i, mean.mean, [[mean.mean - mean.low], [mean.high - mean.mean]], color="0.2", capsize=3)
    ax.axhline(0, color="0.2", lw=0.8)
    ax.set_xticks(range(len(samples)), list(samples), rotation=45 if len(samples) > 6 else 0)
    return ax


def small_multiples(table: pd.DataFrame, *, methods=("naive",), columns: int = 5):
    """Figure 12: one small `accuracy_by_compute` a task. Returns the figure."""
    tasks = list(dict.fromkeys(table["task"]))
    rows = -(-len(tasks) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(2.6 * columns, 2.2 * rows), sharex=True, sharey=True, squeeze=False
    )
    for ax, task in zip(axes.flat, tasks):
        accuracy_by_compute(table[table["task"] == task], methods=methods, ax=ax, legend=False).set(
            title=task, xlabel="", ylabel=""
        )
    for ax in axes.flat[len(tasks) :]:
        ax.axis("off")
    handles, labels = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=min(6, len(labels)), frameon=False)
    figure.supxlabel("student's pretraining compute (FLOPs)", y=0.06)
    figure.supylabel("test accuracy")
    figure.tight_layout(rect=(0.01, 0.07, 1, 1))
    return figure


def expansion(table: pd.DataFrame, *, ax=None, legend=True):
    """Theorem 4.1 of Lang et al. as robustness is asked for less strictly: what expands, how far it reaches,
    and the bounds that follow, beside the errors of supervisor and student. `table`: rows of
    `theory.correction`, one an eta.
    """
    ax = _axes(ax)
    lines = {
        "robust": ("right and robust (of good labels)", "#029e73", "-^"),
        "reach": ("has such a neighbour (of bad labels)", "#de8f05", "-s"),
        "bound": ("bound, with this reach", "#0173b2", "-o"),
        "theorem": ("Theorem 4.1", "#cc78bc", "-D"),
    }
    for name, (label, color, look) in lines.items():
        values = table[name].where(table[name] < 1) if name == "theorem" else table[name]
        ax.plot(table["eta"], values, look, color=color, ms=5, lw=1.2, alpha=0.85, label=label)
    ax.axhline(
        table["alpha"].iloc[0], color=STAGES["supervisor"], lw=2, ls="--", label="the supervisor's error, α"
    )
    ax.axhline(table["error"].iloc[0], color="black", lw=2, ls=":", label="the student's error")
    ax.set(xlabel="η: share of neighbours that may disagree", ylabel="share", ylim=(-0.03, 1.03))
    if legend:
        ax.legend(fontsize=8, frameon=False)
    return ax


def arrows(table: pd.DataFrame, *, ax=None, legend=True):
    """What a corrector makes of other models' answers (Ji et al. 2024): an arrow a row, from before to after.
    `table`: columns upstream, size, and harmless and helpful, also with "before_"; the names stand where the
    arrows begin.
    """
    ax, looks = _axes(ax), style(table["size"])
    starts = table[["before_harmless", "before_helpful"]].to_numpy()
    for start, row in zip(starts, table.itertuples()):
        color, marker = looks[row.size]
        end = (row.harmless, row.helpful)
        ax.annotate(
            "", end, start, arrowprops=dict(arrowstyle="-|>", color=color, lw=1.5, shrinkA=4, shrinkB=0)
        )
        ax.plot(*start, marker, color="white", mec=color, mew=1.5, ms=6)
        # on a side from which no arrow leaves, and away from the nearest other start
        nearest = min(starts, key=lambda other: ((other - start) ** 2).sum() or np.inf)
        away = "left" if nearest[0] <= start[0] else "right"
        shift, where = (
            ((8, -3), "left")
            if start[0] > 0.9
            else ((0, -14), away)
            if end[1] > start[1]
            else ((0, 7), "center" if start[0] > 0.1 else "left")
        )
        ax.annotate(
            row.upstream,
            start,
            xytext=shift,
            textcoords="offset points",
            fontsize=8,
            color="0.2",
            ha=where,
            path_effects=[withStroke(linewidth=2.5, foreground="white")],
        )
    for size in dict.fromkeys(table["size"]):
        color, marker = looks[size]
        ax.plot([], [], marker, color="white", mec=color, mew=1.5, ms=6, label=size)
    ax.set(
        xlabel="harmless: share of answers",
        ylabel="helpful: share of facts that are right",
        xlim=(-0.03, 1.13),
    )
    ax.margins(y=0.1)
    if legend:
        ax.legend(title="before, by size", fontsize=8, title_fontsize=8, frameon=False, loc="lower left")
    return ax


def claims_board(table: pd.DataFrame):
    """A scoreboard of claims (`claims.scoreboard`) at a glance: one tile a claim, one row a domain. Returns
    the figure.
    """
    from ..claims.page import COLORS, DOMAINS, SIGNS

    by_domain = {name: rows for name, rows in table.groupby(table["notebook"].map(DOMAINS), sort=False)}
    widest = max(map(len, by_domain.values()))
    figure, ax = plt.subplots(
        figsize=(2.2 + 0.42 * widest, 0.7 + 0.46 * len(by_domain)), layout="constrained"
    )
    for y, rows in enumerate(by_domain.values()):
        for x, row in enumerate(rows.itertuples()):
            ax.add_patch(plt.Rectangle((x - 0.46, y - 0.42), 0.92, 0.84, color=COLORS[row.verdict], lw=0))
            ax.text(
                x,
                y - 0.1,
                SIGNS[row.verdict],
                ha="center",
                va="center",
                color="white",
                fontsize=11,
                family="DejaVu Sans",
            )
            ax.text(x, y + 0.26, row.notebook, ha="center", va="center", color="white", fontsize=6.5)
    for verdict, number in table["verdict"].value_counts().reindex(list(SIGNS)).dropna().items():
        ax.plot([], [], "s", ms=9, color=COLORS[verdict], label=f"{SIGNS[verdict]} {verdict} ({number:.0f})")
    ax.set(xlim=(-0.6, widest - 0.4), ylim=(len(by_domain) - 0.5, -0.5))
    ax.set_yticks(range(len(by_domain)), by_domain)
    ax.set_xticks([])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    figure.legend(loc="outside lower center", ncols=4, frameon=False, handletextpad=0.3)
    return figure


def _compute_axis(ax):
    ax.set(xscale="log", xlabel="student's pretraining compute (FLOPs)")
    ax.xaxis.set_minor_formatter(NullFormatter())  # within two decades they would run into each other
    return ax


def _order(table: pd.DataFrame) -> list[str]:
    """The names of the models in `table`, by pretraining compute."""
    sizes = {}
    for who in ("supervisor", "student"):
        sizes |= dict(zip(table[who], table[f"{who}_pretraining_flops"]))
    return sorted(sizes, key=sizes.__getitem__)
