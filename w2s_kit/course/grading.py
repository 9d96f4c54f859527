"""For course staff: problem sets out, submissions in, grades to a file. nbgrader does the work; this says beforehand what it would
not say.

    python -m w2s_kit.course.grading release                # source/psN -> release/psN, what students get (make assignments)
    python -m w2s_kit.course.grading check ps1              # is everything here that grading needs, and is every submission whole?
    python -m w2s_kit.course.grading grade ps1              # check, run every submission, write grades/ps1.csv; again after reading the words
    python -m w2s_kit.course.grading canvas ps1 --gradebook EXPORT.csv          # its scores in Canvas's own form, to be imported there
    python -m w2s_kit.course.grading gradescope ps1 --submission FILE --results results.json    # inside a Gradescope autograder

Run it where `source/`, `release/` and `submitted/STUDENT/psN/psN.ipynb` are; notebooks/assignments/README.md tells the whole way.
A submission that lost its cells' metadata, or a machine that lacks a package, would score 0 without a word. So `check` grades the
solution and the blank form first, and compares the cells of each submission with those that were handed out.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import shutil
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from ..names import nearest
from .notebooks import KERNEL_ENV, KERNELSPEC
from ..store import write_whole

SECONDS_A_CELL = 600  # then the cell counts as wrong, and grading goes on
SOLUTION, BLANK = "solution", "blank"


class Unfit(ValueError):
    """Grading would give wrong marks: here, or for some submissions."""


# ---------------------------------------------------------------------------------------------- handing out
def problem_sets(root: Path) -> list[str]:
    """The names in `root`/source. Raises ValueError where there are none."""
    found = sorted(path.parent.name for path in root.glob("source/*/*.ipynb") if path.stem == path.parent.name)
    if not found:
        raise ValueError(f"{root / 'source'}: no psN/psN.ipynb in it; run this in notebooks/assignments, or name the folder with --root")
    return found


def release(root: Path, names: Iterable[str] | None = None) -> list[Path]:
    """Makes `root`/release/psN/psN.ipynb of the source: without solutions, hidden tests, marking schemes and outputs. The same source
    gives the same file."""
    made = []
    for name in names or problem_sets(root):
        with _course(root, name) as (course, api):
            _must(api.generate_assignment(name), f"{name}: no release could be made")
            notebook = json.loads((course / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8"))
        notebook["metadata"] = {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}}
        target = root / "release" / name / f"{name}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
        made.append(target)
    return made


# ---------------------------------------------------------------------------------------------- before grading
def graded_cells(notebook: Path) -> dict[str, dict]:
    """grade_id -> nbgrader's metadata, of the cells that carry points, a test or an answer. Raises ValueError that names the file
    where it is no notebook, or an id stands twice."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{notebook}: no notebook can be read there ({error})") from error
    found = [cell["metadata"]["nbgrader"] for cell in cells if "nbgrader" in cell.get("metadata", {})]
    ids = Counter(about.get("grade_id") for about in found)
    if twice := [name for name, times in ids.items() if times > 1]:
        raise ValueError(f"{notebook}: cell {twice[0]!r} stands there {ids[twice[0]]} times, as after copying a cell; delete the copy")
    return {about["grade_id"]: about for about in found}


def lost(submission: Path, released: Path) -> list[str]:
    """What would go wrong in grading `submission`, a line each; none if nothing would."""
    try:
        here, wanted = graded_cells(submission), graded_cells(released)
    except ValueError as error:
        return [str(error)]
    missing = [name for name in wanted if name not in here]
    changed = [name for name in wanted if name in here and any(here[name].get(key) != wanted[name][key] for key in ("grade", "solution", "points") if key in wanted[name])]
    way = "take a fresh copy of the release, paste the answers into it, and hand that in"
    if len(missing) == len(wanted):
        return [f"{submission}: none of its cells says which question it answers; its metadata was lost on the way (some editors and copies drop it): {way}"]
    said = [f"{submission}: cells {', '.join(missing)} are missing, or lost their metadata: {way}"] if missing else []
    return said + ([f"{submission}: cells {', '.join(changed)} no longer say what they are worth: {way}"] if changed else [])


def submissions(root: Path, name: str) -> dict[str, Path]:
    """student -> notebook. A folder submitted/STUDENT/psN without the notebook psN.ipynb counts, too: `lost` says so."""
    return {folder.parent.name: folder / f"{name}.ipynb" for folder in sorted(root.glob(f"submitted/*/{name}"))}


