"""A submission in a container of docker or podman, in place of a process of its own: `--container IMAGE`.

What runs in it, and what is said to it, is the same. The image has to hold the kit, with
`pip install 'w2s_kit[notebooks]'`; the Dockerfile of this repository makes one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import IO

from ..shared.cage.bounds import NOBODY
from ..shared.cage.start import LOADER

ENGINES = ("docker", "podman")
PROCESSES = 256  # threads count, too
SECONDS_TO_ANSWER = 30  # an engine may be starting
WORDS = 2000  # of what it says besides its replies: kept for the case that it does not start


def engine() -> str:
    """The engine that answers here, docker first. Raises ValueError where none does, with what it said."""
    silent = ""
    for name in ENGINES:
        if path := shutil.which(name):
            try:
                _ask(path)
            except (OSError, subprocess.SubprocessError, RuntimeError) as error:
                silent += f"; {name} is there and does not answer: {error}"
            else:
                return name
    raise ValueError(f"--container needs {' or '.join(ENGINES)}{silent or ', and neither is on PATH here'}")


@lru_cache  # of those that answered alone: a daemon that was started meanwhile is found
def _ask(path: str) -> None:
    """Raises RuntimeError, OSError or SubprocessError for an engine that cannot be used.

    A docker without its daemon is common: Docker Desktop that is not running, or a client alone.
    """
    asked = subprocess.run(
        [path, "info"], capture_output=True, text=True, errors="replace", timeout=SECONDS_TO_ANSWER
    )
    if asked.returncode:
        lines = asked.stderr.strip().splitlines() or [f"code {asked.returncode}"]
        raise RuntimeError(lines[-1][:300])


def command(image: str, name: str, folder: Path, environment: Mapping[str, str], memory: int) -> list[str]:
    """The command that starts a fresh Python in a container `name` of the `image`.

    It has no network and no rights, and it sees of this machine the `folder` of the submission alone, under
    the same path. memory: bytes. Raises ValueError where there is no engine.
    """
    with_engine, user = engine(), (os.getuid(), os.getgid()) if hasattr(os, "getuid") else (NOBODY, NOBODY)
    user = user if user[0] else (NOBODY, NOBODY)
    return [
        *(with_engine, "run", "--rm", "--interactive", "--name", name, "--network", "none"),
        *("--read-only", "--tmpfs", "/tmp:size=256m", "--cap-drop", "ALL"),
        *("--security-opt", "no-new-privileges", "--pids-limit", str(PROCESSES), "--memory", str(memory)),
        *("--log-driver", "none", "--user", f"{user[0]}:{user[1]}"),
        *(("--userns", "keep-id") if with_engine == "podman" and user[0] != NOBODY else ()),
        *("--volume", f"{folder}:{folder}:z", "--workdir", str(folder)),
        *(part for key, value in environment.items() for part in ("--env", f"{key}={value}")),
        *("--entrypoint", "python", image, "-I", "-B", "-c", LOADER),
    ]


def start_in(
    image: str, name: str, folder: Path, environment: Mapping[str, str], memory: int, words: IO[bytes]
) -> tuple[subprocess.Popen, threading.Thread]:
    """Start a container: the engine's process, and a thread that keeps the end of what it says in `words`.

    Raises ValueError where there is no engine.
    """
    text = command(image, name, folder, environment, memory)
    pipe = subprocess.PIPE
    process = subprocess.Popen(text, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True)

    def keep():
        # a file that all of it went into would fill the disk
        last = b""
        while chunk := process.stderr.read1(1 << 16):  # type: ignore[union-attr]
            last = (last + chunk)[-WORDS:]
            words.seek(0)
            words.truncate()
            words.write(last)
            words.flush()

    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    return process, keeper


def end_in(name: str) -> None:
    """End a container, at once; nothing where it is gone. Killing the engine's command would leave it."""
    with_engine = engine()
    subprocess.run([with_engine, "kill", name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
