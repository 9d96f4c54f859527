"""The picture of notebook 30 shows the numbers that it is given."""

import numpy as np
import pandas as pd
from drawn import ax, points  # noqa: F401  (a fixture)

from w2s_kit import plots


def test_caught_by_gap(ax):
    elo = {"xs": -200, "s": 0, "m": 200}
    table = pd.DataFrame(
        [
            {
                "judge": judge,
                "player": player,
                "seed": seed,
                "gap": elo[player] - elo[judge] + 10 * seed,
                "caught": 0.5 - (elo[player] - elo[judge]) / 1000 + 0.02 * seed,
            }
            for judge in elo
            for player in elo
            for seed in (0, 1)
        ]
    )
    assert plots.caught_by_gap(table, ax=ax) is ax
    np.testing.assert_allclose(points(ax, "judge xs"), [[205, 0.31], [405, 0.11]])
    np.testing.assert_allclose(points(ax, "judge m"), [[-395, 0.91], [-195, 0.71]])
