"""What a stored run depends on, put into a name: code by its meaning, and values by their content.

A run may come out of the store only for the question that it was made for. So its key names the code that it
runs through. `digest(function, ...)` follows a function to all that can change its result, to any depth:

    its syntax          without docstrings, comments, annotations, imports, file names and the words of errors
    the names it uses   functions, classes and constants of this kit and of your own code, by what they are
    what it carries     defaults, the variables of a closure, the arguments of a partial, the fields of an
    object

A comment, another layout, another file or another name of a function leave the digest as it is; another
constant does not. Of Python's own library and of installed packages the names count, and not their code or
version.

What nothing names for certain, such as an open file, a generator or an object of a compiled class, raises
`Unnamed`, with the name of the variable and the remedy. joblib.hash and cloudpickle were tried first: both
name code by its bytecode, with line numbers and file names, so that one cell of a notebook has another name
in each kernel.
"""

from __future__ import annotations

import builtins
import contextlib
import dataclasses
import datetime
import decimal
import enum
import functools
import hashlib
import importlib.util
import logging
import operator
import random
import re
import sys
import types
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch

from .syntax import KIT, Unreadable, form, is_own

_MISSING = object()
_TupleField = type(vars(NamedTuple("One", [("field", int)]))["field"])  # what reads a field of a named tuple
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
_BUILTIN = (types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType, np.ufunc)
# Of a class, what Python or a decorator writes by itself and what says nothing about results.
_BOOKKEEPING = {
    "__module__",
    "__qualname__",
    "__doc__",
    "__dict__",
    "__weakref__",
    "__annotations__",
    "__annotate__",
    "__annotate_func__",
    "__annotations_cache__",
    "__conditional_annotations__",
    "__firstlineno__",
    "__static_attributes__",
    "__dataclass_fields__",
    "__dataclass_params__",
    "__match_args__",
    "__slots__",
    "__slotnames__",
    "__abstractmethods__",
    "_abc_impl",
    "__orig_bases__",
    "__parameters__",
    "_value2member_map_",
}


class Unnamed(ValueError):
    """A method uses something that no key can name for certain."""


def digest(*values: Any) -> str:
    """The name of what `values` mean, code and data: 16 hexadecimal digits, the same in every process.

    Raises Unnamed for a value that cannot be named for certain.
    """
    walk = _Walk()
    tokens = [walk.token(value, getattr(value, "__name__", type(value).__name__)) for value in values]
    return hashlib.sha256("\n".join([*walk.lines, *tokens]).encode()).hexdigest()[:16]


