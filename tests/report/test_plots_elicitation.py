"""Pictures of notebook 27 show the numbers that they are given."""

import numpy as np
import pandas as pd
from drawn import ax, names, points  # noqa: F401  (a fixture)

from w2s_kit import plots


def test_search_traces(ax):
    assert plots.search_traces([[0.1, 0.2], [0.3, 0.4]], lines={"truth": 0.35}, ax=ax) is ax
    curves = [line.get_ydata() for line in ax.lines]
    np.testing.assert_allclose(curves[0], [0.1, 0.2])
    np.testing.assert_allclose(curves[1], [0.3, 0.4])
    np.testing.assert_allclose(curves[2], 0.35)
    assert [text.get_text() for text in ax.texts] == [" truth"]


def test_lines_over_leaves_out_what_is_not_known(ax):
    table = pd.DataFrame(
        [
            {"share": share, "a": share + seed / 10, "b": np.nan if share == 0 else share}
            for share in (0.0, 1.0)
            for seed in (0, 1)
        ]
    )
    plots.lines_over(table, "share", columns={"a": "first", "b": "second"}, ax=ax)
    np.testing.assert_allclose(points(ax, "first"), [[-0.006, 0.05], [0.994, 1.05]])
    np.testing.assert_allclose(points(ax, "second"), [[1.006, 1.0]])


def test_concept_bars(ax):
    table = pd.DataFrame(
        {"student": ["m", "m", "xl", "xl"], "truth": [0.5, 0.6, 0.9, 1.0], "manner": [0.8, 0.8, 0.5, 0.5]}
    )
    plots.concept_bars(table, concepts={"truth": "with truth", "manner": "with manner"}, ax=ax)
    np.testing.assert_allclose([bar.get_height() for bar in ax.patches], [0.55, 0.95, 0.8, 0.5])
    assert names(ax.get_legend().get_texts()) == ["with truth", "with manner"]
