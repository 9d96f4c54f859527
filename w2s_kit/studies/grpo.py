"""Reinforcement learning from rewards for real models: `reinforcement.reinforce`, through TRL.

TRL's GRPOTrainer samples and trains. Problems, rewards and settings are ours, so a step is the same, but for
one number: TRL divides by the standard deviation of a sample, so advantages in a group of n are
sqrt((n - 1) / n) times ours. All gradients shrink by the same factor. Adam takes it out again, but for steps
whose gradient is cut to length 1.
"""

from __future__ import annotations

import copy
import inspect
import os
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import nn
from tqdm.auto import tqdm
from transformers import PreTrainedModel, PrinterCallback

from ..models.generation import plain, texts_of
from ..models.writer import Writer
from ..shared.names import pip
from ..shared.processes import team
from ..training.device import pick_device, resting
from .reinforcement import PolicyConfig, rewarded
from .rewards import Reward

# As `reinforce` trains. All are named, as TRL's defaults have changed before.
SAME = dict(
    # The mean over all tokens of a step, in however many pieces it is computed. "bnpo" takes the mean over
    # each piece, "grpo" that over each solution.
    loss_type="dapo",
    scale_rewards="group",
    beta=0.0,  # no KL term
    num_iterations=1,
    temperature=1.0,
    top_p=1.0,
    top_k=0,
    repetition_penalty=1.0,
    disable_dropout=True,
    gradient_checkpointing=False,
    optim="adamw_torch",
    weight_decay=0.0,  # without it, AdamW is Adam
    adam_beta1=0.9,
    adam_beta2=0.99,
    max_grad_norm=1.0,
    lr_scheduler_type="constant",
    shuffle_dataset=False,
    report_to="none",
    save_strategy="no",
    logging_steps=1,
    disable_tqdm=True,  # its bar prints twenty numbers a step
)


def grpo(
    writer: Writer,
    draw: Callable[[int, random.Random], Sequence],
    reward: Reward,
    config: PolicyConfig | None = None,
    *,
    truth: Reward | None = None,
    prompt: Callable[..., str | list[dict]] = attrgetter("text"),
    batch_size: int | None = None,
    out: str | Path | None = None,
    **options: Any,
) -> list[dict]:
    """Trains `writer` in place as `reinforce` does, on a GPU where there is one, and returns a row a step.

    draw, reward, truth: as in `reinforce`, which draws the same problems for the same seed. prompt may also
    give the messages of a chat, which TRL puts into the model's template. batch_size: how many solutions are
    trained on at a time, which the result does not depend on; without it, all of a step. out: a folder for
    the trained model, and for what else TRL writes; without it, nothing is kept. options: of TRL's
    GRPOConfig; they win over ours.

    A row has `step`, `reward`, `truth` and `useful` as in `reinforce`. In place of `surprise` it has
    `entropy`, that of the writer's next token, a mean in nats: the two are the same on average. The
    generators of Python, NumPy and PyTorch are set to the seed. Nothing can be resumed.

    Raises ImportError without trl. Raises ValueError for rewards of another shape, or that are not finite;
    for a batch_size that does not divide the solutions of a step; for a writer that is no language model of
    transformers; and in one of several processes.
    """
    config = config or PolicyConfig()
    settings = _settings(writer, config, batch_size)
    rngs = [config.rng(step) for step in range(1, config.steps + 1)]
    problems = [problem for rng in rngs for problem in draw(config.problems, rng)]
    rows: list[dict] = []

    def judge(completion_ids: list[list[int]], row: list[int], **others: Any) -> list:
        """What TRL learns from; it hands over the solutions of a whole step, group by group."""
        batch, rng = [problems[i] for i in row[:: config.each]], rngs[len(rows)]
        texts = texts_of(writer, completion_ids)
        rewards, means = rewarded(texts, batch, config.each, reward, truth, rng)
        rows.append({"step": len(rows) + 1} | means)
        bar.update()
        return rewards.ravel().tolist()

    quiet = bool(os.environ.get("TQDM_DISABLE"))
    bar = tqdm(total=config.steps, desc="reinforcing", disable=quiet, delay=2, leave=False)
    with TemporaryDirectory() as folder, _lent(writer.model), plain(writer.model), bar:
        asked = [{"prompt": prompt(problem), "row": i} for i, problem in enumerate(problems)]
        logs = _trained(writer, judge, {"output_dir": str(out or folder)} | settings | options, asked)
    for log in logs:
        if "entropy" in log:
            rows[int(log["step"]) - 1]["entropy"] = log["entropy"]
    if out:
        writer.model.save_pretrained(out)
        writer.tokenizer.save_pretrained(out)
    return rows


