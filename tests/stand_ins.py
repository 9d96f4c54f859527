"""A stand-in task and stand-in models that train in milliseconds, for the tests of experiments.

Run as a script, this file is a grid in a process of its own, to be killed or to share a store:
    python stand_ins.py STORE LOG SECONDS_PER_MODEL
"""

import importlib
import os
import subprocess
import sys
import time
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import w2s_kit
from w2s_kit.experiment import splits
from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.store import Store
from w2s_kit.models.families import Family
from w2s_kit.tasks.split import Split

WORDS = 48
SETTINGS = Settings(task="", n_train=96, n_test=80, family="tiny")
GRID = dict(
    tasks=["up", "down"],
    supervisors=["small", "middle"],
    students=["middle", "big"],
    methods=["naive"],
    seeds=[0, 1],
)


@dataclass(frozen=True)
class Spec:
    name: str
    parameters: int  # how many words it knows
    weights_hash: str = "v1"
    lr: float = 0.1
    pretraining_flops: float = 1e9


class Tokenizer:
    pad_token_id, unk_token_id = 0, None

    def __call__(self, texts, **kw):
        return {"input_ids": [[int(word[1:]) for word in text.split()] for text in texts]}


class Tiny(nn.Module):
    """Says yes when the good words outnumber the bad ones, of those that it knows."""

    def __init__(self, known, head, linear_probe):
        super().__init__()
        self.tokenizer, self.pad_id = Tokenizer(), 0
        good = torch.randn(WORDS + 1, 1, generator=torch.Generator().manual_seed(0)).sign()
        self.embedding = nn.Embedding.from_pretrained(
            good * (torch.arange(WORDS + 1) <= known)[:, None], freeze=linear_probe
        )
        self.head = nn.Linear(1, 2)
        nn.init.zeros_(self.head.weight), nn.init.zeros_(self.head.bias)

    def forward(self, input_ids, lengths):
        there = torch.arange(input_ids.shape[1]) < lengths[:, None]
        return self.head((self.embedding(input_ids) * there[..., None]).sum(1))


def tiny_task(name, seed=0, n_train=96, n_test=80, fresh=0):
    good = torch.randn(WORDS + 1, 1, generator=torch.Generator().manual_seed(0)).sign()[:, 0].numpy()
    parts = {}
    for part, n in (("supervisor", n_train), ("student", n_train), ("test", n_test)):
        rng = np.random.default_rng(zlib.crc32(f"{name}{seed}{part}".encode()))
        words = rng.integers(1, WORDS + 1, (n, 5))
        labels = (good[words].sum(1) > 0) ^ (name == "down") ^ (rng.random(n) < 0.05)
        parts[part] = pd.DataFrame(
            {
                "text": [" ".join(f"w{w}" for w in row) for row in words],
                "label": labels.astype(int),
                "group": [(f"{part}{i}",) for i in range(n)],
                "difficulty": 0.5,
            }
        )
    return Split(name, **parts)


FAMILY = Family("tiny", (Spec("small", 12), Spec("middle", 28), Spec("big", WORDS)))


def replace_loaders(patch, **loaders):
    """Put `loaders` (load_task, load_family, load_classifier) in place wherever an experiment uses them."""
    rooms = (
        "experiment.checks",
        "experiment.grid",
        "experiment.learn",
        "experiment.splits",
        "experiment.stages",
        "models.loading",
    )
    for room in rooms:
        module = importlib.import_module(f"w2s_kit.{room}")
        for name, loader in loaders.items():
            if hasattr(module, name):
                patch(module, name, loader)
    splits.forget_splits()


def stand_in(patch, log: Path, family=FAMILY, seconds=0.0):
    """Put the stand-ins in place; each model loaded, and so trained, adds its name to `log`."""
    # not in a closure: that would be in the keys
    os.environ |= {"STAND_IN_LOG": str(log), "STAND_IN_SECONDS": str(seconds)}

    def load_classifier(spec, head="zeros", linear_probe=False, quantised=False, chat=False):
        with open(os.environ["STAND_IN_LOG"], "a+") as file:
            file.seek(0)
            if len(file.readlines()) == int(os.environ.get("STAND_IN_STOPS_AFTER", -1)):
                raise KeyboardInterrupt
            file.write(spec.name + "\n")
        time.sleep(float(os.environ["STAND_IN_SECONDS"]))
        return Tiny(spec.parameters, head, linear_probe)

    replace_loaders(
        patch, load_task=tiny_task, load_classifier=load_classifier, load_family=lambda name: family
    )


def settings(**changes):
    return replace(SETTINGS, **{"task": "up", **changes})


def in_another_process(tmp_path, seconds):
    path = os.pathsep.join([str(Path(w2s_kit.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, __file__, tmp_path / "runs", tmp_path / "log", str(seconds)]
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": path})


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """The table of an undisturbed grid, made in this process."""
    folder = tmp_path_factory.mktemp("reference")
    with pytest.MonkeyPatch.context() as patch:
        stand_in(patch.setattr, folder / "log")
        torch.set_num_threads(1)
        return grid(**GRID, settings=SETTINGS, store=Store(folder / "runs"))


@pytest.fixture(autouse=True)
def small_world(monkeypatch, tmp_path):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    stand_in(monkeypatch.setattr, tmp_path / "log")
    yield
    torch.set_num_threads(threads)
    splits.forget_splits()


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "runs")


@pytest.fixture
def trained(tmp_path):
    return lambda: (tmp_path / "log").read_text().split() if (tmp_path / "log").exists() else []


if __name__ == "__main__":
    torch.set_num_threads(1)
    stand_in(setattr, Path(sys.argv[2]), seconds=float(sys.argv[3]))
    grid(**GRID, settings=SETTINGS, store=Store(sys.argv[1]))
