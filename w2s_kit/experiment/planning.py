"""What a study would train, how long that takes here, and how much memory, before anything is trained."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..models.families import load_family
from ..tasks.split import Split
from ..training.device import pick_device
from ..training.loop import finetune
from ..training.memory import GB, finetuning_bytes, free_bytes
from .learn import truth, ways
from .run import Run, one_hot
from .run_files import fingerprint
from .settings import Settings
from .splits import split_of
from .store import Store
from .study import Study


class Foreseen(Store):
    """A store that trains nothing: a run that is not there is put down, and one that pretends is given.

    Everything else goes its usual way, so that a plan counts just what would be trained, once each.
    """

    def __init__(self, root: str | Path, splits: dict[str, Split]):
        super().__init__(root)
        self.splits = splits  # by their hash
        self.there: set[str] = set()  # names of runs
        self.missing: dict[str, Run] = {}

    def run(self, config: dict, compute: Callable) -> Run:
        """The run of `config` if the store has it, else one that pretends to be."""
        name = fingerprint(config)
        if name not in self.missing:
            if (kept := self.get(config)) is not None:
                self.there.add(name)
                return kept
            self.missing[name] = self._pretend(name, config)
        return self.missing[name]

    def _pretend(self, name: str, config: dict) -> Run:
        split = self.splits[config["data"]]
        tables = []
        for part, examples in split.parts.items():
            both = np.arange(len(examples)) % 2  # two answers, so that there is something to learn from
            table = pd.DataFrame({"split": part, "row": np.arange(len(examples))})
            table = table.assign(probability=0.25 + 0.5 * both, label=examples["label"].to_numpy())
            if split.kind == "choices":
                table = table.assign(answer=both, distribution=[[0.5, 0.5]] * len(examples))
            if split.kind == "writing":
                table = table.assign(answer=both.astype(str).astype(object))
            tables.append(table)
        metrics = {"accuracy": 0.5, "parameters": 0, "pretraining_flops": 1.0}
        return Run(name, self.root / name, config, metrics, pd.concat(tables, ignore_index=True))


@dataclass(frozen=True)
class Plan:
    """What a study would take.

    Fields:

        there       runs that the store has
        models      a row a model and task to be trained: model, task, runs, examples (counted in each epoch),
                    minutes, gigabytes
        jobs        processes
        device      where it was timed
        free        bytes of memory that are free there, infinite where that is not known
    """

    there: int
    models: pd.DataFrame
    jobs: int
    device: str
    free: float

    def __str__(self) -> str:
        if self.models.empty:
            return f"all {self.there} runs are in the store: nothing is to be trained"
        runs, minutes = self.models["runs"].sum(), self.models["minutes"].sum() / self.jobs
        shown = self.models.assign(
            examples=self.models["examples"].map("{:,}".format),
            minutes=self.models["minutes"].map("{:.1f}".format),
            gigabytes=self.models["gigabytes"].map("{:.2f}".format),
        )
        most, free = self.models["gigabytes"].max() * self.jobs, self.free / GB
        room = f"{free:.0f} GB are free" if np.isfinite(free) else "what is free here is not known"
        together = f" in {self.jobs} processes" if self.jobs > 1 else ""
        lines = [
            f"{runs} runs are to be trained, {self.there} are in the store",
            shown.to_string(index=False),
            f"about {max(minutes, 0.1):.1f} minutes{together}, from a few steps timed here ({self.device})",
            f"memory: about {max(most, 0.01):.2f} GB{together}; {room}",
        ]
        if most > free:
            lines.append("that is too much: take adapters (lora = 8), fewer jobs or a smaller model")
        return "\n".join(lines)


def plan(study: Study, jobs: int = 1) -> Plan:
    """What `study.table` would take in `jobs` processes. Times a few steps of every model to be trained.

    Raises ValueError where `study.table` would.

    The minutes count training and answering on this machine while it is as busy as now; a method that does
    more than finetune once, such as a reading stage, takes longer than they say.
    """
    cells = [replace(settings, seed=seed) for settings in study.by_task() for seed in study.seeds]
    splits, settings_of = {}, {}
    for cell in cells:
        split = split_of(cell)
        splits[split.hash], settings_of[split.hash] = split, cell
    store = Foreseen(study.store, splits)
    study.table(store)
    costs: dict[tuple[str, str], Cost] = {}
    rows = []
    for run in store.missing.values():
        name, data, epochs = run.config["model"], run.config["data"], run.config["train"]["epochs"]
        settings, split = settings_of[data], splits[data]
        one = (name, settings.task)
        if one not in costs:
            costs[one] = _cost(settings, name, split)
        examples = round(len(split.student) * epochs)
        seconds = examples * costs[one].learn + 2 * len(split.test) * costs[one].answer
        rows.append([*one, 1, examples, seconds / 60, costs[one].gigabytes])
    models = pd.DataFrame(rows, columns=["model", "task", "runs", "examples", "minutes", "gigabytes"])
    sums = {"runs": "sum", "examples": "sum", "minutes": "sum", "gigabytes": "max"}
    models = models.groupby(["model", "task"], sort=False, as_index=False).agg(sums)
    device = pick_device()
    free = free_bytes(device.device) if device.device.type == "cuda" else _free_here()
    return Plan(len(store.there), models, jobs, device.why, free)


class Cost(NamedTuple):
    """What a model takes.

    Fields:

        learn        seconds to learn an example
        answer       seconds to answer one
        gigabytes    of memory to finetune it
    """

    learn: float
    answer: float
    gigabytes: float


def _cost(settings: Settings, name: str, split: Split) -> Cost:
    """What a model takes on a task, from a few batches."""
    spec = load_family(settings.family)[name]
    make, ask = ways(split.kind)
    examples = split.student.head(2 * settings.batch_size)
    texts, targets = examples["text"].tolist(), truth(examples)
    config = replace(settings.train_config(spec, "none"), epochs=1)
    model: Any = make(spec, settings)
    if split.kind == "choices":
        targets = one_hot(targets)
    for _ in range(2):  # the first warms up
        begun = time.perf_counter()
        finetune(model, texts, targets, config, progress=False)
        train = (time.perf_counter() - begun) / len(examples)
    asked = split.test.head(2 * settings.batch_size)
    begun = time.perf_counter()
    ask(model, asked, settings)
    answer = (time.perf_counter() - begun) / len(asked)
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    frozen = sum(p.numel() for p in model.parameters() if not p.requires_grad)
    return Cost(train, answer, finetuning_bytes(trained, frozen, half=False) / GB)


def _free_here() -> float:
    """Bytes of memory that are free for programs; infinite on systems that do not say."""
    try:
        return float(os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (ValueError, OSError, AttributeError):
        return float("inf")