def changed(record: Any, before: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the dataclass `record` that do not stand where they always stood.

    before: for each field the value at which it says nothing. A field that is not in it, a new one, says
    nothing at its default. So a new setting changes no old key, and a changed default changes every key that
    it should.
    """
    silent = {field.name: before.get(field.name, field.default) for field in dataclasses.fields(record)}
    return {name: value for name, quiet in silent.items() if (value := getattr(record, name)) != quiet}


class _Walk:
    """One walk over values. What is met a second time is called by its number, so that circles come to an
    end.
    """

    def __init__(self):
        self.lines: list[str] = []
        self._numbers: dict[int, str] = {}
        self._kept: list[Any] = []  # an object that is gone could give its id to another one

    def token(self, value: Any, where: str) -> str:
        """A text that says what `value` is: itself where it is short, else the number of its line."""
        if type(value) in _PLAIN or isinstance(value, _BY_TEXT):
            return f"{type(value).__name__} {value!r}"
        if type(value) is tuple:  # equal tuples may be one object or two, so they have no number
            return f"tuple {self._items(value, where)}"
        if isinstance(value, (np.ndarray, np.generic, torch.Tensor, pd.DataFrame, pd.Series, pd.Index)):
            return self._array(value, where)
        if id(value) not in self._numbers:
            self._numbers[id(value)] = number = f"#{len(self._numbers)}"
            self._kept.append(value)
            self.lines.append(f"{number} = {self._described(value, where)}")
        return self._numbers[id(value)]

    def _described(self, value: Any, where: str) -> str:
        match value:
            case types.FunctionType() | functools._lru_cache_wrapper():
                return self._function(value, where)
            case type():
                return self._class(value, where)
            case functools.partial():
                return f"partial {self.token(value.func, where)} {self._items(value.args, where)} {self._mapping(value.keywords, where)}"
            case types.MethodType():
                return f"method {self.token(value.__func__, where)} of {self.token(value.__self__, where)}"
            case types.BuiltinFunctionType() if not isinstance(
                value.__self__, (types.ModuleType, types.NoneType)
            ):
                return f"method {value.__name__} of {self.token(value.__self__, where)}"
            case property():
                return f"property {self._items((value.fget, value.fset), where)}"
            case staticmethod() | classmethod():
                return f"{type(value).__name__} {self.token(value.__func__, where)}"
            case functools.cached_property():
                return f"cached {self.token(value.func, where)}"
            case types.ModuleType() if not is_own(getattr(value, "__file__", None)):
                return f"module {value.__name__}"
            case types.ModuleType():
                raise _unnamed(value, where, "a whole module; name the functions that are used")
            case enum.Enum():
                held = self.token(value.value, where)
                return f"member {value.name} {held} of {self.token(type(value), where)}"
            case list() | tuple() | dict() | types.MappingProxyType() | set() | frozenset():
                return self._container(value, where)
            case re.Pattern():
                return f"pattern {value.pattern!r} {value.flags}"
            case Path():
                return f"path {value.relative_to(KIT).as_posix() if value.is_relative_to(KIT) else value.as_posix()}"
            case operator.itemgetter() | operator.attrgetter() | operator.methodcaller():
                return f"getter {self.token(value.__reduce__(), where)}"
            case types.SimpleNamespace():
                return f"namespace {self._named(_pairs(vars(value)), where)}"
            case contextlib._GeneratorContextManager():  # its generator is made anew for each use
                made: Any = value
                return f"context {self._items((made.func, made.args, made.kwds), where)}"
            case logging.Logger():  # it tells what happens, and computes nothing
                return f"logger {value.name}"
            case np.random.Generator():
                return f"random numbers {self._mapping(value.bit_generator.state, where)}"
            case random.Random():
                return f"random numbers {value.getstate()}"
        if isinstance(value, _BUILTIN):
            return f"builtin {getattr(value, '__module__', None)}.{getattr(value, '__qualname__', value.__name__)}"
        module = sys.modules.get(getattr(value, "__module__", None) or "")
        name = getattr(value, "__name__", "")
        if module and not is_own(getattr(module, "__file__", None)) and getattr(module, name, None) is value:
            return f"library {module.__name__}.{name}"  # a function of another kind
        return self._object(value, where)

    def _container(self, value: Any, where: str) -> str:
        if isinstance(value, (set, frozenset)):
            items = sorted(self.token(item, where) for item in value)
            if any(item.startswith("#") for item in items):
                raise _unnamed(value, where, "a set of objects, which has no certain order; make it a list")
            held = str(items)
        else:
            held = (
                self._items(value, where) if isinstance(value, (list, tuple)) else self._mapping(value, where)
            )
        if type(value) in (list, dict, set, frozenset, types.MappingProxyType):
            return f"{type(value).__name__} {held}"
        fields = {
            **getattr(value, "__dict__", {}),
            "default_factory": getattr(value, "default_factory", None),
        }
        return f"{self.token(type(value), where)} {held} {self._named(_pairs(fields), where)}"

    def _items(self, values: Iterable, where: str) -> str:
        return f"[{', '.join(self.token(value, f'{where}[{i}]') for i, value in enumerate(values))}]"

    def _mapping(self, values: Mapping, where: str) -> str:
        pairs = [
            (self.token(key, where), self.token(value, f"{where}[{key!r}]")) for key, value in values.items()
        ]
        return "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"

    def _named(self, pairs: Iterable[tuple[str, Any]], where: str) -> str:
        return ", ".join(f"{name}: {self.token(value, f'{where}: {name}')}" for name, value in pairs)

    def _function(self, function: Any, where: str) -> str:
        code = getattr(function, "__code__", None)
        cells = (
            [
                (name, cell.cell_contents)
                for name, cell in zip(code.co_freevars, function.__closure__ or ())
                if _is_bound(cell)
            ]
            if code
            else []
        )
        if code is None or not is_own(code.co_filename):
            if hasattr(function, "__wrapped__"):  # by a decorator of a library
                about = code.co_qualname if code else type(function).__qualname__
                if hasattr(function, "registry") and hasattr(function, "dispatch"):  # by singledispatch
                    about += f" {self._mapping(function.registry, where)}"
                else:
                    about += self._of_library(cells, function.__wrapped__, where)
                return f"{about} around {self.token(function.__wrapped__, where)}"
            return f"function {function.__module__}.{function.__qualname__} {self._named(cells, where)}"
        try:
            text, references = form(function)
        except Unreadable as error:
            raise _unnamed(function, where, str(error)) from None
        outside = [self._reference(chain, function.__globals__, where) for chain in references]
        carried = self._named(
            [*cells, ("defaults", function.__defaults__), ("keywords", _pairs(function.__kwdefaults__))],
            where,
        )
        if own := {name: value for name, value in vars(function).items() if name != "__wrapped__"}:
            carried += f", attributes: {self._named(_pairs(own), where)}"
        return f"{text}\n{outside}\n{carried}"

    def _of_library(self, cells: list[tuple[str, Any]], wrapped: Any, where: str) -> str:
        """The variables of a library's decorator, such as its arguments, as far as they can be named."""
        named = []
        for name, held in cells:
            if held is not wrapped:
                with contextlib.suppress(Unnamed):
                    named.append(f" {name}: {self.token(held, where)}")
        return ",".join(named)

    def _reference(self, chain: tuple[str, ...], scope: dict, where: str) -> str:
        """What a dotted name in a function stands for: followed through modules as far as they go."""
        module, colon, root = chain[0].rpartition(":")
        rest, where = [*chain[1:]], f"{where}: {'.'.join([root or module, *chain[1:]])}"
        if colon:  # bound by an import inside the function
            rest = [root, *rest] if root else rest
            if not _is_ours(module, scope):
                return f"library {'.'.join([module, *rest])}"
            value = importlib.import_module(importlib.util.resolve_name(module, scope.get("__package__")))
        else:
            value = scope.get(root, vars(builtins).get(root, _MISSING))
        while isinstance(value, types.ModuleType) and rest:
            if not is_own(getattr(value, "__file__", None)):
                return f"library {value.__name__}.{'.'.join(rest)}"
            package, value = value, getattr(value, name := rest.pop(0), _MISSING)
            if value is _MISSING and colon and hasattr(package, "__path__"):  # a module not yet imported
                value = _module(f"{package.__name__}.{name}")
            if value is _MISSING:
                return f"unbound {'.'.join([name, *rest])}"
        if value is _MISSING:
            return f"unbound {'.'.join([root, *rest])}"
        return ".".join([self.token(value, where), *rest])

    def _class(self, kind: type, where: str) -> str:
        module = sys.modules.get(kind.__module__)
        if not (kind.__module__ == "__main__" or module is None or is_own(getattr(module, "__file__", None))):
            return f"class {kind.__module__}.{kind.__qualname__}"
        members = [
            (name, member)
            for name, member in vars(kind).items()
            if not (name in _BOOKKEEPING or _is_generated(member))
        ]
        if "__dataclass_fields__" in vars(kind):  # what its generated functions do follows from these
            made = [(it.name, it.init, it.compare, it.kw_only) for it in dataclasses.fields(kind)]
            params = vars(kind)["__dataclass_params__"]
            members.append(("fields", (*made, params.eq, params.order, params.frozen)))
        factories = [
            (f"factory of {field.name}", field.default_factory)
            for field in vars(kind).get("__dataclass_fields__", {}).values()
            if field.default_factory is not dataclasses.MISSING
        ]
        bases = [
            self.token(base, f"{where}: {base.__name__}") for base in kind.__bases__ if base is not object
        ]
        if type(kind) is not type:
            bases.append(self.token(type(kind), f"{where}: its metaclass"))
        return f"class {bases} {self._named([*sorted(members), *factories], where)}"

    def _object(self, value: Any, where: str) -> str:
        kind = type(value)
        if not _is_all_fields(value):
            raise _unnamed(value, where, f"an object of {kind.__module__}.{kind.__qualname__}")
        slots = {
            name: getattr(value, name)
            for layer in kind.__mro__
            for name, member in vars(layer).items()
            if isinstance(member, types.MemberDescriptorType) and hasattr(value, name)
        }
        fields = {
            name: held
            for name, held in {**slots, **getattr(value, "__dict__", {})}.items()
            if name not in _BOOKKEEPING
        }
        return f"object {self.token(kind, where)} {self._named(_pairs(fields), where)}"

    def _array(self, value: Any, where: str) -> str:
        """Arrays, tensors and tables: their kind, shape and content."""
        if isinstance(value, (pd.DataFrame, pd.Series, pd.Index)):
            table = value if isinstance(value, pd.DataFrame) else value.to_frame()
            try:
                content = pd.util.hash_pandas_object(table).to_numpy()
            except TypeError as error:  # lists in cells
                raise _unnamed(value, where, f"a table with cells that have no hash ({error})") from None
            about = table.columns.tolist(), table.dtypes.astype(str).tolist()
        elif isinstance(value, torch.Tensor):
            if value.layout != torch.strided:
                raise _unnamed(value, where, "a sparse tensor; make it dense")
            flat = value.detach().cpu().contiguous().reshape(-1)
            content = (flat.view(torch.uint8) if flat.numel() else flat).numpy()  # NumPy knows no bfloat16
            about = str(value.dtype), tuple(value.shape), value.requires_grad
        elif isinstance(value, np.ma.MaskedArray):
            held = np.ma.getdata(value), np.ma.getmaskarray(value), value.fill_value
            return f"{type(value).__qualname__} {self._items(held, where)}"
        else:
            dtype = repr(value.dtype) if value.dtype.names else value.dtype.str
            content, about = np.ascontiguousarray(value), (dtype, value.shape)
            if value.dtype.hasobject:
                return f"{type(value).__qualname__} {about} {self._items(value.ravel().tolist(), where)}"
        return f"{type(value).__qualname__} {about} {hashlib.sha256(content.tobytes()).hexdigest()}"


def _pairs(values: Mapping | None) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted((values or {}).items(), key=lambda pair: pair[0]))