def _trained(writer: Writer, judge: Callable, settings: dict[str, Any], asked: list[dict]) -> list[dict]:
    """What TRL's trainer has logged. Raises ImportError without trl."""
    from datasets import Dataset

    try:
        from trl import GRPOConfig, GRPOTrainer
    except ImportError as error:
        raise ImportError(f"real models learn from rewards through trl: {pip('w2s_kit[rl]')}") from error

    class Trainer(GRPOTrainer):
        def _send_telemetry(self) -> None:
            """Nobody is told what is trained here."""

    trainer = Trainer(
        writer.model,
        judge,
        GRPOConfig(**settings),
        Dataset.from_list(asked),
        processing_class=copy.deepcopy(writer.tokenizer),  # TRL changes it
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    return trainer.state.log_history


def _settings(writer: Writer, config: PolicyConfig, batch_size: int | None) -> dict[str, Any]:
    """Those of GRPOConfig; the writer is put where it will train."""
    whole = config.problems * config.each
    batch_size = whole if batch_size is None else batch_size
    if batch_size < 1 or whole % batch_size:
        raise ValueError(f"batch_size {batch_size} should divide the {whole} solutions of a step")
    if not isinstance(writer.model, PreTrainedModel):
        raise ValueError(f"{type(writer.model).__name__} is no language model of transformers: load a writer")
    if team() is not None:
        raise ValueError("grpo trains in one process: start the script without accelerate launch")
    device = resting(writer, pick_device())
    return SAME | dict(
        max_steps=config.steps,
        num_generations=config.each,
        per_device_train_batch_size=batch_size,
        gradient_accumulation_steps=whole // batch_size,
        max_completion_length=config.longest,
        learning_rate=config.lr,
        seed=config.seed,
        use_cpu=device.device.type == "cpu",
        bf16=device.dtype == torch.bfloat16,
        fp16=device.dtype == torch.float16,
    )


@contextmanager
def _lent(model: PreTrainedModel) -> Iterator[None]:
    """Lends a model to TRL, and takes it back as it was, apart from its weights.

    TRL gives it another `forward`, which a copy of the model would share with it, and puts dropout off.
    """
    before, use_cache = set(vars(model)), model.config.use_cache
    dropout = {part: part.p for part in model.modules() if isinstance(part, nn.Dropout)}
    numbered = "position_ids" in inspect.signature(model.forward).parameters
    hook = model.register_forward_pre_hook(_number, with_kwargs=True) if numbered else None
    try:
        yield
    finally:
        if hook:
            hook.remove()
        for name in set(vars(model)) - before:
            delattr(model, name)
        for part, p in dropout.items():
            part.p = p
        model.config.use_cache = use_cache
        model.eval()


def _number(model: PreTrainedModel, args: tuple, inputs: dict) -> tuple[tuple, dict]:
    """Numbers the tokens of a text from 0 on.

    TRL pads texts at the left and leaves the numbers to the model. Models that learn a vector for each place,
    as GPT-2, then count the padding, and learn from texts that they have not written.
    """
    mask = inputs.get("attention_mask")
    if inputs.get("position_ids") is None and mask is not None and mask.shape == inputs["input_ids"].shape:
        inputs["position_ids"] = (mask.cumsum(-1) - 1).clamp(min=0)
    return args, inputs
