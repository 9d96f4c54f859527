"""Files written whole, and the measured tables that the kit ships."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .names import nearest

if TYPE_CHECKING:
    import pandas as pd


@contextlib.contextmanager
def written_whole(path: str | Path) -> Iterator[Path]:
    """A temporary path to write to, which becomes `path` when the block ends; after an error it is removed.

    So a reader finds the old file or the new one, and never a part. The temporary path stands in the same
    folder and has the same suffix, since some writers choose their format by it.

        with written_whole("table.csv") as temporary:
            table.to_csv(temporary)
    """
    path = Path(path)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.tmp{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):  # the first error is the one to be seen
            temporary.unlink()
        raise


def write_whole(path: str | Path, text: str) -> None:
    """Writes `text` as a file, whole or not at all, with the same line endings everywhere."""
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def touched(file: Path) -> tuple[int, int]:
    """When a file was last written, in nanoseconds, and its size in bytes.

    Whatever is remembered of the file holds as long as both stay the same.
    """
    status = file.stat()
    return status.st_mtime_ns, status.st_size


def results_folder() -> Path:
    """The folder of the tables that this kit has measured and ships.

    It is results/ of the repository, or its installed copy.
    """
    return shipped_folder("results")


def shipped_folder(name: str) -> Path:
    """A folder of the repository that is installed with the kit: the installed copy, or that of a clone."""
    installed = Path(__file__).parents[1] / name
    return installed if installed.is_dir() else installed.parents[1] / name


def results(name: str) -> pd.DataFrame:
    """A table that this kit has measured and ships, such as "nlp_grid" or "benchmarks/finetuning".

    Raises ValueError for an unknown name.
    """
    import pandas as pd  # only tables need it, and whoever writes a file should not wait for it

    folder = results_folder()
    if not (file := folder / f"{name}.csv").is_file():
        known = sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.csv"))
        raise ValueError(nearest("table", name, known))
    return pd.read_csv(file)
