"""Measure when students are best, for notebook 09: at the end, or where weak labels or truth stop them.

    python data_prep/measure_overfitting.py    # results/overfitting.csv, overfitting_curves.csv

Resumable: every run is kept in the store, a killed script continues where it stopped. About forty minutes on
two cores. Ground truth stops by every other example of the test, and all five models are judged on the other
half (`_accuracy`); `flattered_accuracy` is the same stopped student on the examples that it was stopped by.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from measuring import grow_tables, options, parallel

from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_ground_truth, run_stopped, run_student
from w2s_kit.experiment.store import Store

# those where s and m know something and xl more
TASKS = ("edible", "weight", "size", "nli", "ethics", "sentiment")
SUPERVISORS, STUDENT, METHODS = ("s", "m"), "xl", ("naive", "confidence")


def stopping(
    task: str, seed: int, supervisor: str, student: str, method: str, store: Store
) -> list[tuple[dict, list[dict]]]:
    """The row of a student, and the way of its accuracy."""
    settings, quiet = Settings(task, seed=seed), {"store": store, "progress": False}
    runs = {
        "supervisor": run_ground_truth(settings, supervisor, half="supervisor", **quiet),
        "student": run_student(settings, supervisor, student, method, **quiet),
        "weakly_stopped": run_student(
            replace(settings, early_stopping="weak"), supervisor, student, method, **quiet
        ),
        "stopped": run_stopped(settings, supervisor, student, method, **quiet),
        "ceiling": run_ground_truth(settings, student, half="student", **quiet),
    }
    cell = {"task": task, "supervisor": supervisor, "student": student, "method": method, "seed": seed}
    history = pd.DataFrame(runs["stopped"].metrics["history"])
    curve = [
        cell | {"epoch": epoch, "accuracy": accuracy}
        for epoch, accuracy in zip(history["epoch"], history["agreement"])
    ]
    accuracies = {f"{who}_accuracy": run.correct()[1::2].mean() for who, run in runs.items()}
    return [(cell | accuracies | {"flattered_accuracy": runs["stopped"].correct()[::2].mean()}, curve)]


if __name__ == "__main__":
    args = options(__doc__).parse_args()

    def measure(seed: int) -> dict[str, list[dict]]:
        cells = [
            (task, seed, supervisor, STUDENT, method)
            for task in TASKS
            for supervisor in SUPERVISORS
            for method in METHODS
        ]
        found = parallel(stopping, cells, "stopping", args.jobs, Store(args.store))
        curves = [point for _, curve in found for point in curve]
        return {"overfitting": [row for row, _ in found], "overfitting_curves": curves}

    grow_tables(["overfitting", "overfitting_curves"], args, measure)
