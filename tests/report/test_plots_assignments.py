"""Pictures of the problem sets show the numbers that they are given."""

import numpy as np
import pandas as pd
from drawn import ax, line, names  # noqa: F401  (a fixture)

from w2s_kit import plots


def test_pictures_of_problem_sets(ax):
    plots.accuracy_by_seed(
        pd.DataFrame({"who": ["x", "y"] * 2, "seed": [0, 0, 1, 1], "accuracy": [0.5, 0.6, 0.7, 0.8]}), ax=ax
    )
    np.testing.assert_allclose(line(ax, "seed 1").get_ydata(), [0.7, 0.8])
    assert names(ax.get_xticklabels()) == ["x", "y"]
    plots.errors_by_confidence({"naive": [0.2, 0.4]}, edges=(0.5, 0.7, 1.0), ax=ax)
    np.testing.assert_allclose(line(ax, "naive").get_xydata(), [[0, 0.2], [1, 0.4]])
    assert names(ax.get_xticklabels()) == ["0.5 to 0.7", "0.7 to 1"]


def test_solved_by_seed(ax):
    plots.solved_by_seed({"x": [0.1, 0.2], "y": [0.3, 0.4]}, ax=ax)
    np.testing.assert_allclose(line(ax, "seed 1").get_xydata(), [[20, 0], [40, 1]])
    assert [each.get_label() for each in ax.lines] == ["seed 0", "seed 1"]
    assert names(ax.get_yticklabels()) == ["x", "y"] and ax.yaxis_inverted()


def test_bands_of_difficulty(ax):
    bands = pd.DataFrame({"band": [0, 1], "gap": [0.2, 0.3], "gain": [0.1, -0.1]})
    plots.gap_and_gain(bands, ax=ax)
    np.testing.assert_allclose([bar.get_height() for bar in ax.patches], [20, 30, 10, -10])
    ax.clear()
    plots.gains_by_band({"x": bands, "y": bands}, looks={"x": ("#bbbbbb", "//"), "y": ("#0173b2", "")}, ax=ax)
    np.testing.assert_allclose([bar.get_height() for bar in ax.patches], [10, -10] * 2)
    assert names(ax.get_legend().get_texts()) == ["x", "y"]


def test_best_of_n(ax):
    curves = {
        name: pd.DataFrame({"n": [1, 64], "true": [0.1 * i, 0.2 * i]})
        for i, name in enumerate(("supervisor", "student", "ceiling"))
    }
    plots.best_of_n(curves, column="true", title="share of true answers", ax=ax)
    np.testing.assert_allclose(line(ax, "ceiling").get_xydata(), [[1, 0.2], [64, 0.4]])
    assert ax.get_title() == "share of true answers" and ax.get_xscale() == "log"


def test_corrected_and_kept(ax):
    plots.corrected_and_covered([0.0, 0.4], [1.0, 0.9], [0.95, 0.8], ax=ax)
    np.testing.assert_allclose(line(ax, "supervisor").get_ydata(), [1.0, 0.6])
    np.testing.assert_allclose(line(ax, "student, where it is silent").get_ydata(), [0.95, 0.8])
    plots.kept_labels((1, 5), [0.7, 0.9], by_probability=0.8, all_right=0.6, ax=ax)
    np.testing.assert_allclose(
        line(ax, "half kept by agreement of answers").get_xydata(), [[1, 0.7], [5, 0.9]]
    )
    np.testing.assert_allclose(line(ax, "half kept by one probability").get_ydata(), 0.8)
    np.testing.assert_allclose(line(ax, "all labels").get_ydata(), 0.6)
