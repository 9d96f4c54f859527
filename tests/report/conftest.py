"""Every figure that a test of pictures draws is looked at: whether its texts can be read."""

import matplotlib.pyplot as plt
import pytest
from contrast import ENOUGH, faint


@pytest.fixture(autouse=True)
def texts_of_figures_can_be_read(monkeypatch):
    close, found = plt.close, []

    def looked_at(figure=None):
        drawn = [figure] if hasattr(figure, "findobj") else [plt.figure(n) for n in plt.get_fignums()]
        for each in drawn:
            found.extend(faint(each))
        close(figure)

    monkeypatch.setattr(plt, "close", looked_at)
    yield
    looked_at("all")
    assert not found, f"less contrast than {ENOUGH}: {found}"
