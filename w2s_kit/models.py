"""Model families, loading, and the two-class head.

A family is an ordered list of models of one architecture and one pretraining corpus, growing in size. The
two-class head replaces a language model's unembedding, as in the paper (Appendix A). A chess model has a head
of its own. Beside each model `m` of a family stands `m-scratch`: the same architecture without pretraining,
as a control.
"""

from __future__ import annotations

import copy
import hashlib
import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import nn
from transformers.utils import logging

from .shared.names import nearest
from .shared.shipped import WEIGHTS, check_file, check_folder

SCRATCH = "-scratch"
INTEGERS = ("BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "U64", "I64")  # as safetensors calls them
DECISIVE = ("*.safetensors", "*.json", "*.txt", "*.model")  # what a model's folder is read for
# the head's rows: the first pair that are single tokens
ANSWERS = (("no", "yes"), (" no", " yes"), ("0", "1"))


@dataclass(frozen=True)
class ModelSpec:
    """One model of a family. `path` is a folder or a hub id; `lr` is its finetuning learning rate."""

    name: str
    path: str
    lr: float
    parameters: int
    pretraining_flops: float  # the x axis of the paper's figures; NaN where it is unknown
    # else only the architecture is taken, with random weights, drawn anew at each load
    pretrained: bool = True

    @property
    def weights_hash(self) -> str:
        """Names the weights and how they are used: a run store never mixes runs of different models."""
        if self.pretrained:
            return _hash_weights(self.path)
        config = Path(self.path) / "config.json"  # of a hub's model its id is all there is to name it by
        return f"random-{_hash_files(((str(config), *touched(config)),))}" if config.is_file() else "random"


@dataclass(frozen=True)
class Family:
    name: str
    specs: tuple[ModelSpec, ...]

    def __getitem__(self, name: str) -> ModelSpec:
        for spec in self.specs:
            if spec.name == name:
                return spec
            if f"{spec.name}{SCRATCH}" == name:
                return replace(spec, name=name, pretrained=False, pretraining_flops=0.0)
        raise ValueError(nearest(f"model of family {self.name!r},", name, self.names))

    def __iter__(self):
        return iter(self.specs)

    @property
    def names(self) -> list[str]:
        return [spec.name for spec in self.specs]


# Chosen by data_prep/choose_lr.py on held-out parts of training halves, never on a test.
MINIWORLD_LR = {"xs": 3e-3, "s": 3e-3, "m": 1e-3, "l": 3e-4, "xl": 1e-4}
DIALS_LR = dict.fromkeys(
    (
        "m-leak-0",
        "m-leak-0.1",
        "m-leak-0.3",
        "m-leak-0.6",
        "m-says-0",
        "m-says-0.25",
        "m-says-0.5",
        "m-says-0.75",
        "m-says-1",
    ),
    1e-3,
)
CHESS_LR = {"xs": 1e-2, "s": 3e-3, "m": 1e-3, "l": 1e-3}
SUMS_LR = {"xs": 3e-3, "s": 1e-3, "m": 1e-3, "l": 1e-3}


# Families of the hub, without a gate, smallest first. The kit fetches what a model's owner last published;
# pin it by "id@revision".
HUB = {
    "gpt2": [f"openai-community/gpt2{size}" for size in ("", "-medium", "-large", "-xl")],
    "pythia": [f"EleutherAI/pythia-{size}" for size in ("70m", "160m", "410m", "1b", "1.4b", "2.8b")],
    "qwen": [f"Qwen/Qwen3-{size}-Base" for size in ("0.6B", "1.7B", "4B", "8B")],
    "smollm2": [f"HuggingFaceTB/SmolLM2-{size}" for size in ("135M", "360M", "1.7B")],
    "bert": [
        "distilbert/distilbert-base-uncased",
        "google-bert/bert-base-uncased",
        "google-bert/bert-large-uncased",
    ],
}


def _shipped(family: str, lrs: dict[str, float]) -> Family:
    specs = []
    for name, lr in lrs.items():
        folder = WEIGHTS / family / name
        info = folder / "pretraining.json"
        if info.exists():
            check_file(info, WEIGHTS)
            facts = json.loads(info.read_text())
            specs.append(ModelSpec(name, str(folder), lr, facts["parameters"], facts["flops"]))
    return Family(family, tuple(specs))


def load_family(name: str = "miniworld") -> Family:
    """The family called `name`, smallest model first: one that ships with the kit ("miniworld",
    "miniworld-chat", "miniworld-dials", "chess", "sums"), or one of HUB. A family of your own is language
    models or encoders of the hub or in local folders, with commas between them:
    "openai-community/gpt2,openai-community/gpt2-large". A hub id may carry a revision, "owner/name@revision".
    Raises ValueError for an unknown name, OSError for a model that is not there.
    """
    # on dialogues, data_prep/choose_lr.py finds MiniWorld's rates within one standard error of the best
    rates = {
        "miniworld": MINIWORLD_LR,
        "miniworld-chat": MINIWORLD_LR,
        "miniworld-dials": DIALS_LR,
        "chess": CHESS_LR,
        "sums": SUMS_LR,
    }
    if name in rates:
        return _shipped(name, rates[name])
    if name in HUB:
        return Family(name, tuple(map(_from_elsewhere, HUB[name])))
    if not {"/", ","} & set(name):
        raise ValueError(nearest("family", name, [*rates, *HUB]))
    return Family(
        name,
        tuple(
            sorted(
                (_from_elsewhere(path.strip()) for path in name.split(",")), key=lambda spec: spec.parameters
            )
        ),
    )


@lru_cache(maxsize=32)
def _from_elsewhere(path: str) -> ModelSpec:
    """Its size is counted from its configuration alone; what its pretraining cost is not known."""
    from transformers import AutoConfig, AutoModel, AutoModelForCausalLM

    name, revision = _revision(path)
    try:
        config = AutoConfig.from_pretrained(name, revision=revision, trust_remote_code=False)
        auto = AutoModel if is_encoder(config) else AutoModelForCausalLM
        with torch.device("meta"):
            model = auto.from_config(config, trust_remote_code=False)
        parameters = sum(p.numel() for p in model.parameters())
    except Exception as error:  # the libraries raise many kinds
        raise OSError(
            f"{path}: no language model or encoder is found there ({' '.join(str(error).split())[:300]})"
        ) from error
    return ModelSpec(
        name.rstrip("/").split("/")[-1], path, 5e-5 if parameters < 7e8 else 1e-5, parameters, math.nan
    )


def _revision(path: str) -> tuple[str, str]:
    """A hub id and its revision, "owner/name@revision"; of a folder, whatever it is called, the folder."""
    name, _, revision = path.partition("@")
    return (path, "main") if Path(path).exists() or not revision else (name, revision)


def _hash_weights(path: str) -> str:
    """Of a folder, a digest of weights, configuration and tokenizer; a hub id stands for itself."""
    folder = Path(path)
    if not any(folder.glob("*.safetensors")):
        return path
    found = [
        file for kind in DECISIVE for file in sorted(folder.glob(kind)) if file.name != "pretraining.json"
    ]
    return _hash_files(tuple((str(file), *touched(file)) for file in found))


def touched(file: Path) -> tuple[int, int]:
    """When it was last written, and its size: what is remembered of a file holds as long as these stay."""
    status = file.stat()
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=64)
def _hash_files(files: tuple[tuple[str, int, int], ...]) -> str:
    """Read once as long as the files are not touched."""
    digest = hashlib.sha256()
    for name, _, _ in files:
        digest.update(Path(name).read_bytes())
    return digest.hexdigest()[:16]


