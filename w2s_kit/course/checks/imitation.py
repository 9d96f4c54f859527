"""Exercises about imitation, stopping and errors (notebooks 08 to 10)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .telling import Exercise, Slip


def two_students() -> list[tuple]:
    """A student that errs in one of five, wherever, and one that repeats its supervisor every other time."""
    rng = np.random.default_rng(0)
    truth, supervisor = rng.integers(0, 2, (2, 4_000))
    own = truth ^ (rng.random(4_000) < 0.2)
    mixed = np.where(rng.random(4_000) < 0.5, supervisor, own)
    return [(own, supervisor, truth), (mixed, supervisor, truth)]


def excess_imitation(student: np.ndarray, supervisor: np.ndarray, truth: np.ndarray) -> float:
    """How often a student repeats errors, minus how often it errs where its supervisor is right."""
    wrong = supervisor != truth
    return float((student == supervisor)[wrong].mean() - (student != truth)[~wrong].mean())


def four_answers() -> list[tuple]:
    """Answers of student, supervisor and truth to 200 questions, and their difficulty; shape (200,) each."""
    rng = np.random.default_rng(0)
    return [(*rng.integers(0, 2, (3, 200)), rng.random(200))]


def difficulty_by_case(
    student: np.ndarray, supervisor: np.ndarray, truth: np.ndarray, difficulty: np.ndarray
) -> tuple[float, float]:
    """The mean difficulty of the errors of a supervisor that the student corrects, and that it inherits."""
    wrong, right = supervisor != truth, student == truth
    return float(difficulty[wrong & right].mean()), float(difficulty[wrong & ~right].mean())


def two_histories() -> tuple[np.ndarray, np.ndarray]:
    """Accuracies along training on two sets of examples: one rise and fall, and noise of its own for each."""
    rng = np.random.default_rng(0)
    rise = 0.7 + 0.2 * np.sin(np.linspace(0.3, 2.6, 16))
    return tuple(rise + rng.normal(0, 0.03, (2, 16)))


def gain(chosen_by: np.ndarray, judged_on: np.ndarray) -> float:
    """What is gained on `judged_on` over the last step by stopping where `chosen_by` is highest."""
    return float(judged_on[chosen_by.argmax()] - judged_on[-1])


#: Answers of a student at four moments to six questions, shape (4, 6).
MOMENTS = np.array([[0, 1, 1, 0, 0, 1], [1, 1, 0, 0, 0, 1], [1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1]])


def changed_answers(answers: np.ndarray) -> np.ndarray:
    """How many answers change from each moment to the next: `answers` (moments, n) to (moments - 1,)."""
    return (answers[1:] != answers[:-1]).sum(axis=1)


TRUTH, SCORE = np.array([0, 1, 1, 0, 1, 0]), np.array([0.3, 0.9, 0.1, 0.7, 0.5, 0.2])


def wrong_where(truth: np.ndarray, score: np.ndarray, errors: int) -> np.ndarray:
    """A copy of `truth`, shape (n,), with its labels turned at the `errors` highest scores."""
    labels = truth.copy()
    labels[np.argsort(-score)[:errors]] ^= 1
    return labels


def copied(function: Callable) -> str:
    """Whether the truth is left as it was."""
    truth = TRUTH.copy()
    function(truth, SCORE.copy(), 2)
    return "" if np.array_equal(truth, TRUTH) else "the truth itself has changed: work on a copy"


EXERCISES = [
    Exercise(
        "08-excess-imitation",
        cases=two_students(),
        answer=excess_imitation,
        hint="The student's error rate where the supervisor is wrong, minus that where it is right.",
        slips=[
            Slip(
                lambda student, supervisor, truth: (student == supervisor)[supervisor != truth].mean(),
                "that is the whole agreement with wrong answers; take away how often the student errs where "
                "its supervisor is right.",
            )
        ],
        right="Right: zero for a student that errs on its own, one for a student that is its supervisor.",
    ),
    Exercise(
        "08-difficulty-by-case",
        cases=four_answers(),
        answer=difficulty_by_case,
        hint={
            "corrected": "These are the questions on which the supervisor is wrong and the student right.",
            "inherited": "These are the questions on which both are wrong.",
        },
        slips=[
            Slip(
                lambda *case: difficulty_by_case(*case)[::-1],
                "that is the mean of the inherited ones; the corrected ones come first.",
            ),
            Slip(
                lambda student, supervisor, truth, difficulty: (
                    difficulty[student == truth].mean(),
                    difficulty[student != truth].mean(),
                ),
                "take only questions on which the supervisor is wrong.",
            ),
            Slip(
                lambda student, supervisor, truth, difficulty: (
                    difficulty[(student == truth) & (supervisor != truth)].sum() / len(difficulty),
                    difficulty[(student != truth) & (supervisor != truth)].sum() / len(difficulty),
                ),
                "divide by the number of these questions, not of all.",
            ),
        ],
        right="Right: these two means say whether harder words are harder to correct.",
    ),
    Exercise(
        "09-honest-gain",
        cases=[two_histories()],
        answer=lambda on_a, on_b: gain(on_a, on_b),
        also=[
            lambda on_a, on_b: gain(on_b, on_a),
            lambda on_a, on_b: (gain(on_a, on_b) + gain(on_b, on_a)) / 2,
        ],
        hint="Find the best moment on A, then compare that moment with the last one on B.",
        slips=[
            Slip(
                lambda on_a, on_b: gain(on_a, on_a),
                luckiest := "the same examples choose the moment and judge it: of sixteen "
                "moments the luckiest wins.",
            ),
            Slip(lambda on_a, on_b: gain(on_b, on_b), luckiest),
            Slip(
                lambda on_a, on_b: on_b[on_a.argmax()],
                "that is how good it is when stopped; the gain is against the end of training.",
            ),
        ],
        right="Right: it may be negative, and then stopping was luck.",
    ),
    Exercise(
        "09-changed-answers",
        cases=[(MOMENTS,)],
        answer=changed_answers,
        hint="Four moments have three steps between them. In each step, count the columns that change.",
        slips=[
            Slip(
                lambda answers: changed_answers(answers) / answers.shape[1],
                "that is the share of the answers that change; count them.",
            ),
            Slip(
                lambda answers: changed_answers(answers.T),
                "you compare one question with the next. A row is a moment: compare each row with the next.",
            ),
            Slip(
                lambda answers: (answers[1:] != answers[:-1]).sum(axis=0),
                "that is one number for each question; sum over the questions of each step.",
            ),
            Slip(
                lambda answers: changed_answers(answers).sum(),
                "that is the number of changes in the whole training; give one number for each step.",
            ),
            Slip(
                lambda answers: (answers[1:] != answers[0]).sum(axis=1),
                "you compare with the first moment; compare with the moment just before.",
            ),
            Slip(
                lambda answers: np.diff(answers, axis=0).sum(axis=1),
                "a change to yes and a change to no cancel out; both are changes.",
            ),
        ],
        right="Right: nobody needs the truth to compute this.",
    ),
    Exercise(
        "10-wrong-where",
        cases=[(TRUTH, SCORE, errors) for errors in (2, 0, 6)],
        answer=wrong_where,
        hint="Exactly so many labels are wrong, and they are those with the highest scores.",
        slips=[
            Slip(
                lambda truth, score, errors: wrong_where(truth, -score, errors),
                "these are wrong where the score is lowest.",
            )
        ],
        right="Right: the same accuracy, and any structure that can be written as a score.",
        rule=copied,
    ),
]
