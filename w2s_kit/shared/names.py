"""Helpful errors for names that are not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(what: str, name: str, known: Iterable[str]) -> str:
    """The message for an unknown `name`: what was meant, most likely, and what there is."""
    known = list(known)
    close = difflib.get_close_matches(str(name), known, n=1, cutoff=0.4)
    hint = f"; did you mean {close[0]!r}?" if close else "."
    return f"unknown {what} {name!r}{hint} Known: {', '.join(known)}"
