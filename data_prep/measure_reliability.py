"""Measure a supervisor that is asked five times (Guo and Yang 2024), for notebook 19.

    python data_prep/measure_reliability.py    # results/reliability.csv; a quarter of an hour on one core

Resumable: every student is kept in the store. All students take the same number of steps. `soft` learns from
one answer's probability; the `wrong_` ones have a supervisor that is sure, and wrong, about every tool, and
what it was about the rest. Labels are those of the student half: `kept` and `dropped` by the filter.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from measurements import asked
from measuring import grow_tables, options, over_tasks

from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_ground_truth, run_student
from w2s_kit.experiment.store import Store
from w2s_kit.methods.reliability import WAYS, consistent
from w2s_kit.tasks import load_task
from w2s_kit.tasks.miniworld.paraphrase import queries
from w2s_kit.tasks.supervisors import STRUCTURES

TASKS, SUPERVISOR, STUDENT, SEEDS = ("edible", "danger", "weight"), "m", "xl", 10


def sure_and_wrong(answers: np.ndarray, examples) -> np.ndarray:
    """The same answers, but about tools always the wrong one."""
    tool, truth = STRUCTURES["kind"](examples), examples["label"].to_numpy()
    return np.where(tool[:, None], 1 - truth[:, None], answers)


def reliability(task: str, seed: int, store: Store) -> list[dict]:
    settings, quiet = Settings(task, seed=seed, hard_labels=True), {"store": store, "progress": False}
    half = load_task(task, seed).student
    wordings = queries(half["text"], seed=seed)
    weak, answers = (
        run_ground_truth(settings, SUPERVISOR, half="supervisor", **quiet),
        (asked(settings, SUPERVISOR, wordings) > 0.5).astype(int),
    )
    wrong = sure_and_wrong(answers, half)
    row = {
        "task": task,
        "supervisor": SUPERVISOR,
        "student": STUDENT,
        "seed": seed,
        "supervisor_accuracy": weak.accuracy(),
        "naive": run_student(settings, weak, STUDENT, **quiet).accuracy(),
        "soft": run_student(replace(settings, hard_labels=False), weak, STUDENT, **quiet).accuracy(),
    }
    for prefix, labels, ways in (("", answers, WAYS), ("wrong_", wrong, ("unweighted", "filter"))):
        for by in ways:
            row[prefix + by] = run_student(
                settings, weak, STUDENT, "reliability", queries=wordings, answers=labels, by=by, **quiet
            ).accuracy()
        right, kept = labels == half["label"].to_numpy()[:, None], consistent(labels)
        row |= {
            f"{prefix}labels": right.mean(),
            f"{prefix}kept": right[kept].mean(),
            f"{prefix}dropped": right[~kept].mean(),
            f"{prefix}share_kept": kept.mean(),
        }
    return [
        row | {"ceiling_accuracy": run_ground_truth(settings, STUDENT, half="student", **quiet).accuracy()}
    ]


if __name__ == "__main__":
    parser = options(__doc__)
    parser.set_defaults(seeds=SEEDS)
    args = parser.parse_args()
    measure = lambda seed: {"reliability": over_tasks(reliability, TASKS, seed, args)}
    grow_tables(["reliability"], args, measure)
