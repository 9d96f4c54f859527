"""What Burns et al. (2023) find when they look closer: notebooks 08 to 10."""

from __future__ import annotations

from .language import JUDGED
from .ledger import (
    PGR,
    POINTS,
    SHARES,
    Table,
    anything,
    claim,
    judge,
    shares,
    table,
)
from .pairs import NLP, above_chance, answered, by_method, by_pair, gapped, lines, recovered
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
#: Of the claims of notebook 10.
SIMULATED_AGAIN = (
    "Seeds 0 to 4 had shown the first claim of the notebook and left the second undecided. The criteria "
    "stayed, and ten new seeds judge, from 200 on."
)
#: Of the claims of notebook 08.
CHANGED = "These claims were entered together with their results on seeds 0 to 4."


@claim(
    "08",
    "analysis",
    "Naive students agree with their supervisor more often than it is right.",
    "Burns et al. 2023, Section 5.1.3, Fig. 8a",
    "median over tasks and pairs, supervisor above chance, of agreement − the supervisor's accuracy > 0; "
    "refuted: < 2 points",
    reads=NLP,
    changed=CHANGED + JUDGED,
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
    changed=CHANGED + JUDGED,
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
    changed=CHANGED + " Its probabilities are of these seeds; seeds from 100 on say which supervisors count.",
)
def larger_students_are_further_from_errors(tables):
    apart = table(tables, IMITATION).query("domain == 'language' and method == 'naive'")
    apart = apart.rename(columns={"cross_entropy_wrong": "apart"})[[*PAIR, "seed", "apart"]]
    known = apart["apart"].notna().groupby([apart[column] for column in PAIR]).transform("all")
    # the two tables need not have the same seeds: the grid says which pairs count
    counted = answered(lines(above_chance(by_pair(tables))))[[*PAIR, "size"]].drop_duplicates()
    pairs = counted.merge(apart[known], on=PAIR)
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
    changed=CHANGED + JUDGED,
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
    changed=SIMULATED_AGAIN,
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
    changed=SIMULATED_AGAIN,
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
