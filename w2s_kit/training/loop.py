"""The one finetuning loop, through which every supervisor, student and ceiling goes.

Texts are read once, and lie on the device end to end, so that one long text costs its own tokens only. A
batch is padded when it is taken, and is as wide as its own longest text. Dropout is off (`model.eval()`), as
in the released code: runs are short, and with it off nothing but the batch order is random. Notebook 01
writes the loop out in ten lines.
"""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from tqdm.auto import tqdm

from ..shared.processes import leads
from . import checkpoints
from .batches import Encoded, encode, training_batches
from .config import TrainConfig, decisive, learning_rate
from .device import Device, pick_device, resting
from .gradients import check_team, gradients
from .history import History, compare, marks
from .losses import Loss, cross_entropy, likelihood
from .memory import check_memory, free_bytes, recompute_layers, while_it_fits
from .reading import probabilities
from .state import State, new_state
from .student import answers_of
from .targets import check_targets
from .trackers import tracked


def finetune(
    model,
    texts,
    targets,
    config: TrainConfig,
    *,
    loss: Loss = cross_entropy,
    validation=None,
    checkpoint: str | Path | None = None,
    keep_checkpoint: bool = False,
    progress: bool | None = None,
    device: Device | None = None,
) -> History:
    """Trains `model` in place on soft labels, and leaves it on the device it trained on.

    model: see `training.student`; parameters that need no gradient stay as they are. targets: P(label 1),
    (n,). A model with more than two answers (`answers = "many"`) has (n, answers), where an example with
    fewer has zeros after its last; one that writes (`answers = "text"`) has texts. validation: (texts,
    targets), for the history and for early stopping.

    checkpoint: a file to resume from, when it exists and is of this very run, and to write every
    `checkpoint_every` steps. It is removed at the end, or kept (`keep_checkpoint`), for a stage after this
    one. A run killed and started again on the same machine ends with the same weights, to the last bit.

    Raises ValueError for bad texts or targets, MemoryError for a model that is too large, and
    FloatingPointError when the loss is no longer finite.
    """
    began, device = time.perf_counter(), device or pick_device()
    if answers_of(model) == "text":
        texts, targets, loss = _written(model, texts, targets, loss, validation)
    _place(model, config, device)
    data, targets = _examples(model, texts, targets, device)
    held_out = _held_out(model, validation, config, device)
    per_epoch, total = _steps(config, len(data))
    state = new_state(model, config, device, total, config.token_budget or data.area, began)
    identity = _identity(config, loss, state, data, targets, held_out) if checkpoint else ""
    goal, recorded = torch.from_numpy(targets).to(device.device), marks(config, per_epoch, total)

    with _random_numbers(config.seed, device), tracked(config) as send:
        if checkpoint:
            checkpoints.resume(checkpoint, identity, state, device.device)
        batches = training_batches(data, goal, config, state.step, total)
        for batch in _bar(batches, state.step, total, progress):
            lr = learning_rate(config, state.step, total)
            backward = partial(gradients, model, loss, batch, state.step / total, device, state.scaler)
            value, state.budget = while_it_fits(backward, state.budget, batch.ids.numel(), batch.ids.shape[1])
            state.clip(config.max_grad_norm)
            state.update(lr)
            state.losses.append(value)  # a tensor: reading its number now would make each step wait for it
            if state.step in recorded:
                send(_record(state, lr, per_epoch, config, partial(_validate, model, held_out, device)))
            if checkpoint and checkpoints.due(state.step, total, config.checkpoint_every, keep_checkpoint):
                checkpoints.write(checkpoint, identity, state, device.device)

    state.load_best()
    model.zero_grad()
    if checkpoint and not keep_checkpoint and leads():
        Path(checkpoint).unlink(missing_ok=True)
    state.clock()
    return state.history


# ------------------------------------------------------------------------------------- before the first step
def _written(model, prompts, answers, loss: Loss, validation) -> tuple:
    """Texts, targets and loss of a model that writes.

    Raises ValueError for another loss and for validation, which such a model cannot have.
    """
    if loss is not cross_entropy or validation is not None:
        raise ValueError(
            "a model that writes learns naively, without validation: "
            "losses that compare answers need a few to choose from"
        )
    return *model.pairs(prompts, answers), likelihood


def _place(model, config: TrainConfig, device: Device) -> None:
    """Puts the model on its device, if there is room for its training."""
    check_memory(model, free_bytes(device.device))
    resting(model, device)
    if config.recompute:
        recompute_layers(model)


def _examples(model, texts, targets, device: Device, **checks) -> tuple[Encoded, np.ndarray]:
    """Texts as token ids, and their targets, checked; `checks` are options of `check_targets`."""
    targets = check_targets(targets, len(texts), choices=answers_of(model) != "two", **checks)
    return encode(model, texts, device.device), targets


def _held_out(model, validation, config: TrainConfig, device: Device) -> tuple[Encoded, np.ndarray] | None:
    """The examples of `validation`, or None.

    Raises ValueError where early stopping has none.
    """
    if validation is not None:
        texts, targets = validation
        return _examples(model, texts, targets, device, name="validation targets", constant=True)
    if config.early_stopping != "none":
        raise ValueError(f"early_stopping={config.early_stopping!r} needs validation=(texts, targets)")
    return None


def _steps(config: TrainConfig, n: int) -> tuple[int, int]:
    """How many steps an epoch on `n` examples takes, and how many there are in all."""
    per_epoch = math.ceil(n / config.batch_size)
    check_team(n // per_epoch)
    return per_epoch, max(1, round(per_epoch * config.epochs))


def _identity(config: TrainConfig, loss: Loss, state: State, data: Encoded, targets, held_out) -> str:
    """What tells this run's checkpoint from another run's."""
    watched = held_out[1] if held_out else np.zeros(0)
    ids = data.flat.cpu().numpy()  # `data.sizes` tell where each text ends
    return checkpoints.identify(decisive(config), loss, state.weights, ids, data.sizes, targets, watched)


# ------------------------------------------------------------------------------------------ around the steps
@contextlib.contextmanager
def _random_numbers(seed: int, device: Device) -> Iterator[None]:
    """A loss may draw random numbers: they are seeded here, and the caller's generator stays as it was."""
    with torch.random.fork_rng([device.device] if device.device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield


def _bar(batches: Iterable, start: int, total: int, progress: bool | None) -> Iterable:
    """`batches` with a progress bar, for runs of more than two seconds."""
    hidden = progress is False or not leads() or bool(os.environ.get("TQDM_DISABLE"))
    return tqdm(batches, "finetuning", total, initial=start, delay=2, leave=False, disable=hidden)


def _validate(model, held_out: tuple[Encoded, np.ndarray] | None, device: Device) -> dict[str, float]:
    """How well the model does on validation; nothing without it."""
    return compare(probabilities(model, held_out[0], device), held_out[1]) if held_out else {}


def _record(
    state: State, lr: float, per_epoch: int, config: TrainConfig, validate: Callable[[], dict[str, float]]
) -> dict:
    """Adds a row to history, and keeps the weights where early stopping finds it the best so far."""
    row = dict(step=state.step, epoch=state.step / per_epoch, loss=state.mean_loss(), lr=lr) | validate()
    if config.early_stopping != "none" and state.history.improves(row):
        state.keep_best()
    state.history.rows.append(row)
    return row
