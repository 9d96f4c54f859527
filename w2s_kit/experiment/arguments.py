"""From the words of a command line to settings, options of methods and names of files.

Nothing heavy is imported here, so that `--help` and typing errors come at once.
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .settings import CHESS, PREFERENCE, Settings

HELP = {
    "n_train": "examples in each half",
    "n_test": "examples in the test",
    "epochs": "passes over a half",
    "family": "of models: a name, ids of the hub or folders",
    "lr": "one rate, or NAME=RATE,NAME=RATE",
    "lora": "rank of adapters",
    "hard_labels": "weak labels as 0 and 1",
    "fresh": "further parts of a task of MiniWorld, for a chain",
    "head": "zeros or tokens: where the head begins",
    "linear_probe": "train the head only",
    "early_stopping": "none, weak or ground_truth",
    "checkpoint_every": "steps between checkpoints; 0: none",
    "recompute": "less memory, a third slower",
    "token_budget": "tokens on the device at a time",
    "report_to": "tensorboard, wandb or trackio",
    "batch_size": "examples in a step",
    "quantised": "pretrained weights in 4 bits; with --lora or --linear-probe",
    "allow_rejected": "go on with a file of which most rows cannot be used",
    "constrained": "models that write choose among the possible answers",
    "chat": "texts go through the chat template of the tokenizer",
}
OWN_SETTINGS = {"chess": CHESS, "dialogue": PREFERENCE}  # tasks whose settings are not those of language


# ------------------------------------------------------------------------------------------------ settings
def add_settings(parser: argparse.ArgumentParser) -> None:
    """One option a field of Settings; what is not given keeps the task's default."""
    for field in dataclasses.fields(Settings):
        if field.name in ("task", "seed"):
            continue
        option: dict[str, Any] = {
            "dest": field.name,
            "default": argparse.SUPPRESS,
            "help": HELP.get(field.name),
        }
        if isinstance(field.default, bool):
            option["action"] = argparse.BooleanOptionalAction
        elif field.name == "lr":
            option["type"] = rate
        else:
            kind = type(field.default) if field.default is not None else int
            option["type"] = filled if kind is str else kind
        parser.add_argument(f"--{field.name.replace('_', '-')}", **option)


def changes_of(args: argparse.Namespace) -> dict[str, Any]:
    """The fields of `Settings` that were given on the command line."""
    names = [field.name for field in dataclasses.fields(Settings)]
    return {name: getattr(args, name) for name in names if hasattr(args, name)}


def settings_for(task: str, changes: Mapping[str, Any]) -> Settings:
    """The settings of a task with these changes. Raises ValueError that names the option."""
    try:
        return dataclasses.replace(_usual(task), **{**changes, "task": task})
    except ValueError as error:
        name, _, rest = str(error).partition(" ")
        named = name in [field.name for field in dataclasses.fields(Settings)]
        raise ValueError(f"--{name.replace('_', '-')} {rest}" if named else str(error)) from error


def _usual(task: str) -> Settings:
    """The settings of a task where no option is given; "chess:FILE" has those of chess."""
    name = "chess" if task.startswith("chess:") else task
    return OWN_SETTINGS.get(name, Settings(""))


# ------------------------------------------------------------------------------------- types of arguments
def value(text: str) -> Any:
    """0.5 -> a number, true -> True, midweak -> itself."""
    try:
        return ast.literal_eval({"true": "True", "false": "False", "none": "None"}.get(text.lower(), text))
    except (ValueError, SyntaxError, MemoryError, RecursionError):  # the last two for thousands of brackets
        return text


def pair(text: str) -> tuple[str, Any]:
    """alpha_max=0.5 -> ("alpha_max", 0.5)."""
    name, equals, rest = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value(rest)


def rate(text: str) -> float | dict[str, float]:
    """1e-3 -> 0.001, s=1e-3,m=1e-4 -> {"s": 0.001, "m": 0.0001}."""
    try:
        if "=" in text:
            return {name: float(number) for name, number in map(pair, text.split(","))}
        return float(text)
    except (TypeError, ValueError):
        raise argparse.ArgumentTypeError(f"{text!r} is no rate: 1e-3, or NAME=1e-3,NAME=1e-4") from None


def from_one(text: str) -> int:
    """A whole number, at least 1."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return number


def filled(text: str) -> str:
    """Any text but an empty one, as an unset variable of a script leaves it."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty")
    return text


def file(text: str) -> Path:
    """The path of a file; not empty."""
    return Path(filled(text))


def check_writable(path: Path, option: str) -> None:
    """Raises ValueError where no file can be written to `path`, which the option `option` names."""
    if path.is_dir():
        raise ValueError(f"{option} {path} is a folder: name a file in it")
    if not path.parent.is_dir():
        raise ValueError(f"{option} {path}: there is no folder {path.parent}; make it first")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
        if path.exists():
            path.open("ab").close()
    except OSError as error:
        raise ValueError(
            f"{option} {path} cannot be written ({error.strerror}): name another place"
        ) from error
