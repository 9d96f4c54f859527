"""A table in memory becomes a file, so that it has a name like every other task."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd

from ...shared.files import written_whole
from ..split import PARTS, Split, together
from .name import PREFIX


def own_task(table: pd.DataFrame | Split, name: str = "mine", folder: str | Path = "own_data") -> str:
    """The name of a task of your own, for a table with the columns text, label, and perhaps group and split.

    The table is written as `folder`/`name`-DIGEST.csv, and the name is "rows:" and this file. So everything
    that takes the name of a task takes it, in other processes and on the command line, too. The digest is of
    the content: another table is another task. What stands for other columns in a name may be added,
    `own_task(table) + "?label=answer"`. Where a name is wanted, the table itself may stand, too.

    A `Split` of questions with two answers keeps its three parts and what stands together; its fresh parts
    are left out. Raises ValueError for what is no table with rows, for a split of another kind, for a column
    that stands twice, and for a name with a path in it.
    """
    if isinstance(table, Split):
        table = _one_table(table)
    if not isinstance(table, pd.DataFrame) or table.empty:
        raise ValueError(
            f"a task is a name, a table with rows or a split, not {type(table).__name__}: {str(table)[:80]!r}"
        )
    if not table.columns.is_unique:
        twice = sorted(set(map(str, table.columns[table.columns.duplicated()])))
        raise ValueError(f"the columns {', '.join(twice)} stand twice in the table; rename one")
    if not name or Path(name).name != name:
        raise ValueError(f"name={name!r} names the file, so it has no folder in it; that is folder=...")
    content = table.to_csv(index=False, lineterminator="\n").encode()
    file = Path(folder) / f"{name}-{hashlib.sha256(content).hexdigest()[:12]}.csv"
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(file) as temporary:
            temporary.write_bytes(content)
    return f"{PREFIX}{file}"


def name_of(task: str | pd.DataFrame | Split) -> str:
    """The name of a task; that of a table or a split is made by `own_task`, and printed."""
    if isinstance(task, str):
        return task
    name = own_task(task)
    print(f"the {type(task).__name__} is written down as the task {name}")
    return name


def _one_table(split: Split) -> pd.DataFrame:
    """The three parts as one table, with their names in the column split."""
    if split.kind != "classes":
        raise ValueError(
            f"{split.name}: a split of {split.kind} does not fit into a table of texts and labels"
        )
    parts = [split.parts[part].assign(split=part) for part in PARTS]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(group=together(table["group"]))[["text", "label", "group", "split"]]
