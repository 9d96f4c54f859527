"""A study in a file: what it says is measured, what it cannot mean is refused, and a plan counts right."""

import dataclasses
import re

import pandas as pd
import pytest

from w2s_kit.__main__ import main
from w2s_kit.experiment import planning
from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.planning import Plan, plan
from w2s_kit.experiment.settings import CHESS, Settings
from w2s_kit.experiment.store import Store
from w2s_kit.experiment.study import Study, read_study

SMALL = {"n_train": 64, "n_test": 40, "epochs": 1}
TEXT = """
tasks = ["danger", "size"]
supervisors = ["xs"]
students = ["s", "m"]
methods = ["naive", "confidence"]
seeds = [3, 5]
store = "{folder}/runs"
out = "{folder}/study.csv"

[settings]
n_train = 64
n_test = 40
epochs = 1
"""


@pytest.fixture
def written(tmp_path):
    """Writes a study, with replacements, and returns its path."""

    def write(**changed):
        text = TEXT.format(folder=tmp_path.as_posix())
        for key, line in changed.items():
            text, n = re.subn(rf"(?m)^{key} = .*$", line, text)
            assert n == 1
        path = tmp_path / "study.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_file_measures_what_a_grid_measures(written, tmp_path, capsys):
    path = written(tasks='tasks = ["danger"]', seeds="seeds = [3]")
    assert main(["run", str(path)]) == 0
    assert "PGR" in capsys.readouterr().out
    table = pd.read_csv(tmp_path / "study.csv")
    store = Store(tmp_path / "runs")
    same = grid(["danger"], ["xs"], ["s", "m"], ["naive", "confidence"], [3], Settings("", **SMALL), store)
    pd.testing.assert_frame_equal(table, same, check_dtype=False)
    assert len(pd.read_csv(tmp_path / "study_summary.csv")) == 4
    assert main(["run", str(path), "--dry-run"]) == 0
    assert "all 7 runs are in the store: nothing is to be trained" in capsys.readouterr().out


def test_pairs_and_labels_of_methods(written):
    text = written(
        supervisors='pairs = [["xs", "m"], ["s", "m"], ["xs", "l"]]',
        students="",
        methods="methods = {naive = {}, half = {method = 'confidence', alpha_max = 0.5}}",
    )
    study = read_study(text)
    assert study.pairs == [("xs", "m"), ("s", "m"), ("xs", "l")] and study.seeds == [3, 5]
    assert [(method.label, method.name, dict(method.options)) for method in study.values()] == [
        ("naive", "naive", {}),
        ("half", "confidence", {"alpha_max": 0.5}),
    ]
    assert study.by_task() == [Settings(task, **SMALL) for task in ("danger", "size")]


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"seeds": "seed = 3"}, "unknown key of a study 'seed'; did you mean 'seeds'"),
        ({"n_train": "n_trian = 64"}, "settings: unknown setting 'n_trian'; did you mean 'n_train'"),
        ({"n_train": "n_train = 0"}, "n_train is a whole number from 1 on, but 0"),
        ({"n_train": "task = 'size'"}, "settings: unknown setting 'task'"),
        ({"tasks": 'tasks = ["dangre"]'}, "unknown task 'dangre'; did you mean 'danger'"),
        ({"tasks": 'tasks = ["size", "size"]'}, "tasks names 'size' twice"),
        ({"tasks": 'tasks = "size"'}, "tasks is a list of names, as in"),
        ({"tasks": ""}, "tasks is a list of names, as in .* not None"),
        ({"students": 'students = ["x"]'}, "'x'"),
        ({"students": 'students = ["s", "s"]'}, "students names 's' twice"),
        ({"students": 'pairs = [["xs", "m"]]'}, "pairs and supervisors say the same: keep one"),
        ({"methods": 'methods = ["naiv"]'}, "unknown method 'naiv'; did you mean 'naive'"),
        ({"methods": 'methods = ["naive", "naive"]'}, "methods names 'naive' twice"),
        ({"methods": "methods = {confidence = {alpha = 1.0}}"}, "unknown option of confidence 'alpha'"),
        ({"methods": "methods = {confidence = 0.5}"}, "confidence is a table of names and values, not 0.5"),
        ({"seeds": "seeds = 0"}, "seeds is how many, or a list of whole numbers, not 0"),
        ({"seeds": "seeds = [1, 1]"}, r"seeds \[1, 1\]: one stands twice"),
        ({"store": "store = 3"}, "store is a text, not 3"),
        ({"out": 'out = "/no/such/folder/x.csv"'}, "out /no/such/folder/x.csv: there is no folder"),
        ({"out": "out = "}, "no TOML"),
    ],
)
def test_what_a_file_cannot_mean_is_told_with_the_file(written, changed, message, capsys):
    path = written(**changed)
    assert main(["run", str(path)]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"w2s_kit run: {path}: ") or "no TOML" in told
    assert re.search(message, told) and "--" not in told.replace(str(path), "")


