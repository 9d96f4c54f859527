"""MiniWorld against a reader of its own: answers are worked out again from the text and the tables of facts."""

import importlib.util
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
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from w2s_kit import tasks
from w2s_kit.tasks import PARTS, LeakageError, Split, load_task, task_names
from w2s_kit.tasks.miniworld import CONCEPTS, load
from w2s_kit.tasks.miniworld.text import FUNCTION_WORDS, documents, vocabulary
from w2s_kit.tasks.miniworld.world import FIRST, HABITATS, HERE, KINDS, LAST, MATERIALS, MIDDLE, TYPICAL, WorldConfig, make_world

NOUN_FACTS = [c.name for c in CONCEPTS.values() if c.sort == "noun" and c.about.startswith("a fact") and c.name in task_names()]


@pytest.fixture(scope="module")
def world():
    return make_world()


@pytest.fixture(scope="module")
def tokenizer():
    path = Path(__file__).parents[1] / "data_prep/pretrain_miniworld.py"
    spec = importlib.util.spec_from_file_location("pretrain_miniworld", path)
    module = sys.modules.setdefault(spec.name, importlib.util.module_from_spec(spec))
    if not hasattr(module, "make_tokenizer"):
        spec.loader.exec_module(module)
    return module.make_tokenizer()


@pytest.fixture(scope="module")
def told(world):
    return list(itertools.islice(documents(world, seed=1), 20_000))


def some(n, seed=3, **knobs):
    return list(itertools.islice(documents(make_world(WorldConfig(**knobs)), seed), n))


# ---- a second reading of the language ----------------------------------------------------------------
EDGES = {"cup": 10, "box": 50, "house": 250}  # cm
GOOD_FOR = {"ate": "food", "cooked": "food", "wore": "clothes", "sewed": "clothes", "sang": "music", "heard": "music",
            "visited": "place", "left": "place", "fed": "pet", "tamed": "pet"}


def facts(world):
    """Tables of facts by name; those of real words are read from the CSV files, not from the world."""
    table = {sort: {item.name: item for item in lexicon.items} for sort, lexicon in world.lexicons.items()}
    for row in pd.read_csv(HERE / "nouns.csv", keep_default_na=False).itertuples():
        assert table["noun"][row.noun].kind == row.kind and table["noun"][row.noun].material == row.material
        assert [getattr(table["noun"][row.noun], a) for a in ("size_cm", "heavy", "edible", "dangerous", "habitat")] == [row.size_cm, row.heavy, row.edible, row.dangerous, row.habitat]
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
        (r"the (\w+) was \w+ but the (?!\1 )\w+ was (\w+) \. did they like it \?", lambda _, a: good[a].value == 1),
        (r"though the (\w+) was \w+ the (?!\1 )\w+ was (\w+) \. did they like it \?", lambda _, a: good[a].value == 1),
        (r"is the (\w+) longer than an hour \?", lambda a: event[a].value >= 1),
        (r"is the (\w+) longer than a month \?", lambda a: event[a].value == 2),
        (r"does the (\w+) last for (minutes|days|years) \?", lambda a, v: ("minutes", "days", "years")[event[a].value] == v),
        (r"they (\w+) the (\w+) \. they (\w+) the \2 \. same meaning \?", lambda a, _, b: GOOD_FOR[a] == GOOD_FOR[b]),
        (r"they have an? (\w+) \. so they have an? (\w+) \?", lambda a, b: a not in KINDS and noun[a].kind == b),
        (r"they have no (\w+) \. so they have no (\w+) \?", lambda a, b: b not in KINDS and noun[b].kind == a),
        (r"(?P<moves>.*) does (?P<who>\w+) have the (?P<thing>\w+) \?", handed),
    ]
    for pattern, rule in rules:
        found = re.fullmatch(pattern, text)
        if found:
            return bool(rule(*found.groups()))
    raise AssertionError(f"no rule for {text!r}")


