"""Two folders out of one clone: what students may see, and what only staff may see."""

from __future__ import annotations

import shutil
from pathlib import Path

from .address import ROOT
from .address import tracked as tracked_files

#: Only staff may see these: problem sets with their solutions and hidden tests, and tests that know answers.
STAFF_ONLY = ("notebooks/assignments/source/", "tests/")


def split_staff(folder: Path, root: Path = ROOT) -> tuple[list[Path], list[Path]]:
    """Copy the files of a clone into `folder`/students and `folder`/staff; returns what went where.

    Only files that git keeps are copied, as they stand in the working folder: so nobody's submissions and
    grades. Paths in the result are relative. Raises ValueError where `root` is no clone, or where one of the
    two folders is there already.
    """
    for name in ("students", "staff"):
        if (folder / name).exists():
            raise ValueError(f"{folder / name} is there already: name another folder, or move it away")
    students, staff = [], []
    for path in (file.relative_to(root) for file in tracked_files(root)):
        mine = path.as_posix().startswith(STAFF_ONLY)
        (staff if mine else students).append(path)
        copied = folder / ("staff" if mine else "students") / path
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / path, copied)
    return students, staff
