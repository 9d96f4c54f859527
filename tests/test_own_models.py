"""Models and data that a user brings: GPT-2's architecture and kind of tokenizer, without a padding token, on every kind of task."""

from dataclasses import replace

import pytest
from test_chess_task import random_games
from test_preference import comparisons
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from w2s_kit.experiment import Settings, run_zero_shot, three_stages
from w2s_kit.store import Store
from w2s_kit.tasks.chess import write_text


@pytest.fixture(scope="module")
def family(tmp_path_factory):
    folder, inner = tmp_path_factory.mktemp("hub"), Tokenizer(models.BPE())
    inner.pre_tokenizer, inner.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    inner.train_from_iterator(["1. e4 1... e5 2. Nf3 2... Nc6 is it wrong to hurt ann ? yes no Human: Assistant:"] * 20, trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="<|endoftext|>", bos_token="<|endoftext|>")
    for name, width in (("small", 8), ("large", 16)):
        config = GPT2Config(vocab_size=len(tokenizer), n_positions=256, n_embd=width, n_layer=1, n_head=2, eos_token_id=0, bos_token_id=0)
        GPT2LMHeadModel(config).save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)
    return f"{folder / 'small'},{folder / 'large'}"


@pytest.mark.parametrize("kind", ["classes", "pairs", "writing", "constrained"])
def test_three_stages(family, kind, tmp_path):
    task = "ethics"
    if kind == "pairs":
        task = f"preference:{comparisons(tmp_path)}"
    elif kind != "classes":
        write_text(random_games(90), tmp_path / "puzzles.jsonl")
        task = f"chess-text:{tmp_path / 'puzzles.jsonl'}"
    settings = Settings(task, family=family, n_train=20, n_test=20, epochs=1, hard_labels=kind in ("writing", "constrained"), constrained=kind == "constrained")
    result = three_stages(settings, "small", "large", store=Store(tmp_path / "runs"))
    row = result.row()
    assert row["supervisor"] == "small" and row["student"] == "large" and all(0 <= row[f"{who}_accuracy"] <= 1 for who in ("supervisor", "student", "ceiling"))
    if kind == "constrained":
        from w2s_kit.tasks import load_task

        test = load_task(task, 0, 20, 20).test
        assert all(answer in among for answer, among in zip(result.student.answers(), test["among"])), "every move is legal"
    if kind == "classes":
        assert run_zero_shot(replace(settings, seed=1), "large", store=Store(tmp_path / "runs")).config["head"] == "tokens"
