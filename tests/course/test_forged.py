"""Marks that nobody has earned: a blank form that makes the grader's own process say that its tests passed.

Each of these once got full marks, or kept what nobody counted.
"""

import os
import sys
import tempfile

import pytest
from test_kernels import posix

from w2s_kit.course import caged_cells
from w2s_kit.course.caged_cells import Allowed, Cell, run_cells
from w2s_kit.course.cell_replies import Ran, ran_of
from w2s_kit.course.proofs import FORGED, proofs
from w2s_kit.course.putting_back import assembled
from w2s_kit.shared.cage.tried import missing_bounds

pytestmark = posix
TEST = "import math\nassert math.isclose(half(4), 2)\n### BEGIN HIDDEN TESTS\nassert half(3) == 1.5\n"
TEST += "secret_of_the_staff = 3\n### END HIDDEN TESTS"
BLANK = "def half(x):\n    raise NotImplementedError()"
TREE = "lambda s, n: ast.Module([], [])"
SETTINGS = {
    "a function of what shows outputs": "get_ipython().displayhook.write_format_data.__globals__['Cells']."
    "_staff = lambda *a: True",
    "what walks through a test": f"import ast\nast.NodeTransformer.generic_visit = {TREE}",
    "what visits it": f"import ast\nast.NodeVisitor.visit = {TREE}",
    "what it does with a check": "import ast\nast.NodeTransformer.visit_Assert = lambda s, n: ast.Pass()",
    "what reads a request": "import json\nwas = json.loads\n"
    "json.loads = lambda x: was(x) | {'source': 'pass'}",
    "what reads it, below": "import json\nwas = json.JSONDecoder.decode\n"
    "json.JSONDecoder.decode = lambda s, x, *a: was(s, x, *a) | {'source': 'pass'}",
    "what writes a reply": "import json\nwas = json.JSONEncoder.encode\n"
    "json.JSONEncoder.encode = lambda s, x: was(s, x | {'ok': True, 'error': None})",
    "the grader itself": "import gc\nfor o in gc.get_objects():\n"
    "    if isinstance(o, type) and o.__name__ == 'Cells': o._staff = lambda *a: True",
}


@pytest.fixture(scope="module", autouse=True)
def everything_holds():
    if missing := missing_bounds():
        pytest.skip(f"this machine cannot forbid: {', '.join(missing)}")


def outcome(setting: str, half: str = BLANK, *after: str) -> tuple[list[Ran], str]:
    """What became of a student's setting, the answer, its test, and cells after it; and why it ended."""
    cells = [Cell("student", "added", setting), Cell("student", "half", half), Cell("staff", "t", TEST)]
    cells += [Cell("student", f"after {number}", text) for number, text in enumerate(after)]
    return run_cells(cells, ["half"], (), Allowed(10, 60), {"t"})


@pytest.mark.parametrize("name", SETTINGS)
def test_a_blank_form_earns_nothing(name):
    ran, _ = outcome(SETTINGS[name])
    assert not ran[2].ok and ran[2].value is None


def test_who_answers_for_a_test_without_running_it_is_found_out():
    ran, why = outcome(SETTINGS["the grader itself"])
    assert why == FORGED and FORGED in ran[2].said


def test_an_answer_that_changes_what_checks_it_is_named():
    answer = "def half(x):\n    import math\n    math.isclose = lambda *a: True\n    return x / 2"
    assert outcome("", answer)[0][2].during == ["math.isclose"]
    assert outcome("", "def half(x):\n    return x / 2")[0][2].during == []


def test_hidden_cases_are_not_kept_where_a_later_cell_reads():
    ran, _ = outcome("", "def half(x): return 7", "import linecache\nprint(linecache.cache['<t>'])")
    assert "math.isclose" in str(ran[3].outputs) and "secret_of_the_staff" not in str(ran[3].outputs)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux tells what a process holds")
