"""What Burns et al. (2023) find when they look closer: notebooks 08 to 13."""

from __future__ import annotations

import numpy as np

from .ledger import (
    COMPUTE,
    FLOPS,
    MEDIAN_PGR,
    PGR,
    POINTS,
    SHARES,
    Table,
    anything,
    claim,
    judge,
    shares,
    table,
    within,
)
from .pairs import NLP, above_chance, answered, by_method, by_pair, gained, gapped, lines, recovered
from .resampled import PAIR, group_means, median, slope, slopes

IMITATION = Table("imitation", anything("domain", *PAIR, "method", "seed", "cross_entropy_wrong"))
OVERFITTING = Table(
    "overfitting",
    anything(*PAIR, "method", "seed") | shares(*SHARES[:3], "stopped_accuracy", "weakly_stopped_accuracy"),
)
SIMULATION = Table(
    "simulation",
    anything("task", "structure", "student", "method", "seed") | shares(*SHARES[:3]) | anything("simulable"),
)
PROMPTING = Table(
    "prompting", anything(*PAIR, "seed") | within(*COMPUTE, FLOPS[1]) | shares("few_true", "naive")
)
PROBING = Table("probing", anything(*PAIR, "seed") | shares("lp_true", "ft_weak_lp_true", "ft_true"))
PROBE_GRID = Table("probe_grid", anything(*PAIR, "seed") | shares(*SHARES[:3]))
VISION = Table("vision", anything(*PAIR, "seed") | shares(*SHARES[:3]))
DIALS = Table("dials", anything(*PAIR, "dial") | shares("share") | anything("seed") | shares(*SHARES[:3]))
DECEPTION = Table("deception", anything(*PAIR, "seed") | shares("auc"))


@claim(
    "08",
    "analysis",
    "Naive students agree with their supervisor more often than it is right.",
    "Burns et al. 2023, Section 5.1.3, Fig. 8a",
    "median over tasks and pairs, supervisor above chance, of agreement − the supervisor's accuracy > 0; "
    "refuted: < 2 points",
    reads=NLP,
)
def naive_students_imitate(tables):
    agree = lambda p: (p["right"] * p["weak"] + p["wrong"] * (100 - p["weak"])) / 100
    return judge(
        answered(above_chance(by_pair(tables))),
        lambda p: median(agree(p) - p["weak"]),
        POINTS,
        smallest=2,
        sample=True,
    )


@claim(
    "08",
    "analysis",
    "Larger students agree less with their supervisor's errors.",
    "Burns et al. 2023, Section 5.1.3, Fig. 8c: inverse scaling",
    "median over tasks and supervisors above chance of the slope of agreement where the supervisor is wrong "
    "< 0, in "
    "points per factor of 10 in compute; refuted: > −2 points",
    reads=NLP,
)
def errors_are_imitated_less_by_larger_students(tables):
    return judge(
        answered(lines(above_chance(by_pair(tables)))),
        lambda p: median(slopes(p["size"], p["wrong"], p.groups("task", "supervisor"))),
        POINTS + " per factor of 10",
        sign=-1,
        smallest=2,
        sample=True,
    )


@claim(
    "08",
    "analysis",
    "In cross-entropy, too, larger students are further from their supervisor's errors.",
    "Burns et al. 2023, Section 5.1.3: the trend holds for cross-entropy as well",
    "median over tasks and supervisors above chance of the slope of the cross-entropy with wrong weak "
    "labels > 0, in "
    "nats per factor of 10 in compute; refuted: < 0.01",
    reads=(IMITATION, *NLP),
)
def larger_students_are_further_from_errors(tables):
    keys = [*PAIR, "seed"]
    apart = table(tables, IMITATION).query("domain == 'language' and method == 'naive'")[
        [*keys, "cross_entropy_wrong"]
    ]
    pairs = answered(lines(above_chance(by_pair(tables)))).merge(
        apart.rename(columns={"cross_entropy_wrong": "apart"}), on=keys
    )
    return judge(
        pairs,
        lambda p: median(slopes(p["size"], p["apart"], p.groups("task", "supervisor"))),
        "{:+z.5f} [{:+z.5f}, {:+z.5f}] nats per factor of 10",
        smallest=0.01,
        sample=True,
    )


@claim(
    "08",
    "analysis",
    "The confidence loss lowers agreement most where the supervisor is wrong.",
    "Burns et al. 2023, Section 5.1.3, Fig. 8b and 8c",
    "median over tasks and pairs, supervisor above chance, of (agreement lost to the loss where the "
    "supervisor is wrong − lost where "
    "it is right) > 0; refuted: < 1 point",
    reads=NLP,
)
def confidence_lowers_agreement_with_errors(tables):
    lost = lambda p, where: p[where] - p[f"confidence {where}"]
    return judge(
        answered(above_chance(by_pair(tables, "confidence"))),
        lambda p: median(lost(p, "wrong") - lost(p, "right")),
        POINTS,
        smallest=1,
        sample=True,
    )


