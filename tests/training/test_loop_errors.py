"""Bad input of the finetuning loop: the errors say what to do."""

import math

import numpy as np
import pytest
from tiny import Tiny, same, weights
from tiny_runs import CONFIG, CPU, TARGETS, TEXTS, run

from w2s_kit.training.config import TrainConfig
from w2s_kit.training.loop import finetune
from w2s_kit.training.reading import predict


@pytest.mark.parametrize(
    "targets, message",
    [
        (np.where(np.arange(120) == 7, np.nan, TARGETS), "row 7 is nan"),
        (np.where(np.arange(120) == 7, 1.5, TARGETS), "row 7 is 1.5"),
        (TARGETS[:-1], r"\(120,\), got shape \(119,\)"),
        (np.stack([1 - TARGETS, TARGETS], 1), r"got shape \(120, 2\)"),
        (np.ones(120), "all 120 rows.*are 1: one class only.*balance"),
        (np.full(120, 0.3), "all 120 rows.*are 0.3"),
    ],
)
def test_bad_targets(targets, message):
    model = Tiny()
    with pytest.raises(ValueError, match=message):
        finetune(model, TEXTS, targets, CONFIG, device=CPU)
    assert same(weights(model), weights(Tiny())), "nothing is trained before everything is checked"


def test_soft_labels_on_one_side_still_say_which_are_likelier():
    low, high = (finetune(Tiny(), TEXTS, targets, CONFIG, device=CPU) for targets in (TARGETS * 0.4, TARGETS))
    assert low.steps == high.steps


@pytest.mark.parametrize(
    "texts, message",
    [([], "empty"), (["w1", float("nan")], "row 1 is nan"), (["w1", "w2", " "], "row 2 has no tokens")],
)
def test_bad_texts(texts, message):
    with pytest.raises(ValueError, match=message):
        finetune(Tiny(), texts, np.linspace(0, 1, len(texts)), CONFIG, device=CPU)
    with pytest.raises(ValueError, match=message):
        predict(Tiny(), texts)


@pytest.mark.parametrize(
    "bad, message",
    [
        (dict(lr=-1), "lr"),
        (dict(lr=math.nan), "lr"),
        (dict(epochs=0), "epochs"),
        (dict(batch_size=0), "batch_size"),
        (dict(warmup=2), "warmup"),
        (dict(schedule="cosin"), "cosine"),
        (dict(early_stopping="gt"), "ground_truth"),
        (dict(eval_every=0), "eval_every"),
    ],
)
def test_bad_config(bad, message):
    with pytest.raises(ValueError, match=message):
        TrainConfig(**dict(lr=0.1) | bad)


def test_a_loss_that_diverges_is_said():
    with pytest.raises(FloatingPointError, match="learning rate"):
        run(loss=lambda logits, targets, fraction: logits.sum() * math.inf)
