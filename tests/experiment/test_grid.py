"""Grids of the three stages on stand-ins, and their summary."""

import os
import signal
import time

import joblib
import numpy as np
import pandas as pd
import pytest
from stand_ins import (  # noqa: F401 (fixtures)
    FAMILY,
    GRID,
    SETTINGS,
    Spec,
    in_another_process,
    reference,
    replace_loaders,
    settings,
    small_world,
    stand_in,
    store,
    trained,
)

from w2s_kit.experiment import result
from w2s_kit.experiment.checks import OneSided
from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.result import summarise
from w2s_kit.experiment.stages import run_student, three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.metrics.pgr import estimate_pgr
from w2s_kit.models.families import Family

ACCURACIES = ["supervisor_accuracy", "student_accuracy", "ceiling_accuracy", "agreement"]


def test_each_model_of_a_grid_is_trained_once(store, trained, reference):
    table = grid(**GRID, settings=SETTINGS, store=store)
    pd.testing.assert_frame_equal(table, reference)
    assert (
        len(table) == 2 * 2 * 2 * 2
        and not table.duplicated(["task", "supervisor", "student", "method", "seed"]).any()
    )
    runs = store.table()
    truth = runs[runs["kind"] == "ground_truth"]
    assert len(truth) == 2 * 2 * 4 and not truth.duplicated(["task", "seed", "model", "half"]).any()
    assert len(trained()) == len(runs) == 16 + 16
    assert trained()[:4] == ["small", "middle", "middle", "big"], "supervisors and ceilings first"
    pd.testing.assert_frame_equal(grid(**GRID, settings=SETTINGS, store=store), reference)
    assert len(trained()) == 32, "the second time everything is in the store"


def test_upward_leaves_out_students_smaller_than_their_supervisor(store):
    names = FAMILY.names
    table = grid(["up"], names, names, settings=SETTINGS, store=store, upward=True)
    assert list(zip(table["supervisor"], table["student"])) == [
        (names[i], names[j]) for i in range(3) for j in range(i, 3)
    ]


@pytest.mark.parametrize("k", [1, 7, 20])
def test_a_grid_that_fails_after_k_runs_continues(store, trained, monkeypatch, reference, k):
    with monkeypatch.context() as patch:
        patch.setenv("STAND_IN_STOPS_AFTER", str(k))
        with pytest.raises(KeyboardInterrupt):
            grid(**GRID, settings=SETTINGS, store=store)
    assert len(store.names()) == k
    pd.testing.assert_frame_equal(grid(**GRID, settings=SETTINGS, store=store), reference)
    assert len(trained()) == 32


