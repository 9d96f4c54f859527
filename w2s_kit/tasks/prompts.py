"""Prompts with examples in them, for models that learn in context."""

from __future__ import annotations

import random
from collections.abc import Sequence


def few_shot(
    texts: Sequence[str],
    examples: Sequence[str],
    labels: Sequence[int],
    shots: int,
    rng: random.Random,
    words: tuple[str, str] = ("no", "yes"),
) -> list[str]:
    """Each of the texts after `shots` examples with their 0/1 labels in words, drawn anew for each text.

    Source: Burns et al. 2023, Section 5.2.1.
    """

    def example(i: int) -> str:
        return f"{examples[i]} {words[int(labels[i])]} ."

    return [" ".join([*map(example, rng.sample(range(len(examples)), shots)), text]) for text in texts]
