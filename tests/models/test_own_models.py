"""Models and data that a user brings: GPT-2's architecture and kind of tokenizer, without a padding token, on
every kind of task; and encoders.
"""

import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from samples import comparisons, random_games
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertForMaskedLM, GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_zero_shot, three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.methods import get_method
from w2s_kit.models import families as models_module
from w2s_kit.models.adapters import add_lora
from w2s_kit.models.families import HUB, ModelSpec, load_family
from w2s_kit.models.loading import load_classifier, load_model
from w2s_kit.models.reward import RewardModel
from w2s_kit.tasks.chess import write_text
from w2s_kit.tasks.split import SEPARATOR
from w2s_kit.training import batches, gradients, loop, reading
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.reading import features


@pytest.fixture(scope="module")
def family(tmp_path_factory):
    folder, inner = tmp_path_factory.mktemp("hub"), Tokenizer(models.BPE())
    inner.pre_tokenizer, inner.decoder = (
        pre_tokenizers.ByteLevel(add_prefix_space=False),
        decoders.ByteLevel(),
    )
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    inner.train_from_iterator(
        ["1. e4 1... e5 2. Nf3 2... Nc6 is it wrong to hurt ann ? yes no Human: Assistant:"] * 20, trainer
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, eos_token="<|endoftext|>", bos_token="<|endoftext|>"
    )
    for name, width in (("small", 8), ("large", 16)):
        config = GPT2Config(
            vocab_size=len(tokenizer),
            n_positions=256,
            n_embd=width,
            n_layer=1,
            n_head=2,
            eos_token_id=0,
            bos_token_id=0,
        )
        GPT2LMHeadModel(config).save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)
    return f"{folder / 'small'},{folder / 'large'}"


@pytest.mark.parametrize("lora", [0, 2])
@pytest.mark.parametrize("kind", ["classes", "pairs", "writing", "constrained"])
def test_three_stages(family, kind, lora, tmp_path):
    if lora:
        pytest.importorskip("peft")
    task = "ethics"
    if kind == "pairs":
        task = f"preference:{comparisons(tmp_path)}"
    elif kind != "classes":
        write_text(random_games(90), tmp_path / "puzzles.jsonl")
        task = f"chess-text:{tmp_path / 'puzzles.jsonl'}"
    settings = Settings(
        task,
        family=family,
        n_train=20,
        n_test=20,
        epochs=1,
        hard_labels=kind in ("writing", "constrained"),
        constrained=kind == "constrained",
        lora=lora,
    )
    result = three_stages(settings, "small", "large", store=Store(tmp_path / "runs"))
    row = result.row()
    assert (
        row["supervisor"] == "small"
        and row["student"] == "large"
        and all(0 <= row[f"{who}_accuracy"] <= 1 for who in ("supervisor", "student", "ceiling"))
    )
    if kind == "constrained":
        from w2s_kit.tasks import load_task

        test = load_task(task, 0, 20, 20).test
        assert all(answer in among for answer, among in zip(result.student.answers(), test["among"])), (
            "every move is legal"
        )
    if kind == "classes":
        assert (
            run_zero_shot(replace(settings, seed=1), "large", store=Store(tmp_path / "runs")).config["head"]
            == "tokens"
        )


def test_adapters_leave_the_model_as_it_is(family):
    pytest.importorskip("peft")
    model = RewardModel(*load_model(load_family(family)["large"]))
    before = copy.deepcopy(model.state_dict())
    add_lora(model, 2)
    trained = [name for name, p in model.named_parameters() if p.requires_grad]
    assert "head.weight" in trained and all("lora_" in name for name in trained if name != "head.weight")
    texts = [
        f"is it wrong to hurt ann ? {answer}{SEPARATOR}is it wrong to hurt ann ? no"
        for answer in ("yes", "yes yes", "no no", "hurt")
    ]
    get_method("generative")(
        model, texts, [0.0, 0.2, 1.0, 0.9], TrainConfig(lr=0.1, epochs=4, batch_size=2), progress=False
    )
    after = {name.replace(".base_layer", ""): tensor for name, tensor in model.state_dict().items()}
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items() if name != "head.weight")
    assert any(after[name].abs().sum() > 0 for name in after if "lora_B" in name), "they begin at zero"


