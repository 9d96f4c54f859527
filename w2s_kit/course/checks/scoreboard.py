"""The exercise of the scoreboard (notebook 27)."""

from __future__ import annotations

import numpy as np

from .telling import Exercise

# both ends of an interval, and the thresholds: above one it shows the claim, below the other the opposite
INTERVALS = [
    (0.1, 0.3, 0, 0),
    (-0.1, 0.3, 0, 0),
    (-0.3, -0.1, 0, 0),
    (0.25, 0.3, 0.2, 0),
    (0.1, 0.15, 0.2, 0),
    (0.0, 0.3, 0, 0),
    (-0.2, 0.0, 0, 0),
    (0.05, 0.15, 0.2, 0.2),
]


def verdict(low: float, high: float, above: float, opposite: float) -> str:
    """What the interval from `low` to `high` says about a claim with two thresholds."""
    return "shows" if low > above else "opposite" if high < opposite else "does not show"


def verdict_hint(result: str, low: float, high: float, above: float, opposite: float) -> str:
    """Where the thresholds are, and whether the interval stands on one."""
    touches = "; here it stands on it" if np.isclose(low, above) or np.isclose(high, opposite) else ""
    return (
        f"To show it the interval must lie above {above}, to show the opposite below {opposite}. All of it "
        f"has to be beyond the threshold, and on it is not beyond{touches}."
    )


EXERCISES = [
    Exercise(
        "27-verdict",
        cases=INTERVALS,
        answer=verdict,
        hint=verdict_hint,
        choices=("shows", "opposite", "does not show"),
        right="Right. Between the two thresholds, and across either, it does not show.",
    ),
]
