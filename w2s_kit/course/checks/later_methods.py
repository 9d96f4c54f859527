"""Exercises about later methods: reliability, two stages, three ideas (notebooks 19, 20 and 26)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...methods.reliability import entropy, reliabilities
from .telling import Exercise, Slip

ANSWERS = np.array([[1, 1, 1, 1, 1], [0, 0, 0, 0, 0], [1, 0, 0, 0, 0], [1, 0, 1, 0, 1]])
DRAWN = np.array([[1, 1, 1, 1], [0, 1, 0, 0], [1, 0, 1, 0], [1, 1, 0, 1]])
PROBABILITIES = np.array([0.95, 0.05, 0.7, 0.3, 0.8, 0.2, 0.9, 0.55, 0.79, 0.1])
KEPT = np.array([1, 1, 1, 0, 0, 0, 1, 0, 1, 1], bool)
PANEL = np.array([[0.9, 0.4, 0.1], [0.8, 0.6, 0.2], [0.2, 0.1, 0.9], [0.4, 0.9, 0.6]])


def weights_hint(result: np.ndarray, answers: np.ndarray, tau: float) -> str:
    """What to think about again for a softmax over one answer, or over several."""
    if len(set(answers.tolist())) == 1:
        return "Of one answer alone, the softmax is 1."
    return "A softmax over the *different* answers: two terms, not five."


def at_random(function: Callable) -> str:
    """Whether a control keeps as many questions as the filter, others than it, and as its seed says."""
    kept = np.arange(200) % 4 > 0
    first, again, other = (np.asarray(function(kept.copy(), seed), bool) for seed in (0, 0, 1))
    if first.shape != kept.shape:
        return f"for {kept.size} questions you return {first.size} values; return a boolean for each"
    if first.sum() != kept.sum():
        return (
            f"the filter keeps {kept.sum()} of {kept.size} questions, and your control {first.sum()}; keep "
            "exactly as many"
        )
    if (first == kept).all():
        return "those are the questions of the filter itself; choose others at random"
    if (first == other).all():
        return "two seeds choose the same questions; draw with np.random.default_rng(seed)"
    if (first != again).any():
        return "one seed chooses other questions each time; draw with np.random.default_rng(seed) only"
    return ""


def self_consistency(drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The majority of the `drawn` answers, shape (n, draws), and its share; shape (n,) each."""
    share = drawn.mean(axis=1)
    return (share > 0.5).astype(int), np.maximum(share, 1 - share)


def keeps(soft_labels: np.ndarray) -> np.ndarray:
    """Which questions are kept without drawing: P of the likelier answer is 0.8 or more; shape (n,)."""
    return np.maximum(soft_labels, 1 - soft_labels) >= 0.8


def odds(p: float, v: int) -> float:
    """P of the student's own answer over P of the supervisor's answer."""
    return 1.0 if (p > 0.5) == v else max(p, 1 - p) / min(p, 1 - p)


def adaptive_weight(p: float, v: int, tau: float) -> float:
    """The weight of the supervisor's answer `v` against the student's own, at temperature `tau`."""
    return 1 / (1 + odds(p, v) ** (1 / tau))


def adaptive_hint(result: float, p: float, v: int, tau: float) -> str:
    """What to think about again where student and supervisor agree, and where not."""
    if odds(p, v) == 1:
        return "They agree, so the two cross-entropies are the same."
    return "CE(f, h) = -log of what f gives to the likelier answer, CE(f, v) of what to the supervisor's."


def agreements(panel: np.ndarray, said: np.ndarray) -> np.ndarray:
    """For each supervisor of the panel, the number of cases in which it agrees with the student."""
    return ((panel > 0.5) == (said > 0.5)[:, None]).sum(axis=0)


# P(yes) of three supervisors about six questions
ERRING = np.array(
    [[0.2, 0.4, 0.3], [0.9, 0.8, 0.6], [0.9, 0.7, 0.1], [0.1, 0.6, 0.1], [0.8, 0.9, 0.6], [0.1, 0.1, 0.6]]
)
TRUTHS = [np.array([1, 1, 0, 0, 0, 1]), np.array([1, 1, 0, 0, 1, 1]), np.array([0, 1, 1, 0, 1, 1])]


