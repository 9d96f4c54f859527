"""The run store: every model of an experiment is trained once and remembered.

A store is a folder of folders. A run's folder is named by a hash of everything that determines the run, so
asking for the same run again finds it, and changing anything at all makes another one:

    runs/3f9a.../config.json           what determines the run
                 metrics.json          what came out, as numbers; and what made it, see `made`
                 predictions.parquet   what came out, per example: split, row, probability (of label 1),
                                       label (the truth)
                 SHA256SUMS            the checksums of these three, as `sha256sum` writes them

Where there are more than two answers, label is the place of the right one, and three things are kept: answer
(the place of the model's), probability (the model's for its answer) and, if wanted, distribution (over all
answers). Of a model that writes, label and answer are texts, and probability is 1.

A run appears under its name complete or not at all, since it is written elsewhere and renamed: a killed
program continues where it stopped. To forget a run, delete its folder.

A run is read only if its three files are those that were written, byte for byte: a flipped bit in
metrics.json is another number, and nothing else would say so. A run without checksums, as the first versions
of the kit wrote them, counts as damaged.
"""

from __future__ import annotations

import errno
import shutil
import time
import uuid
import warnings
from collections.abc import Callable
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import pandas as pd
from filelock import FileLock, Timeout

from ..shared.processes import agreed, leads, team, wait
from .made import made_now
from .run import Run, check_predictions
from .run_files import fingerprint, plain, read_run, write_run


class Store:
    """Runs under the folder `root`, made when the first run is put. Several processes may share it."""

    def __init__(self, root: str | Path = "runs"):
        self.root = Path(root)
        # A program that was killed while it wrote leaves such a folder. Writing takes milliseconds.
        for left in self.root.glob(".writing-*"):
            with suppress(FileNotFoundError):
                if time.time() - left.stat().st_mtime > 3600:
                    shutil.rmtree(left, ignore_errors=True)

    def __repr__(self) -> str:
        return f"Store({str(self.root)!r}), {len(self.names())} runs"

    def names(self) -> list[str]:
        """The names of all runs, sorted."""
        return sorted(p.name for p in self.root.glob("[0-9a-f]" * 16) if p.is_dir())

    def get(self, config: dict) -> Run | None:
        """The run that `config` determines, or None when it has not been made, or cannot be read in full."""
        return self.load(fingerprint(config))

    def load(self, name: str) -> Run | None:
        """The run called `name`. A damaged one is moved aside with a warning, and counts as never made."""
        folder = self.root / name
        if not folder.is_dir():
            return None
        try:
            return read_run(folder)
        except PermissionError:
            raise  # says nothing about the run
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            aside = folder.with_name(f"{name}.damaged-{uuid.uuid4().hex[:8]}")
            try:
                folder.rename(aside)
            except FileNotFoundError:  # another process has just done the same
                return None
            reason = " ".join(str(error).split())
            warnings.warn(
                f"run {name} is damaged ({reason}); moved to {aside.name}, to be computed again", stacklevel=2
            )
            return None

    def put(self, config: dict, metrics: dict, predictions: pd.DataFrame) -> Run:
        """Keep a run and return it as it is read back.

        If another process has put the run before, that one stays. Raises ValueError for predictions that are
        no such table, and OSError for a full disk. Then nothing is left behind, and no other run is lost.
        """
        name = fingerprint(config)
        check_predictions(predictions)
        with self._explain_full_disk(name):
            writing = self.root / f".writing-{name}-{uuid.uuid4().hex[:8]}"
            writing.mkdir(parents=True)
            try:
                write_run(writing, config, metrics, predictions)
                if self.load(name) is None:  # also clears a damaged one out of the way
                    self._rename(writing, name)
            finally:
                shutil.rmtree(writing, ignore_errors=True)
        run = self.load(name)
        if run is None:
            raise OSError(
                f"run {name} was written to {self.root} but cannot be read back: is the disk sound?"
            )
        return run

    def run(self, config: dict, compute: Callable[[], tuple[dict, pd.DataFrame]]) -> Run:
        """The run that `config` determines: from the store, or made now and kept.

        compute: makes it, () -> (metrics, predictions).
        When another process is making it, this one waits. A lock dies with its process, so a kill blocks
        nobody. Processes that were launched together (`shared.processes`) make it together, and one of them
        keeps it, in a folder that all can read.
        """
        run = self.get(config)
        if run is not None and not team():
            return run
        with self._claim(fingerprint(config)) if leads() else nullcontext():
            run = self.get(config)
            if agreed(run is None):
                try:
                    metrics, predictions = compute()
                except Exception as error:
                    error.add_note(f"in the run {plain(config)}")
                    raise
                if leads():
                    run = self.put(config, metrics | {"made": made_now()}, predictions)
            wait()
        kept = run or self.get(config)  # what another process has kept
        assert kept is not None
        return kept

    def checkpoint(self, config: dict) -> Path:
        """Where a long run may keep what it needs to resume: the path only, nothing is made."""
        return self.root / ".checkpoints" / fingerprint(config)

    def table(self) -> pd.DataFrame:
        """One row a run: its name, its config (nested keys joined by dots) and its metrics, but no series."""
        rows = []
        for run in filter(None, map(self.load, self.names())):
            numbers = {k: v for k, v in run.metrics.items() if not isinstance(v, (list, dict))}
            rows.append({"run": run.name, **_flat(run.config), **numbers})
        return pd.DataFrame(rows)

    def _rename(self, writing: Path, name: str) -> None:
        """Give a folder that is written its name, unless another process has put this run in between."""
        try:
            writing.rename(self.root / name)
        except OSError as error:
            there = (self.root / name).is_dir()
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.EACCES) or not there:
                raise

    @contextmanager
    def _claim(self, name: str):
        """Hold the right to compute a run.

        Nobody waits more than an hour: to compute a run twice is harmless. So a file system without locks
        only costs time.
        """
        with self._explain_full_disk(name):
            (self.root / ".locks").mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.root / ".locks" / name)
            with suppress(NotImplementedError, Timeout):
                lock.acquire(timeout=3600)
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _explain_full_disk(self, name: str):
        """An error for a full disk says which run was not kept, and what to do."""
        try:
            yield
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise OSError(
                error.errno,
                f"the disk is full: run {name} was not kept in {self.root}, all finished runs were. "
                "Free some space and start again; it continues from there",
            ) from error


def _flat(config: dict, prefix: str = "") -> dict:
    flat = {}
    for key, value in config.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return flat
