"""How the ledger works: claims, the tables that they read, and how a verdict comes from a table.

A claim is one function with its criterion beside it. The criterion was fixed before the results were seen.
The claim names the tables of results/ that it reads, and no number comes from elsewhere: what was not run is
"not measured". Intervals are 95 % and over seeds: tasks and models are the population, not a sample.
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

from ...metrics.intervals import Interval

Range = tuple[float, float]
VERDICTS = ("shows", "does not show", "opposite", "not measured")
PAIR = ["task", "supervisor", "student"]
SHARES = [f"{who}_accuracy" for who in ("supervisor", "student", "ceiling")] + [
    "agreement_right",
    "agreement_wrong",
]
FLOPS = ["supervisor_pretraining_flops", "student_pretraining_flops"]
SHARE, COMPUTE = (0, 1), (1, 1e99)  # what numbers of a column may be
POINTS, PGR = "{:+z.1f} [{:+z.1f}, {:+z.1f}] points", "PGR {:+z.2f} [{:+z.2f}, {:+z.2f}]"
MEDIAN_PGR = "median PGR {:z.2f} [{:z.2f}, {:z.2f}]"
Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Table:
    """A table of results/ that claims read, results/`name`.csv.

    `columns`: those that it must have, each with the range of its numbers, or None where it may hold anything.
    """

    name: str
    columns: dict[str, Range | None]


def within(low: float, high: float, *columns: str) -> dict[str, Range | None]:
    """Columns whose numbers lie between `low` and `high`, both included."""
    return dict.fromkeys(columns, (low, high))


def shares(*columns: str) -> dict[str, Range | None]:
    """Columns whose numbers are shares, from 0 to 1."""
    return within(*SHARE, *columns)


def anything(*columns: str) -> dict[str, Range | None]:
    """Columns of labels, and of numbers without bounds."""
    return dict.fromkeys(columns)


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
    """A statement of the literature, and how the tables judge it."""

    id: str
    notebook: str
    domain: str  # part of the scoreboard
    statement: str
    source: str  # with the paper's own number where it is known, and how it is known
    criterion: str
    reads: tuple[Table, ...]
    measure: Callable[[Tables], Verdict]


CLAIMS: list[Claim] = []
TABLES: dict[str, Table] = {}  # by name: all tables that claims read


class NotMeasured(Exception):
    """The results to judge a claim by are not there; its text says which."""


def domains(notebooks: pd.Series) -> pd.Series:
    """The domain of the claims of each notebook, which is given by its number."""
    return notebooks.map({claim.notebook: claim.domain for claim in CLAIMS})


def claim(
    notebook: str,
    domain: str,
    statement: str,
    source: str,
    criterion: str,
    reads: Table | tuple[Table, ...],
):
    """Enters a function of the tables into the ledger, under its name.

    Raises ValueError for a table of `reads` whose columns another claim has declared otherwise.
    """
    needed = (reads,) if isinstance(reads, Table) else reads
    for each in needed:
        if TABLES.setdefault(each.name, each) != each:
            raise ValueError(f"{each.name}.csv is declared twice, with other columns: keep one Table")

    def enter(function):
        def measure(tables: Tables) -> Verdict:
            try:
                return function(tables)
            except NotMeasured as reason:
                return Verdict("not measured", str(reason))

        CLAIMS.append(
            Claim(function.__name__, notebook, domain, statement, source, criterion, needed, measure)
        )
        return measure

    return enter


def table(tables: Tables, wanted: Table, **where) -> pd.DataFrame:
    """The rows of a table whose columns are what `where` says, without these columns.

    Raises NotMeasured when there are none, ValueError naming file, column and row when the table is unfit.
    """
    name = wanted.name
    if name not in tables or tables[name].empty:
        raise NotMeasured(f"no {name}.csv" if name not in tables else f"no rows in {name}.csv")
    rows = tables[name]
    for column, bounds in wanted.columns.items():
        if column not in rows:
            raise ValueError(f"{name}.csv: no column {column!r}; it has {', '.join(map(str, rows.columns))}")
        if bounds is not None:
            _check_range(rows[column], bounds, name)
    for column, value in where.items():
        rows = rows[rows[column] == value]
    if rows.empty:
        raise NotMeasured(f"no {' '.join(map(str, where.values()))} in {name}.csv")
    return rows.drop(columns=list(where))


def _check_range(values: pd.Series, bounds: Range, name: str) -> None:
    """Raises ValueError naming the first row of a column whose number is not within the bounds."""
    fit = pd.to_numeric(values, errors="coerce").astype(float).between(*bounds)
    if str(values.name).startswith("agreement"):
        fit |= values.isna()  # where the supervisor is never right, or never wrong
    if not fit.all():
        row = int(np.argmin(fit.to_numpy()))
        raise ValueError(
            f"{name}.csv: column {values.name!r}, row {row}: {values.tolist()[row]!r} is not within {bounds}"
        )


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
