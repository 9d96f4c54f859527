"""An anchor on the representation, and learned weights over several supervisors."""

import math
import sys

import numpy as np
import pytest
import torch
from tiny import Tiny, data, same, weights

from w2s_kit.methods import anchor, learned_weights, naive
from w2s_kit.methods.anchor import Anchor, Anchored
from w2s_kit.methods.learned_weights import moved
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier, load_reward_model
from w2s_kit.tasks import load_task
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.device import pick_device
from w2s_kit.training.loop import finetune
from w2s_kit.training.reading import features, predict

CPU, CONFIG = pick_device("cpu"), TrainConfig(lr=0.02)
MODULE = sys.modules["w2s_kit.methods.learned_weights"]  # hidden by the method of its name


# ----------------------------------------------------------------------------------------------------- anchor
def test_the_loss_is_cross_entropy_and_the_weighted_drift():
    logits = torch.tensor([[0.2, -0.4, 0.1], [1.0, 0.5, 0.3]], dtype=torch.double)
    soft = torch.tensor([0.8, 0.1], dtype=torch.double)
    p = logits[:, :2].softmax(dim=1)
    by_hand = -(soft * p[:, 1].log() + (1 - soft) * p[:, 0].log()).mean()
    for weight in (0.0, 1.0, 2.5):
        torch.testing.assert_close(Anchor(weight)(logits, soft, 1.0), by_hand + weight * 0.2)
    for weight in (-1, math.inf, math.nan):
        with pytest.raises(ValueError, match="weight is a number"):
            Anchor(weight)


def test_the_drift_is_that_of_what_the_head_sees():
    """On a real model, against `features` before and after a step; of a comparison both sides count."""
    spec, split = load_family()["xs"], load_task("danger", 100, 40, 20)
    texts, labels = split.student["text"].tolist(), split.student["label"].to_numpy(float)
    student = load_classifier(spec)
    both = Anchored(student)
    before = features(student, texts)
    naive(student, texts, labels, TrainConfig(lr=1e-2), progress=False)
    after = features(student, texts)
    rows = student.tokenizer(texts)["input_ids"]
    for row in range(3):
        ids, length = torch.tensor([rows[row]]), torch.tensor([len(rows[row])])
        logits = both(ids, length).detach().numpy()[0]
        apart = ((after[row] - before[row]) ** 2).sum() / (before[row] ** 2).sum()
        assert logits[2] == pytest.approx(apart, rel=1e-3) and apart > 0.01
        p = 1 / (1 + math.exp(logits[0] - logits[1]))
        assert p == pytest.approx(predict(student, [texts[row]])[0], abs=1e-5)

    pairs = load_task("dialogue", 100, 4, 4).student["text"].tolist()
    judge = load_reward_model(load_family("miniworld-chat")["xs"])
    twins = Anchored(judge)
    sides = [text.split("\x1e") for text in pairs]
    before = [features(judge, list(side)) for side in zip(*sides)]
    with torch.no_grad():
        for p in judge.backbone.parameters():
            p.mul_(1.05)
    after = [features(judge, list(side)) for side in zip(*sides)]
    apart = sum(((z - z0) ** 2).sum(axis=1) for z, z0 in zip(after, before))
    size = sum((z0**2).sum(axis=1) for z0 in before)
    row = judge.tokenizer(pairs[:1])["input_ids"][0]
    logits = twins(torch.tensor([row]), torch.tensor([len(row)])).detach().numpy()[0]
    assert logits[2] == pytest.approx(apart[0] / size[0], rel=1e-3) and logits[2] > 0


def test_an_anchor_of_no_weight_is_naive_and_a_heavy_one_holds_the_features():
    students = [Tiny() for _ in range(3)]
    naive(students[0], *data(), CONFIG, device=CPU)
    anchor(students[1], *data(), CONFIG, device=CPU, weight=0.0)
    anchor(students[2], *data(), CONFIG, device=CPU, weight=1e4)
    for name, p in weights(students[0]).items():
        torch.testing.assert_close(p, weights(students[1])[name])
    start = weights(Tiny())
    moves = [float((weights(s)["embedding.weight"] - start["embedding.weight"]).norm()) for s in students]
    assert moves[2] < 0.3 * moves[0]
    assert not torch.equal(weights(students[2])["head.weight"], start["head.weight"]), "the head is free"


