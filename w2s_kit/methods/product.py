"""Product of both opinions (`product_loss_fn` of openai/weak-to-strong; in no figure of the paper).

for each batch (x, w):
    f = student(x)
    q = w^alpha f^beta, divided by its sum over the answers      (no gradient)
    minimise CE(f, q)
"""

from __future__ import annotations

from ..training import losses
from ..training.config import TrainConfig
from ..training.loop import History, finetune
from .method import method


@method
def product(
    student, texts, weak_labels, config: TrainConfig, *, alpha: float = 1.0, beta: float = 1.0, **kw
) -> History:
    """With hard labels it is naive: q = w, as long as alpha is above 0."""
    return finetune(student, texts, weak_labels, config, loss=losses.product(alpha, beta), **kw)
