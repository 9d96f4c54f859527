"""python -m w2s_kit: the same numbers as from Python, and words instead of tracebacks."""

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from w2s_kit.__main__ import fits, keywords, main
from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.result import summarise
from w2s_kit.experiment.settings import CHESS, Settings
from w2s_kit.experiment.store import Store
from w2s_kit.methods import METHODS

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
    monkeypatch.setattr("w2s_kit.experiment.grid.grid", lambda *args: asked.append(args) or 1 / 0)
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
    assert methods == {"confidence": {"alpha_max": 0.5, "warmup": 0}}
    assert used == dataclasses.replace(
        CHESS, hard_labels=False, lr={"s": 0.01, "l": 0.001}, token_budget=99
    ), "chess keeps its own settings where nothing else is said"


def test_every_setting_has_an_option():
    shown = {}
    for field in dataclasses.fields(Settings):
        if field.name not in ("task", "seed"):
            with pytest.raises(
                SystemExit
            ) as ends:  # a flag without its argument, or --help after a flag that needs none
                main(["run", f"--{field.name.replace('_', '-')}", "--help"])
            shown[field.name] = ends.value.code
    assert set(shown.values()) <= {0, 2} and len(shown) == len(dataclasses.fields(Settings)) - 2


@pytest.mark.parametrize(
    "told, message",
    [
        (["--task", "dangr", *PAIR], "did you mean 'danger'"),
        (["--task", "danger", *PAIR, "--method", "confidnce"], "did you mean 'confidence'"),
        (
            ["--task", "danger", *PAIR, "--method", "confidence", "--option", "alpha=1"],
            "did you mean 'alpha_max'",
        ),
        (["--task", "danger", *PAIR, "--option", "alpha=1"], "naive takes no options"),
        (["--task", "danger", *PAIR[:3], "huge", *PAIR[4:]], "huge"),
        (["--task", "danger", *PAIR, "--lora", "8", "--linear-probe"], "choose one"),
        (["--task", "danger", *PAIR, "--family", "miniwrld"], "did you mean 'miniworld'"),
        (["--task", "danger", *PAIR, "--family", "no/such/folder"], "no/such/folder"),
        (["--task", "danger", *PAIR, "--early-stopping", "wek"], "did you mean 'weak'"),
        (["--task", "danger", *PAIR, "--head", "token"], "did you mean 'tokens'"),
        (
            ["--task", "danger", *PAIR, "--method", "confidence", "--option", "alpha_max=abc"],
            "--option alpha_max=abc",
        ),
        (
            ["--task", "danger", *PAIR, "--method", "confidence", "--option", "alpha_max="],
            "--option alpha_max=",
        ),
        (["--task", "danger", *PAIR, "--method", "confidence", "--option", "alpha_max=[1]"], "takes float"),
        (
            ["--task", "danger", *PAIR, "--method", "confidence", "--option", "alpha_max=" + "(" * 5000],
            "takes float",
        ),
        (
            ["--task", "danger", *PAIR, "--method", "strong_to_strong", "--option", "iterations=1.5"],
            "takes int",
        ),
        (
            ["--task", "danger", *PAIR, "--method", "generative", "--option", "progress=true"],
            "unknown option",
        ),
        (["--task", "danger", *PAIR, "--method", "reliability"], "call it from Python"),
        (["--task", "danger", *PAIR, "--method", "bootstrap", "--option", "through=m"], "--option through=m"),
        (["--task", "danger", *PAIR, "--n-train", "0"], "--n-train is a whole number from 1 on, but 0"),
        (["--task", "danger", *PAIR, "--n-train", "-5"], "--n-train"),
        (["--task", "danger", *PAIR, "--n-train", "10000000"], "ask for at most"),
        (["--task", "danger", *PAIR, "--n-test", "0"], "--n-test"),
        (["--task", "danger", *PAIR, "--batch-size", "0"], "--batch-size"),
        (["--task", "danger", *PAIR, "--epochs", "0"], "--epochs"),
        (["--task", "danger", *PAIR, "--fresh", "-1"], "--fresh"),
        (["--task", "danger", *PAIR, "--token-budget", "0"], "--token-budget"),
        (["--task", "danger", *PAIR, "--checkpoint-every", "-1"], "--checkpoint-every"),
        (["--task", "danger", *PAIR, "--lora", "-8"], "--lora"),
        (["--task", "danger", *PAIR, "--lora", "1000000"], "--lora 1000000"),
        (["--task", "danger", *PAIR, "--lr", "1e30"], "--lr is a rate from 0 to 1"),
        (["--task", "danger", *PAIR, "--lr", "1e9"], "--lr"),
        (["--task", "danger", *PAIR, "--lr", "nan"], "--lr"),
        (["--task", "danger", *PAIR, "--lr", "s=-1,l=1e-3"], "--lr"),
        (["--task", "danger", *PAIR, "--lr", "s=1e-3"], "none for 'l'"),
    ],
)
def test_bad_arguments_are_told_in_a_line_before_any_training(tmp_path, capsys, told, message):
    assert main(["run", *told, "--store", str(tmp_path / "runs")]) == 2
    said = capsys.readouterr().err
    assert message in said and said.startswith("w2s_kit run: ") and "Traceback" not in said
    assert len(said.splitlines()) <= 2 and not list(tmp_path.glob("runs/[0-9a-f]*"))


