"""The split of an experiment, loaded once and remembered."""

from __future__ import annotations

import os
from functools import lru_cache

from ..shared.files import touched
from ..tasks import files_of, load_task
from ..tasks.hub import DATA
from ..tasks.split import Split
from .settings import Settings


def split_of(settings: Settings) -> Split:
    """The split that `settings` draw. Raises ValueError as `load_task` does."""
    return _remembered(
        _source(settings.task),
        settings.task,
        settings.seed,
        settings.n_train,
        settings.n_test,
        settings.fresh,
        **({"allow_rejected": True} if settings.allow_rejected else {}),
    )


def forget_splits() -> None:
    """Load every split anew, after another `load_task` was put in place."""
    _remembered.cache_clear()


def _source(task: str) -> tuple:
    """What a split depends on beside its name: where data are, and when a task's files were last written."""
    return os.environ.get(DATA), *((str(file), *touched(file)) for file in files_of(task))


@lru_cache(maxsize=8)
def _remembered(source: tuple, task: str, seed: int, n_train: int, n_test: int, fresh: int, **how) -> Split:
    return load_task(task, seed, n_train, n_test, fresh, **how)
