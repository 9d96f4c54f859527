"""What Burns et al. (2023) claim of language tasks: notebooks 00 to 03."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...metrics.answers import equivalent
from .ledger import MEDIAN_PGR, PGR, POINTS, claim, judge
from .pairs import NLP, above_chance, answered, by_pair, clear, lines, pgr
from .resampled import Means, NotMeasured, group_means, median, slopes

#: On so many tasks a supervisor has to be above chance, for a median over tasks to say something.
TASKS = 3
#: Of all claims of this file.
CHANGED = (
    "The start of the head was changed after all verdicts on seeds 0 to 4 were known. The smallest effects "
    "of interest, and the rule for supervisors at chance, were set after these seeds, and 50 to 54, "
    "had been seen."
)
#: Of claims that read nlp_grid.csv.
JUDGED = " Judged on seeds from 100 on: 16 of 20 were there when the time was up, and nobody had looked."


@claim(
    "00",
    "language",
    "Students finetuned naively on weak labels beat their supervisors on most tasks.",
    "Burns et al. 2023, Fig. 3a and 12",
    "median over tasks of student − supervisor > 0; a task is the mean of its pairs with a clear gap; "
    "refuted: < 1 point",
    reads=NLP,
    changed=CHANGED + JUDGED,
)
def students_beat_supervisors(tables):
    gain = lambda p: median(group_means(p["naive"] - p["weak"], p.groups("task")))
    return judge(clear(by_pair(tables)), gain, POINTS, smallest=1, sample=True)


@claim(
    "01",
    "language",
    "Students agree with their supervisor more where it is right than where it is wrong.",
    "Burns et al. 2023, Section 5.1.3, Fig. 8b and 8c",
    "median over tasks and pairs of agreement where right − where wrong > 0; refuted: < 2 points",
    reads=NLP,
    changed=CHANGED + JUDGED,
)
def agreement_follows_truth(tables):
    return judge(
        answered(by_pair(tables)), lambda p: median(p["right"] - p["wrong"]), POINTS, smallest=2, sample=True
    )


@claim(
    "02",
    "language",
    "Ceilings grow with pretraining compute.",
    "Burns et al. 2023, Fig. 5a: median ceiling 62 % to 90 % over the family (read off the figure, ±1)",
    "median over tasks of the slope of the ceiling > 0, in points per factor of 10 in compute; refuted: < 2 "
    "points",
    reads=NLP,
    changed=CHANGED + JUDGED,
)
def ceilings_grow(tables):
    models = by_pair(tables, upward=False).drop_duplicates(["task", "student", "seed"])
    slope = lambda m: median(slopes(m["size"], m["ceiling"], m.groups("task")))
    return judge(models, slope, POINTS + " per factor of 10", smallest=2, sample=True)


@claim(
    "02",
    "language",
    "Naive finetuning recovers more than 20 % of the gap on language tasks.",
    "Burns et al. 2023, Fig. 3d: more than 20 % even for very weak supervisors",
    "median PGR over tasks and pairs whose supervisor is above chance > 0.20; opposite: < 0; refuted: < 0.20",
    reads=NLP,
    changed=CHANGED + JUDGED,
)
def naive_pgr_above_20(tables):
    return judge(
        clear(above_chance(by_pair(tables))),
        lambda p: median(pgr(p, "naive")),
        MEDIAN_PGR,
        above=0.2,
        sample=True,
    )


@claim(
    "02",
    "language",
    "For a fixed supervisor, PGR grows with the student.",
    "Burns et al. 2023, Fig. 3d; for the weakest supervisor almost flat, 0.25 to 0.275 (Fig. 5b, read off "
    "the figure, ±0.01)",
    "median over tasks and supervisors above chance of the slope of PGR > 0, per factor of 10 in the "
    "student's compute; refuted: < 0.02",
    reads=NLP,
    changed=CHANGED + JUDGED,
)
def pgr_grows_with_student(tables):
    # within a task: near pairs have a clear gap on fewer tasks, so medians of small and large students are
    # over different ones
    return judge(
        lines(clear(above_chance(by_pair(tables)))),
        lambda p: median(slopes(p["size"], pgr(p, "naive"), p.groups("task", "supervisor"))),
        PGR + " per factor of 10",
        smallest=0.02,
        sample=True,
    )


@claim(
    "02",
    "language",
    "A strong model learns more from its supervisor's true labels than from its supervisor.",
    "the baseline that a reader asks for; Burns et al. 2023 train all models on halves of one size",
    "students below the largest size, of a smaller supervisor above chance: median over tasks of accuracy, "
    "finetuned on the truth of the supervisor's half − on its weak labels, > 0; a task is the mean of its "
    "pairs; refuted: < 1 point",
    reads=NLP,
    changed="Entered after the accuracies of seeds 0 to 4 had been seen, but not this comparison. "
    + CHANGED
    + JUDGED,
)
def truth_of_the_supervisors_half_teaches_more(tables):
    every = by_pair(tables, upward=False)
    own = every.drop_duplicates(["task", "supervisor", "seed"])[["task", "supervisor", "seed", "weak"]]
    own = own.set_axis(["task", "student", "seed", "own"], axis=1)  # as a supervisor itself
    pairs = above_chance(every.query("step > 0")).merge(own, on=["task", "student", "seed"])
    if pairs.empty:
        raise NotMeasured("no student is a supervisor as well")
    gain = lambda p: median(group_means(p["own"] - p["naive"], p.groups("task")))
    return judge(pairs, gain, POINTS, smallest=1, sample=True)


@claim(
    "03",
    "language",
    "The confidence loss raises PGR where the gap is largest.",
    "Burns et al. 2023, Fig. 5b: median PGR from about 0.25 to about 0.80",
    f"smallest supervisor that is above chance on {TASKS} tasks or more, largest student: median over these "
    "tasks of PGR with the loss − naive > 0; refuted: < 0.10",
    reads=NLP,
    changed=CHANGED + JUDGED,
)
def confidence_helps_across_large_gaps(tables):
    pairs = widest(above_chance(clear(by_pair(tables, "confidence"))))
    return judge(
        pairs[pairs["size"] == pairs["size"].max()],
        lambda p: median(pgr(p, "confidence") - pgr(p, "naive")),
        PGR,
        smallest=0.1,
        sample=True,
    )


def widest(pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs of the smallest supervisor that can teach the largest student on TASKS tasks or more."""
    largest = pairs[pairs["size"] == pairs["size"].max()]
    taught = largest.groupby("supervisor_size")["task"].nunique()
    usable = taught.index[taught >= TASKS]
    if usable.empty:
        raise NotMeasured(f"no supervisor is above chance on {TASKS} tasks with a clear gap")
    ours = largest[largest["supervisor_size"] == usable.min()]
    return pairs[(pairs["supervisor_size"] == usable.min()) & pairs["task"].isin(ours["task"])]


