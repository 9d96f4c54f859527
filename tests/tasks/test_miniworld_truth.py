"""MiniWorld against a reader of its own, who works out answers again from the text and the facts."""

import itertools
import random
import re
from collections import Counter

import pandas as pd
import pytest
from worlds import GOOD_FOR, STATES, told, world  # noqa: F401  (fixtures)

from w2s_kit.tasks import load_task, task_names
from w2s_kit.tasks.miniworld.concepts import CONCEPTS
from w2s_kit.tasks.miniworld.vocabulary import HABITATS, HERE, KINDS, LANDMARKS, MATERIALS
from w2s_kit.tasks.split import PARTS

EDGES = {"jar": 10, "box": 50, "house": 250}  # cm


def facts(world):
    """Tables of facts by name; those of real words are read from the CSV files, not from the world."""
    table = {sort: {item.name: item for item in lexicon.items} for sort, lexicon in world.lexicons.items()}
    for row in pd.read_csv(HERE / "nouns.csv", keep_default_na=False).itertuples():
        assert table["noun"][row.noun].kind == row.kind and table["noun"][row.noun].material == row.material
        assert [
            getattr(table["noun"][row.noun], a)
            for a in ("size_cm", "heavy", "edible", "dangerous", "habitat")
        ] == [row.size_cm, row.heavy, row.edible, row.dangerous, row.habitat]
    for row in pd.read_csv(HERE / "words.csv").itertuples():
        assert table[row.list][row.word].value == row.value
    return table


def judge(text: str, known) -> bool:
    """The answer to a question, from its text."""
    noun, deed, good, event = known["noun"], known["deed"], known["adjective"], known["event"]
    rules = [
        (r"do people eat the (\w+) \?|is the (\w+) edible \?", lambda a, b: noun[a or b].edible == 1),
        (r"do people fear the (\w+) \?|is the (\w+) dangerous \?", lambda a, b: noun[a or b].dangerous == 1),
        (r"is the (\w+) heavy \?|is the (\w+) hard to lift \?", lambda a, b: noun[a or b].heavy == 1),
        (r"is the (\w+) alive \?", lambda a: noun[a].kind in ("beast", "plant")),
        (r"is the (\w+) from the (\w+) \?", lambda a, v: noun[a].habitat == v),
        (r"is the (\w+) made of (\w+) \?", lambda a, v: noun[a].material == v),
        (r"is the (\w+) a kind of (\w+) \?", lambda a, v: noun[a].kind == v),
        (r"does the (\w+) fit inside a (\w+) \?", lambda a, b: noun[a].size_cm < EDGES[b]),
        (r"is the (\w+) bigger than the (\w+) \?", lambda a, b: noun[a].size_cm > noun[b].size_cm),
        (r"is it wrong to (\w+) \w+ \?", lambda a: deed[a].value == 0),
        (r"they came to (\w+) (\w+) \. is \2 happy \?", lambda a, who: deed[a].value == 1),
        (r"they refused to (\w+) (\w+) \. is \2 happy \?", lambda a, who: deed[a].value == 0),
        (r"the \w+ was (\w+) \. did they like it \?", lambda a: good[a].value == 1),
        (r"the \w+ was not (\w+) \. did they like it \?", lambda a: good[a].value == 0),
        (
            r"the (\w+) was \w+ but the (?!\1 )\w+ was (\w+) \. did they like it \?",
            lambda _, a: good[a].value == 1,
        ),
        (
            r"though the (\w+) was \w+ the (?!\1 )\w+ was (\w+) \. did they like it \?",
            lambda _, a: good[a].value == 1,
        ),
        (r"is the (\w+) longer than an hour \?", lambda a: event[a].value >= 1),
        (r"is the (\w+) longer than a month \?", lambda a: event[a].value == 2),
        (
            r"does the (\w+) last for (minutes|days|years) \?",
            lambda a, v: ("minutes", "days", "years")[event[a].value] == v,
        ),
        (
            r"they (\w+) the (\w+) \. they (?!\1 )(\w+) the \2 \. same meaning \?",
            lambda *said: same_sense(known["word"], *said),
        ),
        (
            r"they have an? (\w+) \. so they have an? (\w+) \?",
            lambda a, b: a not in KINDS and noun[a].kind == b,
        ),
        (
            r"they have no (\w+) \. so they have no (\w+) \?",
            lambda a, b: b not in KINDS and noun[b].kind == a,
        ),
        (r"(?P<moves>.*) does (?P<who>\w+) have the (?P<thing>\w+) \?", handed),
    ]
    for pattern, rule in rules:
        found = re.fullmatch(pattern, text)
        if found:
            return bool(rule(*found.groups()))
    raise AssertionError(f"no rule for {text!r}")


