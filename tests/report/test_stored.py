"""The page of a store: every student with its supervisor and ceiling, and what is left out is told."""

import json
import re
import sys
from dataclasses import replace

import pandas as pd
import pytest

from w2s_kit.__main__ import main
from w2s_kit.experiment import made
from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.result import summarise
from w2s_kit.experiment.run_files import seal, write_json
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.store import Store
from w2s_kit.report.stored import report_store, results_of

SETTINGS = Settings("", n_train=64, n_test=40, epochs=1, fresh=2)


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """(store, table) of a grid with a chain and a method with options."""
    store = Store(tmp_path_factory.mktemp("store") / "runs")
    methods = {"naive": {}, "bootstrap": {}, "confidence": {"alpha_max": 0.5}}
    return store, grid(["danger", "size"], ["xs"], ["m"], methods, [0, 1], SETTINGS, store)


def test_it_finds_every_student_and_its_models(measured):
    store, table = measured
    results, missing = results_of(store)
    keys = ["task", "method", "seed"]
    rows = pd.DataFrame([result.row() for result in results])
    assert not missing
    pd.testing.assert_frame_equal(
        rows.sort_values(keys, ignore_index=True),
        table.sort_values(keys, ignore_index=True),
        check_dtype=False,
    )


def test_the_page(measured, tmp_path, capsys):
    store, table = measured
    assert main(["report", str(store.root), "--out", str(tmp_path / "page")]) == 0
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert f"wrote {tmp_path / 'page.html'}" in capsys.readouterr().out
    assert "## 2 tasks, 12 students" in text and "n_train 64" in text and "confidence(alpha_max=0.5)" in text
    shown = re.findall(r"^\| (danger|size) \| xs \| m \| (\S+) \| 2 \| ([\d.]+) \| ([\d.]+)", text, re.M)
    assert len(shown) == 6
    for row in summarise(table, store).itertuples():
        label = "confidence(alpha_max=0.5)" if row.method == "confidence" else row.method
        (numbers,) = [found[2:] for found in shown if found[:2] == (row.task, label)]
        assert numbers == (f"{100 * row.supervisor_accuracy:.1f}", f"{100 * row.student_accuracy:.1f}")
        assert row.defined or f"- {row.task}, xs → m, {label}: {row.why}" in text
    assert html.count("<tr>") == 7 and "data:image/png;base64," in html and "page_1.png" not in html
    assert re.search(r"- \d+ runs: python [\d.]+; w2s_kit", text)


def test_another_setting_is_another_section(measured, tmp_path):
    store, _ = measured
    more = Store(tmp_path / "runs")
    for n_train in (64, 40):
        grid(
            ["danger"],
            ["xs"],
            ["s"],
            ["naive"],
            [0],
            Settings("", n_train=n_train, n_test=40, epochs=1),
            more,
        )
    text = report_store(more.root, tmp_path / "two")[0].read_text(encoding="utf-8")
    assert text.count("## 1 task, 1 student") == 2 and "n_train 40" in text and "two_2.png" in text


@pytest.mark.parametrize("stopping", ["none", "weak", "ground_truth"])
def test_a_student_that_stops_early_has_its_ceiling(stopping, tmp_path):
    """The ceiling's labels are the truth, so it stops by these."""
    store, settings = Store(tmp_path / "runs"), replace(SETTINGS, early_stopping=stopping)
    table = grid(["danger"], ["xs"], ["s"], ["naive"], [0], settings, store)
    results, missing = results_of(store)
    assert not missing and [result.ceiling.name for result in results] == table["ceiling_run"].tolist()


def test_what_lacks_a_ceiling_is_told(tmp_path):
    store = Store(tmp_path / "runs")
    table = grid(["danger"], ["xs"], ["s", "m"], ["naive"], [0], SETTINGS, store)
    lost = store.root / table["ceiling_run"].iloc[0]
    (lost / "SHA256SUMS").unlink()  # an older version wrote none
    with pytest.warns(UserWarning, match="damaged"):
        text = report_store(store.root, tmp_path / "x")[0].read_text(encoding="utf-8")
    assert f"- {table['student_run'].iloc[0]}, s: no ceiling in the store" in text and "1 student" in text


def test_a_run_of_an_older_version_has_no_record(tmp_path):
    store = Store(tmp_path / "runs")
    grid(["danger"], ["xs"], ["s"], ["naive"], [0], SETTINGS, store)
    for name in store.names():
        path = store.root / name / "metrics.json"
        metrics = json.loads(path.read_text())
        assert metrics["made"].keys() >= {"python", "torch", "w2s_kit", "commit", "command", "at"}
        write_json(path, {key: value for key, value in metrics.items() if key not in ("made", "device")})
        seal(path.parent)
    text = report_store(store.root, tmp_path / "x")[0].read_text(encoding="utf-8")
    assert "- 3 runs: not known: made by an older version" in text


@pytest.mark.parametrize(
    "program, command",
    [
        ("/opt/ann/w2s_kit/__main__.py", "python -m w2s_kit run study.toml"),
        ("/usr/bin/w2s-kit", "w2s-kit run study.toml"),
        ("my_grid.py", "my_grid.py run study.toml"),
        ("-c", "python run study.toml"),
    ],
)
def test_the_command_of_a_run_can_be_given_again(program, command, monkeypatch):
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    monkeypatch.setattr(sys, "argv", [program, "run", "study.toml"])
    assert made._command() == command


def test_what_is_no_store_is_told(tmp_path, capsys):
    assert main(["report", str(tmp_path)]) == 2
    assert "has no student with its supervisor and its ceiling" in capsys.readouterr().err
    assert main(["report", str(tmp_path), "--picture", "x.png"]) == 2
    assert "--picture goes with the table of a sweep" in capsys.readouterr().err
    assert main(["report", str(tmp_path / "x.csv"), "--out", "x"]) == 2
    assert "--out goes with the folder of a store" in capsys.readouterr().err
