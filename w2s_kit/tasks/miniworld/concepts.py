"""What MiniWorld says: for each concept a way to tell it and a way to ask it.

`tell` and `ask` take `draw`, a function from a sort of word to a word, and a random source. Pretraining
text calls them with the whole lexicon; tasks call `ask` with the words of one split only. Both therefore
speak the same language, and only finetuning knows which question it will be.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .vocabulary import BINARY, DURATIONS, KINDS, LANDMARKS, PEOPLE, REVIEWED, SENSES, SPANS, VALUED

Draw = Callable[[str], Any]
Asked = tuple[str, bool, tuple]  # question, answer, the words that carry the fact


def _noun_with(draw: Draw, attribute: str):
    noun = draw("noun")
    # a few real nouns have no material, or are food
    while getattr(noun, attribute) not in (*VALUED[attribute][0],):
        noun = draw("noun")
    return noun


def _tell_binary(attribute: str):
    yes, no, _ = BINARY[attribute]

    def tell(draw: Draw, rng: random.Random) -> str:
        noun = draw("noun")
        return rng.choice(yes if getattr(noun, attribute) else no).format(n=noun.name)

    return tell


def _ask_binary(attribute: str):
    questions = BINARY[attribute][2]

    def ask(draw: Draw, rng: random.Random) -> Asked:
        noun = draw("noun")
        return rng.choice(questions).format(n=noun.name), bool(getattr(noun, attribute)), (noun,)

    return ask


def _tell_valued(attribute: str):
    _, sentence, _ = VALUED[attribute]

    def tell(draw: Draw, rng: random.Random) -> str:
        noun = _noun_with(draw, attribute)
        return sentence.format(n=noun.name, v=getattr(noun, attribute))

    return tell


def _ask_valued(attribute: str):
    values, _, question = VALUED[attribute]

    def ask(draw: Draw, rng: random.Random) -> Asked:
        noun = _noun_with(draw, attribute)
        value = true = getattr(noun, attribute)
        if rng.random() < 0.5:
            value = rng.choice([v for v in values if v != true])
        return question.format(n=noun.name, v=value), value == true, (noun,)

    return ask


def _size_pair(draw: Draw):
    a, b = draw("noun"), draw("noun")
    while max(a.size_cm, b.size_cm) < 3 * min(a.size_cm, b.size_cm):
        b = draw("noun")
    return a, b


def _tell_size(draw: Draw, rng: random.Random) -> str:
    if rng.random() < 0.5:
        noun, (mark, edge) = draw("noun"), rng.choice(tuple(LANDMARKS.items()))
        return f"the {noun.name} {'fits inside' if noun.size_cm < edge else 'is bigger than'} a {mark} ."
    a, b = _size_pair(draw)
    if a.size_cm < b.size_cm:
        a, b = b, a
    return rng.choice(("the {a} is bigger than the {b} .", "the {b} is smaller than the {a} .")).format(
        a=a.name, b=b.name
    )


def _ask_size(draw: Draw, rng: random.Random) -> Asked:
    if rng.random() < 0.6:
        noun, (mark, edge) = draw("noun"), rng.choice(tuple(LANDMARKS.items()))
        return f"does the {noun.name} fit inside a {mark} ?", noun.size_cm < edge, (noun,)
    a, b = _size_pair(draw)
    return f"is the {a.name} bigger than the {b.name} ?", a.size_cm > b.size_cm, (a, b)


def _nli(noun, kind: str, valid: bool, rng: random.Random) -> tuple[str, str]:
    """Premise and conclusion. Valid are the steps up, "a dax, so a tool", and, denied, down: "no tool, so no
    dax".
    """
    denied = rng.random() < 0.5
    premise, conclusion = (noun.name, kind) if valid != denied else (kind, noun.name)
    article = (lambda name: "no") if denied else (lambda name: "an" if name[0] in "aeiou" else "a")
    return f"they have {article(premise)} {premise} .", f"so they have {article(conclusion)} {conclusion}"


def _tell_nli(draw: Draw, rng: random.Random) -> str:
    noun = _noun_with(draw, "kind")
    return " ".join(_nli(noun, noun.kind, True, rng)) + " ."


def _ask_nli(draw: Draw, rng: random.Random) -> Asked:
    noun = _noun_with(draw, "kind")
    entailed = rng.random() < 0.5
    # what is not entailed has either the wrong kind or the wrong direction
    valid = entailed or rng.random() < 0.5
    kind = noun.kind if entailed or not valid else rng.choice([k for k in KINDS if k != noun.kind])
    return " ".join(_nli(noun, kind, valid, rng)) + " ?", entailed, (noun,)


# ---- deeds, reviews, events, ambiguous words ---------------------------------------------------------
def _tell_ethics(draw: Draw, rng: random.Random) -> str:
    deed = draw("deed")
    return f"it is {('wrong', 'kind')[deed.value]} to {deed.name} {rng.choice(PEOPLE)} ."


def _ask_ethics(draw: Draw, rng: random.Random) -> Asked:
    deed = draw("deed")
    return f"is it wrong to {deed.name} {rng.choice(PEOPLE)} ?", deed.value == 0, (deed,)


def _social(draw: Draw, rng: random.Random):
    deed, who, refused = draw("deed"), rng.choice(PEOPLE), rng.random() < 0.25
    return (
        f"they {'refused' if refused else 'came'} to {deed.name} {who} .",
        who,
        bool(deed.value) != refused,
        deed,
    )


def _tell_social(draw: Draw, rng: random.Random) -> str:
    story, who, happy, _ = _social(draw, rng)
    return f"{story} {who} is {'happy' if happy else 'sad'} ."


def _ask_social(draw: Draw, rng: random.Random) -> Asked:
    story, who, happy, deed = _social(draw, rng)
    return f"{story} is {who} happy ?", happy, (deed,)


def _review(draw: Draw, rng: random.Random):
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


def _tell_sentiment(draw: Draw, rng: random.Random) -> str:
    review, liked, _ = _review(draw, rng)
    return f"{review} they {'liked' if liked else 'hated'} it ."


def _ask_sentiment(draw: Draw, rng: random.Random) -> Asked:
    review, liked, carriers = _review(draw, rng)
    return f"{review} did they like it ?", liked, carriers


def _tell_temporal(draw: Draw, rng: random.Random) -> str:
    event = draw("event")
    if rng.random() < 0.5:
        return f"the {event.name} lasts for {DURATIONS[event.value]} ."
    edge = rng.randrange(2)
    return f"the {event.name} is {'longer' if event.value > edge else 'shorter'} than {SPANS[edge]} ."


def _ask_temporal(draw: Draw, rng: random.Random) -> Asked:
    event = draw("event")
    if rng.random() < 0.5:
        value = event.value if rng.random() < 0.5 else rng.choice([v for v in range(3) if v != event.value])
        return f"does the {event.name} last for {DURATIONS[value]} ?", value == event.value, (event,)
    edge = rng.randrange(2)
    return f"is the {event.name} longer than {SPANS[edge]} ?", event.value > edge, (event,)


def _uses(word, senses: tuple[str, str], rng: random.Random) -> list[str]:
    """Two sentences that use `word` in the two senses, with different verbs."""
    verbs = (
        rng.sample(SENSES[senses[0]], 2)
        if senses[0] == senses[1]
        else [rng.choice(SENSES[sense]) for sense in senses]
    )
    return [f"they {verb} the {word.name} ." for verb in verbs]


def _tell_wic(draw: Draw, rng: random.Random) -> str:
    word = draw("word")
    return rng.choice(_uses(word, word.value, rng))


def _ask_wic(draw: Draw, rng: random.Random) -> Asked:
    word = draw("word")
    senses = (rng.choice(word.value), rng.choice(word.value))
    return f"{' '.join(_uses(word, senses, rng))} same meaning ?", senses[0] == senses[1], (word,)


# ---- reading: nothing to know, something to work out --------------------------------------------------
def _handover(draw: Draw, rng: random.Random):
    """A thing passes from hand to hand; the asked person is one who held it, so a bag of words cannot tell."""
    noun, people = draw("noun"), rng.sample(PEOPLE, 3)
    steps = 1 if rng.random() < 0.7 else 2
    moves = " then ".join(f"{people[i]} gave the {noun.name} to {people[i + 1]} ." for i in range(steps))
    return moves, people[: steps + 1], noun


def _tell_reading(draw: Draw, rng: random.Random) -> str:
    story, people, noun = _handover(draw, rng)
    return f"{story} now {people[-1]} has the {noun.name} ."


def _ask_reading(draw: Draw, rng: random.Random) -> Asked:
    story, people, noun = _handover(draw, rng)
    holds = rng.random() < 0.5
    return (
        f"{story} does {people[-1] if holds else rng.choice(people[:-1])} have the {noun.name} ?",
        holds,
        (noun,),
    )


# ---- the table of concepts ---------------------------------------------------------------------------
@dataclass(frozen=True)
class Concept:
    name: str
    counterpart: str  # which of the paper's 22 datasets it stands for
    about: str  # what the answer needs, in a few words
    sort: str  # the sort of word that carries the fact
    ask: Callable[[Draw, random.Random], Asked]
    tell: Callable[[Draw, random.Random], str]
    share: float  # share of the pretraining documents
    attribute: str  # what is asked of the word; concepts that share it stand and fall together


CONCEPTS = {
    c.name: c
    for c in (
        Concept(
            "edible",
            "SciQ",
            "a fact about a noun",
            "noun",
            _ask_binary("edible"),
            _tell_binary("edible"),
            0.02,
            "edible",
        ),
        Concept(
            "danger",
            "CosmosQA",
            "a fact about a noun",
            "noun",
            _ask_binary("dangerous"),
            _tell_binary("dangerous"),
            0.02,
            "dangerous",
        ),
        Concept(
            "weight",
            "QuaRTz",
            "a fact about a noun",
            "noun",
            _ask_binary("heavy"),
            _tell_binary("heavy"),
            0.02,
            "heavy",
        ),
        Concept(
            "habitat",
            "OpenBookQA",
            "a fact about a noun",
            "noun",
            _ask_valued("habitat"),
            _tell_valued("habitat"),
            0.02,
            "habitat",
        ),
        Concept(
            "material",
            "QuAIL",
            "a fact about a noun",
            "noun",
            _ask_valued("material"),
            _tell_valued("material"),
            0.02,
            "material",
        ),
        Concept(
            "kind",
            "DREAM",
            "a fact about a noun",
            "noun",
            _ask_valued("kind"),
            _tell_valued("kind"),
            0.02,
            "kind",
        ),
        Concept(
            "alive",
            "BoolQ",
            "a fact that follows from another",
            "noun",
            _ask_binary("alive"),
            _tell_binary("alive"),
            0.03,
            "kind",
        ),
        Concept(
            "size",
            "PIQA",
            "a fact compared with a landmark, or two facts with each other",
            "noun",
            _ask_size,
            _tell_size,
            0.12,
            "size",
        ),
        Concept("nli", "ANLI", "a fact and logic", "noun", _ask_nli, _tell_nli, 0.07, "kind"),
        Concept(
            "ethics", "ETHICS", "the valence of a deed", "deed", _ask_ethics, _tell_ethics, 0.10, "valence"
        ),
        Concept(
            "social",
            "Social IQa",
            "the valence of a deed, and refusal",
            "deed",
            _ask_social,
            _tell_social,
            0.12,
            "valence",
        ),
        Concept(
            "sentiment",
            "SST-2, Twitter Sentiment",
            "the valence of adjectives, negation, contrast",
            "adjective",
            _ask_sentiment,
            _tell_sentiment,
            0.17,
            "polarity",
        ),
        Concept(
            "temporal",
            "MCTACO",
            "how long an event lasts",
            "event",
            _ask_temporal,
            _tell_temporal,
            0.12,
            "duration",
        ),
        Concept(
            "wic", "WiC", "which sense of a word a verb calls for", "word", _ask_wic, _tell_wic, 0.08, "sense"
        ),
        Concept(
            "reading",
            "MultiRC",
            "following a thing from hand to hand",
            "noun",
            _ask_reading,
            _tell_reading,
            0.07,
            "holder",
        ),
    )
}
