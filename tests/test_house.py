"""The house: which room may import which, how large a room may be, and that every address leads somewhere."""

import ast
import importlib
import re
import subprocess
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
KIT = ROOT / "w2s_kit"
FILES = sorted(path for path in KIT.rglob("*.py") if "results" not in path.relative_to(KIT).parts)

# From the ground up: a room, and the rooms that it may import.
GROUND = ["shared", "metrics", "inside"]
LAYERS = {
    "shared": [],
    "metrics": [],
    "inside": [],
    "tasks": ["shared"],
    "training": ["shared"],
    "models": ["shared", "tasks", "training"],
    "methods": ["shared", "inside", "tasks", "training", "models"],
    "experiment": ["shared", "metrics", "tasks", "training", "models", "methods"],
    "studies": [*GROUND, "tasks", "training", "models", "methods", "experiment"],
    "report": [*GROUND, "tasks", "training", "models", "methods", "experiment", "studies"],
    "course": [*GROUND, "tasks", "training", "models", "methods", "experiment", "studies", "report"],
}
# What imports the kit inside a function, and why it has to. Everywhere else an import stands at the top.
LATE = {
    "__init__.py": "a name is loaded when it is first used",
    "__main__.py": "--help and typing errors come at once, without PyTorch",
    "course/doctor.py": "a library that cannot be imported is what it reports",
    "course/notebooks.py": "it sets the environment before PyTorch is imported",
    "experiment/settings.py": "--help comes at once: only a table in place of a task's name needs pandas",
    "report/sweeps.py": "a table that is not there is told at once, without pandas and Matplotlib",
}
LONGEST_FILE, LONGEST_FUNCTION = 350, 60


