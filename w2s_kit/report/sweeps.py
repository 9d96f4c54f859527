"""What a sweep found: its summary as a table to read, and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..experiment.arguments import check_writable

# pandas and Matplotlib take seconds to import: a file that is not there should be told at once
if TYPE_CHECKING:
    import pandas as pd

KEYS = ["task", "supervisor", "student", "method"]  # columns of a sweep's table and of its summary
RUN_COLUMNS = [*KEYS, "seed", "student_accuracy"]
SUMMARY_COLUMNS = [
    *KEYS,
    "seeds",
    "supervisor_accuracy",
    "student_accuracy",
    "ceiling_accuracy",
    "pgr",
    "pgr_low",
    "pgr_high",
    "defined",
    "why",
]


def report(table: Path, picture: Path | None) -> None:
    """Print the summary of a sweep, and draw it. Raises ValueError for tables that are none of a sweep."""
    if picture:
        check_picture(picture)
    for path in (table, summary_of(table)):
        if not path.exists():
            raise ValueError(
                f"{path} is not there: w2s-kit sweep --out {table} writes a table and its summary"
            )
    anew = f"w2s-kit sweep --out {table} makes it"
    rows = read_table(table, RUN_COLUMNS, anew)
    summary = read_table(summary_of(table), SUMMARY_COLUMNS, anew)
    show(summary)
    if picture:
        draw(rows, summary, picture)
        print(f"wrote {picture}")


def read_table(path: Path, columns: Sequence[str], remedy: str) -> pd.DataFrame:
    """The table in `path`. Raises ValueError where it is none, has no rows or lacks one of `columns`."""
    import pandas as pd

    try:
        table = pd.read_csv(path)
    except ValueError as error:  # pandas' own do not say which file
        raise ValueError(f"{path} cannot be read as a table: {' '.join(str(error).split())}") from error
    if missing := set(columns) - set(table):
        missing_columns = ", ".join(sorted(missing))
        raise ValueError(f"{path} is no table of a sweep: no column {missing_columns}; {remedy}")
    if table.empty:
        raise ValueError(f"{path} has no rows: {remedy} anew")
    return table


def check_picture(path: Path) -> None:
    """Raises ValueError where Matplotlib cannot draw into a file of this name, or it cannot be written."""
    from matplotlib.figure import Figure

    known = Figure().canvas.get_supported_filetypes()
    if path.suffix.lower().removeprefix(".") not in known:
        raise ValueError(f"--picture {path}: a picture's name ends in one of .{', .'.join(sorted(known))}")
    check_writable(path, "--picture")


def draw(rows: pd.DataFrame, summary: pd.DataFrame, picture: Path) -> None:
    """Draw accuracy and PGR with 95 % intervals, a row of two axes for each task.

    Of several tasks, the first row shows the medians over them.
    """
    import matplotlib.pyplot as plt

    from . import plots

    methods, tasks = list(dict.fromkeys(summary["method"])), list(dict.fromkeys(summary["task"]))
    parts = [("", rows, summary)] if len(tasks) == 1 else [(f"median over {len(tasks)} tasks", rows, summary)]
    if len(tasks) > 1:
        parts += [(task, rows[rows["task"] == task], summary[summary["task"] == task]) for task in tasks]
    figure, axes = plt.subplots(
        len(parts), 2, figsize=(11, 4 * len(parts)), layout="constrained", squeeze=False
    )
    for (title, runs, means), (left, right) in zip(parts, axes):
        plots.accuracy_by_compute(runs, methods=methods, intervals=True, ax=left).set(title=title)
        plots.pgr_by_compute(means, methods=methods, intervals=True, ax=right).set(title=title)
    figure.savefig(picture, dpi=150 if len(parts) < 40 else 60)  # a picture has an end: 65,535 pixels
    plt.close(figure)


def show(summary: pd.DataFrame) -> None:
    """Print accuracies in per cent, and PGR with its 95 % interval, or why there is none."""
    from ..metrics.pgr import pgr_text

    shown = summary[["task", "supervisor", "student", "method", "seeds"]].copy()
    for who in ("supervisor", "student", "ceiling"):
        shown[f"{who} %"] = (100 * summary[f"{who}_accuracy"]).map("{:.1f}".format)
    shown["PGR"] = [
        pgr_text(row.pgr, row.pgr_low, row.pgr_high, "" if row.defined else _reason(row.why))
        for row in summary.itertuples()
    ]
    print(shown.rename(columns={"supervisor": "weak", "student": "strong"}).to_string(index=False))


def _reason(why: Any) -> str:
    return why if isinstance(why, str) else "the table gives no reason"


def summary_of(table: Path) -> Path:
    """Where the summary of a sweep's `table` stands."""
    return table.with_name(f"{table.stem}_summary.csv")