def handed(moves: str, who: str, thing: str) -> bool:
    holder = None
    for giver, what, receiver in re.findall(r"(\w+) gave the (\w+) to (\w+) \.", moves):
        assert what == thing and holder in (None, giver) and giver != receiver
        holder = receiver
    return holder == who


@pytest.mark.parametrize("name", task_names())
def test_labels_agree_with_a_second_reading(world, name):
    known = facts(world)
    for seed in range(3):
        for part in PARTS:
            table = getattr(load_task(name, seed, n_train=200, n_test=200), part)
            wrong = [(text, label) for text, label in zip(table["text"], table["label"]) if judge(text, known) != bool(label)]
            assert not wrong, wrong[:3]


def test_answers_in_the_pretraining_text_agree_with_a_second_reading(world, told):
    known, asked = facts(world), 0
    for document in told:
        for question, answer in re.findall(r"(\S.*? \?) (yes|no) \.", document):
            asked += 1
            assert judge(question, known) == (answer == "yes"), document
    assert asked > 10_000


def test_sentences_in_the_pretraining_text_are_true(world, told):
    known = facts(world)
    noun, rules = known["noun"], {
        r"people eat the (\w+) \.|the (\w+) is edible \.": lambda n: n.edible,
        r"nobody eats the (\w+) \.|the (\w+) is inedible \.": lambda n: not n.edible,
        r"people can lift the (\w+) \.|the (\w+) is light \.": lambda n: not n.heavy,
        r"nobody can lift the (\w+) \.|the (\w+) is heavy \.": lambda n: n.heavy,
        r"the (\w+) is alive \.()": lambda n: n.kind in ("beast", "plant"),
        r"the (\w+) is a dead thing \.()": lambda n: n.kind not in ("beast", "plant"),
    }
    seen = Counter()
    for document in told:
        for pattern, rule in rules.items():
            if found := re.fullmatch(pattern, document):
                seen["binary"] += 1
                assert rule(noun[found[1] or found[2]]), document
        if found := re.fullmatch(r"the (\w+) (fits inside|is bigger than) a (\w+) \.", document):
            seen["landmark"] += 1
            assert (noun[found[1]].size_cm < EDGES[found[3]]) == (found[2] == "fits inside"), document
        if found := re.fullmatch(r"the (\w+) is (bigger|smaller) than the (\w+) \.", document):
            seen["pair"] += 1
            assert (noun[found[1]].size_cm > noun[found[3]].size_cm) == (found[2] == "bigger"), document
        if found := re.fullmatch(r"(.*) (they (?:liked|hated) it|now \w+ has the \w+|\w+ is (?:happy|sad)) \.", document):
            story, end = found.groups()
            if end.startswith("they"):
                seen["review"] += 1
                assert judge(f"{story} did they like it ?", known) == ("liked" in end), document
            elif end.startswith("now"):
                seen["reading"] += 1
                assert handed(story, end.split()[1], end.split()[-1]), document
            elif story.startswith("they"):
                seen["social"] += 1
                assert judge(f"{story} is {end.split()[0]} happy ?", known) == end.endswith("happy"), document
        if found := re.fullmatch(r"(?=.*it is)the (\w+) is (.*)", document):  # everything at once
            n, words = noun[found[1]], set(found[2].split())
            seen["described"] += 1
            size = ("tiny", "small", "big", "huge")[sum(n.size_cm >= edge for edge in EDGES.values())]
            true = {size, n.habitat, n.kind, ("light", "heavy")[n.heavy], ("inedible", "edible")[n.edible], ("safe", "dangerous")[n.dangerous]}
            true |= {n.material} - {""}
            values = {"tiny", "small", "big", "huge", "light", "heavy", "inedible", "edible", "safe", "dangerous", "food", *KINDS, *HABITATS, *MATERIALS}
            assert words & values == true, document
    assert len(seen) == 7 and min(seen.values()) > 100, seen


