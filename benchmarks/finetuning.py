"""The finetuning loop against transformers' Trainer, side by side, for every size of the shipped family.

    python benchmarks/finetuning.py [--task nli] [--threads 1] [--seconds 100] [--by-length]

Same pretrained model, texts, batch size, epochs, number of steps, loss, fused AdamW, cosine schedule without warm-up,
no weight decay, gradients clipped at 1. The two run by turns, and the ratio is the median over turns, since a machine
that is busy with other things slows both. One thread, as in the processes of a grid, unless asked otherwise.
"""

from __future__ import annotations

import argparse
import copy
import os
import platform
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when transformers is imported

import numpy as np
import pandas as pd
import torch
from torch import nn
from transformers import PrinterCallback, Trainer, TrainingArguments
from transformers.utils import logging

from w2s_kit.experiment import code_version
from w2s_kit.losses import cross_entropy
from w2s_kit.models import load_classifier, load_family
from w2s_kit.tasks import load_task
from w2s_kit.train import TrainConfig, finetune, pick_device, predict


# ------------------------------------------------------------------------------------- shared by the benchmarks
def machine() -> dict:
    """What a number was measured on. A load above 0.5 a core before the start means that the machine was busy."""
    name = torch.cuda.get_device_name() if torch.cuda.is_available() else f"{os.cpu_count()} cores, {platform.machine()}"
    return {"hardware": name, "torch": torch.__version__, "threads": torch.get_num_threads(),
            "load_before": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else float("nan"), "code": code_version()}


def start(parser: argparse.ArgumentParser) -> tuple[argparse.Namespace, dict]:
    """(arguments, what the benchmark runs on), with only the benchmark itself talking."""
    parser.add_argument("--threads", type=int, default=1, help="default: 1")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    return args, machine()


def report(name: str, table: pd.DataFrame, facts: dict, note: str) -> None:
    """Prints `table` and `note`, and writes results/benchmarks/<name>.csv with `facts` in every row."""
    path = ROOT / "results/benchmarks" / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    table.assign(**facts).to_csv(path, index=False, float_format="%.4g")
    print(table.to_string(index=False, float_format="{:.4g}".format))
    print(note + "\n" + ", ".join(f"{key} {value}" for key, value in facts.items()))
    if facts["load_before"] > 0.5 * (os.cpu_count() or 1):
        print("the machine was busy: trust the ratios, not the seconds")


# ------------------------------------------------------------------------------------------------- this benchmark
def now() -> np.ndarray:
    """(by the clock, of this process's CPU time): the second hardly feels what else the machine does."""
    return np.array([time.perf_counter(), time.process_time()])


class WithLoss(nn.Module):
    """The classifier as Trainer wants it: labels go in, the loss comes out."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, lengths, labels):
        logits = self.model(input_ids, lengths)
        return {"loss": cross_entropy(logits.float(), labels, 0.0), "logits": logits}


def by_trainer(model, texts: list[str], targets: np.ndarray, config: TrainConfig, folder: Path, by_length: bool) -> np.ndarray:
    """Seconds, as `now`, to tokenise and to train. Making the Trainer is left out, in its favour."""
    device = pick_device()

    def collate(rows):
        longest = max(len(r["input_ids"]) for r in rows)
        return {"input_ids": torch.tensor([r["input_ids"] + [model.pad_id] * (longest - len(r["input_ids"])) for r in rows]),
                "lengths": torch.tensor([len(r["input_ids"]) for r in rows]), "labels": torch.tensor([r["label"] for r in rows])}

    start = now()
    data = [{"input_ids": ids, "label": float(t)} for ids, t in zip(model.tokenizer(texts)["input_ids"], targets)]
    tokenising = now() - start
    settings = TrainingArguments(
        str(folder), per_device_train_batch_size=config.batch_size, num_train_epochs=config.epochs, learning_rate=config.lr,
        lr_scheduler_type="cosine", weight_decay=0.0, max_grad_norm=config.max_grad_norm, optim="adamw_torch_fused", seed=config.seed,
        train_sampling_strategy="group_by_length" if by_length else "random", use_cpu=device.device.type == "cpu",
        bf16=device.dtype == torch.bfloat16, fp16=device.dtype == torch.float16, dataloader_pin_memory=device.device.type != "cpu",
        # nothing but training: no logs, files or bars
        report_to="none", save_strategy="no", logging_strategy="no", disable_tqdm=True, remove_unused_columns=False)
    trainer = Trainer(WithLoss(model), settings, data_collator=collate, train_dataset=data)
    trainer.remove_callback(PrinterCallback)
    start = now()
    trainer.train()
    return tokenising + now() - start


def by_kit(model, texts: list[str], targets: np.ndarray, config: TrainConfig) -> np.ndarray:
    """Seconds, as `now`, of the whole call: checks, tokenising, training, history."""
    start = now()
    finetune(model, texts, targets, config, progress=False)
    return now() - start


def peak(seconds: float = 0.3) -> float:
    """The best matrix multiplication that was seen, in GFLOP/s, at the present number of threads and finetune's precision."""
    device, best = pick_device(), 0.0
    for n in (256, 512, 1024) if device.device.type == "cpu" else (2048, 4096, 8192):
        a, b = (torch.randn(n, n, dtype=device.dtype, device=device.device) for _ in range(2))
        stop = time.perf_counter() + seconds / 3
        while time.perf_counter() < stop:
            start = time.perf_counter()
            c = torch.mm(a, b)
            c[0, 0].item()  # waits for the device
            best = max(best, 2 * n**3 / (time.perf_counter() - start) / 1e9)
    return best


