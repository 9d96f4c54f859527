"""What Burns et al. (2023) claim of chess and of reward models: notebooks 04, 06 and 07."""

from __future__ import annotations

import pandas as pd

from .ledger import (
    MEDIAN_PGR,
    PGR,
    POINTS,
    SHARES,
    Table,
    Verdict,
    anything,
    claim,
    judge,
    shares,
    table,
)
from .pairs import by_pair, clear, gapped, pair_tables, pgr, recovered
from .resampled import PAIR, NotMeasured, mean, median, slope

CHESS, PREFERENCE = map(pair_tables, ("chess", "preference"))
DOSE, REAL_DOSE = (
    Table(name, anything(*PAIR, "n_train", "epochs", "seed") | shares(*SHARES, "zero_shot_accuracy"))
    for name in ("chess_dose", "chess_dose_real")
)
STOPPING = Table(
    "preference_stopping", anything(*PAIR[1:], "method", "seed") | shares(*SHARES[:3], "stopped_accuracy")
)

FAIR = "generative, fair"  # students with a reading stage, against ceilings that have read as well

#: The two doses of weak labels: students are asked for what they know, or taught.
ASKED, TAUGHT = {"n_train": 1_000, "epochs": 2}, {"n_train": 4_000, "epochs": 5}
#: The largest dose that 40,000 real puzzles allow; the paper's is 50,000 and 5.
TAUGHT_LONG = {"n_train": 16_000, "epochs": 5}
#: Of the paper's claims at the larger dose.
RAISED = (
    "The dose was raised, from 1,000 puzzles and 2 epochs, after seeds 0 to 9 and 50 to 54 had been seen, "
    "and the pairs were chosen then: at this dose xs → s had recovered nothing, and m → l has a gap of 3 "
    "points only. Judged on seeds from 100 on."
)
#: Of the same claims on real puzzles.
REAL = (
    "Entered after a trial on seed 50, in which s → m recovered 0.47, xs → m 0.07 and xs → l 0.11; judged on "
    "seeds from 100 on."
)
#: Of the claims that say why.
EXPLAINED = "Entered after trials at both doses, on seeds 50 to 54; judged on seeds from 100 on."


def _taught(tables, supervisors, students, of: Table = DOSE, dose=TAUGHT) -> pd.DataFrame:
    """The rows of these pairs at the larger dose, of those with a clear gap."""
    rows = gapped(table(tables, of, **dose))
    return rows[rows["supervisor"].isin(supervisors) & rows["student"].isin(students)]


def _falls_with_gap(rows: pd.DataFrame) -> Verdict:
    """The verdict on a slope of PGR over the gap, per 10 points, below 0."""
    gap = lambda p: 100 * (p["ceiling_accuracy"] - p["supervisor_accuracy"])
    falls = lambda p: 10 * slope(gap(p), recovered(p))
    return judge(rows, falls, PGR + " per 10 points", sign=-1, smallest=0.02)


def _next_to_nothing(rows: pd.DataFrame) -> Verdict:
    """The verdict on a PGR below a tenth."""
    return judge(rows, lambda p: median(recovered(p)), PGR, above=0.1, opposite=0.1, sign=-1)


def _above_forty_percent(rows: pd.DataFrame) -> Verdict:
    """The verdict on a PGR above 0.40."""
    return judge(rows, lambda p: median(recovered(p)), PGR, above=0.4)


