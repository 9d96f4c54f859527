"""Weak labels repaired by coherence: labels that also predict each other (after Wen et al. 2025, 2506.10139).

    z      = features of the texts in the last layer of the student, before any finetuning
    y      = labels with a large    sum of log P(y_i | all other y, z) + log P(y_i | weak label i)
    then:  naive finetuning on (texts, y)

The first term is that of `w2s_kit.inside.coherence`, the second keeps the weak labels as a prior. Without it
(`forget=True`) the search only starts from the weak labels, and may leave them for any other concept that is
more coherent. Wen et al. use no supervisor at all; as a repair of weak labels it is this kit's variant.
"""

from __future__ import annotations

import numpy as np

from ..inside.coherence import PENALTY, anneal, leave_one_out
from ..models.reward import RewardModel
from ..training import reading
from ..training.config import TrainConfig
from ..training.device import pick_device
from ..training.history import History
from ..training.student import answers_of, language_model
from ..training.targets import changed, check_targets
from .naive import naive
from .value import method

#: The search needs a number for every pair of texts: 20,000 texts are 3.2 GB.
MOST = 20_000


@method
def coherence(
    student,
    texts,
    weak_labels,
    config: TrainConfig,
    *,
    forget: bool = False,
    layer: int | None = None,
    penalty: float = PENALTY,
    sweeps: int = 8,
    validation=None,
    **kw,
) -> History:
    """The student learns from weak labels after those that do not fit the others were changed.

    forget: the weak labels are only where the search starts. layer: see `training.reading.features`; None is
    the last. penalty, sweeps: see `inside.coherence`. Labels for early stopping by "weak" labels are repaired
    together with the rest. Raises ValueError for a student that is no classifier of texts, and for more than
    MOST texts.
    """
    if answers_of(student) != "two" or isinstance(student, RewardModel) or language_model(student) is None:
        raise ValueError(
            "coherence is for classifiers of texts, made of a language model, which "
            f"{type(student).__name__} is not: it reads one place of each text"
        )
    labels = check_targets(weak_labels, len(texts), "weak labels").astype(float)
    with_weak_stop = validation is not None and config.early_stopping == "weak"
    held, held_labels = validation if with_weak_stop else ([], [])
    every = [*texts, *held]
    if len(every) > MOST:
        raise ValueError(
            f"coherence compares every text with every other, so {MOST:,} are the most, got {len(every):,}"
        )
    device = kw.get("device") or pick_device()
    features = reading.features(student, every, device=device, layer=layer)
    weak = np.concatenate([labels, np.asarray(held_labels, float)])
    found = anneal(
        leave_one_out(features, penalty),
        (weak > 0.5).astype(int),
        np.random.default_rng(config.seed),
        prior=None if forget else weak,
        sweeps=sweeps,
    )
    repaired = found.labels.astype(float)
    if with_weak_stop:
        validation = held, repaired[len(texts) :]
    history = naive(student, texts, repaired[: len(texts)], config, validation=validation, **kw)
    history.labels = changed(labels, repaired[: len(texts)])
    return history