def same_sense(words, verb, word, other) -> bool:
    assert {GOOD_FOR[verb], GOOD_FOR[other]} <= set(words[word].value)
    return GOOD_FOR[verb] == GOOD_FOR[other]


def handed(moves: str, who: str, thing: str) -> bool:
    holder = None
    for giver, what, receiver in re.findall(r"(\w+) gave the (\w+) to (\w+) \.", moves):
        assert what == thing and holder in (None, giver) and giver != receiver
        holder = receiver
    return holder == who


@pytest.mark.parametrize("name", task_names())
def test_labels_agree_with_a_second_reading(world, name):
    known = facts(world)
    for seed in range(2):
        split = load_task(name, seed, n_train=200, n_test=200)
        for part in PARTS:
            table = getattr(split, part)
            wrong = [
                (text, label)
                for text, label in zip(table["text"], table["label"])
                if judge(text, known) != bool(label)
            ]
            assert not wrong, wrong[:3]


def test_answers_in_the_pretraining_text_agree_with_a_second_reading(world, told):
    known, asked = facts(world), 0
    for document in told:
        for question, answer in re.findall(r"(\S.*? \?) (yes|no) \.", document):
            asked += 1
            assert judge(question, known) == (answer == "yes"), document
    assert asked > 6_000


def test_an_interview_is_up_to_four_different_questions_about_one_word(world, told):
    names, lengths = {item.name for lexicon in world.lexicons.values() for item in lexicon.items}, Counter()
    for document in told:
        questions = re.findall(r"(\S.*? \?) (?:yes|no) \.", document)
        lengths[len(questions)] += bool(questions)
        assert len(set(questions)) == len(questions) <= 4, document
        if questions:
            assert " ".join(re.findall(r"\S.*? \? (?:yes|no) \.", document)) == document
            assert set.intersection(*(set(q.split()) & names for q in questions)), document
    assert min(lengths[n] for n in (1, 2, 3, 4)) > 300, lengths


def described(n) -> set[str]:
    size = ("tiny", "small", "big", "huge")[sum(n.size_cm >= edge for edge in EDGES.values())]
    return {
        size,
        n.habitat,
        n.kind,
        ("light", "heavy")[n.heavy],
        ("inedible", "edible")[n.edible],
        ("safe", "dangerous")[n.dangerous],
    } | ({n.material} - {""})


VALUES = {
    "tiny",
    "small",
    "big",
    "huge",
    "light",
    "heavy",
    "inedible",
    "edible",
    "safe",
    "dangerous",
    "food",
    *KINDS,
    *HABITATS,
    *MATERIALS,
}


