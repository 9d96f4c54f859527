"""Methods with knobs, a search over them by score alone, and attacks on a board."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ...inside.coherence import anneal, leave_one_out

#: The knobs of a method, and the settings of each that a search tries:
#:
#:     keep          share of examples to learn from, the supervisor's surest first
#:     soft          the supervisor's probabilities, or 0 and 1
#:     C             freedom of the head
#:     rounds        how often the student relabels, and learns again
#:     mix           how far labels move towards the student's own answers, each time
#:     own           whether it then chooses the examples by its own sureness
#:     components    only so many principal components of the features; 0: all of them
KNOBS = {
    "keep": (1.0, 0.75, 0.5, 0.25),
    "soft": (False, True),
    "C": (1e-4, 1e-3, 1e-2, 1e-1, 1.0),
    "rounds": (0, 1, 2, 4),
    "mix": (0.3, 0.6, 1.0),
    "own": (False, True),
    "components": (0, 8, 16, 32, 64),
}
#: The setting of each knob that makes a naive student.
NAIVE = {"keep": 1.0, "soft": False, "C": 0.1, "rounds": 0, "mix": 0.3, "own": False, "components": 0}


def recipe(
    weak, inputs, model, keep=1.0, soft=False, C=0.1, rounds=0, mix=0.3, own=False, components=0, share=1.0
):
    """One method for each setting of KNOBS; NAIVE is the plain one.

    share: learn from a random part of the examples, drawn by `model.rng`.
    """
    train, test = inputs.train, inputs.test
    if components:
        _, _, axes = np.linalg.svd(train, full_matrices=False)
        train, test = train @ axes[:components].T, test @ axes[:components].T
    labels = weak if soft else (weak > 0.5).astype(float)
    drawn = model.rng.random(len(weak)) < share
    sure = abs(weak - 0.5)
    for _ in range(rounds + 1):
        kept = drawn & (sure >= np.quantile(sure, 1 - keep))
        head = model.fit(train[kept], labels[kept], C=C)
        mine = head(train)
        labels = (1 - mix) * labels + mix * (mine > 0.5)
        if own:
            sure = abs(mine - 0.5)
    return head(test) > 0.5


def repaired(weak, inputs, model):
    """The naive student of labels that also predict each other: the kit's method `coherence` as an entry."""
    found = anneal(leave_one_out(inputs.train), (weak > 0.5).astype(int), model.rng, prior=weak, sweeps=8)
    return recipe(found.labels.astype(float), inputs, model)


def search(
    score: Callable[[dict], float], steps: int, rng: np.random.Generator, starts: Sequence[Mapping] = ()
) -> list[tuple[dict, float]]:
    """A researcher of few ideas; returns the settings that it tried with their scores, in order.

    It tries NAIVE and the `starts`, then changes one knob of the best so far, or, one time in five, all.
    """
    tried = []
    first = [dict(NAIVE), *({**NAIVE, **start} for start in starts)]
    draw = lambda knob: KNOBS[knob][rng.integers(len(KNOBS[knob]))]
    for step in range(steps):
        if step < len(first):
            knobs = first[step]
        elif rng.random() < 0.2:
            knobs = {knob: draw(knob) for knob in KNOBS}
        else:
            knob = list(KNOBS)[rng.integers(len(KNOBS))]
            knobs = {**max(tried, key=lambda one: one[1])[0], knob: draw(knob)}
        tried.append((knobs, score(knobs)))
    return tried


def flip_one_by_one(score: Callable[[np.ndarray], float], start: np.ndarray) -> np.ndarray:
    """Attack a board that answers everything: flip one answer, keep it if the score rises, go on.

    `start` (seeds, m). It takes as many questions as there are answers, and one. Nothing is learned, all is
    asked.
    """
    answers = np.array(start, dtype=np.uint8)
    best = score(answers)
    for place in np.ndindex(answers.shape):
        answers[place] ^= 1
        if (now := score(answers)) > best:
            best = now
        else:
            answers[place] ^= 1
    return answers


def flip_blocks(
    score: Callable[[np.ndarray], float],
    start: np.ndarray,
    questions: int,
    size: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """A more patient attack: flip `size` random answers at once, keep them if the score rises."""
    answers = np.array(start, dtype=np.uint8)
    best = score(answers)
    for _ in range(questions):
        trial = answers.copy()
        trial.flat[rng.choice(answers.size, size, replace=False)] ^= 1
        if (now := score(trial)) > best:
            best, answers = now, trial
    return answers
