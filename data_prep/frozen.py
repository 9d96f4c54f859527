"""Models that are read and not trained: middle layers of texts, and a head that learns from them.

Reading is slow and is done once. A head is a few hundred numbers, and learns in a second.
"""

from __future__ import annotations

import time
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from w2s_kit.models.families import ModelSpec
from w2s_kit.models.heads import is_encoder
from w2s_kit.models.loading import load_classifier
from w2s_kit.shared.files import written_whole
from w2s_kit.training.batches import encode
from w2s_kit.training.device import Device, resting
from w2s_kit.training.reading import in_batches

#: Which layers are read: the nearest to these shares of a model's depth.
DEPTHS = (1 / 3, 1 / 2)
BLOCK = 400  #: Texts that are read and kept at a time: what a killed reading loses.


def middle_layers(layers: int) -> list[int]:
    """The numbers of the layers that are read, of a model with so many; 1 is the first layer's output."""
    return sorted({max(1, round(share * layers)) for share in DEPTHS})


def means_of_layers(
    spec: ModelSpec, texts: list[str], folder: Path, device: Device
) -> dict[int, torch.Tensor]:
    """What the middle layers of a model make of each text: layer -> the mean over its tokens, (n, width).

    It is computed by blocks of texts and kept in `folder`, from which a second call reads it. Layers above
    the last one that is read are not computed.
    """
    starts, model = range(0, len(texts), BLOCK), None
    for start in starts:
        if (file := folder / f"{start}.safetensors").exists():
            continue
        model, began = model or _cut(spec, device), time.process_time()
        rows = encode(model, texts[start : start + BLOCK], device.device)
        read = torch.from_numpy(in_batches(model.means, rows, device, token_budget=2_048))
        parts = zip(model.layers, read.chunk(len(model.layers), dim=1))
        folder.mkdir(parents=True, exist_ok=True)
        with written_whole(file) as temporary:
            cost = {"seconds": f"{time.process_time() - began:.2f}", "bytes": str(peak_memory())}
            save_file({str(layer): part.contiguous() for layer, part in parts}, temporary, cost)
    blocks = [load_file(folder / f"{start}.safetensors") for start in starts]
    return {int(layer): torch.cat([block[layer] for block in blocks]) for layer in blocks[0]}


def peak_memory() -> int:
    """The most bytes that this process has had so far; 0 where the system does not say."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def cost(folder: Path) -> tuple[float, int]:
    """What it took to read what is in `folder`: CPU seconds, and the most bytes of a process that read."""
    told = []
    for file in folder.glob("*.safetensors"):
        with safe_open(file, "pt") as opened:
            told.append(opened.metadata() or {})
    seconds = sum(float(one.get("seconds", "nan")) for one in told)
    return seconds, max((int(one.get("bytes", 0)) for one in told), default=0)


def _cut(spec: ModelSpec, device: Device) -> nn.Module:
    """A model that ends at the last layer that is read, with `layers` and `means(ids, lengths)`."""
    model = load_classifier(spec)
    model.layers = middle_layers(model.backbone.config.num_hidden_layers)
    cut_above(model.backbone, model.layers[-1])
    resting(model, device)

    def means(ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        there = torch.arange(ids.shape[1], device=lengths.device) < lengths[:, None]
        inputs = dict(input_ids=ids, attention_mask=there.long(), output_hidden_states=True)
        hidden = model.backbone(**inputs).hidden_states
        mean = lambda states: (states * there[..., None]).sum(dim=1) / lengths[:, None]
        return torch.cat([mean(hidden[layer]) for layer in model.layers], dim=1)

    model.means = means
    return model


def cut_above(backbone: nn.Module, deepest: int) -> None:
    """Takes the layers above `deepest` away, and the norm after the last one, so that it ends there."""
    inside, name = (backbone.encoder, "layer") if is_encoder(backbone.config) else (backbone, "layers")
    setattr(inside, name, getattr(inside, name)[:deepest])
    backbone.config.num_hidden_layers = deepest
    if hasattr(backbone, "norm"):
        backbone.norm = nn.Identity()


class Head(nn.Module):
    """A head with two classes on features (n, width) that were read before; it begins with zeros.

    Its "texts" are the numbers of their rows, as "17": so all of the kit's methods can train it. Features are
    standardised by the rows that it learns from.
    """

    answers, pad_id, longest = "two", 0, None

    def __init__(self, features: torch.Tensor, rows: list[int]):
        super().__init__()
        own = features[rows]
        spread = own.std(dim=0).clamp(min=1e-6)
        self.register_buffer("features", (features - own.mean(dim=0)) / spread)
        self.head = nn.Linear(features.shape[1], 2)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    @staticmethod
    def tokenizer(texts) -> dict[str, list[list[int]]]:
        """The number of each row as its one token."""
        return {"input_ids": [[int(text)] for text in texts]}

    def forward(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Logits (batch, 2)."""
        return self.head(self.features[ids[:, 0]])
