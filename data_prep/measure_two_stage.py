"""Measure filtering and relabelling (Shi et al. 2025), and long training, for notebook 20.

    python data_prep/measure_two_stage.py    # results/two_stage.csv, two_stage_late.csv
                                             # ten minutes on one core

Resumable: every student is kept in the store. Seeds begin at FIRST: those below were seen when stage II was
set up. `hard_` columns are accuracies on the third of the test where the supervisor is least sure. In
two_stage_late.csv, students learn for eight epochs from the supervisor's labels or from the truth; half of
the test says when they were best, and both columns are of the other half.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from measuring import grow_tables, options, over_tasks

from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_ground_truth, run_labels, run_stopped, run_student
from w2s_kit.experiment.store import Store
from w2s_kit.methods.two_stage import consistent_majority
from w2s_kit.tasks import load_task

TASKS, SUPERVISOR, STUDENT, SEEDS, FIRST = ("danger", "edible", "weight"), "m", "xl", 10, 10
LATE, EPOCHS = "l", 8  # on the first task, and a smaller student: the point is the epochs


def staged(task: str, seed: int, store: Store) -> list[dict]:
    settings, quiet = Settings(task, seed=seed), {"store": store, "progress": False}
    weak = run_ground_truth(settings, SUPERVISOR, half="supervisor", **quiet)
    runs = {
        "supervisor": weak,
        "naive": run_student(replace(settings, hard_labels=True), weak, STUDENT, **quiet),
        "soft": run_student(settings, weak, STUDENT, **quiet),
        "stage1": run_student(settings, weak, STUDENT, "two_stage", stages=1, **quiet),
        "stage2": run_student(settings, weak, STUDENT, "two_stage", **quiet),
        "ceiling": run_ground_truth(settings, STUDENT, half="student", **quiet),
    }
    doubt = -abs(weak.probabilities() - 0.5)
    hard = doubt >= np.quantile(doubt, 2 / 3)
    labels, kept = consistent_majority(weak.probabilities("student"), seed=seed)
    right = labels == weak.labels("student")
    row = {"task": task, "supervisor": SUPERVISOR, "student": STUDENT, "seed": seed}
    for who, run in runs.items():
        name = f"{who}_accuracy" if who in ("supervisor", "ceiling") else who
        row |= {name: run.accuracy(), f"hard_{name}": run.correct()[hard].mean()}
    difficulty = load_task(task, seed).student["difficulty"].to_numpy()
    return [
        row
        | {
            "labels": right.mean(),
            "kept": right[kept].mean(),
            "share_kept": kept.mean(),
            "difficulty": difficulty.mean(),
            "difficulty_kept": difficulty[kept].mean(),
        }
    ]


def late(task: str, seed: int, store: Store, taught_by=("weak", "truth")) -> list[dict]:
    settings, quiet = (
        Settings(task, seed=seed, hard_labels=True, epochs=EPOCHS),
        {"store": store, "progress": False},
    )
    truth = {part: load_task(task, seed).parts[part]["label"].to_numpy(float) for part in ("student", "test")}
    teachers = {
        "weak": run_ground_truth(Settings(task, seed=seed), SUPERVISOR, half="supervisor", **quiet),
        "truth": run_labels(settings, "truth", truth, store=store),
    }
    return [
        {
            "task": task,
            "supervisor": SUPERVISOR,
            "student": LATE,
            "taught_by": name,
            "seed": seed,
            "stopped": run_stopped(settings, teacher, LATE, **quiet).correct()[1::2].mean(),
            "end": run_student(settings, teacher, LATE, **quiet).correct()[1::2].mean(),
        }
        for name, teacher in teachers.items()
        if name in taught_by
    ]


if __name__ == "__main__":
    parser = options(__doc__)
    parser.add_argument(
        "--tables",
        nargs="+",
        choices=("two_stage", "two_stage_late"),
        default=["two_stage", "two_stage_late"],
    )
    parser.set_defaults(seeds=SEEDS, first=FIRST)
    args = parser.parse_args()
    measures = {"two_stage": (staged, TASKS), "two_stage_late": (late, TASKS[:1])}
    for name in args.tables:
        function, tasks = measures[name]
        grow_tables([name], args, lambda seed: {name: over_tasks(function, tasks, seed, args)})  # noqa: B023
