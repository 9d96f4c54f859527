"""Writers that learn from easy sums, and reward models of their solutions (Sun et al. 2024, 2403.09472).

Notebooks 21 and 28. A writer learns from true solutions of easy problems. Reward models learn from its own
solutions of other easy problems, with exact labels: one a solution (outcome), or one a step (process).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

import numpy as np

from ..models.families import load_family
from ..models.generation import sample
from ..models.loading import load_classifier, load_model
from ..models.writer import Writer
from ..tasks import sums
from ..training.config import TrainConfig
from ..training.loop import finetune

GENTLE = 3e-4  # a writer's learning rate: at the reward models' it forgets how to write long solutions
EPOCHS = 4  # of reward models; chosen, as the rate, on held-out easy problems


def draw(n: int, levels: Sequence[int], rng: random.Random) -> list[sums.Problem]:
    """`n` problems, of the levels in turn."""
    return [sums.draw(levels[i % len(levels)], rng) for i in range(n)]


def taught(
    size: str,
    prompts: Sequence[str],
    solutions: Sequence[str],
    seed: int,
    lr: float = GENTLE,
    epochs: float = 2,
) -> Writer:
    """A writer of the family "sums", finetuned on solutions."""
    writer = Writer(*load_model(load_family("sums")[size]))
    finetune(writer, prompts, solutions, TrainConfig(lr=lr, epochs=epochs, seed=seed), progress=False)
    return writer


def generator(size: str, problems: Sequence[sums.Problem], seed: int) -> Writer:
    """A writer that has learned the true solutions of `problems`."""
    return taught(size, [p.text for p in problems], [p.solution for p in problems], seed)


def solutions(
    writer: Writer, problems: Sequence[sums.Problem], each: int, seed: int, before: str = ""
) -> list[list[str]]:
    """`each` solutions of each problem, at temperature 1. `before`: what stands before each problem."""
    return sample(
        writer,
        [before + problem.text for problem in problems],
        each,
        seed=seed,
        longest=5 * max(problem.level for problem in problems) + 4,
        batch_size=512,
    )


def process_labels(problems, solved) -> dict[str, int]:
    """Problem and steps so far -> 1 if all of these are right; up to the first wrong one of each solution."""
    return dict(
        pair
        for problem, many in zip(problems, solved)
        for one in many
        for pair in sums.check(problem, one).prefixes(problem)
    )


def outcome_labels(problems, solved) -> dict[str, int]:
    """Problem and solution -> 1 if the answer is right."""
    return {
        f"{problem.text} {one}": int(sums.check(problem, one).answer == problem.answer)
        for problem, many in zip(problems, solved)
        for one in many
    }


def reward_model(size: str, texts: Iterable[str], labels: Iterable[float], seed: int):
    """A classifier of the family "sums" that has learned P(right), as `studies.reranking` uses it."""
    spec = load_family("sums")[size]
    model = load_classifier(spec)
    finetune(
        model,
        list(texts),
        np.array(list(labels), float),
        TrainConfig(lr=spec.lr, epochs=EPOCHS, seed=seed),
        progress=False,
    )
    return model
