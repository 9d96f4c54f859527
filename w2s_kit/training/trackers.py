"""Where the history of a finetuning is sent while it runs: TensorBoard, Weights & Biases or Trackio.

Their own libraries do it, through Accelerate's trackers. Off unless `TrainConfig.report_to` names one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib import import_module, metadata
from typing import Any

from ..shared.names import pip
from ..shared.processes import leads
from .config import TrainConfig

PROJECT = "w2s_kit"
FOLDER = "tracked"  # of TensorBoard's files


@contextmanager
def tracked(config: TrainConfig) -> Iterator[Callable[[dict], None]]:
    """A function that sends a row of history to where `config.report_to` says; without one it does nothing.

    Of several processes that train together, the leading one sends. Raises ImportError that names what is to
    be installed.
    """
    if not config.report_to or not leads():
        yield lambda row: None
        return
    tracker = _tracker(config)
    tracker.start()
    try:
        yield lambda row: tracker.log({name: row[name] for name in row if name != "step"}, step=row["step"])
    finally:
        tracker.finish()


def _tracker(config: TrainConfig) -> Any:
    name, run = config.report_to, config.report_as or "finetuning"
    for package in ("accelerate", name):
        try:
            metadata.version(package)
        except metadata.PackageNotFoundError:
            raise ImportError(f"report_to={name!r} needs {package}: {pip(package)}") from None
    make = import_module("accelerate.tracking").LOGGER_TYPE_TO_CLASS[name]
    settings = {key: value for key, value in asdict(config).items() if not key.startswith("report")}
    if name == "tensorboard":
        return make(f"{PROJECT}/{re.sub('[^A-Za-z0-9._-]+', '-', run)}", logging_dir=FOLDER)
    return make(PROJECT, name=run, config=settings)
