"""Grading by the staff's commands: the round trip, lost metadata, other systems' forms, interruptions."""

import copy
import importlib.util
import json
import os
import re
import signal
from pathlib import Path

import nbformat
import pandas as pd
import psutil
import pytest
from test_kernels import files_left, place, posix, runs, start, wait_until  # noqa: F401
from test_problem_sets import about

from w2s_kit.course import caged_cells, grading, notebooks
from w2s_kit.course.checked import Unfit
from w2s_kit.course.grading import check, grade, lost, problem_sets, release, submissions
from w2s_kit.course.handed_in import a_time, when
from w2s_kit.course.marking import graded_cells, marked

needs_nbgrader = pytest.mark.skipif(
    not importlib.util.find_spec("nbgrader"), reason="nbgrader is not here: make test installs it"
)


@pytest.fixture
def small(tmp_path):
    """A course with one short problem set."""

    def cell(source, grade_id=None, **kind):
        made = (
            nbformat.v4.new_markdown_cell(source)
            if kind.pop("words", False)
            else nbformat.v4.new_code_cell(source)
        )
        if grade_id:
            made.metadata["nbgrader"] = {
                "grade_id": grade_id,
                "schema_version": 3,
                "task": False,
                "locked": False,
                "solution": False,
                "grade": False,
            } | kind
        made.id = grade_id or "first"
        return made

    nb = nbformat.v4.new_notebook(
        cells=[
            cell("import math\nfrom math import isclose"),
            cell(
                "def half(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION",
                "half",
                solution=True,
            ),
            cell(
                "assert isclose(half(4), 2)\n### BEGIN HIDDEN TESTS\n"
                "assert half(3) == 1.5\n### END HIDDEN TESTS",
                "half_test",
                grade=True,
                locked=True,
                points=3,
            ),
            cell(
                "def twice(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION",
                "twice",
                solution=True,
            ),
            cell(
                "assert twice(2) == 4\n### BEGIN HIDDEN TESTS\nassert twice(3) == 6\n### END HIDDEN TESTS",
                "twice_test",
                grade=True,
                locked=True,
                points=2,
            ),
            cell("Because. *Marking: any reason.*", "why", grade=True, solution=True, points=4, words=True),
        ]
    )
    nb.metadata = {"kernelspec": notebooks.KERNELSPEC, "language_info": {"name": "python"}}
    source = tmp_path / "source" / "ps1" / "ps1.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(nb, source)
    return tmp_path


def hand_in(root: Path, student: str, edit=None) -> Path:
    """The release, edited by a function of its cells, handed in."""
    nb = nbformat.read(root / "release" / "ps1" / "ps1.ipynb", as_version=4)
    if edit:
        edit({about(cell).get("grade_id", cell.id): cell for cell in nb.cells}, nb)
    path = root / "submitted" / student / "ps1" / "ps1.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(nb, path)
    return path


def answered(half: str = "return x / 2", twice: str = "return 2 * x"):
    def edit(cells, nb):
        cells["half"].source, cells["twice"].source = (
            f"def half(x):\n    {half}",
            f"def twice(x):\n    {twice}",
        )

    return edit


@needs_nbgrader
def test_the_round_trip(small, capsys, monkeypatch):
    release(small)
    hand_in(small, "ann", answered())
    hand_in(small, "bob")
    hand_in(small, "eve", answered(half="return x // 2"))  # right for even numbers only
    hand_in(small, "kim", answered(twice="import time; time.sleep(20)"))
    monkeypatch.setattr(caged_cells, "SECONDS_A_CELL", 8)
    table = grade(small, "ps1")
    marks = {"ann": (3, 2), "bob": (0, 0), "eve": (0, 2), "kim": (3, 0)}
    assert (
        table[["half_test", "twice_test"]].apply(tuple, axis=1).to_dict() == marks
        and table["why"].isna().all()
    )
    assert (
        table["score"].to_dict() == {student: sum(points) for student, points in marks.items()}
        and set(table["of"]) == {9}
        and set(table["open"]) == {4}
    )
    file = small / "grades" / "ps1.csv"
    head, ann = file.read_text().splitlines()[:2]
    assert head == "student,half_test,twice_test,why,score,of,open,handed_in,notes"
    assert re.fullmatch(r"ann,3,2,,5,9,4,20\d\d-\d\d-\d\d \d\d:\d\d,", ann)
    file.write_text(file.read_text().replace("ann,3,2,,", "ann,3,2,3.5,"))  # a person has read what ann wrote
    again = grade(small, "ps1")
    assert (
        again.loc["ann", ["why", "score", "open"]].tolist() == [3.5, 8.5, 0] and again.loc["eve", "open"] == 4
    )
    file.write_text(file.read_text().replace("ann,3,2,3.5,", "ann,3,2,35,"))
    with (
        pytest.raises(ValueError, match="ann has 35 points for 'why', which is worth 4"),
        monkeypatch.context() as m,
    ):
        m.setattr(grading, "marked", lambda *_: pytest.fail("an hour of grading before the slip is told"))
        m.setattr(grading, "check", lambda *_: caged_cells.Allowed())
        grade(small, "ps1")
    assert (small / "feedback" / "eve" / "ps1" / "ps1.html").exists() and {
        p.name for p in small.iterdir()
    } == {"source", "release", "submitted", "grades", "feedback"}
    assert (
        grading.main(["check", "ps1", "--root", str(small)]) == 0
        and "4 submissions are whole" in capsys.readouterr().out
    )


