"""The arena attacked: each attack is stopped, and the same attack succeeds where its protection is taken
away.
"""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rings import problems, ring, toy  # noqa: F401  fixtures

from w2s_kit.studies.arena import confined, sandbox
from w2s_kit.studies.arena.board import Board
from w2s_kit.studies.arena.problems import miniworld
from w2s_kit.studies.arena.sandbox import SubmissionError, run_confined, run_here
from w2s_kit.studies.arena.search import KNOBS, NAIVE, recipe, repaired, search

ROOT = Path(__file__).parents[2]
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the bounds of Linux")
as_root = hasattr(os, "getuid") and os.getuid() == 0


@pytest.fixture
def listener():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        it.listen()
        yield it.getsockname()[1]


# ------------------------------------------------------------------------------------------------ submissions
OFF = {
    "lock": ("locked = landlock(readable, listable, writable)", "locked = True"),
    "nobody": ("become_nobody(may_read=locked)", "pass"),
    "calls": ("if not refuse_calls(soft):", "if False:"),
    "processes": ('bound("RLIMIT_NPROC", 0)', 'bound("RLIMIT_NPROC", 10_000)'),
    "memory": ('bound("RLIMIT_AS", memory)', 'bound("RLIMIT_AS", -1)'),
    "files": ('bound("RLIMIT_FSIZE", file_size)', 'bound("RLIMIT_FSIZE", 1 << 30)'),
}
# name -> what it does, which bounds stop it, and how it is told
ATTACKS = {
    "read the label file": ("open({labels!r}).read()", ["lock"], "PermissionError"),
    "import the store": (
        "import sys; sys.path.insert(0, {root!r}); import w2s_kit.experiment.store",
        ["lock"],
        "PermissionError|ModuleNotFoundError",
    ),
    "read the server's memory": ("open('/proc/{server}/mem', 'rb')", ["lock", "nobody"], "PermissionError"),
    "read the organiser's memory": (
        "import os; open(f'/proc/{{os.getppid()}}/mem', 'rb')",
        ["lock", "nobody"],
        "PermissionError",
    ),
    "signal the organiser": (
        "import os; os.kill(os.getppid(), 0)",
        ["lock", "nobody", "calls"],
        "PermissionError",
    ),
    "fork": ("import os\n    if os.fork() == 0: os._exit(0)", ["processes", "calls"], "BlockingIOError"),
    "start a program": (
        "import subprocess; subprocess.run(['/bin/true'])",
        ["lock", "processes", "calls"],
        "BlockingIOError|PermissionError",
    ),
    "fill memory": ("np.zeros(1 << 30, np.uint8)", ["memory"], "MemoryError"),
    "leave a file": ("open({folder!r} + '/left', 'w')", ["lock", "nobody"], "PermissionError"),
    "print without end": (
        "import os\n    for _ in range(3): os.write(1, bytes(1 << 20))",
        ["files"],
        "more than 1 MB|File too large",
    ),
    "call home": (
        "import socket; socket.create_connection(('127.0.0.1', {port}))",
        ["lock", "calls"],
        "PermissionError",
    ),
}


def attack(name, ring, tmp_path, port) -> str:
    labels = tmp_path / "labels.csv"
    labels.write_text("1,0,1")
    tmp_path.chmod(0o777)
    doing = ATTACKS[name][0].format(
        labels=str(labels), root=str(ROOT), server=ring._server.pid, folder=str(tmp_path), port=port
    )
    return f"def method(weak, inputs, model):\n    {doing}\n    return np.zeros(len(inputs.test))"


@linux
@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_stopped(name, ring, tmp_path, listener):
    if missing := sandbox.missing_bounds():
        pytest.skip(f"this machine cannot forbid: {', '.join(missing)}")
    with pytest.raises(SubmissionError, match=ATTACKS[name][2]):
        run_confined(attack(name, ring, tmp_path, listener), ring.problems, memory=800 << 20)
    assert not (tmp_path / "left").exists()


