"""How well a linear probe finds a concept in the features of a model.

A concept that a probe finds easily is salient (Burns et al. 2023, Section 5.2.3). Notebook 24 reads features
in three ways: from labels by logistic regression, from labels by the difference of two means, and without
labels by contrast-consistent search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy.special import expit
from scipy.stats import rankdata


def aurocs(columns: np.ndarray, labels) -> np.ndarray:
    """How well each of the columns (n, m) alone tells label 1 from label 0, shape (m,).

    It is the area under the ROC curve, and 1/2 for a column that never changes. Raises ValueError for one
    class only.
    """
    yes = np.asarray(labels).astype(bool)
    if yes.all() or not yes.any():
        raise ValueError(f"labels: all {len(yes)} are {int(yes.all())}, so there is no ROC curve")
    # Mann and Whitney's U
    above = rankdata(columns, axis=0)[yes].sum(axis=0) - yes.sum() * (yes.sum() + 1) / 2
    return above / (yes.sum() * (~yes).sum())


def fit_probe(features: np.ndarray, labels: Sequence[int] | np.ndarray, C: float = 0.1):
    """A logistic regression on features (n, width) with 0/1 labels (n,), as a classifier of scikit-learn.

    The smaller C, the less it learns by heart. Raises ValueError for one class only.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=2_000)).fit(
        features, np.asarray(labels)
    )


def fit_words(texts: Sequence[str], labels: Sequence[int]):
    """A linear classifier of texts by the words that they have, as a classifier of scikit-learn.

    Its L1 penalty makes it use only the few words that tell the labels. Raises ValueError for one class only.
    """
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    words = CountVectorizer(token_pattern=r"\S+", binary=True)
    return make_pipeline(words, LinearSVC(penalty="l1", dual=False, C=0.1, random_state=0)).fit(
        texts, np.asarray(labels)
    )


def probe_accuracy(
    features: np.ndarray, labels: Sequence[int], test_features: np.ndarray, truth: Sequence[int]
) -> float:
    """The accuracy, on other features, of a probe that was fitted to `labels`.

    Raises ValueError for one class only.
    """
    return float(fit_probe(features, labels).score(test_features, np.asarray(truth)))


def mean_difference(features: np.ndarray, labels: Sequence[int]) -> tuple[np.ndarray, float]:
    """The direction from the mean of the features with label 0 to that with label 1, and a threshold.

    features is (n, width), and the direction (width,). The threshold is the score of the point half way: an
    example is nearer to the second mean where `test_features @ direction > threshold`. Raises ValueError for
    one class only.
    """
    features, yes = np.asarray(features, float), np.asarray(labels).astype(bool)
    if yes.all() or not yes.any():
        raise ValueError(f"labels: all {len(yes)} are {int(yes.all())}, so there are no two means")
    low, high = features[~yes].mean(axis=0), features[yes].mean(axis=0)
    return high - low, float((high - low) @ (high + low) / 2)


@dataclass(frozen=True)
class CCS:
    """A probe that `fit_ccs` found.

    Fields:

        means     of the features of each side, two of (width,)
        scale     what the features are divided by
        weight    (width,)
        bias      one number
        loss      of `fit_ccs`, at its end

    Call it with the features of both sides, (n, width) each. It gives the probability that the second side is
    the true one, shape (n,), or else that the first one is: consistency does not say which, so see `signed`.
    """

    means: tuple[np.ndarray, np.ndarray]
    scale: float
    weight: np.ndarray
    bias: float
    loss: float

    def __call__(self, no: np.ndarray, yes: np.ndarray) -> np.ndarray:
        """The mean of P(yes is true) and 1 - P(no is true), (n,), of features (n, width) of each side."""
        p_no, p_yes = (
            expit((side - mean) / self.scale @ self.weight + self.bias)
            for side, mean in zip((no, yes), self.means)
        )
        return (p_yes + 1 - p_no) / 2

    def signed(self, no: np.ndarray, yes: np.ndarray, labels: Sequence[int]) -> CCS:
        """The same probe, or its opposite where that is right more often.

        The pairs are some whose 0/1 `labels` (n,) are known.
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
    """Contrast-consistent search: a probe without labels, from pairs of which just one side is true.

    `no` and `yes` are the features of the two sides, (n, width) each. Source, also of the defaults: Burns,
    Ye, Klein and Steinhardt 2022, 2212.03827.

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
    """The direction along which the differences of contrast pairs vary most, of length 1, shape (width,).

    This is the paper's other way without labels (CRC): `(yes - no - their mean) @ direction > 0` says which
    side is true, or which is false.
    """
    apart = np.asarray(yes, float) - np.asarray(no, float)
    return np.linalg.svd(apart - apart.mean(axis=0), full_matrices=False)[2][0]
