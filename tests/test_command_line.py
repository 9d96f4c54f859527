"""python -m w2s_kit: the same numbers as from Python, and words instead of tracebacks."""

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from w2s_kit.__main__ import main
from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.result import summarise
from w2s_kit.experiment.settings import CHESS, Settings
from w2s_kit.experiment.store import Store

PAIR = ["--supervisor", "s", "--student", "l", "--n-train", "40", "--n-test", "30"]


def settings(**changes):
    return Settings("danger", n_train=40, n_test=30, **changes)


def test_run_prints_what_python_gives(tmp_path, capsys):
    assert (
        main(
            [
                "run",
                "--task",
                "danger",
                *PAIR,
                "--seeds",
                "2",
                "--epochs",
                "1",
                "--batch-size",
                "16",
                "--store",
                str(tmp_path / "runs"),
            ]
        )
        == 0
    )
    out = capsys.readouterr().out
    store = Store(tmp_path / "runs")
    before = len(list(store.root.iterdir()))
    row = summarise(
        grid(
            ["danger"], ["s"], ["l"], seeds=range(2), settings=settings(epochs=1, batch_size=16), store=store
        ),
        store,
    ).iloc[0]
    assert len(list(store.root.iterdir())) == before, "the runs were all there: the same settings"
    for who in ("supervisor", "student", "ceiling"):
        assert f"{100 * row[f'{who}_accuracy']:.1f}" in out
    assert ("undefined" in out) == (not row.defined)


def test_where_no_student_can_learn_it_says_so(tmp_path, capsys):
    with pytest.warns(UserWarning, match="nothing to learn"):
        assert (
            main(
                ["run", "--task", "danger", *PAIR, "--hard-labels", "--epochs", "1", "--store", str(tmp_path)]
            )
            == 2
        )
    said = capsys.readouterr().err
    assert "the warnings above say why" in said and "--lr" not in said


def test_where_the_given_rate_is_the_likely_reason_it_is_named(tmp_path, capsys):
    with pytest.warns(UserWarning, match="nothing to learn"):
        assert (
            main(
                [
                    "run",
                    "--task",
                    "danger",
                    *PAIR,
                    "--hard-labels",
                    "--epochs",
                    "1",
                    "--lr",
                    "s=3e-3,l=3e-4",
                    "--store",
                    str(tmp_path),
                ]
            )
            == 2
        )
    assert "--lr" in capsys.readouterr().err


def test_a_sweep_is_the_grids_table_and_reports_itself(tmp_path, capsys):
    out, store = tmp_path / "sweep.csv", str(tmp_path / "runs")
    told = [
        "sweep",
        "--tasks",
        "danger",
        "edible",
        "--supervisors",
        "s",
        "--students",
        "l",
        "--methods",
        "naive",
        "confidence",
        "--n-train",
        "40",
        "--n-test",
        "30",
        "--store",
        store,
    ]
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
    monkeypatch.setattr("w2s_kit.experiment.study.grid", lambda *args: asked.append(args) or 1 / 0)
    given = [
        "--option",
        "alpha_max=0.5",
        "--option",
        "warmup=0",
        "--lr",
        "s=1e-2,l=1e-3",
        "--no-hard-labels",
        "--token-budget",
        "99",
    ]
    with pytest.raises(ZeroDivisionError):
        main(["run", "--task", "chess", *PAIR[:4], "--method", "confidence", *given, "--seeds", "3"])
    tasks, supervisors, students, methods, seeds, used, *_ = asked[0]
    assert (tasks, supervisors, students, list(seeds)) == (["chess"], ["s"], ["l"], [0, 1, 2])
    assert [(method.name, dict(method.options)) for method in methods] == [
        ("confidence", {"alpha_max": 0.5, "warmup": 0})
    ]
    assert used == dataclasses.replace(
        CHESS, task="", hard_labels=False, lr={"s": 0.01, "l": 0.001}, token_budget=99
    ), "chess keeps its own settings where nothing else is said"


@pytest.mark.parametrize(
    "error, message",
    [
        (FloatingPointError("the loss is nan by step 3; try a learning rate below 1"), "(--lr)"),
        (MemoryError(), "MemoryError"),
        (RuntimeError("out of memory even with one example at a time"), "out of memory"),
        (ImportError("adapters need peft"), "need peft"),
        (OSError(28, "the disk is full"), "the disk is full"),
    ],
)
def test_faults_of_training_are_told_in_a_line(tmp_path, capsys, monkeypatch, error, message):
    def fail(*args):
        raise error

    monkeypatch.setattr("w2s_kit.experiment.study.grid", fail)
    assert main(["run", "--task", "danger", *PAIR, "--store", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert message in said and len(said.splitlines()) == 1


def test_errors_of_the_kit_itself_keep_their_traceback(tmp_path, monkeypatch):
    def fail(*args):
        raise RuntimeError("shapes differ")

    monkeypatch.setattr("w2s_kit.experiment.study.grid", fail)
    with pytest.raises(RuntimeError, match="shapes differ"):
        main(["run", "--task", "danger", *PAIR, "--store", str(tmp_path)])


def test_ctrl_c_says_what_is_kept(tmp_path, capsys, monkeypatch):
    def interrupted(*args):
        grid(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr("w2s_kit.experiment.study.grid", interrupted)
    assert main(["run", "--task", "danger", *PAIR, "--epochs", "1", "--store", str(tmp_path)]) == 130
    said = capsys.readouterr().err
    assert (
        f"3 runs are stored in {tmp_path}; the same command continues" in said
        and len(Store(tmp_path).names()) == 3
    )
    monkeypatch.setattr("w2s_kit.__main__.check", lambda details: (_ for _ in ()).throw(KeyboardInterrupt))
    assert main(["doctor"]) == 130 and "stored" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "argv",
    [
        ["--help"],
        ["--version"],
        ["runn"],
        ["report", "none.csv"],
        ["run"],
        ["run", "--help"],
        ["sweep", "--help"],
        ["doctor", "--help"],
    ],
)
def test_what_does_not_train_loads_nothing_heavy(argv):
    """Seconds, otherwise, for a typing error or a look at the options."""
    code = (
        f"import sys, w2s_kit.__main__ as m\n"
        f"try: m.main({argv!r})\n"
        f"except SystemExit: pass\n"
        f"print(*{{'torch', 'transformers', 'pandas', 'numpy'}} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
    )
    assert done.returncode == 0 and done.stderr.splitlines()[-1] == "", done.stderr
    if argv[1:] == ["--help"] and argv[0] != "doctor":
        assert "--n-train" in done.stdout and "--token-budget" in done.stdout


def test_version(capsys):
    with pytest.raises(SystemExit) as ends:
        main(["--version"])
    assert ends.value.code == 0 and re.fullmatch(r"w2s_kit \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_the_doctor_is_the_check(monkeypatch):
    for fine in (True, False):
        monkeypatch.setattr("w2s_kit.__main__.check", lambda details: fine)
        assert main(["doctor"]) == (0 if fine else 1)
