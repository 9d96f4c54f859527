"""Two stages against overfitting (Shi et al. 2025, 2503.04249): consistent answers first.

The other questions come second, with the answers of the student of the first stage.

    for each text: k answers drawn from the supervisor, their majority, and its share
    A = texts where the share is at least `threshold`, with the majority for label
    stage I:  student finetuned on A
    B = the share `confident` of the other texts of which the student of stage I is surest, with its answers
        for labels
    stage II: student, anew from its pretrained self, finetuned on A and B

The paper has a threshold for B as for A. Students here learn for some thirty steps from a head of zeros, and
no probability of theirs comes near such a threshold, while their order is good; so a share is taken.
Filtering alone leaves easy questions. The second stage is to bring the hard ones back, with labels that are
not the supervisor's.
"""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np

from ..training.config import TrainConfig
from ..training.history import History
from ..training.reading import predict
from ..training.targets import changed, check_targets
from .naive import naive
from .value import method


@method
def two_stage(
    student,
    texts,
    weak_labels,
    config: TrainConfig,
    *,
    samples: int = 10,
    threshold: float = 0.8,
    confident: float = 0.5,
    stages: int = 2,
    checkpoint=None,
    **kw,
) -> History:
    """The student learns in two stages.

    samples: k. stages: 1 ends after the first one. The answers are drawn with the seed of `config`. Hard
    labels are always consistent, so weak labels should be soft. The history is the last stage's. Early
    stopping goes by the same validation in both stages. Raises ValueError for a student of more than two
    answers, and where nothing is left to learn from.
    """
    if not 0 <= confident <= 1:
        raise ValueError(f"confident is a share, between 0 and 1, but got {confident}")
    if stages not in (1, 2):
        raise ValueError(f"stages is 1 or 2, got {stages!r}")
    labels, kept = consistent_majority(
        check_targets(weak_labels, len(texts), "weak labels"), samples, threshold, config.seed
    )
    if len(set(labels[kept])) < 2:
        raise ValueError(
            f"stage I: {kept.sum()} of {len(texts)} texts reach a share of {threshold} among {samples} "
            "answers, all with one label: lower the threshold"
        )
    start = copy.deepcopy(student.state_dict())
    easy = [text for text, keep in zip(texts, kept) if keep]
    if stages == 1 or kept.all():
        history = naive(student, easy, labels[kept], config, checkpoint=checkpoint, **kw)
        history.labels = changed(weak_labels, labels, kept)
        return history
    done = checkpoint and Path(f"{checkpoint}.first")
    naive(student, easy, labels[kept], config, checkpoint=done, keep_checkpoint=True, **kw)
    rest = np.flatnonzero(~kept)
    predictions = predict(student, [texts[i] for i in rest])
    surest = np.argsort(-abs(predictions - 0.5), kind="stable")[: round(confident * len(rest))]
    labels[rest] = predictions > 0.5
    rows = np.sort(np.concatenate([np.flatnonzero(kept), rest[surest]]))
    student.load_state_dict(start)
    history = naive(student, [texts[i] for i in rows], labels[rows], config, checkpoint=checkpoint, **kw)
    history.labels = changed(weak_labels, labels, rows)
    if done:
        # kept until here, so that a run killed in its second stage need not repeat the first
        done.unlink(missing_ok=True)
    return history


def consistent_majority(
    weak_labels, samples: int = 10, threshold: float = 0.8, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """The majority of drawn answers to each text, floats (n,), and whether it is large enough, booleans (n,).

    For each text, `samples` answers are drawn, each of them yes with the probability of its weak label. The
    share of the majority has to reach `threshold`. A tie counts as label 0.
    """
    yes = np.random.default_rng(seed).binomial(samples, np.asarray(weak_labels, float)) / samples
    return (yes > 0.5).astype(float), np.maximum(yes, 1 - yes) >= threshold - 1e-9
