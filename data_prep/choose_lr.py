"""Choose each size's finetuning learning rate without looking at a test: by accuracy on a held-out tenth of the half
that the model learns from, mean over tasks and seeds. The largest rate within one standard error of the best: a student
that hardly moves would answer zero-shot, and its labels would not matter. Students take their size's rate as it is.

    python data_prep/choose_lr.py m l --tasks edible ethics sentiment    # default: all sizes, all tasks

Prints a table; the winners stand in `w2s_kit.models.MINIWORLD_LR`.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from w2s_kit.experiment import Settings
from w2s_kit.metrics import accuracy
from w2s_kit.models import load_classifier, load_family
from w2s_kit.tasks import load_task, task_names
from w2s_kit.train import TrainConfig, finetune, predict

N_HELD_OUT = 50  # of 500
RATES = (3e-5, 1e-4, 3e-4, 1e-3, 3e-3)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", default=load_family().names)
    parser.add_argument("--tasks", nargs="*", default=task_names())
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--head", default=Settings.head)
    args = parser.parse_args()
    family, rows = load_family(), []
    work = [(size, task, seed, lr) for size in args.sizes for task in args.tasks for seed in range(1000, 1000 + args.seeds) for lr in RATES]
    for size, task, seed, lr in tqdm(work):
        half = load_task(task, seed).supervisor
        cut = len(half) - N_HELD_OUT
        learn, held_out = half[:cut], half[cut:]
        model = load_classifier(family[size], head=args.head)
        finetune(model, learn.text.tolist(), learn.label.to_numpy(float), TrainConfig(lr=lr), progress=False)
        rows.append((size, task, seed, lr, accuracy(predict(model, held_out.text.tolist()), held_out.label)))
    table = pd.DataFrame(rows, columns=["size", "task", "seed", "lr", "accuracy"])
    mean = table.pivot_table(index="size", columns="lr", values="accuracy", sort=False)
    print(mean.round(3).to_string())
    error = np.sqrt(mean.max(axis=1) * (1 - mean.max(axis=1)) / (len(table) / mean.size * N_HELD_OUT))
    print("standard error of the best:", error.round(4).to_dict())
    print({size: float(row.index[row >= row.max() - error[size]].max()) for size, row in mean.iterrows()})
