"""A run of a notebook ends what it has started: the kernel, its children, channels and files."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
import pytest
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from test_notebooks import write_notebook
from test_notebooks_skeleton import read

from w2s_kit.course import notebooks as runner

ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no process groups and no such signals")

# a cell that starts a child, and names both processes
PIDS = """import os, pathlib, subprocess, time
child = subprocess.Popen(["sleep", "300"])
pathlib.Path("pids.tmp").write_text(f"{os.getpid()} {child.pid}")
os.rename("pids.tmp", "pids")"""
STUBBORN = """while True:
    try:
        time.sleep(300)
    except BaseException:
        pass"""


def runs(pid: int) -> bool:
    """A zombie has ended: nobody has asked yet how."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def alive(folder: Path) -> list[int]:
    """Those of the kernel and its child that still run."""
    return [pid for pid in map(int, (folder / "pids").read_text().split()) if runs(pid)]


def wait_until(condition, seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return bool(condition())


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder for a notebook, and one for temporary files, where kernels put their connection files."""
    for name in ("here", "temporary"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "temporary"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path / "here"


def files_left(place: Path) -> set[str]:
    found = [*place.iterdir(), *(place.parent / "temporary").iterdir()]
    return {path.name for path in found} - {"00_trial.ipynb", "pids"}


def in_the_foreground() -> None:
    """As a shell would start it: no signal is ignored, whatever the tests themselves were started with."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)


def start(place: Path, *command: str) -> subprocess.Popen:
    """A process of its own, with the signals of a program in the foreground."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with open(place.parent / "said", "w") as said:
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=place,
            env=environment,
            stdout=said,
            stderr=said,
            preexec_fn=in_the_foreground,
        )


# ------------------------------------------------------------ in one process
@posix
@pytest.mark.parametrize(
    "cell, error",
    [
        ("1 + 1", None),
        ("1 / 0", CellExecutionError),
        ("time.sleep(300)", CellTimeoutError),
        (STUBBORN, CellTimeoutError),
        ("os._exit(3)", DeadKernelError),
        ("os.kill(os.getpid(), 9)", DeadKernelError),
    ],
)
def test_nothing_is_left_after_two_runs(place, cell, error):
    path = write_notebook(place / "00_trial.ipynb", PIDS, cell)
    threads, before = threading.active_count(), psutil.Process().children(recursive=True)  # of other tests
    for _ in range(2):
        (place / "pids").unlink(missing_ok=True)
        if error is None:
            runner.execute(path, timeout=20)
        else:
            with pytest.raises(error):
                runner.execute(path, timeout=2)
        assert wait_until(lambda: alive(place) == [], 2), "a killed process takes a moment to go"
        assert not set(psutil.Process().children(recursive=True)) - set(before)
        assert files_left(place) == set()
        assert wait_until(lambda: threading.active_count() == threads, 5), "a channel's thread goes on"


@posix
def test_each_run_has_a_fresh_kernel(place):
    path = write_notebook(place / "00_trial.ipynb", "print('seen' in globals())\nseen = True")
    for _ in range(2):
        runner.execute(path)
        assert read(path).cells[0].outputs[0].text == "False\n"


def test_no_channel_or_file_stays_open(place):
    path = write_notebook(place / "00_trial.ipynb", "1")
    runner.execute(path)  # what stays open from the first run on belongs to the libraries
    here = psutil.Process()
    open_files = here.num_fds if os.name == "posix" else here.num_handles
    before = open_files()
    for _ in range(2):
        runner.execute(path)
    assert open_files() <= before and here.net_connections() == []


def test_runs_do_not_hang_while_garbage_is_collected(place):
    """Collected channels of an earlier run took messages from the next one, which then waited for ever."""
    path = write_notebook(place / "00_trial.ipynb", "import os\nos.getpid()")
    program = f"""
import gc, pathlib, threading, time
from w2s_kit.course.notebooks import execute
def collect():
    while True:
        gc.collect()
        time.sleep(0.01)
threading.Thread(target=collect, daemon=True).start()
for _ in range(6):
    execute(pathlib.Path({str(path)!r}))
    gc.collect()
"""
    process = start(place, "-c", program)
    try:
        assert process.wait(180) == 0, (place.parent / "said").read_text()
    finally:
        process.kill()
        process.wait()


def test_a_file_that_cannot_be_written_leaves_no_part_of_it(place, monkeypatch):
    path = write_notebook(place / "00_trial.ipynb", "1")
    before = path.read_bytes()

    def full(source, target):
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="disk is full"):
        runner.execute(path)
    assert path.read_bytes() == before and files_left(place) == set()


# ------------------------------------------------------------ signals
CALLER = "import pathlib, w2s_kit.course.notebooks as n; n.execute(pathlib.Path('00_trial.ipynb'))"
CODES = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}


@posix
@pytest.mark.parametrize("cell", ["time.sleep(300)", STUBBORN], ids=["sleeps", "stubborn"])
@pytest.mark.parametrize("name", CODES)
def test_a_signal_ends_the_runner_and_its_kernel(place, name, cell):
    path = write_notebook(place / "00_trial.ipynb", PIDS, cell)
    before = path.read_bytes()
    process = start(place, "-m", "w2s_kit.course.notebooks", path.name)
    assert wait_until((place / "pids").exists), (place.parent / "said").read_text()
    time.sleep(0.5)
    process.send_signal(getattr(signal, name))
    assert process.wait(15) == CODES[name] and alive(place) == []
    said = (place.parent / "said").read_text()
    assert "stopped" in said and "Traceback" not in said and len(said.splitlines()) <= 2
    assert path.read_bytes() == before and files_left(place) == set()


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_a_process_that_runs_a_notebook(place, name):
    write_notebook(place / "00_trial.ipynb", PIDS, "time.sleep(300)")
    process = start(place, "-c", CALLER)
    assert wait_until((place / "pids").exists), (place.parent / "said").read_text()
    process.send_signal(getattr(signal, name))
    assert process.wait(15) in (CODES[name], -getattr(signal, name))
    assert alive(place) == [] and files_left(place) == set()


@posix
def test_a_signal_ends_a_kernel_that_is_still_starting(place):
    write_notebook(place / "00_trial.ipynb", "1")
    process = start(place, "-m", "w2s_kit.course.notebooks", "00_trial.ipynb")
    assert wait_until(lambda: psutil.Process(process.pid).children(recursive=True), 60)
    kernels = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 143 and not any(runs(k.pid) for k in kernels) and files_left(place) == set()


@posix
def test_a_second_signal_does_not_wait(place):
    write_notebook(place / "00_trial.ipynb", PIDS, STUBBORN)
    process = start(place, "-m", "w2s_kit.course.notebooks", "00_trial.ipynb")
    assert wait_until((place / "pids").exists)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(5) == 130 and wait_until(lambda: alive(place) == [], 2) and files_left(place) == set()


@posix
def test_a_kernel_does_not_outlive_a_runner_that_was_killed(place):
    """Nobody is left to end what the kernel started; only the kernel itself looks for its parent."""
    write_notebook(place / "00_trial.ipynb", PIDS, "time.sleep(300)")
    process = start(place, "-m", "w2s_kit.course.notebooks", "00_trial.ipynb")
    assert wait_until((place / "pids").exists)
    kernel, child = map(int, (place / "pids").read_text().split())
    try:
        process.kill()
        process.wait()
        assert wait_until(lambda: kernel not in alive(place), 10), "it looks for its parent every second"
    finally:
        os.kill(child, signal.SIGKILL)


@posix
@pytest.mark.parametrize(
    "signum, raised, code", [(signal.SIGTERM, SystemExit, 143), (signal.SIGINT, KeyboardInterrupt, None)]
)
def test_a_swallowed_signal_is_raised_again(signum, raised, code):
    from w2s_kit.course.kernels import stopped_by_signals

    default = signal.default_int_handler if signum == signal.SIGINT else signal.SIG_DFL
    before = signal.signal(signum, default)  # a program in the background ignores Ctrl-C
    try:
        with pytest.raises(raised) as error, stopped_by_signals():
            try:
                os.kill(os.getpid(), signum)
                time.sleep(5)
            except BaseException as seen:
                raise ValueError("it could not be graded") from seen
        assert signal.getsignal(signum) is default and getattr(error.value, "code", None) == code
    finally:
        signal.signal(signum, before)


@posix
def test_who_handles_a_signal_already_goes_on_handling_it():
    from w2s_kit.course.kernels import stopped_by_signals

    heard = []
    before = signal.signal(signal.SIGTERM, lambda *_: heard.append("mine"))
    try:
        with stopped_by_signals():
            os.kill(os.getpid(), signal.SIGTERM)
            assert wait_until(lambda: heard, 5)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == ["mine"]


# ------------------------------------------------------------ what the runner says
@pytest.mark.parametrize(
    "cell, said",
    [
        ("x = 1\n1 / 0", ["Cell 3 of 3 failed. It begins: x = 1", "ZeroDivisionError", "Mend the cell"]),
        (
            "y = 2\nimport time; time.sleep(300)",
            ["Cell 3 of 3 failed. It begins: y = 2", "--timeout SECONDS"],
        ),
        ("import os\nos._exit(1)", ["Cell 3 of 3 failed. It begins: import os", "lack of memory"]),
    ],
    ids=["error", "timeout", "death"],
)
def test_a_failure_says_where_and_what_to_do(tmp_path, monkeypatch, capsys, cell, said):
    monkeypatch.chdir(tmp_path)
    fine = write_notebook(Path("00_fine.ipynb"), "print(40 + 2)")
    bad = write_notebook(Path("01_bad.ipynb"), "0", "1", cell)
    never = write_notebook(Path("02_never.ipynb"), "2")
    before = bad.read_bytes(), never.read_bytes()
    assert runner.main(["--jobs", "1", "--timeout", "2", *map(str, (fine, bad, never))]) == 1
    shown = capsys.readouterr().out
    assert all(words in shown for words in said), shown
    assert "01_bad.ipynb is left as it was." in shown and "Notebooks saved before it: 1." in shown
    assert "python -m w2s_kit.course.notebooks 01_bad.ipynb" in shown
    assert read(fine).cells[0].outputs[0].text == "42\n" and (bad.read_bytes(), never.read_bytes()) == before


@pytest.mark.parametrize(
    "text, said",
    [(None, "No such file"), ("{", "no notebook can be read there"), ("[]", "no notebook can be read there")],
)
def test_a_file_that_is_no_notebook_is_named(tmp_path, capsys, text, said):
    path = tmp_path / "00_torn.ipynb"
    if text is not None:
        path.write_text(text)
    assert runner.main([str(path)]) == 1
    shown = capsys.readouterr().out
    assert said in shown and str(path) in shown


def test_a_kernel_that_does_not_start_is_told_from_a_cell_that_fails(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "ipykernel_launcher.py").write_text("raise SystemExit('a library is missing')")
    assert runner.main([str(write_notebook(tmp_path / "00_trial.ipynb", "1"))]) == 1
    shown = capsys.readouterr().out
    assert "No kernel started" in shown and "a library is missing" in shown


def test_a_folder_without_notebooks_is_no_success(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert runner.main([]) == 2 and "run this from the repository's root" in capsys.readouterr().out
