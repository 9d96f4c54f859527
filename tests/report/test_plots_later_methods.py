"""Pictures of notebooks 19, 20 and 26 show the numbers that they are given."""

import numpy as np
import pandas as pd
import pytest
from drawn import all_points, ax, names, points  # noqa: F401  (a fixture)

from w2s_kit import plots
from w2s_kit.metrics.intervals import Interval

COLORS = {"a": "#0173b2", "b": "#de8f05", "c": "#029e73"}


def test_accuracy_by_agreement(ax):
    assert (
        plots.accuracy_by_agreement(
            {"5 : 0": 0.9, "3 : 2": 0.5}, {"5 : 0": 10, "3 : 2": 4}, title="one seed", ax=ax
        )
        is ax
    )
    assert [bar.get_height() for bar in ax.patches] == [0.9, 0.5]
    assert [text.get_text() for text in ax.texts] == ["0.90\n10 questions", "0.50\n4 questions"]
    assert ax.get_title() == "one seed"


def test_kept_and_dropped(ax):
    table = pd.DataFrame(
        {"task": ["a", "a", "b", "b"], "kept": [0.9, 0.8, 0.7, 0.7], "dropped": [0.6, 0.5, 0.5, 0.6]}
    )
    plots.kept_and_dropped(table, colors={"a": "#0173b2", "b": "#de8f05"}, ax=ax)
    np.testing.assert_allclose(all_points(ax), [[-0.1, 0.85], [0.1, 0.55], [0.9, 0.7], [1.1, 0.55]])
    assert names(ax.get_xticklabels()) == ["a", "b"]


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        [
            dict(task=task, seed=seed, naive=rng.random(), ceiling=rng.random())
            for task in COLORS
            for seed in range(3)
        ]
    )


def test_accuracy_by_method_has_a_series_a_task(table, ax):
    plots.accuracy_by_method(
        table, methods={"naive": "naive", "ceiling": "the ceiling"}, colors=COLORS, spread=0.2, ax=ax
    )
    means = table.groupby("task")[["naive", "ceiling"]].mean()
    for place, task in enumerate(COLORS):
        at = 0.2 * (place - 1)
        np.testing.assert_allclose(points(ax, task), [[at, means.naive[task]], [1 + at, means.ceiling[task]]])
    assert names(ax.get_xticklabels()) == ["naive", "the ceiling"] and ax.get_legend() is not None
    assert len({container.lines[0].get_marker() for container in ax.containers}) == 3


def test_accuracy_by_method_without_a_legend(table, ax):
    plots.accuracy_by_method(table, methods={"naive": "naive"}, colors=COLORS, legend=False, ax=ax)
    assert ax.get_legend() is None


def test_method_differences(ax):
    intervals = {"x − y": Interval(2.0, 1.0, 3.0, 4), "x − z": Interval(-1.0, -2.0, 0.0, 4)}
    by_task = {
        task: {name: i + interval.mean for name, interval in intervals.items()}
        for i, task in enumerate(COLORS)
    }
    plots.method_differences(intervals, by_task=by_task, colors=COLORS, ax=ax)
    np.testing.assert_allclose(all_points(ax), [[2, 0], [-1, 1]])
    shown = [each.get_xydata()[0].tolist() for each in ax.lines if each.get_marker() in "osD"]
    assert [0 + 2.0, 0.25] in shown and [2 - 1.0, 1.25] in shown and len(shown) == 6
    assert names(ax.get_yticklabels()) == ["x − y", "x − z"] and ax.yaxis_inverted()


def test_paired_bars(ax):
    groups = {"before": {"x": [0.5, 0.7], "y": [0.8, 0.8]}, "after": {"x": [0.1, 0.3], "y": [0.4, 0.6]}}
    plots.paired_bars(groups, colors=("#bcd8ea", "#0173b2"), hatches=("", "//"), ax=ax)
    np.testing.assert_allclose([bar.get_height() for bar in ax.patches], [0.6, 0.8, 0.2, 0.5])
    assert [bar.get_hatch() for bar in ax.patches] == ["", "//", "", "//"]
    assert names(ax.get_legend().get_texts()) == ["x", "y"] and names(ax.get_xticklabels()) == [
        "before",
        "after",
    ]


def test_by_share_kept(ax):
    sweep = pd.DataFrame({"threshold": [0.5, 1.0], "share kept": [1.0, 0.3], "right": [0.7, 0.9]})
    plots.by_share_kept(sweep, column="right", ax=ax)
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[1, 0.7], [0.3, 0.9]])
    assert [(text.get_text(), text.xy) for text in ax.texts] == [("0.5", (1.0, 0.7)), ("1.0", (0.3, 0.9))]
    assert ax.get_ylabel() == "right"
