"""How a student learns from weak labels: one short file a method.

A method is a value (see `value.Method`). It holds a function (student, texts, weak_labels, TrainConfig,
**options) -> History that trains the student in place; keywords that it does not know go on to `finetune`.
`confidence(alpha_max=0.5)` is the same method with another option. Every method has a name, too, so
"confidence" stands for `confidence`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..shared.names import nearest
from ..training.history import History
from .adaptive import adaptive
from .anchor import anchor
from .bootstrap import NothingBetween, bootstrap
from .co_supervision import co_supervision
from .coherence import coherence
from .confidence import confidence
from .entropy import entropy
from .generative import generative
from .kl import kl
from .learned_weights import learned_weights
from .log_confidence import log_confidence
from .naive import naive
from .product import product
from .relabel import filter_labels, relabel
from .reliability import reliability
from .strong_to_strong import strong_to_strong
from .two_stage import two_stage
from .value import Method, method, own
from .window import window

METHODS: dict[str, Method] = {
    it.name: it
    for it in (
        naive,
        confidence,
        bootstrap,
        generative,
        entropy,
        log_confidence,
        window,
        kl,
        product,  # EleutherAI's, and "product" of OpenAI's code
        strong_to_strong,
        relabel,
        filter_labels,
        # of later work: Guo and Yang, Shi et al., Guo et al., Liu and Alahi, after Wen et al.
        reliability,
        two_stage,
        adaptive,
        co_supervision,
        coherence,
        # against a shift, after Le et al. and Jeon et al.
        anchor,
        learned_weights,
    )
}


def get_method(name: str) -> Method:
    """The method called `name`.

    Raises ValueError for an unknown name.
    """
    if name not in METHODS:
        raise ValueError(nearest("method", name, METHODS))
    return METHODS[name]


def as_method(
    given: str | Method | Callable[..., History], options: Mapping[str, Any] | None = None
) -> Method:
    """A method from its name, a method, or a function of one's own, with `options`.

    With options beside it, its label stays its name. Raises ValueError for an unknown name or option.
    """
    if not isinstance(given, str) and not callable(given):
        raise ValueError(f"a method is a name, a method or a function, not {given!r}")
    plain = get_method(given) if isinstance(given, str) else own(given)
    return plain(**options).called(plain.label) if options else plain
