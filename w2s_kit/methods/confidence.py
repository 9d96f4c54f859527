"""Auxiliary confidence loss (Section 4.3, Appendix A.4): the student may disagree with its supervisor where
it is sure.

    for each batch (x, w):
        a = alpha_max * min(1, share of training done / warmup)
        f = student(x)
        h = 1 for the half of the batch with the highest f, else 0      (no gradient)
        minimise (1-a) CE(f, w) + a CE(f, h)
"""

from __future__ import annotations

from ..training import losses
from ..training.config import TrainConfig
from ..training.loop import History, finetune
from .method import method


@method
def confidence(
    student, texts, weak_labels, config: TrainConfig, *, alpha_max: float = 0.75, warmup: float = 0.2, **kw
) -> History:
    """The paper takes alpha_max 0.75 for its largest students and 0.5 for the others. It helps across large
    gaps and hurts small students; notebook 03 shows where the one turns into the other.
    """
    return finetune(student, texts, weak_labels, config, loss=losses.confidence(alpha_max, warmup), **kw)
