"""Broken rows and missing files of the paper's datasets: what they cost, and what the user is told."""

from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hub_rows import with_rows, written

from w2s_kit.tasks import load_task
from w2s_kit.tasks.nlp.load import examples, load
from w2s_kit.tasks.nlp.table import DATASETS
from w2s_kit.tasks.rows import Report


def test_a_broken_row_costs_itself_and_is_told(tmp_path, capsys):
    broken = {3: {"label": -1}, 5: {"sentence": None}, 8: {"sentence": "  "}, 9: {"label": -1}}
    file = with_rows(tmp_path, "sst2", lambda i, row: row | broken.get(i, {}))
    split = load("sst2", 0, 36, 10, tmp_path)
    said = capsys.readouterr().out
    assert said.startswith("sst2: 300 rows read, 296 kept, 4 rejected")
    assert f"2 x {file}, row 4: hidden label: -1" in said
    assert f"2 x {file}, row 6: no text: sentence is None" in said
    assert split.report.rejected == {"hidden label": 2, "no text": 2} and split.report.kept == 296
    assert split.report.examples["no text"][1] == f"{file}, row 9: no text: sentence is '  '"
    clean = load("sst2", 0, 36, 10, written(tmp_path, "sst2"))
    assert capsys.readouterr().out == "" and not clean.report.rejected
    assert clean.report.read == clean.report.kept == 300


def test_more_than_half_broken_is_an_error(tmp_path):
    half = lambda i, row: row | {"label": 0.5 if i < 75 else float(row["label"])}
    with_rows(tmp_path, "paws", half)
    assert load("paws", 0, 10, 10, tmp_path).report.rejected == {"label between classes": 75}, "just half"
    blank = {75: {"sentence1": ""}, 76: {"sentence2": None}}
    file = with_rows(tmp_path, "paws", lambda i, row: half(i, row) | blank.get(i, {}))
    with pytest.raises(
        ValueError,
        match=rf"paws: 77 of 150 rows are broken, 75 of them as {file}, row 1 "
        ".label between classes: 0.5.; fetch it anew .*--again.*own, put",
    ):
        load("paws", 0, 10, 10, tmp_path)
    own = replace(DATASETS["paws"], name="mine")
    with pytest.raises(ValueError, match="mine: 77 of 150 .*; put the file right$"):
        load(own, 0, 10, 10, tmp_path)


def test_rows_are_numbered_as_in_the_file_even_where_some_are_drawn(tmp_path, monkeypatch):
    file = with_rows(tmp_path, "cola", lambda i, row: row | ({"label": -1} if i % 10 == 7 else {}))
    report = Report()
    monkeypatch.setattr(Report, "reject", lambda self, where, why: self.broken.append(where))
    examples(DATASETS["cola"], "train", 3, tmp_path, most=60, report=report)
    numbers = [int(where.removeprefix(f"{file}, row ")) for where in report.broken]
    assert len(numbers) > 1 and {number % 10 for number in numbers} == {8} and max(numbers) > 60


def test_words_for_labels_are_told_once(tmp_path, capsys):
    with_rows(tmp_path, "boolq", lambda i, row: row | {"answer": ["No", "yes"][row["answer"]]})
    split = load("boolq", 0, 12, 9, tmp_path)
    assert capsys.readouterr().out == "boolq: labels: 'yes' -> 1, 'No' -> 0\n"
    assert split.hash == load("boolq", 0, 12, 9, written(tmp_path, "boolq")).hash
    names = ["entailment", "neutral", "contradiction"]
    with_rows(tmp_path, "anli-r2", lambda i, row: row | {"label": names[row["label"]]})
    load("anli-r2", 0, 12, 9, tmp_path)
    said = capsys.readouterr().out
    assert said == "anli-r2: labels: 'entailment' -> 1, 'contradiction' -> 0, 'neutral' -> 0\n"


def test_a_formatter_of_ones_own_is_checked_too(tmp_path):
    written(tmp_path, "sst2")
    for offers, reason in (([("a text", -1)], "hidden label"), ([(None, 1)], "no text"), ([("a",)], "read")):
        own = replace(DATASETS["sst2"], name="mine", read=lambda row: (offers, ("about",)))
        with pytest.raises(ValueError, match=f"mine: 150 of 150 rows are broken.*{reason}"):
            load(own, 0, 10, 10, tmp_path)


def test_errors_name_the_file_and_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setenv("W2S_DATA", str(tmp_path))
    with pytest.raises(
        FileNotFoundError,
        match=r"sciq: no file .*allenai/sciq/default/test.parquet. "
        r".*mirror_datasets.py --only sciq.*or unset W2S_DATA to load allenai/sciq",
    ):
        load_task("sciq")
    with pytest.raises(FileNotFoundError, match="anthropic-hh: no file .*mirror_datasets"):
        load_task("anthropic-hh")
    file = written(tmp_path, "sciq") / "allenai/sciq/default/train.parquet"
    with pytest.raises(
        ValueError, match="sciq/.* 5000 examples are asked for, half of each label, but there are .* at most"
    ):
        load_task("sciq", n_train=5000, n_test=10)
    rows = pq.read_table(file).to_pylist()
    pq.write_table(
        pa.Table.from_pylist([{key: row[key] for key in row if key != "distractor2"} for row in rows]), file
    )
    with pytest.raises(
        ValueError,
        match="sciq: .*train.parquet has no column 'distractor2', but question, .*; "
        "fetch it anew .*--only sciq --again",
    ):
        load_task("sciq", n_train=5, n_test=5)
    pq.write_table(pa.Table.from_pylist([{**row, "support": None} for row in rows]), file)
    wrong = "sciq: 150 of 150 rows.*train.parquet, row 1 .no text: support is None.; fetch it anew"
    with pytest.raises(ValueError, match=wrong):
        load_task("sciq", n_train=5, n_test=5)
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(ValueError, match="sciq: .*train.parquet cannot be read .*fetch it anew"):
        load_task("sciq", n_train=5, n_test=5)
    written(tmp_path, "sst2")
    pq.write_table(
        pa.Table.from_pylist([{"sentence": f"s{i}", "label": -1} for i in range(9)]),
        tmp_path / "stanfordnlp/sst2/default/validation.parquet",
    )
    wrong = "sst2: 9 of 9 rows are broken.*validation.parquet, row 1 .hidden label: -1.*take another split"
    with pytest.raises(ValueError, match=wrong):
        load_task("sst2", n_train=5, n_test=5)
    for wrong, meant in (("sciqq", "sciq"), ("ethics-justise", "ethics-justice")):
        with pytest.raises(ValueError, match=f"did you mean '{meant}'"):
            load_task(wrong)
        with pytest.raises(ValueError, match=f"did you mean '{meant}'"):
            load(wrong)
