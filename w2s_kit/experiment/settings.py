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
    """Everything about an experiment but its models and its method."""

    task: str
    n_train: int = 500  # examples in each half: small, as the tasks should be elicited rather than taught
    n_test: int = 500  # one standard error of an accuracy is then 2 points
    fresh: int = 0  # further parts that a task of MiniWorld is dealt into; a bootstrapping chain wants two
    seed: int = 0  # draws the split and the order of the examples
    epochs: int = 2  # the paper's (Appendix A.1), as is the batch size
    batch_size: int = 32
    hard_labels: bool = False  # the paper's NLP tasks use soft labels, its chess puzzles hard ones
    head: str = "zeros"  # a head without an opinion; "tokens" begins as the zero-shot answer
    linear_probe: bool = False  # train the head only
    # rank of low-rank adapters, trained instead of the model (8 in EleutherAI's study); 0: the model itself
    lora: int = 0
    # the pretrained weights in 4 bits, where memory asks for it; with `lora` or `linear_probe`
    quantised: bool = False
    # a rate for all models, or by their names; None: their own, with adapters ten times that
    lr: float | Mapping[str, float] | None = None
    # "weak": by the labels learned from; "ground_truth": illegitimate for students
    early_stopping: str = "none"
    # steps; 0 = off. Needed only where one run takes long; does not change its result
    checkpoint_every: int = 0
    recompute: bool = False  # a third slower, for less memory; the result is the same
    # tokens on the device at a time; None: a whole batch, or as much of it as fits. The result is the same
    token_budget: int | None = None
    family: str = "miniworld"
    # go on with a file of one's own of which more than half of the rows cannot be used
    allow_rejected: bool = False
    # models that write choose among the possible answers; report such numbers apart
    constrained: bool = False

    def __post_init__(self):
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
            for name in ("epochs", "batch_size", "seed", "checkpoint_every", "recompute", "token_budget")
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


# Hard labels, as in the paper (Section 3, Appendix A.2). Fewer puzzles and epochs than its 50,000 and 5:
# small players should be asked for what they know, too, not be taught.
CHESS = Settings(task="chess", n_train=1_000, n_test=2_000, hard_labels=True, family="chess")

# One epoch, as in the paper (Section 3, Appendix A.3), and as few comparisons as puzzles. Soft labels.
PREFERENCE = Settings(task="dialogue", n_train=1_000, n_test=1_000, epochs=1, family="miniworld-chat")
