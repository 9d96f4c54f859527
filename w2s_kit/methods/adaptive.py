"""Adaptive confidence ("AdaptConf", Guo et al. 2024, 2402.03749): how sure is the student of this text?

    for each x with its weak label w:
        f = student(x)
        h = the student's own hard answer, 1 for the half of the batch with the highest f
        v = the supervisor's hard answer, the likelier one under w
        a = exp(CE(f, h) / tau) / (exp(CE(f, h) / tau) + exp(CE(f, v) / tau))        (no gradient)
        minimise (1-a) CE(f, w) + a CE(f, h)

How far the student listens to itself is decided text by text.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from ..training import losses
from ..training.config import TrainConfig
from ..training.history import History
from ..training.loop import finetune
from .confidence import top_half
from .value import method


@dataclass(frozen=True)
class Adaptive:
    """AdaptConf: (1-a) CE(f, w) + a CE(f, h), with a weight a of its own for each text.

    f: the student's predictions. w: weak labels. h: f hardened to 0 or 1, without a gradient. v: w hardened.

    Fields:

        tau            temperature: how sharply a follows the odds; 0.5 in the released code
        trust_self     turns the sign: the surer the student is, the more it listens to itself
        as_released    h is the likelier answer, not 1 for half of the batch

    Where student and supervisor agree, a is 1/2. Where they do not, a = 1 / (1 + o^(1/tau)) for odds o of h
    against v: the surer the student is, the *less* it listens to itself. With `trust_self`,
    a = 1 / (1 + o^(-1/tau)).

    As in the paper's confidence loss, h is 1 for half of the batch. With `as_released`, a head without an
    opinion gives one answer to every question at first. That answer is half of what the student hears, and it
    never gets away from it. Among more than two answers, h is always the likeliest. Raises ValueError
    for a tau that is not above 0.
    """

    tau: float = 0.5
    trust_self: bool = False
    as_released: bool = False

    def __post_init__(self):
        if not 0 < self.tau < float("inf"):
            raise ValueError(f"tau is a temperature, above 0, but got {self.tau}")

    def __call__(self, logits: torch.Tensor, targets: torch.Tensor, step_fraction: float) -> torch.Tensor:
        """The loss of a batch, a scalar; shapes and errors as in `training.losses`.

        It has no warm-up, so `step_fraction` does not matter.
        """
        losses.check(logits, targets)
        soft, log_p = losses.columns(targets), logits.detach().log_softmax(dim=1)
        likeliest = self.as_released or targets.ndim == 2
        own = log_p.argmax(dim=1) if likeliest else top_half(logits).long()
        supervisor = soft.argmax(dim=1, keepdim=True)
        odds = (log_p.gather(1, own[:, None]) - log_p.gather(1, supervisor)) / self.tau  # logarithms
        a = torch.sigmoid(odds if self.trust_self else -odds)
        return losses.soft(logits, (1 - a) * soft + a * F.one_hot(own, logits.shape[1]))


@method
def adaptive(
    student,
    texts,
    weak_labels,
    config: TrainConfig,
    *,
    tau: float = 0.5,
    trust_self: bool = False,
    as_released: bool = False,
    **kw,
) -> History:
    """The student learns with AdaptConf.

    tau: 0.5 is that of the released code. See `Adaptive` for the other two options, and notebook 26 for what
    they do.
    """
    loss = Adaptive(tau, trust_self, as_released)
    return finetune(student, texts, weak_labels, config, loss=loss, **kw)
