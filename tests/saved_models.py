"""Models of each architecture, saved as their files."""

import math

import pytest
import torch
from pretraining import make_tokenizer
from transformers import (
    BertConfig,
    BertForMaskedLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
)

from w2s_kit.models.chess_policy import ChessPolicy, ChessPolicyConfig
from w2s_kit.models.families import ModelSpec

TOKENIZER = make_tokenizer()
SHAPE = dict(
    vocab_size=len(TOKENIZER),
    hidden_size=16,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=32,
    max_position_embeddings=64,
)
MAKE = {
    "gpt2": lambda: GPT2LMHeadModel(
        GPT2Config(
            vocab_size=len(TOKENIZER),
            n_positions=64,
            n_embd=16,
            n_layer=2,
            n_head=2,
            bos_token_id=1,
            eos_token_id=1,
        )
    ),
    "llama": lambda: LlamaForCausalLM(LlamaConfig(**SHAPE, bos_token_id=1, eos_token_id=1, pad_token_id=0)),
    "llama-tied": lambda: LlamaForCausalLM(
        LlamaConfig(**SHAPE, tie_word_embeddings=True, bos_token_id=1, eos_token_id=1, pad_token_id=0)
    ),
    "bert": lambda: BertForMaskedLM(BertConfig(**SHAPE)),
    "chess": lambda: ChessPolicy(ChessPolicyConfig(filters=4, blocks=1)),
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for name, make in MAKE.items():
        torch.manual_seed(0)
        make().save_pretrained(folder / name)
        TOKENIZER.save_pretrained(folder / name)
    return folder


def spec(folder) -> ModelSpec:
    return ModelSpec(folder.name, str(folder), 1e-3, 1, math.nan)
