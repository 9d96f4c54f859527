"""Pictures of notebook 22 show the numbers that they are given."""

import numpy as np
from drawn import all_points, ax, line, names, points  # noqa: F401  (a fixture)

from w2s_kit import plots
from w2s_kit.metrics.intervals import Interval


def test_changes_by_corrector(ax):
    intervals = {
        "helpful": [Interval(1, 0, 2, 3), Interval(4, 3, 5, 3)],
        "harmless": [Interval(7, 6, 8, 3), Interval(9, 8, 10, 3)],
    }
    plots.changes_by_corrector(intervals, names=["m, rude", "l"], ax=ax)
    np.testing.assert_allclose(points(ax, "helpful"), [[1, -0.15], [4, 0.85]])
    np.testing.assert_allclose(points(ax, "harmless"), [[7, 0.15], [9, 1.15]])
    assert names(ax.get_yticklabels()) == ["m, rude", "l"] and ax.yaxis_inverted()


def test_lines_over_crowds(ax):
    plots.lines_over_crowds(
        {"fixed": ([Interval(0.2, 0.1, 0.3, 3), Interval(0.4, 0.3, 0.5, 3)], "#029e73", "-^")},
        wrong=(0.1, 0.5),
        ax=ax,
    )
    np.testing.assert_allclose(points(ax, "fixed"), [[0.1, 0.2], [0.5, 0.4]])
    np.testing.assert_allclose(ax.get_xticks(), [0.1, 0.5])


def test_learned_from_labels(ax):
    names_of = {"own": "own answers", "truth": "truth"}
    plots.learned_from_labels(
        {"own": [0.5, 0.7], "truth": [1, 1]},
        {"own": [0.4, 0.6], "truth": [0.9, 0.9]},
        names=names_of,
        before=0.3,
        supervisor=0.2,
        ax=ax,
    )
    assert [each.get_ydata()[0] for each in ax.lines if each.get_marker() == "s"] == [0.6, 1]
    np.testing.assert_allclose(all_points(ax), [[0, 0.5], [1, 0.9]])
    np.testing.assert_allclose(line(ax, "the strong model, before").get_ydata(), 0.3)
    np.testing.assert_allclose(line(ax, "m, answering by itself").get_ydata(), 0.2)
    assert names(ax.get_xticklabels()) == ["own answers", "truth"]
