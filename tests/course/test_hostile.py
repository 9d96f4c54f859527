"""A class with hostile and broken submissions: each gets what it has earned, and the class goes on."""

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import psutil
import pytest
from test_grading import answered, hand_in, needs_nbgrader, small  # noqa: F401
from test_kernels import ROOT, posix

from w2s_kit.course import caged_cells, grading
from w2s_kit.course.cell_replies import Cell, ran_of
from w2s_kit.course.grading import release
from w2s_kit.course.marking import marked, suspect
from w2s_kit.course.putting_back import Placed
from w2s_kit.shared.cage.tried import missing_bounds

pytestmark = [needs_nbgrader, posix]


def first(code, answers=None):
    """An edit of the form: code in a cell of its own at the beginning, and answers, or none."""

    def edit(cells, nb):
        if answers:
            answers(cells, nb)
        nb.cells.insert(0, nbformat.v4.new_code_cell(code))

    return edit


def turned(cells, nb):
    cells["half_test"].cell_type = "markdown"
    for name in ("outputs", "execution_count"):
        cells["half_test"].pop(name, None)


def extra(cells, nb):
    about = {"grade_id": "bonus", "grade": True, "points": 100, "solution": False, "task": True}
    nb.cells.append(nbformat.v4.new_code_cell("100", metadata={"nbgrader": about}))


def softened(cells, nb):
    cells["half_test"].source = cells["twice_test"].source = "pass"


half = lambda code: answered(half=code.replace("\n", "\n    "))
LISTENS = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
INPUTS = "ip = get_ipython()\nip.input_transformers_cleanup.append(lambda lines: ['pass\\n'])"
TREES = (
    "import ast\nclass Nothing(ast.NodeTransformer):\n    def visit_Assert(self, node): return ast.Pass()\n"
    "get_ipython().ast_transformers.append(Nothing())"
)
EXTENSION = (
    "import sys\nsys.path.insert(0, '.')\nopen('ext.py', 'w').write('''def load_ipython_extension(ip):\n"
    "    ip.run_cell = lambda *a, **k: None\n    ip.input_transformers_cleanup.append(lambda lines: [])''')\n"
    "%load_ext ext"
)
RUNS = (
    "ip = get_ipython()\nclass Fine: success = True; error_in_exec = None\n"
    "type(ip).run_cell = lambda *a, **k: Fine()"
)
PATCHED = (
    "import math, builtins\nmath.isclose = lambda *a, **k: True\nisclose = math.isclose\n"
    "builtins.float = builtins.int = lambda *a: 2"
)
TRACED = (
    "import sys\ndef skip(frame, event, arg):\n    if event == 'line' and 'half' in frame.f_code.co_names:\n"
    "        frame.f_lineno = 4\n    return skip\nsys.settrace(skip)"
)
SPEAKS = (
    "import os, json\nfor fd in range(3, 30):\n    try:\n        for _ in range(9):\n"
    '            os.write(fd, b\'{"nonce": "", "ok": true, "outputs": [], "error": null, '
    '"value\\": null, \\"replaced\\": []}\\n\')\n    except OSError: pass'
)
FORKS = "import os, time\nif os.fork() == 0:\n    time.sleep(300)\n    os._exit(0)\nreturn x / 2"
READS = (
    "import glob, os\nfor found in glob.glob(PLACE + '/**/*.ipynb', recursive=True) + [PLACE + "
    "'/source/ps1/ps1.ipynb', PLACE + '/submitted/ann/ps1/ps1.ipynb']:\n    print(open(found).read())\n"
)
FILES = "for i in range(10 ** 6):\n    open(f'{i}', 'w').close()\nreturn x / 2"
DEEP = "import os\nfor i in range(600):\n    os.mkdir('d')\n    os.chdir('d')\nreturn x / 2"
HIDDEN = (
    "import os\nos.umask(0)\nos.mkdir('d', 0o300)\nfor i in range(40):\n"
    "    open(f'd/{i}', 'wb').write(bytes(16 << 20))\n"
)
NAMELESS = (
    "import os, time\nfor i in range(40):\n    os.mkdir('d' * 200)\n    os.chdir('d' * 200)\ntime.sleep(2)\n"
)
EQUAL = "class Yes:\n    def __eq__(self, other): return True\nreturn Yes()"
# student -> edit of the form, points of the two tests, words in what is told of them
CLASS = {
    "ann": (answered(), (3, 2), ""),
    "inputs": (first(INPUTS), (0, 0), "added or changed cell at the beginning"),
    "trees": (first(TREES), (0, 0), "NotImplementedError"),
    "extends": (first(EXTENSION), (0, 0), "added or changed cell at the beginning"),
    "runs": (first(RUNS), (0, 0), ""),
    "patched": (first(PATCHED, answered(half="return 7", twice="return 2 * x")), (0, 2), "math.isclose"),
    "traced": (first(TRACED), (0, 0), ""),
    "speaks": (first(SPEAKS), (0, 0), "channel of the grader"),
    "softened": (softened, (0, 0), "the test 'half_test' was changed: put back"),
    "turned": (turned, (0, 0), "'half_test' was a markdown cell: put back"),
    "extra": (extra, (0, 0), "'bonus' that no question asks for"),
    # it stays possible, so it is told
    "equal": (answered(twice=EQUAL.replace("\n", "\n    ")), (3, 2), "read 'twice', it has __eq__"),
    "leaves": (half("import os; os._exit(0)"), (0, 0), "its process ended itself, code 0"),
    "crashes": (half("import ctypes; ctypes.string_at(0)"), (0, 0), "crashed, signal 11"),
    "exits": (half("import sys; sys.exit(0)"), (0, 2), "SystemExit"),
    "loops": (half("while True: pass"), (0, 2), "ran too long"),
    "stubborn": (half(LISTENS + "while True: time.sleep(9)"), (0, 0), "ran too long"),
    "prints": (half("for i in range(200): print('x' * 10 ** 6)\nreturn x / 2"), (3, 2), ""),
    "floods": (half("import os\nfor _ in range(200): os.write(2, bytes(10 ** 6))"), (0, 2), "too large"),
    "forks": (half(FORKS), (0, 2), "BlockingIOError"),
    "reads": (half(READS), (0, 2), "PermissionError"),
    "fills": (half("y = bytes(10 ** 12)\nreturn x / 2"), (0, 2), "MemoryError"),
    "files": (half(FILES), (0, 0), "more than 2000 files"),
    "deep": (half(DEEP), (3, 2), ""),
    "halves": (half("print('\\ud800' * 9)\nraise ValueError('\\udfff')"), (0, 2), "ValueError"),
    "hidden": (half(HIDDEN + "return x / 2"), (0, 0), "MB of files"),
    "nameless": (half(NAMELESS + "return x / 2"), (0, 0), "cannot be looked through"),
    "calls": (half("import socket; socket.socket()"), (0, 2), "PermissionError"),
    "zoe": (answered(), (3, 2), ""),
}