@claim(
    "09",
    "analysis",
    "A naive student stopped by ground truth would recover more.",
    "Burns et al. 2023, Section 5.1.1 and Fig. 13: about 15 points of PGR",
    "median over tasks and supervisors of PGR, stopped by ground truth − at the end > 0, on examples not "
    "stopped by; refuted: < 0.05",
    reads=OVERFITTING,
)
def truth_stops_better_than_the_end(tables):
    return judge(
        gapped(by_method(table(tables, OVERFITTING))),
        lambda p: median(recovered(p, "naive stopped_accuracy") - recovered(p, "naive student_accuracy")),
        PGR,
        smallest=0.05,
        sample=True,
    )


@claim(
    "09",
    "analysis",
    "Weak labels stop a naive student less well than ground truth would.",
    "Burns et al. 2023, Section 5.1.1 and Fig. 13: about 10 points of PGR",
    "median over tasks and supervisors of PGR, stopped by ground truth − by weak labels > 0, on examples "
    "not stopped by; refuted: < 0.05",
    reads=OVERFITTING,
)
def truth_stops_better_than_weak_labels(tables):
    return judge(
        gapped(by_method(table(tables, OVERFITTING))),
        lambda p: median(
            recovered(p, "naive stopped_accuracy") - recovered(p, "naive weakly_stopped_accuracy")
        ),
        PGR,
        smallest=0.05,
        sample=True,
    )


@claim(
    "09",
    "analysis",
    "With the confidence loss there is less to gain by stopping than without.",
    "Burns et al. 2023, Section 5.1.1: about 5 points of PGR, against 15",
    "median over tasks and supervisors of the gain by ground truth, naive − with the loss > 0; refuted: < "
    "0.05",
    reads=OVERFITTING,
)
def confidence_overfits_less(tables):
    gain = lambda p, method: (
        recovered(p, f"{method} stopped_accuracy") - recovered(p, f"{method} student_accuracy")
    )
    return judge(
        gapped(by_method(table(tables, OVERFITTING))),
        lambda p: median(gain(p, "naive") - gain(p, "confidence")),
        PGR,
        smallest=0.05,
        sample=True,
    )


def _structures(tables):
    return by_method(table(tables, SIMULATION).rename(columns={"structure": "supervisor"}))


@claim(
    "10",
    "analysis",
    "The better a student could simulate the errors of its labels, the less it recovers.",
    "Burns et al. 2023, Appendix E, Fig. 24 and 25",
    "over error structures, slope of naive PGR against what a linear probe of the student repeats of the "
    "errors < 0, means over tasks, per 0.1; refuted: > −0.05",
    reads=SIMULATION,
)
def simulable_errors_cost_pgr(tables):
    def per_tenth(p):
        structures = p.groups("supervisor")
        simulable, pgr = p["naive simulable"], recovered(p, "naive student_accuracy")
        return slope(group_means(simulable, structures), group_means(pgr, structures)) / 10

    return judge(
        gapped(_structures(tables)), per_tenth, PGR + " per 0.1", sign=-1, smallest=0.05, sample=True
    )


@claim(
    "10",
    "analysis",
    "The confidence loss helps where errors are easy to simulate.",
    "Burns et al. 2023, Appendix E, Fig. 25",
    "the three error structures that a linear probe repeats best: median over tasks and structures of PGR "
    "with the loss − naive > 0; refuted: < 0.10",
    reads=SIMULATION,
)
def confidence_helps_where_errors_are_simulable(tables):
    rows = gapped(_structures(tables))
    best = rows.groupby("supervisor")["naive simulable"].mean().nlargest(3).index
    return judge(
        rows[rows["supervisor"].isin(best)],
        lambda p: median(
            recovered(p, "confidence student_accuracy") - recovered(p, "naive student_accuracy")
        ),
        PGR,
        smallest=0.1,
        sample=True,
    )


@claim(
    "11",
    "analysis",
    "Prompting gains on finetuning as models grow.",
    "Burns et al. 2023, Section 5.2.1 and Fig. 9: five examples in the prompt become competitive for the "
    "largest models",
    "median over tasks and supervisors of the slope of (prompted with true labels − naive student) > 0, in "
    "points per factor of 10 in compute; refuted: < 1 point",
    reads=PROMPTING,
)
def prompting_gains_with_size(tables):
    rows = table(tables, PROMPTING).assign(
        size=lambda t: np.log10(t["student_pretraining_flops"].astype(float))
    )
    rows = rows[[*PAIR, "seed", "size", "few_true", "naive"]]
    return judge(
        rows,
        lambda p: median(
            slopes(p["size"], 100 * (p["few_true"] - p["naive"]), p.groups("task", "supervisor"))
        ),
        POINTS + " per factor of 10",
        smallest=1,
        sample=True,
    )


