"""Tables of measurements grow by seeds: what is there stays, and what is of another kind is kept as it is."""

import argparse

import measuring
import pandas as pd
import pytest

from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.store import Store

SMALL = Settings("", n_train=64, n_test=40)
OPTIONS = {"supervisors": ["xs"], "students": ["s"], "methods": ["naive"]}


def grown(folder, seeds, first=7, tasks=("danger", "size"), store="runs"):
    args = argparse.Namespace(first=first, seeds=seeds, jobs=1, out=folder)
    return measuring.grow_grid("x", args, tasks, SMALL, store=Store(folder / store), **OPTIONS)


def test_a_table_grows_without_its_store(tmp_path, monkeypatch):
    first = grown(tmp_path, 1)
    assert set(first["seeds"]) == {1} and not first["defined"].any(), "one seed has no interval"
    kept = (tmp_path / "x_grid.csv").read_text().splitlines()
    asked, real = [], measuring.grid
    monkeypatch.setattr(
        measuring, "grid", lambda tasks, **kw: asked.append((list(tasks), kw["seeds"])) or real(tasks, **kw)
    )
    summary = grown(tmp_path, 2, store="another machine's")
    assert asked == [(["danger", "size"], [8])] and set(summary["seeds"]) == {2}
    assert (tmp_path / "x_grid.csv").read_text().splitlines()[: len(kept)] == kept
    again = grown(tmp_path, 2, store="a third")
    assert len(asked) == 1 and len(again) == 2
    pd.testing.assert_frame_equal(again, summary, check_exact=False, rtol=1e-5)


def test_a_task_that_is_missing_is_measured(tmp_path):
    grown(tmp_path, 1, tasks=["size"])
    grown(tmp_path, 1)
    table = pd.read_csv(tmp_path / "x_grid.csv")
    assert table["task"].tolist() == ["size", "danger"] and table["label_accuracy"].between(0, 1).all()


def test_other_seeds_and_other_columns_are_not_written_over(tmp_path):
    grown(tmp_path, 1)
    before = (tmp_path / "x_grid.csv").read_bytes()
    with pytest.raises(ValueError, match="has other seeds, \\[7\\]: name another folder"):
        grown(tmp_path, 1, first=3)
    assert (tmp_path / "x_grid.csv").read_bytes() == before
    pd.read_csv(tmp_path / "x_grid.csv").drop(columns="label_accuracy").to_csv(
        tmp_path / "x_grid.csv", index=False
    )
    before = (tmp_path / "x_grid.csv").read_bytes()
    with pytest.raises(ValueError, match="of another version"):
        grown(tmp_path, 2)
    assert (tmp_path / "x_grid.csv").read_bytes() == before


def both(seed: int) -> dict:
    return {"a": [{"seed": seed, "x": seed / 3}], "b": pd.DataFrame({"seed": [seed] * 2, "y": [1, 2]})}


def test_several_tables_grow_together(tmp_path):
    args, asked = argparse.Namespace(first=100, seeds=2, out=tmp_path), []
    measure = lambda seed: asked.append(seed) or both(seed)
    measuring.grow_tables(["a", "b"], args, measure)
    kept = (tmp_path / "a.csv").read_text()
    args.seeds = 3
    grown = measuring.grow_tables(["a", "b"], args, measure)
    assert asked == [100, 101, 102] and (tmp_path / "a.csv").read_text().startswith(kept)
    assert grown["b"]["seed"].tolist() == [100, 100, 101, 101, 102, 102]
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "b.csv"), grown["b"])


def test_a_seed_that_one_of_the_tables_lacks_is_measured_again_for_all(tmp_path):
    args = argparse.Namespace(first=100, seeds=2, out=tmp_path)
    measuring.grow_tables(["a", "b"], args, both)
    whole = (tmp_path / "a.csv").read_text()
    pd.read_csv(tmp_path / "b.csv").query("seed == 100").to_csv(
        tmp_path / "b.csv", index=False
    )  # killed here
    measuring.grow_tables(["a", "b"], args, both)
    assert (tmp_path / "a.csv").read_text() == whole
    assert pd.read_csv(tmp_path / "b.csv")["seed"].tolist() == [100, 100, 101, 101]


def test_several_tables_are_not_written_over(tmp_path):
    args = argparse.Namespace(first=100, seeds=1, out=tmp_path)
    measuring.grow_tables(["a", "b"], args, both)
    with pytest.raises(ValueError, match="a.csv has other seeds, \\[100\\]: name another folder"):
        measuring.grow_tables(["a", "b"], argparse.Namespace(first=0, seeds=1, out=tmp_path), both)
    args.seeds = 2
    with pytest.raises(ValueError, match="a.csv has other columns"):
        measuring.grow_tables(["a"], args, lambda seed: {"a": [{"seed": seed}]})
