"""What a model must have so that the loop can train it, and what the kit assumes where it does not say."""

from __future__ import annotations

from typing import Any, Protocol

import torch

from ..shared.names import nearest

#: How a model answers, and what its logits are:
#:
#:     "two"   questions with two answers: (n, 2), column 1 is label 1
#:     "many"  questions with more answers: (n, answers), a very low logit where an example has fewer
#:     "text"  in words of its own: (n, time), the log-probability of each token
ANSWERS = ("two", "many", "text")


class Student(Protocol):
    """A model that `finetune` trains and `predict` asks.

    Fields:

        tokenizer    `tokenizer(texts)["input_ids"]` are the ids of each text
        pad_id       fills a batch up on the right
        longest      the longest text in tokens that it reads, None for no limit
        answers      one of ANSWERS

    It is a `torch.nn.Module`, and `forward(ids, lengths)` makes the logits: ids (n, time), lengths (n,).

    A model of your own needs `tokenizer`, `pad_id` and `forward`. The others may be left out: `longest_of`
    and `answers_of` say what holds then.
    """

    tokenizer: Any
    pad_id: int
    longest: int | None
    answers: str

    def forward(self, input_ids: torch.Tensor, lengths: torch.Tensor, /) -> torch.Tensor:
        """Logits; their shape goes by `answers`, see ANSWERS."""


def answers_of(model) -> str:
    """How `model` answers, one of ANSWERS: "two", where it does not say.

    Raises ValueError for another word.
    """
    answers = getattr(model, "answers", "two")
    if answers not in ANSWERS:
        raise ValueError(nearest(f"`answers` of {type(model).__name__},", answers, ANSWERS))
    return answers


def longest_of(model) -> int | None:
    """The longest text in tokens that `model` reads; None, where it does not say, for no limit."""
    return getattr(model, "longest", None)


def text_tokenizer(model):
    """The tokenizer of single texts: of a model that reads comparisons, the one inside its own."""
    return getattr(model.tokenizer, "tokenizer", model.tokenizer)


def language_model(model):
    """The pretrained model inside `model`: a reader's `backbone` or a writer's `model`; None for neither."""
    inside = getattr(model, "backbone", None)
    return getattr(model, "model", None) if inside is None else inside
