"""Measure the language column of notebook 07's table of methods and domains.

    python data_prep/measure_methods.py --jobs 2    # results/methods_grid.csv, methods_summary.csv

Five seeds. All three interventions learn on the same splits, which have fresh parts for the links of a chain.
The tasks are about nouns: other lexicons are too small to be dealt into five.

Resumable: every run is kept in the store, a killed script continues where it stopped.
"""

from __future__ import annotations

import pandas as pd
from measurements import reading
from measuring import grow_tables, options, parallel, save_summary

from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.store import Store
from w2s_kit.models.families import load_family
from w2s_kit.report.claims import FAIR

TASKS = ("edible", "weight", "size", "nli")  # one of each sort of question about nouns
LANGUAGE = Settings(task="", fresh=2)

if __name__ == "__main__":
    args = options(__doc__).parse_args()
    names, store = load_family("miniworld").names, Store(args.store)
    # the smallest size guesses, see notebook 02; one size at least is to lie between
    supervisors, student = names[1:3], names[-1]
    pairs = [(supervisor, student) for supervisor in supervisors]

    def measure(seed: int) -> dict[str, pd.DataFrame]:
        methods = ["naive", "confidence", "bootstrap"]
        plain = grid(TASKS, supervisors, [student], methods, [seed], LANGUAGE, store, args.jobs)
        cells = [(LANGUAGE, task, seed, pairs, [FAIR]) for task in TASKS]
        have_read = parallel(reading, cells, "reading", args.jobs, store)
        fair = [result.row() | {"method": name} for name, result in have_read]
        return {"methods_grid": pd.concat([plain, pd.DataFrame(fair)], ignore_index=True)}

    tables = grow_tables(["methods_grid"], args, measure)
    save_summary(tables["methods_grid"], args.out, "methods")
