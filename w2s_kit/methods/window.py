"""Window (loss "window" of EleutherAI's w2s): the supervisor is heard only where the student is unsure.

for each batch (x, w):
    f = student(x)
    minimise CE(f, w), summed over the x with max(f, 1-f) < 0.5 + radius, over the batch's size
"""

from __future__ import annotations

import numpy as np

from ..training import losses
from ..training.config import TrainConfig
from ..training.loop import History, finetune
from .method import method


@method
def window(
    student, texts, weak_labels, config: TrainConfig, *, radius: float | str = "midweak", **kw
) -> History:
    """`radius` "midweak", as in the blog post: how sure the supervisor typically is, the median of |w - 0.5|
    over all texts. For hard labels that is 0.5, and the method naive. Raises ValueError for another word, and
    for more than two answers.
    """
    if getattr(student, "choices", False):  # those that write are among them
        raise ValueError(
            f"window is for two answers only, and {type(student).__name__} has more: there is no 0.5 to be near to"
        )
    if isinstance(radius, str):
        if radius != "midweak":
            raise ValueError(f"radius is a number or 'midweak', but got {radius!r}")
        radius = float(np.median(np.abs(np.asarray(weak_labels, dtype=float) - 0.5)))
    return finetune(student, texts, weak_labels, config, loss=losses.window(radius), **kw)
