"""Rows become examples: a text, a label 0 or 1, and what it must stand together with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ...shared.names import nearest
from ..hub import class_names, file_or_rows
from ..labels import MISSING, NUMBER, REMEDIES, Labels, Unsure, read_labels, told
from ..rows import Rejected, Report, records, rows_of, shown, text_of
from ..split import normalised
from .name import KINDS, Asked, kind_of_part

LONGEST = 50_000  # characters of a column: no model of ours reads more
SOFT = 0.05  # a column with a larger share of labels between 0 and 1 holds soft labels on purpose
MANY = 20  # a column with more classes than that is hardly one of labels
#: Of the examples of a file.
COLUMNS = ["text", "label", "group", "part", "where"]


class Found(NamedTuple):
    """What was read of a source.

    Fields:

        examples    with the COLUMNS: `label` as the source has it, `group` a tuple of names, `part` a part or
                    "", `where` the source and the row
        parts       all parts that its rows name, also those that were rejected; "" where there is no column
        grouped     whether it has a column of groups
        classes     the names that the source gives to the classes, by their numbers; [] where it gives none
    """

    examples: pd.DataFrame
    parts: set[str]
    grouped: bool
    classes: list[str]


def read(asked: Asked, source: str, most: int, seed: int, report: Report, labels: bool = True) -> Found:
    """The examples of a file, or of at most `most` rows of a dataset of the hub.

    What cannot be used is counted in `report`. labels: whether there has to be a column of labels, which a
    hidden test may lack. Raises ValueError for a column that is not there, and for a part that nobody knows.
    """
    names: dict[str, None] = {}
    parts: set[str] = set()
    rows = file_or_rows(source, most, seed, asked.config)

    def placed() -> Iterator[tuple[str, Any]]:
        for where, row in rows_of(rows, report):
            where = where if where.startswith(source) else f"{source}, {where}"  # rows of the hub
            yield where, row if isinstance(row, Rejected) else (where, row)

    def parse(placed_row: tuple[str, Mapping]) -> tuple:
        where, row = placed_row
        names.update(dict.fromkeys(map(str, row)))
        row = {**row, **{column: _inside(row, column) for column in inner if column not in row}}
        group, part = (_names(row.get(column)) for column in columns)
        parts.update(part)
        texts = [text_of(_joined(row, column), column, LONGEST) for column in asked.text]
        for column, text in zip(asked.text, texts):
            if not text.strip():
                other = ", or leave the column out of ?text=" if len(texts) > 1 else ""
                raise Rejected(
                    "empty text", f"{column} is empty; write a text there, or delete the row{other}"
                )
        return "\n\n".join(texts), row.get(asked.label), group, "".join(part), where

    columns = [
        "group" if asked.group is None else asked.group,
        "split" if asked.split is None else asked.split,
    ]
    inner = [column for column in (*asked.text, asked.label, *columns) if "." in column]
    found = pd.DataFrame(list(records(placed(), parse, report)), columns=COLUMNS)
    _check_columns(asked, source, names, labels)
    for what, column in zip(("group", "part"), columns):
        if column and column in names:
            empty = ~found[what].map(bool).to_numpy(bool)
            for where in found["where"][empty]:
                detail = f"{column} is empty; fill it in, or delete the row"
                report.reject(where, Rejected(f"no {what}", detail))
            report.kept -= int(empty.sum())
            found = found[~empty]
        elif what == "group":
            found["group"] = [(normalised(text),) for text in found["text"]]
    kinds = _kinds(source, parts, columns[1]) if columns[1] in names else {"": ""}
    found["part"] = found["part"].map(kinds) if len(found) else ""
    return Found(found, set(kinds.values()), columns[0] in names, class_names(rows, asked.label))


def _inside(row: Mapping, column: str) -> Any:
    """What stands inside a cell that holds names and values: "data.question"; None where it is not there."""
    value: Any = row
    for name in column.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _joined(row: Mapping, column: str) -> Mapping:
    """The row, where a column that holds a list of texts, or of messages with roles, has one a line."""
    value = row.get(column)
    if isinstance(value, (list, tuple, np.ndarray)):
        told = [isinstance(one, Mapping) and {"role", "content"} <= set(one) for one in value]
        said = [f"{one['role']}: {one['content']}" if both else one for one, both in zip(value, told)]
        if all(isinstance(one, str) for one in said):
            return {**row, column: "\n".join(said)}
    return row


def _names(value: Any) -> tuple[str, ...]:
    """A cell as names: one, several where it holds a list, none where it is empty."""
    if isinstance(value, (list, tuple, np.ndarray)):
        return tuple(name for one in value for name in _names(one))
    if value is None or value != value or not str(value).strip():  # a missing number is not equal to itself
        return ()
    return (normalised(str(value)),)


def _check_columns(asked: Asked, source: str, names: Mapping[str, None], labels: bool) -> None:
    """Raises ValueError for a column that no row has; without any row, nothing is known."""
    wanted = [*asked.text, *([asked.label] if labels else []), *filter(None, (asked.group, asked.split))]
    for column in wanted:
        if names and not {column, column.split(".")[0]} & set(names):
            known = [name[:40] for name in names]
            raise ValueError(
                f"{source}: {nearest('column', column, known)}. Say what the columns are called, as in "
                "rows:FILE?text=question&label=answer; in CSV, the first row has to name them"
            )


def _kinds(source: str, words: set[str], column: str) -> dict[str, str]:
    """The part that each word of a column names. Raises ValueError for a word that is none."""
    known = {}
    for word in sorted(words):
        if (kind := kind_of_part(word)) is None:
            raise ValueError(
                f"{source}: {nearest('part', word, KINDS)}. Where the column {column!r} does not hold parts, "
                "write ?split= after the file, without a name"
            )
        known[word] = kind
    return known


def labelled(
    name: str, asked: Asked, table: pd.DataFrame, report: Report, classes: list[str]
) -> pd.DataFrame:
    """The examples whose labels can be read, with labels 0 and 1.

    classes: the names that the source gives to numbers; there may be none. `report` counts the other
    examples, and notes what became of words. Raises ValueError where there are soft labels, one class or more
    than two, or where it is a guess which class is 1.
    """
    values = _by_name(table["label"].tolist(), asked, classes)
    if asked.positive is None:
        read = _read(name, values)
        report.notes += filter(None, [told(read.mapping)])
        left_out: list[int] = []
    else:
        read, left_out = _against_others(name, asked, values)
        others = f"{asked.negative!r}" if asked.negative is not None else "all others"
        report.notes.append(f"labels: {asked.positive!r} -> 1, {others} -> 0")
        if left_out:
            report.notes.append(f"{len(left_out)} rows of other classes are left out, and not counted here")
    for row, why in read.rejected.items():
        remedy = REMEDIES.get(why.reason, "put it right")
        detail = f"{asked.label} is {shown(values[row])}; {remedy}"
        report.reject(table["where"].iloc[row], Rejected(why.reason, detail))
    report.kept -= len(read.rejected) + len(left_out)
    report.read -= len(left_out)
    return table.iloc[read.rows].assign(label=read.labels)


def _by_name(values: list, asked: Asked, classes: list[str]) -> list:
    """The labels with the names of their classes in place of numbers, where these are needed.

    That is where the class that is 1 was named so, and where there are more than two. Of two classes, the
    numbers say which is 1.
    """
    if asked.positive is None:
        needed = len(classes) > 2
    else:
        needed = asked.positive.strip().casefold() in (one.casefold() for one in classes)
    number = lambda value: isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    named = lambda value: classes[value] if number(value) and 0 <= value < len(classes) else value
    return [named(value) for value in values] if needed else values


def _read(name: str, values: list) -> Labels:
    """`read_labels`, with errors that say what to write into the name of the task."""
    example = f"{name}{'&' if '?' in name else '?'}positive="
    try:
        read = read_labels(values)
    except Unsure as why:
        first = why.classes[0]
        if len(why.classes) == 1:
            remedy = "Is this the column of labels (?label=...), and the whole file?"
        elif len(why.classes) > MANY:
            raise ValueError(
                f"{name}: there are {len(why.classes)} classes in {len(values)} rows, such as "
                f"{shown(why.classes[0])}. Is this the column of labels (?label=...)? A task has two classes"
            ) from None
        elif len(why.classes) == 2:
            remedy = f"Which of them is 1? Say it, as in {example}{first}"
        else:
            remedy = (
                f"{example}{first} makes {first!r} label 1 and all others label 0; with "
                f"&negative={why.classes[1]} after it, the rows of all others are left out"
            )
        raise ValueError(f"{name}: {why.found}. {remedy}") from None
    between = [row for row, why in read.rejected.items() if why.reason == "label between classes"]
    if len(between) > SOFT * len(values):
        raise ValueError(
            f"{name}: the labels are soft in {len(between)} of {len(values)} rows, as {values[between[0]]!r}"
            ". A task holds the truth, so its labels are 0 and 1. Decide for one in a column of your own "
            "(label > 0.5), and leave out what is unsure; soft labels of a supervisor of yours go into "
            "run_labels"
        )
    hidden = sum(why.reason == "hidden label" for why in read.rejected.values())
    if values and len(set(read.labels.tolist())) < 2 and hidden:
        raise ValueError(
            f"{name}: {hidden} labels are -1, which says that the answer is hidden. Where -1 is a class, say "
            f"which class is 1, as in {example}1"
        )
    return read


def _against_others(name: str, asked: Asked, values: list) -> tuple[Labels, list[int]]:
    """The class `positive` is 1, and `negative` or all others are 0; also the rows that are left out."""
    positive, negative = _class(asked.positive), None if asked.negative is None else _class(asked.negative)
    labels: dict[int, int] = {}
    rejected: dict[int, Rejected] = {}
    left_out, classes = [], Counter()
    for row, value in enumerate(values):
        try:
            one = _class(value)
        except Rejected as why:
            rejected[row] = why
            continue
        classes[one] += 1
        if one == positive or negative in (None, one):
            labels[row] = int(one == positive)
        else:
            left_out.append(row)
    for wanted in filter(None, (positive, negative)):
        if classes and wanted not in classes:
            listed = [word for word, _ in classes.most_common(20)]
            raise ValueError(f"{name}: {nearest('class', wanted, listed)}")
    rows = np.array([*labels], dtype=int)
    return Labels(np.array([*labels.values()], dtype=int), rows, {}, rejected), left_out


def _class(value: Any) -> str:
    """The name of a class: a word in small letters, or a whole number. Raises Rejected for what is none."""
    if not pd.api.types.is_scalar(value):
        raise Rejected("unknown label")
    word = " ".join(str(value).split()).casefold()
    if word in MISSING or pd.isna(value):
        raise Rejected("no label")
    if not NUMBER.fullmatch(word):
        return word
    if float(word) != int(float(word)):
        raise Rejected("label between classes")
    return str(int(float(word)))
