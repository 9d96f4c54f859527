"""Exercises of theory: misfit, expansion and random features (notebooks 16 to 18)."""

from __future__ import annotations

import numpy as np

from ...studies.theory.misfit import gain_and_misfit
from ...studies.theory.random_features import lowest_error
from .telling import Exercise, Slip


def three_vectors() -> tuple[np.ndarray, ...]:
    """Predictions of a student and of its supervisor, and the truth; shape (50,) each."""
    return tuple(np.random.default_rng(0).normal(size=(3, 50)))


def three_tables() -> list[tuple]:
    """(alpha, disagreement, error) of students that are right in 70 %, at three rates of wrong labels."""
    rng, cases = np.random.default_rng(0), []
    for share in (0.1, 0.3, 0.45):
        good, right = rng.random(2_000) > share, rng.random(2_000) < 0.7
        cases.append((float(np.mean(~good)), float(np.mean(right != good)), float(np.mean(~right))))
    return cases


def overruled(alpha: float, disagreement: float, error: float) -> float:
    """The share of wrong labels that the student overrules."""
    return (1 - (error - disagreement) / alpha) / 2


def expansion(edges: np.ndarray, inside: np.ndarray) -> float:
    """The share of bad examples with a neighbour in the set, over the share of good ones in it."""
    return float(edges[inside].any(axis=0).mean() / inside.mean())


# edges (n, m) from n examples with good labels to m with bad ones, and which of the n are inside the set
GRAPHS = [
    (np.eye(4, 2), [1, 0, 0, 0]),
    (np.eye(4, 2), [0, 0, 1, 1]),
    ([[1, 1, 1], [1, 0, 0], [0, 0, 0]], [1, 1, 0]),
    ([[1, 1], [1, 0]], [0, 1]),
]

EXERCISES = [
    Exercise(
        "16-gain-and-misfit",
        cases=[three_vectors()],
        answer=lambda student, weak, truth: tuple(map(float, gain_and_misfit(student, weak, truth))),
        hint={
            "gain": "The mean squared distance of the supervisor from the truth, minus that of the student.",
            "misfit": "The truth has no part in it; how far is the student from the labels it was given?",
        },
        slips=[
            Slip(
                lambda student, weak, truth: (-gain_and_misfit(student, weak, truth)[0], None),
                "a gain is positive when the student is better: the supervisor's error minus the student's.",
            )
        ],
        right="Right: one of the two needs the truth, the other does not.",
    ),
    Exercise(
        "16-error-term",
        cases=[(misfit, outside) for misfit, outside in ((4.0, 0.25), (0.5, 0.0), (0.09, 0.16), (2.0, 0.1))],
        answer=lambda misfit, outside: 2 * np.sqrt(misfit * outside),
        hint=(
            "gain − misfit is −2⟨w − s, g − nearest⟩. An inner product is at most the product of the two "
            "lengths, and both numbers here are squared lengths."
        ),
        slips=[
            Slip(
                lambda misfit, outside: np.sqrt(misfit * outside),
                "the square of a sum has the product of the two parts twice: where is the 2?",
            ),
            Slip(
                lambda misfit, outside: 2 * misfit * outside,
                "both are squared lengths, and an inner product is bounded by lengths: take the root.",
            ),
            Slip(
                lambda misfit, outside: -2 * np.sqrt(misfit * outside),
                "how far below is a positive number.",
            ),
            Slip(
                lambda misfit, outside: outside,
                "that is how far the truth is from V; how much this costs depends on the misfit, too.",
            ),
        ],
        right="Right: nothing where the truth is in V, and nothing where the student has no misfit.",
    ),
    Exercise(
        "17-overruled",
        cases=three_tables(),
        answer=overruled,
        hint="Solve error = disagreement + alpha (1 - 2 overruled) for the last.",
        slips=[
            Slip(
                lambda alpha, disagreement, error: 1 - overruled(alpha, disagreement, error),
                "that is how often it repeats a wrong label; the question is how often it overrules one.",
            )
        ],
        right=(
            "Right: three numbers of a table say what became of the wrong labels, and no example has to be "
            "looked at."
        ),
    ),
    Exercise(
        "17-expansion",
        cases=[(np.array(edges, bool), np.array(inside, bool)) for edges, inside in GRAPHS],
        answer=expansion,
        hint="What share of the bad has a neighbour inside, and what share of the good is inside?",
        slips=[
            Slip(
                lambda edges, inside: edges[inside].sum() / edges.shape[1] / inside.mean(),
                "one who has two neighbours inside counts once.",
            )
        ],
        right="Right: a set with c = 1 is as large from the other side as from its own.",
    ),
    Exercise(
        "18-lowest-error",
        cases=[(error,) for error in (0.5, 0.0, 0.1, 1.0)],
        answer=lambda teacher_error: float(lowest_error(teacher_error)),
        hint=(
            "The truth has length 1, the supervisor's answer √(1 − error), and the student's is no longer "
            "than that."
        ),
        slips=[
            Slip(
                lambda teacher_error: teacher_error**2 / 4,
                "that is the simpler bound below it; it is not attained. How long is the supervisor's "
                "answer, and how long the truth?",
            )
        ],
        right="Right: a student that only shrinks what it is told cannot make up for what was never said.",
    ),
    Exercise(
        "18-stretch",
        cases=[(error,) for error in (0.5, 0.1, 0.25, 0.0)],
        answer=lambda teacher_error: 1 / (1 - teacher_error),
        hint="The stopped student says s g, with s = 1 − the teacher's error. What makes g of it?",
        slips=[
            Slip(
                lambda teacher_error: 1 / np.sqrt(1 - teacher_error),
                "that makes the teacher's whole answer as long as the truth, noise included; the stopped "
                "student has only the part s g, which is shorter.",
            ),
            Slip(
                lambda teacher_error: 1 - teacher_error,
                "that is s, how much of the truth the student says; divide by it.",
            ),
            Slip(
                lambda teacher_error: 1 / teacher_error,
                "a better teacher needs less stretching, and yours needs more.",
            ),
        ],
        right="Right: but this factor needs the teacher's error, so it needs some of the truth.",
    ),
]
