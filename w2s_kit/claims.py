"""The ledger: what the literature claims, how it could fail here, and what we measured.

`python -m w2s_kit.claims` prints the scoreboard; `--write` puts it into the README and into results/claims.csv.

A claim is one function with its criterion beside it, fixed before the results were seen. It reads the tables of results/,
of a domain's `grid` (`experiment.grid`) and `summary` (`experiment.summarise`, whose `defined` says where the ceiling
clearly beats the supervisor, so that PGR exists). No number comes from elsewhere: what was not run is "not measured".
Intervals are 95 % and over seeds: tasks and models are the population, not a sample.
"""

from __future__ import annotations

import argparse
import math
import os
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import t

from . import figures
from .metrics import Interval, mean_interval
from .theory import variance_formula

VERDICTS = ("shows", "does not show", "opposite", "not measured")
USABLE = 55  # % median accuracy: a supervisor nearer to chance (50) has next to nothing to teach
PAIR = ["task", "supervisor", "student"]
SHARES = [f"{who}_accuracy" for who in ("supervisor", "student", "ceiling")] + ["agreement_right", "agreement_wrong"]
FLOPS = ["supervisor_pretraining_flops", "student_pretraining_flops"]
GRID, SUMMARY = [*PAIR, "method", "seed", *SHARES, *FLOPS], [*PAIR, "method", "gap", "defined"]
COLUMNS = {"nlp_grid": GRID, "nlp_summary": SUMMARY, "chess_grid": GRID, "chess_summary": SUMMARY,
           "preference_grid": GRID, "preference_summary": SUMMARY, "methods_grid": GRID, "methods_summary": SUMMARY,
           "preference_stopping": [*PAIR[1:], "method", "seed", *SHARES[:3], "stopped_accuracy"],
           "imitation": ["domain", *PAIR, "method", "seed", "cross_entropy_wrong"],
           "overfitting": [*PAIR, "method", "seed", *SHARES[:3], "stopped_accuracy", "weakly_stopped_accuracy"],
           "simulation": ["task", "structure", "student", "method", "seed", *SHARES[:3], "simulable"],
           "prompting": [*PAIR, "seed", FLOPS[1], "few_true", "naive"],
           "probing": [*PAIR, "seed", "lp_true", "ft_weak_lp_true", "ft_true"],
           "probe_grid": [*PAIR, "seed", *SHARES[:3]],
           "vision": [*PAIR, "seed", *SHARES[:3]],
           "dials": [*PAIR, "dial", "share", "seed", *SHARES[:3]],
           "deception": [*PAIR, "seed", "auc"],
           "real_grid": [*PAIR, "method", "seed", *SHARES[:3]],
           "theory_expansion": ["student", "C", "set", "seed", "accuracy", "alpha", "theorem"],
           "theory_misfit": ["setting", "seed", "r2", "slope", "held", "top2"],
           "theory_random_features": ["features", "width", "seed", "teacher_error", "student_error"],
           "theory_variance": ["n", "n_student", "shared", "seed", "supervisor_variance", "student_variance"],
           "reliability": [*PAIR, "seed", "naive", "unweighted", "filter", "weights", "kept", "dropped", "wrong_unweighted", "wrong_filter"],
           "two_stage": [*PAIR, "seed", "supervisor_accuracy", "ceiling_accuracy", "naive", "stage1", "stage2", "hard_stage1", "hard_stage2"],
           "two_stage_late": [*PAIR, "taught_by", "seed", "stopped", "end"],
           "ideas": [*PAIR, "seed", "naive", "adaptive", "bagged", "panel_mean", "co_supervision"],
           "arena": ["what", "seed", "public", "private"],
           "chess_chain": ["teacher", "student", "link", "seed", "student_accuracy", "ceiling_accuracy"]}
RANGES = {**dict.fromkeys(SHARES, (0, 1)), **dict.fromkeys(FLOPS, (1, 1e99)), "gap": (-1, 1), "defined": (0, 1),
          **dict.fromkeys(["stopped_accuracy", "weakly_stopped_accuracy", "few_true", "naive", "lp_true", "ft_weak_lp_true", "ft_true", "share", "auc", "accuracy", "teacher_error"], (0, 1)),
          **dict.fromkeys(["public", "private"], (-9, 9)),
          **dict.fromkeys(["adaptive", "bagged", "panel_mean", "co_supervision"], (0, 1)),
          **dict.fromkeys(["unweighted", "filter", "weights", "kept", "dropped", "wrong_unweighted", "wrong_filter",
                          "stage1", "stage2", "hard_stage1", "hard_stage2", "stopped", "end"], (0, 1)),
          **dict.fromkeys(["student_error", "supervisor_variance", "student_variance"], (0, 1e99))}
OPEN, CLOSE = "<!-- scoreboard -->", "<!-- /scoreboard -->"
POINTS, PGR = "{:+z.1f} [{:+z.1f}, {:+z.1f}] points", "PGR {:+z.2f} [{:+z.2f}, {:+z.2f}]"
MEDIAN_PGR = "median PGR {:z.2f} [{:z.2f}, {:z.2f}]"
FAIR = "generative, fair"  # students with a reading stage, against ceilings that have read as well
INTERVENTIONS = {"confidence": "confidence", "bootstrap": "bootstrap", "generative": FAIR}
DOMAINS = {"language": "methods", "chess": "chess", "reward modelling": "preference"}
Tables = Mapping[str, pd.DataFrame]
CLAIMS: list[Claim] = []


@dataclass(frozen=True)
class Verdict:
    """`figure` is for readers; `value`, `low` and `high` are the same numbers, NaN when not measured."""

    verdict: str
    figure: str
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan


@dataclass(frozen=True)
class Claim:
    id: str
    notebook: str
    statement: str
    source: str  # with the paper's own number where it is known, and how it is known
    criterion: str
    measure: Callable[[Tables], Verdict]


class NotMeasured(Exception):
    """The results to judge a claim by are not there; its text says which."""


def claim(notebook: str, statement: str, source: str, criterion: str):
    """Enters a function of the tables into the ledger, under its name."""
    def enter(function):
        def measure(tables: Tables) -> Verdict:
            try:
                return function(tables)
            except NotMeasured as reason:
                return Verdict("not measured", str(reason))
        CLAIMS.append(Claim(function.__name__, notebook, statement, source, criterion, measure))
        return measure
    return enter


# ------------------------------------------------------------------------------------------------ the claims
@claim("00", "Students finetuned naively on weak labels beat their supervisors on most tasks.",
       "Burns et al. 2023, Fig. 3a and 12",
       "median over tasks of student − supervisor > 0; a task is the mean of its pairs with a clear gap")
def students_beat_supervisors(tables):
    return _judge(_clear(_pairs(tables)), lambda p: (p["naive"] - p["weak"]).groupby(p["task"]).mean().median(), POINTS)


@claim("01", "Students agree with their supervisor more where it is right than where it is wrong.",
       "Burns et al. 2023, Section 5.1.3, Fig. 8b and 8c",
       "median over tasks and pairs of agreement where right − where wrong > 0")
