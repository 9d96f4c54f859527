"""Pictures of notebook 29 show the numbers that they are given."""

import numpy as np
import pandas as pd
from drawn import ax, names, points  # noqa: F401  (a fixture)

from w2s_kit import plots


def test_inside_and_outside(ax):
    table = pd.DataFrame(
        [
            {
                "method": method,
                "task": task,
                "seed": seed,
                "student_in": base + 0.1 * seed,
                "student_out": base - 0.3 + 0.02 * (task == "b"),
                "supervisor_in": 0.7,
                "supervisor_out": 0.2 + base / 10,
            }
            for method, base in (("naive", 0.6), ("anchor", 0.8))
            for task in ("a", "b")
            for seed in (0, 1)
        ]
    )
    assert plots.inside_and_outside(table, ax=ax) is ax
    np.testing.assert_allclose(points(ax, "student inside"), [[0.65, 1], [0.85, 0]])
    np.testing.assert_allclose(points(ax, "student outside"), [[0.31, 1], [0.51, 0]])
    bars = next(line for line in ax.lines if line.get_label() == "supervisor outside")
    np.testing.assert_allclose(bars.get_xydata(), [[0.26, 1], [0.28, 0]])
    assert names(ax.get_yticklabels()) == ["naive", "anchor"]
