"""Rows of files and datasets, read as far as possible: a broken row is counted and explained, never a crash.

    CSV             cells between commas, semicolons or tabs; a cell in quotes may hold these and line breaks
    JSON lines      one object a line
    JSON array      of objects, in one line or in many
    parquet         as pandas and the hub write it

The first three may be packed by gzip or zstd. The content of a file decides what it is, not its name.
Except for parquet, a file is read in blocks and never held whole.

Every reader of the kit goes the same way:

    rows_of    finds the rows
    records    makes a record of each row, or counts the reason why it cannot
    load       makes a list of the records, prints what was rejected, and refuses what is mostly broken

In messages, "row" is the number of a line of a CSV file or of JSON lines, as an editor counts them. For a
row of several lines it is the first of them. In parquet, in arrays and in memory, "row" is the number of the
row, from 1 on.
"""

from .cells import cells_of, wrong_width
from .kinds import is_csv
from .lines import LONGEST
from .objects import objects_of
from .report import Rejected, Repeated, Report, shown, tell
from .source import Source, load, once, records, rows_of, text_of

__all__ = [
    "LONGEST",
    "Rejected",
    "Repeated",
    "Report",
    "Source",
    "cells_of",
    "is_csv",
    "load",
    "objects_of",
    "once",
    "records",
    "rows_of",
    "shown",
    "tell",
    "text_of",
    "wrong_width",
]
