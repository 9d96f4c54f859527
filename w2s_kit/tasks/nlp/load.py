"""The 22 natural-language datasets of Burns et al. 2023 (Section 3), and four more, as binary tasks.

A row of the hub becomes one example in two steps. A formatter, which knows nothing of chance, offers every
text that the row can give, with its label, and names what the row is about (a passage, a question): its
group. Then a coin decides which text is shown, so that a multiple-choice question is seen once, with its
right answer or with a wrong one. The coin depends on the seed and the row's words alone: it falls the same
way wherever the row stands in its file.

Rows come from the hub, or, where the environment variable W2S_DATA names a folder, from
`owner/name/config/split.parquet` in it (`data_prep/mirror_datasets.py` fills such a folder); then nothing is
fetched. No row of any dataset is part of this package.

What went wrong elsewhere, and is not repeated here (EleutherAI/w2s, the replication of the paper on 8B
models):
    OpenBookQA      right answers were shown as a letter, wrong ones as text
    ETHICS          deontology, justice and virtue reached an AUC above .999 with 0.5B: in the first
                    published formatters (w2s/datasets.py, commit ce93f31e) the text ended with "A: yes" or
                    "A: no", which is the label itself. Later versions end with "A:". Which version gave
                    their numbers is not said, but the rows alone do not explain them: words get .58 to .67
                    of them right, format .49 to .55 (results/leaks.csv)
    Anthropic-HH    one dialogue alone, preferred or not: nearly unlearnable. Here both are shown, as "pairs"
    CosmosQA        "None of the above choices" was shown only where it is wrong. Here it is never shown,
                    because nothing is above
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from ...shared.names import nearest
from .. import preference
from ..hub import DATA, MOST, file_of, numbered_rows
from ..labels import REMEDIES, label_of, told
from ..rows import Rejected, Report
from ..split import LINKS, PARTS, Split, balanced, each_once, shuffled, together
from .formats import text_in
from .table import DATASETS, Dataset


def load(
    name: str | Dataset,
    seed: int = 0,
    n_train: int = 500,
    n_test: int = 500,
    data: str | Path | None = None,
    allow_rejected: bool = False,
) -> Split:
    """The split of a dataset, half of each part with label 1; see `w2s_kit.tasks.load_task`.

    The groups of the train split are dealt to the two halves, and to two more parts while there is material.
    Groups that the test split has as well are left out of them. `difficulty` is the share of texts that are
    shorter, which is a guess, and no more. `data` is a folder of files, instead of the one that W2S_DATA
    names.

    Raises FileNotFoundError where a file is missing there, ConnectionError where the hub cannot be read, and
    ValueError for an unknown name, rows of another shape, or too few of them.
    """
    if isinstance(name, str) and name not in DATASETS:
        raise ValueError(nearest("dataset", name, DATASETS))
    entry = DATASETS[name] if isinstance(name, str) else name
    data = data or os.environ.get(DATA)
    if entry.read is None:
        source = file_in(entry, entry.train, data) if data else f"{entry.id}:{entry.train}"
        split = preference.load(f"{preference.PREFIX}{source}", seed, n_train, n_test, allow_rejected)
        return replace(split, name=entry.name)
    most = max(MOST, 10 * ((2 + LINKS) * n_train + n_test))
    pool, report = _pool(entry, seed, data, most, allow_rejected)
    for links in (LINKS, 0):  # without material for the links of a chain, there are none
        try:
            parts = _parts(entry, pool, seed, n_train, n_test, links)
        except ValueError:
            if not links:
                raise
        else:
            break
    supervisor, student, test = (parts.pop(part) for part in PARTS)
    return Split(entry.name, supervisor, student, test, fresh=tuple(parts.values()), report=report)


def _pool(
    entry: Dataset, seed: int, data: str | Path | None, most: int, allow_rejected: bool
) -> tuple[pd.DataFrame, Report]:
    """All examples of a dataset, each text once, and the report; prints what was rejected."""
    report, words = Report(), {}
    tables = [
        examples(entry, split, seed, data, most, report, words, allow_rejected).assign(split=split)
        for split in splits_of(entry)
    ]
    pool = each_once(pd.concat(tables, ignore_index=True), report)
    for line in filter(None, (told(words), str(report) if report.rejected else "")):
        print(f"{entry.name}: {line}")
    if pool.empty:
        raise ValueError(f"{entry.name}: no row can be used")
    difficulty = pool["text"].str.len().rank(pct=True)
    return pool.assign(together=together(pool["group"]), difficulty=difficulty), report


def _parts(
    entry: Dataset, pool: pd.DataFrame, seed: int, n_train: int, n_test: int, links: int
) -> dict[str, pd.DataFrame]:
    """The parts of the split by name, `links` fresh ones among them.

    Raises ValueError where there are not enough rows.
    """
    rng = random.Random(f"{entry.name}-{seed}")
    sizes = dict.fromkeys([*PARTS[:2], *(f"fresh{i}" for i in range(1, links + 1))], n_train)
    held_out = pool["split"].isin(entry.test.split("+"))
    if entry.train == entry.test:
        sizes["test"] = n_test
        dealt = _dealt(pool, sizes, rng)
    else:
        rest = pool[~held_out & ~pool["together"].isin(pool["together"][held_out])]
        dealt = _dealt(rest, sizes, rng)
        sizes["test"] = n_test
        dealt |= _dealt(pool[held_out], {"test": n_test}, rng)
    return {part: balanced(table, sizes[part], f"{entry.name}/{part}", rng) for part, table in dealt.items()}


def examples(
    entry: Dataset,
    split: str,
    seed: int = 0,
    data: str | Path | None = None,
    most: int = MOST,
    report: Report | None = None,
    words: dict[str, int] | None = None,
    allow_rejected: bool = False,
) -> pd.DataFrame:
    """The examples of a split of the hub, in the order of its rows.

    The columns are text, label, group and where (file and row). A broken row is counted in `report`, with its
    place and the reason. `words` takes up what became of labels that are words. Rows that the dataset leaves
    out on purpose, as neutral tweets, are not counted. Raises what `load` raises, and ValueError where more
    than half of the rows are broken, unless `allow_rejected`.
    """
    where = str(file_in(entry, split, data)) if data else str(entry.address(split))
    report, words = Report() if report is None else report, {} if words is None else words
    usable, broken = [], []
    for number, row in _rows(entry, split, seed, data, most):
        place = f"{where}, row {number}"
        try:
            offers, group = _offers(entry, row)
        except KeyError as error:
            columns = ", ".join(map(str, row))
            why = f"{where} has no column {error}, but {columns}"
            raise ValueError(f"{entry.name}: {why}; {_remedy(entry, data)}") from None
        except (AttributeError, IndexError, TypeError, ValueError) as error:
            why = error if isinstance(error, Rejected) else Rejected("cannot be read", error)
            broken.append((place, why))
            continue
        if offers:
            usable.append((*toss(offers, seed), group, place))
            label = row.get(entry.label)
            if isinstance(label, str) and len(offers) == 1:
                words[label.strip()] = offers[0][1]
    if len(broken) > len(usable) and not allow_rejected:
        raise ValueError(_mostly_broken(entry, broken, len(broken) + len(usable), data))
    report.read, report.kept = report.read + len(broken) + len(usable), report.kept + len(usable)
    for place, why in broken:
        report.reject(place, why)
    return pd.DataFrame(usable, columns=["text", "label", "group", "where"])


def _offers(entry: Dataset, row: Mapping) -> tuple[list[tuple[str, int]], tuple[str, ...]]:
    """The texts that a row can give, each with its label, and the group of the row."""
    assert entry.read is not None, f"{entry.name} holds comparisons"
    offers, group = entry.read(row)
    return [(text_in({"offer": text}, "offer"), label_of(label)) for text, label in offers], group


def _mostly_broken(
    entry: Dataset, broken: list[tuple[str, Rejected]], rows: int, data: str | Path | None
) -> str:
    """The error for a file of which most rows are broken, with an example of the commonest reason."""
    ((reason, n),) = Counter(why.reason for _, why in broken).most_common(1)
    place, why = next(example for example in broken if example[1].reason == reason)
    share = f"{len(broken)} of {rows} rows are broken, {n} of them as {place}"
    return f"{entry.name}: {share} ({why}); {_remedy(entry, data, reason)}"


def _rows(entry: Dataset, split: str, seed: int, data: str | Path | None, most: int):
    """`hub.numbered_rows`, with errors that name the dataset and say what to do."""
    try:
        yield from numbered_rows(entry.address(split), most, seed, data)
    except ConnectionError as error:
        raise ConnectionError(f"{entry.name}: {error}") from error.__cause__
    except ValueError as error:
        raise ValueError(f"{entry.name}: {error}; {_remedy(entry, data)}") from error


def file_in(entry: Dataset, split: str, data: str | Path) -> Path:
    """The file of a split in the folder `data`.

    Raises FileNotFoundError that says how to fetch it.
    """
    try:
        return file_of(entry.address(split), data)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{entry.name}: {error}. Fetch it (python data_prep/mirror_datasets.py --only {entry.name}, "
            f"with {DATA}={data}), or unset {DATA} to load {entry.id} from the hub"
        ) from None


def _remedy(entry: Dataset, data: str | Path | None, reason: str = "") -> str:
    """What to do about a file that cannot be read, or that has rows which are broken for this reason."""
    remedy = "the dataset has changed on the hub"
    if data and DATASETS.get(entry.name) is entry:
        remedy = (
            f"fetch it anew (python data_prep/mirror_datasets.py --only {entry.name} --again), or, "
            "where the file is your own, put it right"
        )
    elif data:
        remedy = "put the file right"
    hidden = f"{REMEDIES['hidden label']}; or else "
    return hidden + remedy if reason in ("hidden label", "no label") else remedy


def splits_of(entry: Dataset) -> list[str]:
    """Every split of the hub that the dataset needs, the test's first: a text of both is the test's."""
    return list(dict.fromkeys([*entry.test.split("+"), *entry.train.split("+")]))


def toss(offers: list[tuple[str, int]], seed: int) -> tuple[str, int]:
    """The offer that is shown: a right one and a wrong one are equally likely.

    It is the same for the same seed and offers.
    """
    if len(offers) == 1:
        return offers[0]
    coin = random.Random(repr((seed, offers)))
    label = coin.randrange(2)
    return coin.choice([offer for offer in offers if offer[1] == label])


def _dealt(pool: pd.DataFrame, sizes: dict[str, int], rng: random.Random) -> dict[str, pd.DataFrame]:
    """Whole groups in random order, dealt so that the parts have rows in proportion to `sizes`."""
    pool = pool.iloc[rng.sample(range(len(pool)), len(pool))]
    pool = shuffled(pool, "together", rng).reset_index(drop=True)
    begins = pool.index.to_series().groupby(pool["together"]).transform("min")
    rows = list(sizes.values())
    part = np.searchsorted(np.cumsum(rows) / sum(rows) * len(pool), begins, side="right")
    return {name: pool[part == i] for i, name in enumerate(sizes)}
