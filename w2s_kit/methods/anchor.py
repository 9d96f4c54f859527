"""An anchor on the representation (after Le et al. 2026, 2605.25629): the student may not drift far.

    z0 = features of the pretrained student, what its head sees        (never trained)
    for each batch (x, w):
        f, z = student(x), and what its head sees
        minimise CE(f, w) + weight * mean of |z - z0|^2 / |z0|^2

Weak supervision on one kind of questions may pull the features towards what is useful for this kind only. The
anchor keeps them near those of the pretrained model, which know nothing of the task. The paper's abstract
names the idea; this distance and this weight are the kit's.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass

import torch
from torch import nn

from ..training import losses
from ..training.config import TrainConfig
from ..training.history import History
from ..training.loop import finetune
from ..training.student import answers_of, longest_of
from .value import method


@dataclass(frozen=True)
class Anchor:
    """CE(f, w) + weight * the mean drift of the batch, for logits of an `Anchored` student only.

    Fields:

        weight    of the drift beside the cross-entropy; 0 is `cross_entropy`

    Raises ValueError for a weight below 0.
    """

    weight: float = 1.0

    def __post_init__(self):
        if not 0 <= self.weight < math.inf:
            raise ValueError(f"weight is a number from 0 on, but got {self.weight}")

    def __call__(self, logits: torch.Tensor, targets: torch.Tensor, step_fraction: float) -> torch.Tensor:
        """The loss of a batch, a scalar. logits: (n, 3), of which the last column is the drift."""
        answers, drift = logits[:, :2], logits[:, 2]
        losses.check(answers, targets)
        return losses.soft(answers, targets) + self.weight * drift.mean()


class Anchored(nn.Module):
    """A student beside its pretrained self; its logits have the drift of its features as a third column.

    ids (n, time) and lengths (n,) as of `training.student.Student`. Of a comparison both sides count. The
    student inside is the one that is trained.
    """

    answers = "two"

    def __init__(self, student):
        super().__init__()
        self.tokenizer, self.pad_id, self.longest = student.tokenizer, student.pad_id, longest_of(student)
        self.before = copy.deepcopy(student).requires_grad_(False)
        self.student = student

    def forward(self, input_ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """(n, 3): the student's logits, and |z - z0|^2 / |z0|^2."""
        with torch.no_grad():
            _, before = _heard(self.before, input_ids, lengths)
        logits, now = _heard(self.student, input_ids, lengths)
        z, z0 = torch.cat(now, dim=1), torch.cat(before, dim=1)
        drift = ((z - z0) ** 2).sum(dim=1) / (z0**2).sum(dim=1)
        return torch.column_stack([logits.float(), drift])


@method
def anchor(student, texts, weak_labels, config: TrainConfig, *, weight: float = 1.0, **kw) -> History:
    """The student learns from weak labels, and its features are held near those that it began with.

    weight: of the penalty; 0 is naive finetuning. Takes a quarter more time and memory. The history's loss
    holds the penalty, too. Raises ValueError for a student of more than two answers, one without a linear
    head, and for early stopping, which the third column would mislead.
    """
    if answers_of(student) != "two" or not isinstance(getattr(student, "head", None), nn.Linear):
        raise ValueError(
            f"anchor is for two answers and a linear head, and {type(student).__name__} has none: "
            "it holds what the head sees"
        )
    if kw.get("validation") is not None:
        raise ValueError("anchor does not go with early stopping: set early_stopping='none'")
    return finetune(Anchored(student), texts, weak_labels, config, loss=Anchor(weight), **kw)


def _heard(model, *batch: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """The model's logits, and what its head saw on the way, a tensor (n, width) for each call."""
    seen: list[torch.Tensor] = []
    watch = model.head.register_forward_pre_hook(lambda head, given: seen.append(given[0].float()))
    try:
        return model(*batch), seen
    finally:
        watch.remove()
