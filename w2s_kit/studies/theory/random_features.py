"""Random features (Medvedev et al. 2025; Ildiz et al. 2024): how far a weak teacher can be outdone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Teacher:
    """A teacher of random features, in the coordinates in which its student learns.

    Fields:

        signal         the teacher's component along the truth, which has length 1
        noise          (parts,), the squared length of each part of what else it says
        signal_rate    how fast the student learns the signal
        rates          (parts,), and each part of the noise

    The student has infinitely many such features. Gradient flow on the teacher's labels, stopped at time t,
    has learned the share 1 − exp(−t rate) of each part.
    """

    signal: float
    noise: np.ndarray
    signal_rate: float
    rates: np.ndarray

    @property
    def error(self) -> float:
        """The squared distance of the teacher from the truth."""
        return float((1 - self.signal) ** 2 + self.noise.sum())

    def student_error(self, t):
        """The student's error at one time, or at an array of times."""
        t = np.asarray(t, dtype=float)
        learned = lambda rate: -np.expm1(-t * rate)
        return (1 - learned(self.signal_rate) * self.signal) ** 2 + sum(
            part * learned(rate) ** 2 for part, rate in zip(self.noise, self.rates)
        )

    def best_stop(self, times=np.geomspace(0.01, 1e9, 1_000)) -> tuple[float, float]:
        """(time, error) of the student that is stopped when it is best, in units of the signal's rate."""
        errors = self.student_error(times := np.asarray(times) / self.signal_rate)
        return float(times[errors.argmin()]), float(errors.min())


def linear_teacher(
    width: int, rng: np.random.Generator, tau: float = 4.0, directions: int = 20_000
) -> Teacher:
    """Least squares on `width` random linear features (Medvedev et al. 2025).

    Inputs have variance 1 along the truth and tau / directions along each of many others. So the teacher's
    error is near tau / (width + tau), and the student's best error is its square as directions grow.
    """
    small = np.sqrt(tau / directions)
    truth, others = rng.standard_normal(width), small * rng.standard_normal((width, directions))
    weights = np.linalg.solve(np.outer(truth, truth) + others @ others.T, truth)
    return Teacher(
        float(weights @ truth), np.array([((weights @ others) ** 2).sum()]), 1.0, np.array([small**2])
    )


def relu_kernel(cosine, inputs: int):
    """E[relu(u·x) relu(v·x)] for unit u, v of this cosine (arc-cosine kernel).

    x is uniform on the unit sphere of R^inputs.
    """
    angle = np.arccos(np.clip(cosine, -1, 1))
    return (np.sin(angle) + (np.pi - angle) * np.cos(angle)) / (2 * np.pi * inputs)


def harmonics(inputs: int, degrees) -> tuple[np.ndarray, np.ndarray, list[Callable]]:
    """Eigenvalue, multiplicity and Legendre polynomial of each degree, of the ReLU kernel on the sphere.

    Polynomials have P(1) = 1. By the Funk-Hecke formula the eigenvalue is the mean of kernel times polynomial
    over one coordinate of x.
    """
    from scipy.special import comb, eval_gegenbauer, roots_gegenbauer

    alpha = inputs / 2 - 1
    at, weight = roots_gegenbauer(200, alpha)
    polynomials = [
        lambda c, k=k: eval_gegenbauer(k, alpha, c) / eval_gegenbauer(k, alpha, 1.0) for k in degrees
    ]
    rates = np.array([(weight * relu_kernel(at, inputs) * p(at)).sum() / weight.sum() for p in polynomials])
    copies = np.array(
        [comb(inputs + k - 1, k) - (comb(inputs + k - 3, k - 2) if k > 1 else 0) for k in degrees]
    )
    return rates, copies, polynomials


def relu_teacher(width: int, rng: np.random.Generator, inputs: int = 32) -> Teacher:
    """Least squares on `width` random ReLU features of inputs on the sphere (Medvedev et al. 2025).

    The truth is linear. Nothing is sampled but the features: all means over inputs are known. Parts of the
    noise: the rest of degree 1, then degrees 0, 2, 4, 6, and what is left, which is learned no faster than
    degree 8.
    """
    features = rng.standard_normal((width, inputs))
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    cosines, truth = features @ features.T, features[:, 0] / (2 * np.sqrt(inputs))
    weights = np.linalg.solve(relu_kernel(cosines, inputs), truth)
    signal = float(weights @ truth)
    # the odd ones from 3 on have eigenvalue 0
    rates, copies, polynomials = harmonics(inputs, (1, 0, 2, 4, 6, 8))
    parts = np.array(
        [rate * many * weights @ p(cosines) @ weights for rate, many, p in zip(rates, copies, polynomials)]
    )
    rest = signal - parts[:-1].sum()  # a projection's squared length is its signal
    return Teacher(
        signal,
        np.array([parts[0] - signal**2, *parts[1:-1], max(rest, 0)]),
        rates[0],
        np.array([rates[0], *rates[1:]]),
    )


def lowest_error(teacher_error):
    """The lowest error of any student that only shrinks its teacher (f_student = A f_teacher, 0 <= A <= 1).

    The teacher is a projection of a truth of length 1: (1 − √(1 − L))² >= L² / 4 (Medvedev et al. 2025, the
    quadratic lower bound).
    """
    return (1 - np.sqrt(1 - np.asarray(teacher_error, dtype=float))) ** 2
