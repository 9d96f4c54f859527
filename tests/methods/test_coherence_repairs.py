"""The method `coherence`: planted errors are mended before the student learns, by its pretrained features."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from tiny import Tiny, clouds, same, weights

from w2s_kit.methods import get_method
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_model
from w2s_kit.models.reward import RewardModel
from w2s_kit.training import loop
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.device import pick_device

MODULE = sys.modules["w2s_kit.methods.coherence"]  # hidden by the function of its name
CPU, CONFIG = pick_device("cpu"), TrainConfig(lr=0.02)
TEXTS, WEAK, TRUTH = clouds()
UNSURE = 0.5 + (WEAK - 0.5) / 4  # 0.6 and 0.4: a supervisor that is sure is believed, at so few texts


class Readable(Tiny):
    """Passes for a classifier that is made of a language model."""

    def __init__(self):
        super().__init__()
        self.backbone = SimpleNamespace(config=SimpleNamespace(num_hidden_layers=4))


@pytest.fixture
def learned(monkeypatch):
    """What `naive` is given: (texts, labels, validation)."""
    calls = []

    def spy(student, texts, labels, config, validation=None, **kw):
        assert same(weights(student), weights(Tiny())), "features are those of the pretrained student"
        calls.append((texts, np.asarray(labels), validation))
        return loop.History()

    features = np.random.default_rng(0).normal(size=(len(TEXTS), 4)) + 6 * np.asarray(TRUTH)[:, None]
    where = {text: row for text, row in zip(TEXTS, features)}
    asked = []

    def read(student, texts, device, layer):
        asked.append(layer)
        return np.array([where[text] for text in texts])

    monkeypatch.setattr(MODULE, "naive", spy)
    monkeypatch.setattr(MODULE.reading, "features", read)
    return calls, asked


def test_planted_errors_are_mended(learned):
    calls, asked = learned
    before = np.mean((UNSURE > 0.5) == TRUTH)
    assert before < 0.95
    for options in ({}, dict(forget=True), dict(layer=2)):
        history = get_method("coherence")(Readable(), TEXTS, UNSURE, CONFIG, device=CPU, **options)
        n, turned = len(TEXTS), int(((UNSURE > 0.5) != (calls[-1][1] > 0.5)).sum())
        assert turned > 0 and history.labels == {"given": n, "kept": n, "changed": turned}
        texts, labels, _ = calls[-1]
        assert texts == TEXTS and set(labels) == {0.0, 1.0}
        assert np.mean(labels == TRUTH) > 0.98
    assert asked == [None, None, 2]


def test_a_sure_supervisor_is_kept_where_labels_are_not_forgotten(learned):
    """A concept that the features do not hold: the prior decides, or, forgotten, the features do."""
    calls, _ = learned
    coin = np.random.default_rng(1).integers(0, 2, len(TEXTS)).astype(float)
    get_method("coherence")(Readable(), TEXTS, coin, CONFIG, device=CPU)
    get_method("coherence")(Readable(), TEXTS, coin, CONFIG, device=CPU, forget=True)
    kept, forgotten = (np.mean(labels == coin) for _, labels, _ in calls)
    assert kept > 0.9 > 0.75 > forgotten


def test_held_out_labels_are_mended_with_the_others(learned):
    calls, _ = learned
    split = len(TEXTS) - 40
    held = TEXTS[split:], UNSURE[split:]
    for stopping in ("weak", "ground_truth"):
        config = TrainConfig(lr=0.02, early_stopping=stopping)
        get_method("coherence")(
            Readable(), TEXTS[:split], UNSURE[:split], config, validation=held, device=CPU
        )
    (_, labels, (texts, mended)), (_, _, untouched) = calls
    assert len(labels) == split and texts == TEXTS[split:]
    assert np.mean(mended == np.asarray(TRUTH)[split:]) > 0.97
    assert untouched is held


def test_who_cannot_be_read_is_told(monkeypatch):
    pairs = RewardModel(*load_model(load_family("miniworld")["xs"]))
    with pytest.raises(ValueError, match="RewardModel is not"):
        get_method("coherence")(pairs, TEXTS, WEAK, CONFIG, device=CPU)
    monkeypatch.setattr(MODULE, "MOST", 10)
    with pytest.raises(ValueError, match="10 are the most"):
        get_method("coherence")(Readable(), TEXTS, WEAK, CONFIG, device=CPU)
