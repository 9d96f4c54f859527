"""What a file of rows is, found out from its content and not from its name."""

from __future__ import annotations

import re
from pathlib import Path

from .lines import first_lines


def kind_of(path: Path) -> str:
    """The kind of a file: "parquet", "array", "lines" (JSON lines) or "csv".

    Objects in several lines each, without an array around them, are an "array", too: one reader reads both.
    """
    with path.open("rb") as stream:
        if stream.read(4) == b"PAR1":
            return "parquet"
    head = first_lines(path)
    if head and re.match(rb"\s*(\[\s*([{\]]|$)|\{\s*$)", head[0]):
        return "array"
    # the first line may be broken: most of the others tell
    objects = sum(line.lstrip().startswith(b"{") for line in head)
    return "lines" if 2 * objects >= max(len(head), 1) else "csv"


def is_csv(path: Path) -> bool:
    """Whether a file is CSV, which is whatever none of the other kinds is."""
    return kind_of(path) == "csv"
