"""Shared variance (Dong et al. 2025): less overlap of two representations, fewer errors inherited."""

from __future__ import annotations

import numpy as np


# -------------------------------------------------------------------------------------------- shared variance
def subspaces(
    student: int, weak: int, cosines, dimensions: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal bases (dimensions, student) and (dimensions, weak) whose first axes meet at these cosines,
    the others at right angles. Raises ValueError when there are more cosines than axes, or too few
    dimensions.
    """
    cosines = np.asarray(cosines, dtype=float)
    dimensions = dimensions or student + weak
    if len(cosines) > min(student, weak) or dimensions < student + weak or (abs(cosines) > 1).any():
        raise ValueError(
            f"{len(cosines)} angles between {student} and {weak} axes in {dimensions} dimensions, cosines {cosines.tolist()}"
        )
    axes = np.eye(dimensions)
    own, others = axes[:, :student], axes[:, student : student + weak].copy()
    k = len(cosines)
    others[:, :k] = own[:, :k] * cosines + others[:, :k] * np.sqrt(1 - cosines**2)
    return own, others


def overlap(student_basis, weak_basis) -> float:
    """‖V_s' V_w‖²: how many dimensions two subspaces share, between 0 and the smaller one's; orthonormal
    bases (dimensions, ·).
    """
    return float(np.square(np.asarray(student_basis).T @ np.asarray(weak_basis)).sum())


def variance_formula(
    student: int, weak: int, shared: float, n: int, n_student: int, sigma: float = 1.0, exact: bool = False
) -> float:
    """Variance of a student of `student` dimensions taught by a supervisor of `weak` dimensions, of which
    they share `shared`: the supervisor had n true labels with noise sigma, the student n_student of its
    labels (Dong et al. 2025). The supervisor's variance is inherited where they overlap, and divided by
    n_student / student where they do not.

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
    """(repeats, 3): squared distances from the truth, which both subspaces can represent, of supervisor,
    student and the student's own model fitted to the supervisor's n true labels. Gaussian inputs, ridgeless
    least squares; a truth of zero loses nothing, as least squares moves along with it.
    """
    v_s, v_w = (np.asarray(basis, dtype=float) for basis in (student_basis, weak_basis))
    found = np.empty((repeats, 3))
    fit = lambda x, y: np.linalg.solve(x.T @ x, x.T @ y)
    for row in found:
        x, z, y = (
            rng.standard_normal((n, len(v_s))),
            rng.standard_normal((n_student, len(v_s))),
            sigma * rng.standard_normal(n),
        )
        weak = v_w @ fit(x @ v_w, y)
        student, on_truth = fit(z @ v_s, z @ weak), fit(x @ v_s, y)
        row[:] = [(model**2).sum() for model in (weak, student, on_truth)]
    return found
