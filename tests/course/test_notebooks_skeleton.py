"""Every numbered notebook keeps the common form: what a reader, GitHub, Colab and nbval each rely on.

Worked answers keep it, too: whoever opens them in Colab needs the kit there.
"""

import json
import re
from pathlib import Path

import ipywidgets
import nbformat
import pytest

from w2s_kit.course import notebooks as runner

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
ANSWERS = sorted((ROOT / "notebooks/solutions").glob("*.ipynb"))
ASSIGNMENTS = sorted((ROOT / "notebooks/assignments/source").glob("*/*.ipynb"))
BADGE = re.compile(r"\(https://colab\.research\.google\.com/github/[\w.-]+/[\w.-]+/blob/[\w.-]+/(\S+?)\)")
MACHINE_PATHS = re.compile(
    r"(?<![\w./])/(?:work|farm|root|home|Users|tmp|opt|usr|var)/\w|[A-Z]:\\+Users\\|site-packages"
)


def called(path: Path) -> str:
    """What a test of one notebook is called: worked answers have the file name of their notebook."""
    return runner.name_of(path)


every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=called)
opened_in_colab = pytest.mark.parametrize("path", [*NOTEBOOKS, *ANSWERS], ids=called)
with_answers = pytest.mark.parametrize("path", [*NOTEBOOKS, *ANSWERS], ids=called)
with_problem_sets = pytest.mark.parametrize("path", [*NOTEBOOKS, *ANSWERS, *ASSIGNMENTS], ids=called)


def read(path: Path):
    return nbformat.read(path, as_version=4)


def code_cells(nb) -> list:
    return [cell for cell in nb.cells if cell.cell_type == "code" and cell.source.strip()]


def setup_cell(path: Path) -> str:
    return code_cells(read(path))[0].source


@opened_in_colab
def test_badge_points_at_the_notebook_itself(path):
    first = read(path).cells[0]
    assert first.cell_type == "markdown", "the first cell is the Colab badge"
    assert BADGE.findall(first.source) == [path.relative_to(ROOT).as_posix()]


@opened_in_colab
def test_setup_cell(path):
    cell = code_cells(read(path))[0]
    assert 'find_spec("w2s_kit")' in cell.source and "%pip install" in cell.source, (
        "the first code cell installs the kit where it is missing"
    )
    assert cell.source == setup_cell(NOTEBOOKS[0]), f"differs from the setup cell of {NOTEBOOKS[0].name}"
    assert cell.id == code_cells(read(ROOT / "notebooks" / path.name))[0].id, (
        "not the id it has in its notebook"
    )


@with_answers
def test_saved_as_one_clean_run(path):
    nb = read(path)
    counts = [cell.execution_count for cell in code_cells(nb)]
    assert counts == list(range(1, len(counts) + 1)), (
        "run all cells in order in a fresh kernel, then save: make notebooks"
    )
    for cell in code_cells(nb):
        if "raises-exception" not in cell.metadata.get("tags", []):
            assert not [o for o in cell.outputs if o.output_type == "error"], (
                f"an error is saved under:\n{cell.source}"
            )


@with_answers
def test_travels_well(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) < 1_000_000, "GitHub shows no large notebook; draw fewer or smaller figures"
    nb = read(path)
    nbformat.validate(nb)
    assert "widgets" not in nb.metadata, "GitHub refuses to show a notebook with widget state"
    assert nb.metadata.get("kernelspec") == runner.KERNELSPEC and nb.metadata.get("language_info") == {
        "name": "python"
    }, "saved by hand: run make notebooks, which leaves nothing of the machine in it"
    for cell in nb.cells:
        shown = [
            o.get("text", "")
            or json.dumps({k: v for k, v in o.get("data", {}).items() if k.startswith("text/")})
            for o in cell.get("outputs", [])
        ]
        for piece in (cell.source, *shown):
            assert not MACHINE_PATHS.search(piece), f"a path of the author's machine in:\n{piece}"


@with_problem_sets
def test_what_it_imports_of_the_kit_is_there(path):
    for line in re.findall(
        r"^ *from w2s_kit.*$", "\n".join(cell.source for cell in code_cells(read(path))), re.M
    ):
        exec(line.strip(), {})


@with_problem_sets
def test_lines_of_code_fit_the_page(path):
    lines = [line for cell in code_cells(read(path)) for line in cell.source.splitlines()]
    assert not [line for line in lines if len(line) > 100]


@with_problem_sets
def test_a_widget_has_a_picture_or_a_table_beside_it(path):
    """GitHub, the site and a saved notebook without a kernel show no widget. Its name alone says nothing."""
    kinds = [name for name, each in vars(ipywidgets).items() if isinstance(each, type)]
    widget = re.compile(rf"(?:{'|'.join(kinds)}|interactive|Explorer) ?\(")
    for cell in code_cells(read(path)):
        for data in (output.data for output in cell.outputs if "data" in output):
            if widget.match(data.get("text/plain", "")):
                assert {"image/png", "text/html"} & set(data), cell.source


@with_answers
def test_no_value_hidden_by_a_semicolon(path):
    """nbval runs cells without history. IPython misses the `;` then, and gives the value as an output."""
    assert not [cell.source for cell in code_cells(read(path)) if cell.source.rstrip().endswith(";")]
