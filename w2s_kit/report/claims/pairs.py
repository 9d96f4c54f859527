"""What claims compute from tables of pairs of models: accuracies, gaps, PGR and slopes.

A domain has two such tables. Its grid is what `experiment.grid` returns, and its summary is what
`experiment.result.summarise` returns. The summary's `defined` says where the ceiling clearly beats the
supervisor, so that PGR exists.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...metrics.answers import AT_CHANCE
from ...metrics.intervals import mean_interval
from .ledger import COMPUTE, FLOPS, SHARES, Table, Tables, anything, shares, table, within
from .resampled import PAIR, Means, NotMeasured, group_means, median


def pair_tables(domain: str) -> tuple[Table, Table]:
    """The two tables of a domain: its grid, a row a run, and its summary, a row a pair and method."""
    grid = anything(*PAIR, "method", "seed") | shares(*SHARES) | within(*COMPUTE, *FLOPS)
    summary = anything(*PAIR, "method") | within(-1, 1, "gap") | shares("defined")
    return Table(f"{domain}_grid", grid), Table(f"{domain}_summary", summary)


NLP = pair_tables("nlp")
NLP[0].columns.update(shares("label_accuracy"))


def by_pair(tables: Tables, *others: str, upward: bool = True, of: tuple[Table, Table] = NLP) -> pd.DataFrame:
    """One row a (task, supervisor, student, seed) that was run naively and by each of the `others`.

    In %: accuracies `weak`, `ceiling`, `naive` and by the other methods' names, whose own ceilings are called
    "... ceiling"; `labels`, how often the weak labels are right on the student's half, where the grid has it;
    agreement `right`, `wrong` of naive students and "... right", "... wrong" of the others.
    `size`: of the student, `step`: by how many sizes it is above its supervisor, `clear`: PGR is defined for
    all these methods. `upward`: only positive steps. `of`: the `pair_tables` of a domain.
    """
    grid, summary = (table(tables, each) for each in of)
    runs = {method: _runs_of(grid, method, of[0].name) for method in ("naive", *others)}
    naive = runs["naive"]
    pairs = (100 * naive[SHARES]).set_axis(["weak", "naive", "ceiling", "right", "wrong"], axis=1)
    pairs[["supervisor_size", "size"]] = np.log10(naive[FLOPS].astype(float))
    rank = {size: i for i, size in enumerate(np.unique(pairs[["supervisor_size", "size"]]))}
    pairs["step"] = pairs["size"].map(rank) - pairs["supervisor_size"].map(rank)

    if "label_accuracy" in naive:
        pairs["labels"] = 100 * naive["label_accuracy"]

    gap = (pairs["ceiling"] - pairs["weak"]).groupby(PAIR).mean() / 100
    known = summary[summary["method"].isin(runs)].drop_duplicates([*PAIR, "method"])
    known = known.set_index([*PAIR, "method"])
    summarised = known.xs("naive", level="method").reindex(gap.index)  # NaN if it is not there
    if not (summarised["gap"] - gap).abs().lt(1e-3).all():
        raise ValueError(f"{of[1].name}.csv does not summarise {of[0].name}.csv: write both again")
    defined = known["defined"].astype(bool).groupby(PAIR).all()
    pairs["clear"] = defined.reindex(pairs.index.droplevel("seed")).to_numpy()
    for method in others:
        columns = ["student_accuracy", "ceiling_accuracy", "agreement_right", "agreement_wrong"]
        names = [method, f"{method} ceiling", f"{method} right", f"{method} wrong"]
        pairs = pairs.join((100 * runs[method][columns]).set_axis(names, axis=1), how="inner")
    return pairs[(pairs["step"] > 0) | (not upward)].sort_index().reset_index()


def _runs_of(grid: pd.DataFrame, method: str, name: str) -> pd.DataFrame:
    """The runs of one method in a grid, by pair and seed."""
    rows = grid[grid["method"] == method].set_index([*PAIR, "seed"])
    if rows.empty:
        raise NotMeasured(f"no {method} students in {name}.csv")
    if rows.index.has_duplicates:
        twice = rows.index[rows.index.duplicated()][0]
        raise ValueError(f"{name}.csv: {twice} stands twice: keep one setting of {method!r}")
    return rows


def by_method(table: pd.DataFrame) -> pd.DataFrame:
    """One row a pair and seed, with a column for each number of each method.

    "naive student_accuracy" is the `student_accuracy` of the naive student, and so on. The accuracies of
    supervisor and ceiling are the same for all methods and keep their names.
    """
    same = [*PAIR, "seed", "supervisor_accuracy", "ceiling_accuracy"]
    own = [column for column in table.select_dtypes("number") if column not in same]
    table = table.assign(row=table.groupby(same, dropna=False).ngroup()).set_index("row")  # numbers join fast
    parts = [rows[own].add_prefix(f"{method} ") for method, rows in table.groupby("method", sort=False)]
    shared = table[same].groupby(level="row").first()
    return pd.concat([shared, *parts], axis=1, join="inner").reset_index(drop=True)


def gapped(rows: pd.DataFrame) -> pd.DataFrame:
    """The pairs whose ceiling beats their supervisor in more than noise over seeds.

    The others have no PGR. Raises NotMeasured where there is no such pair, or one seed only.
    """
    if rows["seed"].nunique() < 2:
        raise NotMeasured("one seed only, so no interval")
    gaps = (rows["ceiling_accuracy"] - rows["supervisor_accuracy"]).groupby([rows[column] for column in PAIR])
    clear = gaps.agg(lambda gap: mean_interval(gap).low > 0)
    if not clear.any():
        raise NotMeasured("no such pair whose ceiling clearly beats its supervisor")
    return rows[clear.reindex(pd.MultiIndex.from_frame(rows[PAIR])).to_numpy(bool)]


def gained(p: Means) -> np.ndarray:
    """Student − supervisor in points, the median over tasks; a task is the mean of its pairs."""
    points = 100 * (p["student_accuracy"] - p["supervisor_accuracy"])
    return median(group_means(points, p.groups("task")))


def recovered(p: Means, accuracy: str = "student_accuracy", ending: str = "") -> np.ndarray:
    """PGR of each pair of a table of results, for one of its columns of accuracies, [draws, pairs].

    `ending`: of the names of all three columns, where two tables stand side by side.
    """
    weak, student, ceiling = (
        p[f"{name}{ending}"] for name in ("supervisor_accuracy", accuracy, "ceiling_accuracy")
    )
    return (student - weak) / (ceiling - weak)


def extremes(pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs of the smallest supervisor and the largest student."""
    return pairs[
        (pairs["supervisor_size"] == pairs["supervisor_size"].min()) & (pairs["size"] == pairs["size"].max())
    ]


