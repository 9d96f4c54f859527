"""Measure what the run store saves: a grid with an empty store, with a full one, and pair by pair.

    python benchmarks/grid.py [--sizes xs s m l xl] [--methods naive] [--task nli] [--examples 250]
                              [--threads 1]

Every size is supervisor and student of every other and of itself. Pair by pair means that nothing is shared:
every (supervisor, student, method) trains its own supervisor, student and ceiling.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import pandas as pd
from instruments import report, start  # first: it switches the model hub off

from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.models.families import load_family


def fewest(supervisors: list[str], students: list[str], methods: list[str]) -> int:
    """Trainings without which the whole grid cannot be.

    Each supervisor and each ceiling is trained once, and each student.
    """
    return (
        len(set(supervisors))
        + len(set(students))
        + len({(w, s, m) for w in supervisors for s in students for m in methods})
    )


class Timed(Store):
    """A store that counts the seconds of what it cannot save.

    These are loading models, training them, and their predictions.
    """

    computing, trainings = 0.0, 0

    def run(self, config, compute):
        def timed():
            start = time.perf_counter()
            result = compute()
            self.computing += time.perf_counter() - start
            self.trainings += 1
            return result

        return super().run(config, timed)


def compare(settings: Settings, sizes: list[str], methods: list[str], folder: Path) -> pd.DataFrame:
    """One row for each of the three ways. Raises AssertionError where they do not give the same table."""
    pairs = [(w, s, m) for w in sizes for s in sizes for m in methods]

    def with_store():
        store = Timed(folder / "shared")
        return grid([settings.task], sizes, sizes, methods, settings=settings, store=store), [store]

    def pair_by_pair():
        own = [Timed(folder / f"own-{i}") for i in range(len(pairs))]
        return pd.DataFrame(
            [
                three_stages(settings, *pair, store=store, progress=False).row()
                for pair, store in zip(pairs, own)
            ]
        ), own

    # draws the data, too
    three_stages(settings, sizes[0], sizes[0], store=Store(folder / "warm-up"), progress=False)
    rows, tables = [], []
    for what, work in (
        ("empty store", with_store),
        ("full store", with_store),
        ("pair by pair", pair_by_pair),
    ):
        start = time.perf_counter()
        table, stores = work()
        seconds = time.perf_counter() - start
        tables.append(table)
        rows.append(
            {
                "what": what,
                "rows": len(pairs),
                "trainings": sum(store.trainings for store in stores),
                "fewest": fewest(sizes, sizes, methods),
                "seconds": seconds,
                "computing_s": sum(store.computing for store in stores),
                "finetuning_s": sum(
                    store.load(name).metrics["seconds"]
                    for store in stores
                    if store.trainings
                    for name in store.names()
                ),
            }
        )
    for other in tables[1:]:
        pd.testing.assert_frame_equal(tables[0], other)
    table = pd.DataFrame(rows)
    table["overhead"] = table["seconds"] / table["computing_s"].where(table["computing_s"] > 0) - 1
    return table.assign(times_empty_store=table["seconds"] / table["seconds"][0])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--family", default="miniworld", help="default: miniworld")
    parser.add_argument("--sizes", nargs="+", help="default: all of the family")
    parser.add_argument("--methods", nargs="+", default=["naive"])
    parser.add_argument("--task", default="nli")
    parser.add_argument(
        "--examples",
        type=int,
        default=250,
        help="in each half and in the test; the kit's own default is 500 (default: 250)",
    )
    args, facts = start(parser)
    settings = Settings(args.task, n_train=args.examples, n_test=args.examples, family=args.family)
    sizes = args.sizes or load_family(args.family).names
    with tempfile.TemporaryDirectory() as folder:
        table = compare(settings, sizes, args.methods, Path(folder))
    report(
        "grid",
        table,
        facts
        | {
            "task": args.task,
            "examples": args.examples,
            "sizes": " ".join(sizes),
            "methods": " ".join(args.methods),
        },
        "All three ways gave the same table, to the last digit. "
        "overhead: seconds / those of loading, finetuning and predicting, - 1.",
    )


if __name__ == "__main__":
    main()
