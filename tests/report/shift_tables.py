"""The table of students under a shift, in which each effect is exactly what is asked."""

import pandas as pd
from effects import of_seed
from pair_tables import TASKS


def shift_world(n_seeds, effects):
    """Outside, naive students are `far` below their supervisors where the student's half shifts, and `test`
    where only the test does. On other kinds they gain `kinds` less. An anchor gives `anchored` outside and
    `inside` inside; learned weights give `weighed`; the confidence loss takes `deeper`. Reward models are
    `rude` below outside; on rude answers they gain `ruder` less; an anchor gives `held`.
    """
    effects = {
        "far": 0.1,
        "test": 0.1,
        "kinds": 0.05,
        "anchored": 0.04,
        "inside": 0.0,
        "weighed": 0.1,
        "deeper": 0.05,
        "rude": 0.1,
        "ruder": 0.05,
        "held": 0.04,
    } | effects
    rows = {"shift": [], "shift_manners": []}
    for seed in range(n_seeds):
        e = of_seed(effects, seed, n_seeds)
        far = 0.4 - e["far"]
        students = {  # (shift, method) -> accuracy (inside, outside); supervisors have 0.7 and 0.4
            ("kind", "naive"): (0.8, 0.5 - e["kinds"]),
            ("test", "naive"): (0.8, 0.4 - e["test"]),
            ("long", "naive"): (0.8, 0.5),
            ("long", "anchor"): (0.8 + e["inside"], 0.5 + e["anchored"]),
            ("student", "naive"): (0.5, far),
            ("student", "confidence"): (0.5, far - e["deeper"]),
            ("student", "panel mean"): (0.5, 0.5),
            ("student", "learned_weights"): (0.5, 0.5 + e["weighed"]),
        }
        reward_models = {
            ("kind", "naive"): (0.8, 0.5 - e["ruder"]),
            ("half", "naive"): (0.8, 0.4 - e["rude"]),
            ("both", "naive"): (0.8, 0.4),
            ("both", "anchor"): (0.8 + e["inside"], 0.4 + e["held"]),
        }
        rows["shift"] += [_row(task, seed, *one) for task in TASKS for one in students.items()]
        rows["shift_manners"] += [_row("dialogue", seed, *one) for one in reward_models.items()]
    return {name: pd.DataFrame(those) for name, those in rows.items()}


def _row(task, seed, about, accuracies):
    (shift, method), (inside, outside) = about, accuracies
    return {
        "task": task,
        "supervisor": "l",
        "student": "xl",
        "shift": shift,
        "method": method,
        "seed": seed,
        "labels": 0.6,
        "supervisor_in": 0.7,
        "supervisor_out": 0.4,
        "student_in": inside,
        "student_out": outside,
        "ceiling_in": 0.9,
        "ceiling_out": 0.9,
    }
