"""Pictures of the scoreboard of claims."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from drawn import ax  # noqa: F401  (a fixture)

from w2s_kit.report.claims import claims_about_pgr, claims_board


def test_the_board_of_claims_has_a_tile_for_each_in_its_domain():
    table = pd.DataFrame(
        {"notebook": ["00", "04", "04", "05"], "verdict": ["shows", "opposite", "undecided", "shows"]}
    )
    figure = claims_board(table)
    (ax,) = figure.axes
    tiles = [(round(p.get_x() + 0.46), round(p.get_y() + 0.42), p.get_facecolor()) for p in ax.patches]
    assert [(x, y) for x, y, _ in tiles] == [(0, 0), (0, 1), (1, 1), (2, 1)] and len(
        {color for *_, color in tiles}
    ) == 3
    assert [t.get_text() for t in ax.get_yticklabels()] == ["language", "chess"] and [
        t.get_text() for t in figure.legends[0].get_texts()
    ] == ["● shows (2)", "○ undecided (1)", "✕ opposite (1)"]
    plt.close(figure)


def test_intervals_of_claims_about_pgr_are_cut_to_the_frame_and_their_names_are_not(ax):
    table = pd.DataFrame(
        {
            "notebook": ["02", "04"],
            "statement": ["short", "x" * 50 + " " + "y" * 20],
            "verdict": ["shows", "opposite"],
            "value": [0.4, 0.1],
            "low": [0.2, -3.0],
            "high": [0.6, 5.0],
        },
        index=[7, 3],
    )
    assert claims_about_pgr(table, ax=ax) is ax
    names = [text.get_text() for text in ax.get_yticklabels()]
    assert names == ["02 · short", "04 · " + "x" * 50 + "\n" + "y" * 20], "whole, in two lines"
    bars = [each.get_xdata() for each in ax.lines if len(each.get_xdata()) == 2 and each.get_lw() == 2]
    np.testing.assert_allclose(bars, [[0.2, 0.6], [-0.5, 1.2]])
    assert [each.get_marker() for each in ax.lines if each.get_marker() in ("o", "X", "s")] == ["o", "X"]


def test_a_long_domain_takes_another_row():
    table = pd.DataFrame({"notebook": ["04"] + ["19"] * 23, "verdict": "shows"})
    figure = claims_board(table)
    (ax,) = figure.axes
    assert [text.get_text() for text in ax.get_yticklabels()] == ["chess", "later methods", ""]
    rows = [round(tile.get_y() + 0.42) for tile in ax.patches]
    assert [rows.count(y) for y in range(3)] == [1, 20, 3]
    plt.close(figure)
