"""Exercises about students under a shift (notebook 29)."""

from __future__ import annotations

import numpy as np

from ...methods.learned_weights import moved
from .telling import Exercise, Slip

CORRECT = np.array([1, 1, 0, 1, 0, 0, 0])
INSIDE = np.array([True, True, True, True, False, False, False])
PREDICTIONS = np.array([0.9, 0.2, 0.8, 0.4])
PANEL = np.array([[0.9, 0.3], [0.1, 0.8], [0.7, 0.6], [0.2, 0.5]])


def both_accuracies(correct: np.ndarray, inside: np.ndarray) -> tuple[float, float]:
    """The accuracy inside and outside."""
    return float(correct[inside].mean()), float(correct[~inside].mean())


def _unnormalised(weights: np.ndarray, predictions: np.ndarray, panel: np.ndarray, rate: float) -> np.ndarray:
    return weights * np.exp(-rate * _cost(predictions, panel))


def _cost(predictions: np.ndarray, panel: np.ndarray) -> np.ndarray:
    """The cross-entropy of the predictions to the labels of each supervisor, (supervisors,)."""
    p = predictions[:, None]
    return -(panel * np.log(p) + (1 - panel) * np.log(1 - p)).mean(axis=0)


def _turned(weights: np.ndarray, predictions: np.ndarray, panel: np.ndarray, rate: float) -> np.ndarray:
    raw = weights * np.exp(rate * _cost(predictions, panel))
    return raw / raw.sum()


EXERCISES = [
    Exercise(
        "29-both",
        cases=[(CORRECT, INSIDE), (CORRECT[::-1].copy(), INSIDE), (CORRECT, ~INSIDE)],
        answer=both_accuracies,
        hint="`correct[inside]` are the answers inside, and `correct[~inside]` those outside.",
        slips=[
            Slip(
                lambda correct, inside: both_accuracies(correct, ~inside),
                "inside and outside have changed places.",
            ),
            Slip(
                lambda correct, inside: (
                    float((correct * inside).mean()),
                    float((correct * ~inside).mean()),
                ),
                "you divide by all examples; divide by those of each part.",
            ),
        ],
        right="Right. One number for the whole test would hide which part is lost.",
    ),
    Exercise(
        "29-weights",
        cases=[
            (np.array([0.5, 0.5]), PREDICTIONS, PANEL, 1.0),
            (np.array([0.2, 0.8]), PREDICTIONS, PANEL, 10.0),
            (np.array([0.5, 0.5]), PREDICTIONS, PANEL, 0.0),
        ],
        answer=moved,
        hint="cost = the mean over texts of −(w log f + (1−w) log(1−f)), one for each column of the panel; "
        "then weights * exp(−rate * cost), divided by its sum.",
        slips=[
            Slip(_unnormalised, "the weights must sum to 1: divide by their sum."),
            Slip(_turned, "the sign is turned: whoever costs more should weigh less."),
        ],
        right="Right. A rate of 0 changes nothing, and a large one listens to one supervisor only.",
        tolerance=(1e-6, 1e-9),
    ),
]
