"""Measure weak labels of equal accuracy whose errors are differently made (Appendix E), for notebook 10.

    python data_prep/measure_simulation.py    # results/simulation.csv, results/simulation_curves.csv

Resumable: every run is kept in the store. About half an hour on two cores. A supervisor is finetuned, and its
hard labels set the number of errors. The others make as many, on the student half and on the test, by the
structures of `w2s_kit.tasks.supervisors`. Students learn for twice as many epochs as elsewhere, so that they
could copy what can be copied. `simulable` is another model's measure: a linear probe on the pretrained
student, fitted to the weak labels, is wrong on the test how much more often where the labels are wrong than
where they are right?
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from measuring import grow_tables, options, parallel

from w2s_kit.experiment.result import Result
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_ground_truth, run_labels, run_student
from w2s_kit.experiment.store import Store
from w2s_kit.inside.probes import fit_probe
from w2s_kit.methods import get_method, own
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.tasks import load_task
from w2s_kit.tasks.split import Split
from w2s_kit.tasks.supervisors import STRUCTURES, wrong_at_top
from w2s_kit.training.reading import features

TASKS, SUPERVISOR, STUDENT, METHODS, EPOCHS = (
    ("edible", "danger", "weight"),
    "m",
    "xl",
    ("naive", "confidence"),
    4,
)
CELL = ["task", "structure", "student", "method", "seed"]


def watched(method: str, texts, labels):
    """The method, its progress on these texts written down each eighth of an epoch; trains nothing else."""

    def learn(student, seen, weak_labels, config, **kw):
        return get_method(method)(
            student,
            seen,
            weak_labels,
            replace(config, eval_every=1 / 8),
            **{**kw, "validation": (texts, labels)},
        )

    return own(learn, label=f"{method}, watched")


def simulable(split: Split, labels: dict[str, np.ndarray]) -> float:
    model = load_classifier(load_family()[STUDENT])
    train_features, test_features = (
        features(model, split.parts[part]["text"].tolist()) for part in ("student", "test")
    )
    answers, truth, weak_labels = (
        fit_probe(train_features, labels["student"]).predict(test_features),
        split.test["label"],
        labels["test"],
    )
    return float(
        (answers != truth)[weak_labels != truth].mean() - (answers != truth)[weak_labels == truth].mean()
    )


def structured(task: str, seed: int, structure: str, store: Store) -> list[tuple[dict, list[dict]]]:
    settings, quiet = Settings(task, seed=seed, hard_labels=True), {"store": store, "progress": False}
    split, real = load_task(task, seed), run_ground_truth(settings, SUPERVISOR, half="supervisor", **quiet)
    ceiling = run_ground_truth(settings, STUDENT, half="student", **quiet)
    labels = {part: real.answers(part) for part in ("student", "test")}
    if structure != "real":
        for part, weak_labels in labels.items():
            examples = split.parts[part]
            labels[part] = wrong_at_top(
                examples["label"],
                STRUCTURES[structure](examples),
                int((weak_labels != examples["label"]).sum()),
                seed,
            )
    weak, rows, excess = run_labels(settings, structure, labels, store=store), [], simulable(split, labels)
    wrong = (labels["test"] != split.test["label"]).to_numpy()
    errors = split.test["text"][wrong].tolist(), labels["test"][wrong].astype(float)
    for method in METHODS:
        run = run_student(replace(settings, epochs=EPOCHS), weak, STUDENT, watched(method, *errors), **quiet)
        row = Result(weak, run, ceiling).row() | {
            "method": method,
            "structure": structure,
            "simulable": excess,
        }
        cell = {name: row[name] for name in CELL}
        rows.append(
            (
                row,
                [
                    cell | {"epoch": step["epoch"], "errors_imitated": step["agreement"]}
                    for step in run.metrics["history"]
                ],
            )
        )
    return rows


if __name__ == "__main__":
    args = options(__doc__).parse_args()
    kept = [
        *CELL,
        *[f"{who}_accuracy" for who in ("supervisor", "student", "ceiling")],
        "agreement_right",
        "agreement_wrong",
        "simulable",
    ]

    def measure(seed: int) -> dict:
        cells = [(task, seed, structure) for task in TASKS for structure in ("real", *STRUCTURES)]
        found = parallel(structured, cells, "structures", args.jobs, Store(args.store))
        curves = [point for _, curve in found for point in curve]
        return {"simulation": pd.DataFrame([row for row, _ in found])[kept], "simulation_curves": curves}

    grow_tables(["simulation", "simulation_curves"], args, measure)
