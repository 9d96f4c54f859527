"""Measure weak to strong on real texts with real pretrained models, without a GPU, for notebook 14.

    python data_prep/measure_real.py --minilm FOLDER --smollm2 FILE.gguf    # with W2S_DATA set
                                                                            # two hours on two cores

FOLDER holds all-MiniLM-L6-v2 (22M parameters, an encoder). Its first layer alone is the supervisor, all six
are the student; both are finetuned, with and without the confidence loss: results/real_grid.csv,
real_summary.csv. The GGUF file holds SmolLM2-135M-Instruct, which is too slow to finetune here: linear probes
on what its first six layers, and all thirty, see of a text's last token, results/real_probes.csv.

Resumable: every run is kept in the store. Rates are the smallest within one standard error of the best that
`--choose-lr` finds, on held-out parts of training halves and on another seed.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pandas as pd
from local_models import first_layers, from_gguf
from measurements import here, probed_pairs
from measuring import grow_tables, options, over_tasks, save, save_summary

from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_ground_truth
from w2s_kit.experiment.store import Store
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.tasks import load_task
from w2s_kit.tasks.hub import DATA
from w2s_kit.tasks.nlp.table import DATASETS

TASKS = ("sst2", "tweet-eval", "cola", "ethics-justice", "ethics-deontology", "sciq", "openbookqa", "piqa")
LR = {"minilm-1": 3e-4, "minilm-6": 1e-4}
FINETUNED = Settings(task="", n_train=500, n_test=400, lr=LR)
PROBED, SHALLOW = Settings(task="", n_train=200, n_test=250), 6  # the first 6 of 30 layers


def models(store: Store) -> str:
    return ",".join(str(store.root / "models" / name) for name in LR)


def serve(task: str) -> None:
    """Let W2S_DATA serve a task even where it has not all parts of its dataset.

    The parts that are there are dealt to all: see measure_leaks.
    """
    DATASETS[task] = here(DATASETS[task], Path(os.environ[DATA]))[0]


def finetuned(task: str, seed: int, store: Store) -> list[dict]:
    serve(task)
    return grid(
        [task],
        ["minilm-1"],
        ["minilm-6"],
        ["naive", "confidence"],
        [seed],
        replace(FINETUNED, family=models(store)),
        store,
    ).to_dict("records")


def probes(task: str, seed: int, store: Store) -> list[dict]:
    file = store.root / "probes" / f"{task}-{seed}.csv"
    if file.exists():
        return pd.read_csv(file).to_dict("records")
    serve(task)
    split = load_task(task, seed, PROBED.n_train, PROBED.n_test)
    family = load_family(",".join(str(store.root / f"models/smollm2-{layers}") for layers in (SHALLOW, 30)))
    rows = probed_pairs(task, seed, split, {spec.name: load_classifier(spec) for spec in family})
    save(pd.DataFrame(rows), file)
    return rows


def choose_lr(store: Store) -> pd.DataFrame:
    """Accuracy on the held-out tenth, at the end."""
    family, rows = models(store), []
    for task in ("sst2", "cola", "ethics-deontology"):
        serve(task)
        for lr in (5e-5, 1e-4, 3e-4, 1e-3):
            settings = replace(
                FINETUNED, task=task, seed=1000, lr=lr, family=family, early_stopping="ground_truth"
            )
            for name in LR:
                history = run_ground_truth(settings, name, store=store, progress=False).metrics["history"]
                rows.append((name, lr, task, history[-1]["agreement"]))
    return pd.DataFrame(rows, columns=["model", "lr", "task", "accuracy"]).pivot(
        index=["model", "lr"], columns="task", values="accuracy"
    )


if __name__ == "__main__":
    parser = options(__doc__)
    parser.set_defaults(seeds=3)
    parser.add_argument("--minilm", type=Path)
    parser.add_argument("--smollm2", type=Path)
    parser.add_argument("--choose-lr", action="store_true")
    args = parser.parse_args()
    store = Store(args.store)
    if args.minilm:
        for layers in (1, 6):
            first_layers(args.minilm, layers, store.root / f"models/minilm-{layers}")
        if args.choose_lr:
            print(choose_lr(store).assign(mean=lambda table: table.mean(axis=1)).round(3))
            raise SystemExit
        measure = lambda seed: {"real_grid": over_tasks(finetuned, TASKS, seed, args)}
        save_summary(grow_tables(["real_grid"], args, measure)["real_grid"], args.out, "real")
    if args.smollm2:
        whole = from_gguf(args.smollm2, store.root / "models/smollm2-30")
        first_layers(whole, SHALLOW, store.root / f"models/smollm2-{SHALLOW}")
        measure = lambda seed: {"real_probes": over_tasks(probes, TASKS, seed, args)}
        grow_tables(["real_probes"], args, measure)
