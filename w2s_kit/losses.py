"""What a student minimises. Each loss is a function

    loss(logits, targets, step_fraction) -> scalar tensor

logits: (n, 2), column 1 is label 1; targets: (n,) soft labels, P(label 1); step_fraction: in [0, 1], the share of
training that is done. Where there are more than two answers, as among the legal moves of a chess position, both are
(n, answers). A loss sees the whole batch, so it may rank examples against each other. Notebook 03 derives the
confidence loss.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F

from .names import nearest

Loss = Callable[[torch.Tensor, torch.Tensor, float], torch.Tensor]


def cross_entropy(logits: torch.Tensor, targets: torch.Tensor, step_fraction: float = 0.0) -> torch.Tensor:
    """Mean over the batch of -[w log f + (1-w) log(1-f)], f = P(label 1), for soft labels w: the naive student's loss.
    Raises ValueError for targets outside [0, 1] and for lengths that differ."""
    _check(logits, targets)
    return _soft(logits, targets)


def likelihood(logits: torch.Tensor, targets: torch.Tensor, step_fraction: float = 0.0) -> torch.Tensor:
    """A language model's loss: mean over the batch of -sum(w log p). `logits` (n, time) are already log-probabilities, of
    each text's own tokens (see `writing`); `targets` (n, time) are their weights w, each row's 1 in all."""
    _check(logits, targets)
    return -(targets * logits).sum(dim=1).mean()


def confidence(alpha_max: float = 0.75, warmup: float = 0.2) -> Loss:
    """The paper's auxiliary confidence loss (Section 4.3, Appendix A.4): trust the supervisor less and yourself more.

        (1-a) CE(f, w) + a CE(f, h) = CE(f, (1-a) w + a h),    h = [f > t]

    `a` rises linearly from 0 to `alpha_max` over the first `warmup` of training. The threshold t puts exactly half
    of the batch above it, so that "always yes" is no way out: h is 1 for the floor(n/2) highest predictions. Ties go
    to the later row. Among more than two answers, h is the likeliest one. No gradient flows through h. alpha_max = 0
    is `cross_entropy`, to the last bit.
    """
    _check_ramp(alpha_max, warmup, "alpha_max")

    def loss(logits: torch.Tensor, targets: torch.Tensor, step_fraction: float) -> torch.Tensor:
        _check(logits, targets)
        a = alpha_max * _ramp(step_fraction, warmup)
        own = top_half(logits) if targets.ndim == 1 else F.one_hot(logits.detach().argmax(dim=1), logits.shape[1])
        return _soft(logits, (1 - a) * targets + a * own)

    loss.__name__ = f"confidence(alpha_max={alpha_max}, warmup={warmup})"
    return loss


def released_logconf(aux_coef: float = 0.5, warmup: float = 0.1, as_released: bool = False) -> Loss:
    """The confidence loss as openai/weak-to-strong wrote it (`logconf_loss_fn`). It differs from the paper's in
    three ways: `aux_coef` 0.5, a warm-up of 10 %, and a threshold that gives label 1 to as large a share of the
    batch as the weak labels do, instead of half.

    The released ramp forgets to divide by `warmup`, so that it creeps up to aux_coef * warmup and then jumps to
    aux_coef. Corrected here; `as_released=True` keeps the jump, for comparison.
    """
    _check_ramp(aux_coef, warmup, "aux_coef")

    def loss(logits: torch.Tensor, targets: torch.Tensor, step_fraction: float) -> torch.Tensor:
        _check(logits, targets)
        if targets.ndim == 2:
            raise ValueError("the released loss is for two answers only: it takes the share of label 1 in the batch; take `confidence`")
        released = 1.0 if step_fraction > warmup else step_fraction
        a = aux_coef * (released if as_released else _ramp(step_fraction, warmup))
        return _soft(logits, (1 - a) * targets + a * top_prior(logits, targets))

    loss.__name__ = f"released_logconf(aux_coef={aux_coef}, warmup={warmup}, as_released={as_released})"
    return loss


def top_half(logits: torch.Tensor) -> torch.Tensor:
    """Hardened predictions (n,): 1 for the floor(n/2) rows with the highest P(label 1), else 0. Carries no gradient."""
    odds = (logits[:, 1] - logits[:, 0]).detach()
    hard = torch.zeros_like(odds)
    hard[odds.argsort(stable=True)[len(odds) - len(odds) // 2:]] = 1
    return hard


def top_prior(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Hardened predictions (n,): 1 where P(label 0) is below its own quantile at the mean target. Carries no gradient."""
    p0 = logits.detach().softmax(dim=1)[:, 0]
    return (p0 < torch.quantile(p0, targets.mean())).to(targets.dtype)


LOSSES: dict[str, Callable[..., Loss]] = {  # name -> maker; keywords go to the maker
    "naive": lambda: cross_entropy,
    "xent": lambda: cross_entropy,  # its name in openai/weak-to-strong
    "confidence": confidence,
    "logconf": released_logconf,
    "logconf_as_released": lambda **kw: released_logconf(as_released=True, **kw),
}


def get_loss(name: str, **kw) -> Loss:
    """The loss called `name`, made with the keywords `kw`. Raises ValueError for an unknown name."""
    if name not in LOSSES:
        raise ValueError(nearest("loss", name, LOSSES))
    return LOSSES[name](**kw)


def _soft(logits, targets):
    return F.cross_entropy(logits, torch.stack([1 - targets, targets], dim=1) if targets.ndim == 1 else targets)


def _ramp(step_fraction: float, warmup: float) -> float:
    return min(1.0, step_fraction / warmup) if warmup else 1.0


def _check_ramp(weight: float, warmup: float, name: str) -> None:
    for key, value in ((name, weight), ("warmup", warmup)):
        if not 0 <= value <= 1:
            raise ValueError(f"{key} is a share, between 0 and 1, but got {value}")


def _check(logits, targets) -> None:
    two = logits.ndim == 2 and logits.shape[1] == 2 and targets.shape == logits.shape[:1]
    if not two and not (logits.ndim == 2 and targets.shape == logits.shape):
        shapes = f"{tuple(logits.shape)} and {tuple(targets.shape)}"
        raise ValueError(f"expected logits (n, 2) and targets (n,), or both (n, answers), got {shapes}: lengths must agree")
    # On a GPU, looking at the values would make every step wait for the device; `finetune` has checked them by then.
    if targets.device.type == "cpu":
        low, high = targets.aminmax()  # NaN if any is NaN
        if not (low >= 0 and high <= 1):
            where = tuple((~((targets >= 0) & (targets <= 1))).nonzero()[0].tolist())
            raise ValueError(f"targets: row {where[0]} is {targets[where]:g}, but a soft label is a probability, in [0, 1]")