def test_a_landmark_is_not_compared_with_itself(world):
    """"cup" is a noun as well."""
    cup, rng = next(n for n in world.lexicons["noun"].items if n.name == "cup"), random.Random(0)
    for _ in range(200):
        draws = itertools.chain([cup], iter(lambda: world.lexicons["noun"].draw(rng), None))
        draw = lambda sort: next(draws)
        for text in (CONCEPTS["size"].tell(draw, rng), CONCEPTS["size"].ask(draw, rng)[0]):
            draws = itertools.chain([cup], draws)
            assert not re.search(r"\bthe cup .* a cup\b", text), text


# ---- words -------------------------------------------------------------------------------------------
def test_every_word_is_known_to_the_tokenizer(told, tokenizer):
    words = Counter(itertools.chain.from_iterable(d.split() for d in told))
    unknown = [w for w in words if tokenizer.unk_token_id in tokenizer(w)["input_ids"]]
    assert not unknown and len(words) > 3_000
    ids = tokenizer(told)["input_ids"]
    assert not any(tokenizer.unk_token_id in i for i in ids) and all(i[0] == tokenizer.eos_token_id for i in ids)
    assert max(map(len, ids)) <= 128  # positions that the family has
    assert tokenizer.decode(ids[0], skip_special_tokens=True).split() == told[0].split()


def test_task_questions_are_known_to_the_tokenizer(tokenizer):
    for name in task_names():
        assert not any(tokenizer.unk_token_id in i for i in tokenizer(load_task(name, 5).test["text"].tolist())["input_ids"])


@pytest.mark.parametrize("seed", [0, 1, 2])
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
        assert sum(drawn[item.name] for item in lexicon.items[band]) / 1e5 == pytest.approx(weights[band].sum() / weights.sum(), abs=0.01)


def test_a_curriculum_begins_with_the_commonest_words(world):
    common = {item.name for lexicon in world.lexicons.values() for item in lexicon.items[: int(0.04 * len(lexicon)) + 1]}
    every = {item.name for lexicon in world.lexicons.values() for item in lexicon.items}
    words = set(" ".join(itertools.islice(documents(world, 1, reach=0.04), 3000)).split())
    assert words & every <= common | set(FUNCTION_WORDS)


# ---- determinism -------------------------------------------------------------------------------------
FINGERPRINT = """
import hashlib, itertools
from w2s_kit.tasks import load_task
from w2s_kit.tasks.miniworld import make_world
from w2s_kit.tasks.miniworld.text import documents, vocabulary
text = [*itertools.islice(documents(make_world(), 4), 500), *vocabulary(), load_task("size", 3).hash, load_task("sentiment", 3).hash]
print(hashlib.sha256("|".join(text).encode()).hexdigest())
"""


def test_the_same_seed_gives_the_same_everything_in_every_process():
    run = lambda salt: subprocess.run([sys.executable, "-c", FINGERPRINT], env={"PYTHONHASHSEED": salt, "PYTHONPATH": str(Path(__file__).parents[1])}, capture_output=True, text=True, check=True).stdout
    assert len(run("1")) == 65 and run("1") == run("2")


def test_another_seed_gives_another_split_and_another_text(world):
    assert load_task("edible", 1).hash == load_task("edible", 1).hash
    assert len({load_task(name, seed).hash for name in ("edible", "danger") for seed in range(3)}) == 6
    assert some(50, seed=1) == some(50, seed=1) != some(50, seed=2)
    assert {n.name for n in make_world(WorldConfig(seed=1)).lexicons["noun"].items} != {n.name for n in world.lexicons["noun"].items}


