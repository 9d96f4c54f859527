"""Naive finetuning (Section 4): the student imitates its supervisor, mistakes and all.

for each batch (x, w):
    f = student(x)
    minimise CE(f, w)
"""

from __future__ import annotations

from ..training.config import TrainConfig
from ..training.loop import History, finetune
from ..training.losses import cross_entropy
from .method import method


@method
def naive(student, texts, weak_labels, config: TrainConfig, **kw) -> History:
    """Cross-entropy on the weak labels as they are. With ground truth for labels, it trains supervisors and
    ceilings.
    """
    return finetune(student, texts, weak_labels, config, loss=cross_entropy, **kw)
