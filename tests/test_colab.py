"""What `make colab` relies on. The run itself takes a quarter of an hour, and is a job of its own."""

import json

import colab
import pytest
from files_of_the_project import ROOT
from test_packaging import requirements


def test_the_list_of_colab_says_all_that_the_kit_meets_there():
    missing = set(requirements("notebooks")) - set(colab.pins())
    assert missing == {"chess", "jupyterlab"}, "what Colab has not"
    with pytest.raises(ValueError, match="which Python"):
        colab.pins("torch==2.11.0\n")


def test_transformers_is_tried_at_the_lowest_version_that_is_promised():
    (bound,) = requirements()["transformers"].specifier
    assert colab.pins()["transformers"] == f"{bound.version}.0"


def test_the_core_path_is_run_whole():
    assert colab.CORE == ["00", "01", "02", "03", "05", "06", "08", "09", "13"]


def test_only_what_changed_or_went_was_replaced():
    before = {"numpy": "numpy==2.0.2", "torch": "torch==2.11.0+cpu", "kit": "kit @ file:///a"}
    assert colab.replaced(before, before | {"chess": "chess==1.11.2"}) == []
    assert colab.replaced(before, before | {"numpy": "numpy==2.3.0"}) == ["numpy==2.0.2 -> numpy==2.3.0"]
    assert colab.replaced(before, {"numpy": "numpy==2.0.2", "kit": "kit @ file:///a"}) == [
        "torch==2.11.0+cpu -> None"
    ]
    assert colab.versions(before) == {"numpy": "2.0.2", "torch": "2.11.0"}


@pytest.mark.parametrize("number", colab.CORE)
def test_the_setup_cell_takes_a_wheel_in_place_of_the_address(number, tmp_path):
    (path,) = (ROOT / "notebooks").glob(f"{number}_*.ipynb")
    notebook = json.loads(path.read_text(encoding="utf-8"))
    wheel = tmp_path / "w2s_kit-0-py3-none-any.whl"
    cells = ["".join(cell["source"]) for cell in colab.with_wheel(notebook, wheel)["cells"]]
    (setup,) = [cell for cell in cells if "find_spec" in cell]
    assert f'%pip install -q "{wheel.as_posix()}"' in setup and "git+" not in setup
    with pytest.raises(ValueError, match="0 cells"):
        colab.with_wheel(notebook, wheel)


def test_an_error_that_a_widget_caught_is_an_error():
    error = {"output_type": "error", "ename": "KeyError", "evalue": "'xl'", "traceback": []}
    widget = {"model_name": "OutputModel", "state": {"outputs": [error]}}
    kinds = {"application/vnd.jupyter.widget-state+json": {"state": {"a": widget, "b": {"state": {}}}}}
    cell = {"cell_type": "code", "outputs": [{"output_type": "stream", "name": "stdout", "text": "fine"}]}
    assert colab.errors_in({"cells": [cell], "metadata": {}}) == []
    assert colab.errors_in({"cells": [cell], "metadata": {"widgets": kinds}}) == ["KeyError: 'xl'"]
    assert colab.errors_in({"cells": [{"cell_type": "code", "outputs": [error]}], "metadata": {}})
