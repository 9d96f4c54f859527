"""The whole grid of notebooks 02 and 03: every task, every pair of the family, both methods, five seeds.

    python data_prep/measure_nlp.py    # fills results/nlp_grid.csv, results/nlp_summary.csv and
    results/nlp_scaling.png

Resumable: every run is kept in the store, a killed script continues where it stopped.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import torch
from joblib import Parallel, delayed
from tqdm.auto import tqdm

from w2s_kit import plots
from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.result import summarise
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.store import Store
from w2s_kit.models.families import load_family
from w2s_kit.shared.files import written_whole
from w2s_kit.tasks import task_names

ROOT = Path(__file__).resolve().parent.parent


def save(table: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as temporary:
        table.to_csv(temporary, index=False, float_format="%.6g")


def save_grid(table: pd.DataFrame, store: Store, out: Path, name: str) -> pd.DataFrame:
    """NAME_grid.csv and NAME_summary.csv; returns the summary."""
    summary = summarise(table, store)
    save(table, out / f"{name}_grid.csv")
    save(summary, out / f"{name}_summary.csv")
    return summary


def parallel(function, cells, what: str, jobs: int, store: Store) -> list:
    """All that `function(*cell, store)` gives for the cells, in processes of one thread each."""

    def one(*cell):
        torch.set_num_threads(1)
        return function(*cell, store)

    parts = Parallel(n_jobs=jobs, return_as="generator")(delayed(one)(*cell) for cell in cells)
    return [row for part in tqdm(parts, what, len(cells)) for row in part]


def over_seeds(function, tasks, args) -> pd.DataFrame:
    """The rows of `function(task, seed, store)`, all tasks and seeds of the `options`."""
    cells = [(task, seed) for seed in range(args.seeds) for task in tasks]
    return pd.DataFrame(parallel(function, cells, function.__name__, args.jobs, Store(args.store)))


def options(description: str) -> argparse.ArgumentParser:
    """What every script that measures a grid may be told."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--store", type=Path, default=ROOT / "runs")
    parser.add_argument("--out", type=Path, default=ROOT / "results")
    return parser


if __name__ == "__main__":
    args = options(__doc__).parse_args()
    names, store = load_family("miniworld").names, Store(args.store)
    table = grid(
        task_names(),
        names[:-1],
        names,
        methods=["naive", "confidence"],
        seeds=range(args.seeds),
        settings=Settings(task=""),
        store=store,
        n_jobs=args.jobs,
        upward=True,
    )
    summary = save_grid(table, store, args.out, "nlp")
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    plots.accuracy_by_compute(table[table["method"] == "naive"], ax=left).set(title="naive students")
    plots.pgr_by_compute(summary, methods=("naive", "confidence"), ax=right, legend=False).set(
        title="naive (dotted), confidence loss (dashed)"
    )
    figure.savefig(args.out / "nlp_scaling.png", dpi=110, metadata={"Software": None})