def name_of(path: Path) -> str:
    """The dotted name of a module, "w2s_kit.tasks.split"."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(path) for path in FILES}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def targets(node: ast.ImportFrom, path: Path) -> list[str]:
    """The modules of the kit that an import statement names."""
    module = name_of(path)
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    base = [*package[: len(package) - node.level + 1]] if node.level else []
    origin = ".".join([*base, *([node.module] if node.module else [])])
    if origin.split(".")[0] != "w2s_kit":
        return []
    whole = [f"{origin}.{alias.name}" for alias in node.names]
    return [name if name in NAMES else origin for name in whole]


def at_the_top(path: Path) -> list[ast.ImportFrom]:
    return [node for node in tree(path).body if isinstance(node, ast.ImportFrom)]


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "face"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_room_imports_only_rooms_below_it(path):
    room = room_of(name_of(path))
    if room in ("face", "__main__"):
        return
    everywhere = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)]
    upward = {
        module
        for node in everywhere
        for module in targets(node, path)
        if room_of(module) not in (room, *LAYERS[room])
    }
    assert not upward, f"{room}/ may import {LAYERS[room]}, not {sorted(upward)}"


def test_the_table_has_every_room_and_looks_down():
    assert {room_of(name) for name in NAMES} - {"face", "__main__"} == set(LAYERS)
    order = list(LAYERS)
    for room, below in LAYERS.items():
        assert all(order.index(other) < order.index(room) for other in below), room


def test_no_imports_in_a_circle():
    graph = {name_of(path): set() for path in FILES}
    for path in FILES:
        for node in at_the_top(path):
            graph[name_of(path)].update(module for module in targets(node, path) if module != name_of(path))
    assert list(TopologicalSorter(graph).static_order())  # raises CycleError, which names the circle


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_of_the_kit_stand_at_the_top(path):
    if path.relative_to(KIT).as_posix() in LATE:
        return
    top = {id(node) for node in at_the_top(path)}
    for_types = [node for node in tree(path).body if isinstance(node, ast.If)]  # if TYPE_CHECKING
    top |= {id(node) for block in for_types for node in block.body}
    inside = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)]
    late = [node.lineno for node in inside if id(node) not in top and targets(node, path)]
    assert not late, f"lines {late}: an import of the kit inside a function"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_rooms_stay_small(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE, f"{lines} lines: one idea a file"
    functions = [
        node for node in ast.walk(tree(path)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    long = {
        node.name: length
        for node in functions
        if (length := node.end_lineno - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert not long, f"functions longer than {LONGEST_FUNCTION} lines: {long}"


# --------------------------------------------------------------------------------------- what help() shows
def classes(path: Path) -> list[ast.ClassDef]:
    return [node for node in tree(path).body if isinstance(node, ast.ClassDef) and node.name[0] != "_"]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_class_explains_its_fields_in_its_docstring(path):
    """`Settings?`, help() and the site show a docstring; none of the three shows a comment beside a field."""
    for node in classes(path):
        fields = {
            item.target.id
            for item in node.body
            if isinstance(item, ast.AnnAssign) and not item.target.id.startswith("_")
        }
        explained = set(re.findall(r"^    (\w+)  +\S", ast.get_docstring(node) or "", re.MULTILINE))
        where = f"{node.name}: a line `    name    what it is` in the docstring"
        assert fields <= explained, f"{where} is missing for {sorted(fields - explained)}"
        assert not fields or explained <= fields, f"{where} for no field: {sorted(explained - fields)}"


def constants(path: Path) -> dict[str, ast.stmt]:
    """The public names that a module gives to values at its top, each with its statement."""
    return {
        name.id: node
        for node in tree(path).body
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        for name in ast.walk(target)
        if isinstance(name, ast.Name) and not name.id.startswith("_")
    }


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_constant_that_a_docstring_names_is_explained(path):
    """By a comment with `#:`, above it or after it on its line: the site shows these, and no others."""
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef)
    texts = [ast.get_docstring(node) or "" for node in ast.walk(tree(path)) if isinstance(node, holders)]
    named = set(re.findall(r"(?<![\w/])[A-Z][A-Z_]{2,}\b(?!/)", " ".join(texts)))  # not OWNER/NAME
    lines = path.read_text(encoding="utf-8").splitlines()
    silent = [
        name
        for name, node in constants(path).items()
        if name in named
        and not lines[node.lineno - 2].startswith("#:")
        and "  #: " not in lines[node.end_lineno - 1]
    ]
    assert not silent, f"a docstring names {silent}: say what it is in a comment with #:"


# `package.name` is what the package's __init__ binds: a module of the same name is no longer reached by it.
# This may be so where the name is a Method, which stands in the file of its name: `methods.confidence` is the
# method, and `from w2s_kit.methods.confidence import Confidence` still finds what else is in the file.
SAME_NAME = "w2s_kit.methods"


def bound(path: Path) -> set[str]:
    """What a module binds at its top; a submodule itself does not count."""
    names = set(constants(path))
    for node in tree(path).body:
        if isinstance(node, ast.ImportFrom) and (node.module or node.level != 1):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
    return names


@pytest.mark.parametrize("path", [path for path in FILES if path.name == "__init__.py"], ids=name_of)
def test_no_name_of_a_package_hides_a_module(path):
    package = name_of(path)
    modules = {name.rpartition(".")[2] for name in NAMES if name.rpartition(".")[0] == package}
    hidden = modules & bound(path)
    if package == SAME_NAME:
        methods = importlib.import_module(package)
        hidden -= {name for name in hidden if isinstance(getattr(methods, name), methods.Method)}
    assert not hidden, f"{package}.NAME is a module and something else: rename one of {sorted(hidden)}"


def test_what_the_kit_loads_late_hides_no_module():
    kit = importlib.import_module("w2s_kit")
    modules = {name.split(".")[1] for name in NAMES if name.count(".") >= 1}
    for name in modules & set(kit.__all__):
        assert getattr(kit, name).__name__ == f"w2s_kit.{name}"


# ------------------------------------------------------------------------------------------------ addresses
TEXTS = [
    path
    for pattern in ("*.md", "*.py", "w2s_kit/**/*.py", "data_prep/*.py", "benchmarks/*.py", "tests/**/*.py",
                    "notebooks/*.ipynb", "notebooks/solutions/*.ipynb", "notebooks/assignments/**/*.ipynb",
                    "notebooks/assignments/*.md",
                    "Makefile", "*.toml", "*.yml", ".github/workflows/*.yml")
    for path in sorted(ROOT.glob(pattern))
    if path.name != "CHANGELOG.md" and ".ipynb_checkpoints" not in path.parts
]  # fmt: skip
DOTTED = re.compile(r"(?<![\w/.-])w2s_kit(?:\.[A-Za-z_]\w*)+")
IMPORTED = re.compile(r"\bfrom (w2s_kit(?:\.\w+)*) import (\w+(?: as \w+)?(?:, \w+(?: as \w+)?)*)")
PATHS = re.compile(
    r"(?<![\w/.-])(?:w2s_kit|data_prep|benchmarks|tests|notebooks|results|docs)/[\w./-]*\w\.(?:py|ipynb|md|csv(?:\.gz)?|png|json|html)\b"
)
MADE_LATER = re.compile(r"NN_|FILE|runs/|_grid/")  # stand for a name, or are made by a script


@cache
def leads_somewhere(dotted: str) -> bool:
    """Whether a dotted name is a module of the kit, or something in one."""
    parts = dotted.split(".")
    for i in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:i]))
        except ModuleNotFoundError:
            continue
        except ImportError:  # an extra is not installed
            return True
        for part in parts[i:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


@cache
def tracked() -> set[str]:
    """The files of the repository; also of a copy without git."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    return set(listed.stdout.split("\n")) if listed.returncode == 0 else set()


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_address_leads_somewhere(path):
    text = path.read_text(encoding="utf-8")
    names = set(DOTTED.findall(text))
    for module, imported in IMPORTED.findall(text):
        names |= {f"{module}.{name.split(' as ')[0]}" for name in imported.split(", ")}
    names = {
        name for name in names if not re.search(r"\.(py|git|toml|cfg|egg)\b|\.(results|notebooks)\b", name)
    }
    astray = sorted(name for name in names if not leads_somewhere(name))
    assert not astray, f"no such names: {astray}"
    files = {file for file in PATHS.findall(text) if not MADE_LATER.search(file)}
    astray = sorted(file for file in files if not (ROOT / file).exists() and file not in tracked())
    assert not astray, f"no such files: {astray}"
