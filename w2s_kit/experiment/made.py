"""What made a run: versions, the commit, the command and the time. It stands with the run's metrics."""

from __future__ import annotations

import platform
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path

PACKAGES = ("w2s_kit", "torch", "transformers", "numpy")


def made_now() -> dict[str, str]:
    """Versions of Python and packages, the kit's commit, the command, and the time (UTC), as texts.

    The commit is "" where the kit is no clone of its repository, and ends in "+" where files of the kit
    differ from it.
    """
    return {**_here(), "at": datetime.now(UTC).isoformat(timespec="seconds")}


@cache
def _here() -> dict[str, str]:
    versions = {name: _version(name) for name in PACKAGES}
    return {"python": platform.python_version(), **versions, "commit": _commit(), "command": _command()}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _commit() -> str:
    kit = Path(__file__).resolve().parents[1]
    git = lambda *words: subprocess.run(
        ["git", "-C", str(kit), *words], capture_output=True, text=True, check=True, timeout=10
    ).stdout.strip()
    try:
        if Path(git("rev-parse", "--show-toplevel")).resolve() != kit.parent:
            return ""  # installed into a folder of another repository
        return git("rev-parse", "--short=12", "HEAD") + (
            "+" if git("status", "--porcelain", "--", str(kit)) else ""
        )
    except (OSError, subprocess.SubprocessError):
        return ""


def _command() -> str:
    if "ipykernel" in sys.modules:
        return "a notebook"
    script = Path(sys.argv[0]) if sys.argv and sys.argv[0] not in ("", "-c") else Path("python")
    if script.name == "__main__.py":
        return shlex.join(["python", "-m", script.parent.name, *sys.argv[1:]])
    program = script.name
    return shlex.join([program, *sys.argv[1:]])
