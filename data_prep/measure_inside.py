"""Measure what students hold of what they do not say, for notebook 24.

    python data_prep/measure_inside.py    # an hour on one core
                                          # results/inside.csv, inside_steering.csv, inside_latents.csv

Resumable: what was measured of a task and seed is kept in the store, with the student's answers. Every
question stands in the data twice (`tasks.miniworld.distraction`). Two supervisors: "distracted" answers
rightly, but wrongly after an aside; "m" is finetuned, and wrong wherever it does not know. Columns end in
`_wrong` and `_right`: accuracy on the test where the supervisor is wrong, and where it is right. Probes have
seen labels only where the supervisor is right. How long students learn (EPOCHS) was chosen by how well they
imitate, on seeds 100 to 102; seeds 200 to 209 are judged.

inside      at each layer: a probe, the difference of two means, a probe of shuffled labels, a probe that had
            the truth everywhere (`oracle`); contrast pairs: `ccs`, the main component of the differences
            (`crc`), and a probe that has labels (`pairs`), where the two sides end in yes and no, and
            (`turned_`) where two things that are compared change places. `state` "pretrained": the same of
            the model before it was a student, whose outputs are its zero-shot answers. `recovered`: AUROC,
            (probe - output where the supervisor is wrong) / (output where it is right - where it is wrong);
            `recovered_hard`: of a probe that has seen common words only, on rare ones; `anomaly`: how well
            the distance of probe and output tells where the supervisor is wrong, AUROC.
steering    a vector is added after layer PLACE, `dose` times as long as activations are: towards true from
            false ("truth"), towards plain from distracted questions ("plain"), along the latent below
            ("latent"), or anywhere ("random", DRAWS of them)
latents     a sparse autoencoder on the activations of that layer; its latent that tells the truth best in
            plain *and* in distracted questions, chosen on every other question, measured on the rest.
            `tempting_`: chosen where the supervisor is wrong only; `single_`: the best coordinate of the
            activations themselves. `probe`: its accuracy where the supervisor is wrong; `ablated` without
            the latent, `ablated_others` without one of the ten latents that are as active, `projected`
            without the difference of the means
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import torch
from inside_readings import at_layers, contrasts, ended, readings
from measuring import grow_tables, options, over_tasks

from w2s_kit.experiment.digest import digest
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_ground_truth
from w2s_kit.experiment.store import Store
from w2s_kit.inside.probes import aurocs, fit_probe, mean_difference
from w2s_kit.inside.sae import fit_sae
from w2s_kit.inside.steering import steered
from w2s_kit.methods import naive
from w2s_kit.metrics.answers import auroc
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.tasks import load_task
from w2s_kit.tasks.miniworld.distraction import PREFIX, any_questions, turned
from w2s_kit.tasks.split import Split
from w2s_kit.tasks.supervisors import distracted_labels
from w2s_kit.training.reading import features, predict

TASKS, STUDENT, EPOCHS = ("edible", "danger", "weight", "bigger"), "xl", 8
FIRST, SEEDS = 200, 10  # of those below 10 the results had been seen
PLACE = 2  # the layer before the last, as in notebook 13
DOSES, DRAWS, ASKED = (0, 0.25, 0.5, 0.75, 1, 1.5, 2), 5, 500
QUESTIONS = 8_000  # for the autoencoder


def settings_of(task: str, seed: int) -> Settings:
    return Settings(
        f"{PREFIX}{task}", seed=seed, n_train=1_000, n_test=1_000, epochs=EPOCHS, hard_labels=True
    )


def taught(settings: Settings, split: Split, labels: np.ndarray):
    """A student, finetuned on hard `labels` of its half. The store keeps no weights."""
    spec = load_family()[STUDENT]
    model = load_classifier(spec)
    torch.manual_seed(settings.seed)
    naive(model, split.student["text"].tolist(), labels, settings.train_config(spec, "none"), progress=False)
    return model


# --------------------------------------------------------------------------------------- latents and steering
def latents(model, split: Split, seed: int) -> tuple[dict, np.ndarray]:
    """A row of the table, and the direction of the latent, towards true."""
    words = set().union(*split.test["group"])
    trained = fit_sae(features(model, any_questions(QUESTIONS, seed, words), layer=PLACE), seed=seed)
    train_features, test_features = (
        features(model, split.parts[part]["text"].tolist(), layer=PLACE) for part in ("student", "test")
    )
    truth, distracted, fire = (
        split.test["label"].to_numpy(),
        split.test["distracted"].to_numpy(),
        trained.latents(test_features),
    )
    chosen = np.arange(len(test_features)) // 2 % 2 == 0  # every other question
    parts = {"plain": ~distracted, "distracted": distracted}
    at = lambda columns, rows: {
        name: aurocs(columns[rows & part], truth[rows & part]) for name, part in parts.items()
    }

    def best_latent(columns: np.ndarray, tempting: bool = False) -> tuple[int, int, dict]:
        """(which, 1 or -1 for one that tells false, AUROC on the other questions)"""
        one, other = at(columns, chosen), at(columns, ~chosen)
        worst = [
            np.minimum(
                *(
                    auc if sign > 0 else 1 - auc
                    for auc in (one["distracted"], one["distracted" if tempting else "plain"])
                )
            )
            for sign in (1, -1)
        ]
        sign, which = np.unravel_index(np.argmax(worst), (2, columns.shape[1]))
        return (
            which,
            1 - 2 * sign,
            {name: auc[which] if sign == 0 else 1 - auc[which] for name, auc in other.items()},
        )

    which, sign, aurocs_of_others = best_latent(fire)
    plain = ~split.student["distracted"].to_numpy()
    probe, rest = (
        fit_probe(train_features[plain], split.student["label"].to_numpy()[plain]),
        distracted & ~chosen,
    )
    right = lambda x: (probe.predict(x) == truth)[rest].mean()
    direction, threshold = mean_difference(train_features[plain], split.student["label"].to_numpy()[plain])
    direction, threshold = direction / (size := np.linalg.norm(direction)), threshold / size
    # the ten that are as active
    active = np.argsort(np.abs(fire[rest].mean(axis=0) - fire[rest][:, which].mean()))[1:11]
    row = {
        **aurocs_of_others,
        "probe_auroc": auroc(probe.predict_proba(test_features)[:, 1][rest], truth[rest]),
        "probe": right(test_features),
        "ablated": right(trained.without(test_features, which)),
        "ablated_others": np.mean([right(trained.without(test_features, other)) for other in active]),
        "fires": (fire[rest][:, which] > 0).mean(),
        "projected": right(test_features - np.outer(test_features @ direction - threshold, direction)),
        "unexplained": trained.unexplained(test_features),
    }
    for name, columns, tempting in (("tempting", fire, True), ("single", test_features, False)):
        row |= {f"{name}_{part}": auc for part, auc in best_latent(columns, tempting)[2].items()}
    return row, sign * trained.directions[which].detach().numpy()


def doses(model, split: Split, latent: np.ndarray, seed: int) -> list[dict]:
    train_features, plain, truth = (
        features(model, split.student["text"].tolist(), layer=PLACE),
        ~split.student["distracted"].to_numpy(),
        split.student["label"].to_numpy(),
    )
    questions, rng = split.test.iloc[:ASKED], np.random.default_rng(seed)
    directions = [
        ("truth", mean_difference(train_features[plain], truth[plain])[0]),
        ("plain", mean_difference(train_features, plain)[0]),
        ("latent", latent),
        *(("random", rng.normal(size=train_features.shape[1])) for _ in range(DRAWS)),
    ]
    length, distracted, rows = (
        np.linalg.norm(train_features, axis=1).mean(),
        questions["distracted"].to_numpy(),
        [],
    )
    for direction, vector in directions:
        for dose in DOSES:
            if dose == 0 and direction == "random":
                continue
            with steered(model, PLACE, dose * length * vector / np.linalg.norm(vector)):
                p = predict(model, questions["text"].tolist())
            correct = (p > 0.5) == questions["label"].to_numpy()
            rows.append(
                {
                    "direction": direction,
                    "dose": dose,
                    **{
                        f"{what}_{name}": values[part].mean()
                        for name, part in (("plain", ~distracted), ("distracted", distracted))
                        for what, values in (("yes", p), ("right", correct))
                    },
                }
            )
    return rows


# ----------------------------------------------------------------------------------------- one task, one seed
def pairs_of(model, texts: dict[str, list[str]], task: str) -> dict[str, list]:
    """By prefix of the columns: both sides of pairs at each layer, of the student half and of the test."""
    two_sides = {"": ended}
    if task == "bigger":
        two_sides["turned_"] = lambda questions: (turned(questions), questions)
    return {
        prefix: [[at_layers(model, side) for side in sides(questions)] for questions in texts.values()]
        for prefix, sides in two_sides.items()
    }


def measured(task: str, seed: int, store: Store) -> tuple[dict[str, list[dict]], pd.DataFrame]:
    """The rows of the three tables, as lists, and the answers of the student of "distracted"."""
    settings = settings_of(task, seed)
    split = load_task(settings.task, seed, settings.n_train, settings.n_test)
    weak = run_ground_truth(replace(settings, epochs=2), "m", half="supervisor", store=store, progress=False)
    weak_labels = {
        "distracted": {part: distracted_labels(split.parts[part]) for part in ("student", "test")},
        "m": {part: weak.weak_labels(part, hard=True) for part in ("student", "test")},
    }
    pretrained = load_classifier(load_family()[STUDENT], head="tokens")
    depth = pretrained.backbone.config.num_hidden_layers
    cell = {"task": task, "student": STUDENT, "seed": seed}
    tables = {"inside": [], "inside_steering": [], "inside_latents": []}
    texts = {part: split.parts[part]["text"].tolist() for part in ("student", "test")}
    looked_at = lambda model: (
        model,
        {part: at_layers(model, texts[part]) for part in texts},
        predict(model, texts["test"]),
    )
    before = looked_at(pretrained)
    for supervisor, labels in weak_labels.items():
        right = {part: (labels[part] == split.parts[part]["label"]).to_numpy() for part in labels}
        student = taught(settings, split, labels["student"])
        for state, (model, layers, output) in (("pretrained", before), ("finetuned", looked_at(student))):
            pairs = pairs_of(model, texts, task) if supervisor == "distracted" else {}
            closely = (supervisor, state) == ("distracted", "finetuned")
            for layer in range(depth + 1):
                row = cell | {"supervisor": supervisor, "state": state, "layer": layer}
                at_layer = (layers["student"][layer], layers["test"][layer])
                row |= readings(*at_layer, split, right, output, seed, closely)
                for prefix, parts in pairs.items():
                    if layer:  # the embeddings of yes and no know nothing else
                        sides = ([side[layer] for side in part] for part in parts)
                        row |= contrasts(*sides, split, right, prefix, seed)
                tables["inside"].append(row)
        if supervisor == "distracted":
            row, direction = latents(student, split, seed)
            tables["inside_latents"].append(cell | {"supervisor": supervisor} | row)
            tables["inside_steering"] += [
                cell | {"supervisor": supervisor} | row for row in doses(student, split, direction, seed)
            ]
            answers = pd.DataFrame(
                {
                    "split": "test",
                    "row": np.arange(len(output)),
                    "probability": output,
                    "label": split.test["label"],
                }
            )
    return tables, answers


def inside(task: str, seed: int, store: Store) -> list[dict]:
    settings = settings_of(task, seed)
    config = {
        "kind": "inside",
        "task": settings.task,
        "seed": seed,
        "model": STUDENT,
        "weights": load_family()[STUDENT].weights_hash,
        "epochs": EPOCHS,
        "code": digest(measured),
    }
    run = store.run(config, lambda: measured(task, seed, store))
    return [
        {"table": name, **row}
        for name in ("inside", "inside_steering", "inside_latents")
        for row in run.metrics[name]
    ]


if __name__ == "__main__":
    parser = options(__doc__)
    parser.set_defaults(first=FIRST, seeds=SEEDS)
    args = parser.parse_args()

    def measure(seed: int) -> dict[str, pd.DataFrame]:
        rows = pd.DataFrame(over_tasks(inside, TASKS, seed, args)).groupby("table", sort=False)
        return {name: table.drop(columns="table").dropna(axis=1, how="all") for name, table in rows}

    grow_tables(["inside", "inside_steering", "inside_latents"], args, measure)