@pytest.mark.parametrize(
    "keep", ["held.append(file)", "held.append(mmap.mmap(file.fileno(), 1)); file.close()"]
)
def test_files_that_were_removed_and_are_still_held_are_counted(keep):
    code = "import mmap, os, time\nheld = []\nfor i in range(6):\n    file = open('u', 'w+b')\n"
    code += (
        f"    os.unlink('u')\n    file.write(bytes(60 << 20))\n    file.flush()\n    {keep}\ntime.sleep(3)"
    )
    assert "more than 256 MB of files" in outcome(code)[1]
    assert outcome(code.replace("range(6)", "range(2)"), "def half(x):\n    return x / 2")[0][2].ok


HELD = """
import ctypes, os, platform, threading, time
def write():
    held = [os.open(f"{i}", os.O_RDWR | os.O_CREAT) for i in range(6)]
    for i in range(6): os.unlink(f"{i}")
    LEAVE
    for file in held: os.write(file, bytes(60 << 20))
    time.sleep(3)
"""
WAYS = {  # names above 4096 letters; a first thread that shows nothing any more
    "no name": "for _ in range(25): os.mkdir('d' * 200); os.chdir('d' * 200)\nwrite()",
    "no first thread": "threading.Thread(target=write).start()\n"
    "ctypes.CDLL(None).syscall({'x86_64': 60, 'aarch64': 93}[platform.machine()], 0)",
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux tells what a process holds")
@pytest.mark.parametrize("way", WAYS)
def test_files_are_counted_whose_holder_hides_them(way):
    leave = "for _ in range(25): os.chdir('..'); os.rmdir('d' * 200)" if way == "no name" else ""
    assert "more than 256 MB of files" in outcome(HELD.replace("LEAVE", leave) + WAYS[way])[1]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux tells what a process holds")
def test_threads_without_number_end_it_alone():
    """They would use up what all processes of the machine share."""
    many = "import threading, time\nthreading.stack_size(1 << 15)\nend = threading.Event()\n"
    many += "for _ in range(600): threading.Thread(target=end.wait, daemon=True).start()\ntime.sleep(3)\n"
    assert "more than 500 threads" in outcome(many)[1]
    few = many.replace("600", "60").replace("sleep(3)", "sleep(1)")
    assert outcome(few, "def half(x):\n    return x / 2")[0][2].ok


@pytest.mark.skipif(os.name != "posix", reason="rights of folders")
def test_a_folder_that_cannot_be_read_is_removed_as_well(tmp_path, monkeypatch):
    """Of an ordinary user: root reads all."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    if (child := os.fork()) == 0:
        try:
            if os.getuid() == 0:
                os.chown(tmp_path, 12_345, 12_345)
                os.chdir(tmp_path)
                os.setresuid(*[12_345] * 3)
                tempfile.tempdir = "."
            with caged_cells._folder([]) as folder:
                os.mkdir(folder / "hides", 0o300)
                (folder / "hides" / "file").touch()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert list(tmp_path.iterdir()) == []


def test_proofs_tell_forged_results_from_honest_ones():
    for source in (TEST, "%time 1", "text = '''\n''' + str(1)"):
        for proof in proofs(Cell("staff", "t", source)):
            assert proof.cell.name == "t" and proof.is_forged(Ran(True, value=None))
            assert not proof.is_forged(Ran(False, said="MemoryError"))
            (honest,), why = caged_cells.run_cells([proof.cell])
            assert not why and not proof.is_forged(honest), honest


def test_nothing_of_a_submission_steers_the_terminal_of_who_grades():
    """Notes are printed. An added cell, a kind of cell and the name of a function come from the student."""
    asked = {"cell_type": "code", "source": "1", "metadata": {"nbgrader": {"grade_id": "t", "grade": True}}}
    added = {"cell_type": "code", "source": "\x1b]0;theirs\x07\u202e", "metadata": {}}
    theirs = [added, asked | {"cell_type": "\x1b[2J"}]
    notes = assembled(theirs, [asked], [asked])[1]
    reply = {"ok": True, "outputs": [], "error": None, "value": None, "replaced": ["\x1b[2J"], "during": []}
    assert len(notes) == 2 and all(note.isprintable() for note in [*notes, *ran_of(reply, "").replaced])
