"""Files of rows: what a writer wrote comes back, what is broken is counted, and nothing is invented."""

import gzip
import json
import re
import time

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import write

from w2s_kit.tasks.corrections import load_corrections
from w2s_kit.tasks.rows import LONGEST, Rejected, Report, rows_of

few = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(path):
    """(the rows, their places, reasons by place, report)."""
    found = list(rows_of(path, report := Report()))
    rows = [(where, row) for where, row in found if not isinstance(row, Rejected)]
    reasons = {where.split("row ")[-1]: row for where, row in found if isinstance(row, Rejected)}
    return [row for _, row in rows], [where.split("row ")[-1] for where, _ in rows], reasons, report


# ---- CSV ---------------------------------------------------------------------------------------------
STEW = b'prompt,chosen,rejected\nName a dish,"Stew:\nbeef, carrots, onions\nthyme, salt, wine",Soup\n'


def test_a_cell_in_quotes_may_have_lines(tmp_path):
    rows, places, reasons, _ = read(write(tmp_path / "a.csv", STEW + b"Name a fruit,Fig,No\n"))
    assert rows[0] == {
        "prompt": "Name a dish",
        "chosen": "Stew:\nbeef, carrots, onions\nthyme, salt, wine",
        "rejected": "Soup",
    }
    assert rows[1]["chosen"] == "Fig" and places == ["2", "5"] and not reasons, (
        "places are lines, as an editor counts them"
    )


@few
@given(
    st.lists(st.tuples(*[st.text(',;\t"\n ab\u00e9', max_size=12)] * 3), max_size=6),
    st.sampled_from(",;\t"),
    st.booleans(),
    st.booleans(),
)
def test_what_pandas_writes_comes_back(tmp_path, rows, delimiter, crlf, mark):
    frame = pd.DataFrame(rows, columns=["prompt", "chosen", "rejected"])
    text = frame.to_csv(index=False, sep=delimiter, lineterminator="\r\n" if crlf else "\n")
    path = write(tmp_path / "a.csv", text.encode("utf-8-sig" if mark else "utf-8"))
    assert read(path)[0] == frame.to_dict("records") and not read(path)[2]
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert read(path)[0] == frame.to_dict("records")


def test_a_row_of_another_width_is_rejected_and_never_shifted(tmp_path):
    text = 'prompt,chosen,rejected\nYes, or no?,Yes,No\nq,yes\nq,"a, b",c\n"one\ncell"\n1,2,3,\n'
    rows, _, reasons, report = read(write(tmp_path / "a.csv", text))
    assert rows == [{"prompt": "q", "chosen": "a, b", "rejected": "c"}]
    assert {place: why.reason for place, why in reasons.items()} == dict.fromkeys(
        "2357", "wrong number of columns"
    )
    assert (
        "4 cells for 3 columns" in str(reasons["2"])
        and "quotes" in str(reasons["2"])
        and "lines 5 to 6" in str(reasons["5"])
    )


ROWS = "".join(f"q{i},yes{i},no{i}\n" for i in range(1000))


@pytest.mark.parametrize(
    "bad, lost",
    [
        ('q,"yes,no\n', 1),  # the quote has no end in the file
        ('q,yes,"no\n', 1),
        ('"q,yes,no\n', 1),
        ('q,"yes"x,no\n', 1),
        ('q,yes",no\n', 1),
        ("q,\0,no\n", 1),
        (b"q,\xff,no\n", 1),
        ("q,a\rb,no\n", 1),
        ('q,"a\0b\nc",no\n', 1),
        (b'q,"a\xffb\nx,y,z",no\n', 1),  # bad bytes cost the row, also where it has lines
        ("q," + "x" * (LONGEST + 10) + ",no\n", 1),
        (b"\0" * (3 << 20) + b"\n", 3),
    ],
)
def test_one_bad_row_never_stops_a_file(tmp_path, bad, lost):
    bad = bad if isinstance(bad, bytes) else bad.encode()
    rows, _, reasons, _ = read(
        write(tmp_path / "a.csv", b"prompt,chosen,rejected\nq,yes,no\n" + bad + ROWS.encode())
    )
    assert len(rows) == 1001 and len(reasons) <= lost and min(reasons) == "3", reasons
    assert {row["prompt"][1:] for row in rows} == {"", *map(str, range(1000))} and all(
        row["rejected"][:2] == "no" for row in rows
    )


