"""Window (loss "window" of EleutherAI's w2s): the supervisor is heard only where the student is unsure.

for each batch (x, w):
    f = student(x)
    minimise CE(f, w), summed over the x with max(f, 1-f) < 0.5 + radius, over the batch's size
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from ..training import losses
from ..training.config import TrainConfig
from ..training.history import History
from ..training.loop import finetune
from ..training.student import answers_of
from .value import method


@dataclass(frozen=True)
class Window:
    """The window loss, CE(f, w) where the student is unsure, for two answers only.

    Fields:

        radius    how far from 0.5 the student's prediction may be for its example to count

    The other rows have no gradient. A radius above 0.5 is `cross_entropy`. Raises ValueError for a radius
    that is not above 0.
    """

    radius: float = 0.15

    def __post_init__(self):
        if not self.radius > 0:
            raise ValueError(
                f"radius is a distance from 0.5, above 0, but got {self.radius}: no example would count"
            )

    def __call__(self, logits: torch.Tensor, targets: torch.Tensor, step_fraction: float) -> torch.Tensor:
        """The loss of a batch, a scalar; shapes and errors as in `training.losses`.

        `step_fraction` does not matter. Raises ValueError for more than two answers.
        """
        losses.check(logits, targets)
        losses.check_two(targets, "window")
        unsure = logits.detach().softmax(dim=1).amax(dim=1) < 0.5 + self.radius
        return (F.cross_entropy(logits, losses.columns(targets), reduction="none") * unsure).mean()


@method
def window(
    student, texts, weak_labels, config: TrainConfig, *, radius: float | str = "midweak", **kw
) -> History:
    """The student learns with the window loss.

    radius: "midweak", as in the blog post, is how sure the supervisor typically is: the median of |w - 0.5|
    over all texts. For hard labels that is 0.5, and the method naive. Raises ValueError for another word, and
    for more than two answers.
    """
    if answers_of(student) != "two":
        raise ValueError(
            f"window is for two answers only, and {type(student).__name__} has more: there is no 0.5 to be "
            "near to"
        )
    if isinstance(radius, str):
        if radius != "midweak":
            raise ValueError(f"radius is a number or 'midweak', but got {radius!r}")
        radius = float(np.median(np.abs(np.asarray(weak_labels, dtype=float) - 0.5)))
    return finetune(student, texts, weak_labels, config, loss=Window(radius), **kw)
