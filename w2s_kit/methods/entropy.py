"""Entropy (Grandvalet and Bengio 2004; loss "entropy" of EleutherAI's w2s): be sure, of either answer.

    for each batch (x, w):
        a = weight * min(1, share of training done / warmup)
        f = student(x)
        minimise (1-a) CE(f, w) + a H(f),    H(f) = CE(f, f)

It is the confidence loss with the student's own prediction left soft in place of hardened. What is nearly 0.5
is pushed little, and no threshold keeps half of a batch on either side: d H / d logit = -logit f (1-f).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..training import losses
from ..training.config import TrainConfig
from ..training.history import History
from ..training.loop import finetune
from .value import method


@dataclass(frozen=True)
class Entropy:
    """The entropy loss, (1-a) CE(f, w) + a H(f), for any number of answers.

    f: the student's predictions. w: weak labels. a: rises to `weight` during the warm-up.

    Fields:

        weight         of H(f) after the warm-up
        warmup         the share of training in which it rises from 0
        as_released    no gradient flows through the f that stands for the target, as in w2s

    w2s has 100 of its 470 steps for the warm-up. With its stopped gradient, what is left is (1-a) times the
    gradient of cross-entropy, and Adam divides a constant factor out again: a naive student. It is here for
    comparison. weight = 0 is `cross_entropy`, to the last bit. Raises ValueError for shares outside [0, 1].
    """

    weight: float = 0.5
    warmup: float = 0.2
    as_released: bool = False

    def __post_init__(self):
        losses.check_shares(weight=self.weight, warmup=self.warmup)

    def __call__(self, logits: torch.Tensor, targets: torch.Tensor, step_fraction: float) -> torch.Tensor:
        """The loss of a batch, a scalar; shapes and errors as in `training.losses`.

        `step_fraction` is the share of training done, which decides how far the warm-up is.
        """
        losses.check(logits, targets)
        a, own = self.weight * losses.ramp(step_fraction, self.warmup), logits.softmax(dim=1)
        own = own.detach() if self.as_released else own
        return losses.soft(logits, (1 - a) * losses.columns(targets) + a * own)


@method
def entropy(
    student,
    texts,
    weak_labels,
    config: TrainConfig,
    *,
    weight: float = 0.5,
    warmup: float = 0.2,
    as_released: bool = False,
    **kw,
) -> History:
    """The student learns with the entropy loss; `as_released` has w2s's stopped gradient (see `Entropy`)."""
    loss = Entropy(weight, warmup, as_released)
    return finetune(student, texts, weak_labels, config, loss=loss, **kw)
