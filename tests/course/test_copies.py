"""`w2s-kit notebooks`: what students get, copied, and never over what they have written."""

import os
import shlex
import subprocess
import sys

import nbformat
import pytest
from files_of_the_project import ROOT

from w2s_kit.__main__ import main
from w2s_kit.course import copies


def test_the_notebooks_are_listed_with_their_titles(capsys):
    assert main(["notebooks"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("00_start_here.ipynb ") and "00 · Start here" in lines[0]
    assert sum(line.startswith("assignments/ps") for line in lines) == 5
    assert "--copy" in lines[-1] and len(lines) == len(copies.shipped()) + 1 > 30


def test_they_are_copied_whole_and_none_holds_the_solutions_of_problem_sets(tmp_path, capsys):
    assert main(["notebooks", "--copy", str(tmp_path / "new" / "course")]) == 0
    copied = sorted(p.relative_to(tmp_path / "new" / "course") for p in tmp_path.rglob("*.ipynb"))
    assert [str(p) for p in copied] == sorted(copies.shipped())
    assert f"{len(copied)} notebooks copied" in capsys.readouterr().out
    for path in tmp_path.rglob("*.ipynb"):
        nbformat.validate(nbformat.read(path, as_version=4))
        assert "### BEGIN SOLUTION" not in path.read_text(encoding="utf-8")


def test_what_a_student_wrote_is_kept_and_told(tmp_path, capsys):
    main(["notebooks", "--copy", str(tmp_path)])
    capsys.readouterr()
    (mine := tmp_path / "01_three_stages.ipynb").write_text("my answers")
    (tmp_path / "02_nlp_scaling.ipynb").unlink()
    windows = tmp_path / "03_confidence_loss.ipynb"
    windows.write_bytes(windows.read_bytes().replace(b"\n", b"\r\n"))  # line ends of another editor
    assert main(["notebooks", "--copy", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert mine.read_text() == "my answers" and f"kept {mine}" in said and said.count("kept") == 1
    assert "1 notebooks copied" in said and (tmp_path / "02_nlp_scaling.ipynb").exists()


def test_a_disk_that_is_full_leaves_no_part_of_a_notebook(tmp_path, monkeypatch):
    """The next copy would take the part for a student's work, and keep it."""

    def half(path, text, **options):
        with open(path, "w") as file:
            file.write(text[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", half)
    with pytest.raises(OSError, match="No space"):
        copies.copy(tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_file_is_no_folder(tmp_path, capsys):
    (taken := tmp_path / "taken").touch()
    assert main(["notebooks", "--copy", str(taken)]) == 2
    assert "is a file: name a folder" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_told_with_the_remedy(tmp_path, capsys):
    (taken := tmp_path / "taken").touch()
    assert main(["notebooks", "--copy", str(taken / "below")]) == 2
    said = capsys.readouterr().err
    assert f"{taken / 'below'} cannot be made" in said and "name a folder that you may write to" in said


@pytest.mark.parametrize("folder", ["assignments", "solutions"])
def test_a_file_where_a_folder_goes_is_told_before_anything_is_copied(tmp_path, capsys, folder):
    (tmp_path / folder).touch()
    assert main(["notebooks", "--copy", str(tmp_path)]) == 2
    assert f"{folder} is a file" in capsys.readouterr().err and len(list(tmp_path.iterdir())) == 1


def test_worked_answers_come_along_and_no_solution_of_a_problem_set(tmp_path, monkeypatch):
    """From a folder made here. Answers have the names of their notebooks, and overwrite none."""
    kit = tmp_path / "kit"
    for name in ("00_a", "solutions/00_a", "solutions/draft", "assignments/source/ps1/ps1"):
        (kit / name).parent.mkdir(parents=True, exist_ok=True)
        (kit / f"{name}.ipynb").write_text(name)
    monkeypatch.setattr(copies, "shipped_folder", lambda name: kit)
    written, kept = copies.copy(tmp_path / "mine")
    assert {path.relative_to(tmp_path / "mine").as_posix(): path.read_text() for path in written} == {
        "00_a.ipynb": "00_a",
        "solutions/00_a.ipynb": "solutions/00_a",
    }
    assert kept == []


def test_the_kits_own_folder_is_no_place_to_copy_to(capsys):
    assert main(["notebooks", "--copy", str(ROOT / "notebooks")]) == 2
    assert "holds the kit's own notebooks" in capsys.readouterr().err


def test_a_link_that_leads_nowhere_stays(tmp_path, capsys):
    (link := tmp_path / "00_start_here.ipynb").symlink_to(tmp_path / "not-mounted.ipynb")
    assert main(["notebooks", "--copy", str(tmp_path)]) == 0
    assert link.is_symlink() and f"kept {link}" in capsys.readouterr().out


def test_the_command_that_is_printed_can_be_typed(tmp_path, capsys, monkeypatch):
    """Also where no environment is switched on, as in a clone."""
    bin_folder = os.path.dirname(sys.executable)
    for path, starts in ((bin_folder, ["jupyter"]), (str(tmp_path), [sys.executable, "-m", "jupyter"])):
        monkeypatch.setenv("PATH", path)
        main(["notebooks", "--copy", str(tmp_path / "my course")])
        typed = shlex.split(capsys.readouterr().out.splitlines()[-1])
        if starts[1:]:
            typed[0] = os.path.abspath(typed[0])
        assert typed == [*starts, "lab", str(tmp_path / "my course" / "00_start_here.ipynb")]


def test_a_poor_console_and_a_reader_that_has_enough():
    """No title is lost for a sign that the console lacks, and `| head -1` is no error."""
    command = [sys.executable, "-m", "w2s_kit", "notebooks"]
    poor = subprocess.run(
        command, env=os.environ | {"PYTHONIOENCODING": "ascii"}, capture_output=True, text=True
    )
    assert poor.returncode == 0 and "00 ? Start here" in poor.stdout
    for name in ("notebooks", "doctor"):
        command[-1] = name
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as piped:
            piped.stdout.close()
            assert (piped.stderr.read(), piped.wait()) == ("", 0)


def test_another_pipe_that_breaks_is_told(monkeypatch, capsys):
    """Such as one to a worker: that is no reader who has enough."""
    monkeypatch.setattr(
        "w2s_kit.__main__.run", lambda args: (_ for _ in ()).throw(BrokenPipeError("a worker"))
    )
    assert main(["run", "--task", "danger", "--supervisor", "xs", "--student", "s"]) == 2
    assert "a worker" in capsys.readouterr().err


@pytest.mark.parametrize(
    "cells, title", [([("code", "# no")], "plain"), ([("markdown", "## a\n# b · c\n")], "b · c")]
)
def test_the_title_is_the_first_heading(tmp_path, cells, title):
    nb = nbformat.v4.new_notebook()
    make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
    nb.cells = [make[kind](source) for kind, source in cells]
    nbformat.write(nb, tmp_path / "plain.ipynb")
    assert copies.title(tmp_path / "plain.ipynb") == title
