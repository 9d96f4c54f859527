"""Methods are thin: each is the loop with its loss."""

import pytest
from tiny import Tiny, data, same, weights

from w2s_kit.methods import METHODS, get_method
from w2s_kit.methods.confidence import Confidence
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.device import pick_device
from w2s_kit.training.loop import finetune

CONFIG, CPU = TrainConfig(lr=0.02), pick_device("cpu")


def trained(method, **kw):
    model = Tiny()
    history = method(model, *data(), CONFIG, device=CPU, **kw)
    assert history.steps == 8 and history.table()["loss"].notna().all()
    return weights(model)


def test_methods_are_the_loop_with_their_loss():
    assert same(trained(get_method("naive")), trained(finetune))
    assert same(trained(get_method("confidence")), trained(finetune, loss=Confidence(0.75, 0.2)))
    assert same(
        trained(get_method("confidence"), alpha_max=0.5, warmup=0.1),
        trained(finetune, loss=Confidence(0.5, 0.1)),
    )


def test_confidence_without_confidence_is_naive_to_the_last_bit():
    assert same(trained(get_method("confidence"), alpha_max=0), trained(get_method("naive")))
    assert not same(trained(get_method("confidence")), trained(get_method("naive")))


def test_unknown_method():
    assert set(METHODS) >= {"naive", "confidence"}
    with pytest.raises(ValueError, match="naive"):
        get_method("naiv")