@needs_nbgrader
def test_what_was_lost_on_the_way_is_said_before_grading(small, capsys):
    release(small)
    hand_in(small, "ann", answered())

    def stripped(cells, nb):
        answered()(cells, nb)
        for cell in nb.cells:
            cell.metadata = {}

    def one_gone(cells, nb):
        answered()(cells, nb)
        nb.cells = [cell for cell in nb.cells if about(cell).get("grade_id") != "twice_test"]

    def copied(cells, nb):
        nb.cells.append(copy.deepcopy(cells["half"]))
        nb.cells[-1].id = "another"

    def dearer(cells, nb):
        answered()(cells, nb)
        cells["half_test"].metadata["nbgrader"]["points"] = 100

    for student, edit, said in (
        ("bob", stripped, "none of its cells says"),
        ("eve", one_gone, "cells twice_test are missing"),
        ("kim", copied, "'half' stands there 2 times"),
    ):
        path = hand_in(small, student, edit)
        assert (
            said in lost(path, small / "release/ps1/ps1.ipynb")[0]
            and str(path) in lost(path, small / "release/ps1/ps1.ipynb")[0]
        )
    leo = hand_in(small, "leo", dearer)
    assert lost(leo, small / "release/ps1/ps1.ipynb") == [], "points are the staff's, whatever it says"
    (small / "submitted" / "zoe" / "ps1").mkdir(parents=True)  # handed in under another name
    with pytest.raises(Unfit) as refused:
        grade(small, "ps1")
    assert all(
        student in str(refused.value) for student in ("bob", "eve", "kim", "zoe")
    ) and "ann" not in str(refused.value)
    assert not (small / "grades").exists()
    assert "leave out bob, eve, kim, zoe: --anyway" in str(refused.value)
    table = grade(small, "ps1", anyway=True)
    assert table.index.tolist() == ["ann", "leo"] and table["score"].tolist() == [5, 5]
    assert table["of"].tolist() == [9, 9] and "points" in table.loc["leo", "notes"]
    assert "left out: bob, eve, kim, zoe" in capsys.readouterr().err
    assert set(submissions(small, "ps1")) == {"ann", "bob", "eve", "kim", "leo", "zoe"}


def test_scores_in_canvas_own_form(tmp_path):
    (tmp_path / "grades").mkdir()
    (tmp_path / "grades" / "ps1.csv").write_text("student,a,score\n007,1,5.5\nbob,2,3\n")
    export = tmp_path / "export.csv"
    export.write_text(
        "Student,ID,SIS Login ID,Section,Ps1 (99),Ps10 (98)\n    Points Possible,,,,9,9\n"
        "Ann,1,007,A,,\nBob,2,bob,A,1,\nZoe,3,zoe,A,7,\n"
    )
    with pytest.raises(ValueError, match="2 columns could be 'ps1' of .*--column"):
        grading.canvas(tmp_path, "ps1", export)
    made = grading.canvas(tmp_path, "ps1", export, "Ps1 (99)").read_text().splitlines()
    assert made == [
        "Student,ID,SIS Login ID,Section,Ps1 (99)",
        "    Points Possible,,,,9",
        "Ann,1,007,A,5.5",
        "Bob,2,bob,A,3",
        "Zoe,3,zoe,A,7",
    ]
    export.write_text("Student,ID,SIS Login ID,Section,Ps1 (99)\nBob,2,bob,A,1\n")
    with pytest.raises(ValueError, match="007 not among its SIS Login IDs"):
        grading.canvas(tmp_path, "ps1", export)
    export.write_text("name,score\nbob,1\n")
    assert grading.main(["canvas", "ps1", "--root", str(tmp_path), "--gradebook", str(export)]) == 2


