"""The one door for rows of the Hugging Face hub, or of a folder that mirrors it.

The environment variable W2S_DATA may name a folder with files `owner/name/config/split.parquet`. Rows then
come from there, and nothing is fetched. `data_prep/mirror_datasets.py` fills such a folder.
"""

from __future__ import annotations

import difflib
import json
import os
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

DATA = "W2S_DATA"
MOST = 100_000  # rows read of a split, drawn at random: three of the paper's datasets have up to millions
#: A source with such an ending is meant to be a file.
SUFFIXES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".parquet", ".gz", ".zst")
CONVERTED = "refs/convert/parquet"  # where the hub itself keeps a copy without loading script


@dataclass(frozen=True)
class Address:
    """A split of a dataset on the hub.

    Fields:

        id          owner/name
        config      of the dataset
        split       of the config
        revision    a branch, a tag or a commit
    """

    id: str
    config: str = "default"
    split: str = "train"
    revision: str = "main"

    def __str__(self) -> str:
        return f"{self.id} ({self.config}, {self.split}, {self.revision})"


def address(text: str) -> Address:
    """Reads "owner/name", and perhaps more: "owner/name@revision:split?config=NAME".

    Raises ValueError for another text.
    """
    text, _, config = text.partition("?config=")
    name, _, split = text.partition(":")
    name, _, revision = name.partition("@")
    if name.count("/") != 1:
        raise ValueError("no dataset of the hub is called so: owner/name, and after it perhaps ?config=NAME")
    return Address(name, config or "default", split or "train", revision or "main")


def file_of(where: Address, data: str | Path) -> Path:
    """The file of a split in the folder `data`.

    Where no config is named and the dataset has only one, it is that one, as on the hub. Raises
    FileNotFoundError that names the configs and splits that are there.
    """
    folder = Path(data) / where.id
    file, name = folder / where.config / f"{where.split}.parquet", f"{where.split}.parquet"
    there: dict[str, list[str]] = {}
    for other in sorted(folder.glob("*/*.parquet")):
        there.setdefault(other.parent.name, []).append(other.stem)
    only = folder / next(iter(there)) if where.config == "default" and len(there) == 1 else folder
    for candidate in (file, folder / name, only / name):
        if candidate.is_file():
            return candidate
    told = "; ".join(f"config {config} has the splits {', '.join(there[config])}" for config in there)
    splits = there.get(where.config) or there.get(only.name)
    example = f":{splits[0]}" if splits else f":{where.split}?config={next(iter(there), '')}"
    remedy = f"; {told}. Name one, as in {where.id}{example}" if told else ""
    raise FileNotFoundError(f"no file {file}{remedy}")


def class_names(source, column: str) -> list[str]:
    """The names that a dataset gives to the classes of a column, by their numbers; [] where it gives none.

    source: a file, or rows as `datasets` hands them out. The hub writes the names into parquet files, too.
    """
    if not isinstance(source, str):
        feature = (getattr(source, "features", None) or {}).get(column)
        return list(getattr(feature, "names", None) or [])
    from pyarrow import ArrowInvalid
    from pyarrow.parquet import read_schema

    try:
        told = json.loads((read_schema(source).metadata or {}).get(b"huggingface", b"{}"))
    except (ArrowInvalid, ValueError):  # no parquet, or no JSON
        return []
    feature = told.get("info", {}).get("features", {}).get(column, {})
    return list(feature.get("names") or []) if isinstance(feature, dict) else []


def from_hub(where: Address):
    """The split as a `datasets.Dataset`. Raises ConnectionError with the reason."""
    from datasets import load_dataset

    config = None if where.config == "default" else where.config
    try:
        if where.revision == CONVERTED:  # one folder a config, one a split, and no script beside them
            files = f"{where.config}/{where.split}/*.parquet"
            return load_dataset(where.id, revision=CONVERTED, data_files=files, split="train")
        return load_dataset(where.id, config, split=where.split, revision=where.revision)
    except Exception as error:  # the hub's libraries raise many kinds
        why = " ".join(str(error).split())[:300]
        raise ConnectionError(
            f"{where} cannot be loaded from the hub ({why}). Without a network, fill a folder elsewhere "
            f"(data_prep/mirror_datasets.py) and name it in {DATA}"
        ) from error


def numbered_rows(
    where: Address, most: int = MOST, seed: int = 0, data: str | Path | None = None
) -> Iterator[tuple[int, Mapping]]:
    """The rows of a split in order, each with its number from 1 on.

    Where there are more than `most`, so many are drawn at random. data: a folder that mirrors the hub.
    Raises ConnectionError, FileNotFoundError, and ValueError for a file that cannot be read.
    """
    if not data:
        rows = from_hub(where)
        if len(rows) <= most:
            yield from enumerate(rows, 1)
        else:
            kept = sorted(random.Random(seed).sample(range(len(rows)), most))
            yield from zip((i + 1 for i in kept), rows.select(kept))
        return
    from pyarrow.parquet import ParquetFile

    file, start = file_of(where, data), 0
    try:
        parquet = ParquetFile(file)
        total = parquet.metadata.num_rows
        kept = range(total) if total <= most else set(random.Random(seed).sample(range(total), most))
        for batch in parquet.iter_batches(10_000):
            here = [i for i in range(len(batch)) if start + i in kept]
            yield from zip((start + i + 1 for i in here), batch.take(here).to_pylist())
            start += len(batch)
    except (OSError, ValueError) as error:  # pyarrow's errors are both
        raise ValueError(f"{file} cannot be read ({error})") from error


def file_or_rows(source: str, most: int, seed: int = 0, config: str = "") -> str | Iterable[Mapping]:
    """`source` itself where it is a file; else a dataset of the hub, as `address` reads its name.

    From the folder that W2S_DATA names comes the path of its file. From the hub come at most `most` rows, in
    random order. config: of the dataset, where it has several. Raises ValueError where there is neither file
    nor dataset, and for a file with a config.
    """
    file = Path(source)
    if file.is_file():
        if config:
            raise ValueError(f"{source} is a file, and only datasets of the hub have a config: leave it out")
        return source
    if file.suffix.lower() in SUFFIXES or source[:1] in ("/", ".", "~"):  # the hub is not asked for a slip
        near = difflib.get_close_matches(
            file.name, [one.name for one in file.parent.glob("*") if one.exists()], 1
        )
        hint = f"; did you mean {str(file.with_name(near[0]))!r}?" if near else ""
        home = ". Write the whole path, without ~" if source.startswith("~") else ""
        raise ValueError(f"{source}: no such file, seen from {Path.cwd()}{hint}{home}")
    try:
        where = address(source)
        where = replace(where, config=config) if config else where
        if data := os.environ.get(DATA):
            return str(file_of(where, data))
        rows = from_hub(where).shuffle(seed=seed)
    except (OSError, ValueError) as error:
        why = " ".join(str(error).split())[:300]
        raise ValueError(f"{source}: no such file, and no dataset that can be read ({why})") from error
    return rows.select(range(min(len(rows), most)))
