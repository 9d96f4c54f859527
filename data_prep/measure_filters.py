"""Measure filters of weak labels with a weaker supervisor, for notebooks 19 and 20.

    python data_prep/measure_filters.py    # results/filters.csv; a quarter of an hour on one core

Supervisor and student are smaller than in measure_reliability.py and measure_two_stage.py, so that more is
left to gain; there are as many questions as the world has. The supervisor is asked five times, and each
answer is drawn from its probability, so what it half believes shows as a contradiction. Columns are
accuracies: `naive`, `soft`, the ways of `methods.reliability`, and both stages of `methods.two_stage`; `kept`
and `dropped` are of labels, and `dropped` is empty where the filter keeps everything. Resumable.
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

TASKS, SUPERVISOR, STUDENT, N = ("edible",), "s", "l", 1_200
FIRST, SEEDS = 120, 40  # those before left two claims undecided


def filters(task: str, seed: int, store: Store) -> list[dict]:
    """The row of one seed."""
    soft, quiet = Settings(task, seed=seed, n_train=N), {"store": store, "progress": False}
    hard, half = replace(soft, hard_labels=True), load_task(task, seed, N).student
    wordings = queries(half["text"], seed=seed)
    p = asked(hard, SUPERVISOR, wordings)
    answers = (np.random.default_rng(seed).random(p.shape) < p).astype(int)
    right, kept = answers == half["label"].to_numpy()[:, None], consistent(answers)
    weak = run_ground_truth(hard, SUPERVISOR, half="supervisor", **quiet)
    runs = {
        "supervisor_accuracy": weak,
        "ceiling_accuracy": run_ground_truth(hard, STUDENT, half="student", **quiet),
        "naive": run_student(hard, weak, STUDENT, **quiet),
        "soft": run_student(soft, weak, STUDENT, **quiet),
        "stage1": run_student(soft, weak, STUDENT, "two_stage", stages=1, **quiet),
        "stage2": run_student(soft, weak, STUDENT, "two_stage", **quiet),
    }
    several = {"queries": wordings, "answers": answers}
    runs |= {by: run_student(hard, weak, STUDENT, "reliability", by=by, **several, **quiet) for by in WAYS}
    row = {"task": task, "supervisor": SUPERVISOR, "student": STUDENT, "seed": seed}
    labels = {"kept": right[kept].mean(), "dropped": right[~kept].mean(), "share_kept": kept.mean()}
    return [row | {name: run.accuracy() for name, run in runs.items()} | labels]


if __name__ == "__main__":
    parser = options(__doc__)
    parser.set_defaults(first=FIRST, seeds=SEEDS)
    args = parser.parse_args()
    grow_tables(["filters"], args, lambda seed: {"filters": over_tasks(filters, TASKS, seed, args)})
