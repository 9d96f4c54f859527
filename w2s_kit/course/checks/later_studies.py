"""Exercises about later studies: sums, a corrector, debate, probes, an arena (notebooks 21 to 25)."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from ...studies.debate import speaks_for_yes
from .telling import Exercise, Slip


def totals(answers: list, scores: list) -> dict:
    """The sum of the scores of each answer, None among them."""
    return {answer: sum(s for a, s in zip(answers, scores, strict=True) if a == answer) for answer in answers}


def best_total(answers: list, scores: list) -> int | None:
    """The winner if None were an answer, too."""
    sums = totals(answers, scores)
    return max(sums, key=lambda answer: sums[answer])


def weighted_vote(answers: list, scores: list) -> int:
    sums = {answer: total for answer, total in totals(answers, scores).items() if answer is not None}
    return max(sums, key=lambda answer: sums[answer])


def step_labels(right: list[bool]) -> list[int]:
    until = right.index(False) + 1 if False in right else len(right)
    return list(map(int, right[:until]))


def best_of_all_choices(right: list[int], scores: list[float], n: int) -> float:
    """Of the best-scored sample at place k, comb(N - 1 - k, n - 1) of the comb(N, n) choices are led."""
    ranked = [right[i] for i in np.argsort(scores)[::-1]]
    ways = [math.comb(len(right) - 1 - place, n - 1) for place in range(len(right))]
    return float(np.dot(ranked, ways) / math.comb(len(right), n))


BEFORE = np.array([True, True, True, True, False, False, False, True])
AFTER = np.array([True, True, False, True, True, False, False, True])


def who_is_right(p: float, k: float) -> float:
    return p * (1 - k) / (p * (1 - k) + (1 - p) * k)


def spoken(transcript: list) -> list[int]:
    """How often yes spoke, and how often no."""
    return [sum(side == who for side, _, _ in transcript) for who in (1, 0)]


def counting_judge(transcript: list) -> float:
    yes, no = spoken(transcript)
    return 0.5 if yes == no else float(yes > no)


def judge_hint(result: float, transcript: list) -> str:
    yes, no = spoken(transcript)
    rest = (
        "Nobody spoke more often, so it has no opinion."
        if yes == no
        else "What was said does not matter, only who said it."
    )
    return f"Here yes spoke {yes} times and no {no}. {rest}"


def beliefs_and_labels() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.random((8, 3)), rng.random(8)


def hard_beliefs(beliefs: np.ndarray, weak_labels: np.ndarray) -> np.ndarray:
    return np.array([weak_labels[held].mean() - weak_labels[~held].mean() for held in (beliefs > 0.5).T])


# P(true) of the side that ends in no, and of the other
SIDES = [
    ([0.1, 0.2], [0.9, 0.7]),
    ([0.0, 1.0], [1.0, 0.0]),
    ([0.5, 0.5], [0.5, 0.5]),
    ([1.0, 1.0], [1.0, 1.0]),
    ([0.1, 0.9], [0.7, 0.3]),
    ([0.2, 0.1, 0.6], [0.9, 0.9, 0.5]),
]


def ccs_loss(p_no: np.ndarray, p_yes: np.ndarray) -> float:
    return float(np.mean((p_no + p_yes - 1) ** 2 + np.minimum(p_no, p_yes) ** 2))


def ccs_hint(result: float, p_no: np.ndarray, p_yes: np.ndarray) -> str:
    if ccs_loss(p_no, p_yes) == 0:
        return "Of these, one side is true and the other false, so there is nothing to lose."
    if min(*p_no, *p_yes) == 1:
        return "Both sides true is a contradiction, and sure of it."
    return "The mean over the pairs of (their sum less 1) squared, plus the smaller of the two squared."


FEATURES, DIRECTION = (
    np.array([[3.0, 1.0, 2.0], [0.0, -4.0, 1.0], [1.0, 1.0, 1.0]]),
    np.array([0.0, 3.0, 4.0]),
)


def project_out(x: np.ndarray, direction: np.ndarray, middle: float) -> np.ndarray:
    return x - np.outer(x @ direction - middle, direction) / (direction @ direction)


def project_hint(result: np.ndarray, x: np.ndarray, direction: np.ndarray, middle: float) -> str:
    along = result @ direction
    if np.allclose(along, middle):
        return "Along the direction they lie right; across the direction nothing should change."
    return (
        f"All should lie at {middle:g} along the direction (features @ direction), and lie at "
        f"{along.round(2).tolist()}. Subtract (features @ direction − middle) times the direction over its "
        "squared length."
    )


def ladder(score: float, best: float, step: float) -> float:
    return best if score < best + step - 1e-9 else math.floor(score / step + 1e-9) * step


def read_label(answer: int, before: float, after: float) -> int | str:
    return "private" if after == before else 1 - answer if after > before else answer


def label_hint(result: int | str, answer: int, before: float, after: float) -> str:
    return (
        "A score that does not move is not about this row."
        if before == after
        else "If flipping helped, the answer was wrong."
    )


EASY_TO_HARD = [
    Exercise(
        "21-step-labels",
        cases=[
            (right,)
            for right in ([True, False, True], [True, True, True], [False, False], [True, True, False])
        ],
        answer=step_labels,
        hint="One label for each prefix, up to and including the first wrong step.",
        slips=[
            Slip(
                lambda right: list(map(int, right)),
                "a step that goes on rightly from a wrong value does not make the solution right again. "
                "Labels end with the first wrong step.",
            )
        ],
        right="Right: after the first wrong step nobody knows what right would mean, so nothing is said.",
    ),
    Exercise(
        "21-weighted-vote",
        cases=[
            ([3, 3, 4], [0.2, 0.2, 0.9]),
            ([3, 3, 4], [0.5, 0.5, 0.9]),
            ([None, None, 5], [0.9, 0.9, 0.1]),
            ([7, 8, 8, 7, 7], [0.1, 0.9, 0.8, 0.1, 0.2]),
        ],
        answer=weighted_vote,
        hint="Sum the scores of each answer.",
        slips=[
            Slip(best_total, "None is no answer and wins nothing."),
            Slip(
                lambda answers, scores: answers[int(np.argmax(scores))],
                "that is the best of n; sum the scores of each answer.",
            ),
            Slip(
                lambda answers, scores: Counter(answers).most_common(1)[0][0],
                "that is the majority; sum the scores of each answer.",
            ),
        ],
        right="Right: one enthusiastic judgement counts once, and many modest ones together.",
    ),
    Exercise(
        "21-best-of-all-choices",
        cases=[([1, 0, 1, 0, 1], [0.2, 0.9, 0.4, 0.1, 0.3], n) for n in (2, 1, 5, 3)],
        answer=best_of_all_choices,
        hint=lambda result, right, scores, n: (
            "The sample at place k from the top is the best of "
            f"comb({len(right)} - 1 - k, n - 1) of the comb({len(right)}, n) choices."
        ),
        slips=[
            Slip(
                lambda right, scores, n: (
                    right[int(np.argmax(scores[:n]))] if 1 < n < len(right) else math.nan
                ),
                "the first n samples are one choice of many; take the mean over all of them.",
            )
        ],
        right="Right: all choices of n at once, with no luck in it.",
    ),
]

CORRECTING_AND_DEBATING = [
    Exercise(
        "22-fixed-and-spoiled",
        cases=[(BEFORE, AFTER), (AFTER, BEFORE), (BEFORE, BEFORE)],
        answer=lambda before, after: (float(after[~before].mean()), float((~after[before]).mean())),
        hint={
            "fixed": "Of those that were wrong, those that are right now.",
            "spoiled": "Of those that were right, those that no longer are.",
        },
        slips=[
            Slip(
                lambda before, after: ((after & ~before).mean(), None),
                "that is a share of all facts; ask how many of the wrong ones were put right.",
            ),
            Slip(
                lambda before, after: (None, (before & ~after).mean()),
                "that is a share of all facts; ask how many of the right ones were lost.",
            ),
        ],
        right="Right: what one number, the accuracy, hides in its difference.",
    ),
    Exercise(
        "22-who-is-right",
        cases=[(0.9, 0.8), (0.8, 0.8), (0.5, 0.8), (0.95, 0.79), (0.6, 0.5)],
        answer=who_is_right,
        hint="With two words, they disagree where exactly one of them is right.",
        slips=[
            Slip(
                lambda p, k: p,
                "that is how often the answerer is right in general; that the two disagree is news. How "
                "often do they, with each of them right?",
            ),
            Slip(
                lambda p, k: p * (1 - k),
                "that is how often they disagree *and* the answerer is right; divide by how often they "
                "disagree.",
            ),
        ],
        right=(
            "Right: above one half just where p is above k. Who corrects others must know more than they "
            "do, or know when it does."
        ),
    ),
    Exercise(
        "23-counting-judge",
        cases=[
            ([(1, 0, 1), (0, 1, 0), (1, 2, 1)],),
            ([(0, 0, 0), (1, 1, 0), (0, 5, 1)],),
            ([(1, 3, 0), (0, 4, 1)],),
            ([],),
            ([(1, 0, 0), (1, 4, 0), (0, 2, 1)],),
        ],
        answer=counting_judge,
        hint=judge_hint,
        right="Right: no word understood. How good is it after three turns, and how good after five?",
    ),
    Exercise(
        "23-speaks-for-yes",
        cases=[beliefs_and_labels()],
        answer=lambda beliefs, weak_labels: speaks_for_yes(beliefs, weak_labels),
        hint=(
            "One number a fact: a mean of the labels weighted with the beliefs, less one weighted with 1 - "
            "beliefs."
        ),
        slips=[
            Slip(
                hard_beliefs,
                "that takes beliefs for certain, those above one half; a belief of 0.6 counts 0.6 for the "
                "fact and 0.4 against it.",
            )
        ],
        right=(
            "Right: this is all that a debater knows about the question, and it comes from labels that are "
            "often wrong."
        ),
        tolerance=(1e-5, 1e-8),
    ),
]

INSIDE_AND_AUTOMATED = [
    Exercise(
        "24-ccs-loss",
        cases=[(np.array(no), np.array(yes)) for no, yes in SIDES],
        answer=ccs_loss,
        hint=ccs_hint,
        slips=[
            Slip(
                lambda p_no, p_yes: np.mean((p_no + p_yes - 1) ** 2),
                "one half on both sides is consistent, and says nothing: the second term is there to forbid "
                "it.",
            ),
            Slip(
                lambda p_no, p_yes: np.mean(p_no + p_yes - 1) ** 2 + np.mean(np.minimum(p_no, p_yes)) ** 2,
                "square first, then take the mean.",
            ),
            Slip(
                lambda p_no, p_yes: len(p_no) * ccs_loss(p_no, p_yes),
                "that is a sum; take a mean over the pairs, of the two terms' sum.",
            ),
        ],
        right=(
            "Right. And no label in it, so the opposite of a probe loses exactly as much: the sign has to "
            "come from elsewhere."
        ),
    ),
    Exercise(
        "24-project-out",
        cases=[(FEATURES, DIRECTION, 2.0)],
        answer=project_out,
        hint=project_hint,
        slips=[
            Slip(
                lambda x, direction, middle: x - np.outer(x @ direction - middle, direction),
                "the direction is 5 long: divide twice by its length.",
            )
        ],
        right="Right: what a linear probe along this direction could know is gone, and nothing else.",
        tolerance=(1e-5, 1e-8),
    ),
    Exercise(
        "25-ladder",
        cases=[
            (*pair, 0.05) for pair in ((0.3, 0.2), (0.24, 0.2), (0.1, 0.2), (0.33, 0.2), (0.2, -math.inf))
        ],
        answer=ladder,
        hint=(
            "Less than a step above the best changes nothing; more is rounded down to a multiple of the step."
        ),
        slips=[
            Slip(
                lambda score, best, step: score,
                "that is the score itself, and every digit of it tells about labels. Show the "
                "best so far, or a multiple of the step.",
            )
        ],
        right="Right: a board that answers seldom, and roughly, has little to give away.",
    ),
    Exercise(
        "25-read-label",
        cases=[(1, 0.5, 0.51), (0, 0.5, 0.51), (1, 0.5, 0.49), (0, 0.5, 0.49), (0, 0.5, 0.5), (1, 0.5, 0.5)],
        answer=read_label,
        hint=label_hint,
        choices=(0, 1, "private"),
        right=(
            "Right: one question, one label. The board has been asked about accuracy and has answered about "
            "truth."
        ),
    ),
]

EXERCISES = EASY_TO_HARD + CORRECTING_AND_DEBATING + INSIDE_AND_AUTOMATED
