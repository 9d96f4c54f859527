"""Measure weak to strong on handwritten digits (Appendix D.1 of the paper), for notebook 12.

    python data_prep/measure_vision.py    # results/vision.csv, vision_passes.csv; ten minutes on one core

A supervisor that sees six pixels, and linear probes on three representations that were learned without
labels. In vision_passes.csv, one of these learned for longer and longer.
"""

from __future__ import annotations

import pandas as pd
import torch
from measuring import grow_tables, options

from w2s_kit.studies.vision import STUDENTS, load_digits, probe, represent, supervise

SUPERVISOR, FIRST, SEEDS = "centre", 100, 10
PASSES = (0, 20, 60, 300)  # the last, the default, stands in vision.csv


def measure(seed: int) -> dict[str, pd.DataFrame]:
    """A row a student, and one a number of passes."""
    split = load_digits(seed)
    weak = supervise(split, SUPERVISOR)

    def row(student: str, **options) -> dict:
        stages = probe(*represent(student, split, seed, **options), weak, split.truth)
        cell = {"task": "digits", "supervisor": SUPERVISOR, "student": student, "seed": seed}
        return cell | options | stages.accuracies()

    by_passes = [row("contrastive", passes=passes) for passes in PASSES]
    longest = {name: value for name, value in by_passes[-1].items() if name != "passes"}
    others = [row(student) for student in STUDENTS if student != "contrastive"]
    return {"vision": pd.DataFrame([*others, longest]), "vision_passes": pd.DataFrame(by_passes)}


if __name__ == "__main__":
    parser = options(__doc__)
    parser.set_defaults(first=FIRST, seeds=SEEDS)
    torch.set_num_threads(1)
    grow_tables(["vision", "vision_passes"], parser.parse_args(), measure)
