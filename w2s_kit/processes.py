"""Several processes that train one model together, on several GPUs or machines: `accelerate launch script.py`.

Accelerate starts them and carries numbers between them; `train.gradients` deals each batch among them, and `Store` lets one of them keep
what all have made. All run the same script. Many small models are better trained one a process: see `experiment.grid` and its `n_jobs`.
"""

from __future__ import annotations

import os
from functools import lru_cache


def team():
    """The processes of this launch, as an accelerate.Accelerator; None for a process that was started alone."""
    return _team() if int(os.environ.get("WORLD_SIZE", 1)) > 1 else None


@lru_cache(maxsize=1)
def _team():
    try:
        from accelerate import Accelerator
    except ImportError as error:
        raise ImportError("several processes need accelerate: pip install accelerate") from error
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
