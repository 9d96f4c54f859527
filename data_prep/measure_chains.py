"""Measure bootstrapping chains of chess players who are taught, for notebook 05.

    python data_prep/measure_chains.py --first 100 --seeds 20           # the table chess_chains.csv
    python data_prep/measure_chains.py --first 100 --seeds 7 --fine     # the table chess_ladder.csv

At the dose of 4,000 puzzles and 5 epochs near pairs recover more than wide ones (notebook 04). That is when
small steps should help. A row a pair and way: directly, or through one or two sizes between, each link on
puzzles that nobody in the chain has learned from. Student and ceiling learn on the same half on every way.
Paper: Section 4.3.1 and Figure 4. Two minutes a seed on one core.

Criterion, fixed before a seed from 100 on was measured: xs to l, PGR through s and m − PGR of the direct way
> 0; refuted: < 0.10.

With `--fine` the players are those of "chess-fine", with a size between xs and s and one between s and m: are
half steps recovered better than whole ones, and does a chain through them help? Four minutes a seed.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from measuring import grow, options

from w2s_kit.experiment.result import Result
from w2s_kit.experiment.settings import CHESS
from w2s_kit.experiment.stages import run_ground_truth, run_student
from w2s_kit.experiment.store import Store

TAUGHT = replace(CHESS, n_train=4_000, epochs=5)
#: Supervisor and student, and the sizes that each way goes through.
WAYS = {("xs", "l"): [(), ("m",), ("s", "m")], ("s", "l"): [(), ("m",)], ("xs", "m"): [(), ("s",)]}
#: The same for the finer ladder: half steps, whole ones, and chains.
FINE_WAYS = {
    ("xs", "xs+"): [()],
    ("xs+", "s"): [()],
    ("xs", "s"): [(), ("xs+",)],
    ("s", "s+"): [()],
    ("s+", "m"): [()],
    ("s", "m"): [(), ("s+",)],
    ("s", "l"): [(), ("m",), ("s+", "m")],
}


def chains(seed: int, store: Store, settings=TAUGHT, ways: dict = WAYS) -> list[dict]:
    """A row a pair and way. `teacher_accuracy`: of the last teacher, on a direct way the supervisor."""
    settings, rows = replace(settings, seed=seed), []
    for (supervisor, student), paths in ways.items():
        weak = run_ground_truth(settings, supervisor, store=store, progress=False)
        ceiling = run_ground_truth(settings, student, "student", store=store, progress=False)
        for through in paths:
            way = {"method": "bootstrap", "through": list(through)} if through else {}
            run = run_student(settings, supervisor, student, store=store, progress=False, **way)
            row = Result(weak, run, ceiling).row()
            about = {"task": "chess", "supervisor": supervisor, "student": student}
            rows.append(
                about
                | {"through": ", ".join(through) or "direct", "seed": seed}
                | {f"{who}_accuracy": row[f"{who}_accuracy"] for who in ("supervisor", "student", "ceiling")}
                | {"teacher_accuracy": store.load(run.config["supervisor_run"]).accuracy()}
            )
    return rows


if __name__ == "__main__":
    parser = options(__doc__)
    parser.add_argument("--fine", action="store_true", help="the finer ladder, in a table of its own")
    args = parser.parse_args()
    name, settings, ways = "chess_chains", TAUGHT, WAYS
    if args.fine:
        name, settings, ways = "chess_ladder", replace(TAUGHT, family="chess-fine"), FINE_WAYS
    measure = lambda tasks, seed: pd.DataFrame(chains(seed, Store(args.store), settings, ways))
    grow(args.out / f"{name}.csv", args, ["chess"], measure)