def load_model(spec: ModelSpec, quantised: bool = False) -> tuple[Any, Any]:
    """(causal language model or chess policy in float32, tokenizer), a fresh copy each time.

    `quantised`: its linear layers in 4 bits, an eighth of the memory, no longer to be trained (QLoRA:
    Dettmers et al. 2023). Raises OSError that names the folder when the weights are missing, cut short or
    damaged, and the tensor that is missing, misshapen, not finite, of integers, or too many (see
    `check_whole`). Of a model that ships with the kit, every file must be the one that ships. Code that lies
    beside a model is never run.
    """
    if quantised and not spec.pretrained:
        raise ValueError(
            f"{spec.name}: random weights in 4 bits would stay random, as they cannot be trained"
        )
    model, tokenizer = _pretrained(spec.path, spec.weights_hash, quantised)
    return copy.deepcopy(model) if spec.pretrained else type(model)(model.config), tokenizer


@lru_cache(maxsize=8)
def _pretrained(path: str, weights_hash: str, quantised: bool = False):
    from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoTokenizer

    from .chess_policy import ChessPolicyConfig

    if Path(path).resolve().is_relative_to(WEIGHTS.resolve()):
        check_folder(Path(path).resolve(), WEIGHTS.resolve())
    try:
        name, revision = _revision(path)
        config = AutoConfig.from_pretrained(name, revision=revision, trust_remote_code=False)
        chess = isinstance(config, ChessPolicyConfig)
        auto: Any = AutoModel if chess or is_encoder(config) else AutoModelForCausalLM
        few_bits = {"quantization_config": _four_bits()} if quantised else {}
        model = load_whole(auto, name, revision, unused=r"^pooler\.", **few_bits)  # of an encoder
        if chess:
            return model, model.tokenizer
        return model, AutoTokenizer.from_pretrained(name, revision=revision, trust_remote_code=False)
    except (ImportError, MemoryError):
        raise  # says nothing about the model
    except Exception as error:  # the libraries raise many kinds
        raise OSError(
            f"{path}: this model cannot be loaded whole ({' '.join(str(error).split())}); fetch or make it again"
        ) from error


