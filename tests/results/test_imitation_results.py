"""The table of notebook 08: what this code measures, in agreement with the grids that it comes from."""

import numpy as np
import pandas as pd
import pytest
from measure_imitation import DOMAINS, imitation

from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.store import Store
from w2s_kit.shared.files import results_folder

KEYS = ["task", "supervisor", "student", "method", "seed"]


@pytest.fixture(scope="module")
def stored():
    return pd.read_csv(results_folder() / "imitation.csv")


def test_a_slice_measured_now_agrees_with_the_stored_table(stored, tmp_path):
    store = Store(tmp_path)
    live = imitation(
        grid(["ethics"], ["xs"], ["s"], ["naive", "confidence"], [1], Settings(task=""), store), store.load
    )
    both = live.merge(
        stored[stored.domain == "language"], on=KEYS, suffixes=("", "_stored"), validate="one_to_one"
    )
    assert len(both) == 2
    for share in ("kept", "corrected", "inherited", "new"):
        np.testing.assert_allclose(both[share], both[f"{share}_stored"], atol=0.02)
    for where in ("right", "wrong"):
        np.testing.assert_allclose(
            both[f"cross_entropy_{where}"], both[f"cross_entropy_{where}_stored"], atol=0.02
        )


# the grid of language has other seeds by now; those of the cross-entropies are 0 to 4
@pytest.mark.parametrize("domain, name", [pair for pair in DOMAINS.items() if pair[0] != "language"])
def test_it_agrees_with_the_grids(stored, domain, name):
    table = pd.read_csv(results_folder() / f"{name}_grid.csv")
    table = table[table.method.isin(["naive", "confidence"])]
    both = table.merge(stored[stored.domain == domain], on=KEYS, validate="one_to_one")
    assert len(both) == len(table)
    np.testing.assert_allclose(both.kept + both.inherited, both.agreement, atol=2e-4)
    np.testing.assert_allclose(both.kept + both.corrected, both.student_accuracy, atol=2e-4)
    np.testing.assert_allclose(both.kept + both.new, both.supervisor_accuracy, atol=2e-4)
    assert (both.replaced == 0).all() or domain == "chess", "with two answers there is one way to be wrong"
