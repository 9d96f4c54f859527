"""Which bounds hold on this machine: a caged child tries each."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import warnings
from functools import lru_cache
from pathlib import Path

from . import attempts
from .start import end, framed, program, start

MEMORY = 1 << 30
#: All that a cage bounds, in words, where everything holds.
BOUNDS = (
    *("processor time", "memory", "size of files", "number of processes", "files that it can open"),
    *("rights and dates of files", "other processes' memory", "signals to other processes"),
    *("limits and priority of other processes", "network", "memory that outlives it"),
    "rare calls of the kernel",
)


@lru_cache(maxsize=1)
def missing_bounds() -> list[str]:
    """What this machine cannot forbid other people's code, of BOUNDS; empty on a recent Linux.

    A child closes itself in and tries each, which takes two seconds, once a process. On macOS and Windows it
    is all of them: nothing is tried, and nothing holds that one should rely on. So it is, with a warning,
    where the child could not try.
    """
    if not sys.platform.startswith("linux"):
        return list(BOUNDS)
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryFile() as inputs,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as errors,
    ):
        file = Path(folder, "of_the_organiser")
        file.write_text("0")
        job = json.dumps({"memory": MEMORY, "file": str(file)}).encode() + b"\n"
        inputs.write(framed(program(attempts)) + job)
        inputs.seek(0)
        child = start({}, stdin=inputs, stdout=out, stderr=errors, cwd=folder)
        try:
            child.wait(20)
            spun = False
        except subprocess.TimeoutExpired:
            spun = True
        finally:
            end(child)
        out.seek(0)
        if not (said := out.read()):
            errors.seek(0)
            words = errors.read().decode(errors="replace").strip().splitlines()[-1:]
            warnings.warn(f"no bound could be tried here: the child said {words} and ended", stacklevel=2)
            return list(BOUNDS)
    return ["processor time"] * spun + json.loads(said)
