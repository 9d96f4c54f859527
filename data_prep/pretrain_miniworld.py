"""Pretrain the MiniWorld family: five causal language models on text about one world, of growing compute.

    python data_prep/pretrain_miniworld.py              # every size that is not finished, smallest first
    python data_prep/pretrain_miniworld.py m --out OUT  # one size, elsewhere
    python data_prep/pretrain_miniworld.py --chat       # miniworld-chat: the same models read on, half of it
                                                        # dialogues

Seeded and resumable: a killed run continues from its last checkpoint. A finished size is a folder in Hugging
Face format (config.json, tokenizer.json, model.safetensors in half precision) with pretraining.json: tokens,
FLOPs, seconds, and zero-shot accuracy along the way. On one core: about 5, 6, 12, 30 and 80 minutes (xs to
xl). How one model learns stands in pretraining_miniworld.py.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from pretraining import ROOT
from pretraining_miniworld import FAMILY, pretrain

from w2s_kit.tasks.miniworld.world import WorldConfig

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
