"""Pictures of notebooks 07 to 11 and 13 show the data that they are given."""

import numpy as np
import pandas as pd
import pytest
from drawn import ax, line  # noqa: F401  (a fixture)
from test_plots_chess_and_rewards import ticks

from w2s_kit import plots
from w2s_kit.metrics.intervals import Interval, mean_interval


def heights(ax):
    return [bar.get_height() for bar in ax.patches]


def whiskers(ax):
    """(low, high) of every interval drawn."""
    return [tuple(segment[:, 1]) for lines in ax.collections for segment in lines.get_segments()]


def test_reading_bars_show_intervals_where_there_are_some(ax):
    pairs = [("s", "m"), ("s", "l")]
    rows = [
        dict(
            supervisor="s",
            student=student,
            method=method,
            pgr=pgr,
            pgr_low=pgr - 0.1,
            pgr_high=pgr + 0.2,
            accuracy=2 * pgr,
        )
        for method, pgr in (("naive", 0.4), ("generative", 0.3))
        for student in ("m", "l")
    ]
    labels = {"naive": "nobody", "generative": "the student"}
    assert plots.reading_bars(pd.DataFrame(rows), "pgr", pairs=pairs, labels=labels, ax=ax) is ax
    assert heights(ax) == [0.4, 0.4, 0.3, 0.3] and ticks(ax) == ["s → m", "s → l"]
    np.testing.assert_allclose(whiskers(ax), [(0.3, 0.6)] * 2 + [(0.2, 0.5)] * 2)
    ax.clear()
    plots.reading_bars(pd.DataFrame(rows), "accuracy", pairs=pairs, labels=labels, ax=ax)
    assert heights(ax) == [0.8, 0.8, 0.6, 0.6] and not whiskers(ax)
    assert [bars.get_label() for bars in ax.containers] == ["nobody", "the student"]


def test_bars_by_reading_are_means_over_seeds_with_intervals(ax):
    rows = [
        dict(reading=reading, seed=seed, pgr=level + seed / 10)
        for reading, level in (("none", 0.1), ("all", 0.3), ("other nouns", -0.2))
        for seed in range(3)
    ]
    table = pd.DataFrame(rows)
    assert plots.bars_by_reading(table, "pgr", readings=("other nouns", "none", "all"), ax=ax) is ax
    np.testing.assert_allclose(heights(ax), [-0.1, 0.2, 0.4])
    assert ticks(ax) == ["all, about\nother nouns", "nothing\nis read", "all\nreactions"]
    assert len({bar.get_facecolor() for bar in ax.patches}) == 3
    interval = mean_interval([0.3, 0.4, 0.5])
    assert whiskers(ax)[-1] == pytest.approx((interval.low, interval.high))


def test_salience_is_drawn_in_the_order_of_the_stages(ax):
    table = pd.DataFrame(
        {"student": "m", "stage": ["naive", "naive", "read", "read"], "accuracy": [0.6, 0.8, 0.5, 0.5]}
    )
    assert plots.salience_by_stage(table, stages=["read", "naive"], ax=ax) is ax
    np.testing.assert_allclose(ax.containers[0][0].get_xydata(), [[0, 0.5], [1, 0.7]])
    np.testing.assert_allclose(whiskers(ax), [(0.5, 0.5), (0.7 - 0.02**0.5, 0.7 + 0.02**0.5)])
    assert ticks(ax) == ["read", "naive\nstudent"]


def test_gain_tiles_tell_gains_losses_and_what_is_missing_apart(ax):
    rows = [
        ("a", "chess", "shows", 0.2),
        ("a", "text", "opposite", -0.2),
        ("b", "chess", "open", 0.0),
        ("b", "text", "not measured", np.nan),
    ]
    gains = pd.DataFrame(
        [dict(method=m, domain=d, verdict=v, value=x, low=x - 0.1, high=x + 0.1) for m, d, v, x in rows]
    ).assign(regime="here", paper="+0.3")
    assert (
        plots.gain_tiles(gains, methods={"a": "first", "b": "second"}, domains=["chess", "text"], ax=ax) is ax
    )
    texts = [text.get_text() for text in ax.texts]
    assert texts == [
        "+0.20 [+0.10, +0.30]",
        "here\npaper: +0.3",
        "-0.20 [-0.30, -0.10]",
        "here\npaper: +0.3",
        "+0.00 [-0.10, +0.10]",
        "here\npaper: +0.3",
        "not measured",
        "paper: +0.3",
    ]
    assert len({tile.get_facecolor() for tile in ax.patches}) == 3, "blue, orange, and grey for the other two"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["first", "second"]


