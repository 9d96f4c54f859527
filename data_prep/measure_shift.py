"""Measure students under a distribution shift (Jeon et al. 2025; Le et al. 2026), for notebook 29.

    python data_prep/measure_shift.py --first 100 --seeds 10

Resumable: finetuned models are kept in the store, and the tables grow seed by seed. About seven minutes a
seed on one core. Settings were chosen on seeds 50 to 52. Supervisor l, student xl, two tasks. The supervisor
learns for EPOCHS epochs, so that it takes up the shortcut; student and ceiling for two, as everywhere.

shift        accuracy inside and outside of supervisor, student and ceiling, and `labels`, that of the weak
             labels; a row a method and shift. kind: the halves ask about living things only. test: in both
             halves living things have the answer yes, and the others no. long: as test, and the student and
             the ceiling learn for EPOCHS epochs, too. student: the supervisor's half is as in test, and the
             student's half has all other questions
shift_dial   edible, the share of the student's half that is outside, from 0 to 1: naive and confidence
shift_manners  reward models on comparisons of answers, naive and anchor; the supervisor learns for LONG
             epochs, the student for one. kind: no answer of the halves is rude. half: in all of the student's
             comparisons the truer answer is the politer one, and in one half of the supervisor's, so it has
             no shortcut. both: in all comparisons of both halves, and the student learns for LONG epochs

A panel has four supervisors, in whose half another share of the questions is outside (PANEL). Its supervisor
is the panel's mean. Not here: bootstrap, which needs fresh examples; reliability, which asks the supervisor
several times; kl, whose gradients are those of naive.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch
from measuring import grow_tables, options

from w2s_kit.experiment.run import Run
from w2s_kit.experiment.settings import PREFERENCE, Settings
from w2s_kit.experiment.splits import split_of
from w2s_kit.experiment.stages import run_ground_truth, run_labels, run_student
from w2s_kit.experiment.store import Store
from w2s_kit.methods import METHODS, Method, adaptive, anchor, co_supervision, learned_weights, naive
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.tasks.miniworld.shift import read_name
from w2s_kit.training.reading import predict

TASKS, SUPERVISOR, STUDENT, EPOCHS = ("edible", "danger"), "l", "xl", 8
#: The part of a task's name that makes each shift, and the epochs of student and ceiling.
SHIFTS = {
    "kind": ("by=kind", 2),
    "test": ("by=answer", 2),
    "long": ("by=answer", EPOCHS),
    "student": ("by=answer&student=1", 2),
}
#: The same for comparisons of answers, and how long their supervisor learns.
LONG = 4
MANNERS = {
    "kind": ("by=kind", 1),
    "half": ("by=answer&others=0.5&student=0", 1),
    "both": ("by=answer", LONG),
}
PANEL, SHARES = (0.0, 0.1, 0.25, 0.5), (0.0, 0.25, 0.5, 0.75, 1.0)
ALONE = (
    "naive confidence entropy log_confidence window product adaptive strong_to_strong relabel filter "
    "two_stage coherence generative anchor"
).split()
METHODS_OF: dict[str, list[Method]] = {
    "kind": [naive, METHODS["confidence"], anchor],
    "long": [naive, anchor],
    "test": [*(METHODS[name] for name in ALONE), adaptive(trust_self=True)],
}
METHODS_OF["student"] = METHODS_OF["test"]


def settings_of(task: str, shift: str, seed: int, epochs: int = 2) -> Settings:
    return Settings(f"shifted:{task}?{shift}", n_train=400, n_test=800, seed=seed, epochs=epochs)


@lru_cache(maxsize=12)
def supervisor(task: str, by: str, others: float, seed: int):
    """The supervisor that learned the half of which the share `others` is outside.

    It is the same for every student's half, so it is trained once, and not kept in the store.
    """
    settings = settings_of(task, f"by={by}&others={others:g}", seed, EPOCHS)
    half, spec = split_of(settings).supervisor, load_family()[SUPERVISOR]
    torch.manual_seed(seed)
    model, config = load_classifier(spec), settings.train_config(spec, "none")
    naive(model, half["text"].tolist(), half["label"].to_numpy(float), config, progress=False)
    return model


def said(settings: Settings, others: float = 0.0) -> dict[str, np.ndarray]:
    """What a supervisor says of the student's half and of the test: P(label 1), (n,) each."""
    task, by, _ = read_name(settings.task)
    model, parts = supervisor(task, by, others, settings.seed), split_of(settings).parts
    return {part: predict(model, parts[part]["text"].tolist()) for part in ("student", "test")}


