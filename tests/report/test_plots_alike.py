"""The picture of models that err alike shows the numbers that it is given."""

import numpy as np
import pandas as pd
from drawn import ax, names  # noqa: F401  (a fixture)
from matplotlib.colors import to_hex

from w2s_kit import plots


def test_gain_by_likeness(ax):
    cells = pd.DataFrame(
        {
            "student": ["m", "l", "l", "s"],
            "capa": [0.1, 0.05, 0.2, 0.3],
            "gain": [3.0, 8.0, -1.0, 2.0],
            "taught": [True, True, False, False],
        }
    )
    assert plots.gain_by_likeness(cells, ax=ax) is ax
    drawn = {tuple(map(tuple, c.get_offsets())): c for c in ax.collections if len(c.get_offsets())}
    assert set(drawn) == {((0.1, 3.0),), ((0.05, 8.0),), ((0.2, -1.0),), ((0.3, 2.0),)}
    full, hollow = drawn[((0.05, 8.0),)], drawn[((0.2, -1.0),)]
    assert len(full.get_facecolor()) == 1 and len(hollow.get_facecolor()) == 0
    np.testing.assert_allclose(full.get_edgecolor(), hollow.get_edgecolor())
    assert to_hex(drawn[((0.1, 3.0),)].get_edgecolor()[0]) != to_hex(full.get_edgecolor()[0])
    assert sorted(names(ax.get_legend().get_texts())) == ["student l", "student m", "student s"]
