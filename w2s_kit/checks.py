"""Checks for the exercises: each takes your answer, and either says it is right or says what to think about again."""

from __future__ import annotations

import math

import numpy as np
import torch

from . import losses, metrics


def _wrong(message: str):
    raise AssertionError(message)


def check_pgr(function) -> None:
    """Notebook 00, exercise 1."""
    cases = [(0.6, 0.75, 0.9), (0.6, 0.6, 0.9), (0.6, 0.9, 0.9), (0.7, 0.65, 0.8)]
    for supervisor, student, ceiling in cases:
        got, want = function(supervisor, student, ceiling), metrics.pgr(supervisor, student, ceiling)
        if not isinstance(got, (int, float, np.floating)):
            _wrong(f"return a number; got {got!r}")
        if not math.isclose(got, want, abs_tol=1e-9):
            _wrong(f"for supervisor {supervisor}, student {student}, ceiling {ceiling} you get {got:.3f}. What share of the way "
                   "from the supervisor to the ceiling has the student gone? Both differences start at the supervisor.")
    print("Right: recovered gap over whole gap, negative when the student falls below its supervisor.")


def check_harden(function) -> None:
    """Notebook 01: soft labels to hard ones."""
    soft = np.array([0.1, 0.49, 0.51, 0.9])
    got = np.asarray(function(soft))
    if got.shape != soft.shape:
        _wrong(f"one hard label for each soft label: expected shape {soft.shape}, got {got.shape}")
    if not np.array_equal(got, [0, 0, 1, 1]):
        _wrong(f"a hard label is the likelier class: for {soft.tolist()} you get {got.tolist()}")
    print("Right: the sure and the unsure now look the same. That is the information that soft labels keep.")


def check_agreement(function) -> None:
    """Notebook 01: agreement where the supervisor is wrong."""
    rng = np.random.default_rng(0)
    student, supervisor, truth = (rng.integers(0, 2, 200) for _ in range(3))
    want = metrics.agreement(student, supervisor, truth)["supervisor_wrong"]
    got = float(function(student, supervisor, truth))
    if not math.isclose(got, want, abs_tol=1e-9):
        _wrong(f"expected {want:.3f}, got {got:.3f}: first keep the rows where the supervisor is wrong, then ask how often the student says the same")
    print("Right: this is how much of its supervisor's errors a student imitates.")


def check_confidence_loss(function) -> None:
    """Notebook 03: (logits, targets, alpha) -> scalar."""
    torch.manual_seed(0)
    logits, targets = torch.randn(8, 2, requires_grad=True), torch.rand(8)
    for alpha in (0.0, 0.5, 0.75):
        want = losses.confidence(alpha, warmup=0.0)(logits, targets, 1.0)
        got = function(logits, targets, alpha)
        if not torch.allclose(got, want, atol=1e-5):
            _wrong(f"alpha = {alpha}: expected {want.item():.4f}, got {got.item():.4f}. Mix the targets, (1 - alpha) of the weak label "
                   "and alpha of the student's own hardened prediction; half of the batch is hardened to 1.")
    if not torch.autograd.grad(function(logits, targets, 0.75), logits)[0].allclose(torch.autograd.grad(losses.confidence(0.75, 0.0)(logits, targets, 1.0), logits)[0], atol=1e-5):
        _wrong("the value is right, but the gradient is not: detach the hardened prediction, it is a target and not a prediction")
    print("Right: value and gradient agree.")
