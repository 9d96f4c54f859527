"""The knobs of MiniWorld: each changes what it names, and nothing else."""

import itertools
import re
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from worlds import STATES, some, world  # noqa: F401  (fixtures)

from w2s_kit.tasks.miniworld.concepts import CONCEPTS
from w2s_kit.tasks.miniworld.vocabulary import FUNCTION_WORDS, HERE
from w2s_kit.tasks.miniworld.world import TYPICAL, WorldConfig, make_world


def attributes_by_kind(rule):
    nouns = make_world(WorldConfig(rule=rule)).lexicons["noun"].items
    real = set(pd.read_csv(HERE / "nouns.csv")["noun"])
    return [
        ((n.heavy, n.edible, n.dangerous, n.habitat, n.material), TYPICAL[n.kind])
        for n in nouns
        if n.name not in real
    ]


def test_the_rule_ties_attributes_to_the_kind():
    share = lambda rule: np.mean(
        [[a == b for a, b in zip(*pair)] for pair in attributes_by_kind(rule)], axis=0
    )
    chance = np.array([1 / 2, 1 / 2, 1 / 2, 1 / 4, 1 / 4])
    assert (
        all(has == typical for has, typical in attributes_by_kind(1.0))
        and len(set(attributes_by_kind(1.0))) == 4
    )
    assert np.allclose(share(0.0), chance, atol=0.04)
    assert np.allclose(share(0.5), 0.5 + 0.5 * chance, atol=0.04)


def test_a_sweep_of_the_rule_nests():
    """Along the sweep attributes turn typical one after another, and nothing else about a noun changes."""
    attributes = ("heavy", "edible", "dangerous", "habitat", "material")
    sweep = [make_world(WorldConfig(rule=rule)).lexicons["noun"].items for rule in (0.0, 0.3, 0.6, 1.0)]
    real, turned = set(pd.read_csv(HERE / "nouns.csv")["noun"]), Counter()
    for nouns in zip(*sweep):
        assert len({(n.name, n.kind, n.size_cm) for n in nouns}) == 1
        if nouns[0].name in real:
            assert len(set(nouns)) == 1
            continue
        for attribute, typical in zip(attributes, TYPICAL[nouns[0].kind]):
            values = [getattr(n, attribute) for n in nouns]
            for step, (before, after) in enumerate(itertools.pairwise(values)):
                assert after in (before, typical)
                turned[attribute, step] += before != after
            assert values[-1] == typical
    expected = {
        (a, step): share * (1 / 2 if i < 3 else 3 / 4)
        for i, a in enumerate(attributes)
        for step, share in enumerate((0.3, 0.3, 0.4))
    }
    for key, share in expected.items():
        assert turned[key] / WorldConfig().nouns == pytest.approx(share, abs=0.04), key


def test_the_rule_shapes_nothing_but_nouns(world):
    for rule in (0.3, 1.0):
        lexicons = make_world(WorldConfig(rule=rule)).lexicons
        assert lexicons.keys() == world.lexicons.keys() == {"noun", "deed", "adjective", "event", "word"}
        for sort, lexicon in lexicons.items():
            assert lexicon.weights == world.lexicons[sort].weights
            assert (lexicon.items == world.lexicons[sort].items) == (sort != "noun")


def test_the_other_knobs_shape_no_word(world):
    for knobs in ({"zipf": 1.2}, {"questions": 0.0}, {"concept": "size", "leakage": 0.1}):
        lexicons = make_world(WorldConfig(**knobs)).lexicons
        assert all(lexicons[sort].items == world.lexicons[sort].items for sort in world.lexicons)


def test_questions_is_the_share_of_documents_that_ask():
    share = lambda q: np.mean(["?" in d for d in some(3000, questions=q)])
    assert share(1.0) == 1
    assert share(0.5) == pytest.approx(0.5, abs=0.05)


def test_without_questions_nothing_is_asked():
    asked = [d for d in some(5000, questions=0.0) if "?" in d]
    assert not asked, f"{len(asked)} of 5000, such as {asked[:2]}"


