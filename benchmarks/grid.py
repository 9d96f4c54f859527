"""What the run store saves: a small grid with an empty store, again with a full one, and pair by pair without sharing.

    python benchmarks/grid.py [--sizes xs s m] [--methods naive confidence] [--task nli] [--threads 1]

Pair by pair means that every (supervisor, student, method) trains its own supervisor, student and ceiling.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from finetuning import report, start  # first: it switches the model hub off

import pandas as pd

from w2s_kit.experiment import Settings, grid, three_stages
from w2s_kit.models import load_family
from w2s_kit.store import Store


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=["xs", "s", "m"], help="students no smaller than their supervisor (default: xs s m)")
    parser.add_argument("--methods", nargs="+", default=["naive", "confidence"])
    parser.add_argument("--task", default="nli")
    args, facts = start(parser)
    settings = Settings(args.task)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        size = {spec.name: spec.parameters for spec in load_family()}
        pairs = [(w, s, m) for w in args.sizes for s in args.sizes if size[s] >= size[w] for m in args.methods]
        three_stages(settings, args.sizes[0], args.sizes[0], store=Store(folder / "warm-up"))  # draws the data, too
        shared = Store(folder / "shared")

        def with_store():
            return grid([settings.task], args.sizes, args.sizes, args.methods, settings=settings, store=shared, upward=True)

        def pair_by_pair():
            own = [Store(folder / f"own-{i}") for i in range(len(pairs))]
            return pd.DataFrame([three_stages(settings, *pair, store=store).row() for pair, store in zip(pairs, own)]), own

        rows = []

        def timed(what, work):
            start = time.perf_counter()
            made = work()
            rows.append({"what": what, "pairs": len(pairs), "seconds": time.perf_counter() - start})
            return made

        first = timed("empty store", with_store)
        rows[-1]["trainings"] = len(shared.names())
        again = timed("full store", with_store)
        rows[-1]["trainings"] = len(shared.names()) - rows[0]["trainings"]
        apart, own = timed("pair by pair", pair_by_pair)
        rows[-1]["trainings"] = sum(len(store.names()) for store in own)
    pd.testing.assert_frame_equal(first, again)
    pd.testing.assert_frame_equal(first, apart)
    table = pd.DataFrame(rows)
    table["times_empty_store"] = table["seconds"] / table["seconds"][0]
    report("grid", table, facts | {"task": args.task, "sizes": " ".join(args.sizes), "methods": " ".join(args.methods)},
           "All three ways gave the same table, to the last digit.")


if __name__ == "__main__":
    main()
