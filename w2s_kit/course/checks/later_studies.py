"""Exercises about later studies: sums, a corrector, debate, probes, an arena (notebooks 21 to 25)."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import torch

from ...studies.debate import speaks_for_yes
from .later_answers import (
    AFTER,
    BEFORE,
    CHAIN,
    DIRECTION,
    FEATURES,
    PUSHES,
    SIDES,
    SOLUTIONS,
    beliefs_and_labels,
    best_of_all_choices,
    best_total,
    ccs_hint,
    ccs_loss,
    copies_right,
    copy_hint,
    counting_judge,
    flips_hint,
    hard_beliefs,
    judge_hint,
    label_hint,
    ladder,
    project_hint,
    project_out,
    push_last,
    read_label,
    right_flips,
    step_labels,
    weighted_vote,
    who_is_right,
)
from .telling import Exercise, Slip

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
    Exercise(
        "21-copies-right",
        cases=[(CHAIN, solution) for solution in SOLUTIONS],
        answer=copies_right,
        hint=copy_hint,
        right="Right: this rule reads the problem, and the PRM did not learn to.",
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
            "Right: above one half just where p is above k. A corrector must know more than those whom it "
            "corrects, or must know when it does."
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
            "Right. There is no label in it, so a probe and its opposite lose exactly as much: the sign has "
            "to come from elsewhere."
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
        "24-push-last",
        cases=PUSHES,
        answer=push_last,
        hint="Hidden states are (texts, tokens, width): the last token is hidden[:, -1].",
        slips=[
            Slip(lambda hidden, vector: hidden + vector, "that pushes every token, as `steered` does."),
            Slip(
                lambda hidden, vector: torch.cat([hidden[:, :1] + vector, hidden[:, 1:]], dim=1),
                "that pushes the first token.",
            ),
            Slip(
                lambda hidden, vector: torch.cat([hidden[:-1], hidden[-1:] + vector]),
                "that pushes every token of the last text: the first axis is texts, the second tokens.",
            ),
            Slip(
                lambda hidden, vector: (hidden + vector)[:, -1],
                "that is the last token alone; hand on all tokens, the others as they are.",
            ),
            Slip(lambda hidden, vector: hidden, "nothing is pushed there: return what you have changed."),
        ],
        right="Right: all tokens go on, and only the last one is moved.",
        tolerance=(1e-5, 1e-6),
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
    Exercise(
        "25-right-flips",
        cases=[(0.5, 0.502, 0.001, 2), (0.5, 0.5, 0.001, 2), (0.5, 0.498, 0.001, 2), (0.3, 0.31, 0.002, 11)],
        answer=right_flips,
        hint=flips_hint,
        slips=[
            Slip(
                lambda before, after, unit, k: (after - before) / unit,
                "that is the right flips less the wrong ones: a wrong flip takes away what a right one adds.",
            ),
            Slip(
                lambda before, after, unit, k: (k - (after - before) / unit) / 2,
                "that is how many flips were wrong.",
            ),
            Slip(
                lambda before, after, unit, k: (k + (after - before) / unit) / (2 * k),
                "that is a share of the flips; return their number.",
            ),
        ],
        right="Right: k + 1 possible numbers tell how many, and two of them tell which.",
        tolerance=(1e-6, 1e-6),
    ),
]

EXERCISES = EASY_TO_HARD + CORRECTING_AND_DEBATING + INSIDE_AND_AUTOMATED
