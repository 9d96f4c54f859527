"""Grids on joblib's cluster backends: the same table; a dead worker loses nothing and doubles nothing."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import joblib
import pandas as pd
import pytest
import torch
from stand_ins import FAMILY, GRID, SETTINGS, reference, small_world, stand_in, store, trained  # noqa: F401 (fixtures)

from w2s_kit.experiment.grid import grid


def kill_one_soon(pids, store):
    """Once some runs are there, one of the workers is gone."""

    def wait_and_kill():
        deadline = time.monotonic() + 60
        while len(store.names()) < 5 and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(pids[0], signal.SIGKILL)

    thread = threading.Thread(target=wait_and_kill)
    thread.start()
    return thread


def test_a_dask_cluster_that_loses_a_worker(tmp_path, store, trained, reference):
    distributed = pytest.importorskip("distributed")

    class StandIns(distributed.WorkerPlugin):  # also in the worker that replaces the killed one
        def setup(self, worker):
            torch.set_num_threads(1)
            stand_in(setattr, tmp_path / "log", FAMILY, 0.1)

    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        client.register_plugin(StandIns())
        killer = kill_one_soon(list(client.run(os.getpid).values()), store)
        with joblib.parallel_config(backend="dask"):
            table = grid(**GRID, settings=SETTINGS, store=store, n_jobs=2)
        killer.join()
        assert len(client.run(os.getpid)) >= 1
    pd.testing.assert_frame_equal(
        table.sort_values(list(table.columns[:5])).reset_index(drop=True),
        reference.sort_values(list(table.columns[:5])).reset_index(drop=True),
    )
    assert len(store.names()) == 32 and len(trained()) <= 33, (
        "the run that the dead worker was at is done again, and no other"
    )
    before = len(trained())
    pd.testing.assert_frame_equal(grid(**GRID, settings=SETTINGS, store=store), reference)
    assert len(trained()) == before, "nothing was left to train"


def test_a_ray_cluster(tmp_path, monkeypatch, store, trained, reference):
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    ray = pytest.importorskip("ray")
    from ray.util.joblib import register_ray

    register_ray()
    stand_ins = {
        "worker_process_setup_hook": lambda: stand_in(setattr, tmp_path / "log", FAMILY, 0.02),
        "env_vars": {"PYTHONPATH": os.pathsep.join(sys.path)},
    }
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, runtime_env=stand_ins)
    try:
        with joblib.parallel_config(backend="ray"):
            table = grid(**GRID, settings=SETTINGS, store=store, n_jobs=2)
    finally:
        ray.shutdown()
    pd.testing.assert_frame_equal(table, reference)
    assert len(store.names()) == len(trained()) == 32


FAKE_SRUN = """#!/bin/bash
# as srun: the command once a task, side by side
for i in 0 1 2; do SLURM_PROCID=$i "$@" & done
wait
"""


def test_the_slurm_script_runs_the_program_of_the_page(tmp_path):
    pytest.importorskip("distributed")
    root = Path(__file__).parents[2]
    page = (root / "docs" / "howto" / "cluster.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"## Slurm.*?```python\n(.*?)```", page, re.DOTALL)
    (tmp_path / "my_grid.py").write_text(program, encoding="utf-8")
    (tmp_path / "srun").write_text(FAKE_SRUN)
    (tmp_path / "srun").chmod(0o755)
    environment = os.environ | {
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "PYTHON": sys.executable,
        "PYTHONPATH": str(root),
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(
        ["bash", str(root / "docs" / "howto" / "slurm.sh"), "my_grid.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert pd.read_csv(tmp_path / "danger.csv")["seed"].tolist() == [0, 1]
    assert len(list((tmp_path / "shared_runs").glob("[0-9a-f]" * 16))) == 6
    assert not list(tmp_path.glob("scheduler-*.json")), "what the job wrote for itself is gone"
