"""Reading without learning: predictions and features of a model, by batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch

from .batches import Encoded, encode, to_width, within
from .device import Device, resting
from .memory import while_it_fits
from .student import answers_of, text_tokenizer


def predict(model, texts, token_budget: int = 16_384, device: Device | None = None) -> np.ndarray:
    """What a model answers to `texts`, in their order: P(label 1), (n,).

    Of a model with more than two answers, P(answer), (n, answers). token_budget: tokens at a time, padding
    included. device: None is where the model is.
    """
    device = resting(model, device)
    return probabilities(model, encode(model, texts, device.device), device, token_budget)


def probabilities(model, data: Encoded, device: Device, token_budget: int = 16_384) -> np.ndarray:
    """What `predict` gives, for texts that are encoded already and a model that is on `device`."""
    softmax = lambda ids, lengths: model(ids, lengths).float().softmax(dim=1)
    p = in_batches(softmax, data, device, token_budget)
    return p[:, 1] if answers_of(model) == "two" else p


@torch.no_grad()
def in_batches(forward: Callable, data: Encoded, device: Device, token_budget: int = 16_384) -> np.ndarray:
    """`forward(ids, lengths)` of all rows in their order, (n, widest).

    It goes by batches of nearly equal length and at most `token_budget` tokens; fewer where memory is short.
    `forward` gives (batch, width), and rows of a narrower batch are filled up with zeros.
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

    sorted_rows = while_it_fits(run, token_budget, data.area, int(data.sizes.max()))[0]
    result = np.empty_like(sorted_rows)
    result[order] = sorted_rows
    return result


def features(
    model,
    texts: Sequence[str],
    token_budget: int = 16_384,
    device: Device | None = None,
    layer: int | None = None,
) -> np.ndarray:
    """What the head of a classifier or reward model sees of each text, (n, width).

    layer: what an earlier layer makes of the same tokens. 0 are the embeddings, 1 is the first layer's
    output, -2 that of the layer before the last. A comparison is two texts here.
    """
    device = resting(model, device)
    data = encode(model, texts, device.device, text_tokenizer(model))
    forward = model.features if layer is None else partial(model.features, layer=layer)
    return in_batches(forward, data, device, token_budget)
