"""What a model holds, read from outside: the features of its last token, and how well a linear probe finds a
concept in them (Burns et al. 2023, Section 5.2.3: a concept that a probe finds easily is salient). Notebook
24 reads in three ways: from labels, by logistic regression or by the difference of two means, and without
any, by contrast-consistent search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy.special import expit
from scipy.stats import rankdata


def aurocs(columns: np.ndarray, labels) -> np.ndarray:
    """(m,): how well each of the columns (n, m) alone tells label 1 from label 0, as the area under its ROC
    curve; 1/2 for one that never changes. Raises ValueError for one class only.
    """
    yes = np.asarray(labels).astype(bool)
    if yes.all() or not yes.any():
        raise ValueError(f"labels: all {len(yes)} are {int(yes.all())}, so there is no ROC curve")
    # Mann and Whitney's U
    above = rankdata(columns, axis=0)[yes].sum(axis=0) - yes.sum() * (yes.sum() + 1) / 2
    return above / (yes.sum() * (~yes).sum())


def fit_probe(seen: np.ndarray, labels: Sequence[int] | np.ndarray, C: float = 0.1):
    """A logistic regression on features (n, width) with 0/1 labels (n,), as a classifier of scikit-learn; the
    smaller C, the less it learns by heart. Raises ValueError for one class only.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=2_000)).fit(
        seen, np.asarray(labels)
    )


def fit_words(texts: Sequence[str], labels: Sequence[int]):
    """A linear classifier on which words a text has, with an L1 penalty: it finds the few words that tell the
    labels, and takes no other. As a classifier of scikit-learn, of texts. Raises ValueError for one class
    only.
    """
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    words = CountVectorizer(token_pattern=r"\S+", binary=True)
    return make_pipeline(words, LinearSVC(penalty="l1", dual=False, C=0.1, random_state=0)).fit(
        texts, np.asarray(labels)
    )


def probe_accuracy(
    seen: np.ndarray, labels: Sequence[int], unseen: np.ndarray, truth: Sequence[int]
) -> float:
    """Of a probe that was fitted to `labels`, on other features. Raises ValueError for one class only."""
    return float(fit_probe(seen, labels).score(unseen, np.asarray(truth)))


def mean_difference(seen: np.ndarray, labels: Sequence[int]) -> tuple[np.ndarray, float]:
    """(direction (width,), threshold): from the mean of the features (n, width) with label 0 to that of those
    with label 1, and what the point half way scores on it; `unseen @ direction > threshold` is who is nearer
    to the second. Raises ValueError for one class only.
    """
    seen, yes = np.asarray(seen, float), np.asarray(labels).astype(bool)
    if yes.all() or not yes.any():
        raise ValueError(f"labels: all {len(yes)} are {int(yes.all())}, so there are no two means")
    low, high = seen[~yes].mean(axis=0), seen[yes].mean(axis=0)
    return high - low, float((high - low) @ (high + low) / 2)


@dataclass(frozen=True)
class CCS:
    """A probe that `fit_ccs` found: call it with the features of both sides, (n, width) each, for the
    probability that the second side is the true one, (n,). Or the first: what is consistent does not say
    which, so see `signed`.
    """

    means: tuple[np.ndarray, np.ndarray]
    scale: float
    weight: np.ndarray
    bias: float
    loss: float

    def __call__(self, no: np.ndarray, yes: np.ndarray) -> np.ndarray:
        p_no, p_yes = (
            expit((side - mean) / self.scale @ self.weight + self.bias)
            for side, mean in zip((no, yes), self.means)
        )
        return (p_yes + 1 - p_no) / 2

    def signed(self, no: np.ndarray, yes: np.ndarray, labels: Sequence[int]) -> CCS:
        """The same probe, or its opposite where that is right more often about these, whose 0/1 `labels` (n,)
        are known.
        """
        right = np.mean((self(no, yes) > 0.5) == np.asarray(labels).astype(bool))
        return self if right >= 0.5 else replace(self, weight=-self.weight, bias=-self.bias)


def fit_ccs(
    no: np.ndarray,
    yes: np.ndarray,
    *,
    restarts: int = 10,
    steps: int = 1_000,
    lr: float = 1e-3,
    weight_decay: float = 0.01,
    seed: int = 0,
) -> CCS:
    """Contrast-consistent search (Burns, Ye, Klein and Steinhardt 2022, 2212.03827): no labels, only pairs of
    which one side is true and the other false; `no` and `yes` are their features, (n, width) each. Defaults
    are the paper's.

        subtract each side's own mean        so that the words which tell the sides apart tell nothing
        p = sigmoid(w x + b), of both sides
        loss = (p_yes - (1 - p_no))^2        consistent: one is as likely as the other is not
             + min(p_yes, p_no)^2            confident: not both one half
        of all restarts, the one with the least loss
    """
    no, yes = np.asarray(no, float), np.asarray(yes, float)
    if no.shape != yes.shape or no.ndim != 2:
        raise ValueError(
            f"contrast pairs have two sides, (n, width) each, but got {no.shape} and {yes.shape}"
        )
    means = no.mean(axis=0), yes.mean(axis=0)
    # of one size in all layers, as is the learning rate
    scale = float(np.sqrt(np.mean([(no - means[0]) ** 2, (yes - means[1]) ** 2]))) or 1.0
    sides = [torch.from_numpy((side - mean) / scale).float() for side, mean in zip((no, yes), means)]
    spread = no.shape[1] ** -0.5  # as torch's own linear layers begin
    start = (
        2 * torch.rand(no.shape[1] + 1, restarts, generator=torch.Generator().manual_seed(seed)) - 1
    ) * spread
    # all restarts side by side
    weight, bias = start[:-1].clone().requires_grad_(), start[-1].clone().requires_grad_()
    optimizer = torch.optim.AdamW([weight, bias], lr=lr, weight_decay=weight_decay)
    for _ in range(steps):
        p_no, p_yes = (torch.sigmoid(side @ weight + bias) for side in sides)
        losses = ((p_yes - (1 - p_no)) ** 2 + torch.minimum(p_yes, p_no) ** 2).mean(dim=0)
        optimizer.zero_grad()
        losses.sum().backward()
        optimizer.step()
    best = int(losses.argmin())
    found = (
        weight.detach().numpy()[:, best].astype(float),
        float(bias.detach()[best]),
        float(losses.detach()[best]),
    )
    return CCS(means, scale, *found)


def main_difference(no: np.ndarray, yes: np.ndarray) -> np.ndarray:
    """(width,): along which the differences of contrast pairs vary most, of length 1. The paper's other way
    without labels (CRC): `(yes - no - their mean) @ direction > 0` says which side is true, or which is
    false.
    """
    apart = np.asarray(yes, float) - np.asarray(no, float)
    return np.linalg.svd(apart - apart.mean(axis=0), full_matrices=False)[2][0]
