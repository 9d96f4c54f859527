"""What reads an answer off a pretrained model: heads for two classes, on language models and encoders."""

from __future__ import annotations

import torch
from torch import nn
from transformers.models.auto import modeling_auto

from ..shared.names import nearest

#: The words of (no, yes): a head of tokens takes the first pair that are single tokens.
ANSWERS = (("no", "yes"), (" no", " yes"), ("0", "1"))


class LastToken(nn.Module):
    """A causal model with a head of `rows` zeros, read off the last token.

    Ids are right-padded (batch, time), lengths (batch,). In a causal model what follows the last token is
    invisible to it, so no mask is needed. Texts longer than `longest` tokens lose their middle. Raises
    ValueError for an encoder.
    """

    answers = "two"

    def __init__(self, model, tokenizer, rows: int, linear_probe: bool = False):
        super().__init__()
        if is_encoder(model.config):
            raise ValueError(
                f"{model.config.name_or_path}: a {model.config.model_type} reads both ways "
                "and writes nothing; it takes tasks with two classes only"
            )
        self.tokenizer, self.pad_id = tokenizer, tokenizer.pad_token_id or 0
        self.longest = positions(model.config)
        self.backbone = model.get_decoder() if hasattr(model, "get_decoder") else model.base_model
        # in a tuple, so no part of this model; see `models.writer.Reader`
        self.language_head = (model.get_output_embeddings(),)
        self.head = nn.Linear(self.language_head[0].weight.shape[1], rows, bias=False)
        nn.init.zeros_(self.head.weight)
        if linear_probe:
            freeze_all_but_head(self)

    def features(
        self, input_ids: torch.Tensor, lengths: torch.Tensor, layer: int | None = None
    ) -> torch.Tensor:
        """(batch, width), after all layers, or after one of them."""
        hidden = _hidden(self.backbone, layer, input_ids=input_ids, use_cache=False)
        return hidden[torch.arange(len(lengths), device=hidden.device), lengths - 1]


class Classifier(LastToken):
    """Two classes; the head begins with zeros, or with the rows of the answer tokens."""

    def __init__(self, model, tokenizer, head: str = "zeros", linear_probe: bool = False):
        super().__init__(model, tokenizer, 2, linear_probe)
        if head == "tokens":
            self.head.weight.data = self.language_head[0].weight.data[list(answer_ids(tokenizer))].clone()
        elif head != "zeros":
            raise ValueError(nearest("head", head, ("tokens", "zeros")))

    def forward(self, input_ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Logits (batch, 2), column 1 for label 1, of right-padded ids (batch, time)."""
        return self.head(self.features(input_ids, lengths))


class Encoder(nn.Module):
    """Two classes read off a model that sees a text both ways, such as BERT.

    The head begins with zeros, and sees the mean over the tokens of a text.
    """

    answers = "two"

    def __init__(self, model, tokenizer, linear_probe: bool = False):
        super().__init__()
        self.tokenizer, self.pad_id = tokenizer, tokenizer.pad_token_id or 0
        self.longest, self.backbone = positions(model.config), model
        self.head = nn.Linear(model.config.hidden_size, 2, bias=False)
        nn.init.zeros_(self.head.weight)
        if linear_probe:
            freeze_all_but_head(self)

    def features(
        self, input_ids: torch.Tensor, lengths: torch.Tensor, layer: int | None = None
    ) -> torch.Tensor:
        """(batch, width), after all layers, or after one of them."""
        there = torch.arange(input_ids.shape[1], device=lengths.device) < lengths[:, None]
        hidden = _hidden(self.backbone, layer, input_ids=input_ids, attention_mask=there.long())
        return (hidden * there[..., None]).sum(dim=1) / lengths[:, None]

    def forward(self, input_ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Logits (batch, 2), column 1 for label 1, of right-padded ids (batch, time)."""
        return self.head(self.features(input_ids, lengths))


def _hidden(backbone, layer: int | None, **inputs) -> torch.Tensor:
    """(batch, time, width)."""
    if layer is None:
        return backbone(**inputs).last_hidden_state
    return backbone(**inputs, output_hidden_states=True).hidden_states[layer]


def is_encoder(config) -> bool:
    """Whether a model of this configuration sees texts both ways: those that fill in masked words do."""
    # By the module, so that a run's key holds the table's name. Its content is another in each release.
    masked = modeling_auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES
    return config.model_type in masked and not getattr(config, "is_decoder", False)


def positions(config) -> int | None:
    """The longest text in tokens that a model has learned places for; None where there is no limit."""
    most = getattr(config, "max_position_embeddings", None)
    # models of RoBERTa's kind count their positions from 2 on
    return most and most - (2 if config.model_type in ("roberta", "xlm-roberta", "camembert", "mpnet") else 0)


def answer_ids(tokenizer) -> tuple[int, int]:
    """Token ids of (no, yes): the first pair of ANSWERS that are single tokens to the tokenizer.

    The paper has ("0", "1"). Raises ValueError where no pair is.
    """
    for pair in ANSWERS:
        ids = [tokenizer.encode(word, add_special_tokens=False) for word in pair]
        if all(len(i) == 1 and i[0] != tokenizer.unk_token_id for i in ids):
            return ids[0][0], ids[1][0]
    raise ValueError(f"the tokenizer has no single tokens for any of {ANSWERS}; use head='zeros'")


def freeze_all_but_head(model: nn.Module) -> None:
    """A linear probe: only the head is trained."""
    model.requires_grad_(False)
    model.head.requires_grad_(True)
