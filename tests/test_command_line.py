"""python -m w2s_kit: the same numbers as from Python, and words instead of tracebacks."""

import dataclasses

import pandas as pd
import pytest

from w2s_kit.__main__ import main
from w2s_kit.experiment import CHESS, Settings, grid, summarise
from w2s_kit.store import Store

PAIR = ["--supervisor", "s", "--student", "l", "--n-train", "40", "--n-test", "30"]


def settings(**changes):
    return Settings("danger", n_train=40, n_test=30, **changes)


def test_run_prints_what_python_gives(tmp_path, capsys):
    assert main(["run", "--task", "danger", *PAIR, "--seeds", "2", "--epochs", "1", "--batch-size", "16", "--store", str(tmp_path / "runs")]) == 0
    out = capsys.readouterr().out
    store = Store(tmp_path / "runs")
    before = len(list(store.root.iterdir()))
    row = summarise(grid(["danger"], ["s"], ["l"], seeds=range(2), settings=settings(epochs=1, batch_size=16), store=store), store).iloc[0]
    assert len(list(store.root.iterdir())) == before, "the runs were all there: the same settings"
    for who in ("supervisor", "student", "ceiling"):
        assert f"{100 * row[f'{who}_accuracy']:.1f}" in out
    assert ("undefined" in out) == (not row.defined)


def test_where_no_student_can_learn_it_says_so(tmp_path, capsys):
    with pytest.warns(UserWarning, match="nothing to learn"):
        assert main(["run", "--task", "danger", *PAIR, "--hard-labels", "--epochs", "1", "--store", str(tmp_path)]) == 2
    assert "the warnings above say why" in capsys.readouterr().err


def test_a_sweep_is_the_grids_table_and_reports_itself(tmp_path, capsys):
    out, store = tmp_path / "sweep.csv", str(tmp_path / "runs")
    told = ["sweep", "--tasks", "danger", "edible", "--supervisors", "s", "--students", "l", "--methods", "naive", "confidence", "--n-train", "40", "--n-test", "30", "--store", store]
    assert main([*told, "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    table = pd.read_csv(out)
    assert len(table) == 4 and set(table.method) == {"naive", "confidence"}
    same = grid(["danger"], ["s"], ["l"], ["naive"], settings=settings(), store=Store(store))
    assert table.student_run[0] == same.student_run[0]
    assert main(["report", str(out), "--picture", str(tmp_path / "picture.png")]) == 0
    assert capsys.readouterr().out.startswith(printed) and (tmp_path / "picture.png").stat().st_size > 10_000
    assert sorted(p.name for p in tmp_path.glob("*.csv*")) == ["sweep.csv", "sweep_summary.csv"]


def test_options_reach_the_method_and_rates_the_models(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr("w2s_kit.__main__.grid", lambda *args: asked.append(args) or 1 / 0)
    given = ["--option", "alpha_max=0.5", "--option", "warmup=0", "--lr", "s=1e-2,l=1e-3", "--no-hard-labels", "--token-budget", "99"]
    with pytest.raises(ZeroDivisionError):
        main(["run", "--task", "chess", *PAIR[:4], "--method", "confidence", *given, "--seeds", "3"])
    tasks, supervisors, students, methods, seeds, used, *_ = asked[0]
    assert (tasks, supervisors, students, list(seeds)) == (["chess"], ["s"], ["l"], [0, 1, 2])
    assert methods == {"confidence": {"alpha_max": 0.5, "warmup": 0}}
    assert used == dataclasses.replace(CHESS, hard_labels=False, lr={"s": 0.01, "l": 0.001}, token_budget=99), "chess keeps its own settings where nothing else is said"


def test_every_setting_has_an_option():
    shown = {}
    for field in dataclasses.fields(Settings):
        if field.name not in ("task", "seed"):
            with pytest.raises(SystemExit) as ends:  # a flag without its argument, or --help after a flag that needs none
                main(["run", f"--{field.name.replace('_', '-')}", "--help"])
            shown[field.name] = ends.value.code
    assert set(shown.values()) <= {0, 2} and len(shown) == len(dataclasses.fields(Settings)) - 2


@pytest.mark.parametrize("told, message", [
    (["--task", "dangr", *PAIR], "did you mean 'danger'"),
    (["--task", "danger", *PAIR, "--method", "confidnce"], "did you mean 'confidence'"),
    (["--task", "danger", *PAIR, "--method", "confidence", "--option", "alpha=1"], "did you mean 'alpha_max'"),
    (["--task", "danger", *PAIR, "--option", "alpha=1"], "naive takes no options"),
    (["--task", "danger", *PAIR[:3], "huge", *PAIR[4:]], "huge"),
    (["--task", "danger", *PAIR, "--lora", "8", "--linear-probe"], "choose one")])
def test_bad_names_are_told_in_a_line(tmp_path, capsys, told, message):
    assert main(["run", *told, "--store", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert message in said and said.startswith("w2s_kit run: ") and "Traceback" not in said


@pytest.mark.parametrize("told, message", [(["--n-trian", "5"], "did you mean '--n-train'"), (["--lr", "fast"], "'fast' is no rate"), (["--option", "alpha"], "is not NAME=VALUE"), (["--n-train", "many"], "n-train")])
def test_bad_options_are_told_before_anything_runs(capsys, told, message):
    with pytest.raises(SystemExit) as ends:
        main(["run", "--task", "danger", *PAIR[:4], *told])
    assert ends.value.code == 2 and message in capsys.readouterr().err


def test_reports_of_what_is_no_sweep(tmp_path, capsys):
    table = tmp_path / "other.csv"
    assert main(["report", str(table)]) == 2 and "sweep --out" in capsys.readouterr().err
    for path in (table, tmp_path / "other_summary.csv"):
        path.write_text("task,seed\ndanger,0\n")
    assert main(["report", str(table)]) == 2 and "no column method, student, student_accuracy, supervisor" in capsys.readouterr().err


def test_the_doctor_is_the_check(monkeypatch):
    for fine in (True, False):
        monkeypatch.setattr("w2s_kit.__main__.check", lambda details: fine)
        assert main(["doctor"]) == (0 if fine else 1)
