"""A task of one's own is a name: settings, grids of several processes and the command take it."""

import random

import pandas as pd
import pytest

from w2s_kit.__main__ import main
from w2s_kit.experiment import stages
from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_ground_truth, three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import unknown_words
from w2s_kit.tasks import load_task, own_task
from w2s_kit.tasks.split import SEPARATOR

SIZES = {"n_train": 24, "n_test": 20, "epochs": 1}


def written(path, n=120, seed=0):
    """Lists of things; the label says whether the first of them is alive."""
    rng = random.Random(seed)
    rows = []
    for i in range(n):
        first = rng.choice([("mouse", "yes"), ("house", "no")])
        rows.append((f"the {first[0]} {'the ' * (i % 11)} {'is ' * (i // 11)} ?", first[1]))
    pd.DataFrame(rows, columns=["text", "label"]).to_csv(path, index=False)
    return f"rows:{path}"


@pytest.fixture
def learned(monkeypatch):
    """The names of the models that were trained."""
    names, real = [], stages.learn_and_predict

    def learn_and_predict(*args, spec, **kw):
        names.append(spec.name)
        return real(*args, spec=spec, **kw)

    monkeypatch.setattr(stages, "learn_and_predict", learn_and_predict)
    return names


def test_a_grid_of_two_processes_knows_the_task_and_the_store_remembers_it(tmp_path, learned):
    task, store = written(tmp_path / "mine.csv"), Store(tmp_path / "runs")
    how = {"settings": Settings(task, **SIZES), "store": store, "seeds": (0, 1)}
    table = grid([task], ["xs"], ["s"], n_jobs=2, **how)
    assert len(table) == 2 and set(table["task"]) == {task} and len(store.names()) == 6
    pd.testing.assert_frame_equal(grid([task], ["xs"], ["s"], **how), table)
    assert learned == [], "all of it came out of the store"


def test_a_changed_file_is_another_run(tmp_path, learned):
    task, store = written(tmp_path / "mine.csv"), Store(tmp_path / "runs")
    before = run_ground_truth(Settings(task, **SIZES), "xs", store=store)
    assert run_ground_truth(Settings(task, **SIZES), "xs", store=store).name == before.name
    written(tmp_path / "mine.csv", seed=1)
    assert run_ground_truth(Settings(task, **SIZES), "xs", store=store).name != before.name
    assert learned == ["xs", "xs"]
    options = f"{task}?label=label"
    before = run_ground_truth(Settings(options, **SIZES), "xs", store=store)
    written(tmp_path / "mine.csv", seed=2)
    assert run_ground_truth(Settings(options, **SIZES), "xs", store=store).name != before.name


def test_run_and_sweep_of_the_command(tmp_path, capsys):
    task = written(tmp_path / "mine.csv") + "?text=text&label=label"
    sizes = ["--n-train", "24", "--n-test", "20", "--epochs", "1", "--store", str(tmp_path / "runs")]
    assert main(["run", "--task", task, "--supervisor", "xs", "--student", "s", *sizes]) == 0
    assert "labels: 'yes' -> 1, 'no' -> 0" in capsys.readouterr().out
    runs = Store(tmp_path / "runs").names()
    out = str(tmp_path / "out.csv")
    pair = ["--supervisors", "xs", "--students", "s", "--out", out]
    assert main(["sweep", "--tasks", task, "edible", *pair, "--jobs", "2", *sizes]) == 0
    assert list(pd.read_csv(out)["task"]) == [task, "edible"]
    assert set(runs) < set(Store(tmp_path / "runs").names()) and len(Store(tmp_path / "runs").names()) == 6
    code = main(["run", "--task", f"{task}&group=author", "--supervisor", "xs", "--student", "s", *sizes])
    assert code == 2 and "unknown column 'author'" in capsys.readouterr().err


def test_a_table_in_memory_is_a_task(tmp_path, monkeypatch, capsys):
    frame = pd.read_csv(written(tmp_path / "mine.csv").removeprefix("rows:"))
    settings = Settings(own_task(frame, folder=tmp_path / "data"), **SIZES)
    result = three_stages(settings, "xs", "s", store=Store(tmp_path / "runs"))
    assert 0 <= result.student.accuracy() <= 1
    monkeypatch.chdir(tmp_path)
    assert Settings(frame) == Settings(own_task(frame))
    found = grid([frame], ["xs"], ["s"], settings=Settings("", **SIZES), store=Store("runs"), n_jobs=2)
    assert found["task"].tolist() == [own_task(frame)]
    assert capsys.readouterr().out.count("is written down as the task rows:own_data/mine-") == 2
    with pytest.raises(ValueError, match="a table with rows or a split, not NoneType"):
        Settings(None)


def test_words_that_a_small_model_does_not_know_are_told_before_it_learns(tmp_path, monkeypatch):
    frame = pd.DataFrame(
        {"text": [f"Quarks have a charm of {i} !" for i in range(120)], "label": [0, 1] * 60}
    )
    settings = Settings(own_task(frame, folder=tmp_path), **SIZES)
    monkeypatch.setattr(stages, "learn_and_predict", lambda *a, **kw: pytest.fail("it learns"))
    monkeypatch.setattr("warnings.warn", lambda text, **kw: (_ for _ in ()).throw(UserWarning(text)))
    told = r"models of 'miniworld' do not know \d+% of its words, as 'Quarks', .*family=\"gpt2\""
    for run in (
        lambda store: three_stages(settings, "xs", "s", store=store),
        lambda store: grid([settings.task], ["xs"], ["s"], settings=settings, store=store),
    ):
        with pytest.raises(UserWarning, match=told):
            run(Store(tmp_path / "runs"))


@pytest.mark.parametrize("task", ["edible", "sentiment", "nli", "dialogue"])
def test_its_own_world_a_small_model_knows(task):
    split = load_task(task, 0, 60, 60)
    texts = [text.replace(SEPARATOR, " ") for text in split.test["text"]]
    assert unknown_words(load_family("miniworld-chat")["xs"], texts) == (0, [])
    assert unknown_words(load_family("miniworld")["xs"], ["is the quark alive ?"]) == (0.2, ["quark"])


def test_unknown_words_are_told_once(tmp_path):
    frame = pd.DataFrame({"text": [f"Leptons are light , {i} !" for i in range(120)], "label": [0, 1] * 60})
    settings = Settings(own_task(frame, folder=tmp_path), **SIZES)
    with pytest.warns(UserWarning, match="do not know") as told:
        for name in ("xs", "s"):
            run_ground_truth(settings, name, store=Store(tmp_path / "runs"))
    assert len([one for one in told if "do not know" in str(one.message)]) == 1
