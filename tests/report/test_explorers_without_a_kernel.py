"""What of an explorer is left where no kernel runs: a picture or a table, and a sentence."""

import base64
import io

import nbformat
import numpy as np
import pytest
from PIL import Image

from w2s_kit.course import notebooks as runner

CELLS = {
    "picture": "from w2s_kit.report.widgets import pgr_explorer\npgr_explorer(student=0.7)",
    "table": (
        "import pandas as pd\n"
        "from w2s_kit.report.widgets import claims_explorer\n"
        "claims = pd.DataFrame({'notebook': ['00', '04', '05'], 'criterion': 'c', 'figure': 'f',\n"
        "    'statement': ['first', '<b>second</b>', 'third'], 'verdict': ['shows', 'opposite', 'shows']})\n"
        "claims_explorer(claims, verdict='opposite')"
    ),
    "plot": (
        "import matplotlib.pyplot as plt\n"
        "from w2s_kit import plots\n"
        "plots.pgr_bars(0.6, 0.7, 0.9, ax=plt.subplots(figsize=(5, 3.2))[1])\nplt.show()"
    ),
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The notebook's path, and what it saved of each cell: output by kind."""
    path = tmp_path_factory.mktemp("saved") / "00_trial.ipynb"
    cells = [nbformat.v4.new_code_cell(source, id=name) for name, source in CELLS.items()]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    runner.execute(path)
    return path, {cell.id: [o.data for o in cell.outputs] for cell in nbformat.read(path, 4).cells}


def pixels(data) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB"))


def test_a_plot_is_there_as_the_picture_of_its_first_values(saved):
    (shown,), (plot,) = saved[1]["picture"], saved[1]["plot"]
    assert set(shown) == {"text/plain", "image/png"}
    assert shown["text/plain"] == (
        "Explorer (supervisor, student, ceiling): run the cell to move its controls."
    )
    np.testing.assert_array_equal(pixels(shown), pixels(plot))


def test_a_table_is_there_with_its_first_rows(saved):
    (shown,) = saved[1]["table"]
    assert set(shown) == {"text/plain", "text/html"} and "1 claims" in shown["text/html"]
    assert "&lt;b&gt;second" in shown["text/html"] and "first" not in shown["text/html"]


def test_a_second_run_saves_the_same(saved):
    path, _ = saved
    once = path.read_bytes()
    runner.execute(path)
    assert path.read_bytes() == once


def test_a_kernel_gets_the_widget_in_the_same_output(monkeypatch, saved, tmp_path):
    monkeypatch.setattr(runner, "normalise", lambda nb: None)
    path = tmp_path / "00_trial.ipynb"
    path.write_bytes(saved[0].read_bytes())
    runner.execute(path)
    for cell in nbformat.read(path, 4).cells[:2]:
        (output,) = cell.outputs
        view = output.data["application/vnd.jupyter.widget-view+json"]
        assert set(view) == {"version_major", "version_minor", "model_id"} and len(output.data) == 3
