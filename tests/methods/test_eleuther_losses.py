"""Losses of EleutherAI's study against closed forms and the promises of their docstrings."""

import math

import numpy as np
import pytest
import torch
from loss_values import CONFIG, CPU, MAKERS, P, W, ce, student_of, value_and_slope
from tiny import Tiny, data

from w2s_kit.methods.entropy import Entropy
from w2s_kit.methods.kl import KL
from w2s_kit.methods.log_confidence import LogConfidence
from w2s_kit.methods.losses import get_loss
from w2s_kit.methods.product import Product
from w2s_kit.methods.window import Window
from w2s_kit.training import gradients, losses
from w2s_kit.training.batches import Batch, encode
from w2s_kit.training.checkpoints import identify


def agrees(loss, value, slope, **kw):
    found = value_and_slope(loss, **kw)
    assert found[0] == pytest.approx(value, rel=1e-9)
    np.testing.assert_allclose(found[1], slope, atol=1e-12)


@pytest.mark.parametrize("fraction, a", [(0.0, 0.0), (0.1, 0.2), (0.25, 0.4), (1.0, 0.4)])
def test_entropy(fraction, a):
    p, w = np.array(P), np.array(W)
    value = (1 - a) * ce(P, W) + a * ce(P, P)
    toward_labels, away_from_half = p - w, -np.log(p / (1 - p)) * p * (1 - p)
    agrees(Entropy(0.4, 0.2), value, ((1 - a) * toward_labels + a * away_from_half) / 6, fraction=fraction)
    agrees(Entropy(0.4, 0.2, as_released=True), value, (1 - a) * toward_labels / 6, fraction=fraction)


def test_entropy_pushes_away_from_a_half_where_the_labels_are_silent():
    slope = value_and_slope(Entropy(1.0, 0.0))[1]  # the descent is the other way
    assert (np.sign(-slope) == np.sign(np.array(P) - 0.5)).all()
    still = value_and_slope(Entropy(1.0, 0.0, as_released=True))[1]
    np.testing.assert_allclose(still, 0, atol=1e-15, err_msg="w2s's own has no such push")


def test_log_confidence():
    p, w = np.array(P), np.array(W)
    median = np.array([1, 1, 0, 0, 0, 1])  # 0.9, 0.62 and 0.55 are the upper half
    for fraction, a in ((0.0, 0.0), (0.1, 0.3), (1.0, 0.6)):
        target = (1 - a) * w + a * median
        agrees(LogConfidence(0.6, 0.2), ce(P, target), (p - target) / 6, fraction=fraction)
    third = 0.5 * w + 0.5 * np.array([1, 1, 0, 0, 0, 0])  # prior 1/3
    agrees(LogConfidence(prior=1 / 3), ce(P, third), (p - third) / 6)
    low = [0.1, 0.4, 0.3, 0.35, 0.4, 0.45]  # mean label 1/3: None takes it from there
    third = 0.5 * np.array(low) + 0.5 * np.array([1, 1, 0, 0, 0, 0])
    agrees(LogConfidence(prior=None), ce(P, third), (p - third) / 6, w=low)
    odds = np.log(np.array(low) / (1 - np.array(low)))
    target = 0.5 / (1 + np.exp(odds.mean() - odds)) + 0.5 * median
    agrees(LogConfidence(prior=0.1, balance=True), ce(P, target), (p - target) / 6, w=low)


def test_window():
    p, w = np.array(P), np.array(W)
    unsure = np.array([0, 1, 0, 1, 0, 1])  # within 0.15 of a half
    rows = [ce([q], [t]) for q, t in zip(P, W)]
    agrees(Window(0.15), np.dot(unsure, rows) / 6, unsure * (p - w) / 6)
    agrees(Window(0.41), sum(rows[:4] + rows[5:]) / 6, np.array([1, 1, 1, 1, 0, 1]) * (p - w) / 6)
    agrees(Window(0.01), 0.0, np.zeros(6))


def test_kl_has_the_gradient_of_cross_entropy():
    agrees(KL(), ce(P, W) - ce(W, W), (np.array(P) - np.array(W)) / 6)
    agrees(KL(), 0.0, np.zeros(6), w=P)
    hard = [0.0, 1.0, 0.0, 1.0, 1.0, 0.0]
    agrees(KL(), ce(P, hard), (np.array(P) - hard) / 6, w=hard)
    for w in (W, hard):
        np.testing.assert_allclose(
            value_and_slope(KL(), w=w)[1], value_and_slope(losses.cross_entropy, w=w)[1], atol=1e-12
        )


@pytest.mark.parametrize("alpha, beta", [(1, 1), (0.5, 2), (0, 2), (2, 0)])
def test_product(alpha, beta):
    p, w = np.array(P), np.array(W)
    yes, no = w**alpha * p**beta, (1 - w) ** alpha * (1 - p) ** beta
    q = yes / (yes + no)
    agrees(Product(alpha, beta), ce(P, q), (p - q) / 6)


