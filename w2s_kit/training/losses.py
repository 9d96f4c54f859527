"""What a student minimises. Each loss is a function

    loss(logits, targets, step_fraction) -> scalar tensor

logits: (n, 2), column 1 is label 1; targets: (n,) soft labels, P(label 1); step_fraction: in [0, 1], the
share of training that is done. Where there are more than two answers, as among the legal moves of a chess
position, both are (n, answers). A loss sees the whole batch, so it may rank examples against each other.
Notebook 03 derives the confidence loss.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F

from ..shared.names import nearest

Loss = Callable[[torch.Tensor, torch.Tensor, float], torch.Tensor]


def cross_entropy(logits: torch.Tensor, targets: torch.Tensor, step_fraction: float = 0.0) -> torch.Tensor:
    """Mean over the batch of -[w log f + (1-w) log(1-f)], f = P(label 1), for soft labels w: the naive
    student's loss. Raises ValueError for targets outside [0, 1] and for lengths that differ.
    """
    _check(logits, targets)
    return _soft(logits, targets)


def weighted_cross_entropy(
    logits: torch.Tensor, targets: torch.Tensor, step_fraction: float = 0.0
) -> torch.Tensor:
    """Mean over the batch of weight times cross-entropy to a hard label y; a target is both in one number,
    0.5 + weight (y - 0.5). So 1 is label 1 with all its weight, 0.6 label 1 with a fifth of it. Where all
    weights are 1 this is `cross_entropy`. Raises ValueError as that, and for more than two answers.
    """
    _check(logits, targets)
    if targets.ndim == 2:
        raise ValueError("a target holds a weight where there are two answers only")
    signed = 2 * targets - 1
    chosen = F.log_softmax(logits, dim=1).gather(1, (signed > 0).long()[:, None])[:, 0]
    return -(signed.abs() * chosen).mean()


def likelihood(logits: torch.Tensor, targets: torch.Tensor, step_fraction: float = 0.0) -> torch.Tensor:
    """A language model's loss: mean over the batch of -sum(w log p). `logits` (n, time) are already
    log-probabilities, of each text's own tokens (see `writing`); `targets` (n, time) are their weights w,
    each row's 1 in all.
    """
    _check(logits, targets)
    return -(targets * logits).sum(dim=1).mean()


def confidence(alpha_max: float = 0.75, warmup: float = 0.2) -> Loss:
    """The paper's auxiliary confidence loss (Section 4.3, Appendix A.4): trust the supervisor less and
    yourself more.

        (1-a) CE(f, w) + a CE(f, h) = CE(f, (1-a) w + a h),    h = [f > t]

    `a` rises linearly from 0 to `alpha_max` over the first `warmup` of training. The threshold t puts exactly
    half of the batch above it, so that "always yes" is no way out: h is 1 for the floor(n/2) highest
    predictions. Ties go to the later row. Among more than two answers, h is the likeliest one. No gradient
    flows through h. alpha_max = 0 is `cross_entropy`, to the last bit.
    """
    _check_ramp(alpha_max, warmup, "alpha_max")

    def loss(logits: torch.Tensor, targets: torch.Tensor, step_fraction: float) -> torch.Tensor:
        _check(logits, targets)
        a = alpha_max * _ramp(step_fraction, warmup)
        own = (
            top_half(logits)
            if targets.ndim == 1
            else F.one_hot(logits.detach().argmax(dim=1), logits.shape[1])
        )
        return _soft(logits, (1 - a) * targets + a * own)

    loss.__name__ = f"confidence(alpha_max={alpha_max}, warmup={warmup})"
    return loss


def released_logconf(aux_coef: float = 0.5, warmup: float = 0.1, as_released: bool = False) -> Loss:
    """The confidence loss as openai/weak-to-strong wrote it (`logconf_loss_fn`). It differs from the paper's
    in three ways: `aux_coef` 0.5, a warm-up of 10 %, and a threshold that gives label 1 to as large a share
    of the batch as the weak labels do, instead of half.

    The released ramp forgets to divide by `warmup`, so that it creeps up to aux_coef * warmup and then jumps
    to aux_coef. Corrected here; `as_released=True` keeps the jump, for comparison.
    """
    _check_ramp(aux_coef, warmup, "aux_coef")

    def loss(logits: torch.Tensor, targets: torch.Tensor, step_fraction: float) -> torch.Tensor:
        _check(logits, targets)
        if targets.ndim == 2:
            raise ValueError(
                "the released loss is for two answers only: it takes the share of label 1 in the batch; take `confidence`"
            )
        released = 1.0 if step_fraction > warmup else step_fraction
        a = aux_coef * (released if as_released else _ramp(step_fraction, warmup))
        return _soft(logits, (1 - a) * targets + a * top_prior(logits, targets))

    loss.__name__ = f"released_logconf(aux_coef={aux_coef}, warmup={warmup}, as_released={as_released})"
    return loss


def entropy(weight: float = 0.5, warmup: float = 0.2, as_released: bool = False) -> Loss:
    """Be sure of something (Grandvalet and Bengio 2004; loss "entropy" of EleutherAI's w2s): the confidence
    loss with the student's own prediction p left soft in place of hardened.

        (1-a) CE(f, w) + a H(p),    H(p) = CE(p, p),    d H / d logit = -logit p (1-p): away from 0.5

    `a` rises linearly from 0 to `weight` over the first `warmup` of training; w2s has 100 of its 470 steps.
    w2s lets no gradient flow through the p that stands for the target. What is left is (1-a) times the
    gradient of cross-entropy, and Adam divides a constant factor out again: a naive student.
    `as_released=True` does that, for comparison. weight = 0 is `cross_entropy`, to the last bit. Any number
    of answers.
    """
    _check_ramp(weight, warmup, "weight")

    def loss(logits: torch.Tensor, targets: torch.Tensor, step_fraction: float) -> torch.Tensor:
        _check(logits, targets)
        a, own = weight * _ramp(step_fraction, warmup), logits.softmax(dim=1)
        return _soft(logits, (1 - a) * _columns(targets) + a * (own.detach() if as_released else own))

    loss.__name__ = f"entropy(weight={weight}, warmup={warmup}, as_released={as_released})"
    return loss


def log_confidence(
    weight: float = 0.5, warmup: float = 0.2, prior: float | None = 0.5, balance: bool = False
) -> Loss:
    """The confidence loss as EleutherAI's w2s has it ("logconf").

        CE(f, (1-a) w + a h),    h = [P(label 0) < t],    t = quantile of P(label 0) at `prior`

    `a` rises as in `entropy`. w2s takes t from its last 32 predictions, one batch of gradient accumulation;
    here it is the batch's own quantile, without a memory of earlier batches. `prior`: the share of label 1 in
    h. The blog post's runs, one example at a time, used 0.5, the median; None is the mean weak label of the
    batch, as w2s does with more at a time. `balance` first moves the log-odds of the batch's weak labels to
    mean 0, and the prior to 0.5. No gradient flows through h. weight = 0 without balance is `cross_entropy`,
    to the last bit. Two answers only.
    """
    _check_ramp(weight, warmup, "weight")
    if prior is not None and not 0 <= prior <= 1:
        raise ValueError(
            f"prior is a share of label 1, between 0 and 1, or None for that of the weak labels, but got {prior}"
        )

    def loss(logits: torch.Tensor, targets: torch.Tensor, step_fraction: float) -> torch.Tensor:
        _check(logits, targets)
        _check_two(targets, "log_confidence")
        if balance:
            odds = targets.logit(eps=1e-6)
            targets = (odds - odds.mean()).sigmoid()
        a, share = weight * _ramp(step_fraction, warmup), 0.5 if balance else prior
        own = top_prior(logits, targets if share is None else torch.full_like(targets, share))
        return _soft(logits, (1 - a) * targets + a * own)

    loss.__name__ = f"log_confidence(weight={weight}, warmup={warmup}, prior={prior}, balance={balance})"
    return loss


def window(radius: float = 0.15) -> Loss:
    """Learn only where you are unsure (loss "window" of EleutherAI's w2s): cross-entropy of the rows with
    max(p, 1-p) < 0.5 + `radius`, summed and divided by the size of the whole batch. The others have no
    gradient. A radius above 0.5 is `cross_entropy`. Two answers only.
    """
    if not radius > 0:
        raise ValueError(f"radius is a distance from 0.5, above 0, but got {radius}: no example would count")

    def loss(logits: torch.Tensor, targets: torch.Tensor, step_fraction: float) -> torch.Tensor:
        _check(logits, targets)
        _check_two(targets, "window")
        unsure = logits.detach().softmax(dim=1).amax(dim=1) < 0.5 + radius
        return (F.cross_entropy(logits, _columns(targets), reduction="none") * unsure).mean()

    loss.__name__ = f"window(radius={radius})"
    return loss


def kl() -> Loss:
    """Mean over the batch of KL(w || f) = CE(f, w) - H(w) (loss "kl" of EleutherAI's w2s). What is taken off,
    the entropy of the soft labels, does not depend on the student: the gradient is cross-entropy's, and so is
    the student. Only the loss reads differently: it is 0 where the student says what the labels say. Any
    number of answers.
    """

    def loss(logits: torch.Tensor, targets: torch.Tensor, step_fraction: float) -> torch.Tensor:
        _check(logits, targets)
        return F.kl_div(logits.log_softmax(dim=1), _columns(targets), reduction="batchmean")

    loss.__name__ = "kl()"
    return loss


def product(alpha: float = 1.0, beta: float = 1.0) -> Loss:
    """Cross-entropy on the product of both opinions (`product_loss_fn` of openai/weak-to-strong).

        CE(f, q),    q = w^alpha p^beta / sum over answers,    which for two answers is    logit q = alpha
        logit w + beta logit p

    p is the student's own prediction, without a gradient. With beta = 1, q is beyond p on the weak label's
    side of it, however far p is there already, so that probabilities go to 0 and 1; a weak label of 0.5 has
    no pull. A hard label is its own q. beta = 0 with alpha = 1 is `cross_entropy`. The released code has a
    warm-up that it never uses; here is none.
    """
    for name, value in (("alpha", alpha), ("beta", beta)):
        if not 0 <= value < float("inf"):
            raise ValueError(f"{name} is an exponent, at least 0, but got {value}")

    def loss(logits: torch.Tensor, targets: torch.Tensor, step_fraction: float) -> torch.Tensor:
        _check(logits, targets)
        powers = beta * logits.detach().log_softmax(dim=1)
        if alpha:  # 0 times the logarithm of 0 is no number
            powers = powers + alpha * _columns(targets).log()
        return _soft(logits, powers.softmax(dim=1))

    loss.__name__ = f"product(alpha={alpha}, beta={beta})"
    return loss


def adaptive(tau: float = 0.5, trust_self: bool = False, as_released: bool = False) -> Loss:
    """Confidence with a weight of its own for each example (AdaptConf of ggjy/vision_weak_to_strong,
    2402.03749).

        (1-a) CE(f, w) + a CE(f, h),    a = exp(CE(f, h) / tau) / (exp(CE(f, h) / tau) + exp(CE(f, v) / tau))

    h is the student's hard answer, v the supervisor's; no gradient flows through a or h. Where the two agree,
    a is 1/2. Where they do not, a = 1 / (1 + o^(1/tau)) for odds o of h against v: the surer the student is,
    the *less* it listens to itself. `trust_self` turns the sign, a = 1 / (1 + o^(-1/tau)).

    As in `confidence`, h is 1 for half of the batch. `as_released` takes the likelier answer: among two, and
    from a head without an opinion, its own first answer is then half of what the student hears, to every
    question, and it never gets away from it. Among more than two answers, h is the likeliest one in any case.
    """
    if not 0 < tau < float("inf"):
        raise ValueError(f"tau is a temperature, above 0, but got {tau}")

    def loss(logits: torch.Tensor, targets: torch.Tensor, step_fraction: float) -> torch.Tensor:
        _check(logits, targets)
        soft, log_p = _columns(targets), logits.detach().log_softmax(dim=1)
        own = log_p.argmax(dim=1) if as_released or targets.ndim == 2 else top_half(logits).long()
        # logarithms
        odds = (log_p.gather(1, own[:, None]) - log_p.gather(1, soft.argmax(dim=1, keepdim=True))) / tau
        a = torch.sigmoid(odds if trust_self else -odds)
        return _soft(logits, (1 - a) * soft + a * F.one_hot(own, logits.shape[1]))

    loss.__name__ = f"adaptive(tau={tau}, trust_self={trust_self}, as_released={as_released})"
    return loss


def top_half(logits: torch.Tensor) -> torch.Tensor:
    """Hardened predictions (n,): 1 for the floor(n/2) rows with the highest P(label 1), else 0. Carries no
    gradient.
    """
    odds = (logits[:, 1] - logits[:, 0]).detach()
    hard = torch.zeros_like(odds)
    hard[odds.argsort(stable=True)[len(odds) - len(odds) // 2 :]] = 1
    return hard


def top_prior(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Hardened predictions (n,): 1 where P(label 0) is below its own quantile at the mean target. Carries no
    gradient.
    """
    p0 = logits.detach().softmax(dim=1)[:, 0]
    return (p0 < torch.quantile(p0, targets.mean())).to(targets.dtype)


LOSSES: dict[str, Callable[..., Loss]] = {  # name -> maker; keywords go to the maker
    "naive": lambda: cross_entropy,
    "xent": lambda: cross_entropy,  # its name in openai/weak-to-strong
    "confidence": confidence,
    "logconf": released_logconf,
    "logconf_as_released": lambda **kw: released_logconf(as_released=True, **kw),
    "entropy": entropy,
    "log_confidence": log_confidence,  # EleutherAI's; "logconf" is OpenAI's
    "window": window,
    "kl": kl,
    "product": product,
    "adaptive": adaptive,
}


def get_loss(name: str, **kw) -> Loss:
    """The loss called `name`, made with the keywords `kw`. Raises ValueError for an unknown name."""
    if name not in LOSSES:
        raise ValueError(nearest("loss", name, LOSSES))
    return LOSSES[name](**kw)


def _soft(logits, targets):
    return F.cross_entropy(logits, _columns(targets))


def _columns(targets):
    """(n, answers), of P(label 1) or of what has that shape already."""
    return torch.stack([1 - targets, targets], dim=1) if targets.ndim == 1 else targets


def _ramp(step_fraction: float, warmup: float) -> float:
    return min(1.0, step_fraction / warmup) if warmup else 1.0


def _check_ramp(weight: float, warmup: float, name: str) -> None:
    for key, value in ((name, weight), ("warmup", warmup)):
        if not 0 <= value <= 1:
            raise ValueError(f"{key} is a share, between 0 and 1, but got {value}")


def _check_two(targets, name: str) -> None:
    if targets.ndim == 2:
        raise ValueError(
            f"{name} is for two answers only: its threshold is one of P(label 1); take `confidence` or `entropy`"
        )


def _check(logits, targets) -> None:
    two = logits.ndim == 2 and logits.shape[1] == 2 and targets.shape == logits.shape[:1]
    if not two and not (logits.ndim == 2 and targets.shape == logits.shape):
        shapes = f"{tuple(logits.shape)} and {tuple(targets.shape)}"
        raise ValueError(
            f"expected logits (n, 2) and targets (n,), or both (n, answers), got {shapes}: lengths must agree"
        )
    # On a GPU, looking at the values would make every step wait for the device; `finetune` has checked them
    # by then.
    if targets.device.type == "cpu":
        low, high = targets.aminmax()  # NaN if any is NaN
        if not (low >= 0 and high <= 1):
            where = tuple((~((targets >= 0) & (targets <= 1))).nonzero()[0].tolist())
            raise ValueError(
                f"targets: row {where[0]} is {targets[where]:g}, but a soft label is a probability, in [0, 1]"
            )
