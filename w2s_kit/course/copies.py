"""The notebooks that come with the kit, and copies of them to work in: `w2s-kit notebooks --copy DIR`.

The worked answers of their exercises come along. The solutions of the problem sets do not.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from ..shared.files import shipped_folder, write_whole
from .notebooks import ANSWERS, name_of, whole_course


def shipped() -> dict[str, Path]:
    """The numbered notebooks, their worked answers, and the problem sets: name in a copy -> file.

    Names are relative: "00_start_here.ipynb", "solutions/00_start_here.ipynb", "assignments/ps1.ipynb".
    Problem sets are as students get them.
    """
    folder = shipped_folder("notebooks")
    sets = sorted(folder.glob("assignments/release/*/*.ipynb"))
    return {f"{name_of(path)}.ipynb": path for path in whole_course(folder)} | {
        f"assignments/{path.name}": path for path in sets
    }


def title(path: Path) -> str:
    """The first heading of a notebook, without the sign; its file name where it has none."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    lines = [line for cell in cells if cell["cell_type"] == "markdown" for line in cell["source"]]
    return next((line[2:].strip() for line in lines if line.startswith("# ")), path.stem)


def copy(target: Path) -> tuple[list[Path], list[Path]]:
    """Copy all notebooks into the folder `target`, which is made where it is missing.

    Returns the files that were written, and those that were there already and differ: they may hold
    somebody's answers, and stay. Raises ValueError where `target` or a folder of it that is copied to
    (`assignments`, `solutions`) is a file or cannot be made, and where it is the folder that the kit copies
    from; OSError where a file cannot be written.
    """
    if target.resolve() == shipped_folder("notebooks").resolve():
        raise ValueError(f"{target} holds the kit's own notebooks: name another folder")
    folders = (target, target / "assignments", target / ANSWERS)
    for folder in folders:
        if os.path.lexists(folder) and not folder.is_dir():
            raise ValueError(f"{folder} is a file: name a folder" + " without it" * (folder != target))
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            why = f"{folder} cannot be made ({error.strerror})"
            raise ValueError(f"{why}: name a folder that you may write to") from error
    written, kept = [], []
    for name, source in shipped().items():
        text, file = source.read_text(encoding="utf-8"), target / name
        if file.is_symlink() and not file.exists():
            kept.append(file)  # a link to somewhere that is not there now
        elif not file.exists():
            write_whole(file, text)
            written.append(file)
        elif file.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n") != text:
            kept.append(file)
    return written, kept
