"""What a student learns from: labels, checked before training."""

from __future__ import annotations

import numpy as np


def check_targets(
    targets, n: int, name: str = "targets", constant: bool = False, choices: bool = False
) -> np.ndarray:
    """`targets` as float32, (n,) or with `choices` (n, answers).

    name: what messages call them. constant: they may all be the same. Raises ValueError that names the row,
    and what to do about it.
    """
    array = np.asarray(targets, dtype=np.float32)
    if choices:
        if array.ndim != 2 or len(array) != n:
            raise ValueError(
                f"{name}: expected one distribution over answers a text, shape ({n}, answers), "
                f"got shape {array.shape}"
            )
        bad = np.flatnonzero(~((array >= 0).all(axis=1) & (np.abs(array.sum(axis=1) - 1) < 1e-3)))
        if bad.size:
            raise ValueError(
                f"{name}: row {bad[0]} is no distribution (its sum is {array[bad[0]].sum():g}); "
                f"{bad.size} row(s) to drop or mend"
            )
        return array
    if array.shape != (n,):
        raise ValueError(f"{name}: expected one P(label 1) a text, shape ({n},), got shape {array.shape}")
    bad = np.flatnonzero(~((array >= 0) & (array <= 1)))
    if bad.size:
        raise ValueError(
            f"{name}: row {bad[0]} is {array[bad[0]]:g}, but a soft label is a probability, in [0, 1]; "
            f"{bad.size} row(s) to drop or mend"
        )
    # soft labels on one side of 0.5 still say which are likelier
    if not constant and n and array.min() == array.max():
        raise ValueError(
            f"{name}: all {n} rows, from row 0 on, are {array[0]:g}: one class only, "
            "so nothing can be learned; balance the data, or look at the supervisor that wrote these labels"
        )
    return array


def changed(weak_labels, labels, kept=slice(None)) -> dict[str, int]:
    """What `History.labels` tells of a method that teaches other labels than it was given.

    weak_labels, labels: P(label 1) before and after, (n,) each. kept: the rows that are taught; all. "given"
    labels there were, "kept" of them are taught, and of these "changed" have another answer than before.
    """
    before, after = (np.asarray(one, float) > 0.5 for one in (weak_labels, labels))
    turned = (before != after)[kept]
    return {"given": len(before), "kept": len(turned), "changed": int(turned.sum())}
