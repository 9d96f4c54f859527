"""KL divergence (loss "kl" of EleutherAI's w2s): naive finetuning, with another number to watch.

    for each batch (x, w):
        f = student(x)
        minimise KL(w || f) = CE(f, w) - H(w)

H(w) does not depend on the student, so the gradients are those of naive finetuning, and up to rounding the
student is, too.
"""

from __future__ import annotations

from ..training import losses
from ..training.config import TrainConfig
from ..training.loop import History, finetune
from .method import method


@method
def kl(student, texts, weak_labels, config: TrainConfig, **kw) -> History:
    """The history's loss is 0 for a student that says just what its supervisor says, however soft that is."""
    return finetune(student, texts, weak_labels, config, loss=losses.kl(), **kw)