def test_median_by_compute_is_over_tasks_of_means_over_seeds(ax):
    table = pd.DataFrame(
        [
            dict(
                task=task,
                supervisor="s",
                method=method,
                student_pretraining_flops=1e9,
                agreement=value + shift,
            )
            for task, value in (("a", 0.1), ("b", 0.2), ("c", 0.9))
            for shift in (0, 0.2)
            for method in ("naive", "confidence")
        ]
    )
    assert plots.median_by_compute(table, "agreement", methods=["naive"], ax=ax) is ax
    np.testing.assert_allclose(line(ax, "from s").get_xydata(), [[1e9, 0.3]])
    ax.clear()
    plots.median_by_compute(table, "agreement", methods=["naive", "confidence"], ax=ax)
    assert [drawn.get_label() for drawn in ax.lines] == ["from s, naive", "from s, confidence"]


def test_accuracy_and_agreement_while_it_trains(ax):
    accuracy, agreement = pd.Series([0.5, 0.8], index=[0, 1]), pd.Series([0.6, 0.9], index=[0, 1])
    assert plots.accuracy_and_agreement(accuracy, agreement, supervisor=0.7, ax=ax) is ax
    assert list(line(ax, "right").get_ydata()) == [0.5, 0.8]
    assert list(line(ax, "says what its supervisor says").get_ydata()) == [0.6, 0.9]
    assert set(line(ax, "supervisor is right").get_ydata()) == {0.7}


def test_the_star_is_at_the_best_epoch_of_the_mean_over_tasks(ax):
    table = pd.DataFrame(
        [
            dict(task=task, supervisor="m", epoch=epoch, accuracy=accuracy)
            for task, curve in (("a", (0.5, 0.9, 0.6)), ("b", (0.5, 0.7, 0.8)))
            for epoch, accuracy in enumerate(curve)
        ]
    )
    assert plots.overfitting_curves(table, supervisors={"m": 0.6}, ax=ax) is ax
    np.testing.assert_allclose(line(ax, "from m").get_ydata(), [0.5, 0.8, 0.7])
    star = next(drawn for drawn in ax.lines if drawn.get_marker() == "*")
    np.testing.assert_allclose(star.get_xydata(), [[1, 0.8]])
    assert len(ax.lines) == 5, "two tasks, their mean, the star and the supervisor"


@pytest.mark.parametrize(
    "names", [["naive", "with the confidence loss"], ["at the end", "by weak labels", "by ground truth"]]
)
def test_grouped_intervals_stand_side_by_side(ax, names):
    groups = {
        group: {name: Interval(i, i - 1, i + 2, 5) for i, name in enumerate(names)} for group in ("s", "m")
    }
    assert plots.grouped_intervals(groups, ax=ax) is ax
    assert heights(ax) == 2 * list(range(len(names))) and ticks(ax) == ["s", "m"]
    assert whiskers(ax) == 2 * [(i - 1, i + 2) for i in range(len(names))]
    edges = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    assert all(right < left for (_, right), (left, _) in zip(edges, edges[1:])), "no bar hides another"
    assert [label for label in ax.get_legend_handles_labels()[1]] == names


def test_students_by_supervisor_tells_whose_features_it_sees(ax):
    points = pd.DataFrame(
        {"supervisor": [0.7, 0.8, 0.75], "student": [0.9, 0.95, 0.7], "own": [False, False, True]}
    )
    assert plots.students_by_supervisor(points, ax=ax) is ax
    other, own = (cloud.get_offsets() for cloud in ax.collections)
    np.testing.assert_allclose(other, [[0.7, 0.9], [0.8, 0.95]])
    np.testing.assert_allclose(own, [[0.75, 0.7]])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "a few features of another model",
        "a few of the student's own features",
    ]


def test_pgr_by_simulability_names_its_points_and_draws_their_line(ax):
    table = pd.DataFrame(
        {"simulable": [0.0, 0.1, 0.2], "pgr": [0.9, 0.7, 0.5]}, index=["noise", "rare", "yes"]
    )
    assert plots.pgr_by_simulability(table, ax=ax) is ax
    assert [text.get_text() for text in ax.texts] == ["noise", "rare", "yes"]
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [0.9, 0.7, 0.5])