@pytest.mark.parametrize(
    "told, message",
    [
        (["--n-trian", "5"], "did you mean '--n-train'"),
        (["--lr", "fast"], "'fast' is no rate"),
        (["--option", "alpha"], "is not NAME=VALUE"),
        (["--n-train", "many"], "n-train"),
        (["--epochs", "nan"], "--epochs"),
        (["--seeds", "0"], "--seeds: '0' is no whole number from 1 on"),
        (["--seeds", "-1"], "--seeds"),
        (["--seeds", "two"], "--seeds"),
        (["--seeds", ""], "--seeds"),
        (["--task", ""], "--task: it is empty"),
        (["--store", ""], "--store: it is empty"),
        (["--family", " "], "--family: it is empty"),
        (["--method", ""], "--method"),
        (["--lr", ""], "--lr"),
        (["--supervisor", ""], "--supervisor"),
    ],
)
def test_bad_options_are_told_before_anything_runs(capsys, told, message):
    with pytest.raises(SystemExit) as ends:
        main(["run", "--task", "danger", *PAIR[:4], *told])
    assert ends.value.code == 2 and message in capsys.readouterr().err


SWEEP = [
    "sweep",
    "--tasks",
    "danger",
    "--supervisors",
    "s",
    "--students",
    "l",
    "--n-train",
    "40",
    "--n-test",
    "30",
]


def out_in_missing_folder(tmp_path):
    return ["--out", str(tmp_path / "no" / "such" / "sweep.csv")], "there is no folder"


def out_is_a_folder(tmp_path):
    return ["--out", str(tmp_path)], "is a folder"


def summary_is_a_folder(tmp_path):
    (tmp_path / "a_summary.csv").mkdir()
    return ["--out", str(tmp_path / "a.csv")], "a_summary.csv is a folder"


def store_is_a_file(tmp_path):
    (tmp_path / "file").touch()
    return ["--out", str(tmp_path / "a.csv"), "--store", str(tmp_path / "file")], "is no folder"


def store_below_a_file(tmp_path):
    (tmp_path / "file").touch()
    return ["--out", str(tmp_path / "a.csv"), "--store", str(tmp_path / "file" / "runs")], "is no folder"


def a_task_twice(tmp_path):
    return ["--out", str(tmp_path / "a.csv"), "--tasks", "danger", "danger"], "--tasks names 'danger' twice"


def a_second_task_that_is_none(tmp_path):
    return ["--out", str(tmp_path / "a.csv"), "--tasks", "danger", "edibl"], "did you mean 'edible'"


def a_second_task_of_another_family(tmp_path):
    return [
        "--out",
        str(tmp_path / "a.csv"),
        "--tasks",
        "danger",
        "chess",
        "--students",
        "xl",
    ], "unknown model of family 'chess', 'xl'"


def a_second_method_that_is_none(tmp_path):
    return ["--out", str(tmp_path / "a.csv"), "--methods", "naive", "confidnce"], "did you mean 'confidence'"