@claim(
    "11",
    "analysis",
    "Finetuning on weak labels makes the concept salient: a linear probe finds it more easily.",
    "Burns et al. 2023, Section 5.2.3 and Fig. 11: a probe for truth rises from 72 % to 78 %",
    "median over tasks and supervisors of a probe for truth on the student − on the pretrained model > 0, "
    "in points; refuted: < 3 points",
    reads=PROBING,
)
def weak_labels_make_concepts_salient(tables):
    return judge(
        table(tables, PROBING),
        lambda p: median(100 * (p["ft_weak_lp_true"] - p["lp_true"])),
        POINTS,
        smallest=3,
        sample=True,
    )


@claim(
    "11",
    "analysis",
    "A linear probe finds less in the pretrained model than finetuning does.",
    "Burns et al. 2023, Section 5.2.3 and Fig. 11: 72 % against 82 %",
    "median over tasks of finetuned on truth − probed for truth > 0, in points; refuted: < 5 points",
    reads=PROBING,
)
def finetuning_finds_more_than_a_probe(tables):
    return judge(
        table(tables, PROBING),
        lambda p: median(100 * (p["ft_true"] - p["lp_true"])),
        POINTS,
        smallest=5,
        sample=True,
    )


@claim(
    "11",
    "analysis",
    "With linear probes in place of finetuning, students still beat their supervisors.",
    "Burns et al. 2023, Appendix D.2 and Fig. 23",
    "median over tasks of student − supervisor > 0; a task is the mean of its pairs with a clear gap; "
    "refuted: < 1 point",
    reads=PROBE_GRID,
)
def probed_students_beat_supervisors(tables):
    rows = gapped(table(tables, PROBE_GRID))
    return judge(rows, gained, POINTS, smallest=1, sample=True)


@claim(
    "12",
    "vision",
    "Beyond language: on digits, students with representations learned without labels recover 40 % or more.",
    "Burns et al. 2023, Appendix D.1: AlexNet to DINO, PGR 0.58 (ResNet-50) and 0.42 (ViT-B/8)",
    "median over representations of PGR > 0.40; opposite: < 0; refuted: < 0.40",
    reads=VISION,
)
def vision_students_recover(tables):
    return judge(gapped(table(tables, VISION)), lambda p: median(recovered(p)), MEDIAN_PGR, above=0.4)


@claim(
    "13",
    "analysis",
    "The more of its pretraining text errs as its supervisor does, the less a student recovers.",
    "Burns et al. 2023, Section 6.1: imitation saliency, a disanalogy that their set-up does not have",
    "median over tasks of the slope of PGR against the share of such text < 0, from none to all; refuted: > "
    "−0.10",
    reads=DIALS,
)
def imitation_saliency_costs_pgr(tables):
    rows = gapped(table(tables, DIALS, dial="says"))
    return judge(
        rows,
        lambda p: median(slopes(p["share"], recovered(p), p.groups("task"))),
        PGR,
        sign=-1,
        smallest=0.1,
        sample=True,
    )


@claim(
    "13",
    "analysis",
    "The less its pretraining text told of the concept, the less a student makes of weak labels.",
    "Burns et al. 2023, Section 6.1: pretraining leakage, a disanalogy that their set-up has",
    "slope of the student's accuracy against the share of text about the concept that stays > 0, in "
    "points, from none to all; refuted: < 5 points",
    reads=DIALS,
)
def leakage_feeds_students(tables):
    return judge(
        table(tables, DIALS, dial="leak"),
        lambda p: median(slopes(p["share"], 100 * p["student_accuracy"], p.groups("task"))),
        POINTS,
        smallest=5,
    )


@claim(
    "13",
    "analysis",
    "A student that hides where its supervisor cannot see is found out by a probe, and not by its outputs.",
    "Burns et al. 2023, Section 6 and Appendix G: deceptive models as an open problem",
    "where it cannot see: AUC of a probe's disagreement with the outputs, hiding against honest students, "
    "> 0.75; opposite: < 0.5; refuted: < 0.75",
    reads=DECEPTION,
)
def probes_find_hidden_disagreement(tables):
    return judge(
        table(tables, DECEPTION),
        lambda p: median(p["auc"]),
        "AUC {:z.2f} [{:z.2f}, {:z.2f}]",
        above=0.75,
        opposite=0.5,
        sample=True,
    )