def load_whole(auto: Any, name: str, revision: str = "main", unused: str | None = None, **options) -> Any:
    """A model in float32 by a class of transformers, every number of it as its files have it, or an error.

    auto: AutoModelForCausalLM, or the like. unused: a pattern of tensors that may be missing, as nothing is
    read off them. Raises OSError that names the tensor, and many errors of the libraries for files that
    cannot be read.
    """
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()  # what is wrong with tensors is an error below
    if Path(name).is_dir():
        logging.disable_progress_bar()  # a bar a load, for loads of milliseconds
    try:
        # tensors of another shape are named below; transformers' own error does not name them
        model, report = auto.from_pretrained(
            name,
            revision=revision,
            dtype=torch.float32,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
            **options,
        )
        check_whole(model, report, _weight_files(name, revision), unused)
        return model
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def check_whole(model: Any, report: dict, files: Sequence[Path], unused: str | None = None) -> None:
    """Raises OSError that names the tensors, if what was loaded is not what stands in `files`.

    A tensor may not be missing (transformers fills in random numbers), nor of another shape, nor hold NaN,
    infinity, or integers in place of numbers with a fraction. Nor may there be more than the model has, as
    with too few layers in config.json. Only a head may be left over: what the model that was saved has beyond
    the one that is loaded, such as the part of BERT that fills in words. That is looked up in the
    architectures that config.json names, and in the one in which transformers pretrains such a model. report:
    of `from_pretrained(output_loading_info=True)`. unused: as in `load_whole`.
    """
    missing = [key for key in report["missing_keys"] if not (unused and re.search(unused, key))]
    _refuse("tensors are missing", missing)
    misshapen = [f"{key} {tuple(has)}, not {tuple(wanted)}" for key, has, wanted in report["mismatched_keys"]]
    _refuse("tensors have other shapes than config.json says", misshapen)
    if report["unexpected_keys"]:
        surplus = report["unexpected_keys"] - _saved_with(model)
        _refuse("there are more tensors than config.json says", surplus)
    few_bits = getattr(model, "is_quantized", False)  # what these are made of is no longer in the model
    _refuse("tensors are integers", _integers(model, files, few_bits))
    tensors = _tensors(files) if few_bits else model.state_dict().items()
    _refuse("tensors hold NaN or infinity", [key for key, tensor in tensors if not _finite(tensor)])


def _refuse(problem: str, names: Iterable[str]) -> None:
    if found := sorted(names):
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        raise OSError(f"{problem}: {', '.join(found[:3])}{more}")


def _saved_with(model: Any) -> set[str]:
    """Names of the tensors of the architectures that `model` may have been saved in, without their prefix."""
    import transformers

    config = model.config
    named = [getattr(transformers, name, None) for name in config.architectures or ()]
    makers: list[Any] = [maker for maker in named if getattr(maker, "config_class", None) is type(config)]
    if pretraining := transformers.MODEL_FOR_PRETRAINING_MAPPING.get(type(config), None):
        makers.append(pretraining)
    with torch.device("meta"):
        names = {key for maker in makers for key in maker(config).state_dict()}
    return {key.removeprefix(f"{model.base_model_prefix}.") for key in names}


def _integers(model: Any, files: Sequence[Path], few_bits: bool) -> list[str]:
    """Tensors that are integers in `files`, and numbers with a fraction in a model of this configuration."""
    found = []
    for file in files:
        with safe_open(file, "pt") as tensors:
            found += [key for key in tensors.keys() if tensors.get_slice(key).get_dtype() in INTEGERS]
    if found and few_bits:
        with torch.device("meta"):
            model = type(model)(model.config)
    fractions = {key for key, tensor in model.state_dict().items() if tensor.is_floating_point()}
    prefix = f"{model.base_model_prefix}."
    return [key for key in found if {key, prefix + key, key.removeprefix(prefix)} & fractions]