def agreement_follows_truth(tables):
    return _judge(_answered(_pairs(tables)), lambda p: (p["right"] - p["wrong"]).median(), POINTS)


@claim("02", "Ceilings grow with pretraining compute.",
       "Burns et al. 2023, Fig. 5a: median ceiling 62 % to 90 % over the family (read off the figure, ±1)",
       "median over tasks of the slope of the ceiling > 0, in points per factor of 10 in compute")
def ceilings_grow(tables):
    models = _pairs(tables, upward=False).drop_duplicates(["task", "student", "seed"])
    return _judge(models, lambda m: _slopes(m, m["ceiling"], ["task"]).median(), POINTS + " per factor of 10")


@claim("02", "Naive finetuning recovers more than 20 % of the gap on language tasks.",
       "Burns et al. 2023, Fig. 3d: more than 20 % even for very weak supervisors",
       "median PGR over tasks and pairs > 0.20; opposite: < 0")
def naive_pgr_above_20(tables):
    return _judge(_clear(_pairs(tables)), lambda p: _pgr(p, "naive").median(), MEDIAN_PGR, above=0.2)


@claim("02", "For a fixed supervisor, PGR grows with the student.",
       "Burns et al. 2023, Fig. 3d; for the weakest supervisor almost flat, 0.25 to 0.275 (Fig. 5b, read off the figure, ±0.01)",
       "median over tasks and supervisors of the slope of PGR > 0, per factor of 10 in the student's compute")
def pgr_grows_with_student(tables):
    # within a task: near pairs have a clear gap on fewer tasks, so medians of small and large students are over different ones
    return _judge(_lines(_clear(_pairs(tables))), lambda p: _slopes(p, _pgr(p, "naive"), ["task", "supervisor"]).median(), PGR + " per factor of 10")


@claim("03", "The confidence loss raises PGR where the gap is largest.",
       "Burns et al. 2023, Fig. 5b: median PGR from about 0.25 to about 0.80",
       f"smallest supervisor with a median accuracy of {USABLE} % or more, largest student: median PGR with the loss − naive > 0")
def confidence_helps_across_large_gaps(tables):
    pairs = _pairs(tables, "confidence")
    accuracy = pairs.groupby(["supervisor_size", "task"])["weak"].mean().groupby("supervisor_size").median()
    usable = accuracy.index[accuracy >= USABLE]
    if usable.empty:
        raise NotMeasured(f"no supervisor has a median accuracy of {USABLE} %")
    ends = _clear(pairs[(pairs["supervisor_size"] == usable.min()) & (pairs["size"] == pairs["size"].max())])
    return _judge(ends, lambda p: _pgr(p, "confidence").median() - _pgr(p, "naive").median(), PGR)


@claim("03", "The confidence loss hurts students close to their supervisor's size.",
       "Burns et al. 2023, Fig. 5b: PGR 0.18 against 0.25 for the smallest student (read off the figure, ±0.01)",
       "student one size up: median over tasks of accuracy with the loss − naive < 0; a task is the mean of its pairs")
def confidence_hurts_near_pairs(tables):
    near = _pairs(tables, "confidence").query("step == 1")
    return _judge(near, lambda p: (p["confidence"] - p["naive"]).groupby(p["task"]).mean().median(), POINTS, sign=-1)


@claim("04", "On chess puzzles, PGR falls as the gap grows.",
       "Burns et al. 2023, Section 4.2 and Fig. 3e",
       "slope of PGR over pairs with a clear gap < 0, per 10 points of gap")
def chess_pgr_falls_with_gap(tables):
    pairs = _clear(_pairs(tables, domain="chess"))
    return _judge(pairs, lambda p: 10 * np.polyfit(p["ceiling"] - p["weak"], _pgr(p, "naive"), 1)[0], PGR + " per 10 points", sign=-1)


@claim("04", "On chess puzzles, a naive student across the largest gap recovers next to nothing.",
       "Burns et al. 2023, Section 4.2: PGR near zero for the smallest supervisors",
       "smallest supervisor, largest student: PGR < 0.10; opposite: > 0.10")
def chess_largest_gap(tables):
    return _judge(_clear(_ends(_pairs(tables, domain="chess"))), lambda p: _pgr(p, "naive").median(), PGR, above=0.1, opposite=0.1, sign=-1)


@claim("04", "On chess puzzles, a naive student across a small gap recovers more than 40 %.",
       "Burns et al. 2023, Section 4.2: PGR above 40 % for small gaps",
       "students one size up: median PGR over pairs > 0.40; opposite: < 0")
def chess_small_gaps(tables):
    return _judge(_clear(_pairs(tables, domain="chess").query("step == 1")), lambda p: _pgr(p, "naive").median(), MEDIAN_PGR, above=0.4)


@claim("05", "Bootstrapping raises PGR on chess puzzles where the gap is largest.",
       "Burns et al. 2023, Section 4.3.1 and Fig. 4",
       "smallest supervisor, largest student: PGR through two sizes between − direct > 0")
def bootstrapping_helps_across_large_gaps(tables):
    ends = _clear(_ends(_pairs(tables, "bootstrap", domain="chess")))
    return _judge(ends, lambda p: _pgr(p, "bootstrap").median() - _pgr(p, "naive").median(), PGR)


@claim("05", "Along a bootstrapping chain errors compound.",
       "a common objection to bootstrapping alone, as in iterated self-training",
       "slope of (ceiling − student) from link to link > 0, each student against its own ceiling, in points per link")
def errors_compound_along_a_chain(tables):
    chain = _table(tables, "chess_chain").rename(columns={"teacher": "supervisor"})
    chain = chain.assign(task="chess", naive=100 * chain["student_accuracy"], ceiling=100 * chain["ceiling_accuracy"])
    return _judge(chain, lambda c: np.polyfit(c["link"], c["ceiling"] - c["naive"], 1)[0], POINTS + " per link")


@claim("06", "On reward modelling, naive finetuning recovers about a tenth of the gap, rarely more than a fifth.",
       "Burns et al. 2023, Section 4.2 and Fig. 3f: about 10 %, almost never above 20 %",
       "median PGR over pairs with a clear gap < 0.20; opposite: > 0.20")
def reward_pgr_is_low(tables):
    return _judge(_clear(_pairs(tables, domain="preference")), lambda p: _pgr(p, "naive").median(), MEDIAN_PGR, above=0.2, opposite=0.2, sign=-1)


@claim("06", "A naive reward model stopped by ground truth would recover more.",
       "Burns et al. 2023, Section 5.1.1: about 5 points of PGR",
       "students of the largest size: median PGR over supervisors, stopped − at the end > 0, on examples not stopped by")
