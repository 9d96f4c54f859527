"""How much memory finetuning takes, before it starts."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TypeVar

import torch

from ..shared.processes import team
from .student import language_model

T = TypeVar("T")


def recompute_layers(model) -> None:
    """Lets the layers of a model forget their insides, and compute them again for the gradient.

    Transformers' layers do so only while they are in training mode; what is in them, dropout too, stays as it
    is. Raises ValueError where no layer can.
    """
    from transformers.modeling_layers import GradientCheckpointingLayer

    backbone = language_model(model) or model
    layers = [module for module in backbone.modules() if isinstance(module, GradientCheckpointingLayer)]
    if not layers:
        raise ValueError(
            f"recompute=True: no layer of {type(backbone).__name__} can compute its insides again"
        )
    # the older name
    enable = (
        getattr(backbone, "activation_checkpointing_enable", None) or backbone.gradient_checkpointing_enable
    )
    enable({"use_reentrant": False})
    for layer in layers:
        layer.training = True


def while_it_fits(run: Callable[[int], T], budget: int, tokens: int, longest: int) -> tuple[T, int]:
    """(run(budget), budget) for the largest budget that memory has room for: it is halved until it fits.

    tokens: all there are to run, so that a larger budget is no other. longest: those of one row, as with
    fewer at a time nothing is gained. Raises RuntimeError when not even one row fits, and for every other
    error of `run`.
    """
    wanted = size = min(budget, tokens)
    while True:
        try:
            result = run(size)
        except RuntimeError as error:
            if not any(sign in str(error) for sign in ("out of memory", "can't allocate memory")):
                raise
            if team():
                raise RuntimeError(
                    f"out of memory with {size} tokens at a time, and one of several processes cannot "
                    "try again alone: start again with a smaller token_budget"
                ) from error
            if size <= longest:
                raise RuntimeError(
                    "out of memory even with one example at a time: let layers forget (recompute=True), "
                    "shorten the texts, train adapters (lora=8) or the head alone (linear_probe=True), "
                    "or take a smaller model"
                ) from error
            size = max(longest, size // 2)
        else:
            if size == wanted:
                return result, budget
            warnings.warn(
                f"out of memory with {wanted} tokens at a time; {size} fit: slower, same results",
                stacklevel=3,
            )
            return result, size
        # out here, where the error no longer holds on to what it had allocated
        if torch.cuda.is_initialized():
            torch.cuda.empty_cache()


GB = 1e9


def finetuning_bytes(
    trained: float,
    frozen: float = 0,
    *,
    tokens: int = 0,
    layers: int = 0,
    width: int = 0,
    half: bool = True,
    recompute: bool = False,
) -> float:
    """Bytes that a finetuning takes.

    trained, frozen: parameters. tokens: those at a time, which leave something behind in each of `layers` of
    this `width`. half: arithmetic in 16 bits. recompute: layers forget.

    Weights stay in float32, 4 bytes; a trained one has a gradient and two moments beside it, 12 more, and
    where the arithmetic is in 16 bits (`half`) there is a copy of it in those. A token leaves at most 68 x
    width bytes a layer then, and 115 in float32: counted in Llama's and GPT-2's layers, the larger of the two
    (Korthikanti et al. 2022 have 34, with everything in 16 bits). With `recompute` only what enters a layer
    is kept, in float32, and one layer's rest at a time.
    """
    inside, entering = (68 if half else 115) * width, 4 * width
    kept = layers * entering + inside if recompute else layers * inside
    return (6 if half else 4) * (trained + frozen) + 12 * trained + tokens * kept


def check_memory(model, free: float) -> None:
    """Raises MemoryError where finetuning `model` takes more than `free` bytes.

    Only weights, gradients and moments are counted: what is needed in any case. The message says what fits.
    """
    kept = lambda p: p.numel() * p.element_size() / 4  # in numbers of 32 bits: weights in 4 are kept in pairs
    trained, frozen = (
        sum(kept(p) for p in model.parameters() if p.requires_grad == wanted) for wanted in (True, False)
    )
    needed = finetuning_bytes(trained, frozen, half=False)  # what is needed in any case
    if needed > free:
        config = getattr(language_model(model) or model, "config", None)
        name = getattr(config, "name_or_path", "") or type(model).__name__
        ways = {
            "adapters (lora=8)": trained + frozen,
            "adapters beside weights in 4 bits (lora=8, quantised=True)": (trained + frozen) / 8,
        }
        fit = [
            f"{way} need about {4 * size / GB:.1f} GB"
            for way, size in ways.items()
            if 4 * size < min(free, needed / 2)
        ]
        remedy = (fit or ["take a smaller model, or a larger GPU"])[0]
        raise MemoryError(
            f"{name} needs about {needed / GB:.1f} GB here before it has read a text, "
            f"and {free / GB:.1f} GB are free: {remedy}"
        )


def free_bytes(device: torch.device) -> float:
    """What a GPU has left, caches of PyTorch's included; a CPU's memory counts as infinite."""
    if device.type != "cuda":
        return float("inf")
    free, _ = torch.cuda.mem_get_info(device)
    return free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
