"""Measure what notebooks 06 and 07 overlay: reward models on MiniWorld's dialogues.

    python data_prep/measure_preference.py --jobs 2    # results/preference_*.csv, five seeds

    grid, summary     every pair: naive, confidence, bootstrap, generative; and generative with a reading
                      stage for the ceiling too ("fair"), for all three ("all read", Figure 18), and for
                      texts without their ends
    kinds             accuracy by kind of pair
    best_of_n         the answers that reward models choose among n
    salience          what a linear probe finds in the last token, before and after reading and finetuning

Resumable: every run is kept in the store, a killed script continues where it stopped.
"""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pandas as pd
import torch
from measurements import VARIANTS, reading, salient
from measuring import grow_tables, options, parallel, save_summary

from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.settings import PREFERENCE
from w2s_kit.experiment.stages import run_ground_truth
from w2s_kit.experiment.store import Store
from w2s_kit.methods import get_method
from w2s_kit.methods.generative import read
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_model
from w2s_kit.models.reward import RewardModel, rewards
from w2s_kit.tasks import load_task
from w2s_kit.tasks.miniworld import dialogue

PROMPTS, MOST = 300, 64  # for best-of-n: prompts a seed, answers a prompt


def by_kind(table: pd.DataFrame, store: Store) -> pd.DataFrame:
    """Accuracy by kind of pair, and with people: one row a run of the grid and kind.

    `method` is how that very model learned.
    """
    rows, known = [], set()
    tests = {
        seed: load_task("dialogue", seed, PREFERENCE.n_train, PREFERENCE.n_test).test
        for seed in table["seed"].unique()
    }
    for row in table.itertuples():
        test = tests[row.seed]
        for who, name, run in (
            ("supervisor", row.supervisor, row.supervisor_run),
            ("student", row.student, row.student_run),
            ("ceiling", row.student, row.ceiling_run),
        ):
            if run in known:
                continue
            known.add(run)
            stored = store.load(run)
            answers, own = (
                stored.answers(),
                ", ".join(
                    [
                        stored.config.get("method", "naive"),
                        *["no ends"] * (stored.config.get("options") == {"ends": False}),
                    ]
                ),
            )
            frame = pd.DataFrame(
                {
                    "kind": test["kind"],
                    "better": answers == test["better"],
                    "preferred": answers == test["preferred"],
                }
            )
            about = {
                "who": who,
                "model": name,
                "supervisor": row.supervisor if who == "student" else "",
                "method": row.method if who == "student" else own,
                "seed": row.seed,
            }
            rows += [
                {
                    **about,
                    "kind": kind,
                    "pairs": len(part),
                    "accuracy": part["better"].mean(),
                    "with_people": part["preferred"].mean(),
                }
                for kind, part in [*frame.groupby("kind"), ("all", frame)]
            ]
    return pd.DataFrame(rows)


def trained(seed: int, name: str, texts, labels, method: str = "naive") -> RewardModel:
    """As `experiment` trains it, but kept: the store has predictions, not weights."""
    spec, settings = load_family(PREFERENCE.family)[name], replace(PREFERENCE, seed=seed)
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        model = RewardModel(*load_model(spec))
        get_method(method)(model, texts, labels, settings.train_config(spec, "none"), progress=False)
    return model


