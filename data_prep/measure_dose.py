"""Measure chess students who are asked, with few puzzles, and taught, with many, for notebook 04.

    python data_prep/measure_dose.py --first 100 --seeds 20                    # results/chess_dose.csv
    python data_prep/measure_dose.py --first 100 --seeds 5 --real FILE.csv     # results/chess_dose_real.csv

A small dose of weak labels asks a student for what it knows, a large one teaches it to play as its supervisor
does. Everything else is that of `CHESS`: hard labels (all weight on the move that the supervisor would play),
the models' own rates, and the same test for both doses of a seed. Paper: Section 4.2 and Figure 3e, whose
dose is 50,000 puzzles and 5 epochs. The table grows seed by seed, and the store keeps every run, so a killed
script continues; two minutes a seed on one core.

With `--real` the puzzles are those of a file of Lichess, and there is a third dose, nearer to the paper's.
Ten minutes a seed; 40,000 rows are enough. The stored table comes from 40,000 puzzles of ratings 500 to
2,100 and a popularity below 70 (the file is not shipped).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
from measuring import grow, options

from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.settings import CHESS
from w2s_kit.experiment.stages import run_zero_shot
from w2s_kit.experiment.store import Store

DOSES = ((1_000, 2), (4_000, 5))  # puzzles in each half, epochs
REAL_DOSES = (*DOSES, (16_000, 5))
PAIRS = {"xs": ("s", "m", "l"), "s": ("m", "l"), "m": ("l",)}  # a supervisor, and all larger students
KEPT = ["task", "supervisor", "student", "n_train", "epochs", "seed"] + [
    "supervisor_accuracy",
    "student_accuracy",
    "ceiling_accuracy",
    "zero_shot_accuracy",
    "label_accuracy",
    "agreement_right",
    "agreement_wrong",
]


def dosed(
    n_train: int, epochs: int, seed: int, store: Store, pairs: dict = PAIRS, puzzles: str = "chess"
) -> pd.DataFrame:
    """A row a pair of models, at one dose of `puzzles`, a task's name.

    `zero_shot_accuracy` is that of the student as pretrained, on the same test.
    """
    settings = replace(CHESS, task=puzzles, n_train=n_train, epochs=epochs)
    parts = [
        grid([puzzles], [supervisor], students, ["naive"], [seed], settings, store)
        for supervisor, students in pairs.items()
    ]
    rows = pd.concat(parts).assign(task="chess", n_train=n_train, epochs=epochs)  # no path of a file
    before = {
        name: run_zero_shot(replace(settings, seed=seed), name, store=store).accuracy()
        for name in rows["student"].unique()
    }
    return rows.assign(zero_shot_accuracy=rows["student"].map(before))[KEPT]


if __name__ == "__main__":
    parser = options(__doc__)
    parser.add_argument("--real", type=Path, help="a file of Lichess puzzles, in place of the kit's own")
    args = parser.parse_args()
    name, doses, puzzles = "chess_dose", DOSES, "chess"
    if args.real:
        name, doses, puzzles = "chess_dose_real", REAL_DOSES, f"chess:{args.real}"
    measure = lambda tasks, seed: pd.concat(
        [dosed(*dose, seed, Store(args.store), puzzles=puzzles) for dose in doses]
    )
    grow(args.out / f"{name}.csv", args, ["chess"], measure)
