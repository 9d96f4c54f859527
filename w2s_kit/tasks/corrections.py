"""Corrected answers: a question, somebody's answer to it, and a better one (Ji et al. 2024, 2402.02416).

Read from the hub's dataset aligner/aligner-20K (columns question, answer, correction; CC BY-NC 4.0; some of
it is offensive), or from a file with these columns. MiniWorld's own are made by `miniworld.advice`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from .rows import Rejected, Report, Source, load, once, records, rows_of, text_of

LONGEST = 50_000  # characters of a text


class Triple(NamedTuple):
    """A question, an answer to it, and the better answer.

    Fields:

        question      what somebody wants to know
        answer        what somebody said
        correction    what should have been said; the same text where nothing had to change
    """

    question: str
    answer: str
    correction: str


def read_corrections(source: Source, report: Report | None = None) -> Iterator[Triple]:
    """The triples of a file or of rows, one by one.

    A file is CSV with header, JSON lines, a JSON array, or parquet; see `rows`. Any other row is counted in
    `report`, with file, row and reason. An answer that nobody changed makes a triple like any other.
    """
    report = Report() if report is None else report
    return records(rows_of(source, report), once(_triple, lambda triple: [triple], "twice"), report)


def load_corrections(source: str, most: int, seed: int = 0, allow_rejected: bool = False) -> list[Triple]:
    """At most `most` triples of a file, or at random of a dataset of the hub, as in "aligner/aligner-20K".

    What was rejected up to there is printed. Raises ValueError where there is neither, when no row can be
    used, and when most are rejected.
    """

    def read(rows: Source, report: Report) -> Iterator[Triple]:
        return islice(read_corrections(rows, report), most)

    return load(source, read, "correction", most, seed, allow_rejected)[0]


def _triple(row: Mapping) -> Triple:
    texts = [text_of(row, name, LONGEST).strip() for name in Triple._fields]
    for name, text in zip(Triple._fields, texts):
        if not text:
            raise Rejected("empty text", f"{name} is empty; fill it in, or delete the row")
    return Triple(*texts)