def _tensors(files: Sequence[Path]) -> Iterator[tuple[str, torch.Tensor]]:
    for file in files:
        with safe_open(file, "pt") as tensors:
            yield from ((key, tensors.get_tensor(key)) for key in tensors.keys())


def _finite(tensor: torch.Tensor) -> bool:
    """Without a copy: the least and the greatest number are NaN where one is."""
    if not tensor.is_floating_point() or not tensor.numel():
        return True
    return all(map(math.isfinite, torch.aminmax(tensor)))


def _weight_files(name: str, revision: str) -> list[Path]:
    """The safetensors files of a folder, or of a hub's model in the cache: one, or the parts of its index."""
    from transformers.utils import SAFE_WEIGHTS_INDEX_NAME, SAFE_WEIGHTS_NAME, cached_file

    def find(file: str) -> str | None:
        here: dict[str, Any] = dict(local_files_only=True, _raise_exceptions_for_missing_entries=False)
        return cached_file(name, file, revision=revision, **here)

    if whole := find(SAFE_WEIGHTS_NAME):
        return [Path(whole)]
    if index := find(SAFE_WEIGHTS_INDEX_NAME):
        parts = sorted(set(json.loads(Path(index).read_text(encoding="utf-8"))["weight_map"].values()))
        return [Path(found) for part in parts if (found := find(part))]
    return []  # a file that the hub has converted stands elsewhere; what was loaded is looked at all the same


def _four_bits():
    from importlib.util import find_spec

    from transformers import BitsAndBytesConfig

    from .training.device import pick_device

    if find_spec("bitsandbytes") is None:
        raise ImportError("weights in 4 bits need bitsandbytes: pip install 'w2s_kit[quantised]'")
    return BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=pick_device().dtype
    )


class LastToken(nn.Module):
    """A causal model with a head of `rows` zeros, read off the last token. Ids are right-padded (batch,
    time), lengths (batch,): in a causal model what follows the last token is invisible to it, so no mask is
    needed. Texts longer than `longest` tokens lose their middle.
    """

    def __init__(self, model, tokenizer, rows: int, linear_probe: bool = False):
        super().__init__()
        if is_encoder(model.config):
            raise ValueError(
                f"{model.config.name_or_path}: a {model.config.model_type} reads both ways and writes nothing; it takes tasks with two classes only"
            )
        self.tokenizer, self.pad_id, self.longest = (
            tokenizer,
            tokenizer.pad_token_id or 0,
            positions(model.config),
        )
        self.backbone = model.get_decoder() if hasattr(model, "get_decoder") else model.base_model
        # in a tuple, so no part of this model; see writing.Reader
        self.language_head = (model.get_output_embeddings(),)
        self.head = nn.Linear(self.language_head[0].weight.shape[1], rows, bias=False)
        nn.init.zeros_(self.head.weight)
        if linear_probe:
            freeze_all_but_head(self)

    def features(
        self, input_ids: torch.Tensor, lengths: torch.Tensor, layer: int | None = None
    ) -> torch.Tensor:
        """(batch, width), after all layers, or after one of them."""
        hidden = _hidden(self.backbone, layer, input_ids=input_ids, use_cache=False)
        return hidden[torch.arange(len(lengths), device=hidden.device), lengths - 1]


