"""Who rewards solutions of sums: the truth, the truth with noise, a majority, a reward model (notebook 28).

A reward is a function (problems, solutions, rng) -> one number a solution, (problems, each).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from ..tasks import sums
from ..training.checkpoints import identify
from .reranking import step_scores

#: (problems, solutions, rng) -> rewards, (problems, each). Solutions are lists of texts, one list a problem.
Reward = Callable[[Sequence, Sequence[Sequence[str]], random.Random], np.ndarray]


def answers(problems, solutions) -> list[list[int | None]]:
    """The digit that each solution closes with, None where it gives none."""
    return [[sums.check(problem, one).answer for one in many] for problem, many in zip(problems, solutions)]


def by_truth(problems, solutions, rng=None) -> np.ndarray:
    """1 for the right answer, else 0."""
    right = [problem.answer for problem in problems]
    return np.array(
        [[one == digit for one in many] for many, digit in zip(answers(problems, solutions), right)]
    )


def flipped(rate: float) -> Reward:
    """The truth, of which each reward is turned round with probability `rate`, anew each time.

    At 0.5 it says nothing: the control that every table of rewards needs. Raises ValueError for a rate
    outside [0, 1].
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"rate must lie in [0, 1], got {rate}")

    def reward(problems, solutions, rng: random.Random) -> np.ndarray:
        right = by_truth(problems, solutions).astype(int)
        turned = [[rng.random() < rate for _ in many] for many in solutions]
        return np.abs(right - np.array(turned))

    reward.__qualname__ = f"flipped({rate})"  # a checkpoint of another rate is another run's
    return reward


def by_majority(problems, solutions, rng=None) -> np.ndarray:
    """1 for the answer that most solutions of the group give, else 0. Nobody needs to know the right one.

    Of answers that equally many give, the one that came first in the group counts: that is a draw by lot, as
    the order of solutions means nothing.
    """
    rewards = []
    for many in answers(problems, solutions):
        given = Counter(one for one in many if one is not None)
        most = given.most_common(1)[0][0] if given else None
        rewards.append([one is not None and one == most for one in many])
    return np.array(rewards)


def judged(model, steps: bool, rule: bool = False) -> Reward:
    """What a reward model says: the product of P(right) over the steps, or P(right) of the whole solution.

    steps: whether it judges each step (a process reward model). rule: nothing for a solution that does not
    copy its problem, as `copied` has it.
    """

    def reward(problems, solutions, rng=None) -> np.ndarray:
        longest = 12 * max(problem.level for problem in problems)
        texts = [
            " ".join(f"{problem.text} {one}".split()[:longest])
            for problem, many in zip(problems, solutions)
            for one in many
        ]
        scores = np.array([by_step.prod() if steps else by_step[-1] for by_step in step_scores(model, texts)])
        scores = scores.reshape(len(problems), -1)
        return scores * _copied(problems, solutions) if rule else scores

    who = identify("judge", step_scores, dict(model.named_parameters()))[:12]
    reward.__qualname__ = f"judged({who}, steps={steps}, rule={rule})"  # another judge's run is another run
    return reward


def _copied(problems, solutions) -> np.ndarray:
    return np.array([[copied(problem, one) for one in many] for problem, many in zip(problems, solutions)])


def copied(problem: sums.Problem, solution: str) -> bool:
    """Whether a solution does the steps of its problem, each from the last result, and closes with the last.

    Whether the results are right is another matter, so somebody who cannot calculate can check this.
    """
    *steps, close = (text.strip() for text in solution.split(";"))
    value = problem.start
    if len(steps) != problem.level:
        return False
    try:
        for text, operation in zip(steps, problem.operations):
            step = sums.read_step(text)
            if step[:2] != (value, operation):
                return False
            value = step.result
        return sums.read_answer(close) == value
    except ValueError:
        return False
