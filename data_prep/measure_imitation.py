"""Measure how students imitate their supervisors, for notebook 08.

    python data_prep/measure_nlp.py && python data_prep/measure_chess.py
    python data_prep/measure_preference.py
    python data_prep/measure_imitation.py    # results/imitation.csv, from the same store

It reads the predictions of the runs behind results/*_grid.csv, and trains nothing. A run that is not in the
store is named.
"""

from __future__ import annotations

import argparse
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from measuring import ROOT, save
from tqdm.auto import tqdm

from w2s_kit.experiment.store import Store
from w2s_kit.metrics.answers import cross_entropy_between, error_sources

DOMAINS = {"language": "nlp", "chess": "chess", "reward modelling": "preference"}
PAIR = ["task", "supervisor", "student", "method", "seed"]


def imitation(grid: pd.DataFrame, load) -> pd.DataFrame:
    """One row a student of a grid: shares of the test by what became of the supervisor's answer.

    Where there are soft predictions for two answers, also the cross-entropy between the two where the
    supervisor is right and where it is wrong.
    """
    rows = []
    for row in tqdm(grid[grid["method"].isin(["naive", "confidence"])].to_dict("records"), unit="run"):
        weak, student = load(row["supervisor_run"]), load(row["student_run"])
        right, shares = weak.correct(), error_sources(student.answers(), weak.answers(), student.labels())
        if "answer" not in weak.predictions:
            apart = cross_entropy_between(student.probabilities(), weak.probabilities())
            shares |= {
                f"cross_entropy_{name}": float(apart[where].mean()) if where.any() else np.nan
                for name, where in (("right", right), ("wrong", ~right))
            }
        rows.append({**{name: row[name] for name in (*PAIR, "student_pretraining_flops")}, **shares})
    return pd.DataFrame(rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--store", type=Path, nargs="+", default=[ROOT / "runs"], help="one, or several to look in"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "results")
    parser.add_argument(
        "--domains",
        nargs="+",
        choices=list(DOMAINS),
        default=list(DOMAINS),
        help="the others stay as they are",
    )
    args = parser.parse_args()
    stores = [Store(root) for root in args.store]

    @lru_cache(maxsize=512)
    def load(name: str):
        for store in stores:
            if (run := store.load(name)) is not None:
                return run
        raise SystemExit(
            f"run {name} of a grid is not in {', '.join(map(str, args.store))}: "
            "measure that grid again with this store"
        )

    path = args.out / "imitation.csv"
    before = pd.read_csv(path) if set(args.domains) < set(DOMAINS) else pd.DataFrame()
    tables = [
        imitation(pd.read_csv(args.out / f"{name}_grid.csv"), load).assign(domain=domain)
        if domain in args.domains
        else before[before["domain"] == domain]
        for domain, name in DOMAINS.items()
    ]
    table = pd.concat(tables, ignore_index=True)
    shares = [
        "kept",
        "corrected",
        "inherited",
        "replaced",
        "new",
        "cross_entropy_right",
        "cross_entropy_wrong",
    ]
    save(table[["domain", *PAIR, "student_pretraining_flops", *shares]].round(4), path)