def test_a_damaged_run_inside_a_grid_is_made_again(store, trained, reference):
    table = grid(**GRID, settings=SETTINGS, store=store)
    for who in ("supervisor", "student", "ceiling"):
        file = store.root / table[f"{who}_run"][0] / "predictions.parquet"
        os.truncate(file, file.stat().st_size // 2)
    with pytest.warns(UserWarning, match="damaged"):
        pd.testing.assert_frame_equal(grid(**GRID, settings=SETTINGS, store=store), reference)
    assert len(trained()) == 32 + 3


def test_a_supervisor_that_says_one_thing_only_costs_its_rows_not_the_grid(store, monkeypatch):
    family = Family("tiny", (Spec("mute", 0, lr=0.0), *FAMILY))
    replace_loaders(monkeypatch.setattr, load_family=lambda name: family)
    with pytest.raises(OneSided, match="all 96 weak labels of supervisor 'mute' are 0.5"):
        run_student(settings(), "mute", "big", store=store)
    with pytest.warns(UserWarning, match="no row for student 'big'"):
        table = grid(["up"], ["mute", "small"], ["big"], settings=SETTINGS, store=store)
    assert list(table["supervisor"]) == ["small"]


def test_kill_9_then_two_grids_continue_on_one_store_one_of_them_in_parallel(
    tmp_path, store, trained, reference
):
    killed = in_another_process(tmp_path, 0.15)
    deadline = time.monotonic() + 60
    while len(store.names()) < 5 and time.monotonic() < deadline and killed.poll() is None:
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    done, begun = len(store.names()), len(trained())
    assert 5 <= done < 32

    # nobody waits for the dead one's claim; while one grid runs in its own process, the other has two workers
    other = in_another_process(tmp_path, 0.05)
    with joblib.parallel_config(
        backend="loky", initializer=stand_in, initargs=(setattr, tmp_path / "log", FAMILY, 0.05)
    ):
        table = grid(**GRID, settings=SETTINGS, store=store, n_jobs=2)
    assert other.wait(timeout=60) == 0
    pd.testing.assert_frame_equal(table, reference)
    assert len(store.names()) == 32 and len(trained()) - begun == 32 - done, (
        "no run was lost, and none was computed by both"
    )
    pd.testing.assert_frame_equal(grid(**GRID, settings=SETTINGS, store=store), reference)
    assert len(trained()) - begun == 32 - done, "nothing was left to train"


def test_summarise_gives_means_over_seeds_and_pgr_over_seeds_and_items(store, reference):
    grid(**GRID, settings=SETTINGS, store=store)
    summary = summarise(reference, store)
    assert len(summary) == 8 and set(summary["seeds"]) == {2}
    for row in summary.to_dict("records"):
        rows = reference[(reference[result.CELL] == [row[c] for c in result.CELL]).all(axis=1)]
        assert all(row[c] == pytest.approx(rows[c].mean()) for c in ACCURACIES)
        items = []
        for who in ("supervisor", "student", "ceiling"):
            files = [store.root / name / "predictions.parquet" for name in rows[f"{who}_run"]]
            tables = [pd.read_parquet(file).query("split == 'test'") for file in files]
            items.append(
                np.array([((t["probability"] > 0.5) == (t["label"] == 1)).to_numpy(float) for t in tables])
            )
        expected = estimate_pgr(*items)
        assert row["defined"] == expected.defined == (row["why"] == "")
        np.testing.assert_allclose(
            [row[c] for c in ("pgr", "pgr_low", "pgr_high", "gap", "gap_low", "gap_high")],
            [
                expected.value,
                expected.low,
                expected.high,
                expected.gap.mean,
                expected.gap.low,
                expected.gap.high,
            ],
        )
        if row["defined"]:
            weak, student, ceiling = (rows[c].mean() for c in ACCURACIES[:3])
            assert row["pgr"] == pytest.approx((student - weak) / (ceiling - weak))
    assert (
        summary["defined"].any() and not summary[summary["supervisor"] == summary["student"]]["defined"].all()
    )


def test_summarise_takes_results_and_tests_of_different_sizes(store):
    results = [
        three_stages(settings(seed=s, n_test=n), "small", "big", store=store) for s, n in ((0, 80), (1, 80))
    ]
    table = pd.DataFrame([r.row() for r in results])
    pd.testing.assert_frame_equal(summarise(results), summarise(table, store))
    results[1] = three_stages(settings(seed=1, n_test=70), "small", "big", store=store)
    summary = summarise(results).iloc[0]
    assert summary["student_accuracy"] == pytest.approx(np.mean([r.student.accuracy() for r in results]))


def test_summarise_refuses_mixed_settings_and_missing_runs(store, tmp_path):
    mixed = pd.DataFrame(
        [three_stages(settings(hard_labels=h), "small", "big", store=store).row() for h in (False, True)]
    )
    with pytest.raises(ValueError, match="seed 0 stands twice"):
        summarise(mixed, store)
    with pytest.raises(ValueError, match="is not in"):
        summarise(mixed[:1], Store(tmp_path / "elsewhere"))


def test_a_grid_takes_one_method_and_refuses_a_seed_twice(store):
    table = grid(["up"], ["small"], ["big"], "naive", settings=SETTINGS, store=store)
    assert list(table["method"]) == ["naive"]
    with pytest.raises(ValueError, match="stands twice"):
        grid(["up"], ["small"], ["big"], seeds=[0, 0], settings=SETTINGS, store=store)
