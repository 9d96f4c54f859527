"""Measure three cheap ideas of the further literature, for notebook 26: results/ideas.csv.

    python data_prep/measure_ideas.py    # half an hour on one core

Resumable: every model is kept in the store but the bagged ones. `naive`, `adaptive` and `adaptive_self`
(which turns the sign) learn from one supervisor. `bagged` learns from the mean soft label of four, each
finetuned on a bootstrap sample of the same half. A panel has four supervisors, each as good as EXPERT on one
kind of thing and as LAYMAN on the others. `panel_mean`, `co_supervision` and `by_expert` learn from their
mean, from whom the student trusts, and from the one who knows. The last is no method: nobody says who knows
what. `mean_filtered` is co-supervision by a panel of one, the mean: its rounds and its filter, and nobody to
choose.
"""

from __future__ import annotations

import numpy as np
from measuring import grow_tables, options, over_tasks

from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_ground_truth, run_labels, run_student
from w2s_kit.experiment.store import Store
from w2s_kit.methods import naive
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.tasks import load_task
from w2s_kit.tasks.supervisors import specialists
from w2s_kit.training.reading import predict

TASKS, SUPERVISOR, STUDENT, EXPERT, LAYMAN, MEMBERS, SEEDS = (
    ("edible", "danger", "weight"),
    "m",
    "xl",
    "l",
    "s",
    4,
    10,
)


def bagged(settings: Settings) -> dict[str, np.ndarray]:
    """Mean soft label of supervisors that each saw a bootstrap sample.

    The store has no such runs, so they are trained again.
    """
    split, spec = load_task(settings.task, settings.seed), load_family()[SUPERVISOR]
    rng, predictions = np.random.default_rng(settings.seed), {"student": [], "test": []}
    for _ in range(MEMBERS):
        drawn, model = (
            split.supervisor.iloc[rng.integers(0, len(split.supervisor), len(split.supervisor))],
            load_classifier(spec),
        )
        naive(
            model,
            drawn["text"].tolist(),
            drawn["label"].to_numpy(float),
            settings.train_config(spec, "none"),
            progress=False,
        )
        for part in predictions:
            predictions[part].append(predict(model, split.parts[part]["text"].tolist()))
    return {part: np.mean(rows, axis=0) for part, rows in predictions.items()}


def ideas(task: str, seed: int, store: Store) -> list[dict]:
    settings, quiet = Settings(task, seed=seed), {"store": store, "progress": False}
    split = load_task(task, seed)
    weak, expert, layman = (
        run_ground_truth(settings, name, half="supervisor", **quiet) for name in (SUPERVISOR, EXPERT, LAYMAN)
    )
    panels = {
        part: specialists(split.parts[part], expert.probabilities(part), layman.probabilities(part))
        for part in ("student", "test")
    }
    taught = lambda name, labels, *method, **options: run_student(
        settings, run_labels(settings, name, labels, store=store), STUDENT, *method, **options, **quiet
    ).accuracy()
    mean = {part: panel.mean(axis=1) for part, panel in panels.items()}
    right = lambda said: (
        (said > 0.5) == split.student["label"].to_numpy().reshape(-1, *[1] * (said.ndim - 1))
    ).mean()
    together = bagged(settings)
    return [
        {
            "task": task,
            "supervisor": SUPERVISOR,
            "student": STUDENT,
            "seed": seed,
            "supervisor_accuracy": weak.accuracy(),
            "naive": run_student(settings, weak, STUDENT, **quiet).accuracy(),
            "adaptive": run_student(settings, weak, STUDENT, "adaptive", **quiet).accuracy(),
            "adaptive_self": run_student(
                settings, weak, STUDENT, "adaptive", trust_self=True, **quiet
            ).accuracy(),
            "adaptive_released": run_student(
                settings, weak, STUDENT, "adaptive", as_released=True, **quiet
            ).accuracy(),
            "bagged": taught("bagged", together),
            "panel_mean": taught("panel", mean),
            "co_supervision": taught("panel", mean, "co_supervision", panel=panels["student"].tolist()),
            "mean_filtered": taught("panel", mean, "co_supervision", panel=mean["student"][:, None].tolist()),
            "by_expert": taught("experts", {part: expert.probabilities(part) for part in panels}),
            "labels_one": right(weak.probabilities("student")),
            "labels_bagged": right(together["student"]),
            "labels_specialist": right(panels["student"]),
            "labels_panel_mean": right(mean["student"]),
            "labels_expert": right(expert.probabilities("student")),
            "ceiling_accuracy": run_ground_truth(settings, STUDENT, half="student", **quiet).accuracy(),
        }
    ]


if __name__ == "__main__":
    parser = options(__doc__)
    parser.set_defaults(seeds=SEEDS)
    args = parser.parse_args()
    grow_tables(["ideas"], args, lambda seed: {"ideas": over_tasks(ideas, TASKS, seed, args)})
