"""Measure prompting and probing beside finetuning (Section 5.2, Appendix D.2), for notebook 11.

    python data_prep/measure_nlp.py        # results/nlp_grid.csv: the finetuned students to compare with
    python data_prep/measure_probing.py    # results/prompting.csv, probing.csv, probe_grid.csv
                                           # about fifteen minutes on one core

prompting   the pretrained models asked as they are (`zero`), and after five examples with true or weak labels
probing     five ways to get at what xl knows (Figure 11): probes (`lp`) and finetuning (`ft`), on weak and on
            true labels
probe_grid  the whole study with a linear probe on frozen features in place of each finetuning; labels are
            hard
"""

from __future__ import annotations

import random

import pandas as pd
import torch
from measurements import probed_pairs
from measuring import ROOT, grow_tables, options, over_tasks

from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_ground_truth
from w2s_kit.experiment.store import Store
from w2s_kit.inside.probes import probe_accuracy
from w2s_kit.methods import get_method
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.tasks import load_task, task_names
from w2s_kit.tasks.prompts import few_shot
from w2s_kit.tasks.split import Split
from w2s_kit.training.reading import features, predict

# seven, as in the paper's Figure 9
TASKS = ("edible", "danger", "weight", "alive", "size", "ethics", "sentiment")
SUPERVISORS, LARGEST, SHOTS = ("s", "m"), "xl", 5
FAMILY = load_family()


def right(model, prompts, split: Split) -> float:
    return float(((predict(model, prompts) > 0.5) == split.test["label"]).mean())


def prompting(task: str, seed: int, store: Store) -> list[dict]:
    settings, split, rows = Settings(task, seed=seed), load_task(task, seed), []
    prompts, shots, truth = (
        split.test["text"].tolist(),
        split.student["text"].tolist(),
        split.student["label"].to_numpy(),
    )
    weak = {
        name: run_ground_truth(settings, name, half="supervisor", store=store, progress=False).answers(
            "student"
        )
        for name in SUPERVISORS
    }
    for spec in FAMILY:
        model, rng = load_classifier(spec, head="tokens"), random.Random(seed)
        zero, few_true = (
            right(model, prompts, split),
            right(model, few_shot(prompts, shots, truth, SHOTS, rng), split),
        )
        rows += [
            {
                "task": task,
                "supervisor": name,
                "student": spec.name,
                "seed": seed,
                "zero": zero,
                "few_true": few_true,
                "few_weak": right(model, few_shot(prompts, shots, labels, SHOTS, rng), split),
            }
            for name, labels in weak.items()
        ]
    return rows


def probing(task: str, seed: int, store: Store) -> list[dict]:
    settings, split, rows = Settings(task, seed=seed), load_task(task, seed), []
    train_texts, test_texts = (getattr(split, part)["text"].tolist() for part in ("student", "test"))
    truth, test, spec = split.student["label"], split.test["label"], FAMILY[LARGEST]
    pretrained = load_classifier(spec)
    before = [features(pretrained, texts) for texts in (train_texts, test_texts)]
    same = {
        "task": task,
        "student": LARGEST,
        "seed": seed,
        "lp_true": probe_accuracy(before[0], truth, before[1], test),
        "ft_true": run_ground_truth(
            settings, LARGEST, half="student", store=store, progress=False
        ).accuracy(),
    }
    for name in SUPERVISORS:
        weak, student = (
            run_ground_truth(settings, name, half="supervisor", store=store, progress=False),
            load_classifier(spec),
        )
        torch.manual_seed(seed)
        get_method("naive")(
            student,
            train_texts,
            weak.weak_labels("student"),
            settings.train_config(spec, "none"),
            progress=False,
        )
        after = [features(student, texts) for texts in (train_texts, test_texts)]
        rows.append(
            same
            | {
                "supervisor": name,
                "weak": weak.accuracy(),
                "lp_weak": probe_accuracy(before[0], weak.answers("student"), before[1], test),
                "ft_weak": right(student, test_texts, split),
                "ft_weak_lp_true": probe_accuracy(after[0], truth, after[1], test),
            }
        )
    return rows


def probe_grid(task: str, seed: int, store: Store) -> list[dict]:
    return probed_pairs(
        task, seed, load_task(task, seed), {spec.name: load_classifier(spec) for spec in FAMILY}
    )


if __name__ == "__main__":
    args = options(__doc__).parse_args()
    tuned = pd.read_csv(ROOT / "results" / "nlp_grid.csv")
    keys = ["task", "supervisor", "student", "seed"]
    methods = tuned.pivot(index=keys, columns="method", values="student_accuracy")
    facts = tuned[tuned["method"] == "naive"].set_index(keys)[
        ["supervisor_accuracy", "ceiling_accuracy", "student_pretraining_flops"]
    ]
    finetuned = methods[["naive", "confidence"]].join(facts).reset_index()

    def measure(seed: int) -> dict:
        if seed not in set(finetuned["seed"]):
            raise SystemExit(f"results/nlp_grid.csv has no seed {seed}: measure it first, measure_nlp.py")
        prompted = pd.DataFrame(over_tasks(prompting, TASKS, seed, args)).merge(finetuned, on=keys)
        return {
            "probe_grid": over_tasks(probe_grid, task_names(), seed, args),
            "probing": over_tasks(probing, TASKS, seed, args),
            "prompting": prompted,
        }

    grow_tables(["probe_grid", "probing", "prompting"], args, measure)
