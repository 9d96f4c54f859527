"""Several queries of a supervisor: the wordings mean the same, the weights are the paper's, and the method is
the loop on what is left.
"""

import random

import numpy as np
import pytest
import torch
from tiny import Tiny, data, same, weights

from w2s_kit.methods import get_method
from w2s_kit.methods.reliability import consistent, entropy, reliabilities, weighted_cross_entropy
from w2s_kit.tasks.miniworld.concepts import CONCEPTS
from w2s_kit.tasks.miniworld.paraphrase import ASIDES, queries, reworded
from w2s_kit.tasks.miniworld.world import make_world
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.device import pick_device
from w2s_kit.training.loop import finetune
from w2s_kit.training.losses import cross_entropy

CONFIG, CPU = TrainConfig(lr=0.02), pick_device("cpu")
ANSWERS = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0]])


# ------------------------------------------------------------------------------------------ wordings
@pytest.mark.parametrize("task", ["edible", "danger", "weight", "alive"])
def test_wordings_are_all_that_the_task_asks_about_a_noun_and_have_its_answer(task):
    nouns, rng = make_world().lexicons["noun"].items, random.Random(0)
    for noun in rng.sample(nouns, 20):
        asked = {
            text: label for text, label, _ in (CONCEPTS[task].ask(lambda sort: noun, rng) for _ in range(40))
        }
        assert len(set(asked.values())) == 1
        for text in asked:
            found = reworded(text)
            assert found[0] == text and len(found) == len(set(found)) == len(ASIDES) * len(asked)
            assert {wording.split(" . ")[-1] for wording in found} == set(asked), (
                "behind every aside stands a question of the same noun and task"
            )


def test_queries():
    texts = ["is the bladock edible ?", "do people fear the dog ?"]
    found = queries(texts, 5, seed=3)
    assert [row[0] for row in found] == texts and all(
        len(set(row)) == 5 and set(row) <= set(reworded(row[0])) for row in found
    )
    assert found == queries(texts, 5, seed=3) != queries(texts, 5, seed=4)
    with pytest.raises(
        ValueError, match="'is it wrong to help ann .' is no question for a fact about a noun"
    ):
        queries(["is it wrong to help ann ?"])


# ------------------------------------------------------------------------------------------ numbers
def test_entropy_and_weights_are_the_papers():
    part = lambda p: -p * np.log(p) - (1 - p) * np.log(1 - p)
    np.testing.assert_allclose(entropy(ANSWERS), [0, part(0.6), part(0.2), 0])
    e = np.exp
    three, four = e(3) / (e(3) + e(2)), e(4) / (e(4) + e(1))
    np.testing.assert_allclose(
        reliabilities(ANSWERS), [[1] * 5, [three] * 3 + [1 - three] * 2, [four] * 4 + [1 - four], [1] * 5]
    )
    np.testing.assert_allclose(reliabilities(ANSWERS, tau=1e9)[1:3], 0.5, atol=1e-6)


def test_the_filter_keeps_up_to_the_quantile_with_all_ties():
    np.testing.assert_array_equal(consistent(ANSWERS), [True, False, False, True])
    np.testing.assert_array_equal(consistent(ANSWERS, share=0.7), [True, False, True, True])
    assert consistent(np.ones((4, 5))).all(), "who never contradicts himself loses nothing"


def test_weighted_cross_entropy():
    rng = np.random.default_rng(0)
    logits, y, w = torch.tensor(rng.normal(size=(20, 2))), rng.integers(0, 2, 20), rng.uniform(0.01, 1, 20)
    log_f = logits.numpy() - np.log(np.exp(logits.numpy()).sum(axis=1, keepdims=True))
    loss = weighted_cross_entropy(logits, torch.tensor(0.5 + w * (y - 0.5)))
    assert loss.item() == pytest.approx(-(w * log_f[np.arange(20), y]).mean())
    hard = torch.tensor(y, dtype=torch.double)
    assert weighted_cross_entropy(logits, hard).item() == pytest.approx(cross_entropy(logits, hard).item())
    with pytest.raises(ValueError, match="two answers only"):
        weighted_cross_entropy(logits, torch.full((20, 2), 0.5))


# ------------------------------------------------------------------------------------------ the method
def trained(texts, **kw):
    model = Tiny()
    history = get_method("reliability")(model, texts, np.full(len(texts), np.nan), CONFIG, device=CPU, **kw)
    return weights(model), history.steps


def asked(n=120, copies=5):
    texts, labels = data(n)
    rng = np.random.default_rng(0)
    return (
        texts,
        [[text, *(f"{text} w{i}" for i in range(copies - 1))] for text in texts],
        (rng.random((n, copies)) < labels[:, None]).astype(int),
    )


def test_unweighted_is_naive_on_every_wording_in_as_many_steps():
    texts, wordings, answers = asked()
    found, steps = trained(texts, queries=wordings, answers=answers, by="unweighted")
    model = Tiny()
    alone = finetune(
        model,
        sum(wordings, []),
        answers.ravel().astype(float),
        TrainConfig(lr=0.02, epochs=2 / 5),
        device=CPU,
    )
    assert steps == alone.steps == 8 and all(
        torch.allclose(found[k], weights(model)[k], atol=1e-4) for k in found
    )


def test_filter_is_unweighted_on_what_it_keeps():
    texts, wordings, answers = asked()
    rows = np.flatnonzero(consistent(answers))
    assert 0 < len(rows) < len(texts)
    found, steps = trained(texts, queries=wordings, answers=answers, by="filter")
    few = [wordings[i] for i in rows]
    model = Tiny()
    alone = finetune(
        model,
        sum(few, []),
        answers[rows].ravel().astype(float),
        TrainConfig(lr=0.02, epochs=2 * len(texts) / (5 * len(rows))),
        device=CPU,
    )
    assert (
        steps == alone.steps
        and abs(steps - 8) <= 1
        and all(torch.allclose(found[k], weights(model)[k], atol=1e-4) for k in found)
    )


def test_weights_change_something_only_where_answers_differ():
    texts, wordings, answers = asked()
    agreed = np.repeat(answers[:, :1], 5, axis=1)
    ways = lambda said: [
        trained(texts, queries=wordings, answers=said, by=by)[0] for by in ("unweighted", "weights", "filter")
    ]
    plain, weighted, filtered = ways(agreed)
    assert same(plain, weighted) and same(plain, filtered), (
        "a supervisor that never contradicts itself is believed"
    )
    plain, weighted, filtered = ways(answers)
    assert not same(plain, weighted) and not same(plain, filtered)


def test_what_does_not_fit_is_refused():
    texts, wordings, answers = asked()
    for change, message in (
        ({"by": "filtre"}, "filter"),
        ({"answers": answers[:-1]}, r"got shape \(119, 5\)"),
        ({"answers": answers * 0.5}, "0 or 1"),
        ({"queries": wordings[:-1]}, "119 texts"),
        ({"queries": [wordings[0][:2], *wordings[1:]]}, "wordings"),
    ):
        with pytest.raises(ValueError, match=message):
            trained(texts, **{"queries": wordings, "answers": answers} | change)
