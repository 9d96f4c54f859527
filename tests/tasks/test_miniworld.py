"""MiniWorld against a reader of its own, who works out answers again from the text and the facts."""

import itertools
import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pretraining import make_tokenizer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from w2s_kit import tasks
from w2s_kit.tasks import load_task, task_names
from w2s_kit.tasks.miniworld.concepts import CONCEPTS
from w2s_kit.tasks.miniworld.corpus import documents
from w2s_kit.tasks.miniworld.questions import load
from w2s_kit.tasks.miniworld.vocabulary import (
    FIRST,
    FUNCTION_WORDS,
    HABITATS,
    HERE,
    KINDS,
    LANDMARKS,
    LAST,
    MATERIALS,
    MIDDLE,
    vocabulary,
)
from w2s_kit.tasks.miniworld.world import TYPICAL, WorldConfig, make_world
from w2s_kit.tasks.split import PARTS, LeakageError, Split

NOUN_FACTS = [
    c.name
    for c in CONCEPTS.values()
    if c.sort == "noun" and c.about.startswith("a fact") and c.name in task_names()
]


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


# ---- a second reading of the language ----------------------------------------------------------------
EDGES = {"jar": 10, "box": 50, "house": 250}  # cm
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


# ---- words -------------------------------------------------------------------------------------------
def test_every_word_is_known_to_the_tokenizer(told, tokenizer):
    words = Counter(itertools.chain.from_iterable(d.split() for d in told))
    unknown = [
        w for w, ids in zip(words, tokenizer(list(words))["input_ids"]) if tokenizer.unk_token_id in ids
    ]
    assert not unknown and len(words) > 3_000
    ids = tokenizer(told[:4000])["input_ids"]
    assert not any(tokenizer.unk_token_id in i for i in ids) and all(
        i[0] == tokenizer.eos_token_id for i in ids
    )
    assert max(map(len, ids)) <= 128  # positions that the family has
    assert tokenizer.decode(ids[0], skip_special_tokens=True).split() == told[0].split()


def test_task_questions_are_known_to_the_tokenizer(tokenizer):
    for name in task_names():
        assert not any(
            tokenizer.unk_token_id in i
            for i in tokenizer(load_task(name, 5).test["text"].tolist())["input_ids"]
        )


@pytest.mark.parametrize("seed", [0, 1])
def test_invented_words_are_read_as_their_syllables(tokenizer, seed):
    world = make_world(WorldConfig(seed=seed))
    real = set(pd.read_csv(HERE / "nouns.csv")["noun"]) | set(pd.read_csv(HERE / "words.csv")["word"])
    names = [item.name for lexicon in world.lexicons.values() for item in lexicon.items]
    assert len(set(names)) == len(names) and not set(names) - {"song", "fair"} & set(FUNCTION_WORDS) - real
    invented = [n for n in names if n not in real]
    assert len(invented) == WorldConfig().nouns + 4 * WorldConfig().words
    for name in invented:
        cuts = [(name[:i], name[i:j], name[j:]) for i in (2, 3) for j in (i, i + 2)]
        splits = [(a, m, b) for a, m, b in cuts if a in FIRST and (not m or m in MIDDLE) and b in LAST]
        assert len(splits) == 1, (name, splits)
        first, middle, last = splits[0]
        assert tokenizer.tokenize(name) == [first, *([f"##{middle}"] if middle else []), f"##{last}"]
    for name in real:
        assert tokenizer.tokenize(name) == [name]


def test_the_vocabulary_has_no_token_twice():
    assert len(set(vocabulary())) == len(vocabulary()) and vocabulary()[:3] == ["<pad>", "<eos>", "<unk>"]


def test_words_follow_the_frequency_law(world):
    lexicon, rng = world.lexicons["noun"], random.Random(0)
    drawn = Counter(lexicon.draw(rng).name for _ in range(100_000))
    weights = (np.arange(len(lexicon)) + 10.0) ** -WorldConfig().zipf
    for band in (slice(0, 20), slice(20, 200), slice(200, None)):
        assert sum(drawn[item.name] for item in lexicon.items[band]) / 1e5 == pytest.approx(
            weights[band].sum() / weights.sum(), abs=0.01
        )


