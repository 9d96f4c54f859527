"""python -m w2s_kit: unfit arguments are told in a line, before any training."""

import dataclasses
import os
import re

import numpy as np
import pytest

from w2s_kit.__main__ import main, parsers
from w2s_kit.experiment.checks import fits, option_types
from w2s_kit.experiment.settings import Settings
from w2s_kit.methods import METHODS

PAIR = ["--supervisor", "s", "--student", "l", "--n-train", "40", "--n-test", "30"]


def settings(**changes):
    return Settings("danger", n_train=40, n_test=30, **changes)


def test_every_option_says_what_it_is_for():
    parser, commands = parsers()
    for one in (parser, *commands.values()):
        assert [action.dest for action in one._actions if not action.help and action.dest != "command"] == []


@pytest.mark.parametrize(
    "told, message",
    [
        (["--verson"], "unknown option '--verson'; did you mean '--version'"),
        ([], "name a command: run, sweep, notebooks, report, doctor"),
        (["notebooks", "w2s"], "'w2s' belongs to no option. Known: -h, --help, --copy"),
        (["notebooks", "--cpy", "w2s"], "did you mean '--copy'"),
    ],
)
def test_words_that_no_command_takes(capsys, told, message):
    with pytest.raises(SystemExit, match="2"):
        main(told)
    assert message in capsys.readouterr().err


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
    assert message in said and len(said.splitlines()) == 1 and not list(tmp_path.rglob("*.tmp*"))


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


def test_every_option_of_every_method_has_a_type_that_its_default_fits():
    import inspect

    checked = 0
    for name, method in METHODS.items():
        for option, hint in option_types(method.function).items():
            default = inspect.signature(method.function).parameters[option].default
            if default is not inspect.Parameter.empty:
                assert fits(default, hint), f"{name}: {option}={default!r} is no {hint}"
                checked += 1
    assert checked > 20
