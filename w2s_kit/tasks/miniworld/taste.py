"""What people like: a question whose answer follows from seven facts about a thing.

Each of these facts can be said by itself.

    do people like the bladock ?

Whatever is true of a thing earns it points, or costs it as many, and people like what ends above zero. All
points together are odd, so there are no ties. No pretraining text says which things people like: models know
the facts, and have to be told what follows from them.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from .concepts import Concept
from .sentences import Asked, Draw
from .vocabulary import LANDMARKS
from .world import Noun

TASK = "taste"
QUESTIONS = ("do people like the {n} ?", "did they like the {n} ?")


@dataclass(frozen=True)
class Fact:
    """One thing that people like or dislike, or its opposite.

    Fields:

        name         of the fact, unique
        question     as pretraining text asks it, about a thing {n}
        sentences    what one says where the answer is no, and where it is yes
        points       where it is yes; where it is no, as many the other way
        holds        whether it is true of a noun
    """

    name: str
    question: str
    sentences: tuple[str, str]
    points: int
    holds: Callable[[Noun], bool]


def _fits(mark: str, points: int) -> Fact:
    sentences = (f"it is bigger than a {mark} .", f"it fits inside a {mark} .")
    return Fact(
        mark,
        f"does the {{n}} fit inside a {mark} ?",
        sentences,
        points,
        lambda noun: noun.size_cm < LANDMARKS[mark],
    )


#: The seven facts. Three points for those that a student can be finetuned to answer by at such a question, as
#: we found on other seeds than those of the tables.
FACTS = (
    Fact(
        "edible",
        "is the {n} edible ?",
        ("it is inedible .", "it is edible ."),
        3,
        lambda noun: noun.edible == 1,
    ),
    Fact(
        "dangerous",
        "is the {n} dangerous ?",
        ("it is safe .", "it is dangerous ."),
        -3,
        lambda noun: noun.dangerous == 1,
    ),
    Fact(
        "alive", "is the {n} alive ?", ("it is not alive .", "it is alive ."), 3, lambda noun: noun.alive == 1
    ),
    _fits("box", 3),
    _fits("jar", 1),
    _fits("house", 1),
    Fact("heavy", "is the {n} heavy ?", ("it is light .", "it is heavy ."), -1, lambda noun: noun.heavy == 1),
)


def points(noun: Noun) -> int:
    """What a thing earns by all FACTS together: people like what is above 0. It is odd, so never 0."""
    return sum(fact.points if fact.holds(noun) else -fact.points for fact in FACTS)


def _ask(draw: Draw, rng: random.Random) -> Asked:
    noun = draw("noun")
    return rng.choice(QUESTIONS).format(n=noun.name), points(noun) > 0, (noun,)


def _tell(draw: Draw, rng: random.Random) -> str:
    raise NotImplementedError(f"no text tells of {TASK}: it follows from facts that are told")


CONCEPT = Concept(TASK, "", "seven facts about a noun", "noun", _ask, _tell, 0.0, TASK)
