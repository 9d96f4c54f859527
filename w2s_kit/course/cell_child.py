"""What runs in the process of a submission that is graded: bounds first, then its cells, one after another.

Staff's cells, graded ones among them, do not run as IPython would run them: a submission may have taught
IPython to read `pass` instead. They are compiled here. Before each, what they use is put back: Python's own
functions, the modules that staff's cells import, and the names that staff's cells have made.

A submission still runs in the same process as its tests, and can read and change all of it. What is put back
here stops what is short and easy. SECURITY.md says what stays possible.

This text runs in the child, behind that of the cage; it imports nothing else of the kit.
"""

import ast
import builtins
import json
import linecache
import os
import signal
import sys
import threading
import types
from collections.abc import Container
from typing import Any

from ..shared.cage.bounds import confine

# `super` is known to the compiler by its name
OWN_NAMES = {name: value for name, value in vars(builtins).items() if name[0] != "_" and name != "super"}
OWN = (builtins, ast, json, linecache, os, signal, sys, threading, types)


def bound_names(tree: ast.Module) -> set[str]:
    """The names that a cell gives at its top: by assigning, importing or defining."""
    found: set[str] = set()
    nodes: list[ast.AST] = list(tree.body)
    while nodes:
        node = nodes.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif not isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            nodes += ast.iter_child_nodes(node)
    return found


def imported(sources: list[str]) -> list[str]:
    """The modules that these cells import, and those that they reach through one, as numpy.testing.

    Those that are imported inside functions count, too.
    """
    names, short = [], {}
    trees = []
    for source in sources:
        try:
            trees.append(ast.parse(source))
        except SyntaxError:  # a line for IPython in it
            continue
    for node in [node for tree in trees for node in ast.walk(tree)]:
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
            short |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.append(node.module)
            short |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for node in [node for tree in trees for node in ast.walk(tree)]:
        if isinstance(node, ast.Attribute):
            first, dot, rest = ast.unparse(node.value).partition(".")
            names.append(short.get(first, first) + dot + rest)
    # IPython itself changes a function of pyplot
    return [name for name in dict.fromkeys(names) if not name.startswith("matplotlib")]


class Own(ast.NodeTransformer):
    """Makes the staff's cells call Python's own functions, whatever a submission has named `all` or `abs`.

    A submission's functions go on calling what it has named so.
    """

    def __init__(self, known: Container[str]):
        self.known = known  # names that staff's cells or answers have made

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """A name of Python's own becomes one that stands for it."""
        if isinstance(node.ctx, ast.Load) and node.id in OWN_NAMES and node.id not in self.known:
            return ast.copy_location(ast.Name(f"_own_{node.id}", node.ctx), node)
        return node


class Telling(ast.NodeTransformer):
    """Gives checks without words a message: what the check is, what it expected, and what it got.

    Checks in the hidden tests get none, since a message would show them.
    """

    def __init__(self, source: str):
        lines = source.splitlines()
        self.hidden = next(
            (n for n, line in enumerate(lines, 1) if "BEGIN HIDDEN TESTS" in line), len(lines) + 1
        )

    def visit_Assert(self, node: ast.Assert) -> ast.Assert:
        """A check that compares two things says both."""
        if node.msg is not None or node.lineno >= self.hidden:
            return node
        node.msg, test = ast.Constant(f"this check fails: {ast.unparse(node.test)[:300]}"), node.test
        pair: list[ast.expr] = []
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq):
            pair = [test.left, test.comparators[0]]
            test.left, test.comparators = _named("_got", pair[0]), [_named("_expected", pair[1])]
        elif isinstance(test, ast.Call) and len(test.args) > 1 and ast.unparse(test.func).endswith("close"):
            pair = test.args[:2]
            test.args[:2] = [_named("_got", pair[0]), _named("_expected", pair[1])]
        if pair:
            values = ast.parse("f'; expected {_expected!r:.200}, got {_got!r:.200}'", mode="eval").body
            node.msg = ast.BinOp(node.msg, ast.Add(), values)
        return node


def _named(name: str, value: ast.expr) -> ast.NamedExpr:
    return ast.NamedExpr(ast.Name(name, ast.Store()), value)


