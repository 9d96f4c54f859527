"""Pretrain miniworld-dials: models of size m, each with one thing about its text turned, for notebook 13.

    python data_prep/pretrain_dials.py            # all that are not finished, about an hour on one core
    python data_prep/pretrain_dials.py m-says-0.5 # one

m-leak-X  pretrained from the start on text in which the share X of the sentences about what is edible stays
m-says-X  the shipped m, reading on: half of the text tells facts, half asks questions, and of these the share
          X is answered as people would, who are wrong about three facts in ten (`mistaken`)

Resumable, like pretrain_miniworld.py.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from pretraining import ROOT
from pretraining_miniworld import pretrain

from w2s_kit.tasks.miniworld.corpus import documents
from w2s_kit.tasks.miniworld.world import World, WorldConfig, mistaken

SIZE, CONCEPT = "m", "edible"
LEAKAGE = (0, 0.1, 0.3, 0.6)
SAYS = (0, 0.25, 0.5, 0.75, 1)
# share of the learning rates: at a tenth, hearsay about rare words is not learned from three million tokens
LR = 0.4


def hearsay(dial: float, world: World, seed: int) -> Iterator[str]:
    rng = random.Random(f"hearsay-{seed}")
    only = lambda of, questions, seed: documents(
        World(replace(world.config, questions=questions), of.lexicons), seed
    )
    facts, answers, beliefs = (
        only(world, 0.0, seed),
        only(world, 1.0, seed + 1),
        only(mistaken(world), 1.0, seed + 1),
    )
    while True:
        yield next(facts if rng.random() < 0.5 else beliefs if rng.random() < dial else answers)


if __name__ == "__main__":
    names = {f"m-leak-{share}": share for share in LEAKAGE} | {f"m-says-{dial}": dial for dial in SAYS}
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", default=list(names), help="which to pretrain (default: all)")
    parser.add_argument("--out", type=Path, default=ROOT / "w2s_kit/weights/miniworld-dials")
    parser.add_argument("--cache", type=Path, default=ROOT / "data_prep/cache")
    args = parser.parse_args()
    torch.set_num_threads(1)
    for name in args.models:
        if name.startswith("m-leak"):
            pretrain(SIZE, WorldConfig(concept=CONCEPT, leakage=names[name]), args.out / name, args.cache)
        else:
            pretrain(
                SIZE,
                WorldConfig(),
                args.out / name,
                args.cache,
                ROOT / "w2s_kit/weights/miniworld" / SIZE,
                partial(hearsay, names[name]),
                lr=LR,
            )
