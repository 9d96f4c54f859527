"""Choose each size's finetuning learning rate without looking at a test.

    python data_prep/choose_lr.py m l --tasks edible ethics sentiment    # default: all sizes, all tasks
    python data_prep/choose_lr.py --family chess --seeds 8
    python data_prep/choose_lr.py --family miniworld-chat --seeds 8
    python data_prep/choose_lr.py --family sums --seeds 8

A rate is judged by accuracy on a held-out tenth of the half that the model learns from, as a mean over tasks
and seeds. Several rates may lie within one standard error of the best. Of these, MiniWorld takes the largest:
its heads begin with no opinion, and a student that hardly moves would keep none. Chess takes the smallest: a
policy has a head of its own, and harder finetuning than ground truth asks for only ties a student to its
labels. Students take their size's rate as it is.

Prints a table; the winners stand in `w2s_kit.models.families`. Resumable: every run is kept in the store.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from w2s_kit.experiment.learn import HELD_OUT
from w2s_kit.experiment.settings import CHESS, PREFERENCE, Settings
from w2s_kit.experiment.stages import run_ground_truth
from w2s_kit.experiment.store import Store
from w2s_kit.models.families import load_family
from w2s_kit.tasks import task_names

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = {
    "miniworld": Settings(task=""),
    "miniworld-chat": PREFERENCE,
    "chess": CHESS,
    "sums": Settings("sums", family="sums"),
}
RATES = {
    "miniworld": (3e-5, 1e-4, 3e-4, 1e-3, 3e-3),
    "miniworld-chat": (3e-5, 1e-4, 3e-4, 1e-3, 3e-3),
    "chess": (3e-4, 1e-3, 3e-3, 1e-2, 3e-2),
    "sums": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2),
}
AMONG_EQUALS = {"miniworld": max, "miniworld-chat": max, "chess": min, "sums": max}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sizes", nargs="*")
    parser.add_argument("--family", choices=RATES, default="miniworld")
    parser.add_argument("--tasks", nargs="*")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--store", type=Path, default=ROOT / "runs")
    args = parser.parse_args()
    base = SETTINGS[args.family]
    tasks = [base.task] if base.task else task_names()
    sizes, store, rows = args.sizes or load_family(args.family).names, Store(args.store), []
    work = [
        (size, task, seed, lr)
        for size in sizes
        for task in args.tasks or tasks
        for seed in range(1000, 1000 + args.seeds)
        for lr in RATES[args.family]
    ]
    for size, task, seed, lr in tqdm(work):
        # holds the tenth out
        settings = replace(base, task=task, seed=seed, lr=lr, early_stopping="ground_truth")
        run = run_ground_truth(settings, size, half="supervisor", store=store, progress=False)
        # at the end, not at the best step
        rows.append((size, task, seed, lr, run.metrics["history"][-1]["agreement"]))
    table = pd.DataFrame(rows, columns=["size", "task", "seed", "lr", "accuracy"])
    mean = table.pivot_table(index="size", columns="lr", values="accuracy", sort=False)
    print(mean.round(3).to_string())
    best, asked = mean.max(axis=1), len(table) / mean.size * HELD_OUT * base.n_train
    error = np.sqrt(best * (1 - best) / asked)
    print("standard error of the best:", error.round(4).to_dict())
    print(
        {
            size: float(AMONG_EQUALS[args.family](row.index[row >= row.max() - error[size]]))
            for size, row in mean.iterrows()
        }
    )
