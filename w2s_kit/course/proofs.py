"""Cells whose results are known outside: who answers for a test without running it, answers these wrongly.

A submission runs in one process with its tests, so it can make that process say that a test passed. It
cannot as easily tell the test from a cell like it that has to fail.
"""

from __future__ import annotations

import ast
import secrets
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from .cell_replies import Cell, Ran

FORGED = "it answered for a test that was not run, or not as it is written"


@dataclass
class Proof:
    """A cell, and what its result may not be.

    Fields:

        cell         it has the name of a test, and holds its text in a part that never runs
        is_forged    whether a result cannot be that of this cell; an error of another kind is no proof
    """

    cell: Cell
    is_forged: Callable[[Ran], bool]


def proofs(test: Cell) -> list[Proof]:
    """A cell that fails and a cell that gives a number, in an order of chance, each like the `test`."""
    try:
        ast.parse(within := f"if {secrets.randbelow(10**6)} < 0:\n{textwrap.indent(test.source, '    ')}\n")
    except SyntaxError:  # a line for IPython in it, or a text over several lines
        within = ""
    word, number = secrets.token_hex(8), secrets.randbelow(10**6) + 1
    fails = secrets.choice(
        [
            f"assert {number} == {number + 1}, '{word}'",
            f"raise NotImplementedError('{word}')",
            f"raise NameError('{word}')",
        ]
    )
    made = [
        Proof(Cell("staff", test.name, within + fails), lambda ran: ran.ok),
        Proof(
            Cell("staff", test.name, f"{within}{number} + 0.5"),
            lambda ran: ran.ok and ran.value != number + 0.5,
        ),
    ]
    return made if secrets.randbelow(2) else made[::-1]
