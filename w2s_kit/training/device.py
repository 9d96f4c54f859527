"""Where to compute, and how precisely: decided in one place, with the reason in words."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import torch

from ..shared.names import nearest
from ..shared.processes import team


@dataclass(frozen=True)
class Device:
    """Where to compute, how precisely, and why there.

    Fields:

        device    of PyTorch
        dtype     of the arithmetic; weights and optimizer stay in float32
        why       one sentence, for the reader
    """

    device: torch.device
    dtype: torch.dtype
    why: str

    def autocast(self):
        """The context in which a model computes in `dtype`."""
        return (
            torch.autocast(self.device.type, self.dtype)
            if self.dtype != torch.float32
            else contextlib.nullcontext()
        )


def resting(model, device: Device | None = None) -> Device:
    """Puts `model` on `device`, with dropout off, and returns the device; without one, where the model is."""
    device = device or pick_device(next(model.parameters()).device.type)
    model.to(device.device).eval()
    return device


def pick_device(kind: str = "auto") -> Device:
    """The one place that decides where to compute and how precisely.

    kind: "auto" takes a GPU where there is one; or "cpu" or "cuda". Raises ValueError for another kind, and
    for "cuda" without a GPU.
    """
    if kind not in ("auto", "cpu", "cuda"):
        raise ValueError(nearest("device", kind, ("auto", "cpu", "cuda")))
    team()  # gives each of several processes a GPU of its own
    if kind == "cpu" or not torch.cuda.is_available():
        if kind == "cuda":
            raise ValueError("device 'cuda' was asked for, but PyTorch sees no GPU; use 'auto' or 'cpu'")
        reason = "as asked" if kind == "cpu" else "PyTorch sees no GPU"
        return Device(torch.device("cpu"), torch.float32, f"float32 on the CPU: {reason}")
    capability, gpu = torch.cuda.get_device_capability(), torch.cuda.get_device_name()
    # torch.cuda.is_bf16_supported() also counts slow emulation, so the hardware is asked
    if capability >= (8, 0):
        return Device(
            torch.device("cuda"),
            torch.bfloat16,
            f"bfloat16 on {gpu}: as wide a range as float32, at half the memory",
        )
    return Device(
        torch.device("cuda"),
        torch.float16,
        f"float16 with scaled gradients on {gpu}: this GPU has no bfloat16",
    )
