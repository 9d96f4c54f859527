"""What a stored run depends on, put into a name: code by its meaning, and values by their content.

A run may come out of the store only for the question that it was made for. So its key names the code that it
runs through. `digest(function, ...)` follows a function to all that can change its result, to any depth:

    its syntax          without docstrings, comments, annotations, imports, file names, the words of errors
    the names it uses   functions, classes and constants of this kit and of your own code, by what they are
    what it carries     defaults, variables of a closure, arguments of a partial, fields of an object

A comment, another layout, another file or another name of a function leave the digest as it is. Another
constant does not. Of Python's own library and of installed packages, the names count, but neither their code
nor their version.

Some things cannot be named for certain, such as an open file, a generator or an object of a compiled class.
They raise `Unnamed`, with the name of the variable and the remedy.

joblib.hash and cloudpickle were tried first. Both name code by its bytecode, with line numbers and file
names, so one cell of a notebook has another name in each kernel.

`walk` numbers what is met, `definitions` describes functions and classes, `values` describes data, and
`syntax` reads the source of a function.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import Any

from . import definitions, values
from .walk import Unnamed, Walk

__all__ = ["Unnamed", "changed", "digest"]


def digest(*meant: Any) -> str:
    """The name of what the values `meant` mean, code and data: 16 hexadecimal digits.

    It is the same in every process. Raises Unnamed for a value that cannot be named for certain.
    """
    walk = Walk(values.short, _line)
    tokens = [walk.token(value, getattr(value, "__name__", type(value).__name__)) for value in meant]
    return hashlib.sha256("\n".join([*walk.lines, *tokens]).encode()).hexdigest()[:16]


def changed(record: Any, before: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the dataclass `record` whose values are not the ones that they always had.

    before: for each field, the value at which it says nothing. A field that is not in `before` is a new one,
    and says nothing at its default. So a new setting changes no old key, and a changed default changes every
    key that it should.
    """
    silent = {field.name: before.get(field.name, field.default) for field in dataclasses.fields(record)}
    return {name: value for name, quiet in silent.items() if (value := getattr(record, name)) != quiet}


def _line(value: Any, where: str, walk: Walk) -> str:
    return (
        definitions.described(value, where, walk)
        or values.described(value, where, walk)
        or definitions.of_library(value)
        or values.fields_of(value, where, walk)
    )