@linux
@pytest.mark.parametrize("name", ATTACKS)
def test_the_same_attack_succeeds_without_its_bound(name, ring, tmp_path, listener, monkeypatch):
    if (
        "memory" in name
        and name.startswith("read")
        and subprocess.run(
            [sys.executable, "-c", f"open('/proc/{ring._server.pid}/mem', 'rb')"], stderr=subprocess.DEVNULL
        ).returncode
    ):
        pytest.skip("this machine lets nobody read the memory of others")
    for bound in ATTACKS[name][1]:
        assert OFF[bound][0] in sandbox.CHILD
        monkeypatch.setattr(sandbox, "CHILD", sandbox.CHILD.replace(*OFF[bound]))
    assert not run_confined(attack(name, ring, tmp_path, listener), ring.problems, memory=800 << 20).any()


@linux
@pytest.mark.skipif(as_root, reason="root may read all memory")
def test_the_servers_memory_is_closed_to_its_own_user(ring):
    with pytest.raises(PermissionError):
        open(f"/proc/{ring._server.pid}/mem", "rb")


def test_sleeping_ends_with_the_time(problems):
    started = time.monotonic()
    with pytest.raises(SubmissionError, match="more than 1.5 s"):
        run_confined("import time\ndef method(weak, inputs, model): time.sleep(60)", problems, seconds=1.5)
    assert time.monotonic() - started < 20


@linux
def test_processor_time_ends_before_the_clock(problems):
    header = {
        "source": "def method(*_):\n    while True: pass",
        "method": "method",
        "keywords": {},
        "memory": 1 << 30,
        "seconds": 1,
        "total": 1,
        "seed": 0,
    }
    with pytest.raises(SubmissionError, match="1 s of processor time"):
        sandbox._child(header, problems[0], 60)


@linux
def test_what_a_submission_has_started_dies_with_it(problems, tmp_path, monkeypatch):
    for bound in ("processes", "lock", "nobody", "calls"):
        monkeypatch.setattr(sandbox, "CHILD", sandbox.CHILD.replace(*OFF[bound]))
    beats = tmp_path / "beats"
    source = f"""
import os, time
def method(weak, inputs, model):
    if os.fork() == 0:
        while True:
            open({str(beats)!r}, "a").write("."); time.sleep(0.05)
    time.sleep(0.5)
    return np.zeros(len(inputs.test))"""
    run_confined(source, problems[:1])
    time.sleep(0.2)
    size = beats.stat().st_size
    time.sleep(0.3)
    assert size and beats.stat().st_size == size


def test_the_environment_is_empty_and_labels_are_in_none_of_it(ring, monkeypatch):
    monkeypatch.setenv("W2S_SECRET", "1")
    source = """
import os, sys
def method(weak, inputs, model):
    sees = "W2S_SECRET" in os.environ or "w2s_kit" in sys.modules or len(sys.argv) > 1
    return np.full(len(inputs.test), sees)"""
    assert not run_confined(source, ring.problems).any()
    assert set(vars(ring.problems[0])) == {"weak", "train", "test", "weak_test"}
    held = b"".join(a.tobytes() for p in ring.problems for a in vars(p).values())
    for seed in range(5):  # the notebook's own process has no truth of any dtype that it was made in
        assert (
            toy(seed).truth.tobytes() not in held and toy(seed).truth.astype(np.uint8).tobytes() not in held
        )


