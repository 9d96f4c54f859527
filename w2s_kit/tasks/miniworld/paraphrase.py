"""The same question in other words.

MiniWorld asks for a fact about a noun in two forms, and what somebody says before it does not matter:

    is the dax edible ?        do people eat the dax ?        ann is sad . is the dax edible ?
"""

from __future__ import annotations

import itertools
import random

from .vocabulary import BINARY, PEOPLE

ASIDES = ("", *(f"{who} is {mood} . " for who, mood in itertools.product(PEOPLE, ("happy", "sad"))))


def reworded(text: str) -> list[str]:
    """All ways to ask a question of edible, danger, weight or alive, `text` itself first.

    Raises ValueError for another text.
    """
    for _, _, questions in BINARY.values():
        for before, after in (question.split("{n}") for question in questions):
            if text.startswith(before) and text.endswith(after):
                noun = text[len(before) : len(text) - len(after)]
                return list(
                    dict.fromkeys(
                        [
                            text,
                            *(aside + question.format(n=noun) for aside in ASIDES for question in questions),
                        ]
                    )
                )
    raise ValueError(
        f"{text!r} is no question for a fact about a noun: only those of edible, danger, weight and alive "
        "can be put in other words"
    )


def queries(texts, n: int = 5, seed: int = 0) -> list[list[str]]:
    """Each text in `n` different wordings: itself, then others at random. Raises ValueError as `reworded`."""
    rng = random.Random(f"queries-{seed}")
    ways = map(reworded, texts)
    return [[first, *rng.sample(rest, n - 1)] for first, *rest in ways]
