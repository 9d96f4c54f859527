"""Labels without a supervisor: those that predict each other best (Wen et al. 2025, 2506.10139).

Internal Coherence Maximization looks for labels of which each follows from all others, as the model sees the
examples. No truth is used. The paper puts the other examples into the prompt of a language model. Here a
ridge regression on the model's features reads them, so that each label's prediction is exact and cheap:

    y_i = 1 or -1            the label of example i
    f_i                      the prediction for i by a ridge regression on all other examples and their labels
    coherence = mean over i of log sigmoid(4 y_i f_i)            at most 0; the higher, the more coherent

All f are M y with one matrix M, so changing one label costs one column of M. The search starts from a few
random labels, lets the labelled examples label the next one, and then flips labels by simulated annealing.
Swapping 0 and 1 everywhere changes no coherence: which side is "yes" has to come from elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, log_expit, logit

#: How sure a prediction of 1 is: P(label 1) = sigmoid(SHARPNESS f).
SHARPNESS = 4.0
#: The ridge penalty, in units of the mean eigenvalue of the features' scatter. Coherence cannot choose it: a
#: weak penalty finds labels that are more coherent and less true. 10 was chosen on seeds 50 to 52.
PENALTY = 10.0


@dataclass(frozen=True)
class Elicited:
    """Labels that a search found.

    Fields:

        labels       0 or 1 for each example, (n,)
        coherence    of these labels, without the prior
        trace        the labels after each sweep of the search, (sweeps, n)
    """

    labels: np.ndarray
    coherence: float
    trace: np.ndarray

    def signed(self, answers) -> Elicited:
        """The labels, all swapped if that agrees more often with `answers`, (n,): 0 or 1, or P(label 1)."""
        if np.mean(self.labels == (np.asarray(answers) > 0.5)) >= 0.5:
            return self
        return replace(self, labels=1 - self.labels, trace=1 - self.trace)


def leave_one_out(
    features: np.ndarray, penalty: float = PENALTY, centred: bool = True, intercept: bool = False
) -> np.ndarray:
    """The matrix M, (n, n): `M @ y` predicts each label from all others, for labels y of 1 and -1, (n,).

    features is (n, width); every column is divided by its spread. H is the matrix of the ridge regression's
    fitted values. Leaving i out divides row i by 1 - H_ii and drops its own entry, so that no regression is
    fitted n times.

    centred: False for differences between two sides, of which the sign means something. intercept: the
    regression learns the share of 1, too; without it no label is likelier than the other. Raises ValueError
    for fewer than two examples, for features that are not numbers, and for a penalty that is not positive.
    """
    features = np.asarray(features, float)
    if features.ndim != 2 or len(features) < 2:
        raise ValueError(f"features: (n, width) with two examples or more, got {features.shape}")
    if not np.isfinite(features).all():
        raise ValueError("features: some are not numbers (NaN or infinite)")
    if not penalty > 0:
        raise ValueError(f"penalty must be above 0, got {penalty}")
    features = _scaled(features, centred)
    scatter = features.T @ features
    scatter += _ridge(scatter, penalty) * np.eye(len(scatter))
    fitted = features @ np.linalg.solve(scatter, features.T)
    if intercept:
        fitted += 1 / len(features)
    own = np.diag(fitted).copy()
    matrix = fitted / (1 - own)[:, None]
    np.fill_diagonal(matrix, 0)
    return matrix


def predicted(matrix: np.ndarray, labels) -> np.ndarray:
    """P(label 1) of each example given the 0/1 labels of all others, (n,)."""
    return expit(SHARPNESS * (matrix @ _signs(labels, len(matrix))))


def coherence(matrix: np.ndarray, labels) -> float:
    """The mean log probability, in nats, of each of the 0/1 `labels` (n,) given all others."""
    signs = _signs(labels, len(matrix))
    return float(log_expit(SHARPNESS * signs * (matrix @ signs)).mean())


def grow(
    features: np.ndarray,
    rng: np.random.Generator,
    known: int = 8,
    penalty: float = PENALTY,
    centred: bool = True,
) -> np.ndarray:
    """Labels to start a search from, (n,): `known` random examples get random labels, half of them 1.

    The rest follow one by one, in random order. Each gets the label that a ridge regression on the examples
    labelled so far gives it.
    """
    features = _scaled(np.asarray(features, float), centred)
    scatter = features.T @ features
    inverse = np.eye(len(scatter)) / _ridge(scatter, penalty)
    total = np.zeros(len(scatter))
    order = rng.permutation(len(features))
    start = rng.permutation(np.arange(min(known, len(order))) % 2) * 2 - 1
    signs = np.zeros(len(features))
    for place, row in enumerate(order):
        one = features[row]
        signs[row] = start[place] if place < len(start) else 1 if inverse @ total @ one > 0 else -1
        total += signs[row] * one
        # Sherman and Morrison: the inverse with one more example, without solving again
        along = inverse @ one
        inverse -= np.outer(along, along) / (1 + along @ one)
    return (signs > 0).astype(int)


def anneal(
    matrix: np.ndarray,
    labels,
    rng: np.random.Generator,
    *,
    prior=None,
    sweeps: int = 8,
    hot: float = 1.0,
    cold: float = 0.01,
    blocks: Sequence[tuple[np.ndarray, np.ndarray]] | None = None,
) -> Elicited:
    """Flips labels, beginning with `labels`, 0 or 1, (n,), so that their coherence rises.

    A sweep tries a change at every example, in random order. A change for the better is taken; one for the
    worse, by d nats in all, with probability exp(-d / temperature). The temperature falls from `hot` to
    `cold`. The best labels on the way are the result.

    prior: P(label 1) of each example before the others are heard, (n,), such as weak labels or the answers of
    the model itself; its log probability is added to the objective. None is none.
    blocks: examples that get their labels together. Each is (rows, states), with all labellings of these rows
    that are allowed, (states, rows); a change is to the likeliest other state. None: each row by itself.
    """
    signs, n = _signs(labels, len(matrix)), len(matrix)
    lean = np.zeros(n) if prior is None else logit(np.clip(_prior(prior, n), 0.018, 0.982)) / 2
    units = _units(blocks, n)
    reading = matrix @ signs
    worth = lambda y, f: log_expit(SHARPNESS * y * f).sum() + (lean * y).sum()
    now = best = worth(signs, reading)
    chosen, trace, steps, step = signs.copy(), [], max(1, sweeps * len(units)), 0
    for _ in range(sweeps):
        for at in rng.permutation(len(units)):
            temperature = max(cold, hot * (cold / hot) ** (step / (0.8 * steps)))
            step += 1
            rows, change = _change(units[at], signs, reading, lean)
            if change is None:
                continue
            other, read = signs.copy(), reading + matrix[:, rows] @ change
            other[rows] += change
            then = worth(other, read)
            if then >= now or rng.random() < np.exp((then - now) / temperature):
                signs, reading, now = other, read, then
                if now > best:
                    best, chosen = now, signs.copy()
        trace.append(signs > 0)
    labels = (chosen > 0).astype(int)
    return Elicited(labels, coherence(matrix, labels), np.array(trace, int).reshape(-1, n))


def most_coherent(
    features: np.ndarray,
    *,
    restarts: int = 8,
    seed: int = 0,
    sweeps: int = 8,
    penalty: float = PENALTY,
    centred: bool = True,
) -> Elicited:
    """The most coherent labels of several searches, each grown from other random labels.

    features is (n, width). Nobody's labels are used. Which of the two labels is "yes" is chance: see
    `Elicited.signed`. About 0.2 seconds a restart for 500 examples.
    """
    if restarts < 1:
        raise ValueError(f"restarts: at least 1, got {restarts}")
    matrix, rng = leave_one_out(features, penalty, centred), np.random.default_rng(seed)
    searches = [
        anneal(matrix, grow(features, rng, penalty=penalty, centred=centred), rng, sweeps=sweeps)
        for _ in range(restarts)
    ]
    return max(searches, key=lambda search: search.coherence)


def first_component(features: np.ndarray) -> np.ndarray:
    """Labels by the sign of the first principal component of scaled features (n, width): 0 or 1, (n,).

    The simplest way to labels without a supervisor, and so a baseline. Its sign is chance as well.
    """
    scaled = _scaled(np.asarray(features, float), True)
    direction = np.linalg.svd(scaled, full_matrices=False)[2][0]
    return (scaled @ direction > 0).astype(int)


def _scaled(features: np.ndarray, centred: bool) -> np.ndarray:
    shifted = features - features.mean(axis=0) if centred else features
    spread = np.sqrt((shifted**2).mean(axis=0))
    return shifted / np.where(spread > 0, spread, 1)


def _ridge(scatter: np.ndarray, penalty: float) -> float:
    return max(penalty * float(np.trace(scatter)) / len(scatter), 1e-12)


def _signs(labels, n: int) -> np.ndarray:
    labels = np.asarray(labels)
    if labels.shape != (n,) or not np.isin(labels, (0, 1)).all():
        raise ValueError(f"labels: expected 0 or 1 for each of {n} examples, got {labels.shape} {labels[:3]}")
    return 2.0 * labels - 1


def _prior(prior, n: int) -> np.ndarray:
    prior = np.asarray(prior, float)
    if prior.shape != (n,) or not ((prior >= 0) & (prior <= 1)).all():
        raise ValueError(f"prior: expected a probability for each of {n} examples, got shape {prior.shape}")
    return prior


def _units(blocks, n: int) -> list:
    if blocks is None:
        return list(range(n))
    rows = np.concatenate([rows for rows, _ in blocks])
    if sorted(rows.tolist()) != list(range(n)):
        raise ValueError(f"blocks: each of the {n} examples must be in exactly one of them")
    return [(np.asarray(rows), 2.0 * np.asarray(states) - 1) for rows, states in blocks]


def _change(unit, signs: np.ndarray, reading: np.ndarray, lean: np.ndarray):
    """The rows of a unit, and what its likeliest other labelling adds to their signs: None if it has none."""
    if isinstance(unit, (int, np.integer)):
        return np.array([unit]), np.array([-2 * signs[unit]])
    rows, states = unit
    others = states[(states != signs[rows]).any(axis=1)]
    if not len(others):
        return rows, None
    likeliest = others[(others @ (SHARPNESS * reading[rows] + lean[rows])).argmax()]
    return rows, likeliest - signs[rows]