def test_patching_the_scorer_changes_nothing(ring, monkeypatch):
    patched = """
import builtins, sys
def method(weak, inputs, model):
    main = sys.modules["__main__"]
    main.accuracy = main.score = builtins.sum = lambda *a, **k: 10 ** 6
    np.mean = lambda *a, **k: 10 ** 6
    return (inputs.test[:, 0] > 0)"""
    honest = [p.test[:, 0] > 0 for p in ring.problems]
    assert ring.submit(patched, "patched") == pytest.approx(ring.score(np.array(honest)))
    assert abs(ring.score(np.array(honest))) < 5
    monkeypatch.setattr(np, "mean", np.mean)  # to be put back
    exec(patched, scope := {"np": np})
    monkeypatch.setattr("builtins.sum", sum)
    board = Board([toy(seed) for seed in range(5)], ladder=None, secret=0)
    assert abs(board.both(run_here(scope["method"], ring.problems))[0]) > 1e6 or np.isnan(
        board.both(np.array(honest))[0]
    ), "in this process it would"
    monkeypatch.undo()
    with pytest.raises(SubmissionError, match="bytes of its own"):
        run_confined(
            "import sys\nsys.modules['__main__'].answer = lambda *a: b'\\x07' * 300\n"
            "def method(w, i, m): return np.zeros(len(i.test))",
            ring.problems,
        )


@pytest.mark.parametrize(
    "source, message",
    [
        ("def method(weak, inputs, model): return np.zeros(3)", "0 or 1 for each of the 300 test inputs"),
        ("def method(weak, inputs, model): return np.full(len(inputs.test), 0.5)", "0 or 1"),
        ("def method(weak, inputs, model): return 1 / 0", "ZeroDivisionError"),
        ("method = ", "SyntaxError"),
        ("x = 1", "KeyError: 'method'"),
        ("import os\ndef method(weak, inputs, model): os._exit(3)", "ended with code 3"),
        ("import os\ndef method(weak, inputs, model): os._exit(0)", "wrote 0 bytes"),
    ],
)
def test_a_submission_that_fails_is_told_why(source, message, problems):
    with pytest.raises(SubmissionError, match=message):
        run_confined(source, problems)


@linux
def test_an_entry_sees_the_seed_that_it_answers_and_no_other(problems):
    """F4: it looks through all that the process holds for the inputs of the others."""
    source = """
import gc
def method(weak, inputs, model):
    held = gc.get_objects()
    held += [v for o in held if isinstance(o, dict) for v in list(o.values())]
    held += [v for o in held if hasattr(o, "__dict__") for v in list(vars(o).values())]
    arrays = [a for a in held if isinstance(a, np.ndarray)]
    found = {a[:1].tobytes() for a in arrays if a.shape == inputs.test.shape and a.dtype == inputs.test.dtype}
    return np.full(len(inputs.test), len(found) > 1)"""
    assert not run_confined(source, problems).any()


@linux
@pytest.mark.parametrize("end, message", [("", ""), ("os.write(2, b'its words'); os._exit(1)", "its words")])
def test_an_entry_cannot_keep_the_organiser_from_reading_its_answers(end, message, problems):
    """They share what is set on an open file: read with O_DIRECT, an answer of odd length is an error."""
    if missing := sandbox.missing_bounds():
        pytest.skip(f"this machine cannot forbid: {', '.join(missing)}")
    source = f"""
import atexit, fcntl, os
@atexit.register
def hinder():
    for file in range(9):
        try: fcntl.fcntl(file, fcntl.F_SETFL, fcntl.fcntl(file, fcntl.F_GETFL) | os.O_DIRECT)
        except OSError: pass
def method(weak, inputs, model):
    if {bool(end)}: hinder(); {end or "pass"}
    return np.zeros(len(inputs.test))"""
    if not end:
        assert not run_confined(source, problems).any()
    else:
        with pytest.raises(SubmissionError, match=message):
            run_confined(source, problems)


@linux
def test_an_entry_may_use_scikit_learn(problems):
    """Also where packages are installed that it may not read, and which libraries try to import."""
    source = """
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
def method(weak, inputs, model):
    try:
        import pandas
    except ModuleNotFoundError:
        KMeans(2, n_init=1).fit(inputs.train)
        return LogisticRegression().fit(inputs.train, weak > 0.5).predict(inputs.test)"""
    assert run_confined(source, problems[:1], seconds=120).any()