def stopping_by_truth_gains(tables):
    clear = _clear(_pairs(tables, domain="preference")).drop_duplicates(PAIR).set_index(PAIR[1:]).index
    ends = _rows(tables, "preference_stopping", method="naive").assign(task="preference")
    ends = ends[ends.set_index(PAIR[1:]).index.isin(clear)]
    if ends.empty:
        raise NotMeasured("no such pair whose ceiling clearly beats its supervisor")
    return _judge(ends, lambda p: (_recovered(p, "stopped_accuracy") - _recovered(p)).median(), PGR)


@claim("07", "A reading stage before the preferences adds ten points of PGR or more.",
       "Burns et al. 2023, Section 5.2.2 and Fig. 10: 10 to 20 points, the ceiling having read as well",
       "median over pairs of PGR with the stage, for student and ceiling, − naive PGR > 0.10; opposite: < 0")
def reading_helps_reward_models(tables):
    pairs = _clear(_pairs(tables, FAIR, domain="preference"))
    return _judge(pairs, lambda p: (_pgr(p, FAIR) - _pgr(p, "naive")).median(), PGR, above=0.1)


@claim("07", "With a reading stage, most of the gap stays.",
       "Burns et al. 2023, Section 5.2.2: PGR of 30 to 40 % at best, with stopping by ground truth",
       "median PGR over pairs, student and ceiling having read, < 0.50; opposite: > 0.50")
def reading_does_not_close_the_gap(tables):
    return _judge(_clear(_pairs(tables, FAIR, domain="preference")), lambda p: _pgr(p, FAIR).median(), MEDIAN_PGR, above=0.5, opposite=0.5, sign=-1)


@claim("07", "None of the three interventions helps in every domain.",
       "Burns et al. 2023, Section 6: no method works consistently",
       "confidence loss, bootstrapping, reading: each has a domain, of two or more, where a gain of 0.10 PGR is outside the interval; opposite: one gains in all its domains")
def no_intervention_is_consistent(tables):
    gains = intervention_gains(tables)
    known = gains[gains["verdict"] != "not measured"].groupby("method", sort=False)
    if known.ngroups < len(INTERVENTIONS) or (known.size() < 2).any():
        raise NotMeasured("an intervention was measured in fewer than two domains")
    fails, works = known["high"].min() < 0.1, known["low"].min() > 0
    verdict = "opposite" if works.any() else "shows" if fails.all() else "does not show"
    said = ", ".join(f"{method} gains in {(rows['verdict'] == 'shows').sum()} of {len(rows)} domains" for method, rows in known)
    return Verdict(verdict, said, *[float(fails.sum())] * 3)


def intervention_gains(tables: Tables) -> pd.DataFrame:
    """Methods x domains: what an intervention adds to naive PGR, median over tasks and the supervisors of the largest student.
    Columns method, domain, verdict, figure, value, low, high."""
    rows = []
    for method, name in INTERVENTIONS.items():
        for domain, prefix in DOMAINS.items():
            try:
                pairs = _pairs(tables, name, domain=prefix)
                found = _judge(_clear(pairs[pairs["size"] == pairs["size"].max()]), lambda p: (_pgr(p, name) - _pgr(p, "naive")).median(), PGR)
            except NotMeasured as reason:
                found = Verdict("not measured", str(reason))
            rows.append({"method": method, "domain": domain, **vars(found)})
    return pd.DataFrame(rows)


@claim("08", "Naive students agree with their supervisor more often than it is right.",
       "Burns et al. 2023, Section 5.1.3, Fig. 8a",
       "median over tasks and pairs of agreement − the supervisor's accuracy > 0")
def naive_students_imitate(tables):
    agree = lambda p: (p["right"] * p["weak"] + p["wrong"] * (100 - p["weak"])) / 100
    return _judge(_answered(_pairs(tables)), lambda p: (agree(p) - p["weak"]).median(), POINTS)


@claim("08", "Larger students agree less with their supervisor's errors.",
       "Burns et al. 2023, Section 5.1.3, Fig. 8c: inverse scaling",
       "median over tasks and supervisors of the slope of agreement where the supervisor is wrong < 0, in points per factor of 10 in compute")
def errors_are_imitated_less_by_larger_students(tables):
    return _judge(_answered(_lines(_pairs(tables))), lambda p: _slopes(p, p["wrong"], ["task", "supervisor"]).median(), POINTS + " per factor of 10", sign=-1)


@claim("08", "In cross-entropy, too, larger students are further from their supervisor's errors.",
       "Burns et al. 2023, Section 5.1.3: the trend holds for cross-entropy as well",
       "median over tasks and supervisors of the slope of the cross-entropy with wrong weak labels > 0, in nats per factor of 10 in compute")
def larger_students_are_further_from_errors(tables):
    keys = [*PAIR, "seed"]
    apart = _table(tables, "imitation").query("domain == 'language' and method == 'naive'")[[*keys, "cross_entropy_wrong"]]
    pairs = _answered(_lines(_pairs(tables))).merge(apart.rename(columns={"cross_entropy_wrong": "apart"}), on=keys)
    return _judge(pairs, lambda p: _slopes(p, p["apart"], ["task", "supervisor"]).median(), "{:+z.3f} [{:+z.3f}, {:+z.3f}] nats per factor of 10")


@claim("08", "The confidence loss lowers agreement most where the supervisor is wrong.",
       "Burns et al. 2023, Section 5.1.3, Fig. 8b and 8c",
       "median over tasks and pairs of (agreement lost to the loss where the supervisor is wrong − lost where it is right) > 0")
def confidence_lowers_agreement_with_errors(tables):
    lost = lambda p, where: p[where] - p[f"confidence {where}"]
    return _judge(_answered(_pairs(tables, "confidence")), lambda p: (lost(p, "wrong") - lost(p, "right")).median(), POINTS)


@claim("09", "A naive student stopped by ground truth would recover more.",
       "Burns et al. 2023, Section 5.1.1 and Fig. 13: about 15 points of PGR",
       "median over tasks and supervisors of PGR, stopped by ground truth − at the end > 0, on examples not stopped by")
def truth_stops_better_than_the_end(tables):
    return _judge(_gapped(_by_method(_table(tables, "overfitting"))), lambda p: (_recovered(p, "naive stopped_accuracy") - _recovered(p, "naive student_accuracy")).median(), PGR)


@claim("09", "Weak labels stop a naive student less well than ground truth would.",
       "Burns et al. 2023, Section 5.1.1 and Fig. 13: about 10 points of PGR",
       "median over tasks and supervisors of PGR, stopped by ground truth − by weak labels > 0, on examples not stopped by")
def truth_stops_better_than_weak_labels(tables):
    return _judge(_gapped(_by_method(_table(tables, "overfitting"))), lambda p: (_recovered(p, "naive stopped_accuracy") - _recovered(p, "naive weakly_stopped_accuracy")).median(), PGR)


@claim("09", "With the confidence loss there is less to gain by stopping than without.",
       "Burns et al. 2023, Section 5.1.1: about 5 points of PGR, against 15",
       "median over tasks and supervisors of the gain by ground truth, naive − with the loss > 0")
