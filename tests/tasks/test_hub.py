"""The door to datasets of the hub: how they are named, and a folder that mirrors it."""

import datasets
import pandas as pd
import pytest
from samples import comparisons

from w2s_kit.tasks import load_task
from w2s_kit.tasks.hub import DATA, Address, address, file_or_rows


@pytest.mark.parametrize(
    "text, where",
    [
        ("owner/name", Address("owner/name")),
        ("owner/name:test", Address("owner/name", split="test")),
        ("owner/name@v1.0", Address("owner/name", revision="v1.0")),
        ("owner/name@v1.0:test", Address("owner/name", split="test", revision="v1.0")),
    ],
)
def test_how_a_split_is_named(text, where):
    assert address(text) == where


@pytest.mark.parametrize("text", ["name", "a/b/c", "a/b/c:train", ""])
def test_what_is_no_name_of_the_hub(text):
    with pytest.raises(ValueError, match="owner/name"):
        address(text)


def test_the_revision_reaches_the_hub(monkeypatch):
    asked = []

    def load_dataset(*name, **where):
        asked.append((*name, where))
        return datasets.Dataset.from_list([{"a": i} for i in range(9)])

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    monkeypatch.delenv(DATA, raising=False)
    assert len(file_or_rows("owner/name@v1.0:test", most=4)) == 4
    assert asked == [("owner/name", None, {"split": "test", "revision": "v1.0"})]


def test_comparisons_come_from_the_mirror(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "load_dataset", lambda *name, **where: pytest.fail("it asks the hub"))
    mirror = tmp_path / "mirror/owner/name/default"
    mirror.mkdir(parents=True)
    pd.read_json(comparisons(tmp_path), lines=True).to_parquet(mirror / "train_prefs.parquet")
    monkeypatch.setenv(DATA, str(tmp_path / "mirror"))
    split = load_task("preference:owner/name:train_prefs", seed=1, n_train=10, n_test=10)
    assert len(split.test) == 10 and split.name == "preference:owner/name:train_prefs"
    with pytest.raises(ValueError, match="owner/name:test: .*no file .*test.parquet"):
        load_task("preference:owner/name:test", n_train=10, n_test=10)
