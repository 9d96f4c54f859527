"""Exercises about reinforcement learning from weak rewards (notebook 28)."""

from __future__ import annotations

import numpy as np

from .telling import Exercise, Slip


def advantages_of(rewards: list[float]) -> np.ndarray:
    """How far each reward is above the mean of its group, in standard deviations; zeros if all are alike."""
    given = np.asarray(rewards, float)
    spread = given.std()
    return (given - given.mean()) / spread if spread > 0 else np.zeros_like(given)


def signal_left(rate: float) -> float:
    """P(reward 1 | right) − P(reward 1 | wrong), if each reward is turned round with probability `rate`."""
    return (1 - rate) - rate


def _divided(rewards, spread) -> np.ndarray:
    given = np.asarray(rewards, float)
    return (given - given.mean()) / (spread(given) or 1)


EXERCISES = [
    Exercise(
        "28-advantages",
        cases=[([1, 0, 0, 0],), ([1, 1, 0, 0, 0, 0, 0, 0],), ([0.9, 0.7, 0.2],), ([1, 1, 1, 1],)],
        answer=advantages_of,
        hint="Subtract the group's mean, then divide by the group's standard deviation, unless that is 0.",
        slips=[
            Slip(
                lambda rewards: np.asarray(rewards, float) - np.mean(rewards),
                "you have subtracted the mean; now divide by the standard deviation of the group.",
            ),
            Slip(
                lambda rewards: _divided(rewards, lambda given: given.std(ddof=1)),
                "that is the standard deviation of a sample (divided by n − 1); here it is np.std's, by n.",
            ),
            Slip(
                lambda rewards: _divided(rewards, np.var),
                "that divides by the variance; the standard deviation is its square root.",
            ),
        ],
        right="Right. The rarer a right solution is in its group, the larger is its advantage.",
    ),
    Exercise(
        "28-signal",
        cases=[(0.0,), (0.2,), (0.4,), (0.5,), (0.8,)],
        answer=signal_left,
        hint="A right solution gets 1 with probability 1 − rate. With which probability does a wrong one?",
        slips=[
            Slip(
                lambda rate: 1 - rate,
                "that is what a right solution can expect; a wrong one gets a 1 now and then, too.",
            ),
            Slip(
                lambda rate: abs(1 - 2 * rate),
                "beyond one half, the wrong solution is better paid: keep the sign.",
            ),
            Slip(
                lambda rate: 100 * signal_left(rate),
                "that is in percent; rewards are from 0 to 1.",
            ),
        ],
        right="Right: at 0.4 a fifth of the signal is left, at 0.5 nothing. Beyond, it points the wrong way.",
    ),
]
