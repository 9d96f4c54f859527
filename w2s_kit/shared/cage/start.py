"""The outside of a cage: a fresh Python whose program comes as text, and its end."""

from __future__ import annotations

import inspect
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from types import ModuleType

from . import bounds, calls

LOADER = "import sys; exec(compile(sys.stdin.buffer.read(int(sys.stdin.buffer.readline())), 'child', 'exec'))"


def program(*modules: ModuleType) -> str:
    """The program of a child: the cage, then the texts of `modules`, joined, without imports of the kit.

    A child may not read the kit's files, and what runs in it should find nothing of the kit loaded. So none
    of these modules may use a name of the kit that is not in one of the others.
    """
    text = "\n".join(inspect.getsource(module) for module in (calls, bounds, *modules))
    return re.sub(r"^from (\.|__future__).*$", "", text, flags=re.MULTILINE)


def framed(text: str) -> bytes:
    """What a child reads first from its standard input: its program. The rest is the program's own."""
    data = text.encode()
    return b"%d\n" % len(data) + data


def start(environment: Mapping[str, str], **streams) -> subprocess.Popen:
    """A fresh Python that waits for its program (`framed`), in a session of its own.

    It has these variables of the `environment` alone, one thread for sums, and the streams and folder
    (`cwd`) that `subprocess.Popen` is given.
    """
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    variables = {name: "1" for name in threads} | dict(environment)
    if os.name == "nt":  # where libraries are found
        variables |= {name: os.environ[name] for name in ("SYSTEMROOT", "PATH") if name in os.environ}
    command = [sys.executable, "-I", "-B", "-c", LOADER]
    return subprocess.Popen(command, env=variables, start_new_session=True, **streams)


def end(process: subprocess.Popen) -> None:
    """Kill the process and its group, at once, and wait until it is gone."""
    with suppress(OSError, AttributeError):  # on Windows there are no groups
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
