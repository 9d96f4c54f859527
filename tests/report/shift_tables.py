"""The table of students under a shift, in which each effect is exactly what is asked."""

import pandas as pd
from pair_tables import TASKS


def shift_world(n_seeds, effects):
    """Outside, naive students are `far` below their supervisors where the student's half shifts, and `test`
    where only the test does. On other kinds they gain `kinds` less. An anchor gives `anchored` outside and
    `inside` inside; learned weights give `weighed`; the confidence loss takes `deeper`.
    """
    effects = {
        "far": 0.1,
        "test": 0.1,
        "kinds": 0.05,
        "anchored": 0.04,
        "inside": 0.0,
        "weighed": 0.1,
        "deeper": 0.05,
    } | effects
    rows = []
    for seed in range(n_seeds):
        e = {
            k: v[0] + v[1] * (seed - (n_seeds - 1) / 2) if isinstance(v, tuple) else v
            for k, v in effects.items()
        }
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
        for task in TASKS:
            for (shift, method), (inside, outside) in students.items():
                rows.append(
                    {
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
                )
    return {"shift": pd.DataFrame(rows)}
