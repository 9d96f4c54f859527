"""Measure whether supervisor and student err alike, and what that does to gains (Goel et al. 2025).

    python data_prep/measure_alike.py --first 100 --seeds 10

For notebook 26. Resumable: finetuned models are kept in the store, and the table grows seed by seed. Less
than two minutes a seed on one core. The settings of the dial were chosen on seeds 50 to 52.

alike   pair: four tasks, every supervisor with every larger student. `capa` compares the weak labels with the
        student's answers in words before it learns, on the student's half, `capa_hard` and `agreement` do so
        with hard answers. `capa_ceiling` and `capa_ceiling_hard` compare supervisor and ceiling on the test,
        `both` to `neither` say on which share of it which of these two is right, and `right_both` to
        `right_neither` how often the student is right there. `pgr` has a number where the gap is clear in
        this seed
        words: two neighbours of the ladder, both asked in words on the student's half
        dial: edible, supervisors of 70 % accuracy that share a part of the student's own errors (`overlap`);
        at 0.3 they err as often where the student errs as elsewhere
"""

from __future__ import annotations

import math

import numpy as np
import torch
from measuring import grow_tables, options

from w2s_kit.experiment.result import Result
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.splits import split_of
from w2s_kit.experiment.stages import run_ground_truth, run_labels, run_student, three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.metrics.answers import accuracy, capa, correct, quadrants
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.tasks.supervisors import errors_shared
from w2s_kit.training.reading import predict

TASKS, FAMILY = ("edible", "danger", "nli", "sentiment"), load_family()
OVERLAPS, DIALLED, WRONG = (0.0, 0.3, 0.5, 1.0), ("m", "l"), 0.3


def in_words(settings: Settings, size: str) -> dict[str, np.ndarray]:
    """P(yes) of the pretrained model on the student's half and the test, by part."""
    model, split = load_classifier(FAMILY[size], head="tokens"), split_of(settings)
    return {part: predict(model, split.parts[part]["text"].tolist()) for part in ("student", "test")}


def where_who_knew(weak, strong, student, truth) -> dict[str, float]:
    """The student's accuracy where both, one or neither of the others are right; NaN where there is none."""
    w, s, right = correct(weak, truth), correct(strong, truth), correct(student, truth)
    cases = {"both": w & s, "only_weak": w & ~s, "only_strong": ~w & s, "neither": ~w & ~s}
    return {f"right_{name}": right[case].mean() if case.any() else math.nan for name, case in cases.items()}


def compared(result: Result, words: dict[str, np.ndarray]) -> dict:
    """What one pair's runs say: accuracies, agreement before the student learns, and who knew."""
    weak, student, ceiling = result.supervisor, result.student, result.ceiling
    labels, truth = weak.probabilities("student"), weak.labels("student")
    test = [run.probabilities() for run in (weak, ceiling, student)]
    return {
        "supervisor_accuracy": weak.accuracy(),
        "student_accuracy": student.accuracy(),
        "ceiling_accuracy": ceiling.accuracy(),
        "words_accuracy": accuracy(words["test"], weak.labels()),
        "label_accuracy": accuracy(labels, truth),
        "agreement": float(np.mean((labels > 0.5) == (words["student"] > 0.5))),
        "capa": capa(labels, words["student"], truth),
        "capa_hard": capa(labels > 0.5, words["student"] > 0.5, truth),
        "capa_ceiling": capa(*test[:2], weak.labels()),
        "capa_ceiling_hard": capa(test[0] > 0.5, test[1] > 0.5, weak.labels()),
        **quadrants(*test[:2], weak.labels()),
        **where_who_knew(*test, weak.labels()),
        "pgr": result.pgr.value,
    }


def pairs(task: str, seed: int, store: Store) -> list[dict]:
    """Every supervisor with every larger student, and each model with the next one, both in words."""
    settings, rows, names = Settings(task, seed=seed), [], FAMILY.names
    words = {size: in_words(settings, size) for size in names}
    truth = split_of(settings).student["label"].to_numpy()
    for place, student in enumerate(names[1:], 1):
        for supervisor in names[:place]:
            result = three_stages(settings, supervisor, student, store=store, progress=False)
            where = {"task": task, "supervisor": supervisor, "student": student, "seed": seed}
            rows.append({**where, "what": "pair", "overlap": math.nan, **compared(result, words[student])})
        p, q = words[names[place - 1]]["student"], words[student]["student"]
        where = {"task": task, "supervisor": names[place - 1], "student": student, "seed": seed}
        both_asked = {
            "label_accuracy": accuracy(p, truth),
            "words_accuracy": accuracy(q, truth),
            "agreement": float(np.mean((p > 0.5) == (q > 0.5))),
            "capa": capa(p, q, truth),
            "capa_hard": capa(p > 0.5, q > 0.5, truth),
        }
        rows.append({**where, "what": "words", "overlap": math.nan, **both_asked})
    return rows


def dialled(student: str, seed: int, store: Store) -> list[dict]:
    """Supervisors of one accuracy that share more and more of the student's own errors."""
    settings, rows = Settings("edible", seed=seed), []
    words, split = in_words(settings, student), split_of(settings)
    ceiling = run_ground_truth(settings, student, "student", store=store, progress=False)
    for overlap in OVERLAPS:
        labels = {}
        for part, p in words.items():
            truth = split.parts[part]["label"].to_numpy()
            labels[part] = errors_shared(truth, p > 0.5, overlap, round(WRONG * len(p)), seed)
        weak = run_labels(settings, f"overlap {overlap:g}", labels, store=store)
        taught = run_student(settings, weak, student, store=store, progress=False)
        where = {"task": "edible", "supervisor": f"overlap {overlap:g}", "student": student, "seed": seed}
        result = Result(weak, taught, ceiling)
        rows.append({**where, "what": "dial", "overlap": overlap, **compared(result, words)})
    return rows


if __name__ == "__main__":
    args = options(__doc__).parse_args()
    torch.set_num_threads(1)

    def measure(seed: int) -> dict[str, list[dict]]:
        store = Store(args.store)
        rows = [row for task in TASKS for row in pairs(task, seed, store)]
        return {"alike": rows + [row for student in DIALLED for row in dialled(student, seed, store)]}

    grow_tables(["alike"], args, measure)
