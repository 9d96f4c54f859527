"""Auxiliary confidence loss (Section 4.3, Appendix A.4): a student that is sure may disagree.

    for each batch (x, w):
        a = alpha_max * min(1, share of training done / warmup)
        f = student(x)
        h = 1 for the half of the batch with the highest f, else 0      (no gradient)
        minimise (1-a) CE(f, w) + a CE(f, h) = CE(f, (1-a) w + a h)

x are texts, w their weak labels, f the student's predictions P(label 1), and h the same predictions
hardened: yes or no. CE is cross-entropy. At first, the student listens to its supervisor alone. During the
warm-up, its own hard answers come to count for a share a of the loss, and from then on for alpha_max.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from ..training import losses
from ..training.config import TrainConfig
from ..training.history import History
from ..training.loop import finetune
from .value import method


@dataclass(frozen=True)
class Confidence:
    """The auxiliary confidence loss, (1-a) CE(f, w) + a CE(f, h).

    f: the student's predictions. w: weak labels. h: f hardened to 0 or 1, without a gradient. a: rises to
    `alpha_max` during the warm-up.

    Fields:

        alpha_max    the share of the student's own answers after the warm-up
        warmup       the share of training in which their weight rises from 0

    Exactly half of the batch is above the threshold between h = 1 and h = 0, so that "always yes" is no way
    out: h is 1 for the floor(n/2) highest predictions, and ties go to the later row. Among more than two
    answers, h is the likeliest one. alpha_max = 0 is `cross_entropy`, to the last bit. Raises ValueError for
    shares outside [0, 1].
    """

    alpha_max: float = 0.75
    warmup: float = 0.2

    def __post_init__(self):
        losses.check_shares(alpha_max=self.alpha_max, warmup=self.warmup)

    def __call__(self, logits: torch.Tensor, targets: torch.Tensor, step_fraction: float) -> torch.Tensor:
        """The loss of a batch, a scalar; shapes and errors as in `training.losses`.

        `step_fraction` is the share of training done, which decides how far the warm-up is.
        """
        losses.check(logits, targets)
        a = self.alpha_max * losses.ramp(step_fraction, self.warmup)
        if targets.ndim == 1:
            hardened = top_half(logits)
        else:
            hardened = F.one_hot(logits.detach().argmax(dim=1), logits.shape[1])
        return losses.soft(logits, (1 - a) * targets + a * hardened)


@method
def confidence(
    student, texts, weak_labels, config: TrainConfig, *, alpha_max: float = 0.75, warmup: float = 0.2, **kw
) -> History:
    """The student learns with the auxiliary confidence loss.

    The paper takes alpha_max 0.75 for its largest students and 0.5 for the others. The loss helps across
    large gaps and hurts small students; notebook 03 shows where it turns.
    """
    return finetune(student, texts, weak_labels, config, loss=Confidence(alpha_max, warmup), **kw)


def top_half(logits: torch.Tensor) -> torch.Tensor:
    """Hardened predictions, (n,): 1 for the floor(n/2) rows with the highest P(label 1), else 0.

    It carries no gradient.
    """
    odds = (logits[:, 1] - logits[:, 0]).detach()
    hard = torch.zeros_like(odds)
    hard[odds.argsort(stable=True)[len(odds) - len(odds) // 2 :]] = 1
    return hard
