"""The losses against an implementation of their own in NumPy, and the properties they promise."""

import numpy as np
import pytest
import torch

from w2s_kit.methods.confidence import Confidence, top_half
from w2s_kit.methods.log_confidence import ReleasedConfidence, top_prior
from w2s_kit.methods.losses import LOSSES, get_loss
from w2s_kit.training.losses import cross_entropy


def batch(n=32, seed=0):
    rng = np.random.default_rng(seed)
    return torch.tensor(rng.normal(size=(n, 2)) * 2, requires_grad=True), torch.tensor(rng.uniform(size=n))


def oracle_xent(logits, w):
    z = logits - logits.max(axis=1, keepdims=True)
    log_f = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return np.mean([-(1 - t) * no - t * yes for (no, yes), t in zip(log_f, w)])


def oracle_probability(logits):
    e = np.exp(logits)
    return e[:, 1] / e.sum(axis=1)


def oracle_confidence(logits, w, fraction, alpha_max, warmup):
    f = oracle_probability(logits)
    ranks = sorted(range(len(f)), key=lambda i: f[i])
    hard = np.zeros(len(f))
    hard[ranks[-(len(f) // 2) :]] = 1
    a = alpha_max if fraction >= warmup else alpha_max * fraction / warmup
    return (1 - a) * oracle_xent(logits, w) + a * oracle_xent(logits, hard)


def oracle_released(logits, w, fraction, as_released):
    """openai/weak-to-strong's own steps, both columns written out."""
    p = np.stack([1 - oracle_probability(logits), oracle_probability(logits)], axis=1)
    coef = 0.5 * ((1.0 if fraction > 0.1 else fraction) if as_released else min(1.0, fraction / 0.1))
    threshold = np.quantile(p[:, 0], np.mean(w))
    hard = np.stack([p[:, 0] >= threshold, p[:, 0] < threshold], axis=1).astype(float)
    target = (1 - coef) * np.stack([1 - w, w], axis=1) + coef * hard
    return np.mean(-(target * np.log(p)).sum(axis=1))


@pytest.mark.parametrize("n", [32, 7, 2])
@pytest.mark.parametrize("fraction", [0.0, 0.05, 0.1, 0.15, 0.5, 1.0])
def test_agree_with_numpy(n, fraction):
    logits, w = batch(n, seed=n)
    z, t = logits.detach().numpy(), w.numpy()
    close = lambda loss, oracle: np.testing.assert_allclose(
        loss(logits, w, fraction).item(), oracle, rtol=1e-10
    )
    close(cross_entropy, oracle_xent(z, t))
    close(Confidence(0.75, 0.2), oracle_confidence(z, t, fraction, 0.75, 0.2))
    close(Confidence(0.5, 0.0), oracle_confidence(z, t, fraction, 0.5, 0.0))
    close(ReleasedConfidence(), oracle_released(z, t, fraction, False))
    close(ReleasedConfidence(as_released=True), oracle_released(z, t, fraction, True))


def test_alpha_zero_is_naive_to_the_last_bit():
    logits, w = batch()
    logits, w = logits.detach().float().requires_grad_(), w.float()
    for loss in (
        Confidence(alpha_max=0),
        ReleasedConfidence(aux_coef=0),
        ReleasedConfidence(aux_coef=0, as_released=True),
    ):
        for fraction in (0.0, 0.3, 1.0):
            ours, naive = loss(logits, w, fraction), cross_entropy(logits, w)
            assert torch.equal(ours, naive)
            assert torch.equal(*(torch.autograd.grad(x, logits)[0] for x in (ours, naive)))


def test_ramp_is_continuous_and_the_released_one_jumps():
    logits, w = batch()

    def largest_step(loss):
        values = np.array([loss(logits, w, s).item() for s in np.linspace(0, 1, 401)])
        return np.abs(np.diff(values)).max() / abs(values[-1] - values[0])

    assert largest_step(Confidence()) < 0.03
    assert largest_step(ReleasedConfidence()) < 0.03
    assert largest_step(ReleasedConfidence(as_released=True)) > 0.8


@pytest.mark.parametrize("n", [1, 2, 3, 31, 32])
def test_half_the_batch_is_above_the_threshold(n):
    logits, _ = batch(n, seed=n)
    assert top_half(logits).sum() == n // 2
    assert top_half(torch.zeros(n, 2)).sum() == n // 2, "ties too"
    assert top_half(logits + torch.tensor([0.0, 50.0])).sum() == n // 2, (
        "however sure the model is of one class"
    )


def test_released_threshold_follows_the_weak_labels():
    logits, _ = batch(1000)
    for prior in (0.2, 0.5, 0.7):
        assert top_prior(
            logits, torch.full((1000,), prior, dtype=logits.dtype)
        ).mean().item() == pytest.approx(prior, abs=2e-3)


@pytest.mark.parametrize("make", [Confidence, ReleasedConfidence])
def test_no_gradient_through_the_hardened_target(make):
    logits, w = batch()
    loss = make(0.5)
    (gradient,) = torch.autograd.grad(loss(logits, w, 1.0), logits)
    hard = top_half(logits) if make is Confidence else top_prior(logits, w)
    assert not hard.requires_grad
    mixed = 0.5 * w + 0.5 * hard
    # of CE with a constant target
    expected = (logits.softmax(1) - torch.stack([1 - mixed, mixed], 1)) / len(w)
    torch.testing.assert_close(gradient, expected.detach())


def test_bad_input():
    logits, w = batch(4)
    for value in (float("nan"), -0.1, 1.2):
        for name in LOSSES:
            with pytest.raises(ValueError, match="row 2"):
                get_loss(name)(logits, torch.tensor([0, 1, value, 1], dtype=w.dtype), 0.5)
    with pytest.raises(ValueError, match="lengths"):
        cross_entropy(logits, w[:3])
    with pytest.raises(ValueError, match="lengths"):
        cross_entropy(logits[:, :1], w)
    with pytest.raises(ValueError, match="confidence"):
        get_loss("confidense")
    with pytest.raises(ValueError, match="alpha_max"):
        Confidence(alpha_max=1.5)
    with pytest.raises(ValueError, match="warmup"):
        ReleasedConfidence(warmup=-1)
