"""The table of models that err alike (notebook 26), in which each effect is exactly what is asked."""

import itertools

import pandas as pd
from effects import of_seed
from pair_tables import MODELS, TASKS


def alike_world(n_seeds, effects):
    """Gain rises by `gains`, and PGR by `recovers`, for each unit of κp. κp of neighbours in words rises by
    `grows` a size. Taught by a supervisor that shares all errors, or none, a student is `shared` or `opposed`
    better than by one of chance overlap.
    """
    effects = {"gains": -0.5, "recovers": -0.5, "grows": 0.02, "shared": -0.03, "opposed": -0.05} | effects
    rows, names = [], list(MODELS)
    for seed in range(n_seeds):
        e = of_seed(effects, seed, n_seeds)
        for place, task in enumerate(TASKS):
            for number, (w, s) in enumerate(itertools.combinations(range(len(names)), 2)):
                kappa = 0.02 * number + 0.003 * place
                gain, pgr = 0.15 + e["gains"] * (kappa - 0.05), 0.5 + e["recovers"] * (kappa - 0.05)
                pair = {"task": task, "supervisor": names[w], "student": names[s], "seed": seed}
                reached = {"student_accuracy": 0.6 + gain, "ceiling_accuracy": 0.6 + gain / pgr}
                rows.append(
                    {**pair, "what": "pair", "capa": kappa, "label_accuracy": 0.6, "supervisor_accuracy": 0.6}
                    | reached
                )
                if s == w + 1:
                    kappa = 0.1 + e["grows"] * s
                    rows.append({**pair, "what": "words", "capa": kappa, "label_accuracy": 0.6 + 0.1 * w})
        for student, (overlap, more) in itertools.product(
            ("m", "l"), ((0, e["opposed"]), (0.3, 0), (0.5, 0.01), (1, e["shared"]))
        ):
            pair = {"task": "edible", "supervisor": f"overlap {overlap}", "student": student, "seed": seed}
            accuracies = {"supervisor_accuracy": 0.7, "student_accuracy": 0.8 + more, "ceiling_accuracy": 0.9}
            rows.append(
                {**pair, "what": "dial", "overlap": overlap, "capa": overlap / 3, "label_accuracy": 0.7}
                | accuracies
            )
    return {"alike": pd.DataFrame(rows)}
