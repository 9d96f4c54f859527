"""Pictures of notebooks 04 to 06 show the data that they are given."""

import chess
import numpy as np
import pandas as pd
import pytest
from drawn import ax, line, points  # noqa: F401  (a fixture)

from w2s_kit import plots

FLOPS = {"xs": 1e9, "s": 1e10, "m": 1e11}


def ticks(ax):
    return [label.get_text() for label in ax.get_xticklabels()]


def pairs(**columns):
    """Two students of xs and one of s."""
    table = pd.DataFrame({"supervisor": ["xs", "xs", "s"], "student": ["s", "m", "m"], **columns})
    for who in ("supervisor", "student"):
        table[f"{who}_pretraining_flops"] = table[who].map(FLOPS)
    return table


def test_likeliest_moves_come_first_and_the_solution_is_hatched(ax):
    fen = "6k1/5ppp/8/8/8/8/8/R6K w - - 0 1"
    moves = [chess.Move.from_uci(uci) for uci in ("a1a2", "a1a8", "h1g1", "a1b1")]
    drawn = plots.likeliest_moves(
        fen, moves, np.array([0.1, 0.5, 0.1, 0.3]), solution="a1a8", number=2, ax=ax
    )
    assert drawn is ax and ticks(ax) == ["Ra8#", "Rb1"]
    assert [bar.get_height() for bar in ax.patches] == [0.5, 0.3]
    assert [bool(bar.get_hatch()) for bar in ax.patches] == [True, False]


def test_pgr_by_gap_draws_points_with_intervals(ax):
    table = pairs(gap=[0.1, 0.2, 0.3], pgr=[0.5, 0.6, 0.7], pgr_low=[0.4, 0.4, 0.4], pgr_high=[0.8, 0.9, 1.0])
    assert plots.pgr_by_gap(table, ax=ax) is ax
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["from xs", "from s"]
    points, _, (whiskers,) = ax.containers[0]
    np.testing.assert_allclose(points.get_xydata(), [[10, 0.5], [20, 0.6]])
    np.testing.assert_allclose(
        [whisker[:, 1] for whisker in whiskers.get_segments()], [[0.4, 0.8], [0.4, 0.9]]
    )


def test_agreement_is_solid_where_the_supervisor_is_right(ax):
    table = pairs(agreement_right=[0.9, 0.8, 0.7], agreement_wrong=[0.3, 0.2, 0.1])
    assert plots.agreement_by_compute(table, ax=ax) is ax
    np.testing.assert_allclose(line(ax, "xs is right").get_xydata(), [[1e10, 0.9], [1e11, 0.8]])
    np.testing.assert_allclose(line(ax, "xs is wrong").get_ydata(), [0.3, 0.2])
    assert (line(ax, "s is right").get_linestyle(), line(ax, "s is wrong").get_linestyle()) == ("-", ":")


def doses(**columns):
    """Two doses of one pair, two seeds each."""
    return pd.DataFrame(
        {
            "supervisor": "xs",
            "student": "l",
            "n_train": [4_000, 4_000, 1_000, 1_000],
            "epochs": [5, 5, 2, 2],
            **columns,
        }
    )


def test_pgr_by_dose_puts_near_pairs_first_and_leaves_out_what_has_no_pgr(ax):
    wide, near = (
        doses(
            supervisor=supervisor,
            gap=gap,
            pgr=[high, 0, low, 0],
            pgr_low=[high - 0.1, 0, low - 0.1, 0],
            pgr_high=[high + 0.1, 0, low + 0.1, 0],
            defined=[True, True, supervisor == "xs", True],
        ).iloc[[0, 2]]
        for supervisor, gap, high, low in (("xs", 0.2, 0.2, 0.25), ("s", 0.1, 0.4, 0.3))
    )
    assert plots.pgr_by_dose(pd.concat([wide, near]), ax=ax) is ax
    np.testing.assert_allclose(points(ax, "4,000 puzzles × 5"), [[1.1, 0.2], [0.1, 0.4]])
    np.testing.assert_allclose(points(ax, "1,000 puzzles × 2"), [[0.9, 0.25]])
    assert ticks(ax) == ["s → l\n10", "xs → l\n20"]


def test_agreement_by_dose_is_solid_where_the_supervisor_is_right(ax):
    table = doses(agreement_right=[0.9, 0.8, 0.7, 0.6], agreement_wrong=[0.5, 0.6, 0.3, 0.4])
    assert plots.agreement_by_dose(table, pairs=[("xs", "l")], ax=ax) is ax
    np.testing.assert_allclose(points(ax, "xs → l, right"), [[0, 0.65], [1, 0.85]])
    np.testing.assert_allclose(points(ax, "xs → l, wrong"), [[0, 0.35], [1, 0.55]])
    assert [each.lines[0].get_linestyle() for each in ax.containers] == ["-", ":"]
    assert ticks(ax) == ["1,000 puzzles × 2", "4,000 puzzles × 5"]