def test_sentences_in_the_pretraining_text_are_true(world, told):
    """Every document that asks nothing is one of these, and true."""
    known = facts(world)
    noun, deed, event, word = (known[sort] for sort in ("noun", "deed", "event", "word"))
    rules = {
        "edible": (r"people eat the (\w+) \.|the (\w+) is edible \.", lambda a, b: noun[a or b].edible),
        "inedible": (
            r"nobody eats the (\w+) \.|the (\w+) is inedible \.",
            lambda a, b: not noun[a or b].edible,
        ),
        "dangerous": (
            r"people fear the (\w+) \.|the (\w+) is dangerous \.",
            lambda a, b: noun[a or b].dangerous,
        ),
        "safe": (r"nobody fears the (\w+) \.|the (\w+) is safe \.", lambda a, b: not noun[a or b].dangerous),
        "light": (r"people can lift the (\w+) \.|the (\w+) is light \.", lambda a, b: not noun[a or b].heavy),
        "heavy": (r"nobody can lift the (\w+) \.|the (\w+) is heavy \.", lambda a, b: noun[a or b].heavy),
        "alive": (r"the (\w+) is alive \.", lambda a: noun[a].kind in ("beast", "plant")),
        "not alive": (r"the (\w+) is not alive \.", lambda a: noun[a].kind not in ("beast", "plant")),
        "habitat": (r"the (\w+) is from the (\w+) \.", lambda a, v: noun[a].habitat == v),
        "material": (r"the (\w+) is made of (\w+) \.", lambda a, v: noun[a].material == v),
        "kind": (r"the (\w+) is a kind of (\w+) \.", lambda a, v: noun[a].kind == v),
        "inside": (r"the (\w+) fits inside a (\w+) \.", lambda a, mark: noun[a].size_cm < EDGES[mark]),
        "outside": (r"the (\w+) is bigger than a (\w+) \.", lambda a, mark: noun[a].size_cm >= EDGES[mark]),
        "bigger": (r"the (\w+) is bigger than the (\w+) \.", lambda a, b: noun[a].size_cm > noun[b].size_cm),
        "smaller": (
            r"the (\w+) is smaller than the (\w+) \.",
            lambda a, b: noun[a].size_cm < noun[b].size_cm,
        ),
        "up": (r"(they have an? \w+ \. so they have an? \w+) \.", lambda said: judge(f"{said} ?", known)),
        "down": (r"(they have no \w+ \. so they have no \w+) \.", lambda said: judge(f"{said} ?", known)),
        "ethics": (
            r"it is (wrong|kind) to (\w+) \w+ \.",
            lambda said, a: said == ("wrong", "kind")[deed[a].value],
        ),
        "social": (
            r"(they (?:came|refused) to \w+ (\w+) \.) \2 is (happy|sad) \.",
            lambda story, who, felt: judge(f"{story} is {who} happy ?", known) == (felt == "happy"),
        ),
        "sentiment": (
            r"(.* was .* \.) they (liked|hated) it \.",
            lambda story, felt: judge(f"{story} did they like it ?", known) == (felt == "liked"),
        ),
        "lasts": (
            r"the (\w+) lasts for (minutes|days|years) \.",
            lambda a, v: ("minutes", "days", "years")[event[a].value] == v,
        ),
        "longer": (
            r"the (\w+) is longer than (an hour|a month) \.",
            lambda a, span: event[a].value > ("an hour", "a month").index(span),
        ),
        "shorter": (
            r"the (\w+) is shorter than (an hour|a month) \.",
            lambda a, span: event[a].value <= ("an hour", "a month").index(span),
        ),
        "wic": (r"they (\w+) the (\w+) \.", lambda verb, a: GOOD_FOR[verb] in word[a].value),
        "reading": (r"(.*) now (\w+) has the (\w+) \.", handed),
        "all": (
            r"the (\w+) is (.* \. it is .*) \.",
            lambda a, words: set(words.split()) & VALUES == described(noun[a]),
        ),
    }
    seen = Counter()
    for document in told:
        if "?" not in document:
            found = [
                (name, rule, match)
                for name, (pattern, rule) in rules.items()
                if (match := re.fullmatch(pattern, document))
            ]
            assert len(found) == 1 and found[0][1](*found[0][2].groups()), document
            seen[found[0][0]] += 1
    assert set(seen) == set(rules) and min(seen.values()) >= 10 and seen["all"] > 2_000, seen


def test_nobody_says_what_a_beast_is_made_of(told):
    table = pd.read_csv(HERE / "nouns.csv", keep_default_na=False)
    assert set(table["material"]) == {"", *MATERIALS} and set(
        table["material"][table["kind"] == "beast"]
    ) == {""}
    without = set(table["noun"][table["material"] == ""])
    texts = itertools.chain(told, *(load_task("material", seed).test["text"] for seed in range(3)))
    asked = [found[1] for text in texts for found in re.finditer(r"the (\w+) (?:is )?made of", text)]
    assert len(asked) > 1_500 and not without & set(asked)


def test_a_landmark_is_no_word_that_carries_a_fact(world):
    """... so that nothing is compared with itself, and a yardstick tells nothing about a part."""
    assert LANDMARKS == EDGES
    assert not set(LANDMARKS) & {item.name for lexicon in world.lexicons.values() for item in lexicon.items}


def test_every_concept_can_be_told_and_asked(world):
    """... and what is told is no question, whatever the chance."""
    for concept in CONCEPTS.values():
        rng = random.Random(concept.name)
        draw = lambda sort: world.lexicons[sort].draw(rng)
        answers = Counter(concept.ask(draw, rng)[1] for _ in range(200))
        assert answers.keys() == {True, False} and not any("?" in concept.tell(draw, rng) for _ in range(200))
        assert concept.attribute in STATES
    assert {c.attribute for c in CONCEPTS.values()} == set(STATES)
    assert sum(c.share for c in CONCEPTS.values()) == pytest.approx(1)
