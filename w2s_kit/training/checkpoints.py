"""Checkpoints, so that a killed run continues and ends with the same weights, to the last bit.

One safetensors file: tensors by name, everything else as JSON in its header. One file is written or not
written as a whole, and reading it runs no code.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from dataclasses import asdict, is_dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from ..shared.files import written_whole
from ..shared.processes import leads, wait
from .history import History
from .state import State


def identify(settings: object, loss, weights: dict, *arrays: np.ndarray) -> str:
    """A digest that tells runs apart.

    arrays: what is learned from. Of the weights it takes names, shapes and first entries, as billions would
    take long to read. A loss with options is a dataclass, and its repr holds them.
    """
    name = repr(loss) if is_dataclass(loss) else getattr(loss, "__name__", type(loss).__name__)
    digest = hashlib.sha256(repr((settings, name)).encode())
    for array in arrays:
        digest.update(repr(array.shape).encode() + array.tobytes())
    for name, p in weights.items():
        digest.update(repr((name, p.shape, p.detach().flatten()[:64].tolist())).encode())
    return digest.hexdigest()


def due(step: int, total: int, every: int, last: bool) -> bool:
    """Whether a checkpoint is written after `step`: after each `every` steps, 0 for never, but the last step.

    last: after the last step, too.
    """
    return last if step == total else step % (every or total) == 0


def write(path: str | Path, identity: str, state: State, device: torch.device) -> None:
    """Writes the checkpoint of a run; of several processes one writes, and the others wait."""
    state.clock()
    if leads():
        facts = dict(
            identity=identity,
            step=state.step,
            budget=state.budget,
            history=asdict(state.history),
            scaler=state.scaler.state_dict(),
        )
        save(path, facts, _tensors(state, device))
    wait()


def resume(path: str | Path, identity: str, state: State, device: torch.device) -> None:
    """Puts a run back to where its checkpoint was written, if there is one of this very run."""
    if saved := load(path, identity):
        facts, tensors = saved
        state.step, state.budget, state.history = facts["step"], facts["budget"], History(**facts["history"])
        state.began -= state.history.seconds
        state.scaler.load_state_dict(facts["scaler"])
        _restore(tensors, state, device)


def _tensors(state: State, device: torch.device) -> dict[str, torch.Tensor]:
    """All tensors of a run by name, the state of the random numbers among them."""
    tensors = {f"weights.{name}": p.detach() for name, p in state.weights.items()}
    tensors |= {f"best.{name}": t for name, t in state.best.items()}
    tensors |= moments(state.optimizer)
    tensors["losses"] = torch.stack(state.losses) if state.losses else torch.zeros(0)
    tensors["rng.cpu"] = torch.get_rng_state()
    if device.type == "cuda":
        tensors["rng.cuda"] = torch.cuda.get_rng_state(device)
    return tensors


@torch.no_grad()
def _restore(tensors: dict[str, torch.Tensor], state: State, device: torch.device) -> None:
    """The other way round: what `_tensors` made goes back into the run."""
    under = lambda prefix: {
        name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)
    }
    for name, tensor in under("weights.").items():
        state.weights[name].copy_(tensor)
    state.best, state.losses = under("best."), list(tensors["losses"].to(device))
    put_back(state.optimizer, tensors)
    torch.set_rng_state(tensors["rng.cpu"])
    if device.type == "cuda":
        torch.cuda.set_rng_state(tensors["rng.cuda"], device)


def moments(optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """What an optimizer remembers of its steps, as tensors by name, for `save`."""
    state = optimizer.state_dict()["state"]
    return {f"optimizer.{i}.{key}": tensor for i, kept in state.items() for key, tensor in kept.items()}


def put_back(optimizer: torch.optim.Optimizer, tensors: dict[str, torch.Tensor]) -> None:
    """The other way round: those of the tensors that `moments` made go back into the optimizer."""
    kept: dict[int, dict] = {}
    for name, tensor in tensors.items():
        if name.startswith("optimizer."):
            _, i, key = name.split(".")
            kept.setdefault(int(i), {})[key] = tensor
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": kept, "param_groups": groups})


def save(path: str | Path, facts: dict, tensors: dict) -> None:
    """Writes one file, whole or not at all; `facts` go to the header as JSON.

    A disk that fills costs the checkpoint, not the run.
    """
    contiguous = {name: tensor.contiguous() for name, tensor in tensors.items()}
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as temporary:
            save_file(contiguous, temporary, {"state": json.dumps(facts)})
    except (OSError, SafetensorError) as error:
        warnings.warn(
            f"{path}: the checkpoint was not written ({error}); training goes on, but a kill would lose more",
            stacklevel=4,  # the line that called `finetune`
        )


def load(path: str | Path, identity: str) -> tuple[dict, dict] | None:
    """(facts, tensors) of this very run, or None where there is no such file.

    Another run's file, and a damaged one, are not read, and a warning says so.
    """
    if not Path(path).exists():
        return None
    try:
        with safe_open(path, "pt") as file:
            facts = json.loads(file.metadata()["state"])
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}
        if facts["identity"] == identity:
            return facts, tensors
        problem = "belongs to another run"
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        problem = f"is damaged ({error})"
    warnings.warn(f"{path}: this checkpoint {problem}; training starts anew", stacklevel=4)
    return None
