"""Entropy (loss "entropy" of EleutherAI's w2s; Grandvalet and Bengio 2004): be sure, of either answer.

    for each batch (x, w):
        a = weight * min(1, share of training done / warmup)
        f = student(x)
        minimise (1-a) CE(f, w) + a H(f)

Beside the confidence loss: what is nearly 0.5 is pushed little, and no threshold keeps half of a batch on
either side.
"""

from __future__ import annotations

from ..training import losses
from ..training.config import TrainConfig
from ..training.loop import History, finetune
from .method import method


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
    """`as_released`: with w2s's stopped gradient, which leaves cross-entropy's, times 1-a. See
    `losses.entropy`.
    """
    return finetune(
        student, texts, weak_labels, config, loss=losses.entropy(weight, warmup, as_released), **kw
    )