@linux
def test_nothing_is_left_for_the_next_seed_or_entry(problems):
    """F3: shared memory, in two kinds, and files."""
    if missing := sandbox.missing_bounds():
        pytest.skip(f"this machine cannot forbid: {', '.join(missing)}")
    leave = """
import ctypes, mmap, os
def method(weak, inputs, model):
    libc = ctypes.CDLL(None)
    kept = libc.shmget(4711, 1 << 20, 0o1666) != -1
    try:
        kept = kept or libc.memfd_create(b"x", 0) != -1
        open("/dev/shm/left", "w"); kept = True
    except OSError:
        pass
    return np.full(len(inputs.test), kept)"""
    assert not run_confined(leave, problems).any()


# ---------------------------------------------------------------------------------------------------- methods
def test_the_head_is_the_logistic_regression_of_scikit_learn():
    from sklearn.linear_model import LogisticRegression

    drawn = toy(0)
    x, y, weights = (
        drawn.problem.train,
        (drawn.problem.weak > 0.5).astype(int),
        np.random.default_rng(0).random(200),
    )
    for C in (1e-3, 0.1, 10.0):
        mine = confined.Model().fit(x, y, weights, C)(drawn.problem.test)
        theirs = (
            LogisticRegression(C=C, tol=1e-10, max_iter=10_000)
            .fit(x, y, sample_weight=weights)
            .predict_proba(drawn.problem.test)[:, 1]
        )
        assert mine == pytest.approx(theirs, abs=1e-4)
    soft = confined.Model().fit(x, drawn.problem.weak)(x)  # a soft target is both labels, weighted
    both = LogisticRegression(C=0.1, tol=1e-10, max_iter=10_000).fit(
        np.r_[x, x], np.repeat([1, 0], 200), sample_weight=np.r_[drawn.problem.weak, 1 - drawn.problem.weak]
    )
    assert soft == pytest.approx(both.predict_proba(x)[:, 1], abs=1e-4)
    with pytest.raises(ValueError, match="one of each an example"):
        confined.Model().fit(x, y[:-1])


@pytest.mark.parametrize(
    "knobs",
    [{}, {"soft": True, "keep": 0.5, "C": 0.01}, {"rounds": 2, "own": True, "components": 4}, {"share": 0.8}],
)
def test_a_child_answers_as_this_process_does(problems, knobs):
    assert (run_confined(recipe, problems, **knobs) == run_here(recipe, problems, **knobs)).all()


def test_the_search_starts_plain_and_changes_the_best():
    score = lambda knobs: -abs(np.log10(knobs["C"]) + 3) + knobs["keep"]
    tried = search(score, 60, np.random.default_rng(0), [{"keep": 0.5}])
    assert tried[0][0] == NAIVE and tried[1][0] == {**NAIVE, "keep": 0.5} and len(tried) == 60
    assert max(s for _, s in tried) == 1.0 and all(knobs[k] in KNOBS[k] for knobs, _ in tried for k in knobs)
    assert tried == search(score, 60, np.random.default_rng(0), [{"keep": 0.5}])


def test_stored_results_are_measured_again():
    stored = pd.read_csv(ROOT / "results" / "arena.csv").query("seed == 100").set_index("what")
    board = Board(drawn := [miniworld(seed) for seed in range(500, 505)], ladder=None, secret=100)
    found = stored.loc["searched"]
    knobs = {name: int(found[name]) if name in ("rounds", "components") else found[name] for name in KNOBS}
    for what, settings in (
        ("naive", NAIVE),
        (
            "searched",
            {**knobs, "soft": knobs["soft"] in (True, "True"), "own": knobs["own"] in (True, "True")},
        ),
    ):
        assert board.both(run_here(recipe, [d.problem for d in drawn], **settings)) == pytest.approx(
            stored.loc[what, ["public", "private"]].tolist(), abs=0.02
        )
    assert board.both(run_here(repaired, [d.problem for d in drawn])) == pytest.approx(
        stored.loc["coherence", ["public", "private"]].tolist(), abs=0.02
    )
