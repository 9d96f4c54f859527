"""Whether the measure of contrast finds faint text, and colours that can be told apart and read."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from contrast import ENOUGH, contrast, faint, light
from matplotlib.patheffects import withStroke

from w2s_kit.report import plots
from w2s_kit.report.claims import COLORS, SIGNS
from w2s_kit.report.claims.looks import INKS


def test_contrast_of_colours():
    assert contrast("black", "white") == contrast("white", "black") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1
    # the grey next to the bound, as the standard's own explanations give it
    assert contrast("#767676", "white") >= 4.5 > contrast("#777777", "white")


@pytest.mark.parametrize(
    ("look", "ground"),
    [
        (dict(color="0.6"), "white"),
        (dict(color="white"), "#d55e00"),
        (dict(color="black", alpha=0.3), "white"),
        (dict(color="white", bbox=dict(facecolor="#999999")), "white"),
        (dict(color="black", path_effects=[withStroke(linewidth=1, foreground="#333333")]), "white"),
    ],
)
def test_faint_text_is_found_and_dark_text_is_not(look, ground):
    figure, ax = plt.subplots()
    ax.set_axis_off()
    ax.add_patch(plt.Rectangle((0, 0), 1, 1, color=ground))
    words = ax.text(0.3, 0.5, "words", fontsize=20, **look)
    (found,) = faint(figure)
    assert found.startswith("'words': ") and words.get_color() == look["color"], "it is as it was"
    words.set(color="black", alpha=1, path_effects=[], bbox=dict(facecolor="white"))
    assert not faint(figure)


def test_numbers_can_be_read_on_every_share():
    """Here and in all other tests of figures, see conftest.py."""
    figure, ax = plt.subplots(figsize=(12, 9))
    plots.share_matrix(np.linspace(0, 1, 121).reshape(11, 11), names=list(range(11)), ax=ax)
    assert len(ax.texts) == 121 and not faint(figure)


# What eyes without one kind of cones see (Machado, Oliveira and Fernandes 2009), of shares of light
SEEN = {
    "all": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]


def lab(rgb) -> np.ndarray:
    """Shares of light in CIELAB, where a step of 2 can just be seen."""
    ratio = np.asarray(XYZ) @ np.clip(rgb, 0, 1) / (0.9505, 1, 1.089)
    root = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


@pytest.mark.parametrize("eyes", SEEN)
def test_verdicts_can_be_told_apart_and_read(eyes):
    assert set(COLORS) == set(INKS) == set(SIGNS) and len(set(SIGNS.values())) == len(SIGNS)
    assert all(contrast(COLORS[verdict], INKS[verdict]) >= ENOUGH for verdict in COLORS)
    for one, other in itertools.combinations(COLORS.values(), 2):
        seen = [lab(np.asarray(SEEN[eyes]) @ light(color)) for color in (one, other)]
        assert np.linalg.norm(seen[0] - seen[1]) > 25, f"{one} and {other} look alike"
