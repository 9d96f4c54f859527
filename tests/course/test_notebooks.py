"""The runner of notebooks, on notebooks made here: what it saves, what it leaves, and what it imports."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
from test_notebooks_skeleton import read

from w2s_kit.course import notebooks as runner

ROOT = Path(__file__).parents[2]


def write_notebook(path: Path, *sources: str, **metadata) -> Path:
    nb = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(sources)]
    )
    nb.metadata.update(metadata)
    nbformat.write(nb, path)
    return path


def test_runner_saves_outputs_and_nothing_of_the_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    path = write_notebook(
        tmp_path / "00_trial.ipynb",
        "import os, sys\nos.environ['HF_HUB_OFFLINE'], os.environ['TQDM_DISABLE']",
        "import pathlib\n"
        "(pathlib.Path.cwd() / 'here.txt').write_text(sys.executable + '\\n' + os.environ['MPLBACKEND']);",
        "import ipywidgets\nipywidgets.interactive_output(print, {'end': ipywidgets.Text('.')})",
        kernelspec={"name": "no-such-kernel", "display_name": "my laptop", "language": "python"},
        widgets={"state": {}},
    )
    runner.execute(path)
    once = path.read_bytes()
    nb = read(path)
    assert nb.cells[0].outputs[0].data["text/plain"] == "('1', '1')"
    assert nb.metadata == {"kernelspec": runner.KERNELSPEC, "language_info": {"name": "python"}}
    assert all(cell.metadata == {} for cell in nb.cells)
    assert nb.cells[2].outputs[-1].data == {"text/plain": "Output()"}
    interpreter, backend = (tmp_path / "here.txt").read_text().splitlines()
    assert os.path.samefile(interpreter, sys.executable) and "inline" in backend
    runner.execute(path)
    assert path.read_bytes() == once


def test_runner_saves_the_pictures_of_this_run_only(tmp_path):
    path = write_notebook(
        tmp_path / "00_trial.ipynb",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nplt.plot([2])\nplt.show()",
    )
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures/00_trial-7.png").touch()
    runner.execute(path, figures=tmp_path / "figures")
    found = sorted((tmp_path / "figures").iterdir())
    assert [f.name for f in found] == ["00_trial-1.png", "00_trial-2.png"] and found[
        0
    ].read_bytes().startswith(b"\x89PNG")


def test_runner_leaves_a_failing_notebook_as_it_was(tmp_path, capsys):
    path = write_notebook(tmp_path / "00_trial.ipynb", "print(1)", "1 / 0")
    before = path.read_bytes()
    assert runner.main([str(path)]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().out
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_numbered_notebooks_come_in_order(tmp_path):
    for name in ("10_b.ipynb", "02_a.ipynb", "draft.ipynb", "00_a.ipynb"):
        (tmp_path / name).touch()
    assert [p.name for p in runner.numbered(tmp_path)] == ["00_a.ipynb", "02_a.ipynb", "10_b.ipynb"]


def test_a_run_of_the_whole_course_has_the_answers_too_and_no_problem_set(tmp_path, monkeypatch):
    for name in ("01_b", "00_a", "solutions/00_a", "solutions/draft", "assignments/source/ps1/ps1"):
        (tmp_path / "notebooks" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "notebooks" / f"{name}.ipynb").touch()
    monkeypatch.chdir(tmp_path)
    course = runner.whole_course(Path("notebooks"))
    assert [runner.name_of(path) for path in course] == ["00_a", "01_b", "solutions/00_a"]
    monkeypatch.chdir("notebooks/solutions")
    assert runner.name_of(Path("00_a.ipynb")) == "solutions/00_a"


def test_pictures_of_answers_leave_those_of_their_notebook(tmp_path):
    """Both have the same file name."""
    draw = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    (tmp_path / "solutions").mkdir()
    for folder in (tmp_path, tmp_path / "solutions", tmp_path):
        runner.execute(write_notebook(folder / "00_trial.ipynb", draw), figures=tmp_path / "figures")
    pictures = [path.relative_to(tmp_path / "figures") for path in (tmp_path / "figures").rglob("*.png")]
    assert sorted(map(Path.as_posix, pictures)) == ["00_trial-1.png", "solutions/00_trial-1.png"]


def test_importing_the_runner_imports_only_the_standard_library():
    """The tests' settings come from it, and they are set before torch is imported."""
    program = (
        "import sys; before = set(sys.modules); import w2s_kit.course.notebooks\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "['w2s_kit']"
