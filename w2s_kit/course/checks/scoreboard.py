"""The exercise of the scoreboard (notebook 31)."""

from __future__ import annotations

import numpy as np

from .telling import Exercise

# both ends of an interval, and the thresholds: above the first it shows the claim, below the second the
# opposite, and below the third it excludes the smallest effect of interest
INTERVALS = [
    (0.1, 0.3, 0, 0, 0.2),
    (-0.1, 0.3, 0, 0, 0.2),
    (-0.3, -0.1, 0, 0, 0.2),
    (-0.1, 0.1, 0, 0, 0.2),
    (0.25, 0.3, 0.2, 0, 0.2),
    (0.1, 0.15, 0.2, 0, 0.2),
    (0.0, 0.3, 0, 0, 0.2),
    (-0.2, 0.0, 0, 0, 0.2),
    (-0.1, 0.2, 0, 0, 0.2),
    (0.05, 0.15, 0.2, 0.2, 0.2),
]


def verdict(low: float, high: float, above: float, opposite: float, smallest: float) -> str:
    """What the interval from `low` to `high` says about a claim with three thresholds."""
    if low > above:
        return "shows"
    if high < opposite:
        return "opposite"
    return "refuted" if high < smallest else "undecided"


def verdict_hint(result: str, low: float, high: float, above: float, opposite: float, smallest: float) -> str:
    """Where the thresholds are, and whether the interval stands on one."""
    ends = ((low, above), (high, opposite), (high, smallest))
    touches = " Here an end of the interval is on a threshold." if any(np.isclose(*e) for e in ends) else ""
    return (
        f"It shows if the whole interval is above {above}. Its opposite shows if it is below {opposite}. "
        f"Otherwise an interval below {smallest} refutes. An end that is on a threshold is not beyond "
        f"it.{touches}"
    )


EXERCISES = [
    Exercise(
        "31-verdict",
        cases=INTERVALS,
        answer=verdict,
        hint=verdict_hint,
        choices=("shows", "undecided", "refuted", "opposite"),
        right="Right. An interval across a threshold is undecided. More seeds would make it shorter.",
    ),
]
