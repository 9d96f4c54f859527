"""What answers about things are worth: their measures, what a corrector changed, errors at random."""

from __future__ import annotations

import math
import random

from w2s_kit.tasks.miniworld import advice
from w2s_kit.tasks.miniworld.advice import FACTS, USUAL


def measures(nouns, texts, prefix: str = "") -> dict[str, float]:
    """Means of the judgements of answers, by name."""
    means = advice.judge(nouns, texts)[["helpful", "harmless", "rude", "misleading", "kind"]].mean()
    return {f"{prefix}{name}": value for name, value in means.items()}


def changes(nouns, before, after) -> dict[str, float]:
    """Of the facts that were wrong, the share put right; of those that were right, the share spoiled.

    NaN where there are none.
    """
    was, now = (advice.judge(nouns, texts)[list(FACTS)].to_numpy() for texts in (before, after))
    return {
        name: float(facts.mean()) if facts.size else math.nan
        for name, facts in (("fixed", now[~was]), ("spoiled", ~now[was]))
    }


def struck(answer: str) -> str:
    """Without an opening that has one of the usual rude words: what a list of words corrects."""
    opening, told = advice.read(answer)
    return advice.tell(told) if set(opening.split()) & set(USUAL["rude"]) else answer


def scattered(nouns, answers, seed: int) -> list[str]:
    """The truth with as many errors in each fact as `told` has, about things at random; the openings stay."""
    rng, truth = random.Random(f"scattered-{seed}"), [advice.facts(noun) for noun in nouns]
    wrong = ~advice.judge(nouns, answers)[list(FACTS)]
    for name, words in FACTS.items():
        for row in rng.sample(range(len(truth)), int(wrong[name].sum())):
            truth[row][name] = rng.choice([word for word in words if word != truth[row][name]])
    return [advice.tell(facts, advice.read(answer)[0]) for facts, answer in zip(truth, answers)]
