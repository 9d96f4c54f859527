"""Adaptive confidence (Guo et al. 2024, 2402.03749, "AdaptConf"): how far the student listens to itself is
decided text by text.

    for each x with its weak label w:
        f = student(x);  h = its own hard answer, 1 for the half of the batch with the highest f;  v = that of
        w a = exp(CE(f, h) / tau) / (exp(CE(f, h) / tau) + exp(CE(f, v) / tau))      (no gradient) minimise
        (1-a) CE(f, w) + a CE(f, h)
"""

from __future__ import annotations

from ..training import losses
from ..training.config import TrainConfig
from ..training.loop import History, finetune
from .method import method


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
    """`tau` 0.5 is that of the released code. See `losses.adaptive` for the other two, and notebook 26 for
    what they do.
    """
    return finetune(
        student, texts, weak_labels, config, loss=losses.adaptive(tau, trust_self, as_released), **kw
    )
