"""A toy problem for the arena, and an arena that is open for a whole file of tests."""

import numpy as np
import pytest

from w2s_kit.studies.arena import Arena, Drawn, Problem


def toy(seed: int, n: int = 200, m: int = 300) -> Drawn:
    """Gaussian features, a linear truth; the supervisor knows half of it."""
    rng = np.random.default_rng(seed)
    train, test = rng.standard_normal((2, m, 8))
    truth, knows = rng.standard_normal(8), np.arange(8) < 3
    weak = 1 / (1 + np.exp(-train[:n] @ (truth * knows)))
    labels = (test @ truth > 0).astype(int)
    ceiling = np.where(rng.random(m) < 0.03, 1 - labels, labels)
    return Drawn(Problem(weak, train[:n], test, (test @ (truth * knows) > 0).astype(int)), labels, ceiling)


@pytest.fixture(scope="module")
def ring():
    with Arena(toy, range(5), ladder=None) as it:  # with a secret of its own
        yield it


@pytest.fixture(scope="module")
def problems():
    return [toy(seed).problem for seed in range(5)]
