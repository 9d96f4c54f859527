"""One door: the model of each kind of task, with adapters where they are asked for."""

import pytest
import torch
from small_models import tiny  # noqa: F401  (a fixture)

from w2s_kit.models.adapters import add_lora
from w2s_kit.models.families import load_family
from w2s_kit.models.heads import Classifier
from w2s_kit.models.loading import load_classifier, load_model, load_student
from w2s_kit.models.reward import RewardModel
from w2s_kit.models.writer import Writer
from w2s_kit.tasks.split import KINDS

BY_HAND = {
    "classes": load_classifier,
    "choices": load_classifier,
    "pairs": lambda spec: RewardModel(*load_model(spec)),
    "writing": lambda spec: Writer(*load_model(spec)),
}


def equal(a, b) -> bool:
    a, b = a.state_dict(), b.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_the_model_that_one_would_make_by_hand(tiny, kind):  # noqa: F811
    model, expected = load_student(tiny, kind), BY_HAND[kind](tiny)
    assert type(model) is type(expected) and equal(model, expected)


@pytest.mark.parametrize("kind", KINDS)
def test_adapters_are_drawn_after_the_model_is_made(tiny, kind):  # noqa: F811
    pytest.importorskip("peft")
    torch.manual_seed(3)
    expected = BY_HAND[kind](tiny)
    add_lora(expected, 2)
    torch.manual_seed(3)
    assert equal(load_student(tiny, kind, lora=2), expected)


def test_options_reach_the_head(tiny):  # noqa: F811
    model = load_student(tiny, "classes", head="tokens", linear_probe=True)
    assert isinstance(model, Classifier) and model.head.weight.abs().sum() > 0
    for probe in (model, load_student(tiny, "pairs", linear_probe=True)):
        assert [name for name, p in probe.named_parameters() if p.requires_grad] == ["head.weight"]
    assert load_student(load_family("chess")["xs"], "choices").answers == "many"


def test_another_kind_of_task(tiny):  # noqa: F811
    with pytest.raises(ValueError, match="kind of task 'class'; did you mean 'classes'"):
        load_student(tiny, "class")
