"""MiniWorld's dialogues: every answer is what it says it is, people are as noisy as stated, and conflicts are
marked rightly.
"""

import itertools
import math
import random

import numpy as np
import pytest

from w2s_kit.tasks import load_task
from w2s_kit.tasks.miniworld import dialogue
from w2s_kit.tasks.miniworld.dialogue import Answer, answer, ask, kind_of_pair, prefer, talk
from w2s_kit.tasks.miniworld.world import WorldConfig, make_world
from w2s_kit.tasks.split import SEPARATOR

WORLD = make_world()
NOUNS = {noun.name: noun for noun in WORLD.lexicons["noun"].items}


def some(n, seed=0):
    rng = random.Random(seed)
    for _ in range(n):
        prompt = ask(rng)
        yield prompt, answer(prompt, lambda sort: rng.choice(WORLD.lexicons["noun"].items), rng)


def truth(question):
    """By the tables of the world alone, not by the code that wrote the dialogue."""
    noun = NOUNS[next(word for word in question.split() if word in NOUNS)]
    if " from the " in question:
        return noun.habitat == question.split()[-2]
    if " made of " in question:
        return noun.material == question.split()[-2]
    if " a kind of " in question:
        return noun.kind == question.split()[-2]
    for word, attribute in (
        ("eat", "edible"),
        ("edible", "edible"),
        ("fear", "dangerous"),
        ("dangerous", "dangerous"),
        ("heavy", "heavy"),
        ("lift", "heavy"),
        ("alive", "alive"),
    ):
        if word in question.split():
            return bool(getattr(noun, attribute))
    raise AssertionError(question)


def test_a_stance_is_the_truth_about_the_world():
    stances = set()
    for prompt, said in some(2_000):
        stances.add(said.stance)
        last = next(
            part
            for part in reversed(said.text.replace("?", "?|").replace(".", ".|").split("|"))
            if part.strip()
        ).strip()
        if said.stance == 0:
            assert last in dialogue.EVASIONS and not said.nouns
        else:
            assert truth(last) == (said.stance == 1), (prompt, said)
            assert prompt.text.endswith(last.replace(f"the {said.nouns[0]}", "it")), "it answers the prompt"
    assert stances == {1, 0, -1}


def test_manner_and_length_are_in_the_words():
    for _, said in some(500):
        assert said.spare == sum(sentence in said.text for sentence in dialogue.SPARE)
        openings = [
            manner
            for manner, words in dialogue.MANNERS.items()
            for word in words
            if word and said.text.startswith(word)
        ]
        assert openings == [said.manner] * bool(said.manner)


def test_the_parts_of_an_answer_tell_nothing_of_each_other():
    parts = np.array([(said.stance, said.manner, said.spare) for _, said in some(6_000)])
    assert np.abs(np.corrcoef(parts.T) - np.eye(3)).max() < 0.04


def test_only_known_words():
    """The shipped tokenizer knows every word: no <unk>."""
    from w2s_kit.models.families import load_family
    from w2s_kit.models.loading import load_model

    _, tokenizer = load_model(load_family("miniworld-chat")["xs"])
    rng = random.Random(0)
    for text in (
        *(f"{prompt.text} {said.text}" for prompt, said in some(300)),
        *(talk(lambda sort: rng.choice(WORLD.lexicons["noun"].items), rng) for _ in range(300)),
    ):
        assert tokenizer.unk_token_id not in tokenizer(text)["input_ids"], text


def test_people_are_as_noisy_as_stated():
    a, b, rng = Answer("", 1, 0, 0), Answer("", 0, 1, 2), random.Random(0)
    share = np.mean([prefer(a, b, rng) for _ in range(20_000)])
    assert share == pytest.approx(1 / (1 + math.exp(1.5 * (1 - 0.5 - 0.3))), abs=0.015)
    assert a.quality == 1 and b.quality == pytest.approx(0.15)


def test_kinds_of_pairs():
    true_rude, false_polite, evasive, long = (
        Answer("", 1, -1, 0),
        Answer("", -1, 1, 0),
        Answer("", 0, 0, 0),
        Answer("", 0, 0, 3),
    )
    assert (
        kind_of_pair(true_rude, false_polite)
        == kind_of_pair(false_polite, true_rude)
        == "truth against surface"
    )
    assert kind_of_pair(true_rude, Answer("", -1, -1, 0)) == "truth alone"
    assert (
        kind_of_pair(evasive, false_polite) == "truth against surface"
        and kind_of_pair(evasive, Answer("", -1, -1, 0)) == "truth with surface"
    )
    assert kind_of_pair(evasive, long) == "length" and kind_of_pair(evasive, Answer("", 0, 1, 3)) == "manner"
    # the same surface in other words: half a manner is no more than the spare sentences that would make up
    # for it
    assert kind_of_pair(Answer("", 1, 0, 1), Answer("", -1, 0, 1)) == "truth alone"


