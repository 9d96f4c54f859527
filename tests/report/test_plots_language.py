"""Pictures of notebooks 00 to 03 show the data that they are given."""

import numpy as np
import pandas as pd
from drawn import ax, line  # noqa: F401  (a fixture)

from w2s_kit import plots

SIZES = {"xs": 1e9, "s": 1e10, "m": 1e11}


def rows(accuracy):
    """One supervisor, two students, two seeds."""
    return pd.DataFrame(
        [
            dict(
                task="a",
                supervisor="xs",
                student=student,
                method="naive",
                seed=seed,
                supervisor_accuracy=0.6,
                student_accuracy=accuracy + 0.02 * seed,
                ceiling_accuracy=0.9,
                supervisor_pretraining_flops=SIZES["xs"],
                student_pretraining_flops=SIZES[student],
            )
            for student in ("s", "m")
            for seed in (0, 1)
        ]
    )


def test_weak_labels_are_counted_by_the_truth(ax):
    weak_labels, truth = np.array([0.01, 0.02, 0.99, 0.01]), pd.Series([0, 0, 1, 1])
    assert plots.weak_label_histogram(weak_labels, truth, ax=ax) is ax
    yes, no = ([bar.get_height() for bar in bars] for bars in ax.containers)
    assert (yes[0], yes[-1], sum(yes)) == (1, 1, 2) and (no[0], sum(no)) == (2, 2)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["truth is yes", "truth is no"]


def test_measured_again_stands_on_the_stored_lines(ax):
    assert plots.accuracy_measured_again(rows(0.7), rows(0.75), ax=ax) is ax
    np.testing.assert_allclose(line(ax, "from xs").get_ydata(), [0.71, 0.71])
    np.testing.assert_allclose(line(ax, "measured now").get_xydata(), [[1e10, 0.76], [1e11, 0.76]])


def test_pgr_scatter_has_a_point_for_each_row_of_a_supervisor(ax):
    summary = rows(0.7).assign(pgr=[0.1, 0.2, 0.3, 0.4], gap=[0.5, 0.6, 0.7, 0.8])
    assert plots.pgr_scatter(summary, "gap", ax=ax) is ax
    assert [drawn.get_label() for drawn in ax.lines] == ["from xs"], "a student is no supervisor"
    np.testing.assert_allclose(ax.lines[0].get_xydata(), summary[["gap", "pgr"]])


def test_loss_gradients_have_a_line_for_each_alpha(ax):
    odds = np.array([-1.0, 0.0, 1.0])
    assert plots.loss_gradients(odds, {0.0: odds - 0.5, 0.75: odds + 0.5}, ax=ax) is ax
    np.testing.assert_allclose(line(ax, "α = 0.75").get_ydata(), [-0.5, 0.5, 1.5])
    assert line(ax, "α = 0.0").get_linestyle() != line(ax, "α = 0.75").get_linestyle()


def test_the_amplifier_has_a_point_a_run_and_the_line_of_chance(ax):
    table = rows(0.7).assign(label_accuracy=[0.5, 0.52, 0.6, 0.62])
    assert plots.amplifier(table, at_chance=0.55, ax=ax) is ax
    np.testing.assert_allclose(
        line(ax, "from xs").get_xydata(), table[["label_accuracy", "student_accuracy"]]
    )
    assert [each.get_xdata() for each in ax.lines if list(each.get_ydata()) == [0, 1]] == [[0.55, 0.55]]


def test_a_student_is_worth_the_model_that_the_ceilings_say(ax):
    """Half way up from the second to the third ceiling, in log compute; a dip in the curve counts as flat."""
    assert plots.worth([1e9, 1e10, 1e11, 1e12], [0.6, 0.7, 0.9, 0.85], 0.8, ax=ax) is ax
    (mark,) = [each for each in ax.lines if each.get_marker() == "D"]
    np.testing.assert_allclose(mark.get_xydata(), [[10**10.5, 0.8]])
    np.testing.assert_allclose(line(ax, "ceilings").get_ydata(), [0.6, 0.7, 0.9, 0.9])
    assert [text.get_text() for text in ax.texts] == ["3.2e+10 FLOPs"]
