"""What a finetuning leaves on record: a row at each mark, and how well the student agrees with others."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from .config import TrainConfig


@dataclass
class History:
    """What happened in a finetuning.

    Fields:

        rows         dicts of step, epoch, loss (mean since the row before) and lr, and with validation of
                     validation_loss and agreement
        steps        how many in all
        seconds      a resumed run counts what it spent before the kill, up to its checkpoint
        best_step    the step whose weights were kept, when early stopping is on
        device       where it ran, and why
        labels       what the method made of the weak labels, where it does not take them as they are: how
                     many there were, "given", and how many of them it "kept" or "changed"
    """

    rows: list[dict] = field(default_factory=list)
    steps: int = 0
    seconds: float = 0.0
    best_step: int | None = None
    device: str = ""
    labels: dict[str, int] = field(default_factory=dict)

    def table(self):
        """`rows` as a DataFrame."""
        import pandas as pd

        return pd.DataFrame(self.rows)

    def improves(self, row: dict) -> bool:
        """Whether `row` agrees with validation more than every row before it."""
        return all(row["agreement"] > earlier["agreement"] for earlier in self.rows)


def marks(config: TrainConfig, per_epoch: int, total: int) -> set[int]:
    """The steps after which history gets a row: every `eval_every` epochs, and the last one."""
    count = math.ceil(config.epochs / config.eval_every)
    return {round(k * config.eval_every * per_epoch) for k in range(1, count)} | {total}


def compare(predictions: np.ndarray, targets: np.ndarray) -> dict[str, float]:
    """Agreement and mean cross-entropy of predictions with soft labels.

    Both are P(label 1), (n,), or both (n, answers), where the narrower one is filled up with zeros.
    """
    if targets.ndim == 2:
        width = max(predictions.shape[1], targets.shape[1])
        p, w = (np.pad(a, ((0, 0), (0, width - a.shape[1]))) for a in (predictions, targets))
        return {
            "agreement": float(np.mean(p.argmax(axis=1) == w.argmax(axis=1))),
            "validation_loss": float(-np.mean((w * np.log(p.clip(1e-7))).sum(axis=1))),
        }
    inner = predictions.clip(1e-7, 1 - 1e-7)
    return {
        "agreement": float(np.mean((predictions > 0.5) == (targets > 0.5))),
        "validation_loss": float(-np.mean(targets * np.log(inner) + (1 - targets) * np.log1p(-inner))),
    }
