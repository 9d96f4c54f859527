"""What a file of rows is, found out from its content and not from its name."""

from __future__ import annotations

import re
from pathlib import Path

from .lines import MARK, beginning

HEAD = 8  # lines that are looked at to find out what a file is
#: How files begin that hold no rows which can be read, and what they are.
OTHERS = {
    rb"PK\x03\x04": "is a zip archive, as Excel's .xlsx files are",
    rb"\xd0\xcf\x11\xe0": "is an old Excel file",
    rb"BZh\d1AY&SY": "is packed by bzip2",
    rb"\xfd7zXZ": "is packed by xz",
    rb".{257}ustar": "is a tar archive",
    rb"\x80[\x02-\x05]": "is a pickle",
    rb"ARROW1": "is a Feather file",
    rb"SQLite format 3": "is a database of SQLite",
    rb"\x89HDF|\x89PNG|\xff\xd8\xff|%PDF": "is no table, but data of another kind",
    rb"\s*<(!DOCTYPE|html)": "is a web page, so the download went wrong",
    rb"version https://git-lfs": "is a pointer of Git LFS: `git lfs pull` fetches the file itself",
    rb"\xff\xfe|\xfe\xff|[^\0]\0[^\0]\0|\0[^\0]\0[^\0]|([^\0]\0\0\0){2}": "is text in UTF-16 or UTF-32",
    rb"[^\n]*\r[^\n]+\Z": "has no line feed (\\n) at the end of its lines",
}


def kind_of(path: Path) -> str:
    """The kind of a file: "parquet", "array", "lines" (JSON lines) or "csv".

    Objects in several lines each, without an array around them, are an "array", too: one reader reads both.
    Raises ValueError for a file that is known to be something else.
    """
    with path.open("rb") as stream:
        if stream.read(4) == b"PAR1":
            return "parquet"
    head = beginning(path)
    for begins, what in OTHERS.items():
        if re.match(begins, head, re.DOTALL | re.IGNORECASE):
            raise ValueError(f"{path} {what}. Save the table as CSV in UTF-8, as JSON lines or as parquet")
    lines = [line for line in head.removeprefix(MARK).split(b"\n") if line.strip()][:HEAD]
    if lines and re.match(rb"\s*(\[\s*([{\]]|$)|\{\s*$)", lines[0]):
        return "array"
    # the first line may be broken: most of the others tell
    objects = sum(line.lstrip().startswith(b"{") for line in lines)
    return "lines" if 2 * objects >= max(len(lines), 1) else "csv"


def is_csv(path: Path) -> bool:
    """Whether a file is CSV, which is whatever none of the other kinds is."""
    return kind_of(path) == "csv"
