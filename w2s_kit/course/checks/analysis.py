"""Exercises of the analysis: imitation, stopping, errors, prompts, images, dials (notebooks 08 to 13)."""

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


def two_histories() -> tuple[np.ndarray, np.ndarray]:
    """Accuracies along training on two sets of examples: one rise and fall, and noise of its own for each."""
    rng = np.random.default_rng(0)
    rise = 0.7 + 0.2 * np.sin(np.linspace(0.3, 2.6, 16))
    return tuple(rise + rng.normal(0, 0.03, (2, 16)))


def gain(chosen_by: np.ndarray, judged_on: np.ndarray) -> float:
    """What is gained on `judged_on` over the last step by stopping where `chosen_by` is highest."""
    return float(judged_on[chosen_by.argmax()] - judged_on[-1])


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


QUESTIONS = ["is the dax edible ?", "is the oak edible ?"]


def prompt(questions: list[str], labels: list[int], asked: str) -> str:
    """Answered questions and one without an answer, as one text."""
    answered = [
        f"{question} {'yes' if label else 'no'} ." for question, label in zip(questions, labels, strict=True)
    ]
    return " ".join([*answered, asked])


def prompt_hint(result: str, questions: list[str], labels: list[int], asked: str) -> str:
    """Whether the last question is missing, or something between the others."""
    if not result.strip().endswith(asked):
        return f"The last thing is what is asked, without an answer; yours ends in {result[-30:]!r}."
    return "Each question is followed by yes or no, and by a full stop, all with spaces between."


def three_classes() -> tuple[np.ndarray, np.ndarray]:
    """Weak labels and the truth: of 50 zeros 30 are labelled right, of 30 ones 12 and of 20 twos 11."""
    weak = np.concatenate(
        [np.repeat([0, 1], [30, 20]), np.repeat([1, 2], [12, 18]), np.repeat([2, 0], [11, 9])]
    )
    return weak, np.repeat([0, 1, 2], [50, 30, 20])


def most_frequent(weak: np.ndarray, truth: np.ndarray) -> dict:
    """For each true class its most frequent weak label."""
    return {label: np.bincount(weak[truth == label]).argmax() for label in np.unique(truth)}


def believer(weak: np.ndarray, truth: np.ndarray) -> float:
    """The mean accuracy over classes of a student that gives each class its most frequent weak label."""
    calls = most_frequent(weak, truth)
    return float(np.mean([calls[label] == label for label in truth]))


def never_rises(dial: np.ndarray, pgr: np.ndarray) -> bool:
    """Whether PGR never rises from one setting of the dial to the next higher one."""
    return bool((np.diff(pgr[np.argsort(dial)]) <= 0).all())


DIALS = [
    ([0, 0.5, 1], [0.9, 0.5, 0.1]),
    ([0, 0.5, 1], [0.9, 0.95, 0.1]),
    ([1, 0, 0.5], [0.1, 0.9, 0.5]),
    ([0.5, 1, 0], [0.9, 0.5, 0.7]),
    ([0, 0.5, 1], [0.5, 0.5, 0.1]),
]

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
    Exercise(
        "11-prompt",
        cases=[(QUESTIONS, [1, 0], "is the cat edible ?")],
        answer=prompt,
        hint=prompt_hint,
        right="Right: the model goes on as the examples did.",
    ),
    Exercise(
        "12-believer",
        cases=[three_classes()],
        answer=believer,
        hint=(
            "Of 50 zeros 30 are labelled right, of 30 ones 12 (18 are called two), of 20 twos 11. This "
            "student calls zeros and twos right and ones two, so it is right on 70 of 100 images."
        ),
        slips=[
            Slip(
                lambda weak, truth: np.mean(weak == truth),
                "that is how often the weak labels are right; this student gives all images of a class one "
                "answer, the most frequent of its weak labels.",
            ),
            Slip(
                lambda weak, truth: np.mean(
                    [call == label for label, call in most_frequent(weak, truth).items()]
                ),
                "you count classes; larger classes should count for more, as they do in an accuracy.",
            ),
        ],
        right=(
            "Right: errors that follow no rule it sees through; a class that is mostly called something "
            "else it learns by its wrong name."
        ),
    ),
    Exercise(
        "13-never-rises",
        cases=[(np.array(dial), np.array(pgr)) for dial, pgr in DIALS],
        answer=never_rises,
        hint=lambda result, dial, pgr: (
            "Equal neighbours are no rise."
            if (np.diff(dial) > 0).all()
            else "The table is not in the order of the dial."
        ),
        right="Right: between two points of a dial there is noise, too; an interval would say how much.",
    ),
]
