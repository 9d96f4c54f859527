"""The confidence loss as two code bases wrote it: EleutherAI's w2s ("logconf") and openai/weak-to-strong.

Both are the paper's, with other numbers.

    for each batch (x, w):
        a = weight * min(1, share of training done / warmup)
        f = student(x)
        h = 1 where f is above the batch's quantile that leaves a share `prior` above it, else 0 (no gradient)
        minimise (1-a) CE(f, w) + a CE(f, h) = CE(f, (1-a) w + a h)
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
class LogConfidence:
    """The confidence loss as EleutherAI's w2s has it, (1-a) CE(f, w) + a CE(f, h), for two answers only.

    f: the student's predictions. w: weak labels. h: 1 for the share `prior` of the batch with the highest f,
    else 0, without a gradient. a: rises to `weight` during the warm-up.

    Fields:

        weight     of the student's own answers after the warm-up
        warmup     the share of training in which it rises from 0
        prior      the share of label 1 in h; None: the mean weak label of the batch
        balance    first move the log-odds of the batch's weak labels to mean 0, and the prior to 0.5

    w2s takes its quantile from its last 32 predictions, one batch of gradient accumulation; here it is the
    batch's own quantile, without a memory of earlier batches. The blog post's runs, one example at a time,
    used the prior 0.5, the median; None is what w2s does with more at a time. weight = 0 without balance is
    `cross_entropy`, to the last bit. Raises ValueError for shares outside [0, 1].
    """

    weight: float = 0.5
    warmup: float = 0.2
    prior: float | None = 0.5
    balance: bool = False

    def __post_init__(self):
        losses.check_shares(weight=self.weight, warmup=self.warmup)
        if self.prior is not None and not 0 <= self.prior <= 1:
            raise ValueError(
                f"prior is a share of label 1, between 0 and 1, or None for that of the weak labels, but got "
                f"{self.prior}"
            )

    def __call__(self, logits: torch.Tensor, targets: torch.Tensor, step_fraction: float) -> torch.Tensor:
        """The loss of a batch, a scalar; shapes and errors as in `training.losses`.

        `step_fraction` is the share of training done. Raises ValueError for more than two answers.
        """
        losses.check(logits, targets)
        losses.check_two(targets, "log_confidence")
        if self.balance:
            odds = targets.logit(eps=1e-6)
            targets = (odds - odds.mean()).sigmoid()
        a, share = self.weight * losses.ramp(step_fraction, self.warmup), 0.5 if self.balance else self.prior
        hardened = top_prior(logits, targets if share is None else torch.full_like(targets, share))
        return losses.soft(logits, (1 - a) * targets + a * hardened)


@dataclass(frozen=True)
class ReleasedConfidence:
    """The confidence loss as openai/weak-to-strong wrote it (`logconf_loss_fn`), for two answers only.

    Fields:

        aux_coef       the share of the student's own answers after the warm-up
        warmup         the share of training in which it rises from 0
        as_released    with the jump of the released ramp

    It differs from the paper's in three ways: aux_coef 0.5, a warm-up of 10 %, and a threshold that gives
    label 1 to as large a share of the batch as the weak labels do, instead of half. The released ramp forgets
    to divide by `warmup`, so that it creeps up to aux_coef * warmup and then jumps to aux_coef. Corrected
    here; `as_released=True` keeps the jump, for comparison. Raises ValueError for shares outside [0, 1].
    """

    aux_coef: float = 0.5
    warmup: float = 0.1
    as_released: bool = False

    def __post_init__(self):
        losses.check_shares(aux_coef=self.aux_coef, warmup=self.warmup)

    def __call__(self, logits: torch.Tensor, targets: torch.Tensor, step_fraction: float) -> torch.Tensor:
        """The loss of a batch, a scalar; shapes and errors as in `training.losses`.

        `step_fraction` is the share of training done. Raises ValueError for more than two answers.
        """
        losses.check(logits, targets)
        if targets.ndim == 2:
            raise ValueError(
                "the released loss is for two answers only: it takes the share of label 1 in the batch; "
                "take `confidence`"
            )
        released = 1.0 if step_fraction > self.warmup else step_fraction
        a = self.aux_coef * (released if self.as_released else losses.ramp(step_fraction, self.warmup))
        return losses.soft(logits, (1 - a) * targets + a * top_prior(logits, targets))


@method
def log_confidence(
    student,
    texts,
    weak_labels,
    config: TrainConfig,
    *,
    weight: float = 0.5,
    warmup: float = 0.2,
    prior: float | None = 0.5,
    balance: bool = False,
    **kw,
) -> History:
    """The student learns with EleutherAI's confidence loss; see `LogConfidence` for the options."""
    loss = LogConfidence(weight, warmup, prior, balance)
    return finetune(student, texts, weak_labels, config, loss=loss, **kw)


def top_prior(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Hardened predictions, (n,): 1 where P(label 0) is below its own quantile at the mean target.

    It carries no gradient.
    """
    p0 = logits.detach().softmax(dim=1)[:, 0]
    return (p0 < torch.quantile(p0, targets.mean())).to(targets.dtype)
