"""Pretrain the chess family: four policies on the same self-play games, compute growing with size.

    python data_prep/make_games.py --shards 40      # first: the games
    python data_prep/pretrain_chess.py              # every size that is not finished, smallest first
    python data_prep/pretrain_chess.py m --out OUT  # one size, elsewhere
    python data_prep/pretrain_chess.py xs+ s+ --out w2s_kit/weights/chess-fine    # two sizes between

A model learns the move that was played, blunders included, as the paper's models learned from games of
people. A fifth, of 64 filters, 6 blocks and half a million parameters, was no better than `l` after as many
positions (move accuracy .328 against .322) and is left out: it would need several times the pretraining. The
sizes between were made later, from 8,000 and 9,000 of the 40,000 games.

Seeded and resumable; a finished size is a folder in Hugging Face format with pretraining.json beside the
weights.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from joblib import Parallel, delayed
from playing import pretraining_shards, replay
from tqdm.auto import tqdm

from w2s_kit.models.chess_policy import ChessPolicy, ChessPolicyConfig
from w2s_kit.shared.shipped import record
from w2s_kit.tasks.chess.board import SQUARES, encode

ROOT = Path(__file__).resolve().parent.parent
BATCH = 128


@dataclass(frozen=True)
class Size:
    filters: int
    blocks: int
    steps: int
    lr: float = 4e-3


FAMILY = {
    "xs": Size(4, 1, 4_000),
    "s": Size(12, 2, 8_000),
    "m": Size(24, 4, 10_000),
    "l": Size(48, 4, 12_000, 3e-3),
}
RUNGS = {"xs+": Size(8, 1, 8_000), "s+": Size(18, 3, 9_000)}  # half a step above xs, and above s


def positions(shard: Path, cache: Path) -> Path:
    """One shard of games as arrays.

    They hold the ids of all positions one after the other, where each begins, and the move played.
    """
    path = cache / f"{shard.name.split('.')[0]}.npz"
    if path.exists():
        return path
    ids, starts, played = [], [0], []
    for _, board, move in replay(shard):
        row, legal = encode(board)
        if len(legal) > 1:
            ids += row
            starts.append(len(ids))
            played.append(legal.index(move))
    cache.mkdir(parents=True, exist_ok=True)
    temporary = cache / f".{os.getpid()}-{path.name}"
    np.savez_compressed(
        temporary,
        ids=np.array(ids, np.uint16),
        starts=np.array(starts, np.int64),
        played=np.array(played, np.uint8),
    )
    os.replace(temporary, path)
    return path


class Games:
    """All positions of all shards, in memory."""

    def __init__(self, paths: list[Path]):
        ids, starts, played, offset = [], [np.zeros(1, np.int64)], [], 0
        for path in paths:
            with np.load(path) as part:
                ids.append(part["ids"])
                starts.append(part["starts"][1:] + offset)
                played.append(part["played"])
                offset += len(part["ids"])
        self.ids, self.starts, self.played = (
            np.concatenate(ids),
            np.concatenate(starts),
            np.concatenate(played),
        )

    def __len__(self):
        return len(self.played)

    def batch(self, rows: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        begins, ends = self.starts[rows], self.starts[rows + 1]
        lengths = ends - begins
        ids = np.zeros((len(rows), lengths.max()), np.int64)
        for row, begin, end in zip(ids, begins, ends):
            row[: end - begin] = self.ids[begin:end]
        return (
            torch.from_numpy(ids),
            torch.from_numpy(lengths),
            torch.from_numpy(self.played[rows].astype(np.int64)),
        )


@torch.no_grad()
def move_accuracy(model: ChessPolicy, held_out: Games) -> float:
    """Share of 4,000 held-out positions in which the model's first choice was played."""
    model.eval()
    ids, lengths, played = held_out.batch(np.arange(4_000))
    choices = torch.cat([model(i, n).argmax(1) for i, n in zip(ids.split(500), lengths.split(500))])
    model.train()
    return (choices == played).float().mean().item()