def confidence_overfits_less(tables):
    gain = lambda p, method: _recovered(p, f"{method} stopped_accuracy") - _recovered(p, f"{method} student_accuracy")
    return _judge(_gapped(_by_method(_table(tables, "overfitting"))), lambda p: (gain(p, "naive") - gain(p, "confidence")).median(), PGR)


def _structures(tables):
    return _by_method(_table(tables, "simulation").rename(columns={"structure": "supervisor"}))


@claim("10", "The better a student could simulate the errors of its labels, the less it recovers.",
       "Burns et al. 2023, Appendix E, Fig. 24 and 25",
       "over error structures, slope of naive PGR against what a linear probe of the student repeats of the errors < 0, means over tasks, per 0.1")
def simulable_errors_cost_pgr(tables):
    def slope(p):
        at = p.assign(pgr=_recovered(p, "naive student_accuracy")).groupby("supervisor")[["naive simulable", "pgr"]].mean()
        return np.polyfit(at["naive simulable"], at["pgr"], 1)[0] / 10

    return _judge(_gapped(_structures(tables)), slope, PGR + " per 0.1", sign=-1)


@claim("10", "The confidence loss helps where errors are easy to simulate.",
       "Burns et al. 2023, Appendix E, Fig. 25",
       "the three error structures that a linear probe repeats best: median over tasks and structures of PGR with the loss − naive > 0")
def confidence_helps_where_errors_are_simulable(tables):
    rows = _gapped(_structures(tables))
    best = rows.groupby("supervisor")["naive simulable"].mean().nlargest(3).index
    return _judge(rows[rows["supervisor"].isin(best)], lambda p: (_recovered(p, "confidence student_accuracy") - _recovered(p, "naive student_accuracy")).median(), PGR)


@claim("11", "Prompting gains on finetuning as models grow.",
       "Burns et al. 2023, Section 5.2.1 and Fig. 9: five examples in the prompt become competitive for the largest models",
       "median over tasks and supervisors of the slope of (prompted with true labels − naive student) > 0, in points per factor of 10 in compute")
def prompting_gains_with_size(tables):
    rows = _table(tables, "prompting").assign(size=lambda t: np.log10(t["student_pretraining_flops"].astype(float)))
    rows = rows[[*PAIR, "seed", "size", "few_true", "naive"]]
    return _judge(rows, lambda p: _slopes(p, 100 * (p["few_true"] - p["naive"]), ["task", "supervisor"]).median(), POINTS + " per factor of 10")


@claim("11", "Finetuning on weak labels makes the concept salient: a linear probe finds it more easily.",
       "Burns et al. 2023, Section 5.2.3 and Fig. 11: a probe for truth rises from 72 % to 78 %",
       "median over tasks and supervisors of a probe for truth on the student − on the pretrained model > 0, in points")
def weak_labels_make_concepts_salient(tables):
    return _judge(_table(tables, "probing"), lambda p: (100 * (p["ft_weak_lp_true"] - p["lp_true"])).median(), POINTS)


@claim("11", "A linear probe finds less in the pretrained model than finetuning does.",
       "Burns et al. 2023, Section 5.2.3 and Fig. 11: 72 % against 82 %",
       "median over tasks of finetuned on truth − probed for truth > 0, in points")
def finetuning_finds_more_than_a_probe(tables):
    return _judge(_table(tables, "probing"), lambda p: (100 * (p["ft_true"] - p["lp_true"])).median(), POINTS)


@claim("11", "With linear probes in place of finetuning, students still beat their supervisors.",
       "Burns et al. 2023, Appendix D.2 and Fig. 23",
       "median over tasks of student − supervisor > 0; a task is the mean of its pairs with a clear gap")
def probed_students_beat_supervisors(tables):
    rows = _gapped(_table(tables, "probe_grid"))
    return _judge(rows, _gained, POINTS)


@claim("12", "Beyond language: on digits, students with representations learned without labels recover 40 % or more.",
       "Burns et al. 2023, Appendix D.1: AlexNet to DINO, PGR 0.58 (ResNet-50) and 0.42 (ViT-B/8)",
       "median over representations of PGR > 0.40; opposite: < 0")
def vision_students_recover(tables):
    return _judge(_gapped(_table(tables, "vision")), lambda p: _recovered(p).median(), MEDIAN_PGR, above=0.4)


@claim("13", "The more of its pretraining text errs as its supervisor does, the less a student recovers.",
       "Burns et al. 2023, Section 6.1: imitation saliency, a disanalogy that their set-up does not have",
       "median over tasks of the slope of PGR against the share of such text < 0, from none to all")
def imitation_saliency_costs_pgr(tables):
    rows = _gapped(_rows(tables, "dials", dial="says"))
    return _judge(rows, lambda p: _slopes(p, _recovered(p), ["task"], "share").median(), PGR, sign=-1)


@claim("13", "The less its pretraining text told of the concept, the less a student makes of weak labels.",
       "Burns et al. 2023, Section 6.1: pretraining leakage, a disanalogy that their set-up has",
       "slope of the student's accuracy against the share of text about the concept that stays > 0, in points, from none to all")
def leakage_feeds_students(tables):
    return _judge(_rows(tables, "dials", dial="leak"), lambda p: _slopes(p, 100 * p["student_accuracy"], ["task"], "share").median(), POINTS)


@claim("13", "A student that hides where its supervisor cannot see is found out by a probe, and not by its outputs.",
       "Burns et al. 2023, Section 6 and Appendix G: deceptive models as an open problem",
       "where it cannot see: AUC of a probe's disagreement with the outputs, hiding against honest students, > 0.75; opposite: < 0.5")
def probes_find_hidden_disagreement(tables):
    return _judge(_table(tables, "deception"), lambda p: p["auc"].median(), "AUC {:z.2f} [{:z.2f}, {:z.2f}]", above=0.75, opposite=0.5)


@claim("14", "On real text, too, naive students beat their supervisors.",
       "Burns et al. 2023, Fig. 12: on most of 22 datasets",
       "median over datasets with a clear gap of student − supervisor > 0")
def real_students_beat_supervisors(tables):
    rows = _gapped(_rows(tables, "real_grid", method="naive"))
    return _judge(rows, _gained, POINTS)


@claim("14", "On real text, the confidence loss gains on naive finetuning.",
       "EleutherAI 2024: higher PGR on 16 of 21 datasets",
       "median over datasets of accuracy with the loss − naive > 0, in points")
def confidence_gains_on_real_text(tables):
    gain = lambda p: (100 * (p["confidence student_accuracy"] - p["naive student_accuracy"])).median()
    return _judge(_by_method(_table(tables, "real_grid")), gain, POINTS)


def _setting(tables, name):
    return _rows(tables, "theory_misfit", setting=name).assign(task=name, supervisor="weak", student="strong")


def _only_if(verdict: Verdict, holds: bool) -> Verdict:
    """A criterion's second condition: without it, the claim is not shown."""
    return verdict if holds or verdict.verdict != "shows" else replace(verdict, verdict="does not show")


