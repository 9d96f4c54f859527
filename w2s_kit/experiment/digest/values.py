"""What data is, in words: numbers, containers, arrays, tables and objects, by their content."""

from __future__ import annotations

import contextlib
import datetime
import decimal
import enum
import hashlib
import logging
import operator
import random
import re
import types
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from .definitions import BOOKKEEPING
from .syntax import KIT
from .walk import Walk, sorted_pairs, unnamed

_PLAIN = (types.NoneType, bool, int, float, complex, str, bytes, type(...), range, slice)
_BY_TEXT = (
    torch.dtype,
    torch.device,
    torch.Size,
    np.dtype,
    datetime.date,
    datetime.time,
    datetime.timedelta,
    datetime.timezone,
    decimal.Decimal,
)
_TABLES = (pd.DataFrame, pd.Series, pd.Index)


def short(value: Any, where: str, walk: Walk) -> str | None:
    """The text of a value that needs no number: a plain one, a tuple, or an array. None for all others."""
    if type(value) in _PLAIN or isinstance(value, _BY_TEXT):
        return f"{type(value).__name__} {value!r}"
    if type(value) is tuple:  # equal tuples may be one object or two, so they have no number
        return f"tuple {walk.items(value, where)}"
    if isinstance(value, _TABLES):
        return _table(value, where)
    if isinstance(value, torch.Tensor):
        return _tensor(value, where)
    if isinstance(value, (np.ndarray, np.generic)):
        return _array(value, where, walk)
    return None


def described(value: Any, where: str, walk: Walk) -> str | None:
    """The line of a container, or of an object whose class is known; None for all others."""
    match value:
        case enum.Enum():
            content = walk.token(value.value, where)
            return f"member {value.name} {content} of {walk.token(type(value), where)}"
        case list() | tuple() | dict() | types.MappingProxyType() | set() | frozenset():
            return _container(value, where, walk)
        case re.Pattern():
            return f"pattern {value.pattern!r} {value.flags}"
        case Path():
            return f"path {(value.relative_to(KIT) if value.is_relative_to(KIT) else value).as_posix()}"
        case operator.itemgetter() | operator.attrgetter() | operator.methodcaller():
            return f"getter {walk.token(value.__reduce__(), where)}"
        case types.SimpleNamespace():
            return f"namespace {walk.named(sorted_pairs(vars(value)), where)}"
        case contextlib._GeneratorContextManager():  # its generator is made anew for each use
            manager: Any = value
            return f"context {walk.items((manager.func, manager.args, manager.kwds), where)}"
        case logging.Logger():  # it reports what happens, and computes nothing
            return f"logger {value.name}"
        case np.random.Generator():
            return f"random numbers {walk.mapping(value.bit_generator.state, where)}"
        case random.Random():
            return f"random numbers {value.getstate()}"
    return None


def fields_of(value: Any, where: str, walk: Walk) -> str:
    """The line of an object by its class and its fields. Raises Unnamed where it may hold more than these."""
    kind = type(value)
    if not _is_all_fields(value):
        raise unnamed(value, where, f"an object of {kind.__module__}.{kind.__qualname__}")
    slots = {
        name: getattr(value, name)
        for layer in kind.__mro__
        for name, member in vars(layer).items()
        if isinstance(member, types.MemberDescriptorType) and hasattr(value, name)
    }
    fields = _told({**slots, **getattr(value, "__dict__", {})})
    return f"object {walk.token(kind, where)} {walk.named(fields, where)}"


def _told(fields: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    """The fields that can change a result, (name, value) by name."""
    return sorted_pairs({name: content for name, content in fields.items() if name not in BOOKKEEPING})


def _container(value: Any, where: str, walk: Walk) -> str:
    if isinstance(value, (set, frozenset)):
        items = sorted(walk.token(item, where) for item in value)
        if any(item.startswith("#") for item in items):
            raise unnamed(value, where, "a set of objects, which has no certain order; make it a list")
        content = str(items)
    elif isinstance(value, (list, tuple)):
        content = walk.items(value, where)
    else:
        content = walk.mapping(value, where)
    if type(value) in (list, dict, set, frozenset, types.MappingProxyType):
        return f"{type(value).__name__} {content}"
    fields = {
        **getattr(value, "__dict__", {}),
        "default_factory": getattr(value, "default_factory", None),
    }
    return f"{walk.token(type(value), where)} {content} {walk.named(_told(fields), where)}"


def _table(value: Any, where: str) -> str:
    table = value if isinstance(value, pd.DataFrame) else value.to_frame()
    try:
        content = pd.util.hash_pandas_object(table).to_numpy()
    except TypeError as error:  # lists in cells
        raise unnamed(value, where, f"a table with cells that have no hash ({error})") from None
    return _hashed(value, (table.columns.tolist(), table.dtypes.astype(str).tolist()), content)


def _tensor(value: torch.Tensor, where: str) -> str:
    if value.layout != torch.strided:
        raise unnamed(value, where, "a sparse tensor; make it dense")
    flat = value.detach().cpu().contiguous().reshape(-1)
    content = (flat.view(torch.uint8) if flat.numel() else flat).numpy()  # NumPy knows no bfloat16
    return _hashed(value, (str(value.dtype), tuple(value.shape), value.requires_grad), content)


def _array(value: Any, where: str, walk: Walk) -> str:
    if isinstance(value, np.ma.MaskedArray):
        content = np.ma.getdata(value), np.ma.getmaskarray(value), value.fill_value
        return f"{type(value).__qualname__} {walk.items(content, where)}"
    about = repr(value.dtype) if value.dtype.names else value.dtype.str, value.shape
    if value.dtype.hasobject:
        return f"{type(value).__qualname__} {about} {walk.items(value.ravel().tolist(), where)}"
    return _hashed(value, about, np.ascontiguousarray(value))


def _hashed(value: Any, about: tuple, content: np.ndarray) -> str:
    return f"{type(value).__qualname__} {about} {hashlib.sha256(content.tobytes()).hexdigest()}"


def _is_all_fields(value: Any) -> bool:
    """Whether an object holds nothing beside its fields, as an object of a compiled class may do."""
    kind = type(value)
    if (
        any(not layer.__flags__ & 1 << 9 for layer in kind.__mro__[:-1])
        or isinstance(kind.__reduce__, types.MethodDescriptorType)
        and kind.__reduce__ is not object.__reduce__
    ):
        return False  # flag 9: the class was made while the program ran, as by a class statement
    try:
        object.__reduce_ex__(value, 2)  # Python's own look at the object's size
    except Exception:  # a compiled class says by any of them that it cannot be taken apart
        return False
    return True