class Guard:
    """Knows how things were before other people's code began, and puts them back."""

    def __init__(self, namespace: dict, free: set[str]):
        self.namespace, self.free = namespace, free  # free: names that answers are meant to make
        self.builtins = vars(builtins)
        self.update_builtins, self.were_builtins = self.builtins.update, dict(self.builtins)
        self.modules, self.functions, self.tables, self.made = {}, {}, [], {}
        modules = (ast, json, json.decoder, json.encoder, sys.modules["json.scanner"])
        kinds = [k for m in modules for k in vars(m).values() if type(k) is type and k.__flags__ & 1 << 9]
        coders = [vars(json)[name] for name in ("_default_decoder", "_default_encoder")]
        self.own = [(holder, dict(vars(holder))) for holder in (*modules, *dict.fromkeys(kinds), *coders)]
        self.noted: list[str] = []

    def watch(self, names: list[str]) -> None:
        """Remember the functions of these modules, and those of the checks that tests go through."""
        checks = [name for name in sys.modules if name.startswith("w2s_kit.")]
        for module in [*OWN, *(sys.modules.get(name) for name in [*names, *checks])]:
            if not isinstance(module, types.ModuleType) or module.__name__ in self.modules:
                continue
            values = {name: value for name, value in vars(module).items() if callable(value)}
            self.modules[module.__name__] = module, vars(module), values
            for value in values.values():
                if isinstance(value, types.FunctionType):
                    self.functions[value] = value.__code__, value.__defaults__, value.__kwdefaults__
            if module.__name__.startswith("w2s_kit.course.checks"):
                named = [(k, v) for k, v in vars(module).items() if k[:2] != "__"]
                self.tables += [(v, dict(v)) for k, v in named if type(v) is dict]

    def keep(self, names: set[str]) -> None:
        """Remember what staff's cells have made, but for what an answer is meant to make."""
        for name in names - self.free:
            if name in self.namespace:
                value = self.made[name] = self.namespace[name]
                if isinstance(value, types.FunctionType):
                    self.functions[value] = value.__code__, value.__defaults__, value.__kwdefaults__

    def put_back(self) -> list[str]:
        """Make all as it was; returns the names of functions that had been replaced."""
        replaced = [k for k, v in self.were_builtins.items() if self.builtins.get(k) is not v]
        self.update_builtins(self.were_builtins)  # first: all below is written in these
        self.put_back_own()
        replaced, self.noted = replaced + self.noted, []
        for name, (module, held, values) in self.modules.items():
            sys.modules[name] = module
            for key, value in values.items():
                if (now := held.get(key)) is not value:
                    held[key] = value
                    own = str(getattr(now, "__module__", "")).split(".")[0] == name.split(".")[0]
                    replaced += [] if own else [f"{name}.{key}"]  # PyTorch replaces some of its own
        for function, (code, defaults, named) in self.functions.items():
            if function.__code__ is not code or function.__defaults__ is not defaults:
                function.__code__, function.__defaults__ = code, defaults
                replaced.append(function.__qualname__)
            function.__kwdefaults__ = named
        for table, was in self.tables:
            if len(table) != len(was) or any(table.get(key) is not value for key, value in was.items()):
                table.clear()
                table.update(was)
                replaced.append("a table of the checks")
        for name, value in self.made.items():
            if self.namespace.get(name) is not value:
                self.namespace[name] = value
                replaced += [name] if callable(value) or isinstance(value, types.ModuleType) else []
        self.namespace["__builtins__"] = builtins
        self.namespace.update({f"_own_{name}": value for name, value in OWN_NAMES.items()})
        self._stop_watching()
        return replaced

    def put_back_own(self) -> None:
        """Make as it was what reads and writes the grader's messages, and compiles its cells."""
        self.update_builtins(self.were_builtins)
        for holder, was in self.own:
            now = vars(holder)
            changed = [name for name, value in was.items() if now.get(name, self) is not value]
            for name in changed:
                setattr(holder, name, was[name])
            more = [name for name in now if name not in was]
            for name in more:
                delattr(holder, name)
            where = getattr(holder, "__qualname__", getattr(holder, "__name__", type(holder).__name__))
            self.noted += [f"{where}.{name}" for name in changed + more if name[:2] != "__"]

    @staticmethod
    def _stop_watching() -> None:
        """Nothing of a submission is called at each line, or in place of an interrupt."""
        sys.settrace(None)
        sys.setprofile(None)
        threading.settrace(None)  # type: ignore[arg-type]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if monitoring := getattr(sys, "monitoring", None):
            for tool in range(6):
                if monitoring.get_tool(tool):
                    monitoring.set_events(tool, 0)


