"""Files that are no CSV, JSON or parquet say what they are; and files that are nearly so."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest
from own_files import SIZES, saved, table

from w2s_kit.tasks import load_task
from w2s_kit.tasks.hub import from_hub


def _in_zip(content):
    with zipfile.ZipFile(packed := io.BytesIO(), "w") as archive:
        archive.writestr("xl/sheet1.xml", content)
    return packed.getvalue()


def _in_tar(content):
    with tarfile.open(fileobj=(packed := io.BytesIO()), mode="w") as archive:
        archive.addfile(tarfile.TarInfo("mine.csv"), io.BytesIO(content))
    return packed.getvalue()


CSV = table().to_csv(index=False)
OTHERS = {
    "zip archive": _in_zip(CSV),
    "bzip2": bz2.compress(CSV.encode()),
    "xz": lzma.compress(CSV.encode()),
    "tar archive": gzip.compress(_in_tar(CSV.encode())),
    "pickle": b"\x80\x04\x95\x1a\0\0\0\0\0\0\0\x8c\x06pandas",
    "Feather": b"ARROW1\0\0" + CSV.encode(),
    "SQLite": b"SQLite format 3\0" + bytes(84),
    "another kind": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "web page": b"<!doctype html>\n<html><body>404</body></html>\n",
    "git lfs pull": b"version https://git-lfs.git" + b"hub.com/spec/v1\noid sha256:00\nsize 5\n",
    "UTF-16": CSV.encode("utf-16"),
    "UTF-16 or": CSV.encode("utf-16-be"),
    "UTF-32": CSV.encode("utf-32"),
    "line feed": CSV.replace("\n", "\r").encode(),
}


@pytest.mark.parametrize("what", OTHERS)
def test_a_file_of_another_kind_says_what_it_is(what, tmp_path):
    (tmp_path / "mine.csv").write_bytes(OTHERS[what])
    with pytest.raises(ValueError, match=f"mine.csv (is|has) .*{what}.* Save the table as CSV"):
        load_task(f"rows:{tmp_path}/mine.csv", **SIZES)


@pytest.mark.parametrize("orient", ["columns", "split", "table"])
def test_a_table_as_one_object_of_json_is_told(orient, tmp_path):
    table().to_json(tmp_path / "mine.json", orient=orient)
    with pytest.raises(ValueError, match="one object: the file is one object, with .*an object for each row"):
        load_task(f"rows:{tmp_path}/mine.json", **SIZES)


def test_between_tabs_a_quote_is_a_sign_like_any_other(tmp_path, capsys):
    """As GLUE is published: no cell is in quotes, and some begin or end with one."""
    texts = [f"question {i}" for i in range(200)]
    for i in range(0, 200, 7):
        texts[i] = ['"{}', '{}"', 'he said "{}" twice', '"so" {}', '{} is 5" long'][i % 5].format(texts[i])
    rows = [f"{i}\t{text}\tand so on\t{i % 2}\n" for i, text in enumerate(texts)]
    (tmp_path / "q.tsv").write_text("id\ttext\tmore\tlabel\n" + "".join(rows))
    split = load_task(f"rows:{tmp_path}/q.tsv", **SIZES)
    assert split.report.kept == 200 and set(split.test["text"]) <= set(texts)
    assert "rows have a quote that closes nowhere, or after other rows" in capsys.readouterr().out


def test_between_tabs_cells_in_quotes_stay_whole(tmp_path, capsys):
    texts = [f'question "{i}"\twith a tab\nand a line' for i in range(200)]
    table(text=texts).to_csv(tmp_path / "q.tsv", sep="\t", index=False)
    split = load_task(f"rows:{tmp_path}/q.tsv", **SIZES)
    assert split.report.kept == 200 and set(split.test["text"]) <= set(texts)
    assert "quote" not in capsys.readouterr().out


def test_a_file_that_is_not_there_is_not_sought_on_the_hub(tmp_path, monkeypatch):
    monkeypatch.setattr("w2s_kit.tasks.hub.from_hub", lambda where: pytest.fail("it asks the hub"))
    assert from_hub and saved(table(), tmp_path / "mine.csv")
    monkeypatch.chdir(tmp_path)
    for name, hint in [("data/mine.csv", "no such file, seen from"), ("mina.csv", "did you mean 'mine.csv'")]:
        with pytest.raises(ValueError, match=hint):
            load_task(f"rows:{name}", **SIZES)
    with pytest.raises(ValueError, match="Write the whole path, without ~"):
        load_task("rows:~/mine.csv", **SIZES)
