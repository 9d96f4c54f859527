"""Corrected answers: a question, somebody's answer to it, and a better one (Ji et al. 2024, 2402.02416).

Read from the hub's dataset aligner/aligner-20K (columns question, answer, correction; CC BY-NC 4.0; some of it is offensive), or from a
file with these columns. MiniWorld's own are made by `miniworld.advice`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from .rows import Rejected, Report, fetched, rows_of

LONGEST = 50_000  # characters of a text


class Triple(NamedTuple):
    question: str
    answer: str
    correction: str


def read_corrections(source: str | Path | Iterable[Mapping], report: Report | None = None) -> Iterator[Triple]:
    """The triples of a file (parquet; CSV with header or JSON lines, also gzip or zstd), or of rows, one by one. Any other row is
    counted in `report`, with file, row and reason. An answer that was left as it is, is a triple like any other."""
    report, seen = Report() if report is None else report, set()
    for where, row in rows_of(source, report):
        report.read += 1
        try:
            found = _triple(row)
            if found in seen:
                raise Rejected("twice", found.question[:80])
        except Rejected as why:
            report.reject(where, why)
            continue
        seen.add(found)
        report.kept += 1
        yield found


def load_corrections(source: str, most: int, seed: int = 0) -> list[Triple]:
    """At most `most` triples of a file, or at random of a dataset of the hub, as in "aligner/aligner-20K". Raises ValueError where
    there is neither, and when no row can be used."""
    found = []
    for triple in read_corrections(fetched(source, most, seed), report := Report()):
        found.append(triple)
        if len(found) == most:
            break
    if not found:
        raise ValueError(f"{source}: no correction can be read ({report})")
    return found


def _triple(row: Mapping | Rejected) -> Triple:
    if isinstance(row, Rejected):
        raise row
    texts = []
    for name in Triple._fields:
        text = row.get(name)
        if not isinstance(text, str):
            raise Rejected("no text", f"{name} is {text!r}"[:300])
        if not text.strip():
            raise Rejected("empty text", name)
        if len(text) > LONGEST:
            raise Rejected("too long", f"{name} has {len(text):,} characters, more than {LONGEST:,}")
        texts.append(text.strip())
    return Triple(*texts)
