"""Several processes that train one model together, on several GPUs or machines.

`accelerate launch script.py` starts them and carries numbers between them. The training loop deals each batch
among them, and `Store` lets one of them keep what all have made. All run the same script.

Many small models are better trained one a process: see `experiment.grid` and its `n_jobs`. These workers end
with the process that started them (`end_with_parent`).
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from functools import cache, lru_cache

from .names import pip


def team():
    """The processes of this launch, as an accelerate.Accelerator, or None for a process started alone."""
    return _team() if int(os.environ.get("WORLD_SIZE", 1)) > 1 else None


@lru_cache(maxsize=1)
def _team():
    try:
        from accelerate import Accelerator
    except ImportError as error:
        raise ImportError(f"several processes need accelerate: {pip('w2s_kit[cluster]')}") from error
    return Accelerator()


def leads() -> bool:
    """Whether this process is the one that writes files and draws bars."""
    return team() is None or team().is_main_process


def agreed(value):
    """The leading process's `value`, in all of them."""
    if team() is None:
        return value
    from accelerate.utils import broadcast_object_list

    return broadcast_object_list([value])[0]


def wait() -> None:
    """Until all processes are here."""
    if team() is not None:
        team().wait_for_everyone()


@cache
def end_with_parent(every: float = 1.0) -> None:
    """Ends this worker process soon after the process that started it is gone, even by SIGKILL.

    Without this, the workers of a killed grid train on. A thread looks every `every` seconds. It does nothing
    in a process that `multiprocessing` or joblib's loky did not start, such as a program or a worker of ray.
    What is lost is one unfinished run: the store holds whole runs only, and locks end with their process.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent, every), daemon=True, name="end-with-parent").start()


def _end_after(parent, every: float) -> None:
    """Waits for the end of `parent`, then ends this process at once."""
    try:
        parent.join()  # multiprocessing hands its children something to wait for
    except ValueError:  # loky does not on Linux and macOS; an orphan gets another parent there
        while os.getppid() == parent.pid:
            time.sleep(every)
    os._exit(1)
