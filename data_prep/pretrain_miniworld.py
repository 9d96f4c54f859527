"""Pretrain the MiniWorld family: five causal language models on text about one world, compute growing with
size.

    python data_prep/pretrain_miniworld.py              # every size that is not finished, smallest first
    python data_prep/pretrain_miniworld.py m --out OUT  # one size, elsewhere
    python data_prep/pretrain_miniworld.py --chat       # the same models read on, half of it dialogues: the
    family miniworld-chat

Seeded and resumable: a killed run continues from its last checkpoint. A finished size is a folder in Hugging
Face format (config.json, tokenizer.json, model.safetensors in half precision) with pretraining.json: tokens,
FLOPs, seconds, and zero-shot accuracy along the way. On one core: about 5, 6, 12, 30 and 80 minutes (xs to
xl).

What makes facts arrive within 12 to 24 million tokens, found by trial: a curriculum that starts with few
words, small batches (the number of steps counts), descriptions in a fixed order, and Muon on the matrices
inside the layers, at rates that fall with the width. At the rates of m, the wider models learned no more
facts per token than m did.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from tqdm.auto import tqdm
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from w2s_kit.shared.files import written_whole
from w2s_kit.shared.shipped import record
from w2s_kit.tasks import miniworld
from w2s_kit.tasks.miniworld import dialogue
from w2s_kit.tasks.miniworld.concepts import CONCEPTS
from w2s_kit.tasks.miniworld.corpus import documents
from w2s_kit.tasks.miniworld.vocabulary import vocabulary
from w2s_kit.tasks.miniworld.world import World, WorldConfig, make_world

ROOT = Path(__file__).resolve().parent.parent
MINIWORLD = [
    Path(miniworld.__file__).with_name(f"{module}.py")
    for module in ("vocabulary", "world", "sentences", "concepts", "corpus", "dialogue")
]
CONTEXT = 64  # tokens a training window
# until this share of the tokens: share of each lexicon in use, share of documents that tell all about one
# word
CURRICULUM = ((0.15, 0.04, 0.55), (0.35, 0.2, 0.45), (1.0, 1.0, 0.4))
Reading = Callable[[World, int], Iterator[str]]
LR_MATRICES, LR_REST = 0.008, 3e-3  # Muon's and AdamW's, up to a width of 64; beyond, divided by width / 64
CHAT_TOKENS, CHAT_LR = 3_000_000, 0.1  # of the family that reads on, and its share of the learning rates


@dataclass(frozen=True)
class Size:
    width: int
    layers: int
    heads: int
    tokens: int = 12_000_000
    batch: int = 16  # windows a step


FAMILY = {
    "xs": Size(32, 2, 2),  # at width 24 nothing is learned from 12 million tokens
    "s": Size(48, 2, 3),
    "m": Size(64, 3, 4),
    "l": Size(128, 3, 8, tokens=16_000_000),
    "xl": Size(192, 3, 8, tokens=24_000_000),
}


def make_tokenizer() -> PreTrainedTokenizerFast:
    """Words and syllables. Punctuation is set apart, so "huge, heavy." and "huge , heavy ." are the same
    tokens.
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


def chat(world: World, seed: int) -> Iterator[str]:
    """The text that went before, and as many dialogues."""
    rng, told, nouns = random.Random(f"chat-{seed}"), documents(world, seed), world.lexicons["noun"]
    while True:
        yield next(told) if rng.random() < 0.5 else dialogue.talk(lambda sort: nouns.draw(rng), rng)


