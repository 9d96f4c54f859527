"""The exercise of the scoreboard (notebook 28)."""

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
    touches = "; here it stands on one" if any(np.isclose(*pair) for pair in ends) else ""
    return (
        f"To show it the interval must lie above {above}, to show the opposite below {opposite}; if it is "
        f"neither, an interval below {smallest} refutes. All of it has to be beyond the threshold, and on it "
        f"is not beyond{touches}."
    )


EXERCISES = [
    Exercise(
        "28-verdict",
        cases=INTERVALS,
        answer=verdict,
        hint=verdict_hint,
        choices=("shows", "undecided", "refuted", "opposite"),
        right="Right. What lies across a threshold is undecided: more seeds would make it shorter.",
    ),
]
