"""Compare the finetuning loop with transformers' Trainer and the paper's released recipe, for a family.

    python benchmarks/finetuning.py [--task nli] [--threads 1] [--seconds 100]
    W2S_DATA=FOLDER python benchmarks/finetuning.py --family FOLDER/MODEL,FOLDER/LARGER --task sst2 \\
        --examples 1000

Same pretrained model, texts, batch size, epochs, number of steps, loss, peak learning rate, cosine schedule
without warm-up, no weight decay, no dropout. Trainer runs three times: with batches in random order, as by
default; with texts grouped by length, as it can do; and with the kit's own batches. They run by turns, and a
ratio is the median over turns, since a machine that is busy with other things slows all. One thread, as in
the processes of a grid, unless asked otherwise.
"""

from __future__ import annotations

import argparse
import copy
import itertools
import tempfile
import time
from functools import partial

import numpy as np
import pandas as pd
import torch

# first: it switches the model hub off
from instruments import multiplied, now, peak, peak_memory, report, start
from torch import nn
from torch.utils.data import DataLoader
from transformers import PrinterCallback, Trainer, TrainingArguments

from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.tasks import load_task
from w2s_kit.training.batches import encode, length_batches
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.device import Device, pick_device
from w2s_kit.training.loop import finetune
from w2s_kit.training.losses import cross_entropy
from w2s_kit.training.reading import predict


def tokenised(model, texts: list[str]) -> list[list[int]]:
    """As the kit reads them, so that all cut texts that are too long for the model in the same way."""
    return [ids.tolist() for ids in encode(model, texts, torch.device("cpu")).rows()]


# -------------------------------------------------------------------------------------------- the competitors
# Each: seconds, as `now`, to tokenise and to train `model` on soft labels.
def by_kit(model, texts: list[str], targets: np.ndarray, config: TrainConfig) -> np.ndarray:
    """The whole call: checks, tokenising, training, history."""
    start = now()
    finetune(model, texts, targets, config, progress=False)
    return now() - start


