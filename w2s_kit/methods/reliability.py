"""Reliability-aware alignment (Guo and Yang 2024, 2406.19032): ask the supervisor several times.

It is trusted where it gives the same answer.

    for each text: answers a_1 .. a_N of the supervisor to N wordings of it
        entropy = that of how often each answer came                 (0: always the same)
        w_i     = softmax over the different answers of (share of the answer / tau), at a_i
    "unweighted": every wording with its own answer; the control for the other two
    "filter":     the same, of those texts whose entropy is at most the median
    "weights":    the same, each wording's cross-entropy times w_i

Uncertainty is judged by answers alone, as it would be for a supervisor whose probabilities nobody sees.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F

from ..shared.names import nearest
from ..training.config import TrainConfig
from ..training.history import History
from ..training.loop import finetune
from ..training.losses import check
from ..training.targets import changed
from .value import method

#: What is done with the answers to several wordings: taken as they are, the consistent kept, or weighted.
WAYS = ("unweighted", "filter", "weights")


@method
def reliability(
    student,
    texts,
    weak_labels,
    config: TrainConfig,
    *,
    queries,
    answers,
    by: str = "filter",
    share: float = 0.5,
    tau: float = 0.2,
    **kw,
) -> History:
    """The student learns from the supervisor's answers to several wordings of each text.

    queries: for each text its N wordings. answers: 0 or 1 to each, (n, N). by: one of WAYS. share: the
    quantile of entropy up to which "filter" keeps. tau: of "weights". Defaults are the paper's. `weak_labels`
    are not used: the first wording may be the text itself.

    The student takes as many steps as on `texts` alone, whatever the number of wordings, or it would overfit
    for longer. Raises ValueError for another `by`, and for answers that do not fit the queries and texts.
    """
    if by not in WAYS:
        raise ValueError(nearest("by", by, WAYS))
    answers = np.asarray(answers)
    if (
        answers.shape != (len(texts), len(queries[0]))
        or {len(row) for row in queries} != {answers.shape[1]}
        or len(queries) != len(texts)
    ):
        raise ValueError(
            f"answers: expected one to each wording of {len(texts)} texts, got shape {answers.shape} "
            f"for {len(queries)} texts of {sorted({len(row) for row in queries})} wordings; "
            "early stopping, which holds out texts, goes with other methods"
        )
    if not np.isin(answers, (0, 1)).all():
        raise ValueError("answers are 0 or 1: what the supervisor says, not how sure it is")
    rows = consistent(answers, share) if by == "filter" else np.ones(len(texts), bool)
    weights = reliabilities(answers, tau) if by == "weights" else np.ones(answers.shape)
    wordings = [wording for row in np.flatnonzero(rows) for wording in queries[row]]
    # a label and its weight in one number: see `weighted_cross_entropy`
    targets = 0.5 + weights[rows].ravel() * (answers[rows].ravel() - 0.5)
    config = replace(config, epochs=config.epochs * len(texts) / len(wordings))
    history = finetune(student, wordings, targets, config, loss=weighted_cross_entropy, **kw)
    if by == "filter":
        history.labels = changed(answers[:, 0], answers[:, 0], rows)
    return history


def weighted_cross_entropy(
    logits: torch.Tensor, targets: torch.Tensor, step_fraction: float = 0.0
) -> torch.Tensor:
    """Mean over the batch of weight times cross-entropy to a hard label y.

    A target is both in one number, 0.5 + weight (y - 0.5). So 1 is label 1 with all its weight, 0.6 label 1
    with a fifth of it. Where all weights are 1 this is `cross_entropy`. Raises ValueError as that, and for
    more than two answers.
    """
    check(logits, targets)
    if targets.ndim == 2:
        raise ValueError("a target holds a weight where there are two answers only")
    signed = 2 * targets - 1
    chosen = F.log_softmax(logits, dim=1).gather(1, (signed > 0).long()[:, None])[:, 0]
    return -(signed.abs() * chosen).mean()


def entropy(answers) -> np.ndarray:
    """The entropy of each row of `answers`, (n, N), in nats, (n,): of its shares of 0 and 1."""
    yes = np.mean(answers, axis=1)
    shares = np.stack([yes, 1 - yes])
    return -(shares * np.log(np.where(shares > 0, shares, 1))).sum(axis=0)


def consistent(answers, share: float = 0.5) -> np.ndarray:
    """Whether the entropy of a row of `answers` is at most the quantile `share` of all rows, (n,).

    Ties all stay, so that they may be more than this share.
    """
    entropies = entropy(answers)
    return entropies <= np.quantile(entropies, share) + 1e-12


def reliabilities(answers, tau: float = 0.2) -> np.ndarray:
    """The weight of each answer, (n, N).

    It is 1 where all answers to a text are the same. With five answers and tau 0.2, three against two weigh
    0.73 and 0.27.
    """
    answers = np.asarray(answers)
    yes = answers.mean(axis=1, keepdims=True)
    sure = 1 / (1 + np.exp((1 - 2 * yes) / tau))  # a softmax over two
    return np.where((yes == 0) | (yes == 1), 1.0, np.where(answers == 1, sure, 1 - sure))
