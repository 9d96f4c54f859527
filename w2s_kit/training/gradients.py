"""The gradient of one batch, in as many parts as memory asks for, on as many processes as there are."""

from __future__ import annotations

import numpy as np
import torch

from ..shared.processes import team
from .batches import Batch, to_width, within
from .device import Device
from .losses import Loss

NEVER = -1e9  # the logit of an answer that an example does not have


def gradients(
    model, loss: Loss, batch: Batch, step_fraction: float, device: Device, scaler, budget: int
) -> torch.Tensor:
    """Leaves d loss / d weights of one batch in the weights' `.grad`, and returns the loss.

    budget: how many tokens go through the model at a time, padding included. scaler: of float16's gradients.

    With a batch in parts, averaging their losses would be wrong for a loss that ranks the whole batch. So the
    logits of all rows come first, without a graph; then the loss's gradient at those logits; then every part
    runs again and carries its rows of that gradient back (the gradient cache of Gao et al. 2021): the batch's
    own gradient. It is the same with several processes.
    """
    model.zero_grad()
    sizes, ids, lengths, targets = batch
    together = team()  # each process takes every so many-th row, and with it its share of the lengths
    first, step = (together.process_index, together.num_processes) if together else (0, 1)
    rows = [
        slice(part[0], part[-1] + 1, step)
        for part in within(sizes, np.arange(first, len(sizes), step), budget)
    ]
    parts = [(ids[part, : sizes[part].max()], lengths[part]) for part in rows]
    forward = lambda part: model(*part).float()
    with device.autocast():
        if len(parts) == 1 and not together:
            logits = forward(parts[0])
        else:
            with torch.set_grad_enabled(len(parts) == 1):
                outputs = [forward(part) for part in parts]
            logits = _gathered(outputs, rows, len(sizes), together).requires_grad_()
        if targets.ndim == 2:  # as many answers as this batch has
            targets = to_width(targets, logits.shape[1])
        value = loss(logits, targets, step_fraction)
        scaler.scale(value).backward()
        if logits.is_leaf and logits.grad is not None:
            for part, place, output in zip(parts, rows, outputs):
                output = output if len(parts) == 1 else forward(part)
                output.backward(logits.grad[place, : output.shape[1]])
    if together:
        for p in model.parameters():
            if p.grad is not None:
                p.grad = together.reduce(p.grad, "sum")
    return value.detach()


def check_team(smallest: int) -> None:
    """Raises ValueError where a batch of `smallest` rows is too few for the processes that share it."""
    if team() and smallest < team().num_processes:
        raise ValueError(
            f"{team().num_processes} processes cannot share a batch of {smallest}: "
            "start fewer, or raise batch_size"
        )


def _gathered(outputs: list[torch.Tensor], rows: list[slice], n: int, together) -> torch.Tensor:
    """The logits of all rows, (n, answers), without a graph; those of other processes are among them."""
    width = max(part.shape[1] for part in outputs)
    if together:
        width = int(together.gather(torch.tensor([width], device=outputs[0].device)).max())
    logits = outputs[0].new_zeros(n, width)
    for place, part in zip(rows, outputs):
        logits[place] = to_width(part.detach(), width, NEVER)
    return together.reduce(logits, "sum") if together else logits
