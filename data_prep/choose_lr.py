"""Choose each size's finetuning learning rate without looking at a test: by accuracy on a held-out tenth of the half
that the model learns from, mean over tasks and seeds. Among equals the largest: a student
that hardly moves would answer zero-shot, and its labels would not matter. Students take their size's rate as it is.

    python data_prep/choose_lr.py m l --tasks edible ethics sentiment    # default: all sizes, all tasks

Prints a table; the winners stand in `w2s_kit.models.MINIWORLD_LR`.
"""

from __future__ import annotations

import argparse

import pandas as pd
from tqdm.auto import tqdm

from w2s_kit.metrics import accuracy
from w2s_kit.models import load_classifier, load_family
from w2s_kit.tasks import load_task, task_names
from w2s_kit.train import TrainConfig, finetune, predict

RATES = (3e-5, 1e-4, 3e-4, 1e-3, 3e-3)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", default=load_family().names)
    parser.add_argument("--tasks", nargs="*", default=task_names())
    parser.add_argument("--seeds", type=int, default=2)
    args = parser.parse_args()
    family, rows = load_family(), []
    work = [(size, task, seed, lr) for size in args.sizes for task in args.tasks for seed in range(1000, 1000 + args.seeds) for lr in RATES]
    for size, task, seed, lr in tqdm(work):
        half = load_task(task, seed).supervisor
        cut = int(0.9 * len(half))
        learn, held_out = half[:cut], half[cut:]
        model = load_classifier(family[size])
        finetune(model, learn.text.tolist(), learn.label.to_numpy(float), TrainConfig(lr=lr), progress=False)
        rows.append((size, task, seed, lr, accuracy(predict(model, held_out.text.tolist()), held_out.label)))
    table = pd.DataFrame(rows, columns=["size", "task", "seed", "lr", "accuracy"])
    mean = table.pivot_table(index="size", columns="lr", values="accuracy", sort=False)
    print(mean.round(3).to_string())
    print({size: float(mean.columns[row.round(3) == row.round(3).max()].max()) for size, row in mean.iterrows()})
