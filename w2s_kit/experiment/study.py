"""A study: tasks, pairs of models, methods and seeds, in one value or in one TOML file.

tasks = ["danger", "edible"]
supervisors = ["s"]
students = ["l", "xl"]
methods = ["naive", "confidence"]
seeds = 5
out = "study.csv"

[settings]
n_train = 300
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import pandas as pd

from ..methods import Method, as_method
from ..shared.names import nearest
from . import checks
from .arguments import check_writable, settings_for
from .grid import grid
from .settings import Settings
from .store import Store

#: What a method's table may say beside its options.
METHOD = "method"


@dataclass(frozen=True)
class Study:
    """What is to be measured.

    Fields:

        tasks        names of tasks
        pairs        (supervisor, student), by the names of the models
        methods      label in the table -> options of the method; where the label is no method's name, the
                     option "method" names it
        seeds        the seeds
        settings     changes to the settings of the tasks, by the names of the fields of `Settings`
        store        folder of the runs
        out          file of the table, OUT.csv; None: only the summary is printed
    """

    tasks: Sequence[str]
    pairs: Sequence[tuple[str, str]]
    methods: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"naive": {}})
    seeds: Sequence[int] = (0,)
    settings: Mapping[str, Any] = field(default_factory=dict)
    store: str = "runs"
    out: Path | None = None

    def by_task(self) -> list[Settings]:
        """The settings of each task, in order."""
        return [settings_for(task, self.settings) for task in self.tasks]

    def values(self) -> list[Method]:
        """The methods, called by their labels. Raises ValueError for an unknown one."""
        each = ((label, dict(options)) for label, options in self.methods.items())
        return [as_method(options.pop(METHOD, label), options).called(label) for label, options in each]

    def check(self) -> None:
        """Raises ValueError for all that can be known before the first training."""
        supervisors, students = ([*dict.fromkeys(names)] for names in zip(*self.pairs))
        checks.check_once("tasks", self.tasks)
        for label, options in self.methods.items():
            rest = {name: value for name, value in options.items() if name != METHOD}
            checks.check_options(options.get(METHOD, label), rest)
        checks.check_store(Path(self.store))
        for settings in self.by_task():
            checks.check_task(settings, [*supervisors, *students])

    def table(self, store: Store, jobs: int = 1) -> pd.DataFrame:
        """One row a run of a student, as `grid` makes it; what the store has is not trained again.

        Raises ValueError where no student could be trained.
        """
        # Tasks of the same settings make one grid: so every process has work while any is left.
        rest = [replace(settings, task="") for settings in self.by_task()]
        tables = []
        for place, settings in enumerate(rest):
            if settings in rest[:place]:
                continue
            alike = [task for task, other in zip(self.tasks, rest) if other == settings]
            n_jobs = min(jobs, len(alike) * len(self.seeds))
            for supervisors, students in _blocks(self.pairs):
                tables.append(
                    grid(alike, supervisors, students, self.values(), self.seeds, settings, store, n_jobs)
                )
        if not sum(map(len, tables)):
            smaller = ", or the rate is too large: try a smaller --lr" if "lr" in self.settings else ""
            raise ValueError(f"no student was trained; the warnings above say why{smaller}")
        table = pd.concat(tables, ignore_index=True)
        as_asked = table["task"].map({task: place for place, task in enumerate(self.tasks)})
        return table.loc[as_asked.sort_values(kind="stable").index].reset_index(drop=True)


def _blocks(pairs: Sequence[tuple[str, str]]) -> list[tuple[list[str], list[str]]]:
    """The pairs as (supervisors, students) of grids: one where each supervisor has the same students."""
    students: dict[str, list[str]] = {}
    for supervisor, student in pairs:
        students.setdefault(supervisor, []).append(student)
    blocks: list[tuple[list[str], list[str]]] = []
    for supervisor, theirs in students.items():
        same = next((block for block in blocks if block[1] == theirs), None)
        if same:
            same[0].append(supervisor)
        else:
            blocks.append(([supervisor], theirs))
    return blocks


def across(supervisors: Sequence[str], students: Sequence[str]) -> list[tuple[str, str]]:
    """Every supervisor with every student. Raises ValueError where a name stands twice."""
    checks.check_once("supervisors", supervisors)
    checks.check_once("students", students)
    return [(supervisor, student) for supervisor in supervisors for student in students]


# -------------------- from a file
KEYS = ("tasks", "supervisors", "students", "pairs", "methods", "seeds", "settings", "store", "out")


def read_study(path: Path) -> Study:
    """The study in a TOML file, checked. Raises ValueError that names the file, the key and the remedy."""
    try:
        with path.open("rb") as file:
            given = tomllib.load(file)
    except FileNotFoundError:
        raise ValueError(
            f"{path} is not there; a study is a TOML file, docs/howto/study.md has one"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no TOML: {error}") from error
    try:
        study = _study(given)
        study.check()
    except ValueError as error:
        # the checks speak of options of the command line, which have the names of the keys
        keys = re.sub(r"--(\w[\w-]*)", lambda option: option[1].replace("-", "_"), str(error))
        raise ValueError(f"{path}: {keys}") from error
    return study


def _study(given: dict) -> Study:
    for key in given:
        if key not in KEYS:
            raise ValueError(nearest("key of a study", key, KEYS))
    settings = _of(given, "settings", dict, {})
    names = [each.name for each in fields(Settings) if each.name not in ("task", "seed")]
    for name in settings:
        if name not in names:
            raise ValueError("settings: " + nearest("setting", name, names))
    out = _of(given, "out", str, "")
    if out:
        check_writable(Path(out), "--out")
    return Study(
        tasks=_names(given, "tasks"),
        pairs=_pairs(given),
        methods=_methods(given),
        seeds=_seeds(given.get("seeds", 1)),
        settings=settings,
        store=_of(given, "store", str, "runs"),
        out=Path(out) if out else None,
    )


def _of(given: dict, key: str, kind: type, default: Any) -> Any:
    value = given.get(key, default)
    if not isinstance(value, kind):
        wanted = "a table of names and values" if kind is dict else "a text"
        raise ValueError(f"{key} is {wanted}, not {value!r}")
    return value


def _names(given: dict, key: str) -> list[str]:
    names = given.get(key)
    if not (isinstance(names, list) and names and all(isinstance(name, str) and name for name in names)):
        raise ValueError(f'{key} is a list of names, as in {key} = ["{key[0]}"], not {names!r}')
    return names


def _pairs(given: dict) -> list[tuple[str, str]]:
    if "pairs" not in given:
        return across(_names(given, "supervisors"), _names(given, "students"))
    if others := {"supervisors", "students"} & set(given):
        raise ValueError(f"pairs and {' and '.join(sorted(others))} say the same: keep one")
    pairs = given["pairs"]
    fit = lambda pair: isinstance(pair, list) and [*map(type, pair)] == [str, str]
    if not (isinstance(pairs, list) and pairs and all(map(fit, pairs))):
        raise ValueError(f'pairs is a list of [supervisor, student], as in [["s", "xl"]], not {pairs!r}')
    twice = [pair for pair in pairs if pairs.count(pair) > 1]
    if twice:
        raise ValueError(f"pairs has {twice[0]} twice: keep one")
    return [(supervisor, student) for supervisor, student in pairs]


def _methods(given: dict) -> dict[str, dict]:
    methods = given.get("methods", ["naive"])
    if isinstance(methods, dict) and methods:
        return {label: _of(methods, label, dict, {}) for label in methods}
    names = _names({"methods": methods}, "methods")
    checks.check_once("methods", names)
    return {name: {} for name in names}


def _seeds(given: Any) -> list[int]:
    whole = lambda number: isinstance(number, int) and not isinstance(number, bool)
    if whole(given) and given > 0:
        return list(range(given))
    if not (isinstance(given, list) and given and all(whole(seed) and seed >= 0 for seed in given)):
        raise ValueError(f"seeds is how many, or a list of whole numbers, not {given!r}")
    if len(set(given)) < len(given):
        raise ValueError(f"seeds {given}: one stands twice")
    return given
