"""Every combination of tasks, models, methods and seeds, on as many processes as wanted."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from joblib import Parallel, delayed
from joblib.parallel import get_active_backend
from tqdm.auto import tqdm

from ..methods import Method, NothingBetween, as_method
from ..models.families import load_family
from ..shared.processes import end_with_parent, team
from .checks import OneSided, check_soft
from .keys import code_of, told_options
from .result import Result
from .settings import Settings
from .splits import split_of
from .stages import run_ground_truth, run_student
from .store import Store


def grid(
    tasks: Sequence[str],
    supervisors: Sequence[str],
    students: Sequence[str],
    methods: Sequence[str | Method | Callable] | Mapping[Any, Any] = ("naive",),
    seeds: Sequence[int] = (0,),
    settings: Settings | None = None,
    store: Store | None = None,
    n_jobs: int = 1,
    upward: bool = False,
) -> pd.DataFrame:
    """Every combination, one row a (task, supervisor, student, method, seed), columns as in `Result.row`.

    methods: values, as in [naive, *(confidence(alpha_max=a) for a in (0.25, 0.5))], names, or functions of
    your own. A mapping goes from names to options, {"naive": {}, "confidence": {"alpha_max": 0.5}}, or from
    labels to methods.
    n_jobs: processes of one thread each, by joblib's current backend. Tasks and seeds are dealt to them.
    upward: leaves out students that are smaller than their supervisor.

    A grid that was killed continues when it is started again. With everything in the store it only reads.
    Where a supervisor's weak labels are all the same, as hard ones may be, there is a warning and no row.
    Raises ValueError for a seed or a label of a method that stands twice, and for an unknown name.
    """
    store, settings = store or Store(), settings or Settings(task="")
    if team() and n_jobs != 1:
        raise ValueError(
            f"n_jobs={n_jobs} trains models side by side, and this process is one of several that train each "
            "model together: choose one"
        )
    methods = _methods([methods] if isinstance(methods, str) or callable(methods) else methods)
    if len(set(seeds)) < len(list(seeds)):
        raise ValueError(f"seeds {list(seeds)}: one stands twice, and so would its rows")
    specs = load_family(settings.family)
    size = {name: specs[name].parameters for name in (*supervisors, *students)}
    pairs = [(w, s) for w in supervisors for s in students if not upward or size[s] >= size[w]]
    by_task = [replace(settings, task=task) for task in tasks]
    cells = [replace(cell, seed=seed) for seed in seeds for cell in by_task]
    runs = len({w for w, _ in pairs}) + len({s for _, s in pairs}) + len(pairs) * len(methods)
    rows = []
    with tqdm(
        total=len(cells) * runs, unit="run", delay=2, disable=bool(os.environ.get("TQDM_DISABLE"))
    ) as bar:
        if n_jobs == 1:
            for cell in cells:
                rows += _cell(cell, pairs, methods, store, bar.update)
        else:
            named = [replace(method, code=code_of(method), told=told_options(method)) for method in methods]
            work = (delayed(_cell)(cell, pairs, named, store, None, Path.cwd()) for cell in cells)
            # ray's gives all at once
            one_by_one = getattr(get_active_backend()[0], "supports_return_generator", False)
            for done in Parallel(n_jobs=n_jobs, return_as="generator" if one_by_one else "list")(work):
                rows += done
                bar.update(runs)
    return pd.DataFrame(rows)


def _cell(
    settings: Settings,
    pairs: Sequence[tuple[str, str]],
    methods: Sequence[Method],
    store: Store,
    tick: Callable | None,
    folder: Path | None = None,
) -> list[dict]:
    """The rows of one task and seed: ground truth first, each model once, then the students.

    pairs: (supervisor, student). tick: called after each run; None in a process of its own, which works in
    `folder`, as it may be older than a change of folders.
    """
    if tick is None:  # one of several processes: more threads would only fight for the cores
        end_with_parent()
        if folder and folder.is_dir():  # another machine may not have it
            os.chdir(folder)
        torch.set_num_threads(1)
        tick = int

    def ground_truth(names, half):
        runs = {}
        for name in dict.fromkeys(names):
            runs[name] = run_ground_truth(settings, name, half, store=store, progress=False)
            tick()
        return runs

    check_soft(settings, split_of(settings))  # before anything is trained
    weak = ground_truth([supervisor for supervisor, _ in pairs], "supervisor")
    ceilings = ground_truth([student for _, student in pairs], "student")
    rows = []
    for supervisor, student in pairs:
        for method in methods:
            try:
                run = run_student(settings, weak[supervisor], student, method, store=store, progress=False)
                rows.append(Result(weak[supervisor], run, ceilings[student], method.label).row())
            except (OneSided, NothingBetween) as error:
                warnings.warn(f"no row for student {student!r}: {error}", stacklevel=2)
            tick()
    return rows


def _methods(given: Sequence | Mapping) -> list[Method]:
    """Methods with labels that differ.

    An unknown name raises ValueError here, and not when all supervisors are trained.
    """
    if isinstance(given, Mapping):
        methods = [
            as_method(it).called(str(name)) if isinstance(it, str) or callable(it) else as_method(name, it)
            for name, it in given.items()
        ]
    else:
        methods = [as_method(method) for method in given]
    labels = [method.label for method in methods]
    if twice := sorted({label for label in labels if labels.count(label) > 1}):
        raise ValueError(
            f"methods: {', '.join(twice)} stands twice, and rows of a table are told apart by it; give "
            "labels, for example naive.called('mine')"
        )
    return methods
