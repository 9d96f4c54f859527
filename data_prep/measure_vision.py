"""Measure weak to strong on handwritten digits (Appendix D.1 of the paper), for notebook 12.

    python data_prep/measure_vision.py    # results/vision.csv, within a minute

A supervisor that sees six pixels, and linear probes on two representations that were learned without labels.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
from measuring import ROOT, save
from tqdm.auto import tqdm

from w2s_kit.studies.vision import STUDENTS, three_stages

SUPERVISOR, SEEDS = "centre", 10

if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--out", type=Path, default=ROOT / "results")
    args = parser.parse_args()
    cells = [
        {"task": "digits", "supervisor": SUPERVISOR, "student": student, "seed": seed}
        for student in STUDENTS
        for seed in range(args.seeds)
    ]
    rows = [
        cell | three_stages(cell["student"], SUPERVISOR, seed=cell["seed"]).accuracies()
        for cell in tqdm(cells, "students")
    ]
    save(pd.DataFrame(rows), args.out / "vision.csv")
