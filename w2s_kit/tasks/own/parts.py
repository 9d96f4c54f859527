"""The split of a task of your own: which rows go into which part."""

from __future__ import annotations

import random
import re
from pathlib import Path

import numpy as np
import pandas as pd

from ..hub import MOST
from ..labels import MISSING
from ..nlp.table import DATASETS
from ..rows import Report, tell
from ..split import LINKS, PARTS, LeakageError, Split, balanced, each_once, together
from .examples import labelled, read
from .name import Asked, asked, sources

#: In this order they keep a group that stands in several of them.
STAGES = ("test", "student", "supervisor", "train")
END_OF_ID = re.compile("[:@]")  # of a dataset of the hub: revision or splits follow
HIDDEN = ("-1", "-1.0", *MISSING)  # what competitions write in place of the labels of a test
UNEVEN = 0.4  # a class with a smaller share of the examples is told


def load(
    name: str, seed: int = 0, n_train: int = 500, n_test: int = 500, allow_rejected: bool = False
) -> Split:
    """The split of questions with two answers, half of each part with label 1; see `w2s_kit.tasks.load_task`.

    `name` is "rows:" and then a file, a folder, or a dataset of the hub, and perhaps a question mark and what
    the columns are called; see `w2s_kit.tasks.own.name`. A file is CSV with a header, JSON lines, a JSON
    array or parquet; see `w2s_kit.tasks.rows`.

    Labels are 0 and 1, or two words. Of the usual words, the class that is 1 is known (yes, true, positive
    and so on); of two other words it is the second in the alphabet. Which it was is printed, and stands in
    the notes of `report`.

    Rows of one group stand in one part; without a column of groups, each text is one. Parts that the files
    or a column `split` name are kept: train is dealt to both halves. Where a group stands in two of them, the
    test keeps it before the student, and the student before the supervisor; it is left out of the others.
    `difficulty` is the share of texts that are shorter, which is a guess, and no more.

    Raises ValueError for columns, labels or parts that cannot be used, where most rows are rejected, and
    where there are too few.
    """
    try:
        return _load(name, seed, n_train, n_test, allow_rejected)
    except ValueError as error:
        wanted = END_OF_ID.split(asked(name).source)[0]
        known = [entry.name for entry in DATASETS.values() if entry.id == wanted]
        if not known or isinstance(error, LeakageError):
            raise
        raise ValueError(
            f"{error}. The kit reads this dataset by itself, as {' and '.join(known)}"
        ) from error


def _load(name: str, seed: int, n_train: int, n_test: int, allow_rejected: bool) -> Split:
    what, report = asked(name), Report()
    pool, parts, classes = _pool(name, what, seed, max(MOST, 10 * ((2 + LINKS) * n_train + n_test)), report)
    if report.kept:
        pool = _by_stage(name, pool, parts, report)
        pool = each_once(
            labelled(name, what, pool, report, classes).sort_values("part", kind="stable"), report
        )
    if report.kept:
        pool = _apart(pool.assign(together=together(pool["group"])), report)
        _note_uneven(pool, report)
    tell(report, name, "example", allow_rejected)
    if pool["label"].nunique() < 2:
        raise ValueError(
            f"{name}: every label is {pool['label'].iloc[0]}, and a task needs both classes. Is this the "
            "column of labels (?label=...), and the whole file?"
        )
    difficulty = pool["text"].str.len().rank(pct=True)
    pool = pool.assign(difficulty=difficulty).reset_index(drop=True)
    dealt = _dealt(name, pool, n_train, n_test, random.Random(f"rows-{seed}"))
    supervisor, student, test = (dealt.pop(part) for part in PARTS)
    return Split(name, supervisor, student, test, fresh=tuple(dealt.values()), report=report)


