"""Every numbered notebook keeps the common form: what a reader, GitHub, Colab and nbval each rely on."""
import json
import os
import re
import sys
from pathlib import Path

import nbformat
import pytest

from w2s_kit import notebooks as runner

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
ASSIGNMENTS = sorted((ROOT / "notebooks/assignments/source").glob("*/*.ipynb"))
BADGE = re.compile(r"\(https://colab\.research\.google\.com/github/[\w.-]+/[\w.-]+/blob/[\w.-]+/(\S+?)\)")
MACHINE_PATHS = re.compile(r"(?<![\w./])/(?:work|farm|root|home|Users|tmp|opt|usr|var)/\w|[A-Z]:\\+Users\\|site-packages")

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)


def read(path: Path):
    return nbformat.read(path, as_version=4)


def code_cells(nb) -> list:
    return [cell for cell in nb.cells if cell.cell_type == "code" and cell.source.strip()]


def setup_cell(path: Path) -> str:
    return code_cells(read(path))[0].source


@every_notebook
def test_badge_points_at_the_notebook_itself(path):
    first = read(path).cells[0]
    assert first.cell_type == "markdown", "the first cell is the Colab badge"
    assert BADGE.findall(first.source) == [f"notebooks/{path.name}"]


@every_notebook
def test_setup_cell(path):
    source = setup_cell(path)
    assert 'find_spec("w2s_kit")' in source and "%pip install" in source, "the first code cell installs the kit where it is missing"
    assert source == setup_cell(NOTEBOOKS[0]), f"differs from the setup cell of {NOTEBOOKS[0].name}"


@every_notebook
def test_saved_as_one_clean_run(path):
    nb = read(path)
    counts = [cell.execution_count for cell in code_cells(nb)]
    assert counts == list(range(1, len(counts) + 1)), "run all cells in order in a fresh kernel, then save: make notebooks"
    for cell in code_cells(nb):
        if "raises-exception" not in cell.metadata.get("tags", []):
            assert not [o for o in cell.outputs if o.output_type == "error"], f"an error is saved under:\n{cell.source}"


@every_notebook
def test_travels_well(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) < 1_000_000, "GitHub shows no large notebook; draw fewer or smaller figures"
    nb = read(path)
    nbformat.validate(nb)
    assert "widgets" not in nb.metadata, "GitHub refuses to show a notebook with widget state"
    assert nb.metadata.get("kernelspec") == runner.KERNELSPEC and nb.metadata.get("language_info") == {"name": "python"}, \
        "saved by hand: run make notebooks, which leaves nothing of the machine in it"
    for cell in nb.cells:
        shown = [o.get("text", "") or json.dumps({k: v for k, v in o.get("data", {}).items() if k.startswith("text/")})
                 for o in cell.get("outputs", [])]
        for piece in (cell.source, *shown):
            assert not MACHINE_PATHS.search(piece), f"a path of the author's machine in:\n{piece}"


@pytest.mark.parametrize("path", [*NOTEBOOKS, *ASSIGNMENTS], ids=lambda p: p.stem)
def test_what_it_imports_of_the_kit_is_there(path):
    for line in re.findall(r"^ *from w2s_kit.*$", "\n".join(cell.source for cell in code_cells(read(path))), re.M):
        exec(line.strip(), {})


@pytest.mark.parametrize("path", [*NOTEBOOKS, *ASSIGNMENTS], ids=lambda p: p.stem)
def test_lines_of_code_fit_the_page(path):
    lines = [line for cell in code_cells(read(path)) for line in cell.source.splitlines()]
    assert not [line for line in lines if len(line) > 100]


# The runner, on notebooks made here.

def write_notebook(path: Path, *sources: str, **metadata) -> Path:
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(sources)])
    nb.metadata.update(metadata)
    nbformat.write(nb, path)
    return path


def test_runner_saves_outputs_and_nothing_of_the_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    path = write_notebook(
        tmp_path / "00_trial.ipynb", "import os, sys\nos.environ['HF_HUB_OFFLINE'], os.environ['TQDM_DISABLE']",
        "import pathlib\n(pathlib.Path.cwd() / 'here.txt').write_text(sys.executable + '\\n' + os.environ['MPLBACKEND']);",
        "import ipywidgets\nipywidgets.interactive_output(print, {'end': ipywidgets.Text('.')})",
        kernelspec={"name": "no-such-kernel", "display_name": "my laptop", "language": "python"}, widgets={"state": {}})
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
    path = write_notebook(tmp_path / "00_trial.ipynb", "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nplt.plot([2])\nplt.show()")
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures/00_trial-7.png").touch()
    runner.execute(path, figures=tmp_path / "figures")
    found = sorted((tmp_path / "figures").iterdir())
    assert [f.name for f in found] == ["00_trial-1.png", "00_trial-2.png"] and found[0].read_bytes().startswith(b"\x89PNG")


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


@every_notebook
def test_no_value_hidden_by_a_semicolon(path):
    """nbval runs cells without history, where IPython does not see the `;`: the value would come back as an output."""
    assert not [cell.source for cell in code_cells(read(path)) if cell.source.rstrip().endswith(";")]