def check(root: Path, name: str) -> None:
    """Raises Unfit where the machine, or any submission, would be marked wrongly, with everything that is wrong."""
    if name not in problem_sets(root):
        raise ValueError(nearest("problem set", name, problem_sets(root)))
    released = root / "release" / name / f"{name}.ipynb"
    if not released.exists():
        raise Unfit(f"{released} is not there: make it with python -m w2s_kit.course.grading release {name}")
    trial = _marks(root, name, {SOLUTION: root / "source" / name / f"{name}.ipynb", BLANK: released})
    by_machine = trial[~trial["by_hand"]].pivot_table(index="question", columns="student", values=["score", "of"], aggfunc="sum", sort=False)
    broken = by_machine.index[by_machine["score", SOLUTION] < by_machine["of", SOLUTION]].tolist()
    free = by_machine.index[by_machine["score", BLANK] > 0].tolist()
    if broken:
        raise Unfit(f"{name}: the solution itself does not get full marks for {', '.join(broken)}. A package is missing here, or is another version than "
                    f"the kit was tested with: python -m w2s_kit doctor. Run the source notebook to see the error. Nothing was graded.")
    if free:
        raise Unfit(f"{name}: the blank form gets marks for {', '.join(free)}: its tests do not need an answer. Nothing was graded.")
    if found := [line for path in submissions(root, name).values() for line in lost(path, released)]:
        raise Unfit("\n".join(found))


# ---------------------------------------------------------------------------------------------- grading
def grade(root: Path, name: str, anyway: bool = False) -> pd.DataFrame:
    """Checks, runs every submission against the tests of the source, hidden ones included, and writes `root`/grades/psN.csv: one row a
    student, a column a question, `score`, `of`, and `open`, the points that a person has still to give: answers in words are read in
    feedback/STUDENT/psN/psN.html, and their points written into the table, where they stay when it is made again. With `anyway`,
    submissions that `check` refuses are left out, and said so. Students' code runs here, unconfined. Raises Unfit."""
    whole, target = submissions(root, name), root / "grades" / f"{name}.csv"
    try:
        check(root, name)
    except Unfit as reason:
        bad = {student for student, path in whole.items() if lost(path, root / "release" / name / f"{name}.ipynb")}
        if not anyway or not bad:
            raise
        whole = {student: path for student, path in whole.items() if student not in bad}
        print(f"left out: {', '.join(sorted(bad))}\n{reason}", file=sys.stderr)
    if not whole:
        raise ValueError(f"{root / 'submitted'}: no STUDENT/{name}/{name}.ipynb in it")
    marks = _marks(root, name, whole, keep=root / "feedback")
    by_hand, of = marks.groupby("question", sort=False)["by_hand"].first(), marks.groupby("question", sort=False)["of"].first()
    table = marks.pivot(index="student", columns="question", values="score")[list(of.index)]
    for question in of.index[by_hand]:
        table[question] = float("nan")
        if target.exists() and question in (before := pd.read_csv(target, index_col="student", dtype={"student": str})):
            given = before[question].reindex(table.index)
            if (given > of[question]).any() or (given < 0).any():
                raise ValueError(f"{target}: {given.index[(given > of[question]) | (given < 0)][0]} has {given.max():g} points for {question!r}, which is worth {of[question]:g}")
            table[question] = given
    table = table.assign(score=table.sum(axis=1), of=of.sum(), open=(table.isna() * of).sum(axis=1))
    target.parent.mkdir(exist_ok=True)
    write_whole(target, table.to_csv(float_format="%g", lineterminator="\n"))
    return table


def canvas(root: Path, name: str, gradebook: Path, column: str | None = None) -> Path:
    """grades/psN_canvas.csv: the rows of a `gradebook` exported from Canvas, with the scores of grades/psN.csv in its `column` (default:
    the only one whose name begins with psN). Students are found by "SIS Login ID", or "ID", which their folders in submitted/ are named
    by. Raises ValueError where someone graded is not in it, or the column is not clear."""
    scores = pd.read_csv(root / "grades" / f"{name}.csv", index_col="student", dtype={"student": str})["score"]
    book = pd.read_csv(gradebook, dtype=str)
    if missing := [c for c in ("Student", "ID", "SIS Login ID", "Section") if c not in book]:
        raise ValueError(f"{gradebook}: no column {missing[0]!r}; export the gradebook from Canvas and take that file")
    found = [c for c in book if c == column or column is None and c.lower().startswith(name.lower())]
    if len(found) != 1:
        raise ValueError(f"{gradebook}: {len(found)} columns could be {column or name!r} of {', '.join(book.columns[5:])}; name one with --column, or make the assignment in Canvas first")
    by = max(("SIS Login ID", "ID"), key=lambda c: book[c].isin(scores.index).sum())
    if strangers := sorted(set(scores.index) - set(book[by].dropna())):
        raise ValueError(f"{gradebook}: {', '.join(strangers)} not among its {by}s: name the folders in submitted/ by Canvas's login IDs")
    book[found[0]] = book[by].map(scores.map("{:g}".format)).fillna(book[found[0]])
    target = root / "grades" / f"{name}_canvas.csv"
    write_whole(target, book[[*(c for c in ("Student", "ID", "SIS User ID", "SIS Login ID", "Section") if c in book), found[0]]].to_csv(index=False, lineterminator="\n"))
    return target


def gradescope(root: Path, name: str, submission: Path) -> dict:
    """What a Gradescope autograder writes into results.json for one submission: a test a question, and answers in words left to people.
    A submission that `lost` finds fault with gets no scores, but is told what to do."""
    if wrong := lost(submission, root / "release" / name / f"{name}.ipynb"):
        return {"score": 0, "output": "\n".join(wrong).replace(f"{submission}: ", "")}
    marks = _marks(root, name, {"student": submission})
    return {"tests": [{"name": row.question, "score": row.score, "max_score": row.of} for row in marks[~marks["by_hand"]].itertuples()],
            "output": "Answers in words are read by people."}


