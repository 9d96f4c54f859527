"""The whole grid of notebooks 02 and 03: every task, every pair of the family, both methods, five seeds.

    python data_prep/measure_nlp.py            # fills results/nlp_grid.csv and results/nlp_summary.csv

Resumable: every run is kept in the store, a killed script continues where it stopped.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pandas as pd

from w2s_kit.experiment import Settings, grid, summarise
from w2s_kit.models import load_family
from w2s_kit.store import Store
from w2s_kit.tasks import task_names

ROOT = Path(__file__).resolve().parent.parent


def save(table: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(f"{path}.tmp", index=False, float_format="%.6g")
    os.replace(f"{path}.tmp", path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--store", type=Path, default=ROOT / "runs")
    parser.add_argument("--out", type=Path, default=ROOT / "results")
    args = parser.parse_args()
    names, store = load_family("miniworld").names, Store(args.store)
    table = grid(task_names(), names[:-1], names, methods=["naive", "confidence"], seeds=range(args.seeds),
                 settings=Settings(task=""), store=store, n_jobs=args.jobs, upward=True)
    save(table, args.out / "nlp_grid.csv")
    save(summarise(table, store), args.out / "nlp_summary.csv")
