"""Weak labels with errors where they are wanted."""

import itertools
import random
import re

import numpy as np
import pandas as pd
import pytest
from pretrain_dials import hearsay

from w2s_kit.tasks import load_task
from w2s_kit.tasks.miniworld.concepts import CONCEPTS
from w2s_kit.tasks.miniworld.world import WorldConfig, make_world, mistaken
from w2s_kit.tasks.supervisors import STRUCTURES, beliefs, errors_shared, wrong_at_top


def test_errors_stand_at_the_top_of_the_score_and_nowhere_else():
    truth, score = np.array([0, 1, 1, 0, 1]), [3, 9, 1, 7, 5]
    assert wrong_at_top(truth, score, 2).tolist() == [0, 0, 1, 1, 1]
    assert wrong_at_top(truth, score, 0).tolist() == truth.tolist()
    assert truth.tolist() == [0, 1, 1, 0, 1], "the caller's labels stay"


def test_ties_fall_at_random_and_by_the_seed():
    truth = np.zeros(1_000)
    first, again, other = (wrong_at_top(truth, truth, 300, seed) for seed in (0, 0, 1))
    assert first.sum() == 300 and np.array_equal(first, again)
    assert 60 < (first * other).sum() < 120  # 90 by chance
    assert 120 < first[:500].sum() < 180


@pytest.mark.parametrize("score, errors", [(np.zeros(4), 2), (np.zeros(5), 6), (np.zeros(5), -1)])
def test_impossible_errors_are_refused(score, errors):
    with pytest.raises(ValueError, match="errors among 5 examples"):
        wrong_at_top(np.zeros(5), score, errors)


@pytest.mark.parametrize("overlap, shared", [(0, 0), (0.25, 5), (0.5, 10), (1, 20)])
def test_shared_errors_are_as_many_as_wanted_and_where_they_are_wanted(overlap, shared):
    truth = np.arange(100) % 2
    answers = np.where(np.arange(100) < 20, 1 - truth, truth)
    labels = errors_shared(truth, answers, overlap, 30, seed=1)
    wrong = labels != truth
    assert wrong.sum() == 30 and wrong[:20].sum() == shared
    assert np.array_equal(labels, errors_shared(truth, answers, overlap, 30, seed=1))
    assert not np.array_equal(labels, errors_shared(truth, answers, overlap, 30, seed=2))
    assert np.array_equal(truth, np.arange(100) % 2), "the caller's truth stays"


@pytest.mark.parametrize(
    "truth, answers, overlap, errors, words",
    [
        ([0, 1, 1], [0, 1], 0.5, 1, "0 or 1, one of each"),
        ([0, 1], [0.2, 0.9], 0.5, 1, "make answers hard first"),
        ([0, 1], [0, 1], 1.5, 1, "share from 0 to 1, but 1.5"),
        ([0, 1], [0, 1], float("nan"), 1, "share from 0 to 1, but nan"),
        ([0, 0, 1], [1, 1, 1], 1, 1, "take from 2 to 3"),
        ([0, 0, 1], [1, 1, 1], 0, 2, "take from 0 to 1"),
    ],
)
def test_shared_errors_that_cannot_be_placed_are_refused(truth, answers, overlap, errors, words):
    with pytest.raises(ValueError, match=words):
        errors_shared(truth, answers, overlap, errors)


@pytest.mark.parametrize("task", ["edible", "weight"])
def test_all_structures_make_as_many_errors_and_each_its_own(task):
    examples = load_task(task, 0, 200, 200).test
    wrong = {
        name: wrong_at_top(examples["label"], score(examples), 40) != examples["label"].to_numpy()
        for name, score in STRUCTURES.items()
    }
    assert all(where.sum() == 40 for where in wrong.values())
    assert len({where.tobytes() for where in wrong.values()}) == len(STRUCTURES)
    difficulty, length = examples["difficulty"].to_numpy(), examples["text"].str.len().to_numpy()
    assert difficulty[wrong["rare"]].min() >= difficulty[~wrong["rare"]].max()
    assert difficulty[wrong["common"]].max() <= difficulty[~wrong["common"]].min()
    assert length[wrong["long"]].min() >= length[~wrong["long"]].max()
    assert length[wrong["short"]].max() <= length[~wrong["short"]].min()
    words = examples["group"].str[0]
    # a word is wrong always, but where the count ends
    assert len(set(words[wrong["word"]]) & set(words[~wrong["word"]])) <= 1
    assert words[wrong["letter"]].str[0].max() <= words[~wrong["letter"]].str[0].min()
    tools = STRUCTURES["kind"](examples)
    assert tools[wrong["kind"]].mean() == min(1, tools.sum() / 40) and 0.1 < tools.mean() < 0.4
    assert (examples["label"][wrong["yes"]] == 0).all()
    longer = examples["text"].str.split().str.len() > 5
    assert 0.3 < longer.mean() < 0.7 and (longer != examples["label"])[wrong["form"]].all()


