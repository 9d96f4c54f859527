"""What Burns et al. (2023) claim: notebooks 00 to 13."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .ledger import (
    COLUMNS,
    FLOPS,
    GRID,
    MEDIAN_PGR,
    PAIR,
    PGR,
    POINTS,
    RANGES,
    SHARES,
    SUMMARY,
    NotMeasured,
    Tables,
    Verdict,
    answered,
    by_method,
    by_pair,
    claim,
    clear,
    extremes,
    gained,
    gapped,
    judge,
    lines,
    pgr,
    recovered,
    slopes,
    table,
)

USABLE = 55  # % median accuracy: a supervisor nearer to chance (50) has next to nothing to teach
FAIR = "generative, fair"  # students with a reading stage, against ceilings that have read as well
INTERVENTIONS = {"confidence": "confidence", "bootstrap": "bootstrap", "generative": FAIR}
DOMAINS = {"language": "methods", "chess": "chess", "reward modelling": "preference"}
COLUMNS |= {
    **{f"{domain}_grid": GRID for domain in ("nlp", "chess", "preference", "methods")},
    **{f"{domain}_summary": SUMMARY for domain in ("nlp", "chess", "preference", "methods")},
    "chess_chain": ["teacher", "student", "link", "seed", "student_accuracy", "ceiling_accuracy"],
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
}
RANGES |= dict.fromkeys(
    [
        "stopped_accuracy",
        "weakly_stopped_accuracy",
        "few_true",
        "naive",
        "lp_true",
        "ft_weak_lp_true",
        "ft_true",
        "share",
        "auc",
    ],
    (0, 1),
)


@claim(
    "00",
    "Students finetuned naively on weak labels beat their supervisors on most tasks.",
    "Burns et al. 2023, Fig. 3a and 12",
    "median over tasks of student − supervisor > 0; a task is the mean of its pairs with a clear gap",
)
def students_beat_supervisors(tables):
    return judge(
        clear(by_pair(tables)), lambda p: (p["naive"] - p["weak"]).groupby(p["task"]).mean().median(), POINTS
    )


@claim(
    "01",
    "Students agree with their supervisor more where it is right than where it is wrong.",
    "Burns et al. 2023, Section 5.1.3, Fig. 8b and 8c",
    "median over tasks and pairs of agreement where right − where wrong > 0",
)
def agreement_follows_truth(tables):
    return judge(answered(by_pair(tables)), lambda p: (p["right"] - p["wrong"]).median(), POINTS)


@claim(
    "02",
    "Ceilings grow with pretraining compute.",
    "Burns et al. 2023, Fig. 5a: median ceiling 62 % to 90 % over the family (read off the figure, ±1)",
    "median over tasks of the slope of the ceiling > 0, in points per factor of 10 in compute",
)
def ceilings_grow(tables):
    models = by_pair(tables, upward=False).drop_duplicates(["task", "student", "seed"])
    return judge(models, lambda m: slopes(m, m["ceiling"], ["task"]).median(), POINTS + " per factor of 10")


@claim(
    "02",
    "Naive finetuning recovers more than 20 % of the gap on language tasks.",
    "Burns et al. 2023, Fig. 3d: more than 20 % even for very weak supervisors",
    "median PGR over tasks and pairs > 0.20; opposite: < 0",
)
def naive_pgr_above_20(tables):
    return judge(clear(by_pair(tables)), lambda p: pgr(p, "naive").median(), MEDIAN_PGR, above=0.2)


@claim(
    "02",
    "For a fixed supervisor, PGR grows with the student.",
    "Burns et al. 2023, Fig. 3d; for the weakest supervisor almost flat, 0.25 to 0.275 (Fig. 5b, read off the figure, ±0.01)",
    "median over tasks and supervisors of the slope of PGR > 0, per factor of 10 in the student's compute",
)
def pgr_grows_with_student(tables):
    # within a task: near pairs have a clear gap on fewer tasks, so medians of small and large students are
    # over different ones
    return judge(
        lines(clear(by_pair(tables))),
        lambda p: slopes(p, pgr(p, "naive"), ["task", "supervisor"]).median(),
        PGR + " per factor of 10",
    )


@claim(
    "03",
    "The confidence loss raises PGR where the gap is largest.",
    "Burns et al. 2023, Fig. 5b: median PGR from about 0.25 to about 0.80",
    f"smallest supervisor with a median accuracy of {USABLE} % or more, largest student: median PGR with the loss − naive > 0",
)
def confidence_helps_across_large_gaps(tables):
    pairs = by_pair(tables, "confidence")
    accuracy = pairs.groupby(["supervisor_size", "task"])["weak"].mean().groupby("supervisor_size").median()
    usable = accuracy.index[accuracy >= USABLE]
    if usable.empty:
        raise NotMeasured(f"no supervisor has a median accuracy of {USABLE} %")
    ends = clear(pairs[(pairs["supervisor_size"] == usable.min()) & (pairs["size"] == pairs["size"].max())])
    return judge(ends, lambda p: pgr(p, "confidence").median() - pgr(p, "naive").median(), PGR)


@claim(
    "03",
    "The confidence loss hurts students close to their supervisor's size.",
    "Burns et al. 2023, Fig. 5b: PGR 0.18 against 0.25 for the smallest student (read off the figure, ±0.01)",
    "student one size up: median over tasks of accuracy with the loss − naive < 0; a task is the mean of its pairs",
)
def confidence_hurts_near_pairs(tables):
    near = by_pair(tables, "confidence").query("step == 1")
    return judge(
        near, lambda p: (p["confidence"] - p["naive"]).groupby(p["task"]).mean().median(), POINTS, sign=-1
    )


@claim(
    "04",
    "On chess puzzles, PGR falls as the gap grows.",
    "Burns et al. 2023, Section 4.2 and Fig. 3e",
    "slope of PGR over pairs with a clear gap < 0, per 10 points of gap",
)
def chess_pgr_falls_with_gap(tables):
    pairs = clear(by_pair(tables, domain="chess"))
    return judge(
        pairs,
        lambda p: 10 * np.polyfit(p["ceiling"] - p["weak"], pgr(p, "naive"), 1)[0],
        PGR + " per 10 points",
        sign=-1,
    )


@claim(
    "04",
    "On chess puzzles, a naive student across the largest gap recovers next to nothing.",
    "Burns et al. 2023, Section 4.2: PGR near zero for the smallest supervisors",
    "smallest supervisor, largest student: PGR < 0.10; opposite: > 0.10",
)
def chess_largest_gap(tables):
    return judge(
        clear(extremes(by_pair(tables, domain="chess"))),
        lambda p: pgr(p, "naive").median(),
        PGR,
        above=0.1,
        opposite=0.1,
        sign=-1,
    )


@claim(
    "04",
    "On chess puzzles, a naive student across a small gap recovers more than 40 %.",
    "Burns et al. 2023, Section 4.2: PGR above 40 % for small gaps",
    "students one size up: median PGR over pairs > 0.40; opposite: < 0",
)
def chess_small_gaps(tables):
    return judge(
        clear(by_pair(tables, domain="chess").query("step == 1")),
        lambda p: pgr(p, "naive").median(),
        MEDIAN_PGR,
        above=0.4,
    )


@claim(
    "05",
    "Bootstrapping raises PGR on chess puzzles where the gap is largest.",
    "Burns et al. 2023, Section 4.3.1 and Fig. 4",
    "smallest supervisor, largest student: PGR through two sizes between − direct > 0",
)
def bootstrapping_helps_across_large_gaps(tables):
    ends = clear(extremes(by_pair(tables, "bootstrap", domain="chess")))
    return judge(ends, lambda p: pgr(p, "bootstrap").median() - pgr(p, "naive").median(), PGR)


@claim(
    "05",
    "Along a bootstrapping chain errors compound.",
    "a common objection to bootstrapping alone, as in iterated self-training",
    "slope of (ceiling − student) from link to link > 0, each student against its own ceiling, in points per link",
)
def errors_compound_along_a_chain(tables):
    chain = table(tables, "chess_chain").rename(columns={"teacher": "supervisor"})
    chain = chain.assign(
        task="chess", naive=100 * chain["student_accuracy"], ceiling=100 * chain["ceiling_accuracy"]
    )
    return judge(
        chain, lambda c: np.polyfit(c["link"], c["ceiling"] - c["naive"], 1)[0], POINTS + " per link"
    )


@claim(
    "06",
    "On reward modelling, naive finetuning recovers about a tenth of the gap, rarely more than a fifth.",
    "Burns et al. 2023, Section 4.2 and Fig. 3f: about 10 %, almost never above 20 %",
    "median PGR over pairs with a clear gap < 0.20; opposite: > 0.20",
)
def reward_pgr_is_low(tables):
    return judge(
        clear(by_pair(tables, domain="preference")),
        lambda p: pgr(p, "naive").median(),
        MEDIAN_PGR,
        above=0.2,
        opposite=0.2,
        sign=-1,
    )


@claim(
    "06",
    "A naive reward model stopped by ground truth would recover more.",
    "Burns et al. 2023, Section 5.1.1: about 5 points of PGR",
    "students of the largest size: median PGR over supervisors, stopped − at the end > 0, on examples not stopped by",
)
def stopping_by_truth_gains(tables):
    known = clear(by_pair(tables, domain="preference")).drop_duplicates(PAIR).set_index(PAIR[1:]).index
    ends = table(tables, "preference_stopping", method="naive").assign(task="preference")
    ends = ends[ends.set_index(PAIR[1:]).index.isin(known)]
    if ends.empty:
        raise NotMeasured("no such pair whose ceiling clearly beats its supervisor")
    return judge(ends, lambda p: (recovered(p, "stopped_accuracy") - recovered(p)).median(), PGR)


@claim(
    "07",
    "A reading stage before the preferences adds ten points of PGR or more.",
    "Burns et al. 2023, Section 5.2.2 and Fig. 10: 10 to 20 points, the ceiling having read as well",
    "median over pairs of PGR with the stage, for student and ceiling, − naive PGR > 0.10; opposite: < 0",
)
def reading_helps_reward_models(tables):
    pairs = clear(by_pair(tables, FAIR, domain="preference"))
    return judge(pairs, lambda p: (pgr(p, FAIR) - pgr(p, "naive")).median(), PGR, above=0.1)


@claim(
    "07",
    "With a reading stage, most of the gap stays.",
    "Burns et al. 2023, Section 5.2.2: PGR of 30 to 40 % at best, with stopping by ground truth",
    "median PGR over pairs, student and ceiling having read, < 0.50; opposite: > 0.50",
)
def reading_does_not_close_the_gap(tables):
    return judge(
        clear(by_pair(tables, FAIR, domain="preference")),
        lambda p: pgr(p, FAIR).median(),
        MEDIAN_PGR,
        above=0.5,
        opposite=0.5,
        sign=-1,
    )


@claim(
    "07",
    "None of the three interventions helps in every domain.",
    "Burns et al. 2023, Section 6: no method works consistently",
    "confidence loss, bootstrapping, reading: each has a domain, of two or more, where a gain of 0.10 PGR is outside the interval; opposite: one gains in all its domains",
)
def no_intervention_is_consistent(tables):
    gains = intervention_gains(tables)
    known = gains[gains["verdict"] != "not measured"].groupby("method", sort=False)
    if known.ngroups < len(INTERVENTIONS) or (known.size() < 2).any():
        raise NotMeasured("an intervention was measured in fewer than two domains")
    fails, works = known["high"].min() < 0.1, known["low"].min() > 0
    verdict = "opposite" if works.any() else "shows" if fails.all() else "does not show"
    said = ", ".join(
        f"{method} gains in {(rows['verdict'] == 'shows').sum()} of {len(rows)} domains"
        for method, rows in known
    )
    return Verdict(verdict, said, *[float(fails.sum())] * 3)


def intervention_gains(tables: Tables) -> pd.DataFrame:
    """Methods x domains: what an intervention adds to naive PGR, median over tasks and the supervisors of the
    largest student. Columns method, domain, verdict, figure, value, low, high.
    """
    rows = []
    for method, name in INTERVENTIONS.items():
        for domain, prefix in DOMAINS.items():
            try:
                pairs = by_pair(tables, name, domain=prefix)
                found = judge(
                    clear(pairs[pairs["size"] == pairs["size"].max()]),
                    lambda p: (pgr(p, name) - pgr(p, "naive")).median(),
                    PGR,
                )
            except NotMeasured as reason:
                found = Verdict("not measured", str(reason))
            rows.append({"method": method, "domain": domain, **vars(found)})
    return pd.DataFrame(rows)


@claim(
    "08",
    "Naive students agree with their supervisor more often than it is right.",
    "Burns et al. 2023, Section 5.1.3, Fig. 8a",
    "median over tasks and pairs of agreement − the supervisor's accuracy > 0",
)
def naive_students_imitate(tables):
    agree = lambda p: (p["right"] * p["weak"] + p["wrong"] * (100 - p["weak"])) / 100
    return judge(answered(by_pair(tables)), lambda p: (agree(p) - p["weak"]).median(), POINTS)


@claim(
    "08",
    "Larger students agree less with their supervisor's errors.",
    "Burns et al. 2023, Section 5.1.3, Fig. 8c: inverse scaling",
    "median over tasks and supervisors of the slope of agreement where the supervisor is wrong < 0, in points per factor of 10 in compute",
)
def errors_are_imitated_less_by_larger_students(tables):
    return judge(
        answered(lines(by_pair(tables))),
        lambda p: slopes(p, p["wrong"], ["task", "supervisor"]).median(),
        POINTS + " per factor of 10",
        sign=-1,
    )


@claim(
    "08",
    "In cross-entropy, too, larger students are further from their supervisor's errors.",
    "Burns et al. 2023, Section 5.1.3: the trend holds for cross-entropy as well",
    "median over tasks and supervisors of the slope of the cross-entropy with wrong weak labels > 0, in nats per factor of 10 in compute",
)
def larger_students_are_further_from_errors(tables):
    keys = [*PAIR, "seed"]
    apart = table(tables, "imitation").query("domain == 'language' and method == 'naive'")[
        [*keys, "cross_entropy_wrong"]
    ]
    pairs = answered(lines(by_pair(tables))).merge(
        apart.rename(columns={"cross_entropy_wrong": "apart"}), on=keys
    )
    return judge(
        pairs,
        lambda p: slopes(p, p["apart"], ["task", "supervisor"]).median(),
        "{:+z.3f} [{:+z.3f}, {:+z.3f}] nats per factor of 10",
    )


@claim(
    "08",
    "The confidence loss lowers agreement most where the supervisor is wrong.",
    "Burns et al. 2023, Section 5.1.3, Fig. 8b and 8c",
    "median over tasks and pairs of (agreement lost to the loss where the supervisor is wrong − lost where it is right) > 0",
)
def confidence_lowers_agreement_with_errors(tables):
    lost = lambda p, where: p[where] - p[f"confidence {where}"]
    return judge(
        answered(by_pair(tables, "confidence")),
        lambda p: (lost(p, "wrong") - lost(p, "right")).median(),
        POINTS,
    )


@claim(
    "09",
    "A naive student stopped by ground truth would recover more.",
    "Burns et al. 2023, Section 5.1.1 and Fig. 13: about 15 points of PGR",
    "median over tasks and supervisors of PGR, stopped by ground truth − at the end > 0, on examples not stopped by",
)
def truth_stops_better_than_the_end(tables):
    return judge(
        gapped(by_method(table(tables, "overfitting"))),
        lambda p: (recovered(p, "naive stopped_accuracy") - recovered(p, "naive student_accuracy")).median(),
        PGR,
    )


@claim(
    "09",
    "Weak labels stop a naive student less well than ground truth would.",
    "Burns et al. 2023, Section 5.1.1 and Fig. 13: about 10 points of PGR",
    "median over tasks and supervisors of PGR, stopped by ground truth − by weak labels > 0, on examples not stopped by",
)
def truth_stops_better_than_weak_labels(tables):
    return judge(
        gapped(by_method(table(tables, "overfitting"))),
        lambda p: (
            recovered(p, "naive stopped_accuracy") - recovered(p, "naive weakly_stopped_accuracy")
        ).median(),
        PGR,
    )


@claim(
    "09",
    "With the confidence loss there is less to gain by stopping than without.",
    "Burns et al. 2023, Section 5.1.1: about 5 points of PGR, against 15",
    "median over tasks and supervisors of the gain by ground truth, naive − with the loss > 0",
)
def confidence_overfits_less(tables):
    gain = lambda p, method: (
        recovered(p, f"{method} stopped_accuracy") - recovered(p, f"{method} student_accuracy")
    )
    return judge(
        gapped(by_method(table(tables, "overfitting"))),
        lambda p: (gain(p, "naive") - gain(p, "confidence")).median(),
        PGR,
    )


def _structures(tables):
    return by_method(table(tables, "simulation").rename(columns={"structure": "supervisor"}))


@claim(
    "10",
    "The better a student could simulate the errors of its labels, the less it recovers.",
    "Burns et al. 2023, Appendix E, Fig. 24 and 25",
    "over error structures, slope of naive PGR against what a linear probe of the student repeats of the errors < 0, means over tasks, per 0.1",
)
def simulable_errors_cost_pgr(tables):
    def slope(p):
        at = (
            p.assign(pgr=recovered(p, "naive student_accuracy"))
            .groupby("supervisor")[["naive simulable", "pgr"]]
            .mean()
        )
        return np.polyfit(at["naive simulable"], at["pgr"], 1)[0] / 10

    return judge(gapped(_structures(tables)), slope, PGR + " per 0.1", sign=-1)


@claim(
    "10",
    "The confidence loss helps where errors are easy to simulate.",
    "Burns et al. 2023, Appendix E, Fig. 25",
    "the three error structures that a linear probe repeats best: median over tasks and structures of PGR with the loss − naive > 0",
)
def confidence_helps_where_errors_are_simulable(tables):
    rows = gapped(_structures(tables))
    best = rows.groupby("supervisor")["naive simulable"].mean().nlargest(3).index
    return judge(
        rows[rows["supervisor"].isin(best)],
        lambda p: (
            recovered(p, "confidence student_accuracy") - recovered(p, "naive student_accuracy")
        ).median(),
        PGR,
    )


@claim(
    "11",
    "Prompting gains on finetuning as models grow.",
    "Burns et al. 2023, Section 5.2.1 and Fig. 9: five examples in the prompt become competitive for the largest models",
    "median over tasks and supervisors of the slope of (prompted with true labels − naive student) > 0, in points per factor of 10 in compute",
)
def prompting_gains_with_size(tables):
    rows = table(tables, "prompting").assign(
        size=lambda t: np.log10(t["student_pretraining_flops"].astype(float))
    )
    rows = rows[[*PAIR, "seed", "size", "few_true", "naive"]]
    return judge(
        rows,
        lambda p: slopes(p, 100 * (p["few_true"] - p["naive"]), ["task", "supervisor"]).median(),
        POINTS + " per factor of 10",
    )


@claim(
    "11",
    "Finetuning on weak labels makes the concept salient: a linear probe finds it more easily.",
    "Burns et al. 2023, Section 5.2.3 and Fig. 11: a probe for truth rises from 72 % to 78 %",
    "median over tasks and supervisors of a probe for truth on the student − on the pretrained model > 0, in points",
)
def weak_labels_make_concepts_salient(tables):
    return judge(
        table(tables, "probing"), lambda p: (100 * (p["ft_weak_lp_true"] - p["lp_true"])).median(), POINTS
    )


@claim(
    "11",
    "A linear probe finds less in the pretrained model than finetuning does.",
    "Burns et al. 2023, Section 5.2.3 and Fig. 11: 72 % against 82 %",
    "median over tasks of finetuned on truth − probed for truth > 0, in points",
)
def finetuning_finds_more_than_a_probe(tables):
    return judge(table(tables, "probing"), lambda p: (100 * (p["ft_true"] - p["lp_true"])).median(), POINTS)


@claim(
    "11",
    "With linear probes in place of finetuning, students still beat their supervisors.",
    "Burns et al. 2023, Appendix D.2 and Fig. 23",
    "median over tasks of student − supervisor > 0; a task is the mean of its pairs with a clear gap",
)
def probed_students_beat_supervisors(tables):
    rows = gapped(table(tables, "probe_grid"))
    return judge(rows, gained, POINTS)


@claim(
    "12",
    "Beyond language: on digits, students with representations learned without labels recover 40 % or more.",
    "Burns et al. 2023, Appendix D.1: AlexNet to DINO, PGR 0.58 (ResNet-50) and 0.42 (ViT-B/8)",
    "median over representations of PGR > 0.40; opposite: < 0",
)
def vision_students_recover(tables):
    return judge(gapped(table(tables, "vision")), lambda p: recovered(p).median(), MEDIAN_PGR, above=0.4)


@claim(
    "13",
    "The more of its pretraining text errs as its supervisor does, the less a student recovers.",
    "Burns et al. 2023, Section 6.1: imitation saliency, a disanalogy that their set-up does not have",
    "median over tasks of the slope of PGR against the share of such text < 0, from none to all",
)
def imitation_saliency_costs_pgr(tables):
    rows = gapped(table(tables, "dials", dial="says"))
    return judge(rows, lambda p: slopes(p, recovered(p), ["task"], "share").median(), PGR, sign=-1)


@claim(
    "13",
    "The less its pretraining text told of the concept, the less a student makes of weak labels.",
    "Burns et al. 2023, Section 6.1: pretraining leakage, a disanalogy that their set-up has",
    "slope of the student's accuracy against the share of text about the concept that stays > 0, in points, from none to all",
)
def leakage_feeds_students(tables):
    return judge(
        table(tables, "dials", dial="leak"),
        lambda p: slopes(p, 100 * p["student_accuracy"], ["task"], "share").median(),
        POINTS,
    )


@claim(
    "13",
    "A student that hides where its supervisor cannot see is found out by a probe, and not by its outputs.",
    "Burns et al. 2023, Section 6 and Appendix G: deceptive models as an open problem",
    "where it cannot see: AUC of a probe's disagreement with the outputs, hiding against honest students, > 0.75; opposite: < 0.5",
)
def probes_find_hidden_disagreement(tables):
    return judge(
        table(tables, "deception"),
        lambda p: p["auc"].median(),
        "AUC {:z.2f} [{:z.2f}, {:z.2f}]",
        above=0.75,
        opposite=0.5,
    )
