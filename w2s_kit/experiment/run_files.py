"""What the folder of a run holds: its name, its three files and their checksums."""

from __future__ import annotations

import hashlib
import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .run import CHOICES, COLUMNS, Run, check_predictions

FILES = ("config.json", "metrics.json", "predictions.parquet")
SUMS = "SHA256SUMS"


def fingerprint(config: dict) -> str:
    """The name of the run that `config` determines: 16 hexadecimal digits, whatever the order of the keys.

    Raises ValueError for a value JSON cannot hold, such as NaN or an object. It could not be compared next
    time.
    """
    try:
        text = json.dumps(plain(config), sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"a run's config holds text, finite numbers, booleans, lists and dicts only: {error} in {config}"
        ) from error
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def plain(value: Any) -> Any:
    """NumPy numbers and arrays as Python ones, to any depth."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(v) for v in value]
    return value.item() if isinstance(value, np.generic) else value


def write_run(folder: Path, config: dict, metrics: dict, predictions: pd.DataFrame) -> None:
    """Write the files of a run and their checksums into `folder`, which is there."""
    write_json(folder / "config.json", plain(config))
    write_json(folder / "metrics.json", _nan_as_null(plain(metrics)))
    columns = [*COLUMNS, *(column for column in CHOICES if column in predictions)]
    write_predictions(folder / "predictions.parquet", predictions[columns])
    seal(folder)


def read_run(folder: Path) -> Run:
    """The run in `folder`; raises one of many errors when anything in it is missing, cut short or altered."""
    if not (folder / SUMS).exists():
        raise ValueError(f"it has no {SUMS}; the first versions of the kit wrote none")
    contents, sums = _contents(folder), (folder / SUMS).read_bytes()
    if _checksums(contents) != sums:
        altered = [name for name, content in contents.items() if _checksums({name: content}) not in sums]
        raise ValueError(f"{altered[0] if altered else SUMS} is not as it was written")
    config = json.loads(contents["config.json"])
    if fingerprint(config) != folder.name:
        raise ValueError("config.json is not the one that named this run")
    metrics = dict(json.loads(contents["metrics.json"]))
    predictions = pd.read_parquet(io.BytesIO(contents["predictions.parquet"]))
    check_predictions(predictions)
    return Run(folder.name, folder, config, metrics, predictions)


def seal(folder: Path) -> None:
    """Write the checksums of the files that are in `folder` now."""
    (folder / SUMS).write_bytes(_checksums(_contents(folder)))


def write_json(path: Path, value: dict) -> None:
    """`value` as JSON, which has no NaN: those are refused."""
    path.write_text(json.dumps(value, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def write_predictions(path: Path, table: pd.DataFrame) -> None:
    """A table of predictions as Parquet."""
    table.to_parquet(path, index=False)


def _contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def _checksums(contents: dict[str, bytes]) -> bytes:
    """SHA-256 of each file, as `sha256sum` writes it."""
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in contents.items()]
    return "".join(lines).encode()


def _nan_as_null(value):
    """Plain measurements for JSON, which has no NaN and no infinity."""
    if isinstance(value, dict):
        return {k: _nan_as_null(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_nan_as_null(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