def wrong_answers(panel: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which errors the mean of a panel makes, (n,), and which each supervisor makes, (n, supervisors)."""
    return (panel.mean(axis=1) > 0.5) != truth, (panel > 0.5) != truth[:, None]


def shared_errors(panel: np.ndarray, truth: np.ndarray) -> float:
    """Of the errors of the panel's mean, the share that every supervisor makes.

    `panel` is P(yes), (n, supervisors), and `truth` 0 or 1, (n,).
    """
    mean_wrong, wrong = wrong_answers(panel, truth)
    return float(wrong[mean_wrong].all(axis=1).mean())


def shared_hint(result: float, panel: np.ndarray, truth: np.ndarray) -> str:
    """How many errors the mean makes, and all supervisors together."""
    mean_wrong, wrong = wrong_answers(panel, truth)
    return (
        f"The mean is wrong about {mean_wrong.sum()} questions, and about {wrong.all(axis=1).sum()} of them "
        "every supervisor is wrong."
    )


def chance_agreement(a: float, b: float, options: int) -> float:
    """How often two models agree that are right in a and b, err independently, and share out their errors."""
    return a * b + (1 - a) * (1 - b) / (options - 1)


EXERCISES = [
    Exercise(
        "19-answer-entropy",
        cases=[(ANSWERS,)],
        answer=entropy,
        hint="In each row -sum p log p over the shares p of 0 and of 1.",
        slips=[
            Slip(lambda answers: entropy(answers) / np.log(2), "that is in bits; use the natural logarithm.")
        ],
        right="Right: it needs only answers, and no probability that the supervisor gives.",
        nan="0 log 0 counts as 0: five equal answers are no surprise, and NumPy makes NaN of it.",
    ),
    Exercise(
        "19-reliability-weights",
        cases=[
            (np.array(answers), tau)
            for answers, tau in (
                ([1, 0, 0, 1, 1], 0.2),
                ([1, 1, 1, 1, 1], 0.2),
                ([0, 0, 0, 0, 1], 0.2),
                ([1, 0, 0, 1, 1], 1.0),
            )
        ],
        answer=lambda answers, tau: reliabilities(answers[None], tau)[0],
        hint=weights_hint,
        right="Right: the smaller tau, the more the majority takes all.",
        tolerance=(1e-5, 1e-8),
    ),
    Exercise(
        "19-control",
        cases=[(np.array(kept, bool), seed) for kept, seed in (([1, 1, 1, 1], 0), ([0, 0, 0], 7))],
        answer=lambda kept, seed: kept,
        hint="Where the filter keeps all questions, or none, the control does the same.",
        right="Right: as many questions, and nothing in the choice. What a filter is worth is what it adds.",
        rule=at_random,
    ),
    Exercise(
        "20-self-consistency",
        cases=[(DRAWN,)],
        answer=self_consistency,
        hint={"majority": "A tie is label 0.", "share": "The share of the majority among the drawn answers."},
        slips=[
            Slip(
                lambda drawn: (None, drawn.mean(axis=1)),
                "that is the share of label 1; who always says 0 is as consistent as who always says 1.",
            )
        ],
        right=(
            "Right: consistency knows nothing of truth. It is the supervisor's own confidence, seen through "
            "its answers."
        ),
        tolerance=(1e-5, 1e-8),
    ),
    Exercise(
        "20-without-drawing",
        cases=[(PROBABILITIES, KEPT), (PROBABILITIES[:4], ~KEPT[:4]), (PROBABILITIES[4:], KEPT[:6])],
        answer=lambda soft_labels, kept: int((keeps(soft_labels) != kept).sum()),
        hint="Decide for each question by max(P, 1 − P), then count where the two decisions differ.",
        slips=[
            Slip(
                lambda soft_labels, kept: ((soft_labels >= 0.8) != kept).sum(),
                "a sure no is kept, too: take the larger of P and 1 − P.",
            ),
            Slip(
                lambda soft_labels, kept: (keeps(soft_labels) != kept).mean(),
                "that is the share; return the number of questions.",
            ),
            Slip(
                lambda soft_labels, kept: (keeps(soft_labels) == kept).sum(),
                "those are the questions whose decision stays the same.",
            ),
            Slip(
                lambda soft_labels, kept: ((np.maximum(soft_labels, 1 - soft_labels) > 0.8) != kept).sum(),
                "0.8 itself is enough: ≥, not >.",
            ),
            Slip(
                lambda soft_labels, kept: abs(keeps(soft_labels).sum() - kept.sum()),
                "that compares how many are kept; two decisions that change in opposite ways cancel there.",
            ),
        ],
        right="Right: every question near the threshold can fall on either side when answers are drawn.",
    ),
    Exercise(
        "26-adaptive-weight",
        cases=[(0.9, 0, 0.5), (0.9, 1, 0.5), (0.2, 1, 0.5), (0.2, 0, 1.0), (0.7, 0, 1.0)],
        answer=adaptive_weight,
        hint=adaptive_hint,
        slips=[
            Slip(
                lambda p, v, tau: 1 - adaptive_weight(p, v, tau),
                "that is the supervisor's share; the student's own is one minus it.",
            )
        ],
        right="Right: and never above one half.",
    ),
    Exercise(
        "26-most-agreeable",
        cases=[
            (PANEL, np.array(said))
            for said in ([0.6, 0.9, 0.1, 0.7], [0.1, 0.9, 0.2, 0.6], [0.3, 0.45, 0.9, 0.55])
        ],
        answer=lambda panel, said: int(agreements(panel, said).argmax()),
        hint=lambda result, panel, said: (
            f"The supervisors agree with the student in {agreements(panel, said).tolist()} of "
            f"{len(said)} cases, and you choose number {result:g}."
        ),
        right="Right: nobody was asked for the truth. The student is the measure, and it may be wrong.",
    ),
    Exercise(
        "26-shared-errors",
        cases=[(ERRING, truth) for truth in TRUTHS],
        answer=shared_errors,
        hint=shared_hint,
        slips=[
            Slip(
                lambda panel, truth: wrong_answers(panel, truth)[1].all(axis=1).mean(),
                "that is a share of all questions; divide by the number of errors that the mean makes.",
            ),
            Slip(
                lambda panel, truth: (
                    wrong_answers(panel, truth)[1].all(axis=1).sum()
                    / wrong_answers(panel, truth)[1].any(axis=1).sum()
                ),
                "that is a share of the questions where somebody errs; take those where the mean is wrong.",
            ),
            Slip(
                lambda panel, truth: 1 - shared_errors(panel, truth),
                "that is the share of errors that somebody does not make.",
            ),
        ],
        right="Right: more supervisors of this kind cannot remove what all of them get wrong.",
    ),
    Exercise(
        "26-chance-agreement",
        cases=[(0.9, 0.8, 2), (0.9, 0.8, 4), (0.5, 0.7, 3), (1.0, 0.6, 5)],
        answer=chance_agreement,
        hint="Both right: a b. Both wrong: (1 − a)(1 − b), and then both choose the same wrong option.",
        slips=[
            Slip(
                lambda a, b, options: a * b + (1 - a) * (1 - b),
                "two models that are both wrong can give different wrong answers, if there are several.",
            ),
            Slip(
                lambda a, b, options: a * b + (1 - a) * (1 - b) / options,
                "the right answer is one of the options; how many wrong ones are left?",
            ),
            Slip(lambda a, b, options: a * b, "two wrong answers can agree, too."),
            Slip(
                lambda a, b, options: a * b + (1 - a) * (1 - b) / (options - 1) ** 2,
                "that is the chance that both choose one given wrong option; any wrong option will do.",
            ),
        ],
        right="Right: with many options, models that err independently hardly agree where both are wrong.",
    ),
]