def corpus(
    what: str,
    stages: list[tuple[float, Iterator[str]]],
    tokens: int,
    cache: Path,
    tokenizer=None,
    written_by: Sequence[Path] = MINIWORLD,
) -> np.ndarray:
    """The text of `stages`, each until a share of the tokens is there, as one array of token ids, kept in
    `cache` under `what` it is and the source of the files that it is `written_by`. Every document begins with
    <eos>.
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
        with written_whole(path) as temporary:
            np.save(temporary, np.concatenate(parts)[:tokens])
    return np.load(path, mmap_mode="r")


def build(size: Size, vocab: int) -> LlamaForCausalLM:
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


@torch.no_grad()
def knowledge(model, world: World, n: int = 400, seed: int = 7) -> dict:
    """Zero-shot accuracy of yes against no: per concept, and for facts about nouns per frequency band
    (the commonest 4 %, to 20 %, to 50 %, the rest)."""
    tokenizer, rng, out, bands = make_tokenizer(), random.Random(seed), {}, [[], [], [], []]
    yes, no = tokenizer.convert_tokens_to_ids(["yes", "no"])
    lexicons = {sort: words.part(lambda i: True, 0.5) for sort, words in world.lexicons.items()}
    for name, concept in CONCEPTS.items():
        asked = [concept.ask(lambda sort: lexicons[sort].draw(rng), rng) for _ in range(n)]
        ids = tokenizer([text for text, _, _ in asked])["input_ids"]
        last = torch.tensor([len(i) - 1 for i in ids])
        padded = torch.nn.utils.rnn.pad_sequence([torch.tensor(i) for i in ids], batch_first=True)
        logits = model(padded, use_cache=False).logits[torch.arange(n), last]
        right = (logits[:, yes] > logits[:, no]).numpy() == np.array([answer for _, answer, _ in asked])
        out[name] = round(float(right.mean()), 4)
        if concept.sort == "noun" and name not in ("nli", "size", "reading"):
            for (_, _, (noun,)), ok in zip(asked, right):
                bands[sum(lexicons["noun"].quantile[noun.name] > edge for edge in (0.04, 0.2, 0.5))].append(
                    ok
                )
    return {**out, "bands": [round(float(np.mean(band)), 4) for band in bands]}


def optimizers(model, share: float = 1.0) -> list[torch.optim.Optimizer]:
    narrow = share * min(1.0, 64 / model.config.hidden_size)
    inside = [p for n, p in model.named_parameters() if "proj" in n]
    rest = [p for n, p in model.named_parameters() if "proj" not in n]
    found = [
        torch.optim.Muon(inside, lr=narrow * LR_MATRICES, weight_decay=0.0, adjust_lr_fn="original"),
        torch.optim.AdamW(rest, lr=narrow * LR_REST, betas=(0.9, 0.95), weight_decay=0.01, fused=True),
    ]
    for optimizer in found:
        optimizer.param_groups[0]["peak"] = optimizer.param_groups[0]["lr"]
    return found


def pretrain(
    name: str,
    config: WorldConfig,
    out: Path,
    cache: Path,
    begun: Path | None = None,
    reading: Reading = chat,
    lr: float = CHAT_LR,
) -> None:
    """Pretrain size `name` on the world of `config` into the folder `out`, unless it is there already. With
    the folder `begun` of a finished model, that one reads on, at the share `lr` of the learning rates: the
    text that `reading` makes of a world and a seed.
    """
    if (out / "pretraining.json").exists():
        return
    size, world, tokenizer, before = FAMILY[name], make_world(config), make_tokenizer(), 0
    if begun:
        before = json.loads((begun / "pretraining.json").read_text())["tokens"]
        size = replace(size, tokens=CHAT_TOKENS)
        model = LlamaForCausalLM.from_pretrained(begun, dtype=torch.float32, trust_remote_code=False)
        what, stages = f"{out.parent.name} {out.name} {config}", [(1.0, reading(world, 2))]
    else:
        model = build(size, len(tokenizer))
        what, stages = (
            f"{config} {CURRICULUM}",
            [(until, documents(world, 1, reach, described)) for until, reach, described in CURRICULUM],
        )
    text = corpus(what, stages, size.tokens + 1, cache)
    checkpoint = cache / f"{out.parent.name}-{out.name}.pt"
    facts = train(
        name,
        model,
        text,
        size,
        optimizers(model, lr if begun else 1.0),
        checkpoint,
        lambda: knowledge(model, world),
    )
    keep(
        model,
        tokenizer,
        facts | {"tokens": before + facts["tokens"], "world": asdict(config)},
        out,
        checkpoint,
    )


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
    """One pass over `text`, resumed from `checkpoint` where that exists. `examine` says every so many steps
    what the model knows. Returns the facts for pretraining.json.
    """
    text = torch.from_numpy(text.astype(np.int64))
    parameters = sum(p.numel() for p in model.parameters())
    per_step = size.batch * CONTEXT
    steps, start, seconds, log = size.tokens // per_step, 0, 0.0, []
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        for optimizer, saved in zip(optimize, state["optimizers"]):
            optimizer.load_state_dict(saved)
        start, log, seconds = state["step"], state["log"], state["seconds"]
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
        windows = text[at[:, None] + torch.arange(CONTEXT + 1)]
        loss = F.cross_entropy(
            model(windows[:, :-1], use_cache=False).logits.flatten(0, 1), windows[:, 1:].flatten()
        )
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
            state = {
                "model": model.state_dict(),
                "optimizers": [o.state_dict() for o in optimize],
                "step": step + 1,
                "log": log,
                "seconds": seconds,
            }
            checkpoint.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(checkpoint) as temporary:
                torch.save(state, temporary)
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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sizes", nargs="*", default=list(FAMILY), help="sizes to pretrain (default: all)")
    parser.add_argument("--chat", action="store_true", help="let the finished models read on")
    parser.add_argument("--out", type=Path, help="default: w2s_kit/weights/miniworld, or miniworld-chat")
    parser.add_argument("--cache", type=Path, default=ROOT / "data_prep/cache")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    weights = ROOT / "w2s_kit/weights"
    out = args.out or weights / ("miniworld-chat" if args.chat else "miniworld")
    for name in args.sizes:
        pretrain(
            name, WorldConfig(), out / name, args.cache, weights / "miniworld" / name if args.chat else None
        )
