"""What a run depends on: the config that names it in the store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..methods import Method
from ..models.chess_policy import ChessPolicy
from ..models.families import ModelSpec
from ..tasks.split import Split
from ..training.config import HARMLESS, TrainConfig
from ..training.loop import finetune
from .digest import changed, digest
from .learn import learn_and_predict, ways
from .run_files import plain
from .settings import Settings

# The value at which a setting says nothing in a run's key. None: it always stands there, as people filter by
# it. A setting that is added later says nothing at its default. Whoever changes a default leaves the old one
# here, so that old runs keep their names.
BEFORE = {
    "n_train": None,
    "n_test": None,
    "seed": None,
    "family": None,
    "head": "zeros",
    "linear_probe": False,
    "lora": 0,
    "quantised": False,
    "constrained": False,
    "chat": False,
}
TRAINED_BEFORE = {
    "lr": None,
    "epochs": None,
    "batch_size": None,
    "seed": None,
    "early_stopping": None,
    "warmup": 0.0,
    "schedule": "cosine",
    "weight_decay": 0.0,
    "max_grad_norm": 1.0,
    "pool": 16,
    "eval_every": 0.25,
}
# Settings that stand elsewhere in a key: in the task's name and data, in the training, in the student's run.
ELSEWHERE = (
    "task",
    "fresh",
    "allow_rejected",
    "hard_labels",
    "lr",
    "epochs",
    "batch_size",
    "early_stopping",
    *(name for name in HARMLESS if name != "report_as"),  # which says what a run is, and is no setting
)


def determined_by(
    settings: Settings, spec: ModelSpec, split: Split, train: TrainConfig, method: Method | None = None
) -> dict:
    """What every run depends on, for its config. `method`: None for a model that learns nothing."""
    about = {name: value for name, value in changed(settings, BEFORE).items() if name not in ELSEWHERE}
    training = {name: value for name, value in changed(train, TRAINED_BEFORE).items() if name not in HARMLESS}
    run = {
        "task": settings.task,
        "data": split.hash,
        **about,
        "model": spec.name,
        "weights": spec.weights_hash,
        "train": training,
        "code": code(split.kind),
    }
    if method is not None:
        run |= {"method": method.name, "options": told_options(method), "method_code": code_of(method)}
    return run


def code(kind: str) -> str:
    """Names the code that every run of a kind of task goes through, but for its method."""
    return digest(learn_and_predict, finetune, *ways(kind), *([ChessPolicy] if kind == "choices" else []))


def code_of(method: Method) -> str:
    """Names the code of a method, or is the key that its author gave it. Raises Unnamed."""
    return method.code or (f"key {method.key}" if method.key else digest(method.function))


def told_options(method: Method) -> Mapping[str, Any]:
    """The options of a method as a run's config holds them. Raises Unnamed."""
    if method.told is not None:
        return method.told
    return {name: _option(value) for name, value in method.options.items()}


def _option(value: Any) -> Any:
    """An option as a run's config holds it: itself, or where it is no plain value a name for what it is."""
    try:
        json.dumps(plain(value), allow_nan=False)
    except (TypeError, ValueError):
        return f"digest {digest(value)}"
    return value
