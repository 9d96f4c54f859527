"""Marks of one submission: its cells run in a cage, and the points are counted here, outside."""

from __future__ import annotations

import ast
import math
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from .caged_cells import Allowed, run_cells
from .cell_replies import Cell
from .putting_back import Placed, assembled, by_id, read_cells, text_of

BY_HAND = "not marked yet"  #: what is said of an answer in words until a person has read it
NOTES = 20  # of a submission; more are counted
#: Answers need none of these; code that works around its tests needs some. No proof: a reason to read it.
SUSPECT = (
    *("__eq__", "_getframe", "currentframe", "f_back", "f_globals", "settrace", "setprofile", "monitoring"),
    *(
        "__code__",
        "__builtins__",
        "builtins",
        "get_objects",
        "get_referrers",
        "sys.modules",
        "ctypes",
        "/proc",
    ),
    *("__globals__", "_current_frames", "walk_stack", "tb_frame", "linecache"),
    *("get_ipython", "inspect.stack", "os._exit", "__import__", "exec(", "eval("),
)


@dataclass
class Marks:
    """What a submission has earned.

    Fields:

        scores      question -> points; None where a person has to read the answer
        of          question -> points that it is worth
        said        question -> why it has not all of them, or BY_HAND
        notes       what a person should look at, a line each
        cells       the notebook's cells as they ran, with outputs, for the feedback; "staff": whose they are
        longest     seconds of the cell that took longest
        seconds     of all, with the start of their process
    """

    scores: dict[str, float | None] = field(default_factory=dict)
    of: dict[str, float] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    cells: list[dict] = field(default_factory=list)
    longest: float = 0.0
    seconds: float = 0.0


def graded_cells(notebook: Path) -> dict[str, dict]:
    """grade_id -> nbgrader's metadata, of the cells that carry points, a test or an answer.

    Raises ValueError that names the file where it is no notebook, a cell's metadata are damaged, or an id
    stands twice.
    """
    cells = read_cells(notebook)
    try:
        return {name: cell["metadata"]["nbgrader"] for name, cell in by_id(cells).items()}
    except ValueError as error:
        raise ValueError(f"{notebook}: {error}") from error


def suspect(cells: Sequence[Placed]) -> list[str]:
    """What in a student's code one should read, a line each cell: words of SUSPECT in it."""
    notes = []
    for cell in cells:
        if cell.kind == "staff" or not cell.code:
            continue
        # a call begins with its name: not model.eval()
        kinds = [(word, r"(?<![\w.])" if word[-1] == "(" else "") for word in SUSPECT]
        found = [word for word, before in kinds if re.search(before + re.escape(word), cell.source)]
        if found:
            where = repr(cell.about["grade_id"]) if cell.about else "an added or changed cell"
            notes.append(f"read {where}, it has {', '.join(found)}")
    return notes


def _names(sources: Sequence[str]) -> list[str]:
    """The names that these cells define: those that an answer is meant to make."""
    found = []
    for source in sources:
        try:
            nodes = list(ast.walk(ast.parse(source)))
        except SyntaxError:
            continue
        found += [n.name for n in nodes if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
        found += [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return found


def marked(root: Path, name: str, notebook: Path, allowed: Allowed | None = None) -> Marks:
    """Run the submission `notebook` of the problem set `name`, and count its points.

    A test earns its points if its cell, in the staff's words, ran to its end; a number in its last line is
    taken as points, from 0 to what the test is worth. `allowed`: how long it may take. Raises ValueError
    where the file is no notebook, and RuntimeError where no process can be started.
    """
    source = read_cells(root / "source" / name / f"{name}.ipynb")
    released = root / "release" / name / f"{name}.ipynb"
    placed, notes = assembled(
        read_cells(notebook), source, read_cells(released) if released.exists() else source
    )
    running = [cell for cell in placed if cell.code]
    asked = [cell for cell in by_id(source).values() if cell["metadata"]["nbgrader"].get("solution")]
    folder = root / "source" / name
    files = [path for path in sorted(folder.iterdir()) if path.is_file() and path.suffix != ".ipynb"]
    kinds = {"staff": "staff", "answer": "student", "extra": "student"}
    cells = [
        Cell(kinds[cell.kind], cell.about.get("grade_id") or f"cell {number}", cell.source)
        for number, cell in enumerate(running, 1)
    ]
    start = time.monotonic()
    answers = _names([text_of(cell) for cell in asked])
    graded = {cell.question for cell in running if cell.question and cell.kind == "staff"}
    ran, why = run_cells(cells, answers, files, allowed or Allowed(), graded)
    marks = Marks(notes=notes + suspect(running) + ([f"it ended early: {why}"] if why else []))
    marks.seconds = time.monotonic() - start
    marks.longest = max([what.seconds for what in ran], default=0.0)
    for cell, what in zip(running, ran):
        if cell.question and cell.kind == "staff":
            score, said = _score(what.ok, what.value, cell.about["points"])
            if what.ok and what.during:
                names = ", ".join(dict.fromkeys(what.during))
                score, said = 0.0, f"while its test ran, these were replaced: {names[:300]}: refused"
            marks.scores[cell.question], marks.of[cell.question] = score, float(cell.about["points"])
            marks.said[cell.question] = said or what.said
        if what.replaced:
            names = ", ".join(dict.fromkeys(what.replaced))
            marks.notes.append(f"before {cell.question or 'a cell'}, these were replaced: {names[:300]}")
    outputs = {id(cell): what.outputs for cell, what in zip(running, ran)}
    for cell in placed:
        if cell.question and cell.kind == "answer":
            marks.scores[cell.question], marks.of[cell.question] = None, float(cell.about["points"])
            marks.said[cell.question] = BY_HAND
        marks.cells.append(_as_shown(cell, outputs.get(id(cell), [])))
    if (more := len(marks.notes) - NOTES) > 0:
        marks.notes[NOTES:] = [f"and {more} more"]
    return marks


def _score(ok: bool, value: float | None, of: float) -> tuple[float, str]:
    """The points of a test that ran, and a sentence where they are refused."""
    if not ok:
        return 0.0, ""
    if value is None:
        return float(of), ""
    if not (math.isfinite(value) and 0 <= value <= of):
        return 0.0, f"its test gave {value:g} points of {of:g}: refused"
    if value in (0, of):
        return value, "" if value else "no case is right"
    return value, "a part of the cases; what its test printed says which are wrong"


def _as_shown(cell: Placed, outputs: list[dict]) -> dict:
    """A cell of the notebook that students get back."""
    kind, metadata = "code" if cell.code else "markdown", {"nbgrader": cell.about} if cell.about else {}
    shown: dict = {"cell_type": kind, "metadata": metadata, "source": cell.shown or cell.source}
    shown["staff"] = cell.kind == "staff"
    return shown | ({"outputs": outputs, "execution_count": None} if cell.code else {})


def mark(root: Path, name: str, notebooks: dict[str, Path]) -> pd.DataFrame:
    """One row a (student, question): score (NaN where a person has to read it), of, by_hand, said."""
    return as_table({student: marked(root, name, path) for student, path in notebooks.items()})


def as_table(by_student: dict[str, Marks]) -> pd.DataFrame:
    """The table of `mark`, of submissions that have run."""
    rows = []
    for student, marks in by_student.items():
        for question, score in marks.scores.items():
            row = {"student": student, "question": question, "score": score, "of": marks.of[question]}
            rows.append(row | {"by_hand": score is None, "said": marks.said[question]})
    return pd.DataFrame(rows).astype({"score": float})
