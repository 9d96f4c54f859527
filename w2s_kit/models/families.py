"""Model families, loading, and the two-class head.

A family is an ordered list of models of one architecture and one pretraining corpus, growing in size. The
two-class head replaces a language model's unembedding, as in the paper (Appendix A). A chess model has a head
of its own. Beside each model `m` of a family stands `m-scratch`: the same architecture without pretraining,
as a control.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import torch

from ..shared.files import touched
from ..shared.names import nearest
from ..shared.shipped import WEIGHTS, check_file
from .heads import is_encoder
from .hub_families import FAMILIES

SCRATCH = "-scratch"
DECISIVE = ("*.safetensors", "*.json", "*.txt", "*.model")  # what a model's folder is read for


@dataclass(frozen=True)
class ModelSpec:
    """One model of a family.

    Fields:

        name                 within the family, such as "xl"
        path                 a folder or a hub id
        lr                   its finetuning learning rate
        parameters           how many it has
        pretraining_flops    the x axis of the paper's figures; NaN where it is unknown
        pretrained           else only the architecture is taken, with random weights, drawn anew at each load
    """

    name: str
    path: str
    lr: float
    parameters: int
    pretraining_flops: float
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
    """Models of one architecture and corpus, smallest first; `family["m-scratch"]` has random weights.

    Fields:

        name     of the family
        specs    its models
    """

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
        """Those of its models, smallest first."""
        return [spec.name for spec in self.specs]


# Chosen by data_prep/choose_lr.py on held-out parts of training halves, never on a test.
MINIWORLD_LR = {"xs": 3e-3, "s": 3e-3, "m": 1e-3, "l": 3e-4, "xl": 1e-4}
LEAKS, SAYS = ("0", "0.1", "0.3", "0.6"), ("0", "0.25", "0.5", "0.75", "1")
DIALS_LR = {f"m-leak-{share}": 1e-3 for share in LEAKS} | {f"m-says-{share}": 1e-3 for share in SAYS}
CHESS_LR = {"xs": 1e-2, "s": 3e-3, "m": 1e-3, "l": 1e-3}
RUNGS_LR = {"xs+": 5e-3, "s+": 2e-3}  # not chosen: between the rates of their neighbours
SUMS_LR = {"xs": 3e-3, "s": 1e-3, "m": 1e-3, "l": 1e-3}


#: Families of the hub by name: ids of their models, smallest first. `hub_families` says more.
HUB = {name: list(family.ids) for name, family in FAMILIES.items()}
GATED = {id for family in FAMILIES.values() if family.gated for id in family.ids}


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
    """The family called `name`, smallest model first.

    One that ships with the kit ("miniworld", "miniworld-chat", "miniworld-dials", "chess", "sums", and
    "chess-fine", which is "chess" with two more sizes between), or one of HUB. A family of your own is
    language models or encoders of the hub or in local folders, with commas between them:
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
    if name == "chess-fine":
        specs = (*_shipped("chess", CHESS_LR), *_shipped(name, RUNGS_LR))
        return Family(name, tuple(sorted(specs, key=lambda spec: spec.parameters)))
    if name in HUB:
        return Family(name, tuple(map(_from_elsewhere, HUB[name])))
    if not {"/", ","} & set(name):
        raise ValueError(nearest("family", name, [*rates, "chess-fine", *HUB]))
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

    name, revision = with_revision(path)
    try:
        config = AutoConfig.from_pretrained(name, revision=revision, trust_remote_code=False)
        auto = AutoModel if is_encoder(config) else AutoModelForCausalLM
        with torch.device("meta"):
            model = auto.from_config(config, trust_remote_code=False)
        parameters = sum(p.numel() for p in model.parameters())
    except Exception as error:  # the libraries raise many kinds
        gate = "; accept its licence on the hub, and log in: hf auth login" if name in GATED else ""
        raise OSError(
            f"{path}: no language model or encoder is found there "
            f"({' '.join(str(error).split())[:300]}){gate}"
        ) from error
    return ModelSpec(
        name.rstrip("/").split("/")[-1], path, 5e-5 if parameters < 7e8 else 1e-5, parameters, math.nan
    )


def with_revision(path: str) -> tuple[str, str]:
    """A hub id and its revision, "owner/name@revision"; of a folder, whatever it is called, the folder."""
    name, _, revision = path.partition("@")
    return (path, "main") if Path(path).exists() or not revision else (name, revision)


def _hash_weights(path: str) -> str:
    """Of a folder, a digest of weights, configuration and tokenizer; a hub id stands for itself."""
    folder = Path(path)
    if not any(folder.glob("*.safetensors")):
        return path
    files = [
        file for kind in DECISIVE for file in sorted(folder.glob(kind)) if file.name != "pretraining.json"
    ]
    return _hash_files(tuple((str(file), *touched(file)) for file in files))


@lru_cache(maxsize=64)
def _hash_files(files: tuple[tuple[str, int, int], ...]) -> str:
    """Read once as long as the files are not touched."""
    digest = hashlib.sha256()
    for name, _, _ in files:
        digest.update(Path(name).read_bytes())
    return digest.hexdigest()[:16]
