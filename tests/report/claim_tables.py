"""All tables that claims read, in which each effect is exactly what is asked."""

from functools import cache

import pandas as pd
from analysis_tables import insides
from later_tables import advice_world, arena_world, debate_world, inside_world, sums_world, theory_world
from pair_tables import MODELS, TASKS, chess_world, other_world, summary


def world(*args, **effects):
    """See `_world`; tables of one's own."""
    return {name: table.copy() for name, table in _world(*args, **effects).items()}


@cache
def _world(n_seeds=3, weak=(0.56, 0.58, 0.60, 0.62), methods=("naive", "confidence"), **effects):
    """Tables in which each effect is exactly what is asked: a number, or (number, spread), spread growing
    with the seed so that the seeds' mean is the number.
    """
    effects = {
        "ceiling": 0.03,
        "pgr": 0.5,
        "pgr_slope": 0.05,
        "far": 0.1,
        "near": -0.02,
        "agree": 0.2,
        "shift": 0,
        "wrong_slope": 0,
        "lost": 0.1,
        "apart": 0.05,
    } | effects
    grid, imitation = [], []
    for seed in range(n_seeds):
        e = {
            k: v[0] + v[1] * (seed - (n_seeds - 1) / 2) if isinstance(v, tuple) else v
            for k, v in effects.items()
        }
        for task, shift in TASKS.items():
            for w, supervisor in enumerate(MODELS):
                for s, student in enumerate(MODELS):
                    if s < w:
                        continue
                    ceiling = 0.8 + e["ceiling"] * (s - 1.5)
                    naive = weak[w] + (e["pgr"] + shift + e["pgr_slope"] * (s - w - 2)) * (ceiling - weak[w])
                    imitation.append(
                        {
                            "domain": "language",
                            "task": task,
                            "supervisor": supervisor,
                            "student": student,
                            "method": "naive",
                            "seed": seed,
                            "cross_entropy_wrong": 0.7 + e["apart"] * (s - 1.5),
                        }
                    )
                    for method in methods:
                        gain = (
                            0
                            if method == "naive"
                            else e["far"]
                            if s == 3 and w < 2
                            else e["near"]
                            if s == w + 1
                            else 0
                        )
                        grid.append(
                            {
                                "task": task,
                                "supervisor": supervisor,
                                "student": student,
                                "method": method,
                                "seed": seed,
                                "supervisor_accuracy": weak[w],
                                "student_accuracy": naive + gain,
                                "ceiling_accuracy": ceiling,
                                "agreement_right": 0.6 + e["agree"] + e["shift"],
                                "agreement_wrong": 0.6
                                + e["shift"]
                                + e["wrong_slope"] * (s - 1.5)
                                - e["lost"] * (method != "naive"),
                                "supervisor_pretraining_flops": MODELS[supervisor],
                                "student_pretraining_flops": MODELS[student],
                            }
                        )
    grid = pd.DataFrame(grid)
    return {
        "nlp_grid": grid,
        "nlp_summary": summary(grid),
        "imitation": pd.DataFrame(imitation),
        **chess_world(n_seeds, effects),
        **other_world(n_seeds, effects),
        **insides(n_seeds, effects),
        **theory_world(n_seeds, effects),
        **sums_world(n_seeds, effects),
        **advice_world(n_seeds, effects),
        **inside_world(n_seeds, effects),
        **arena_world(n_seeds, effects),
        **debate_world(n_seeds, effects),
    }
