"""What functions, classes and modules are, in words: their syntax, the names they use and what they carry."""

from __future__ import annotations

import builtins
import contextlib
import dataclasses
import functools
import importlib.util
import sys
import types
from typing import Any, NamedTuple

import numpy as np

from .syntax import Unreadable, form, is_own
from .walk import Unnamed, Walk, sorted_pairs, unnamed

# What Python, typing or a decorator writes into a class or an object. It says nothing about results.
BOOKKEEPING = {
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
    "__orig_class__",
    "__parameters__",
    "_value2member_map_",
}
_MISSING = object()
_TupleField = type(vars(NamedTuple("One", [("field", int)]))["field"])  # what reads a field of a named tuple
_BUILTIN = (types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType, np.ufunc)


def described(value: Any, where: str, walk: Walk) -> str | None:
    """The line of a function, a class, a module or what wraps them; None for all others."""
    match value:
        case types.FunctionType() | functools._lru_cache_wrapper():
            return _function(value, where, walk)
        case type():
            return _class(value, where, walk)
        case functools.partial():
            arguments = f"{walk.items(value.args, where)} {walk.mapping(value.keywords, where)}"
            return f"partial {walk.token(value.func, where)} {arguments}"
        case types.MethodType():
            return f"method {walk.token(value.__func__, where)} of {walk.token(value.__self__, where)}"
        case types.BuiltinFunctionType() if not isinstance(
            value.__self__, (types.ModuleType, types.NoneType)
        ):
            return f"method {value.__name__} of {walk.token(value.__self__, where)}"
        case property():
            return f"property {walk.items((value.fget, value.fset), where)}"
        case staticmethod() | classmethod():
            return f"{type(value).__name__} {walk.token(value.__func__, where)}"
        case functools.cached_property():
            return f"cached {walk.token(value.func, where)}"
        case types.ModuleType() if not is_own(getattr(value, "__file__", None)):
            return f"module {value.__name__}"
        case types.ModuleType():
            raise unnamed(value, where, "a whole module; name the functions that are used")
    return None


def of_library(value: Any) -> str | None:
    """The line of a function that Python or an installed package defines in another way; None for others."""
    name = getattr(value, "__name__", "")
    if isinstance(value, _BUILTIN):
        return f"builtin {getattr(value, '__module__', None)}.{getattr(value, '__qualname__', name)}"
    module = sys.modules.get(getattr(value, "__module__", None) or "")
    if module and not is_own(getattr(module, "__file__", None)) and getattr(module, name, None) is value:
        return f"library {module.__name__}.{name}"
    return None


# ------------------------------------------------------------------------------------------------- functions
def _function(function: Any, where: str, walk: Walk) -> str:
    code = getattr(function, "__code__", None)
    variables = _closure(function) if code else []
    if code is None or not is_own(code.co_filename):
        if hasattr(function, "__wrapped__"):
            return _decorated(function, variables, where, walk)
        return f"function {function.__module__}.{function.__qualname__} {walk.named(variables, where)}"
    try:
        text, references = form(function)
    except Unreadable as error:
        raise unnamed(function, where, str(error)) from None
    outside = [_reference(chain, function.__globals__, where, walk) for chain in references]
    defaults = ("defaults", function.__defaults__), ("keywords", sorted_pairs(function.__kwdefaults__))
    carried = walk.named([*variables, *defaults], where)
    if own := {name: value for name, value in vars(function).items() if name != "__wrapped__"}:
        carried += f", attributes: {walk.named(sorted_pairs(own), where)}"
    return f"{text}\n{outside}\n{carried}"


def _closure(function: types.FunctionType) -> list[tuple[str, Any]]:
    """The variables of a closure that have a value, (name, value)."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or ())
    return [(name, cell.cell_contents) for name, cell in cells if _is_bound(cell)]


def _is_bound(cell: Any) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:
        return False


def _decorated(function: Any, variables: list[tuple[str, Any]], where: str, walk: Walk) -> str:
    """A function inside a decorator of a library."""
    code = getattr(function, "__code__", None)
    about = code.co_qualname if code else type(function).__qualname__
    if hasattr(function, "registry") and hasattr(function, "dispatch"):  # by singledispatch
        about += f" {walk.mapping(function.registry, where)}"
    else:
        about += _of_decorator(variables, function.__wrapped__, where, walk)
    return f"{about} around {walk.token(function.__wrapped__, where)}"


def _of_decorator(variables: list[tuple[str, Any]], wrapped: Any, where: str, walk: Walk) -> str:
    """The variables of a library's decorator, such as its arguments, as far as they can be named."""
    named = []
    for name, value in variables:
        if value is not wrapped:
            with contextlib.suppress(Unnamed):
                named.append(f" {name}: {walk.token(value, where)}")
    return ",".join(named)


# ------------------------------------------------------------------------------- the names that functions use
def _reference(chain: tuple[str, ...], scope: dict, where: str, walk: Walk) -> str:
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
    return ".".join([walk.token(value, where), *rest])


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return _MISSING


def _is_ours(module: str, scope: dict) -> bool:
    """Whether a module is of this kit or of the user's own code. It is not imported for that."""
    if module.startswith("."):
        return is_own(scope.get("__file__"))
    try:
        spec = importlib.util.find_spec(module.partition(".")[0])
    except (ImportError, ValueError):
        spec = None
    return spec is not None and spec.origin not in (None, "built-in", "frozen") and is_own(spec.origin)


# --------------------------------------------------------------------------------------------------- classes
def _class(kind: type, where: str, walk: Walk) -> str:
    module = sys.modules.get(kind.__module__)
    if not (kind.__module__ == "__main__" or module is None or is_own(getattr(module, "__file__", None))):
        return f"class {kind.__module__}.{kind.__qualname__}"
    members = [
        (name, member)
        for name, member in vars(kind).items()
        if not (name in BOOKKEEPING or _is_generated(member))
    ]
    if "__dataclass_fields__" in vars(kind):  # what its generated functions do follows from these
        fields = [
            (field.name, field.init, field.compare, field.kw_only) for field in dataclasses.fields(kind)
        ]
        params = vars(kind)["__dataclass_params__"]
        members.append(("fields", (*fields, params.eq, params.order, params.frozen)))
    factories = [
        (f"factory of {field.name}", field.default_factory)
        for field in vars(kind).get("__dataclass_fields__", {}).values()
        if field.default_factory is not dataclasses.MISSING
    ]
    bases = [walk.token(base, f"{where}: {base.__name__}") for base in kind.__bases__ if base is not object]
    if type(kind) is not type:
        bases.append(walk.token(type(kind), f"{where}: its metaclass"))
    return f"class {bases} {walk.named([*sorted(members), *factories], where)}"


def _is_generated(member: Any) -> bool:
    """Whether a class statement or a dataclass has written it: what it does follows from the fields."""
    while hasattr(member, "__wrapped__"):
        member = member.__wrapped__
    if isinstance(member, (types.MemberDescriptorType, types.GetSetDescriptorType, _TupleField)):
        return True
    return (
        isinstance(member, types.FunctionType)
        and member.__code__.co_filename == "<string>"
        and member.__name__.startswith("__")
    )
