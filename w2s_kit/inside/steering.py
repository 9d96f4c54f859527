"""A model whose layer is changed while it runs: what would it say if this layer had said something else?

    with steered(model, layer=2, vector=2 * direction):
        predict(model, texts)

Adding a direction is what Turner et al. (2023, 2308.10248), Rimsky et al. (2023, 2312.06681) and Li et al.
(2023, 2306.03341) do to make a model more honest, or less; notebook 24 does it to see what a direction is
for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def changed(model: nn.Module, layer: int, change: Callable[[torch.Tensor], torch.Tensor]) -> Iterator[None]:
    """While it is open, `layer` of a classifier hands on `change(hidden)` at every token.

    hidden has the shape (batch, time, width). Layers are counted as in `training.reading.features`: 1 is the
    first one. Raises ValueError for 0, the embeddings, and for the last layer: its output still goes through
    a norm, so nothing can be added to its features.
    """
    blocks = layers_of(model)
    number = layer + len(blocks) + 1 if layer < 0 else layer
    if not 1 <= number < len(blocks):
        raise ValueError(
            f"layer {layer}: this model has {len(blocks)} layers, and can be changed after the layers 1 to "
            f"{len(blocks) - 1}"
        )

    def after(block, inputs, output):
        return (change(output[0]), *output[1:]) if isinstance(output, tuple) else change(output)

    hook = blocks[number - 1].register_forward_hook(after)
    try:
        yield
    finally:
        hook.remove()


def steered(model: nn.Module, layer: int, vector):
    """As `changed`, by adding `vector`, an array or tensor of shape (width,)."""
    vector = torch.as_tensor(vector)
    return changed(model, layer, lambda hidden: hidden + vector.to(hidden))


def layers_of(model: nn.Module) -> nn.ModuleList:
    """The layers of the language model or encoder inside, whatever its architecture calls them.

    Raises ValueError where there are none.
    """
    backbone = getattr(model, "backbone", model)
    depth = getattr(getattr(backbone, "config", None), "num_hidden_layers", None)
    for module in backbone.modules():
        if isinstance(module, nn.ModuleList) and len(module) == depth:
            return module
    raise ValueError(
        f"{type(backbone).__name__} has no list of {depth} layers that could be changed one by one"
    )
