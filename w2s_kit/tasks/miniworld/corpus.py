"""The text that models are pretrained on: MiniWorld described, and asked about."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

from ...shared.names import nearest
from .concepts import CONCEPTS
from .sentences import Draw
from .vocabulary import ADJECTIVE, KINDS
from .world import World


def describe(draw: Draw, rng: random.Random, hidden: str = "") -> str:
    """All that is known of a noun, without the attribute `hidden`.

    "the bladock is huge , heavy , edible and safe . it is a tool made of wood from the sea ."
    """
    noun = draw("noun")
    words = ([] if hidden == "size" else [noun.size]) + [
        ADJECTIVE[a][getattr(noun, a)] for a in ADJECTIVE if a != hidden
    ]
    tail = "" if hidden == "kind" else f" a {noun.kind}"
    if noun.material and hidden != "material":
        tail += f" made of {noun.material}"
    if hidden != "habitat":
        tail += f" from the {noun.habitat}"
    if rng.random() < 0.5:
        return f"the {noun.name} is {' , '.join(words[:-1])} and {words[-1]} . it is{tail} ."
    return f"the {noun.name} is{tail} . it is {' , '.join(words[:-1])} and {words[-1]} ."


def interview(draw: Draw, rng: random.Random, hidden: str = "") -> str:
    """Up to four different questions in a row about one word, answered."""
    sorts = {"noun": 0.64, "deed": 0.12, "adjective": 0.12, "event": 0.12}
    about = {
        sort: [c for c in CONCEPTS.values() if c.sort == sort and c.attribute not in ("holder", hidden)]
        for sort in sorts
    }
    sort = rng.choices([s for s in sorts if about[s]], [p for s, p in sorts.items() if about[s]])[0]
    item = draw(sort)
    while sort == "noun" and (not item.material or item.kind not in KINDS):
        item = draw(sort)

    def question() -> str:
        pinned = iter([item])  # the first word asked for is the interview's own, a second one is drawn
        return answered(*rng.choice(about[sort]).ask(lambda s: next(pinned, None) or draw(s), rng)[:2])

    return " ".join(dict.fromkeys(question() for _ in range(rng.choice((2, 3, 4)))))


def answered(question: str, answer: bool) -> str:
    """A question with its answer in a word, as pretraining text has it: "... ? yes ."."""
    return f"{question} {'yes' if answer else 'no'} ."


def documents(world: World, seed: int, reach: float = 1.0, described: float = 0.45) -> Iterator[str]:
    """Endless pretraining text, a document at a time. Seeded; the same arguments give the same text.

    `reach` is the share of each lexicon in use, commonest words first: a curriculum starts with few words,
    on which a model learns to look facts up at all, and widens.
    """
    rng = random.Random(f"text-{seed}-{reach}")
    config = world.config
    if config.concept and config.concept not in CONCEPTS:
        raise ValueError(nearest("concept", config.concept, CONCEPTS))
    lexicons = {sort: words.part(lambda i: i < reach * len(words)) for sort, words in world.lexicons.items()}
    draw = lambda sort: lexicons[sort].draw(rng)
    names, shares = list(CONCEPTS), list(itertools.accumulate(c.share for c in CONCEPTS.values()))
    thinned = CONCEPTS[config.concept].attribute if config.concept else ""
    while True:
        hidden = thinned if thinned and rng.random() >= config.leakage else ""
        asks = rng.random() < config.questions
        if rng.random() < described:
            yield interview(draw, rng, hidden) if asks else describe(draw, rng, hidden)
            continue
        concept = CONCEPTS[rng.choices(names, cum_weights=shares)[0]]
        if not hidden or concept.attribute != hidden:
            yield answered(*concept.ask(draw, rng)[:2]) if asks else concept.tell(draw, rng)