@claim("16", "A student with a linear head gains on its supervisor exactly what it misfits the supervisor's labels by.",
       "Charikar, Pabbaraju and Shiragur 2024, Theorem 1 and Fig. 2a",
       "100 pairs with realizable heads: slope of gain against misfit within 0.9 and 1.1, and R² of gain = misfit > 0.9; opposite: slope < 0")
def gain_is_misfit(tables):
    rows = _setting(tables, "realizable")
    found = _judge(rows, lambda p: p["slope"].mean(), "slope {:z.2f} [{:z.2f}, {:z.2f}]", above=0.9)
    return _only_if(found, found.high < 1.1 and _over_seeds(rows, lambda p: p["r2"].mean()).low > 0.9)


@claim("16", "The supervisor to choose is the one whose error minus misfit is smallest.",
       "Charikar, Pabbaraju and Shiragur 2024, Table 1",
       "among ten supervisors, the student of the one chosen so is of the two best in > 0.8 of draws; opposite: < 0.2, which is chance")
def misfit_chooses_supervisors(tables):
    return _judge(_setting(tables, "choice"), lambda p: p["top2"].mean(), "share {:z.2f} [{:z.2f}, {:z.2f}]", above=0.8, opposite=0.2)


@claim("16", "A classifier that minimises KL(student ‖ weak labels) over mixtures gains its misfit, or more.",
       "Mulgund and Pabbaraju 2025",
       "100 draws: gain ≥ misfit − 0.001 in > 0.95 of them, and R² of gain = misfit > 0.9; opposite: in < 0.5")
def gain_is_misfit_in_kl(tables):
    rows = _setting(tables, "kl")
    found = _judge(rows, lambda p: p["held"].mean(), "share {:z.2f} [{:z.2f}, {:z.2f}]", above=0.95, opposite=0.5)
    return _only_if(found, _over_seeds(rows, lambda p: p["r2"].mean()).low > 0.9)


def _expansion(tables, **student):
    """One row a set of reviews and seed, the set in place of the student."""
    rows = _rows(tables, "theory_expansion", **student).rename(columns={"set": "student"}).assign(task="reviews", supervisor="list")
    return rows.assign(copied=(1 - rows["accuracy"] - rows["alpha"]).abs())


@claim("17", "A student that can state its supervisor's rule copies it, errors and all, and knows nothing beyond it.",
       "Lang, Sontag and Vijayaraghavan 2024 (2405.16043), Table 3 and Proposition 4.1: bag of words 89.5 and 67.1 %, as its supervisor, then 100 and 0 %",
       "bag of words: |error − its supervisor's| in either class, and the smaller accuracy where the supervisor is silent, all < 0.005; opposite: one > 0.05")
def students_copy_rules_that_they_can_state(tables):
    def worst(p):
        at = p.set_index("student")
        return max(at.loc[["S0", "S1"], "copied"].max(), at.loc[["T0", "T1"], "accuracy"].min())

    return _judge(_expansion(tables, student="words"), worst, "{:.3f} [{:.3f}, {:.3f}]", above=0.005, opposite=0.05, sign=-1)


@claim("17", "A student with pretrained features corrects its supervisor in the class with fewer errors, and is right where it is silent.",
       "Lang, Sontag and Vijayaraghavan 2024 (2405.16043), Table 3: 95.5 % against 89.5 %; silent 85.8 and 74.9 %, 81.8 % overall",
       "xl, smallest of: errors corrected (hated) − 3, accuracy where silent (each class) − 50, overall − 70, in points, > 0")
def features_correct_and_go_beyond(tables):
    def margin(p):
        at = p.set_index("student")
        accuracy = 100 * at["accuracy"]
        return min(accuracy["S0"] - 100 * (1 - at.loc["S0", "alpha"]) - 3, accuracy["T0"] - 50, accuracy["T1"] - 50, accuracy["all"] - 70)

    return _judge(_expansion(tables, student="xl", C=0.001), margin, POINTS)


@claim("17", "With exact neighbours, the theory promises correction in the class with fewer errors, and none in the other.",
       "Lang, Sontag and Vijayaraghavan 2024 (2405.16043), Table 1: error at most 0.05 where the supervisor errs in 0.11, at most 0.37 where it errs in 0.33",
       "xl, smaller of: supervisor's error − Theorem 4.1 (hated), Theorem 4.1 − supervisor's error (liked), in points, > 0; a theorem that does not apply says 1")
def expansion_tells_what_is_corrected(tables):
    def margin(p):
        at = 100 * p.set_index("student")[["alpha", "theorem"]]
        return min(at.loc["S0", "alpha"] - at.loc["S0", "theorem"], at.loc["S1", "theorem"] - at.loc["S1", "alpha"])

    return _judge(_expansion(tables, student="xl", C=0.001), margin, POINTS)


@claim("18", "Stopped in time, a student of random features has its supervisor's error to a power well above one.",
       "Medvedev et al. 2025: 2 for linear features, 1.49 proved for ReLU features",
       "slope of log student error against log supervisor error, over widths: ReLU > 1.4 with R² > 0.95, linear within 1.95 and 2.05; opposite: ReLU < 1")
def early_stopping_raises_the_power(tables):
    def powers(kind):
        rows = _rows(tables, "theory_random_features", features=kind)
        return rows.assign(task=kind, supervisor=rows["width"], student=kind, x=np.log(rows["teacher_error"]), y=np.log(rows["student_error"]))

    def slope(p):
        return np.polyfit(p["x"], p["y"], 1)[0]

    relu, linear = powers("relu"), _over_seeds(powers("linear"), slope)
    found = _judge(relu, slope, "power {:z.2f} [{:z.2f}, {:z.2f}]", above=1.4, opposite=1)
    straight = _over_seeds(relu, lambda p: np.corrcoef(p["x"], p["y"])[0, 1] ** 2)
    return _only_if(found, straight.low > 0.95 and 1.95 < linear.low <= linear.high < 2.05)


@claim("18", "A student inherits its supervisor's variance where their features overlap, and averages it away where they do not.",
       "Dong et al. 2025: σ²/n · (overlap + d_s/N · (d_w − overlap))",
       "20 cells of overlap, n and N: largest deviation from the formula, with n − d_w − 1 for n, < 12 %, student below supervisor in all; opposite: > 12 %")
def variance_is_inherited_in_the_overlap(tables):
    rows = _table(tables, "theory_variance")
    rows = rows.assign(task="variance", supervisor=rows["n"], student=[f"{shared} {n}" for shared, n in zip(rows["shared"], rows["n_student"])],
                       formula=[variance_formula(10, 20, *cell) for cell in zip(rows["shared"], rows["n"], rows["n_student"])])
    found = _judge(rows, lambda p: 100 * (p["student_variance"] / p["formula"] - 1).abs().max(), "{:z.1f} [{:z.1f}, {:z.1f}] % at most", above=12, opposite=12, sign=-1)
    cells = rows.groupby([*PAIR])[["supervisor_variance", "student_variance"]].mean()
    return _only_if(found, (cells["student_variance"] < cells["supervisor_variance"]).all())


