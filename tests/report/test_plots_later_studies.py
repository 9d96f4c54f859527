"""Pictures of notebooks 21, 23 and 25 show the numbers that they are given."""

import numpy as np
import pandas as pd
from drawn import all_points, ax, line, names, points  # noqa: F401  (a fixture)

from w2s_kit import plots


def test_solved_by_samples(ax):
    ways = [("none", "majority"), ("prm", "vote"), ("orm", "vote"), ("prm", "best"), ("orm", "best")]
    rows = [
        dict(judge=judge, way=way, n=n, accuracy=0.1 * i + 0.01 * n + shift)
        for i, (judge, way) in enumerate(ways)
        for n in (1, 4)
        for shift in (0, 0.02)
    ]
    assert plots.solved_by_samples(pd.DataFrame(rows), live={("prm", "vote"): {4: 0.77}}, ax=ax) is ax
    np.testing.assert_allclose(line(ax, "PRM, weighted vote").get_xydata(), [[1, 0.12], [4, 0.15]])
    np.testing.assert_allclose(line(ax, "ORM, best of n").get_xydata(), [[1, 0.42], [4, 0.45]])
    hollow = [each for each in ax.lines if each.get_markerfacecolor() == "none"]
    assert [each.get_xydata()[0].tolist() for each in hollow] == [[4, 0.77]]
    assert len(ax.collections) == 5 and ax.get_xscale() == "log"


def test_kinds_of_solutions_are_stacked(ax):
    kinds = ("right", "calculation", "copying", "form", "close")
    shares = {
        (way, kind): share for way in ("x", "y") for kind, share in zip(kinds, (0.5, 0.2, 0.1, 0.1, 0.1))
    }
    plots.kinds_of_solutions(shares, names={"x": "all", "y": "best"}, ax=ax)
    assert len(ax.patches) == 10 and names(ax.get_xticklabels()) == ["all", "best"]
    np.testing.assert_allclose([bar.get_y() for bar in ax.patches[::2]], [0, 0.5, 0.7, 0.8, 0.9])
    assert len({bar.get_hatch() for bar in ax.patches}) == 5, "colour is not the only difference"


def test_ways_to_choose(ax):
    plots.ways_to_choose(
        {"one": [0.5, 0.6], "vote": [0.7, 0.9]},
        looks={"one": ("o", "#222222"), "vote": ("s", "#0173b2")},
        ax=ax,
    )
    np.testing.assert_allclose(all_points(ax), [[0.55, 0], [0.8, 1]])
    assert [container.lines[0].get_marker() for container in ax.containers] == ["o", "s"]
    assert names(ax.get_yticklabels()) == ["one", "vote"]


def test_easy_to_hard(ax):
    rows = [
        dict(
            supervisor="xs",
            student=student,
            supervisor_accuracy=0.5 + shift,
            student_accuracy=0.6 + shift,
            easy_accuracy=0.8 + shift,
            ceiling_accuracy=0.9 + shift,
        )
        for student in ("s", "m")
        for shift in (0, 0.02)
    ]
    plots.easy_to_hard(pd.DataFrame(rows), ax=ax)
    np.testing.assert_allclose(points(ax, "student of easy truth"), [[0.06, 0.81], [1.06, 0.81]])
    np.testing.assert_allclose(points(ax, "supervisor"), [[-0.18, 0.51], [0.82, 0.51]])
    assert names(ax.get_xticklabels()) == ["xs → s", "xs → m"]


def test_right_by_reading(ax):
    table = pd.DataFrame(
        {"method": ["naive", "naive", "naive ensemble", "naive ensemble"], "labels": [0.5, 0.7, 0.8, 0.8]}
    )
    looks = {"": ("o", "#0173b2", "one judge"), " ensemble": ("s", "#de8f05", "mean of four")}
    plots.right_by_reading(
        table, column="labels", methods={"naive": "unadvised", "debate": "debate"}, looks=looks, ax=ax
    )
    np.testing.assert_allclose(points(ax, "one judge"), [[-0.12, 0.6]])
    np.testing.assert_allclose(points(ax, "mean of four"), [[0.12, 0.8]])
    assert names(ax.get_xticklabels()) == ["unadvised", "debate"] and len(ax.containers) == 2, (
        "nothing where nothing was measured"
    )


def test_labels_by_turns_and_by_judges(ax):
    samples = {"debate": {1: pd.Series([0.5, 0.7]), 3: pd.Series([0.8, 0.8])}}
    plots.labels_by_turns(samples, unadvised=0.55, ax=ax)
    np.testing.assert_allclose(line(ax, "debate").get_xydata(), [[1, 0.6], [3, 0.8]])
    np.testing.assert_allclose(line(ax, "unadvised").get_ydata(), 0.55)
    assert sorted(y for each in ax.lines if each.get_marker() == "." for y in each.get_ydata()) == [
        0.5,
        0.7,
        0.8,
        0.8,
    ]
    plots.labels_by_judges({"consultancy": [0.6, 0.65]}, ax=ax)
    np.testing.assert_allclose(line(ax, "consultancy").get_xydata(), [[1, 0.6], [2, 0.65]])


def test_labels_and_students(ax):
    table = pd.DataFrame({"method": ["naive", "naive"], "labels": [0.5, 0.7], "student_accuracy": [0.8, 0.9]})
    plots.labels_and_students(table, methods={"naive": "unadvised"}, ax=ax)
    np.testing.assert_allclose(points(ax, "labels"), [[-0.1, 0.6]])
    np.testing.assert_allclose(points(ax, "student"), [[0.1, 0.85]])


def test_searches(ax):
    plots.best_so_far(
        pd.DataFrame({"experiment": [0.2, 0.1], "public": [0.2, 0.2], "private": [0.15, 0.15]}), ax=ax
    )
    np.testing.assert_allclose(line(ax, "each experiment, public").get_xydata(), [[1, 0.2], [2, 0.1]])
    np.testing.assert_allclose(line(ax, "the same entry, private").get_ydata(), 0.15)
    count = len(ax.lines)
    curves = pd.DataFrame(
        {"step": [1, 1, 2, 2], "public": [0.1, 0.3, 0.4, 0.6], "private": [0.1, 0.1, 0.2, 0.4]}
    )
    plots.mean_searches(curves, ax=ax)
    np.testing.assert_allclose([each.get_ydata() for each in ax.lines[count:]], [[0.2, 0.5], [0.1, 0.3]])
    assert len(ax.collections) == 2


def test_public_and_private(ax):
    plots.public_and_private(
        pd.DataFrame({"asked": [0, 250], "public": [0, 0.8], "private": [0, 0.3]}), ax=ax
    )
    np.testing.assert_allclose(line(ax, "public").get_xydata(), [[0, 0], [250, 0.8]])
    np.testing.assert_allclose(line(ax, "private").get_xydata(), [[0, 0], [250, 0.3]])


def test_share_matrix(ax):
    plots.share_matrix(np.array([[0.1, 0.9], [0.4, 0.6]]), names=["x", "y"], ax=ax)
    assert [text.get_text() for text in ax.texts] == ["0.10", "0.90", "0.40", "0.60"]
    assert names(ax.get_xticklabels()) == names(ax.get_yticklabels()) == ["x", "y"]
