"""A table in memory becomes a file, so that it has a name like every other task."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd

from ...shared.files import written_whole
from .name import PREFIX


def own_task(table: pd.DataFrame, name: str = "mine", folder: str | Path = "own_data") -> str:
    """The name of a task of your own, for a table with the columns text, label, and perhaps group and split.

    The table is written as `folder`/`name`-DIGEST.csv, and the name is "rows:" and this file. So everything
    that takes the name of a task takes it, in other processes and on the command line, too. The digest is of
    the content: another table is another task. What stands for other columns in a name may be added,
    `own_task(table) + "?label=answer"`. Raises ValueError for what is no table with rows, for a column that
    stands twice, and for a name with a path in it.
    """
    if not isinstance(table, pd.DataFrame) or table.empty:
        raise ValueError(f"a table with rows is expected, not {type(table).__name__}: {str(table)[:80]!r}")
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
