"""What the scripts that measure share: their options, tables that are written whole, cells in processes.

A script measure_X.py fills tables of `results/`. It imports from here, and never from another script.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import torch
from joblib import Parallel, delayed
from tqdm.auto import tqdm

from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.result import summarise
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.store import Store

ROOT = Path(__file__).resolve().parent.parent


def save(table: pd.DataFrame, path: Path) -> None:
    """Writes a table as CSV, whole or not at all, with six digits a number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(f"{path}.tmp", index=False, float_format="%.6g")
    os.replace(f"{path}.tmp", path)


def save_summary(table: pd.DataFrame, out: Path, name: str) -> pd.DataFrame:
    """NAME_summary.csv of a grid; returns it. Its intervals are over seeds."""
    summary = summarise(table, items=False)
    save(summary, out / f"{name}_summary.csv")
    return summary


def grow_grid(name: str, args: argparse.Namespace, tasks, settings: Settings, **grid_options) -> pd.DataFrame:
    """NAME_grid.csv and NAME_summary.csv, grown as by `grow`; returns the summary.

    `grid_options`: as `grid` takes them.
    """
    measure = lambda missing, seed: grid(
        missing, seeds=[seed], settings=settings, n_jobs=args.jobs, **grid_options
    )
    return save_summary(grow(args.out / f"{name}_grid.csv", args, tasks, measure), args.out, name)


def grow(path: Path, args: argparse.Namespace, tasks, measure: Callable) -> pd.DataFrame:
    """The table at `path` with the seeds that `args` name, a row a task or more.

    `measure(tasks, seed)` returns the rows that are missing. What the table has already stays, so it grows by
    `--seeds`, on any machine, and a killed script continues. It is written after every seed. Raises
    ValueError for a table that has other seeds, or other columns: it is not written over.
    """
    wanted = range(args.first, args.first + args.seeds)
    table = _there(path, wanted)
    parts = [table] if len(table) else []
    for seed in wanted:
        there = {task for part in parts for task in part.loc[part["seed"] == seed, "task"]}
        if missing := [task for task in tasks if task not in there]:
            parts.append(measure(missing, seed))
            _check_columns(parts[0], parts[-1], path)
            save(pd.concat(parts, ignore_index=True), path)
    return pd.concat(parts, ignore_index=True)


def grow_tables(names, args: argparse.Namespace, measure: Callable) -> dict[str, pd.DataFrame]:
    """The tables NAME.csv of `names`, grown as by `grow`; returns them by name.

    `measure(seed)` returns the rows of one seed for every table, by its name. A seed that one of the tables
    lacks is measured again for all. Raises ValueError as `grow` does.
    """
    wanted = range(args.first, args.first + args.seeds)
    paths = {name: args.out / f"{name}.csv" for name in names}
    tables = {name: _there(path, wanted) for name, path in paths.items()}
    for seed in tqdm(wanted, "seeds"):
        if all(len(table) and (table["seed"] == seed).any() for table in tables.values()):
            continue
        for name, rows in measure(seed).items():
            before = tables[name]
            if len(before):
                _check_columns(before, pd.DataFrame(rows), paths[name])
                before = before[before["seed"] != seed]
            tables[name] = pd.concat([before, pd.DataFrame(rows)], ignore_index=True)
            save(tables[name], paths[name])
    return tables


def _there(path: Path, wanted: range) -> pd.DataFrame:
    """What a table has already. Raises ValueError where it has other seeds than those."""
    table = pd.read_csv(path) if path.exists() else pd.DataFrame()
    if len(table) and (others := set(table["seed"]) - set(wanted)):
        raise ValueError(f"{path} has other seeds, {sorted(others)[:5]}: name another folder, --out FOLDER")
    return table


def _check_columns(before: pd.DataFrame, now: pd.DataFrame, path: Path) -> None:
    if set(now) != set(before):
        raise ValueError(f"{path} has other columns: it is of another version, so name another folder")


def parallel(function, cells, what: str, jobs: int, store: Store) -> list:
    """All that `function(*cell, store)` gives for the cells, in processes of one thread each."""

    def one(*cell):
        torch.set_num_threads(1)
        return function(*cell, store)

    parts = Parallel(n_jobs=jobs, return_as="generator")(delayed(one)(*cell) for cell in cells)
    return [row for part in tqdm(parts, what, len(cells)) for row in part]


def over_tasks(function, tasks, seed: int, args) -> list:
    """The rows of `function(task, seed, store)` for all tasks."""
    return parallel(
        function, [(task, seed) for task in tasks], function.__name__, args.jobs, Store(args.store)
    )


def options(description: str) -> argparse.ArgumentParser:
    """What every script that measures a grid may be told."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--store", type=Path, default=ROOT / "runs")
    parser.add_argument("--out", type=Path, default=ROOT / "results")
    return parser
