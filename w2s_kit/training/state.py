"""A finetuning under way: all that a checkpoint keeps, so that a killed run can go on."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

import torch

from .config import TrainConfig
from .device import Device
from .history import History


@dataclass
class State:
    """What changes from step to step.

    Fields:

        weights      those that are trained, by name
        optimizer    AdamW
        scaler       of gradients in float16; does nothing in other precisions
        history      what is on record so far
        budget       tokens on the device at a time
        began        as `time.perf_counter` counts, less the seconds before a kill
        step         how many are done
        losses       since the last row of history
        best         weights that early stopping would keep
    """

    weights: dict[str, torch.nn.Parameter]
    optimizer: torch.optim.Optimizer
    scaler: torch.amp.GradScaler
    history: History
    budget: int
    began: float
    step: int = 0
    losses: list[torch.Tensor] = field(default_factory=list)
    best: dict[str, torch.Tensor] = field(default_factory=dict)

    def clock(self) -> None:
        """Writes down how long the run has taken."""
        self.history.seconds = time.perf_counter() - self.began

    def clip(self, max_norm: float) -> None:
        """Shortens the gradients of all weights together to `max_norm`; math.inf leaves them as they are."""
        if max_norm < math.inf:
            self.scaler.unscale_(self.optimizer)
            torch.nn.utils.clip_grad_norm_(self.weights.values(), max_norm)

    def update(self, lr: float) -> None:
        """One step of the optimizer with learning rate `lr`."""
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.step += 1

    def mean_loss(self) -> float:
        """The mean loss since the last row of history.

        Raises FloatingPointError when it is not finite.
        """
        loss = torch.stack(self.losses).mean().item()
        self.losses.clear()
        if not math.isfinite(loss):
            peak = self.optimizer.defaults["lr"]
            raise FloatingPointError(
                f"the loss is {loss} by step {self.step}; try a learning rate below {peak:g}"
            )
        return loss

    def keep_best(self) -> None:
        """Takes today's weights for the best so far."""
        self.history.best_step = self.step
        self.best = {name: p.detach().to("cpu", copy=True) for name, p in self.weights.items()}

    @torch.no_grad()
    def load_best(self) -> None:
        """Puts the best weights back into the model, if early stopping kept any."""
        for name, tensor in self.best.items():
            self.weights[name].copy_(tensor)


def new_state(model, config: TrainConfig, device: Device, steps: int, budget: int, began: float) -> State:
    """The state before the first of `steps`.

    Raises ValueError where no parameter of the model requires a gradient.
    """
    weights = {name: p for name, p in model.named_parameters() if p.requires_grad}
    if not weights:
        raise ValueError("the model has no parameter to train: none requires a gradient")
    optimizer = torch.optim.AdamW(
        weights.values(), lr=config.lr, weight_decay=config.weight_decay, fused=True
    )
    scaler = torch.amp.GradScaler(device.device.type, enabled=device.dtype == torch.float16)
    return State(weights, optimizer, scaler, History(steps=steps, device=device.why), budget, began)
