"""The syntax of a function without what does not compute, and the names that it takes from outside.

A digest holds it. A comment, another layout or another file must leave the digest as it is.
"""

from __future__ import annotations

import ast
import builtins
import copy
import dis
import functools
import importlib.machinery
import linecache
import sys
import sysconfig
import types
import warnings
from pathlib import Path
from typing import Any

KIT = Path(__file__).resolve().parents[2]
# The text of each module as it was imported. Whoever edits a file while a notebook runs still runs the old
# code.
_IMPORTED = {str(file): file.read_text(encoding="utf-8") for file in KIT.rglob("*.py")}
_LIBRARIES = tuple({sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")})
# What names a run computes nothing of it.
_NAMING = {
    str(KIT / "experiment" / "keys.py"),
    *map(str, (KIT / "experiment" / "digest").glob("*.py")),
}
ANYTHING = {"eval", "exec", "globals", "__import__"}  # by them, code uses what its text does not name
_FORMS: dict[tuple[str, types.CodeType], tuple[str, list[tuple[str, ...]]]] = {}


class Unreadable(ValueError):
    """A function's source cannot be read."""


def form(function: types.FunctionType) -> tuple[str, list[tuple[str, ...]]]:
    """What a function computes, as (text, references).

    text: its source without docstrings, comments, annotations, imports, its name and the words of errors.
    Defaults are left out, too: their values are on the function.
    references: what it takes from outside, dotted names as tuples; `<0>`, `<1>`, ... stand for them in the
    text. A name that an import inside the function binds begins with "module:" and the name there.
    Raises Unreadable with the reason.
    """
    code = function.__code__
    known = code.co_filename, code
    if known not in _FORMS:
        if hidden := sorted(ANYTHING & (_globals(code) - function.__globals__.keys())):
            raise Unreadable(
                f"a function that uses {', '.join(hidden)}, which may read or run anything; "
                "use the names themselves"
            )
        node = _node(function)
        decorators = {
            name.id
            for it in getattr(node, "decorator_list", [])
            for name in ast.walk(it)
            if isinstance(name, ast.Name)
        }
        node.args.defaults = [ast.Constant(...) for _ in node.args.defaults]
        node.args.kw_defaults = [default and ast.Constant(...) for default in node.args.kw_defaults]
        node.name = ""
        strip = _Strip((_globals(code) | decorators) - (vars(builtins).keys() - function.__globals__.keys()))
        for it in ast.walk(node):  # a function inside may stand before the import of what it uses
            if isinstance(it, (ast.Import, ast.ImportFrom)):
                strip.visit(it)
        _FORMS[known] = ast.unparse(ast.fix_missing_locations(strip.visit(node))), strip.references
    return _FORMS[known]


@functools.cache
def is_own(file: str | None) -> bool:
    """Whether code of this file is followed: all that is not Python's own or installed as a package."""
    if not file or file.startswith("<frozen") or file in _NAMING:
        return False
    if file in _IMPORTED or not Path(file).is_absolute():  # a cell may be called <ipython-input-1-...>
        return True
    return not file.startswith(_LIBRARIES) and not any(
        next(folder.glob("*.dist-info"), None) for folder in Path(file).parents
    )


class _Strip(ast.NodeTransformer):
    """Takes out of a function what computes nothing, and numbers the names that it takes from outside."""

    def __init__(self, outside: set[str]):
        self.outside, self.references = outside, []
        self.bound: dict[str, str] = {}  # by imports inside the function

    def visit_Import(self, node):
        for alias in node.names:
            name = alias.name if alias.asname else alias.name.partition(".")[0]
            self.bound[alias.asname or name] = f"{name}:"

    def visit_ImportFrom(self, node):
        self.bound |= {
            alias.asname or alias.name: f"{'.' * node.level}{node.module or ''}:{alias.name}"
            for alias in node.names
        }

    def visit_FunctionDef(self, node):
        node.returns = node.type_comment = None
        return self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node):  # there, an annotation alone makes a field
        fields = [isinstance(it, ast.AnnAssign) and it.value is None for it in node.body]
        node.body = [
            ast.Assign([it.target], ast.Constant(...)) if field else it
            for it, field in zip(node.body, fields)
        ]
        return self.generic_visit(node)

    def visit_arg(self, node):
        node.annotation = node.type_comment = None
        return node

    def visit_AnnAssign(self, node):
        return self.visit(ast.Assign([node.target], node.value)) if node.value else None

    def visit_Expr(self, node):  # a docstring, or a warning's words
        if (
            isinstance(node.value, ast.Constant)
            or isinstance(node.value, ast.Call)
            and ast.unparse(node.value.func) == "warnings.warn"
        ):
            return None
        return self.generic_visit(node)

    def visit_Raise(self, node):  # its kind and its values may decide what happens, its words do not
        if isinstance(raised := node.exc, ast.Call):
            raised = ast.Call(raised.func, [it for it in raised.args if not _has_words(it)], [])
        return ast.Raise(raised and self.visit(raised))

    def visit_Assert(self, node):
        node.msg = None
        return self.generic_visit(node)

    def visit_Attribute(self, node):
        names, root = [node.attr], node.value
        while isinstance(root, ast.Attribute):
            names, root = [root.attr, *names], root.value
        return (
            self._from_outside((root.id, *names), node)
            if isinstance(root, ast.Name)
            else self.generic_visit(node)
        )

    def visit_Name(self, node):
        return self._from_outside((node.id,), node)

    def _from_outside(self, chain, node):
        if chain[0] not in self.outside and chain[0] not in self.bound:
            return node
        self.references.append((self.bound.get(chain[0], chain[0]), *chain[1:]))
        return ast.Name(f"<{len(self.references) - 1}>", ast.Load())

    def generic_visit(self, node):
        super().generic_visit(node)
        # it held nothing but an import or a docstring
        if isinstance(body := getattr(node, "body", None), list) and not body:
            node.body = [ast.Pass()]
        return node


def _has_words(node: ast.AST) -> bool:
    texts = (it.value if isinstance(it, ast.Constant) else it for it in ast.walk(node))
    return any(isinstance(it, (str, ast.JoinedStr)) for it in texts)


def _node(function: types.FunctionType) -> Any:
    """The function's place in the syntax tree of its file or cell."""
    code = function.__code__
    text = _IMPORTED.get(code.co_filename) or "".join(
        linecache.getlines(code.co_filename, function.__globals__)
    )
    if not text:
        raise Unreadable("a function whose source cannot be read; write it in a file or in a cell")
    if code.co_filename in _IMPORTED:
        if Path(code.co_filename).read_text(encoding="utf-8") != text:
            warnings.warn(
                f"{code.co_filename} changed after it was imported, and the old code runs on: restart to use "
                "the new",
                stacklevel=2,
            )
    elif not _is_what_runs(function, text):
        linecache.checkcache(code.co_filename)  # it may hold the text of an earlier import
        text = "".join(linecache.getlines(code.co_filename, function.__globals__))
        if not _is_what_runs(function, text):
            raise Unreadable(
                f"a function of {Path(code.co_filename).name}, which changed after it was imported; restart, "
                "or import it again"
            )
    nodes = [
        node
        for node in _functions(text)
        if _first_line(node) == code.co_firstlineno and getattr(node, "name", "<lambda>") == code.co_name
    ]
    if not nodes:
        raise Unreadable("a function whose source cannot be found; write it in a file or in a cell")
    return copy.deepcopy(nodes[0] if len(nodes) == 1 else _lambda_of(code, nodes))


def _lambda_of(code: types.CodeType, nodes: list[Any]) -> Any:
    """The one of several lambdas in a line: its text holds most of the code's places, and is the shortest."""
    places = [(line, column) for line, _, column, _ in code.co_positions() if line and column]

    def inside(node) -> int:
        start = node.body.lineno, node.body.col_offset
        end = node.body.end_lineno, node.body.end_col_offset
        return sum(start <= place <= end for place in places)

    return min(nodes, key=lambda node: (-inside(node), node.body.end_col_offset - node.body.col_offset))


@functools.lru_cache(maxsize=256)
def _functions(text: str) -> list[Any]:
    return [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    ]


def _first_line(node: Any) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])


def _is_what_runs(function: types.FunctionType, text: str) -> bool:
    """Whether `text` is what was imported; true for what pytest imports, which it rewrites before."""
    loader = getattr(sys.modules.get(function.__module__), "__loader__", None)
    return type(loader) is not importlib.machinery.SourceFileLoader or function.__code__ in _codes(text)


@functools.lru_cache(maxsize=64)
def _codes(text: str) -> set[types.CodeType]:
    """The code of a file, and of all functions and classes in it."""
    codes, new = set(), [compile(text, "", "exec", dont_inherit=True)]
    while new:
        codes.add(code := new.pop())
        new += [it for it in code.co_consts if isinstance(it, types.CodeType)]
    return codes


def _globals(code: types.CodeType) -> set[str]:
    """The global names that a function uses, those of functions inside it too."""
    names = {it.argval for it in dis.get_instructions(code) if it.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    return names.union(*(_globals(it) for it in code.co_consts if isinstance(it, types.CodeType)))