def _asked_again(tables, better: str, than: str, **criterion) -> Verdict:
    return _judge(_table(tables, "reliability"), lambda p: (100 * (p[better] - p[than])).mean(), POINTS, **criterion)


@claim("19", "Where a supervisor contradicts itself, asked five times, its answers are more often wrong.",
       "Guo and Yang 2024 (2406.19032), Fig. 3 and 5: accuracy falls with the entropy of the answers",
       "mean over tasks of label accuracy, kept by the entropy filter − dropped > 20 points; opposite: < 0")
def self_contradiction_tells_errors(tables):
    return _asked_again(tables, "kept", "dropped", above=20)


@claim("19", "A student gains by leaving out the questions on which its supervisor contradicts itself.",
       "Guo and Yang 2024 (2406.19032), uncertainty filtering",
       "mean over tasks of student, filtered − naive > 0, and filtered − the same queries unfiltered > 0")
def entropy_filter_gains(tables):
    control = _asked_again(tables, "filter", "unweighted")
    return _only_if(_asked_again(tables, "filter", "naive"), control.verdict == "shows")


@claim("19", "A student gains by weighting each answer with how often its supervisor gives it.",
       "Guo and Yang 2024 (2406.19032), reliability re-weighting",
       "mean over tasks of student, reweighted − the same queries unweighted > 0")
def reliability_weights_gain(tables):
    return _asked_again(tables, "weights", "unweighted")


@claim("19", "Against errors of which the supervisor is sure, the filter is no help.",
       "the method's own premise: errors show as contradictions",
       "supervisor always wrong about one kind in four: student, filtered − unfiltered < 1 point; opposite: > 1")
def filter_is_no_help_against_sure_errors(tables):
    return _asked_again(tables, "wrong_filter", "wrong_unweighted", above=1, opposite=1, sign=-1)


@claim("20", "Trained for long, a student of weak labels declines, and a student of the truth does not.",
       "Burns et al. 2023, Section 5.1.1; Yao et al. 2025 (2502.01458): excessive optimisation overfits weak labels",
       "eight epochs, accuracy at its best − at the end > 1.5 points, on examples that did not say when it is best, and with true labels < 0.5; opposite: < 0")
def long_training_on_weak_labels_declines(tables):
    lost = lambda p: (100 * (p["stopped"] - p["end"])).mean()
    control = _judge(_rows(tables, "two_stage_late", taught_by="truth"), lost, POINTS)
    return _only_if(_judge(_rows(tables, "two_stage_late", taught_by="weak"), lost, POINTS, above=1.5), control.value < 0.5)


@claim("20", "Filtered by consistency, then relabelled by the student, weak labels recover more.",
       "Shi et al. 2025 (2503.04249): up to 100 % of the gap (abstract); 7.19 % to 120.50 % in one case (as told by a secondary source)",
       "median over tasks of PGR, two stages − naive > 0, and naive < first stage ≤ both")
def two_stages_recover_more(tables):
    rows = _gapped(_table(tables, "two_stage"))
    at = {name: _over_seeds(rows, lambda p: _recovered(p, name).median()).mean for name in ("naive", "stage1", "stage2")}
    found = _judge(rows, lambda p: (_recovered(p, "stage2") - _recovered(p, "naive")).median(), PGR)
    return _only_if(found, at["naive"] < at["stage1"] <= at["stage2"])


@claim("20", "The second stage brings back the hard questions that the filter threw away.",
       "Shi et al. 2025 (2503.04249): filtering alone costs difficulty and diversity",
       "the third of the test of which the supervisor is least sure, mean over tasks: accuracy after both stages − after the first > 0")
def relabelling_brings_back_hard_questions(tables):
    return _judge(_table(tables, "two_stage"), lambda p: (100 * (p["hard_stage2"] - p["hard_stage1"])).mean(), POINTS)


def _arena(tables: Tables) -> pd.DataFrame:
    return _table(tables, "arena").assign(task="arena", supervisor="arena", student=lambda rows: rows["what"])


@claim("25", "A search over methods that sees one half of the test gains on the other half, against baselines tuned as long.",
       "Wen, Qiu, Benton, Kirchner and Leike 2026: PGR 0.97 by automated researchers, 0.23 by people, on the test that both could query",
       "private PGR, best of 40 methods searched for − best of 40 settings of one-stage baselines, each by its public score, > 0")
def search_gains_on_the_private_half(tables):
    return _judge(_arena(tables), lambda p: (at := p.set_index("student")["private"])["searched"] - at["tuned"], PGR)


@claim("25", "What the search found on one task also gains on a task that it never saw.",
       "Wen, Qiu, Benton, Kirchner and Leike 2026: the best method of chat has PGR 0.94 on math, 0.47 on code; the second best fails on code",
       "danger, after a search on edible: private PGR, searched − best of 40 settings of one-stage baselines, both chosen on edible, > 0")
def found_methods_carry_over(tables):
    return _judge(_arena(tables), lambda p: (at := p.set_index("student")["private"])["searched, elsewhere"] - at["tuned, elsewhere"], PGR)


@claim("25", "Flipping one answer at a time reads the public labels off an open board, and nothing off a Ladder.",
       "Wen, Qiu, Benton, Kirchner and Leike 2026: labels exfiltrated by differences of scores; Blum and Hardt 2015: the Ladder",
       "from the supervisor's answers, PGR 0: smallest of public PGR − 0.9 (open), 0.1 − public PGR (Ladder), 0.1 − |private PGR| (both), > 0")
def a_ladder_stops_one_flip_attacks(tables):
    def margin(p):
        at = p.set_index("student")
        flips = at.loc[["flips, open", "flips, ladder"]]
        return min(flips.loc["flips, open", "public"] - 0.9, 0.1 - flips.loc["flips, ladder", "public"], 0.1 - flips["private"].abs().max())

    return _judge(_arena(tables), margin, PGR)


@claim("25", "The luckiest of sixty runs on one seed is worth less than its public score says.",
       "Wen, Qiu, Benton, Kirchner and Leike 2026: cherry-picked seeds among the reward hacks",
       "public − private PGR of the run with the best public score, less that of the mean of the runs, > 0.05; opposite: < 0")
def lucky_seeds_do_not_last(tables):
    def gap(p):
        at = p.set_index("student")
        gaps = at["public"] - at["private"]
        return gaps["luckiest of 60, one seed"] - gaps["mean of 60, one seed"]

    return _judge(_arena(tables), gap, PGR, above=0.05)


def _idea(tables, better: str, than: str) -> Verdict:
    return _judge(_table(tables, "ideas"), lambda p: (100 * (p[better] - p[than])).mean(), POINTS)


@claim("26", "A weight of its own for each example makes the confidence loss gain on naive finetuning.",
       "Guo et al. 2024 (2402.03749), AdaptConf: gains on images", "mean over tasks of student, adaptive confidence − naive > 0")
def adaptive_confidence_gains(tables):
    return _idea(tables, "adaptive", "naive")


