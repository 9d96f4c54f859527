"""One door: the model of each kind of task."""

import pytest
import torch
from small_models import tiny  # noqa: F401  (a fixture)

from w2s_kit.models.families import load_family
from w2s_kit.models.heads import Classifier
from w2s_kit.models.loading import load_classifier, load_model, load_reward_model, load_writer
from w2s_kit.models.reward import RewardModel
from w2s_kit.models.writer import Writer

LOADERS = {Classifier: load_classifier, RewardModel: load_reward_model, Writer: load_writer}


def equal(a, b) -> bool:
    a, b = a.state_dict(), b.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("kind", LOADERS)
def test_it_is_the_model_that_one_would_make_by_hand(tiny, kind):  # noqa: F811
    model, expected = LOADERS[kind](tiny), kind(*load_model(tiny))
    assert type(model) is kind and equal(model, expected)


def test_options_reach_the_head(tiny):  # noqa: F811
    model = load_classifier(tiny, head="tokens", linear_probe=True)
    assert isinstance(model, Classifier) and model.head.weight.abs().sum() > 0
    for probe in (model, load_reward_model(tiny, linear_probe=True)):
        assert [name for name, p in probe.named_parameters() if p.requires_grad] == ["head.weight"]
    assert load_classifier(load_family("chess")["xs"]).answers == "many"
