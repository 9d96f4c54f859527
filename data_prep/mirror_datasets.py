"""Fill a folder with the datasets of `w2s_kit.tasks.nlp`, on a machine that reaches the hub.

    python data_prep/mirror_datasets.py --data ~/w2s_data                 # all: 2.5 GB, most of it Amazon
    python data_prep/mirror_datasets.py --data ~/w2s_data --most 100000   # at most so many rows of each split
    python data_prep/mirror_datasets.py --data ~/w2s_data --only sciq --only boolq

W2S_DATA then names that folder. The script says of each split whether it loads, and if not, why. Finished
files are skipped (--again: they are fetched anew); a file appears under its name only when it is whole. Mind
the licences: most of the datasets may not be passed on.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from w2s_kit.shared.files import written_whole
from w2s_kit.shared.names import nearest
from w2s_kit.tasks.hub import DATA, from_hub
from w2s_kit.tasks.nlp.load import splits_of
from w2s_kit.tasks.nlp.table import DATASETS, Dataset


def mirror(entry: Dataset, split: str, data: Path, most: int = 0, again: bool = False) -> str:
    """What became of the split, in words. Raises ConnectionError where it does not load."""
    file = data / entry.id / entry.config / f"{split}.parquet"
    if file.exists() and not again:
        return "is there"
    rows = from_hub(entry.address(split))
    total = len(rows)
    if 0 < most < total:
        rows = rows.shuffle(seed=0).select(range(most))
    file.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(file) as temporary:
        rows.to_parquet(str(temporary))
    return f"{len(rows):,} of {total:,} rows, columns {', '.join(rows.column_names)}"


def main(arguments: list[str] | None = None) -> int:
    """The number of splits that do not load."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, default=os.environ.get(DATA), help=f"the folder (default: {DATA})"
    )
    parser.add_argument("--only", action="append", metavar="NAME", help="this dataset; may be repeated")
    parser.add_argument(
        "--most", type=int, default=0, metavar="N", help="at most N rows of a split, at random"
    )
    parser.add_argument("--again", action="store_true", help="fetch what is there anew")
    options = parser.parse_args(arguments)
    if not options.data:
        parser.error(f"say where: --data FOLDER, or {DATA}=FOLDER")
    for name in options.only or ():
        if name not in DATASETS:
            parser.error(nearest("dataset", name, DATASETS))
    failed, done = 0, set()
    for name in options.only or DATASETS:
        entry = DATASETS[name]
        for split in splits_of(entry):
            place = (entry.id, entry.config, split)  # two tasks may read one file
            if place in done:
                continue
            done.add(place)
            try:
                news = mirror(entry, split, Path(options.data), options.most, options.again)
            except (ConnectionError, OSError) as error:
                failed, news = failed + 1, f"DOES NOT LOAD: {error}"
            print(f"{name:24} {entry.id} {entry.config} {split} @{entry.revision[:12]}: {news}", flush=True)
    print(
        f"{len(done) - failed} of {len(done)} splits are in {options.data}"
        + ("" if failed else f"; set {DATA}={options.data}")
    )
    return failed


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