def test_adapters_larger_than_a_layer_are_refused(family):
    pytest.importorskip("peft")
    model = load_classifier(load_family(family)["large"])
    with pytest.raises(ValueError, match=r"lora=1000000: a layer of this model is only \d+ wide"):
        add_lora(model, 1_000_000)


def test_random_weights_are_told_apart_by_their_shape(family, tmp_path):
    """A model from scratch is its config.json alone, so another one is another model."""
    spec = load_family(family)["large-scratch"]
    before = spec.weights_hash
    config = Path(spec.path) / "config.json"
    text = config.read_text()
    try:
        config.write_text(text + "\n\n")
        assert spec.weights_hash != before and before.startswith("random-")
    finally:
        config.write_text(text)


def test_adapters_and_a_probe_exclude_each_other():
    with pytest.raises(ValueError, match="choose one"):
        Settings("ethics", lora=8, linear_probe=True)
    with pytest.raises(ValueError, match="no language model"):
        add_lora(load_classifier(load_family("chess")["xs"]), 8)


@pytest.mark.parametrize("at", [3, 7, 11])
def test_a_killed_generative_run_with_adapters_continues_to_the_same_weights(
    family, at, tmp_path, monkeypatch
):
    """Four steps of reading, eight on labels; killed in either, it does not read again."""
    pytest.importorskip("peft")
    texts = [f"{a} is it{SEPARATOR}{b} wrong to hurt" for a in "abcd" for b in "efgh"]
    labels, config = (
        [i % 2 for i in range(16)],
        TrainConfig(lr=0.01, epochs=4, batch_size=8, checkpoint_every=1),
    )

    def learn(checkpoint=None):
        torch.manual_seed(0)
        model = RewardModel(*load_model(load_family(family)["large"]))
        add_lora(model, 2)
        get_method("generative")(
            model, texts, labels, config, stage_epochs=4, checkpoint=checkpoint, progress=False
        )
        return model.state_dict()

    expected, steps, original = learn(), [], gradients.gradients

    def dying(*args, **kw):
        if len(steps) == at:
            raise KeyboardInterrupt
        steps.append(1)
        return original(*args, **kw)

    monkeypatch.setattr(loop, "gradients", dying)
    with pytest.raises(KeyboardInterrupt):
        learn(tmp_path / "checkpoint")
    done, at = len(steps), 10**9
    got = learn(tmp_path / "checkpoint")
    assert all(torch.equal(got[name], tensor) for name, tensor in expected.items())
    assert len(steps) == 12, f"{len(steps) - done} steps after {done}"
    assert not list(tmp_path.iterdir()), "nothing is left behind"


# --------------------------------------------------------------------------------------------------- encoders
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


def test_families_of_the_hub_by_name(monkeypatch):
    asked = []
    monkeypatch.setattr(
        models_module,
        "_from_elsewhere",
        lambda path: asked.append(path) or ModelSpec(path.split("/")[-1], path, 5e-5, 1, 1.0),
    )
    for name, paths in HUB.items():
        assert load_family(name).names == [path.split("/")[-1] for path in paths]
    assert asked == [path for paths in HUB.values() for path in paths] and len(set(asked)) == len(asked)
    with pytest.raises(ValueError, match="'gpt2'"):
        load_family("gpt3")


def test_a_revision_is_part_of_the_path(tmp_path, monkeypatch):
    seen = []

    def offline(name, revision, trust_remote_code):
        seen.append((name, revision))
        raise OSError("offline")

    monkeypatch.setattr("transformers.AutoConfig.from_pretrained", offline)
    odd = tmp_path / "model@home"
    odd.mkdir()
    for path in ("owner/name", "owner/name@abc123", str(odd)):
        with pytest.raises(OSError, match="no language model or encoder is found there"):
            load_family(path)
        with pytest.raises(OSError, match="cannot be loaded whole"):
            load_model(ModelSpec("m", path, 1e-3, 1, 1.0))
    assert seen == [("owner/name", "main")] * 2 + [("owner/name", "abc123")] * 2 + [(str(odd), "main")] * 2


# ------------------------------------------------------------------------------------------ weights in 4 bits
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
