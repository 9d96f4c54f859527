"""The settings of an experiment: everything but its models and its method."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from ..training.config import TrainConfig

if TYPE_CHECKING:  # it imports PyTorch, and `python -m w2s_kit --help` should not
    from ..models.families import ModelSpec


@dataclass(frozen=True)
class Settings:
    """Everything about an experiment but its models and its method.

    Fields:

        task            name of a task, see `w2s_kit.tasks.load_task`; or a table or a `Split`, which gets one
        n_train         examples in each half; few, as tasks should be elicited rather than taught
        n_test          examples in the test; with 500, one standard error of an accuracy is 2 points
        fresh           further parts that a task of MiniWorld is dealt into; a bootstrapping chain wants two
        seed            draws the split and the order of the examples
        epochs          passes over a half; 2 are the paper's (Appendix A.1)
        batch_size      32 is the paper's
        hard_labels     weak labels as 0 and 1; the paper has them for chess puzzles, soft ones for NLP tasks
        head            "zeros" begins without an opinion, "tokens" as the zero-shot answer
        linear_probe    train the head only
        lora            rank of low-rank adapters, trained instead of the model (EleutherAI: 8); 0: none
        quantised       the pretrained weights in 4 bits, to save memory; with lora or linear_probe
        lr              a rate for all models, or rates by name; None: their own, with lora ten times that
        early_stopping  "none"; "weak": by the labels learned from; "ground_truth": illegitimate for students
        family          of models, see `w2s_kit.models.families.load_family`
        allow_rejected  go on with a file of one's own of which most rows cannot be used
        constrained     models that write choose among the possible answers; report such numbers apart
        chat            texts go through the tokenizer's chat template, and the assistant's turn is left open;
                        for models that were trained to chat, on tasks with two classes

    These four change how a run is computed, and not its result:

        checkpoint_every  steps between checkpoints; 0: none. Needed only where one run takes long
        recompute         less memory, a third slower
        token_budget      tokens on the device at a time; None: a whole batch, or as much of it as fits
        report_to         "tensorboard", "wandb" or "trackio": each training is followed there; "": nowhere

    Raises ValueError that names the field whose value makes no sense.
    """

    task: str
    n_train: int = 500
    n_test: int = 500
    fresh: int = 0
    seed: int = 0
    epochs: int = 2
    batch_size: int = 32
    hard_labels: bool = False
    head: str = "zeros"
    linear_probe: bool = False
    lora: int = 0
    quantised: bool = False
    lr: float | Mapping[str, float] | None = None
    early_stopping: str = "none"
    checkpoint_every: int = 0
    recompute: bool = False
    token_budget: int | None = None
    family: str = "miniworld"
    allow_rejected: bool = False
    constrained: bool = False
    chat: bool = False
    report_to: str = ""

    def __post_init__(self):
        if not isinstance(self.task, str):
            from ..tasks.own import name_of

            object.__setattr__(self, "task", name_of(self.task))
        least = {
            "n_train": 1,
            "n_test": 1,
            "fresh": 0,
            "seed": 0,
            "batch_size": 1,
            "lora": 0,
            "checkpoint_every": 0,
            "token_budget": 1,
        }
        for name, lowest in least.items():
            value = getattr(self, name)
            if value is not None and not (isinstance(value, numbers.Integral) and value >= lowest):
                raise ValueError(f"{name} is a whole number from {lowest} on, but {value!r} was given")
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(field.default, bool) and value not in (True, False):
                raise ValueError(f"{field.name} is True or False, but {value!r} was given")
        if not (isinstance(self.epochs, numbers.Real) and 0 < self.epochs < math.inf):
            raise ValueError(f"epochs is a number above 0, but {self.epochs!r} was given")
        for rate in (
            self.lr.values() if isinstance(self.lr, Mapping) else [] if self.lr is None else [self.lr]
        ):
            if not (isinstance(rate, numbers.Real) and 0 <= rate <= 1):
                raise ValueError(
                    f"lr is a rate from 0 to 1, but {rate!r} was given: a step moves each weight by about "
                    "the rate, and rates here are 1e-5 to 1e-2"
                )
        if self.lora and self.linear_probe:
            raise ValueError(
                f"lora={self.lora} trains adapters in the model and linear_probe=True its head only: choose "
                "one"
            )
        if self.quantised and not (self.lora or self.linear_probe):
            raise ValueError(
                "quantised=True: weights in 4 bits cannot be trained; add adapters (lora=8) or train the "
                "head alone (linear_probe=True)"
            )

    def train_config(self, spec: ModelSpec, early_stopping: str) -> TrainConfig:
        """How a model of `spec` is finetuned with these settings. Raises ValueError where `lr` lacks it."""
        same = {
            name: getattr(self, name)
            for name in (
                "epochs",
                "batch_size",
                "seed",
                "checkpoint_every",
                "recompute",
                "token_budget",
                "report_to",
            )
        }
        lr = spec.lr * (10 if self.lora else 1) if self.lr is None else self.lr
        if isinstance(lr, Mapping):
            if spec.name not in lr:
                raise ValueError(
                    f"lr names rates for {', '.join(lr)}, but none for {spec.name!r}: add one, or give one "
                    "rate for all"
                )
            lr = lr[spec.name]
        return TrainConfig(lr=lr, early_stopping=early_stopping, **same)


#: Chess puzzles: hard labels, as in the paper (Section 3, Appendix A.2). Fewer puzzles and epochs than its
#: 50,000 and 5: small players should be asked for what they know, too, not be taught.
CHESS = Settings(task="chess", n_train=1_000, n_test=2_000, hard_labels=True, family="chess")

#: Reward modelling: soft labels and one epoch, as in the paper (Section 3, Appendix A.3), and as few
#: comparisons as puzzles.
PREFERENCE = Settings(task="dialogue", n_train=1_000, n_test=1_000, epochs=1, family="miniworld-chat")
