"""The run store: what is kept comes back exactly, and what is not whole is never read."""

import errno
import hashlib
import json
import os
import shutil
import threading
import time

import numpy as np
import pandas as pd
import pytest

from w2s_kit.experiment import run_files
from w2s_kit.experiment import store as store_module
from w2s_kit.experiment.run_files import FILES, SUMS, fingerprint, seal
from w2s_kit.experiment.store import Store

CONFIG = {"task": "sentiment", "seed": 0, "train": {"lr": 1e-3, "epochs": 2}}


def outcome(n=200, seed=0):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "split": ["student"] * n + ["test"] * n,
            "row": np.tile(np.arange(n), 2),
            "probability": rng.random(2 * n, dtype=np.float32),
            "label": rng.integers(0, 2, 2 * n),
        }
    )
    return {
        "accuracy": np.float64(0.5),
        "seconds": 1.5,
        "undefined": float("nan"),
        "history": [{"step": 1}],
    }, table


def counted(n=200):
    calls = []

    def compute():
        calls.append(1)
        return outcome(n)

    return compute, calls


def test_a_run_comes_back_to_the_last_bit(tmp_path):
    metrics, table = outcome()
    Store(tmp_path).put(CONFIG, metrics, table)
    run = Store(tmp_path).get(CONFIG)
    pd.testing.assert_frame_equal(
        run.predictions, table, check_dtype=False, check_exact=True, check_like=True
    )
    assert run.config == CONFIG and run.metrics == {
        "accuracy": 0.5,
        "seconds": 1.5,
        "undefined": None,
        "history": [{"step": 1}],
    }
    test = table[table["split"] == "test"]
    assert np.array_equal(run.probabilities("test"), test["probability"])
    assert run.accuracy() == np.mean((test["probability"] > 0.5) == (test["label"] == 1))
    with pytest.raises(ValueError, match="no predictions on 'train'"):
        run.split("train")


def test_rows_come_back_in_the_order_of_the_data(tmp_path):
    metrics, table = outcome()
    run = Store(tmp_path).put(CONFIG, metrics, table.sample(frac=1, random_state=0))
    assert np.array_equal(run.probabilities("student"), table["probability"][:200])


def test_the_name_depends_on_content_not_on_order_or_type():
    shuffled = {"train": {"epochs": np.int64(2), "lr": np.float64(1e-3)}, "seed": 0, "task": "sentiment"}
    assert fingerprint(CONFIG) == fingerprint(shuffled) and len(fingerprint(CONFIG)) == 16
    assert fingerprint(CONFIG | {"x": (1, 2)}) == fingerprint(CONFIG | {"x": [1, 2]})
    others = [CONFIG | {"seed": 1}, CONFIG | {"train": {"lr": 1.1e-3, "epochs": 2}}, CONFIG | {"more": None}]
    assert len({fingerprint(c) for c in (CONFIG, *others)}) == 4
    for value in (float("nan"), object(), {1, 2}):
        with pytest.raises(ValueError, match="config holds"):
            fingerprint({"x": value})


def test_a_run_is_computed_once(tmp_path):
    compute, calls = counted()
    first, second = (Store(tmp_path).run(CONFIG, compute) for _ in range(2))
    assert len(calls) == 1 and first.name == second.name == fingerprint(CONFIG)
    assert first.predictions.equals(second.predictions)


