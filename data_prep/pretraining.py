"""What the scripts that pretrain language models share: a tokenizer, a model of a size, its text, the loop.

A script pretrain_X.py makes one family. It imports from here, and never from another script.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from tqdm.auto import tqdm
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from w2s_kit.shared.shipped import record
from w2s_kit.tasks import miniworld
from w2s_kit.tasks.miniworld.vocabulary import vocabulary

ROOT = Path(__file__).resolve().parent.parent
MINIWORLD = [
    Path(miniworld.__file__).with_name(f"{module}.py")
    for module in ("vocabulary", "world", "sentences", "concepts", "corpus", "dialogue")
]
CONTEXT = 64  # tokens a training window
LR_MATRICES, LR_REST = 0.008, 3e-3  # Muon's and AdamW's, up to a width of 64; beyond, divided by width / 64


@dataclass(frozen=True)
class Size:
    """A model and how long it reads.

    Fields:

        width     of its layers
        layers    how many
        heads     of attention, in each
        tokens    that it is pretrained on
        batch     windows a step
    """

    width: int
    layers: int
    heads: int
    tokens: int = 12_000_000
    batch: int = 16


def make_tokenizer() -> PreTrainedTokenizerFast:
    """Words and syllables.

    Punctuation is set apart, so "huge, heavy." and "huge , heavy ." are the same tokens.
    """
    vocab = {token: i for i, token in enumerate(vocabulary())}
    inner = Tokenizer(models.WordPiece(vocab, unk_token="<unk>", continuing_subword_prefix="##"))
    inner.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation()]
    )
    inner.decoder = decoders.WordPiece(prefix="##", cleanup=False)
    inner.post_processor = processors.TemplateProcessing(
        single="<eos> $A", special_tokens=[("<eos>", vocab["<eos>"])]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<pad>", eos_token="<eos>", bos_token="<eos>", unk_token="<unk>"
    )


def corpus(
    what: str,
    stages: list[tuple[float, Iterator[str]]],
    tokens: int,
    cache: Path,
    tokenizer=None,
    written_by: Sequence[Path] = MINIWORLD,
) -> np.ndarray:
    """The text of `stages`, each until a share of the tokens is there, as one array of token ids.

    It is kept in `cache` under `what` it is and the source of the files that it is `written_by`. Every
    document begins with <eos>.
    """
    sources = [file.read_text() for file in written_by]
    path = cache / f"corpus-{hashlib.sha256(repr((what, tokens, sources)).encode()).hexdigest()[:16]}.npy"
    if not path.exists():
        tokenizer, parts, done = tokenizer or make_tokenizer(), [], 0
        with tqdm(total=tokens, unit="tok", unit_scale=True, desc="corpus") as bar:
            for until, source in stages:
                while done < tokens * until:
                    batch = tokenizer([next(source) for _ in range(5_000)])["input_ids"]
                    ids = np.fromiter((i for document in batch for i in document), dtype=np.uint16)
                    parts.append(ids)
                    done += len(ids)
                    bar.update(len(ids))
        cache.mkdir(parents=True, exist_ok=True)
        temporary = cache / f"{os.getpid()}.npy"
        np.save(temporary, np.concatenate(parts)[:tokens])
        os.replace(temporary, path)
    return np.load(path, mmap_mode="r")


def build(size: Size, vocab: int) -> LlamaForCausalLM:
    """A Llama of this size with tied embeddings and random weights, drawn anew with the same seed."""
    torch.manual_seed(0)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=vocab,
            hidden_size=size.width,
            intermediate_size=int(size.width * 8 / 3) // 8 * 8,
            num_hidden_layers=size.layers,
            num_attention_heads=size.heads,
            max_position_embeddings=128,
            tie_word_embeddings=True,
            pad_token_id=0,
            bos_token_id=1,
            eos_token_id=1,
            initializer_range=0.4 / math.sqrt(size.width),
        )
    )


def optimizers(model, share: float = 1.0) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the layers, AdamW for the rest, with rates times `share`."""
    narrow = share * min(1.0, 64 / model.config.hidden_size)
    inside = [p for n, p in model.named_parameters() if "proj" in n]
    rest = [p for n, p in model.named_parameters() if "proj" not in n]
    result = [
        torch.optim.Muon(inside, lr=narrow * LR_MATRICES, weight_decay=0.0, adjust_lr_fn="original"),
        torch.optim.AdamW(rest, lr=narrow * LR_REST, betas=(0.9, 0.95), weight_decay=0.01, fused=True),
    ]
    for optimizer in result:
        optimizer.param_groups[0]["peak"] = optimizer.param_groups[0]["lr"]
    return result


