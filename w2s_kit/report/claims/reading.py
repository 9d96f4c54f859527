"""What Burns et al. (2023) claim of reading before reward modelling: notebook 07.

What the stage is worth depends on what the text holds. In these tables it holds reactions.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .ledger import PGR, POINTS, SHARES, Table, Tables, anything, claim, judge, shares, table
from .pairs import gapped, pgr
from .resampled import PAIR, mean, slope

REACTIONS = Table(
    "preference_reactions", anything(*PAIR, "reading", "seed") | shares(*SHARES[:3], "probe_true")
)
LEVEL = PGR.replace(":+z", ":z")
DIAL = {"answers only": 0, "half": 0.5, "all": 1}  # reading: the share of suggestions with their reaction
#: Of the claims about reactions.
TRIED = (
    "Entered after trials on seeds 50 to 52, in which reading reactions raised PGR by 0.20 [-0.07, 0.46], "
    "reactions about other nouns by 0.15 [0.09, 0.21], and the probe by 1.6 points [0.6, 2.6]; fixed before "
    "the seeds of this table."
)
#: Of the claims that were once about answers alone.
NOW_WITH_REACTIONS = (
    "Until now it was about answers alone, where on seeds 0 to 4 reading added -0.09 and PGR was 0.03; now "
    "about text with reactions. Changed after trials on seeds 50 to 52: with reactions PGR was 0.52, 0.23 "
    "and 0.53, naive 0.37, 0.11 and 0.22; fixed before the seeds of this table."
)


def by_reading(tables: Tables, *readings: str) -> pd.DataFrame:
    """One row a (task, supervisor, student, seed), with the columns that `pairs.pgr` asks for.

    In %: the accuracies `weak`, `naive` and `ceiling`, and for each of the `readings`, "all" for one, the
    student's under its name, its own "... ceiling", and the "... probe" for truth. Raises NotMeasured where
    one of the ceilings does not clearly beat the supervisor.
    """
    measured, parts = table(tables, REACTIONS), []
    for reading, name in {"none": "naive", **{name: name for name in readings}}.items():
        rows = gapped(measured[measured["reading"] == reading]).set_index([*PAIR, "seed"])
        ceiling = "ceiling" if reading == "none" else f"{name} ceiling"
        own = {"student_accuracy": name, "ceiling_accuracy": ceiling, "probe_true": f"{name} probe"}
        if reading == "none":
            own["supervisor_accuracy"] = "weak"
        parts.append(100 * rows[list(own)].rename(columns=own))
    return pd.concat(parts, axis=1, join="inner").sort_index().reset_index()


@claim(
    "07",
    "reward modelling",
    "A reading stage before the preferences adds ten points of PGR or more, if the text holds reactions.",
    "Burns et al. 2023, Section 5.2.2 and Fig. 10: 10 to 20 points, the ceiling having read as well",
    "m to xl, all suggestions with their reaction: PGR with the stage, for student and ceiling, − naive PGR "
    "> 0.10; opposite: < 0; refuted: < 0.10",
    reads=REACTIONS,
    changed=NOW_WITH_REACTIONS,
)
def reading_helps_reward_models(tables):
    rows = by_reading(tables, "all")
    return judge(rows, lambda p: mean(pgr(p, "all") - pgr(p, "naive")), PGR, above=0.1)


@claim(
    "07",
    "reward modelling",
    "With a reading stage, most of the gap stays.",
    "Burns et al. 2023, Section 5.2.2: PGR of 30 to 40 % at best, with stopping by ground truth",
    "m to xl, all suggestions with their reaction: PGR, student and ceiling having read, < 0.50; opposite: "
    "> 0.50",
    reads=REACTIONS,
    changed=NOW_WITH_REACTIONS,
)
def reading_does_not_close_the_gap(tables):
    rows = by_reading(tables, "all")
    return judge(rows, lambda p: mean(pgr(p, "all")), LEVEL, above=0.5, opposite=0.5, sign=-1)


@claim(
    "07",
    "reward modelling",
    "Reactions about nouns that the split never names raise PGR, too: they leak no fact of the task.",
    "a control: text that tells of the task's own nouns would be supervision by the back door",
    "m to xl, all suggestions with their reaction, on other nouns: PGR, student and ceiling having read, − "
    "naive PGR > 0; refuted: < 0.05",
    reads=REACTIONS,
    changed=TRIED,
)
def reactions_about_other_nouns_help(tables):
    rows = by_reading(tables, "other nouns")
    return judge(rows, lambda p: mean(pgr(p, "other nouns") - pgr(p, "naive")), PGR, smallest=0.05)


@claim(
    "07",
    "reward modelling",
    "Reading reactions makes the truth more salient than reading answers alone.",
    "Burns et al. 2023, Section 5.2.2: generative finetuning is to make the task's concept salient",
    "student xl, before any preference: a linear probe for truth on the last token, after reading all "
    "reactions − after reading none > 0; refuted: < 0.5 points",
    reads=REACTIONS,
    changed=TRIED,
)
def reactions_make_truth_salient(tables):
    rows = by_reading(tables, "all", "answers only")
    return judge(rows, lambda p: mean(p["all probe"] - p["answers only probe"]), POINTS, smallest=0.5)


@claim(
    "07",
    "reward modelling",
    "The more suggestions get their reaction in what is read, the more a student recovers.",
    "Burns et al. 2023, Section 5.2.2: what is read is to make the task's concept salient",
    "m to xl: slope of PGR, student and ceiling having read, against the share of suggestions with their "
    "reaction, 0, one half and 1, > 0; refuted: < 0.05",
    reads=REACTIONS,
    changed=TRIED,
)
def pgr_rises_with_reactions(tables):
    rows, read = by_reading(tables, *DIAL), np.array(list(DIAL.values()))
    by_share = lambda p: np.concatenate([pgr(p, reading) for reading in DIAL], axis=-1)
    return judge(rows, lambda p: slope(read, by_share(p)), PGR + " from none to all", smallest=0.05)
