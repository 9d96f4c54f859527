"""Numbers of its own for a class: problem sets whose published solutions do not fit.

    python -m w2s_kit.course vary ../w2s_2027 --seed 4711

`varied.toml` in the folder source/ says which numbers may change, and where they stand. The seed draws one
value for each. The changed source is run: its solution has to pass, and the published one has to fail.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..shared.files import write_whole
from .address import ROOT
from .checked import Unfit, check, problem_sets, release
from .marking import mark
from .putting_back import text_of

ASSIGNMENTS = ROOT / "notebooks" / "assignments"
BADGE = re.compile(r"^\[!\[Open in Colab\].*\n+")


@dataclass
class Varied:
    """A number of a question that a class has for itself.

    Fields:

        question    the graded test whose answer changes with it
        what        what the number is, in words
        value       the number that was drawn, as it stands in the notebook
    """

    question: str
    what: str
    value: str


def replaced(cells: list[dict], entry: dict, value: dict[str, str]) -> None:
    """Write a `value` into all places of an `entry` of the table; raises ValueError where one is missing."""
    by_id = {cell["id"]: cell for cell in cells}
    for cell, old, new in entry["places"]:
        text = text_of(by_id[cell]) if cell in by_id else ""
        if old not in text:
            raise ValueError(
                f"varied.toml, {entry['question']}: cell {cell!r} does not hold {old!r}; the notebook has "
                "changed, so change the table, too"
            )
        for name, number in value.items():
            new = new.replace(f"«{name}»", number)
        by_id[cell]["source"] = text.replace(old, new)


def vary_cells(cells: list[dict], entries: Sequence[dict], seed: int, name: str) -> list[Varied]:
    """Give the `cells` of the problem set `name` the numbers of a `seed`, in place; returns which.

    Outputs are dropped, since they belong to other numbers. The badge goes, too: it opens the published form.
    Raises ValueError where the table does not fit the notebook.
    """
    drawn = []
    for entry in entries:
        # drawn by name: a new line in the table leaves the others as they are
        value = random.Random(f"{seed} {name} {entry['question']}").choice(entry["values"])
        replaced(cells, entry, value)
        drawn.append(Varied(entry["question"], entry["what"], ", ".join(value.values())))
    for cell in cells:
        cell["source"] = BADGE.sub("", text_of(cell)).splitlines(keepends=True)
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    return drawn


def vary(target: Path, name: str, seed: int, root: Path = ASSIGNMENTS) -> list[Varied]:
    """Write `target`/source/psN and `target`/release/psN with the numbers of a `seed`; returns which.

    `root` is the folder with the published source/. Raises ValueError where `target` holds this problem set
    already, or where the table does not fit, and ImportError where nbgrader is missing.
    """
    folder = target / "source" / name
    if folder.exists():
        raise ValueError(f"{folder} is there already: name another folder, or move it away")
    source = root / "source" / name
    notebook = json.loads((source / f"{name}.ipynb").read_text(encoding="utf-8"))
    entries = tomllib.loads((root / "source" / "varied.toml").read_text(encoding="utf-8"))
    drawn = vary_cells(notebook["cells"], entries.get(name, []), seed, name)
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns(".*"))
    write_whole(folder / f"{name}.ipynb", json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
    release(target, [name])
    return drawn


def prove(target: Path, name: str, drawn: Sequence[Varied], root: Path = ASSIGNMENTS) -> tuple[float, float]:
    """Run a varied problem set: the points of the published solution in it, and all points by machine.

    Raises Unfit where the varied solution does not get full marks, where the blank form gets any, or where
    the published solution passes a question that was varied.
    """
    check(target, name)
    table = mark(target, name, {"published": root / "source" / name / f"{name}.ipynb"})
    table = table[~table["by_hand"]].set_index("question")
    questions = [number.question for number in drawn]
    if passed := [q for q in questions if table.loc[q, "score"] >= table.loc[q, "of"]]:
        raise Unfit(f"{name}: the published solution passes {', '.join(passed)}, whose numbers were changed")
    return float(table["score"].sum()), float(table["of"].sum())


def vary_all(target: Path, seed: int, names: Sequence[str] = (), root: Path = ASSIGNMENTS) -> None:
    """Vary and run problem sets, all or those of `names`, and print what was varied.

    Raises what `vary` and `prove` raise.
    """
    for name in names or problem_sets(root):
        drawn = vary(target, name, seed, root)
        for number in drawn:
            print(f"{name}, {number.question}: {number.what} is now {number.value}")
        earned, of = prove(target, name, drawn, root)
        print(
            f"{name}: its own solution gets all {of:g} points that tests give, the published one "
            f"{earned:g}. Every other question is as published.",
            flush=True,
        )
