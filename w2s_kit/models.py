"""Model families, loading, and the two-class head.

A family is an ordered list of models of one architecture and one pretraining corpus, growing in size. The two-class
head replaces a language model's unembedding, as in the paper (Appendix A). A chess model has a head of its own.
Beside each model `m` of a family stands `m-scratch`: the same architecture without pretraining, as a control.
"""

from __future__ import annotations

import copy
import hashlib
import json
import math
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import torch
from torch import nn
from transformers.utils import logging

from .names import nearest

WEIGHTS = Path(__file__).parent / "weights"
SCRATCH = "-scratch"
ANSWERS = (("no", "yes"), (" no", " yes"), ("0", "1"))  # the head's rows: the first pair that are single tokens


@dataclass(frozen=True)
class ModelSpec:
    """One model of a family. `path` is a folder or a hub id; `lr` is its finetuning learning rate."""

    name: str
    path: str
    lr: float
    parameters: int
    pretraining_flops: float  # the x axis of the paper's figures; NaN where it is unknown
    pretrained: bool = True  # else only the architecture is taken, with random weights, drawn anew at each load

    @property
    def weights_hash(self) -> str:
        """Names the weights, so that a run store never mixes runs of different weights."""
        return _hash_weights(self.path) if self.pretrained else "random"


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
DIALS_LR = dict.fromkeys(("m-leak-0", "m-leak-0.1", "m-leak-0.3", "m-leak-0.6", "m-says-0", "m-says-0.25", "m-says-0.5", "m-says-0.75", "m-says-1"), 1e-3)
CHESS_LR = {"xs": 1e-2, "s": 3e-3, "m": 1e-3, "l": 1e-3}


def _shipped(family: str, lrs: dict[str, float]) -> Family:
    specs = []
    for name, lr in lrs.items():
        folder = WEIGHTS / family / name
        info = folder / "pretraining.json"
        if info.exists():
            facts = json.loads(info.read_text())
            specs.append(ModelSpec(name, str(folder), lr, facts["parameters"], facts["flops"]))
    return Family(family, tuple(specs))


def load_family(name: str = "miniworld") -> Family:
    """The family called `name`, smallest model first. A family of your own is causal language models of the hub or in local
    folders, with commas between them: "openai-community/gpt2,openai-community/gpt2-large". Raises ValueError for an unknown
    name, OSError for a model that is not there."""
    # on dialogues, data_prep/choose_lr.py finds MiniWorld's rates within one standard error of the best
    rates = {"miniworld": MINIWORLD_LR, "miniworld-chat": MINIWORLD_LR, "miniworld-dials": DIALS_LR, "chess": CHESS_LR}
    if name in rates:
        return _shipped(name, rates[name])
    if not {"/", ","} & set(name):
        raise ValueError(nearest("family", name, rates))
    return Family(name, tuple(sorted((_from_elsewhere(path.strip()) for path in name.split(",")), key=lambda spec: spec.parameters)))


@lru_cache(maxsize=32)
def _from_elsewhere(path: str) -> ModelSpec:
    """Its size is counted from its configuration alone; what its pretraining cost is not known."""
    from transformers import AutoConfig, AutoModelForCausalLM

    try:
        with torch.device("meta"):
            parameters = sum(p.numel() for p in AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(path)).parameters())
    except (OSError, ValueError) as error:
        raise OSError(f"{path}: no causal language model is found there ({' '.join(str(error).split())[:300]})") from error
    return ModelSpec(path.rstrip("/").split("/")[-1], path, 5e-5 if parameters < 7e8 else 1e-5, parameters, math.nan)


def _hash_weights(path: str) -> str:
    files = sorted(Path(path).glob("*.safetensors"))
    return _hash_files(tuple((str(f), f.stat().st_mtime_ns, f.stat().st_size) for f in files)) if files else path  # else a hub id


@lru_cache(maxsize=64)
def _hash_files(files: tuple[tuple[str, int, int], ...]) -> str:
    """Read once as long as the files are not touched."""
    digest = hashlib.sha256()
    for name, _, _ in files:
        digest.update(Path(name).read_bytes())
    return digest.hexdigest()[:16]


