"""Pictures of notebook 24 show the numbers that they are given."""

import numpy as np
import pandas as pd
import pytest
from drawn import all_points, ax, line, names, points  # noqa: F401  (a fixture)

from w2s_kit import plots


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
