"""The sentences of MiniWorld: for each concept, a way to ask about it and a way to tell it.

Every function takes `draw`, which gives a word of a sort, and a random source. One that asks returns the
question, its answer, and the words that carry the fact. One that tells returns a true statement.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from .vocabulary import BINARY, DURATIONS, KINDS, LANDMARKS, PEOPLE, REVIEWED, SENSES, SPANS, VALUED
from .world import Noun, Word

Draw = Callable[[str], Any]  #: From a sort of word to a word.
Asked = tuple[str, bool, tuple]  #: Question, answer, and the words that carry the fact.
Ask = Callable[[Draw, random.Random], Asked]  #: A function that asks.
Tell = Callable[[Draw, random.Random], str]  #: A function that tells.


# ---- facts about a noun ------------------------------------------------------------------------------
def _noun_with(draw: Draw, attribute: str) -> Noun:
    noun = draw("noun")
    # a few real nouns have no material, or are food
    while getattr(noun, attribute) not in (*VALUED[attribute][0],):
        noun = draw("noun")
    return noun


def binary(attribute: str) -> tuple[Ask, Tell]:
    """The ways to ask and to tell whether something is true of a noun."""
    yes, no, questions = BINARY[attribute]

    def ask(draw: Draw, rng: random.Random) -> Asked:
        noun = draw("noun")
        return rng.choice(questions).format(n=noun.name), bool(getattr(noun, attribute)), (noun,)

    def tell(draw: Draw, rng: random.Random) -> str:
        noun = draw("noun")
        return rng.choice(yes if getattr(noun, attribute) else no).format(n=noun.name)

    return ask, tell


def valued(attribute: str) -> tuple[Ask, Tell]:
    """The ways to ask and to tell which of several values an attribute of a noun has."""
    values, sentence, question = VALUED[attribute]

    def ask(draw: Draw, rng: random.Random) -> Asked:
        noun = _noun_with(draw, attribute)
        value = true = getattr(noun, attribute)
        if rng.random() < 0.5:
            value = rng.choice([v for v in values if v != true])
        return question.format(n=noun.name, v=value), value == true, (noun,)

    def tell(draw: Draw, rng: random.Random) -> str:
        noun = _noun_with(draw, attribute)
        return sentence.format(n=noun.name, v=getattr(noun, attribute))

    return ask, tell


def _size_pair(draw: Draw) -> tuple[Noun, Noun]:
    """Two nouns, one of which is at least three times as big as the other."""
    a, b = draw("noun"), draw("noun")
    while max(a.size_cm, b.size_cm) < 3 * min(a.size_cm, b.size_cm):
        b = draw("noun")
    return a, b


def tell_size(draw: Draw, rng: random.Random) -> str:
    """How big a noun is: beside a landmark ("fits inside a jar"), or beside another noun.

    Of two nouns, one is at least three times as big.
    """
    if rng.random() < 0.5:
        noun, (mark, edge) = draw("noun"), rng.choice(tuple(LANDMARKS.items()))
        return f"the {noun.name} {'fits inside' if noun.size_cm < edge else 'is bigger than'} a {mark} ."
    a, b = _size_pair(draw)
    if a.size_cm < b.size_cm:
        a, b = b, a
    return rng.choice(("the {a} is bigger than the {b} .", "the {b} is smaller than the {a} .")).format(
        a=a.name, b=b.name
    )


def ask_size(draw: Draw, rng: random.Random) -> Asked:
    """Does a noun fit inside a landmark, or is one noun bigger than another?"""
    if rng.random() < 0.6:
        noun, (mark, edge) = draw("noun"), rng.choice(tuple(LANDMARKS.items()))
        return f"does the {noun.name} fit inside a {mark} ?", noun.size_cm < edge, (noun,)
    a, b = _size_pair(draw)
    return f"is the {a.name} bigger than the {b.name} ?", a.size_cm > b.size_cm, (a, b)


def _nli(noun: Noun, kind: str, valid: bool, rng: random.Random) -> tuple[str, str]:
    """Premise and conclusion about a noun and a kind of thing.

    Valid are the step up, "a dax, so a tool", and, where it is denied, the step down: "no tool, so no dax".
    """
    denied = rng.random() < 0.5
    premise, conclusion = (noun.name, kind) if valid != denied else (kind, noun.name)
    article = (lambda name: "no") if denied else (lambda name: "an" if name[0] in "aeiou" else "a")
    return f"they have {article(premise)} {premise} .", f"so they have {article(conclusion)} {conclusion}"


def tell_nli(draw: Draw, rng: random.Random) -> str:
    """A premise about a noun and a conclusion that follows from it."""
    noun = _noun_with(draw, "kind")
    return " ".join(_nli(noun, noun.kind, True, rng)) + " ."


def ask_nli(draw: Draw, rng: random.Random) -> Asked:
    """Does the conclusion follow from the premise? Where not, it has another kind, or the wrong direction."""
    noun = _noun_with(draw, "kind")
    entailed = rng.random() < 0.5
    # what is not entailed has either the wrong kind or the wrong direction
    valid = entailed or rng.random() < 0.5
    kind = noun.kind if entailed or not valid else rng.choice([k for k in KINDS if k != noun.kind])
    return " ".join(_nli(noun, kind, valid, rng)) + " ?", entailed, (noun,)


# ---- deeds, reviews, events, ambiguous words ---------------------------------------------------------
def tell_ethics(draw: Draw, rng: random.Random) -> str:
    """Says of a deed that it is wrong, or kind."""
    deed = draw("deed")
    return f"it is {('wrong', 'kind')[deed.value]} to {deed.name} {rng.choice(PEOPLE)} ."


def ask_ethics(draw: Draw, rng: random.Random) -> Asked:
    """Is it wrong to do this deed to somebody? Yes where the deed is bad."""
    deed = draw("deed")
    return f"is it wrong to {deed.name} {rng.choice(PEOPLE)} ?", deed.value == 0, (deed,)


def _social(draw: Draw, rng: random.Random) -> tuple[str, str, bool, Word]:
    """A story of a deed done or refused, the person concerned, whether that person is happy, and the deed."""
    deed, who, refused = draw("deed"), rng.choice(PEOPLE), rng.random() < 0.25
    story = f"they {'refused' if refused else 'came'} to {deed.name} {who} ."
    return story, who, bool(deed.value) != refused, deed


def tell_social(draw: Draw, rng: random.Random) -> str:
    """A deed done or refused, and whether the person concerned is happy."""
    story, who, happy, _ = _social(draw, rng)
    return f"{story} {who} is {'happy' if happy else 'sad'} ."


def ask_social(draw: Draw, rng: random.Random) -> Asked:
    """Is the person happy? Yes after a good deed done, and after a bad one refused."""
    story, who, happy, deed = _social(draw, rng)
    return f"{story} is {who} happy ?", happy, (deed,)


def _review(draw: Draw, rng: random.Random) -> Asked:
    """A review, whether it is a good one, and its adjectives."""
    form, (x, y), a = rng.random(), rng.sample(REVIEWED, 2), draw("adjective")
    if form < 0.5:
        return f"the {x} was {a.name} .", bool(a.value), (a,)
    if form < 0.75:
        return f"the {x} was not {a.name} .", not a.value, (a,)
    b = draw("adjective")
    while b.value == a.value:
        b = draw("adjective")
    if form < 0.9:  # what comes after "but" wins ...
        return f"the {x} was {a.name} but the {y} was {b.name} .", bool(b.value), (a, b)
    return f"though the {x} was {a.name} the {y} was {b.name} .", bool(b.value), (a, b)


def tell_sentiment(draw: Draw, rng: random.Random) -> str:
    """A review, and whether its writer liked or hated the thing."""
    review, liked, _ = _review(draw, rng)
    return f"{review} they {'liked' if liked else 'hated'} it ."


def ask_sentiment(draw: Draw, rng: random.Random) -> Asked:
    """Did the writer of a review like the thing? "not" turns a word; of two words the last counts."""
    review, liked, carriers = _review(draw, rng)
    return f"{review} did they like it ?", liked, carriers


def tell_temporal(draw: Draw, rng: random.Random) -> str:
    """How long an event lasts, in a word or against a span of time."""
    event = draw("event")
    if rng.random() < 0.5:
        return f"the {event.name} lasts for {DURATIONS[event.value]} ."
    edge = rng.randrange(2)
    return f"the {event.name} is {'longer' if event.value > edge else 'shorter'} than {SPANS[edge]} ."


def ask_temporal(draw: Draw, rng: random.Random) -> Asked:
    """Does an event last for minutes, days or years, or longer than an hour, or a month?"""
    event = draw("event")
    if rng.random() < 0.5:
        value = event.value if rng.random() < 0.5 else rng.choice([v for v in range(3) if v != event.value])
        return f"does the {event.name} last for {DURATIONS[value]} ?", value == event.value, (event,)
    edge = rng.randrange(2)
    return f"is the {event.name} longer than {SPANS[edge]} ?", event.value > edge, (event,)


def _uses(word: Word, senses: tuple[str, str], rng: random.Random) -> list[str]:
    """Two sentences that use `word` in the two senses, with different verbs."""
    if senses[0] == senses[1]:
        verbs = rng.sample(SENSES[senses[0]], 2)
    else:
        verbs = [rng.choice(SENSES[sense]) for sense in senses]
    return [f"they {verb} the {word.name} ." for verb in verbs]


def tell_wic(draw: Draw, rng: random.Random) -> str:
    """A sentence that uses an ambiguous word in one of its senses."""
    word = draw("word")
    return rng.choice(_uses(word, word.value, rng))


def ask_wic(draw: Draw, rng: random.Random) -> Asked:
    """Does an ambiguous word have the same meaning in both sentences?"""
    word = draw("word")
    senses = (rng.choice(word.value), rng.choice(word.value))
    return f"{' '.join(_uses(word, senses, rng))} same meaning ?", senses[0] == senses[1], (word,)


# ---- reading: nothing to know, something to work out --------------------------------------------------
def _handover(draw: Draw, rng: random.Random) -> tuple[str, list[str], Noun]:
    """A story of a thing that passes from hand to hand, the people who held it in turn, and the thing.

    The question is about one of these people, so a bag of words cannot tell the answer.
    """
    noun, people = draw("noun"), rng.sample(PEOPLE, 3)
    steps = 1 if rng.random() < 0.7 else 2
    moves = " then ".join(f"{people[i]} gave the {noun.name} to {people[i + 1]} ." for i in range(steps))
    return moves, people[: steps + 1], noun


def tell_reading(draw: Draw, rng: random.Random) -> str:
    """A story of a thing that passes from hand to hand, and who has it at last."""
    story, people, noun = _handover(draw, rng)
    return f"{story} now {people[-1]} has the {noun.name} ."


def ask_reading(draw: Draw, rng: random.Random) -> Asked:
    """Does this person have the thing at last? Where not, it is somebody who has given it away."""
    story, people, noun = _handover(draw, rng)
    holds = rng.random() < 0.5
    who = people[-1] if holds else rng.choice(people[:-1])
    return f"{story} does {who} have the {noun.name} ?", holds, (noun,)