def test_in_parts_an_anchor_is_the_same():
    """A batch that memory takes in parts has the gradient of the whole."""
    students = [Tiny(), Tiny()]
    anchor(students[0], *data(), CONFIG, device=CPU, weight=5.0)
    anchor(students[1], *data(), TrainConfig(lr=0.02, token_budget=60), device=CPU, weight=5.0)
    for name, p in weights(students[0]).items():
        torch.testing.assert_close(p, weights(students[1])[name], rtol=1e-3, atol=1e-4)


def test_what_an_anchor_cannot_hold_is_told():
    many = Tiny()
    many.answers = "many"
    with pytest.raises(ValueError, match="two answers and a linear head"):
        anchor(many, *data(), CONFIG)
    with pytest.raises(ValueError, match="early stopping"):
        anchor(Tiny(), *data(), CONFIG, validation=data(10))


# -------------------------------------------------------------------------------------------- learned weights
def test_weights_move_to_the_supervisor_that_the_student_finds_likely():
    predictions = np.array([0.9, 0.1, 0.8])
    panel = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [1.0, 0.0, 0.5]])
    cost = [-np.log([0.9, 0.9, 0.8]).mean(), -np.log([0.1, 0.1, 0.2]).mean()]
    start = np.ones(3) / 3
    found = moved(start, predictions, panel, rate=1.0)
    assert found.sum() == pytest.approx(1) and found[0] > found[2] > found[1]
    assert found[0] / found[1] == pytest.approx(math.exp(cost[1] - cost[0]))
    np.testing.assert_allclose(moved(start, predictions, panel, rate=0.0), start)
    assert np.isfinite(moved(start, np.array([1.0, 0.0, 1.0]), panel, rate=1.0)).all()


def test_easy_texts_come_first_and_the_trusted_supervisor_is_learned_then(monkeypatch):
    """Two of three supervisors are right wherever all agree; elsewhere only the first one is."""
    texts, soft = data(200)
    truth = (soft > 0.5).astype(float)
    rng = np.random.default_rng(0)
    noise = lambda: np.where(rng.random(200) < 0.55, truth, 1 - truth)
    panel = np.column_stack([truth, noise(), noise()]) * 0.8 + 0.1
    rounds, start = [], weights(Tiny())

    def learn(student, texts, labels, config, **kw):
        assert same(weights(student), start), "each round begins anew"
        rounds.append((texts, np.asarray(labels)))
        return finetune(student, texts, labels, config, device=CPU)

    monkeypatch.setattr(MODULE, "naive", learn)
    learned_weights(Tiny(), texts, None, TrainConfig(lr=0.05, epochs=6), panel=panel.tolist(), rounds=3)
    easy = [i for i, row in enumerate(panel > 0.5) if len(set(row)) == 1]
    assert 0 < len(easy) < 200 and rounds[0][0] == [texts[i] for i in easy]
    np.testing.assert_allclose(rounds[0][1], panel.mean(axis=1)[easy], atol=1e-6)
    last = rounds[-1][1]
    assert len(rounds) == 4 and rounds[-1][0] == texts
    assert np.abs(last - panel[:, 0]).mean() < 0.05 < np.abs(panel.mean(axis=1) - panel[:, 0]).mean()


@pytest.mark.parametrize(
    "panel, options, message",
    [
        (np.zeros((3, 2)), {}, "one row for each of 4 texts"),
        (np.full((4, 2), 0.6), dict(rounds=-1), "rounds is a whole number"),
        (np.full((4, 2), 0.6), dict(rate=-1.0), "rate a number"),
        (np.tile([0.9, 0.2], (4, 1)) + np.arange(4)[:, None] / 100, {}, "agrees on 0 of 4 texts"),
    ],
)
def test_bad_panels(panel, options, message):
    with pytest.raises(ValueError, match=message):
        learned_weights(Tiny(), ["w1", "w2", "w3", "w4"], None, CONFIG, panel=panel, **options)
