"""Language models that are made in milliseconds, for tests of what is done with them."""

import math

import pytest
import torch
from pretraining import make_tokenizer
from tokenizers import Tokenizer, decoders, pre_tokenizers, trainers
from tokenizers import models as tokenizer_models
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from w2s_kit.models.families import ModelSpec
from w2s_kit.models.writer import Writer

TEXTS = [
    "is the duboss alive ?",
    "the film was great . did they like it ?",
    "ann gave the mouse to kim . then kim gave the mouse to eve . does kim have the mouse ?",
    "yes",
]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> ModelSpec:
    folder, tokenizer = tmp_path_factory.mktemp("models") / "tiny", make_tokenizer()
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            max_position_embeddings=64,
            tie_word_embeddings=True,
            pad_token_id=0,
            bos_token_id=1,
            eos_token_id=1,
            initializer_range=0.3,
        )
    )
    model.half().save_pretrained(folder)  # as the family is shipped
    tokenizer.save_pretrained(folder)
    return ModelSpec("tiny", str(folder), 1e-3, 1, math.nan)


def word_tokenizer(words):
    inner = Tokenizer(tokenizer_models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=inner, unk_token="<unk>", pad_token="<pad>")


LETTERS = list("abcdefgh")


@pytest.fixture(scope="module")
def tokenizer():
    tokenizer = word_tokenizer(["<pad>", "<unk>", "<eos>", *LETTERS, *(letter * 2 for letter in LETTERS)])
    tokenizer.add_special_tokens({"eos_token": "<eos>"})
    return tokenizer


def fresh(tokenizer):
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=64,
        pad_token_id=0,
        eos_token_id=2,
    )
    return Writer(LlamaForCausalLM(config), tokenizer)


@pytest.fixture(scope="module")
def family(tmp_path_factory):
    folder, inner = tmp_path_factory.mktemp("hub"), Tokenizer(tokenizer_models.BPE())
    inner.pre_tokenizer, inner.decoder = (
        pre_tokenizers.ByteLevel(add_prefix_space=False),
        decoders.ByteLevel(),
    )
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    inner.train_from_iterator(
        ["1. e4 1... e5 2. Nf3 2... Nc6 is it wrong to hurt ann ? yes no Human: Assistant:"] * 20, trainer
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, eos_token="<|endoftext|>", bos_token="<|endoftext|>"
    )
    for name, width in (("small", 8), ("large", 16)):
        config = GPT2Config(
            vocab_size=len(tokenizer),
            n_positions=256,
            n_embd=width,
            n_layer=1,
            n_head=2,
            eos_token_id=0,
            bos_token_id=0,
        )
        GPT2LMHeadModel(config).save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)
    return f"{folder / 'small'},{folder / 'large'}"
