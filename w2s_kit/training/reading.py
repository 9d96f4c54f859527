"""Reading without learning: predictions and features of a model, by batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from types import SimpleNamespace

import numpy as np
import torch

from .batches import Encoded, encode, to_width, within
from .device import Device, pick_device
from .memory import while_it_fits


def predict(model, texts, token_budget: int = 16_384, device: Device | None = None) -> np.ndarray:
    """P(label 1), shape (n,), or with `model.choices` P(answer), shape (n, answers), in the order of `texts`.
    Runs where the model is, unless `device` is given.
    """
    device = device or pick_device(next(model.parameters()).device.type)
    model.to(device.device).eval()
    return probabilities(model, encode(model, texts, device.device), device, token_budget)


def probabilities(model, data: Encoded, device: Device, token_budget: int = 16_384) -> np.ndarray:
    p = in_batches(
        lambda ids, lengths: model(ids, lengths).float().softmax(dim=1), data, device, token_budget
    )
    return p if getattr(model, "choices", False) else p[:, 1]


@torch.no_grad()
def in_batches(forward: Callable, data: Encoded, device: Device, token_budget: int = 16_384) -> np.ndarray:
    """`forward(ids, lengths)`, (batch, width), of all rows in their order, (n, widest), by batches of nearly
    equal length and at most `token_budget` tokens; fewer where memory is short. Rows of a narrower batch are
    filled with zeros.
    """
    order = np.argsort(data.sizes, kind="stable")

    def run(budget: int) -> np.ndarray:
        with device.autocast():
            parts = [
                forward(ids, lengths).float()
                for _, ids, lengths in data.batches(within(data.sizes, order, budget))
            ]
        # the last batch is the widest
        return torch.cat([to_width(part, parts[-1].shape[1]) for part in parts]).cpu().numpy()

    found = while_it_fits(run, token_budget, data.area, int(data.sizes.max()))[0]
    result = np.empty_like(found)
    result[order] = found
    return result


def features(
    model,
    texts: Sequence[str],
    token_budget: int = 16_384,
    device: Device | None = None,
    layer: int | None = None,
) -> np.ndarray:
    """(n, width): what the head of a classifier or reward model sees of each text, or what an earlier `layer`
    makes of its last token: 0 are the embeddings, 1 the first layer's output, -2 the one's before the last. A
    comparison is two texts here.
    """
    device = device or pick_device(next(model.parameters()).device.type)
    model.to(device.device).eval()
    single = SimpleNamespace(
        tokenizer=getattr(model.tokenizer, "tokenizer", model.tokenizer),
        pad_id=model.pad_id,
        longest=model.longest,
    )
    forward = model.features if layer is None else partial(model.features, layer=layer)
    return in_batches(forward, encode(single, texts, device.device), device, token_budget)
