"""Two processes that train each model together give what one gives alone."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from stand_ins import (
    SETTINGS,
    grid,
    small_world,  # noqa: F401 (fixture)
)
from together import SMALL_GRID, trained

from w2s_kit.experiment.store import Store

HERE = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What two processes left."""
    pytest.importorskip("accelerate")
    folder = tmp_path_factory.mktemp("together")
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node",
        "2",
        HERE / "together.py",
        folder,
    ]
    path = os.pathsep.join([str(HERE), str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    ran = subprocess.run(
        command,
        env=os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return folder


@pytest.mark.parametrize("which", ["", "-parts"])
def test_the_model_is_the_one_that_a_single_process_trains(folder, which):
    """With the confidence loss, whose threshold looks at the whole batch."""
    first, second = (load_file(folder / f"{rank}{which}.safetensors") for rank in (0, 1))
    alone = trained()
    for name in alone:
        assert torch.equal(first[name], second[name])
        # rounding, over 24 steps of Adam
        torch.testing.assert_close(first[name], alone[name], atol=1e-4, rtol=0)
    assert not (folder / "checkpoint").exists()


def test_a_grid_is_kept_once_and_read_by_all(folder, tmp_path):
    tables = [pd.read_json(folder / f"{rank}.json") for rank in (0, 1)]
    pd.testing.assert_frame_equal(*tables)
    alone = grid(**SMALL_GRID, settings=SETTINGS, store=Store(tmp_path / "runs"))
    pd.testing.assert_frame_equal(tables[0], alone, check_dtype=False, atol=0.02)  # one answer in 80
    assert len(Store(folder / "runs").names()) == 4
    assert [len((folder / f"log-{rank}").read_text().split()) for rank in (0, 1)] == [4, 4], (
        "both train each model, once"
    )


def test_what_does_not_go_together(folder):
    for rank in (0, 1):
        assert "choose one" in (folder / f"{rank}-jobs.txt").read_text()
        assert (
            "2 processes cannot share a batch of 1: start fewer" in (folder / f"{rank}-batch.txt").read_text()
        )
