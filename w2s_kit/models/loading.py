"""The one door for models: from a specification to a model that can be trained and asked."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from torch import nn
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoTokenizer

from ..shared.shipped import WEIGHTS, check_folder
from .adapters import four_bits
from .chat import ChatTokenizer
from .chess_policy import ChessPolicyConfig
from .families import ModelSpec, with_revision
from .heads import Classifier, Encoder, freeze_all_but_head, is_encoder
from .reward import RewardModel
from .whole import load_whole
from .writer import Writer


def load_model(spec: ModelSpec, quantised: bool = False) -> tuple[Any, Any]:
    """A fresh copy of (causal language model, encoder or chess policy in float32, its tokenizer).

    quantised: its linear layers in 4 bits, an eighth of the memory, no longer to be trained (QLoRA: Dettmers
    et al. 2023). Of a model that ships with the kit, every file must be the one that ships. Code that lies
    beside a model is never run.

    Raises OSError that names the folder when the weights are missing, cut short or damaged, and the tensor
    that is missing, misshapen, not finite, of integers, or too many (see `models.whole.check_whole`).
    """
    if quantised and not spec.pretrained:
        raise ValueError(
            f"{spec.name}: random weights in 4 bits would stay random, as they cannot be trained"
        )
    model, tokenizer = _pretrained(spec.path, spec.weights_hash, quantised)
    return copy.deepcopy(model) if spec.pretrained else type(model)(model.config), tokenizer


@lru_cache(maxsize=8)
def _pretrained(path: str, weights_hash: str, quantised: bool = False):
    if Path(path).resolve().is_relative_to(WEIGHTS.resolve()):
        check_folder(Path(path).resolve(), WEIGHTS.resolve())
    try:
        name, revision = with_revision(path)
        config = AutoConfig.from_pretrained(name, revision=revision, trust_remote_code=False)
        chess = isinstance(config, ChessPolicyConfig)
        auto: Any = AutoModel if chess or is_encoder(config) else AutoModelForCausalLM
        few_bits = {"quantization_config": four_bits()} if quantised else {}
        model = load_whole(auto, name, revision, unused=r"^pooler\.", **few_bits)  # of an encoder
        if chess:
            return model, model.tokenizer
        return model, AutoTokenizer.from_pretrained(name, revision=revision, trust_remote_code=False)
    except (ImportError, MemoryError):
        raise  # says nothing about the model
    except Exception as error:  # the libraries raise many kinds
        raise OSError(
            f"{path}: this model cannot be loaded whole ({' '.join(str(error).split())}); "
            "fetch or make it again"
        ) from error


def unknown_words(spec: ModelSpec, texts: Sequence[str]) -> tuple[float, list[str]]:
    """The share of the words in `texts` that a model that ships with the kit does not know, and which.

    The commonest come first. For other models it is (0, []): they take words that they do not know apart.
    Raises OSError as `load_model` does.
    """
    if not Path(spec.path).resolve().is_relative_to(WEIGHTS.resolve()):
        return 0.0, []
    tokenizer = _pretrained(spec.path, spec.weights_hash)[1]
    read = tokenizer(list(texts), return_offsets_mapping=True, add_special_tokens=False)
    unknown: Counter = Counter()
    for text, ids, spans in zip(texts, read["input_ids"], read["offset_mapping"]):
        unknown.update(text[a:b] for token, (a, b) in zip(ids, spans) if token == tokenizer.unk_token_id)
    words = sum(map(len, read["input_ids"]))
    return unknown.total() / max(words, 1), [word for word, _ in unknown.most_common()]


def load_classifier(
    spec: ModelSpec,
    head: str = "zeros",
    linear_probe: bool = False,
    quantised: bool = False,
    chat: bool = False,
) -> nn.Module:
    """A fresh classifier on the weights of `spec`.

    head: "zeros" begins without an opinion, "tokens" with the unembedding rows of the answer tokens, so with
    the zero-shot answer. A chess policy comes as it is, with its own head. linear_probe: only the head is
    trained. quantised: as in `load_model`. chat: texts go through the tokenizer's chat template, see
    `models.chat`. Raises ValueError for an encoder that is to begin with tokens, and for a tokenizer without
    a template.
    """
    model, tokenizer = load_model(spec, quantised)
    if chat:
        tokenizer = ChatTokenizer(tokenizer)
    if is_encoder(model.config):
        if head != "zeros":
            raise ValueError(
                f"{spec.name}: only a language model can be asked in words (head={head!r}); "
                "an encoder's head begins with zeros"
            )
        return Encoder(model, tokenizer, linear_probe=linear_probe)
    if not isinstance(model.config, ChessPolicyConfig):
        return Classifier(model, tokenizer, head=head, linear_probe=linear_probe)
    if linear_probe:
        freeze_all_but_head(model)
    return model


def load_reward_model(spec: ModelSpec, linear_probe: bool = False, quantised: bool = False) -> RewardModel:
    """A fresh reward model on the weights of `spec`, for tasks of pairs. Options as in `load_classifier`."""
    return RewardModel(*load_model(spec, quantised), linear_probe=linear_probe)


def load_writer(spec: ModelSpec, quantised: bool = False) -> Writer:
    """A fresh model that writes its answers, on the weights of `spec`. quantised: as in `load_model`."""
    return Writer(*load_model(spec, quantised))
