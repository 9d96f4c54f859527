"""What others report of real models on real text: notebook 14.

The table has language models that can be had without a hub. Where no GPU finetuned them, students are heads
on frozen features. Its column `way` says which, and `data_prep/measure_language_models.py` says how.
"""

from __future__ import annotations

from .ledger import POINTS, SHARES, Table, anything, claim, judge, shares, table
from .pairs import by_method, gained, gapped
from .resampled import PAIR, group_means, median

LANGUAGE_MODELS = Table("language_models", anything(*PAIR, "method", "seed", "way") | shares(*SHARES[:3]))
#: Of both claims of this file.
CHANGED = (
    "Both were judged on results/real_grid.csv before: layers of one encoder, finetuned on 500 examples, "
    "three seeds. There the first was refuted, -0.3 [-0.7, 0.0] points, and the second undecided, -1.5 "
    "[-5.4, 2.4]. The table of language models took its place before it was made; what is read off it is "
    "the same, but that a dataset is now the mean of its pairs."
)


@claim(
    "14",
    "real text",
    "On real text, too, naive students beat their supervisors.",
    "Burns et al. 2023, Fig. 12: on most of 22 datasets",
    "language models, seeds 100 and above: median over datasets of student − supervisor > 0; a dataset is "
    "the mean of its pairs with a clear gap; refuted: < 1 point",
    reads=LANGUAGE_MODELS,
    changed=CHANGED,
)
def real_students_beat_supervisors(tables):
    rows = gapped(table(tables, LANGUAGE_MODELS, method="naive"))
    return judge(rows, gained, POINTS, smallest=1, sample=True)


@claim(
    "14",
    "real text",
    "On real text, the confidence loss gains on naive finetuning.",
    "EleutherAI 2024: higher PGR on 16 of 21 datasets",
    "language models, seeds 100 and above: median over datasets of accuracy with the loss − naive > 0, in "
    "points; a dataset is the mean of its pairs; refuted: < 1 point",
    reads=LANGUAGE_MODELS,
    changed=CHANGED,
)
def confidence_gains_on_real_text(tables):
    points = lambda p: 100 * (p["confidence student_accuracy"] - p["naive student_accuracy"])
    gain = lambda p: median(group_means(points(p), p.groups("task")))
    return judge(by_method(table(tables, LANGUAGE_MODELS)), gain, POINTS, smallest=1, sample=True)
