"""Exercises about nested oversight (notebook 30)."""

from __future__ import annotations

from .telling import Exercise, Slip

MOST = 10  #: Steps at most.


def expected_score(mine: float, theirs: float) -> float:
    """The share of points that Elo expects of a player rated `mine` against one rated `theirs`."""
    return 1 / (1 + 10 ** ((theirs - mine) / 400))


def _success(step: float, lead: float) -> float:
    return expected_score(lead, step)


def best_steps(gap: float, lead: float) -> int:
    """How many equal steps, from 1 to MOST, make it likeliest that every one of them succeeds."""
    return max(range(1, MOST + 1), key=lambda n: _success(gap / n, lead) ** n)


EXERCISES = [
    Exercise(
        "30-expected",
        cases=[(0, 0), (400, 0), (0, 400), (1200, 1100), (-200, 220)],
        answer=expected_score,
        hint="It is 1 / (1 + 10 ** (d / 400)). What is d for a player who is stronger than the other?",
        slips=[
            Slip(
                lambda mine, theirs: expected_score(theirs, mine),
                "that is the other player's share: who is stronger should have more than one half.",
            ),
            Slip(
                lambda mine, theirs: 1 / (1 + 2.718281828459045 ** ((theirs - mine) / 400)),
                "that is with e as the base; Elo takes 10.",
            ),
            Slip(
                lambda mine, theirs: 100 * expected_score(mine, theirs),
                "that is in percent; a share is from 0 to 1.",
            ),
        ],
        right="Right. 400 points more are ten wins for each loss, whatever the ratings are.",
    ),
    Exercise(
        "30-steps",
        cases=[(400, 0), (400, 400), (800, 400), (400, 800), (100, 400)],
        answer=best_steps,
        hint="Try n from 1 to 10. A step has the gap gap / n, and all n steps must succeed.",
        slips=[
            Slip(
                lambda gap, lead: max(range(1, MOST + 1), key=lambda n: _success(gap / n, lead)),
                "that makes one step as safe as can be. But all n must succeed: multiply.",
            ),
            Slip(
                lambda gap, lead: max(range(1, MOST + 1), key=lambda n: _success(gap, lead) ** n),
                "each step there has the whole gap; n steps share it.",
            ),
            Slip(
                lambda gap, lead: max(_success(gap / n, lead) ** n for n in range(1, MOST + 1)),
                "that is the probability at the best n; return n.",
            ),
        ],
        right="Right. Steps pay only for a judge with a head start, and then too many cost again.",
    ),
]
