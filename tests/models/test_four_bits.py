"""Models with weights in 4 bits: they learn by adapters or by a probe, and cannot be trained whole."""

import numpy as np
import pytest
import torch
from small_models import family  # noqa: F401  (fixtures)

from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.training.reading import features


@pytest.fixture
def wide(family, tmp_path):
    """A model with layers large enough to be worth fewer bits."""
    pytest.importorskip("bitsandbytes")
    pytest.importorskip("peft")
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    tokenizer = AutoTokenizer.from_pretrained(family.split(",")[0])
    torch.manual_seed(0)
    LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=128,
            intermediate_size=256,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=2,
        )
    ).save_pretrained(tmp_path / "wide")
    tokenizer.save_pretrained(tmp_path / "wide")
    return str(tmp_path / "wide")


@pytest.mark.parametrize("settings", [dict(lora=2), dict(linear_probe=True)])
def test_three_stages_in_four_bits(wide, settings, tmp_path):
    settings = Settings("ethics", family=wide, n_train=20, n_test=20, epochs=1, quantised=True, **settings)
    result = three_stages(settings, "wide", "wide", store=Store(tmp_path / "runs"))
    assert 0 <= result.student.accuracy() <= 1 and result.student.config["quantised"]


def test_four_bits_are_fewer_and_mean_nearly_the_same(wide):
    (spec,) = load_family(wide)
    whole, few = load_classifier(spec), load_classifier(spec, quantised=True)
    layers = [
        sum(
            p.numel() * p.element_size()
            for name, p in model.named_parameters()
            if "layers" in name and "norm" not in name
        )
        for model in (whole, few)
    ]
    assert layers[1] == layers[0] / 8
    texts = ["is it wrong to help ann ?", "is it wrong ?"]
    a, b = features(whole, texts), features(few, texts)
    assert 0 < np.linalg.norm(a - b) < 0.3 * np.linalg.norm(a)


def test_four_bits_cannot_be_trained():
    with pytest.raises(ValueError, match="cannot be trained; add adapters"):
        Settings("ethics", quantised=True)
    with pytest.raises(ValueError, match="random weights in 4 bits"):
        load_classifier(load_family("miniworld")["xs-scratch"], quantised=True)


def test_four_bits_without_the_library(wide, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install .w2s_kit\[quantised\]"):
        load_classifier(load_family(wide)["wide"], quantised=True)
