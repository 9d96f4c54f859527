"""The right answers, cases and hints of the exercises about later studies (`later_studies`)."""

from __future__ import annotations

import math

import numpy as np
import torch

from ...tasks import sums


def totals(answers: list, scores: list) -> dict:
    """The sum of the scores of each answer, None among them."""
    return {answer: sum(s for a, s in zip(answers, scores, strict=True) if a == answer) for answer in answers}


def best_total(answers: list, scores: list) -> int | None:
    """The winner if None were an answer, too."""
    sums = totals(answers, scores)
    return max(sums, key=lambda answer: sums[answer])


def weighted_vote(answers: list, scores: list) -> int:
    """The answer whose scores sum to most; None, a solution without an answer, does not stand."""
    sums = {answer: total for answer, total in totals(answers, scores).items() if answer is not None}
    return max(sums, key=lambda answer: sums[answer])


def step_labels(right: list[bool]) -> list[int]:
    """The labels of a solution's prefixes, 1 or 0, up to and including the first wrong step."""
    until = right.index(False) + 1 if False in right else len(right)
    return list(map(int, right[:until]))


def best_of_all_choices(right: list[int], scores: list[float], n: int) -> float:
    """How often the best-scored of `n` samples is right, as the mean over all choices of `n`.

    Of the best-scored sample at place k, comb(N - 1 - k, n - 1) of the comb(N, n) choices are led.
    """
    ranked = [right[i] for i in np.argsort(scores)[::-1]]
    ways = [math.comb(len(right) - 1 - place, n - 1) for place in range(len(right))]
    return float(np.dot(ranked, ways) / math.comb(len(right), n))


CHAIN = sums.Problem(4, ("x3+7", "x9+5"))
SOLUTIONS = [
    "4 x3+7 = 9 ; 9 x9+5 = 6 ; so 6",
    "4 x3+7 = 9 ; 9 x7+5 = 8 ; so 8",
    "4 x3+7 = 9 ; 4 x9+5 = 1 ; so 1",
    "5 x3+7 = 2 ; 2 x9+5 = 3 ; so 3",
    "4 x3+7 = 8 ; 8 x9+5 = 7 ; so 7",
    "4 x3+7 = 9 ; 9 = 6 ; so 6",
    "4 x3+7 = 9 ; 9 x9+5 = 6 ; 6 x3+1 = 9 ; so 9",
]


def wrong_copy(problem: sums.Problem, solution: str) -> str:
    """What the first wrong copy of a solution is, in words; "" where each step copies rightly.

    A step needs the problem's next operation, and the last result that stands there, right or not.
    """
    value = problem.start
    for place, text in enumerate(solution.split(" ; ")[:-1]):
        if place == problem.level:
            return f"step {place} is one too many: the problem has {problem.level} operations."
        try:
            step = sums.read_step(text)
        except ValueError:
            return f"{text!r} is no step: read_step raises ValueError, and your function has to catch it."
        if step.value != value:
            return f"step {place} begins with {step.value}, and should begin with {value}."
        if step.operation != problem.operations[place]:
            return f"step {place} has {step.operation}, and the problem has {problem.operations[place]}."
        value = step.result
    return ""


def copies_right(problem: sums.Problem, solution: str) -> bool:
    """Whether each step of a solution copies rightly; what it calculates does not matter."""
    return not wrong_copy(problem, solution)


def copy_hint(result: float, problem: sums.Problem, solution: str) -> str:
    """What is copied wrongly in this solution, or why nothing is."""
    if wrong := wrong_copy(problem, solution):
        return f"Counted from 0, {wrong}" if wrong.startswith("step") else wrong
    if sums.check(problem, solution).fault:
        return (
            "A calculation is wrong here, and nothing is copied wrongly: a step begins with the last result "
            "that the solution gives, right or not."
        )
    return "This solution is right. Its last line, which begins with so, is no step: leave it out."


BEFORE = np.array([True, True, True, True, False, False, False, True])
AFTER = np.array([True, True, False, True, True, False, False, True])


def who_is_right(p: float, k: float) -> float:
    """P(the answerer is right | exactly one of answerer and corrector is).

    `p` and `k`: how often the answerer and the corrector are right, each on its own, as shares from 0 to 1.
    """
    return p * (1 - k) / (p * (1 - k) + (1 - p) * k)


def spoken(transcript: list) -> list[int]:
    """How often yes spoke, and how often no."""
    return [sum(side == who for side, _, _ in transcript) for who in (1, 0)]


def counting_judge(transcript: list) -> float:
    """P(yes) of a judge who believes the side that spoke more often: 1, 0, or 0.5 for a draw."""
    yes, no = spoken(transcript)
    return 0.5 if yes == no else float(yes > no)


def judge_hint(result: float, transcript: list) -> str:
    """Who spoke how often in this transcript, and what follows."""
    yes, no = spoken(transcript)
    rest = (
        "Nobody spoke more often, so it has no opinion."
        if yes == no
        else "What was said does not matter, only who said it."
    )
    return f"Here yes spoke {yes} times and no {no}. {rest}"


