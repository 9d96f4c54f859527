"""Pretrain the family of notebook 21: four causal language models on sums as people write them.

    python data_prep/pretrain_sums.py              # every size that is not finished, smallest first
    python data_prep/pretrain_sums.py m --out OUT  # one size, elsewhere

Compute grows with size. Seeded and resumable, like pretrain_miniworld.py. On one core:
about 1, 2, 5 and 15 minutes (xs to l).

That a model can tell a right sum from a wrong one comes late: until then it marks sums by heart. It comes at
all because some facts are much commoner than others; with all equally common, nothing of it is learned from
so few tokens.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import numpy as np
import torch
from pretraining import ROOT, Size, build, corpus, keep, optimizers, train
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from w2s_kit.tasks import sums

FAMILY = {
    "xs": Size(32, 2, 2, tokens=2_000_000),
    "s": Size(48, 2, 3, tokens=3_000_000),
    "m": Size(64, 3, 4, tokens=3_000_000),
    "l": Size(128, 3, 8, tokens=5_000_000),
}


def make_tokenizer() -> PreTrainedTokenizerFast:
    """One token a word."""
    vocab = {token: i for i, token in enumerate(sums.vocabulary())}
    inner = Tokenizer(models.WordLevel(vocab, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    inner.post_processor = processors.TemplateProcessing(
        single="<eos> $A", special_tokens=[("<eos>", vocab["<eos>"])]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<pad>", eos_token="<eos>", bos_token="<eos>", unk_token="<unk>"
    )


@torch.no_grad()
def knowledge(model, tokenizer, n: int = 1_000, seed: int = 7) -> dict:
    """What a model knows of sums, by three shares.

    How often it marks a sum rightly, facts drawn as in problems, and such as are tricky; and the probability
    of the truth when it calculates.
    """
    rng, ids = random.Random(seed), tokenizer.convert_tokens_to_ids
    steps, right, tricky, truth = [], [], [], []
    for i in range(n):
        (step,) = sums.draw(1, rng).steps
        right.append(i % 2 == 0)
        tricky.append((step.value, step.operation) in sums.HABITS)
        truth.append(step.result)
        steps.append(
            step if right[-1] else step._replace(result=sums.mistake(step.value, step.operation, rng))
        )
    right, tricky = np.array(right), np.array(tricky)
    marks = model(torch.tensor(tokenizer([f"check {step}" for step in steps])["input_ids"])).logits[:, -1]
    marked = (marks[:, ids("yes")] > marks[:, ids("no")]).numpy() == right
    probabilities = (
        model(
            torch.tensor(
                tokenizer(
                    [f"{step.value} {step.operation} : {step.value} {step.operation} =" for step in steps]
                )["input_ids"]
            )
        )
        .logits[:, -1]
        .softmax(-1)
    )
    knows = probabilities[torch.arange(n), torch.tensor(ids([str(digit) for digit in truth]))].numpy()
    shares = {
        "marks": marked,
        "marks_tricky": marked[tricky],
        "calculates": knows[~tricky],
        "calculates_tricky": knows[tricky],
    }
    return {name: round(float(share.mean()), 4) for name, share in shares.items()}


def pretrain(name: str, out: Path, cache: Path) -> None:
    """Size `name` into the folder `out`, unless it is there already."""
    if (out / "pretraining.json").exists():
        return
    size, tokenizer, checkpoint = FAMILY[name], make_tokenizer(), cache / f"sums-{name}.pt"
    model = build(size, len(tokenizer))
    text = corpus(
        "sums", [(1.0, sums.documents(1))], size.tokens + 1, cache, tokenizer, [Path(sums.__file__)]
    )
    facts = train(name, model, text, size, optimizers(model), checkpoint, lambda: knowledge(model, tokenizer))
    keep(model, tokenizer, facts, out, checkpoint)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sizes", nargs="*", default=list(FAMILY), help="sizes to pretrain (default: all)")
    parser.add_argument("--out", type=Path, default=ROOT / "w2s_kit/weights/sums")
    parser.add_argument("--cache", type=Path, default=ROOT / "data_prep/cache")
    args = parser.parse_args()
    torch.set_num_threads(1)
    for name in args.sizes:
        pretrain(name, args.out / name, args.cache)
