"""How good answers are, and how far two models agree. NumPy in, floats out."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

#: %: a supervisor whose weak labels are right less often is at chance on the task, and has nothing to teach.
AT_CHANCE = 55


def _probabilities(values, name: str) -> np.ndarray:
    """`values` as a float array of P(label 1), shape (n,); raises ValueError when it is not one."""
    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name}: expected a non-empty 1-D array, got shape {array.shape}")
    bad = np.flatnonzero(~((array >= 0) & (array <= 1)))
    if bad.size:
        raise ValueError(
            f"{name}: row {bad[0]} is {array[bad[0]]}, but a probability or label lies in [0, 1]"
        )
    return array


def _same_length(**arrays) -> None:
    lengths = {name: len(a) for name, a in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError("lengths differ: " + ", ".join(f"{k} has {v}" for k, v in lengths.items()))


def correct(predictions, labels) -> np.ndarray:
    """Which predictions fall on the side of their label, as booleans of shape (n,).

    A prediction is P(label 1) or a hard label.
    """
    p, y = _probabilities(predictions, "predictions"), _probabilities(labels, "labels")
    _same_length(predictions=p, labels=y)
    return (p > 0.5) == (y > 0.5)


def accuracy(predictions, labels) -> float:
    """The share of `predictions` that are right, see `correct`."""
    return float(correct(predictions, labels).mean())


def auroc(predictions, labels) -> float:
    """Area under the ROC curve; raises ValueError when only one class is present."""
    from sklearn.metrics import roc_auc_score

    p, y = _probabilities(predictions, "predictions"), _probabilities(labels, "labels") > 0.5
    _same_length(predictions=p, labels=y)
    if y.all() or not y.any():
        raise ValueError("labels: only one class is present, so there is no ROC curve")
    return float(roc_auc_score(y, p))


def agreement(student, supervisor, labels) -> dict[str, float]:
    """How often the student says what the supervisor says.

    The result has the share overall, where the supervisor is right, and where it is wrong. It is NaN where
    the supervisor is never right, or never wrong. Source: Figure 8 of Burns et al. 2023.
    """
    return same_answers(
        *(
            _probabilities(values, name) > 0.5
            for values, name in ((student, "student"), (supervisor, "supervisor"), (labels, "labels"))
        )
    )


def same_answers(student, supervisor, truth) -> dict[str, float]:
    """`agreement` for answers of any kind, such as chess moves."""
    s, w, y = map(np.asarray, (student, supervisor, truth))
    _same_length(student=s, supervisor=w, labels=y)
    right, same = w == y, s == w
    part = lambda mask: float(same[mask].mean()) if mask.any() else math.nan
    return {"overall": float(same.mean()), "supervisor_right": part(right), "supervisor_wrong": part(~right)}


def _right(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """P(the right answer) of each example, (n,)."""
    return np.where(y == 1, p, 1 - p)


def capa(p, q, labels) -> float:
    """Chance-adjusted probabilistic agreement of two models, from -1 to 1: do they err alike?

    p, q: P(label 1) of each model, or hard labels, (n,). labels: the truth, 0 or 1, (n,). It is

        (observed - expected) / (1 - expected)

    observed: the mean chance that the two give the same answer, where each draws one from its own
    probabilities. expected: the same for two models that are as often right and err independently of each
    other, a b + (1 - a) (1 - b), with the mean probabilities a and b of the right answer. So 0 means that
    errors are shared as often as by chance, and 1 that they are the same. Of hard labels it is Cohen's kappa
    of "right" and "wrong", and not of the answers. Unsure models come out closer to 0.

    NaN where both models are always right, or both always wrong: there is nothing to compare. Raises
    ValueError for what is no probability, lengths that differ, and labels that are not 0 or 1.
    Source: Goel et al. 2025 (2502.04313), kappa_p with two options.
    """
    p, q, y = _probabilities(p, "p"), _probabilities(q, "q"), _probabilities(labels, "labels")
    _same_length(p=p, q=q, labels=y)
    _only_truth(y)
    a, b = _right(p, y).mean(), _right(q, y).mean()
    expected = a * b + (1 - a) * (1 - b)
    observed = float((p * q + (1 - p) * (1 - q)).mean())
    return float((observed - expected) / (1 - expected)) if expected < 1 else math.nan


def _only_truth(y: np.ndarray) -> None:
    """Raises ValueError for labels that are not all 0 or 1."""
    soft = np.flatnonzero((y != 0) & (y != 1))
    if soft.size:
        raise ValueError(
            f"labels: row {soft[0]} is {y[soft[0]]}, but the truth is 0 or 1: a model's probabilities come "
            "first, the labels last"
        )


def quadrants(weak, strong, labels) -> dict[str, float]:
    """Who knew: shares of all examples on which both models are right, only one of them, or neither.

    weak, strong: P(label 1) or hard labels, (n,). labels: the truth, 0 or 1, (n,). The four shares have the
    names both, only_weak, only_strong and neither, and their sum is 1. Raises ValueError as `capa` does.
    Source: Goel et al. 2025 (2502.04313), their section on weak-to-strong training.
    """
    _only_truth(_probabilities(labels, "labels"))
    w, s = correct(weak, labels), correct(strong, labels)
    cases = {"both": w & s, "only_weak": w & ~s, "only_strong": ~w & s, "neither": ~w & ~s}
    return {name: float(case.mean()) for name, case in cases.items()}


def error_sources(student, teacher, truth) -> dict[str, float]:
    """Shares of all examples, by what became of the teacher's answer.

    kept         both are right
    corrected    only the student is right
    inherited    both give the same wrong answer
    replaced     both are wrong, in different ways; this needs more than two answers
    new          only the teacher is right
    """
    student, teacher, truth = map(np.asarray, (student, teacher, truth))
    _same_length(student=student, teacher=teacher, truth=truth)
    right, was_right, same = student == truth, teacher == truth, student == teacher
    cases = {
        "kept": right & was_right,
        "corrected": right & ~was_right,
        "inherited": ~right & same,
        "replaced": ~right & ~was_right & ~same,
        "new": ~right & was_right,
    }
    return {name: float(case.mean()) for name, case in cases.items()}


def with_error_sources(table: pd.DataFrame) -> pd.DataFrame:
    """A table of results with the shares of `error_sources` as further columns.

    table: a row a student, as `grid` returns it. The shares follow from the accuracies of supervisor and
    student and from their agreement where the supervisor is right and where it is wrong.
    """
    weak, right = table["supervisor_accuracy"], table["student_accuracy"]
    kept = weak * table["agreement_right"].fillna(0)  # there is none where the supervisor is never right
    inherited = (1 - weak) * table["agreement_wrong"].fillna(0)
    return table.assign(
        kept=kept,
        corrected=right - kept,
        inherited=inherited,
        replaced=(1 - weak) - (right - kept) - inherited,
        new=weak - kept,
    )


def cross_entropy_between(student, supervisor) -> np.ndarray:
    """How far the student is from its weak labels, item by item, shape (n,).

    It is -[w log f + (1-w) log(1-f)] for P(label 1) of the supervisor, w, and of the student, f. Where the
    two are equal, it is the supervisor's own entropy.
    """
    f, w = _probabilities(student, "student").clip(1e-7, 1 - 1e-7), _probabilities(supervisor, "supervisor")
    _same_length(student=f, supervisor=w)
    return -(w * np.log(f) + (1 - w) * np.log1p(-f))


def calibration(predictions, labels, bins: int = 10) -> tuple[float, np.ndarray]:
    """The expected calibration error, and the table of bins behind it.

    The table has at most `bins` rows, each with the mean prediction, the share of label 1 and the count. Bins
    are cut at quantiles of the predictions, and equal predictions share a bin.
    """
    p, y = _probabilities(predictions, "predictions"), _probabilities(labels, "labels")
    _same_length(predictions=p, labels=y)
    edges = np.unique(np.quantile(p, np.linspace(0, 1, bins + 1)[1:-1]))
    bin_of = np.searchsorted(edges, p, side="right")
    table = np.array(
        [(p[bin_of == i].mean(), y[bin_of == i].mean(), (bin_of == i).sum()) for i in np.unique(bin_of)]
    )
    return float(np.sum(np.abs(table[:, 0] - table[:, 1]) * table[:, 2]) / len(p)), table


def equivalent(log_compute: np.ndarray, ceilings: np.ndarray, accuracy: float) -> float:
    """The log compute of a model that is as good as a student when it is finetuned on truth.

    log_compute, ceilings: of the models, (n,), smallest first. The curve between them is straight and never
    falls; beyond its ends it is flat. Burns et al. 2023 say so of GPT-4 as a student: "3.5-level".
    """
    return float(np.interp(accuracy, np.maximum.accumulate(ceilings), log_compute))
