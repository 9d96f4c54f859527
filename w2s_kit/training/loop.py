"""The one finetuning loop. Every supervisor, student and ceiling goes through it.

Texts are read once, and lie on the device end to end, so that one long text costs its own tokens only. A
batch is padded when it is taken, and is as wide as its own longest text. Dropout is off (`model.eval()`), as
in the released code: runs are short, and with it off nothing but the batch order is random. Notebook 01
writes the loop out in ten lines.
"""

from __future__ import annotations

import itertools
import math
import os
import time
from dataclasses import asdict, dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm.auto import tqdm

from ..shared.processes import leads, team, wait
from . import checkpoints
from .batches import encode, epoch_batches
from .config import HARMLESS, TrainConfig, learning_rate
from .device import Device, pick_device
from .gradients import gradients
from .losses import Loss, cross_entropy, likelihood
from .memory import check_memory, free_bytes, recompute_layers, while_it_fits
from .reading import probabilities
from .targets import check_targets


@dataclass
class History:
    """What happened. `rows`: dicts of step, epoch, loss (mean since the row before), lr, and with validation
    its loss and agreement. `best_step` is the step whose weights were kept, when early stopping is on.
    """

    rows: list[dict] = field(default_factory=list)
    steps: int = 0
    seconds: float = 0.0  # a resumed run counts what it spent before the kill, up to its checkpoint
    best_step: int | None = None
    device: str = ""  # where it ran, and why

    def table(self):
        """`rows` as a DataFrame."""
        import pandas as pd

        return pd.DataFrame(self.rows)


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
    """Trains `model` in place on soft labels `targets` (n,), P(label 1), and leaves it on the device it
    trained on.

    model: a module with `forward(ids, lengths) -> logits (n, 2)`, `tokenizer` and `pad_id`; parameters that
    need no gradient stay as they are. A model that chooses among more answers says so by `choices = True`;
    its logits and targets are (n, answers), where an example with fewer answers has zeros after its last. A
    model that writes its answer (`writes = True`, see `writing`) has texts for targets. validation: (texts,
    targets), for the history and for early stopping. checkpoint: a file to resume from, when it exists and is
    of this very run, and to write every `checkpoint_every` steps; removed at the end, or kept
    (`keep_checkpoint`), for a stage after this one. A run killed and started again on the same machine ends
    with the same weights, to the last bit. Raises ValueError for bad texts or targets, FloatingPointError
    when the loss is no longer finite.
    """
    began, device = time.perf_counter(), device or pick_device()
    if getattr(model, "writes", False):
        if loss is not cross_entropy or validation is not None:
            raise ValueError(
                "a model that writes learns naively, without validation: losses that compare answers need a few to choose from"
            )
        texts, targets = model.pairs(texts, targets)
        loss = likelihood
    check_memory(model, free_bytes(device.device))
    model.to(device.device).eval()
    if config.recompute:
        recompute_layers(model)
    choices = getattr(model, "choices", False)
    targets = check_targets(targets, len(texts), choices=choices)
    data, goal = encode(model, texts, device.device), torch.from_numpy(targets).to(device.device)
    held_out, held_out_goal = None, np.zeros(0)
    if validation is not None:
        held_out = encode(model, validation[0], device.device)
        held_out_goal = check_targets(
            validation[1], len(held_out), "validation targets", constant=True, choices=choices
        )
    elif config.early_stopping != "none":
        raise ValueError(f"early_stopping={config.early_stopping!r} needs validation=(texts, targets)")
    weights = {name: p for name, p in model.named_parameters() if p.requires_grad}
    if not weights:
        raise ValueError("the model has no parameter to train: none requires a gradient")
    optimizer = torch.optim.AdamW(
        weights.values(), lr=config.lr, weight_decay=config.weight_decay, fused=True
    )
    scaler = torch.amp.GradScaler(device.device.type, enabled=device.dtype == torch.float16)

    per_epoch = math.ceil(len(data) / config.batch_size)
    if team() and len(data) // per_epoch < team().num_processes:
        raise ValueError(
            f"{team().num_processes} processes cannot share a batch of {len(data) // per_epoch}: start fewer, or raise batch_size"
        )
    total = max(1, round(per_epoch * config.epochs))
    marks = {
        round(k * config.eval_every * per_epoch)
        for k in range(1, math.ceil(config.epochs / config.eval_every))
    } | {total}
    history, losses, best = History(steps=total, device=device.why), [], {}
    budget, start = config.token_budget or data.area, 0
    if checkpoint:
        harmless: dict[str, Any] = {f.name: f.default for f in fields(config) if f.name in HARMLESS}
        decisive = replace(config, **harmless)
        read = (data.flat.cpu().numpy(), data.sizes)  # the ids, and where each text ends
        identity = checkpoints.identify(decisive, loss, weights, *read, targets, held_out_goal)

    # a loss may draw random numbers: seeded here, and the caller's generator stays as it was
    with torch.random.fork_rng([device.device] if device.device.type == "cuda" else []):
        torch.manual_seed(config.seed)
        if checkpoint and (saved := checkpoints.load(checkpoint, identity)):
            state, tensors = saved
            start, budget, history = state["step"], state["budget"], History(**state["history"])
            began -= history.seconds
            best, losses = checkpoints.restore(tensors, weights, optimizer, device.device)
            scaler.load_state_dict(state["scaler"])

        stream = (
            batch
            for epoch in range(math.ceil(config.epochs))
            for batch in epoch_batches(data, goal, config, epoch)
        )
        stream = itertools.islice(stream, start, total)
        bar = tqdm(
            stream,
            "finetuning",
            total,
            initial=start,
            delay=2,
            leave=False,
            disable=progress is False or not leads() or bool(os.environ.get("TQDM_DISABLE")),
        )
        for step, (sizes, ids, lengths, wanted) in enumerate(bar, start):
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(config, step, total)
            backward = partial(
                gradients, model, loss, ids, lengths, wanted, step / total, device, scaler, sizes
            )
            value, budget = while_it_fits(backward, budget, ids.numel(), ids.shape[1])
            if config.max_grad_norm < math.inf:
                scaler.unscale_(optimizer)
                torch.nn.utils.clip_grad_norm_(weights.values(), config.max_grad_norm)
            scaler.step(optimizer)
            scaler.update()
            losses.append(value)  # a tensor: reading its number now would make every step wait for the device

            done = step + 1
            if done in marks:
                row = dict(
                    step=done,
                    epoch=done / per_epoch,
                    loss=torch.stack(losses).mean().item(),
                    lr=learning_rate(config, step, total),
                )
                losses.clear()
                if not math.isfinite(row["loss"]):
                    raise FloatingPointError(
                        f"the loss is {row['loss']} by step {done}; try a learning rate below {config.lr:g}"
                    )
                if held_out:
                    row |= _compare(probabilities(model, held_out, device), held_out_goal)
                    if config.early_stopping != "none" and all(
                        row["agreement"] > r["agreement"] for r in history.rows
                    ):
                        history.best_step = done
                        best = {name: p.detach().to("cpu", copy=True) for name, p in weights.items()}
                history.rows.append(row)
            due = done % (config.checkpoint_every or total) == 0 and done < total
            if checkpoint and (due or keep_checkpoint and done == total):
                history.seconds = time.perf_counter() - began
                state = dict(
                    identity=identity,
                    step=done,
                    budget=budget,
                    history=asdict(history),
                    scaler=scaler.state_dict(),
                )
                if leads():
                    checkpoints.save(
                        checkpoint,
                        state,
                        checkpoints.snapshot(weights, optimizer, best, losses, device.device),
                    )
                wait()

    with torch.no_grad():
        for name, tensor in best.items():
            weights[name].copy_(tensor)
    model.zero_grad()
    if checkpoint and not keep_checkpoint and leads():
        Path(checkpoint).unlink(missing_ok=True)
    history.seconds = time.perf_counter() - began
    return history


def _compare(p: np.ndarray, goal: np.ndarray) -> dict[str, float]:
    if goal.ndim == 2:
        width = max(p.shape[1], goal.shape[1])
        p, goal = (np.pad(a, ((0, 0), (0, width - a.shape[1]))) for a in (p, goal))
        return {
            "agreement": float(np.mean(p.argmax(axis=1) == goal.argmax(axis=1))),
            "validation_loss": float(-np.mean((goal * np.log(p.clip(1e-7))).sum(axis=1))),
        }
    inner = p.clip(1e-7, 1 - 1e-7)
    return {
        "agreement": float(np.mean((p > 0.5) == (goal > 0.5))),
        "validation_loss": float(-np.mean(goal * np.log(inner) + (1 - goal) * np.log1p(-inner))),
    }
