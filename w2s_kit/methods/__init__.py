"""How a student learns from weak labels: one short file a method.

A method is a function (model, texts, weak labels, TrainConfig, **keywords) -> History that trains the model in
place. Keywords it does not know go on to `finetune`. Bootstrapping is a chain of such students, see `bootstrap`.
"""

from __future__ import annotations

from collections.abc import Callable

from .adaptive import adaptive
from .co_supervision import co_supervision
from .confidence import confidence
from .entropy import entropy
from .generative import generative
from .kl import kl
from .log_confidence import log_confidence
from .naive import naive
from .product import product
from .relabel import filter_labels, relabel
from .reliability import reliability
from .strong_to_strong import strong_to_strong
from .two_stage import two_stage
from .window import window
from ..names import nearest
from ..train import History

METHODS: dict[str, Callable[..., History]] = {
    "naive": naive, "confidence": confidence, "generative": generative,
    # EleutherAI's, and "product" of OpenAI's code
    "entropy": entropy, "log_confidence": log_confidence, "window": window, "kl": kl, "product": product,
    "strong_to_strong": strong_to_strong, "relabel": relabel, "filter": filter_labels,
    # of later work: Guo and Yang, Shi et al., Guo et al., Liu and Alahi
    "reliability": reliability, "two_stage": two_stage, "adaptive": adaptive, "co_supervision": co_supervision,
}


def get_method(name: str) -> Callable[..., History]:
    """The method called `name`. Raises ValueError for an unknown name."""
    if name not in METHODS:
        raise ValueError(nearest("method", name, [*METHODS, "bootstrap"]))
    return METHODS[name]