def _is_bound(cell: Any) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:
        return False


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return _MISSING


def _is_ours(module: str, scope: dict) -> bool:
    """Whether a module that a function imports is of this kit or of the user's own code. It is not imported
    for that.
    """
    top = module.partition(".")[0]
    if module.startswith("."):
        return is_own(scope.get("__file__"))
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        spec = None
    return spec is not None and spec.origin not in (None, "built-in", "frozen") and is_own(spec.origin)


def _is_all_fields(value: Any) -> bool:
    """Whether an object holds nothing beside its fields, as what a compiled class may hold in memory of its
    own.
    """
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


def _is_generated(member: Any) -> bool:
    """Whether it came with the class statement or was written by a dataclass: what it does follows from the
    fields.
    """
    while hasattr(member, "__wrapped__"):
        member = member.__wrapped__
    if isinstance(member, (types.MemberDescriptorType, types.GetSetDescriptorType, _TupleField)):
        return True
    return (
        isinstance(member, types.FunctionType)
        and member.__code__.co_filename == "<string>"
        and member.__name__.startswith("__")
    )


def _unnamed(value: Any, where: str, why: str) -> Unnamed:
    shown = " ".join(repr(value).split())
    shown = shown if len(shown) < 80 else f"{shown[:77]}..."
    return Unnamed(
        f"{where} is {shown}, {why}. Nothing says for certain whether a stored run was made with the same. Use plain values, arrays and "
        'functions, or name the method yourself, and change that name whenever its results may change: key="..."'
    )
