"""Policy of every pytest run: `pytest` runs the unit tests, `pytest --nbval notebooks` the notebooks,
strictly.

Notebook kernels inherit the environment set here; the package itself must be installed (`make env`).
"""

import os
import sys
from pathlib import Path

from w2s_kit.course.notebooks import KERNEL_ENV, heaviest_first  # imports only the standard library

# before any test imports torch, transformers or datasets, which read these once
os.environ.update(KERNEL_ENV)
# pytest tests/training/test_gpu.py: the one file that wants the GPU
if any("test_gpu" in argument for argument in sys.argv):
    del os.environ["CUDA_VISIBLE_DEVICES"]

# Beside what nbval skips already. Tables are still compared as text/plain, figures by the text that goes with
# them.
# of assignments, the source runs: what students get raises until they answer it
collect_ignore_glob = ["notebooks/assignments/[!s]*"]
NOT_COMPARED = (
    "stderr",
    "image/png",
    "image/svg+xml",
    "text/html",
    "application/vnd.jupyter.widget-view+json",
)


def pytest_configure(config):
    if getattr(config.option, "nbval", False):
        config.option.nbval_current_env = True
        config.option.nbval_sanitize_with = config.option.nbval_sanitize_with or str(
            Path(__file__).with_name("nbval_sanitize.cfg")
        )
        if getattr(config.option, "dist", "no") == "load":
            # with -n: the cells of a notebook share a kernel, so they share a worker
            config.option.dist = "loadfile"
            config.option.loadscopereorder = False  # the order is that of `pytest_collection_modifyitems`
        os.environ.pop("MPLBACKEND", None)  # would switch inline figures off
    else:
        os.environ["MPLBACKEND"] = "Agg"  # unit tests open no windows
        if getattr(config.option, "dist", "no") == "load":
            # with -n: each worker gets half of the tests in a row, so that they share what a file sets up,
            # and takes from the other when it is done
            config.option.dist = "worksteal"


def pytest_collection_modifyitems(config, items):
    """Notebooks that take longest come first, so that no worker is left alone with a long one at the end."""
    if getattr(config.option, "nbval", False):
        order = {path: place for place, path in enumerate(heaviest_first({item.path for item in items}))}
        items.sort(key=lambda item: order[item.path])  # stable: the cells of a notebook keep their order


def pytest_itemcollected(item):
    skip = getattr(item.parent, "skip_compare", None)
    if skip is not None:
        item.parent.skip_compare = (*skip, *(key for key in NOT_COMPARED if key not in skip))
