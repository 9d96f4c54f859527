"""A submission as it is graded: the staff's cells, with the student's answers in their places.

Points, tests and all that says what a cell is come from the staff's copy. What a student has added still
runs, where it stands; what was taken out or turned into something else is put back. Both are told.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

LARGEST = 50 << 20  # bytes of a notebook


@dataclass
class Placed:
    """A cell of the notebook that is graded.

    Fields:

        kind      "staff", "answer" (the student's, where the form asks for it) or "extra" (added by them)
        source    its text
        code      whether it runs
        about     nbgrader's metadata from the staff's copy; empty where it has none
        shown     what the feedback shows: for a test, the text without hidden cases
    """

    kind: str
    source: str
    code: bool
    about: dict = field(default_factory=dict)
    shown: str = ""

    @property
    def question(self) -> str:
        """The cell's name where it carries points, else nothing."""
        return self.about["grade_id"] if self.about.get("grade") else ""


def text_of(cell: dict) -> str:
    """A cell's text: notebooks keep it as a text or as lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def readable(value):
    """The same of JSON, without halves of characters: they cannot be written into a file."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def plain(text: str) -> str:
    """The text without signs that would steer the terminal of who reads it."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def read_cells(notebook: Path) -> list[dict]:
    """The cells of a notebook, whatever else it lacks.

    Raises ValueError that names the file, and what is wrong with it: no file, too large, no JSON, no cells,
    or a cell that is none.
    """
    try:
        if notebook.is_symlink():
            raise ValueError("it is a link to another file")
        if not notebook.is_file():
            raise ValueError("no such file")
        if notebook.stat().st_size > LARGEST:
            raise ValueError(f"it is larger than {LARGEST >> 20} MB")
        # some editors of Windows begin a file with a mark of its encoding
        whole = readable(json.loads(notebook.read_text(encoding="utf-8-sig")))
        if not isinstance(whole, dict) or not isinstance(whole.get("cells"), list):
            raise ValueError("it has no list of cells")
        for number, cell in enumerate(whole["cells"], 1):
            if wrong := _wrong_with(cell):
                raise ValueError(f"its cell {number} {wrong}")
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{notebook}: no notebook can be read there ({error})") from error
    return whole["cells"]


def _wrong_with(cell) -> str:
    """What makes a cell none that can be graded, or nothing."""
    if not isinstance(cell, dict):
        return "is no cell"
    source = cell.get("source", "")
    if not isinstance(source, str) and not (
        isinstance(source, list) and all(isinstance(line, str) for line in source)
    ):
        return "has a source that is no text"
    if not isinstance(cell.get("metadata", {}), dict):
        return "has metadata that are no table"
    if "nbgrader" not in cell.get("metadata", {}):
        return ""
    about = cell["metadata"]["nbgrader"]
    if not isinstance(about, dict):
        return "has metadata of nbgrader that are no table"
    if not isinstance(about.get("grade_id"), str) or not about["grade_id"]:
        return "has metadata of nbgrader without a grade_id that is a text"
    return ""


def by_id(cells: list[dict]) -> dict[str, dict]:
    """grade_id -> cell. Raises ValueError where one stands twice."""
    named = [cell for cell in cells if "nbgrader" in cell.get("metadata", {})]
    ids = Counter(cell["metadata"]["nbgrader"]["grade_id"] for cell in named)
    if twice := [name for name, times in ids.items() if times > 1]:
        raise ValueError(
            f"cell {twice[0]!r} stands there {ids[twice[0]]} times, as after copying a cell; delete the copy"
        )
    return {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in named}


def assembled(
    submitted: list[dict], source: list[dict], released: list[dict]
) -> tuple[list[Placed], list[str]]:
    """The notebook that is graded, and what was put back or added, a line each.

    submitted, source, released: the student's cells, the staff's, and those that were handed out.
    """
    theirs, shown = by_id(submitted), by_id(released)
    asked = by_id(source)
    added = _added(submitted, asked)
    placed, notes, here = [], _changes(theirs, asked, shown), ""
    plain: list[Placed] = []
    for cell in [*source, None]:
        about = cell["metadata"].get("nbgrader", {}) if cell else {}
        if cell is not None and not about:
            plain.append(Placed("staff", text_of(cell), cell["cell_type"] == "code"))
            continue
        merged, more = _merged(plain, added.get(here, []))
        where = f"after {here!r}" if here else "at the beginning"
        notes += [f"an added or changed cell {where}: {_begins(text)}" for text in more]
        placed, plain = placed + merged, []
        if cell is None:
            break
        here, answer = about["grade_id"], about.get("solution")
        text = text_of(theirs[here] if answer and here in theirs else cell)
        visible = text if answer else text_of(shown.get(here, cell))
        kind = "answer" if answer else "staff"
        placed.append(Placed(kind, text, cell["cell_type"] == "code", about, visible))
    return placed, notes


def _begins(text: str) -> str:
    return next((f"`{plain(line.strip()[:60])}`" for line in text.splitlines() if line.strip()), "(empty)")


def _added(submitted: list[dict], asked: dict[str, dict]) -> dict[str, list[Placed]]:
    """The cells of a submission that no question asks for, by the last known cell before them."""
    added: dict[str, list[Placed]] = {}
    here = ""
    for cell in submitted:
        name = cell.get("metadata", {}).get("nbgrader", {}).get("grade_id")
        if name in asked:
            here = name
        else:
            code = cell.get("cell_type") == "code"
            added.setdefault(here, []).append(Placed("extra", text_of(cell), code))
    return added


def _merged(staff: list[Placed], student: list[Placed]) -> tuple[list[Placed], list[str]]:
    """The staff's cells between two questions, with what a student has put between them; its code."""
    merged, extra, left = [], [], list(staff)
    for cell in student:
        same = [i for i, one in enumerate(left) if one.source.strip() == cell.source.strip()]
        if same:
            merged, left = merged + left[: same[0] + 1], left[same[0] + 1 :]
        elif cell.source.strip() and not any(one.source.strip() == cell.source.strip() for one in merged):
            merged.append(cell)
            extra += [cell.source] if cell.code else []
    return merged + left, extra


def _changes(theirs: dict[str, dict], asked: dict[str, dict], shown: dict[str, dict]) -> list[str]:
    """What was changed in cells that a question knows, a line each; all of it is put back."""
    notes = []
    for name, cell in asked.items():
        if name not in theirs:
            continue
        mine, about = theirs[name], cell["metadata"]["nbgrader"]
        if mine.get("cell_type") != cell["cell_type"]:
            notes.append(f"{name!r} was a {plain(str(mine.get('cell_type')))[:60]} cell: put back")
        now = mine["metadata"]["nbgrader"]
        keys = [key for key in ("grade", "solution", "task", "points") if now.get(key) != about.get(key)]
        if keys:
            notes.append(f"{name!r} had other metadata ({', '.join(keys)}): put back")
        fine = {text_of(one).strip() for one in (cell, shown.get(name, cell))}
        if not about.get("solution") and text_of(mine).strip() not in fine:
            notes.append(f"the test {name!r} was changed: put back")
    for name in theirs.keys() - asked.keys():
        notes.append(f"a cell {name!r} that no question asks for: it earns nothing")
    return notes
