"""Pictures of notebooks 15 to 18 show the numbers that they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from drawn import ax, line, names, points  # noqa: F401  (a fixture)

from w2s_kit import plots
from w2s_kit.metrics import comparison
from w2s_kit.metrics.intervals import Interval


def test_interval_points_stand_up_or_lie_down(ax):
    assert plots.interval_points([Interval(1.0, 0.5, 3.0, 4)], at=[7], ax=ax, fmt="o", label="up") is ax
    np.testing.assert_allclose(points(ax, "up"), [[7, 1]])
    (whisker,) = ax.containers[0].lines[2]
    np.testing.assert_allclose(whisker.get_segments()[0], [[7, 0.5], [7, 3.0]])
    plots.interval_points([Interval(1.0, 0.5, 3.0, 4)], at=[7], across=True, ax=ax, fmt="o", label="across")
    np.testing.assert_allclose(points(ax, "across"), [[1, 7]])
    (whisker,) = ax.containers[1].lines[2]
    np.testing.assert_allclose(whisker.get_segments()[0], [[0.5, 7], [3.0, 7]])


def test_interval_points_take_the_current_axes(ax):
    plt.sca(ax)
    assert plots.interval_points([Interval(1.0, 0.5, 3.0, 4)], at=[7]) is ax


def test_task_gaps_are_sorted_by_gap(ax):
    tasks = pd.DataFrame(
        {
            "floor_auc": [0.6, 0.7],
            "ceiling_auc": [0.9, 0.8],
            "naive_auc": [0.7, 0.75],
            "logconf_auc": [0.8, 0.76],
        },
        index=["wide", "narrow"],
    )
    assert plots.task_gaps(tasks, ax=ax) is ax
    assert names(ax.get_yticklabels()) == ["narrow", "wide"]
    np.testing.assert_allclose(line(ax, "naive student").get_xydata(), [[0.75, 0], [0.7, 1]])
    np.testing.assert_allclose(line(ax, "student with logconf").get_xydata(), [[0.76, 0], [0.8, 1]])


@pytest.fixture
def scores():
    rng = np.random.default_rng(0)
    return pd.DataFrame(rng.normal(size=(9, 3)), columns=["xent", "logconf", "window"])


def test_pgr_of_methods_shows_means_and_medians(scores, ax):
    assert plots.pgr_of_methods(scores, ax=ax) is ax
    assert names(ax.get_xticklabels()) == list(scores)
    np.testing.assert_allclose(points(ax, "mean"), [[-0.1, scores["xent"].mean()]])
    np.testing.assert_allclose(points(ax, "median"), [[0.1, scores["xent"].median()]])
    assert "9 tasks" in ax.get_title()


def test_paired_differences_leave_the_baseline_out(scores, ax):
    plots.paired_differences(scores, baseline="xent", ax=ax)
    assert names(ax.get_xticklabels()) == ["logconf", "window"]
    dots = ax.lines[0].get_ydata()
    np.testing.assert_allclose(dots, np.sort(scores["logconf"] - scores["xent"]), atol=1e-8)
    means = [container.lines[0].get_ydata()[0] for container in ax.containers]
    np.testing.assert_allclose(
        means, (scores[["logconf", "window"]].sub(scores["xent"], axis=0)).mean(), atol=1e-8
    )


def test_forest_has_a_row_a_comparison(scores, ax):
    table = comparison.compare(scores, "xent")
    assert plots.forest(table, colors=["#de8f05", "#0173b2"], markers="Ds", ax=ax) is ax
    assert names(ax.get_yticklabels()) == ["logconf", "window"]
    shown = [container.lines[0].get_xydata()[0] for container in ax.containers]
    np.testing.assert_allclose(shown, [[table["mean"]["logconf"], 0], [table["mean"]["window"], 1]])
    assert [container.lines[0].get_marker() for container in ax.containers] == ["D", "s"]
    without = len(ax.lines)
    plots.forest(table, colors=["#de8f05", "#0173b2"], scores=scores, baseline="xent", ax=ax)
    dots = ax.lines[without]
    np.testing.assert_allclose(dots.get_xdata(), scores["logconf"] - scores["xent"], atol=1e-8)


def test_projection_shows_three_points(ax):
    edge = np.array([[0.0, 1], [1, 0], [-1, 0]])
    plots.projection(
        edge, truth=np.array([0.1, 0.2]), weak=np.array([1.0, 1]), student=np.array([0.5, 0.5]), ax=ax
    )
    np.testing.assert_allclose(line(ax, "student s").get_xydata(), [[0.5, 0.5]])
    np.testing.assert_allclose(line(ax, "supervisor w").get_xydata(), [[1, 1]])
    np.testing.assert_allclose(line(ax, "truth g").get_xydata(), [[0.1, 0.2]])


def test_gain_by_misfit_crosses_what_is_below(ax):
    misfit, gain = np.array([1.0, 2, 3]), np.array([1.5, 1, 4])
    plots.gain_by_misfit(misfit, gain, below=gain < misfit, labels=("above", "below"), line="equal", ax=ax)
    above, below = ax.collections
    np.testing.assert_allclose(above.get_offsets(), [[1, 1.5], [3, 4]])
    np.testing.assert_allclose(below.get_offsets(), [[2, 1]])
    assert (above.get_label(), below.get_label()) == ("above", "below")
    np.testing.assert_allclose(line(ax, "equal").get_xydata(), [[0, 0], [3, 3]])


def test_gain_by_misfit_without_crosses(ax):
    plots.gain_by_misfit(np.array([1.0, 2]), np.array([2.0, 3]), ax=ax)
    assert len(ax.collections) == 1 and len(ax.collections[0].get_offsets()) == 2


def test_guessed_error_names_its_points(ax):
    plots.guessed_error(np.array([0.1, 0.4]), np.array([0.2, 0.3]), names=(2, 32), ax=ax)
    np.testing.assert_allclose(ax.collections[0].get_offsets(), [[0.1, 0.2], [0.4, 0.3]])
    assert [(text.get_text(), text.xy) for text in ax.texts] == [("2", (0.1, 0.2)), ("32", (0.4, 0.3))]


def test_accuracy_by_set_draws_bars_where_there_are_values(ax):
    rows = [dict(student="rule", set="S0", accuracy=0.9), dict(student="rule", set="S0", accuracy=0.8)]
    rows += [
        dict(student="xl", set=where, accuracy=value)
        for where in ("S0", "S1", "T0", "T1")
        for value in (0.6, 0.7)
    ]
    looks = {"rule": ("the supervisor", "#999999", ""), "xl": ("xl", "#0173b2", "")}
    plots.accuracy_by_set(
        pd.DataFrame(rows), looks=looks, names=("hated", "liked"), published={"xl": (0.5, 0.55)}, ax=ax
    )
    np.testing.assert_allclose(sorted(bar.get_height() for bar in ax.patches), [0.65] * 4 + [0.85])
    assert [each.get_ydata()[0] for each in ax.lines if each.get_marker() == "D"] == [0.5, 0.55]
    assert (
        names(ax.get_xticklabels())[0] == "S0: hated, it speaks"
        and names(ax.get_xticklabels())[3] == "T1: liked, it is silent"
    )


def test_curves_over_the_penalty(ax):
    table = pd.DataFrame(
        [
            dict(set=where, C=c, accuracy=c + shift, bound=2 * c + shift, error=c - shift, alpha=0.3)
            for where in ("S0", "T1")
            for c in (0.1, 1.0)
            for shift in (0.0, 0.02)
        ]
    )
    assert plots.accuracy_by_penalty(table, ax=ax) is ax
    np.testing.assert_allclose(points(ax, "S0"), [[0.1, 0.11], [1, 1.01]])
    assert ax.get_xscale() == "log"
    plots.bound_by_penalty(table[table["set"] == "S0"], ax=ax)
    np.testing.assert_allclose(points(ax, "bound, with this reach"), [[0.1, 0.21], [1, 2.01]])
    np.testing.assert_allclose(points(ax, "the student's error"), [[0.1, 0.09], [1, 0.99]])
    np.testing.assert_allclose(line(ax, "the supervisor's error, α").get_ydata(), 0.3)


def test_error_over_time(ax):
    plots.error_over_time([1, 10], [0.9, 0.4], teacher_error=0.5, lowest=0.1, stop=(10, 0.4), ax=ax)
    np.testing.assert_allclose(line(ax, "student").get_xydata(), [[1, 0.9], [10, 0.4]])
    np.testing.assert_allclose(line(ax, "teacher").get_ydata(), 0.5)
    assert ax.get_xscale() == "log" and [10, 0.4] in [
        each.get_xydata()[0].tolist() for each in ax.lines if each.get_marker() == "o"
    ]


def test_taught_and_learned(ax):
    parts = pd.DataFrame({"taught": [0.5, 0.2], "learned": [0.4, 0.1]}, index=["signal", "noise"])
    plots.taught_and_learned(parts, ax=ax)
    np.testing.assert_allclose([bar.get_height() for bar in ax.patches], [0.5, 0.2, 0.4, 0.1])
    assert names(ax.get_xticklabels()) == ["signal", "noise"]
    assert ax.patches[2].get_facecolor() != ax.patches[3].get_facecolor(), "signal has a colour of its own"


def test_student_by_teacher_error(ax):
    infinite = pd.DataFrame({"features": ["linear", "relu"], "teacher": [0.1, 0.2], "student": [0.05, 0.02]})
    finite = pd.DataFrame({"teacher_error": [0.3], "student_error": [0.1]})
    plots.student_by_teacher_error(infinite, finite, ax=ax)
    np.testing.assert_allclose(line(ax, "relu, student of infinite width").get_xydata(), [[0.2, 0.02]])
    np.testing.assert_allclose(line(ax, "linear, student of infinite width").get_xydata(), [[0.1, 0.05]])
    assert [text.get_text() for text in ax.texts if text.get_text().startswith("power")] == [
        "power 1",
        "power 1.49",
        "power 2",
    ]
    assert ax.get_xscale() == ax.get_yscale() == "log"


def test_variance_by_overlap(ax):
    measured = np.array([[0.3, 0.2, 0.1], [0.5, 0.4, 0.3]])
    plots.variance_by_overlap(
        [0, 10], [0.1, 0.2], teacher=0.4, truth=0.05, measured=measured, measured_at=3, ax=ax
    )
    np.testing.assert_allclose(line(ax, "student, formula").get_xydata(), [[0, 0.1], [10, 0.2]])
    shown = [container.lines[0].get_xydata()[0] for container in ax.containers]
    np.testing.assert_allclose(shown, [[3, 0.4], [3, 0.3], [3, 0.2]])
