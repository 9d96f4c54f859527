"""Measure the language column of notebook 07's table of methods and domains.

    python data_prep/measure_methods.py --jobs 2    # results/methods_grid.csv, methods_summary.csv

Five seeds. All three interventions learn on the same splits, which have fresh parts for the links of a chain.
The tasks are about nouns: other lexicons are too small to be dealt into five.

Resumable: every run is kept in the store, a killed script continues where it stopped.
"""

from __future__ import annotations

import pandas as pd
from measurements import reading
from measuring import options, parallel, save_grid

from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.store import Store
from w2s_kit.models.families import load_family
from w2s_kit.report.claims import FAIR

TASKS = ("edible", "weight", "size", "nli")  # one of each sort of question about nouns
LANGUAGE = Settings(task="", fresh=2)

if __name__ == "__main__":
    args = options(__doc__).parse_args()
    names, store, seeds = load_family("miniworld").names, Store(args.store), range(args.seeds)
    # the smallest size guesses, see notebook 02; one size at least is to lie between
    supervisors, student = names[1:3], names[-1]
    plain = grid(
        TASKS, supervisors, [student], ["naive", "confidence", "bootstrap"], seeds, LANGUAGE, store, args.jobs
    )
    pairs = [(supervisor, student) for supervisor in supervisors]
    have_read = parallel(
        reading,
        [(LANGUAGE, task, seed, pairs, [FAIR]) for seed in seeds for task in TASKS],
        "reading",
        args.jobs,
        store,
    )
    fair = [result.row() | {"method": name} for name, result in have_read]
    table = pd.concat([plain, pd.DataFrame(fair)], ignore_index=True)
    save_grid(table, store, args.out, "methods")
