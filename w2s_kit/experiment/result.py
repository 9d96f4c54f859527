"""From three runs to accuracies, agreement and PGR (Section 3), and to rows of a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from ..metrics.answers import same_answers
from ..metrics.pgr import PGR, estimate_pgr
from .run import Run
from .store import Store

CELL = ["task", "supervisor", "student", "method"]


@dataclass(frozen=True)
class Result:
    """The three runs of an experiment, and the measures that the paper takes of them.

    Fields:

        supervisor    trained on ground truth; its predictions on the student's half are the weak labels
        student       trained on the weak labels
        ceiling       the student's model, trained on ground truth
        label         of the student's method, for tables; None: its name, as the run has it

    Raises ValueError for runs of different data or seeds.
    """

    supervisor: Run
    student: Run
    ceiling: Run
    label: str | None = None

    def __post_init__(self):
        runs = self.supervisor, self.student, self.ceiling
        if len({(run.config["data"], run.config["seed"]) for run in runs}) > 1:
            raise ValueError(
                "the three runs are of different data or seeds, so their accuracies cannot be compared"
            )

    @cached_property
    def pgr(self) -> PGR:
        """Of this one seed: the interval is over test items only. `summarise` has the one over seeds."""
        return estimate_pgr(*(run.correct()[None] for run in (self.supervisor, self.student, self.ceiling)))

    @cached_property
    def agreement(self) -> dict[str, float]:
        """How often student and supervisor agree on the test.

        Keys: overall, supervisor_right (where the supervisor is right), supervisor_wrong.
        """
        return same_answers(self.student.answers(), self.supervisor.answers(), self.student.labels())

    def row(self) -> dict:
        """One row of a tidy table.

        `label_accuracy` is how often the weak labels are right. It is measured on the student's half, so it
        says whether a supervisor is near chance without a look at the test. NaN where a run has none there.
        """
        has_labels = (self.supervisor.predictions["split"] == "student").any()
        config, same = self.student.config, self.agreement
        runs = {"supervisor": self.supervisor, "student": self.student, "ceiling": self.ceiling}
        return {
            "task": config["task"],
            "supervisor": self.supervisor.config["model"],
            "student": config["model"],
            "method": self.label or ("bootstrap" if "chain" in config else config["method"]),
            "seed": config["seed"],
            "hard_labels": config["hard_labels"],
            **{f"{who}_accuracy": run.accuracy() for who, run in runs.items()},
            "label_accuracy": self.supervisor.accuracy("student") if has_labels else np.nan,
            "agreement": same["overall"],
            "agreement_right": same["supervisor_right"],
            "agreement_wrong": same["supervisor_wrong"],
            **{
                f"{who}_{f}": runs[who].metrics[f]
                for f in ("parameters", "pretraining_flops")
                for who in ("supervisor", "student")
            },
            **{f"{who}_run": run.name for who, run in runs.items()},
        }

    def __str__(self) -> str:
        return (
            f"supervisor {self.supervisor.accuracy():.3f}, student {self.student.accuracy():.3f}, "
            f"ceiling {self.ceiling.accuracy():.3f}, PGR {self.pgr}{self._labels()}"
        )

    def _labels(self) -> str:
        """What the method made of the weak labels, in words."""
        told = self.student.metrics.get("labels", {})
        given = told.get("given")
        return "".join(f", {n} of {given} labels {what}" for what, n in told.items() if what != "given")


def summarise(
    table_or_runs: pd.DataFrame | Iterable[Result], store: Store | None = None, items: bool = True
) -> pd.DataFrame:
    """Means over seeds and PGR, one row a (task, supervisor, student, method).

    table_or_runs: a table as `grid` makes it, or `Result`s. store: has the runs of the table.
    items: PGR's interval is over seeds and test items, from the predictions in the store. False: over seeds
    alone, and no store is needed. Every seed has a test of its own, so of many seeds this is enough.
    `defined` is False where the ceiling does not clearly beat the supervisor, and `why` gives the reason.
    Raises ValueError when a seed stands there twice, as in a table of two settings: filter it first.
    """
    if isinstance(table_or_runs, pd.DataFrame):
        table, store = table_or_runs, store or Store()
        correct = lru_cache(maxsize=None)(lambda name: stored(store, name).correct())
    else:
        results = list(table_or_runs)
        table = pd.DataFrame([result.row() for result in results])
        correct = {
            run.name: run.correct() for r in results for run in (r.supervisor, r.student, r.ceiling)
        }.__getitem__
    means = [c for c in table if c.endswith("_accuracy") or c.startswith("agreement")]
    facts = [c for c in table if c.endswith(("_parameters", "_pretraining_flops"))]
    rows = []
    for pair, group in table.groupby(CELL, sort=False):
        twice = group["seed"][group["seed"].duplicated()]
        if len(twice):
            raise ValueError(f"seed {twice.iloc[0]} stands twice under {pair}: keep one setting of the table")
        everybody = ("supervisor", "student", "ceiling")
        right = [group[f"{who}_accuracy"] for who in everybody]
        if items:
            of_items = [[correct(name) for name in group[f"{who}_run"]] for who in everybody]
            if len({len(seed) for seed in of_items[0]}) == 1:  # else no table of items, only of accuracies
                right = of_items
        pgr = estimate_pgr(*map(np.array, right))
        rows.append(
            {
                **dict(zip(CELL, pair)),
                "seeds": len(group),
                **group[means].mean().to_dict(),
                **group[facts].iloc[0].to_dict(),
                "gap": pgr.gap.mean,
                "gap_low": pgr.gap.low,
                "gap_high": pgr.gap.high,
                "pgr": pgr.value,
                "pgr_low": pgr.low,
                "pgr_high": pgr.high,
                "defined": pgr.defined,
                "why": pgr.why,
            }
        )
    return pd.DataFrame(rows)


def stored(store: Store, name: str) -> Run:
    """The run `name` from the `store`. Raises ValueError where it is not there."""
    if (run := store.load(name)) is None:
        raise ValueError(
            f"run {name} of the table is not in {store.root}: make the table again with this store"
        )
    return run
