"""A split: the three parts of the paper, with no group and no text in two of them."""

from __future__ import annotations

import hashlib
import itertools
import random
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..shared.names import nearest
from .labels import REMEDIES, check_number
from .rows import Rejected, Repeated, Report

#: Parts of fresh examples, for the two sizes between of the paper's bootstrapping chain.
LINKS = 2
PARTS = ("supervisor", "student", "test")
#: What the column `label` of a split may hold.
KINDS = ("classes", "choices", "writing", "pairs")
SEPARATOR = "\x1e"  #: Between the two sides of a pair: ASCII's own record separator.


class LeakageError(ValueError):
    """A group, or a text, stands in two parts of a split."""


@dataclass(frozen=True)
class Split:
    """The three parts of a task: tables with the columns text, label, group and difficulty.

    Fields:

        name          of the task
        supervisor    the half that the supervisor learns from
        student       the half that it labels for the student
        test          where everybody is measured
        kind          what `label` holds: "classes", "choices", "writing" or "pairs"
        fresh         more tables like the student's, for the links of a bootstrapping chain
        report        what became of a file's rows; None where there was no file

    text: str. group: tuple of str. difficulty: 0 easy to 1 hard. label, by `kind`:

        "classes"   0 or 1
        "choices"   the place of the right answer among those that the text offers
        "writing"   a word to be written; a column `among` may hold all words that would be possible
        "pairs"     1 says that the second of two sides is better; the text holds both, with SEPARATOR between

    Raises LeakageError where a group or a text stands in two parts, ValueError for a table that is unfit.
    """

    name: str
    supervisor: pd.DataFrame
    student: pd.DataFrame
    test: pd.DataFrame
    kind: str = "classes"
    fresh: tuple[pd.DataFrame, ...] = ()
    report: Report | None = field(default=None, compare=False, repr=False)

    def __post_init__(self):
        parts = self.parts
        if self.kind not in KINDS:
            raise ValueError(nearest("kind of task", self.kind, KINDS))
        for part, table in parts.items():
            _check_table(f"{self.name}/{part}", table, self.kind)
        for a, b in itertools.combinations(parts, 2):
            shared = _groups(parts[a]) & _groups(parts[b])
            if shared:
                some = ", ".join(map(repr, sorted(shared)[:3]))
                raise LeakageError(
                    f"{self.name}: {len(shared)} groups stand in both {a} and {b} ({some}); "
                    "split by group, not by row"
                )
        _check_texts(self.name, parts, self.kind)

    @property
    def parts(self) -> dict[str, pd.DataFrame]:
        """All tables by name: supervisor, student, fresh1 and so on, test."""
        fresh = {f"fresh{i}": table for i, table in enumerate(self.fresh, 1)}
        return {"supervisor": self.supervisor, "student": self.student, **fresh, "test": self.test}

    @property
    def hash(self) -> str:
        """Names the content: equal for equal texts, labels and order."""
        digest = hashlib.sha256(self.name.encode())
        for part, table in self.parts.items():
            digest.update(repr((part, table["text"].tolist(), table["label"].tolist())).encode())
        return digest.hexdigest()[:16]


def _groups(table: pd.DataFrame) -> set[str]:
    return set(itertools.chain.from_iterable(table["group"]))


def _check_table(where: str, table: pd.DataFrame, kind: str) -> None:
    missing = {"text", "label", "group", "difficulty"} - set(table.columns)
    if missing:
        raise ValueError(f"{where}: missing columns {sorted(missing)}")
    if table.empty:
        raise ValueError(f"{where} is empty: ask for more examples, or check the filter")
    for row, text in zip(table.index, table["text"]):
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{where}: row {row} has text {text!r}; write one, or leave the row out")
    should = {
        "writing": "it should be the answer, as text",
        "choices": "it should be the place of the right answer, from 0 on",
    }
    for row, label in zip(table.index, table["label"].tolist()):
        try:
            if kind != "writing":
                check_number(label, None if kind == "choices" else 2)
            elif not isinstance(label, str) or not label.strip():
                raise Rejected("no label")
        except Rejected as why:
            raise ValueError(
                f"{where}: row {row} has label {label!r}; "
                f"{should.get(kind, 'a ground-truth label is 0 or 1')}. "
                f"{why.reason.capitalize()}: {REMEDIES[why.reason]}"
            ) from None
    if kind in ("classes", "pairs") and table["label"].nunique() < 2:
        raise ValueError(f"{where}: every label is {table['label'].iloc[0]}; a task needs both classes")


