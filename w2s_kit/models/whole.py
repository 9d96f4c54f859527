"""A model is loaded whole, every number of it as its files have it, or not at all."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from transformers.utils import logging

INTEGERS = ("BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "U64", "I64")  # as safetensors calls them


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
    """Raises OSError that names the first three of `names`, if there is one."""
    if tensors := sorted(names):
        more = f" and {len(tensors) - 3} more" if len(tensors) > 3 else ""
        raise OSError(f"{problem}: {', '.join(tensors[:3])}{more}")


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
    integers = []
    for file in files:
        with safe_open(file, "pt") as tensors:
            integers += [key for key in tensors.keys() if tensors.get_slice(key).get_dtype() in INTEGERS]
    if integers and few_bits:
        with torch.device("meta"):
            model = type(model)(model.config)
    fractions = {key for key, tensor in model.state_dict().items() if tensor.is_floating_point()}
    prefix = f"{model.base_model_prefix}."
    return [key for key in integers if {key, prefix + key, key.removeprefix(prefix)} & fractions]


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
        return [Path(file) for part in parts if (file := find(part))]
    return []  # a file that the hub has converted stands elsewhere; what was loaded is looked at all the same