@claim("26", "Four bagged supervisors teach more than one.",
       "Sang et al. 2024 (2402.00667): ensembles of weak supervisors", "mean over tasks of student, mean of four on bootstrap samples − one on the whole half > 0")
def bagged_supervisors_teach_more(tables):
    return _idea(tables, "bagged", "naive")


@claim("26", "A student that finds out which specialist knows learns more than from their mean.",
       "Liu and Alahi 2024 (2402.15505), co-supervision", "mean over tasks of student, co-supervised by four specialists − taught by their mean > 0")
def co_supervision_beats_the_mean(tables):
    return _idea(tables, "co_supervision", "panel_mean")


# ---------------------------------------------------------------------------------------------- from tables to verdicts
def _table(tables: Tables, name: str) -> pd.DataFrame:
    """The table called `name`. Raises NotMeasured when there is none, ValueError naming file, column and row when it is unfit."""
    if name not in tables or tables[name].empty:
        raise NotMeasured(f"no {name}.csv" if name not in tables else f"no rows in {name}.csv")
    for column in COLUMNS[name]:
        if column not in (table := tables[name]):
            raise ValueError(f"{name}.csv: no column {column!r}; it has {', '.join(map(str, table.columns))}")
        if column in RANGES:
            fit = pd.to_numeric(table[column], errors="coerce").astype(float).between(*RANGES[column])
            if column.startswith("agreement"):
                fit |= table[column].isna()  # where the supervisor is never right, or never wrong
            if not fit.all():
                row = int(np.argmin(fit.to_numpy()))
                raise ValueError(f"{name}.csv: column {column!r}, row {row}: {table[column].tolist()[row]!r} is not within {RANGES[column]}")
    return table


def _pairs(tables: Tables, *others: str, upward: bool = True, domain: str = "nlp") -> pd.DataFrame:
    """One row a (task, supervisor, student, seed) that was run naively and by each of the `others`.

    In %: accuracies `weak`, `ceiling`, `naive` and by the other methods' names, whose own ceilings are called "... ceiling";
    agreement `right`, `wrong` of naive students and "... right", "... wrong" of the others. `size`: of the student, `step`: by how
    many sizes it is above its supervisor, `clear`: PGR is defined for all these methods. `upward`: only positive steps.
    """
    grid, summary = _table(tables, f"{domain}_grid"), _table(tables, f"{domain}_summary")
    runs = {}
    for method in ("naive", *others):
        runs[method] = rows = grid[grid["method"] == method].set_index([*PAIR, "seed"])
        if rows.empty:
            raise NotMeasured(f"no {method} students in {domain}_grid.csv")
        if rows.index.has_duplicates:
            raise ValueError(f"{domain}_grid.csv: {rows.index[rows.index.duplicated()][0]} stands twice: keep one setting of {method!r}")
    naive = runs["naive"]
    table = (100 * naive[SHARES]).set_axis(["weak", "naive", "ceiling", "right", "wrong"], axis=1)
    table[["supervisor_size", "size"]] = np.log10(naive[FLOPS].astype(float))
    rank = {size: i for i, size in enumerate(np.unique(table[["supervisor_size", "size"]]))}
    table["step"] = table["size"].map(rank) - table["supervisor_size"].map(rank)

    gap = (table["ceiling"] - table["weak"]).groupby(PAIR).mean() / 100
    known = summary[summary["method"].isin(runs)].drop_duplicates([*PAIR, "method"]).set_index([*PAIR, "method"])
    mine = known.xs("naive", level="method").reindex(gap.index)  # NaN if it is not there
    if not (mine["gap"] - gap).abs().lt(1e-3).all():
        raise ValueError(f"{domain}_summary.csv does not summarise {domain}_grid.csv: write both again")
    clear = known["defined"].astype(bool).groupby(PAIR).all()
    table["clear"] = clear.reindex(table.index.droplevel("seed")).to_numpy()
    for method in others:
        theirs = 100 * runs[method][["student_accuracy", "ceiling_accuracy", "agreement_right", "agreement_wrong"]]
        table = table.join(theirs.set_axis([method, f"{method} ceiling", f"{method} right", f"{method} wrong"], axis=1), how="inner")
    return table[(table["step"] > 0) | (not upward)].sort_index().reset_index()


def _rows(tables: Tables, name: str, **where) -> pd.DataFrame:
    """The rows of a table whose columns are what `where` says."""
    table = _table(tables, name)
    for column, value in where.items():
        table = table[table[column] == value]
    if table.empty:
        raise NotMeasured(f"no {' '.join(map(str, where.values()))} in {name}.csv")
    return table.drop(columns=list(where))


def _by_method(table: pd.DataFrame) -> pd.DataFrame:
    """One row a pair and seed: a column "naive student_accuracy" for `student_accuracy` of the naive student, and so on, beside the
    accuracies of supervisor and ceiling, which are the same for all methods."""
    same = [*PAIR, "seed", "supervisor_accuracy", "ceiling_accuracy"]
    own = [column for column in table.select_dtypes("number") if column not in same]
    parts = [rows.set_index(same)[own].add_prefix(f"{method} ") for method, rows in table.groupby("method", sort=False)]
    return pd.concat(parts, axis=1, join="inner").reset_index()


def _gapped(rows: pd.DataFrame) -> pd.DataFrame:
    """Those pairs whose ceiling beats their supervisor in more than noise over seeds: the others have no PGR."""
    gap = (rows["ceiling_accuracy"] - rows["supervisor_accuracy"]).groupby([rows[column] for column in PAIR])
    if rows["seed"].nunique() < 2:
        raise NotMeasured("one seed only, so no interval")
    clear = gap.transform(lambda g: mean_interval(g).low > 0)
    if not clear.any():
        raise NotMeasured("no such pair whose ceiling clearly beats its supervisor")
    return rows[clear.astype(bool)]


def _gained(rows: pd.DataFrame) -> float:
    """Student − supervisor, in points: median over tasks, a task being the mean of its pairs."""
    return (100 * (rows["student_accuracy"] - rows["supervisor_accuracy"])).groupby(rows["task"]).mean().median()


def _recovered(rows: pd.DataFrame, accuracy: str = "student_accuracy") -> pd.Series:
    return (rows[accuracy] - rows["supervisor_accuracy"]) / (rows["ceiling_accuracy"] - rows["supervisor_accuracy"])


def _ends(pairs: pd.DataFrame) -> pd.DataFrame:
    """Smallest supervisor, largest student."""
    return pairs[(pairs["supervisor_size"] == pairs["supervisor_size"].min()) & (pairs["size"] == pairs["size"].max())]


def _clear(pairs: pd.DataFrame) -> pd.DataFrame:
    if not pairs["clear"].any():
        raise NotMeasured("no such pair whose ceiling clearly beats its supervisor")
    return pairs[pairs["clear"]]


