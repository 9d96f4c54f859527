"""Learned weights over several supervisors (after RAVEN, Jeon et al. 2025, 2510.21332).

    weights = the same for each supervisor; easy = texts on which all supervisors give the same answer
    student = its pretrained self, finetuned on the easy texts, with the panel's mean
    repeat rounds times:
        f       = the student's predictions on all texts
        cost    = for each supervisor: the mean of CE(f, its labels)
        weights = weights * exp(-rate * cost), made to sum to 1
        student = its pretrained self, finetuned on all texts, with the panel's labels weighted by `weights`

A supervisor gains weight where the student, who has features of its own, finds its labels likely. The paper
takes a step of gradient descent on the weights and on the student in turn, batch by batch. Here the weights
move once a round: the same gradient, -cost, and all texts at once. `co_supervision` is other: it trusts one
supervisor a text, by the texts near it.
"""

from __future__ import annotations

import copy

import numpy as np

from ..training.config import TrainConfig
from ..training.history import History
from ..training.reading import predict
from ..training.targets import check_targets
from .naive import naive
from .value import method

LEAST = 1e-6  # a probability of 0 would cost infinitely much


@method
def learned_weights(
    student, texts, weak_labels, config: TrainConfig, *, panel, rounds: int = 3, rate: float = 10.0, **kw
) -> History:
    """The student learns from a panel of supervisors, and how much to trust each.

    panel: the supervisors' labels, P(label 1), (n, supervisors). `weak_labels` are not used; they should be
    the panel's mean. rounds: how often the weights move; 0 learns from the easy texts alone. The history is
    the last round's. Raises ValueError for a panel that does not fit the texts, or agrees on one answer only,
    and for early stopping, which holds out texts of which the panel knows nothing.
    """
    panel = np.asarray(panel, float)
    if panel.ndim != 2 or len(panel) != len(texts):
        raise ValueError(
            f"panel: expected one row for each of {len(texts)} texts and one column a supervisor, "
            f"got shape {panel.shape}; early stopping, which holds out texts, goes with other methods"
        )
    if not (isinstance(rounds, int) and rounds >= 0 and rate >= 0):
        raise ValueError(f"rounds is a whole number and rate a number, at least 0, got {rounds!r}, {rate!r}")
    targets = check_targets(panel.mean(axis=1), len(texts), "the panel's mean")
    easy = np.flatnonzero((panel > 0.5).all(axis=1) | (panel <= 0.5).all(axis=1))
    if len(set(targets[easy] > 0.5)) < 2:
        raise ValueError(
            f"learned_weights: the panel agrees on {len(easy)} of {len(texts)} texts, and not on both "
            "answers among them, so there is nothing to begin with: take fewer or better supervisors"
        )
    start, weights = copy.deepcopy(student.state_dict()), np.ones(panel.shape[1]) / panel.shape[1]
    history = naive(student, [texts[i] for i in easy], targets[easy], config, **kw)
    for _ in range(rounds):
        weights = moved(weights, predict(student, texts), panel, rate)
        student.load_state_dict(start)
        history = naive(student, texts, panel @ weights, config, **kw)
    return history


def moved(weights: np.ndarray, predictions: np.ndarray, panel: np.ndarray, rate: float) -> np.ndarray:
    """The weights after one step, (supervisors,), which sum to 1.

    predictions: the student's P(label 1), (n,). panel: (n, supervisors). The cost of a supervisor is the mean
    cross-entropy of the student's predictions to its labels; it is the gradient of the student's loss by the
    supervisor's weight.
    """
    p = np.clip(predictions, LEAST, 1 - LEAST)[:, None]
    cost = -(panel * np.log(p) + (1 - panel) * np.log(1 - p)).mean(axis=0)
    raw = weights * np.exp(-rate * (cost - cost.min()))
    return raw / raw.sum()