def test_a_cell_with_lines_that_nothing_closes_does_not_swallow_the_file(tmp_path):
    rows, _, reasons, _ = read(
        write(tmp_path / "a.csv", 'prompt,chosen,rejected\nq,"yes\nor\nmore,no\n' + ROWS)
    )
    assert len(rows) == 999, "the first whole line may be the end of the cell"
    assert "in lines 2 to 5" in str(reasons["2"]) and "from line 6 on" in str(reasons["2"])


def test_the_lines_of_a_broken_cell_do_not_become_rows(tmp_path):
    for broken in (
        STEW.replace(b'wine"', b"wine"),
        STEW.replace(b'wine"', b'"wine" x'),
        STEW.replace(b"wine", b"w\xffne"),
        STEW[:-12],
    ):
        rows, _, reasons, _ = read(
            write(tmp_path / "a.csv", broken + b"Name a fruit,Fig,No\n" * broken.endswith(b"\n"))
        )
        assert all(row["chosen"] == "Fig" for row in rows) and reasons, broken
    assert "lines 2 to 4" in str(read(write(tmp_path / "a.csv", STEW[:-12]))[2]["2"]), (
        "it says how many lines are concerned"
    )


def test_time_is_in_proportion_to_the_file(tmp_path):
    """Each of these lines opens a quote that the next closes and opens again: read anew from each, they would
    take hours."""
    path = write(tmp_path / "a.csv", "a,b,c\n" + 'a",b,"c\n' * 30_000)
    start = time.process_time()
    rows, _, reasons, _ = read(path)
    assert time.process_time() - start < 10 and not rows and len(reasons) > 1000


def test_the_header(tmp_path):
    for header in ("prompt,chosen,chosen", "prompt,\0,rejected", '"prompt'):
        rows, _, _, report = read(write(tmp_path / "a.csv", f"{header}\na,b,c\n"))
        assert not rows and "a.csv" in report.broken[0] and "header" in report.broken[0]
    rows, *_ = read(write(tmp_path / "a.csv", " a ;b, c;\n1;2,5;3\n"))
    assert rows == [{"a": "1", "b, c": "2,5", "": "3"}]
    assert read(write(tmp_path / "a.csv", ""))[0] == []


# ---- JSON --------------------------------------------------------------------------------------------
OBJECTS = [{"a": i, "b": {"role": ["x", {"y": '],{"'}]}} for i in range(2000)]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_json_arrays(tmp_path, indent, mark):
    path = write(tmp_path / "a.json", mark + json.dumps(OBJECTS, indent=indent).encode())
    assert read(path)[:2] == (OBJECTS, [str(i) for i in range(1, 2001)]) and not read(path)[3].broken
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert read(path)[0] == OBJECTS
    frame = pd.DataFrame({"a": ["\u00e9", "\ufeffb"]})
    frame.to_json(tmp_path / "p.json", orient="records", indent=indent, force_ascii=False)
    assert read(tmp_path / "p.json")[0] == frame.to_dict("records")


def test_a_mark_before_json_lines_loses_no_row(tmp_path):
    text = "\r\n".join(map(json.dumps, OBJECTS))
    assert read(write(tmp_path / "a.jsonl", text.encode("utf-8-sig")))[0] == OBJECTS
    assert len(read(write(tmp_path / "a.jsonl", "cut}\n" + text))[0]) == 2000, (
        "the other lines say what the file is"
    )


BAD = [
    '{"a": 1' + "0" * 5000 + "}",
    '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
    '{"a": 1,}',
    '{"a" 1}',
    '{"a": "\t"}',
    '{"a": "\\ud800"}',
    '{"a": "\0"}',
    b'{"a": "\xff"}',
    "[1]",
    "17",
    '"text"',
    "null",
    '{"a": "' + "x" * (LONGEST + 10) + '"}',
]


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
def test_one_bad_object_never_stops_a_file(tmp_path, bad):
    good, bad = (
        [json.dumps(row).encode() for row in OBJECTS[:300]],
        bad if isinstance(bad, bytes) else bad.encode(),
    )
    rows, _, reasons, _ = read(write(tmp_path / "a.jsonl", b"\n".join([*good[:100], bad, *good[100:]])))
    assert rows == OBJECTS[:300] and "101" in reasons
    rows, _, reasons, _ = read(
        write(tmp_path / "a.json", b"[" + b", ".join([*good[:100], bad, *good[100:]]) + b"]")
    )
    assert rows == OBJECTS[:300] and ("101" in reasons or bad == b"[1]")


