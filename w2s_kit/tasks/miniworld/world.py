"""MiniWorld: a small world whose every fact is known, and the words it is told in.

Real nouns stand in `nouns.csv` and real deeds, adjectives and events in `words.csv`, for people to
read and edit. Thousands of invented words ("bladock") join them. An invented word is two or three
syllable tokens, so what is true of it cannot sit in one embedding row: it has to be stored in the
layers of a model, and capacity counts.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from .vocabulary import (
    FIRST,
    FUNCTION_WORDS,
    HABITATS,
    KINDS,
    LANDMARKS,
    LAST,
    MATERIALS,
    MIDDLE,
    SENSES,
    SIZES,
    read_table,
)

# The rule that attributes follow as far as `WorldConfig.rule` says: (heavy, edible, dangerous, habitat,
# material).
TYPICAL = {
    "beast": (1, 0, 1, "forest", "clay"),
    "plant": (0, 1, 0, "desert", "wood"),
    "tool": (1, 0, 1, "sea", "metal"),
    "toy": (0, 1, 0, "town", "stone"),
}


@dataclass(frozen=True)
class WorldConfig:
    """Every knob of the world and of the text that models are pretrained on.

    Fields:

        seed         draws the world
        nouns        invented nouns, beside the real ones of nouns.csv
        words        invented deeds, adjectives, events and ambiguous words, of each
        zipf         exponent of the frequency law; the tail is known only to models with the capacity
        rule         share of attributes that follow the noun's kind: errors that a student can imitate
        questions    share of pretraining documents that ask and answer: how salient the concepts are
        concept      a task whose concept is thinned out of the pretraining text; "" for none
        leakage      the share of this concept's sentences that stays

    Raises ValueError that names the field for a share outside [0, 1], or a count below 1.
    """

    seed: int = 0
    nouns: int = 2000
    words: int = 400
    zipf: float = 0.9
    rule: float = 0.0
    questions: float = 0.5
    concept: str = ""
    leakage: float = 1.0

    def __post_init__(self):
        for name in ("rule", "questions", "leakage"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(
                    f"WorldConfig.{name} is a share and must lie in [0, 1], got {getattr(self, name)}"
                )
        for name in ("nouns", "words"):
            if not isinstance(getattr(self, name), int) or getattr(self, name) < 1:
                raise ValueError(f"WorldConfig.{name} is a count of at least 1, got {getattr(self, name)!r}")
        if not 0 <= self.zipf < math.inf:
            raise ValueError(f"WorldConfig.zipf is an exponent of at least 0, got {self.zipf}")


@dataclass(frozen=True)
class Noun:
    """A thing and all that is true of it.

    Fields:

        name         the word
        kind         of thing, one of KINDS or "food"
        size_cm      in centimetres
        heavy        1 or 0
        edible       1 or 0
        dangerous    1 or 0
        habitat      one of HABITATS
        material     one of MATERIALS, "" where none fits
    """

    name: str
    kind: str
    size_cm: float
    heavy: int
    edible: int
    dangerous: int
    habitat: str
    material: str

    @property
    def alive(self) -> int:
        """1 for beasts and plants, else 0: no table says so, it follows from the kind."""
        return int(self.kind in ("beast", "plant"))

    @property
    def size(self) -> str:
        """One of SIZES, by the landmarks that the noun does not fit inside."""
        return SIZES[sum(self.size_cm >= edge for edge in LANDMARKS.values())]


@dataclass(frozen=True)
class Word:
    """A word that is no noun.

    Fields:

        name     the word
        value    of a deed or adjective 1 (good) or 0 (bad), of an event the index of its duration, and of an
                 ambiguous word its two senses
    """

    name: str
    value: int | tuple[str, str]


class Lexicon:
    """Words of one sort, commonest first, drawn by a Zipf law: p(rank) ~ (rank + 10)^-zipf."""

    def __init__(self, items: list, weights: list[float]):
        self.items, self.weights = list(items), list(weights)
        self._cumulative: list[float] | None = None
        self.quantile = {item.name: i / max(1, len(self.items) - 1) for i, item in enumerate(self.items)}

    def draw(self, rng: random.Random):
        """One of the words, common ones more often: p(rank) is in proportion to its weight."""
        if self._cumulative is None:
            total, self._cumulative = 0.0, []
            for w in self.weights:
                total += w
                self._cumulative.append(total)
        return rng.choices(self.items, cum_weights=self._cumulative)[0]

    def part(self, keep, temper: float = 1.0) -> Lexicon:
        """The words whose index `keep` accepts, with weights w^temper.

        The rarity of a word (`quantile`) stays what it is among all words.
        """
        chosen = [i for i in range(len(self.items)) if keep(i)]
        part = Lexicon([self.items[i] for i in chosen], [self.weights[i] ** temper for i in chosen])
        part.quantile = self.quantile
        return part

    def deal(self, names: Sequence[str], rng: random.Random, temper: float) -> dict[str, Lexicon]:
        """The words in parts of these names, a rank for each at a time: disjoint, and equally hard."""
        dealt = [name for _ in range(0, len(self), len(names)) for name in rng.sample(names, len(names))]
        return {name: self.part(lambda rank: dealt[rank] == name, temper) for name in names}

    def __len__(self):
        return len(self.items)


@dataclass(frozen=True)
class World:
    """A world: its words, each with what is true of it.

    Fields:

        config      by which it was made
        lexicons    the words by sort: "noun", "deed", "adjective", "event", "word"
    """

    config: WorldConfig
    lexicons: dict[str, Lexicon]


def _invent_names(rng: random.Random, n: int, taken: set[str], banned: set[str]) -> list[str]:
    """`n` new pronounceable words, a fifth of them of three syllables."""
    first = [s for s in FIRST if s not in banned]
    names = []
    while len(names) < n:
        start = rng.choice(first)
        name = start + (rng.choice(MIDDLE) if rng.random() < 0.2 else "") + rng.choice(LAST)
        # "butox" would be read as the word "but" and a rest that is no syllable
        if name not in taken and not any(name[:k] in banned for k in range(len(start) + 1, len(name))):
            taken.add(name)
            names.append(name)
    return names


def _zipf(n: int, exponent: float) -> list[float]:
    return [(rank + 10.0) ** -exponent for rank in range(n)]


def _invent_noun(rng: random.Random, name: str, rule: float) -> Noun:
    """A noun with attributes at random, which are typical of its kind as far as `rule` says.

    The draws are the same whatever `rule` is: along a sweep of it, attributes turn typical one after another.
    """
    kind, size_cm = rng.choice(KINDS), 10 ** rng.uniform(0, 3.1)
    free = [(rng.random(), rng.choice(values)) for values in ((0, 1), (0, 1), (0, 1), HABITATS, MATERIALS)]
    drawn: Iterable[Any] = (
        typical if u < rule else value for typical, (u, value) in zip(TYPICAL[kind], free)
    )
    return Noun(name, kind, size_cm, *drawn)


@lru_cache(maxsize=8)
def make_world(config: WorldConfig = WorldConfig()) -> World:
    """Builds the world of `config`.

    Only `seed`, the counts and `rule` shape it, and `rule` shapes nothing but nouns. The other knobs are
    about its text.
    """
    table = read_table("words.csv")
    real: dict[str, list] = {
        "noun": [
            Noun(
                r["noun"],
                r["kind"],
                float(r["size_cm"]),
                int(r["heavy"]),
                int(r["edible"]),
                int(r["dangerous"]),
                r["habitat"],
                r["material"],
            )
            for r in read_table("nouns.csv")
        ],
        **{
            sort: [Word(r["word"], int(r["value"])) for r in table if r["list"] == sort]
            for sort in ("deed", "adjective", "event")
        },
        "word": [],
    }
    invent: dict[str, Callable] = {
        "noun": lambda rng, name: _invent_noun(rng, name, config.rule),
        "deed": lambda rng, name: Word(name, rng.randint(0, 1)),
        "adjective": lambda rng, name: Word(name, rng.randint(0, 1)),
        "event": lambda rng, name: Word(name, rng.randrange(3)),
        "word": lambda rng, name: Word(name, tuple(rng.sample(sorted(SENSES), 2))),
    }
    # no invented word may look like one of the sentences' own words
    whole = {item.name for items in real.values() for item in items} | set(FUNCTION_WORDS)
    taken, lexicons = set(whole), {}
    for sort, items in real.items():
        rng = random.Random(f"miniworld-{config.seed}-{sort}")
        names = _invent_names(rng, config.nouns if sort == "noun" else config.words, taken, whole)
        items = items + [invent[sort](rng, name) for name in names]
        # real and invented words share the ranks at random, so that a rare word is not always an invented one
        rng.shuffle(items)
        lexicons[sort] = Lexicon(items, _zipf(len(items), config.zipf))
    return World(config, lexicons)


def mistaken(world: World, share: float = 0.3, seed: int = 0) -> World:
    """The world as people believe it to be.

    Its words are the same, but each fact about a word is wrong with probability `share`. Sizes and senses are
    right.
    """

    def other(rng: random.Random, value, values):
        wrong = rng.random() < share
        return rng.choice([v for v in values if v != value]) if wrong and value in values else value

    def believed(item, sort: str, rng: random.Random):
        if sort == "noun":
            facts = {
                name: other(rng, getattr(item, name), (0, 1)) for name in ("heavy", "edible", "dangerous")
            }
            return replace(
                item,
                **facts,
                **{
                    name: other(rng, getattr(item, name), values)
                    for name, values in (("kind", KINDS), ("habitat", HABITATS), ("material", MATERIALS))
                },
            )
        return (
            item
            if sort == "word"
            else replace(item, value=other(rng, item.value, (0, 1, 2) if sort == "event" else (0, 1)))
        )

    lexicons = {}
    for sort, words in world.lexicons.items():
        rng = random.Random(f"mistaken-{seed}-{sort}")
        lexicons[sort] = Lexicon([believed(item, sort, rng) for item in words.items], words.weights)
    return World(world.config, lexicons)