def _beside_asked(taught: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Both doses in one row; the columns of the smaller one end in "_asked"."""
    return taught.merge(asked, on=[*PAIR, "seed"], suffixes=("", "_asked"), validate="one_to_one")


def _more(tables, agreement: str, pairs) -> Verdict:
    """How much the larger dose adds to an agreement, in points: the mean over pairs of models."""
    both = _beside_asked(table(tables, DOSE, **TAUGHT), table(tables, DOSE, **ASKED))
    both = both[both.set_index(["supervisor", "student"]).index.isin(pairs)]
    added = lambda p: mean(100 * (p[agreement] - p[f"{agreement}_asked"]))
    return judge(both, added, POINTS, smallest=2)


@claim(
    "04",
    "chess",
    "On chess puzzles, PGR falls as the gap grows.",
    "Burns et al. 2023, Section 4.2 and Fig. 3e",
    "4,000 puzzles, 5 epochs, supervisors xs and s, students m and l: slope of PGR over pairs with a clear "
    "gap < 0, per 10 points of gap; refuted: > −0.02",
    reads=DOSE,
    changed=RAISED,
)
def chess_pgr_falls_with_gap(tables):
    return _falls_with_gap(_taught(tables, ["xs", "s"], ["m", "l"]))


@claim(
    "04",
    "chess",
    "On chess puzzles, a naive student across the largest gap recovers next to nothing.",
    "Burns et al. 2023, Section 4.2: PGR near zero for the smallest supervisors",
    "4,000 puzzles, 5 epochs, smallest supervisor and largest student, xs → l: PGR < 0.10; opposite: > 0.10",
    reads=DOSE,
    changed=RAISED,
)
def chess_largest_gap(tables):
    return _next_to_nothing(_taught(tables, ["xs"], ["l"]))


@claim(
    "04",
    "chess",
    "On chess puzzles, a naive student across a small gap recovers more than 40 %.",
    "Burns et al. 2023, Section 4.2: PGR above 40 % for small gaps",
    "4,000 puzzles, 5 epochs, the smaller gap, s → m: PGR > 0.40; opposite: < 0; refuted: < 0.40",
    reads=DOSE,
    changed=RAISED,
)
def chess_small_gaps(tables):
    return _above_forty_percent(_taught(tables, ["s"], ["m"]))


@claim(
    "04",
    "chess",
    "On real puzzles and at a dose near the paper's, PGR falls as the gap grows.",
    "Burns et al. 2023, Section 4.2 and Fig. 3e, from 50,000 puzzles and 5 epochs",
    "puzzles of Lichess, 16,000 and 5 epochs, supervisors xs and s, students m and l: slope of PGR over "
    "pairs with a clear gap < 0, per 10 points of gap; refuted: > −0.02",
    reads=REAL_DOSE,
    changed=REAL,
)
def real_puzzles_pgr_falls_with_gap(tables):
    return _falls_with_gap(_taught(tables, ["xs", "s"], ["m", "l"], REAL_DOSE, TAUGHT_LONG))


@claim(
    "04",
    "chess",
    "On real puzzles and at a dose near the paper's, a student across the largest gap recovers next to "
    "nothing.",
    "Burns et al. 2023, Section 4.2: PGR near zero for the smallest supervisors",
    "puzzles of Lichess, 16,000 and 5 epochs, xs → l: PGR < 0.10; opposite: > 0.10",
    reads=REAL_DOSE,
    changed=REAL,
)
def real_puzzles_largest_gap(tables):
    return _next_to_nothing(_taught(tables, ["xs"], ["l"], REAL_DOSE, TAUGHT_LONG))


@claim(
    "04",
    "chess",
    "On real puzzles and at a dose near the paper's, a student across a small gap recovers more than 40 %.",
    "Burns et al. 2023, Section 4.2: PGR above 40 % for small gaps",
    "puzzles of Lichess, 16,000 and 5 epochs, the smaller gap, s → m: PGR > 0.40; opposite: < 0; "
    "refuted: < 0.40",
    reads=REAL_DOSE,
    changed=REAL,
)
def real_puzzles_small_gap(tables):
    return _above_forty_percent(_taught(tables, ["s"], ["m"], REAL_DOSE, TAUGHT_LONG))


@claim(
    "04",
    "chess",
    "Across the largest gap, a larger dose of puzzles and weak labels recovers less.",
    "an explanation of the above: what a supervisor gets wrong in the same way, a student learns",
    "puzzles of Lichess, xs → l: PGR at 16,000 puzzles and 5 epochs − at 1,000 and 2 < 0; refuted: > −0.05",
    reads=REAL_DOSE,
    changed=REAL,
)
def larger_doses_recover_less(tables):
    both = _beside_asked(*(_taught(tables, ["xs"], ["l"], REAL_DOSE, dose) for dose in (TAUGHT_LONG, ASKED)))
    less = lambda p: mean(recovered(p) - recovered(p, ending="_asked"))
    return judge(both, less, PGR, sign=-1, smallest=0.05)


@claim(
    "04",
    "chess",
    "More weak labels average a supervisor's noise out: its students follow it more where it is right.",
    "an explanation of the above: noise of a supervisor averages out over examples",
    "s → m and s → l: mean agreement where the supervisor is right, at 4,000 puzzles and 5 epochs − at 1,000 "
    "and 2 > 0; refuted: < 2 points",
    reads=DOSE,
    changed=EXPLAINED,
)
def more_labels_average_noise_out(tables):
    return _more(tables, "agreement_right", [("s", "m"), ("s", "l")])


@claim(
    "04",
    "chess",
    "More weak labels also copy more of its errors, across a wide gap.",
    "an explanation of the above: what a supervisor gets wrong in the same way, a student learns",
    "xs → l: agreement where the supervisor is wrong, at 4,000 puzzles and 5 epochs − at 1,000 and 2 > 0; "
    "refuted: < 2 points",
    reads=DOSE,
    changed=EXPLAINED,
)
def more_labels_copy_more_errors(tables):
    return _more(tables, "agreement_wrong", [("xs", "l")])


@claim(
    "04",
    "chess",
    "Across the widest gap a student ends below what it could do before it learned.",
    "Burns et al. 2023, Fig. 15: some students end below zero-shot",
    "4,000 puzzles, 5 epochs, xs → l: student − the same model zero-shot < 0; refuted: > −1 point",
    reads=DOSE,
    changed=EXPLAINED,
)
def students_end_below_zero_shot(tables):
    rows = table(tables, DOSE, **TAUGHT).query("supervisor == 'xs' and student == 'l'")
    lost = lambda p: mean(100 * (p["student_accuracy"] - p["zero_shot_accuracy"]))
    return judge(rows, lost, POINTS, sign=-1, smallest=1)


@claim(
    "06",
    "reward modelling",
    "On reward modelling, naive finetuning recovers about a tenth of the gap, rarely more than a fifth.",
    "Burns et al. 2023, Section 4.2 and Fig. 3f: about 10 %, almost never above 20 %",
    "median PGR over pairs with a clear gap < 0.20; opposite: > 0.20",
    reads=PREFERENCE,
)
def reward_pgr_is_low(tables):
    return judge(
        clear(by_pair(tables, of=PREFERENCE)),
        lambda p: median(pgr(p, "naive")),
        MEDIAN_PGR,
        above=0.2,
        opposite=0.2,
        sign=-1,
    )


@claim(
    "06",
    "reward modelling",
    "A naive reward model stopped by ground truth would recover more.",
    "Burns et al. 2023, Section 5.1.1: about 5 points of PGR",
    "students of the largest size: median PGR over supervisors, stopped − at the end > 0, on examples not "
    "stopped by; refuted: < 0.025",
    reads=(*PREFERENCE, STOPPING),
    changed="Seeds 0 to 4 had left it undecided. The criterion stayed, and seeds 100 to 123 judge.",
)
def stopping_by_truth_gains(tables):
    known = clear(by_pair(tables, of=PREFERENCE)).drop_duplicates(PAIR).set_index(PAIR[1:]).index
    ends = table(tables, STOPPING, method="naive").assign(task="preference")
    ends = ends[ends.set_index(PAIR[1:]).index.isin(known)]
    if ends.empty:
        raise NotMeasured("no such pair whose ceiling clearly beats its supervisor")
    return judge(ends, lambda p: median(recovered(p, "stopped_accuracy") - recovered(p)), PGR, smallest=0.025)


@claim(
    "07",
    "reward modelling",
    "A reading stage of the answers alone adds ten points of PGR or more.",
    "Burns et al. 2023, Section 5.2.2 and Fig. 10: 10 to 20 points, the ceiling having read as well",
    "median over pairs of PGR with the stage, for student and ceiling, − naive PGR > 0.10; opposite: < 0; "
    "refuted: < 0.10",
    reads=PREFERENCE,
    changed="Until reactions were measured this was reading_helps_reward_models, refuted on seeds 0 to 4; "
    "criterion and table are as before.",
)
def reading_answers_alone_helps(tables):
    pairs = clear(by_pair(tables, FAIR, of=PREFERENCE))
    return judge(pairs, lambda p: median(pgr(p, FAIR) - pgr(p, "naive")), PGR, above=0.1)
