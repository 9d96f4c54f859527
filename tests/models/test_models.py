"""Families, loading and the two-class head, on a tiny model with random weights."""

import json
import math
import os
import shutil
from pathlib import Path

import pytest
import torch
from pretraining import make_tokenizer
from safetensors.torch import load_file, save_file
from small_models import TEXTS, tiny, word_tokenizer  # noqa: F401
from transformers import LlamaConfig, LlamaForCausalLM

from w2s_kit.experiment.result import summarise
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.models import families
from w2s_kit.models.families import Family, ModelSpec, load_family
from w2s_kit.models.heads import Classifier, answer_ids
from w2s_kit.models.loading import load_classifier, load_model
from w2s_kit.shared.shipped import write_table

CANNOT_LOAD = r": this model cannot be loaded whole \(.+\); fetch or make it again$"


@pytest.fixture
def copy(tiny, tmp_path) -> ModelSpec:
    """The tiny model in a folder of its own, to damage."""
    shutil.copytree(tiny.path, tmp_path / "broken")
    return ModelSpec("broken", str(tmp_path / "broken"), 1e-3, 1, math.nan)


def batch(classifier, texts, fill=None, extra=0):
    """Right-padded ids and lengths; `fill` replaces the padding by other tokens."""
    ids = [classifier.tokenizer(text)["input_ids"] for text in texts]
    lengths = torch.tensor([len(i) for i in ids])
    padded = torch.full((len(ids), int(lengths.max()) + extra), classifier.pad_id if fill is None else fill)
    for row, i in zip(padded, ids):
        row[: len(i)] = torch.tensor(i)
    return padded, lengths


@torch.no_grad()
def test_right_padding_is_invisible(tiny):
    classifier = load_classifier(tiny, head="tokens").eval()
    alone = torch.cat([classifier(*batch(classifier, [text])) for text in TEXTS])
    assert (
        alone.shape == (len(TEXTS), 2)
        and alone.dtype == torch.float32
        and len(alone.unique(dim=0)) == len(TEXTS)
    )
    for options in (
        {},
        {"extra": 9},
        {"fill": classifier.tokenizer.convert_tokens_to_ids("yes"), "extra": 3},
    ):
        assert torch.allclose(classifier(*batch(classifier, TEXTS, **options)), alone, atol=1e-5)
    assert torch.allclose(classifier(*batch(classifier, TEXTS[::-1])), alone.flip(0), atol=1e-5)


@torch.no_grad()
def test_the_head_begins_as_the_zero_shot_answer(tiny):
    """Column 0 is "no", column 1 is "yes", and both are what the language model itself would say."""
    classifier, (model, tokenizer) = load_classifier(tiny, head="tokens").eval(), load_model(tiny)
    no, yes = tokenizer.convert_tokens_to_ids(["no", "yes"])
    assert answer_ids(tokenizer) == (no, yes)
    assert torch.equal(classifier.head.weight, model.get_output_embeddings().weight[[no, yes]])
    texts = TEXTS + [
        f"is the {w} alive ?"
        for w in "ant bat bear bee camel cat cow crab crow deer dog duck eel fox".split()
    ]
    logits = classifier(*batch(classifier, texts))
    said = torch.stack(
        [model(torch.tensor([tokenizer(text)["input_ids"]])).logits[0, -1, [no, yes]] for text in texts]
    )
    assert torch.allclose(logits, said, atol=1e-5)
    assert torch.equal(logits.argmax(1), said.argmax(1)) and 0 < logits.argmax(1).sum() < len(texts)


def test_training_the_head_leaves_the_embedding_alone(tiny):
    """The unembedding is tied to the embedding; the head's rows are copies."""
    classifier = load_classifier(tiny, head="tokens")
    assert classifier.head.weight.data_ptr() != classifier.backbone.get_input_embeddings().weight.data_ptr()
    before = classifier.backbone.get_input_embeddings().weight.detach().clone()
    with torch.no_grad():
        classifier.head.weight += 1
    assert torch.equal(classifier.backbone.get_input_embeddings().weight, before)


@torch.no_grad()
def test_a_head_of_zeros_knows_nothing(tiny):
    classifier = load_classifier(tiny).eval()
    logits = classifier(*batch(classifier, TEXTS))
    assert torch.equal(logits.softmax(1), torch.full((len(TEXTS), 2), 0.5))


