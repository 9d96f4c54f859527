"""Low-rank adapters, and weights in 4 bits, where a model is too large to be trained whole."""

from __future__ import annotations

import importlib.util
from typing import Any

from torch import nn

from ..shared.names import pip
from ..training.device import pick_device
from ..training.student import language_model
from .heads import LastToken


def four_bits():
    """How transformers loads linear layers in 4 bits (QLoRA: Dettmers et al. 2023).

    Raises ImportError without bitsandbytes.
    """
    from transformers import BitsAndBytesConfig

    if importlib.util.find_spec("bitsandbytes") is None:
        raise ImportError(f"weights in 4 bits need bitsandbytes: {pip('w2s_kit[quantised]')}")
    return BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=pick_device().dtype
    )


def add_lora(model: nn.Module, rank: int) -> None:
    """Puts low-rank adapters (Hu et al. 2021) beside every linear layer of the language model inside.

    The model itself stays as it is: only the adapters and the head are trained. They are scaled by 1, without
    dropout, as in EleutherAI's study (rank 8). Raises ImportError without peft, and ValueError for what is no
    language model or narrower than `rank`.
    """
    inside = language_model(model)
    if inside is None:
        raise ValueError(
            f"lora={rank}: {type(model).__name__} was made of no language model; "
            "train it whole, or its head (linear_probe=True)"
        )
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ImportError as error:
        raise ImportError(f"adapters need peft: {pip('w2s_kit[lora]')}") from error
    sides = [_narrower_side(layer) for layer in inside.modules() if _is_linear(layer)]
    if rank > min(sides, default=rank):
        raise ValueError(
            f"lora={rank}: a layer of this model is only {min(sides)} wide, "
            "and adapters of a higher rank would be larger than it; 8 is usual"
        )
    if isinstance(model, LastToken):
        model.language_head[0].requires_grad_(False)
    transposed = any(_is_transposed(layer) for layer in inside.modules())
    adapters = LoraConfig(r=rank, lora_alpha=rank, target_modules="all-linear", fan_in_fan_out=transposed)
    inject_adapter_in_model(adapters, inside)


def _is_linear(layer: nn.Module) -> bool:
    return isinstance(layer, nn.Linear) or _is_transposed(layer)


def _is_transposed(layer: nn.Module) -> bool:
    """GPT-2's way to write a linear layer."""
    return type(layer).__name__ == "Conv1D"


def _narrower_side(layer: Any) -> int:
    # weights in 4 bits have another shape than their layer
    return (
        min(layer.in_features, layer.out_features)
        if isinstance(layer, nn.Linear)
        else min(layer.weight.shape)
    )