def measure(spec, split, folder: Path, seconds: float, by_length: bool) -> dict:
    """One row: at least 3 turns, then as many, up to 15, as fit into `seconds`."""
    texts, targets = split.student["text"].tolist(), split.student["label"].to_numpy(float)
    config, fresh = TrainConfig(lr=spec.lr), load_classifier(spec)
    inside = sum(p.numel() for name, p in fresh.backbone.named_parameters() if "embed" not in name)
    tokens = config.epochs * sum(map(len, fresh.tokenizer(texts)["input_ids"]))

    def run(who: str, n: int) -> tuple[np.ndarray, float]:
        model, arguments = copy.deepcopy(fresh), (texts[:n], targets[:n], config)
        spent = by_kit(model, *arguments) if who == "kit" else by_trainer(model, *arguments, folder, by_length)
        p = predict(model, texts).astype(float).clip(1e-7, 1 - 1e-7)
        return spent, -np.log(np.where(targets > 0.5, p, 1 - p)).mean()

    stop, times, losses, best = time.perf_counter() + seconds, {"kit": [], "trainer": []}, {}, 0.0
    for who in times:  # to warm up
        run(who, 64)
    while len(times["kit"]) < 3 or (len(times["kit"]) < 15 and time.perf_counter() < stop):
        for who in ("kit", "trainer") if len(times["kit"]) % 2 else ("trainer", "kit"):
            spent, losses[who] = run(who, len(texts))
            times[who].append(spent)
        best = max(best, peak())
    clock = {who: np.array(t)[:, 0] for who, t in times.items()}
    cpu = {who: np.array(t)[:, 1] for who, t in times.items()}
    ratios, rate = clock["trainer"] / clock["kit"], {who: config.epochs * len(texts) / np.median(t) for who, t in clock.items()}
    return {"model": spec.name, "parameters": spec.parameters, "kit_examples_per_s": rate["kit"], "trainer_examples_per_s": rate["trainer"],
            "ratio": np.median(ratios), "ratio_min": ratios.min(), "ratio_max": ratios.max(), "cpu_ratio": np.median(cpu["trainer"] / cpu["kit"]),
            "turns": len(ratios), "kit_loss": losses["kit"], "trainer_loss": losses["trainer"], "peak_gflops": best,
            "share_of_peak": 6 * inside * tokens / np.median(clock["kit"]) / 1e9 / best}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", default="nli", help="a MiniWorld task (default: nli)")
    parser.add_argument("--seconds", type=float, default=100, help="about how long to measure, over all sizes (default: 100)")
    parser.add_argument("--by-length", action="store_true", help="let Trainer, too, group texts by length, which it does not by default")
    args, facts = start(parser)
    split, specs = load_task(args.task), list(load_family())
    with tempfile.TemporaryDirectory() as folder:
        rows = [measure(spec, split, Path(folder), args.seconds / len(specs), args.by_length) for spec in specs]
    facts |= {"task": args.task, "examples": len(split.student), "trainer_order": "by length" if args.by_length else "random"}
    name = "finetuning" + (f"_threads{args.threads}" if args.threads > 1 else "") + ("_by_length" if args.by_length else "")
    note = ("ratio: median over turns of Trainer's seconds / the kit's; cpu_ratio: the same of CPU seconds. share_of_peak: 6 N tokens,\n"
            "N the parameters inside the layers, padding not counted, / the kit's seconds / the best torch.mm seen.")
    report(name, pd.DataFrame(rows), facts, note)


if __name__ == "__main__":
    main()