def load_model(spec: ModelSpec):
    """(causal language model or chess policy in float32, tokenizer), a fresh copy each time. Raises OSError that names
    the folder when the weights are missing, cut short or damaged."""
    model, tokenizer = _pretrained(spec.path, spec.weights_hash)
    return copy.deepcopy(model) if spec.pretrained else type(model)(model.config), tokenizer


@lru_cache(maxsize=8)
def _pretrained(path: str, weights_hash: str):
    from safetensors import SafetensorError
    from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoTokenizer

    from .chess_policy import ChessPolicyConfig

    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # a bar a load, for loads of milliseconds
    try:
        chess = isinstance(AutoConfig.from_pretrained(path), ChessPolicyConfig)
        auto = AutoModel if chess else AutoModelForCausalLM
        model, report = auto.from_pretrained(path, dtype=torch.float32, use_safetensors=True, output_loading_info=True)
        if report["missing_keys"]:  # transformers would fill them with random numbers
            raise OSError(f"tensors are missing: {', '.join(sorted(report['missing_keys'])[:3])}")
        return model, model.tokenizer if chess else AutoTokenizer.from_pretrained(path)
    except (SafetensorError, OSError, ValueError, RuntimeError) as error:  # RuntimeError: shapes other than config.json says
        raise OSError(f"{path}: this model cannot be loaded whole ({' '.join(str(error).split())}); fetch or make it again") from error
    finally:
        if bars:
            logging.enable_progress_bar()


class LastToken(nn.Module):
    """A causal model with a head of `rows` zeros, read off the last token. Ids are right-padded (batch, time), lengths
    (batch,): in a causal model what follows the last token is invisible to it, so no mask is needed."""

    def __init__(self, model, tokenizer, rows: int, linear_probe: bool = False):
        super().__init__()
        self.tokenizer, self.pad_id = tokenizer, tokenizer.pad_token_id or 0
        self.backbone = model.get_decoder() if hasattr(model, "get_decoder") else model.base_model
        self.language_head = (model.get_output_embeddings(),)  # in a tuple, so no part of this model; see writing.Reader
        self.head = nn.Linear(self.language_head[0].weight.shape[1], rows, bias=False)
        nn.init.zeros_(self.head.weight)
        if linear_probe:
            freeze_all_but_head(self)

    def features(self, input_ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        hidden = self.backbone(input_ids=input_ids, use_cache=False).last_hidden_state
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
    """Low-rank adapters (Hu et al. 2021) beside every linear layer of the language model inside, which itself stays as it is:
    only they and the head are trained. Scaled by 1. Raises ImportError without peft, ValueError for what is no language model."""
    inside = getattr(model, "backbone", None) or getattr(model, "model", None)
    if inside is None:
        raise ValueError(f"lora={rank}: {type(model).__name__} was made of no language model; train it whole, or its head (linear_probe=True)")
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ImportError as error:
        raise ImportError("adapters need peft: pip install peft") from error
    for other in getattr(model, "language_head", ()):
        other.requires_grad_(False)
    transposed = any(type(layer).__name__ == "Conv1D" for layer in inside.modules())  # GPT-2's way to write a linear layer
    inject_adapter_in_model(LoraConfig(r=rank, lora_alpha=rank, target_modules="all-linear", fan_in_fan_out=transposed), inside)


def load_classifier(spec: ModelSpec, head: str = "zeros", linear_probe: bool = False) -> nn.Module:
    """A fresh classifier on the weights of `spec`. Its head begins with `zeros`, without an opinion, or with the
    unembedding rows of the answer `tokens`, as the zero-shot answer. A chess policy comes as it is, with its own head.
    `linear_probe` trains the head only."""
    model, tokenizer = load_model(spec)
    if not getattr(model, "choices", False):
        return Classifier(model, tokenizer, head=head, linear_probe=linear_probe)
    if linear_probe:
        freeze_all_but_head(model)
    return model
