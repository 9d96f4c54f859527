"""What EleutherAI's replication claims: notebook 15."""

from __future__ import annotations

import pandas as pd

from .ledger import POINTS, SHARES, Table, Tables, anything, claim, judge, shares, table
from .pairs import NLP, above_chance, by_method, by_pair
from .resampled import PAIR, mean, most

INTERVENTIONS_GRID = Table("interventions_grid", anything(*PAIR, "method", "seed") | shares(*SHARES[:3]))
OWN_OPINION = ("naive", "confidence", "log_confidence")  # naive, and the two forms of the confidence loss
CHANGED = "Both were entered after the table of seeds 0 to 4 had been seen."


def _intervened(tables: Tables) -> pd.DataFrame:
    """One row a task and seed, a column a method, in points; tasks whose supervisor is above chance."""
    rows = by_method(table(tables, INTERVENTIONS_GRID))
    known = above_chance(by_pair(tables))[["task", "supervisor"]].drop_duplicates()
    accuracy = rows.filter(like=" student_accuracy").rename(columns=lambda name: name.rpartition(" ")[0])
    return (100 * accuracy).join(rows[[*PAIR, "seed"]]).merge(known, on=["task", "supervisor"])


@claim(
    "15",
    "language",
    "In EleutherAI's form, too, the confidence loss gains on naive finetuning.",
    "EleutherAI 2024: higher PGR on 16 of 21 datasets, one-sided p 0.135 (t), 0.079 (Wilcoxon)",
    "one pair of models, mean over tasks whose supervisor is above chance of accuracy with the loss − naive "
    "> 0; refuted: < 1 point",
    reads=(INTERVENTIONS_GRID, *NLP),
    changed=CHANGED,
)
def log_confidence_gains(tables):
    gain = lambda p: mean(p["log_confidence"] - p["naive"])
    return judge(_intervened(tables), gain, POINTS, smallest=1, sample=True)


@claim(
    "15",
    "language",
    "Of their other interventions none gains on naive finetuning.",
    "EleutherAI 2024: the others are not convincingly better",
    "same pair and tasks: largest over the others of the mean over tasks of accuracy − naive < 1 point; "
    "opposite: > 1",
    reads=(INTERVENTIONS_GRID, *NLP),
    changed=CHANGED,
)
def other_interventions_do_not_gain(tables):
    rows = _intervened(tables)
    others = [name for name in rows if name not in (*OWN_OPINION, *PAIR, "seed")]
    largest = lambda p: most(*(mean(p[name] - p["naive"]) for name in others))
    return judge(rows, largest, POINTS, above=1, opposite=1, sign=-1, sample=True)
