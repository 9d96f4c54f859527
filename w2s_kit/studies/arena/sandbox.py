"""A submission runs in a process of its own, with bounds on what it may read, use and take."""

from __future__ import annotations

import inspect
import io
import json
import math
import os
import signal
import subprocess
import sys
import sysconfig
import tempfile
import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ...shared.cage.start import end, framed, program, start
from ...shared.cage.tried import missing_bounds as missing_bounds  # what a cage does not hold here
from . import confined
from .board import Problem
from .confined import answer

CHILD = program(confined)  # the program of a child; it has no file that it may read
#: What a submission may import beside the standard library.
PACKAGES = ("numpy", "scipy", "sklearn", "joblib", "threadpoolctl", "narwhals")


class SubmissionError(RuntimeError):
    """A submission came to no answer: its own error, or a bound that it ran into."""


def _files() -> dict[str, list[str]]:
    """What a submission may read: the standard library, PACKAGES, and the system's shared libraries.

    Not the rest of site-packages, where the kit may be, with all that it takes to draw the same test again;
    Python only looks there for names.
    """
    library = Path(sysconfig.get_paths()["stdlib"])
    packages = [sysconfig.get_paths()[name] for name in ("purelib", "platlib")]
    paths = [path for path in library.iterdir() if path.name not in ("site-packages", "dist-packages")]
    for package in PACKAGES:
        spec = find_spec(package)
        for folder in map(Path, spec.submodule_search_locations or [spec.origin or ""] if spec else []):
            paths += [folder, folder.with_name(f"{folder.name}.libs"), folder.with_name("scikit_learn.libs")]
    paths += Path(sys.base_prefix, "lib").glob("*.so*")
    paths += map(Path, ("/lib", "/lib64", "/usr/lib", "/etc/ld.so.cache", "/dev/null", "/dev/urandom"))
    paths.append(Path("/proc/self/maps"))  # the child's own: threadpoolctl looks there for loaded libraries
    return {"readable": [str(path) for path in paths if path.exists()], "listable": [str(library), *packages]}


def _inputs(header: Mapping, problem: Problem) -> bytes:
    """What a child reads: its program, a line of JSON, then the arrays of its problem."""
    data = io.BytesIO()
    np.savez(data, **{name: getattr(problem, name) for name in ("weak", "train", "test")})
    return framed(CHILD) + json.dumps({**header, **_files()}).encode() + b"\n" + data.getvalue()


def _child(header: Mapping, problem: Problem, seconds: float) -> bytes:
    """Run a child, and return what it writes.

    Its standard streams are files without a name, so it can fill no pipe, and needs no folder.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryFile() as inputs,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as errors,
    ):
        inputs.write(_inputs(header, problem))
        inputs.seek(0)
        process = start({}, stdin=inputs, stdout=out, stderr=errors, cwd=folder)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise SubmissionError(f"stopped: it took more than {header['total']:g} s") from None
        finally:
            end(process)
        out.seek(0)
        errors.seek(0)
        if process.returncode in (-9, -getattr(signal, "SIGXCPU", 9)):
            raise SubmissionError(
                f"stopped: it took more than {header['total']:g} s of processor time, "
                "or the machine ran out of memory"
            )
        if process.returncode:
            if os.fstat(errors.fileno()).st_size >= confined.FILE_SIZE:
                raise SubmissionError(f"stopped: it printed more than {confined.FILE_SIZE >> 20} MB")
            lines = errors.read().decode(errors="replace").strip().splitlines()
            raise SubmissionError(
                "".join(filter(str.isprintable, lines[-1]))[:300]
                if lines
                else f"ended with code {process.returncode}, and said nothing"
            )
        return out.read(confined.FILE_SIZE)


def run_confined(
    method: Callable | str,
    problems: Sequence[Problem],
    seconds: float = 30,
    memory: int = 1 << 30,
    **keywords,
) -> np.ndarray:
    """The answers (problems, m) of somebody else's `method`, each problem in a child of its own.

    So a method sees one seed only, and nothing that it does for one reaches the next. `method` is a function,
    or the text of a module that defines `method`. It runs as text: what it needs, it imports itself.
    `seconds` bound clock and processor for all problems together, `memory` the address space in bytes. Raises
    SubmissionError.
    """
    source = textwrap.dedent(inspect.getsource(method)) if callable(method) else method
    name, last = method.__name__ if callable(method) else "method", time.monotonic() + seconds
    header = {"source": source, "method": name, "keywords": keywords, "memory": memory, "total": seconds}
    answers = []
    for seed, problem in enumerate(problems):
        left = max(last - time.monotonic(), 0.0)
        output = _child({**header, "seed": seed, "seconds": math.ceil(left) or 1}, problem, left)
        if len(output) != len(problem.test) or not set(output) <= {0, 1}:
            raise SubmissionError(
                f"wrote {len(output)} bytes of its own; answers are {len(problem.test)} times 0 or 1"
            )
        answers.append(np.frombuffer(output, np.uint8))
    return np.array(answers)


def run_here(method: Callable, problems: Sequence[Problem], **keywords) -> np.ndarray:
    """The same answers without a child: faster, and for code that you trust."""
    return np.array([answer(method, problem, seed, keywords) for seed, problem in enumerate(problems)])
