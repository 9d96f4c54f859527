"""Measure finetuning by length of texts and size of models: tokens a second, share of peak, memory.

    python benchmarks/scaling.py [--shapes xs xl minilm] [--lengths 16 64 256]
                                 [--tokens 1024 | --batch 32] [--threads 1]

Shapes only: weights are random, texts are random tokens of one length, nothing is downloaded. A GPU gets
larger shapes.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
import torch

# first: it switches the model hub off
from instruments import multiplied, now, peak, peak_memory, report, start
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, BertConfig, GPT2Config, LlamaConfig

from w2s_kit.models.families import load_family
from w2s_kit.models.heads import Classifier, Encoder, is_encoder
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.device import pick_device
from w2s_kit.training.loop import finetune
from w2s_kit.training.memory import finetuning_bytes

SHAPES = {
    spec.name: lambda path=spec.path: AutoConfig.from_pretrained(path, trust_remote_code=False)
    for spec in load_family()
}
SHAPES |= {
    "minilm": lambda: BertConfig(
        hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536
    ),
    "gpt2": GPT2Config,
    "llama-135m": lambda: LlamaConfig(
        vocab_size=49152,
        hidden_size=576,
        num_hidden_layers=30,
        num_attention_heads=9,
        num_key_value_heads=3,
        intermediate_size=1536,
        tie_word_embeddings=True,
    ),
    "bert-large": lambda: BertConfig(
        hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096
    ),
    "gpt2-medium": lambda: GPT2Config(n_embd=1024, n_layer=24, n_head=16),
}
ON_CPU, ON_GPU = (
    ["xs", "s", "m", "l", "xl", "minilm"],
    ["xl", "minilm", "gpt2", "llama-135m", "bert-large", "gpt2-medium"],
)


class Numbers:
    """A tokenizer whose texts are numbers, "7 12 3": one token each.

    It remembers them, so a text costs time only once.
    """

    pad_token_id, unk_token_id = 0, None

    def __init__(self):
        self.known = {}

    def __call__(self, texts: list[str]) -> dict:
        self.known |= {text: [*map(int, text.split())] for text in texts if text not in self.known}
        return {"input_ids": [self.known[text] for text in texts]}


def build(shape: str, longest: int):
    """A classifier of this shape, with places for `longest` tokens, where `finetune` would put it."""
    config = SHAPES[shape]()
    config.max_position_embeddings = max(config.max_position_embeddings, longest)
    reader, auto = (Encoder, AutoModel) if is_encoder(config) else (Classifier, AutoModelForCausalLM)
    model = auto.from_config(config, dtype=torch.float32, trust_remote_code=False)
    return reader(model, Numbers()).to(pick_device().device)


def made_up(n: int, length: int, vocabulary: int) -> tuple[list[str], np.ndarray]:
    """`n` texts of `length` random tokens, and labels."""
    ids = np.random.default_rng(0).integers(1, vocabulary, (n, length))
    return [" ".join(map(str, row)) for row in ids], np.arange(n) % 2.0


def flops(config, inside: int, length: int) -> float:
    """FLOPs of training, a token, as MFU counts them (Chowdhery et al. 2022, Appendix B).

    They are 6 for each parameter, and 12 x width a layer for every token it attends to. What a causal model
    masks out is counted, too.
    """
    return 6 * inside + 12 * config.num_hidden_layers * config.hidden_size * length


def train(model, data: tuple, batch: int) -> None:
    finetune(model, *data, TrainConfig(lr=1e-4, epochs=1, batch_size=batch, eval_every=1), progress=False)


def memory(shape: str, length: int, batch: int) -> float:
    """Bytes of weights, measured, and all that two steps take."""

    def prepare():
        train(build("xs", 8), made_up(2, 8, 50), 2)  # loads code
        model = build(shape, length)
        data = made_up(2 * batch, length, model.backbone.config.vocab_size)
        weights.value = sum(p.nbytes for p in model.parameters())
        return lambda: train(model, data, batch)

    weights = torch.multiprocessing.Value("d")
    return peak_memory(prepare) + weights.value


def measure(shape: str, length: int, batch: int, steps: int, turns: int) -> dict:
    """One row of the table, without memory and share of peak."""
    model = build(shape, length)
    config, parameters, inside = (
        model.backbone.config,
        sum(p.numel() for p in model.parameters()),
        multiplied(model.backbone),
    )
    data = made_up(steps * batch, length, config.vocab_size)
    train(model, (data[0][: 2 * batch], data[1][: 2 * batch]), batch)  # to warm up
    model.tokenizer(data[0])
    times = []
    for _ in range(turns):
        began = now()
        train(model, data, batch)
        times.append((now() - began)[0])
    rate = steps * batch * length / np.median(times)
    half = pick_device().dtype != torch.float32
    return {
        "shape": shape,
        "parameters": parameters,
        "length": length,
        "batch": batch,
        "step_ms": 1e3 * np.median(times) / steps,
        "tokens_per_s": rate,
        "gflops": rate * flops(config, inside, length) / 1e9,
        "spread": max(times) / min(times),
        "estimated_mb": finetuning_bytes(
            parameters,
            tokens=batch * length,
            layers=config.num_hidden_layers,
            width=config.hidden_size,
            half=half,
        )
        / 1e6,
    }


def main() -> None:
    gpu = torch.cuda.is_available()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shapes", nargs="+", choices=list(SHAPES), default=ON_GPU if gpu else ON_CPU)
    parser.add_argument(
        "--lengths",
        nargs="+",
        type=int,
        default=[16, 64, 128, 256, 512, 1024] if gpu else [16, 64, 256],
        help="tokens a text",
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--tokens",
        type=int,
        default=32768 if gpu else 1024,
        help="tokens a batch, whatever the length (default: 1024, on a GPU 32768)",
    )
    size.add_argument("--batch", type=int, help="texts a batch, instead")
    parser.add_argument(
        "--steps", type=int, default=20 if gpu else 2, help="a turn (default: 2, on a GPU 20)"
    )
    parser.add_argument("--turns", type=int, default=3, help="default: 3")
    parser.add_argument(
        "--datasheet",
        type=float,
        help="TFLOP/s that the maker of the GPU promises at this precision, for the column mfu",
    )
    args, facts = start(parser)
    cells = [
        (shape, length, args.batch or max(1, args.tokens // length))
        for shape in args.shapes
        for length in args.lengths
    ]
    # first: its processes are forks of this one, which has not computed yet
    used = [memory(*cell) / 1e6 for cell in cells]
    best = peak()
    table = pd.DataFrame([measure(*cell, args.steps, args.turns) for cell in cells])
    table["memory_mb"], best = used, max(best, peak())
    table["measured_to_estimated"] = table["memory_mb"] / table["estimated_mb"]
    table["share_of_peak"] = table["gflops"] / best
    if args.datasheet:
        table["mfu"] = table["gflops"] / (1e3 * args.datasheet)
    facts |= {"peak_gflops": f"{best:.4g}", "precision": str(pick_device().dtype).removeprefix("torch.")}
    report(
        "scaling" + (f"_batch{args.batch}" if args.batch else ""),
        table,
        facts,
        "step_ms: median over turns of a whole finetuning, a step; spread: slowest turn / fastest. "
        "gflops: 6 N + 12 layers x width x length\n"
        "a token, N the parameters inside the layers; share_of_peak: that / the best torch.mm seen.",
    )


if __name__ == "__main__":
    main()
