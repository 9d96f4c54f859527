"""What others report of real models on real text: notebook 14."""

from __future__ import annotations

from .ledger import POINTS, SHARES, Table, anything, claim, judge, shares, table
from .pairs import by_method, gained, gapped
from .resampled import PAIR, median

REAL_GRID = Table("real_grid", anything(*PAIR, "method", "seed") | shares(*SHARES[:3]))


@claim(
    "14",
    "real text",
    "On real text, too, naive students beat their supervisors.",
    "Burns et al. 2023, Fig. 12: on most of 22 datasets",
    "median over datasets with a clear gap of student − supervisor > 0; refuted: < 1 point",
    reads=REAL_GRID,
)
def real_students_beat_supervisors(tables):
    rows = gapped(table(tables, REAL_GRID, method="naive"))
    return judge(rows, gained, POINTS, smallest=1, sample=True)


@claim(
    "14",
    "real text",
    "On real text, the confidence loss gains on naive finetuning.",
    "EleutherAI 2024: higher PGR on 16 of 21 datasets",
    "median over datasets of accuracy with the loss − naive > 0, in points; refuted: < 1 point",
    reads=REAL_GRID,
)
def confidence_gains_on_real_text(tables):
    gain = lambda p: median(100 * (p["confidence student_accuracy"] - p["naive student_accuracy"]))
    return judge(by_method(table(tables, REAL_GRID)), gain, POINTS, smallest=1, sample=True)
