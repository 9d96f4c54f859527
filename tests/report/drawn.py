"""What the tests of pictures read from axes."""

import matplotlib.pyplot as plt
import pytest


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def line(ax, label):
    return next(each for each in ax.lines if each.get_label() == label)


def points(ax, label):
    """Places and heights of a series with intervals."""
    container = next(each for each in ax.containers if each.get_label() == label)
    return container.lines[0].get_xydata()


def all_points(ax):
    return [container.lines[0].get_xydata()[0] for container in ax.containers]


def names(axis):
    return [label.get_text() for label in axis]
