"""Language models that write their answer, as the paper's chess players do.

A prompt goes in, and a short text comes out.
Training is the one finetuning loop, with the language-model loss on the answer's tokens only. Decoding is
greedy, or drawn at random, and may be held to given answers (the legal moves): that is another measurement,
so report it as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from ..training.batches import without_middle
from ..training.student import text_tokenizer
from .heads import LastToken, positions


class Writer(nn.Module):
    """A causal language model as `training.loop.finetune` wants it.

    `forward` takes right-padded ids (batch, time), and gives the log-probability of each token after those
    before it, (batch, time); 0 for the first, and at padding. Texts longer than `longest` tokens lose their
    middle.
    """

    answers = "text"  # to the loop, its targets are (n, time): the weight of each token in the loss
    ends = True  # it learns where an answer ends

    def __init__(self, model, tokenizer):
        super().__init__()
        self.model, self.tokenizer = model, tokenizer
        self.longest = positions(model.config) if hasattr(model, "config") else None
        self.pad_id = (
            tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id or 0
        )

    def pairs(self, prompts: Sequence[str], answers: Sequence[str]) -> tuple[list[str], np.ndarray]:
        """What `finetune` trains on: texts, and the weights of their tokens, (n, longest).

        A text is prompt, blank, answer and end of text. The tokens of the last three count. Raises ValueError
        for a prompt or an answer without its other half.
        """
        if len(prompts) != len(answers):
            raise ValueError(f"{len(prompts)} texts and {len(answers)} answers: lengths must agree")
        end = (self.tokenizer.eos_token or "") if self.ends else ""
        texts = [f"{prompt} {answer}{end}" for prompt, answer in zip(prompts, answers)]
        return texts, answer_weights(self.tokenizer, prompts, texts, self.longest)

    def forward(self, input_ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Log-probability of each token after those before it, (batch, time); 0 for the first and padding."""
        logits = self.model(input_ids=input_ids, use_cache=False).logits[:, :-1]
        log_p = -F.cross_entropy(logits.transpose(1, 2).float(), input_ids[:, 1:], reduction="none")
        there = torch.arange(1, input_ids.shape[1], device=input_ids.device) < lengths[:, None]
        return F.pad(log_p.masked_fill(~there, 0.0), (1, 0))


class Reader(Writer):
    """The language model that a classifier or reward model was made of.

    They share their weights: what it reads, they know. ends: whether it learns where a text ends. Raises
    ValueError for a student that was made of no language model.
    """

    def __init__(self, student: Any, ends: bool = True):
        if not isinstance(student, LastToken):
            raise ValueError(
                f"{type(student).__name__} was made of no language model, so it cannot read texts"
            )
        inside = _WithLogits(student.backbone, student.language_head[0])
        super().__init__(inside, text_tokenizer(student))
        self.longest = positions(student.backbone.config)
        self.ends = ends

    @property
    def backbone(self) -> nn.Module:
        """What the student reads with, too; see `training.student.language_model`."""
        return self.model.backbone


class _WithLogits(nn.Module):
    def __init__(self, backbone: nn.Module, language_head: nn.Module):
        super().__init__()
        self.backbone, self.language_head = backbone, language_head

    def forward(self, **inputs):
        return SimpleNamespace(logits=self.language_head(self.backbone(**inputs).last_hidden_state))


def answer_weights(
    tokenizer, prompts: Sequence[str], texts: Sequence[str], longest: int | None = None
) -> np.ndarray:
    """The weight of each token in the loss, (n, longest text).

    Every token that goes beyond the prompt has the same, and a row's weights are 1 in all. A token across the
    border belongs to the answer. longest: how many tokens of a text are read, as
    `training.batches.without_middle` chooses them. Raises ValueError that names the row for a text that has
    no answer after its prompt.
    """
    spans = tokenizer(list(texts), return_offsets_mapping=True)["offset_mapping"]
    if longest:
        spans = [without_middle(span, longest) for span in spans]
    weights = np.zeros((len(texts), max(map(len, spans))), np.float32)
    for row, (prompt, text, span) in enumerate(zip(prompts, texts, spans, strict=True)):
        beyond = [i for i, (_, end) in enumerate(span) if end > len(prompt)]
        if not text.startswith(prompt) or not beyond:
            raise ValueError(
                f"texts: row {row} is {text[:80]!r}, which is not its prompt and an answer after it"
            )
        weights[row, beyond] = 1 / len(beyond)
    return weights