def _check_texts(name: str, parts: dict[str, pd.DataFrame], kind: str) -> None:
    """Raises LeakageError where equal texts, or the same two sides in any order, stand in two parts."""
    first: dict = {}
    shared = []
    for part, table in parts.items():
        for row, text in zip(table.index, table["text"]):
            form = frozenset(map(normalised, text.split(SEPARATOR))) if kind == "pairs" else normalised(text)
            there, place = first.setdefault(form, (part, row))
            if there != part:
                shared.append((text, f"{there} (row {place})", f"{part} (row {row})"))
    if shared:
        text, one, other = shared[0]
        raise LeakageError(
            f"{name}: {len(shared)} texts stand in two parts, as {text[:200]!r} in {one} and "
            f"{other}. Take them out of one, or give equal texts one group first (`together`)"
        )


def normalised(text: str) -> str:
    """The text in the form by which equal texts are known.

    Unicode is in one form (NFKC), and there is one blank wherever there are some.
    """
    if text.isascii() and text.isprintable() and "  " not in text:  # nearly all, and several times as fast
        return text.strip()
    return " ".join(unicodedata.normalize("NFKC", text).split())


def together(groups: Iterable[Sequence[str]]) -> np.ndarray:
    """A number for each row, shape (n,), which is the same for rows that must stand together.

    Rows have the same number when their groups share a name, perhaps by way of other rows. A loader that
    gives `(*group, normalised(text))` for each row joins equal texts into one group, too.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    groups = list(groups)
    places: dict[str, int] = {}
    links = [
        (row, places.setdefault(name, len(groups) + len(places)))
        for row, names in enumerate(groups)
        for name in names
    ]
    rows, names = np.array(links).T
    size = len(groups) + len(places)
    return connected_components(
        coo_matrix((np.ones(len(links)), (rows, names)), shape=(size, size)), directed=False
    )[1][: len(groups)]


def shuffled(pool: pd.DataFrame, by: str, rng: random.Random) -> pd.DataFrame:
    """The groups of column `by` in random order, each whole."""
    groups = list(dict.fromkeys(pool[by]))
    rng.shuffle(groups)
    return pool.set_index(by, drop=False).loc[groups]


def deal(
    pool: pd.DataFrame,
    by: str,
    name: str,
    n_train: int,
    n_test: int,
    fresh: int = 0,
    trainable: pd.Series | None = None,
) -> list[pd.DataFrame]:
    """The test, the two halves, and up to `fresh` more parts while there is material.

    They are taken from the rows of `pool` in their order, and no group of column `by` stands in two of them.
    Only `trainable` rows are learned from. Raises ValueError when there are not enough rows.
    """
    parts, start, groups = [], 0, pool[by].to_numpy()
    for part, n in [
        ("test", n_test),
        ("supervisor", n_train),
        ("student", n_train),
        *[("fresh", n_train)] * fresh,
    ]:
        left = pool.iloc[start:]
        take = (left if part == "test" or trainable is None else left[trainable.iloc[start:]]).iloc[:n]
        if len(take) < n:
            if part == "fresh":
                break
            raise ValueError(
                f"{name}/{part}: {len(take)} of {n} examples are left, of {len(pool)}; "
                "ask for a smaller n_train or n_test"
            )
        parts.append(take)
        # the rest of the last group is left out
        start = len(pool) - (groups[::-1] == take[by].iloc[-1]).argmax()
    return parts


def each_once(pool: pd.DataFrame, report: Report) -> pd.DataFrame:
    """Each text once: of equal ones the first. A text that has both labels is left out wholly.

    `report` takes up the others, by the column `where`. Loaders put the test's rows first, so a text of the
    test stays there.
    """
    normal = pool["text"].map(normalised)
    unsure = pool.groupby(normal)["label"].transform("nunique") > 1
    twice = ~unsure & normal.duplicated()
    for why, reason, rows in (
        (Rejected, "same text with both labels", unsure),
        (Repeated, "same text twice", twice),
    ):
        for place, text in zip(pool["where"][rows], pool["text"][rows]):
            report.reject(place, why(reason, repr(text[:80])))
    report.kept -= int((unsure | twice).sum())
    return pool[~unsure & ~twice]


def balanced(table: pd.DataFrame, n: int, where: str, rng: random.Random) -> pd.DataFrame:
    """`n` rows, half of each label, from as many groups of the column `together` as possible.

    Raises ValueError where they lack.
    """
    turn = table.groupby(["together", "label"]).cumcount()
    table = table.loc[turn.sort_values(kind="stable").index]
    taken = [table[table["label"] == label].head(want) for label, want in ((0, n // 2), (1, n - n // 2))]
    if sum(map(len, taken)) < n:
        have = [(table["label"] == label).sum() for label in (0, 1)]
        raise ValueError(
            f"{where}: {n} examples are asked for, half of each label, but there are {have[0]} of label 0 "
            f"and {have[1]} of label 1; ask for a smaller "
            f"{'n_test' if where.endswith('/test') else 'n_train'}, at most {2 * min(have)}"
        )
    rows = pd.concat(taken).iloc[rng.sample(range(n), n)]
    return rows[["text", "label", "group", "difficulty"]].reset_index(drop=True)
