"""Exercises about labels without a supervisor (notebook 27)."""

from __future__ import annotations

import numpy as np

from ...inside.coherence import SHARPNESS, coherence, predicted
from .telling import Exercise, Slip

# three examples that predict each other; the second column of labels swaps all of the first
MATRIX = np.array([[0.0, 0.3, -0.2], [0.4, 0.0, -0.1], [-0.3, -0.2, 0.0]])
LABELS = [np.array([1, 1, 0]), np.array([0, 0, 1]), np.array([1, 0, 0])]


def _probabilities(matrix: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """P of each label given all others."""
    yes = predicted(matrix, labels)
    return np.where(labels == 1, yes, 1 - yes)


def up_to_sign(labels: np.ndarray, truth: np.ndarray) -> float:
    """The share of `labels` that agree with `truth`, or with its opposite where that is more."""
    share = float(np.mean(labels == truth))
    return max(share, 1 - share)


EXERCISES = [
    Exercise(
        "27-coherence",
        cases=[(MATRIX, labels) for labels in LABELS],
        answer=coherence,
        hint="Signs y = 2 labels − 1; predictions f = matrix @ y; the mean of log sigmoid(4 y f).",
        slips=[
            Slip(
                lambda matrix, labels: float(np.log(_probabilities(matrix, labels)).sum()),
                "that is the sum; coherence is the mean, so that it does not grow with the number of labels.",
            ),
            Slip(
                lambda matrix, labels: float(_probabilities(matrix, labels).mean()),
                "that is the mean probability; take its logarithm first, then the mean.",
            ),
            Slip(
                lambda matrix, labels: float(
                    np.log(1 / (1 + np.exp(-SHARPNESS * labels * (matrix @ labels)))).mean()
                ),
                "the labels go in as 0 and 1; make them −1 and 1 first, or every 0 counts for nothing.",
            ),
            Slip(
                lambda matrix, labels: float(
                    np.log(1 / (1 + np.exp(-SHARPNESS * (matrix @ (2 * labels - 1))))).mean()
                ),
                "that is the log probability of label 1; a label 0 has the probability of 0.",
            ),
        ],
        right="Right: and the second case, with all labels swapped, is exactly as coherent as the first.",
    ),
    Exercise(
        "27-sign",
        cases=[
            (np.array([1, 1, 0, 0]), np.array([1, 1, 0, 1])),
            (np.array([1, 1, 0, 0]), np.array([0, 0, 1, 0])),
            (np.array([1, 0]), np.array([1, 1])),
        ],
        answer=up_to_sign,
        hint="Compare with the truth and with 1 − truth, and return the larger share.",
        slips=[
            Slip(
                lambda labels, truth: float(np.mean(labels == truth)),
                "that is plain accuracy; labels that are all swapped have found the concept as well.",
            ),
            Slip(
                lambda labels, truth: 100 * up_to_sign(labels, truth),
                "that is in percent; return a share from 0 to 1.",
            ),
        ],
        right="Right. Mind what it costs: of two coins the better one has more than one half.",
    ),
]