@needs_nbgrader
def test_results_for_gradescope(small):
    release(small)
    path, results = hand_in(small, "eve", answered(half="return x // 2")), small / "results.json"
    assert (
        grading.main(
            ["gradescope", "ps1", "--root", str(small), "--submission", str(path), "--results", str(results)]
        )
        == 0
    )
    first, second = json.loads(results.read_text())["tests"]
    assert "a case that the form does not show" in first.pop("output") and second.pop("output") == "Right."
    assert [first, second] == [
        {"name": "(half)", "score": 0.0, "max_score": 3.0},
        {"name": "(twice)", "score": 2.0, "max_score": 2.0},
    ]
    path.write_text(json.dumps({"cells": []}))
    said = grading.gradescope(small, "ps1", path)
    assert (
        said["score"] == 0 and "none of its cells says" in said["output"] and str(small) not in said["output"]
    )


@needs_nbgrader
@posix
@pytest.mark.parametrize("name, code", [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_ends_grading_and_its_cells(small, place, name, code):
    release(small)
    path = hand_in(small, "ann", answered(half="import time\n    time.sleep(300)"))
    paths = ["--root", str(small), "--submission", str(path), "--results", str(small / "results.json")]
    process = start(place, "-m", "w2s_kit.course.grading", "gradescope", "ps1", *paths)
    started = lambda: psutil.Process(process.pid).children(recursive=True)
    assert wait_until(started, 120), (place.parent / "said").read_text()
    (child,) = started()
    process.send_signal(getattr(signal, name))
    assert process.wait(20) == code and not runs(child.pid) and files_left(place) == set()
    assert "Traceback" not in (place.parent / "said").read_text() and not (small / "results.json").exists()


@needs_nbgrader
def test_a_machine_that_lacks_a_package_is_noticed_before_grading(small):
    release(small)
    hand_in(small, "ann", answered())
    source = small / "source" / "ps1" / "ps1.ipynb"
    source.write_text(
        source.read_text()
        .replace("import math", "import a_package_that_is_not_here as math")
        .replace("return x / 2", "return x / 2 * math.e / math.e")
    )
    hand_in(small, "bob", lambda cells, nb: [cell.update(metadata={}) for cell in nb.cells])
    with pytest.raises(Unfit, match="Nothing was graded"):
        grade(small, "ps1", anyway=True)  # leaving bob out does not bring the package
    with pytest.raises(
        Unfit, match="solution itself does not get full marks for half_test.*Nothing was graded"
    ):
        check(small, "ps1")


@needs_nbgrader
def test_a_test_that_needs_no_answer_is_noticed(small):
    source = small / "source" / "ps1" / "ps1.ipynb"
    source.write_text(
        source.read_text().replace("assert twice(2) == 4", "pass").replace("assert twice(3) == 6", "pass")
    )
    release(small)
    with pytest.raises(Unfit, match="blank form gets marks for twice_test"):
        check(small, "ps1")


def test_what_is_not_there_is_named(small, capsys):
    with pytest.raises(ValueError, match="no psN/psN.ipynb"):
        problem_sets(small / "nowhere")
    with pytest.raises(ValueError, match="did you mean 'ps1'"):
        check(small, "ps2")
    with pytest.raises(Unfit, match="release/ps1/ps1.ipynb is not there: make it with"):
        check(small, "ps1")
    assert (
        grading.main(["grade", "ps7", "--root", str(small)]) == 2
        and "did you mean 'ps1'" in capsys.readouterr().err
    )
    (small / "torn.ipynb").write_text("{")
    with pytest.raises(ValueError, match="torn.ipynb: no notebook can be read"):
        graded_cells(small / "torn.ipynb")


@needs_nbgrader
def test_a_submission_again_replaces_and_both_times_stay(small, monkeypatch, capsys):
    release(small)
    monkeypatch.setattr(grading, "check", lambda *_: caged_cells.Allowed())
    path = hand_in(small, "ann", answered(half="return 7"))
    os.utime(path, (1_800_000_000, 1_800_000_000))  # 2027-01-15 08:00 UTC
    due = a_time("2027-01-15 09:00+01:00")
    table = grade(small, "ps1", due=due)
    assert table.loc["ann", ["score", "handed_in", "notes"]].tolist() == [2, "2027-01-15 08:00", ""]
    file = small / "grades" / "ps1.csv"
    file.write_text(file.read_text().replace("ann,0,2,,", "ann,0,2,3,"))
    right = nbformat.read(path, as_version=4)
    answered()({about(cell).get("grade_id", cell.id): cell for cell in right.cells}, right)
    nbformat.write(right, path)
    os.utime(path, (1_800_007_260, 1_800_007_260))
    assert grading.main(["grade", "ps1", "--root", str(small), "--due", "2027-01-15 08:00"]) == 0
    assert "ann: late by 2 h 1 min; handed in 2 times" in capsys.readouterr().out
    again = grade(small, "ps1", due=due)
    assert again.loc["ann", "handed_in"] == "2027-01-15 08:00; 2027-01-15 10:01"
    assert again.loc["ann", "score"] == 8
    assert again.loc["ann", "notes"] == (
        "late by 2 h 1 min; handed in 2 times; its points for why may be for an earlier version"
    )
    stamp = path.with_name("timestamp.txt")
    stamp.write_text("2027-01-15 07:30:00.948203 UTC\n")
    assert when(path) == "2027-01-15 07:30"
    stamp.write_text("yesterday")
    assert when(path) == "2027-01-15 10:01"
    grade(small, "ps1", again=True)
    record = json.loads((small / "grades" / "ps1" / "ann.json").read_text())
    assert len(record["versions"]) == 2, "graded again is not handed in again"
    with pytest.raises(SystemExit):
        grading.main(["grade", "ps1", "--due", "soon"])


@posix
def test_a_check_without_words_says_what_it_expected_unless_it_is_hidden():
    test = "import math\nassert {}\n### BEGIN HIDDEN TESTS\nassert answer() == 7\n### END HIDDEN TESTS"
    checks = ("answer() == 4", "math.isclose(answer(), 4)", "answer() > 4", "answer() == 3")
    cells = [caged_cells.Cell("student", "an answer", "def answer(): return 3")]
    cells += [caged_cells.Cell("staff", "a test", test.format(check)) for check in checks]
    said = [one.said for one in caged_cells.run_cells(cells, ["answer"])[0][1:]]
    assert said == [
        "AssertionError: this check fails: answer() == 4; expected 4, got 3",
        "AssertionError: this check fails: math.isclose(answer(), 4); expected 4, got 3",
        "AssertionError: this check fails: answer() > 4",
        "AssertionError",
    ]


@needs_nbgrader
def test_points_by_case(small, monkeypatch):
    source = small / "source" / "ps1" / "ps1.ipynb"
    cases = (
        "from w2s_kit.course.checks import by_case\\n### BEGIN HIDDEN TESTS\\n"
        "by_case(3, even=lambda: half(4) == 2, odd=lambda: half(3) == 1.5, none=lambda: half(0) == 0)\\n"
        "### END HIDDEN TESTS"
    )
    lines = json.loads(source.read_text())
    (test,) = [cell for cell in lines["cells"] if cell["id"] == "half_test"]
    test["source"] = cases.replace("\\n", "\n")
    source.write_text(json.dumps(lines))
    release(small)
    check(small, "ps1")
    monkeypatch.setattr(grading, "check", lambda *_: caged_cells.Allowed())
    for student, half in (("ann", "return x / 2"), ("eve", "return x // 2"), ("kim", "return 1 / x")):
        hand_in(small, student, answered(half=half))
    table = grade(small, "ps1")
    assert table["half_test"].tolist() == [3, 2, 0]
    record = json.loads((small / "grades" / "ps1" / "eve.json").read_text())["marks"]
    assert record["said"]["half_test"].startswith("a part of the cases")
    (cell,) = [cell for cell in record["cells"] if "by_case" in cell["source"]]
    assert "2 of 3 cases are right. Wrong: odd" in json.dumps(cell["outputs"])


@pytest.mark.parametrize(
    "text, said",
    [
        ("student,why\nann,three\n", "ann has 'three' points for 'why': type a number"),
        ('student,why\nann,"2,5"\n', "ann has '2,5' points for 'why': type a number"),
        ("student;why\nann;3\n", "no table with a column student, separated by commas, in UTF-8"),
        ("student,why\nann,1\nann,2\n", "ann stands in more than one row"),
        ("", "no table with a column student"),
        (b"student,why\n\xe4nn,1\n", "in UTF-8 .*mend it"),
    ],
)
def test_a_table_that_a_person_has_spoilt_is_told(text, said, tmp_path):
    """Before anything runs, with the file, the row and what to do; no traceback."""
    table = tmp_path / "ps1.csv"
    table.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match=said) as told:
        grading._by_hand(table, "why", 4.0, pd.Index(["ann"], name="student"))
    assert str(table) in str(told.value)


@needs_nbgrader
def test_a_submission_that_is_left_out_changes_nothing_for_the_others(small, monkeypatch):
    """A loop in one of them had ten minutes then, and a wrong solution gave wrong marks."""
    release(small)
    hand_in(small, "ann", answered())
    hand_in(small, "eve").write_text("{")
    held = []
    kept = lambda root, name, path, allowed: held.append(allowed) or marked(root, name, path, allowed)
    monkeypatch.setattr(grading, "marked", kept)
    assert grade(small, "ps1", anyway=True).index.tolist() == ["ann"]
    assert held[0].a_cell < caged_cells.SECONDS_A_CELL and held[0].in_all < caged_cells.SECONDS_IN_ALL
    source = small / "source" / "ps1" / "ps1.ipynb"
    source.write_text(source.read_text().replace("return x / 2", "return x / 3"))
    with pytest.raises(Unfit, match="solution itself does not get full marks"):
        grade(small, "ps1", anyway=True)
