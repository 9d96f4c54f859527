"""What students get holds no solution and no hidden test, and nothing of a clone is lost."""

import subprocess
import sys
from pathlib import Path

import pytest

from w2s_kit.course.__main__ import main
from w2s_kit.course.staff import split_staff

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clone(tmp_path):
    """A small repository."""
    root = tmp_path / "clone"
    files = {
        "notebooks/assignments/source/ps1/ps1.ipynb": "### BEGIN SOLUTION",
        "notebooks/assignments/release/ps1/ps1.ipynb": "your turn",
        "tests/test_house.py": "answers",
        "README.md": "read me",
        ".gitignore": "submitted/\n",
        "w2s_kit/shared/address.py": "here",
        "submitted/ann": "hers",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    subprocess.run(["git", "-C", str(root), "add", "."], check=True)
    return root


def test_each_file_goes_to_one_side(clone, tmp_path):
    students, staff = split_staff(tmp_path / "out", clone)
    assert {path.as_posix() for path in students} == {
        "README.md",
        ".gitignore",
        "w2s_kit/shared/address.py",
        "notebooks/assignments/release/ps1/ps1.ipynb",
    }
    assert {path.as_posix() for path in staff} == {
        "tests/test_house.py",
        "notebooks/assignments/source/ps1/ps1.ipynb",
    }
    copied = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(copied) == 6 and not [path for path in copied if "submitted" in path.parts]
    with pytest.raises(ValueError, match="students is there already"):
        split_staff(tmp_path / "out", clone)


def test_a_deleted_file_is_left_out(clone, tmp_path):
    (clone / "README.md").unlink()
    students, _ = split_staff(tmp_path / "out", clone)
    assert Path("README.md") not in students


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no clone")
def test_what_students_get_of_this_repository(tmp_path, capsys):
    assert main(["split-staff", str(tmp_path / "out")]) == 0
    assert "make a repository of it" in capsys.readouterr().out
    notebooks = list((tmp_path / "out" / "students").rglob("*.ipynb"))
    assert len(notebooks) > 30
    for path in notebooks:
        text = path.read_text(encoding="utf-8")
        assert "BEGIN SOLUTION" not in text and "BEGIN HIDDEN" not in text, path
    listed = subprocess.run(
        [sys.executable, "-m", "w2s_kit", "notebooks"],
        cwd=tmp_path / "out" / "students",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "00_start_here" in listed, "the kit runs there"


def test_no_clone_is_told(tmp_path, capsys, monkeypatch):
    with pytest.raises(ValueError, match="is no clone of the kit"):
        split_staff(tmp_path / "out", tmp_path)
    assert not (tmp_path / "out").exists()