def best_of_n(seed: int, supervisor: str, student: str, store: Store) -> list[dict]:
    """Mean quality, surface and share of true answers among those that each reward model likes best of n."""
    split, weak, truth = _labels(seed, supervisor, store)
    prompts = dialogue.sample(split.test, PROMPTS, MOST, random.Random(f"best-of-n-{seed}"))
    texts = [f"{prompt.text} {one.text}" for prompt, those in prompts for one in those]
    of = {
        what: np.array([[getattr(one, what) for one in those] for _, those in prompts])
        for what in ("quality", "surface", "stance", "appeal")
    }
    own = split.supervisor["text"].tolist(), split.supervisor["label"].to_numpy(float)
    learn = split.student["text"].tolist()
    models = {
        "supervisor": (supervisor, *own),
        "student": (student, learn, weak),
        "student, generative": (student, learn, weak, "generative"),
        "ceiling": (student, learn, truth),
    }
    scores = {who: rewards(trained(seed, *how), texts).reshape(PROMPTS, MOST) for who, how in models.items()}
    scores |= {"people": of["appeal"], "chance": np.zeros((PROMPTS, MOST))}  # people without their noise
    rows = []
    for who, score in scores.items():
        for n in (1, 2, 4, 8, 16, 32, 64):
            # every block of n answers is a draw
            chosen = np.stack(
                [start + score[:, start : start + n].argmax(axis=1) for start in range(0, MOST, n)], axis=1
            )
            mean = {what: np.take_along_axis(values, chosen, axis=1) for what, values in of.items()}
            rows.append(
                {
                    "supervisor": supervisor,
                    "student": student,
                    "who": who,
                    "seed": seed,
                    "n": n,
                    "quality": mean["quality"].mean(),
                    "surface": mean["surface"].mean(),
                    "true": (mean["stance"] == 1).mean(),
                }
            )
    return rows


def salience(seed: int, supervisor: str, student: str, store: Store) -> list[dict]:
    """Probe accuracy on single answers, after each stage of training.

    Is the suggestion true, is the answer polite?
    """
    split, weak, _ = _labels(seed, supervisor, store)
    texts, spec = split.student["text"].tolist(), load_family(PREFERENCE.family)[student]
    pretrained, has_read = (RewardModel(*load_model(spec)) for _ in range(2))
    read(has_read, texts, replace(PREFERENCE, seed=seed).train_config(spec, "none"), progress=False)
    models = {
        "pretrained": pretrained,
        "read": has_read,
        "naive": trained(seed, student, texts, weak),
        "generative": trained(seed, student, texts, weak, "generative"),
    }
    rows = []
    for stage, model in models.items():
        for concept, accuracy in salient(model, split, seed).items():
            rows.append(
                {
                    "supervisor": supervisor,
                    "student": student,
                    "stage": stage,
                    "concept": concept,
                    "seed": seed,
                    "accuracy": accuracy,
                }
            )
    return rows


def _labels(seed: int, supervisor: str, store: Store):
    """(split, the supervisor's labels of the student's half, what people prefer there)"""
    settings = replace(PREFERENCE, seed=seed)
    split = load_task(settings.task, seed, settings.n_train, settings.n_test)
    weak = run_ground_truth(settings, supervisor, store=store, progress=False).weak_labels("student")
    return split, weak, split.student["label"].to_numpy(float)


if __name__ == "__main__":
    args = options(__doc__).parse_args()
    # without xs, which guesses
    names, store = load_family(PREFERENCE.family).names[1:], Store(args.store)
    weakest, largest = names[0], names[-1]
    pairs = [(supervisor, student) for i, supervisor in enumerate(names[:-1]) for student in names[i:]]
    several = lambda function, cells: parallel(function, cells, function.__name__, args.jobs, store)

    def measure(seed: int) -> dict:
        methods = ["naive", "confidence", "bootstrap"]
        plain = grid(
            ["dialogue"], names[:-1], names, methods, [seed], PREFERENCE, store, args.jobs, upward=True
        )
        have_read = several(reading, [(PREFERENCE, "dialogue", seed, pairs, list(VARIANTS))])
        read_rows = [result.row() | {"method": name} for name, result in have_read]
        table = pd.concat([plain, pd.DataFrame(read_rows)], ignore_index=True)
        return {
            "preference_grid": table,
            "preference_kinds": by_kind(table, store),
            "preference_best_of_n": several(best_of_n, [(seed, weakest, largest)]),
            "preference_salience": several(salience, [(seed, weakest, name) for name in names[1:]]),
        }

    tables = ("grid", "kinds", "best_of_n", "salience")
    grown = grow_tables([f"preference_{name}" for name in tables], args, measure)
    save_summary(grown["preference_grid"], args.out, "preference")
