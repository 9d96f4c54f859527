"""The pages of the API reference: one for each package of the kit, with a section for each module.

They are made from the files of the package, so a new module appears by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from w2s_kit import _NAMES

# From the ground up, as tests/test_house.py has them; a room that is missing here comes last.
ORDER = "shared metrics inside tasks training models methods experiment studies report course".split()


def modules(package: Path) -> dict[str, list[str]]:
    """The packages of the kit, each with its modules, by dotted name; `__main__` and data have no page."""
    found = {}
    for init in sorted(package.rglob("__init__.py"), key=lambda path: _order(path.parent, package)):
        name = ".".join(init.parent.relative_to(package.parent).parts)
        files = sorted(init.parent.glob("*.py"))
        parts = [f"{name}.{path.stem}" for path in files if not path.stem.startswith("__")]
        found[name] = sorted(parts, key=lambda part: (_first(part), part))
    return found


def _first(module: str) -> int:
    """The place of a module among those whose names most notebooks use; the others come after them."""
    known = [f"w2s_kit.{name}" for name in _NAMES]
    return known.index(module) if module in known else len(known)


def _order(folder: Path, package: Path) -> tuple:
    parts = folder.relative_to(package).parts
    room = parts[0] if parts else ""
    return (ORDER.index(room) + 1 if room in ORDER else bool(room) * len(ORDER) + 1, parts)


def pages(package: Path) -> Iterator[tuple[str, str]]:
    """(path, Markdown) of the front page of the reference, and of a page for each package."""
    found = modules(package)
    top = package.name
    rooms = [name for name in found if name.count(".") == 1]
    entries = [name.removeprefix(f"{top}.") for name in rooms]
    yield "api/index.md", _page("API reference", top, [], entries, _names(top))
    for name, parts in found.items():
        if name != top:
            below = [other for other in found if other.rpartition(".")[0] == name]
            short = name.removeprefix(f"{top}.")
            entries = [other.removeprefix(f"{top}.") for other in below]
            yield f"api/{short}.md", _page(short, name, parts, entries)


def _page(title: str, module: str, parts: list[str], below: list[str], names: str = "") -> str:
    blocks = [f"# {title}", _automodule(module)] + [f"{names}\n\n## Packages"] * bool(names)
    if below:
        blocks.append("\n".join(["```{toctree}", ":maxdepth: 1", *below, "```"]))
    for part in parts:
        blocks += [f"## {part.removeprefix(module + '.')}", _automodule(part)]
    return "\n\n".join(blocks) + "\n"


def _names(top: str) -> str:
    """The names that the kit gives by itself, a line for each module that they come from."""
    lines = [
        f"- `{top}.{module}`: " + ", ".join(f"{{py:obj}}`~{top}.{module}.{name}`" for name in names)
        for module, names in _NAMES.items()
    ]
    lists = "Lists of everything: {ref}`all names <genindex>`, {ref}`all modules <modindex>`."
    return "\n".join(["## Names that come with `import w2s_kit as w2s`", "", *lines, "", lists])


def _automodule(module: str) -> str:
    return f"```{{eval-rst}}\n.. automodule:: {module}\n```"
