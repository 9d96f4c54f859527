"""Measurements that two scripts make: supervisors asked, students that read, probes, rows of a folder."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np

from w2s_kit.experiment.result import Result
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_ground_truth, run_student
from w2s_kit.experiment.store import Store
from w2s_kit.inside.probes import fit_probe, probe_accuracy
from w2s_kit.methods import generative, naive
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.tasks import load_task
from w2s_kit.tasks.hub import file_of
from w2s_kit.tasks.miniworld import dialogue
from w2s_kit.tasks.nlp.load import splits_of
from w2s_kit.tasks.nlp.table import Dataset
from w2s_kit.tasks.split import PARTS, Split
from w2s_kit.training.reading import features, predict

# name -> who has the reading stage, and its options
VARIANTS = {
    "generative": (("student",), {}),
    "generative, fair": (("student", "ceiling"), {}),
    "generative, all read": (("supervisor", "student", "ceiling"), {}),
    "generative, fair, no ends": (("student", "ceiling"), {"ends": False}),
}
# dataset -> another one of the same kind and columns, where a folder has that instead
STAND_INS = {"amazon-polarity": "other/hatn-amazon-reviews"}


def asked(settings: Settings, supervisor: str, wordings: list[list[str]]) -> np.ndarray:
    """What a supervisor answers to each wording, P(yes), (texts, wordings).

    The store keeps no weights, so it is trained again on its half.
    """
    half = load_task(settings.task, settings.seed, settings.n_train, settings.n_test).supervisor
    model, spec = load_classifier(load_family()[supervisor]), load_family()[supervisor]
    texts, labels = half["text"].tolist(), half["label"].to_numpy(float)
    naive(model, texts, labels, settings.train_config(spec, "none"), progress=False)
    p = predict(model, [wording for row in wordings for wording in row])
    return p.reshape(len(wordings), -1)


def reading(
    settings: Settings, task: str, seed: int, pairs, variants, store: Store
) -> list[tuple[str, Result]]:
    """The generative students of one seed.

    They stand beside supervisors and ceilings that have read as well, or have not.
    """
    settings, results = replace(settings, task=task, seed=seed), []
    for (supervisor, student), name in product(pairs, variants):
        who, stage = VARIANTS[name]
        truth = lambda model, half, reads: run_ground_truth(
            settings, model, half, store=store, progress=False, method=generative(**stage) if reads else naive
        )
        weak, ceiling = (
            truth(supervisor, "supervisor", "supervisor" in who),
            truth(student, "student", "ceiling" in who),
        )
        taught = run_student(settings, weak, student, generative(**stage), store=store, progress=False)
        results.append((name, Result(weak, taught, ceiling)))
    return results


def probed_pairs(task: str, seed: int, split: Split, models: dict) -> list[dict]:
    """For each pair of `models`, smallest first: a probe of the one labels, a probe of the other learns."""
    rows, names = [], list(models)
    frozen = {
        name: {part: features(model, getattr(split, part)["text"].tolist()) for part in PARTS}
        for name, model in models.items()
    }
    accuracy = lambda probe, x: float(probe.score(x["test"], split.test["label"]))
    ceilings = {
        name: accuracy(fit_probe(x["student"], split.student["label"]), x) for name, x in frozen.items()
    }
    for i, supervisor in enumerate(names[:-1]):
        probe = fit_probe(frozen[supervisor]["supervisor"], split.supervisor["label"])
        labels = probe.predict(frozen[supervisor]["student"])
        for student in names[i + 1 :]:
            if np.ptp(labels):  # all the same: nothing to learn
                rows.append(
                    {
                        "task": task,
                        "supervisor": supervisor,
                        "student": student,
                        "seed": seed,
                        "supervisor_accuracy": accuracy(probe, frozen[supervisor]),
                        "student_accuracy": accuracy(
                            fit_probe(frozen[student]["student"], labels), frozen[student]
                        ),
                        "ceiling_accuracy": ceilings[student],
                    }
                )
    return rows


def salient(model, split: Split, seed: int, n: int = 2_000) -> dict[str, float]:
    """How well a linear probe on the last token finds in single answers what is "true" and "polite".

    It is fitted to `n` answers about the nouns of the student's half, and tried on as many of the test's.
    """
    answers = {
        part: [
            (f"{prompt.text} {one.text}", one)
            for prompt, (one,) in dialogue.sample(
                split.parts[part], n, 1, random.Random(f"salience-{part}-{seed}")
            )
        ]
        for part in ("student", "test")
    }
    last_tokens = {part: features(model, [text for text, _ in those]) for part, those in answers.items()}
    found = {}
    for concept, part_of in (("true", "stance"), ("polite", "manner")):
        xy = []
        for part, those in answers.items():
            value = np.array([getattr(one, part_of) for _, one in those])
            xy += [last_tokens[part][value != 0], value[value != 0] == 1]
        found[concept] = float(probe_accuracy(*xy))
    return found


def here(entry: Dataset, data: Path) -> tuple[Dataset, str] | None:
    """The entry as the folder can serve it, and what is different; None where nothing is there."""
    stand_in = STAND_INS.get(entry.name, entry.id)
    for one, news in ((entry, "real"), (replace(entry, id=stand_in), f"stand-in {stand_in}")):
        try:
            for split in splits_of(one):
                file_of(one.address(split), data)
            return one, news
        except FileNotFoundError:
            pass
    names = ("train", "validation", "test", "dev_r2")
    sizes = {name: (data / entry.id / entry.config / f"{name}.parquet") for name in names}
    sizes = {name: file.stat().st_size for name, file in sizes.items() if file.is_file()}
    if "train" in sizes and "test" in sizes:
        return replace(entry, test="test"), "real, without validation"
    if not sizes:
        return None
    pooled = "+".join(sizes) if "train" not in sizes else "train"
    return replace(entry, train=pooled, test=pooled), f"real, pooled {pooled}"
