"""What the name of a task says: where the rows are, and what their columns are called.

    rows:SOURCE?text=question+passage&label=answer&group=author&split=part&positive=a&negative=b
    rows:owner/name?config=cola&text=sentence

All that follows the question mark may be left out. "%2B", "%26" and "%3D" stand for +, & and = in a name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from ...shared.names import nearest
from ..hub import address

PREFIX = "rows:"
KEYS = ("text", "label", "group", "split", "positive", "negative", "config")
OPTIONS = re.compile(r"\?(?=\w+=)")
SHARD = re.compile(r"-\d+-of-\d+(-[0-9a-f]+)?$|[-_]\d+$")  # train-00000-of-00002.parquet, train_0.jsonl
KINDS = {  # what people call a part of the data
    "train": "train",
    "training": "train",
    "supervisor": "supervisor",
    "student": "student",
    "test": "test",
    "testing": "test",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "eval": "validation",
}


@dataclass(frozen=True)
class Asked:
    """What a name says.

    Fields:

        source      a file, a folder, or a dataset of the hub
        text        the columns that make a text, in order
        label       the column of labels
        group       the column of groups; None: "group", where there is one; "": none
        split       the column of parts, in the same way
        positive    the class that is 1; None: the labels tell
        negative    the class that is 0, if the rows of all others are left out; None: all others are 0
        config      of a dataset of the hub that has several; "": its only one
    """

    source: str
    text: tuple[str, ...] = ("text",)
    label: str = "label"
    group: str | None = None
    split: str | None = None
    positive: str | None = None
    negative: str | None = None
    config: str = ""


def asked(name: str) -> Asked:
    """Reads the name of a task. Raises ValueError for an option that is unknown, twice there, or empty."""
    text = name.removeprefix(PREFIX)
    marks = [] if Path(text).exists() else [mark.start() for mark in OPTIONS.finditer(text)]
    if not marks:
        return Asked(text)
    options: dict[str, str] = {}
    for pair in text[marks[-1] + 1 :].split("&"):
        key, _, value = pair.partition("=")
        if key not in KEYS:
            raise ValueError(f"{name}: {nearest('option', key, KEYS)}")
        if key in options:
            raise ValueError(f"{name}: {key}= stands there twice; name it once")
        if not value and key not in ("group", "split"):
            raise ValueError(f"{name}: {key}= is empty; write a name after it, or leave it out")
        options[key] = value
    if "negative" in options and "positive" not in options:
        raise ValueError(f"{name}: negative= goes with positive=; say which class is 1, too")
    columns = tuple(unquote(column) for column in options.pop("text", "text").split("+"))
    return Asked(text[: marks[-1]], columns, **{key: unquote(value) for key, value in options.items()})


def kind_of_part(text: str) -> str | None:
    """What a part is, by what people call it: "train", "test" and so on. None for another word."""
    return KINDS.get(text.strip().lower())


def sources(source: str) -> list[tuple[str, str]]:
    """(part, file or dataset) of all that is to be read; part is "" where it holds no part, but everything.

    Raises ValueError for a folder without parts, for two files of one part, and for an unknown split.
    """
    if Path(source).is_dir():
        return [(kind, str(file)) for kind, files in _in_folder(Path(source)).items() for file in files]
    if Path(source).is_file() or "+" not in source.partition(":")[2]:
        return [("", source)]
    dataset, _, splits = source.partition(":")
    address(dataset)
    found = []
    for split in splits.split("+"):
        if (kind := kind_of_part(re.split("[-_]", split)[0])) is None:  # train_r2, validation_matched
            raise ValueError(f"{source}: {nearest('part', split, KINDS)}")
        found.append((kind, f"{dataset}:{split}"))
    return found


def _in_folder(folder: Path) -> dict[str, list[Path]]:
    """The files of each part in a folder: train.csv, test.jsonl.gz, train-00000-of-00002.parquet."""
    found: dict[str, list[Path]] = {}
    for file in sorted(folder.iterdir()):
        kind = kind_of_part(SHARD.sub("", file.name.partition(".")[0]))
        if kind and file.is_file():
            found.setdefault(kind, []).append(file)
    if not found:
        others = ", ".join([inside.name for inside in sorted(folder.iterdir()) if inside.is_dir()][:10])
        raise ValueError(
            f"{folder}: no file train and no file test in this folder. Call them so, as in train.csv, or "
            "name a file" + (f", or one of the folders in it: {others}" if others else "")
        )
    for kind, files in found.items():
        if len(files) > 1 and not all(SHARD.search(file.name.partition(".")[0]) for file in files):
            named = ", ".join(file.name for file in files)
            raise ValueError(f"{folder}: {named} are all the part {kind!r}; leave one of them there")
    return found


def files_of(name: str) -> list[Path]:
    """The files that the task `name` reads; none for a dataset of the hub. Raises as `asked`, `sources`."""
    return [Path(source) for _, source in sources(asked(name).source) if Path(source).is_file()]
