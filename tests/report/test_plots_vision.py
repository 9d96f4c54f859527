"""Pictures of notebook 12 show the data that they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from drawn import ax  # noqa: F401  (a fixture)
from test_plots_chess_and_rewards import ticks

from w2s_kit import estimate_pgr, plots


@pytest.mark.parametrize("frame_first", [False, True])
def test_image_rows_have_a_line_for_each_name(frame_first):
    images = np.random.default_rng(0).random((2, 3, 8, 8))
    figure = plots.image_rows(
        {"whole": images[0], "covered": images[1]}, size=(5, 2), frame_first=frame_first
    )
    assert [a.get_ylabel() for a in figure.axes] == ["whole", "", "", "covered", "", ""]
    np.testing.assert_array_equal(figure.axes[4].images[0].get_array(), images[1, 1])
    widths = [a.spines["left"].get_linewidth() for a in figure.axes]
    assert (widths[0] > widths[1]) == frame_first and list(figure.get_size_inches()) == [5, 2]
    plt.close(figure)


def test_stage_levels_have_three_marks_on_a_bar(ax):
    assert plots.stage_levels({"pca": (0.5, 0.7, 0.9), "patches": (0.5, 0.6, 0.95)}, ax=ax) is ax
    assert ticks(ax) == ["pca", "patches"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["supervisor", "student", "ceiling"]
    marks = [tuple(drawn.get_xydata()[0]) for drawn in ax.lines if len(drawn.get_xdata()) == 1]
    assert marks == [(0, 0.5), (0, 0.7), (0, 0.9), (1, 0.5), (1, 0.6), (1, 0.95)]


def test_pgr_by_source_tells_students_and_sources_apart(ax):
    points = pd.DataFrame(
        {
            "student": ["a", "a", "b"],
            "source": ["paper", "revised", "digits"],
            "gap": [7.0, 8.0, 40.0],
            "pgr": [0.5, 0.6, 0.3],
            "low": [np.nan, np.nan, 0.2],
            "high": [np.nan, np.nan, 0.5],
        }
    )
    assert plots.pgr_by_source(points, hollow="revised", ax=ax) is ax
    paper, revised = ax.lines[:2]
    assert paper.get_markerfacecolor() != "none" and revised.get_markerfacecolor() == "none"
    assert paper.get_color() == revised.get_color() and tuple(revised.get_xydata()[0]) == (8, 0.6)
    (interval,) = ax.containers[0][2]
    np.testing.assert_allclose(interval.get_segments()[0], [[40, 0.2], [40, 0.5]])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "a, paper",
        "a, revised",
        "b, digits",
    ]


def test_pgr_by_passes_leaves_out_what_is_undefined(ax):
    """A clear gap of 20 points at 5 and 50 passes, and none at 0."""
    accuracies = lambda student, ceiling: estimate_pgr([0.6, 0.61, 0.59], [student] * 3, [ceiling] * 3)
    estimates = {0: accuracies(0.6, 0.6), 5: accuracies(0.65, 0.8), 50: accuracies(0.7, 0.8)}
    assert plots.pgr_by_passes(estimates, lines={"pca": 0.3}, ax=ax) is ax
    marks = ax.containers[0].lines[0].get_xydata()
    np.testing.assert_allclose(marks, [[1, estimates[5].value], [2, estimates[50].value]])
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0", "5", "50"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["pca", "views"]


def test_confusion_has_shares_of_each_true_class(ax):
    assert plots.confusion(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), classes=2, ax=ax) is ax
    np.testing.assert_array_equal(ax.images[0].get_array(), [[0.5, 0.5], [0, 1]])


def test_digits_stand_from_hard_to_easy_for_the_supervisor(ax):
    accuracies = {"supervisor": np.array([0.9, 0.1, 0.5]), "pca": np.array([0.8, 0.7, 0.6])}
    assert plots.accuracy_by_digit(accuracies, ax=ax) is ax
    assert ticks(ax) == ["1", "2", "0"]
    np.testing.assert_array_equal(
        [drawn.get_ydata() for drawn in ax.lines], [[0.1, 0.5, 0.9], [0.7, 0.6, 0.8]]
    )
