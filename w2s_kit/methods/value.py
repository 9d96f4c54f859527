"""A method as a value: how a student learns from weak labels, with options and a label.

    confidence                                        the method with the paper's options
    confidence(alpha_max=0.5)                         the same with another option, a value of its own
    confidence(student, texts, weak_labels, config)   trains a student
    own(mine, strength=0.9)                           a function of yours as a method

The label is for tables and pictures.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ..shared.names import nearest
from ..training.history import History

# what the experiment hands over, so that they are no options
HANDED = ("validation", "checkpoint", "keep_checkpoint", "progress", "device")


@dataclass(frozen=True)
class Method:
    """How a student learns from weak labels.

    Fields:

        function       (student, texts, weak_labels, config, **options) -> History, trains the student
        name           of the method
        options        those that differ from the function's own
        given_label    for tables; None is the name with the options
        key            names the function's code where `experiment.keys` cannot do it
        code           the digest of the function's code; filled in where a method travels to another process,
                       in which no source can be read
        told           the options as a run's config holds them; filled in as `code` is
    """

    function: Callable[..., History]
    name: str
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    given_label: str | None = None
    key: str | None = None
    code: str | None = None
    told: Mapping[str, Any] | None = field(default=None, hash=False)

    def __post_init__(self):
        # what help and a notebook's question mark show
        object.__setattr__(self, "__doc__", self.function.__doc__)

    def __call__(self, *data, **options):
        """Trains a student on (student, texts, weak_labels, config); without data, changes options.

        Without data, the result is the method with these `options`. Raises ValueError for an option that the
        method does not have.
        """
        if data:
            return self.function(*data, **{**self.options, **options})
        if not options:
            return self
        self._check(options)
        defaults = {name: it.default for name, it in inspect.signature(self.function).parameters.items()}
        kept = {
            name: value
            for name, value in {**self.options, **options}.items()
            if not _same(value, defaults.get(name, inspect.Parameter.empty))
        }
        return replace(self, options=kept, told=None)

    @property
    def __name__(self) -> str:
        return self.name

    @property
    def __wrapped__(self) -> Callable:
        return self.function

    @property
    def label(self) -> str:
        """What tables and pictures call the method."""
        if self.given_label is not None:
            return self.given_label
        shown = ", ".join(
            f"{name}={value!r}" if isinstance(value, (str, int, float)) else f"{name}=..."
            for name, value in self.options.items()
        )
        return f"{self.name}({shown})" if shown else self.name

    def called(self, label: str) -> Method:
        """The same method under another label."""
        return replace(self, given_label=label)

    def path(self, names: Sequence[str], supervisor: str, student: str) -> list[str]:
        """The models that learn one after the other, the student last.

        names: the family's, from small to large.
        """
        return [student]

    @property
    def step(self) -> Method:
        """The method by which each of them learns."""
        return self

    def _check(self, options: Mapping[str, Any]) -> None:
        known = option_names(self.function)
        open_ended = any(
            it.kind is it.VAR_KEYWORD for it in inspect.signature(self.function).parameters.values()
        )
        for name in options:
            if name in HANDED:
                raise ValueError(f"{name} is no option of {self.name}: the experiment hands it over")
            if name not in known and not (
                open_ended and not self.function.__module__.startswith(__package__)
            ):
                raise ValueError(
                    nearest(f"option of {self.name}", name, known)
                    if known
                    else f"method {self.name} takes no options, got {name}"
                )


def option_names(function: Callable) -> list[str]:
    """The options of a method: what it takes after student, texts, weak labels and config.

    What the experiment hands over itself is none of them.
    """
    more = list(inspect.signature(function).parameters.values())
    return [
        it.name
        for i, it in enumerate(more)
        if it.kind is it.KEYWORD_ONLY or it.kind is it.POSITIONAL_OR_KEYWORD and i > 3
        if it.name not in HANDED
    ]


def method(function: Callable[..., History] | None = None, *, name: str | None = None) -> Any:
    """Makes a training function a Method; as a decorator, with or without a `name`."""
    if function is None:
        return partial(method, name=name)
    # where it is found from now on, by whoever sends it to another process
    function.__qualname__ += ".function"
    return Method(function, name or function.__name__)


def own(
    function: Callable[..., History], *, label: str | None = None, key: str | None = None, **options
) -> Method:
    """A function of yours as a method, with `options` of its own.

    Its code and all that it uses are part of the name of a run (see `experiment.keys`). Where something
    cannot be named, give a `key` in place of the code, and change it whenever the results may change.
    """
    if isinstance(function, Method):
        return replace(
            function(**options), key=key or function.key, given_label=label or function.given_label
        )
    named = function.func if isinstance(function, partial) else function
    return Method(function, getattr(named, "__name__", type(named).__name__), key=key, given_label=label)(
        **options
    )


def _same(value: Any, default: Any) -> bool:
    return (
        type(value) is type(default)
        and isinstance(value, (str, int, float, bool, type(None)))
        and value == default
    )