@claim(
    "03",
    "language",
    "With the loss, the largest student of a small supervisor is worth a model more than half way up to it.",
    "Burns et al. 2023, abstract: GPT-4 with a GPT-2-level supervisor is close to GPT-3.5-level on NLP tasks",
    f"smallest supervisor that is above chance on {TASKS} tasks or more, largest student: the size whose "
    "model, finetuned on truth, is as good, read off the ceilings; median over these tasks of its place "
    "between supervisor (0) and student (1), in log compute, > 0.50; opposite: < 0.50",
    reads=NLP,
    changed="Entered after seeds 0 to 4 had been seen, and its opposite was set by a look at them. "
    + CHANGED,
)
def students_are_worth_a_larger_model(tables):
    every = by_pair(tables, "confidence", upward=False)
    wide = widest(above_chance(clear(by_pair(tables, "confidence"))))
    rows = every[every["supervisor"].isin(wide["supervisor"]) & every["task"].isin(wide["task"])]
    return judge(rows, worth, "place {:z.2f} [{:z.2f}, {:z.2f}]", above=0.5, opposite=0.5, sample=True)


def worth(p: Means) -> np.ndarray:
    """Where between supervisor (0) and largest student (1) a model is as good as this student, [draws].

    It is read off the ceilings of a task, see `equivalent`; the median over tasks.
    """
    places = []
    for task in np.unique(p["task"].astype(str)):
        here = np.flatnonzero(p["task"] == task)
        here = here[np.argsort(p["size"][here])]
        sizes, draws = p["size"][here], zip(p["ceiling"][:, here], p["confidence"][:, here[-1]])
        equal = [equivalent(sizes, ceilings, student) for ceilings, student in draws]
        places.append((np.array(equal) - sizes[0]) / (sizes[-1] - sizes[0]))
    return median(np.column_stack(places))


@claim(
    "03",
    "language",
    "The confidence loss hurts students close to their supervisor's size.",
    "Burns et al. 2023, Fig. 5b: PGR 0.18 against 0.25 for the smallest student (read off the figure, ±0.01)",
    "student one size up, supervisor above chance: median over tasks of accuracy with the loss − naive < 0; "
    "a task is the mean of its pairs; refuted: > −1 point",
    reads=NLP,
    changed=CHANGED + JUDGED,
)
def confidence_hurts_near_pairs(tables):
    near = above_chance(by_pair(tables, "confidence").query("step == 1"))
    gain = lambda p: median(group_means(p["confidence"] - p["naive"], p.groups("task")))
    return judge(near, gain, POINTS, sign=-1, smallest=1, sample=True)
