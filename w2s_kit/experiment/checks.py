"""What must hold before anything is trained: an error that comes after an hour should come at once."""

from __future__ import annotations

import inspect
import tempfile
import types
import typing
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ..methods import METHODS, Method, get_method
from ..methods.value import option_names
from ..models.families import ModelSpec, load_family, with_revision
from ..models.loading import unknown_words
from ..shared.names import nearest
from ..tasks.split import SEPARATOR, Split
from .run import Run
from .settings import Settings
from .splits import split_of

READ = 100  # texts of each end that are read for unknown words: all of them would say the same
UNKNOWN = 0.1  # a larger share of unknown words is told


class OneSided(ValueError):
    """A supervisor's weak labels are all the same."""


# -------------------- of an experiment
def check_no_chain(method: Method) -> None:
    """Raises ValueError for a method that no model can learn ground truth by."""
    if method.step is not method:
        raise ValueError(
            f"{method.name} is a chain of students, so no supervisor and no ceiling can "
            "learn by it: take another method for them, as naive"
        )


def check_soft(settings: Settings, split: Split) -> None:
    """Raises ValueError where soft labels are wanted of models that write, which have none."""
    if split.kind == "writing" and not settings.hard_labels:
        raise ValueError(
            f"{settings.task}: its models write their answers, so there are no soft labels to learn from: "
            "set hard_labels=True"
        )


def check_words(settings: Settings, spec: ModelSpec, split: Split) -> None:
    """Warns where a model that ships with the kit does not know many words of a task."""
    if split.kind == "choices" or not isinstance(spec, ModelSpec):  # positions have no words
        return
    texts = [text.replace(SEPARATOR, " ") for part in (split.supervisor, split.test) for text in part["text"]]
    share, words = unknown_words(spec, texts[:READ] + texts[-READ:])
    if share > UNKNOWN:
        listed = ", ".join(map(repr, words[:8]))
        _warn_once(
            f"{settings.task}: the models of {settings.family!r} do not know {share:.0%} of its words, as "
            f"{listed}. All of these look alike to them. The models that ship with the kit know the words of "
            'their own world alone; for other text take real models, as in family="gpt2"'
        )


@lru_cache(maxsize=256)  # Python itself forgets what it warned of whenever a library changes its filters
def _warn_once(message: str) -> None:
    warnings.warn(message, stacklevel=3)


def check_two_sided(settings: Settings, weak: Run, weak_labels: np.ndarray) -> None:
    """Raises OneSided for weak labels that are all the same."""
    if weak_labels.ndim == 1 and weak_labels.min() == weak_labels.max():
        remedy = (
            "Take a better supervisor, more data, or soft labels"
            if settings.hard_labels
            else "All texts look alike to it: does it know their words? The models that ship with the kit "
            "know those of their own world alone; for other text take real models, family=..."
        )
        raise OneSided(
            f"{settings.task}, seed {settings.seed}: all {len(weak_labels)} weak labels of supervisor "
            f"{weak.config['model']!r} are {str(weak_labels[0]).removesuffix('.0')}, so there is nothing to "
            f"learn from it. {remedy}"
        )


# -------------------- of a command line
def check_once(what: str, names: Sequence[str]) -> None:
    """Raises ValueError where one of `names`, given by the option --`what`, stands there twice."""
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"--{what} names {name!r} twice: name it once")


def check_store(root: Path) -> None:
    """Raises ValueError where no run could be kept in the folder `root`, which is made with the first run."""
    there = next(
        folder for folder in (root, *root.absolute().parents) if folder.exists() or folder.is_symlink()
    )
    if not there.is_dir():
        raise ValueError(f"--store {root}: {there} is no folder; name another one")
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise ValueError(
            f"--store {root} cannot be written ({error.strerror}): name another folder"
        ) from error


def check_options(method: str, options: Mapping[str, Any]) -> None:
    """Raises ValueError for an unknown method, and for options that it does not take, or not of this type."""
    function = get_method(method).function
    if tables := _tables(function):
        others = [name for name in METHODS if name != method]
        raise ValueError(
            f"method {method} takes {', '.join(tables)}, which are tables: call it from Python. Methods for "
            f"the command line: {', '.join(others)}"
        )
    hints = option_types(function)
    for name, option in options.items():
        if not hints:
            raise ValueError(f"method {method} takes no options, got {name}")
        if name not in hints:
            raise ValueError(nearest(f"option of {method}", name, hints))
        if not fits(option, hints[name]):
            hint = getattr(hints[name], "__name__", None) or str(hints[name])
            wanted = hint.replace("collections.abc.", "")
            raise ValueError(f"--option {name}={option}: {method} takes {wanted} there, not {option!r}")


def check_task(settings: Settings, models: Sequence[str]) -> None:
    """Raises ValueError for what would end an experiment later.

    That is a task that cannot be loaded at this size, or gives no soft labels where these are wanted; names
    of models that the family does not have; and rates and ranks that do not fit the models.
    """
    family = load_family(settings.family)
    for spec in [family[name] for name in dict.fromkeys(models)]:
        settings.train_config(spec, settings.early_stopping)
        if settings.lora and (width := _width_of(spec.path)) and settings.lora > width:
            raise ValueError(
                f"--lora {settings.lora}: adapters of a rank above the model's width, {width} in "
                f"{spec.name!r}, are larger than what they stand beside; 8 is usual"
            )
    check_soft(settings, split_of(settings))


def option_types(function: Callable) -> dict[str, Any]:
    """The options of a method's function: name -> type. What an experiment gives it is left out."""
    hints = typing.get_type_hints(function)
    return {name: hints.get(name, Any) for name in option_names(function)}


def fits(option: Any, hint: Any) -> bool:
    """Whether the value of an option is of the type `hint`, for example float | None.

    Whole numbers are floats, too.
    """
    if hint is Any:
        return True
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return any(fits(option, one) for one in typing.get_args(hint))
    if typing.get_origin(hint) is not None:  # Sequence[str]
        return isinstance(option, (list, tuple))
    if hint is bool or isinstance(option, bool):
        return hint is bool and isinstance(option, bool)
    return isinstance(option, (int, float) if hint is float else hint)


def _tables(function: Callable) -> list[str]:
    """The options that a method cannot do without: tables, which no command line can hold."""
    parameters = inspect.signature(function).parameters.items()
    return [
        name
        for name, it in parameters
        if it.kind is it.KEYWORD_ONLY and it.default is inspect.Parameter.empty
    ]


def _width_of(path: str) -> int | None:
    """How wide the layers of a language model are, by its configuration; None for another kind of model."""
    from transformers import AutoConfig

    name, revision = with_revision(path)
    config = AutoConfig.from_pretrained(name, revision=revision, trust_remote_code=False)
    return getattr(config, "hidden_size", None)
