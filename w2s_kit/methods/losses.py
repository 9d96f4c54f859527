"""All losses by name, for comparisons and for methods that take a loss as an option.

Each loss stands in the file of its method, with its pseudocode; `training.losses` has the naive one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ..shared.names import nearest
from ..training.losses import Loss, cross_entropy
from .adaptive import Adaptive
from .confidence import Confidence
from .entropy import Entropy
from .kl import KL
from .log_confidence import LogConfidence, ReleasedConfidence
from .product import Product
from .window import Window

#: Losses by name, each with its maker; keywords go to the maker.
LOSSES: dict[str, Callable[..., Loss]] = {
    "naive": lambda: cross_entropy,
    "xent": lambda: cross_entropy,  # its name in openai/weak-to-strong
    "confidence": Confidence,
    "logconf": ReleasedConfidence,
    "logconf_as_released": partial(ReleasedConfidence, as_released=True),
    "entropy": Entropy,
    "log_confidence": LogConfidence,  # EleutherAI's; "logconf" is OpenAI's
    "window": Window,
    "kl": KL,
    "product": Product,
    "adaptive": Adaptive,
}


def get_loss(name: str, **kw) -> Loss:
    """The loss called `name`, made with the keywords `kw`.

    Raises ValueError for an unknown name.
    """
    if name not in LOSSES:
        raise ValueError(nearest("loss", name, LOSSES))
    return LOSSES[name](**kw)