@pytest.mark.parametrize("linear_probe", [False, True])
def test_a_linear_probe_trains_the_head_only(tiny, linear_probe):
    classifier = load_classifier(tiny, head="tokens", linear_probe=linear_probe)
    before = {name: p.detach().clone() for name, p in classifier.named_parameters()}
    optimizer = torch.optim.SGD([p for p in classifier.parameters() if p.requires_grad], lr=0.1)
    torch.nn.functional.cross_entropy(
        classifier(*batch(classifier, TEXTS)), torch.tensor([0, 1, 0, 1])
    ).backward()
    optimizer.step()
    changed = {
        name.split(".")[0] for name, p in classifier.named_parameters() if not torch.equal(p, before[name])
    }
    assert changed == ({"head"} if linear_probe else {"head", "backbone"})


def test_weights_are_float32_whatever_they_are_stored_in(tiny):
    assert all(t.dtype == torch.float16 for t in load_file(Path(tiny.path) / "model.safetensors").values())
    assert all(p.dtype == torch.float32 for p in load_classifier(tiny).parameters())


@pytest.mark.parametrize("keep", [0, 20, 5_000, -1], ids=["nothing", "20 bytes", "5 kB", "all but a byte"])
def test_weights_cut_short_are_named(copy, keep):
    file = Path(copy.path) / "model.safetensors"
    os.truncate(file, keep if keep >= 0 else file.stat().st_size + keep)
    with pytest.raises(OSError, match=CANNOT_LOAD) as error:
        load_model(copy)
    assert str(error.value).startswith(f"{copy.path}: ")


@pytest.mark.parametrize("file", ["model.safetensors", ""], ids=["no weights", "no folder"])
def test_missing_weights_are_named(copy, file):
    (Path(copy.path) / file).unlink() if file else shutil.rmtree(copy.path)
    with pytest.raises(OSError, match=CANNOT_LOAD) as error:
        load_model(copy)
    assert str(error.value).startswith(f"{copy.path}: ")


def test_weights_that_lack_a_tensor_are_refused(copy):
    """... rather than replaced by random numbers."""
    file = Path(copy.path) / "model.safetensors"
    tensors = load_file(file)
    del tensors["model.layers.0.mlp.down_proj.weight"]
    save_file(tensors, file, {"format": "pt"})
    for _ in range(2):  # and not only the first time
        with pytest.raises(
            OSError,
            match=r"\(tensors are missing: model\.layers\.0\.mlp\.down_proj\.weight\); "
            r"fetch or make it again$",
        ) as error:
            load_model(copy)
        assert str(error.value).startswith(f"{copy.path}: this model cannot be loaded whole (")


def test_weights_of_other_shapes_than_the_config_says_are_refused(copy):
    config = Path(copy.path) / "config.json"
    facts = json.loads(config.read_text())
    config.write_text(json.dumps(facts | {"intermediate_size": 2 * facts["intermediate_size"]}))
    with pytest.raises(OSError, match=CANNOT_LOAD) as error:
        load_model(copy)
    assert str(error.value).startswith(f"{copy.path}: ")


def test_every_load_is_a_copy_of_its_own(tiny):
    (one, _), before = load_model(tiny), load_classifier(tiny, head="tokens").head.weight.detach().clone()
    with torch.no_grad():
        for p in one.parameters():
            p.zero_()
    assert torch.equal(load_classifier(tiny, head="tokens").head.weight, before) and before.abs().sum() > 0


def test_weights_changed_on_disk_are_read_again(copy):
    file, before = (
        Path(copy.path) / "model.safetensors",
        load_model(copy)[0].state_dict()["model.norm.weight"],
    )
    tensors = load_file(file)
    tensors["model.norm.weight"] += 1
    save_file(tensors, file, {"format": "pt"})
    assert torch.equal(load_model(copy)[0].state_dict()["model.norm.weight"], before + 1)


