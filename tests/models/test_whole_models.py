"""Every model by the kit's door: its numbers are those of its files, and no code beside it is run."""

import ast
import json
import math
import re
import shutil
import tomllib
from pathlib import Path

import pytest
import torch
from packaging.requirements import Requirement
from packaging.version import Version
from pretraining import make_tokenizer
from safetensors.torch import load_file, save_file
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertForPreTraining,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    LlamaForSequenceClassification,
    ViTConfig,
    ViTForImageClassification,
)

from w2s_kit.models.chess_policy import ChessPolicy, ChessPolicyConfig
from w2s_kit.models.families import ModelSpec, load_family
from w2s_kit.models.loading import load_classifier, load_model
from w2s_kit.models.reward import RewardModel
from w2s_kit.models.whole import load_whole
from w2s_kit.models.writer import Writer

ROOT = Path(__file__).parents[2]
TOKENIZER = make_tokenizer()
SHAPE = dict(
    vocab_size=len(TOKENIZER),
    hidden_size=16,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=32,
    max_position_embeddings=64,
)
MAKE = {
    "gpt2": lambda: GPT2LMHeadModel(
        GPT2Config(
            vocab_size=len(TOKENIZER),
            n_positions=64,
            n_embd=16,
            n_layer=2,
            n_head=2,
            bos_token_id=1,
            eos_token_id=1,
        )
    ),
    "llama": lambda: LlamaForCausalLM(LlamaConfig(**SHAPE, bos_token_id=1, eos_token_id=1, pad_token_id=0)),
    "llama-tied": lambda: LlamaForCausalLM(
        LlamaConfig(**SHAPE, tie_word_embeddings=True, bos_token_id=1, eos_token_id=1, pad_token_id=0)
    ),
    "bert": lambda: BertForMaskedLM(BertConfig(**SHAPE)),
    "chess": lambda: ChessPolicy(ChessPolicyConfig(filters=4, blocks=1)),
}
INSIDE = {  # one matrix of each, in the middle
    "gpt2": "transformer.h.1.mlp.c_fc.weight",
    "llama": "model.layers.1.mlp.up_proj.weight",
    "llama-tied": "model.layers.1.mlp.up_proj.weight",
    "bert": "bert.encoder.layer.1.output.dense.weight",
    "chess": "blocks.0.norm1.running_var",
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for name, make in MAKE.items():
        torch.manual_seed(0)
        make().save_pretrained(folder / name)
        TOKENIZER.save_pretrained(folder / name)
    return folder


def spec(folder) -> ModelSpec:
    return ModelSpec(folder.name, str(folder), 1e-3, 1, math.nan)


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


# ---------------------------------------------------------------------------------- code of other people
@pytest.fixture
def with_code(saved, tmp_path, monkeypatch):
    """A folder with a module that leaves a mark when it runs, and somebody who says yes to every question."""
    folder, mark = tmp_path / "m", tmp_path / "mark"
    shutil.copytree(saved / "llama", folder)
    (folder / "custom.py").write_text(
        f"open({str(mark)!r}, 'w').close()\n"
        "from transformers import LlamaConfig as Config, LlamaForCausalLM as Model\n"
        "from transformers import PreTrainedTokenizerFast as Tokenizer\n"
    )
    for file, autos in (
        (
            "config.json",
            {
                "AutoConfig": "custom.Config",
                "AutoModel": "custom.Model",
                "AutoModelForCausalLM": "custom.Model",
            },
        ),
        ("tokenizer_config.json", {"AutoTokenizer": ["custom.Tokenizer", "custom.Tokenizer"]}),
    ):
        facts = json.loads((folder / file).read_text())
        (folder / file).write_text(json.dumps(facts | {"auto_map": autos}))
    monkeypatch.setenv("HF_MODULES_CACHE", str(tmp_path / "modules"))
    monkeypatch.setattr("builtins.input", lambda question="": "y")
    return folder, mark


def test_code_beside_a_known_architecture_is_not_run(with_code):
    """The library's own class loads it."""
    folder, mark = with_code
    assert type(load_model(spec(folder))[0]) is LlamaForCausalLM
    assert type(load_model(load_family(f"{folder},{folder}")[folder.name])[0]) is LlamaForCausalLM
    assert not mark.exists()


def test_an_architecture_that_needs_code_is_refused(with_code):
    folder, mark = with_code
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "of_my_own"}))
    with pytest.raises(OSError, match=f"{folder.name}: this model cannot be loaded whole"):
        load_model(spec(folder))
    with pytest.raises(OSError, match="no language model or encoder is found there"):
        load_family(str(folder))
    assert not mark.exists()


def loaders(tree: ast.AST):
    """Calls of transformers' loaders."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            of_torch = (
                isinstance(node.func, ast.Attribute) and getattr(node.func.value, "attr", "") == "Embedding"
            )
            if name in ("from_pretrained", "from_config", "pipeline") and not of_torch:
                yield node


def says_no(call: ast.Call) -> bool:
    return any(
        k.arg == "trust_remote_code" and isinstance(k.value, ast.Constant) and k.value.value is False
        for k in call.keywords
    )


def sources():
    for file in sorted(
        file for folder in ("w2s_kit", "data_prep", "benchmarks") for file in (ROOT / folder).rglob("*.py")
    ):
        yield file.relative_to(ROOT), file.read_text(encoding="utf-8")
    for file in sorted((ROOT / "notebooks").rglob("*.ipynb")):
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        yield file.relative_to(ROOT), re.sub(r"(?m)^( *)[%!].*", r"\1pass", code)


def test_no_call_of_a_loader_runs_code_of_others():
    found = 0
    for file, source in sources():
        if not any(name in source for name in ("from_pretrained", "from_config", "pipeline")):
            continue
        for call in loaders(ast.parse(source)):
            found += 1
            assert says_no(call), f"{file}, line {call.lineno}: say trust_remote_code=False"
    assert found > 10
    assert not says_no(next(loaders(ast.parse("AutoModel.from_pretrained(name)")))), "the test can fail"
    assert not says_no(next(loaders(ast.parse("pipeline('x', trust_remote_code=flag)"))))


def test_datasets_is_a_version_that_runs_no_code():
    """From version 4 on it has no loading scripts, and no argument to allow them."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    (datasets,) = (r for r in map(Requirement, wanted) if r.name == "datasets")
    (least,) = datasets.specifier
    assert least.operator == ">=" and Version(least.version) >= Version("4")
