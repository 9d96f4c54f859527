"""How the ledger works: claims, the tables that they read, and how a verdict comes from a table.

A claim is one function with its criterion beside it, fixed before the results were seen. It reads the tables
of results/, of a domain's `grid` (`experiment.grid`) and `summary` (`experiment.summarise`, whose `defined`
says where the ceiling clearly beats the supervisor, so that PGR exists). No number comes from elsewhere: what
was not run is "not measured". Intervals are 95 % and over seeds: tasks and models are the population, not a
sample.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd
from scipy.stats import t

from ...metrics.intervals import Interval, mean_interval

VERDICTS = ("shows", "does not show", "opposite", "not measured")
PAIR = ["task", "supervisor", "student"]
SHARES = [f"{who}_accuracy" for who in ("supervisor", "student", "ceiling")] + [
    "agreement_right",
    "agreement_wrong",
]
FLOPS = ["supervisor_pretraining_flops", "student_pretraining_flops"]
GRID, SUMMARY = [*PAIR, "method", "seed", *SHARES, *FLOPS], [*PAIR, "method", "gap", "defined"]
COLUMNS: dict[str, list[str]] = {}  # table -> what it must have; beside the claims that read it
# of a column, in any table; or, as "table.column", in one
RANGES: dict[str, tuple[float, float]] = {
    **dict.fromkeys(SHARES, (0, 1)),
    **dict.fromkeys(FLOPS, (1, 1e99)),
    "gap": (-1, 1),
    "defined": (0, 1),
}
POINTS, PGR = "{:+z.1f} [{:+z.1f}, {:+z.1f}] points", "PGR {:+z.2f} [{:+z.2f}, {:+z.2f}]"
MEDIAN_PGR = "median PGR {:z.2f} [{:z.2f}, {:z.2f}]"
Tables = Mapping[str, pd.DataFrame]
CLAIMS: list[Claim] = []


@dataclass(frozen=True)
class Verdict:
    """`figure` is for readers; `value`, `low` and `high` are the same numbers, NaN when not measured."""

    verdict: str
    figure: str
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan


@dataclass(frozen=True)
class Claim:
    id: str
    notebook: str
    statement: str
    source: str  # with the paper's own number where it is known, and how it is known
    criterion: str
    measure: Callable[[Tables], Verdict]


class NotMeasured(Exception):
    """The results to judge a claim by are not there; its text says which."""


def claim(notebook: str, statement: str, source: str, criterion: str):
    """Enters a function of the tables into the ledger, under its name."""

    def enter(function):
        def measure(tables: Tables) -> Verdict:
            try:
                return function(tables)
            except NotMeasured as reason:
                return Verdict("not measured", str(reason))

        CLAIMS.append(Claim(function.__name__, notebook, statement, source, criterion, measure))
        return measure

    return enter


# ---------------------------------------------------------------------------------------------- from tables to verdicts
def table(tables: Tables, name: str, **where) -> pd.DataFrame:
    """The rows of the table called `name` whose columns are what `where` says, without these columns. Raises
    NotMeasured when there are none, ValueError naming file, column and row when the table is unfit.
    """
    if name not in tables or tables[name].empty:
        raise NotMeasured(f"no {name}.csv" if name not in tables else f"no rows in {name}.csv")
    rows = tables[name]
    for column in COLUMNS[name]:
        if column not in rows:
            raise ValueError(f"{name}.csv: no column {column!r}; it has {', '.join(map(str, rows.columns))}")
        if within := RANGES.get(f"{name}.{column}", RANGES.get(column)):
            fit = pd.to_numeric(rows[column], errors="coerce").astype(float).between(*within)
            if column.startswith("agreement"):
                fit |= rows[column].isna()  # where the supervisor is never right, or never wrong
            if not fit.all():
                row = int(np.argmin(fit.to_numpy()))
                raise ValueError(
                    f"{name}.csv: column {column!r}, row {row}: {rows[column].tolist()[row]!r} is not within {within}"
                )
    for column, value in where.items():
        rows = rows[rows[column] == value]
    if rows.empty:
        raise NotMeasured(f"no {' '.join(map(str, where.values()))} in {name}.csv")
    return rows.drop(columns=list(where))


def by_pair(tables: Tables, *others: str, upward: bool = True, domain: str = "nlp") -> pd.DataFrame:
    """One row a (task, supervisor, student, seed) that was run naively and by each of the `others`.

    In %: accuracies `weak`, `ceiling`, `naive` and by the other methods' names, whose own ceilings are called
    "... ceiling"; agreement `right`, `wrong` of naive students and "... right", "... wrong" of the others.
    `size`: of the student, `step`: by how many sizes it is above its supervisor, `clear`: PGR is defined for
    all these methods. `upward`: only positive steps.
    """
    grid, summary = table(tables, f"{domain}_grid"), table(tables, f"{domain}_summary")
    runs = {}
    for method in ("naive", *others):
        runs[method] = rows = grid[grid["method"] == method].set_index([*PAIR, "seed"])
        if rows.empty:
            raise NotMeasured(f"no {method} students in {domain}_grid.csv")
        if rows.index.has_duplicates:
            raise ValueError(
                f"{domain}_grid.csv: {rows.index[rows.index.duplicated()][0]} stands twice: keep one setting of {method!r}"
            )
    naive = runs["naive"]
    pairs = (100 * naive[SHARES]).set_axis(["weak", "naive", "ceiling", "right", "wrong"], axis=1)
    pairs[["supervisor_size", "size"]] = np.log10(naive[FLOPS].astype(float))
    rank = {size: i for i, size in enumerate(np.unique(pairs[["supervisor_size", "size"]]))}
    pairs["step"] = pairs["size"].map(rank) - pairs["supervisor_size"].map(rank)

    gap = (pairs["ceiling"] - pairs["weak"]).groupby(PAIR).mean() / 100
    known = (
        summary[summary["method"].isin(runs)].drop_duplicates([*PAIR, "method"]).set_index([*PAIR, "method"])
    )
    mine = known.xs("naive", level="method").reindex(gap.index)  # NaN if it is not there
    if not (mine["gap"] - gap).abs().lt(1e-3).all():
        raise ValueError(f"{domain}_summary.csv does not summarise {domain}_grid.csv: write both again")
    defined = known["defined"].astype(bool).groupby(PAIR).all()
    pairs["clear"] = defined.reindex(pairs.index.droplevel("seed")).to_numpy()
    for method in others:
        theirs = (
            100 * runs[method][["student_accuracy", "ceiling_accuracy", "agreement_right", "agreement_wrong"]]
        )
        pairs = pairs.join(
            theirs.set_axis([method, f"{method} ceiling", f"{method} right", f"{method} wrong"], axis=1),
            how="inner",
        )
    return pairs[(pairs["step"] > 0) | (not upward)].sort_index().reset_index()


def by_method(table: pd.DataFrame) -> pd.DataFrame:
    """One row a pair and seed: a column "naive student_accuracy" for `student_accuracy` of the naive student,
    and so on, beside the accuracies of supervisor and ceiling, which are the same for all methods.
    """
    same = [*PAIR, "seed", "supervisor_accuracy", "ceiling_accuracy"]
    own = [column for column in table.select_dtypes("number") if column not in same]
    parts = [
        rows.set_index(same)[own].add_prefix(f"{method} ")
        for method, rows in table.groupby("method", sort=False)
    ]
    return pd.concat(parts, axis=1, join="inner").reset_index()


def gapped(rows: pd.DataFrame) -> pd.DataFrame:
    """Those pairs whose ceiling beats their supervisor in more than noise over seeds: the others have no PGR."""
    gap = (rows["ceiling_accuracy"] - rows["supervisor_accuracy"]).groupby([rows[column] for column in PAIR])
    if rows["seed"].nunique() < 2:
        raise NotMeasured("one seed only, so no interval")
    clear = gap.transform(lambda g: mean_interval(g).low > 0)
    if not clear.any():
        raise NotMeasured("no such pair whose ceiling clearly beats its supervisor")
    return rows[clear.astype(bool)]


def gained(rows: pd.DataFrame) -> float:
    """Student − supervisor, in points: median over tasks, a task being the mean of its pairs."""
    return (
        (100 * (rows["student_accuracy"] - rows["supervisor_accuracy"])).groupby(rows["task"]).mean().median()
    )


def recovered(rows: pd.DataFrame, accuracy: str = "student_accuracy") -> pd.Series:
    return (rows[accuracy] - rows["supervisor_accuracy"]) / (
        rows["ceiling_accuracy"] - rows["supervisor_accuracy"]
    )


def extremes(pairs: pd.DataFrame) -> pd.DataFrame:
    """Smallest supervisor, largest student."""
    return pairs[
        (pairs["supervisor_size"] == pairs["supervisor_size"].min()) & (pairs["size"] == pairs["size"].max())
    ]


def clear(pairs: pd.DataFrame) -> pd.DataFrame:
    if not pairs["clear"].any():
        raise NotMeasured("no such pair whose ceiling clearly beats its supervisor")
    return pairs[pairs["clear"]]


def answered(pairs: pd.DataFrame) -> pd.DataFrame:
    """Pairs whose supervisor is right somewhere and wrong somewhere, in every seed."""
    return pairs.groupby(PAIR).filter(lambda p: p[["right", "wrong"]].notna().all(axis=None))


def lines(pairs: pd.DataFrame) -> pd.DataFrame:
    """Those supervisors of a task that have two students at least: with one there is no slope."""
    return pairs.groupby(["task", "supervisor"]).filter(lambda p: p["student"].nunique() > 1)


def pgr(pairs: pd.DataFrame, method: str) -> pd.Series:
    ceiling = pairs.get(f"{method} ceiling", pairs["ceiling"])
    return (pairs[method] - pairs["weak"]) / (ceiling - pairs["weak"])


def slopes(pairs: pd.DataFrame, y: pd.Series, by: list[str], against: str = "size") -> pd.Series:
    """Least-squares slope of `y`, within each group."""
    groups = [pairs[column] for column in by]
    x = pairs[against] - pairs[against].groupby(groups).transform("mean")
    return (x * y).groupby(groups).sum() / (x * x).groupby(groups).sum()


def over_seeds(rows: pd.DataFrame, statistic: Callable[[pd.DataFrame], float]) -> Interval:
    """`statistic` of the seed means (one row a pair), with a 95 % interval: Student's t times the bootstrap's
    standard error, seeds drawn together for all pairs. For a mean this is `metrics.mean_interval`;
    percentiles of so few seeds would be too narrow. Up to six seeds, every resample is counted and none is
    drawn.
    """
    n, counts = rows["seed"].nunique(), rows.groupby(PAIR)["seed"].nunique()
    if n < 2:
        raise NotMeasured("one seed only, so no interval" if n else "no such pairs in the grid")
    if (counts < n).any():
        raise ValueError(f"{counts.idxmin()} has {counts.min()} of {n} seeds: finish the grid first")
    measured = [
        c
        for c in rows.select_dtypes("number")
        if c not in (*PAIR, "seed", "supervisor_size", "size", "step", "clear", "link", "share")
    ]
    rows = rows.sort_values([*PAIR, "seed"])
    values, facts = rows[measured].to_numpy(float).reshape(-1, n, len(measured)), rows.iloc[::n]
    at = lambda seeds: float(
        statistic(facts.assign(**dict(zip(measured, values[:, list(seeds)].mean(axis=1).T))))
    )
    if n <= 6:
        draws = list(combinations_with_replacement(range(n), n))
        weights = [1 / math.prod(map(math.factorial, Counter(draw).values())) for draw in draws]
    else:
        draws, weights = np.random.default_rng(0).integers(0, n, (500, n)), np.ones(500)
    x = np.array([at(draw) for draw in draws])
    if np.isnan(at(range(n))):
        raise NotMeasured("too few models in the grid for a slope")
    # a gap that vanishes in some resample leaves its PGR, and so the interval, unbounded
    variance = (
        np.average((x - np.average(x, weights=weights)) ** 2, weights=weights)
        if np.isfinite(x).all()
        else math.inf
    )
    half = float(t.ppf(0.975, n - 1)) * math.sqrt(variance * n / (n - 1))
    return Interval(at(range(n)), at(range(n)) - half, at(range(n)) + half, n)


def judge(
    rows: pd.DataFrame,
    statistic: Callable[[pd.DataFrame], float],
    figure: str,
    *,
    above: float = 0,
    opposite: float = 0,
    sign: int = 1,
) -> Verdict:
    """An interval wholly above `above` shows the claim, one wholly below `opposite` its opposite. `sign` -1
    swaps above and below.
    """
    found = over_seeds(rows, statistic)
    low, high = sorted((sign * found.low, sign * found.high))
    verdict = "shows" if low > sign * above else "opposite" if high < sign * opposite else "does not show"
    numbers = found.mean, found.low, found.high
    tasks = rows["task"].nunique()
    return Verdict(
        verdict,
        f"{figure.format(*numbers)}, {found.n} seeds" + (f", {tasks} tasks" if tasks > 1 else ""),
        *numbers,
    )


def only_if(verdict: Verdict, holds: bool) -> Verdict:
    """A criterion's second condition: without it, the claim is not shown."""
    return verdict if holds or verdict.verdict != "shows" else replace(verdict, verdict="does not show")
