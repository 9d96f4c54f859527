"""KL divergence (loss "kl" of EleutherAI's w2s): naive finetuning, with another number to watch.

    for each batch (x, w):
        f = student(x)
        minimise KL(w || f) = CE(f, w) - H(w)

H(w) does not depend on the student, so the gradients are those of naive finetuning, and up to rounding the
student is, too.
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
class KL:
    """KL(w || f) of weak labels w and predictions f: the mean over the batch, for any number of answers."""

    def __call__(self, logits: torch.Tensor, targets: torch.Tensor, step_fraction: float) -> torch.Tensor:
        """The loss of a batch, a scalar; shapes and errors as in `training.losses`.

        It has no warm-up, so `step_fraction` does not matter.
        """
        losses.check(logits, targets)
        return F.kl_div(logits.log_softmax(dim=1), losses.columns(targets), reduction="batchmean")


@method
def kl(student, texts, weak_labels, config: TrainConfig, **kw) -> History:
    """The student learns with the KL divergence.

    The history's loss is 0 for a student that says just what its supervisor says, however soft that is.
    """
    return finetune(student, texts, weak_labels, config, loss=KL(), **kw)
