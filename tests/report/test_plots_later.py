"""Pictures of notebooks 19 to 27 show the numbers that they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from w2s_kit import plots
from w2s_kit.metrics.intervals import Interval

COLORS = {"a": "#0173b2", "b": "#de8f05", "c": "#029e73"}


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def line(ax, label):
    return next(each for each in ax.lines if each.get_label() == label)


def points(ax, label):
    container = next(each for each in ax.containers if each.get_label() == label)
    return container.lines[0].get_xydata()


def all_points(ax):
    return [container.lines[0].get_xydata()[0] for container in ax.containers]


def names(axis):
    return [label.get_text() for label in axis]


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


@pytest.fixture
def layers():
    return pd.DataFrame(
        [
            dict(task=task, seed=seed, layer=layer, probe=0.1 * layer + 0.01 * seed + shift)
            for task, shift in (("a", 0), ("b", 0.2))
            for seed in range(3)
            for layer in (1, 2)
        ]
    )


def test_read_out_by_layer(layers, ax):
    assert (
        plots.by_layer(layers, column="probe", color="#0173b2", look="o-", label="alone", shift=0.06, ax=ax)
        is ax
    )
    np.testing.assert_allclose(points(ax, "alone"), [[1.06, 0.21], [2.06, 0.31]])
    plots.read_out_by_layer(
        layers, columns={"probe": ("#0173b2", "o-", "probe", 0)}, says=0.15, layers=(1, 2), ax=ax
    )
    np.testing.assert_allclose(points(ax, "probe"), [[1, 0.21], [2, 0.31]])
    np.testing.assert_allclose(line(ax, "what the student says").get_ydata(), 0.15)
    assert ax.get_xlim() == (0.7, 2.3)


def test_steered_by_dose_starts_random_pushes_at_no_push(ax):
    rows = [
        dict(direction="plain", dose=dose, seed=seed, right=0.5 + 0.1 * dose)
        for dose in (0, 1)
        for seed in range(2)
    ]
    rows += [dict(direction="random", dose=1, seed=seed, right=0.2 + 0.2 * seed) for seed in range(2)]
    looks = {"plain": ("#0173b2", "o-", "plain"), "random": ("0.45", "x:", "random")}
    plots.steered_by_dose(pd.DataFrame(rows), column="right", looks=looks, ax=ax)
    np.testing.assert_allclose(points(ax, "plain"), [[0, 0.5], [1, 0.6]])
    np.testing.assert_allclose(points(ax, "random"), [[0, 0.5], [1, 0.3]])


def test_aurocs_of_latents(ax):
    table = pd.DataFrame(
        {
            "task": ["a", "a", "b", "b"],
            "seed": [0, 1, 0, 1],
            "plain": [0.6, 0.8, 0.9, 0.9],
            "aside": [0.5, 0.5, 0.5, 0.7],
        }
    )
    plots.aurocs_of_latents(table, names={"plain": "plain questions", "aside": "after an aside"}, ax=ax)
    np.testing.assert_allclose(all_points(ax), [[0.8, 0], [0.55, 1]])
    np.testing.assert_allclose(line(ax, "b").get_xydata(), [[0.9, 0]])
    assert names(ax.get_yticklabels()) == ["plain questions", "after an aside"]


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
