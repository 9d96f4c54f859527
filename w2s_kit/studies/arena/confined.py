"""What runs in the process of a submission: bounds first, then somebody else's code.

`sandbox` hands this file to a fresh Python as text, since a submission cannot read the kit's files. So it
imports nothing of the kit.
"""

from __future__ import annotations

import ctypes
import io
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

FILE_SIZE = 1 << 20  # bytes that a submission may write, answers and complaints each
NOBODY = 65_534  # the user that owns nothing, on Linux
READ_FILE, READ_DIR, CONNECT, SIGNAL = 1 << 2, 1 << 3, 1 << 1, 1 << 1  # of Linux's Landlock


class Model:
    """The strong model as a method meets it.

    Its body is frozen, and has become the features; its head can be fitted, as often as wanted. `rng` draws
    numbers.
    """

    def __init__(self, seed: int = 0):
        self.rng = np.random.default_rng(seed)

    def fit(self, features, targets, weights=None, C: float = 0.1) -> Callable[[np.ndarray], np.ndarray]:
        """Fit a logistic regression of features (n, width) on targets (n,), hard or soft.

        Returns a function of features to P(label 1). It minimises sum(weights * cross-entropy) +
        |head|² / 2C. Raises ValueError for lengths that differ.
        """
        x, y = np.asarray(features, float), np.asarray(targets, float)
        w = np.ones(len(y)) if weights is None else np.asarray(weights, float)
        if not len(x) == len(y) == len(w):
            raise ValueError(f"{len(x)} features, {len(y)} targets, {len(w)} weights: one of each an example")
        x = np.column_stack([x, np.ones(len(x))])
        penalty = np.append(np.full(x.shape[1] - 1, 1 / C), 1e-8)  # the intercept goes free
        head = np.zeros(x.shape[1])
        cost = lambda h: w @ (np.logaddexp(0, x @ h) - y * (x @ h)) + penalty @ h**2 / 2
        for _ in range(50):  # Newton's method; half a step where a whole one leads uphill
            p = 1 / (1 + np.exp(-np.clip(x @ head, -500, 500)))
            slope = x.T @ (w * (p - y)) + penalty * head
            step = np.linalg.solve((x * (w * p * (1 - p))[:, None]).T @ x + np.diag(penalty), slope)
            while cost(head - step) > cost(head) + 1e-9 and abs(step).max() > 1e-9:
                step /= 2
            head = head - step
            if abs(step).max() < 1e-7:
                break
        return lambda z: 1 / (1 + np.exp(-np.clip(np.asarray(z, float) @ head[:-1] + head[-1], -500, 500)))


def answer(method: Callable, problem, seed: int, keywords: Mapping) -> np.ndarray:
    """The answers of `method` to the test inputs of `problem` (weak, train, test): (m,) 0 or 1.

    Raises ValueError for anything else.
    """
    answers = method(
        problem.weak.copy(),
        SimpleNamespace(train=problem.train.copy(), test=problem.test.copy()),
        Model(seed),
        **keywords,
    )
    answers, shape = np.asarray(answers), (len(problem.test),)
    if answers.shape != shape or answers.dtype.kind not in "buif" or not np.isin(answers, (0, 1)).all():
        raise ValueError(
            f"a method returns 0 or 1 for each of the {shape[0]} test inputs; "
            f"this one returns {answers.dtype} of shape {answers.shape}"
        )
    return answers.astype(np.uint8)


def confine(memory: int, seconds: int, readable: Sequence[str], listable: Sequence[str] = ()) -> list[str]:
    """Bound this process for good; returns, in words, the bounds that this machine does not have."""
    missing = []
    try:
        import resource

        def bound(name, value, what):
            try:
                resource.setrlimit(getattr(resource, name), (value, value))
            except (AttributeError, ValueError, OSError):
                missing.append(what)
    except ImportError:  # Windows
        return [
            "memory",
            "processor time",
            "size of files",
            "number of processes",
            "files that it can open",
            "other processes' memory",
            "signals to other processes",
            "TCP connections",
        ]
    bound("RLIMIT_CORE", 0, "core dumps")
    bound("RLIMIT_AS", memory, "memory")
    if sys.platform == "darwin" and "memory" not in missing:
        missing.append("memory")  # macOS takes the limit, and does not keep it
    bound("RLIMIT_CPU", seconds, "processor time")
    bound("RLIMIT_FSIZE", FILE_SIZE, "size of files")
    unlocked = landlock(readable, listable)
    missing += unlocked
    if os.getuid() == 0 and not become_nobody(may_read=not unlocked):
        missing.append("number of processes (root may start any number)")
    bound("RLIMIT_NPROC", 0, "number of processes")
    return missing


