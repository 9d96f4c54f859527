"""What a model tells the loop, and what holds where it says nothing."""

import numpy as np
import pytest
import torch
from tiny import Tiny, data, same, weights

from w2s_kit.methods import get_method
from w2s_kit.models.chess_policy import ChessPolicy
from w2s_kit.models.heads import Classifier, Encoder
from w2s_kit.models.reward import RewardModel
from w2s_kit.models.writer import Reader, Writer
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.device import pick_device, resting
from w2s_kit.training.loop import finetune
from w2s_kit.training.reading import predict
from w2s_kit.training.student import answers_of, language_model, longest_of, text_tokenizer

CONFIG = TrainConfig(lr=0.02, epochs=1, batch_size=16)
TEXTS, TARGETS = data(40)


class Choosing(Tiny):
    """The same network, as one that chooses among two answers or more."""

    answers = "many"


class Mistaken(Tiny):
    answers = "mony"


def test_a_model_of_ones_own_needs_a_tokenizer_and_the_paddings_id():
    assert answers_of(Tiny()) == "two" and longest_of(Tiny()) is None and language_model(Tiny()) is None
    assert predict(Tiny(), TEXTS).shape == (40,)


def test_many_answers_are_whole_distributions():
    both = np.stack([1 - TARGETS, TARGETS], axis=1)
    one, other = Tiny(), Choosing()
    finetune(one, TEXTS, TARGETS, CONFIG, progress=False)
    finetune(other, TEXTS, both, CONFIG, progress=False)
    assert same(weights(one), weights(other))
    np.testing.assert_allclose(predict(other, TEXTS)[:, 1], predict(one, TEXTS), atol=1e-6)
    with pytest.raises(ValueError, match="expected one distribution over answers"):
        finetune(other, TEXTS, TARGETS, CONFIG)
    with pytest.raises(ValueError, match="two answers only, and Choosing has more"):
        get_method("window")(other, TEXTS, both, CONFIG)


@pytest.mark.parametrize("use", [lambda m: finetune(m, TEXTS, TARGETS, CONFIG), lambda m: predict(m, TEXTS)])
def test_another_word_is_an_error_that_names_the_right_one(use):
    with pytest.raises(ValueError, match="`answers` of Mistaken, 'mony'; did you mean 'many'"):
        use(Mistaken())


def test_the_kits_models_say_how_they_answer():
    kit = {"two": (Classifier, Encoder, RewardModel), "many": (ChessPolicy,), "text": (Writer, Reader)}
    for answers, kinds in kit.items():
        assert {answers_of(kind) for kind in kinds} == {answers}


def test_the_tokenizer_of_single_texts():
    model = Tiny()
    assert text_tokenizer(model) is model.tokenizer
    model.tokenizer.tokenizer = inner = object()
    assert text_tokenizer(model) is inner


def test_at_rest_a_model_has_no_dropout_and_stays_where_it_is():
    model = Tiny().train()
    device = resting(model)
    assert device.device == next(model.parameters()).device == torch.device("cpu") and not model.training
    cpu = pick_device("cpu")
    assert resting(model, cpu) is cpu
