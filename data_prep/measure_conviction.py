"""Measure in cross-entropy how far students end from their supervisor's errors, for notebook 08.

    python data_prep/measure_conviction.py --first 100 --seeds 20    # the table conviction.csv

Naive students after two epochs, the kit's setting, and after eight. After two, the probabilities of all of
them are near one half, and no trend can be seen: the claim of notebook 08 is refuted there. Eight were chosen
on seeds 50 and 51. Paper: Section 5.1.3. Some four minutes a seed on one core.

Criterion, fixed before a seed from 100 on was measured: after eight epochs, the median over tasks and
supervisors above chance of the slope of the cross-entropy with wrong weak labels > 0, in nats per factor of
10 in compute; refuted: < 0.01. With the table the claim will read it.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
from measuring import grow_tables, options, over_tasks

from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_ground_truth, run_student
from w2s_kit.experiment.store import Store
from w2s_kit.metrics.answers import cross_entropy_between

TASKS = ("edible", "danger", "weight", "size", "alive", "ethics", "nli", "temporal")
PAIRS = {"s": ("m", "l", "xl"), "m": ("l", "xl")}  # supervisor -> its students
EPOCHS = (2, 8)


def conviction(task: str, seed: int, store: Store) -> list[dict]:
    """A row a supervisor, larger student and number of epochs. Supervisors learn for two epochs always."""
    settings, rows = Settings(task, seed=seed), []
    for supervisor, students in PAIRS.items():
        weak = run_ground_truth(settings, supervisor, store=store, progress=False)
        right = weak.correct()
        for student, epochs in product(students, EPOCHS):
            mine = replace(settings, epochs=epochs)
            run = run_student(mine, weak, student, store=store, progress=False)
            apart = cross_entropy_between(run.probabilities(), weak.probabilities())
            rows.append(
                {
                    "task": task,
                    "supervisor": supervisor,
                    "student": student,
                    "seed": seed,
                    "epochs": epochs,
                    "label_accuracy": weak.accuracy("student"),
                    "supervisor_accuracy": weak.accuracy(),
                    "student_accuracy": run.accuracy(),
                    "student_pretraining_flops": run.metrics["pretraining_flops"],
                    "cross_entropy_right": float(apart[right].mean()) if right.any() else np.nan,
                    "cross_entropy_wrong": float(apart[~right].mean()) if not right.all() else np.nan,
                }
            )
    return rows


if __name__ == "__main__":
    args = options(__doc__).parse_args()
    grow_tables(["conviction"], args, lambda seed: {"conviction": over_tasks(conviction, TASKS, seed, args)})