@pytest.mark.parametrize(
    "file, change",
    [("config.json", {"rms_norm_eps": 0.5}), ("tokenizer_config.json", {"model_max_length": 7})],
)
def test_what_says_how_weights_are_used_is_part_of_their_hash(copy, tiny, file, change):
    """Else a changed configuration would find the runs, and the cached model, of the one before."""
    before, _ = load_model(copy)
    path = Path(copy.path) / file
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert copy.weights_hash != tiny.weights_hash
    after, tokenizer = load_model(copy)
    assert before.config.rms_norm_eps == 1e-6
    found = {"rms_norm_eps": after.config.rms_norm_eps, "model_max_length": tokenizer.model_max_length}
    assert all(found[name] == value for name, value in change.items())
    (Path(copy.path) / "pretraining.json").write_text("{}")
    name = copy.weights_hash
    (Path(copy.path) / "pretraining.json").write_text('{"what": "it cost"}')
    assert copy.weights_hash == name, "what it cost changes no number"


def test_the_hash_names_the_weights_not_the_folder(tiny, copy, tmp_path):
    assert copy.weights_hash == tiny.weights_hash and len(tiny.weights_hash) == 16
    other = tmp_path / "other"
    shutil.copytree(tiny.path, other)
    tensors = load_file(other / "model.safetensors")
    tensors["model.norm.weight"][0] += 1
    save_file(tensors, other / "model.safetensors", {"format": "pt"})
    assert ModelSpec("other", str(other), 1e-3, 1, 1.0).weights_hash != tiny.weights_hash
    assert ModelSpec("hub", "someone/model", 1e-3, 1, 1.0).weights_hash == "someone/model"


def test_answers_fall_back_on_the_papers_tokens():
    # "no" is unknown here, so not yes/no
    assert answer_ids(word_tokenizer(["<pad>", "<unk>", "1", "0", "yes"])) == (3, 2)
    assert answer_ids(word_tokenizer(["<pad>", "<unk>", "1", "0", "yes", "no"])) == (5, 4)
    with pytest.raises(ValueError, match="head='zeros'"):
        answer_ids(word_tokenizer(["<pad>", "<unk>", "maybe"]))


def test_unknown_names_suggest_the_nearest(tiny):
    for call, wrong, right in (
        (lambda: load_family("miniwrld"), "miniwrld", "miniworld"),
        (lambda: Family("f", (tiny,))["tinny"], "tinny", "tiny"),
        (lambda: Classifier(*load_model(tiny), head="zero"), "zero", "zeros"),
    ):
        with pytest.raises(ValueError, match=f"{wrong!r}; did you mean {right!r}.*Known"):
            call()


def test_a_family_is_what_is_there_smallest_first(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(families, "WEIGHTS", tmp_path)
    assert load_family("miniworld").names == []
    for name, parameters in (("m", 300), ("xs", 100)):
        (tmp_path / "miniworld" / name).mkdir(parents=True)
        (tmp_path / "miniworld" / name / "pretraining.json").write_text(
            json.dumps({"parameters": parameters, "flops": 6.0 * parameters})
        )
    write_table(tmp_path)
    family = load_family()
    assert (
        family.names == ["xs", "m"]
        and [s.parameters for s in family] == [100, 300]
        and family["m"].pretraining_flops == 1800
    )
    assert family["m"].path == str(tmp_path / "miniworld" / "m")


def test_a_family_of_your_own(tiny, tmp_path):
    """Any causal language model; sizes are counted without loading weights, and the rates are those of
    OpenAI's code.
    """
    other, tokenizer = tmp_path / "smaller", make_tokenizer()
    LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=8,
            intermediate_size=8,
            num_hidden_layers=1,
            num_attention_heads=1,
            max_position_embeddings=64,
            tie_word_embeddings=True,
            pad_token_id=0,
            bos_token_id=1,
            eos_token_id=1,
        )
    ).save_pretrained(other)
    tokenizer.save_pretrained(other)
    family = load_family(f"{tiny.path}, {other}")
    assert (
        family.names == ["smaller", "tiny"]
        and family["tiny"].lr == 5e-5
        and math.isnan(family["tiny"].pretraining_flops)
    )
    assert family["tiny"].parameters == sum(p.numel() for p in load_model(tiny)[0].parameters())
    result = three_stages(
        Settings(task="edible", family=family.name, n_train=20, n_test=20),
        "smaller",
        "tiny",
        store=Store(tmp_path / "runs"),
    )
    assert result.row()["student"] == "tiny" and summarise([result]).loc[0, "seeds"] == 1
    with pytest.raises(OSError, match="nowhere/at-all: no language model or encoder is found there"):
        load_family("nowhere/at-all")
