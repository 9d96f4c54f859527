"""Problems for the arena, made of tasks of MiniWorld."""

from __future__ import annotations

from ...inside.probes import fit_probe
from ...models.families import load_family
from ...models.loading import load_classifier
from ...tasks import load_task
from ...training.reading import features
from .board import Drawn, Problem


def miniworld(
    seed: int,
    task: str = "edible",
    supervisor: str = "s",
    student: str = "xl",
    n_train: int = 500,
    n_test: int = 1_000,
) -> Drawn:
    """Draw a task of MiniWorld, read off two frozen models of the kit by linear probes (notebook 11)."""
    split, family = load_task(task, seed, n_train, n_test), load_family()
    read = lambda name, half: features(
        load_classifier(family[name]), getattr(split, half)["text"].tolist()
    ).astype(float)
    truth = {half: getattr(split, half)["label"].to_numpy() for half in ("supervisor", "student", "test")}
    weak = fit_probe(read(supervisor, "supervisor"), truth["supervisor"])
    train, test = read(student, "student"), read(student, "test")
    centre, scale = train.mean(axis=0), train.std(axis=0) + 1e-9
    problem = Problem(
        weak.predict_proba(read(supervisor, "student"))[:, 1],
        (train - centre) / scale,
        (test - centre) / scale,
        weak.predict(read(supervisor, "test")),
    )
    return Drawn(problem, truth["test"], fit_probe(train, truth["student"]).predict(test))
