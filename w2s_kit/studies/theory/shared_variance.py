"""Shared variance (Dong et al. 2025): less overlap of two representations, fewer errors inherited."""

from __future__ import annotations

import numpy as np


def subspaces(
    student: int, weak: int, cosines, dimensions: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal bases (dimensions, student) and (dimensions, weak) of two subspaces at given angles.

    Their first axes meet at these cosines, the others at right angles. Raises ValueError when there are more
    cosines than axes, or too few dimensions.
    """
    cosines = np.asarray(cosines, dtype=float)
    dimensions = dimensions or student + weak
    if len(cosines) > min(student, weak) or dimensions < student + weak or (abs(cosines) > 1).any():
        raise ValueError(
            f"{len(cosines)} angles between {student} and {weak} axes in {dimensions} dimensions, "
            f"cosines {cosines.tolist()}"
        )
    axes = np.eye(dimensions)
    own, others = axes[:, :student], axes[:, student : student + weak].copy()
    k = len(cosines)
    others[:, :k] = own[:, :k] * cosines + others[:, :k] * np.sqrt(1 - cosines**2)
    return own, others


def overlap(student_basis, weak_basis) -> float:
    """‖V_s' V_w‖²: how many dimensions two subspaces share, between 0 and the smaller one's.

    Bases are orthonormal, (dimensions, ·).
    """
    return float(np.square(np.asarray(student_basis).T @ np.asarray(weak_basis)).sum())


def variance_formula(
    student: int, weak: int, shared: float, n: int, n_student: int, sigma: float = 1.0, exact: bool = False
) -> float:
    """Variance of a student of `student` dimensions taught by a supervisor of `weak` dimensions.

    They share `shared` dimensions. The supervisor had n true labels with noise sigma, the student n_student
    of its labels (Dong et al. 2025). The supervisor's variance is inherited where they overlap, and divided
    by n_student / student where they do not.

    With n − weak − 1 in place of n, which for Gaussian inputs is exact; `exact`: the same for the student,
    n_student − student − 1.
    """
    per_dimension = sigma**2 / (n - weak - 1)
    return per_dimension * (
        shared + student / (n_student - student - 1 if exact else n_student) * (weak - shared)
    )


def measured_variances(
    student_basis,
    weak_basis,
    n: int,
    n_student: int,
    repeats: int,
    rng: np.random.Generator,
    sigma: float = 1.0,
) -> np.ndarray:
    """Squared distances from the truth of three models: (repeats, 3).

    The models are supervisor, student, and the student's own model fitted to the supervisor's n true labels.
    Both subspaces can represent the truth. Gaussian inputs, ridgeless least squares; a truth of zero loses
    nothing, as least squares moves along with it.
    """
    v_s, v_w = (np.asarray(basis, dtype=float) for basis in (student_basis, weak_basis))
    distances = np.empty((repeats, 3))
    fit = lambda x, y: np.linalg.solve(x.T @ x, x.T @ y)
    for row in distances:
        x = rng.standard_normal((n, len(v_s)))
        z = rng.standard_normal((n_student, len(v_s)))
        y = sigma * rng.standard_normal(n)
        weak = v_w @ fit(x @ v_w, y)
        student, on_truth = fit(z @ v_s, z @ weak), fit(x @ v_s, y)
        row[:] = [(model**2).sum() for model in (weak, student, on_truth)]
    return distances
