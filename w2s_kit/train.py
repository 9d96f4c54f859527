"""The one finetuning loop. Every supervisor, student and ceiling goes through it.

Texts are read once, and lie on the device end to end, so that one long text costs its own tokens only. A
batch is padded when it is taken, and is as wide as its own longest text. Dropout is off (`model.eval()`), as
in the released code: runs are short, and with it off nothing but the batch order is random. Notebook 01
writes the loop out in ten lines.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import os
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from tqdm.auto import tqdm

from . import checkpoints
from .losses import Loss, cross_entropy, likelihood
from .memory import check_memory, free_bytes
from .shared.names import nearest
from .shared.processes import leads, team, wait

SCHEDULES = {
    "cosine": lambda done: 0.5 * (1 + math.cos(math.pi * done)),
    "linear": lambda done: 1 - done,
    "constant": lambda done: 1.0,
}
STOPPING = ("none", "weak", "ground_truth")
# of TrainConfig: they change how a run is computed, and not its result
HARMLESS = ("checkpoint_every", "token_budget", "recompute")
NEVER = -1e9  # the logit of an answer that an example does not have


@dataclass(frozen=True)
class TrainConfig:
    lr: float  # peak learning rate; it depends on the model's size, so there is no default
    epochs: float = 2  # the paper's, for NLP
    batch_size: int = 32  # the paper's; no batch is larger, and all are of nearly equal size
    warmup: float = 0.0  # share of steps with rising learning rate; the released code has none
    schedule: str = "cosine"  # cosine to zero in the released code; or linear, or constant
    weight_decay: float = 0.0  # none in the released code
    max_grad_norm: float = 1.0  # keeps one odd batch from ruining a short run; math.inf turns it off
    seed: int = 0  # decides the order of the batches, nothing else
    # tokens on the device at a time, padding included; None: the whole batch. Changes memory, not results
    token_budget: int | None = None
    # layers compute their insides again for the gradient instead of keeping them: a third slower, less memory
    recompute: bool = False
    # batches sorted by length together. 1: plain random batches, more padding, no likeness within a batch
    pool: int = 16
    eval_every: float = 0.25  # in epochs: one row of history each
    # keep the best weights by agreement with `validation`: "weak" labels, or "ground_truth",
    early_stopping: str = "none"
    # which is illegitimate (a weak supervisor has none) and only shows what was to be gained
    checkpoint_every: int = 0  # in steps; 0 writes none. Worth its time for runs of many minutes

    def __post_init__(self):
        least = dict(
            lr=0, epochs=0, batch_size=1, warmup=0, weight_decay=0, token_budget=1, pool=1, checkpoint_every=0
        )
        for name, lowest in least.items():
            value = getattr(self, name)
            if value is not None and not lowest <= value < math.inf:
                raise ValueError(f"{name} must be a finite number, at least {lowest}, but is {value}")
        if self.warmup > 1 or not min(self.epochs, self.eval_every, self.max_grad_norm) > 0:
            raise ValueError(
                f"warmup is at most 1; epochs, eval_every and max_grad_norm are above 0; got {self}"
            )
        if self.schedule not in SCHEDULES:
            raise ValueError(nearest("schedule", self.schedule, SCHEDULES))
        if self.early_stopping not in STOPPING:
            raise ValueError(nearest("early_stopping", self.early_stopping, STOPPING))


def learning_rate(config: TrainConfig, step: int, total: int) -> float:
    """That of step 0 <= step < total."""
    rising = round(config.warmup * total)
    if step < rising:
        return config.lr * (step + 1) / rising
    return config.lr * SCHEDULES[config.schedule]((step - rising) / max(1, total - rising))


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


@dataclass(frozen=True)
class Device:
    device: torch.device
    dtype: torch.dtype  # of the arithmetic; weights and optimizer stay in float32
    why: str  # one sentence, for the reader

    def autocast(self):
        return (
            torch.autocast(self.device.type, self.dtype)
            if self.dtype != torch.float32
            else contextlib.nullcontext()
        )


def pick_device(kind: str = "auto") -> Device:
    """The one place that decides where to compute and how precisely. `kind`: "auto", "cpu" or "cuda"."""
    if kind not in ("auto", "cpu", "cuda"):
        raise ValueError(nearest("device", kind, ("auto", "cpu", "cuda")))
    team()  # gives each of several processes a GPU of its own
    if kind == "cpu" or not torch.cuda.is_available():
        if kind == "cuda":
            raise ValueError("device 'cuda' was asked for, but PyTorch sees no GPU; use 'auto' or 'cpu'")
        reason = "as asked" if kind == "cpu" else "PyTorch sees no GPU"
        return Device(torch.device("cpu"), torch.float32, f"float32 on the CPU: {reason}")
    capability, gpu = torch.cuda.get_device_capability(), torch.cuda.get_device_name()
    # torch.cuda.is_bf16_supported() also counts slow emulation, so the hardware is asked
    if capability >= (8, 0):
        return Device(
            torch.device("cuda"),
            torch.bfloat16,
            f"bfloat16 on {gpu}: as wide a range as float32, at half the memory",
        )
    return Device(
        torch.device("cuda"),
        torch.float16,
        f"float16 with scaled gradients on {gpu}: this GPU has no bfloat16",
    )


@dataclass(frozen=True)
class Encoded:
    """Texts as token ids, end to end, without padding: memory follows their tokens, not the longest of them.

    flat: (tokens,) int32, on the device, the ids of row 0, then of row 1, ... starts, lengths: (n,), on the
    device, where each row begins and how long it is. sizes: (n,), the lengths again, on the CPU, so that no
    batch waits for the device.
    """

    flat: torch.Tensor
    starts: torch.Tensor
    lengths: torch.Tensor
    sizes: np.ndarray
    pad_id: int

    def __len__(self) -> int:
        return len(self.sizes)

    @property
    def area(self) -> int:
        """How many tokens all rows would be in one batch, padding included."""
        return len(self) * int(self.sizes.max())

    @property
    def ids(self) -> torch.Tensor:
        """All rows as one batch, (n, longest) int64, made anew each time: for few texts."""
        return next(self.batches([np.arange(len(self))]))[1]

    def rows(self) -> list[np.ndarray]:
        """The ids of each row, without padding, on the CPU."""
        return np.split(self.flat.cpu().numpy(), np.cumsum(self.sizes)[:-1])

    def batches(self, groups: list[np.ndarray]) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
        """For each group: its rows, their ids (batch, its longest), right-padded int64, and their lengths."""
        order = torch.from_numpy(np.concatenate(groups)).to(self.flat.device)
        starts, lengths = self.starts[order], self.lengths[order]
        columns, start = torch.arange(self.sizes.max(), device=self.flat.device), 0
        for rows in groups:
            place, column = slice(start, start + len(rows)), columns[: self.sizes[rows].max()]
            ids = self.flat.take((starts[place, None] + column).clamp_(max=len(self.flat) - 1))
            padding = column >= lengths[place, None]
            yield order[place], ids.masked_fill_(padding, self.pad_id).long(), lengths[place]
            start = place.stop


def encode(model, texts, device: torch.device) -> Encoded:
    """Tokenises with `model.tokenizer`, once. Raises ValueError for no texts, and for a row that is no text
    or has no tokens.
    """
    texts = list(texts)
    if not texts:
        raise ValueError("texts: there are none; is this split empty?")
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"texts: row {row} is {text!r}, not a string; drop or fill missing texts")
    rows = model.tokenizer(texts)["input_ids"]
    if (longest := getattr(model, "longest", None)) and any(len(row) > longest for row in rows):
        # passages stand in the middle: what is asked is at the end, and what for may be at the beginning
        half = longest // 2
        rows = [row if len(row) <= longest else [*row[: longest - half], *row[-half:]] for row in rows]
    sizes = np.fromiter(map(len, rows), np.int64, len(rows))
    if not sizes.all():
        raise ValueError(f"texts: row {np.argmin(sizes)} has no tokens; drop empty texts")
    flat = np.fromiter(itertools.chain.from_iterable(rows), np.int32, sizes.sum())
    arrays = (flat, np.cumsum(sizes) - sizes, sizes)
    ids, starts, lengths = (torch.from_numpy(array).to(device) for array in arrays)
    return Encoded(ids, starts, lengths, sizes, model.pad_id)


def length_batches(sizes: np.ndarray, batch_size: int, pool: int, seed) -> list[np.ndarray]:
    """Rows of one epoch in batches of nearly equal size: shuffled, then sorted by length within pools of
    `pool` batches, so that little is padding; then the batches are shuffled. Every row is in exactly one
    batch.
    """
    rng, count = np.random.default_rng(seed), math.ceil(len(sizes) / batch_size)
    batch = np.arange(len(sizes)) * count // len(sizes)
    order = rng.permutation(len(sizes))
    # by pool, then by length; equal lengths stay shuffled
    order = order[np.lexsort((sizes[order], batch // pool))]
    batches = np.split(order, np.flatnonzero(np.diff(batch)) + 1)
    return [batches[i] for i in rng.permutation(count)]


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
        _recompute(model)
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
            batch for epoch in range(math.ceil(config.epochs)) for batch in _epoch(data, goal, config, epoch)
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
            value, budget = _while_it_fits(backward, budget, ids.numel(), ids.shape[1])
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
                    row |= _compare(_probabilities(model, held_out, device), held_out_goal)
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


def _recompute(model) -> None:
    """Transformers' layers forget their insides only while they are in training mode; what is in them,
    dropout too, stays as it is. Raises ValueError where no layer can.
    """
    from transformers.modeling_layers import GradientCheckpointingLayer

    backbone = getattr(model, "backbone", getattr(model, "model", model))
    layers = [module for module in backbone.modules() if isinstance(module, GradientCheckpointingLayer)]
    if not layers:
        raise ValueError(
            f"recompute=True: no layer of {type(backbone).__name__} can compute its insides again"
        )
    # the older name
    enable = (
        getattr(backbone, "activation_checkpointing_enable", None) or backbone.gradient_checkpointing_enable
    )
    enable({"use_reentrant": False})
    for layer in layers:
        layer.training = True


def gradients(
    model,
    loss: Loss,
    ids,
    lengths,
    targets,
    step_fraction: float,
    device: Device,
    scaler,
    sizes: np.ndarray,
    budget: int,
) -> torch.Tensor:
    """Leaves d loss / d weights of one batch in the weights' `.grad`, and returns the loss. `sizes` are
    `lengths` on the CPU.

    With a batch in parts, averaging their losses would be wrong for a loss that ranks the whole batch. So the
    logits of all rows come first, without a graph; then the loss's gradient at those logits; then every part
    runs again and carries its rows of that gradient back (the gradient cache of Gao et al. 2021): the batch's
    own gradient. It is the same with several processes.
    """
    model.zero_grad()
    together = team()  # each process takes every so many-th row, and with it its share of the lengths
    first, step = (together.process_index, together.num_processes) if together else (0, 1)
    rows = [
        slice(part[0], part[-1] + 1, step)
        for part in within(sizes, np.arange(first, len(sizes), step), budget)
    ]
    parts = [(ids[part, : sizes[part].max()], lengths[part]) for part in rows]
    forward = lambda part: model(*part).float()
    with device.autocast():
        if len(parts) == 1 and not together:
            logits = forward(parts[0])
        else:
            with torch.set_grad_enabled(len(parts) == 1):
                made = [forward(part) for part in parts]
            logits = _gathered(made, rows, len(sizes), together).requires_grad_()
        if targets.ndim == 2:  # as many answers as this batch has
            targets = _to_width(targets, logits.shape[1])
        value = loss(logits, targets, step_fraction)
        scaler.scale(value).backward()
        if logits.is_leaf and logits.grad is not None:
            for part, place, out in zip(parts, rows, made):
                out = out if len(parts) == 1 else forward(part)
                out.backward(logits.grad[place, : out.shape[1]])
    if together:
        for p in model.parameters():
            if p.grad is not None:
                p.grad = together.reduce(p.grad, "sum")
    return value.detach()


def _gathered(made: list[torch.Tensor], rows: list[slice], n: int, together) -> torch.Tensor:
    """(n, answers): the logits of all rows, those that other processes have made included, without a graph."""
    width = max(part.shape[1] for part in made)
    if together:
        width = int(together.gather(torch.tensor([width], device=made[0].device)).max())
    logits = made[0].new_zeros(n, width)
    for place, part in zip(rows, made):
        logits[place] = _to_width(part.detach(), width, NEVER)
    return together.reduce(logits, "sum") if together else logits


def predict(model, texts, token_budget: int = 16_384, device: Device | None = None) -> np.ndarray:
    """P(label 1), shape (n,), or with `model.choices` P(answer), shape (n, answers), in the order of `texts`.
    Runs where the model is, unless `device` is given.
    """
    device = device or pick_device(next(model.parameters()).device.type)
    model.to(device.device).eval()
    return _probabilities(model, encode(model, texts, device.device), device, token_budget)


def check_targets(
    targets, n: int, name: str = "targets", constant: bool = False, choices: bool = False
) -> np.ndarray:
    """`targets` as float32, (n,) or with `choices` (n, answers). Raises ValueError that names the row, and
    what to do about it.
    """
    array = np.asarray(targets, dtype=np.float32)
    if choices:
        if array.ndim != 2 or len(array) != n:
            raise ValueError(
                f"{name}: expected one distribution over answers a text, shape ({n}, answers), got shape {array.shape}"
            )
        bad = np.flatnonzero(~((array >= 0).all(axis=1) & (np.abs(array.sum(axis=1) - 1) < 1e-3)))
        if bad.size:
            raise ValueError(
                f"{name}: row {bad[0]} is no distribution (its sum is {array[bad[0]].sum():g}); {bad.size} row(s) to drop or mend"
            )
        return array
    if array.shape != (n,):
        raise ValueError(f"{name}: expected one P(label 1) a text, shape ({n},), got shape {array.shape}")
    bad = np.flatnonzero(~((array >= 0) & (array <= 1)))
    if bad.size:
        raise ValueError(
            f"{name}: row {bad[0]} is {array[bad[0]]:g}, but a soft label is a probability, in [0, 1]; "
            f"{bad.size} row(s) to drop or mend"
        )
    # soft labels on one side of 0.5 still say which are likelier
    if not constant and n and array.min() == array.max():
        raise ValueError(
            f"{name}: all {n} rows, from row 0 on, are {array[0]:g}: one class only, so nothing can be learned; "
            "balance the data, or look at the supervisor that wrote these labels"
        )
    return array


def _epoch(data: Encoded, goal: torch.Tensor, config: TrainConfig, epoch: int) -> Iterator[tuple]:
    groups = length_batches(data.sizes, config.batch_size, config.pool, (config.seed, epoch))
    for rows, (places, ids, lengths) in zip(groups, data.batches(groups)):
        yield data.sizes[rows], ids, lengths, goal[places]


def within(sizes: np.ndarray, order: np.ndarray, budget: int) -> list[np.ndarray]:
    """The rows in `order` as groups that take at most `budget` tokens each, padding included; a row that is
    longer stands alone.
    """
    groups, start, width = [], 0, 0
    for stop, size in enumerate(sizes[order].tolist()):
        width = max(width, size)
        if stop > start and width * (stop + 1 - start) > budget:
            groups.append(order[start:stop])
            start, width = stop, size
    return [*groups, order[start:]]


def _probabilities(model, data: Encoded, device: Device, token_budget: int = 16_384) -> np.ndarray:
    p = in_batches(
        lambda ids, lengths: model(ids, lengths).float().softmax(dim=1), data, device, token_budget
    )
    return p if getattr(model, "choices", False) else p[:, 1]


@torch.no_grad()
def in_batches(forward: Callable, data: Encoded, device: Device, token_budget: int = 16_384) -> np.ndarray:
    """`forward(ids, lengths)`, (batch, width), of all rows in their order, (n, widest), by batches of nearly
    equal length and at most `token_budget` tokens; fewer where memory is short. Rows of a narrower batch are
    filled with zeros.
    """
    order = np.argsort(data.sizes, kind="stable")

    def run(budget: int) -> np.ndarray:
        with device.autocast():
            parts = [
                forward(ids, lengths).float()
                for _, ids, lengths in data.batches(within(data.sizes, order, budget))
            ]
        # the last batch is the widest
        return torch.cat([_to_width(part, parts[-1].shape[1]) for part in parts]).cpu().numpy()

    found = _while_it_fits(run, token_budget, data.area, int(data.sizes.max()))[0]
    result = np.empty_like(found)
    result[order] = found
    return result


def _to_width(rows: torch.Tensor, width: int, filler: float = 0.0) -> torch.Tensor:
    """(n, answers) cut, or filled, to (n, width)."""
    return F.pad(rows, (0, width - rows.shape[1]), value=filler)


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


def _while_it_fits(
    run: Callable[[int], object], budget: int, tokens: int, longest: int
) -> tuple[object, int]:
    """(run(budget), budget) for the first of budget, half of it, ... that memory has room for. `tokens` are
    all there are to run, so a larger budget is no other; `longest` are those of one row, and with fewer at a
    time nothing is gained.
    """
    wanted = size = min(budget, tokens)
    while True:
        try:
            result = run(size)
        except RuntimeError as error:
            if not any(sign in str(error) for sign in ("out of memory", "can't allocate memory")):
                raise
            if team():
                raise RuntimeError(
                    f"out of memory with {size} tokens at a time, and one of several processes cannot try again alone: "
                    "start again with a smaller token_budget"
                ) from error
            if size <= longest:
                raise RuntimeError(
                    "out of memory even with one example at a time: let layers forget (recompute=True), shorten the texts, "
                    "train adapters (lora=8) or the head alone (linear_probe=True), or take a smaller model"
                ) from error
            size = max(longest, size // 2)
        else:
            if size == wanted:
                return result, budget
            warnings.warn(
                f"out of memory with {wanted} tokens at a time; {size} fit: slower, same results",
                stacklevel=3,
            )
            return result, size
        # out here, where the error no longer holds on to what it had allocated
        if torch.cuda.is_initialized():
            torch.cuda.empty_cache()
