"""How the ledger works: claims, the tables that they read, and how a verdict comes from a table.

A claim is one function with its criterion beside it. The criterion was fixed before the results were seen;
where it was not, `changed` says so. The claim names the tables of results/ that it reads, and no number comes
from elsewhere: what was not run is "not measured". Intervals are 95 % and over seeds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps

import numpy as np
import pandas as pd

from ...metrics.intervals import Interval
from .resampled import Means, NotMeasured, over_seeds, over_seeds_and_tasks, seeds_for

Range = tuple[float, float]  #: The least and the largest number of a column.
#: What a claim can come to: see `judge`.
VERDICTS = ("shows", "undecided", "refuted", "opposite", "not measured")
#: From this seed on nobody had looked at a result when the criteria of today were fixed.
FRESH = 100
SHARES = [f"{who}_accuracy" for who in ("supervisor", "student", "ceiling")] + [
    "agreement_right",
    "agreement_wrong",
]
FLOPS = ["supervisor_pretraining_flops", "student_pretraining_flops"]
SHARE, COMPUTE = (0, 1), (1, 1e99)  # what numbers of a column may be
POINTS, PGR = "{:+z.1f} [{:+z.1f}, {:+z.1f}] points", "PGR {:+z.2f} [{:+z.2f}, {:+z.2f}]"
MEDIAN_PGR = "median PGR {:z.2f} [{:z.2f}, {:z.2f}]"
Tables = Mapping[str, pd.DataFrame]  #: The tables of results/ by name.


@dataclass(frozen=True)
class Table:
    """A table that claims read, results/`name`.csv.

    Fields:

        name       of the file, without its ending
        columns    those that it must have, each with the range of its numbers; None: anything may stand
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
    """What the tables say about a claim.

    Fields:

        verdict    one of VERDICTS
        figure     the numbers in words, for readers
        value      the same as a number, NaN when not measured
        low        lower end of its interval
        high       upper end
        wanted     seeds that would decide it at today's spread, for one that is undecided; else NaN
        refuted    an interval that ends short of this refutes the claim; NaN: only the opposite does
        sampled    makes the wider interval, over seeds and tasks; None where tasks are no sample
    """

    verdict: str
    figure: str
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    wanted: float = math.nan
    refuted: float = math.nan
    sampled: Callable[[], Interval] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Claim:
    """A statement of the literature, and how the tables judge it.

    Fields:

        id           the name of its function
        notebook     number of the notebook that measures it, "08"
        domain       part of the scoreboard
        statement    in one sentence
        source       with the paper's own number where it is known, and how it is known
        criterion    when it shows, and what refutes it
        changed      what was changed after results had been seen, and why; "": nothing
        reads        the tables that decide
        measure      from all tables by name to a Verdict
    """

    id: str
    notebook: str
    domain: str
    statement: str
    source: str
    criterion: str
    changed: str
    reads: tuple[Table, ...]
    measure: Callable[[Tables], Verdict]


