"""The example of FSDP: two processes hold half of a student each, and train what one process would."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from w2s_kit import Settings, Store
from w2s_kit.experiment.stages import run_ground_truth, run_student

ROOT = Path(__file__).parents[2]


def test_two_processes_hold_half_of_a_student_each_and_train_what_one_would(tmp_path):
    """It takes some seconds, since both processes have to start."""
    pytest.importorskip("accelerate")
    launched = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    told = (
        f"--supervisor xs --student s --n-train 90 --store {tmp_path / 'runs'} --out {tmp_path / 'out.csv'}"
    )
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    ran = subprocess.run(
        [*launched, ROOT / "docs" / "howto" / "fsdp.py", *told.split()],
        env=os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    held, whole = (
        int(n.replace(",", "")) for n in re.search(r"holds ([\d,]+) of ([\d,]+)", ran.stdout).groups()
    )
    assert 0.45 * whole < held < 0.65 * whole
    settings, store = Settings("danger", n_train=90, n_test=200), Store(tmp_path / "runs")
    weak = run_ground_truth(settings, "xs", store=store, progress=False)
    alone = run_student(settings, weak, "s", store=store, progress=False)
    together = pd.read_csv(tmp_path / "out.csv")
    np.testing.assert_allclose(together["p"], alone.probabilities(), atol=1e-3)
    assert np.ptp(alone.probabilities()) > 0.01  # it learned something, so there is something to compare
