"""Measure how far words alone, and format alone, get in the datasets of `w2s_kit.tasks.nlp`.

    python data_prep/measure_leaks.py --data DIR    # a folder as W2S_DATA; results/leaks.csv, a minute

Only numbers are stored, never rows. The column `rows` says what was there:

    real                 those splits that the task itself uses (perhaps part of their rows)
    real, pooled SPLIT   that split only; its groups are dealt to all parts
    stand-in ID          another dataset of the same kind and columns
    absent               nothing
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

import pandas as pd
from measurements import here

from w2s_kit.tasks.hub import DATA
from w2s_kit.tasks.leaks import leaks
from w2s_kit.tasks.nlp.load import load
from w2s_kit.tasks.nlp.table import DATASETS, Dataset

SIZES = (1000, 700, 500, 350, 250, 150)  # of each part: the first for which there are enough


def measure(entry: Dataset, data: Path, seed: int = 0) -> dict:
    """A row of the table."""
    known = {"task": entry.name, "rows": "absent", "licence": entry.licence}
    if entry.read is None and (data / entry.id / "harmless-base/test.parquet").is_file():
        served = (
            replace(entry, config="harmless-base", train="test", test="test"),
            "real, pooled harmless-base test",
        )
    else:
        served = here(entry, data)
    if served is None:
        return known
    for size in SIZES:
        try:
            split = load(served[0], seed, size, size, data)
        except ValueError:
            continue
        return known | {"rows": served[1]} | leaks(split)
    return known | {"rows": f"{served[1]}, too few"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, default=os.environ.get(DATA), help=f"the folder (default: {DATA})"
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "results/leaks.csv")
    options = parser.parse_args()
    if not options.data:
        parser.error(f"say where the rows are: --data FOLDER, or {DATA}=FOLDER")
    rows = []
    for entry in DATASETS.values():
        rows.append(measure(entry, Path(options.data)))
        print(rows[-1], flush=True)
    table = pd.DataFrame(rows)
    table[["n_train", "n_test"]] = table[["n_train", "n_test"]].astype("Int64")
    table.round(3).to_csv(options.out, index=False)


if __name__ == "__main__":
    main()