def damage_by(how, file):
    size = file.stat().st_size
    if how == "missing":
        file.unlink()
    elif how == "flipped":
        data = bytearray(file.read_bytes())
        data[size // 3] ^= 0xFF
        file.write_bytes(data)
    else:
        os.truncate(file, {"empty": 0, "half": size // 2, "last byte": size - 1}[how])


@pytest.mark.parametrize(
    "file, how",
    [(f, h) for f in (*FILES, SUMS) for h in ("missing", "empty", "half")]
    + [("predictions.parquet", h) for h in ("last byte", "flipped")]
    + [("config.json", "last byte but valid")],
)
def test_a_damaged_run_is_not_read_but_computed_again(tmp_path, file, how):
    store, (compute, calls) = Store(tmp_path), counted()
    before = store.run(CONFIG, compute)
    if how == "last byte but valid":
        (before.folder / file).write_text(json.dumps(CONFIG | {"seed": 1}))
    else:
        damage_by(how, before.folder / file)
    with pytest.warns(UserWarning, match=f"run {before.name} is damaged"):
        assert store.get(CONFIG) is None
    again = store.run(CONFIG, compute)
    assert len(calls) == 2 and again.predictions.equals(before.predictions)
    assert store.names() == [before.name] and len(list(tmp_path.glob("*.damaged-*"))) == 1


@pytest.fixture
def copied(tmp_path):
    """A store with one run, and a way to make its folder anew as it was."""
    kept = Store(tmp_path / "kept").put(CONFIG, *outcome()).folder
    store = Store(tmp_path / "runs")

    def anew():
        shutil.copytree(kept, store.root / kept.name, dirs_exist_ok=True)
        return store.root / kept.name

    return store, anew


@pytest.mark.filterwarnings("ignore:run .* is damaged")
@pytest.mark.parametrize("file", [*FILES, SUMS])
def test_any_flipped_bit_is_seen(copied, file):
    """Most flips in a number make another number, which only a checksum can tell."""
    store, anew = copied
    rng = np.random.default_rng(0)
    for _ in range(68):
        path = anew() / file
        assert store.get(CONFIG) is not None
        content = bytearray(path.read_bytes())
        content[rng.integers(len(content))] ^= 1 << rng.integers(8)
        path.write_bytes(content)
        assert store.get(CONFIG) is None and not store.names(), "it is moved aside"


def test_what_is_damaged_is_named(copied):
    store, anew = copied
    for file in FILES:
        path = anew() / file
        path.write_bytes(path.read_bytes().replace(b"0", b"1", 1))
        with pytest.warns(UserWarning, match=f"is damaged .{file} is not as it was written"):
            store.get(CONFIG)
    with (anew() / SUMS).open("a") as sums:
        sums.write("more")
    with pytest.warns(UserWarning, match="is damaged .SHA256SUMS is not as it was written"):
        store.get(CONFIG)


def test_a_run_without_checksums_counts_as_damaged(copied):
    store, anew = copied
    (anew() / SUMS).unlink()
    with pytest.warns(UserWarning, match="it has no SHA256SUMS; the first versions of the kit wrote none"):
        assert store.get(CONFIG) is None
    assert len(list(store.root.glob("*.damaged-*"))) == 1, "it is kept aside, not deleted"


def test_checksums_are_those_of_sha256sum(copied):
    folder = copied[1]()
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}" for name in FILES]
    assert (folder / "SHA256SUMS").read_text().splitlines() == lines


@pytest.mark.parametrize("metrics", ["[" * 100_000 + "]" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000])
def test_deeply_nested_metrics_are_damage(copied, metrics):
    store, anew = copied
    (anew() / "metrics.json").write_text(metrics)
    seal(store.root / fingerprint(CONFIG))
    with pytest.warns(UserWarning, match="is damaged .*recursion"):
        assert store.get(CONFIG) is None


def test_a_table_skips_damaged_runs(tmp_path):
    store = Store(tmp_path)
    for seed in range(3):
        store.put(CONFIG | {"seed": seed}, *outcome(seed=seed))
    (tmp_path / fingerprint(CONFIG) / "metrics.json").write_text("{not json")
    with pytest.warns(UserWarning, match="damaged"):
        table = store.table()
    assert (
        sorted(table["seed"]) == [1, 2]
        and set(table["train.lr"]) == {1e-3}
        and set(table["accuracy"]) == {0.5}
    )
    assert "history" not in table


def test_no_access_is_not_damage(tmp_path, monkeypatch):
    store = Store(tmp_path)
    store.put(CONFIG, *outcome())

    def refuse(folder):
        raise PermissionError("no")

    monkeypatch.setattr(store_module, "read_run", refuse)
    with pytest.raises(PermissionError):
        store.get(CONFIG)
    assert len(store.names()) == 1


def test_what_a_killed_writer_left_is_invisible_and_swept_later(tmp_path):
    left = tmp_path / f".writing-{fingerprint(CONFIG)}-0"
    left.mkdir(parents=True)
    (left / "config.json").write_text(json.dumps(CONFIG))
    store = Store(tmp_path)
    assert left.exists() and store.get(CONFIG) is None and store.names() == [] and store.table().empty
    os.utime(left, (time.time() - 7200,) * 2)
    Store(tmp_path)
    assert not left.exists()


@pytest.mark.parametrize("writer", ["write_json", "write_predictions"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_says_so_and_loses_nothing(tmp_path, monkeypatch, writer, code):
    store, other = Store(tmp_path), CONFIG | {"seed": 1}
    kept = store.put(CONFIG, *outcome())

    def full(path, value):
        path.write_bytes(b"PAR1 half a fi")
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(run_files, writer, full)
        with pytest.raises(OSError, match="disk is full.*Free some space and start again") as caught:
            store.run(other, outcome)
    assert caught.value.errno == code
    assert store.names() == [kept.name] and not list(tmp_path.glob(".writing*"))
    assert store.get(CONFIG).predictions.equals(kept.predictions)
    assert store.run(other, outcome).config == other


def test_other_errors_of_the_disk_are_passed_on(tmp_path, monkeypatch):
    def broken(path, value):
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(run_files, "write_predictions", broken)
    with pytest.raises(OSError, match="input/output error"):
        Store(tmp_path).put(CONFIG, *outcome())
    assert not list(tmp_path.glob(".writing*"))


def test_an_interrupt_while_writing_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(path, value):
        raise KeyboardInterrupt

    monkeypatch.setattr(run_files, "write_predictions", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Store(tmp_path).put(CONFIG, *outcome())
    assert [p.name for p in tmp_path.iterdir()] == []


def test_a_failed_run_says_which_and_is_not_kept(tmp_path):
    store = Store(tmp_path)

    def fails():
        raise ValueError("one class only")

    with pytest.raises(ValueError, match="one class only") as caught:
        store.run(CONFIG, fails)
    assert "'task': 'sentiment'" in caught.value.__notes__[0]
    assert store.names() == [] and store.run(CONFIG, outcome).name  # and nobody is locked out


@pytest.mark.parametrize(
    "change, message",
    [
        (
            lambda t: t.assign(probability=np.where(t.index == 3, np.nan, t["probability"])),
            "row 3 has probability nan",
        ),
        (lambda t: t.assign(label=t["label"] + 1), "has label 2"),
        (lambda t: t.drop(columns="row"), r"missing \['row'\]"),
        (lambda t: t[:0], "got none"),
    ],
)
def test_bad_predictions_are_refused(tmp_path, change, message):
    metrics, table = outcome()
    with pytest.raises(ValueError, match=message):
        Store(tmp_path).put(CONFIG, metrics, change(table))
    assert not list(tmp_path.iterdir())


def test_the_first_of_two_equal_runs_stays(tmp_path):
    store = Store(tmp_path)
    first = store.put(CONFIG, *outcome(seed=0))
    assert store.put(CONFIG, *outcome(seed=1)).predictions.equals(first.predictions)
    assert [p.name for p in tmp_path.iterdir()] == [first.name]


def test_two_that_want_the_same_run_compute_it_once(tmp_path):
    compute, calls = counted()
    meet, runs = threading.Barrier(2), []

    def slowly():
        time.sleep(0.2)
        return compute()

    def want():
        meet.wait()
        runs.append(Store(tmp_path).run(CONFIG, slowly))

    threads = [threading.Thread(target=want) for _ in range(2)]
    [t.start() for t in threads], [t.join() for t in threads]
    assert len(calls) == 1 and runs[0].predictions.equals(runs[1].predictions)


def test_a_file_system_without_locks_only_costs_time(tmp_path, monkeypatch):
    class NoLock:
        def __init__(self, path):
            pass

        def acquire(self, timeout):
            raise NotImplementedError

        def release(self):
            pass

    monkeypatch.setattr(store_module, "FileLock", NoLock)
    assert Store(tmp_path).run(CONFIG, outcome).metrics["accuracy"] == 0.5
