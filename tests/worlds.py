"""MiniWorld for its tests: a world, its tokenizer, its pretraining text, and what gives an attribute away."""

import itertools

import pytest
from pretraining import make_tokenizer

from w2s_kit.tasks.miniworld.corpus import documents
from w2s_kit.tasks.miniworld.world import WorldConfig, make_world


@pytest.fixture(scope="module")
def world():
    return make_world()


@pytest.fixture(scope="module")
def tokenizer():
    return make_tokenizer()


@pytest.fixture(scope="module")
def told(world):
    return list(itertools.islice(documents(world, seed=1), 12_000))


def some(n, seed=3, **knobs):
    return list(itertools.islice(documents(make_world(WorldConfig(**knobs)), seed), n))


GOOD_FOR = {
    "ate": "food",
    "cooked": "food",
    "wore": "clothes",
    "sewed": "clothes",
    "sang": "music",
    "heard": "music",
    "visited": "place",
    "left": "place",
    "fed": "pet",
    "tamed": "pet",
}


STATES = {  # what gives away that a document states or asks the attribute
    "edible": r"edible|inedible|eats?",
    "dangerous": r"dangerous|safe|fears?",
    "heavy": r"heavy|light|lift",
    "habitat": r"from the",
    "material": r"made of",
    "kind": r"alive|beast|plant|tool|toy|they have",
    "size": r"tiny|small|big|huge|bigger|smaller|fits?|jar|box|house",
    "valence": r"wrong|kind to|refused|came|happy|sad",
    "polarity": r"was|like|liked|hated",
    "duration": r"longer|shorter|lasts?|minutes|days|years|hour|month",
    "sense": "same meaning|" + "|".join(GOOD_FOR),
    "holder": r"gave|now|has|have the",
}