def _pool(
    name: str, what: Asked, seed: int, most: int, report: Report
) -> tuple[pd.DataFrame, dict[str, str], list[str]]:
    """All examples as they are read, the parts that they name, each as it is told, and names of classes.

    Raises ValueError where some of the files have groups and others do not.
    """
    tables, parts, grouped, classes = [], {}, {}, []
    for part, source in sources(what.source):
        if part and what.split:
            raise ValueError(f"{name}: the files are parts already, so leave out split={what.split}")
        found, file = read(what, source, most, seed, report, part != "test"), Path(source).name
        tables.append(found.examples.assign(part=part) if part else found.examples)
        grouped[found.grouped] = file
        classes = classes or found.classes
        if part:
            parts[part] = f"{parts[part]}, {file}" if part in parts else file
        else:
            parts = {word: word for word in found.parts}
    if len(grouped) > 1:
        raise ValueError(
            f"{name}: {grouped[True]} has a column of groups, and {grouped[False]} has none, so nobody knows "
            "which groups stand in both. Add the column there, or write ?group= after the name for none"
        )
    return pd.concat(tables, ignore_index=True), parts, classes


def _by_stage(name: str, pool: pd.DataFrame, parts: dict[str, str], report: Report) -> pd.DataFrame:
    """The examples with the stage that they are for, as a category in the order of STAGES.

    Its categories are the stages that there are. Without parts, all examples are "train". Raises ValueError
    for parts that make no split.
    """
    found = set(parts)
    if (hidden := _hidden_test(pool, parts, report)).any():
        if "validation" not in found:
            raise ValueError(
                f"{name}: all labels of {parts['test']} are hidden (-1 or nothing), so it is no test. "
                "Name the file or the split that has labels alone, and its rows are dealt to all three parts"
            )
        pool, found = pool[~hidden], found - {"test"}
    stages = {part: part or "train" for part in found}
    if "validation" in found:
        stages["validation"] = "left out" if "test" in found else "test"
    halves = found & {"supervisor", "student"}
    listed = f"{name}: the parts are {', '.join(sorted(found))}"
    if len(halves) == 1 or halves and "train" in found:
        raise ValueError(
            f"{listed}. Give train and test, or supervisor, student and test, or no parts at all"
        )
    if not halves and "train" not in stages.values():
        raise ValueError(
            f"{listed}, so there is nothing to learn from. Name a file or one split, and its rows are dealt "
            "to all three parts"
        )
    if halves and "test" not in stages.values():
        raise ValueError(f"{listed}, so there is no test")
    if found != {""}:
        train = "supervisor and student" if "test" in stages.values() else "supervisor, student and test"
        made = [f"{parts[part]} -> {stage}" for part, stage in sorted(stages.items())]
        report.notes.append(f"parts: {', '.join(made)}".replace("-> train", f"-> {train}"))
    stage = pool["part"].map(stages)
    kept = stage != "left out"
    report.read -= int((~kept).sum())
    report.kept -= int((~kept).sum())
    there = [one for one in STAGES if one in stages.values()]
    return pool[kept].assign(part=pd.Categorical(stage[kept], there, ordered=True))


def _hidden_test(pool: pd.DataFrame, parts: dict[str, str], report: Report) -> pd.Series:
    """Which rows are of a test that hides all its labels, as competitions have it; `report` says so."""
    of_test = pool["part"] == "test"
    if not all(str(label).strip().casefold() in HIDDEN for label in pool["label"][of_test]):
        return of_test & False
    if n := int(of_test.sum()):
        report.notes.append(
            f"{parts['test']} is left out, since all its {n} labels are hidden (-1 or nothing)"
        )
        report.read, report.kept = report.read - n, report.kept - n
    return of_test


def _apart(pool: pd.DataFrame, report: Report) -> pd.DataFrame:
    """The examples without those whose group stands in an earlier one of the STAGES, too."""
    stage = pool["part"].cat.codes
    crosses = stage > stage.groupby(pool["together"]).transform("min")
    for part, rows in pool[crosses].groupby("part", observed=True):
        report.notes.append(
            f"{len(rows)} rows of {part} are left out, since their {rows['together'].nunique()} groups stand "
            "in another part, too, which keeps them: the test before the student before the supervisor"
        )
    return pool[~crosses]


