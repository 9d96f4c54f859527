"""Steering: hooks against biases."""

import numpy as np
import pytest
import torch
from torch import nn
from transformers import BertConfig, BertModel, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from w2s_kit.inside.steering import changed, layers_of, steered
from w2s_kit.models.families import load_family
from w2s_kit.models.heads import Classifier
from w2s_kit.models.loading import load_classifier
from w2s_kit.training.reading import features, predict


class Letters:
    """A tokenizer: one id a word."""

    pad_token_id, unk_token_id = 0, None

    def __call__(self, texts):
        return {"input_ids": [[1 + hash_of(word) for word in text.split()] for text in texts]}


def hash_of(word: str) -> int:
    return sum(map(ord, word)) % 40


def brought(architecture: str) -> Classifier:
    """A model as a user may bring it, three layers deep, with a head that has an opinion."""
    torch.manual_seed(0)
    if architecture == "gpt2":
        model = GPT2LMHeadModel(GPT2Config(vocab_size=50, n_positions=32, n_embd=16, n_layer=3, n_head=2))
    else:
        model = LlamaForCausalLM(
            LlamaConfig(
                vocab_size=50,
                hidden_size=16,
                intermediate_size=24,
                num_hidden_layers=3,
                num_attention_heads=2,
                max_position_embeddings=32,
            )
        )
    for p in model.parameters():
        p.data += 0.3 * torch.randn_like(p)
    classifier = Classifier(model.eval(), Letters())
    nn.init.normal_(classifier.head.weight)
    return classifier


TEXTS = ["is the dax edible ?", "ann is sad . is the bladock edible ?", "people eat it", "so ?"]


@pytest.mark.parametrize("architecture", ["gpt2", "llama"])
@pytest.mark.parametrize("layer", [1, 2, -2])
def test_steering_is_a_bias_behind_the_layer(architecture, layer):
    """The last thing that a layer does is to add what its second linear map gives, so a bias of that map is
    the oracle.
    """
    model, vector = brought(architecture), np.linspace(-2, 3, 16).astype(np.float32)
    before = predict(model, TEXTS)
    with steered(model, layer, vector):
        during, after_it = predict(model, TEXTS), features(model, TEXTS, layer=3)
    np.testing.assert_array_equal(predict(model, TEXTS), before)
    block = layers_of(model)[layer - 1 if layer > 0 else 3 + layer]
    last = block.mlp.c_proj if architecture == "gpt2" else block.mlp.down_proj
    last.bias = nn.Parameter(torch.from_numpy(vector) + (0 if last.bias is None else last.bias.detach()))
    np.testing.assert_allclose(during, predict(model, TEXTS), atol=1e-6)
    np.testing.assert_allclose(after_it, features(model, TEXTS, layer=3), atol=1e-5)
    assert np.abs(during - before).max() > 0.01


@pytest.mark.parametrize("architecture", ["gpt2", "llama"])
def test_a_layer_that_says_nothing_more(architecture):
    """Hidden states times 0: whatever the text, the layers after see the same."""
    model = brought(architecture)
    with changed(model, 1, lambda hidden: 0 * hidden):
        said = predict(model, ["is it ?", "ann is ?"])
    assert (
        said[0] == pytest.approx(said[1], abs=1e-6) and np.ptp(predict(model, ["is it ?", "ann is ?"])) > 1e-3
    )


def test_the_hook_goes_when_something_breaks():
    model = brought("llama")
    before = predict(model, TEXTS)
    with pytest.raises(ZeroDivisionError), steered(model, 1, np.ones(16)):
        raise ZeroDivisionError
    np.testing.assert_array_equal(predict(model, TEXTS), before)


@pytest.mark.parametrize("layer", [0, 3, -1, 9])
def test_layers_that_cannot_be_changed(layer):
    with (
        pytest.raises(ValueError, match="after the layers 1 to 2"),
        steered(brought("gpt2"), layer, np.ones(16)),
    ):
        pass


def test_layers_of_what_a_user_brings():
    assert len(layers_of(load_classifier(load_family()["xl"]))) == 3
    assert (
        len(
            layers_of(
                BertModel(
                    BertConfig(
                        vocab_size=30,
                        hidden_size=8,
                        num_hidden_layers=4,
                        num_attention_heads=2,
                        intermediate_size=8,
                    )
                )
            )
        )
        == 4
    )
    with pytest.raises(ValueError, match="Linear has no list of None layers"):
        layers_of(nn.Linear(2, 2))
