"""The tasks of MiniWorld: balanced parts that share no words that carry the answer."""

import itertools
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from worlds import some, tokenizer, world  # noqa: F401  (fixtures)

from w2s_kit import tasks
from w2s_kit.tasks import load_task, task_names
from w2s_kit.tasks.miniworld.concepts import CONCEPTS
from w2s_kit.tasks.miniworld.questions import load
from w2s_kit.tasks.miniworld.world import WorldConfig
from w2s_kit.tasks.split import PARTS, LeakageError, Split

NOUN_FACTS = [
    c.name
    for c in CONCEPTS.values()
    if c.sort == "noun" and c.about.startswith("a fact") and c.name in task_names()
]


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