@pytest.mark.parametrize("bad", ['{"a": 1', '"a": 1}', '{"a": {"b": 1}', '{"a: 1}', '{"a": [1}', ""])
def test_an_object_without_its_end_costs_a_row_or_two(tmp_path, bad):
    good = list(map(json.dumps, OBJECTS[:300]))
    rows, _, _, _ = read(write(tmp_path / "a.json", "[" + ",\n".join([*good[:100], bad, *good[100:]]) + "]"))
    assert len(rows) >= 297 and all(row in OBJECTS or set(row) == {"y"} for row in rows)


def test_an_array_that_breaks_off(tmp_path):
    text = json.dumps(OBJECTS)
    rows, _, _, report = read(write(tmp_path / "a.json", text[:-1]))
    assert rows == OBJECTS and "the array has no end" in report.broken[0]
    packed = gzip.compress(text.encode())
    rows, _, reasons, report = read(write(tmp_path / "a.json.gz", packed[: len(packed) // 2]))
    assert (
        rows == OBJECTS[: len(rows)]
        and 100 < len(rows) < 2000
        and not reasons
        and "breaks off" in report.broken[0]
    )


def test_parquet_with_a_text_that_is_not_utf8(tmp_path):
    bad = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"a\xff")]
    )
    pa.parquet.write_table(pa.table({"a": bad}), tmp_path / "a.parquet")
    rows, _, reasons, report = read(tmp_path / "a.parquet")
    assert rows == [{"a": "a"}] and reasons["2"].reason == "not UTF-8" and not report.broken


def test_rows_in_memory_that_are_none():
    found = list(rows_of([{"a": 1}, "text", None, ["a"]], Report()))
    assert found[0] == ("row 1", {"a": 1}) and all(isinstance(row, Rejected) for _, row in found[1:])


# ---- what is rejected is told ------------------------------------------------------------------------
def corrections(path, good, bad):
    rows = [{"question": f"q{i}", "answer": "a", "correction": "c"} for i in range(good)] + [
        {"question": "q"}
    ] * bad
    return str(write(path, "\n".join(map(json.dumps, rows))))


def test_a_loader_tells_what_it_rejected(tmp_path, capsys):
    assert (
        len(load_corrections(corrections(tmp_path / "a.jsonl", 3, 0), 9)) == 3
        and capsys.readouterr().out == ""
    )
    assert len(load_corrections(corrections(tmp_path / "a.jsonl", 3, 3), 9)) == 3, (
        "half is not more than half"
    )
    assert re.search(
        "6 rows read, 3 kept, 3 rejected\n3 x .*a.jsonl, row 4: no text: there is no column 'answer'",
        capsys.readouterr().out,
    )
    with pytest.raises(
        ValueError,
        match=r"(?s)a.jsonl: more than half .*7 rows read, 3 kept, 4 rejected.*row 4.*allow_rejected=True",
    ):
        load_corrections(corrections(tmp_path / "a.jsonl", 3, 4), 9)
    assert (
        len(load_corrections(corrections(tmp_path / "a.jsonl", 3, 4), 9, allow_rejected=True)) == 3
        and "4 rejected" in capsys.readouterr().out
    )
    with pytest.raises(ValueError, match="no correction can be read"):
        load_corrections(corrections(tmp_path / "a.jsonl", 0, 4), 9, allow_rejected=True)


def test_rows_that_stand_twice_are_no_fault(tmp_path, capsys):
    rows = [{"question": "q", "answer": "a", "correction": "c"}] * 9
    assert len(load_corrections(str(write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, rows)))), 9)) == 1
    assert "8 x" in capsys.readouterr().out
