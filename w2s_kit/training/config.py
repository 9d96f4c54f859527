"""The settings of a finetuning."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any

from ..shared.names import nearest

SCHEDULES = {
    "cosine": lambda done: 0.5 * (1 + math.cos(math.pi * done)),
    "linear": lambda done: 1 - done,
    "constant": lambda done: 1.0,
}
STOPPING = ("none", "weak", "ground_truth")
#: Fields of `TrainConfig` that change how a run is computed, and not its result.
HARMLESS = ("checkpoint_every", "token_budget", "recompute", "report_to", "report_as")
#: Where `TrainConfig.report_to` may send the history of a training.
TRACKERS = ("tensorboard", "wandb", "trackio")


@dataclass(frozen=True)
class TrainConfig:
    """How a model is finetuned.

    Fields:

        lr                peak learning rate; it depends on the model's size, so there is no default
        epochs            2 are the paper's, for NLP
        batch_size        32 is the paper's; no batch is larger, and all are of nearly equal size
        warmup            share of steps with rising learning rate; the released code has none
        schedule          "cosine" to zero, as in the released code; "linear" or "constant"
        weight_decay      none in the released code
        max_grad_norm     keeps one odd batch from ruining a short run; math.inf turns it off
        seed              decides the order of the batches, nothing else
        token_budget      tokens on the device at a time, padding included; None: the whole batch. It changes
                          memory, not results
        recompute         layers compute their insides again for the gradient instead of keeping them: a third
                          slower, less memory
        pool              batches sorted by length together. 1: plain random batches, with more padding, and
                          without likeness within a batch
        eval_every        in epochs: one row of history each
        early_stopping    "none"; or keep the weights that agree most with `validation`: "weak" labels, or
                          "ground_truth", which is not legitimate (a weak supervisor has none) and only
                          shows what was to be gained
        checkpoint_every  in steps; 0 writes none. Worth its time for runs of many minutes
        report_to         one of TRACKERS, to which the rows of history are sent while it trains; "": none
        report_as         what the run is called there

    Raises ValueError that names a field whose value makes no sense.
    """

    lr: float
    epochs: float = 2
    batch_size: int = 32
    warmup: float = 0.0
    schedule: str = "cosine"
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    seed: int = 0
    token_budget: int | None = None
    recompute: bool = False
    pool: int = 16
    eval_every: float = 0.25
    early_stopping: str = "none"
    checkpoint_every: int = 0
    report_to: str = ""
    report_as: str = ""

    def __post_init__(self):
        least = dict(
            lr=0, epochs=0, batch_size=1, warmup=0, weight_decay=0, token_budget=1, pool=1, checkpoint_every=0
        )
        for name, lowest in least.items():
            value = getattr(self, name)
            if value is not None and not lowest <= value < math.inf:
                raise ValueError(f"{name} must be a finite number, at least {lowest}, but is {value}")
        if self.warmup > 1 or not min(self.epochs, self.eval_every, self.max_grad_norm) > 0:
            raise ValueError(
                f"warmup is at most 1; epochs, eval_every and max_grad_norm are above 0; got {self}"
            )
        if self.schedule not in SCHEDULES:
            raise ValueError(nearest("schedule", self.schedule, SCHEDULES))
        if self.early_stopping not in STOPPING:
            raise ValueError(nearest("early_stopping", self.early_stopping, STOPPING))
        if self.report_to and self.report_to not in TRACKERS:
            raise ValueError(nearest("report_to", self.report_to, TRACKERS))


def decisive(config: TrainConfig) -> TrainConfig:
    """`config` with the default of every setting that does not change results: what tells runs apart."""
    harmless: dict[str, Any] = {f.name: f.default for f in fields(config) if f.name in HARMLESS}
    return replace(config, **harmless)


def learning_rate(config: TrainConfig, step: int, total: int) -> float:
    """The learning rate of step 0 <= step < total: it rises during the warm-up, then follows the schedule."""
    rising = round(config.warmup * total)
    if step < rising:
        return config.lr * (step + 1) / rising
    return config.lr * SCHEDULES[config.schedule]((step - rising) / max(1, total - rising))
