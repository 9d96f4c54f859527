"""The confidence loss of EleutherAI's w2s ("logconf"): as the paper's, with other numbers.

for each batch (x, w):
    a = weight * min(1, share of training done / warmup)
    f = student(x)
    h = 1 where f is above the batch's quantile that leaves a share `prior` above it, else 0      (no
    gradient) minimise (1-a) CE(f, w) + a CE(f, h)
"""

from __future__ import annotations

from ..training import losses
from ..training.config import TrainConfig
from ..training.loop import History, finetune
from .method import method


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
    """`prior` None: the share that the weak labels of the batch have. `balance`: weak labels with mean
    log-odds 0 in each batch. See `losses.log_confidence`.
    """
    return finetune(
        student, texts, weak_labels, config, loss=losses.log_confidence(weight, warmup, prior, balance), **kw
    )
