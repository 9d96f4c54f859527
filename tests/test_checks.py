"""The exercises' checks accept right answers and catch plausible wrong ones."""

import numpy as np
import pytest
import torch

from w2s_kit import checks


def test_pgr(capsys):
    checks.check_pgr(lambda w, s, c: (s - w) / (c - w))
    assert "Right" in capsys.readouterr().out
    with pytest.raises(AssertionError, match="share of the way"):
        checks.check_pgr(lambda w, s, c: s / c)
    with pytest.raises(AssertionError, match="return a number"):
        checks.check_pgr(lambda w, s, c: None)


def test_harden():
    checks.check_harden(lambda p: (p > 0.5).astype(int))
    with pytest.raises(AssertionError, match="likelier class"):
        checks.check_harden(np.ceil)
    with pytest.raises(AssertionError, match="shape"):
        checks.check_harden(lambda p: p[:2])


def test_agreement():
    checks.check_agreement(lambda s, w, y: (s == w)[w != y].mean())
    with pytest.raises(AssertionError, match="supervisor is wrong"):
        checks.check_agreement(lambda s, w, y: (s == w).mean())


def test_confidence_loss():
    def right(logits, targets, alpha, detach=True):
        odds = logits[:, 1] - logits[:, 0]
        hard = (odds > odds.median()).float() if detach else torch.sigmoid(50 * (odds - odds.median()))
        mixed = (1 - alpha) * targets + alpha * hard
        return -(mixed * logits.log_softmax(1)[:, 1] + (1 - mixed) * logits.log_softmax(1)[:, 0]).mean()

    checks.check_confidence_loss(right)
    with pytest.raises(AssertionError, match="Mix the targets"):
        checks.check_confidence_loss(lambda logits, targets, alpha: right(logits, targets, 0.0))
