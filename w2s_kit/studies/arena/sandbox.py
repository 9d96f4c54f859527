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
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from . import confined
from .board import Problem
from .confined import answer

CHILD = inspect.getsource(confined)  # the program of a child; it has no file that it may read
#: What a submission may import beside the standard library.
PACKAGES = ("numpy", "scipy", "sklearn", "joblib", "threadpoolctl")


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
    return {"readable": [str(path) for path in paths if path.exists()], "listable": [str(library), *packages]}


def _inputs(header: Mapping, problems: Sequence[Problem]) -> bytes:
    """What a child reads: a line of JSON, then the arrays of the problems."""
    arrays = {
        f"{name}{i}": getattr(problem, name)
        for i, problem in enumerate(problems)
        for name in ("weak", "train", "test")
    }
    data = io.BytesIO()
    np.savez(data, **arrays)
    return json.dumps({**header, "problems": len(problems), **_files()}).encode() + b"\n" + data.getvalue()


def _child(header: Mapping, problems: Sequence[Problem], seconds: float) -> bytes:
    """Run a child, and return what it writes.

    Its standard streams are files without a name, so it can fill no pipe, and needs no folder.
    """
    environment = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    if os.name == "nt":
        environment["SYSTEMROOT"] = os.environ["SYSTEMROOT"]
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryFile() as inputs,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as errors,
    ):
        inputs.write(_inputs(header, problems))
        inputs.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-c", CHILD],
            stdin=inputs,
            stdout=out,
            stderr=errors,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise SubmissionError(f"stopped: it took more than {seconds:g} s") from None
        finally:
            with suppress(OSError, AttributeError):  # all of its process group; on Windows there is none
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            process.wait()
        out.seek(0)
        errors.seek(0)
        if process.returncode in (-9, -getattr(signal, "SIGXCPU", 9)):
            raise SubmissionError(
                f"stopped: it took more than {header['seconds']} s of processor time, "
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


@lru_cache(maxsize=1)
def missing_bounds() -> list[str]:
    """What this machine cannot forbid a submission, in words; empty on a recent Linux."""
    return json.loads(_child({"source": None, "memory": 1 << 30, "seconds": 60}, [], 60))


def run_confined(
    method: Callable | str,
    problems: Sequence[Problem],
    seconds: float = 30,
    memory: int = 1 << 30,
    **keywords,
) -> np.ndarray:
    """The answers (problems, m) of somebody else's `method`, in a child.

    `method` is a function, or the text of a module that defines `method`. It runs as text: what it needs, it
    imports itself. `seconds` bound both clock and processor, `memory` its address space in bytes. Raises
    SubmissionError.
    """
    source = textwrap.dedent(inspect.getsource(method)) if callable(method) else method
    header = {
        "source": source,
        "method": method.__name__ if callable(method) else "method",
        "keywords": keywords,
        "memory": memory,
        "seconds": math.ceil(seconds),
    }
    output, shape = _child(header, problems, seconds), (len(problems), len(problems[0].test))
    if len(output) != math.prod(shape) or not set(output) <= {0, 1}:
        raise SubmissionError(
            f"wrote {len(output)} bytes of its own; answers are {math.prod(shape)} times 0 or 1"
        )
    return np.frombuffer(output, np.uint8).reshape(shape)


def run_here(method: Callable, problems: Sequence[Problem], **keywords) -> np.ndarray:
    """The same answers without a child: faster, and for code that you trust."""
    return np.array([answer(method, problem, seed, keywords) for seed, problem in enumerate(problems)])