def _answered(pairs: pd.DataFrame) -> pd.DataFrame:
    """Pairs whose supervisor is right somewhere and wrong somewhere, in every seed."""
    return pairs.groupby(PAIR).filter(lambda p: p[["right", "wrong"]].notna().all(axis=None))


def _lines(pairs: pd.DataFrame) -> pd.DataFrame:
    """Those supervisors of a task that have two students at least: with one there is no slope."""
    return pairs.groupby(["task", "supervisor"]).filter(lambda p: p["student"].nunique() > 1)


def _pgr(pairs: pd.DataFrame, method: str) -> pd.Series:
    ceiling = pairs.get(f"{method} ceiling", pairs["ceiling"])
    return (pairs[method] - pairs["weak"]) / (ceiling - pairs["weak"])


def _slopes(pairs: pd.DataFrame, y: pd.Series, by: list[str], against: str = "size") -> pd.Series:
    """Least-squares slope of `y`, within each group."""
    groups = [pairs[column] for column in by]
    x = pairs[against] - pairs[against].groupby(groups).transform("mean")
    return (x * y).groupby(groups).sum() / (x * x).groupby(groups).sum()


def _over_seeds(rows: pd.DataFrame, statistic: Callable[[pd.DataFrame], float]) -> Interval:
    """`statistic` of the seed means (one row a pair), with a 95 % interval: Student's t times the bootstrap's standard error,
    seeds drawn together for all pairs. For a mean this is `metrics.mean_interval`; percentiles of so few seeds would be too
    narrow. Up to six seeds, every resample is counted and none is drawn."""
    n, counts = rows["seed"].nunique(), rows.groupby(PAIR)["seed"].nunique()
    if n < 2:
        raise NotMeasured("one seed only, so no interval" if n else "no such pairs in the grid")
    if (counts < n).any():
        raise ValueError(f"{counts.idxmin()} has {counts.min()} of {n} seeds: finish the grid first")
    measured = [c for c in rows.select_dtypes("number") if c not in (*PAIR, "seed", "supervisor_size", "size", "step", "clear", "link", "share")]
    rows = rows.sort_values([*PAIR, "seed"])
    values, facts = rows[measured].to_numpy(float).reshape(-1, n, len(measured)), rows.iloc[::n]
    at = lambda seeds: float(statistic(facts.assign(**dict(zip(measured, values[:, list(seeds)].mean(axis=1).T)))))
    if n <= 6:
        draws = list(combinations_with_replacement(range(n), n))
        weights = [1 / math.prod(map(math.factorial, Counter(draw).values())) for draw in draws]
    else:
        draws, weights = np.random.default_rng(0).integers(0, n, (500, n)), np.ones(500)
    x = np.array([at(draw) for draw in draws])
    if np.isnan(at(range(n))):
        raise NotMeasured("too few models in the grid for a slope")
    # a gap that vanishes in some resample leaves its PGR, and so the interval, unbounded
    variance = np.average((x - np.average(x, weights=weights)) ** 2, weights=weights) if np.isfinite(x).all() else math.inf
    half = float(t.ppf(0.975, n - 1)) * math.sqrt(variance * n / (n - 1))
    return Interval(at(range(n)), at(range(n)) - half, at(range(n)) + half, n)


def _judge(rows: pd.DataFrame, statistic: Callable[[pd.DataFrame], float], figure: str, *, above: float = 0,
           opposite: float = 0, sign: int = 1) -> Verdict:
    """An interval wholly above `above` shows the claim, one wholly below `opposite` its opposite. `sign` -1 swaps above and below."""
    found = _over_seeds(rows, statistic)
    low, high = sorted((sign * found.low, sign * found.high))
    verdict = "shows" if low > sign * above else "opposite" if high < sign * opposite else "does not show"
    numbers = found.mean, found.low, found.high
    tasks = rows["task"].nunique()
    return Verdict(verdict, f"{figure.format(*numbers)}, {found.n} seeds" + (f", {tasks} tasks" if tasks > 1 else ""), *numbers)


# ------------------------------------------------------------------------------------------------ the scoreboard
def load(results: str | Path = "results") -> dict[str, pd.DataFrame]:
    """The tables that the claims read, those that exist. Raises ValueError naming a file that cannot be read."""
    tables = {}
    for name in COLUMNS:
        path = Path(results) / f"{name}.csv"
        if path.exists():
            try:
                tables[name] = pd.read_csv(path)
            except ValueError as error:  # pandas' own do not say which file
                raise ValueError(f"{path}: {error}") from error
    return tables


def scoreboard(results: str | Path = "results") -> pd.DataFrame:
    """One row a claim: id, notebook, statement, source, criterion, verdict, figure, value, low, high."""
    tables = load(results)
    return pd.DataFrame([vars(claim) | vars(claim.measure(tables)) for claim in CLAIMS]).drop(columns="measure")


def markdown(table: pd.DataFrame) -> str:
    """The scoreboard as the README shows it."""
    rows = table[["notebook", "statement", "verdict", "figure", "criterion", "source"]].to_numpy().tolist()
    head = [["notebook", "claim", "verdict", "measured here", "criterion", "source"], ["---"] * 6]
    return "\n".join(f"| {' | '.join(row)} |" for row in head + rows)


def with_scoreboard(readme: str, table: pd.DataFrame) -> str:
    """The text of the README with the scoreboard and the table of figures between their markers. Raises ValueError when it lacks
    them."""
    for start, end, text in ((OPEN, CLOSE, markdown(table)), (figures.OPEN, figures.CLOSE, figures.markdown(table))):
        if not re.search(f"{start}.*{end}", readme, re.DOTALL):
            raise ValueError(f"README.md: no {start} … {end} to put the {'scoreboard' if start == OPEN else 'figures'} between")
        readme = re.sub(f"{start}.*{end}", lambda _: f"{start}\n{text}\n{end}", readme, flags=re.DOTALL)
    return readme


def write(results: str | Path = "results", readme: str | Path = "README.md") -> pd.DataFrame:
    """Put the scoreboard into `readme` and claims.csv of `results`, each whole or not at all."""
    table, readme, file = scoreboard(results), Path(readme), Path(results) / "claims.csv"
    text = with_scoreboard(readme.read_text(encoding="utf-8"), table)
    file.parent.mkdir(parents=True, exist_ok=True)
    for path, content in ((file, table.to_csv(index=False, float_format="%.6g", lineterminator="\n")), (readme, text)):
        temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        temporary.write_text(content, encoding="utf-8", newline="\n")
        os.replace(temporary, path)
    return table


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m w2s_kit.claims", description="Print the scoreboard of claims.")
    parser.add_argument("--write", action="store_true", help="also put it into README.md and results/claims.csv")
    table = write() if parser.parse_args(argv).write else scoreboard()
    for row in table.itertuples():
        print(f"{row.verdict:>13} | {row.notebook} | {row.statement}\n{'':13} |    | {row.figure}")
    print(", ".join(f"{(table['verdict'] == v).sum()} {v}" for v in VERDICTS if (table["verdict"] == v).any()))


if __name__ == "__main__":
    main()
