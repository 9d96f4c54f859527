"""Prompts with examples in them, for models that learn in context."""

from __future__ import annotations

import random
from collections.abc import Sequence


def few_shot(
    asked: Sequence[str],
    seen: Sequence[str],
    labels: Sequence[int],
    shots: int,
    rng: random.Random,
    words: tuple[str, str] = ("no", "yes"),
) -> list[str]:
    """Each text of `asked` after `shots` others with their 0/1 labels in words, drawn anew for each (Section
    5.2.1).
    """

    def example(i: int) -> str:
        return f"{seen[i]} {words[int(labels[i])]} ."

    return [" ".join([*map(example, rng.sample(range(len(seen)), shots)), text]) for text in asked]
