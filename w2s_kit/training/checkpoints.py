"""Checkpoints, so that a killed run continues and ends with the same weights, to the last bit.

One safetensors file: tensors by name, everything else as JSON in its header. One file is written or not
written as a whole, and reading it runs no code.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from dataclasses import is_dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from ..shared.files import written_whole


def identify(settings: object, loss, weights: dict, *arrays: np.ndarray) -> str:
    """Tells runs apart. Of the weights, names, shapes and first entries: billions would take long to read.

    A loss with options is a dataclass, and its repr holds them.
    """
    name = repr(loss) if is_dataclass(loss) else getattr(loss, "__name__", type(loss).__name__)
    digest = hashlib.sha256(repr((settings, name)).encode())
    for array in arrays:
        digest.update(repr(array.shape).encode() + array.tobytes())
    for name, p in weights.items():
        digest.update(repr((name, p.shape, p.detach().flatten()[:64].tolist())).encode())
    return digest.hexdigest()


def snapshot(
    weights: dict, optimizer, best: dict, losses: list, device: torch.device
) -> dict[str, torch.Tensor]:
    tensors = {f"weights.{name}": p.detach() for name, p in weights.items()} | {
        f"best.{name}": t for name, t in best.items()
    }
    for i, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{i}.{key}": t for key, t in state.items()}
    tensors |= {"losses": torch.stack(losses) if losses else torch.zeros(0), "rng.cpu": torch.get_rng_state()}
    return tensors | ({"rng.cuda": torch.cuda.get_rng_state(device)} if device.type == "cuda" else {})


@torch.no_grad()
def restore(tensors: dict, weights: dict, optimizer, device: torch.device) -> tuple[dict, list]:
    """Puts a snapshot back; returns its `best` and `losses`."""
    under = lambda prefix: {
        name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)
    }
    for name, tensor in under("weights.").items():
        weights[name].copy_(tensor)
    state: dict[int, dict] = {}
    for name, tensor in under("optimizer.").items():
        i, key = name.split(".")
        state.setdefault(int(i), {})[key] = tensor
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    torch.set_rng_state(tensors["rng.cpu"])
    if device.type == "cuda":
        torch.cuda.set_rng_state(tensors["rng.cuda"], device)
    return under("best."), list(tensors["losses"].to(device))


def save(path: str | Path, state: dict, tensors: dict) -> None:
    """Under a temporary name, then renamed. A disk that fills costs the checkpoint, not the run."""
    contiguous = {name: tensor.contiguous() for name, tensor in tensors.items()}
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as temporary:
            save_file(contiguous, temporary, {"state": json.dumps(state)})
    except (OSError, SafetensorError) as error:
        warnings.warn(
            f"{path}: the checkpoint was not written ({error}); training goes on, but a kill would lose more",
            stacklevel=2,
        )


def load(path: str | Path, identity: str) -> tuple[dict, dict] | None:
    """(state, tensors) of this very run, or None: no file, another run's, or a damaged one (the latter two
    with a warning).
    """
    if not Path(path).exists():
        return None
    try:
        with safe_open(path, "pt") as file:
            state = json.loads(file.metadata()["state"])
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}
        if state["identity"] == identity:
            return state, tensors
        problem = "belongs to another run"
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        problem = f"is damaged ({error})"
    warnings.warn(f"{path}: this checkpoint {problem}; training starts anew", stacklevel=2)
    return None
