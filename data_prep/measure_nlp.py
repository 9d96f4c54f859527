"""Measure the whole grid of notebooks 02 and 03: every task, every pair, both methods, five seeds.

    python data_prep/measure_nlp.py    # results/nlp_grid.csv, nlp_summary.csv, nlp_scaling.png
    python data_prep/measure_nlp.py --first 100 --seeds 20 --out results/fresh

Resumable: every run is kept in the store, and the table grows seed by seed. results/fresh gathers the seeds
that are to decide. Nobody looks at them before all are there; then they take the place of those in results.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from measuring import grow_grid, options

from w2s_kit import plots
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.store import Store
from w2s_kit.models.families import load_family
from w2s_kit.tasks import task_names

if __name__ == "__main__":
    args = options(__doc__).parse_args()
    names, store = load_family("miniworld").names, Store(args.store)
    summary = grow_grid(
        "nlp",
        args,
        task_names(),
        Settings(task=""),
        supervisors=names[:-1],
        students=names,
        methods=["naive", "confidence"],
        store=store,
        upward=True,
    )
    table = pd.read_csv(args.out / "nlp_grid.csv")
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    plots.accuracy_by_compute(table[table["method"] == "naive"], ax=left).set(title="naive students")
    plots.pgr_by_compute(summary, methods=("naive", "confidence"), ax=right, legend=False).set(
        title="naive (dotted), confidence loss (dashed)"
    )
    figure.savefig(args.out / "nlp_scaling.png", dpi=110, metadata={"Software": None})
