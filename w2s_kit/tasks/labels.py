"""Labels in the ways that files write them, made whole numbers. Here, and only here, labels are checked.

Nothing is invented. What is no label raises `rows.Rejected`, with a reason to count:

    no label                 None, NaN, an empty cell
    hidden label             -1: competitions keep the answers of a split to themselves
    label between classes    0.5
    label out of range       99, where there are two classes
    unknown label            "perhaps", {"label": 1}
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from .rows import Rejected

OPPOSITES = (
    ("no", "yes"),
    ("false", "true"),
    ("n", "y"),
    ("f", "t"),
    ("bad", "good"),
    ("wrong", "right"),
    ("incorrect", "correct"),
    ("negative", "positive"),
    ("neg", "pos"),
)
WORDS = {word: label for pair in OPPOSITES for label, word in enumerate(pair)}
MISSING = {"", "nan", "none", "null", "na", "n/a"}  # what tables write into a cell that holds nothing
NUMBER = re.compile(r"[+-]?\d+(\.\d*)?", re.ASCII)
REMEDIES = {
    "no label": "fill it in, or leave the row out",
    "hidden label": "take another split, whose answers are public; where -1 stands for a class, write 0",
    "label between classes": "decide for one class, or leave the row out",
    "label out of range": "put it right, or leave the row out",
    "unknown label": "put it right, or leave the row out",
    "label in words": "make numbers of the column first (`tasks.labels.read_labels`)",
}


def label_of(value: Any, names: Sequence[str] = (), numbers: bool = True) -> int:
    """The class that `value` says: 0 or 1, or its place among `names`.

    It may be a word (yes, false, one of `names`; capital letters and blanks do not matter) or, with
    `numbers`, the number itself. Raises Rejected.
    """
    words = {_word(name): label for label, name in enumerate(names)} or WORDS
    return _among(_plain(value), words, (len(names) or 2) if numbers else 0)


def place_of(value: Any, n: int, first: int = 0) -> int:
    """The place of an answer, from 0 on, of `n` that the source counts from `first` on. Raises Rejected."""
    number = _plain(value)
    if isinstance(number, str):
        raise Rejected("unknown label", f"{value!r} is no number from {first} to {first + n - 1}")
    if not first <= number < first + n:
        raise Rejected("label out of range", f"{value!r} is not from {first} to {first + n - 1}")
    return number - first


def check_number(value: Any, n: int | None = None) -> None:
    """Raises Rejected for what training cannot take: a label is a whole number from 0 on, and below `n`."""
    if type(value) is int and 0 <= value and (n is None or value < n):  # nearly all of them
        return
    if isinstance(value, str):
        raise Rejected("label in words", repr(value))
    number = int(value) if isinstance(value, (bool, np.bool_)) else _plain(value)
    if n is not None and int(number) >= n:
        raise Rejected("label out of range", number)


class Unsure(ValueError):
    """Nobody has said which classes are 0 and 1: what is `found`, and the names of these `classes`."""

    def __init__(self, found: str, classes: Sequence[object], remedy: str):
        super().__init__(f"{found}{remedy}")
        self.found, self.classes = found, [str(one) for one in classes]


@dataclass(frozen=True)
class Labels:
    """A column of labels, once it is read.

    Fields:

        labels      (n,), whole numbers
        rows        (n,), the places in the column where they stand, from 0 on
        mapping     what each way of writing became
        rejected    all other rows, each with the reason
    """

    labels: np.ndarray
    rows: np.ndarray
    mapping: dict[str, int]
    rejected: dict[int, Rejected]


def read_labels(values: Iterable[Any], names: Sequence[str] | Mapping[str, int] | None = None) -> Labels:
    """A whole column of labels of two classes.

    `names` are the two classes, that of label 0 first, or say the label of each class, as in
    {"bad": 0, "fair": 1, "good": 1}. Without them, the numbers 0 and 1 and the usual words are known (yes,
    no, true, false and so on); of two other words, the first in the alphabet is 0. Raises Unsure, which is a
    ValueError, where there is one class or more than two, or where it is a guess which of them is 1; and
    ValueError for names that are not of two classes.
    """
    if names is not None and not isinstance(names, Mapping):
        names = {name: label for label, name in enumerate(names)}
    if names is not None and set(names.values()) != {0, 1}:
        raise ValueError(f"names {dict(names)}: the classes are 0 and 1; give two names, or a label to each")
    read: dict[int, int | str] = {}
    rejected: dict[int, Rejected] = {}
    for row, value in enumerate(values):
        try:
            read[row] = _plain(value)
        except Rejected as why:
            rejected[row] = why
    if names is None:
        words = _words(Counter(read.values()))
    else:
        words = {_word(str(name)): label for name, label in names.items()}
    labels: dict[int, int] = {}
    mapping: dict[str, int] = {}
    for row, word in read.items():
        try:
            labels[row] = mapping[str(word)] = _among(word, words, 2)
        except Rejected as why:
            rejected[row] = why
    rows = np.array([*labels], dtype=int)
    return Labels(np.array([*labels.values()], dtype=int), rows, mapping, dict(sorted(rejected.items())))


def told(mapping: Mapping[str, int]) -> str:
    """What became of words, to be printed: "labels: 'yes' -> 1, 'no' -> 0". "" where all were numbers."""
    ordered = sorted(mapping.items(), key=lambda item: (-item[1], item[0]))
    read = [f"{word!r} -> {label}" for word, label in ordered if word != str(label)]
    return f"labels: {', '.join(read)}" if read else ""


def _plain(value: Any) -> int | str:
    """A whole number from 0 on, or a word in small letters; true and false are words. Raises Rejected."""
    if type(value) is int and value >= 0:  # nearly all of them
        return value
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, str):
        word = _word(value)
        if word in MISSING:
            raise Rejected("no label", repr(value))
        if not NUMBER.fullmatch(word):
            return word
        value = Decimal(word)
    elif pd.api.types.is_scalar(value) and pd.isna(value):
        raise Rejected("no label", repr(value))
    numeric = isinstance(value, (Real, Decimal))
    if not numeric:
        raise Rejected("unknown label", repr(value)[:100])
    if not math.isfinite(value):
        raise Rejected("label out of range", value)
    whole = int(value)
    if value != whole:
        raise Rejected("label between classes", value)
    if value < 0:
        raise Rejected("hidden label" if value == -1 else "label out of range", value)
    return whole


def _word(text: str) -> str:
    return " ".join(text.split()).casefold()


def _among(label: int | str, words: Mapping[str, int], n: int) -> int:
    if str(label) in words:  # a class may be named by a number
        return words[str(label)]
    if isinstance(label, str):
        raise Rejected("unknown label", f"{label!r} is none of {', '.join(words)}")
    if label >= n or any(map(NUMBER.fullmatch, words)):
        raise Rejected("label out of range", label)
    return label


def _words(classes: Counter) -> Mapping[str, int]:
    """The label of each class, where nobody has named them. Raises Unsure."""
    new = [word for word in classes if word not in (0, 1) and word not in WORDS]
    if not new:
        return WORDS
    names = [word for word, _ in classes.most_common()]
    listed = ", ".join(f"{word!r} ({classes[word]} rows)" for word in names[:10])
    listed += " and more" if len(classes) > 10 else ""
    if len(classes) == 1:
        raise Unsure(f"there is one class: {listed}", names, ". A task has two")
    if len(classes) > 2:
        a, b, c = map(str, names[:3])
        raise Unsure(
            f"there are {len(classes)} classes: {listed}. A task has two",
            names,
            f". Name two, and the others' rows are rejected, as in names=({a!r}, {b!r}); or give each a "
            f"label, as in names={{{a!r}: 0, {b!r}: 1, {c!r}: 1}}",
        )
    if len(new) == 1 or any(isinstance(word, int) for word in new):
        a, b = sorted(map(str, classes))
        raise Unsure(
            f"the classes are {listed}, and which is 1 is a guess",
            [a, b],
            f": say it, as in names=({a!r}, {b!r})",
        )
    return {word: label for label, word in enumerate(sorted(new))}
