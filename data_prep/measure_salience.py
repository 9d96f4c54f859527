"""Measure what weak labels make salient, asked as questions and as statements, for notebook 11.

    python data_prep/measure_salience.py --first 100 --seeds 10    # results/salience.csv

Questions were asked in pretraining, statements were only made. A probe for the truth is fitted to the
pretrained student, to the one that was finetuned on weak labels, and to the one finetuned on truth. Paper:
Section 5.2.3 and Figure 11. The table grows seed by seed, so a killed script continues; some five minutes a
seed on one core.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import torch
from joblib import Parallel, delayed
from measuring import grow, options

from w2s_kit.experiment.settings import Settings
from w2s_kit.inside.probes import probe_accuracy
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.tasks import load_task
from w2s_kit.tasks.miniworld.statements import as_statements
from w2s_kit.training.loop import finetune
from w2s_kit.training.reading import features, predict

TASKS, FORMS = ("size", "habitat", "material"), ("statement", "question")
PAIRS = (("m", "xl"), ("l", "xl"))
N_TRAIN, N_TEST, EPOCHS = 1_300, 500, 5  # the dose at which statements are learned; habitat has no more
FAMILY = load_family()


def salience(task: str, form: str, seed: int) -> list[dict]:
    """A row a pair of models."""
    torch.set_num_threads(1)
    split = load_task(task, seed, N_TRAIN, N_TEST)
    asked = {part: list(rows["text"]) for part, rows in split.parts.items()}
    texts = asked if form == "question" else {part: as_statements(task, said) for part, said in asked.items()}
    truth = {part: rows["label"].to_numpy(float) for part, rows in split.parts.items()}
    settings = Settings(task, seed=seed)

    def trained(size: str, part: str, labels: np.ndarray):
        torch.manual_seed(seed)
        model = load_classifier(FAMILY[size])
        config = replace(settings.train_config(FAMILY[size], "none"), epochs=EPOCHS)
        finetune(model, texts[part], labels, config, progress=False)
        return model

    def right(model) -> float:
        return float(((predict(model, texts["test"]) > 0.5) == truth["test"]).mean())

    def probed(model) -> float:
        at = {part: features(model, texts[part]) for part in ("student", "test")}
        return float(probe_accuracy(at["student"], truth["student"], at["test"], truth["test"]))

    (student,) = {student for _, student in PAIRS}
    ceiling, before = trained(student, "student", truth["student"]), probed(load_classifier(FAMILY[student]))
    rows = []
    for supervisor, _ in PAIRS:
        weak = trained(supervisor, "supervisor", truth["supervisor"])
        labels = predict(weak, texts["student"])
        taught = trained(student, "student", labels)
        rows.append(
            {
                "task": task,
                "supervisor": supervisor,
                "student": student,
                "form": form,
                "seed": seed,
                "supervisor_accuracy": right(weak),
                "label_accuracy": float(((labels > 0.5) == truth["student"]).mean()),
                "student_accuracy": right(taught),
                "ceiling_accuracy": right(ceiling),
                "probe_before": before,
                "probe_weak": probed(taught),
                "probe_truth": probed(ceiling),
            }
        )
    return rows


if __name__ == "__main__":
    args = options(__doc__).parse_args()

    def measure(tasks, seed: int) -> pd.DataFrame:
        cells = [(task, form, seed) for task in tasks for form in FORMS]
        parts = Parallel(n_jobs=args.jobs)(delayed(salience)(*cell) for cell in cells)
        return pd.DataFrame([row for part in parts for row in part])

    grow(args.out / "salience.csv", args, TASKS, measure)
