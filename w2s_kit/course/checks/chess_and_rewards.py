"""Exercises about chess, chains and reward models (notebooks 04 to 07)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from ...metrics.answers import error_sources
from ...metrics.pgr import pgr
from .telling import Exercise, Slip


def slope(summary: pd.DataFrame) -> float:
    """How much PGR changes for a whole unit of the gap, over all rows."""
    return float(np.polyfit(summary["gap"], summary["pgr"], 1)[0])


def four_pairs(summary: pd.DataFrame) -> list[tuple]:
    """Rows like those of `summary`. The last one has a PGR that is not defined."""
    return [
        (
            summary.head(4).assign(
                gap=[0.1, 0.2, 0.3, 0.4], pgr=[0.5, 0.3, 0.1, 9.0], defined=[True, True, True, False]
            ),
        )
    ]


def three_answers() -> tuple[np.ndarray, ...]:
    """Answers of student, supervisor and truth to 400 questions, one of three each; shape (400,)."""
    return tuple(np.random.default_rng(0).integers(0, 3, (3, 400)))


REWARDS, QUALITIES = np.random.default_rng(0).normal(size=(2, 50, 16))
FIRST, SECOND = np.array([0.0, 1.0, -2.0, 3.0]), np.array([0.0, -1.0, 1.0, 3.5])


def level(function: Callable) -> str:
    """Whether only the difference of two rewards counts."""
    if np.allclose(function(FIRST + 7, SECOND + 7), function(FIRST, SECOND)):
        return ""
    return "adding 7 to both rewards changes your answer; a level means nothing, only the difference does"


EXERCISES = [
    Exercise(
        "04-gap-slope",
        cases=four_pairs,
        answer=lambda summary: 0.1 * slope(summary[summary["defined"]]),
        hint="Gaps .1, .2, .3 with PGR .5, .3, .1 fall by .2 in 10 points, and a fourth pair has no PGR.",
        slips=[
            Slip(
                lambda summary: slope(summary[summary["defined"]]),
                "that is the slope for a whole unit of gap; 10 points are a tenth of it.",
            ),
            Slip(
                lambda summary: 0.1 * slope(summary),
                "the fourth pair has no PGR: keep the rows that are `defined`.",
            ),
        ],
        right=lambda function, summary: (
            f"Right: on the stored grid {function(summary):+.2f} for 10 points of gap."
        ),
        tolerance=(1e-9, 1e-6),
    ),
    Exercise(
        "05-inherited",
        cases=[three_answers()],
        answer=lambda student, teacher, truth: float(
            error_sources(student, teacher, truth)["inherited"] / np.mean(student != truth)
        ),
        hint="Of the student's errors, count those that repeat the teacher's answer.",
        slips=[
            Slip(
                lambda student, teacher, truth: error_sources(student, teacher, truth)["inherited"],
                "that is the share of all answers; take it of the wrong ones.",
            ),
            Slip(
                lambda student, teacher, truth: (teacher != truth)[student != truth].mean(),
                "that counts every error that was an error of the teacher's, too; only those that repeat "
                "the teacher's answer are inherited.",
            ),
        ],
        right="Right. The rest are new errors, or other wrong answers where its teacher was wrong, too.",
    ),
    Exercise(
        "06-preference",
        cases=[(FIRST, SECOND)],
        answer=lambda first, second: 1 / (1 + np.exp(first - second)),
        hint="Only the difference counts, and a logistic function makes a probability of it.",
        slips=[
            Slip(
                lambda first, second: 1 / (1 + np.exp(second - first)),
                "that is the probability of the first; label 1 says that the second is better.",
            )
        ],
        right="Right: Bradley and Terry's model. Comparisons say nothing about a single reward.",
        tolerance=(1e-5, 1e-8),
        rule=level,
    ),
    Exercise(
        "06-best-of-n",
        cases=[(REWARDS, QUALITIES, n) for n in (1, 4, 16)],
        answer=lambda rewards, qualities, n: float(
            qualities[np.arange(len(rewards)), rewards[:, :n].argmax(axis=1)].mean()
        ),
        hint="Of each row take the first n rewards, their largest, and the quality in its place.",
        slips=[
            Slip(
                lambda rewards, qualities, n: qualities[:, :n].max(axis=1).mean(),
                "that is the best quality. Choose by the reward: the quality is not known when you choose.",
            ),
            Slip(
                lambda rewards, qualities, n: qualities[
                    np.arange(len(rewards)), rewards.argmax(axis=1)
                ].mean(),
                "that is the best by reward of all answers; take the first n of each row.",
            ),
            Slip(
                lambda rewards, qualities, n: rewards[:, :n].max(axis=1).mean(),
                "that is the largest reward; take the quality of the answer that has it.",
            ),
        ],
        right="Right. With a larger n, the reward model has more influence on the choice.",
    ),
    Exercise(
        "07-fair-gain",
        cases=[(0.6, 0.65, 0.8, 0.7, 0.9)],
        answer=lambda weak, naive, ceiling, generative, ceiling_that_read: (
            pgr(weak, generative, ceiling_that_read) - pgr(weak, naive, ceiling)
        ),
        hint="PGR with reading, for student and ceiling, minus naive PGR.",
        slips=[
            Slip(
                lambda weak, naive, ceiling, generative, ceiling_that_read: (
                    pgr(weak, generative, ceiling) - pgr(weak, naive, ceiling)
                ),
                "the student that has read is measured against a ceiling that has not: part of its gain is "
                "what reading does to anybody.",
            ),
            Slip(
                lambda weak, naive, ceiling, generative, ceiling_that_read: pgr(
                    weak, generative, ceiling_that_read
                ),
                "that is the PGR with reading; the gain is what it has more than naive PGR.",
            ),
        ],
        right="Right: a stage that helps the ceiling as much as the student has recovered nothing.",
    ),
]
