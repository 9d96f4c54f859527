"""Rows of a file, of a dataset of the hub or of memory, and the records that are made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from ..hub import file_or_rows
from .cells import cells_of, wrong_width
from .kinds import is_csv
from .objects import as_row, objects_of
from .report import Rejected, Repeated, Report, shown, tell

Row = TypeVar("Row")
Record = TypeVar("Record")
Source = str | Path | Iterable[Mapping]  #: A file, or the rows themselves.


def rows_of(source: Source, report: Report) -> Iterator[tuple[str, Mapping | Rejected]]:
    """(where, row) of each row of a file, or of the rows themselves.

    A row of CSV is a dict of texts, with the names of the header as keys. A row with another number of cells
    than the header is rejected.
    """
    if not isinstance(source, (str, Path)):
        yield from ((f"row {number}", as_row(row)) for number, row in enumerate(source, 1))
        return
    path = Path(source)
    numbered = _under_header(path, report) if is_csv(path) else objects_of(path, report)
    yield from ((f"{path}, row {number}", row) for number, row in numbered)


def _under_header(path: Path, report: Report) -> Iterator[tuple[int, Mapping | Rejected]]:
    """(number, row) of a CSV file, whose first row that can be read must be the header."""
    header: list[str] = []
    for number, cells in cells_of(path, report):
        if isinstance(cells, Rejected):
            yield number, cells
            if not header:
                report.broken.append(f"{path}: row {number} is the header, and cannot be read. Repair it")
                return
        elif not header:
            header = [cell.strip() for cell in cells]
            named = [name for name in header if name]  # the column of pandas' index has no name
            if twice := [name for name, n in Counter(named).items() if n > 1]:
                report.broken.append(
                    f"{path}: the header names {', '.join(twice)} twice, so no row is read. Rename one"
                )
                return
        elif len(cells) != len(header):
            yield number, wrong_width(len(cells), len(header))
        else:
            yield number, dict(zip(header, cells))


def records(
    rows: Iterable[tuple[str, Row | Rejected]], parse: Callable[[Row], Record], report: Report
) -> Iterator[Record]:
    """The record that `parse` makes of each (where, row), one by one.

    `report` counts the rows, and those that `parse` rejects.
    """
    for where, row in rows:
        report.read += 1
        try:
            if isinstance(row, Rejected):
                raise row
            record = parse(row)
        except Rejected as why:
            report.reject(where, why)
            continue
        report.kept += 1
        yield record


def once(
    parse: Callable[[Row], Record], keys: Callable[[Record], Iterable[Hashable]], reason: str
) -> Callable[[Row], Record]:
    """`parse`, but only the first of the records that share a key is kept.

    The others are rejected for `reason`. It holds the hash of each key, about 60 bytes: for five million
    puzzles with two keys, this is half a gigabyte.
    """
    earlier: set[int] = set()

    def parse_once(row: Row) -> Record:
        record = parse(row)
        hashes = [hash(key) for key in keys(record)]
        if not earlier.isdisjoint(hashes):
            raise Repeated(reason, shown(record))
        earlier.update(hashes)
        return record

    return parse_once


def load(
    source: str,
    read: Callable[[Source, Report], Iterable[Record]],
    what: str,
    most: int,
    seed: int = 0,
    allow_rejected: bool = False,
) -> tuple[list[Record], Report]:
    """The records that `read` makes of a file, or of at most `most` rows of a dataset of the hub.

    See `hub.file_or_rows` for `source`, and `tell` for `what`, `allow_rejected` and the errors.
    """
    report = Report()
    result = list(read(file_or_rows(source, most, seed), report))
    tell(report, source, what, allow_rejected)
    return result, report


def text_of(row: Mapping, name: str, longest: int) -> str:
    """The text in column `name` of a row.

    Raises Rejected where there is no text, or one of more than `longest` characters.
    """
    if name not in row:
        raise Rejected(
            "no text",
            f"there is no column {name!r}, only {', '.join(map(str, row))[:200]}; rename one of them",
        )
    value = row[name]
    if not isinstance(value, str):
        raise Rejected("no text", f"{name} is {shown(value)}; write a text there, or delete the row")
    if len(value) > longest:
        raise Rejected("too long", f"{name} has {len(value):,} characters, more than {longest:,}; shorten it")
    return value
