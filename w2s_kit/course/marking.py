"""Marks by nbgrader: one problem set at a time, in a folder and a gradebook that are thrown away."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from ..shared.names import pip
from .notebooks import KERNEL_ENV

SECONDS_A_CELL = 600  # then the cell counts as wrong, and grading goes on


def graded_cells(notebook: Path) -> dict[str, dict]:
    """grade_id -> nbgrader's metadata, of the cells that carry points, a test or an answer.

    Raises ValueError that names the file where it is no notebook, or an id stands twice.
    """
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{notebook}: no notebook can be read there ({error})") from error
    entries = [cell["metadata"]["nbgrader"] for cell in cells if "nbgrader" in cell.get("metadata", {})]
    ids = Counter(entry.get("grade_id") for entry in entries)
    if twice := [name for name, times in ids.items() if times > 1]:
        raise ValueError(
            f"{notebook}: cell {twice[0]!r} stands there {ids[twice[0]]} times, as after copying a cell; "
            "delete the copy"
        )
    return {entry["grade_id"]: entry for entry in entries}


def mark(root: Path, name: str, notebooks: dict[str, Path], keep: Path | None = None) -> pd.DataFrame:
    """One row a (student, question): score, of, by_hand.

    Works in a copy, which is thrown away. nbgrader's pages for the students go to the folder `keep`.
    """
    with nbgrader_course(root, name) as (course, api):
        must(api.generate_assignment(name), f"{name}: nbgrader cannot read its source")
        for student, path in notebooks.items():
            there = course / "submitted" / student / name
            there.mkdir(parents=True)
            shutil.copy(path, there / f"{name}.ipynb")
            must(api.autograde(name, student), f"{path}: could not be graded")
            if keep:
                must(api.generate_feedback(name, student), f"{path}: no feedback could be made")
                pages = course / "feedback" / student / name
                shutil.copytree(pages, keep / student / name, dirs_exist_ok=True)
        cells, rows = graded_cells(root / "source" / name / f"{name}.ipynb"), []
        with api.gradebook as book:
            for student in notebooks:
                grades = [
                    g for notebook in book.find_submission(name, student).notebooks for g in notebook.grades
                ]
                for grade in grades:
                    row = {"student": student, "question": grade.name, "score": grade.auto_score or 0.0}
                    rows.append(row | {"of": grade.max_score, "by_hand": cells[grade.name]["solution"]})
    order = {question: place for place, question in enumerate(cells)}
    marks = pd.DataFrame(rows).sort_values("question", key=lambda column: column.map(order), kind="stable")
    return marks.reset_index(drop=True)


@contextlib.contextmanager
def nbgrader_course(root: Path, name: str) -> Iterator[tuple[Path, Any]]:
    """A folder as nbgrader wants it, with one problem set and a gradebook of its own, and nbgrader's API.

    Raises ImportError that says how to get nbgrader.
    """
    try:
        from nbgrader.apps import NbGraderAPI
        from nbgrader.converters import Autograde
        from nbgrader.preprocessors import Execute
    except ImportError as error:
        raise ImportError(f"grading needs nbgrader: {pip('w2s_kit[course]')}") from error
    from nbclient import NotebookClient
    from traitlets.config import Config

    from .kernels import run, stopped_by_signals

    class ExecuteAndEnd(Execute):
        """Runs a submission as nbgrader does, but what a student's code started ends with the kernel."""

        def preprocess(self, nb, resources=None, km=None):
            NotebookClient.__init__(self, nb)
            self.reset_execution_trackers()
            self.resources = resources
            run(self)
            return nb, self.resources

    steps = Autograde.class_traits()["autograde_preprocessors"].default()
    # nbgrader takes Ctrl-C for a submission that cannot be graded; `stopped_by_signals` raises it again
    with (
        tempfile.TemporaryDirectory() as folder,
        _environment(),
        warnings.catch_warnings(),
        stopped_by_signals(),
    ):
        warnings.filterwarnings("ignore", module="nbgrader")  # of its own use of its database
        course = Path(folder)
        shutil.copytree(root / "source" / name, course / "source" / name)
        config = Config()
        config.CourseDirectory.root = folder
        config.CourseDirectory.db_url = f"sqlite:///{course / 'gradebook.db'}"
        config.Execute.timeout = SECONDS_A_CELL
        config.Execute.interrupt_on_timeout = True
        config.Execute.extra_arguments = ["--log-level=ERROR"]
        config.Autograde.autograde_preprocessors = [ExecuteAndEnd if s is Execute else s for s in steps]
        config.NbGrader.log_level = logging.ERROR
        yield course, NbGraderAPI(config=config)


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """The environment of the notebooks, which kernels inherit: offline, one thread, no bars.

    nbgrader calls other programs by their bare names. They are beside this Python, activated or not.
    """
    before = dict(os.environ)
    os.environ.update(KERNEL_ENV)
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def must(result: dict, message: str) -> None:
    """Raises ValueError with `message` and nbgrader's own words where a step of nbgrader has failed."""
    if not result["success"]:
        raise ValueError(f"{message}:\n{result.get('log') or result.get('error') or ''}")