def test_the_split():
    split = load_task("dialogue", seed=3, n_train=120, n_test=400)
    assert split.kind == "pairs" and list(split.parts) == [
        "supervisor",
        "student",
        "fresh1",
        "fresh2",
        "test",
    ]
    for part, table in split.parts.items():
        assert table["label"].mean() == 0.5 and table["text"].is_unique
        assert (table["label"] == table["better" if part == "test" else "preferred"]).all()
        assert set(table["kind"]) == set(dialogue.PAIRS) and table["difficulty"].between(0, 1).all()
        for text, nouns in zip(table["text"], table["group"]):
            assert set(nouns) == {word for word in text.replace(SEPARATOR, " ").split() if word in NOUNS}
    nouns = [set(itertools.chain.from_iterable(table["group"])) for table in split.parts.values()]
    assert all(not a & b for a, b in itertools.combinations(nouns, 2))
    test = split.test
    agree = (test["preferred"] == test["better"]).groupby(test["kind"]).mean()
    assert agree["truth with surface"] > agree["truth against surface"] > 0.5 > agree["length"], (
        "people like length, but truth more"
    )
    assert load_task("dialogue", 3, 120, 400).hash == split.hash != load_task("dialogue", 4, 120, 400).hash


def test_new_prompts_about_a_part():
    split, rng = load_task("dialogue", n_train=60, n_test=60), random.Random(0)
    about = set(itertools.chain.from_iterable(split.test["group"]))
    sampled = dialogue.sample(split.test, 20, 5, rng)
    assert len(sampled) == 20 and all(len(those) == 5 for _, those in sampled)
    assert {noun for _, those in sampled for one in those for noun in one.nouns} <= about


def test_a_world_of_another_seed_has_other_nouns():
    other = dialogue.load("dialogue", n_train=20, n_test=20, config=WorldConfig(seed=1))
    names = {noun.name for noun in make_world(WorldConfig(seed=1)).lexicons["noun"].items}
    assert {noun for group in other.test["group"] for noun in group} <= names


def test_a_world_too_small_says_so():
    with pytest.raises(ValueError, match="raise WorldConfig.nouns"):
        dialogue.load("dialogue", n_train=20, n_test=20, config=WorldConfig(nouns=1, rule=1.0))
    one = next(noun for noun in WORLD.lexicons["noun"].items if noun.kind == "tool" and noun.material)
    with pytest.raises(ValueError, match="too few nouns"):
        for seed in range(50):
            answer(ask(random.Random(seed)), lambda sort: one, random.Random(seed))


def test_half_of_what_the_family_reads_on_is_dialogues():
    from pretraining_miniworld import chat

    texts = list(itertools.islice(chat(WORLD, 2), 1_000))
    assert texts == list(itertools.islice(chat(WORLD, 2), 1_000))
    talks = [
        text
        for text in texts
        if text.startswith("is it ")
        or " came for it ." in text
        or text.startswith("do people")
        and " it ?" in text
    ]
    assert 0.4 < len(talks) / len(texts) < 0.6
    replies = [text.split("?")[-1].split() for text in talks]
    assert {"yes", "no", "happy", "sad"} <= {word for reply in replies for word in reply}
    assert {tuple(reply) for reply in replies if "yes" in reply and "happy" in reply} == {
        ("yes", ".", "happy", "."),
        ("happy", ".", "yes", "."),
    }


def test_reactions_are_true_and_the_share_moves_nothing_else():
    nouns = [NOUNS[name] for name in sorted(NOUNS)][::3]
    none, half, all_ = (dialogue.talks(nouns, 600, share, random.Random(1)) for share in (0, 0.5, 1))
    reactions = (" yes .", " no .")
    assert not any(text.endswith(reactions) for text in none)
    for quiet, some_, loud in zip(none, half, all_):
        assert loud.startswith(quiet) and some_ in (quiet, loud)
        evades = quiet.endswith(dialogue.EVASIONS)
        assert evades != loud.endswith(reactions)
        if not evades:
            question = quiet.split(" . ")[-1].split(" ? ")[-1]
            assert loud == quiet + reactions[not truth(question)]
    verdicts = [(a, b) for a, b in zip(half, all_) if b.endswith(reactions)]
    assert np.mean([a == b for a, b in verdicts]) == pytest.approx(0.5, abs=0.08)
    named = {word for text in all_ for word in text.split() if word in NOUNS}
    assert named <= {noun.name for noun in nouns} and len(named) > 100


def test_a_share_of_reactions_lies_between_none_and_all():
    with pytest.raises(ValueError, match="must lie in"):
        dialogue.talks(WORLD.lexicons["noun"].items, 1, 1.5, random.Random(0))


def test_nouns_that_parts_name():
    split = load_task("dialogue", n_train=40, n_test=40)
    both = dialogue.named(split.test, split.student)
    groups = itertools.chain(split.test["group"], split.student["group"])
    assert {noun.name for noun in both} == set(itertools.chain.from_iterable(groups))
    assert set(dialogue.named(split.test)).isdisjoint(dialogue.named(split.student))