def test_accuracy_by_dose_has_the_student_zero_shot_as_a_line_across(ax):
    table = doses(
        supervisor_accuracy=[0.4, 0.4, 0.3, 0.3],
        student_accuracy=[0.5, 0.4, 0.3, 0.4],
        ceiling_accuracy=[0.6, 0.6, 0.5, 0.5],
        zero_shot_accuracy=[0.4, 0.5, 0.4, 0.5],
    )
    assert plots.accuracy_by_dose(table, ax=ax) is ax
    np.testing.assert_allclose(points(ax, "student"), [[0, 0.35], [1, 0.45]])
    np.testing.assert_allclose(points(ax, "ceiling")[:, 1], [0.5, 0.6])
    assert set(line(ax, "student, zero-shot").get_ydata()) == {0.45}


def test_solved_by_difficulty_has_a_line_for_each_training_set(ax):
    index = pd.MultiIndex.from_product([["chess", "chess-easy", "chess-hard", "zero-shot"], range(1, 6)])
    bands = pd.Series(np.arange(20) / 20, index=index)
    assert plots.solved_by_difficulty(bands, ax=ax) is ax
    np.testing.assert_allclose(
        line(ax, "the easier half").get_xydata(), list(zip(range(1, 6), bands["chess-easy"]))
    )
    assert len(ax.lines) == 4


def test_solved_by_rating_averages_over_seeds(ax):
    table = pd.DataFrame(
        {"student": ["xs"] * 4, "rating": ["low", "high"] * 2, "accuracy": [0.4, 0.2, 0.6, 0.4]}
    )
    assert plots.solved_by_rating(table, ax=ax) is ax
    assert list(line(ax, "xs").get_xdata()) == ["low", "high"]
    np.testing.assert_allclose(line(ax, "xs").get_ydata(), [0.5, 0.3])


@pytest.mark.parametrize("legend", [True, False])
def test_error_sources_are_stacked_to_one(ax, legend):
    parts = {
        "kept": [0.5, 0.4],
        "corrected": [0.1, 0.1],
        "inherited": [0.2, 0.2],
        "replaced": [0.1, 0.1],
        "new": [0.1, 0.2],
    }
    shares = pd.DataFrame(parts, index=["xs", "s"])
    assert plots.error_source_bars(shares, ceilings=[0.8, 0.9], width=0.5, ax=ax, legend=legend) is ax
    top = ax.containers[-1]
    np.testing.assert_allclose([bar.get_y() + bar.get_height() for bar in top], [1, 1])
    assert [bars.get_label() for bars in ax.containers] == list(parts) and ticks(ax) == ["xs", "s"]
    np.testing.assert_allclose(ax.collections[0].get_segments()[1], [[0.75, 0.9], [1.25, 0.9]])
    assert (ax.get_legend() is not None) == legend
    ax.clear()
    assert (
        ticks(plots.error_source_bars(shares, labels=["a", "b"], ax=ax)) == ["a", "b"] and not ax.collections
    )


def test_accuracy_by_kind_puts_the_three_side_by_side(ax):
    kinds = ["truth alone", "length"]
    table = pd.DataFrame(
        [
            dict(who=who, kind=kind, accuracy=accuracy)
            for who, level in (("supervisor", 0.5), ("student", 0.6), ("ceiling", 0.7))
            for kind, accuracy in zip(kinds, (level, level + 0.1))
        ]
    )
    names = {"supervisor": "s", "student": "m", "ceiling": "m"}
    assert plots.accuracy_by_kind(table, kinds=kinds, names=names, ax=ax) is ax
    assert [bars.get_label() for bars in ax.containers] == ["supervisor (s)", "student (m)", "ceiling (m)"]
    np.testing.assert_allclose(
        [[bar.get_height() for bar in bars] for bars in ax.containers], [[0.5, 0.6], [0.6, 0.7], [0.7, 0.8]]
    )
    assert ticks(ax) == ["truth\nalone", "length"]


def test_accuracy_by_epoch_has_the_supervisor_as_a_dotted_line(ax):
    table = pd.DataFrame(
        {"supervisor": "s", "student": "xl", "epoch": [1, 2, 1, 2], "accuracy": [0.6, 0.7, 0.8, 0.9]}
    )
    assert plots.accuracy_by_epoch(table, supervisors={"s": 0.65}, ax=ax) is ax
    np.testing.assert_allclose(line(ax, "xl, from s").get_xydata(), [[1, 0.7], [2, 0.8]])
    assert set(ax.lines[1].get_ydata()) == {0.65} and ax.lines[1].get_linestyle() == ":"


def test_best_of_n_has_a_line_for_each_who_chooses(ax):
    who = ["people", "ceiling", "student", "supervisor", "chance"]
    table = pd.DataFrame(
        [dict(who=name, n=n, quality=n + i) for i, name in enumerate(who) for n in (1, 4, 16, 64)]
    )
    assert plots.best_of_n_curves(table, "quality", ax=ax) is ax
    np.testing.assert_allclose(line(ax, "student").get_xydata(), [[1, 3], [4, 6], [16, 18], [64, 66]])
    assert line(ax, "people, without noise").get_ydata()[0] == 1 and ticks(ax) == ["1", "4", "16", "64"]