def test_product_goes_on_where_the_student_is_surer_already():
    p, w = [0.95, 0.05, 0.6, 0.6, 0.6], [0.7, 0.3, 0.4, 0.5, 1.0]
    slope = -value_and_slope(Product(), p, w)[1]
    np.testing.assert_array_equal(np.sign(slope.round(12)), [1, -1, -1, 0, 1])
    naive = -value_and_slope(losses.cross_entropy, p, w)[1]
    assert naive[0] < 0 < slope[0] and slope[4] == pytest.approx(naive[4]), "a hard label is its own product"
    # alpha = 0: hard labels are not heard either
    agrees(Product(0), ce(P, P), np.zeros(6), w=[0.0, 1.0] * 3)
    far = torch.tensor([[0.0, -200.0]], requires_grad=True)  # a probability below float32's least
    assert Product()(far, torch.tensor([1.0]), 1.0).item() == pytest.approx(200)


def test_without_their_weight_they_are_cross_entropy():
    rng = np.random.default_rng(0)
    logits, w = (
        torch.tensor(rng.normal(size=(32, 2)) * 2, dtype=torch.float32, requires_grad=True),
        torch.tensor(rng.random(32), dtype=torch.float32),
    )
    exact = [
        Entropy(0),
        Entropy(0, as_released=True),
        LogConfidence(0),
        LogConfidence(0, prior=None),
    ]
    for loss in [*exact, Window(math.inf), Window(0.51), Product(1, 0)]:
        ours, naive = loss(logits, w, 1.0), losses.cross_entropy(logits, w)
        slopes = [torch.autograd.grad(x, logits)[0] for x in (ours, naive)]
        torch.testing.assert_close(ours, naive)
        torch.testing.assert_close(*slopes)
        if loss in exact:
            assert torch.equal(ours, naive) and torch.equal(*slopes)


@pytest.mark.parametrize("name", ["entropy", "kl", "product"])
def test_many_answers(name):
    """With two of them it is the same; an example with fewer than the batch, whose last logits are -1e9,
    changes nothing.
    """
    loss, logits, w = get_loss(name), student_of(P), torch.tensor(W, dtype=torch.double)
    two = torch.stack([1 - w, w], dim=1)
    torch.testing.assert_close(loss(logits, two, 1.0), loss(logits, w, 1.0))
    wide = torch.cat([logits, torch.full((6, 1), -1e9, dtype=torch.double)], dim=1)
    value = loss(wide, torch.cat([two, torch.zeros(6, 1, dtype=torch.double)], dim=1), 1.0)
    torch.testing.assert_close(value, loss(logits, w, 1.0))
    torch.testing.assert_close(
        torch.autograd.grad(value, logits)[0], torch.autograd.grad(loss(logits, w, 1.0), logits)[0]
    )


@pytest.mark.parametrize("name", MAKERS)
def test_a_batch_in_parts_gives_the_batchs_own_gradient(name):
    texts, targets = data(32)
    rows, w = encode(Tiny(), texts, CPU.device), torch.from_numpy(targets)
    scaler = torch.amp.GradScaler("cpu", enabled=False)

    def gradient(budget):
        model = Tiny()
        batch = Batch(rows.sizes, rows.ids, rows.lengths, w)
        value = gradients.gradients(model, get_loss(name), batch, 1.0, CPU, scaler, budget)
        return [value, *(p.grad for p in model.parameters())]

    for budget in (1, 100):
        for whole, parts in zip(gradient(10_000), gradient(budget)):
            torch.testing.assert_close(parts, whole, atol=1e-6, rtol=0)


def test_losses_have_an_identity_and_check_their_settings():
    made = [
        Entropy(),
        Entropy(0.4),
        Entropy(as_released=True),
        LogConfidence(),
        LogConfidence(prior=None),
        LogConfidence(balance=True),
        Window(),
        Window(0.2),
        KL(),
        Product(),
        Product(2),
        Product(1, 2),
    ]
    assert len({identify(CONFIG, loss, {}) for loss in made}) == len(made)
    for name, make in MAKERS.items():
        assert identify(CONFIG, make(), {}) == identify(CONFIG, get_loss(name), {})
    for make, message in [
        (lambda: Entropy(1.2), "weight"),
        (lambda: LogConfidence(warmup=-1), "warmup"),
        (lambda: Window(0), "radius"),
        (lambda: Window(math.nan), "radius"),
        (lambda: Product(-1), "alpha"),
        (lambda: Product(1, math.inf), "beta"),
        (lambda: LogConfidence(prior=2), "prior"),
    ]:
        with pytest.raises(ValueError, match=message):
            make()
    for loss in (Window(), LogConfidence()):
        with pytest.raises(ValueError, match="two answers only"):
            loss(torch.zeros(2, 3), torch.full((2, 3), 1 / 3), 0.5)