def test_a_curriculum_begins_with_the_commonest_words(world):
    common = {
        item.name
        for lexicon in world.lexicons.values()
        for item in lexicon.items[: int(0.04 * len(lexicon)) + 1]
    }
    every = {item.name for lexicon in world.lexicons.values() for item in lexicon.items}
    words = set(" ".join(itertools.islice(documents(world, 1, reach=0.04), 3000)).split())
    assert words & every <= common | set(FUNCTION_WORDS)


# ---- determinism -------------------------------------------------------------------------------------
FINGERPRINT = """
import hashlib, itertools
from w2s_kit.tasks import load_task
from w2s_kit.tasks.miniworld.world import make_world
from w2s_kit.tasks.miniworld.corpus import documents
from w2s_kit.tasks.miniworld.vocabulary import vocabulary
hashes = load_task("size", 3).hash, load_task("sentiment", 3).hash
text = [*itertools.islice(documents(make_world(), 4), 500), *vocabulary(), *hashes]
print(hashlib.sha256("|".join(text).encode()).hexdigest())
"""


def test_the_same_seed_gives_the_same_everything_in_every_process():
    start = lambda salt: subprocess.Popen(
        [sys.executable, "-c", FINGERPRINT],
        env={"PYTHONHASHSEED": salt, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        text=True,
    )
    (one, _), (other, _) = [process.communicate() for process in [start("1"), start("2")]]
    assert len(one) == 65 and one == other


def test_another_seed_gives_another_split_and_another_text(world):
    assert load_task("edible", 1).hash == load_task("edible", 1).hash
    assert len({load_task(name, seed).hash for name in ("edible", "danger") for seed in range(3)}) == 6
    assert some(50, seed=1) == some(50, seed=1) != some(50, seed=2)
    assert {n.name for n in make_world(WorldConfig(seed=1)).lexicons["noun"].items} != {
        n.name for n in world.lexicons["noun"].items
    }


# ---- splits ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", task_names())
def test_splits_are_balanced_without_repeats_and_share_no_carriers(world, name):
    names = {item.name for item in world.lexicons[CONCEPTS[name].sort].items}
    hardness = []
    for seed in range(3):
        split, carriers = load_task(name, seed, n_train=300, n_test=201), {}
        texts = [text for part in PARTS for text in getattr(split, part)["text"]]
        assert len(set(texts)) == len(texts) == 801
        for part, n in zip(PARTS, (300, 300, 201)):
            table = getattr(split, part)
            assert (
                table["label"].sum() == n // 2
                and len(table) == n
                and list(table.columns) == ["text", "label", "group", "difficulty"]
            )
            assert 0.3 < table["label"][: n // 2].mean() < 0.7  # shuffled
            # read off the text, and not from the column that promises it
            words = [set(text.split()) & names for text in table["text"]]
            assert words == [set(group) for group in table["group"]]
            carriers[part] = set().union(*words)
            hardness.append(table["difficulty"].mean())
            assert table["difficulty"].between(0, 1).all()
        assert not any(carriers[a] & carriers[b] for a, b in itertools.combinations(PARTS, 2))
    assert np.ptp(np.reshape(hardness, (3, 3)).mean(axis=0)) < 0.1  # the parts are equally hard


def test_difficulty_is_the_rarity_of_the_rarest_carrier(world):
    rank = {item.name: i for i, item in enumerate(world.lexicons["adjective"].items)}
    for row in load_task("sentiment", 0).test.itertuples():
        assert row.difficulty == pytest.approx(max(rank[g] for g in row.group) / (len(rank) - 1))


def a_table(groups):
    return pd.DataFrame(
        {
            "text": [f"{g} {i}" for i, g in enumerate(groups)],
            "label": [0, 1] * (len(groups) // 2),
            "group": groups,
            "difficulty": 0.0,
        }
    )


def test_leakage_is_an_error():
    parts = [a_table([(f"{part}{i}",) for i in range(4)]) for part in PARTS]
    assert Split("fine", *parts)
    for a, b in itertools.combinations(range(3), 2):
        leaky = [table.copy() for table in parts]
        # the second word of a pair
        leaky[b]["group"] = [*leaky[b]["group"][:3], ("other", leaky[a]["group"][2][0])]
        with pytest.raises(
            LeakageError, match=f"1 groups stand in both {PARTS[a]} and {PARTS[b]}.*split by group"
        ):
            Split("leaky", *leaky)


def test_a_table_that_is_no_task_is_an_error():
    good = [a_table([(f"{part}{i}",) for i in range(4)]) for part in PARTS]
    for change, why in (
        ({"label": [0, 1, 2, 0]}, "row 2 has label .*2"),
        ({"label": [1] * 4}, "needs both classes"),
        ({"label": [0, 1, np.nan, 0]}, "row 2"),
    ):
        with pytest.raises(ValueError, match=f"t/student.*{why}"):
            Split("t", good[0], good[1].assign(**change), good[2])
    with pytest.raises(ValueError, match=r"missing columns \['group'\]"):
        Split("t", good[0], good[1].drop(columns="group"), good[2])
    with pytest.raises(ValueError, match="t/test is empty"):
        Split("t", good[0], good[1], good[2][:0])


def test_a_world_of_too_few_words_for_three_parts_is_refused():
    with pytest.raises(ValueError, match="wic/student: no words.*; raise WorldConfig.words"):
        # seed 0 deals the only word to the supervisor
        load("wic", n_train=2, n_test=2, config=WorldConfig(words=1))


def test_too_many_examples_are_refused_with_a_number_that_works():
    few = WorldConfig(nouns=1, words=10)
    with pytest.raises(
        ValueError,
        match=r"ethics/supervisor: MiniWorld has no more than about (\d+) different questions here, "
        r"half of them yes; ask for at most \1$",
    ) as error:
        load("ethics", n_train=800, n_test=10, config=few)
    works = int(re.search(r"at most (\d+)", str(error.value))[1])
    assert (
        10 <= works < 800
        and works % 2 == 0
        and len(load("ethics", n_train=works, n_test=10, config=few).supervisor) == works
    )
    with pytest.raises(ValueError, match=rf"ethics/supervisor: .*ask for at most {works}$"):
        load("ethics", n_train=works + 2, n_test=10, config=few)


@pytest.mark.parametrize("name", NOUN_FACTS)
def test_a_bag_of_words_learns_nothing_that_carries_over(name, tokenizer):
    """Words and syllables of the question alone do not give the answer away: it takes knowledge from
    pretraining.
    """
    scores = []
    for seed in range(3):
        split = load_task(name, seed)
        bag = make_pipeline(
            CountVectorizer(analyzer=lambda text: text.split() + tokenizer.tokenize(text)),
            LogisticRegression(max_iter=300),
        )
        scores.append(
            bag.fit(split.student["text"], split.student["label"]).score(
                split.test["text"], split.test["label"]
            )
        )
    assert np.mean(scores) < 0.65 and max(scores) < 0.7, scores


# ---- knobs -------------------------------------------------------------------------------------------
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


def test_unknown_names_suggest_the_nearest():
    with pytest.raises(
        ValueError, match="unknown task 'sentimnt'; did you mean 'sentiment'.*Known: .*reading"
    ):
        load_task("sentimnt")
    with pytest.raises(ValueError, match=r"unknown task 'xyzzy'\. Known"):
        load_task("xyzzy")
    with pytest.raises(ValueError, match="unknown concept 'temporl'; did you mean 'temporal'"):
        some(1, concept="temporl")
    assert task_names() == list(tasks.task_names()) and "kind" not in task_names() and len(task_names()) == 14


def test_fresh_parts_for_a_chain():
    plain, split = load_task("edible", 2, 100, 100), load_task("edible", 2, 100, 100, fresh=2)
    assert list(plain.parts) == ["supervisor", "student", "test"] and list(split.parts) == [
        "supervisor",
        "student",
        "fresh1",
        "fresh2",
        "test",
    ]
    assert [len(table) for table in split.parts.values()] == [100] * 5 and split.fresh[0][
        "label"
    ].mean() == 0.5
    assert plain.hash == load_task("edible", 2, 100, 100).hash != split.hash