def test_errors_imitated_by_epoch_draws_the_structures_that_it_is_given(ax):
    curves = pd.DataFrame(
        {
            "structure": ["real", "real", "noise", "kind"],
            "epoch": [1, 1, 1, 1],
            "errors_imitated": [0.2, 0.4, 0.1, 0.5],
        }
    )
    assert plots.errors_imitated_by_epoch(curves, structures=["noise", "real"], ax=ax) is ax
    assert [drawn.get_label() for drawn in ax.lines] == ["noise", "real"]
    np.testing.assert_allclose(line(ax, "real").get_xydata(), [[1, 0.3]])
    assert line(ax, "real").get_linewidth() > line(ax, "noise").get_linewidth()


def test_prompting_goes_from_small_to_large(ax):
    table = pd.DataFrame(
        {
            "student": ["l", "s"],
            "student_pretraining_flops": [1e11, 1e9],
            "supervisor_accuracy": 0.6,
            "zero": [0.9, 0.5],
            "few_true": [0.8, 0.6],
            "few_weak": 0.7,
            "naive": 0.65,
            "confidence": 0.66,
            "ceiling_accuracy": 0.95,
        }
    )
    assert plots.prompting_by_compute(table, ax=ax) is ax
    np.testing.assert_allclose(line(ax, "zero-shot").get_xydata(), [[1e9, 0.5], [1e11, 0.9]])
    np.testing.assert_allclose(line(ax, "five examples, true labels").get_ydata(), [0.6, 0.8])
    assert set(ax.lines[-1].get_ydata()) == {0.6} and [text.get_text() for text in ax.texts] == ["supervisor"]


def test_salience_bars_have_intervals_over_seeds_and_dashes_for_tasks(ax):
    table = pd.DataFrame(
        [
            dict(task=task, seed=seed, weak=0.6, lp_weak=value + 0.1 * seed, ft_true=0.9)
            for task, value in (("a", 0.6), ("b", 0.8))
            for seed in (0, 1)
        ]
    )
    assert plots.salience_bars(table, labels={"lp_weak": "probe", "ft_true": "finetuned"}, ax=ax) is ax
    np.testing.assert_allclose(heights(ax), [0.75, 0.9])
    mean = mean_interval([0.7, 0.8])
    assert whiskers(ax)[0] == pytest.approx((mean.low, mean.high))
    assert [text.get_text() for text in ax.texts] == ["75", "90"] and ticks(ax) == ["probe", "finetuned"]
    dashes = [drawn for drawn in ax.lines if drawn.get_marker() == "_" and len(drawn.get_xdata()) == 2]
    np.testing.assert_allclose(dashes[0].get_ydata(), [0.65, 0.85])


def test_lines_by_student_stand_at_the_student(ax):
    medians = pd.Series({("s", "m"): 0.5, ("s", "xl"): 0.7, ("m", "xl"): 0.6})
    ceilings = pd.Series({"s": 0.6, "m": 0.7, "l": 0.8, "xl": 0.9})
    assert plots.lines_by_student(medians, ceilings=ceilings, ax=ax) is ax
    np.testing.assert_allclose(line(ax, "ceilings").get_ydata(), [0.6, 0.7, 0.8, 0.9])
    np.testing.assert_allclose(line(ax, "from s").get_xydata(), [[2, 0.5], [4, 0.7]])
    assert len(ax.lines) == 3 and ticks(ax) == ["s", "m", "l", "xl"]


def test_dial_curves_have_intervals_over_seeds_of_means_over_tasks(ax):
    table = pd.DataFrame(
        [
            dict(share=share, task=task, seed=seed, student_pgr=share + shift + 0.1 * seed)
            for share in (0, 1)
            for task, shift in (("a", 0), ("b", 0.2))
            for seed in (0, 1)
        ]
    )
    assert plots.dial_curves(table, {"student_pgr": "naive"}, ax=ax) is ax
    np.testing.assert_allclose(ax.containers[0][0].get_xydata(), [[0, 0.15], [1, 1.15]])
    mean = mean_interval([0.1, 0.2])
    assert whiskers(ax)[0] == pytest.approx((mean.low, mean.high))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["naive"]


def test_auc_bars_set_the_first_apart(ax):
    assert (
        plots.auc_bars({"outputs": Interval(0.5, 0.4, 0.6, 5), "layer 1": Interval(0.8, 0.7, 0.9, 5)}, ax=ax)
        is ax
    )
    assert heights(ax) == [0.5, 0.8] and ticks(ax) == ["outputs", "layer 1"]
    np.testing.assert_allclose(whiskers(ax), [(0.4, 0.6), (0.7, 0.9)])
    assert [bool(bar.get_hatch()) for bar in ax.patches] == [True, False]
