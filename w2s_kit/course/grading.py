"""For course staff: problem sets out, submissions in, grades to a file.

    python -m w2s_kit.course.grading release        # source/psN -> release/psN, what students get
    python -m w2s_kit.course.grading check ps1      # is everything here, and is every submission whole?
    python -m w2s_kit.course.grading grade ps1      # check, run every submission, write grades/ps1.csv
    python -m w2s_kit.course.grading canvas ps1 --gradebook EXPORT.csv     # its scores in Canvas's own form
    python -m w2s_kit.course.grading gradescope ps1 --submission FILE --results results.json

Grade again after you have read the answers in words: nothing runs twice. The last command runs inside a
Gradescope autograder. Run all of them where `source/`, `release/` and `submitted/STUDENT/psN/psN.ipynb` are.
notebooks/assignments/README.md tells the whole way.

A submission that lost its cells' metadata, or a machine that lacks a package, would score 0 without a word.
So `check` grades the solution and the blank form first, and compares the cells of each submission with those
that were handed out. Each submission runs in a cage (`caged_cells`), and its points are counted outside.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from datetime import datetime
from pathlib import Path

import pandas as pd

from ..shared.cage.tried import missing_bounds
from ..shared.files import write_whole
from .caged_cells import Allowed
from .checked import Unfit, check, lost, release, submissions
from .checked import problem_sets as problem_sets
from .exports import canvas, gradescope
from .feedback import write_page
from .handed_in import a_time, late, versions
from .marking import Marks, graded_cells, marked
from .stopping import stopped_by_signals

FORM = 3  # of the records; another number, and everything runs again


def warn(image: str = "") -> None:
    """Say what this machine cannot forbid a submission, if anything; and what nobody has tried."""
    if image:
        print(f"each submission runs in a container of {image}; what it holds was not tried", file=sys.stderr)
    elif missing := missing_bounds():
        print(
            f"warning: students' code runs here, and this machine cannot bound its {', '.join(missing)}. "
            "Grade on Linux, in a container, or in an account of its own.",
            file=sys.stderr,
        )


def grade(
    root: Path,
    name: str,
    anyway: bool = False,
    again: bool = False,
    due: datetime | None = None,
    image: str = "",
) -> pd.DataFrame:
    """Check, run every submission, and write `root`/grades/psN.csv as they finish.

    Submissions are run against the tests of the source, hidden ones included. The table has a row a student,
    a column a question, `score`, `of`, `open`, the points that a person has still to give, `handed_in`, when
    it came, and `notes`, what one should look at. A submission again replaces the one before; all its times
    stay. Notes tell which came after `due`.

    Answers in words are read in feedback/STUDENT/psN/psN.html. Write their points into
    the table; they stay when it is made again. What a submission has earned is kept in grades/psN/: a second
    start goes on where the first one ended, and runs only what has changed, or, with `again`, everything.
    With `anyway`, submissions that `check` refuses are left out, and their names are printed. `image`: run
    each in a container of it. Raises Unfit.
    """
    whole, target = submissions(root, name), root / "grades" / f"{name}.csv"
    try:
        allowed = check(root, name, image)
    except Unfit as reason:
        if not anyway or reason.allowed is None:
            raise
        allowed, released = reason.allowed, root / "release" / name / f"{name}.ipynb"
        bad = {student for student, path in whole.items() if lost(path, released)}
        whole = {student: path for student, path in whole.items() if student not in bad}
        print(f"left out: {', '.join(sorted(bad))}\n{reason}", file=sys.stderr)
    if not whole:
        raise ValueError(f"{root / 'submitted'}: no STUDENT/{name}/{name}.ipynb in it")
    asked = graded_cells(root / "source" / name / f"{name}.ipynb")
    worth = {question: float(entry["points"]) for question, entry in asked.items() if entry.get("grade")}
    students = pd.Index(whole, name="student")
    by_hand = {  # first: a slip of the pen should be told before an hour of grading
        question: _by_hand(target, question, worth[question], students)
        for question in worth
        if asked[question].get("solution")
    }
    before = _before(target)
    done: dict[str, dict] = {}
    for number, (student, path) in enumerate(whole.items(), 1):
        print(f"{number} of {len(whole)}: {student}", file=sys.stderr)
        marks, times = _once(root, name, student, path, again, allowed)
        given = {q: points[student] for q, points in by_hand.items() if pd.notna(points[student])}
        try:
            write_page(root / "feedback" / student / name / f"{name}.html", marks, given)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            marks.notes.append(f"its page could not be made ({type(error).__name__})")  # the class goes on
        scores = {q: given.get(q, marks.scores.get(q)) for q in worth}
        more = [note for note in (late(times[-1], due), _again(times, given)) if note]
        done[student] = {**scores, "handed_in": "; ".join(times), "notes": "; ".join([*more, *marks.notes])}
        rows = [done.get(s) or before.get(s) for s in whole]
        table = _table([row for row in rows if row], [s for s, row in zip(whole, rows) if row], worth)
        target.parent.mkdir(exist_ok=True)
        write_whole(target, table.to_csv(float_format="%g", lineterminator="\n"))
    return table


def _table(rows: list[dict], students: list[str], worth: dict[str, float]) -> pd.DataFrame:
    """The table of grades, from a row a student."""
    index, of = pd.Index(students, name="student"), pd.Series(worth)
    scores = pd.DataFrame(rows, index=index).reindex(columns=list(worth)).astype(float)
    words = {name: [str(row.get(name) or "") for row in rows] for name in ("handed_in", "notes")}
    totals = {"score": scores.sum(axis=1), "of": of.sum(), "open": (scores.isna() * of).sum(axis=1)}
    return scores.assign(**totals, **words)


def _again(times: list[str], given: dict[str, float]) -> str:
    """What to say of a submission that has replaced another."""
    if len(times) == 1:
        return ""
    read = f"; its points for {', '.join(given)} may be for an earlier version" if given else ""
    return f"handed in {len(times)} times{read}"


def _read(table: Path) -> pd.DataFrame:
    """An earlier table, which a person may have changed; raises ValueError that says what to mend in it."""
    if not table.exists():
        return pd.DataFrame()
    again = "mend it, or move it away and grade again (points by hand are in it alone)"
    try:
        rows = pd.read_csv(table, index_col="student", dtype={"student": str})
    except (ValueError, UnicodeError) as error:
        raise ValueError(
            f"{table}: no table with a column student, separated by commas, in UTF-8 ({error}): {again}"
        ) from error
    if twice := rows.index[rows.index.duplicated()].tolist():
        raise ValueError(f"{table}: {twice[0]} stands in more than one row: {again}")
    return rows


def _before(table: Path) -> dict[str, dict]:
    """The rows of an earlier table by student: they stay until a submission is graded anew."""
    rows = _read(table)
    for name in {"notes", "handed_in"} & set(rows):
        rows[name] = ["" if pd.isna(text) else text for text in rows[name]]
    return rows.to_dict("index")


def _once(
    root: Path, name: str, student: str, path: Path, again: bool, allowed: Allowed
) -> tuple[Marks, list[str]]:
    """The marks of a submission, and the times of its versions.

    The marks are those of an earlier run, as long as nothing of it has changed.
    """
    folder = root / "source" / name
    parts = [path, root / "release" / name / f"{name}.ipynb", *sorted(folder.iterdir())]
    files = [part for part in parts if part.is_file()]
    digest = hashlib.sha256(b"".join(hashlib.sha256(f.read_bytes()).digest() for f in files)).hexdigest()
    record, before = root / "grades" / name / f"{student}.json", []
    if record.exists():
        try:
            held = json.loads(record.read_text(encoding="utf-8"))
            before = held["versions"] if held["form"] == FORM else []
            if (held["form"], held["digest"], again) == (FORM, digest, False):
                return Marks(**held["marks"]), [version["time"] for version in before]
        except (ValueError, KeyError, TypeError):
            pass  # torn, or of another version: run it again
    all_versions = versions(before, path)
    marks = marked(root, name, path, allowed)
    record.parent.mkdir(parents=True, exist_ok=True)
    held = {"form": FORM, "digest": digest, "versions": all_versions, "marks": vars(marks)}
    write_whole(record, json.dumps(held, ensure_ascii=False))
    return marks, [version["time"] for version in all_versions]


def _by_hand(table: Path, question: str, of: float, students: pd.Index) -> pd.Series:
    """The points that a person wrote into the `table` of an earlier grading; NaN where there are none."""
    before = _read(table)
    if question not in before:
        return pd.Series(float("nan"), index=students)
    typed = before[question].reindex(students)
    given = pd.to_numeric(typed, errors="coerce")
    if (unread := typed.notna() & given.isna()).any():
        student = typed.index[unread][0]
        raise ValueError(
            f"{table}: {student} has {typed[student]!r} points for {question!r}: type a number, as 2.5"
        )
    if (wrong := (given > of) | (given < 0)).any():
        student = given.index[wrong][0]
        raise ValueError(
            f"{table}: {student} has {given[student]:g} points for {question!r}, which is worth {of:g}"
        )
    return given


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m w2s_kit.course.grading",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    container = "run each submission in a container of IMAGE, by docker or podman; the kit has to be in it"
    for name, count in (("release", "*"), ("check", "+"), ("grade", "+"), ("canvas", 1), ("gradescope", 1)):
        command = commands.add_parser(name)
        command.add_argument("names", nargs=count, metavar="psN")
        command.add_argument(
            "--root", type=Path, default=Path("."), help="the folder with source/ (default: this one)"
        )
        if name in ("check", "grade"):
            command.add_argument("--container", default="", metavar="IMAGE", help=container)
        if name == "grade":
            leave_out = "leave out submissions that lost something, instead of stopping"
            command.add_argument("--anyway", action="store_true", help=leave_out)
            command.add_argument("--again", action="store_true", help="run also what has not changed")
            when = 'tell what was handed in after TIME, as "2027-05-01 12:00" (UTC) or with "+02:00"'
            command.add_argument("--due", type=a_time, metavar="TIME", help=when)
        if name == "canvas":
            command.add_argument(
                "--gradebook", type=Path, required=True, help="a gradebook exported from Canvas"
            )
            which = "its column for this problem set (default: the one that begins with psN)"
            command.add_argument("--column", help=which)
            open_too = "also while answers in words are not marked; they count as 0"
            command.add_argument("--anyway", action="store_true", help=open_too)
        if name == "gradescope":
            command.add_argument("--submission", type=Path, required=True, help="one notebook")
            command.add_argument("--results", type=Path, required=True, help="results.json")
    return parser


def _do(args: argparse.Namespace, name: str) -> None:
    """One command for one problem set, all commands but release."""
    if args.command == "check":
        check(args.root, name, args.container)
        count = len(submissions(args.root, name))
        print(
            f"{name}: the solution gets full marks here, the blank form none, and {count} submissions are "
            "whole"
        )
    elif args.command == "grade":
        warn(args.container)
        table = grade(args.root, name, args.anyway, args.again, args.due, args.container)
        print(table.drop(columns=["handed_in", "notes"]).to_string(float_format="{:g}".format))
        for student, notes in table["notes"][table["notes"] != ""].items():
            print(f"{student}: {notes}")
    elif args.command == "canvas":
        print(canvas(args.root, name, args.gradebook, args.column, args.anyway))
    else:
        warn()
        write_whole(args.results, json.dumps(gradescope(args.root, name, args.submission), indent=1))


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code, 2 where something is wrong with the course."""
    args = _parser().parse_args(argv)
    try:
        if args.command == "release":
            print(*release(args.root, args.names), sep="\n")
        else:
            with stopped_by_signals():
                for name in args.names:
                    _do(args, name)
    except (ValueError, ImportError, OSError, RuntimeError) as error:
        print(f"w2s_kit.course.grading {args.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            f"\nw2s_kit.course.grading {args.command}: stopped. What was finished is kept in grades/; the "
            "same command goes on from there",
            file=sys.stderr,
        )
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
