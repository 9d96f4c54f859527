"""Product of both opinions (`product_loss_fn` of openai/weak-to-strong; in no figure of the paper).

    for each batch (x, w):
        f = student(x)
        q = w^alpha f^beta, divided by its sum over the answers      (no gradient)
        minimise CE(f, q)

For two answers, logit q = alpha logit w + beta logit f.
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
class Product:
    """The product loss, CE(f, q) with q in proportion to w^alpha f^beta, for any number of answers.

    f: the student's predictions, without a gradient in q. w: weak labels.

    Fields:

        alpha    exponent of the weak label
        beta     exponent of the student's own prediction

    With beta = 1, q is beyond f on the weak label's side of it, however far f is there already, so that
    probabilities go to 0 and 1; a weak label of 0.5 has no pull. A hard label is its own q. beta = 0 with
    alpha = 1 is `cross_entropy`. The released code has a warm-up that it never uses; here is none. Raises
    ValueError for an exponent below 0.
    """

    alpha: float = 1.0
    beta: float = 1.0

    def __post_init__(self):
        for name, value in (("alpha", self.alpha), ("beta", self.beta)):
            if not 0 <= value < float("inf"):
                raise ValueError(f"{name} is an exponent, at least 0, but got {value}")

    def __call__(self, logits: torch.Tensor, targets: torch.Tensor, step_fraction: float) -> torch.Tensor:
        """The loss of a batch, a scalar; shapes and errors as in `training.losses`.

        It has no warm-up, so `step_fraction` does not matter.
        """
        losses.check(logits, targets)
        powers = self.beta * logits.detach().log_softmax(dim=1)
        if self.alpha:  # 0 times the logarithm of 0 is no number
            powers = powers + self.alpha * losses.columns(targets).log()
        return losses.soft(logits, powers.softmax(dim=1))


@method
def product(
    student, texts, weak_labels, config: TrainConfig, *, alpha: float = 1.0, beta: float = 1.0, **kw
) -> History:
    """The student learns from the product of its own opinion and its supervisor's.

    With hard labels it is naive: q = w, as long as alpha is above 0.
    """
    return finetune(student, texts, weak_labels, config, loss=Product(alpha, beta), **kw)
