"""Helpful errors: for names that are not known, and for packages that are not there."""

from __future__ import annotations

import difflib
import os
import shlex
import shutil
import sys
from collections.abc import Iterable


def nearest(what: str, name: str, known: Iterable[str]) -> str:
    """The message for an unknown `name`: what was meant, most likely, and what there is."""
    known = list(known)
    close = difflib.get_close_matches(str(name), known, n=1, cutoff=0.4)
    hint = f"; did you mean {close[0]!r}?" if close else "."
    return f"unknown {what} {name!r}{hint} Known: {', '.join(known)}"


def pip(*wanted: str) -> str:
    """The command that installs what is wanted, as in pip("w2s_kit[lora]"), where this Python finds it.

    A `pip` of another environment would leave the error as it is.
    """
    return f"{here('pip')} install {shlex.join(wanted)}"


def here(tool: str) -> str:
    """What is typed to start `tool` of this environment, as in here("jupyter").

    Its name alone where the first one on the path is this environment's; else this Python, `-m` and the name.
    """
    bin_folder, first = os.path.dirname(sys.executable), shutil.which(tool)
    if first and os.path.dirname(first) == bin_folder:
        return tool
    near = sys.executable.startswith(os.path.join(os.getcwd(), ""))
    python = os.path.relpath(sys.executable) if near else sys.executable
    return f'"{python}" -m {tool}' if " " in python else f"{python} -m {tool}"
