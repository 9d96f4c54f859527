"""Pictures show what the table holds, on the axes they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from drawn import ax, line  # noqa: F401  (a fixture)

from w2s_kit import plots
from w2s_kit.metrics import intervals, pgr

SIZES = {"small": 1e9, "middle": 1e10, "big": 1e11}


@pytest.fixture
def table():
    rng, rows = np.random.default_rng(0), []
    for task in ("a", "b"):
        for seed in range(3):
            for w, supervisor in enumerate(SIZES):
                for s, student in enumerate(SIZES):
                    if s >= w:
                        rows.append(
                            dict(
                                task=task,
                                seed=seed,
                                supervisor=supervisor,
                                student=student,
                                method="naive",
                                supervisor_accuracy=0.6 + 0.1 * w,
                                student_accuracy=0.6 + 0.1 * w + 0.03 * (s - w) + 0.01 * rng.random(),
                                ceiling_accuracy=0.65 + 0.1 * s,
                                supervisor_pretraining_flops=SIZES[supervisor],
                                student_pretraining_flops=SIZES[student],
                            )
                        )
    return pd.DataFrame(rows)


def test_accuracy_by_compute_draws_the_medians(table, ax):
    assert plots.accuracy_by_compute(table, ax=ax) is ax
    assert ax.get_xscale() == "log"
    np.testing.assert_allclose(
        line(ax, "ceiling (ground truth)").get_xydata(), [[1e9, 0.65], [1e10, 0.75], [1e11, 0.85]]
    )
    mine = line(ax, "from middle")
    means = (
        table[(table.supervisor == "middle")]
        .groupby(["student_pretraining_flops", "task"])
        .student_accuracy.mean()
        .groupby(level=0)
        .median()
    )
    np.testing.assert_allclose(mine.get_xydata(), list(means.items()))
    assert len({l.get_marker() for l in ax.lines if str(l.get_label()).startswith("from")}) == 3, (
        "colour is not the only difference"
    )


def test_the_legend_names_only_lines_that_are_drawn(table, ax):
    """As in notebook 05: nothing can be bootstrapped from the supervisor next to the largest student."""
    both = pd.concat([table, table[table.supervisor == "small"].assign(method="bootstrap")])
    plots.accuracy_by_compute(both, methods=("naive", "bootstrap"), ax=ax)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "from small, bootstrap" in labels and "from middle, naive" in labels
    assert "from middle, bootstrap" not in labels


@pytest.mark.parametrize("best, top", [(0.3, 0.4), (0.6, 1.0)])
def test_small_pgrs_are_no_flat_lines_at_the_bottom(ax, best, top):
    rows = [
        dict(task="a", supervisor="small", student=name, method="naive", pgr=value, defined=True)
        | {"supervisor_pretraining_flops": 1e9, "student_pretraining_flops": flops}
        for name, flops, value in (("middle", 1e10, 0.1), ("big", 1e11, best))
    ]
    plots.pgr_by_compute(pd.DataFrame(rows), ax=ax)
    assert (ax.get_ylim()[1] < top) == (best == 0.3)


def test_pgr_by_compute_leaves_out_what_is_undefined(ax):
    summary = pd.DataFrame(
        [
            dict(
                task=t,
                supervisor="small",
                student="big",
                method="naive",
                pgr=p,
                defined=d,
                supervisor_pretraining_flops=1e9,
                student_pretraining_flops=1e11,
            )
            for t, p, d in (("a", 0.4, True), ("b", 0.6, True), ("c", np.nan, False))
        ]
    )
    plots.pgr_by_compute(summary, ax=ax)
    np.testing.assert_allclose(line(ax, "from small").get_xydata(), [[1e11, 0.5]])
    assert [t.get_text() for t in ax.texts] == ["2"], "the number of tasks with a PGR stands at the point"


def test_stages_and_bars(table, ax):
    one = table[(table.task == "a") & (table.supervisor == "small") & (table.student == "big")]
    plots.stages(one, ax=ax)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["supervisor", "student", "ceiling"]
    ax.clear()
    assert "PGR = +0.10 / 0.30 = 0.33" in plots.pgr_bars(0.6, 0.7, 0.9, ax=ax).get_title()
    ax.clear()
    assert "undefined" in plots.pgr_bars(0.7, 0.7, 0.7, ax=ax).get_title()


@pytest.mark.parametrize(
    "accuracies", [(0.60, 0.70, 0.605), (0.60, 0.55, 0.60), (0.90, 0.95, 0.70), (0, 0, 0), (1, 1, 1)]
)
def test_bars_and_their_explorer_show_no_pgr_without_a_clear_gap(ax, accuracies, monkeypatch):
    title = plots.pgr_bars(*accuracies, ax=ax).get_title()
    assert (
        title.startswith("PGR undefined: ")
        and "not clearly above 0" in " ".join(title.split())
        and "=20" not in title.replace(" ", "")
    )
    from w2s_kit.report import widgets

    drawn = []
    monkeypatch.setattr(widgets, "pgr_bars", lambda **kw: drawn.append(plots.pgr_bars(**kw).get_title()))
    sliders = widgets.pgr_explorer().children[0].children
    for slider, value in zip(sliders, accuracies):
        slider.value = value
    seen = [slider.value for slider in sliders]
    gap = pgr.gap_of_accuracies(seen[0], seen[2])
    assert drawn[0].startswith("PGR = +0.10") and drawn[-1].startswith("PGR undefined") == bool(
        pgr.no_clear_gap(gap)
    )


def test_more_test_items_make_a_small_gap_clear(ax):
    assert "undefined" in plots.pgr_bars(0.60, 0.61, 0.63, ax=ax).get_title()
    assert plots.pgr_bars(0.60, 0.61, 0.63, items=50_000, ax=ax).get_title() == "PGR = +0.01 / 0.03 = 0.33"


def pgr_table():
    """Two students that have a PGR, one of them without an upper bound, and one that has none."""
    told = [
        ("middle", 0.4, 0.3, 0.6, True),
        ("big", 0.8, 0.2, np.inf, True),
        ("large", np.nan, np.nan, np.nan, False),
    ]
    return pd.DataFrame(
        [
            dict(
                task="a",
                supervisor="small",
                student=s,
                method="naive",
                pgr=p,
                pgr_low=l,
                pgr_high=h,
                defined=d,
                supervisor_pretraining_flops=1e9,
                student_pretraining_flops=1e10 * 10**i,
            )
            for i, (s, p, l, h, d) in enumerate(told)
        ]
    )


def test_a_pair_without_pgr_is_marked_and_named(ax):
    plots.pgr_by_compute(pgr_table(), ax=ax)
    hollow = [l for l in ax.lines if l.get_markerfacecolor() == "none" and len(l.get_xdata())]
    assert [l.get_xdata()[0] for l in hollow] == [1e12]
    assert "PGR undefined, 1 pair: small → large" in [
        " ".join(t.get_text().split()) for t in ax.get_legend().get_texts()
    ]
    ax.clear()
    plots.pgr_by_compute(pgr_table().query("defined"), ax=ax)
    assert not any("undefined" in t.get_text() for t in ax.get_legend().get_texts())


def test_where_no_pair_has_a_pgr_the_picture_says_so(ax):
    none = pgr_table().query("not defined")
    plots.pgr_by_compute(none, ax=ax, intervals=True)
    assert [t.get_text().startswith("PGR undefined") for t in ax.get_legend().get_texts()] == [True]


def test_intervals_of_pgr_and_accuracy(table, ax):
    plots.pgr_by_compute(pgr_table(), intervals=True, ax=ax)
    low, high = ax.get_ylim()
    assert low < 0 and 1 < high < 2, "an unbounded interval does not stretch the picture"
    drawn = [tuple(segment[:, 1]) for lines in ax.collections for segment in lines.get_segments()]
    assert drawn[0] == (0.3, 0.6) and drawn[1][0] == 0.2 and drawn[1][1] > high
    ax.clear()
    one = table[table.task == "a"]
    plots.accuracy_by_compute(one, intervals=True, ax=ax)
    bars = sorted(tuple(segment[:, 1]) for lines in ax.collections for segment in lines.get_segments())
    want = one[(one.supervisor == "small") & (one.student == "big")].student_accuracy
    assert any(
        bar == pytest.approx((intervals.mean_interval(want).low, intervals.mean_interval(want).high))
        for bar in bars
    )
    ax.clear()
    plots.accuracy_by_compute(table, intervals=True, ax=ax)
    assert not ax.collections, "over several tasks there is no interval over seeds"


def test_one_task_of_several_is_no_median(ax):
    facts = {"supervisor": "small", "student": "big", "method": "naive"}
    facts |= {"supervisor_pretraining_flops": 1e9, "student_pretraining_flops": 1e11}
    rows = [facts | dict(task=t, pgr=p, defined=p is not None) for t, p in (("a", -8.0), ("b", None))]
    plots.pgr_by_compute(pd.DataFrame(rows), ax=ax)
    assert ax.get_ylim()[0] > -1 and "small → big" in ax.get_legend().get_texts()[0].get_text()


def test_small_multiples_have_one_panel_a_task(table):
    figure = plots.small_multiples(table, columns=3)
    assert [a.get_title() for a in figure.axes] == ["a", "b", ""]
    plt.close(figure)


def test_split_diagram_says_who_learns_from_what(ax):
    plots.split_diagram(ax=ax)
    said = " ".join(t.get_text() for t in ax.texts)
    for word in ("weak supervisor", "strong student", "strong ceiling", "weak labels", "ground truth"):
        assert word in said


def test_interval_bars_show_mean_and_spread_over_seeds(ax):
    plots.interval_bars({"up": [1.0, 2.0, 3.0], "down": [-1.0, -1.0, -1.0]}, ax=ax)
    assert [bar.get_height() for bar in ax.patches] == [2.0, -1.0]
    low, high = sorted(y for _, y in ax.containers[1][2][0].get_segments()[0])
    assert low < 1 < 3 < high, "three seeds leave much open"
    assert [t.get_text() for t in ax.get_xticklabels()] == ["up", "down"]


def test_a_supervisor_keeps_its_colour_in_a_part_of_the_table():
    assert plots.style(["m"])["m"] == plots.style(["xs", "s", "m", "l", "xl"])["m"] != plots.style(["s"])["s"]
    assert len(set(map(str, plots.style(["a", "b", "c"]).values()))) == 3


def test_a_board_shows_its_pieces_from_the_side_to_move(ax):
    fen = "8/2r5/4b2K/8/4k3/8/8/8 b - - 0 1"
    plots.board(fen, {"solution": "e4f5", "supervisor": "c7c1"}, ax=ax)
    pieces = {
        (round(t.get_position()[0]), round(t.get_position()[1] + 0.05)): (t.get_text(), t.get_color())
        for t in ax.texts
        if t.get_text()
    }
    assert pieces == {
        (5, 1): ("♜", "#111111"),
        (3, 2): ("♝", "#111111"),
        (0, 2): ("♚", "#ffffff"),
        (3, 4): ("♚", "#111111"),
    }
    assert ax.get_title() == "Black to move" and [t.get_text() for t in ax.get_legend().get_texts()] == [
        "solution: Kf5",
        "supervisor: Rc1",
    ]
    assert [label.get_text() for label in ax.get_xticklabels()] == list("hgfedcba") and ax.get_yticklabels()[
        0
    ].get_text() == "8"
    assert ax.texts[0].get_path_effects(), "an outline, so that white is seen on light squares"


def test_the_puzzle_explorer_draws_the_puzzle_that_is_asked_for():
    from w2s_kit.report.widgets import puzzle_explorer

    fens = ["8/2r5/4b2K/8/4k3/8/8/8 b - - 0 1", "6k1/5ppp/8/8/8/8/8/R6K w - - 0 1"]
    box = puzzle_explorer(fens, {"student": ["e4f5", "a1a8"]})
    slider = box.children[0]
    slider.value = 1
    assert slider.max == 1 and slider.description == "puzzle"


def test_expansion_draws_what_it_gets_and_no_promise_where_there_is_none():
    table = pd.DataFrame(
        {
            "eta": [0.0, 0.2],
            "alpha": 0.1,
            "error": 0.02,
            "robust": [0.5, 0.9],
            "reach": [0.4, 0.8],
            "bound": [0.12, 0.04],
            "theorem": [1.0, 0.08],
        }
    )
    ax = plots.expansion(table, ax=plt.subplots()[1])
    drawn = {line.get_label().split(",")[0].split(" (")[0]: line.get_ydata() for line in ax.lines}
    assert (
        list(drawn["bound"]) == [0.12, 0.04]
        and np.isnan(drawn["Theorem 4.1"][0])
        and drawn["Theorem 4.1"][1] == 0.08
    )
    assert (
        list(drawn["right and robust"]) == [0.5, 0.9]
        and drawn["the supervisor's error"][0] == 0.1
        and drawn["the student's error"][0] == 0.02
    )


def test_the_expansion_explorer_draws_the_table_that_is_asked_for(monkeypatch):
    from w2s_kit.report import widgets

    tables = {
        (student, alike, kind): pd.DataFrame({"name": [f"{student} {alike} {kind}"]})
        for student in ("a", "b")
        for alike in ("x", "y")
        for kind in ("0", "1")
    }
    drawn = []
    monkeypatch.setattr(
        widgets,
        "expansion",
        lambda table, ax: (drawn.append(table["name"].item()), ax.plot([], label="a"), ax)[-1],
    )
    box = widgets.expansion_explorer(tables)
    student, alike, kind = box.children[0].children
    student.value, alike.value, kind.value = "b", "y", "1"
    assert drawn == ["a x 0", "b x 0", "b y 0", "b y 1"] and not box.children[1].outputs


def test_arrows_go_from_before_to_after(ax):
    table = pd.DataFrame(
        [("s", "s", 0.5, 0.6, 0.9, 0.7), ("xl, rude", "xl", 0.0, 0.9, 0.8, 0.85)],
        columns=["upstream", "size", "before_harmless", "before_helpful", "harmless", "helpful"],
    )
    assert plots.arrows(table, ax=ax) is ax
    drawn = [text for text in ax.texts if text.arrow_patch is not None]
    assert [(arrow.xyann, arrow.xy) for arrow in drawn] == [
        ((0.5, 0.6), (0.9, 0.7)),
        ((0.0, 0.9), (0.8, 0.85)),
    ]
    assert [text.get_text() for text in ax.texts if text.arrow_patch is None] == ["s", "xl, rude"]
    handles, labels = ax.get_legend_handles_labels()
    assert (
        labels == ["s", "xl"]
        and len({(handle.get_marker(), handle.get_markeredgecolor()) for handle in handles}) == 2
    )
