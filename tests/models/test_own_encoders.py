"""Encoders that a user brings: they learn from weak labels, too, and write nothing."""

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertForMaskedLM, PreTrainedTokenizerFast

from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_zero_shot, three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier, load_model
from w2s_kit.models.reward import RewardModel
from w2s_kit.training import batches, reading
from w2s_kit.training.reading import features


@pytest.fixture(scope="module")
def encoders(tmp_path_factory):
    """BERT's architecture, saved as it comes from pretraining on masked words: with its language head,
    without a pooler.
    """
    folder = tmp_path_factory.mktemp("encoders")
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *"is it wrong to hurt help ann bob kim leo dan eve ? .".split(),
        *"abcdefghijklmnopqrstuvwxyz",
        *(f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz"),
    ]
    inner = Tokenizer(models.WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )
    for name, width in (("small", 8), ("large", 16)):
        torch.manual_seed(0)
        BertForMaskedLM(
            BertConfig(
                vocab_size=len(words),
                hidden_size=width,
                num_hidden_layers=2,
                num_attention_heads=2,
                intermediate_size=2 * width,
                max_position_embeddings=24,
            )
        ).save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)
    return f"{folder / 'small'},{folder / 'large'}"


@pytest.mark.parametrize("lora", [0, 2])
def test_encoders_learn_from_weak_labels_too(encoders, lora, tmp_path):
    if lora:
        pytest.importorskip("peft")
    result = three_stages(
        Settings("ethics", family=encoders, n_train=20, n_test=20, epochs=1, lora=lora),
        "small",
        "large",
        store=Store(tmp_path),
    )
    assert result.row()["student"] == "large" and 0 <= result.student.accuracy() <= 1


def test_what_an_encoder_makes_of_a_text_depends_on_all_of_it_and_on_nothing_else(encoders):
    model = load_classifier(load_family(encoders)["large"])
    short, long = "is it wrong ?", "is it wrong to help ann . bob . kim ?"
    alone, together = (torch.from_numpy(features(model, texts)) for texts in ([short], [long, short]))
    assert torch.allclose(alone[0], together[1], atol=1e-6), "padding is not read"
    other = torch.from_numpy(features(model, ["it it wrong ?"]))
    assert (alone - other).abs().max() > 1e-3, "the first word counts"
    model.head.weight.data.normal_()
    assert abs(reading.predict(model, [short])[0] - reading.predict(model, [long, short])[1]) < 1e-6
    layers = [features(model, [short], layer=layer) for layer in range(3)]
    assert abs(layers[2] - alone.numpy()).max() < 1e-6 < abs(layers[1] - alone.numpy()).max()


def test_texts_longer_than_a_model_reads_lose_their_middle(encoders):
    model = load_classifier(load_family(encoders)["large"])
    texts = ["is it wrong to help " + "ann . " * 20 + "bob ?", "is it wrong ?"]
    data = batches.encode(model, texts, torch.device("cpu"))
    whole = model.tokenizer(texts)["input_ids"]
    assert model.longest == 24 and data.sizes.tolist() == [24, len(whole[1])]
    assert data.ids[0].tolist() == whole[0][:12] + whole[0][-12:]
    assert reading.predict(model, texts).shape == (2,)


def test_encoders_write_nothing(encoders, tmp_path):
    family = load_family(encoders)
    with pytest.raises(ValueError, match="small: only a language model can be asked in words"):
        run_zero_shot(
            Settings("ethics", family=encoders, n_train=20, n_test=20), "small", store=Store(tmp_path)
        )
    with pytest.raises(ValueError, match="bert reads both ways and writes nothing"):
        RewardModel(*load_model(family["small"]))
