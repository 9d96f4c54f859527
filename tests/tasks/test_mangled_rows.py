"""Mangled files of every kind: a row is rejected, or it is as it was."""

import csv
import io
import json
import random
import re

import pytest
from puzzle_files import HEADER, puzzle_lines
from samples import random_games, write

from w2s_kit.tasks import word_problems
from w2s_kit.tasks.chess import prompt, read_puzzles, read_text, target
from w2s_kit.tasks.corrections import read_corrections
from w2s_kit.tasks.preference import read_comparisons
from w2s_kit.tasks.rows import Report

N = 2000
WORDS = [
    "fig",
    "stew",
    "thyme",
    "salt",
    "wine",
    'a "red" one',
    "beef, carrots",
    "two\nlines",
    "\u00e9t\u00e9",
    "\n\nthen",
    "#### 4",
]


def words(rng):
    return " ".join(rng.choices(WORDS, weights=[8, 8, 8, 8, 8, 1, 1, 1, 1, 1, 0], k=4))


def comparison_rows(rng):
    return [
        {"prompt": f"p{i} {words(rng)}", "chosen": f"c{i} {words(rng)}", "rejected": f"r{i} {words(rng)}"}
        for i in range(N)
    ]


def correction_rows(rng):
    return [
        {"question": f"q{i} {words(rng)}", "answer": f"a{i} {words(rng)}", "correction": f"c{i} {words(rng)}"}
        for i in range(N)
    ]


def puzzle_rows(rng):
    return [
        dict(zip(HEADER.split(","), next(csv.reader([line]))))
        for line in puzzle_lines(N, themes="", game="", openings="")
    ]


def text_rows(rng):
    return [{"id": p.id, "ctx": prompt(p.game), "target": target(p)} for p in random_games(N)]


def problem_rows(rng):
    return [
        {"question": f"q{i} {words(rng)}", "answer": f"a{i} {words(rng)} <<1+{i}={i + 1}>>\n#### {i + 1}"}
        for i in range(N)
    ]


def problem_records(path, report):
    return word_problems.problems(path, report=report, allow_rejected=True).itertuples(index=False)


READERS = {
    "comparisons": (comparison_rows, read_comparisons, ["prompt", "chosen", "rejected"]),
    "corrections": (correction_rows, read_corrections, ["question", "answer", "correction"]),
    "puzzles": (
        puzzle_rows,
        lambda path, report: read_puzzles(path, report, fen="before"),
        ["fen", "solution", "setup"],
    ),
    "chess-text": (text_rows, read_text, ["fen", "solution", "game"]),
    "word problems": (problem_rows, problem_records, ["text", "solution"]),
}


def mangled(line, rng, form):
    """One change that breaks a row, and of a kind that can be noticed. Not of that kind are: a last cell that
    is cut; in CSV, a line break without quotes around it, and two stray quotes that make one cell of what is
    between; in JSON, another letter after a backslash."""
    kind = rng.choice(["drop", "put", "put", "quote", "cut", "bytes", "join"])
    i = rng.randrange(len(line))
    i -= line[i - 1 : i] == b"\\"
    if form == "csv":
        quotes, marks = (
            rb'(?<=,)(?=[^",])' if b"\n" not in line else rb"(?<=,)$",
            rb'(?<=\w)"(?=,)|,' if b"\n" not in line else rb",",
        )
    else:
        quotes, marks = rb'(?<!\\)(?=")', rb'(?<!\\)[",{}:]'
    if kind in ("quote", "drop") and (
        places := [found.start() for found in re.finditer(quotes if kind == "quote" else marks, line)]
    ):
        i = rng.choice(places)
        return line[:i] + (b'"' + line[i:] if kind == "quote" else line[i + 1 :]) + b"\n"
    if kind == "put":
        return (
            line[:i]
            + rng.choice([b",", b",", b"\r", b"\0", b"{", b"}", b";", b"\t", b"" if form == "csv" else b"\n"])
            + line[i:]
            + b"\n"
        )
    if kind == "cut":
        return line[: min(i, line.rfind(b","))].split(b"\n")[0] + b"\n"
    return line + b"," if kind == "join" else line[:i] + b"\xff\xfe" + line[i:] + b"\n"


def letters(value):
    """What a change does not touch: of a text, letters and digits in their order."""
    return "".join(re.findall(r"\w", value)) if isinstance(value, str) else value


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("kind", READERS)
def test_mangled_rows_are_rejected_or_as_they_were(tmp_path, kind, form, capsys):
    rng = random.Random(f"{kind} {form}")
    make, reader, fields = READERS[kind]
    rows = make(rng)

    def records(path):
        report = Report()
        found = [tuple(letters(getattr(one, name)) for name in fields) for one in reader(path, report)]
        assert report.read == report.kept + report.rejected.total() and len(found) == report.kept
        return found, report

    if form == "csv":
        texts = []
        for cells in (rows[0], *(row.values() for row in rows)):
            csv.writer(out := io.StringIO(), lineterminator="\n").writerow(cells)
            texts.append(out.getvalue()[:-1].encode())
    else:
        texts = [json.dumps(row, ensure_ascii=False).encode() for row in rows]
    originals, report = records(write(tmp_path / "whole", b"\n".join(texts)))
    assert not [why for why in report.rejected if why != "stands twice"] and len(originals) > 0.9 * N
    spoiled = {i for i in range(form == "csv", len(texts)) if rng.random() < 0.3}
    lines = [mangled(text, rng, form) if i in spoiled else text + b"\n" for i, text in enumerate(texts)]
    found, report = records(write(tmp_path / "spoiled", b"".join(lines)))
    assert set(found) <= set(originals), f"invented: {sorted(set(found) - set(originals), key=str)[:3]}"
    assert report.kept > 0.6 * len(originals) and report.rejected.total() > 0.1 * N, report