def _marks(root: Path, name: str, notebooks: dict[str, Path], keep: Path | None = None) -> pd.DataFrame:
    """One row a (student, question): score, of, by_hand. Works in a copy, which is thrown away; nbgrader's pages for the students go
    to the folder `keep`."""
    with _course(root, name, release=True) as (course, api):
        _must(api.generate_assignment(name), f"{name}: nbgrader cannot read its source")
        for student, path in notebooks.items():
            there = course / "submitted" / student / name
            there.mkdir(parents=True)
            shutil.copy(path, there / f"{name}.ipynb")
            _must(api.autograde(name, student), f"{path}: could not be graded")
            if keep:
                _must(api.generate_feedback(name, student), f"{path}: no feedback could be made")
                shutil.copytree(course / "feedback" / student / name, keep / student / name, dirs_exist_ok=True)
        cells, rows = graded_cells(root / "source" / name / f"{name}.ipynb"), []
        with api.gradebook as book:
            for student in notebooks:
                for notebook in book.find_submission(name, student).notebooks:
                    rows += [{"student": student, "question": grade.name, "score": grade.auto_score or 0.0, "of": grade.max_score,
                              "by_hand": cells[grade.name]["solution"]} for grade in notebook.grades]
    return pd.DataFrame(rows).sort_values("question", key=lambda column: column.map(list(cells).index), kind="stable").reset_index(drop=True)


@contextlib.contextmanager
def _course(root: Path, name: str, release: bool = False) -> Iterator[tuple[Path, Any]]:
    """A folder as nbgrader wants it, with one problem set and a gradebook of its own, and nbgrader's API for it. Raises ImportError
    that says how to get nbgrader."""
    try:
        from nbgrader.apps import NbGraderAPI
        from nbgrader.converters import Autograde
        from nbgrader.preprocessors import Execute
    except ImportError as error:
        raise ImportError("grading needs nbgrader: pip install 'w2s_kit[course]'") from error
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
    with (tempfile.TemporaryDirectory() as folder, _environment(), warnings.catch_warnings(),
          stopped_by_signals()):
        warnings.filterwarnings("ignore", module="nbgrader")  # of its own use of its database
        course = Path(folder)
        shutil.copytree(root / "source" / name, course / "source" / name)
        config = Config()
        config.CourseDirectory.root, config.CourseDirectory.db_url = folder, f"sqlite:///{course / 'gradebook.db'}"
        config.Execute.timeout, config.Execute.interrupt_on_timeout, config.Execute.extra_arguments = SECONDS_A_CELL, True, ["--log-level=ERROR"]
        config.Autograde.autograde_preprocessors = [ExecuteAndEnd if s is Execute else s for s in steps]
        config.NbGrader.log_level = logging.ERROR
        yield course, NbGraderAPI(config=config)


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """Kernels inherit it: offline, one thread, no bars, as for the notebooks. nbgrader calls other programs by their bare names, which
    are beside this Python, whether its environment was activated or not."""
    before = dict(os.environ)
    os.environ.update(KERNEL_ENV)
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _must(result: dict, message: str) -> None:
    if not result["success"]:
        raise ValueError(f"{message}:\n{result.get('log') or result.get('error') or ''}")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m w2s_kit.course.grading", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("release", "check", "grade", "canvas", "gradescope"):
        command = commands.add_parser(name)
        command.add_argument("names", nargs="*" if name == "release" else "+" if name in ("check", "grade") else 1, metavar="psN")
        command.add_argument("--root", type=Path, default=Path("."), help="the folder with source/ (default: this one)")
        if name == "grade":
            command.add_argument("--anyway", action="store_true", help="leave out submissions that lost something, instead of stopping")
        if name == "canvas":
            command.add_argument("--gradebook", type=Path, required=True, help="a gradebook exported from Canvas")
            command.add_argument("--column", help="its column for this problem set (default: the one that begins with psN)")
        if name == "gradescope":
            command.add_argument("--submission", type=Path, required=True, help="one notebook")
            command.add_argument("--results", type=Path, required=True, help="results.json")
    args = parser.parse_args(argv)
    try:
        if args.command == "release":
            print(*release(args.root, args.names), sep="\n")
        for name in args.names if args.command != "release" else ():
            if args.command == "check":
                check(args.root, name)
                print(f"{name}: the solution gets full marks here, the blank form none, and {len(submissions(args.root, name))} submissions are whole")
            elif args.command == "grade":
                print(grade(args.root, name, args.anyway).to_string(float_format="{:g}".format))
            elif args.command == "canvas":
                print(canvas(args.root, name, args.gradebook, args.column))
            else:
                write_whole(args.results, json.dumps(gradescope(args.root, name, args.submission), indent=1))
    except (ValueError, ImportError, OSError) as error:
        print(f"w2s_kit.course.grading {args.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\nw2s_kit.course.grading {args.command}: stopped before it wrote any grades", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
