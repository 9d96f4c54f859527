"""What is claimed of models that err alike: notebook 26."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...metrics.answers import AT_CHANCE
from .ledger import POINTS, Table, Tables, Verdict, anything, claim, judge, shares, table, within
from .pairs import above_chance, gapped, recovered
from .resampled import PAIR, NotMeasured, mean, rank_correlation, slopes

ALIKE = Table(
    "alike",
    anything(*PAIR, "what", "overlap", "seed", "supervisor_accuracy", "student_accuracy", "ceiling_accuracy")
    | shares("label_accuracy")
    | within(-1, 1, "capa"),
)
GOEL = "Goel et al. 2025 (2502.04313)"
#: Of all claims here.
TRIED = (
    "Entered after trials on seeds 50 to 52, which also chose the settings of the dial. Judged on seeds from "
    "100 on."
)
#: Of ranks, which took float noise for a difference at first.
TIED = f"{TRIED} Ties count as ties since the results had been seen; no verdict changed."
RANKS = "rank correlation {:+z.2f} [{:+z.2f}, {:+z.2f}]"
SIZES = ("xs", "s", "m", "l", "xl")


def _taught(tables: Tables) -> pd.DataFrame:
    """The pairs with a supervisor above chance and a clear gap."""
    rows = table(tables, ALIKE, what="pair")
    return gapped(above_chance(rows.assign(labels=100 * rows["label_accuracy"])))


@claim(
    "26",
    "later methods",
    "A student gains less where it errs more like its supervisor before it learns.",
    f"{GOEL}: the gain is higher when the two models are more different (project page)",
    "all pairs of four tasks with a clear gap and a supervisor above chance: rank correlation of gain and κp "
    f"(weak labels, at least {AT_CHANCE} % right, and the student's answers in words) < 0; opposite: > 0; "
    "refuted: > −0.2",
    reads=ALIKE,
    changed=TIED,
)
def alike_pairs_gain_less(tables):
    gain = lambda p: p["student_accuracy"] - p["supervisor_accuracy"]
    ranks = lambda p: rank_correlation(p["capa"], gain(p))
    return judge(_taught(tables), ranks, RANKS, smallest=0.2, sign=-1)


@claim(
    "26",
    "later methods",
    "A student also recovers a smaller share of its gap where it errs more like its supervisor.",
    f"a control of this kit for {GOEL}: pairs that err alike have smaller gaps, too",
    "the same pairs: rank correlation of PGR and κp < 0; opposite: > 0; refuted: > −0.2",
    reads=ALIKE,
    changed=TIED,
)
def alike_pairs_recover_less(tables):
    ranks = lambda p: rank_correlation(p["capa"], recovered(p))
    return judge(_taught(tables), ranks, RANKS, smallest=0.2, sign=-1)


@claim(
    "26",
    "later methods",
    "Models err more alike the larger they are.",
    f"{GOEL}: errors of models get more correlated as capabilities increase (project page)",
    "neighbours of the ladder asked in words, tasks on which each smaller one errs in > 1 %: slope of κp "
    "over the four pairs, mean over tasks, > 0 a size; opposite: < 0; refuted: < 0.01",
    reads=ALIKE,
    changed=TRIED,
)
def errors_grow_alike_with_size(tables):
    rows = table(tables, ALIKE, what="words")
    right = rows.groupby(["task", "supervisor"])["label_accuracy"].mean().groupby("task").max()
    rows = rows[rows["task"].map(right) < 0.99]
    if rows.empty:
        raise NotMeasured("no task on which every smaller model errs")
    rows = rows.assign(size=rows["student"].map(SIZES.index))
    return judge(
        rows,
        lambda p: mean(slopes(p["size"].astype(float), p["capa"], p.groups("task"))),
        "κp {:+z.3f} [{:+z.3f}, {:+z.3f}] a size",
        smallest=0.01,
    )


def _dial(tables: Tables, overlap: float, than: float) -> Verdict:
    """How much more the students of one overlap of errors are right than those of another."""
    rows = table(tables, ALIKE, what="dial")
    keys = ["task", "student", "seed"]
    at = {
        name: rows[rows["overlap"] == share].set_index(keys)["student_accuracy"].rename(name)
        for name, share in (("here", overlap), ("there", than))
    }
    both = pd.concat(at.values(), axis=1).reset_index().assign(supervisor="dial")
    if np.isnan(both[["here", "there"]]).any(axis=None) or both.empty:
        raise NotMeasured(f"no overlap {overlap:g} and {than:g} in alike.csv")
    return judge(both, lambda p: mean(100 * (p["here"] - p["there"])), POINTS, smallest=1, sign=-1)


@claim(
    "26",
    "later methods",
    "Of two supervisors of equal accuracy, the one that shares its student's errors teaches less.",
    f"this kit's dial for {GOEL}, who compare pairs of models and do not change one",
    "edible, m and l, labels of which 70 % are right: test accuracy, taught by errors that include all of "
    "the student's own − by as many at chance overlap (0.3), < 0; opposite: > 0; refuted: > −1 point",
    reads=ALIKE,
    changed=TRIED,
)
def shared_errors_cost_gains(tables):
    return _dial(tables, 1, 0.3)


@claim(
    "26",
    "later methods",
    "Of two supervisors of equal accuracy, the one that is right wherever its student errs teaches less.",
    "the other end of this kit's dial",
    "the same: taught by errors that include none of the student's own − by as many at chance overlap (0.3), "
    "< 0; opposite: > 0; refuted: > −1 point",
    reads=ALIKE,
    changed=TRIED,
)
def opposed_errors_cost_gains(tables):
    return _dial(tables, 0, 0.3)