@pytest.fixture(scope="module")
def classroom(tmp_path_factory):
    """All of them graded, once: the folder, and what was told of each."""
    if missing := missing_bounds():
        pytest.skip(f"this machine cannot forbid: {', '.join(missing)}")
    place = tmp_path_factory.mktemp("course")
    small.__wrapped__(place) if hasattr(small, "__wrapped__") else small.__pytest_wrapped__.obj(place)
    release(place)
    for student, (edit, _, _) in CLASS.items():
        path = hand_in(place, student, edit)
        path.write_text(path.read_text().replace("PLACE", repr(str(place))[1:-1].join(["'", "'"])))
    before = {p.pid for p in psutil.process_iter()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(caged_cells, "SECONDS_A_CELL", 4)
        patch.setattr(caged_cells, "SECONDS_TO_STOP", 1)
        grading.grade(place, "ps1")
    # one that was left has lost its parent; those of tests beside this one have theirs
    now = psutil.process_iter(["pid", "ppid", "uids"])
    left = [p for p in now if p.pid not in before and p.info["ppid"] == 1 and p.info["uids"].real == 65534]
    assert not left, "a submission has left processes"
    return place


@pytest.mark.parametrize("student", CLASS)
def test_each_gets_what_it_has_earned(student, classroom):
    _, points, words = CLASS[student]
    table = pd.read_csv(classroom / "grades" / "ps1.csv", index_col="student")
    record = json.loads((classroom / "grades" / "ps1" / f"{student}.json").read_text())["marks"]
    told = "; ".join([*record["said"].values(), *record["notes"]])
    assert tuple(table.loc[student, ["half_test", "twice_test"]]) == points, told
    assert words in told
    page = (classroom / "feedback" / student / "ps1" / "ps1.html").read_text()
    assert "half(3)" not in page, "a hidden case"
    assert "not marked yet, 4 points" in page and "KeyboardInterrupt" not in page


def test_the_class_is_whole(classroom):
    table = pd.read_csv(classroom / "grades" / "ps1.csv", index_col="student")
    assert sorted(table.index) == sorted(CLASS) and set(table["open"]) == {4}
    assert (classroom / "submitted" / "ann" / "ps1" / "ps1.ipynb").exists()
    assert max(p.stat().st_size for p in classroom.rglob("*") if p.is_file()) < 16 << 20


def test_a_second_start_goes_on(small, monkeypatch):
    """Killed in the middle: what was finished is in the table, and does not run again."""
    release(small)
    for student in ("ann", "bob", "kim"):
        hand_in(small, student, answered())
    monkeypatch.setattr(grading, "check", lambda *_: caged_cells.Allowed())
    ran = []

    def once(root, name, path, allowed):
        ran.append(path.parts[-3])
        if ran == ["ann", "bob"]:
            raise KeyboardInterrupt
        return marked(root, name, path, allowed)

    monkeypatch.setattr(grading, "marked", once)
    assert grading.main(["grade", "ps1", "--root", str(small)]) == 130
    table = pd.read_csv(small / "grades" / "ps1.csv", index_col="student")
    assert table.index.tolist() == ["ann"]
    ran[:] = ["-"]
    assert grading.grade(small, "ps1")["score"].tolist() == [5, 5, 5] and ran == ["-", "bob", "kim"]
    ran[:] = ["-"]
    grading.grade(small, "ps1")
    assert ran == ["-"], "nothing has changed"
    (small / "submitted" / "kim" / "ps1" / "ps1.ipynb").write_text(
        (small / "submitted" / "ann" / "ps1" / "ps1.ipynb").read_text() + "\n"
    )
    grading.grade(small, "ps1")
    assert ran == ["-", "kim"]


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="root may become anybody")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="capabilities of Linux")
def test_an_ordinary_user_grades_as_well(small):
    """Everything above ran as root, whose child becomes nobody. Here the child stays who it is."""
    if missing := missing_bounds():
        pytest.skip(f"this machine cannot forbid: {', '.join(missing)}")

    def ordinary():  # who may still read where Python stands, below root's home
        libc = ctypes.CDLL(None)
        libc.prctl(8, 1, 0, 0, 0)
        os.setgroups([])
        os.setresgid(*[12_345] * 3)
        os.setresuid(*[12_345] * 3)
        libc.capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(4, 4, 4, 0, 0, 0))
        libc.prctl(47, 2, 2, 0, 0)

    release(small)
    for student in ("ann", "inputs", "reads", "leaves"):
        path = hand_in(small, student, CLASS[student][0])
        path.write_text(path.read_text().replace("PLACE", f"'{small}'"))
    for path in (small, *small.rglob("*")):
        os.chown(path, 12_345, 12_345)
    done = subprocess.run(
        [sys.executable, "-m", "w2s_kit.course.grading", "grade", "ps1", "--root", str(small)],
        env=os.environ | {"PYTHONPATH": str(ROOT), "HOME": str(small), "TMPDIR": "/tmp"},
        preexec_fn=ordinary,
        cwd="/",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and "warning" not in done.stderr, done.stderr
    table = pd.read_csv(small / "grades" / "ps1.csv", index_col="student")
    assert {s: tuple(table.loc[s, ["half_test", "twice_test"]]) for s in table.index} == {
        s: CLASS[s][1] for s in ("ann", "inputs", "reads", "leaves")
    }


# ------------------------------------------------------------------------------------------------ damage
def damaged(edit):
    """What `edit` makes of a notebook, as it is read from JSON."""

    def change(path: Path):
        whole = json.loads(path.read_text())
        path.write_text(json.dumps(edit(whole)))

    return change


def with_cell(**changes):
    return damaged(lambda whole: whole | {"cells": [whole["cells"][0] | changes, *whole["cells"][1:]]})


def with_about(about):
    return with_cell(metadata={"nbgrader": about})


DAMAGE = {
    "empty": (lambda path: path.write_text(""), "Expecting value"),
    "torn": (lambda path: path.write_text(path.read_text()[:200]), "no notebook can be read"),
    "bytes": (lambda path: path.write_bytes(bytes(range(256))), "no notebook can be read"),
    "a folder": (lambda path: (path.unlink(), path.mkdir()), "no such file"),
    "a link": (lambda path: (path.unlink(), path.symlink_to("/etc/hostname")), "a link to another file"),
    "a list": (damaged(lambda whole: []), "no list of cells"),
    "nothing": (damaged(lambda whole: None), "no list of cells"),
    "a number": (damaged(lambda whole: 7), "no list of cells"),
    "no cells": (damaged(lambda whole: {}), "no list of cells"),
    "cells null": (damaged(lambda whole: whole | {"cells": None}), "no list of cells"),
    "cells a text": (damaged(lambda whole: whole | {"cells": "x"}), "no list of cells"),
    "a cell null": (damaged(lambda whole: whole | {"cells": [None, *whole["cells"]]}), "cell 1 is no cell"),
    "source null": (with_cell(source=None), "cell 1 has a source that is no text"),
    "source numbers": (with_cell(source=[1, 2]), "cell 1 has a source that is no text"),
    "metadata null": (with_cell(metadata=None), "cell 1 has metadata that are no table"),
    "metadata a list": (with_cell(metadata=[]), "cell 1 has metadata that are no table"),
    "nbgrader a text": (with_about("x"), "metadata of nbgrader that are no table"),
    "nbgrader null": (with_about(None), "metadata of nbgrader that are no table"),
    "no grade_id": (with_about({"grade": True}), "without a grade_id"),
    "grade_id null": (with_about({"grade_id": None}), "without a grade_id"),
    "grade_id a list": (with_about({"grade_id": ["half"]}), "without a grade_id"),
    "grade_id twice": (with_about({"grade_id": "half"}), "stands there 2 times"),
    "deep": (lambda path: path.write_text("[" * 100_000), "no notebook can be read"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_has_a_name(kind, tmp_path):
    path = tmp_path / "ps1.ipynb"
    released = ROOT / "notebooks" / "assignments" / "release" / "ps1" / "ps1.ipynb"
    about = {"nbgrader": {"grade_id": "half", "solution": True}}
    cell = {"cell_type": "code", "source": "x", "metadata": about, "outputs": []}
    path.write_text(json.dumps({"cells": [cell | {"metadata": {}}, cell], "metadata": {}, "nbformat": 4}))
    DAMAGE[kind][0](path)
    (line,) = grading.lost(path, released)
    assert DAMAGE[kind][1] in line and str(path) in line and "Hand in the notebook" in line


def test_a_mark_of_the_encoding_is_no_damage(tmp_path):
    """Some editors of Windows write one."""
    released = ROOT / "notebooks" / "assignments" / "release" / "ps1" / "ps1.ipynb"
    path = tmp_path / "ps1.ipynb"
    path.write_bytes(b"\xef\xbb\xbf" + released.read_bytes())
    assert grading.lost(path, released) == []


@pytest.mark.parametrize("about", [{}, {"points": "x"}, {"grade": "yes", "points": [1]}, {"task": True}])
def test_strange_metadata_of_a_known_cell_are_put_back(about, small):
    release(small)
    path = hand_in(small, "ann", answered())
    whole = json.loads(path.read_text())
    cell = next(c for c in whole["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == "half_test")
    cell["metadata"]["nbgrader"] = {"grade_id": "half_test", **about}
    path.write_text(json.dumps(whole))
    marks = marked(small, "ps1", path)
    assert marks.scores["half_test"] == 3 and "'half_test' had other metadata" in marks.notes[0]


# ---------------------------------------------------------------------------------------- single cells
def became(*cells: str, answers=()) -> list[str]:
    """What is said of each cell: those that begin with `#` are a student's, the others the staff's."""
    kinds = ["student" if cell.startswith("#") else "staff" for cell in cells]
    made = [caged_cells.Cell(kind, f"cell {i}", cell) for i, (kind, cell) in enumerate(zip(kinds, cells))]
    return [ran.said for ran in caged_cells.run_cells(made, answers)[0]]


def test_what_tests_stand_on_is_put_back():
    """Python's own names, functions of modules that are reached through others, code inside functions."""
    said = became(
        "import math\nimport numpy as np\ndef given(x):\n    return x",
        "# shadows\nall = any = abs = lambda *a: True\nround = lambda x: 7\ndef answer(): return round(0.1)",
        "assert all([False]), 'all'",
        "# patches\nnp.testing.assert_array_equal = np.linalg.norm = lambda *a, **k: 0\n"
        "given.__code__ = (lambda x: 5).__code__\nimport builtins\nbuiltins.sum = lambda *a: 5",
        "np.testing.assert_array_equal([1], [2])",
        "assert np.linalg.norm([3, 4]) == 5 and given(1) == 1 and sum([]) == 0",
        "class Kind:\n    def __init__(self):\n        super().__init__()\nKind()\nassert answer() == 7",
        "# a module in place of another\nimport sys, types\nsys.modules['math'] = types.ModuleType('math')",
        "import math as again\nassert again.sqrt(4) == 2",
        answers=["answer"],
    )
    assert said[2] == "AssertionError: all" and said[4].startswith("AssertionError")
    assert said[5] == said[6] == said[8] == ""


def test_checks_that_a_submission_has_replaced_are_put_back():
    """The kit's own checks, by both of their names, and what they stand on."""
    cells = (
        "from w2s_kit.course.checks import by_case, graded",
        "# overrides\nimport w2s_kit.course.checks as c\nimport w2s_kit.course.checks.telling as t\n"
        "c.by_case = by_case = lambda *a, **k: 3.0\nt.judge = c.judge = lambda *a: 'Right'\n"
        "c.graded = graded = c.check = c._line = lambda *a, **k: 'Right'",
        "graded('01-harden', lambda p: p * 0)",
        "by_case(3, one=lambda: True, two=lambda: False, three=lambda: 1 / 0)",
    )
    kinds = ["student" if cell.startswith("#") else "staff" for cell in cells]
    made = [Cell(kind, f"cell {i}", cell) for i, (kind, cell) in enumerate(zip(kinds, cells))]
    ran, _ = caged_cells.run_cells(made)
    assert ran[2].said.startswith("AssertionError") and "w2s_kit.course.checks.graded" in ran[2].replaced
    assert ran[3].value == 1


def test_a_forged_reply_of_a_strange_form_ends_it_alone():
    for forged in (
        {"outputs": [{"output_type": "x"}]},
        {"outputs": 3},
        {"value": "x"},
        {"replaced": 1},
        {"during": 1},
    ):
        reply = {
            "ok": True,
            "outputs": [],
            "error": None,
            "value": None,
            "replaced": [],
            "during": [],
        } | forged
        with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
            ran_of(reply, "")


def test_what_a_cell_shows_is_kept_as_a_notebook_keeps_it():
    source = (
        "# \nimport matplotlib.pyplot as plt\nfrom IPython.display import HTML, display\n"
        "print('text')\nplt.plot([1, 2]); plt.show()\ndisplay(HTML('<b>bold</b>'))\n40 + 2"
    )
    (ran,), why = caged_cells.run_cells([caged_cells.Cell("student", "shows", source)])
    kinds = [output["output_type"] for output in ran.outputs if output.get("name") != "stderr"]
    assert ran.ok and not why and kinds == ["stream", "display_data", "display_data", "execute_result"]
    assert ran.outputs[-1]["data"] == {"text/plain": "42"}
    assert any(output.get("data", {}).get("image/png", "").startswith("iVBOR") for output in ran.outputs)


def test_points_by_number_stay_within_what_a_test_is_worth():
    from w2s_kit.course.marking import _score

    assert _score(True, None, 3) == (3, "") and _score(False, 3, 3) == (0, "")
    assert _score(True, 1.5, 3)[0] == 1.5 and _score(True, 3, 3) == (3, "")
    for value in (4, -1, float("nan"), float("inf")):
        assert _score(True, value, 3)[0] == 0 and "refused" in _score(True, value, 3)[1]


def test_a_machine_that_holds_less_is_named(monkeypatch, capsys):
    monkeypatch.setattr(grading, "missing_bounds", lambda: ["network", "memory"])
    grading.warn()
    assert "cannot bound its network, memory. Grade on Linux" in capsys.readouterr().err
    monkeypatch.setattr(grading, "missing_bounds", lambda: [])
    grading.warn()
    assert capsys.readouterr().err == ""


def test_memory_is_bounded_by_the_machine():
    assert 6 << 30 <= caged_cells.memory() <= 16 << 30


def test_words_that_an_answer_does_not_need():
    def words(source, kind="answer"):
        return suspect([Placed(kind, source, True, {"grade_id": "half"})])

    assert words("model.eval()\nmy_exec(1)") == [] and words("eval('1')", kind="staff") == []
    assert words("x = eval('1')\nsys._getframe()") == ["read 'half', it has _getframe, eval("]
