"""Measure what stopping reward models by ground truth would gain, for notebooks 06 and 07.

    python data_prep/measure_stopping.py    # results/preference_stopping.csv, preference_way.csv
                                            # two hours on one core

    stopping    accuracy at the end, and where ground truth would have stopped, on examples unseen in stopping
    way         the way of those students through the epoch (Figure 7)

Students are of the largest size. Naive ones are measured on all seeds, and judge a claim; those that read
first, on the first five, for a comparison. Resumable: every run is kept in the store.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from measuring import grow_tables, options, parallel

from w2s_kit.experiment.settings import PREFERENCE
from w2s_kit.experiment.stages import run_ground_truth, run_stopped, run_student
from w2s_kit.experiment.store import Store
from w2s_kit.models.families import load_family

FIRST, SEEDS = 100, 24  # as many as trials said a reward model's gain takes
SEEDS_OF = {"naive": SEEDS, "generative": 5}


def stopping(seed: int, supervisor: str, student: str, method: str, store: Store) -> list[tuple[str, dict]]:
    """Rows of two tables, each with the name of its table.

    ("stopping", the accuracies on examples unseen in stopping: stopped by ground truth, and not), ("way", a
    point on the way) ...
    """
    settings = replace(PREFERENCE, seed=seed)
    weak, ceiling = (
        run_ground_truth(settings, supervisor, store=store, progress=False),
        run_ground_truth(settings, student, half="student", store=store, progress=False),
    )
    last = run_student(settings, supervisor, student, method, store=store, progress=False)
    best = run_stopped(settings, supervisor, student, method, store=store, progress=False)
    about = {"supervisor": supervisor, "student": student, "method": method, "seed": seed}
    half = {
        f"{who}_accuracy": run.correct()[1::2].mean()
        for who, run in (("supervisor", weak), ("student", last), ("stopped", best), ("ceiling", ceiling))
    }
    return [
        ("stopping", {**about, **half}),
        *(
            ("way", {**about, "epoch": row["epoch"], "accuracy": row["agreement"]})
            for row in best.metrics["history"]
        ),
    ]


if __name__ == "__main__":
    parser = options(__doc__)
    parser.set_defaults(first=FIRST, seeds=SEEDS)
    args = parser.parse_args()
    # without xs, which guesses
    *supervisors, largest = load_family(PREFERENCE.family).names[1:]

    def measure(seed: int) -> dict[str, pd.DataFrame]:
        methods = [method for method, seeds in SEEDS_OF.items() if seed < FIRST + seeds]
        cells = [(seed, supervisor, largest, method) for supervisor in supervisors for method in methods]
        rows = parallel(stopping, cells, "students", args.jobs, Store(args.store))
        of = lambda wanted: pd.DataFrame([row for name, row in rows if name == wanted])
        return {"preference_stopping": of("stopping"), "preference_way": of("way")}

    grow_tables(["preference_stopping", "preference_way"], args, measure)
