"""How much memory finetuning takes, before it starts."""

from __future__ import annotations

import torch

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
    """Bytes for `trained` and `frozen` parameters, and for what `tokens` at a time leave behind in `layers`
    of this `width`.

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
    """Raises MemoryError where not even the weights of `model`, their gradients and moments fit into `free`
    bytes.
    """
    kept = lambda p: p.numel() * p.element_size() / 4  # in numbers of 32 bits: weights in 4 are kept in pairs
    trained, frozen = (
        sum(kept(p) for p in model.parameters() if p.requires_grad == wanted) for wanted in (True, False)
    )
    needed = finetuning_bytes(trained, frozen, half=False)  # what is needed in any case
    if needed > free:
        name = (
            getattr(getattr(getattr(model, "backbone", model), "config", None), "name_or_path", "")
            or type(model).__name__
        )
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
            f"{name} needs about {needed / GB:.1f} GB here before it has read a text, and {free / GB:.1f} GB are free: {remedy}"
        )


def free_bytes(device: torch.device) -> float:
    """What a GPU has left, caches of PyTorch's included; a CPU is not asked."""
    if device.type != "cuda":
        return float("inf")
    free, _ = torch.cuda.mem_get_info(device)
    return free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
