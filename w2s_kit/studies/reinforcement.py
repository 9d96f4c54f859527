"""Reinforcement learning from rewards that may be wrong, on sums (notebook 28).

A writer solves each problem several times, a reward says how good each solution is, and a group-relative
policy gradient (GRPO: Shao et al. 2024, 2402.03300) makes the better ones of each group likelier:

    advantage = (reward - mean of the group) / standard deviation of the group
    loss      = - mean over all tokens of advantage * log p(token)

One step a batch, so the ratio of that article's equation 3 is 1 and nothing is clipped; there is no KL term.
Who rewards is the question: the truth, the truth with noise, the group's own majority, or reward models that
have seen easy problems only. For real models there is `studies.grpo`, which does the same through TRL.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from operator import attrgetter
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch.nn.utils import clip_grad_norm_
from torch.nn.utils.rnn import pad_sequence
from tqdm.auto import tqdm

from ..models.generation import sample_ids, texts_of
from ..models.writer import Writer
from ..tasks import sums
from ..training import checkpoints
from ..training.device import Device, resting
from .easy_to_hard import solutions
from .rewards import Reward, by_majority, by_truth


@dataclass(frozen=True)
class PolicyConfig:
    """How a writer learns from rewards.

    Fields:

        steps       of the optimizer; each draws new solutions
        problems    in a batch
        each        solutions of a problem: the group
        lr          constant. Three times as much learns faster and drifts; ten times as much breaks the
                    writer
        longest     tokens of a solution
        seed        decides problems, solutions and the noise of rewards
    """

    steps: int = 60
    problems: int = 16
    each: int = 8
    lr: float = 3e-4
    longest: int = 34
    seed: int = 0

    def rng(self, step: int) -> random.Random:
        """What decides the problems of a step, and the noise of their rewards."""
        return random.Random(f"reinforce-{self.seed}-{step}")


def advantages(rewards) -> np.ndarray:
    """How far each reward is above its group's mean, in standard deviations of the group, (groups, each).

    0 for a group whose rewards are all the same: it teaches nothing.
    """
    rewards = np.asarray(rewards, float)
    return (rewards - rewards.mean(axis=1, keepdims=True)) / (rewards.std(axis=1, keepdims=True) + 1e-4)


def policy_loss(log_p: torch.Tensor, advantage: torch.Tensor, written: torch.Tensor) -> torch.Tensor:
    """Minus the mean over all written tokens of advantage times log p(token).

    log_p and `written` are (rows, time), and `written` is True where the model wrote the token; advantage is
    (rows,). Its gradient is that of the expected reward, up to a factor for each group (see `advantages`).
    """
    return -(advantage[:, None] * log_p * written).sum() / written.sum()


def padded(
    writer: Writer, prompts: Sequence[str], answers: Sequence[Sequence[int]], each: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """What `writer` reads to learn from its own answers, `each` of them to a prompt, as tokens.

    Tokens of prompts and answers with padding after them (rows, time), their lengths (rows,), and where the
    writer wrote, True or False (rows, time).
    """
    asked = [row for row in writer.tokenizer(list(prompts))["input_ids"] for _ in range(each)]
    rows = [torch.tensor([*prompt, *answer]) for prompt, answer in zip(asked, answers, strict=True)]
    device = next(writer.parameters()).device
    ids = pad_sequence(rows, batch_first=True, padding_value=writer.pad_id).to(device)
    starts, lengths = (torch.tensor(list(map(len, of)), device=device) for of in (asked, rows))
    place = torch.arange(ids.shape[1], device=device)
    return ids, lengths, (place >= starts[:, None]) & (place < lengths[:, None])


def reinforce(
    writer: Writer,
    draw: Callable[[int, random.Random], Sequence],
    reward: Reward,
    config: PolicyConfig | None = None,
    *,
    truth: Reward | None = None,
    prompt: Callable[..., str] = attrgetter("text"),
    measure: Callable[[Writer], dict] | None = None,
    every: int = 20,
    checkpoint: str | Path | None = None,
    progress: bool | None = None,
) -> list[dict]:
    """Trains `writer` in place on what `reward` likes, and returns a row a step.

    draw: (n, rng) -> n problems. prompt: the text of a problem, as the writer gets it. truth: another reward,
    which is looked at and not learned from. measure: called with the writer before the first step and after
    each `every`; its numbers stand in the row of that step. A row has `step`, and from step 1 on `reward` and
    `truth` (means), `useful` (share of groups whose rewards differ) and `surprise` (mean of -log p of written
    tokens, in nats).

    checkpoint: a file to resume from, written every `every` steps and removed at the end. A run killed and
    started again on the same machine ends with the same weights; `_identity` tells runs apart. Raises
    ValueError for rewards of another shape, or that are not finite.
    """
    config = config or PolicyConfig()
    device, optimizer = resting(writer), torch.optim.Adam(writer.parameters(), config.lr, betas=(0.9, 0.99))
    weights = dict(writer.named_parameters())
    identity = _identity(config, reward, draw, prompt, weights) if checkpoint else ""
    rows = _resume(checkpoint, identity, weights, optimizer) if checkpoint else []
    if not rows:
        rows = [{"step": 0} | (measure(writer) if measure else {})]
    quiet = not progress if progress is not None else bool(os.environ.get("TQDM_DISABLE"))
    for step in tqdm(range(len(rows), config.steps + 1), "reinforcing", disable=quiet, delay=2, leave=False):
        rng = config.rng(step)
        problems = draw(config.problems, rng)
        prompts = list(map(prompt, problems))
        answers = sample_ids(
            writer,
            prompts,
            config.each,
            seed=rng.randrange(2**31),
            longest=config.longest,
            batch_size=config.problems * config.each,
        )
        texts = texts_of(writer, answers)
        rewards, means = rewarded(texts, problems, config.each, reward, truth, rng)
        row = {"step": step} | means
        row["surprise"] = _step(
            writer, optimizer, padded(writer, prompts, answers, config.each), rewards, device
        )
        if measure and (step % every == 0 or step == config.steps):
            row |= measure(writer)
        rows.append(row)
        if checkpoint and step % every == 0 and step < config.steps:
            _write(checkpoint, identity, weights, optimizer, rows)
    if checkpoint:
        Path(checkpoint).unlink(missing_ok=True)
    return rows


def _step(writer: Writer, optimizer, read: tuple, rewards: np.ndarray, device: Device) -> float:
    """One step of the optimizer; returns the mean of -log p of the written tokens before it."""
    ids, lengths, written = read
    advantage = torch.tensor(advantages(rewards).ravel(), dtype=torch.float32, device=ids.device)
    with device.autocast():
        log_p = writer(ids, lengths)
    optimizer.zero_grad()
    policy_loss(log_p, advantage, written).backward()
    clip_grad_norm_(writer.parameters(), 1.0)
    optimizer.step()
    return float(-(log_p.detach() * written).sum() / written.sum())


def rewarded(
    texts: Sequence[str],
    problems: Sequence,
    each: int,
    reward: Reward,
    truth: Reward | None,
    rng: random.Random,
) -> tuple[np.ndarray, dict]:
    """(rewards (problems, each), what a row says of them: `reward`, `truth` and `useful`).

    texts: the solutions, (problems * each,), those of a problem next to each other. Raises ValueError for
    rewards of another shape, or that are not finite.
    """
    solved = [texts[i : i + each] for i in range(0, len(texts), each)]
    rewards = _rewards(reward, problems, solved, rng)
    row = {"reward": float(rewards.mean())}
    if truth is not None:
        row["truth"] = float(_rewards(truth, problems, solved, rng).mean())
    return rewards, row | {"useful": float((rewards.std(axis=1) > 1e-6).mean())}


def _rewards(reward: Reward, problems, solutions, rng: random.Random) -> np.ndarray:
    rewards = np.asarray(reward(problems, solutions, rng), float)
    if rewards.shape != (len(problems), len(solutions[0])) or not np.isfinite(rewards).all():
        raise ValueError(
            f"{_name(reward)} should give one finite number a solution, "
            f"{(len(problems), len(solutions[0]))}, but gave {rewards.shape}"
            + ("" if np.isfinite(rewards).all() else ", not all finite")
        )
    return rewards


def _name(reward) -> str:
    return getattr(reward, "__qualname__", type(reward).__name__)


def _identity(config: PolicyConfig, reward, draw, prompt, weights: dict) -> str:
    """A digest of what makes a run: settings, weights, the reward's name, and the first problems.

    A checkpoint of another run is not read, and a warning says so. `draw` is called once more for it.
    """
    first = map(prompt, draw(config.problems, config.rng(1)))
    return checkpoints.identify((asdict(config), _name(reward), *first), policy_loss, weights)


def _write(path, identity: str, weights: dict, optimizer, rows: list[dict]) -> None:
    tensors = {f"weights.{name}": p.detach() for name, p in weights.items()}
    checkpoints.save(path, {"identity": identity, "rows": rows}, tensors | checkpoints.moments(optimizer))


@torch.no_grad()
def _resume(path, identity: str, weights: dict, optimizer) -> list[dict]:
    """The rows so far of this very run, whose weights and moments are put back; [] where there is none."""
    saved = checkpoints.load(path, identity)
    if saved is None:
        return []
    facts, tensors = saved
    for name, p in weights.items():
        p.copy_(tensors[f"weights.{name}"])
    checkpoints.put_back(optimizer, tensors)
    return facts["rows"]


# ---- what came of it ---------------------------------------------------------------------------------
def shares(
    writer: Writer, problems: Sequence[sums.Problem], each: int = 4, seed: int = 0, before: str = ""
) -> dict[str, float]:
    """How a writer does on problems, drawn `each` times, as shares.

    before: what stands before each problem, as in `easy_to_hard.solutions`.

    right       solutions with the right answer
    sound       solutions without a wrong line
    any         problems that one solution or more gets right
    majority    problems whose most frequent answer is right
    copying, calculation, form, close    solutions whose first wrong line has this fault
    """
    texts = solutions(writer, problems, each, seed, before)
    checked = [sums.check(problem, one) for problem, many in zip(problems, texts) for one in many]
    right = by_truth(problems, texts)
    most = by_majority(problems, texts) & right
    faults = Counter(one.fault for one in checked)
    return {
        "right": float(right.mean()),
        "sound": faults[""] / len(checked),
        "any": float(right.any(axis=1).mean()),
        "majority": float(most.any(axis=1).mean()),
        **{fault: faults[fault] / len(checked) for fault in sums.FAULTS},
    }


def saturated(rewards, window: int = 5, near: float = 0.1) -> float:
    """When a reward is nearly as high as it gets, as a share of all steps, from 0 to 1.

    rewards: of each step, in order, smoothed by the mean of the last `window`. It is the first step at which
    less than the share `near` of the rise to the highest is missing; it may fall later. NaN where it does not
    rise.
    """
    smooth = pd.Series(rewards).rolling(window).mean().dropna().to_numpy()
    rise = smooth.max() - smooth[0]
    if rise <= 0:
        return float("nan")
    return float(np.argmax(smooth >= smooth.max() - near * rise) / (len(smooth) - 1))


def erring(problem: sums.Problem, rng: random.Random, rate: float = 0.5) -> str:
    """A solution that is wrong on purpose: each step is a mistake with probability `rate`."""
    wrong = lambda value, operation: sums.mistake(value, operation, rng)
    return sums.written(
        problem.worked(
            lambda value, operation: (wrong if rng.random() < rate else sums.calculate)(value, operation)
        )
    )
