"""Measure the whole grid of notebooks 02 and 03: every task, every pair, both methods, five seeds.

    python data_prep/measure_nlp.py    # results/nlp_grid.csv, nlp_summary.csv, and the README's two pictures
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

TASK, SUPERVISOR, STUDENT = "danger", "s", "xl"  # the README's example


def at_a_glance(table: pd.DataFrame):
    """Who learns from what, and how far it gets them: the mean over seeds of one task and pair."""
    pair = dict(task=TASK, supervisor=SUPERVISOR, student=STUDENT, method="naive")
    runs = table[(table[list(pair)] == pd.Series(pair)).all(axis=1)]
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6), width_ratios=(3, 2), layout="constrained")
    plots.split_diagram(ax=left)
    accuracies = [runs[f"{who}_accuracy"].mean() for who in ("supervisor", "student", "ceiling")]
    plots.pgr_bars(*accuracies, items=500 * len(runs), ax=right)
    return figure


def scaling(table: pd.DataFrame, summary: pd.DataFrame):
    """Accuracy and PGR of all pairs, medians over tasks."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    plots.accuracy_by_compute(table[table["method"] == "naive"], ax=left).set(title="naive students")
    plots.pgr_by_compute(summary, methods=("naive", "confidence"), ax=right, legend=False).set(
        title="naive (dotted), confidence loss (dashed)"
    )
    return figure


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
    for name, picture in (("experiment", at_a_glance(table)), ("scaling", scaling(table, summary))):
        picture.savefig(args.out / f"nlp_{name}.png", dpi=110, metadata={"Software": None})