CLAIMS: list[Claim] = []
TABLES: dict[str, Table] = {}  # by name: all tables that claims read


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
    changed: str = "",
):
    """Enters a function of the tables into the ledger, under its name.

    What is said of the claim here is the function's docstring, too. `changed`: as in `Claim`.
    Raises ValueError for a table of `reads` whose columns another claim has declared otherwise.
    """
    needed = (reads,) if isinstance(reads, Table) else reads
    for each in needed:
        if TABLES.setdefault(each.name, each) != each:
            raise ValueError(f"{each.name}.csv is declared twice, with other columns: keep one Table")

    def enter(function):
        @wraps(function)
        def measure(tables: Tables) -> Verdict:
            try:
                return function(tables)
            except NotMeasured as reason:
                return Verdict("not measured", str(reason))

        measure.__doc__ = f"{statement}\n\nSource: {source}.\n\nCriterion: {criterion}."
        CLAIMS.append(
            Claim(function.__name__, notebook, domain, statement, source, criterion, changed, needed, measure)
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
    if "seed" in rows and (fresh := rows["seed"] >= FRESH).any():
        rows = rows[fresh]  # seeds that had been looked at decide nothing where there are others
    return rows.drop(columns=list(where))


def _check_range(values: pd.Series, bounds: Range, name: str) -> None:
    """Raises ValueError naming the first row of a column whose number is not within the bounds."""
    numbers, (least, most) = pd.to_numeric(values, errors="coerce").to_numpy(float), bounds
    fit = (least <= numbers) & (numbers <= most)
    if str(values.name).startswith("agreement"):
        fit |= values.isna().to_numpy()  # where the supervisor is never right, or never wrong
    if not fit.all():
        row = int(np.argmin(fit))
        raise ValueError(
            f"{name}.csv: column {values.name!r}, row {row}: {values.tolist()[row]!r} is not within {bounds}"
        )


def judge(
    rows: pd.DataFrame,
    statistic: Callable[[Means], np.ndarray],
    figure: str,
    *,
    above: float = 0,
    opposite: float = 0,
    smallest: float = 0,
    sign: int = 1,
    sample: bool = False,
) -> Verdict:
    """The verdict on a claim, from the interval of `statistic` over seeds.

        shows        the interval lies wholly above `above`
        opposite     wholly below `opposite`
        refuted      wholly below `above` + `smallest`: an effect of interest is excluded
        undecided    none of them; the figure says how many seeds would decide

    smallest: the smallest effect of interest, in the units of the statistic; half of what the source reports,
    where it reports a number. sign: -1 swaps above and below. figure: a format of mean, low and high.
    sample: tasks are a sample of tasks, so there is a wider interval, too.
    """
    interval = over_seeds(rows, statistic)
    low, high = sorted((sign * interval.low, sign * interval.high))
    least = sign * above + smallest
    verdict = (
        "shows"
        if low > sign * above
        else "opposite"
        if high < sign * opposite
        else "refuted"
        if high < least
        else "undecided"
    )
    numbers, tasks = (interval.mean, interval.low, interval.high), rows["task"].nunique()
    said = figure.format(*numbers) + f", {interval.n} seeds" + (f", {tasks} tasks" if tasks > 1 else "")
    wanted = math.nan
    if verdict == "undecided":
        centre = sign * interval.mean
        wanted = seeds_for(interval, max(centre - sign * above, sign * opposite - centre, least - centre))
        said += f"; {wanted:,.0f} seeds would decide" if math.isfinite(wanted) else "; 1,000 would not"
    wider = (lambda: over_seeds_and_tasks(rows, statistic)) if sample and tasks > 1 else None
    never = above == opposite and smallest == 0
    return Verdict(verdict, said, *numbers, wanted, math.nan if never else sign * least, wider)


def together(verdict: Verdict, **conditions: Verdict) -> Verdict:
    """The verdict on a claim with further conditions, each judged by its own interval.

    It shows where all of them show, and is refuted where one is. The figure tells of each that does not show;
    a condition is named by its keyword, with blanks for underlines.
    """
    if verdict.verdict in ("opposite", "refuted"):
        return verdict
    failed = {name: each for name, each in conditions.items() if each.verdict != "shows"}
    if not failed:
        return verdict
    said = "; ".join(f"{name.replace('_', ' ')} {each.figure}" for name, each in failed.items())
    refuted = any(each.verdict in ("opposite", "refuted") for each in failed.values())
    wanted = (
        math.nan if refuted else max(each.wanted for each in (verdict, *failed.values()) if each.wanted > 0)
    )
    return replace(
        verdict,
        verdict="refuted" if refuted else "undecided",
        figure=f"{verdict.figure}; but {said}",
        wanted=wanted,
    )


def within_bounds(rows: pd.DataFrame, statistic, figure: str, least: float, most: float) -> Verdict:
    """The verdict on "between `least` and `most`": refuted by an interval wholly outside, on either side."""
    above = judge(rows, statistic, figure, above=least, opposite=least)
    below = judge(rows, statistic, figure, above=most, opposite=most, sign=-1)
    return below if above.verdict == "shows" else above
