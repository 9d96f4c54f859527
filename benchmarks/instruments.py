"""What the benchmarks share: arguments, the machine, clocks, peaks of arithmetic and memory, tables."""

from __future__ import annotations

import argparse
import contextlib
import gc
import math
import multiprocessing
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when transformers is imported

import numpy as np
import pandas as pd
import torch
from torch import nn
from transformers.utils import logging

from w2s_kit.experiment.digest import digest
from w2s_kit.training.device import pick_device
from w2s_kit.training.loop import finetune


def machine() -> dict:
    """What a number was measured on.

    A load above 0.5 a core before the start means that the machine was busy.
    """
    name = (
        torch.cuda.get_device_name()
        if torch.cuda.is_available()
        else f"{os.cpu_count()} cores, {platform.machine()}"
    )
    return {
        "hardware": name,
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "load_before": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else float("nan"),
        "code": digest(finetune),
    }


def start(parser: argparse.ArgumentParser) -> tuple[argparse.Namespace, dict]:
    """(arguments, what the benchmark runs on), with only the benchmark itself talking."""
    parser.add_argument("--threads", type=int, default=1, help="default: 1")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    return args, machine()


def report(name: str, table: pd.DataFrame, facts: dict, note: str) -> None:
    """Prints `table` and `note`, and writes results/benchmarks/<name>.csv with `facts` in every row.

    Threads and a GPU are in the name.
    """
    name += (
        f"_threads{facts['threads']}" if facts["threads"] > 1 and not torch.cuda.is_available() else ""
    ) + ("_gpu" if torch.cuda.is_available() else "")
    path = ROOT / "results/benchmarks" / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    table.assign(**facts).to_csv(path, index=False, float_format="%.4g")
    print(table.to_string(index=False, float_format="{:.4g}".format))
    print(note + "\n" + ", ".join(f"{key} {value}" for key, value in facts.items()))
    if facts["load_before"] > 0.5 * (os.cpu_count() or 1):
        print("the machine was busy: trust the ratios, not the seconds")


def now() -> np.ndarray:
    """(by the clock, of this process's CPU time): the second hardly feels what else the machine does."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return np.array([time.perf_counter(), time.process_time()])


def peak(seconds: float = 0.3) -> float:
    """The best matrix multiplication that was seen, in GFLOP/s.

    It is at the present number of threads and finetune's precision.
    """
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


def multiplied(backbone: nn.Module) -> int:
    """The number of parameters that every token is multiplied with.

    Not the embeddings, which are looked up, nor an encoder's pooler, which sees one token a text.
    """
    looked_up = {id(p) for m in backbone.modules() if isinstance(m, nn.Embedding) for p in m.parameters()}
    return sum(
        p.numel()
        for name, p in backbone.named_parameters()
        if id(p) not in looked_up and not name.startswith("pooler.")
    )


def peak_memory(prepare: Callable[[], Callable[[], object]]) -> float:
    """Bytes that the work which `prepare()` returns takes at its peak, above what is there before it starts.

    On a GPU as PyTorch allocates it; else as the system counts it, in a process of its own, and NaN where the
    system is not Linux. That process is a fork, so ask before PyTorch has used more than one thread.
    """
    if torch.cuda.is_available():
        work = prepare()
        gc.collect()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        work()
        return torch.cuda.max_memory_allocated() - before
    if not Path("/proc/self/clear_refs").exists():
        return math.nan
    here, there = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=_watch, args=(prepare, there))
    child.start()
    there.close()
    try:
        return here.recv()
    except EOFError:
        raise RuntimeError(
            "the process whose memory was measured has died: see above, or it had too little"
        ) from None
    finally:
        child.join()


def _watch(prepare: Callable, there) -> None:
    work = prepare()
    gc.collect()
    # forget how much loading took; without, the peak may be one of loading
    with contextlib.suppress(PermissionError):
        Path("/proc/self/clear_refs").write_text("5")
    before = _resident("VmRSS")
    work()
    there.send(_resident("VmHWM") - before)


def _resident(which: str) -> float:
    """Bytes of this process in memory: now (VmRSS), or at the most so far (VmHWM)."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines[which].split()[0]) * 1024
