"""What a student minimises: the naive loss, and what others are made of.

A loss is called as

    loss(logits, targets, step_fraction) -> scalar tensor

logits: (n, 2), column 1 is label 1; targets: (n,) soft labels, P(label 1); step_fraction: in [0, 1], the
share of training that is done. Where there are more than two answers, as among the legal moves of a chess
position, both are (n, answers). A loss sees the whole batch, so it may rank examples against each other.

A method's own loss stands in the method's file (`w2s_kit/methods/confidence.py`). A loss with options is a
frozen dataclass, so that its repr names it.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F

Loss = Callable[[torch.Tensor, torch.Tensor, float], torch.Tensor]  #: (logits, targets, step_fraction).


def cross_entropy(logits: torch.Tensor, targets: torch.Tensor, step_fraction: float = 0.0) -> torch.Tensor:
    """Mean over the batch of -[w log f + (1-w) log(1-f)], f = P(label 1), for soft labels w.

    The naive student's loss (Section 4.1). Raises ValueError for targets outside [0, 1] and for lengths that
    differ.
    """
    check(logits, targets)
    return soft(logits, targets)


def likelihood(logits: torch.Tensor, targets: torch.Tensor, step_fraction: float = 0.0) -> torch.Tensor:
    """A language model's loss: mean over the batch of -sum(w log p).

    logits: (n, time), log-probabilities of each text's own tokens already (see `models.writer`).
    targets: (n, time), their weights w, which are 1 in all in each row.
    """
    check(logits, targets)
    return -(targets * logits).sum(dim=1).mean()


def soft(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Cross-entropy to `targets` of either shape, without checks."""
    return F.cross_entropy(logits, columns(targets))


def columns(targets: torch.Tensor) -> torch.Tensor:
    """Targets as (n, answers), of P(label 1), (n,), or of what has that shape already."""
    return torch.stack([1 - targets, targets], dim=1) if targets.ndim == 1 else targets


def ramp(step_fraction: float, warmup: float) -> float:
    """From 0 to 1 over the first `warmup` of training, then 1."""
    return min(1.0, step_fraction / warmup) if warmup else 1.0


def check_shares(**shares: float) -> None:
    """Raises ValueError for the first of `shares` that is not between 0 and 1."""
    for name, value in shares.items():
        if not 0 <= value <= 1:
            raise ValueError(f"{name} is a share, between 0 and 1, but got {value}")


def check_two(targets: torch.Tensor, name: str) -> None:
    """Raises ValueError where there are more than two answers."""
    if targets.ndim == 2:
        raise ValueError(
            f"{name} is for two answers only: its threshold is one of P(label 1); take `confidence` or "
            "`entropy`"
        )


def check(logits: torch.Tensor, targets: torch.Tensor) -> None:
    """Raises ValueError for shapes that do not fit, and on a CPU for targets outside [0, 1]."""
    two = logits.ndim == 2 and logits.shape[1] == 2 and targets.shape == logits.shape[:1]
    if not two and not (logits.ndim == 2 and targets.shape == logits.shape):
        shapes = f"{tuple(logits.shape)} and {tuple(targets.shape)}"
        raise ValueError(
            f"expected logits (n, 2) and targets (n,), or both (n, answers), got {shapes}: lengths must agree"
        )
    # On a GPU, looking at the values would make every step wait for the device. `finetune` has checked them.
    if targets.device.type == "cpu":
        low, high = targets.aminmax()  # NaN if any is NaN
        if not (low >= 0 and high <= 1):
            where = tuple((~((targets >= 0) & (targets <= 1))).nonzero()[0].tolist())
            raise ValueError(
                f"targets: row {where[0]} is {targets[where]:g}, but a soft label is a probability, in [0, 1]"
            )
