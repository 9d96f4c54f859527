"""Reward models: both sides are read as if alone, and the loss is Bradley and Terry's."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from small_models import TEXTS, tiny  # noqa: F401  (a fixture)

from w2s_kit.models.loading import load_model
from w2s_kit.models.reward import SEPARATOR, RewardModel
from w2s_kit.training.batches import encode
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.device import pick_device
from w2s_kit.training.loop import finetune
from w2s_kit.training.losses import cross_entropy
from w2s_kit.training.reading import predict


@pytest.fixture
def model(tiny):  # noqa: F811
    made = RewardModel(*load_model(tiny)).eval()
    torch.nn.init.normal_(made.head.weight, generator=torch.Generator().manual_seed(0))
    return made


def pairs(texts):
    return [f"{a}{SEPARATOR}{b}" for a in texts for b in texts]


@torch.no_grad()
def alone(model, text):
    ids = torch.tensor([model.tokenizer.tokenizer(text)["input_ids"]])
    return model.reward(ids, torch.tensor([ids.shape[1]])).item()


@torch.no_grad()
def test_each_side_gets_the_reward_that_it_gets_alone(model):
    """Whatever stands on the other side, and whatever else is in the batch."""
    rewards = {text: alone(model, text) for text in TEXTS}
    assert len({round(r, 4) for r in rewards.values()}) == len(TEXTS)
    data = encode(model, pairs(TEXTS), torch.device("cpu"))
    found = model(data.ids, data.lengths)
    np.testing.assert_allclose(found, [[rewards[a], rewards[b]] for a in TEXTS for b in TEXTS], atol=1e-4)
    p = predict(model, pairs(TEXTS))
    np.testing.assert_allclose(
        p, [1 / (1 + np.exp(rewards[a] - rewards[b])) for a in TEXTS for b in TEXTS], atol=1e-4
    )


def test_its_head_alone_finds_the_closed_form_solution(tiny):  # noqa: F811
    """Bradley and Terry with fixed features is a logistic regression on their differences, here with soft
    labels.
    """
    model = RewardModel(*load_model(tiny), linear_probe=True)
    texts = [f"is the {w} {a} ?" for w in ("ant", "bat", "cat", "dog") for a in ("alive", "heavy", "edible")]
    compared, rng = pairs(texts), np.random.default_rng(0)
    targets = rng.uniform(0.2, 0.8, len(compared)).astype(np.float32)
    with torch.no_grad():
        features = {}
        for text in texts:
            ids = torch.tensor([model.tokenizer.tokenizer(text)["input_ids"]])
            features[text] = model.backbone(input_ids=ids).last_hidden_state[0, -1].double().numpy()
    x = np.array([features[b] - features[a] for a in texts for b in texts])

    def loss(w):
        z = x @ w
        return np.mean(np.logaddexp(0, z) - targets * z), x.T @ (1 / (1 + np.exp(-z)) - targets) / len(z)

    best = minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B")
    finetune(
        model,
        compared,
        targets,
        TrainConfig(lr=3e-2, epochs=300, batch_size=len(compared), eval_every=300),
        progress=False,
    )
    data = encode(model, compared, torch.device("cpu"))
    with torch.no_grad():
        found = cross_entropy(model(data.ids, data.lengths), torch.from_numpy(targets)).item()
    assert found == pytest.approx(best.fun, abs=2e-4) and best.fun < loss(np.zeros(x.shape[1]))[0] - 0.005


def test_it_learns_a_preference_and_turning_the_pair_around_turns_it(model):
    texts = [f"is the {w} {a} ?" for w in ("ant", "bat", "cat", "dog", "cow") for a in ("alive", "dangerous")]
    compared = [f"{a}{SEPARATOR}{b}" for a in texts for b in texts if ("alive" in a) != ("alive" in b)]
    labels = np.array([float("alive" in text.split(SEPARATOR)[1]) for text in compared])
    finetune(model, compared, labels, TrainConfig(lr=3e-3, epochs=10), progress=False)
    p = predict(model, compared)
    assert ((p > 0.5) == labels).all()
    np.testing.assert_allclose(
        predict(model, [SEPARATOR.join(text.split(SEPARATOR)[::-1]) for text in compared]), 1 - p, atol=1e-5
    )


def test_long_sides_keep_their_end(model):
    words = " ".join(["ant"] * 200)
    a, b = (model.tokenizer([f"{start} {words} {SEPARATOR} yes"])["input_ids"][0] for start in ("bat", "cat"))
    assert a == b and a[0] == 64 == model.backbone.config.max_position_embeddings
    data = encode(model, [f"{words} {SEPARATOR} yes"], pick_device().device)
    assert torch.isfinite(model(data.ids, data.lengths)).all()


@pytest.mark.parametrize("text", ["one side", "a\x1eb\x1ec", "a\x1e ", ""])
def test_what_is_no_pair_is_named(model, text):
    with pytest.raises(ValueError, match="row 1 has|row 1"):
        predict(model, ["a\x1eb", text])