@pytest.mark.parametrize("task", ["edible", "ethics", "sentiment"])
def test_people_are_wrong_about_the_same_words_wherever_they_stand(task):
    split = load_task(task, 0, 300, 300)
    both = {}
    for examples in (split.student, split.test):
        wrong = beliefs(task, examples) != examples["label"]
        assert 0.15 < wrong.mean() < 0.45
        for group, where in zip(examples["group"], wrong):
            assert both.setdefault(group[-1], where) == where
    again = beliefs(task, load_task(task, 0, 300, 300).test)
    assert np.array_equal(again, beliefs(task, split.test)) and set(again) <= {0.0, 1.0}


def test_beliefs_are_answers_of_the_mistaken_world():
    """The same sentences, told about the world that people believe in."""
    world = make_world()
    believed = mistaken(world)
    for name in ("edible", "ethics", "social", "sentiment"):
        concept, answers = CONCEPTS[name], []
        lexicons = [w.lexicons[concept.sort] for w in (world, believed)]
        for seed in range(300):
            # words of the mistaken world come in the places of the true one
            texts = [
                concept.ask(lambda sort: of.draw(rng), rng)
                for of, rng in zip(lexicons, (random.Random(seed), random.Random(seed)))
            ]
            if texts[0][0] == texts[1][0]:
                answers.append((texts[0][0], texts[0][1], texts[1][1], texts[0][2][-1].name))
        table = pd.DataFrame(answers, columns=["text", "label", "believed", "word"]).assign(
            group=lambda t: [(w,) for w in t["word"]]
        )
        assert len(table) > 100 and np.array_equal(
            beliefs(name, table.assign(label=table["label"].astype(int))), table["believed"].astype(float)
        )


def test_beliefs_are_for_single_facts():
    with pytest.raises(ValueError, match="nli: beliefs are known where one fact decides"):
        beliefs("nli", load_task("nli", 0, 50, 50).test)


def test_the_mistaken_world_is_the_world_but_for_three_facts_in_ten():
    world = make_world()
    believed, surer = mistaken(world), mistaken(world, share=0)
    for sort, words in world.lexicons.items():
        theirs = believed.lexicons[sort]
        assert [w.name for w in theirs.items] == [
            w.name for w in words.items
        ] and theirs.weights == words.weights
        assert [vars(w) for w in surer.lexicons[sort].items] == [vars(w) for w in words.items]
    nouns = list(zip(world.lexicons["noun"].items, believed.lexicons["noun"].items))
    assert all(a.size_cm == b.size_cm for a, b in nouns)
    for fact in ("heavy", "edible", "dangerous", "kind", "habitat", "material"):
        assert 0.25 < np.mean([getattr(a, fact) != getattr(b, fact) for a, b in nouns]) < 0.35


def test_hearsay_answers_by_belief_as_often_as_the_dial_says():
    world = make_world(WorldConfig(nouns=50, words=50))
    true, false = (
        {noun.name: noun.edible for noun in of.lexicons["noun"].items} for of in (world, mistaken(world))
    )
    for dial in (0, 0.5, 1):
        documents, said, told = hearsay(dial, world, 1), [], []
        for text in itertools.islice(documents, 20_000):
            for name, answer in re.findall(r"is the (\w+) edible \? (yes|no)", text):
                if true[name] != false[name]:
                    said.append((answer == "yes") == false[name])
            for name in re.findall(r"the (\w+) is edible \.", text):
                told.append(true[name])
        assert len(said) > 50 and abs(np.mean(said) - dial) < 0.15
        assert len(told) > 20 and all(told), "statements stay true"