def become_nobody(may_read: bool) -> bool:
    """Give up being root, whom no limit on processes holds; returns whether it went well.

    may_read: keep one right of root's, to read (Python itself may stand in a folder of root's), where
    Landlock says what.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        libc.prctl(8, 1, 0, 0, 0)  # PR_SET_KEEPCAPS
        os.setgroups([])
        os.setresgid(*[NOBODY] * 3)
        os.setresuid(*[NOBODY] * 3)
        right = (1 << 2) * may_read  # CAP_DAC_READ_SEARCH
        return (
            libc.capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(right, right, 0, 0, 0, 0))
            == 0
        )
    except (AttributeError, OSError):
        return False


def landlock(readable: Sequence[str], listable: Sequence[str] = ()) -> list[str]:
    """Let this process open `readable` and no other file; returns what could not be forbidden.

    Of `listable` folders it sees the names. It cannot read another process's memory. Later kernels also
    forbid signals to other processes (6.12), and TCP (6.7).
    """
    files = ["files that it can open", "other processes' memory"]
    rest = ["signals to other processes", "TCP connections"]
    if not sys.platform.startswith("linux"):
        return files + rest
    libc = ctypes.CDLL(None, use_errno=True)
    number = lambda value: ctypes.c_long(value)
    version = libc.syscall(number(444), None, number(0), number(1))
    if version < 1:
        return files + rest
    # all that this version knows to forbid
    handled = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    rules = (ctypes.c_uint64 * 3)(handled, CONNECT | 1, SIGNAL | 1)
    ruleset = libc.syscall(
        number(444), rules, number(8 if version < 4 else 16 if version < 6 else 24), number(0)
    )
    if ruleset < 0:
        return files + rest

    class Beneath(ctypes.Structure):
        _pack_ = 1
        _fields_ = [("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32)]

    for path, allowed in [
        *((path, READ_FILE | READ_DIR) for path in readable),
        *((path, READ_DIR) for path in listable),
    ]:
        try:
            opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        rule = Beneath(allowed if os.path.isdir(path) else READ_FILE, opened)
        libc.syscall(number(445), number(ruleset), number(1), ctypes.byref(rule), number(0))
        os.close(opened)
    # no new privileges: without it Landlock is for root only
    libc.prctl(38, number(1), number(0), number(0), number(0))
    if libc.syscall(number(446), number(ruleset), number(0)) != 0:
        return files + rest
    os.close(ruleset)
    return [what for what, since in zip(rest, (6, 4)) if version < since]


def main() -> None:
    """The child's program: reads a job from standard input, closes itself in, and answers.

    The job is a line of JSON with the bounds and the source, then the arrays of all problems as .npz. A job
    without a source asks only which bounds are missing here. The answers are bytes, one a test input.
    """
    header = json.loads(sys.stdin.buffer.readline())
    arrays = np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
    problems = [
        SimpleNamespace(**{name: arrays[f"{name}{i}"] for name in ("weak", "train", "test")})
        for i in range(header["problems"])
    ]
    out = os.dup(1)
    os.dup2(2, 1)  # what a submission prints stands with its errors
    missing = confine(header["memory"], header["seconds"], header["readable"], header["listable"])
    if header["source"] is None:
        os.write(out, json.dumps(missing).encode())
        return
    scope: dict[str, Any] = {"np": np, "__name__": "submission"}
    exec(compile(header["source"], "submission.py", "exec"), scope)
    answers = [
        answer(scope[header["method"]], problem, seed, header["keywords"])
        for seed, problem in enumerate(problems)
    ]
    os.write(out, b"".join(map(bytes, answers)))


if __name__ == "__main__":
    main()
