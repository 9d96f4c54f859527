"""Who ends a sweep ends its workers, too: by Ctrl-C, and by SIGKILL, which no program can answer."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="finds processes in /proc, as Linux has it"
)


def parents() -> dict[int, int]:
    """Every living process -> its parent. A zombie has ended: only its exit status is still there."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            found[int(folder.name)] = int(parent)
    return found


def descendants(ancestor: int) -> set[int]:
    by_child, found = parents(), {ancestor}
    while more := {child for child, parent in by_child.items() if parent in found} - found:
        found |= more
    return found - {ancestor}


def wait_until(true, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not (done := true()) and time.monotonic() < end:
        time.sleep(0.2)
    return done


@pytest.fixture
def sweep(tmp_path):
    """A sweep of two workers in the midst of training, which would take hours; ended after the test in any
    case.
    """
    command = [
        sys.executable,
        "-m",
        "w2s_kit",
        "sweep",
        "--tasks",
        "danger",
        "--supervisors",
        "xs",
        "--students",
        "s",
        "--seeds",
        "2",
        "--jobs",
        "2",
        "--epochs",
        "100000",
        "--n-train",
        "64",
        "--n-test",
        "40",
        "--store",
        tmp_path / "runs",
        "--out",
        tmp_path / "sweep.csv",
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    with (tmp_path / "said").open("w") as said:
        program = subprocess.Popen(
            command,
            env=environment,
            cwd=tmp_path,
            stdout=said,
            stderr=said,
            start_new_session=True,
            # a signal that the starter ignores, as in the background of a shell, stays ignored
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
    locks = tmp_path / "runs" / ".locks"
    try:
        assert wait_until(lambda: len(list(locks.glob("*"))) == 2, 120), (tmp_path / "said").read_text()
        program.below = descendants(program.pid)
        assert len(program.below) >= 2
        yield program
    finally:
        for process in {program.pid, *getattr(program, "below", ())} & set(parents()):
            os.kill(process, signal.SIGKILL)
        program.wait()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_workers_end_with_their_parent(sweep, how):
    os.kill(sweep.pid, how)  # the parent alone: a terminal would tell its children, too
    sweep.wait(30)
    assert wait_until(lambda: not sweep.below & set(parents()), 10), "workers train on"


@pytest.mark.parametrize(
    "send", [os.kill, os.killpg], ids=["to the parent alone", "to all, as a terminal does"]
)
def test_ctrl_c_is_answered_in_two_lines(sweep, send, tmp_path):
    send(sweep.pid, signal.SIGINT)
    assert sweep.wait(30) == 130
    assert wait_until(lambda: not sweep.below & set(parents()), 10), "workers train on"
    said = (tmp_path / "said").read_text()
    assert (
        "0 runs are stored in" in said
        and "the same command continues" in said
        and len(said.strip().splitlines()) <= 2
    ), said
