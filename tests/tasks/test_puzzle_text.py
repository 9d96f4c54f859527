"""Puzzles as text: what is written is read back, and broken text is counted."""

import json

import pandas as pd
import pytest
from puzzle_files import SCHOLAR, SOLVE, compressed

from w2s_kit.tasks.chess import Puzzle, Report, prompt, read_text, target

CTX = "1. e4 1... e5 2. Bc4 2... Nc6 3. Qh5 3... Nf6"


def texts(source):
    report = Report()
    puzzles = list(read_text(source, report))
    assert report.read == report.kept + report.rejected.total() and report.kept == len(puzzles)
    return puzzles, report


@pytest.mark.parametrize("end", [" 4.", ""])
def test_text_is_read_back(tmp_path, end):
    row = {"id": "m8", "ctx": CTX + end, "target": " Qxf7#"}
    expected = [Puzzle("m8", SOLVE, ("h5f7",), "g8f6", game=tuple(SCHOLAR))]
    assert (
        texts([row])[0] == expected
        and prompt(expected[0].game) == CTX + " 4."
        and target(expected[0]) == row["target"]
    )
    frame = pd.DataFrame([row])
    frame.to_parquet(tmp_path / "t.parquet")
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_csv(tmp_path / "t.csv.gz", index=False)
    frame[["target", "id", "ctx"]].to_csv(tmp_path / "turned.csv", index=False)
    frame.to_json(tmp_path / "t.jsonl", orient="records", lines=True)
    compressed(tmp_path / "t.jsonl.zst", (tmp_path / "t.jsonl").read_bytes(), "zstd")
    for name in ("t.parquet", "t.csv", "t.csv.gz", "turned.csv", "t.jsonl", "t.jsonl.zst"):
        assert texts(tmp_path / name)[0] == expected, name


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"ctx": None}, "no text"),
        ({"target": 3}, "no text"),
        ({"ctx": CTX + " 5."}, "wrong move number"),
        ({"ctx": CTX.replace("2...", "2.")}, "wrong move number"),
        ({"ctx": "1. e4 e5 2. Bc4"}, "wrong move number"),
        ({"ctx": CTX.replace("Qh5", "Qh6")}, "bad move"),
        ({"ctx": CTX.replace("Nf6", "--")}, "bad move"),
        ({"target": ""}, "bad move"),
        ({"target": " --"}, "bad move"),
        ({"target": " Nf6"}, "bad move"),
        ({"ctx": CTX.replace("Nf6", "f6") + "\0"}, "bad move"),
    ],
)
def test_bad_text_is_counted(tmp_path, change, reason):
    good = {"id": "m8", "ctx": CTX, "target": " Qxf7#"}
    rows = [good, {**good, **change}]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    for source, where in ((rows, "row 2"), (tmp_path / "t.jsonl", f"{tmp_path / 't.jsonl'}, row 2")):
        puzzles, report = texts(source)
        assert (
            len(puzzles) == 1
            and report.rejected == {reason: 1}
            and report.examples[reason][0].startswith(where)
        )


def test_broken_text_files(tmp_path):
    good = json.dumps({"id": "m8", "ctx": CTX, "target": " Qxf7#"})
    last = json.dumps({"id": "m9", "ctx": CTX, "target": " Nf3"})
    (tmp_path / "t.jsonl").write_text("\n".join([good, good[:-5], "{" * 10, "[1]", "\0", last]))
    puzzles, report = texts(tmp_path / "t.jsonl")
    assert [puzzle.id for puzzle in puzzles] == ["m8", "m9"] and report.read == 6
    pd.DataFrame([json.loads(good)] * 50).to_parquet(tmp_path / "t.parquet")
    data = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "t.parquet").write_bytes(data[: len(data) // 2])
    puzzles, report = texts(tmp_path / "t.parquet")
    assert not puzzles and "t.parquet: cannot be read after row 0" in report.broken[0]
