"""How a student learns from weak labels: one short file a method.

A method is a function (model, texts, weak labels, TrainConfig, **keywords) -> History that trains the model in
place. Keywords it does not know go on to `finetune`. Bootstrapping is a chain of such students, see `bootstrap`.
"""

from __future__ import annotations

from collections.abc import Callable

from .confidence import confidence
from .generative import generative
from .naive import naive
from ..names import nearest
from ..train import History

METHODS: dict[str, Callable[..., History]] = {"naive": naive, "confidence": confidence, "generative": generative}


def get_method(name: str) -> Callable[..., History]:
    """The method called `name`. Raises ValueError for an unknown name."""
    if name not in METHODS:
        raise ValueError(nearest("method", name, [*METHODS, "bootstrap"]))
    return METHODS[name]
