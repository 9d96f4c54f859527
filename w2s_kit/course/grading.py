"""For course staff: problem sets out, submissions in, grades to a file.

nbgrader does the work; this says beforehand what nbgrader would not say.

    python -m w2s_kit.course.grading release        # source/psN -> release/psN, what students get
    python -m w2s_kit.course.grading check ps1      # is everything here, and is every submission whole?
    python -m w2s_kit.course.grading grade ps1      # check, run every submission, write grades/ps1.csv
    python -m w2s_kit.course.grading canvas ps1 --gradebook EXPORT.csv     # its scores in Canvas's own form
    python -m w2s_kit.course.grading gradescope ps1 --submission FILE --results results.json

Grade again after you have read the answers in words. The last command runs inside a Gradescope autograder.
Run all of them where `source/`, `release/` and `submitted/STUDENT/psN/psN.ipynb` are.
notebooks/assignments/README.md tells the whole way.

A submission that lost its cells' metadata, or a machine that lacks a package, would score 0 without a word.
So `check` grades the solution and the blank form first, and compares the cells of each submission with those
that were handed out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from ..shared.files import write_whole
from ..shared.names import nearest
from .marking import graded_cells, mark, must, nbgrader_course
from .notebooks import KERNELSPEC

SOLUTION, BLANK = "solution", "blank"


class Unfit(ValueError):
    """Grading would give wrong marks: here, or for some submissions."""


# -------------------- handing out
def problem_sets(root: Path) -> list[str]:
    """The names in `root`/source. Raises ValueError where there are none."""
    notebooks = root.glob("source/*/*.ipynb")
    names = sorted(path.parent.name for path in notebooks if path.stem == path.parent.name)
    if not names:
        raise ValueError(
            f"{root / 'source'}: no psN/psN.ipynb in it; run this in notebooks/assignments, or name the "
            "folder with --root"
        )
    return names


def release(root: Path, names: Iterable[str] | None = None) -> list[Path]:
    """Make `root`/release/psN/psN.ipynb of the source, for students.

    It holds no solutions, hidden tests, marking schemes or outputs. The same source gives the same file.
    """
    made = []
    for name in names or problem_sets(root):
        with nbgrader_course(root, name) as (course, api):
            must(api.generate_assignment(name), f"{name}: no release could be made")
            notebook = json.loads((course / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8"))
        notebook["metadata"] = {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}}
        target = root / "release" / name / f"{name}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
        made.append(target)
    return made


# -------------------- before grading
def lost(submission: Path, released: Path) -> list[str]:
    """What would go wrong in grading `submission`, a line each; none if nothing would."""
    try:
        here, wanted = graded_cells(submission), graded_cells(released)
    except ValueError as error:
        return [str(error)]
    missing = [name for name in wanted if name not in here]
    changed = [name for name in wanted if name in here and _is_changed(here[name], wanted[name])]
    way = "take a fresh copy of the release, paste the answers into it, and hand that in"
    if len(missing) == len(wanted):
        return [
            f"{submission}: none of its cells says which question it answers; its metadata was lost on "
            f"the way (some editors and copies drop it): {way}"
        ]
    problems = []
    if missing:
        problems.append(
            f"{submission}: cells {', '.join(missing)} are missing, or lost their metadata: {way}"
        )
    if changed:
        problems.append(f"{submission}: cells {', '.join(changed)} no longer say what they are worth: {way}")
    return problems


def _is_changed(here: dict, wanted: dict) -> bool:
    keys = [key for key in ("grade", "solution", "points") if key in wanted]
    return any(here.get(key) != wanted[key] for key in keys)


def submissions(root: Path, name: str) -> dict[str, Path]:
    """student -> notebook. A folder submitted/STUDENT/psN without psN.ipynb counts, too: `lost` says so."""
    folders = sorted(root.glob(f"submitted/*/{name}"))
    return {folder.parent.name: folder / f"{name}.ipynb" for folder in folders}


def check(root: Path, name: str) -> None:
    """Raise Unfit where this machine, or a submission, would give wrong marks, with all that is wrong."""
    if name not in problem_sets(root):
        raise ValueError(nearest("problem set", name, problem_sets(root)))
    released = root / "release" / name / f"{name}.ipynb"
    if not released.exists():
        raise Unfit(f"{released} is not there: make it with python -m w2s_kit.course.grading release {name}")
    trial = mark(root, name, {SOLUTION: root / "source" / name / f"{name}.ipynb", BLANK: released})
    by_machine = trial[~trial["by_hand"]].pivot_table(
        index="question", columns="student", values=["score", "of"], aggfunc="sum", sort=False
    )
    broken = by_machine.index[by_machine["score", SOLUTION] < by_machine["of", SOLUTION]].tolist()
    free = by_machine.index[by_machine["score", BLANK] > 0].tolist()
    if broken:
        raise Unfit(
            f"{name}: the solution itself does not get full marks for {', '.join(broken)}. A package is "
            "missing here, or is another version than the kit was tested with: python -m w2s_kit doctor. Run "
            "the source notebook to see the error. Nothing was graded."
        )
    if free:
        raise Unfit(
            f"{name}: the blank form gets marks for {', '.join(free)}: its tests do not need an answer. "
            "Nothing was graded."
        )
    if problems := [line for path in submissions(root, name).values() for line in lost(path, released)]:
        raise Unfit("\n".join(problems))


# -------------------- grading
def grade(root: Path, name: str, anyway: bool = False) -> pd.DataFrame:
    """Check, run every submission, and write `root`/grades/psN.csv.

    Submissions are run against the tests of the source, hidden ones included. The table has a row a student,
    a column a question, `score`, `of`, and `open`, the points that a person has still to give. Answers in
    words are read in feedback/STUDENT/psN/psN.html. Write their points into the table; they stay when it is
    made again. With `anyway`, submissions that `check` refuses are left out, and their names are printed.
    The code of students runs here, unconfined. Raises Unfit.
    """
    whole, target = submissions(root, name), root / "grades" / f"{name}.csv"
    try:
        check(root, name)
    except Unfit as reason:
        released = root / "release" / name / f"{name}.ipynb"
        bad = {student for student, path in whole.items() if lost(path, released)}
        if not anyway or not bad:
            raise
        whole = {student: path for student, path in whole.items() if student not in bad}
        print(f"left out: {', '.join(sorted(bad))}\n{reason}", file=sys.stderr)
    if not whole:
        raise ValueError(f"{root / 'submitted'}: no STUDENT/{name}/{name}.ipynb in it")
    asked = graded_cells(root / "source" / name / f"{name}.ipynb")
    by_hand = {  # first: a slip of the pen should be told before an hour of grading
        question: _by_hand(target, question, entry["points"], pd.Index(whole, name="student"))
        for question, entry in asked.items()
        if entry.get("grade") and entry.get("solution")
    }
    marks = mark(root, name, whole, keep=root / "feedback")
    of = marks.groupby("question", sort=False)["of"].first()
    table = marks.pivot(index="student", columns="question", values="score")[list(of.index)]
    for question, points in by_hand.items():
        table[question] = points
    table = table.assign(score=table.sum(axis=1), of=of.sum(), open=(table.isna() * of).sum(axis=1))
    target.parent.mkdir(exist_ok=True)
    write_whole(target, table.to_csv(float_format="%g", lineterminator="\n"))
    return table


def _by_hand(table: Path, question: str, of: float, students: pd.Index) -> pd.Series:
    """The points that a person wrote into the `table` of an earlier grading; NaN where there are none."""
    before = (
        pd.read_csv(table, index_col="student", dtype={"student": str}) if table.exists() else pd.DataFrame()
    )
    if question not in before:
        return pd.Series(float("nan"), index=students)
    given = before[question].reindex(students)
    if (wrong := (given > of) | (given < 0)).any():
        student = given.index[wrong][0]
        raise ValueError(
            f"{table}: {student} has {given[student]:g} points for {question!r}, which is worth {of:g}"
        )
    return given


def canvas(root: Path, name: str, gradebook: Path, column: str | None = None) -> Path:
    """Write grades/psN_canvas.csv, which Canvas imports: its gradebook with the scores of grades/psN.csv.

    `gradebook` is exported from Canvas. The scores go into its `column`, by default the only one whose name
    begins with psN. Students are known by "SIS Login ID", or "ID": the names of their folders in submitted/.
    Raises ValueError where someone graded is not in it, or the column is not clear.
    """
    scores = pd.read_csv(root / "grades" / f"{name}.csv", index_col="student", dtype={"student": str})[
        "score"
    ]
    book = pd.read_csv(gradebook, dtype=str)
    if missing := [c for c in ("Student", "ID", "SIS Login ID", "Section") if c not in book]:
        raise ValueError(
            f"{gradebook}: no column {missing[0]!r}; export the gradebook from Canvas and take that file"
        )
    fitting = [c for c in book if c == column or column is None and c.lower().startswith(name.lower())]
    if len(fitting) != 1:
        raise ValueError(
            f"{gradebook}: {len(fitting)} columns could be {column or name!r} of "
            f"{', '.join(book.columns[5:])}; name one with --column, or make the assignment in Canvas first"
        )
    by = max(("SIS Login ID", "ID"), key=lambda c: book[c].isin(scores.index).sum())
    if strangers := sorted(set(scores.index) - set(book[by].dropna())):
        raise ValueError(
            f"{gradebook}: {', '.join(strangers)} not among its {by}s: name the folders in submitted/ by "
            "Canvas's login IDs"
        )
    book[fitting[0]] = book[by].map(scores.map("{:g}".format)).fillna(book[fitting[0]])
    target = root / "grades" / f"{name}_canvas.csv"
    columns = [c for c in ("Student", "ID", "SIS User ID", "SIS Login ID", "Section") if c in book]
    write_whole(target, book[[*columns, fitting[0]]].to_csv(index=False, lineterminator="\n"))
    return target


def gradescope(root: Path, name: str, submission: Path) -> dict:
    """What a Gradescope autograder writes into results.json for one submission: a test a question.

    Answers in words are left to people. A submission that `lost` finds fault with gets no scores, but is told
    what to do.
    """
    if wrong := lost(submission, root / "release" / name / f"{name}.ipynb"):
        return {"score": 0, "output": "\n".join(wrong).replace(f"{submission}: ", "")}
    marks = mark(root, name, {"student": submission})
    by_machine = marks[~marks["by_hand"]].itertuples()
    tests = [{"name": row.question, "score": row.score, "max_score": row.of} for row in by_machine]
    return {"tests": tests, "output": "Answers in words are read by people."}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m w2s_kit.course.grading",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, count in (("release", "*"), ("check", "+"), ("grade", "+"), ("canvas", 1), ("gradescope", 1)):
        command = commands.add_parser(name)
        command.add_argument("names", nargs=count, metavar="psN")
        command.add_argument(
            "--root", type=Path, default=Path("."), help="the folder with source/ (default: this one)"
        )
        if name == "grade":
            leave_out = "leave out submissions that lost something, instead of stopping"
            command.add_argument("--anyway", action="store_true", help=leave_out)
        if name == "canvas":
            command.add_argument(
                "--gradebook", type=Path, required=True, help="a gradebook exported from Canvas"
            )
            which = "its column for this problem set (default: the one that begins with psN)"
            command.add_argument("--column", help=which)
        if name == "gradescope":
            command.add_argument("--submission", type=Path, required=True, help="one notebook")
            command.add_argument("--results", type=Path, required=True, help="results.json")
    return parser


def _do(args: argparse.Namespace, name: str) -> None:
    """One command for one problem set, all commands but release."""
    if args.command == "check":
        check(args.root, name)
        count = len(submissions(args.root, name))
        print(
            f"{name}: the solution gets full marks here, the blank form none, and {count} submissions are "
            "whole"
        )
    elif args.command == "grade":
        print(grade(args.root, name, args.anyway).to_string(float_format="{:g}".format))
    elif args.command == "canvas":
        print(canvas(args.root, name, args.gradebook, args.column))
    else:
        write_whole(args.results, json.dumps(gradescope(args.root, name, args.submission), indent=1))


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code, 2 where something is wrong with the course."""
    args = _parser().parse_args(argv)
    try:
        if args.command == "release":
            print(*release(args.root, args.names), sep="\n")
        else:
            for name in args.names:
                _do(args, name)
    except (ValueError, ImportError, OSError) as error:
        print(f"w2s_kit.course.grading {args.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\nw2s_kit.course.grading {args.command}: stopped before it wrote any grades", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