def clear(pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs of `by_pair` that have a PGR. Raises NotMeasured where there is none."""
    if not pairs["clear"].any():
        raise NotMeasured("no such pair whose ceiling clearly beats its supervisor")
    return pairs[pairs["clear"]]


def above_chance(pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs of `by_pair` whose supervisor is above chance on its task.

    That is decided for a task and a supervisor, by the mean over seeds of how often its weak labels are
    right. They are on the student's half, so no example of the test has a say. Raises NotMeasured where there
    is none.
    """
    teaches = pairs.groupby(["task", "supervisor"])["labels"].transform("mean") >= AT_CHANCE
    if not teaches.any():
        raise NotMeasured(f"no supervisor whose weak labels are right in {AT_CHANCE} %")
    return pairs[teaches]


def answered(pairs: pd.DataFrame) -> pd.DataFrame:
    """Pairs whose supervisor is right somewhere and wrong somewhere, in every seed."""
    here = pairs[["right", "wrong"]].notna().all(axis=1)
    return pairs[here.groupby([pairs[column] for column in PAIR]).transform("all")]


def lines(pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs of supervisors with two students or more on a task: with one there is no slope."""
    return pairs[pairs.groupby(["task", "supervisor"])["student"].transform("nunique") > 1]


def pgr(p: Means, method: str) -> np.ndarray:
    """PGR of each pair of `by_pair` for one method, against its own ceiling if it has one, [draws, pairs]."""
    ceiling = p[f"{method} ceiling" if f"{method} ceiling" in p else "ceiling"]
    return (p[method] - p["weak"]) / (ceiling - p["weak"])
