"""Pictures of notebook 14 show the data that they are given."""

import numpy as np
import pandas as pd
from drawn import ax, line  # noqa: F401  (a fixture)
from test_plots_chess_and_rewards import ticks

from w2s_kit import plots


def test_memory_bars_have_a_group_for_each_model(ax):
    need = pd.DataFrame({"all weights": [2.0, 20.0], "lora": [1.0, 10.0]}, index=["small", "large"])
    assert (
        plots.memory_bars(need, minutes={"small": 3.2, "large": 40}, limit=15, limit_name="a T4", ax=ax) is ax
    )
    assert [[bar.get_height() for bar in bars] for bars in ax.containers] == [[2, 20], [1, 10]]
    assert ticks(ax) == ["small\n3 min", "large\n40 min"] and ax.texts[0].get_text() == "a T4"
    assert set(ax.lines[0].get_ydata()) == {15} and ax.get_yscale() == "log"


def test_stages_by_dataset_draw_seeds_and_means(ax):
    table = pd.DataFrame(
        {
            "task": ["a", "a", "b", "b"],
            "supervisor_accuracy": [0.5, 0.6, 0.6, 0.7],
            "student_accuracy": [0.6, 0.7, 0.7, 0.8],
            "ceiling_accuracy": [0.7, 0.8, 0.8, 0.9],
        }
    )
    assert plots.stages_by_dataset(table, order=["b", "a"], confidence={"a": 0.66, "b": 0.77}, ax=ax) is ax
    assert [label.get_text() for label in ax.get_yticklabels()] == ["b", "a"]
    np.testing.assert_allclose(line(ax, "student").get_xydata(), [[0.75, 0]])
    np.testing.assert_allclose(line(ax, "student with the confidence loss").get_xydata(), [[0.77, 0]])
    seeds = [drawn.get_xydata() for drawn in ax.lines if drawn.get_alpha() == 0.35]
    np.testing.assert_allclose(seeds[4], [[0.6, 1], [0.7, 1]])


def test_figure_5_of_the_paper_leaves_out_what_was_not_published(ax):
    table = pd.DataFrame(
        {
            "student_compute": [1e-6, 1e-3, 1],
            "ceiling_accuracy": [0.6, 0.7, 0.9],
            "naive_accuracy": [0.6, np.nan, 0.7],
            "confidence_accuracy": [0.6, np.nan, 0.8],
        }
    )
    assert plots.paper_figure_5(table, ax=ax) is ax
    np.testing.assert_allclose(line(ax, "naive student").get_xydata(), [[1e-6, 0.6], [1, 0.7]])
    assert (
        line(ax, "ceiling").get_linestyle() == "-" and line(ax, "naive student").get_linestyle() == "None"
    ), "two points are no curve"


def test_published_accuracies_are_those_under_one_supervisor(ax):
    readme = pd.DataFrame(
        [
            ("truth", np.nan, "b", 0.9),
            ("truth", np.nan, "a", 0.7),
            ("xent", "a", "b", 0.75),
            ("xent", "b", "b", 0.85),
            ("logconf", "a", "b", 0.8),
        ],
        columns=["labels_or_loss", "supervisor", "student", "value"],
    )
    runs = pd.DataFrame({"loss": ["xent", "xent"], "student": ["b", "b"], "student_accuracy": [0.74, 0.76]})
    assert plots.published_accuracies(readme, runs, supervisor="a", sizes=["a", "b"], ax=ax) is ax
    np.testing.assert_allclose(line(ax, "README: ceiling").get_xydata(), [[0, 0.7], [1, 0.9]])
    np.testing.assert_allclose(line(ax, "README: naive, taught by a").get_xydata(), [[1, 0.75]])
    np.testing.assert_allclose(line(ax, "README: confidence loss, taught by a").get_xydata(), [[1, 0.8]])
    seeds = next(drawn for drawn in ax.lines if drawn.get_alpha() == 0.5)
    np.testing.assert_allclose(seeds.get_ydata(), [0.74, 0.76])