def keep(model: ChessPolicy, facts: dict, size: Size, out: Path) -> None:
    """A finished size as a folder in Hugging Face format, with pretraining.json and checksums."""
    # a convolution uses each weight once a square, and three passes make one step of training
    convolutions = sum(p.numel() for p in model.parameters() if p.ndim == 4)
    examples = {"positions": size.steps * BATCH, "flops": 6 * convolutions * SQUARES * size.steps * BATCH}
    model.eval().half().save_pretrained(out)
    facts = {name: facts[name] for name in ("name", "parameters")} | examples | facts
    (out / "pretraining.json").write_text(json.dumps(facts, indent=1) + "\n")
    record(out)


def pretrain(name: str, games: Games, held_out: Games, out: Path, cache: Path) -> None:
    if (out / "pretraining.json").exists():
        return
    size = (FAMILY | RUNGS)[name]
    torch.manual_seed(0)
    model = ChessPolicy(ChessPolicyConfig(filters=size.filters, blocks=size.blocks)).train()
    parameters = sum(p.numel() for p in model.parameters())
    optimizer = torch.optim.AdamW(model.parameters(), lr=size.lr, weight_decay=1e-4, fused=True)
    checkpoint, start, seconds, log = cache / f"chess-{name}.pt", 0, 0.0, []
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        start, seconds, log = state["step"], state["seconds"], state["log"]
    began = time.time() - seconds
    bar = tqdm(
        range(start, size.steps),
        initial=start,
        total=size.steps,
        desc=f"{name} ({parameters:,})",
        mininterval=5,
    )
    for step in bar:
        optimizer.param_groups[0]["lr"] = (
            size.lr * min(1.0, (step + 1) / 100) * min(1.0, (1 - step / size.steps) / 0.5)
        )
        ids, lengths, played = games.batch(np.random.default_rng((0, step)).integers(0, len(games), BATCH))
        loss = F.cross_entropy(model(ids, lengths), played)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if (step + 1) % 1_000 == 0 or step == size.steps - 1:
            seconds = time.time() - began
            log.append(
                {
                    "positions": (step + 1) * BATCH,
                    "loss": loss.item(),
                    "move_accuracy": move_accuracy(model, held_out),
                    "positions_per_s": (step + 1) * BATCH / seconds,
                }
            )
            bar.set_postfix(log[-1])
            print(name, log[-1], flush=True)
            state = {
                "model": model.state_dict(),
                "optimizer": optimizer.state_dict(),
                "step": step + 1,
                "seconds": seconds,
                "log": log,
            }
            torch.save(state, f"{checkpoint}.tmp")
            os.replace(f"{checkpoint}.tmp", checkpoint)
    keep(model, {"name": name, "parameters": parameters, "seconds": seconds, "log": log}, size, out)
    checkpoint.unlink(missing_ok=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sizes", nargs="*", default=list(FAMILY))
    parser.add_argument("--out", type=Path, default=ROOT / "w2s_kit/weights/chess")
    parser.add_argument("--cache", type=Path, default=ROOT / "data_prep/cache")
    parser.add_argument("--jobs", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(1)
    shards = pretraining_shards(args.cache / "games")
    if len(shards) < 2:
        raise SystemExit(f"{args.cache / 'games'}: no games there; run data_prep/make_games.py first")
    arrays = list(
        tqdm(
            Parallel(n_jobs=args.jobs, return_as="generator")(
                delayed(positions)(s, args.cache / "positions") for s in shards
            ),
            total=len(shards),
            unit="shard",
        )
    )
    games, held_out = Games(arrays[:-1]), Games(arrays[-1:])
    print(f"{len(games):,} positions to learn from, {len(held_out):,} held out", flush=True)
    for name in args.sizes:
        pretrain(name, games, held_out, args.out / name, args.cache)
