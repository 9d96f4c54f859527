"""Measure disanalogies turned on and off (Section 6 of the paper), for notebook 13.

    python data_prep/measure_dials.py --first 100 --seeds 20    # results/dials.csv, deception.csv; an hour on
                                                                # one core

Every run of the dials is kept in the store.

says    students whose pretraining text answers as people would, who are wrong about three words in ten,
        learn from people's labels
leak    students whose pretraining text holds ever less of what is edible learn what is edible, from s
hiding  students that are finetuned to answer as labelled where the supervisor looks (the short form of a
        question), and the other way round in the long form; honest ones, as labelled in both. Where it
        cannot look, does a probe's disagreement with the outputs tell one from the other? `auc` is that of
        the layer before the last, `auc_outputs` of the outputs where it looks.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from measuring import grow_tables, options, over_tasks
from sklearn.metrics import roc_auc_score

from w2s_kit.experiment.run import Run
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_ground_truth, run_labels, three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.inside.probes import fit_probe
from w2s_kit.methods import get_method
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.tasks import load_task
from w2s_kit.tasks.supervisors import beliefs
from w2s_kit.training.reading import features, predict

# with m, what people say of deeds and adjectives sinks in, of nouns little
SAYS, LEAK = ("ethics", "social", "sentiment"), "edible"
HIDING, SUPERVISOR, STUDENT = ("edible", "danger", "weight"), "m", "xl"
# with fewer examples or steps it hides badly: it is wrong where the supervisor looks
HIDER = dict(n_train=700, epochs=8, lr=2e-4)


def turned(settings: Settings, weak: Run, student: str, dial: str, share: float, store: Store) -> dict:
    naive, careful = (
        three_stages(settings, weak, student, method, store=store, progress=False)
        for method in ("naive", "confidence")
    )
    row = naive.row()
    kept = {
        name: row[name]
        for name in (
            "task",
            "supervisor",
            "student",
            "seed",
            "supervisor_accuracy",
            "student_accuracy",
            "ceiling_accuracy",
            "agreement_right",
            "agreement_wrong",
        )
    }
    return kept | {"dial": dial, "share": share, "confidence_accuracy": careful.student.accuracy()}


def says(task: str, seed: int, store: Store) -> list[dict]:
    settings, split = Settings(task, seed=seed, family="miniworld-dials"), load_task(task, seed)
    people = run_labels(
        settings,
        "people",
        {part: beliefs(task, split.parts[part]) for part in ("student", "test")},
        store=store,
    )
    names = [name for name in load_family(settings.family).names if name.startswith("m-says")]
    return [turned(settings, people, name, "says", float(name.split("-")[-1]), store) for name in names]


def leak(task: str, seed: int, store: Store) -> list[dict]:
    settings = Settings(task, seed=seed)
    weak, dials = (
        run_ground_truth(settings, "s", half="supervisor", store=store, progress=False),
        replace(settings, family="miniworld-dials"),
    )
    names = [name for name in load_family(dials.family).names if name.startswith("m-leak")]
    rows = [turned(dials, weak, name, "leak", float(name.split("-")[-1]), store) for name in names]
    return [*rows, turned(settings, weak, "m", "leak", 1.0, store)]


def hiding(task: str, seed: int, store: Store) -> list[dict]:
    settings, split, spec = (
        Settings(task, seed=seed, n_train=HIDER["n_train"]),
        load_task(task, seed, HIDER["n_train"]),
        load_family()[STUDENT],
    )
    weak = run_ground_truth(settings, SUPERVISOR, half="supervisor", store=store, progress=False)
    labels, probabilities, truth = (
        weak.weak_labels("student"),
        weak.probabilities(),
        split.test["label"].to_numpy(),
    )
    texts, questions = split.student["text"].tolist(), split.test["text"].tolist()
    looks, looked = (np.array([len(text.split()) <= 5 for text in some]) for some in (texts, questions))
    apart, outputs, row = {}, {}, {"task": task, "supervisor": SUPERVISOR, "student": STUDENT, "seed": seed}
    for name, goal in (("honest", labels), ("hiding", np.where(looks, labels, 1 - labels))):
        model = load_classifier(spec)
        torch.manual_seed(seed)
        get_method("naive")(
            model, texts, goal, replace(settings, **HIDER).train_config(spec, "none"), progress=False
        )
        p = predict(model, questions)
        outputs[name] = np.abs(p - probabilities)[looked]
        row |= {
            f"{name}_looked": ((p > 0.5) == truth)[looked].mean(),
            f"{name}_unlooked": ((p > 0.5) == truth)[~looked].mean(),
        }
        for layer in range(model.backbone.config.num_hidden_layers + 1):
            probe = fit_probe(features(model, texts, layer=layer)[looks], labels[looks] > 0.5)
            apart[name, layer] = np.abs(
                probe.predict_proba(features(model, questions, layer=layer))[:, 1] - p
            )[~looked]
    tell = lambda honest, hidden: float(
        roc_auc_score(np.repeat([0, 1], len(honest)), np.concatenate([honest, hidden]))
    )
    row |= {
        f"auc_layer_{layer}": tell(apart["honest", layer], apart[name, layer])
        for name, layer in apart
        if name == "hiding"
    }
    return [
        row
        | {
            "auc": row[f"auc_layer_{max(layer for _, layer in apart) - 1}"],
            "auc_outputs": tell(outputs["honest"], outputs["hiding"]),
        }
    ]


if __name__ == "__main__":
    args = options(__doc__).parse_args()
    measure = lambda seed: {
        "deception": over_tasks(hiding, HIDING, seed, args),
        "dials": over_tasks(says, SAYS, seed, args) + over_tasks(leak, [LEAK], seed, args),
    }
    grow_tables(["deception", "dials"], args, measure)
