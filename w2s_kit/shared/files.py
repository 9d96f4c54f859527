"""Files written whole, and the measured tables that the kit ships."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from .names import nearest


def results_folder() -> Path:
    """Where the tables stand that this kit has measured and ships: results/ of the repository, or its
    installed copy.
    """
    installed = Path(__file__).parents[1] / "results"
    return installed if installed.is_dir() else installed.parents[1] / "results"


def results(name: str) -> pd.DataFrame:
    """A table that this kit has measured and ships, such as "nlp_grid" or "benchmarks/finetuning".

    Raises ValueError for an unknown name.
    """
    folder = results_folder()
    if not (file := folder / f"{name}.csv").is_file():
        known = sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.csv"))
        raise ValueError(nearest("table", name, known))
    return pd.read_csv(file)


def write_whole(path: Path, text: str) -> None:
    """`text` as a file, whole or not at all, with the same line endings everywhere."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    os.replace(temporary, path)


def touched(file: Path) -> tuple[int, int]:
    """When it was last written, and its size: what is remembered of a file holds as long as these stay."""
    status = file.stat()
    return status.st_mtime_ns, status.st_size