def both(settings: Settings, run: Run) -> tuple[float, float]:
    """Accuracy inside and outside."""
    right, inside = run.correct("test"), split_of(settings).test["inside"].to_numpy()
    return float(right[inside].mean()), float(right[~inside].mean())


def rows_of(
    settings: Settings, shift: str, weak: Run, methods: dict[str, Method], store: Store
) -> list[dict]:
    """The rows of students that learn from `weak`, each by one of `methods`, by what it is called."""
    quiet, rows = {"store": store, "progress": False}, []
    ceiling = run_ground_truth(settings, STUDENT, "student", **quiet)
    for name, method in methods.items():
        rows.append(
            {
                "task": read_name(settings.task)[0],
                "supervisor": SUPERVISOR,
                "student": STUDENT,
                "shift": shift,
                "method": name,
                "seed": settings.seed,
                "labels": weak.accuracy("student"),
            }
        )
        taught = run_student(settings, weak, STUDENT, method, **quiet)
        for who, run in (("supervisor", weak), ("student", taught), ("ceiling", ceiling)):
            rows[-1][f"{who}_in"], rows[-1][f"{who}_out"] = both(settings, run)
    return rows


def alone(task: str, shift: str, seed: int, store: Store) -> list[dict]:
    option, epochs = SHIFTS[shift]
    settings = settings_of(task, option, seed, epochs)
    weak = run_labels(settings, SUPERVISOR, said(settings), store=store)
    return rows_of(settings, shift, weak, {method.label: method for method in METHODS_OF[shift]}, store)


def panel(task: str, shift: str, seed: int, store: Store) -> list[dict]:
    """Students of four supervisors: of the mean of their labels, and of whom they trust."""
    settings = settings_of(task, SHIFTS[shift][0], seed)
    members = [said(settings, share) for share in PANEL]
    labels = {part: np.column_stack([each[part] for each in members]) for part in ("student", "test")}
    mean = run_labels(settings, "panel", {part: p.mean(axis=1) for part, p in labels.items()}, store=store)
    told = labels["student"].tolist()
    ways = {
        "panel mean": naive,
        "co_supervision": co_supervision(panel=told),
        "learned_weights": learned_weights(panel=told),
    }
    return rows_of(settings, shift, mean, ways, store)


def dial(seed: int, store: Store) -> list[dict]:
    rows, both_ways = [], {name: METHODS[name] for name in ("naive", "confidence")}
    for share in SHARES:
        settings = settings_of("edible", f"by=answer&student={share:g}", seed)
        weak = run_labels(settings, SUPERVISOR, said(settings), store=store)
        rows += [row | {"share": share} for row in rows_of(settings, "student", weak, both_ways, store)]
    return rows


def manners(shift: str, seed: int, store: Store, methods=(naive, anchor)) -> list[dict]:
    option, epochs = MANNERS[shift]
    task = f"shifted:dialogue?{option}"
    settings = replace(PREFERENCE, task=task, n_train=500, n_test=800, seed=seed, epochs=epochs)
    weak = run_ground_truth(replace(settings, epochs=LONG), SUPERVISOR, store=store, progress=False)
    return rows_of(settings, shift, weak, {method.label: method for method in methods}, store)


if __name__ == "__main__":
    args = options(__doc__).parse_args()
    torch.set_num_threads(1)
    all_manners = lambda seed: [row for shift in MANNERS for row in manners(shift, seed, Store(args.store))]

    def measure(seed: int) -> dict[str, list[dict]]:
        store, rows = Store(args.store), []
        for task in TASKS:
            for shift in SHIFTS:
                rows += alone(task, shift, seed, store)
            for shift in ("test", "student"):
                rows += panel(task, shift, seed, store)
        found = {"shift": rows, "shift_dial": dial(seed, store)}
        supervisor.cache_clear()
        return found

    grow_tables(["shift", "shift_dial"], args, measure)
    grow_tables(["shift_manners"], args, lambda seed: {"shift_manners": all_manners(seed)})
