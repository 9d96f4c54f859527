"""Exercises of the first part: PGR, three stages, many tasks, the confidence loss (notebooks 00 to 03)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch

from ...methods.confidence import Confidence
from ...metrics.answers import agreement
from ...metrics.pgr import pgr
from .telling import Exercise, Slip


def three_arrays() -> tuple[np.ndarray, ...]:
    """Answers of 0 and 1 of a student, of a supervisor, and the truth."""
    rng = np.random.default_rng(0)
    supervisor, truth = (rng.integers(0, 2, 200) for _ in range(2))
    # right more often than its supervisor: so whoever takes one for the other gets another number
    return np.where(rng.random(200) < 0.6, truth, supervisor), supervisor, truth


def logits_and_targets() -> tuple[torch.Tensor, torch.Tensor]:
    """Logits with a gradient, shape (8, 2), and weak labels, shape (8,)."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn(8, 2, generator=generator).requires_grad_(), torch.rand(8, generator=generator)


def confidence_loss(logits: torch.Tensor, targets: torch.Tensor, alpha: float) -> torch.Tensor:
    """The confidence loss after its warm-up, at this `alpha`."""
    return Confidence(alpha, warmup=0.0)(logits, targets, 1.0)


def gradient(function: Callable) -> str:
    """Whether the hardened predictions are taken for targets, through which no gradient flows."""
    logits, targets = logits_and_targets()
    loss = function(logits, targets, 0.75)
    if not loss.requires_grad:
        return (
            "the value is right, but it has no gradient: detach the hardened prediction only, not the logits"
        )
    (own,) = torch.autograd.grad(loss, logits, allow_unused=True)
    (wanted,) = torch.autograd.grad(confidence_loss(logits, targets, 0.75), logits)
    if own is not None and own.allclose(wanted, atol=1e-5):
        return ""
    return (
        "the value is right, but the gradient is not: detach the hardened prediction, it is a target and not "
        "a prediction"
    )


def median_pgr(summary: pd.DataFrame, supervisor: str) -> pd.Series:
    """Median PGR over tasks of the students of one supervisor; undefined ones are left out."""
    of_supervisor = summary[(summary["supervisor"] == supervisor) & summary["defined"]]
    return of_supervisor.groupby("student")["pgr"].median()


EXERCISES = [
    Exercise(
        "00-pgr",
        cases=[(0.6, 0.75, 0.9), (0.6, 0.6, 0.9), (0.6, 0.9, 0.9), (0.7, 0.65, 0.8), (0.61, 0.7, 0.94)],
        answer=lambda supervisor, student, ceiling: pgr(supervisor, student, ceiling),
        hint=(
            "What share of the way from the supervisor to the ceiling has the student gone? Both "
            "differences start at the supervisor."
        ),
        slips=[
            Slip(
                lambda supervisor, student, ceiling: max(0.0, pgr(supervisor, student, ceiling)),
                "do not clip. PGR is negative when the student falls below its supervisor, and that has to "
                "be seen.",
            ),
            Slip(
                lambda supervisor, student, ceiling: (ceiling - supervisor) / (student - supervisor),
                "that is the whole gap over the recovered one; turn the fraction around.",
            ),
            Slip(
                lambda supervisor, student, ceiling: (ceiling - student) / (ceiling - supervisor),
                "that is the share of the gap that is still left; PGR is the share that is recovered.",
            ),
            Slip(
                lambda supervisor, student, ceiling: (student - supervisor) / ceiling,
                "the recovered gap is divided by the whole gap, not by the ceiling: where does the gap "
                "begin?",
            ),
        ],
        right="Right: recovered gap over whole gap, negative when the student falls below its supervisor.",
    ),
    Exercise(
        "01-harden",
        cases=[(np.array([0.1, 0.49, 0.51, 0.9]),)],
        answer=lambda soft_labels: (soft_labels > 0.5).astype(int),
        hint="A hard label is the likelier class: 1 where the soft label is above one half.",
        slips=[
            Slip(
                lambda soft_labels: (soft_labels < 0.5).astype(int),
                "a hard label is the likelier class, and these are the less likely ones: a soft label is "
                "P(1).",
            )
        ],
        right=(
            "Right: the sure and the unsure now look the same. That is the information that soft labels keep."
        ),
    ),
    Exercise(
        "01-agreement",
        cases=[three_arrays()],
        answer=lambda student, supervisor, truth: float(
            agreement(student, supervisor, truth)["supervisor_wrong"]
        ),
        hint=(
            "First keep the rows where the supervisor is wrong, then ask how often the student says the same."
        ),
        slips=[
            Slip(
                lambda student, supervisor, truth: (student == supervisor).mean(),
                "that is the agreement on all rows; keep the rows where the supervisor is wrong.",
            ),
            Slip(
                lambda student, supervisor, truth: ((student == supervisor) & (supervisor != truth)).mean(),
                "that is a share of all rows; divide by the number of rows where the supervisor is wrong.",
            ),
            Slip(
                lambda student, supervisor, truth: (student == supervisor)[supervisor == truth].mean(),
                "that is the agreement where the supervisor is right; keep the rows where it is wrong.",
            ),
            Slip(
                lambda student, supervisor, truth: (student == supervisor)[student != truth].mean(),
                "that is a share of the student's errors; keep the rows where the supervisor is wrong.",
            ),
        ],
        right="Right: this is how much of its supervisor's errors a student imitates.",
    ),
    Exercise(
        "02-median-pgr",
        cases=lambda summary: [(summary, supervisor) for supervisor in dict.fromkeys(summary["supervisor"])],
        answer=median_pgr,
        hint=(
            "Leave out the tasks where PGR is undefined: the undefined ones go first, then one group is one "
            "student. Take the median of the others, not the mean."
        ),
        right="Right: one line of Figure 3 for each supervisor.",
    ),
    Exercise(
        "03-confidence-loss",
        cases=[(*logits_and_targets(), alpha) for alpha in (0.0, 0.5, 0.75)],
        answer=confidence_loss,
        hint=(
            "Mix the targets, (1 - alpha) of the weak label and alpha of the student's own hardened "
            "prediction; half of the batch is hardened to 1."
        ),
        right="Right: value and gradient agree.",
        tolerance=(1e-5, 1e-5),
        rule=gradient,
    ),
    Exercise(
        "03-ramp",
        cases=[(0.1,), (0.0,), (0.05,), (0.2,), (0.21,), (1.0,)],
        answer=lambda step_fraction: 0.75 * min(1.0, step_fraction / 0.2),
        hint=(
            "alpha starts at 0, reaches alpha_max after 20 % of training, and stays there: what do you have "
            "to divide by, so that it does not jump at the end of the ramp?"
        ),
        slips=[
            Slip(
                lambda step_fraction: 0.75 * step_fraction / 0.2,
                "it goes on rising. After the warm-up alpha stays there, at alpha_max.",
            )
        ],
        right="Right: it rises without a jump, and stays.",
    ),
]
