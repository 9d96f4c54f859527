"""A small convolutional chess player as a Hugging Face model: it chooses among the legal moves of a board.

Prototypes of many shapes agreed on this one: piece planes, residual 3x3 convolutions with a global gate, and
a move scored from the features of the squares it leaves and reaches and from its direction. Piece-list
transformers of the same size all reached the same accuracy, so that there was no gap to study.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.optim.swa_utils import update_bn
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel

from ..tasks.chess.board import EMPTY, FIRST_MOVE, SQUARES, BoardTokenizer

PLANES = 14  # six pieces of either side, a constant one that marks the edge, and the rank


class ChessPolicyConfig(PretrainedConfig):
    """The size of a chess policy: channels of its convolutions, and residual blocks."""

    model_type = "chess_policy"

    def __init__(self, filters: int = 24, blocks: int = 4, **kw):
        self.filters, self.blocks = filters, blocks
        super().__init__(**kw)


class Block(nn.Module):
    """Two 3x3 convolutions beside a residual connection, and a gate that sees the whole board."""

    def __init__(self, width: int):
        super().__init__()
        self.first, self.second = (
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
        )
        self.norm1, self.norm2 = nn.BatchNorm2d(width), nn.BatchNorm2d(width)
        self.gate = nn.Linear(width, width)  # sees the whole board at once

    def forward(self, x):
        """The features (n, width, 8, 8) of a board, one block later."""
        y = self.norm2(self.second(F.relu(self.norm1(self.first(x)))))
        return F.relu(x + y * torch.sigmoid(self.gate(x.mean((2, 3))))[..., None, None])


class MoveHead(nn.Module):
    """Scores a move by the squares it leaves and reaches, its direction, and the piece it promotes to."""

    def __init__(self, width: int):
        super().__init__()
        keys = max(8, width)
        self.leaves, self.reaches, self.target = (
            nn.Conv2d(width, keys, 1),
            nn.Conv2d(width, keys, 1),
            nn.Conv2d(width, 1, 1),
        )
        self.direction, self.promotion = nn.Embedding(15 * 15, keys), nn.Embedding(4, 1)

    def forward(self, x, move):
        """A score for each move, (n, moves): of features (n, width, 8, 8) and move numbers (n, moves).

        A move number is from + 64 to + 4096 promotion, as in `tasks.chess.board`, less FIRST_MOVE.
        """
        leave, reach, promotion = move % 64, move // 64 % 64, move // 4096
        direction = (reach // 8 - leave // 8 + 7) * 15 + reach % 8 - leave % 8 + 7
        rows = torch.arange(len(x), device=x.device)[:, None]
        per_square = lambda layer: layer(x).flatten(2).transpose(1, 2)  # (n, 64, keys)
        from_, to = (
            per_square(self.leaves)[rows, leave],
            per_square(self.reaches)[rows, reach] + self.direction(direction),
        )
        return (
            (from_ * to).sum(-1) / from_.shape[-1] ** 0.5
            + per_square(self.target)[rows, reach, 0]
            + self.promotion(promotion)[..., 0]
        )


class ChessPolicy(PreTrainedModel):
    """A distribution over the legal moves of each board.

    `forward` takes ids (n, time) as `tasks.chess.board` makes them, right-padded with 0. Its logits are (n,
    time - 64), one for each move token, -1e9 at padding. `lengths` is there because `training.loop.finetune`
    passes it; the ids say it all.
    """

    config_class = ChessPolicyConfig
    main_input_name = "input_ids"
    answers = "many"  # the legal moves; see `training.student`
    pad_id = 0
    longest = None
    tokenizer = BoardTokenizer()

    def __init__(self, config: ChessPolicyConfig):
        super().__init__(config)
        width = config.filters
        self.stem = nn.Conv2d(PLANES, width, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(config.blocks))
        self.head = MoveHead(width)
        self.post_init()

    def _init_weights(self, module):
        if module in (self.head.direction, self.head.promotion):
            nn.init.zeros_(module.weight)

    def forward(self, input_ids: torch.Tensor, lengths: torch.Tensor | None = None) -> torch.Tensor:
        """Logits (n, time - 64), one a move token and -1e9 at padding, of ids (n, time).

        `lengths` is not used: padding shows in the ids.
        """
        move = (input_ids[:, SQUARES:] - FIRST_MOVE).clamp(min=0)
        logits = self.head(self._features(input_ids[:, :SQUARES]), move)
        return logits.float().masked_fill(input_ids[:, SQUARES:] == self.pad_id, -1e9)

    def settle(self, fens, batch: int = 256) -> None:
        """Takes the statistics of its normalisation from these positions.

        A policy from scratch has none of its own, and finetuning, which is in `eval` mode, would never give
        it any.
        """
        ids = pad_sequence([torch.tensor(row) for row in self.tokenizer(fens)["input_ids"]], batch_first=True)
        with torch.no_grad():
            update_bn(ids.split(batch), self)

    def _features(self, squares: torch.Tensor) -> torch.Tensor:
        # (n, 64, 12)
        pieces = F.one_hot((squares - EMPTY).clamp(min=0), 13)[..., 1:].to(self.stem.weight.dtype)
        rank = (
            (torch.arange(SQUARES, device=squares.device) // 8 / 7).to(pieces.dtype).expand(len(squares), -1)
        )
        planes = torch.cat([pieces, torch.ones_like(rank)[..., None], rank[..., None]], -1)
        x = F.relu(self.norm(self.stem(planes.transpose(1, 2).reshape(len(squares), PLANES, 8, 8))))
        for block in self.blocks:
            x = block(x)
        return x


AutoConfig.register(ChessPolicyConfig.model_type, ChessPolicyConfig)
AutoModel.register(ChessPolicyConfig, ChessPolicy)
