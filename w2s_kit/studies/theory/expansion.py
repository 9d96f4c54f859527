"""Expansion (Lang, Sontag and Vijayaraghavan 2024, 2405.16043): when a student corrects its supervisor.

All is about one class i of two. Where a supervisor speaks (S), its labels are good or bad; a share `alpha` is
bad. Where it is silent (T), there are none. Two booleans describe an example: is the student right, is the
label good. So student and label differ exactly where the two booleans do.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from ...tasks.miniworld.reviews import NEIGHBOURS, SILENT

#: Each eta gives a bound that holds, so the smallest one does.
ETAS = tuple(i / 20 for i in range(11))


def evaluate(answers, reviews: pd.DataFrame, said, alike: list | None = None) -> pd.DataFrame:
    """A student's `answers` (n,) to reviews, measured as Lang et al. do.

    `said` (n,) holds its supervisor's labels, or SILENT where it has none. The table has one row each for S0,
    S1 (the supervisor speaks; hated, liked), T0, T1 (silent) and all. Columns are share and accuracy; in S
    also alpha, disagreement and overruled; bound and theorem are the smallest over ETAS of what `correction`
    gives in S, `coverage` in T, with the neighbours of `alike`, a key of each review ("any form" unless
    given).
    """
    answers, said, label = np.asarray(answers), np.asarray(said), reviews["label"].to_numpy()
    alike = NEIGHBOURS["any form"](reviews) if alike is None else alike
    rows = {"all": {"share": 1.0, "accuracy": np.mean(answers == label)}}
    for i in (0, 1):
        speaks, silent = ((label == i) & where for where in (said != SILENT, said == SILENT))
        right, good, quiet = answers[speaks] == i, said[speaks] == i, answers[silent] == i
        keys, others = (list(itertools.compress(alike, where)) for where in (speaks, silent))
        inside, across = neighbours(keys, keys), neighbours(others, keys)
        corrections = [correction(right, good, inside, eta) for eta in ETAS]
        rows[f"S{i}"] = {
            "share": speaks.mean(),
            "accuracy": right.mean(),
            **{name: corrections[0][name] for name in ("alpha", "disagreement", "overruled")},
            **{name: min(values[name] for values in corrections) for name in ("bound", "theorem")},
        }
        rows[f"T{i}"] = {
            "share": silent.mean(),
            "accuracy": quiet.mean(),
            "theorem": min(coverage(quiet, right, good, across, eta)["theorem"] for eta in ETAS),
        }
    return pd.DataFrame(rows).T.rename_axis("set").loc[["S0", "S1", "T0", "T1", "all"]]


def neighbours(here, there) -> np.ndarray:
    """Who of n examples has the same key as whom of m others: (n, m), booleans.

    Keys are hashable, one an example.
    """
    number = {key: i for i, key in enumerate(dict.fromkeys([*here, *there]))}
    return np.array([number[key] for key in here], int)[:, None] == np.array(
        [number[key] for key in there], int
    )


def instability(edges, answers, answers_there) -> np.ndarray:
    """r(f, x), shape (n,): the share of x's neighbours to which the student gives another answer.

    It is 0 for who has no neighbour. `edges` (n, m), answers (n,) and (m,). Raises ValueError when these
    shapes do not agree.
    """
    edges = _edges(edges, (len(answers), len(answers_there)))
    answers, there = np.asarray(answers), np.asarray(answers_there)
    return (edges & (answers[:, None] != there)).sum(axis=1) / np.maximum(1, edges.sum(axis=1))


def reach(edges, eta: float = 0.0) -> float:
    """How many have a neighbour in a set: P_(1-eta)(U, A), the robust neighbourhood's size.

    `edges` (n in the set, m). It is the smallest share of the m on which 1 - eta of all edges end; with eta =
    0 it is the share that has an edge at all. Raises ValueError for eta outside [0, 1) and for m = 0.
    """
    edges = _edges(edges)
    if not 0 <= eta < 1 or not edges.shape[1]:
        raise ValueError(
            f"eta lies in [0, 1), and there must be somebody to reach; "
            f"got eta {eta}, edges of shape {edges.shape}"
        )
    most = np.sort(edges.sum(axis=0))[::-1]
    if not most.any():
        return 0.0
    return float(np.argmax(np.cumsum(most) >= (1 - eta) * most.sum() - 1e-9) + 1) / len(most)


def corrected_error(alpha: float, disagreement: float, overruled: float) -> float:
    """err(f, y | S) = err(f, label | S) + alpha (1 - 2 overruled), exactly.

    `overruled` is the share of bad labels against which the student is right. A lower bound of it makes an
    upper bound of the error: the first step of Theorem 4.1.
    """
    return disagreement + alpha * (1 - 2 * overruled)


def correction_bound(alpha: float, c: float, disagreement: float, unstable: float = 0.0) -> float:
    """The bound of Theorem 4.1 on the student's error where its supervisor speaks.

        err(f, y | S) <= 2 alpha / (1 - 2 alpha) unstable + disagreement + alpha (1 - 3c/2)

    It holds for a student whose right and robust answers on good labels expand by c to the bad ones, if
    `correction_applies`. `unstable`: P(not robust | S). Raises ValueError unless bad labels are a minority.
    """
    return 2 * alpha / (1 - 2 * _minority(alpha)) * unstable + disagreement + alpha * (1 - 1.5 * c)


def correction_applies(alpha: float, c: float, differs_or_unstable: float) -> bool:
    """Whether the condition of Theorem 4.1 holds.

    It is P(student differs from its label, or is not robust | S) <= (1 - alpha + 3 c alpha) / 4.
    """
    return bool(differs_or_unstable <= (1 - alpha + 3 * c * alpha) / 4 + 1e-12)


def coverage_bound(
    alpha: float, c: float, disagreement: float, unstable: float = 0.0, q: float = 0.0
) -> float:
    """The bound of Theorem 4.2 on the student's error where its supervisor is silent.

        err(f, y | T) <= (1 + alpha / (1 - 2 alpha)) unstable
                         + max(q, (disagreement - c alpha) / (c (1 - 2 alpha)))

    Sets of silent examples expand by c, those with wrong robust answers to good labels, those with right ones
    to bad labels. `disagreement` is on S, `unstable` is P(not robust | T). Infinite for c = 0. Raises
    ValueError unless bad labels are a minority.
    """
    rest = (disagreement - c * alpha) / (c * (1 - 2 * _minority(alpha))) if c > 0 else np.inf
    return float((1 + alpha / (1 - 2 * alpha)) * unstable + max(q, rest))


def correction(right, good, edges, eta: float = 0.0) -> dict[str, float]:
    """All that Theorem 4.1 speaks of, for one class where its supervisor speaks.

    `right`, `good` (n,) and `edges` (n, n) booleans. An answer is robust if at most `eta` of the neighbours
    across (good to bad, bad to good) get another one. Raises ValueError unless some labels are good and some
    bad.

        alpha, disagreement, overruled, error    as in `corrected_error`
        robust     share of good labels where the student is right and robust
        reach      of them
        c          reach / robust
        bound      `corrected_error` with `reach`, which holds for any graph
        theorem    Theorem 4.1, or 1, no promise, where it does not apply
    """
    right, good = np.asarray(right, bool), np.asarray(good, bool)
    edges = _edges(edges, (len(right), len(good)))
    if good.all() or not good.any():
        raise ValueError(
            "all labels are good, or all bad: there is nothing to correct, or nobody to learn it from"
        )
    robust = np.empty(len(good), bool)
    for side in (good, ~good):
        robust[side] = instability(edges[side][:, ~side], right[side], right[~side]) <= eta
    alpha, disagreement = float(np.mean(~good)), float(np.mean(right != good))
    expanding = (right & robust)[good]
    reached, share = reach(edges[good][:, ~good][expanding], eta), float(expanding.mean())
    c = _factor(reached, share) if share else 0.0
    applies = alpha < 0.5 and correction_applies(alpha, c, float(np.mean((right != good) | ~robust)))
    return {
        "eta": eta,
        "alpha": alpha,
        "disagreement": disagreement,
        "overruled": float(np.mean(right[~good])),
        "error": float(np.mean(~right)),
        "robust": share,
        "reach": reached,
        "c": c,
        "bound": corrected_error(alpha, disagreement, reached),
        "theorem": min(1.0, correction_bound(alpha, c, disagreement, float(np.mean(~robust))))
        if applies
        else 1.0,
    }


def coverage(right_silent, right, good, edges, eta: float = 0.0) -> dict[str, float]:
    """All that Theorem 4.2 speaks of, for one class.

    `right_silent` (t,) where the supervisor is silent, `right` and `good` (n,) where it speaks, `edges` (t,
    n) between them. Raises ValueError unless some labels are good and some bad.

        error       on the silent ones
        unstable    share of them that is not robust, towards good labels or bad ones
        c           the smaller of the two expansions, where there is a set that could expand
        theorem     Theorem 4.2, at most 1, and 1 where bad labels are no minority
    """
    silent, right, good = np.asarray(right_silent, bool), np.asarray(right, bool), np.asarray(good, bool)
    edges = _edges(edges, (len(silent), len(right)))
    if good.all() or not good.any():
        raise ValueError(
            "all labels are good, or all bad: "
            "Theorem 4.2 needs silent examples that have neighbours among both"
        )
    robust = np.ones(len(silent), bool)
    for side in (good, ~good):
        robust &= instability(edges[:, side], silent, right[side]) <= eta
    sets = ((~silent & robust, good), (silent & robust, ~good))
    c = min(
        (_factor(reach(edges[some][:, to], eta), float(some.mean())) for some, to in sets if some.any()),
        default=1.0,
    )
    alpha, disagreement = float(np.mean(~good)), float(np.mean(right != good))
    unstable = float(np.mean(~robust))
    bound = coverage_bound(alpha, c, disagreement, unstable) if alpha < 0.5 else 1.0
    return {
        "eta": eta,
        "error": float(np.mean(~silent)),
        "unstable": unstable,
        "c": c,
        "theorem": min(1.0, bound),
    }


def _factor(reached: float, share: float) -> float:
    return min(1.0, reached / share)  # who expands by more expands by 1


def _edges(edges, shape: tuple | None = None) -> np.ndarray:
    edges = np.asarray(edges, bool)
    if edges.ndim != 2 or shape not in (None, edges.shape):
        raise ValueError(f"edges: expected booleans of shape {shape or '(n, m)'}, got shape {edges.shape}")
    return edges


def _minority(alpha: float) -> float:
    if not 0 <= alpha < 0.5:
        raise ValueError(f"alpha: bad labels are a minority in these theorems, got a share of {alpha}")
    return alpha