# words of these sorts have one attribute
CARRIED_BY = {"valence": "deed", "polarity": "adjective", "duration": "event", "sense": "word"}


def stating(texts, attributes=tuple(STATES)):
    """Share of the documents that state or ask each attribute."""
    patterns = {attribute: re.compile(rf"\b(?:{STATES[attribute]})\b") for attribute in attributes}
    return {
        attribute: np.mean([bool(pattern.search(text)) for text in texts])
        for attribute, pattern in patterns.items()
    }


@pytest.fixture(scope="module")
def in_full():
    return stating(some(6000))


@pytest.mark.parametrize("attribute", STATES)
def test_a_thinned_attribute_is_heard_less_and_the_others_as_often(world, in_full, attribute):
    concept = next(c.name for c in CONCEPTS.values() if c.attribute == attribute)
    texts = some(2000, concept=concept, leakage=0.0)
    none, third = stating(texts), stating(some(1500, concept=concept, leakage=0.3), [attribute])
    assert in_full[attribute] > 0.03
    assert none[attribute] == 0, (
        f"{none[attribute]:.1%} of documents still state {attribute}, against {in_full[attribute]:.1%}"
    )
    assert third[attribute] == pytest.approx(0.3 * in_full[attribute], rel=0.5)
    assert all(none[other] > 0.7 * in_full[other] for other in STATES if other != attribute), none
    if attribute in CARRIED_BY:  # nobody even mentions its words
        names = {item.name for item in world.lexicons[CARRIED_BY[attribute]].items} - set(FUNCTION_WORDS)
        assert not names & set(" ".join(texts).split())


@pytest.mark.parametrize("sharing", [("ethics", "social"), ("alive", "nli", "kind")], ids=["valence", "kind"])
def test_concepts_that_share_an_attribute_are_thinned_together(sharing):
    assert len({CONCEPTS[name].attribute for name in sharing}) == 1
    for leakage in (0.0, 0.3):
        first, *others = [some(500, concept=name, leakage=leakage) for name in sharing]
        assert all(other == first for other in others)
    full, none = some(1500), some(1500, concept=sharing[0], leakage=0.0)
    for ask in {
        "ethics": (r"is it wrong to", r"it is (wrong|kind) to", r"they (came|refused) to"),
        "alive": (r"\balive\b", r"so they have", r"a kind of", r"\b(is|are) a (beast|plant|tool|toy)\b"),
    }[sharing[0]]:
        asked = lambda texts: sum(bool(re.search(ask, text)) for text in texts)
        assert asked(full) > 10 and asked(none) == 0


def test_a_leakage_of_one_thins_nothing(in_full):
    assert stating(some(2000, concept="size", leakage=1.0)) == pytest.approx(in_full, rel=0.35)
    assert some(300, leakage=0.0) == some(300)  # without a concept there is nothing to thin


@pytest.mark.parametrize("knob", ["rule", "questions", "leakage"])
@pytest.mark.parametrize("value", [-0.1, 1.5, float("nan")])
def test_a_share_outside_0_to_1_is_refused(knob, value):
    with pytest.raises(ValueError, match=rf"WorldConfig.{knob} is a share.*\[0, 1\], got {value}"):
        WorldConfig(**{knob: value})


@pytest.mark.parametrize(
    "knob, value", [("nouns", 0), ("nouns", -3), ("words", 0), ("words", -3), ("zipf", -0.1)]
)
def test_counts_below_one_and_negative_exponents_are_refused(knob, value):
    with pytest.raises(ValueError, match=rf"WorldConfig.{knob} is an? .*, got {value}"):
        WorldConfig(**{knob: value})


def test_the_edges_of_the_knobs_are_allowed():
    for knobs in (
        {"rule": 0},
        {"rule": 1},
        {"questions": 0},
        {"questions": 1},
        {"leakage": 0},
        {"leakage": 1},
        {"zipf": 0},
        {"nouns": 1, "words": 1},
    ):
        assert some(20, **knobs) == some(20, **knobs)
