"""What `import w2s_kit` gives, and what it costs."""

import subprocess
import sys
from importlib import metadata

import pandas as pd
import pytest

import w2s_kit as w2s
from w2s_kit.shared import files


def test_every_name_of_the_face_is_there():
    assert dir(w2s) == w2s.__all__ and len(w2s.__all__) > 30
    for name in w2s.__all__:
        assert getattr(w2s, name) is not None, name
    from w2s_kit.experiment import stages
    from w2s_kit.metrics import pgr

    assert w2s.three_stages is stages.three_stages and w2s.pgr is pgr.pgr
    with pytest.raises(AttributeError, match="no attribute 'three_stage'.*did you mean 'three_stages'"):
        getattr(w2s, "three_stage")  # noqa: B009


def test_the_version_is_that_of_the_installed_package(monkeypatch):
    monkeypatch.setattr(metadata, "version", lambda name: f"{name} 9.8.7")
    assert w2s.__version__ == "w2s_kit 9.8.7"

    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert w2s.__version__ == "not installed"


def test_the_import_loads_nothing_heavy():
    told = subprocess.run(
        [sys.executable, "-c", "import sys, w2s_kit; dir(w2s_kit); print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {"torch", "transformers", "pandas", "numpy"} & set(told.stdout.split())


def test_shipped_tables_by_name():
    table = w2s.results("nlp_grid")
    pd.testing.assert_frame_equal(table, pd.read_csv(files.results_folder() / "nlp_grid.csv"))
    with pytest.raises(ValueError, match="did you mean 'nlp_grid'"):
        w2s.results("nlp_gird")
