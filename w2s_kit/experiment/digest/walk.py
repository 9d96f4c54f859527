"""One walk over values: short ones stand for themselves, all others get a number and a line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any


class Unnamed(ValueError):
    """A method uses something that no key can name for certain."""


def unnamed(value: Any, where: str, why: str) -> Unnamed:
    """The error for a `value` that cannot be named; `where` says by which variable it was reached."""
    shown = " ".join(repr(value).split())
    shown = shown if len(shown) < 80 else f"{shown[:77]}..."
    return Unnamed(
        f"{where} is {shown}, {why}. Nothing says for certain whether a stored run was made with the same. "
        "Use plain values, arrays and functions, or name the method yourself, and change that name whenever "
        'its results may change: key="..."'
    )


class Walk:
    """What a walk over values has met so far.

    lines: the texts of values that have a number, in the order in which their descriptions were complete. A
    value that is met a second time is called by its number, so that circles come to an end.
    short: a function of (value, where, walk). It returns the text of a value that needs no number, or None.
    long: a function of (value, where, walk). It returns the text of a value's line.
    where: in messages only, the path to the value in words: "method: RATES['small']".
    """

    def __init__(self, short: Callable[[Any, str, Walk], str | None], long: Callable[[Any, str, Walk], str]):
        self.lines: list[str] = []
        self._short, self._long = short, long
        self._numbers: dict[int, str] = {}
        self._kept: list[Any] = []  # an object that is gone could give its id to another one

    def token(self, value: Any, where: str) -> str:
        """A text that says what `value` is: itself where it is short, else the number of its line."""
        if (text := self._short(value, where, self)) is not None:
            return text
        if id(value) not in self._numbers:
            self._numbers[id(value)] = number = f"#{len(self._numbers)}"
            self._kept.append(value)
            self.lines.append(f"{number} = {self._long(value, where, self)}")
        return self._numbers[id(value)]

    def items(self, values: Iterable, where: str) -> str:
        """The tokens of `values`, in their order."""
        return f"[{', '.join(self.token(value, f'{where}[{i}]') for i, value in enumerate(values))}]"

    def mapping(self, values: Mapping, where: str) -> str:
        """The tokens of keys and values, in the mapping's order."""
        pairs = [
            (self.token(key, where), self.token(value, f"{where}[{key!r}]")) for key, value in values.items()
        ]
        return "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"

    def named(self, pairs: Iterable[tuple[str, Any]], where: str) -> str:
        """The tokens of variables or fields, (name, value), in this order."""
        return ", ".join(f"{name}: {self.token(value, f'{where}: {name}')}" for name, value in pairs)


def sorted_pairs(values: Mapping | None) -> tuple[tuple[str, Any], ...]:
    """(name, value) by name: for variables and fields, whose order means nothing."""
    return tuple(sorted((values or {}).items(), key=lambda pair: pair[0]))
