"""A mean over seeds, and how far it could be off."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Interval:
    """A mean over seeds with its confidence interval.

    Fields:

        mean    of the seeds
        low     lower end of the interval; minus infinity for a single seed
        high    upper end
        n       how many seeds
    """

    mean: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}], {self.n} seed{'s' * (self.n != 1)}"


def mean_interval(values, confidence: float = 0.95) -> Interval:
    """Mean of one number per seed with Student's t interval; infinite when there is a single seed."""
    from scipy.stats import t

    x = np.asarray(values, dtype=float)
    if x.ndim != 1 or not x.size or not np.isfinite(x).all():
        raise ValueError(f"values: expected finite numbers, one a seed, got {values!r}")
    if len(x) == 1:
        return Interval(float(x[0]), -math.inf, math.inf, 1)
    half = float(t.ppf(0.5 + confidence / 2, len(x) - 1) * x.std(ddof=1) / math.sqrt(len(x)))
    return Interval(float(x.mean()), float(x.mean()) - half, float(x.mean()) + half, len(x))
