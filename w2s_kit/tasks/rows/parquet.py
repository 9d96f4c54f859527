"""Parquet, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa

from .report import Rejected, Report

BATCH = 1000  # rows read at once


def parquet_rows(path: Path, report: Report) -> Iterator[tuple[int, Mapping | Rejected]]:
    """(number, row) of a parquet file, from 1 on; `report` says where the file cannot be read."""
    from pyarrow.parquet import ParquetFile  # its import is slow, and most files are text

    number = 0
    try:
        file = ParquetFile(path)
        if twice := [name for name, n in Counter(file.schema_arrow.names).items() if n > 1]:
            report.broken.append(
                f"{path}: has columns of one name, {', '.join(twice)}, so no row is read. Rename one"
            )
            return
        for batch in file.iter_batches(BATCH):
            for row in _rows_of_batch(batch):
                number += 1
                yield number, row
    except (OSError, ValueError) as error:  # cut parquet has lost its index, and with it every row
        report.broken.append(f"{path}: cannot be read after row {number} ({error}). Fetch the file again")


def _rows_of_batch(batch: pa.RecordBatch) -> list[Mapping | Rejected]:
    """The rows of a batch; a value that Python cannot hold costs its own row only."""
    try:
        return batch.to_pylist()
    except (ValueError, OverflowError) as error:  # a text that is not UTF-8, or a date that Python has not
        if len(batch) == 1:
            return [Rejected("not UTF-8" if isinstance(error, UnicodeError) else "bad value", error)]
        return [row for i in range(len(batch)) for row in _rows_of_batch(batch.slice(i, 1))]
