"""What students get is made by nbgrader: one problem set at a time, in a folder that is thrown away."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..shared.names import pip
from .notebooks import KERNEL_ENV


@contextlib.contextmanager
def nbgrader_course(root: Path, name: str) -> Iterator[tuple[Path, Any]]:
    """A folder as nbgrader wants it, with one problem set and a gradebook of its own, and nbgrader's API.

    Raises ImportError that says how to get nbgrader.
    """
    try:
        from nbgrader.apps import NbGraderAPI
    except ImportError as error:
        raise ImportError(f"making a release needs nbgrader: {pip('w2s_kit[course]')}") from error
    from traitlets.config import Config

    with tempfile.TemporaryDirectory() as folder, _environment(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="nbgrader")  # of its own use of its database
        course = Path(folder)
        shutil.copytree(root / "source" / name, course / "source" / name)
        config = Config()
        config.CourseDirectory.root = folder
        config.CourseDirectory.db_url = f"sqlite:///{course / 'gradebook.db'}"
        config.NbGrader.log_level = logging.ERROR
        yield course, NbGraderAPI(config=config)


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """The environment of the notebooks, which kernels inherit: offline, one thread, no bars.

    nbgrader calls other programs by their bare names. They are beside this Python, activated or not.
    """
    before = dict(os.environ)
    os.environ.update(KERNEL_ENV)
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def must(result: dict, message: str) -> None:
    """Raises ValueError with `message` and nbgrader's own words where a step of nbgrader has failed."""
    if not result["success"]:
        raise ValueError(f"{message}:\n{result.get('log') or result.get('error') or ''}")
