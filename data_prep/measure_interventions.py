"""Measure EleutherAI's interventions in the mini tier, for notebook 15: does any gain on naive finetuning?

    python data_prep/measure_interventions.py    # results/interventions_grid.csv, interventions_summary.csv

Resumable: every run is kept in the store. About an hour on two cores. One pair of models, as in their study,
on all tasks.
"""

from __future__ import annotations

import pandas as pd
from measuring import grow_tables, options, save_summary

from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.store import Store
from w2s_kit.tasks import task_names

PAIR = ("m", "xl")
# name in the table -> (method, options); options are the blog post's where they are not the kit's defaults
INTERVENTIONS = {
    "naive": ("naive", {}),
    "confidence": ("confidence", {}),
    "log_confidence": ("log_confidence", {}),
    "entropy": ("entropy", {}),
    "window": ("window", {}),
    "product": ("product", {}),
    "s2s": ("strong_to_strong", {"loss": "log_confidence"}),
    "knn filter": ("filter", {"by": "knn"}),
    "logistic filter": ("filter", {"by": "logistic"}),
    "topo filter": ("filter", {"by": "topo"}),
    "knn relabel": ("relabel", {"by": "knn"}),
    "logistic relabel": ("relabel", {"by": "logistic"}),
}


if __name__ == "__main__":
    args = options(__doc__).parse_args()
    store, (supervisor, student) = Store(args.store), PAIR

    def measure(seed: int) -> dict[str, pd.DataFrame]:
        one = lambda method, chosen: grid(
            task_names(),
            [supervisor],
            [student],
            {method: chosen},
            [seed],
            Settings(task=""),
            store,
            args.jobs,
        )
        # one by one: a method stands here with several options
        tables = [one(*chosen).assign(method=name) for name, chosen in INTERVENTIONS.items()]
        return {"interventions_grid": pd.concat(tables, ignore_index=True)}

    tables = grow_tables(["interventions_grid"], args, measure)
    save_summary(tables["interventions_grid"], args.out, "interventions")
