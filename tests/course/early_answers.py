"""Answers of students to the exercises of notebooks 00 to 07: right ones, and wrong ones."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch


@dataclass
class Answers:
    right: list  # functions; how they come to the answer is another way than the kit's
    wrong: list  # (function, words of the message, a regular expression)
    given: tuple = ()  # what `check` takes beside the function


# ------------------------------------------------------------------- language tasks (00 to 03)
def loss(logits, targets, alpha, harden=lambda odds: (odds > odds.median()).float()):
    mixed = (1 - alpha) * targets + alpha * harden(logits[:, 1] - logits[:, 0])
    return -(mixed * logits.log_softmax(1)[:, 1] + (1 - mixed) * logits.log_softmax(1)[:, 0]).mean()


def soft(odds):
    """The hardened values, but with a gradient that flows through them."""
    hard = (odds > odds.median()).float()
    return hard + odds - odds.detach()


SUMMARY = pd.DataFrame(
    [
        ("x", "l", 0.1, True),
        ("x", "l", 0.2, True),
        ("x", "l", 0.9, True),
        ("x", "l", 9.0, False),
        ("x", "m", 0.5, True),
        ("m", "l", 0.7, True),
    ],
    columns=["supervisor", "student", "pgr", "defined"],
)


def median(summary, supervisor):
    return summary[(summary.supervisor == supervisor) & summary.defined].groupby("student").pgr.median()


def with_if(soft_labels):
    if soft_labels > 0.5:
        return 1
    return 0


LANGUAGE = {
    "00-pgr": Answers(
        [
            lambda w, s, c: (s - w) / (c - w),
            lambda w, s, c: np.float32((s - w) / (c - w)).astype(float) * 0 + 1 - (c - s) / (c - w),
        ],
        [
            (lambda w, s, c: s / c, "expected 0.5, got 0.8333.*share of the way"),
            (lambda w, s, c: "half", "expected a number, got 'half'"),
            (lambda w, s, c: max(0, (s - w) / (c - w)), "do not clip"),
            (lambda w, s, c: (c - w) / (s - w) if s != w else 0, "turn the fraction around"),
            (lambda w, s, c: (c - s) / (c - w), "still left"),
            (lambda w, s, c: (s - w) / c, "not by the ceiling"),
            (
                lambda w, s, c: (s - w) / (c - w) if s != w else 0 / (s - w),
                "ZeroDivisionError.*Which of the inputs",
            ),
            (
                lambda w, s, c: (s - w) / (c - w) if s >= w else None,
                "got None. Is there a way through .* without a return",
            ),
        ],
    ),
    "01-harden": Answers(
        [lambda p: (p > 0.5).astype(int), lambda p: p > 0.5, lambda p: [round(x) for x in p]],
        [
            (np.ceil, "likelier class"),
            (lambda p: (p < 0.5).astype(int), "the less likely ones"),
            (lambda p: p[:2], r"expected an array of shape \(4,\)"),
            (lambda p: p, "likelier class"),
            (with_if, "truth value.*An `if` wants one True or False"),
            (lambda p: math.floor(p + 0.5), "take one number"),
        ],
    ),
    "01-agreement": Answers(
        [lambda s, w, y: (s == w)[w != y].mean()],
        [
            (lambda s, w, y: (s == w).mean(), "keep the rows where the supervisor is wrong"),
            (lambda s, w, y: ((s == w) & (w != y)).mean(), "share of all rows"),
            (lambda s, w, y: (s == y)[w != y].mean(), "First keep the rows"),
            (lambda s, w, y: (s == w)[w != y], "expected a number, got an array of shape"),
        ],
    ),
    "02-median-pgr": Answers(
        [median, lambda t, w: median(t, w)[::-1]],
        [
            (
                lambda t, w: t[(t.supervisor == w) & t.defined].groupby("student").pgr.mean(),
                "supervisor 'x': student l: expected 0.2, got 0.4.*median",
            ),
            (
                lambda t, w: t[t.supervisor == w].groupby("student").pgr.median(),
                "student l: expected 0.2, got 0.55.*undefined",
            ),
            (
                lambda t, w: median(t, w)[:1],
                r"one value for each of \['l', 'm'\], got \['l'\].*the undefined ones go first",
            ),
            (lambda t, w: median(t, w).to_dict(), "expected a Series of numbers, got {'l': 0.2"),
            (lambda t, w: median(t, w).to_frame(), "expected a Series of numbers, got a DataFrame of 2 rows"),
            (lambda t, w: median(t, w).tolist(), "expected a Series of numbers"),
            (lambda t, w: median(t, w).astype(str), "expected a Series of numbers, got a Series"),
            (lambda t, w: pd.concat([median(t, w)] * 2), "one value for each"),
            (lambda t, w: t.groupby("students").pgr.median(), "raises KeyError: 'students'"),
        ],
        (SUMMARY,),
    ),
    "03-confidence-loss": Answers(
        [loss],
        [
            (lambda logits, targets, alpha: loss(logits, targets, 0.0), "Mix the targets"),
            (lambda *case: loss(*case).item(), r"expected a scalar tensor, .* gradient \(no .item"),
            (lambda *case: float(loss(*case).detach()), "expected a scalar tensor"),
            (lambda *case: loss(*case).detach(), "it has no gradient"),
            (lambda *case: loss(*case, harden=soft), "the gradient is not: detach the hardened prediction"),
            (lambda *case: loss(*case) * torch.ones(8), "expected a scalar tensor"),
            (lambda *case: loss(*case) * float("nan"), "NaN"),
        ],
    ),
    "03-ramp": Answers(
        [lambda step: 0.75 * min(1.0, step / 0.2)],
        [
            (lambda step: 0.75 * (1.0 if step > 0.2 else step), "divide"),  # as released: creeps, then jumps
            (lambda step: 0.75 * step / 0.2, "step_fraction 0.21.*stays there"),
            (lambda step: min(1.0, step / 0.2), "expected 0.375, got 0.5"),
        ],
    ),
}


# ------------------------------------------------------------------- chess and rewards (04 to 07)
CHESS = pd.DataFrame(
    {"gap": [0.1, 0.2, 0.35, 0.3, 0.2], "pgr": [0.5, 0.35, 0.2, 0.2, -4.0], "defined": [True] * 4 + [False]}
)


def slope(table):
    return 0.1 * np.polyfit(table.gap[table.defined], table.pgr[table.defined], 1)[0]


def sigmoid(first, second):
    return 1 / (1 + np.exp(first - second))


def share(w, s, c):
    return (s - w) / (c - w)


CHESS_AND_REWARDS = {
    "04-gap-slope": Answers(
        [slope],
        [
            (lambda t: 10 * slope(t), "tenth"),
            (lambda t: 0.1 * np.polyfit(t.gap, t.pgr, 1)[0], "has no PGR"),
            (lambda t: -slope(t), "expected -0.2, got 0.2.*fall by"),
        ],
        (CHESS,),
    ),
    "05-inherited": Answers(
        [lambda s, t, y: ((s == t) & (s != y)).sum() / (s != y).sum()],
        [
            (lambda s, t, y: ((s == t) & (s != y)).mean(), "of the wrong ones"),
            (lambda s, t, y: (t != y)[s != y].mean(), "repeat the teacher's"),
            (lambda s, t, y: (s == t).mean(), "that repeat the teacher's"),
        ],
    ),
    "06-preference": Answers(
        [sigmoid],
        [
            (lambda a, b: sigmoid(b, a), "probability of the first"),
            (lambda a, b: b / (np.abs(a) + np.abs(b) + 1), "difference counts"),
            (lambda a, b: 0.5, r"array of shape \(4,\)"),
            (lambda a, b: np.where(np.abs(a) > 5, 0.5, sigmoid(a, b)), "adding 7"),
        ],
    ),
    "06-best-of-n": Answers(
        [lambda r, q, n: np.mean([row[best] for row, best in zip(q, r[:, :n].argmax(1))])],
        [
            (lambda r, q, n: q[:, :n].max(1).mean(), "the best quality"),
            (lambda r, q, n: q[np.arange(len(q)), r.argmax(1)].mean(), "n 1: got .*take the first n"),
            (lambda r, q, n: r[:, :n].max(1).mean(), "the largest reward"),
            (lambda r, q, n: q[:, n - 1].mean(), "Of each row take the first n"),
        ],
    ),
    "07-fair-gain": Answers(
        [
            lambda weak, naive, ceiling, generative, read: (
                share(weak, generative, read) - share(weak, naive, ceiling)
            )
        ],
        [
            (lambda w, s, c, g, r: share(w, g, c) - share(w, s, c), "has not"),
            (lambda w, s, c, g, r: g - s, "expected"),
            (lambda w, s, c, g, r: share(w, g, r), "more than naive PGR"),
        ],
    ),
}


EARLY = LANGUAGE | CHESS_AND_REWARDS
