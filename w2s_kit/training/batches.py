"""Texts as token ids, and the batches that they are learned in."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

from .config import TrainConfig
from .student import longest_of


@dataclass(frozen=True)
class Encoded:
    """Texts as token ids, end to end, without padding: memory follows their tokens, not the longest of them.

    Fields:

        flat       (tokens,) int32, on the device: the ids of row 0, then of row 1, and so on
        starts     (n,), on the device: where each row begins
        lengths    (n,), on the device: how long it is
        sizes      (n,), the lengths again, on the CPU, so that no batch waits for the device
        pad_id     what fills a batch up on the right
    """

    flat: torch.Tensor
    starts: torch.Tensor
    lengths: torch.Tensor
    sizes: np.ndarray
    pad_id: int

    def __len__(self) -> int:
        return len(self.sizes)

    @property
    def area(self) -> int:
        """How many tokens all rows would be in one batch, padding included."""
        return len(self) * int(self.sizes.max())

    @property
    def ids(self) -> torch.Tensor:
        """All rows as one batch, (n, longest) int64, made anew each time: for few texts."""
        return next(self.batches([np.arange(len(self))]))[1]

    def rows(self) -> list[np.ndarray]:
        """The ids of each row, without padding, on the CPU."""
        return np.split(self.flat.cpu().numpy(), np.cumsum(self.sizes)[:-1])

    def batches(self, groups: list[np.ndarray]) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
        """For each group: its rows, their ids (batch, its longest), right-padded int64, and their lengths."""
        order = torch.from_numpy(np.concatenate(groups)).to(self.flat.device)
        starts, lengths = self.starts[order], self.lengths[order]
        columns, start = torch.arange(self.sizes.max(), device=self.flat.device), 0
        for rows in groups:
            place, column = slice(start, start + len(rows)), columns[: self.sizes[rows].max()]
            ids = self.flat.take((starts[place, None] + column).clamp_(max=len(self.flat) - 1))
            padding = column >= lengths[place, None]
            yield order[place], ids.masked_fill_(padding, self.pad_id).long(), lengths[place]
            start = place.stop


def encode(model, texts, device: torch.device, tokenizer=None) -> Encoded:
    """Texts as token ids, by the model's tokenizer.

    tokenizer: another one in its place. A text that is longer than the model reads loses its middle. Raises
    ValueError for no texts, and for a row that is no text or has no tokens.
    """
    if isinstance(texts, str):
        raise ValueError(f"texts: {texts[:40]!r} is one text, and a list of texts is expected: [text]")
    texts = list(texts)
    if not texts:
        raise ValueError("texts: there are none; is this split empty?")
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"texts: row {row} is {text!r}, not a string; drop or fill missing texts")
    rows = (tokenizer or model.tokenizer)(texts)["input_ids"]
    if longest := longest_of(model):
        rows = [without_middle(row, longest) for row in rows]
    sizes = np.fromiter(map(len, rows), np.int64, len(rows))
    if not sizes.all():
        raise ValueError(f"texts: row {np.argmin(sizes)} has no tokens; drop empty texts")
    flat = np.fromiter(itertools.chain.from_iterable(rows), np.int32, sizes.sum())
    arrays = (flat, np.cumsum(sizes) - sizes, sizes)
    ids, starts, lengths = (torch.from_numpy(array).to(device) for array in arrays)
    return Encoded(ids, starts, lengths, sizes, model.pad_id)


def without_middle(row: list, longest: int) -> list:
    """A row of tokens as it is, or where it has more than `longest` of them, without those in its middle.

    A passage stands in the middle. The question is at the end, or what it is about at the beginning.
    """
    half = longest // 2
    return row if len(row) <= longest else [*row[: longest - half], *row[len(row) - half :]]


def length_batches(sizes: np.ndarray, batch_size: int, pool: int, seed) -> list[np.ndarray]:
    """The rows of one epoch in batches of nearly equal size, each row in exactly one.

    They are shuffled, then sorted by length within pools of `pool` batches, so that little is padding. Then
    the batches are shuffled.
    """
    rng, count = np.random.default_rng(seed), math.ceil(len(sizes) / batch_size)
    batch = np.arange(len(sizes)) * count // len(sizes)
    order = rng.permutation(len(sizes))
    # by pool, then by length; equal lengths stay shuffled
    order = order[np.lexsort((sizes[order], batch // pool))]
    batches = np.split(order, np.flatnonzero(np.diff(batch)) + 1)
    return [batches[i] for i in rng.permutation(count)]


class Batch(NamedTuple):
    """What a student learns from in one step.

    Fields:

        sizes      (n,), the lengths again, on the CPU
        ids        (n, longest), right-padded
        lengths    (n,), in tokens
        targets    (n,) or (n, answers)
    """

    sizes: np.ndarray
    ids: torch.Tensor
    lengths: torch.Tensor
    targets: torch.Tensor


def epoch_batches(data: Encoded, targets: torch.Tensor, config: TrainConfig, epoch: int) -> Iterator[Batch]:
    """The batches of one epoch, in an order that `config.seed` and the epoch decide."""
    groups = length_batches(data.sizes, config.batch_size, config.pool, (config.seed, epoch))
    for rows, (places, ids, lengths) in zip(groups, data.batches(groups)):
        yield Batch(data.sizes[rows], ids, lengths, targets[places])


def training_batches(
    data: Encoded, targets: torch.Tensor, config: TrainConfig, start: int, total: int
) -> Iterator[Batch]:
    """The batches of steps `start` to `total` of a training, epoch after epoch."""
    epochs = range(math.ceil(config.epochs))
    every = itertools.chain.from_iterable(epoch_batches(data, targets, config, epoch) for epoch in epochs)
    return itertools.islice(every, start, total)


def within(sizes: np.ndarray, order: np.ndarray, budget: int) -> list[np.ndarray]:
    """The rows in `order` as groups that take at most `budget` tokens each, padding included.

    A row that is longer stands alone.
    """
    groups, start, width = [], 0, 0
    for stop, size in enumerate(sizes[order].tolist()):
        width = max(width, size)
        if stop > start and width * (stop + 1 - start) > budget:
            groups.append(order[start:stop])
            start, width = stop, size
    return [*groups, order[start:]]


def to_width(rows: torch.Tensor, width: int, filler: float = 0.0) -> torch.Tensor:
    """(n, answers) cut, or filled, to (n, width)."""
    return F.pad(rows, (0, width - rows.shape[1]), value=filler)
