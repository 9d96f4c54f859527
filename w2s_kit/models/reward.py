"""Reward models: one number for a completion, learned from comparisons.

    P(the second is preferred) = sigmoid(r(prompt, second) - r(prompt, first))

That is a two-class softmax over the two rewards, so cross-entropy, soft weak labels, the confidence loss and
the finetuning loop are those of every other task: label 1 says that the second is preferred. (Burns et al.
2023, Section 3; Bradley and Terry 1952.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from ..tasks.split import SEPARATOR
from ..training.reading import features
from .heads import LastToken


def rewards(model, texts: Sequence[str]) -> np.ndarray:
    """The reward of each text, (n,); differences mean something, levels do not."""
    return features(model, texts) @ model.head.weight.detach().cpu().numpy()[0]


class PairTokenizer:
    """Two sides as one row: how many tokens the first has, then the tokens of both.

    A side longer than `longest` loses its beginning: the completion is at its end. Raises ValueError for a
    text that is not two sides.
    """

    def __init__(self, tokenizer, longest: int):
        self.tokenizer, self.longest = tokenizer, longest

    def __call__(self, texts: Sequence[str]) -> dict[str, list[list[int]]]:
        """Under "input_ids", for each text: the number of tokens of its first side, then those of both."""
        sides = [text.split(SEPARATOR) for text in texts]
        for row, two in enumerate(sides):
            if len(two) != 2 or not all(side.strip() for side in two):
                raise ValueError(
                    f"texts: row {row} has {len(two)} sides, or an empty one; "
                    f"a comparison is two texts with {SEPARATOR!r} between them"
                )
        first, second = (self.tokenizer([two[i] for two in sides])["input_ids"] for i in (0, 1))
        cut = [(a[-self.longest :], b[-self.longest :]) for a, b in zip(first, second)]
        return {"input_ids": [[len(a), *a, *b] for a, b in cut]}


class RewardModel(LastToken):
    """A causal model whose last token gives a reward.

    `forward` takes rows of a PairTokenizer, right-padded, and gives the rewards of both sides, (batch, 2).
    `reward` takes ids of single texts. The head begins with zeros: no preference.
    """

    def __init__(self, model, tokenizer, linear_probe: bool = False):
        super().__init__(model, tokenizer, 1, linear_probe)
        self.tokenizer, self.longest = PairTokenizer(tokenizer, self.longest or 1 << 20), None

    def reward(self, input_ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """(batch,), for right-padded ids (batch, time) of texts of these lengths."""
        return self.head(self.features(input_ids, lengths))[:, 0]

    def forward(self, input_ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """The rewards of both sides, (batch, 2), of right-padded rows of a PairTokenizer.

        `lengths` (batch,) are those of the rows, with the number that stands first.
        """
        first, tokens = input_ids[:, 0], input_ids[:, 1:]
        second, place = lengths - 1 - first, torch.arange(tokens.shape[1], device=tokens.device)
        moved = tokens.gather(1, (first[:, None] + place).clamp(max=tokens.shape[1] - 1))
        # what follows the last token of a side is invisible to it, so the other side's tokens may stay there
        return torch.stack(
            [
                self.reward(side[:, : length.max()], length)
                for side, length in ((tokens, first), (moved, second))
            ],
            dim=1,
        )