def test_a_file_that_is_not_there(tmp_path, capsys):
    assert main(["run", str(tmp_path / "x.toml")]) == 2
    assert "x.toml is not there" in capsys.readouterr().err


def test_options_beside_a_file_are_refused(written, capsys):
    assert main(["run", str(written()), "--n-train", "3"]) == 2
    assert "--n-train beside" in capsys.readouterr().err
    assert main(["run", "--task", "size"]) == 2
    assert "--supervisor, --student: give them, or a file" in capsys.readouterr().err


@pytest.mark.parametrize(
    "task, pairs, methods, changes",
    [
        ("danger", [("xs", "s"), ("xs", "m")], ["naive", "confidence"], SMALL),
        ("danger", [("xs", "m")], ["bootstrap"], SMALL | {"fresh": 2}),
        ("danger", [("xs", "s")], ["naive"], SMALL | {"hard_labels": True}),
        (
            "chess",
            [("xs", "m")],
            ["bootstrap"],
            {"n_train": 40, "n_test": 20, "epochs": 1, "family": "chess"},
        ),
        ("sums", [("xs", "s")], ["naive"], {"n_train": 20, "n_test": 10, "epochs": 1, "family": "sums"}),
        ("dialogue", [("s", "m")], ["naive"], {"n_train": 40, "n_test": 20}),
    ],
)
def test_a_plan_counts_what_is_trained_and_trains_nothing(task, pairs, methods, changes, tmp_path):
    if task == "chess":
        changes = {"hard_labels": CHESS.hard_labels} | changes
    if task == "sums":
        changes = changes | {"hard_labels": True}
    study = Study([task], pairs, {name: {} for name in methods}, [0], changes, str(tmp_path / "runs"))
    before = plan(study)
    assert not (tmp_path / "runs").exists() and before.there == 0
    store = Store(tmp_path / "runs")
    study.table(store)
    assert before.models["runs"].sum() == len(store.names())
    assert (before.models["minutes"] > 0).all() and (before.models["gigabytes"] > 0).all()
    after = plan(study)
    assert after.models.empty and after.there == len(store.names())


def test_a_plan_fails_where_the_study_would(tmp_path):
    study = Study(
        ["danger"], [("xs", "s")], {"bootstrap": {}}, [0], SMALL | {"fresh": 2}, str(tmp_path / "runs")
    )
    for run in (lambda: plan(study), lambda: study.table(Store(tmp_path / "other"))):
        with pytest.warns(UserWarning, match="no size lies between"):
            with pytest.raises(ValueError, match="no student was trained; the warnings above say why"):
                run()


def test_a_plan_says_when_memory_is_short():
    models = pd.DataFrame([["m", "size", 2, 1_000, 3.0, 5.0]])
    models.columns = ["model", "task", "runs", "examples", "minutes", "gigabytes"]
    short, known = Plan(1, models, 2, "here", 8e9), Plan(1, models, 1, "here", 8e9)
    assert "about 1.5 minutes in 2 processes" in str(short)
    assert "about 10.00 GB in 2 processes; 8 GB are free" in str(short) and "too much" in str(short)
    assert "too much" not in str(known) and "2 runs are to be trained, 1 are in the store" in str(known)
    unknown = dataclasses.replace(known, free=float("inf"))
    assert "what is free here is not known" in str(unknown) and "too much" not in str(unknown)


def test_memory_that_a_system_does_not_tell_counts_as_unknown(monkeypatch):
    def nothing(name):
        raise ValueError(name)

    monkeypatch.setattr(planning.os, "sysconf", nothing)
    assert planning._free_here() == float("inf")