class Classifier(LastToken):
    """Two classes; the head begins with zeros, or with the rows of the answer tokens."""

    def __init__(self, model, tokenizer, head: str = "zeros", linear_probe: bool = False):
        super().__init__(model, tokenizer, 2, linear_probe)
        if head == "tokens":
            self.head.weight.data = self.language_head[0].weight.data[list(answer_ids(tokenizer))].clone()
        elif head != "zeros":
            raise ValueError(nearest("head", head, ("tokens", "zeros")))

    def forward(self, input_ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        return self.head(self.features(input_ids, lengths))


class Encoder(nn.Module):
    """Two classes read off a model that sees a text both ways, such as BERT: the mean over its tokens, and a
    head of zeros.
    """

    def __init__(self, model, tokenizer, linear_probe: bool = False):
        super().__init__()
        self.tokenizer, self.pad_id, self.longest, self.backbone = (
            tokenizer,
            tokenizer.pad_token_id or 0,
            positions(model.config),
            model,
        )
        self.head = nn.Linear(model.config.hidden_size, 2, bias=False)
        nn.init.zeros_(self.head.weight)
        if linear_probe:
            freeze_all_but_head(self)

    def features(
        self, input_ids: torch.Tensor, lengths: torch.Tensor, layer: int | None = None
    ) -> torch.Tensor:
        """(batch, width), after all layers, or after one of them."""
        there = torch.arange(input_ids.shape[1], device=lengths.device) < lengths[:, None]
        hidden = _hidden(self.backbone, layer, input_ids=input_ids, attention_mask=there.long())
        return (hidden * there[..., None]).sum(dim=1) / lengths[:, None]

    def forward(self, input_ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        return self.head(self.features(input_ids, lengths))


def _hidden(backbone, layer: int | None, **inputs) -> torch.Tensor:
    """(batch, time, width)."""
    if layer is None:
        return backbone(**inputs).last_hidden_state
    return backbone(**inputs, output_hidden_states=True).hidden_states[layer]


def is_encoder(config) -> bool:
    """Whether a model of this configuration sees texts both ways: those that fill in masked words do."""
    from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES

    return config.model_type in MODEL_FOR_MASKED_LM_MAPPING_NAMES and not getattr(config, "is_decoder", False)


def positions(config) -> int | None:
    """The longest text in tokens that a model has learned places for; None where there is no end."""
    most = getattr(config, "max_position_embeddings", None)
    # these count from 2 on
    return most and most - (2 if config.model_type in ("roberta", "xlm-roberta", "camembert", "mpnet") else 0)


def answer_ids(tokenizer) -> tuple[int, int]:
    """Token ids of (no, yes), or of ("0", "1") as in the paper, whichever the tokenizer has as single tokens."""
    for pair in ANSWERS:
        ids = [tokenizer.encode(word, add_special_tokens=False) for word in pair]
        if all(len(i) == 1 and i[0] != tokenizer.unk_token_id for i in ids):
            return ids[0][0], ids[1][0]
    raise ValueError(f"the tokenizer has no single tokens for any of {ANSWERS}; use head='zeros'")


def freeze_all_but_head(model: nn.Module) -> None:
    model.requires_grad_(False)
    model.head.requires_grad_(True)


def add_lora(model: nn.Module, rank: int) -> None:
    """Low-rank adapters (Hu et al. 2021) beside every linear layer of the language model inside, which itself
    stays as it is: only they and the head are trained. Scaled by 1, without dropout, as in EleutherAI's study
    (rank 8). Raises ImportError without peft, ValueError for what is no language model.
    """
    inside = getattr(model, "backbone", None) or getattr(model, "model", None)
    if inside is None:
        raise ValueError(
            f"lora={rank}: {type(model).__name__} was made of no language model; train it whole, or its head (linear_probe=True)"
        )
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ImportError as error:
        raise ImportError("adapters need peft: pip install 'w2s_kit[lora]'") from error
    sides = [
        min(layer.in_features, layer.out_features)
        if isinstance(layer, nn.Linear)
        else min(layer.weight.shape)
        for layer in inside.modules()
        if isinstance(layer, nn.Linear) or type(layer).__name__ == "Conv1D"
    ]
    if rank > min(sides, default=rank):
        raise ValueError(
            f"lora={rank}: a layer of this model is only {min(sides)} wide, and adapters of a higher rank would be larger than it; 8 is usual"
        )
    for other in getattr(model, "language_head", ()):
        other.requires_grad_(False)
    # GPT-2's way to write a linear layer
    transposed = any(type(layer).__name__ == "Conv1D" for layer in inside.modules())
    inject_adapter_in_model(
        LoraConfig(r=rank, lora_alpha=rank, target_modules="all-linear", fan_in_fan_out=transposed), inside
    )


def load_classifier(
    spec: ModelSpec, head: str = "zeros", linear_probe: bool = False, quantised: bool = False
) -> nn.Module:
    """A fresh classifier on the weights of `spec`. Its head begins with `zeros`, without an opinion, or with
    the unembedding rows of the answer `tokens`, as the zero-shot answer. A chess policy comes as it is, with
    its own head. `linear_probe` trains the head only; `quantised` as in `load_model`.
    """
    model, tokenizer = load_model(spec, quantised)
    if is_encoder(model.config):
        if head != "zeros":
            raise ValueError(
                f"{spec.name}: only a language model can be asked in words (head={head!r}); an encoder's head begins with zeros"
            )
        return Encoder(model, tokenizer, linear_probe=linear_probe)
    if not getattr(model, "choices", False):
        return Classifier(model, tokenizer, head=head, linear_probe=linear_probe)
    if linear_probe:
        freeze_all_but_head(model)
    return model