def _note_uneven(pool: pd.DataFrame, report: Report) -> None:
    zeros, ones = ((pool["label"] == label).sum() for label in (0, 1))
    if min(zeros, ones) < UNEVEN * len(pool):
        report.notes.append(
            f"classes: {zeros} examples with label 0, {ones} with label 1; each part takes half of each, so "
            "that a coin is right in 50 %"
        )


def _dealt(
    name: str, pool: pd.DataFrame, n_train: int, n_test: int, rng: random.Random
) -> dict[str, pd.DataFrame]:
    """The parts of the split by name, fresh ones among them while there is material.

    Raises ValueError where there are too few examples.
    """
    there = set(pool["part"].cat.categories)
    for links in (LINKS, 0):  # without material for the links of a chain, there are none
        sizes = dict.fromkeys([*PARTS[:2], *(f"fresh{i}" for i in range(1, links + 1))], n_train)
        if "student" in there:
            tables = {part: pool[pool["part"] == part] for part in PARTS}
            sizes = dict.fromkeys(PARTS[:2], n_train)
        elif "test" in there:
            tables = _spread(pool[pool["part"] == "train"], sizes, rng)
            tables["test"] = pool[pool["part"] == "test"]
        else:
            tables = _spread(pool, {**sizes, "test": n_test}, rng)
        sizes["test"] = n_test
        try:
            return {part: balanced(tables[part], n, f"{name}/{part}", rng) for part, n in sizes.items()}
        except ValueError as error:
            if not links or "student" in there:
                raise ValueError(f"{error}. {_enough(pool)}") from None
    raise AssertionError("the last round returns or raises")


def _enough(pool: pd.DataFrame) -> str:
    """What there is to be dealt."""
    parts = [
        f"{part}: {(rows['label'] == 0).sum()} with label 0 and {(rows['label'] == 1).sum()} with label 1"
        for part, rows in pool.groupby("part", observed=True)
    ]
    sizes = pool["together"].value_counts()
    groups = f"; the largest of {len(sizes)} groups has {sizes.iloc[0]} rows" if sizes.iloc[0] > 1 else ""
    undivided = list(pool["part"].cat.categories) == ["train"]
    most = 2 * (min((pool["label"] == label).sum() for label in (0, 1)) // 3)
    hint = "; that is too few for three parts" if undivided and not most else ""
    if undivided and len(sizes) < 3:
        hint = (
            "; a group stays whole, so three parts need three groups, and ?group= after the name reads none"
        )
    elif undivided and most:
        whole = "groups stay whole, so a little less fits than" if groups else "what fits is"
        hint = f"; {whole} n_train={most} and n_test={most}"
    return f"In all there are, in {'; in '.join(parts)}{groups}{hint}"


def _spread(pool: pd.DataFrame, sizes: dict[str, int], rng: random.Random) -> dict[str, pd.DataFrame]:
    """Whole groups in random order, each to the part that has least of its labels so far.

    Least is meant in proportion to `sizes`.
    """
    groups, group = np.unique(pool["together"], return_inverse=True)
    rows = np.zeros((len(groups), 2))
    np.add.at(rows, (group, pool["label"].to_numpy(int)), 1)
    sought, dealt = np.array(list(sizes.values()), float), np.zeros((len(sizes), 2))
    place = np.zeros(len(groups), int)
    for i in rng.sample(range(len(groups)), len(groups)):
        after = (dealt + rows[i]) / sought[:, None]
        place[i] = (after * rows[i]).sum(axis=1).argmin()
        dealt[place[i]] += rows[i]
    shuffled = rng.sample(range(len(pool)), len(pool))
    part = place[group][shuffled]
    return {name: pool.iloc[shuffled][part == i] for i, name in enumerate(sizes)}
