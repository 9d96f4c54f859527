"""Exercises about real models: what fits into memory, and many tests at once (notebooks 14 and 15)."""

from __future__ import annotations

import numpy as np

from ...training.memory import finetuning_bytes
from .telling import Exercise, Slip

GPT2 = [
    (355e6, 24, 1024, 15e9),
    (124e6, 12, 768, 15e9),
    (124e6, 12, 768, 4e9),
]  # parameters, layers, width, memory


def bytes_a_token(layers: int, width: int) -> float:
    """The memory that one more token on the device needs while finetuning."""
    return finetuning_bytes(0, tokens=1, layers=layers, width=width)


def tokens_that_fit(parameters: float, layers: int, width: int, memory: float) -> float:
    """How many tokens fit beside the weights in `memory` bytes."""
    return float((memory - finetuning_bytes(parameters)) / bytes_a_token(layers, width))


def tokens_hint(result: float, parameters: float, layers: int, width: int, memory: float) -> str:
    """Whether more tokens would fit, or how much memory so many need."""
    if result <= tokens_that_fit(parameters, layers, width, memory):
        return f"So many tokens fit, and more would: fill the {memory / 1e9:.0f} GB."
    needed = finetuning_bytes(int(parameters), tokens=int(min(result, 1e12)), layers=layers, width=width)
    return (
        f"With so many tokens, {parameters / 1e6:.0f} million weights need {needed / 1e9:.1f} GB, "
        f"and there are {memory / 1e9:.0f}."
    )


def times_tests_left(p_values: np.ndarray) -> np.ndarray:
    """The smallest p-value times the number of tests, the next times one less, and so on; at most 1."""
    left = len(p_values) - np.argsort(np.argsort(p_values))
    return np.minimum(1, p_values * left)


def holm(p_values: np.ndarray) -> np.ndarray:
    """p-values adjusted by Holm's method, in the order of `p_values`."""
    order, adjusted = np.argsort(p_values), np.empty(len(p_values))
    adjusted[order] = np.maximum.accumulate(times_tests_left(p_values)[order])
    return adjusted


def holm_hint(result: np.ndarray, p_values: np.ndarray) -> str:
    """Which of the steps of Holm's method is missing in `result`."""
    if np.allclose(np.sort(result), np.sort(holm(p_values)), atol=1e-9):
        return "The numbers are right and in another order; put each back where its p-value stood."
    if (result > 1).any():
        return "A probability is 1 at most."
    return "The smallest p times the number of tests, the next times one less; none ends below a smaller one."


#: p-values of five methods, shape (tables, 5): more tables than methods, and fewer.
TABLES = [
    np.array(rows)
    for rows in (
        [[0.008, 0.2, 0.3, 0.4, 0.5], [0.04, 0.03, 0.6, 0.7, 0.8], [0.2, 0.3, 0.4, 0.5, 0.6]],
        [
            *([0.6, 0.02, 0.7, 0.01, 0.9], [0.009, 0.04, 0.02, 0.01, 0.03], [0.5, 0.6, 0.7, 0.8, 0.9]),
            *([0.049, 0.3, 0.5, 0.2, 0.8], [0.3, 0.04, 0.06, 0.07, 0.9], [0.9, 0.8, 0.001, 0.6, 0.5]),
        ],
    )
]


def below(p_values: np.ndarray) -> tuple[float, float]:
    """The share of tables, rows of `p_values`, whose smallest p is below .05: as it is, and after Holm."""
    after = np.array([holm(row) for row in p_values])
    return float((p_values.min(axis=1) < 0.05).mean()), float((after.min(axis=1) < 0.05).mean())


EXERCISES = [
    Exercise(
        "14-tokens",
        cases=GPT2,
        answer=tokens_that_fit,
        hint=tokens_hint,
        slips=[
            Slip(
                lambda parameters, layers, width, memory: memory / bytes_a_token(layers, width),
                "so many tokens would fit beside no model at all: take off what the weights need, their "
                "gradients and moments included.",
            )
        ],
        right=(
            "Right: what the weights leave over, divided by what a token leaves behind. For short texts "
            "that is thousands, so a batch is rarely the trouble."
        ),
        tolerance=(1e-3, 1.0),
    ),
    Exercise(
        "15-holm",
        cases=[(np.array(p_values),) for p_values in ([0.01, 0.04, 0.03, 0.005], [0.02], [0.6, 0.7, 0.01])],
        answer=holm,
        hint=holm_hint,
        slips=[
            Slip(
                lambda p_values: np.minimum(1, len(p_values) * p_values),
                "that is Bonferroni: every p times the number of tests. Holm multiplies the smallest by it, "
                "the next by one less, and so on.",
            ),
            Slip(
                times_tests_left,
                "a larger p-value must not end below a smaller one, so carry the largest so far along.",
            ),
        ],
        right="Right: as strict as Bonferroni with the first, and less with each that passes.",
        tolerance=(1e-5, 1e-9),
    ),
    Exercise(
        "15-best-of-five",
        cases=[(table,) for table in TABLES],
        answer=below,
        hint={
            "before": "Take the smallest p of each row, and the share of rows where it is below .05.",
            "after": "Correct each row by itself with comparison.holm, then do the same.",
        },
        slips=[
            Slip(
                lambda p_values: ((p_values < 0.05).mean(), None),
                "that is the share of all p-values; ask of each table whether its smallest is below .05.",
            ),
            Slip(
                lambda p_values: ((p_values < 0.05).any(axis=0).mean(), None),
                "that goes down the columns; a row is a table, so the smallest is along axis 1.",
            ),
            Slip(
                lambda p_values: ((p_values < 0.05).all(axis=1).mean(), None),
                "that asks for all five below .05; one is enough to be reported.",
            ),
            Slip(
                lambda p_values: ((p_values < 0.05).any(axis=1).sum(), None),
                "that is a number of tables; return a share.",
            ),
            Slip(
                lambda p_values: (100 * below(p_values)[0], None),
                "that is in per cent; return a share between 0 and 1.",
            ),
            Slip(lambda p_values: (None, below(p_values)[0]), "nothing is corrected here."),
            Slip(
                lambda p_values: (None, below(holm(p_values.ravel()).reshape(p_values.shape))[0]),
                "that corrects for the p-values of all tables; each table is a study of its own.",
            ),
        ],
        right="Right: of the smallest alone, Holm makes what Bonferroni makes of it, five times as much.",
    ),
]
