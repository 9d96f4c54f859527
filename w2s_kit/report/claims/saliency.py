"""What Burns et al. (2023) claim of prompts, probes and images, and where the analogy ends: 11 to 13."""

from __future__ import annotations

import numpy as np
import pandas as pd

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
from .pairs import gained, gapped, recovered
from .resampled import PAIR, Means, mean, median, slopes

PROMPTING = Table(
    "prompting", anything(*PAIR, "seed") | within(*COMPUTE, FLOPS[1]) | shares("few_true", "naive")
)
PROBING = Table("probing", anything(*PAIR, "seed") | shares("lp_true", "ft_weak_lp_true", "ft_true"))
PROBE_GRID = Table("probe_grid", anything(*PAIR, "seed") | shares(*SHARES[:3]))
VISION = Table("vision", anything(*PAIR, "seed") | shares(*SHARES[:3]))
VISION_PASSES = Table("vision_passes", anything(*PAIR, "passes", "seed") | shares(*SHARES[:3]))
DIALS = Table("dials", anything(*PAIR, "dial") | shares("share") | anything("seed") | shares(*SHARES[:3]))
SALIENCE = Table(
    "salience",
    anything(*PAIR, "form", "seed")
    | shares(*SHARES[:3], "label_accuracy", "probe_before", "probe_weak", "probe_truth"),
)
#: Of the claims of notebook 13.
AGAIN = (
    "Seeds 0 to 4 had left one claim undecided, and so did ten new ones, 100 to 109. The criteria stayed. "
    "With ten more there are twenty, the number for the paper's own claims, and they judge."
)
#: Of the claims of notebook 12 about an encoder that learned from views.
CONTRASTIVE = "contrastive"
TRIALS = (
    "Entered after trials on seeds 50 to 52: 300 passes gave PGR 0.47, 0.55 and 0.64, and 20 gave 0.19, 0.44 "
    "and 0.55. Size, views and passes were chosen on seed 50. Judged on seeds from 100 on."
)
DECEPTION = Table("deception", anything(*PAIR, "seed") | shares("auc"))


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


#: Of the claims about statements.
STATED = (
    "Entered after trials on seeds 50 to 52 and 60, in which smaller students, or weaker supervisors, showed "
    "nothing; fixed before the seeds of this table."
)


def _asked_as(tables, form: str) -> pd.DataFrame:
    """The rows of the table of salience that were asked in this form."""
    return table(tables, SALIENCE, form=form)


def _gained(p: Means) -> np.ndarray:
    return mean(100 * (p["probe_weak"] - p["probe_before"]))


@claim(
    "11",
    "analysis",
    "Asked as statements, which pretraining never asked about, weak labels do make the concept salient.",
    "Burns et al. 2023, Section 5.2.3 and Fig. 11: a probe for truth rises from 72 % to 78 %",
    "three tasks, two supervisors, mean of a probe for truth on the student − on the pretrained model > 0; "
    "refuted: < 3 points",
    reads=SALIENCE,
    changed=STATED,
)
def weak_labels_make_statements_salient(tables):
    return judge(_asked_as(tables, "statement"), _gained, POINTS, smallest=3, sample=True)


@claim(
    "11",
    "analysis",
    "What was asked in pretraining is the switch: asked as questions, weak labels make nothing salient.",
    "a control: the pretraining text asks the tasks' own questions",
    "same tasks, pairs and dose, asked as questions: the same mean < 3 points; opposite: > 3",
    reads=SALIENCE,
    changed=STATED,
)
def questions_are_salient_already(tables):
    return judge(_asked_as(tables, "question"), _gained, POINTS, above=3, opposite=3, sign=-1, sample=True)


@claim(
    "11",
    "analysis",
    "Of statements, a linear probe finds less in the pretrained model than finetuning does.",
    "Burns et al. 2023, Section 5.2.3 and Fig. 11: 72 % against 82 %",
    "three tasks, mean of finetuned on truth − probed before > 0; refuted: < 5 points",
    reads=SALIENCE,
    changed=STATED,
)
def finetuning_finds_more_in_statements(tables):
    more = lambda p: mean(100 * (p["ceiling_accuracy"] - p["probe_before"]))
    return judge(_asked_as(tables, "statement"), more, POINTS, smallest=5, sample=True)


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
    "pca and patches: median over representations of PGR > 0.40; opposite: < 0; refuted: < 0.40",
    reads=VISION,
    changed="Refuted on seeds 0 to 9, where PGR was 0.20. Then a third representation came, which has a "
    "claim of its own; this one names its two.",
)
def vision_students_recover(tables):
    rows = table(tables, VISION)
    rows = rows[rows["student"] != CONTRASTIVE]
    return judge(gapped(rows), lambda p: median(recovered(p)), MEDIAN_PGR, above=0.4)


@claim(
    "12",
    "vision",
    "A student recovers 40 % or more if its representation learned that two views of an image are one thing.",
    "Burns et al. 2023, Appendix D.1: PGR 0.58 and 0.42 with DINO, which learns from views of images",
    "contrastive: PGR > 0.40; opposite: < 0; refuted: < 0.40",
    reads=VISION,
    changed=TRIALS,
)
def contrastive_students_recover(tables):
    rows = table(tables, VISION, student=CONTRASTIVE).assign(student=CONTRASTIVE)
    return judge(gapped(rows), lambda p: mean(recovered(p)), PGR, above=0.4)


@claim(
    "12",
    "vision",
    "The longer such a representation learned without labels, the more its student recovers.",
    "our own: pretraining is what weak labels bring out (Burns et al. 2023, Section 6.2)",
    "contrastive, after 300 passes over the images − after 20: PGR > 0; refuted: < 0.05",
    reads=VISION_PASSES,
    changed=TRIALS,
)
def longer_pretraining_recovers_more(tables):
    rows = table(tables, VISION_PASSES)
    at = lambda p, passes: recovered(p.where(student=f"{passes} passes"))
    students = rows.assign(student=rows["passes"].astype(str) + " passes").drop(columns="passes")
    return judge(gapped(students), lambda p: mean(at(p, 300) - at(p, 20)), PGR, smallest=0.05)


@claim(
    "13",
    "analysis",
    "The more of its pretraining text errs as its supervisor does, the less a student recovers.",
    "Burns et al. 2023, Section 6.1: imitation saliency, a disanalogy that their set-up does not have",
    "median over tasks of the slope of PGR against the share of such text < 0, from none to all; refuted: > "
    "−0.10",
    reads=DIALS,
    changed=AGAIN,
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
    changed=AGAIN,
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
    changed=AGAIN,
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
