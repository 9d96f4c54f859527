"""The words of MiniWorld: real ones from two tables, invented ones, and those of its sentences."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

HERE = Path(__file__).parent

KINDS = ("beast", "plant", "tool", "toy")  #: Of things.
HABITATS = ("sea", "forest", "desert", "town")  #: Where things are from.
MATERIALS = ("wood", "metal", "stone", "clay")  #: What things are made of.
SIZES = ("tiny", "small", "big", "huge")  #: Of things, smallest first.
DURATIONS = ("minutes", "days", "years")  #: Of events, shortest first.
#: What a thing fits inside, in cm: the edges between the SIZES.
LANDMARKS = {"jar": 10, "box": 50, "house": 250}
SPANS = ("an hour", "a month")  #: The edges between the DURATIONS.
SENSES = {  # what people do with a word tells which of its senses is meant
    "food": ("ate", "cooked"),
    "clothes": ("wore", "sewed"),
    "music": ("sang", "heard"),
    "place": ("visited", "left"),
    "pet": ("fed", "tamed"),
}
PEOPLE = ("ann", "bob", "dan", "eve", "kim", "leo")
REVIEWED = ("film", "story", "meal", "hotel", "play", "song")


# Syllables, chosen so that WordPiece's greedy split is the only one: a first syllable ends at the first
# vowel, a last one ends in letters that start no syllable.
_ONSETS = "b d f g k l m n p r t v z bl br dr fl gr kl kr pl tr".split()
_VOWELS = "a e i o u".split()
_CODAS = "ck sh x ss sp".split()
_LAST_ONSETS = "b d f g l m n p r t v z".split()
FIRST = [c + v for c in _ONSETS for v in _VOWELS]
MIDDLE = [c + v for c in ("l", "n", "r", "v") for v in _VOWELS]
LAST = [
    c + v + k
    for i, c in enumerate(_LAST_ONSETS)
    for j, v in enumerate(_VOWELS)
    for k in [_CODAS[(i + j) % 5]]
]

# ---- facts about a noun ------------------------------------------------------------------------------
# attribute -> (sentence if true, sentence if false, questions)
BINARY = {
    "edible": (
        ("people eat the {n} .", "the {n} is edible ."),
        ("nobody eats the {n} .", "the {n} is inedible ."),
        ("do people eat the {n} ?", "is the {n} edible ?"),
    ),
    "dangerous": (
        ("people fear the {n} .", "the {n} is dangerous ."),
        ("nobody fears the {n} .", "the {n} is safe ."),
        ("do people fear the {n} ?", "is the {n} dangerous ?"),
    ),
    "heavy": (
        ("nobody can lift the {n} .", "the {n} is heavy ."),
        ("people can lift the {n} .", "the {n} is light ."),
        ("is the {n} heavy ?", "is the {n} hard to lift ?"),
    ),
    "alive": (("the {n} is alive .",), ("the {n} is not alive .",), ("is the {n} alive ?",)),
}
ADJECTIVE = {
    "edible": ("inedible", "edible"),
    "dangerous": ("safe", "dangerous"),
    "heavy": ("light", "heavy"),
}
VALUED = {
    "habitat": (HABITATS, "the {n} is from the {v} .", "is the {n} from the {v} ?"),
    "material": (MATERIALS, "the {n} is made of {v} .", "is the {n} made of {v} ?"),
    "kind": (KINDS, "the {n} is a kind of {v} .", "is the {n} a kind of {v} ?"),
}


def read_table(name: str) -> list[dict]:
    """The rows of a CSV file beside this module, as dicts of column and text."""
    with open(HERE / name, newline="") as f:
        return list(csv.DictReader(f))


def real_words() -> list[str]:
    """The nouns of nouns.csv, then the deeds, adjectives, events and ambiguous words of words.csv."""
    return [r["noun"] for r in read_table("nouns.csv")] + [r["word"] for r in read_table("words.csv")]


def _function_words() -> list[str]:
    """Every word of the sentences that is not a noun, deed, adjective, event or name-carrying word."""
    words: set[str] = (
        set("yes no".split())
        | set(PEOPLE)
        | set(REVIEWED)
        | set(SIZES)
        | set(HABITATS)
        | set(MATERIALS)
        | set(KINDS)
        | set(DURATIONS)
        | set(LANDMARKS)
        | set(" ".join(SPANS).split())
    )
    for verbs in SENSES.values():
        words |= set(verbs)
    for sentences in BINARY.values():
        for sentence in itertools.chain(*sentences):
            words |= set(sentence.replace("{n}", "").split())
    words |= set(w for pair in ADJECTIVE.values() for w in pair)
    words |= set(
        "the is a an food of kind made from it and , . ? so has no to wrong they came refused happy sad was "
        "not but though did like liked hated does last lasts for longer shorter than same meaning bigger "
        "smaller fit fits inside gave then now have".split()
    )
    return sorted(words)


FUNCTION_WORDS = _function_words()


def vocabulary() -> list[str]:
    """Every token: specials, function words, real words, syllables. The same for all worlds."""
    whole = list(dict.fromkeys([*FUNCTION_WORDS, *real_words()]))
    syllables = [s for s in FIRST if s not in whole]
    return ["<pad>", "<eos>", "<unk>", *whole, *syllables, *(f"##{s}" for s in (*MIDDLE, *LAST))]
