"""Features are the head's own input, in the order of the texts; a probe finds what is there and nothing where
nothing is.
"""

import random

import numpy as np
import pytest
import torch

from w2s_kit.inside.probes import probe_accuracy
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier, load_model
from w2s_kit.models.reward import RewardModel, rewards
from w2s_kit.tasks import load_task
from w2s_kit.tasks.prompts import few_shot
from w2s_kit.tasks.split import SEPARATOR
from w2s_kit.training.reading import features, predict

XS = load_family("miniworld")["xs"]


def test_features_are_what_the_head_sees():
    model, texts = (
        load_classifier(XS, head="tokens"),
        load_task("edible", n_train=40, n_test=20).student["text"].tolist(),
    )
    found = features(model, texts, token_budget=50)
    logits = torch.from_numpy(found) @ model.head.weight.T
    np.testing.assert_allclose(logits.softmax(dim=1)[:, 1].detach().numpy(), predict(model, texts), atol=1e-6)
    np.testing.assert_allclose(features(model, texts[::-1])[::-1], found, atol=1e-5)


def test_rewards_are_those_of_the_comparison():
    model = RewardModel(*load_model(XS))
    torch.manual_seed(0)
    torch.nn.init.normal_(model.head.weight)
    texts = load_task("edible", n_train=20, n_test=20).student["text"].tolist()
    given = rewards(model, texts)
    p = predict(model, [f"{a}{SEPARATOR}{b}" for a, b in zip(texts, texts[1:])])
    np.testing.assert_allclose(p, 1 / (1 + np.exp(given[:-1] - given[1:])), atol=1e-5)


def test_a_probe_finds_what_is_there():
    rng = np.random.default_rng(0)
    x, unseen = rng.normal(size=(400, 8)), rng.normal(size=(2_000, 8))
    assert probe_accuracy(x, x[:, 3] > 0, unseen, unseen[:, 3] > 0) > 0.9
    assert abs(probe_accuracy(x, rng.integers(0, 2, 400), unseen, rng.integers(0, 2, 2_000)) - 0.5) < 0.05
    with pytest.raises(ValueError):
        probe_accuracy(x, np.zeros(400), unseen, np.zeros(2_000))


def test_features_of_every_layer():
    model, texts = load_classifier(XS), load_task("edible", n_train=40, n_test=20).student["text"].tolist()
    layers = model.backbone.config.num_hidden_layers
    last = model.tokenizer(texts[0])["input_ids"][-1]
    np.testing.assert_allclose(
        features(model, texts, layer=0)[0], model.backbone.embed_tokens.weight[last].detach(), atol=1e-6
    )
    np.testing.assert_allclose(features(model, texts, layer=layers), features(model, texts), atol=1e-5)
    # other batches, so another order of sums: float32 has six digits, and some numbers here are near 40
    np.testing.assert_allclose(
        features(model, texts, layer=-2),
        features(model, texts, token_budget=30, layer=layers - 1),
        rtol=2e-6,
        atol=1e-5,
    )
    assert np.abs(features(model, texts, layer=1) - features(model, texts)).max() > 0.1


def test_few_shot_prompts_show_other_texts_with_their_labels():
    seen, labels = [f"question {i} ?" for i in range(9)], [0, 1, 0, 1, 1, 0, 0, 1, 1]
    prompts = few_shot(["asked ?"] * 200, seen, labels, 3, random.Random(0))
    true = {f"{text} {('no', 'yes')[label]} ." for text, label in zip(seen, labels)}
    shown = [
        [f"question{part}".strip() for part in prompt.removesuffix(" asked ?").split("question")[1:]]
        for prompt in prompts
    ]
    assert all(len(set(shots)) == 3 and set(shots) <= true for shots in shown)
    assert set().union(*shown) == true and len(set(map(tuple, shown))) > 100
    assert few_shot(["asked ?"], seen, labels, 0, random.Random(0)) == ["asked ?"]
    assert few_shot(["asked ?"] * 200, seen, labels, 3, random.Random(0)) == prompts
