"""Choosing among many solutions of one problem with a reward model (Sun et al. 2024, 2403.09472).

    for each hard problem:
        draw solutions 1..n from the generator, with answers a_1..a_n
        r_i = P(solution i is right), by a reward model that has learned on easy problems only
    majority vote    argmax_a  #{i : a_i = a}
    best of n        a_i of    argmax_i r_i
    weighted vote    argmax_a  sum of r_i over {i : a_i = a}

An outcome reward model (ORM) gives r_i after reading a whole solution. A process reward model (PRM) judges
every step, and r_i is the product over the steps; the released code has the minimum as well. The paper's
34-billion model chooses among 1024 solutions, and reaches 52.5 % on MATH500 (its abstract). Notebook 21.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np
import pandas as pd
import torch

from ..training.batches import encode
from ..training.device import Device, resting
from ..training.reading import in_batches


def step_scores(
    model, texts: Sequence[str], separator: str = ";", device: Device | None = None
) -> list[np.ndarray]:
    """P(label 1) of a classifier for each text as far as each of its steps.

    Steps stand between tokens `separator`. Scores are what `predict` gives for all prefixes that end with a
    step. One reading gives them all, as no token of a causal model sees what comes after it.
    """
    device = resting(model, device)
    unique = list(dict.fromkeys(texts))
    data, token = encode(model, unique, device.device), model.tokenizer.convert_tokens_to_ids(separator)

    def read(ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        hidden = model.backbone(input_ids=ids, use_cache=False).last_hidden_state
        return model.head(hidden).float().softmax(dim=-1)[..., 1]

    scores = {}
    for text, by_token, ids in zip(unique, in_batches(read, data, device), data.rows()):
        ends = np.flatnonzero(ids == token) - 1
        scores[text] = by_token[[*ends, len(ids) - 1]]
    return [scores[text] for text in texts]


def best_of_n(right: np.ndarray, scores: np.ndarray, n: int) -> float:
    """Share of problems that the best-scored of `n` samples solves.

    `right` and `scores` (problems, samples). It is the exact mean over all choices of n among the samples:
    the one in place k from the top is the best of comb(samples - 1 - k, n - 1) of them.
    """
    _check(right, scores, n)
    samples = right.shape[1]
    order = np.argsort(-scores, axis=1, kind="stable")
    weights = np.array([comb(samples - 1 - place, n - 1) / comb(samples, n) for place in range(samples)])
    return float((np.take_along_axis(right, order, axis=1) @ weights).mean())


def vote(
    answers: np.ndarray, truth: Sequence, weights: np.ndarray, n: int, draws: int = 64, seed: int = 0
) -> float:
    """Share of problems that a vote of `n` of the samples solves: a mean over random choices of them.

    `answers` (None for none) and `weights` are (problems, samples); equal weights are a majority vote. Where
    several answers are level, the right one counts as its share.
    """
    _check(answers, weights, n)
    problems, samples = answers.shape
    codes, names = pd.factorize(np.array([*np.ravel(answers), *truth], dtype=object))
    codes, truth = codes[: answers.size].reshape(answers.shape), codes[answers.size :]
    weights = np.where(codes >= 0, weights, 0.0)
    rng, rows, shares = np.random.default_rng(seed), np.arange(problems)[:, None], []
    for _ in range(draws if n < samples else 1):
        chosen = np.argsort(rng.random((problems, samples)), axis=1)[:, :n]
        total = np.zeros((problems, len(names)))
        np.add.at(
            total,
            (rows, np.take_along_axis(codes, chosen, axis=1)),
            np.take_along_axis(weights, chosen, axis=1),
        )
        most = total.max(axis=1, keepdims=True)
        level = (total >= most * (1 - 1e-9)) & (most > 0)
        shares.append((level[rows[:, 0], truth] / np.maximum(level.sum(axis=1), 1)).mean())
    return float(np.mean(shares))


def _check(samples: np.ndarray, scores: np.ndarray, n: int) -> None:
    if np.shape(samples) != np.shape(scores) or np.ndim(samples) != 2:
        raise ValueError(
            "expected one number a sample, both of shape (problems, samples), "
            f"got {np.shape(samples)} and {np.shape(scores)}"
        )
    if not 1 <= n <= np.shape(samples)[1]:
        raise ValueError(f"n = {n}: there are {np.shape(samples)[1]} samples of each problem to choose from")
