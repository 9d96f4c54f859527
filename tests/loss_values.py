"""A loss at fixed predictions: its value and its slope."""

import math

import torch

from w2s_kit.methods.entropy import Entropy
from w2s_kit.methods.kl import KL
from w2s_kit.methods.log_confidence import LogConfidence
from w2s_kit.methods.product import Product
from w2s_kit.methods.window import Window
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.device import pick_device

CPU, CONFIG = pick_device("cpu"), TrainConfig(lr=0.02)
P = [0.9, 0.62, 0.3, 0.45, 0.07, 0.55]  # what the student says
W = [0.2, 0.8, 0.1, 0.5, 0.4, 0.95]  # and its supervisor
MAKERS = {
    "entropy": Entropy,
    "log_confidence": LogConfidence,
    "window": Window,
    "kl": KL,
    "product": Product,
}


def student_of(p, shift=0.7):
    """Logits with these P(label 1)."""
    return torch.tensor(
        [[math.log(1 - x) + shift, math.log(x) + shift] for x in p], dtype=torch.double, requires_grad=True
    )


def ce(p, w):
    return -sum(t * math.log(q) + (1 - t) * math.log(1 - q) for q, t in zip(p, w)) / len(p)


def value_and_slope(loss, p=P, w=W, fraction=1.0):
    """The loss, and its gradient by the logit of label 1; by that of label 0 it must be the opposite."""
    logits = student_of(p)
    value = loss(logits, torch.tensor(w, dtype=torch.double), fraction)
    (slope,) = torch.autograd.grad(value, logits)
    torch.testing.assert_close(slope[:, 0], -slope[:, 1])
    return value.item(), slope[:, 1].numpy()
