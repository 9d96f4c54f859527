"""What ships is what loads: the SHA-256 of each file under weights/, in the table SHA256SUMS.

    # writes the table anew, after a model was pretrained into weights/
    python -m w2s_kit.shared.shipped
    # compares all files, without the kit
    cd w2s_kit/weights && sha256sum -c --quiet SHA256SUMS

A flipped bit in a weight file is another number, and nothing in the file says so. So a model that ships is
compared with the table before it is loaded: each file once a process, as long as it is not touched. Models of
your own have no such table.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from .files import write_whole

WEIGHTS = Path(__file__).parents[1] / "weights"
TABLE = "SHA256SUMS"  # as sha256sum writes it: the digest, two blanks, the path below weights/


def files_in(folder: Path) -> list[Path]:
    """All files below `folder` that the table names; hidden ones belong to other programs."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return sorted(file for file in files if file.name != TABLE and not file.name.startswith("."))


def write_table(weights: Path = WEIGHTS) -> Path:
    """Write the table of all files below `weights`, and return where it stands."""
    return _write(files_in(weights), {}, weights)


def record(folder: Path, weights: Path = WEIGHTS) -> None:
    """Put the files of a model just made into the table, if it stands below `weights`. Other lines stay."""
    folder, weights = folder.resolve(), weights.resolve()
    if folder.is_relative_to(weights):
        below = folder.relative_to(weights).as_posix() + "/"
        others = {name: digest for name, digest in _read(weights).items() if not name.startswith(below)}
        _write(files_in(folder), others, weights)


def check_file(file: Path, weights: Path) -> None:
    """Compare one file below `weights` with the table.

    Raises OSError that names the file, and what to do, where it is altered, missing, or not in the table.
    """
    wanted = _read(weights).get(file.relative_to(weights).as_posix())
    if wanted is None:
        raise OSError(
            f"{file}: this file is not in {weights / TABLE}, so it is not the kit's; remove it, "
            "or write the table anew if you pretrained a model (python -m w2s_kit.shared.shipped)"
        )
    if _digest(file, _touched(file)) != wanted:
        raise OSError(
            f"{file}: this is not the file that ships with the kit ({TABLE} has another SHA-256); "
            f"{_remedy(file)}"
        )


def check_folder(folder: Path, weights: Path) -> None:
    """As `check_file`, for the files in `folder` and for those that the table has there."""
    below = folder.relative_to(weights).as_posix() + "/"
    shipped = [weights / name for name in _read(weights) if name.startswith(below)]
    for file in sorted({*shipped, *files_in(folder)}):
        check_file(file, weights)


def _remedy(file: Path) -> str:
    return f"reinstall the kit, or in a clone of its repository: git checkout -- {file}"


def _write(files: list[Path], sums: dict[str, str], weights: Path) -> Path:
    for file in files:
        sums[file.relative_to(weights).as_posix()] = hashlib.sha256(file.read_bytes()).hexdigest()
    write_whole(weights / TABLE, "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())))
    return weights / TABLE


def _read(weights: Path) -> dict[str, str]:
    """The table, {path below weights/: digest}."""
    return _parsed(weights / TABLE, _touched(weights / TABLE))


@lru_cache(maxsize=4)
def _parsed(table: Path, touched: tuple[int, int]) -> dict[str, str]:
    sums = {}
    for number, line in enumerate(table.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        digest, _, name = line.partition("  ")
        if len(digest) != 64 or not name:
            raise OSError(f"{table}: line {number} is no digest and path; {_remedy(table)}")
        sums[name] = digest
    return sums


def _touched(file: Path) -> tuple[int, int]:
    """When it was last written, and its size: what is remembered of a file holds as long as these stay."""
    try:
        status = file.stat()
    except FileNotFoundError as error:
        raise OSError(f"{file}: this file ships with the kit and is missing; {_remedy(file)}") from error
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=1024)
def _digest(file: Path, touched: tuple[int, int]) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    print(write_table())