class WithLoss(nn.Module):
    """The classifier as Trainer wants it: labels go in, the loss comes out."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def train(self, mode: bool = True):
        return super().train(False)  # Trainer asks for dropout, which the other two do without

    def forward(self, input_ids, lengths, labels):
        logits = self.model(input_ids, lengths)
        return {"loss": cross_entropy(logits.float(), labels, 0.0), "logits": logits}


class SameBatches:
    """The kit's batches, epoch after epoch, as a DataLoader wants them."""

    def __init__(self, rows: list[list[int]], config: TrainConfig):
        self.sizes, self.config = np.array([len(row) for row in rows]), config
        self.epochs = itertools.count()

    def __len__(self):
        return -(-len(self.sizes) // self.config.batch_size)

    def __iter__(self):
        config = self.config
        seed = (config.seed, next(self.epochs))
        return iter(length_batches(self.sizes, config.batch_size, config.pool, seed))


def by_trainer(
    model, texts: list[str], targets: np.ndarray, config: TrainConfig, order: str = "random"
) -> np.ndarray:
    """Making the Trainer is left out, in its favour.

    order: of the texts; "random", "group_by_length", both Trainer's own, or "same": the kit's batches.
    """
    device = pick_device()

    def collate(rows):
        longest = max(len(r["input_ids"]) for r in rows)
        return {
            "input_ids": torch.tensor(
                [r["input_ids"] + [model.pad_id] * (longest - len(r["input_ids"])) for r in rows]
            ),
            "lengths": torch.tensor([len(r["input_ids"]) for r in rows]),
            "labels": torch.tensor([r["label"] for r in rows]),
        }

    start = now()
    data = [{"input_ids": ids, "label": float(t)} for ids, t in zip(tokenised(model, texts), targets)]
    tokenising = now() - start
    with tempfile.TemporaryDirectory() as folder:
        settings = TrainingArguments(
            folder,
            per_device_train_batch_size=config.batch_size,
            num_train_epochs=config.epochs,
            learning_rate=config.lr,
            lr_scheduler_type="cosine",
            weight_decay=0.0,
            max_grad_norm=config.max_grad_norm,
            optim="adamw_torch_fused",
            seed=config.seed,
            train_sampling_strategy="random" if order == "same" else order,
            use_cpu=device.device.type == "cpu",
            bf16=device.dtype == torch.bfloat16,
            fp16=device.dtype == torch.float16,
            dataloader_pin_memory=device.device.type != "cpu",
            # nothing but training: no logs, files or bars
            report_to="none",
            save_strategy="no",
            logging_strategy="no",
            disable_tqdm=True,
            remove_unused_columns=False,
        )
        trainer = Trainer(WithLoss(model), settings, data_collator=collate, train_dataset=data)
        trainer.remove_callback(PrinterCallback)
        if order == "same":
            batches = SameBatches([row["input_ids"] for row in data], config)
            loader = DataLoader(data, batch_sampler=batches, collate_fn=collate)
            trainer.get_train_dataloader = lambda: trainer.accelerator.prepare(loader)
        start = now()
        trainer.train()
        return tokenising + now() - start


def by_recipe(model, texts: list[str], targets: np.ndarray, config: TrainConfig) -> np.ndarray:
    """The loop of the released code as its defaults run, written anew.

    Batches of 32 in one random order for all epochs, Adam, cosine to zero, no clipping. Its precision is the
    kit's.
    """
    device, start = pick_device(), now()
    rows, n = tokenised(model, texts), len(texts)
    model.to(device.device).eval()
    order, wanted = (
        np.random.default_rng(config.seed).permutation(n),
        torch.tensor(targets, dtype=torch.float32, device=device.device),
    )
    batches = [order[i : i + config.batch_size] for i in range(0, n, config.batch_size)]
    steps = max(1, round(len(batches) * config.epochs))
    optimizer = torch.optim.Adam(model.parameters(), lr=config.lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for batch in itertools.islice(itertools.cycle(batches), steps):
        recipe_gradients(model, [rows[i] for i in batch], wanted[batch], device)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
    return now() - start


def recipe_gradients(model, rows: list[list[int]], wanted: torch.Tensor, device: Device) -> None:
    """Leave the gradient of one batch in the weights.

    Every example goes through the model by itself, so nothing is padded; then one loss over all of them, and
    one way back.
    """
    with device.autocast():
        logits = torch.cat(
            [
                model(
                    torch.tensor([row], device=device.device), torch.tensor([len(row)], device=device.device)
                )
                for row in rows
            ]
        )
        cross_entropy(logits.float(), wanted, 0.0).backward()


# --------------------------------------------------------------------------------------- one row of the table
def memory_of(work, spec, texts: list[str], config: TrainConfig) -> float:
    """Bytes that `work` takes beside weights and texts.

    Batches are the widest that there can be: two steps on the longest texts.
    """
    longest = sorted(texts, key=len)[-2 * config.batch_size :]
    targets, once = (
        np.arange(len(longest)) % 2.0,
        TrainConfig(lr=config.lr, epochs=1, batch_size=config.batch_size),
    )

    def prepare():
        # loads code
        work(
            load_classifier(load_family()["xs"]),
            ["is the cat edible ?", "is the oak edible ?"],
            np.array([0.0, 1.0]),
            once,
        )
        model = load_classifier(spec).to(pick_device().device)
        return lambda: work(model, longest, targets, once)

    return peak_memory(prepare)


def measure(spec, texts: list[str], targets: np.ndarray, competitors: dict, seconds: float) -> dict:
    """Speed: at least 3 turns, then as many, up to 15, as fit into `seconds`."""
    config, fresh = TrainConfig(lr=spec.lr), load_classifier(spec)
    tokens = config.epochs * sum(map(len, tokenised(fresh, texts)))

    def run(who: str, n: int) -> tuple[np.ndarray, float]:
        model = copy.deepcopy(fresh)
        spent = competitors[who](model, texts[:n], targets[:n], config)
        p = predict(model, texts).astype(float).clip(1e-7, 1 - 1e-7)
        return spent, -np.log(np.where(targets > 0.5, p, 1 - p)).mean()

    stop, times, losses, best = time.perf_counter() + seconds, {who: [] for who in competitors}, {}, 0.0
    names = list(competitors)
    for who in names:  # to warm up
        run(who, 64)
    while (turn := len(times["kit"])) < 3 or (turn < 15 and time.perf_counter() < stop):
        first = turn % len(names)
        for who in names[first:] + names[:first]:
            spent, losses[who] = run(who, len(texts))
            times[who].append(spent)
        best = max(best, peak())
    clock, cpu = ({who: np.array(t)[:, i] for who, t in times.items()} for i in (0, 1))
    row = {"model": spec.name, "parameters": spec.parameters}
    row |= {f"{who}_examples_per_s": config.epochs * len(texts) / np.median(t) for who, t in clock.items()}
    for who in names[1:]:
        ratios = clock[who] / clock["kit"]
        row |= {
            f"to_{who}": np.median(ratios),
            f"to_{who}_min": ratios.min(),
            f"to_{who}_max": ratios.max(),
            f"to_{who}_cpu": np.median(cpu[who] / cpu["kit"]),
        }
    row |= {
        "turns": len(times["kit"]),
        **{f"{who}_loss": loss for who, loss in losses.items()},
        "peak_gflops": best,
    }
    return row | {
        "share_of_peak": 6 * multiplied(fresh.backbone) * tokens / np.median(clock["kit"]) / 1e9 / best
    }


NOTE = (
    "to_...: median over turns of its seconds / the kit's; _cpu: the same of CPU seconds. trainer: random "
    "batches, sorted: texts\n"
    "grouped by length, same: the kit's batches, recipe: the released code's loop. "
    "share_of_peak: 6 N tokens,\n"
    "N the parameters inside the layers, padding not counted, / the kit's seconds / the best torch.mm seen. "
    "memory: beside weights\n"
    "and texts, at the peak of two steps on the longest texts."
)


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--family",
        default="miniworld",
        help="as Settings takes it: a name, or folders and hub ids with commas (default: miniworld)",
    )
    parser.add_argument("--models", nargs="+", help="sizes of the family (default: all)")
    parser.add_argument(
        "--task",
        default="nli",
        help="any task with two classes; real ones are read from the folder W2S_DATA (default: nli)",
    )
    parser.add_argument("--examples", type=int, default=500, help="default: 500")
    parser.add_argument(
        "--seconds",
        type=float,
        default=100,
        help="about how long to measure, over all sizes; 3 turns may take longer (default: 100)",
    )
    return parser


def main() -> None:
    parser = options()
    args, facts = start(parser)
    split, family = load_task(args.task, n_train=args.examples, n_test=100), load_family(args.family)
    if split.kind != "classes":
        parser.error(
            f"--task {args.task}: its examples are {split.kind}, and Trainer and recipe know two classes only"
        )
    specs = [family[name] for name in args.models or family.names]
    texts, targets = split.student["text"].tolist(), split.student["label"].to_numpy(float)
    competitors = {
        "kit": by_kit,
        "trainer": by_trainer,
        "sorted": partial(by_trainer, order="group_by_length"),
        "same": partial(by_trainer, order="same"),
        "recipe": by_recipe,
    }
    # memory first: its processes are forks of this one, which has not computed yet
    memory = [
        {
            f"{who}_memory_mb": memory_of(competitors[who], spec, texts, TrainConfig(lr=spec.lr)) / 1e6
            for who in ("kit", "trainer", "recipe")  # the order of texts does not change the widest batch
        }
        for spec in specs
    ]
    rows = [
        measure(spec, texts, targets, competitors, args.seconds / len(specs)) | used
        for spec, used in zip(specs, memory)
    ]
    facts |= {"task": args.task, "examples": len(texts)}
    own = (
        "-".join(spec.name for spec in specs) if args.models or {"/", ","} & set(args.family) else args.family
    )
    name = "finetuning" + (f"_{own}_{args.task}" if own != "miniworld" else "")
    report(name, pd.DataFrame(rows), facts, NOTE)


if __name__ == "__main__":
    main()
