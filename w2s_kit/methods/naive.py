"""Naive finetuning (Section 4): the student imitates its supervisor, mistakes and all.

    for each batch (x, w):
        f = student(x)
        minimise CE(f, w)

x are texts, w their weak labels, f the student's predictions P(label 1). CE is cross-entropy. The other
methods of this folder write it the same way.
"""

from __future__ import annotations

from ..training.config import TrainConfig
from ..training.history import History
from ..training.loop import finetune
from ..training.losses import cross_entropy
from .value import method


@method
def naive(student, texts, weak_labels, config: TrainConfig, **kw) -> History:
    """The student learns with cross-entropy on the weak labels as they are.

    With ground truth in place of weak labels, this trains supervisors and ceilings, too.
    """
    return finetune(student, texts, weak_labels, config, loss=cross_entropy, **kw)
