"""How one model learns MiniWorld: its curriculum, what it knows along the way, and how it reads on.

What makes facts arrive within 12 to 24 million tokens was found by trial: a curriculum that starts with few
words, small batches (the number of steps counts), descriptions in a fixed order, and Muon on the matrices
inside the layers, at rates that fall with the width. At the rates of m, the wider models learned no more
facts per token than m did.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from pretraining import Size, build, corpus, keep, make_tokenizer, optimizers, train
from transformers import LlamaForCausalLM

from w2s_kit.tasks.miniworld import dialogue
from w2s_kit.tasks.miniworld.concepts import CONCEPTS
from w2s_kit.tasks.miniworld.corpus import documents
from w2s_kit.tasks.miniworld.world import World, WorldConfig, make_world

# until this share of the tokens: share of each lexicon in use, share of documents that tell all of one word
CURRICULUM = ((0.15, 0.04, 0.55), (0.35, 0.2, 0.45), (1.0, 1.0, 0.4))
Reading = Callable[[World, int], Iterator[str]]
CHAT_TOKENS, CHAT_LR = 3_000_000, 0.1  # of the family that reads on, and its share of the learning rates

FAMILY = {
    "xs": Size(32, 2, 2),  # at width 24 nothing is learned from 12 million tokens
    "s": Size(48, 2, 3),
    "m": Size(64, 3, 4),
    "l": Size(128, 3, 8, tokens=16_000_000),
    "xl": Size(192, 3, 8, tokens=24_000_000),
}


def chat(world: World, seed: int) -> Iterator[str]:
    """The text that went before, and as many dialogues."""
    rng, texts, nouns = random.Random(f"chat-{seed}"), documents(world, seed), world.lexicons["noun"]
    while True:
        yield next(texts) if rng.random() < 0.5 else dialogue.talk(lambda sort: nouns.draw(rng), rng)


@torch.no_grad()
def knowledge(model, world: World, n: int = 400, seed: int = 7) -> dict:
    """Zero-shot accuracy of yes against no: per concept, and for facts about nouns per frequency band.

    The bands are the commonest 4 %, to 20 %, to 50 %, the rest.
    """
    tokenizer, rng, out, bands = make_tokenizer(), random.Random(seed), {}, [[], [], [], []]
    yes, no = tokenizer.convert_tokens_to_ids(["yes", "no"])
    lexicons = {sort: words.part(lambda i: True, 0.5) for sort, words in world.lexicons.items()}
    for name, concept in CONCEPTS.items():
        questions = [concept.ask(lambda sort: lexicons[sort].draw(rng), rng) for _ in range(n)]
        ids = tokenizer([text for text, _, _ in questions])["input_ids"]
        last = torch.tensor([len(i) - 1 for i in ids])
        padded = torch.nn.utils.rnn.pad_sequence([torch.tensor(i) for i in ids], batch_first=True)
        logits = model(padded, use_cache=False).logits[torch.arange(n), last]
        right = (logits[:, yes] > logits[:, no]).numpy() == np.array([answer for _, answer, _ in questions])
        out[name] = round(float(right.mean()), 4)
        if concept.sort == "noun" and name not in ("nli", "size", "reading"):
            for (_, _, (noun,)), ok in zip(questions, right):
                bands[sum(lexicons["noun"].quantile[noun.name] > edge for edge in (0.04, 0.2, 0.5))].append(
                    ok
                )
    return {**out, "bands": [round(float(np.mean(band)), 4) for band in bands]}


def pretrain(
    name: str,
    config: WorldConfig,
    out: Path,
    cache: Path,
    begun: Path | None = None,
    reading: Reading = chat,
    lr: float = CHAT_LR,
) -> None:
    """Pretrain size `name` on the world of `config` into the folder `out`, unless it is there already.

    With the folder `begun` of a finished model, that one reads on, at the share `lr` of the learning rates:
    the text that `reading` makes of a world and a seed.
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
