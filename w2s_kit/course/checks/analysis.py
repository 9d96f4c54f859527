"""Exercises about prompts, probes, images and dials (notebooks 11 to 13)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .telling import Exercise, Slip

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


def far_from_zero() -> np.ndarray:
    """Features (60, 4) that vary most along their second column, and whose mean is far from zero."""
    return np.random.default_rng(0).normal(size=(60, 4)) * [1, 4, 2, 1] + [30, 0, 0, 0]


def component(features: np.ndarray, number: int = 0) -> np.ndarray:
    """A principal component of `features` (n, width): a score for each row, shape (n,)."""
    centred = features - features.mean(axis=0)
    return centred @ np.linalg.svd(centred, full_matrices=False)[2][number]


def not_centred(features: np.ndarray) -> np.ndarray:
    """What becomes of the first component where the mean is not taken away."""
    return features @ np.linalg.svd(features, full_matrices=False)[2][0]


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


def shuffled_within(weak: np.ndarray, truth: np.ndarray, seed: int) -> np.ndarray:
    """The weak labels (n,), shuffled among the examples of each true class."""
    rng, labels = np.random.default_rng(seed), weak.copy()
    for label in np.unique(truth):
        labels[truth == label] = rng.permutation(weak[truth == label])
    return labels


def only_within(function: Callable) -> str:
    """Whether labels move, only within a class, as the seed says, and the given ones stay as they are."""
    weak, truth = three_classes()
    given = weak.copy()
    labels = np.asarray(function(given, truth.copy(), 0))
    if not np.array_equal(given, weak):
        return "the weak labels themselves have changed: work on a copy"
    if labels.shape != weak.shape or any(
        not np.array_equal(np.sort(labels[truth == label]), np.sort(weak[truth == label]))
        for label in np.unique(truth)
    ):
        return "the images of a digit have other weak labels than before: shuffle each digit by itself"
    if np.array_equal(labels, weak):
        return "no weak label has moved"
    if not np.array_equal(labels, function(weak.copy(), truth.copy(), 0)):
        return "the same seed gives another order each time: draw from np.random.default_rng(seed)"
    return ""


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
        "11-prompt",
        cases=[(QUESTIONS, [1, 0], "is the cat edible ?")],
        answer=prompt,
        hint=prompt_hint,
        right="Right: the model goes on as the examples did.",
    ),
    Exercise(
        "11-two-sides",
        cases=[(far_from_zero(),)],
        answer=lambda features: component(features) > 0,
        also=[lambda features: component(features) < 0],
        hint="Subtract the mean of each column, project on the first component, and compare with zero.",
        slips=[
            *(
                Slip(
                    lambda features, sign=sign: sign * not_centred(features) > 0,
                    "subtract the mean of each column first. Without that, the first direction points to "
                    "the mean, and it does not divide the examples.",
                )
                for sign in (1, -1)
            ),
            *(
                Slip(
                    lambda features, sign=sign: sign * component(features),
                    "that is the component itself; say for each example on which side of zero it is.",
                )
                for sign in (1, -1)
            ),
            *(
                Slip(
                    lambda features, sign=sign: sign * component(features, 1) > 0,
                    "that is the second component; the first is the direction in which they differ most.",
                )
                for sign in (1, -1)
            ),
        ],
        right="Right: no component says which of the two sides is called yes.",
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
            "Right: it sees through errors that follow no rule. But it learns a class by a wrong name if "
            "most of its labels say so."
        ),
    ),
    Exercise(
        "12-shuffled-within",
        cases=[(np.array([7, 3, 7, 3, 3, 5]), np.array([1, 8, 1, 8, 8, 2]), seed) for seed in (0, 1)],
        answer=shuffled_within,
        hint="Here all images of a digit have the same weak label, so shuffling within digits moves nothing.",
        slips=[
            Slip(
                lambda weak, truth, seed: truth,
                "that is the truth; the labels of the supervisor stay, and change places.",
            )
        ],
        right="Right: the same errors as often, but they no longer depend on the image.",
        rule=only_within,
    ),
    Exercise(
        "13-never-rises",
        cases=[(np.array(dial), np.array(pgr)) for dial, pgr in DIALS],
        answer=never_rises,
        hint=lambda result, dial, pgr: (
            "The table is not in the order of the dial."
            if (np.diff(dial) < 0).any()
            else "One PGR is higher than the one before it."
            if result
            else "Equal neighbours are no rise."
        ),
        right="Right: between two points of a dial there is noise, too; an interval would say how much.",
    ),
]