def beliefs_and_labels() -> tuple[np.ndarray, np.ndarray]:
    """A case: how far a debater believes three facts of eight things, (8, 3), and their weak labels, (8,)."""
    rng = np.random.default_rng(0)
    return rng.random((8, 3)), rng.random(8)


def hard_beliefs(beliefs: np.ndarray, weak_labels: np.ndarray) -> np.ndarray:
    """A wrong answer: for each fact, the mean weak label where it is believed, less that elsewhere."""
    return np.array([weak_labels[held].mean() - weak_labels[~held].mean() for held in (beliefs > 0.5).T])


# P(true) of the side that ends in no, and of the other
SIDES = [
    ([0.1, 0.2], [0.9, 0.7]),
    ([0.0, 1.0], [1.0, 0.0]),
    ([0.5, 0.5], [0.5, 0.5]),
    ([1.0, 1.0], [1.0, 1.0]),
    ([0.1, 0.9], [0.7, 0.3]),
    ([0.2, 0.1, 0.6], [0.9, 0.9, 0.5]),
]


def ccs_loss(p_no: np.ndarray, p_yes: np.ndarray) -> float:
    """The loss of contrast-consistent search (Burns, Ye, Klein and Steinhardt 2022), a mean over pairs.

    `p_no`, `p_yes`: P(true) of the two sides, (n,) each.
    """
    return float(np.mean((p_no + p_yes - 1) ** 2 + np.minimum(p_no, p_yes) ** 2))


def ccs_hint(result: float, p_no: np.ndarray, p_yes: np.ndarray) -> str:
    """What to think of, by what is special about the pairs of this case."""
    if ccs_loss(p_no, p_yes) == 0:
        return "Of these, one side is true and the other false, so there is nothing to lose."
    if min(*p_no, *p_yes) == 1:
        return "Both sides true is a contradiction, and sure of it."
    return "The mean over the pairs of (their sum less 1) squared, plus the smaller of the two squared."


FEATURES, DIRECTION = (
    np.array([[3.0, 1.0, 2.0], [0.0, -4.0, 1.0], [1.0, 1.0, 1.0]]),
    np.array([0.0, 3.0, 4.0]),
)


def project_out(x: np.ndarray, direction: np.ndarray, middle: float) -> np.ndarray:
    """Features (n, width) moved along `direction` (width,), so that `x @ direction` is `middle` for all."""
    return x - np.outer(x @ direction - middle, direction) / (direction @ direction)


def project_hint(result: np.ndarray, x: np.ndarray, direction: np.ndarray, middle: float) -> str:
    """Whether the result lies right along the direction, and what is left to do."""
    along = result @ direction
    if np.allclose(along, middle):
        return "Along the direction they lie right; across the direction nothing should change."
    return (
        f"All should lie at {middle:g} along the direction (features @ direction), and lie at "
        f"{along.round(2).tolist()}. Subtract (features @ direction − middle) times the direction over its "
        "squared length."
    )


# hidden (texts, tokens, width), and what is added: the first has one token only
PUSHES = [
    (torch.tensor([[[1.0, 2.0]]]), torch.tensor([10.0, 20.0])),
    (torch.arange(12.0).reshape(2, 3, 2), torch.tensor([10.0, 20.0])),
    (torch.arange(12.0).reshape(1, 4, 3), torch.tensor([0.0, 5.0, -5.0])),
]


def push_last(hidden: torch.Tensor, vector: torch.Tensor) -> np.ndarray:
    """Hidden states (texts, tokens, width) with `vector` (width,) added at the last token of each text."""
    pushed = hidden.clone()
    pushed[:, -1] += vector
    return pushed.numpy()


def right_flips(before: float, after: float, unit: float, k: int) -> float:
    """How many of `k` flips of public answers were right, by the open board's scores.

    unit: by how much one right answer more raises the score. Right less wrong flips are (after - before) /
    unit, and together they are k.
    """
    return (k + (after - before) / unit) / 2


def flips_hint(result: float, before: float, after: float, unit: float, k: int) -> str:
    """The two equations of this case."""
    return (
        f"The right flips less the wrong ones are {(after - before) / unit:+.0f} units, and together they "
        f"are {k}."
    )


def ladder(score: float, best: float, step: float) -> float:
    """What a Ladder releases (Blum and Hardt 2015): the best so far, or a score better by a `step` or more.

    Such a score is rounded down to whole steps.
    """
    return best if score < best + step - 1e-9 else math.floor(score / step + 1e-9) * step


def read_label(answer: int, before: float, after: float) -> int | str:
    """The label that a change of the public score gives away, when the `answer` to one row is flipped.

    "private" where the score stays: the row is in the other half.
    """
    return "private" if after == before else 1 - answer if after > before else answer


def label_hint(result: int | str, answer: int, before: float, after: float) -> str:
    """What a score that moved, or did not move, says about the row."""
    return (
        "A score that does not move is not about this row."
        if before == after
        else "If flipping helped, the answer was wrong."
    )
