"""Every model by the kit's door: its numbers are those of its files."""

import json
import math
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from saved_models import MAKE, SHAPE, TOKENIZER, saved, spec  # noqa: F401  (fixtures)
from transformers import (
    BertConfig,
    BertForPreTraining,
    LlamaConfig,
    LlamaForSequenceClassification,
    ViTConfig,
    ViTForImageClassification,
)

from w2s_kit.models.loading import load_classifier, load_model
from w2s_kit.models.reward import RewardModel
from w2s_kit.models.whole import load_whole
from w2s_kit.models.writer import Writer

INSIDE = {  # one matrix of each, in the middle
    "gpt2": "transformer.h.1.mlp.c_fc.weight",
    "llama": "model.layers.1.mlp.up_proj.weight",
    "llama-tied": "model.layers.1.mlp.up_proj.weight",
    "bert": "bert.encoder.layer.1.output.dense.weight",
    "chess": "blocks.0.norm1.running_var",
}


def put(value):
    """One number of the tensor is another."""

    def change(tensors, name):
        tensors[name].view(-1)[1] = value

    return change


def drop(tensors, name):
    del tensors[name]


def add(tensors, name):
    tensors[name.replace("1", "7").replace("0", "7")] = torch.zeros(3)


def cut(tensors, name):
    tensors[name] = tensors[name][:-1].clone()


def as_integers(dtype):
    def change(tensors, name):
        tensors[name] = tensors[name].to(dtype)

    return change


DAMAGE = {
    "nan": (put(math.nan), "hold NaN or infinity"),
    "inf": (put(math.inf), "hold NaN or infinity"),
    "-inf": (put(-math.inf), "hold NaN or infinity"),
    "missing": (drop, "are missing"),
    "surplus": (add, "more tensors than config.json says"),
    "misshapen": (cut, "other shapes"),
    "int32": (as_integers(torch.int32), "are integers"),
    "int8": (as_integers(torch.int8), "are integers"),
    "bool": (as_integers(torch.bool), "are integers"),
}


def damaged(folder: Path, where: Path, change, name: str) -> Path:
    shutil.copytree(folder, where)
    tensors = load_file(where / "model.safetensors")
    assert name in tensors
    change(tensors, name)
    save_file(tensors, where / "model.safetensors", {"format": "pt"})
    return where


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("model", MAKE)
def test_a_damaged_tensor_is_refused_by_name(saved, tmp_path, model, damage):
    change, problem = DAMAGE[damage]
    folder = damaged(saved / model, tmp_path / "m", change, INSIDE[model])
    named = INSIDE[model].replace("1", "7").replace("0", "7") if damage == "surplus" else INSIDE[model]
    for _ in range(2):  # not only the first time
        with pytest.raises(OSError, match=f"this model cannot be loaded whole .*{problem}") as error:
            load_classifier(spec(folder))
        assert str(error.value).startswith(f"{folder}: ") and named.removeprefix("bert.") in str(error.value)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("model", MAKE)
def test_numbers_with_a_fraction_load_in_any_precision(saved, tmp_path, model, dtype):
    shutil.copytree(saved / model, tmp_path / "m")
    tensors = {
        name: t.to(dtype) if t.is_floating_point() else t
        for name, t in load_file(saved / model / "model.safetensors").items()
    }
    save_file(tensors, tmp_path / "m" / "model.safetensors", {"format": "pt"})
    loaded, _ = load_model(spec(tmp_path / "m"))
    assert all(p.dtype == torch.float32 for p in loaded.parameters())
    found = loaded.state_dict()
    for name, tensor in tensors.items():
        if (key := name.removeprefix("bert.")) in found:
            assert torch.equal(found[key], tensor.to(found[key].dtype))


@pytest.mark.parametrize(
    "make", [load_classifier, lambda s: Writer(*load_model(s)), lambda s: RewardModel(*load_model(s))]
)
def test_every_kind_of_student_goes_through_the_door(saved, tmp_path, make):
    make(spec(saved / "llama"))
    folder = damaged(saved / "llama", tmp_path / "m", put(math.nan), "lm_head.weight")
    with pytest.raises(OSError, match="NaN or infinity: lm_head.weight"):
        make(spec(folder))


@pytest.mark.parametrize(
    "change",
    [
        {"num_hidden_layers": -1},
        {"num_hidden_layers": 0},
        {"num_hidden_layers": 1},
        {"num_hidden_layers": 3},
        {"hidden_size": 0},
        {"hidden_size": -16},
        {"num_attention_heads": 0},
        {"vocab_size": -1},
        {"intermediate_size": 1},
        {"hidden_act": "none at all"},
        {"architectures": ["pipeline"], "num_hidden_layers": 1},
    ],
)
@pytest.mark.parametrize("model", ["llama", "bert"])
def test_a_configuration_that_the_file_does_not_fit_is_refused(saved, tmp_path, model, change):
    folder = tmp_path / "m"
    shutil.copytree(saved / model, folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(OSError, match="cannot be loaded whole"):
        load_model(spec(folder))


# ------------------------------------------------------------------------------- heads that are left over
def test_a_head_that_the_kit_does_not_use_may_be_left_over(saved, tmp_path):
    """The part of BERT that fills in words; that for the next sentence, although config.json names the other
    class only, as with the first BERT; the classes of a language model whose own head is its embedding."""
    for name, model, named in (
        ("both", BertForPreTraining(BertConfig(**SHAPE)), "BertForMaskedLM"),
        (
            "classes",
            LlamaForSequenceClassification(LlamaConfig(**SHAPE, tie_word_embeddings=True, pad_token_id=0)),
            "LlamaForSequenceClassification",
        ),
    ):
        model.save_pretrained(tmp_path / name)
        TOKENIZER.save_pretrained(tmp_path / name)
        config = json.loads((tmp_path / name / "config.json").read_text())
        (tmp_path / name / "config.json").write_text(json.dumps(config | {"architectures": [named]}))
        load_classifier(spec(tmp_path / name))
    load_classifier(spec(saved / "bert"))


@pytest.mark.parametrize(
    "model, name",
    [
        ("bert", "cls.unheard.of.weight"),
        ("bert", "encoder.layer.9.x"),
        ("gpt2", "score.weight"),
        ("llama", "v_head.weight"),
    ],
)
def test_what_no_architecture_has_is_no_head(saved, tmp_path, model, name):
    folder = damaged(
        saved / model,
        tmp_path / "m",
        lambda tensors, _: tensors.update({name: torch.zeros(2)}),
        INSIDE[model],
    )
    with pytest.raises(OSError, match=f"more tensors than config.json says: {name}"):
        load_model(spec(folder))


def test_an_image_model_goes_through_the_same_door(tmp_path):
    from transformers import AutoModel, AutoModelForImageClassification

    config = ViTConfig(
        image_size=8,
        patch_size=4,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
    )
    ViTForImageClassification(config).save_pretrained(tmp_path / "vit")
    name = "vit.layernorm.weight"
    load_whole(AutoModel, str(tmp_path / "vit"), unused="pooler")  # its classes are a head that is left over
    load_whole(AutoModelForImageClassification, str(tmp_path / "vit"))
    for damage, (change, problem) in DAMAGE.items():
        if damage == "surplus":
            change, problem = (
                lambda tensors, _: tensors.update({"vit.layer.9.x": torch.zeros(2)}),
                "more tensors",
            )
        folder = damaged(tmp_path / "vit", tmp_path / damage, change, name)
        for auto, unused in ((AutoModelForImageClassification, None), (AutoModel, "pooler")):
            with pytest.raises(OSError, match=problem):
                load_whole(auto, str(folder), unused=unused)