class Cells:
    """Runs the cells of one submission."""

    def __init__(self, job: dict):
        room: dict[str, Any] = {"__name__": "outputs"}
        exec(compile(job["outputs"], "outputs", "exec"), room)  # apart: what a submission holds leads there
        self.outputs = room["Outputs"]()
        self.shell = room["shell_with"](self.outputs)
        self.shell.builtin_trap.activate()
        self.streams = tuple(room["Stream"](self.outputs, name) for name in ("stdout", "stderr"))
        self.guard = Guard(self.shell.user_ns, set(job["answers"]))
        modules = imported(job["staff"])
        for name in modules:
            try:
                __import__(name)
            except Exception:  # the cell that imports it will say so; or it is no module
                pass
        self.guard.watch(modules)

    def run(self, request: dict) -> dict:
        """Run one cell; a reply with its outputs, whether it went well, and what was put back before."""
        sys.stdout, sys.stderr = self.streams
        reply: dict[str, Any] = {"nonce": request["nonce"], "replaced": [], "during": []}
        reply |= {"value": None, "error": None}
        if request["kind"] == "student":
            try:
                reply["ok"] = bool(self.shell.run_cell(request["source"], store_history=True).success)
            except BaseException as error:  # of IPython itself, which a submission may have changed
                reply["ok"], reply["error"] = False, self._told(error)
        else:
            reply["replaced"] = self.guard.put_back()
            reply["ok"] = self._staff(request, reply)
            reply["during"] = self.guard.put_back()
        return reply | {"outputs": self.outputs.taken()}

    def _staff(self, request: dict, reply: dict) -> bool:
        name, source, names = f"<{request['name']}>", request["source"], self.shell.user_ns
        seen = source.partition("### BEGIN HIDDEN TESTS")[0]  # a later cell may read it
        linecache.cache[name] = len(seen), None, seen.splitlines(True), name
        try:
            tree = self._parsed(source, name)
            names_made = bound_names(tree)
            tree = Own({*names_made, *self.guard.made, *self.guard.free}).visit(Telling(source).visit(tree))
            ast.fix_missing_locations(tree)
            shown = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, name, "exec", dont_inherit=True, optimize=0), names)
            if isinstance(shown, ast.Expr):
                code = compile(ast.Expression(shown.value), name, "eval", dont_inherit=True, optimize=0)
                value = eval(code, names)
                if type(value) in (int, float):
                    reply["value"] = float(value)
                self.shell.displayhook(value)
            self.guard.keep(names_made)
            return True
        except BaseException as error:
            reply["error"] = self._told(error)
            return False
        finally:
            if inline := sys.modules.get("matplotlib_inline.backend_inline"):
                try:
                    inline.flush_figures()
                except Exception:
                    pass

    @staticmethod
    def _parsed(source: str, name: str) -> ast.Module:
        try:
            return ast.parse(source, name)
        except SyntaxError:
            from IPython.core.inputtransformer2 import TransformerManager

            return ast.parse(TransformerManager().transform_cell(source), name)

    def _told(self, error: BaseException) -> dict:
        """The error's name and words, and the student's line that raised it, if it was one of theirs."""
        line, step = "", error.__traceback__
        while step:
            frame = step.tb_frame
            if frame.f_globals is self.shell.user_ns and not frame.f_code.co_filename.startswith("<"):
                line = linecache.getline(frame.f_code.co_filename, step.tb_lineno).strip()
            step = step.tb_next
        try:
            words = str(error)[:2000]
        except Exception:
            words = "(its text cannot be shown)"
        told = {"name": type(error).__name__, "words": words, "line": line[:200]}
        text = f"{told['name']}: {words}" if words else told["name"]
        whole = {"output_type": "error", "ename": told["name"], "evalue": words, "traceback": [text]}
        self.outputs.add(whole, 2 * len(text))
        return told


def main() -> None:
    """The child's program: a job in a line of JSON, then a request a line, each answered by a line."""
    job = json.loads(sys.stdin.buffer.readline())
    inbox, outbox = os.fdopen(os.dup(0), "rb"), os.dup(1)  # nothing follows the job before it has answered
    os.dup2(2, 1)
    sys.stdin = open(os.devnull)
    os.dup2(sys.stdin.fileno(), 0)
    if job["path"]:  # in a container Python knows its own
        sys.path[:] = [job["kit"], *job["path"]]
    import w2s_kit  # noqa: F401  found once, so that the folder which holds it need not be listed

    if job["path"]:
        del sys.path[0]
    confine(**job["bounds"], threads=True, soft=True)
    cells, write = Cells(job), os.write
    own, decode, encode = (
        cells.guard.put_back_own,
        json.JSONDecoder().decode,
        json.JSONEncoder(default=str).encode,
    )
    said = b'{"ready": true}\n'
    while True:
        try:
            while said:
                said = said[write(outbox, said) :]
            line = inbox.readline().decode()
            own()
            reply = cells.run(decode(line))
            own()
            said = encode(reply).encode() + b"\n"
        except KeyboardInterrupt:  # it came a moment too late
            continue


if __name__ == "__main__":
    main()
