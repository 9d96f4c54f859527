"""Files of rows, read as far as they can be: what is broken is counted, with its place and the reason, and never a crash."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

BLOCK = 1 << 16  # bytes read at once
LONGEST = 1 << 20  # no row has more bytes, but a file whose end was lost may go on with a gigabyte of NUL


class Rejected(ValueError):
    """Why a row cannot be used: a `reason` to count, and the detail."""

    def __init__(self, reason: str, detail: object = ""):
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


@dataclass
class Report:
    """What became of the rows: read = kept + rejected. It grows while they are read."""

    read: int = 0
    kept: int = 0
    rejected: Counter = field(default_factory=Counter)  # rows by reason
    examples: dict[str, list[str]] = field(default_factory=dict)  # the first three by reason, with file and row
    broken: list[str] = field(default_factory=list)  # where a file breaks off

    def reject(self, where: str, why: Rejected) -> None:
        self.rejected[why.reason] += 1
        some = self.examples.setdefault(why.reason, [])
        if len(some) < 3:
            some.append(f"{where}: {str(why)[:300]}".replace("\n", "\\n"))

    def __str__(self) -> str:
        text = [f"{self.read} rows read, {self.kept} kept, {self.rejected.total()} rejected", *self.broken]
        return "\n".join(text + [f"{n} x {self.examples[reason][0]}" for reason, n in self.rejected.most_common()])


def _open(path: Path):
    """A stream of bytes, decompressed if the file begins like gzip or zstd (or zstd in frames, as pzstd writes it)."""
    with path.open("rb") as stream:
        magic = stream.read(4)
    codec = "gzip" if magic[:2] == b"\x1f\x8b" else "zstd" if magic == b"\x28\xb5\x2f\xfd" or magic[1:] == b"\x2a\x4d\x18" else ""
    if codec and not pa.Codec.is_available(codec):
        raise ValueError(f"{path}: this pyarrow was built without {codec}; unpack the file first")
    return pa.CompressedInputStream(pa.OSFile(str(path)), codec) if codec else path.open("rb")


def lines(path: Path, report: Report) -> Iterator[tuple[int, bytes]]:
    """(row, line), from row 1, without blank lines. Where the file breaks off, `report` says so; the cut line is left out."""
    rest, row, done = b"", 0, 0
    for size in (BLOCK, 1):  # a read that fails throws its bytes away: they are read again one by one
        with _open(path) as stream:
            try:
                skip = done
                while skip:
                    skip -= len(stream.read(min(skip, BLOCK)))
                while chunk := stream.read(size):
                    done += len(chunk)
                    *whole, rest = (rest + chunk).split(b"\n")
                    if len(rest) > LONGEST:
                        whole, rest = [*whole, rest], b""
                    for line in whole:
                        row += 1
                        if line.strip():
                            yield row, line
                break
            except OSError as error:
                problem = error
    else:
        report.broken.append(f"{path}: breaks off in row {row + 1} ({problem}). The rows before are read; for the others, fetch the file again")
        rest = b""
    if rest.strip():
        yield row + 1, rest


def split_row(line: bytes) -> list[str]:
    """The cells of a line of CSV. Raises Rejected."""
    if b"\0" in line:
        raise Rejected("NUL byte", line[:80])
    try:
        text = line.decode("utf-8-sig").strip("\r")
        cells = text.split(",") if '"' not in text and "\r" not in text else next(csv.reader([text], strict=True))
    except UnicodeDecodeError as error:
        raise Rejected("not UTF-8", error) from None
    except csv.Error as error:
        raise Rejected("bad CSV", error) from None
    return [cell.strip() for cell in cells]


def fetched(source: str, most: int, seed: int = 0) -> str | Iterable[Mapping]:
    """`source` itself where it is a file; else at most `most` rows, in random order, of the hub's dataset of that name: of its
    split "train", or of the one named after a colon, as in "HuggingFaceH4/ultrafeedback_binarized:train_prefs". Raises
    ValueError where there is neither."""
    if Path(source).is_file():
        return source
    from datasets import load_dataset

    name, _, part = source.partition(":")
    try:
        if name.count("/") != 1:
            raise ValueError("no dataset of the hub is called so: owner/name")
        rows = load_dataset(name, split=part or "train").shuffle(seed=seed)
    except (OSError, ValueError) as error:  # datasets has many kinds of both
        raise ValueError(f"{source}: no such file, and no dataset that can be read ({' '.join(str(error).split())[:300]})") from error
    return rows.select(range(min(len(rows), most)))


def rows_of(source: str | Path | Iterable[Mapping], report: Report) -> Iterator[tuple[str, Mapping | Rejected]]:
    """(where, row) of a file (parquet; CSV with header or JSON lines, also gzip or zstd), or of the rows themselves."""
    if not isinstance(source, (str, Path)):
        yield from ((f"row {i}", row) for i, row in enumerate(source, 1))
        return
    path = Path(source)
    with path.open("rb") as stream:
        parquet = stream.read(4) == b"PAR1"
    if parquet:
        from pyarrow.parquet import ParquetFile

        number = 0
        try:
            for batch in ParquetFile(path).iter_batches(1000):
                for row in batch.to_pylist():
                    number += 1
                    yield f"{path}, row {number}", row
        except (OSError, ValueError) as error:  # cut parquet has lost its index, and with it every row
            report.broken.append(f"{path}: cannot be read after row {number} ({error}). Fetch the file again")
        return
    header = None
    for number, line in lines(path, report):
        try:
            if line.lstrip()[:1] == b"{":
                row = json.loads(line)
            elif header is None:
                header = split_row(line)
                continue
            else:
                row = dict(zip(header, split_row(line)))
        except Rejected as why:
            row = why
        except (ValueError, RecursionError) as error:
            row = Rejected("bad JSON", error)
        yield f"{path}, row {number}", row