@pytest.mark.parametrize(
    "case",
    [
        out_in_missing_folder,
        out_is_a_folder,
        summary_is_a_folder,
        store_is_a_file,
        store_below_a_file,
        a_task_twice,
        a_second_task_that_is_none,
        a_second_task_of_another_family,
        a_second_method_that_is_none,
    ],
)
def test_a_sweep_that_could_not_end_well_does_not_begin(tmp_path, capsys, monkeypatch, case):
    told, message = case(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("w2s_kit.experiment.grid.grid", lambda *a: pytest.fail("it trains"))
    assert main([*SWEEP, *told]) == 2
    said = capsys.readouterr().err
    assert message in said and len(said.splitlines()) == 1 and not list(tmp_path.rglob("*.csv.tmp"))


@pytest.mark.skipif(os.name != "posix", reason="permissions as POSIX has them")
@pytest.mark.parametrize("option", ["--out", "--store"])
def test_a_place_that_cannot_be_written_is_told_before_training(tmp_path, capsys, monkeypatch, option):
    def refuse(**kw):  # root may write anywhere, so the refusal is played
        if str(kw["dir"]).startswith(str(tmp_path / "closed")):
            raise PermissionError(13, "Permission denied")

    (tmp_path / "closed").mkdir()
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **kw: refuse(**kw) or open(os.devnull))
    monkeypatch.setattr("w2s_kit.experiment.grid.grid", lambda *a: pytest.fail("it trains"))
    places = {"--out": str(tmp_path / "a.csv"), "--store": str(tmp_path / "runs")} | {
        option: str(tmp_path / "closed" / "x.csv")
    }
    assert main([*SWEEP, *(word for place in places.items() for word in place)]) == 2
    assert re.search(f"{option} .* cannot be written .Permission denied.", capsys.readouterr().err)


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

    monkeypatch.setattr("w2s_kit.experiment.grid.grid", fail)
    assert main(["run", "--task", "danger", *PAIR, "--store", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert message in said and len(said.splitlines()) == 1


def test_errors_of_the_kit_itself_keep_their_traceback(tmp_path, monkeypatch):
    def fail(*args):
        raise RuntimeError("shapes differ")

    monkeypatch.setattr("w2s_kit.experiment.grid.grid", fail)
    with pytest.raises(RuntimeError, match="shapes differ"):
        main(["run", "--task", "danger", *PAIR, "--store", str(tmp_path)])


def test_ctrl_c_says_what_is_kept(tmp_path, capsys, monkeypatch):
    def interrupted(*args):
        grid(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr("w2s_kit.experiment.grid.grid", interrupted)
    assert main(["run", "--task", "danger", *PAIR, "--epochs", "1", "--store", str(tmp_path)]) == 130
    said = capsys.readouterr().err
    assert (
        f"3 runs are stored in {tmp_path}; the same command continues" in said
        and len(Store(tmp_path).names()) == 3
    )
    monkeypatch.setattr("w2s_kit.__main__.check", lambda details: (_ for _ in ()).throw(KeyboardInterrupt))
    assert main(["doctor"]) == 130 and "stored" not in capsys.readouterr().err


def test_every_option_of_every_method_has_a_type_that_its_default_fits():
    import inspect

    checked = 0
    for name, method in METHODS.items():
        for option, hint in keywords(method.function).items():
            default = inspect.signature(method.function).parameters[option].default
            if default is not inspect.Parameter.empty:
                assert fits(default, hint), f"{name}: {option}={default!r} is no {hint}"
                checked += 1
    assert checked > 20


@pytest.mark.parametrize(
    "given, hint, fine",
    [
        (1, float, True),
        (True, float, False),
        (1, bool, False),
        (True, bool, True),
        (None, float | None, True),
        ("x", float | None, False),
        ("midweak", float | str, True),
        (1.0, int, False),
    ],
)
def test_what_fits_a_type(given, hint, fine):
    assert fits(given, hint) is fine


@pytest.mark.parametrize(
    "argv", [["--help"], ["--version"], ["runn"], ["report", "none.csv"], ["run"], ["doctor", "--help"]]
)
def test_only_commands_that_train_load_pytorch(argv):
    """Seconds, otherwise, for a typing error. `run` alone misses options that it must read off Settings."""
    code = (
        f"import sys, w2s_kit.__main__ as m\ntry: m.main({argv!r})\nexcept SystemExit: pass\n"
        "print(*{'torch', 'transformers'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
    )
    loaded = done.stderr.splitlines()[-1].split()
    assert bool(loaded) == (argv == ["run"]), done.stderr


def test_version(capsys):
    with pytest.raises(SystemExit) as ends:
        main(["--version"])
    assert ends.value.code == 0 and re.fullmatch(r"w2s_kit \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_settings_refuse_what_no_run_could_have():
    for changes in (
        {"n_train": 0},
        {"n_train": "40"},
        {"n_test": -1},
        {"batch_size": 1.5},
        {"epochs": float("nan")},
        {"epochs": "2"},
        {"seed": -1},
        {"lr": 2.0},
        {"lr": {"s": float("inf")}},
        {"lr": "fast"},
    ):
        with pytest.raises(ValueError, match=next(iter(changes))):
            dataclasses.replace(settings(), **changes)
    dataclasses.replace(settings(), n_train=np.int64(5), epochs=0.5, lr={"s": 0.0, "l": 1}, token_budget=None)


def test_reports_of_what_is_no_sweep(tmp_path, capsys):
    table = tmp_path / "other.csv"
    assert main(["report", str(table)]) == 2 and "sweep --out" in capsys.readouterr().err
    for path in (table, tmp_path / "other_summary.csv"):
        path.write_text("task,seed\ndanger,0\n")
    assert (
        main(["report", str(table)]) == 2
        and "no column method, student, student_accuracy, supervisor" in capsys.readouterr().err
    )
    for content in ("", "\0\0", "a,b\n1,2,3,4\n"):
        table.write_text(content)
        assert main(["report", str(table)]) == 2 and str(table) in capsys.readouterr().err
    table.write_bytes(b"\xff\xfe\x00")
    assert main(["report", str(table)]) == 2 and str(table) in capsys.readouterr().err


def written(folder, undefined=True):
    """A sweep's table and summary: two tasks, two seeds; one pair has no PGR, though it has a number."""
    flops = {"supervisor_pretraining_flops": 1e9, "student_pretraining_flops": 1e10}
    names = [
        {"task": task, "supervisor": "s", "student": "l", "method": "naive", **flops}
        for task in ("danger", "edible")
    ]
    accuracies = {"supervisor_accuracy": 0.6, "student_accuracy": 0.7, "ceiling_accuracy": 0.605}
    rows = [
        {**name, "seed": seed, **accuracies, "student_accuracy": 0.7 + 0.01 * seed}
        for name in names
        for seed in range(2)
    ]
    told = [
        {
            "pgr": 20.0,
            "pgr_low": 1.0,
            "pgr_high": 40.0,
            "defined": False,
            "why": "the gap is noise" if undefined else None,
        },
        {"pgr": 0.5, "pgr_low": 0.4, "pgr_high": 0.6, "defined": True, "why": None},
    ]
    summary = [{**name, "seeds": 2, **accuracies, **pgr} for name, pgr in zip(names, told)]
    for name, table in (("sweep.csv", rows), ("sweep_summary.csv", summary)):
        pd.DataFrame(table).to_csv(folder / name, index=False)
    return folder / "sweep.csv"


@pytest.mark.parametrize(
    "undefined, reason",
    [(True, "undefined: the gap is noise"), (False, "undefined: the table gives no reason")],
)
def test_a_report_shows_no_pgr_where_it_is_undefined(tmp_path, capsys, monkeypatch, undefined, reason):
    from w2s_kit.report import plots

    marked, plot = [], plots.pgr_by_compute

    def watched(*args, **options):
        ax = plot(*args, **options)
        marked.append([" ".join(text.get_text().split()) for text in ax.get_legend().get_texts()])
        assert all(abs(y) < 2 for line in ax.lines for y in np.atleast_1d(line.get_ydata())), (
            "20 is drawn nowhere"
        )
        return ax

    monkeypatch.setattr(plots, "pgr_by_compute", watched)
    assert (
        main(["report", str(written(tmp_path, undefined)), "--picture", str(tmp_path / "picture.svg")]) == 0
    )
    out = capsys.readouterr().out
    assert reason in out and "20.0" not in out and "0.50 [0.40, 0.60]" in out
    assert [any(said.startswith("PGR undefined, 1 pair: s → l") for said in legend) for legend in marked] == [
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    "picture, message",
    [
        ("no/such/picture.png", "there is no folder"),
        (".", "ends in one of"),
        ("picture.xyz", "ends in one of"),
        ("picture", ".png"),
    ],
)
def test_a_picture_that_could_not_be_written(tmp_path, capsys, monkeypatch, picture, message):
    monkeypatch.chdir(tmp_path)
    assert main(["report", str(written(tmp_path)), "--picture", picture]) == 2
    said = capsys.readouterr()
    assert "--picture" in said.err and message in said.err and not said.out


def test_the_doctor_is_the_check(monkeypatch):
    for fine in (True, False):
        monkeypatch.setattr("w2s_kit.__main__.check", lambda details: fine)
        assert main(["doctor"]) == (0 if fine else 1)