# ---- splits ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", task_names())
def test_splits_are_balanced_without_repeats_and_share_no_carriers(world, name):
    names = {item.name for item in world.lexicons[CONCEPTS[name].sort].items}
    hardness = []
    for seed in range(4):
        split, carriers = load_task(name, seed, n_train=300, n_test=201), {}
        texts = [text for part in PARTS for text in getattr(split, part)["text"]]
        assert len(set(texts)) == len(texts) == 801
        for part, n in zip(PARTS, (300, 300, 201)):
            table = getattr(split, part)
            assert table["label"].sum() == n // 2 and len(table) == n and list(table.columns) == ["text", "label", "group", "difficulty"]
            assert 0.3 < table["label"][: n // 2].mean() < 0.7  # shuffled
            # read off the text, and not from the column that promises it; "inside a cup" is a yardstick
            words = [set(re.sub(r"inside a \w+", "", text).split()) & names for text in table["text"]]
            assert words == [set(group) for group in table["group"]]
            carriers[part] = set().union(*words)
            hardness.append(table["difficulty"].mean())
            assert table["difficulty"].between(0, 1).all()
        assert not any(carriers[a] & carriers[b] for a, b in itertools.combinations(PARTS, 2))
    assert np.ptp(np.reshape(hardness, (4, 3)).mean(axis=0)) < 0.1  # the parts are equally hard


def test_difficulty_is_the_rarity_of_the_rarest_carrier(world):
    rank = {item.name: i for i, item in enumerate(world.lexicons["adjective"].items)}
    for row in load_task("sentiment", 0).test.itertuples():
        assert row.difficulty == pytest.approx(max(rank[g] for g in row.group) / (len(rank) - 1))


def a_table(groups):
    return pd.DataFrame({"text": [f"{g} {i}" for i, g in enumerate(groups)], "label": [0, 1] * (len(groups) // 2), "group": groups, "difficulty": 0.0})


def test_leakage_is_an_error():
    parts = [a_table([(f"{part}{i}",) for i in range(4)]) for part in PARTS]
    assert Split("fine", *parts)
    for a, b in itertools.combinations(range(3), 2):
        leaky = [table.copy() for table in parts]
        leaky[b]["group"] = [*leaky[b]["group"][:3], ("other", leaky[a]["group"][2][0])]  # the second word of a pair
        with pytest.raises(LeakageError, match=f"1 groups stand in both {PARTS[a]} and {PARTS[b]}.*split by group"):
            Split("leaky", *leaky)


def test_a_table_that_is_no_task_is_an_error():
    good = [a_table([(f"{part}{i}",) for i in range(4)]) for part in PARTS]
    for change, why in (({"label": [0, 1, 2, 0]}, "row 2 has label .*2"), ({"label": [1] * 4}, "needs both classes"), ({"label": [0, 1, np.nan, 0]}, "row 2")):
        with pytest.raises(ValueError, match=f"t/student.*{why}"):
            Split("t", good[0], good[1].assign(**change), good[2])
    with pytest.raises(ValueError, match=r"missing columns \['group'\]"):
        Split("t", good[0], good[1].drop(columns="group"), good[2])
    with pytest.raises(ValueError, match="t/test is empty"):
        Split("t", good[0], good[1], good[2][:0])


def test_too_many_examples_are_refused_with_a_number_that_works():
    few = WorldConfig(nouns=0, words=10)
    with pytest.raises(ValueError, match=r"ethics/supervisor: MiniWorld has only about \d+ .*at most \d+") as error:
        load("ethics", n_train=800, n_test=10, config=few)
    works = int(re.search(r"at most (\d+)", str(error.value))[1])
    assert 10 <= works < 800 and len(load("ethics", n_train=works // 2, n_test=10, config=few).supervisor) == works // 2


@pytest.mark.parametrize("name", NOUN_FACTS)
def test_a_bag_of_words_learns_nothing_that_carries_over(name, tokenizer):
    """Words and syllables of the question alone do not give the answer away: it takes knowledge from pretraining."""
    scores = []
    for seed in range(3):
        split = load_task(name, seed)
        bag = make_pipeline(CountVectorizer(analyzer=lambda text: text.split() + tokenizer.tokenize(text)), LogisticRegression(max_iter=300))
        scores.append(bag.fit(split.student["text"], split.student["label"]).score(split.test["text"], split.test["label"]))
    assert np.mean(scores) < 0.65 and max(scores) < 0.7, scores


# ---- knobs -------------------------------------------------------------------------------------------
def attributes_by_kind(rule):
    nouns = make_world(WorldConfig(rule=rule)).lexicons["noun"].items
    real = set(pd.read_csv(HERE / "nouns.csv")["noun"])
    return [((n.heavy, n.edible, n.dangerous, n.habitat, n.material), TYPICAL[n.kind]) for n in nouns if n.name not in real]


def test_the_rule_ties_attributes_to_the_kind():
    share = lambda rule: np.mean([[a == b for a, b in zip(*pair)] for pair in attributes_by_kind(rule)], axis=0)
    chance = np.array([1 / 2, 1 / 2, 1 / 2, 1 / 4, 1 / 4])
    assert all(has == typical for has, typical in attributes_by_kind(1.0)) and len(set(attributes_by_kind(1.0))) == 4
    assert np.allclose(share(0.0), chance, atol=0.04)
    assert np.allclose(share(0.5), 0.5 + 0.5 * chance, atol=0.04)


def test_knobs_leave_the_names_alone():
    names = lambda **knobs: {sort: {i.name for i in lexicon.items} for sort, lexicon in make_world(WorldConfig(**knobs)).lexicons.items()}
    assert names() == names(rule=1.0) == names(zipf=1.2) == names(questions=0.0) == names(concept="size", leakage=0.1)


def test_questions_is_the_share_of_documents_that_ask():
    share = lambda q: np.mean(["?" in d for d in some(3000, questions=q)])
    assert share(1.0) == 1
    assert share(0.5) == pytest.approx(0.5, abs=0.05)


def test_without_questions_nothing_is_asked():
    asked = [d for d in some(5000, questions=0.0) if "?" in d]
    assert not asked, f"{len(asked)} of 5000, such as {asked[:2]}"


SPEAKS_OF = {  # what gives away that a document states the concept
    "edible": r"\b(edible|inedible|eats?)\b", "danger": r"\b(dangerous|safe|fears?)\b", "weight": r"\b(heavy|light|lift)\b",
    "habitat": r"\bfrom the\b", "material": r"\bmade of\b", "alive": r"\b(alive|dead)\b", "size": r"\b(tiny|small|big|huge|bigger|smaller|fits?)\b",
    "nli": r"\bso they have\b", "ethics": r"\bit (wrong|kind) to\b|\bit is (wrong|kind) to\b", "social": r"\bthey (came|refused) to\b",
    "sentiment": r"\bwas\b", "temporal": r"\b(longer|shorter|lasts?)\b", "wic": r"\bthey (ate|cooked|wore|sewed|sang|heard|visited|left|fed|tamed) the\b", "reading": r"\bgave\b",
}


@pytest.mark.parametrize("concept", task_names())
def test_a_thinned_concept_is_heard_less(concept):
    heard = lambda leakage: np.mean([bool(re.search(SPEAKS_OF[concept], d)) for d in some(3000, concept=concept, leakage=leakage)])
    full, third, none = heard(1.0), heard(0.3), heard(0.0)
    assert full > 0.01
    assert none == 0, f"{none:.1%} of documents still state {concept}, against {full:.1%}"
    assert third == pytest.approx(0.3 * full, rel=0.5)


@pytest.mark.parametrize("knob", ["rule", "questions", "leakage"])
@pytest.mark.parametrize("value", [-0.1, 1.5, float("nan")])
def test_a_share_outside_0_to_1_is_refused(knob, value):
    with pytest.raises(ValueError, match=rf"WorldConfig.{knob} is a share.*\[0, 1\], got {value}"):
        WorldConfig(**{knob: value})


def test_unknown_names_suggest_the_nearest():
    with pytest.raises(ValueError, match="unknown task 'sentimnt'; did you mean 'sentiment'.*Known: .*reading"):
        load_task("sentimnt")
    with pytest.raises(ValueError, match=r"unknown task 'xyzzy'\. Known"):
        load_task("xyzzy")
    with pytest.raises(ValueError, match="unknown concept 'temporl'; did you mean 'temporal'"):
        some(1, concept="temporl")
    assert task_names() == list(tasks.task_names()) and "kind" not in task_names() and len(task_names()) == 14