def read_checkpoint(checkpoint: Path, model, optimize: list[torch.optim.Optimizer]) -> tuple:
    """(first step, log, seconds) of a run that goes on; its model and optimizers are as they were."""
    state = torch.load(checkpoint, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimize, state["optimizers"]):
        optimizer.load_state_dict(saved)
    return state["step"], state["log"], state["seconds"]


def write_checkpoint(checkpoint: Path, model, optimize: list[torch.optim.Optimizer], progress: dict) -> None:
    """Whole or not at all; `progress` holds step, log and seconds."""
    state = {
        "model": model.state_dict(),
        "optimizers": [o.state_dict() for o in optimize],
        **progress,
    }
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, f"{checkpoint}.tmp")
    os.replace(f"{checkpoint}.tmp", checkpoint)


def cross_entropy(model, windows: torch.Tensor) -> torch.Tensor:
    """Of each token of `windows` (batch, CONTEXT + 1) but the first, given those before it."""
    logits = model(windows[:, :-1], use_cache=False).logits
    return F.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten())


def train(
    name: str,
    model,
    text: np.ndarray,
    size: Size,
    optimize: list[torch.optim.Optimizer],
    checkpoint: Path,
    examine: Callable[[], dict],
    every: int = 500,
) -> dict:
    """One pass over `text`, resumed from `checkpoint` where that exists.

    `examine` says every so many steps what the model knows. Returns the facts for pretraining.json.
    """
    tokens = torch.from_numpy(text.astype(np.int64))
    parameters = sum(p.numel() for p in model.parameters())
    per_step = size.batch * CONTEXT
    steps, start, seconds, log = size.tokens // per_step, 0, 0.0, []
    if checkpoint.exists():
        start, log, seconds = read_checkpoint(checkpoint, model, optimize)
    began = time.time() - seconds
    bar = tqdm(
        range(start, steps), initial=start, total=steps, desc=f"{name} ({parameters:,})", mininterval=5
    )
    for step in bar:
        # warm-up, plateau, linear decay over the last 40 %
        share = min(1.0, (step + 1) / 100) * min(1.0, (1 - step / steps) / 0.4)
        for optimizer in optimize:
            optimizer.param_groups[0]["lr"] = optimizer.param_groups[0]["peak"] * share
        # one pass in order, so that the curriculum holds and a resumed run sees what the first would have
        # seen
        at = (step * size.batch + torch.arange(size.batch)) * CONTEXT
        loss = cross_entropy(model, tokens[at[:, None] + torch.arange(CONTEXT + 1)])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimize:
            optimizer.step()
            optimizer.zero_grad()
        if (step + 1) % every == 0 or step == steps - 1:
            seconds, seen, known = time.time() - began, (step + 1) * per_step, examine()
            log.append({"tokens": seen, "loss": loss.item(), "tokens_per_s": seen / seconds, **known})
            bar.set_postfix(loss=f"{loss.item():.3f}")
            print(
                f"{name} {seen / 1e6:.2f}M tokens, loss {loss.item():.3f}, {seen / seconds:.0f} tokens/s, "
                + ", ".join(f"{k} {v}" for k, v in known.items()),
                flush=True,
            )
            progress = {"step": step + 1, "log": log, "seconds": seconds}
            write_checkpoint(checkpoint, model, optimize, progress)
    return {
        "name": name,
        "parameters": parameters,
        "tokens": steps * per_step,
        "seconds": seconds,
        "size": asdict(size),
        "log": log,
    }


def keep(model, tokenizer, facts: dict, out: Path, checkpoint: Path) -> None:
    """A finished size as a folder in Hugging Face format, with checksums if it ships; its checkpoint goes."""
    out.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(out)
    tokenizer.save_pretrained(out)
    (out / "pretraining.json").write_text(
        json.dumps({**facts, "flops": 6 * facts["parameters"] * facts["tokens"]}, indent=1) + "\n"
    )
    record(out)
    checkpoint.unlink(missing_ok=True)
