"""Adaptive confidence and co-supervision: closed forms, planted experts, and what they are not for."""

import math
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from loss_values import ce, value_and_slope
from tiny import Tiny, data, same, weights

from w2s_kit.experiment.settings import Settings
from w2s_kit.methods import get_method
from w2s_kit.methods.adaptive import Adaptive
from w2s_kit.methods.co_supervision import trusted
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.tasks import load_task
from w2s_kit.tasks.miniworld.world import make_world
from w2s_kit.tasks.supervisors import specialists
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.device import pick_device
from w2s_kit.training.loop import finetune
from w2s_kit.training.reading import predict

MODULE = sys.modules["w2s_kit.methods.co_supervision"]  # hidden by the function of its name
P, W = [0.9, 0.8, 0.3, 0.2], [0.9, 0.1, 0.6, 0.2]  # the student agrees, disagrees, disagrees, agrees
CPU = pick_device("cpu")


@pytest.mark.parametrize("trust_self", [False, True])
@pytest.mark.parametrize("tau", [0.5, 1.0, 3.0])
def test_adaptive_confidence(tau, trust_self):
    sign = -1 if trust_self else 1
    a = np.array([1 / 2, 1 / (1 + 4 ** (sign / tau)), 1 / (1 + (7 / 3) ** (sign / tau)), 1 / 2])
    target = (1 - a) * W + a * np.array([1, 1, 0, 0])
    value, slope = value_and_slope(Adaptive(tau, trust_self), P, W)
    assert value == pytest.approx(ce(P, target)) and np.allclose(slope, (P - target) / 4)
    assert (a[1] > 0.5) == trust_self, (
        "the surer against its supervisor, the less it hears itself, unless it is to trust itself"
    )


def test_half_of_a_batch_is_yes_and_as_released_all_of_it_may_be():
    """Every P above one half: as released, h is 1 throughout; else for the two highest."""
    high, w = [0.6, 0.7, 0.8, 0.9], [0.0] * 4
    for kw, own in (({"as_released": True}, [1, 1, 1, 1]), ({}, [0, 0, 1, 1])):
        odds = np.array([p / (1 - p) if h else 1 for p, h in zip(high, own)])  # of h against v, which is 0
        a = np.where(own, 1 / (1 + odds**2), 1 / 2)
        assert value_and_slope(Adaptive(**kw), high, w)[0] == pytest.approx(ce(high, a * own))


def test_more_answers_and_bad_settings():
    logits, soft = (
        torch.tensor([[2.0, 0.0, 1.0], [0.0, 0.0, 3.0]], dtype=torch.double),
        torch.tensor([[0.1, 0.8, 0.1], [0.0, 0.0, 1.0]], dtype=torch.double),
    )
    a = torch.tensor([1 / (1 + math.exp(2.0 / 0.5)), 0.5], dtype=torch.double)[:, None]
    own = torch.tensor([[1.0, 0, 0], [0, 0, 1.0]], dtype=torch.double)
    torch.testing.assert_close(
        Adaptive()(logits, soft, 1.0),
        torch.nn.functional.cross_entropy(logits, (1 - a) * soft + a * own),
    )
    for tau in (0, -1, math.inf, math.nan):
        with pytest.raises(ValueError, match="tau is a temperature"):
            Adaptive(tau)
    assert len({repr(Adaptive(*kw)) for kw in ((), (1.0,), (0.5, True), (0.5, False, True))}) == 4


def test_the_method_is_the_loop_with_its_loss():
    students = [Tiny(), Tiny(), Tiny()]
    get_method("adaptive")(students[0], *data(), TrainConfig(lr=0.02), device=CPU, tau=1.0, trust_self=True)
    finetune(students[1], *data(), TrainConfig(lr=0.02), loss=Adaptive(1.0, True), device=CPU)
    get_method("adaptive")(students[2], *data(), TrainConfig(lr=0.02), device=CPU)
    assert same(weights(students[0]), weights(students[1])) and not same(
        weights(students[0]), weights(students[2])
    )


def test_from_a_head_without_an_opinion_the_released_form_never_gets_one():
    """What notebook 26 shows: with the likelier of two equal answers as its own, the student says one thing
    to all.
    """
    split = load_task("danger", 100, 200, 200)
    for as_released, varied in ((True, False), (False, True)):
        student = load_classifier(load_family()["m"])
        config = Settings("danger", seed=100).train_config(load_family()["m"], "none")
        get_method("adaptive")(
            student,
            split.student["text"].tolist(),
            split.student["label"].to_numpy(float),
            config,
            as_released=as_released,
            progress=False,
        )
        yes = (predict(student, split.test["text"].tolist()) > 0.5).mean()
        assert 0.3 < yes < 0.7 if varied else yes < 0.15


# --------------------------------------------------------------------------------------------- co-supervision
def test_the_one_who_agrees_with_the_student_nearby_is_trusted():
    """Two clouds, an expert for each; of the other cloud it knows nothing. The student is right in nine cases
    of ten.
    """
    rng = np.random.default_rng(0)
    cloud, truth = np.repeat([0, 1], 100), rng.integers(0, 2, 200)
    seen = rng.normal(size=(200, 3)) + 8 * cloud[:, None]
    guesses = rng.integers(0, 2, 200)
    # soft
    panel = np.column_stack([np.where(cloud == member, truth, guesses) for member in (0, 1)]) * 0.6 + 0.2
    said = np.where(rng.random(200) < 0.9, truth, 1 - truth)
    assert (trusted(seen, panel, said) == cloud).all()
    assert (trusted(seen, panel[:, ::-1], said) == 1 - cloud).all()
    assert (trusted(seen, np.column_stack([truth, truth]), said) == 0).all(), "ties go to the first"


def test_rounds_begin_anew_with_the_labels_of_those_whom_it_trusts(monkeypatch):
    rounds, start = [], weights(Tiny())
    monkeypatch.setattr(
        MODULE, "middle_features", lambda student, texts, kw: np.arange(len(texts), dtype=float)[:, None]
    )

    def learn(student, texts, labels, config, **kw):
        assert same(weights(student), start)
        history = finetune(student, texts, labels, config, device=CPU)
        rounds.append((texts, labels, predict(student, all_texts)))
        return history

    monkeypatch.setattr(MODULE, "naive", learn)
    all_texts, truth = data(120)
    panel = np.column_stack(
        [np.where(np.arange(120) < 60, truth, 0.3), np.where(np.arange(120) < 60, 0.3, truth)]
    )
    get_method("co_supervision")(
        Tiny(), all_texts, panel.mean(axis=1), TrainConfig(lr=0.02), panel=panel.tolist(), k=20
    )
    assert len(rounds) == 3 and rounds[0][0] == all_texts
    np.testing.assert_array_equal(rounds[0][1], panel.mean(axis=1))
    for (_, _, said), (texts, labels, _) in zip(rounds, rounds[1:]):
        yes = (said > np.median(said)).astype(float)
        chosen = panel[np.arange(120), trusted(np.arange(120.0)[:, None], panel, yes, 20)]
        kept = (chosen > 0.5) == (yes > 0.5)
        assert 0 < kept.sum() < 120, "the student's doubts leave something out, and something in"
        assert texts == [text for text, keep in zip(all_texts, kept) if keep]
        np.testing.assert_array_equal(labels, chosen[kept])


def test_on_real_students_no_rounds_are_the_mean(tmp_path):
    split, spec = load_task("edible", 100, 60, 20), load_family()["xs"]
    config, panel = Settings("edible").train_config(spec, "none"), np.random.default_rng(0).random((60, 3))
    texts, students = split.student["text"].tolist(), [load_classifier(spec) for _ in range(3)]
    get_method("co_supervision")(students[0], texts, None, config, panel=panel, rounds=0, progress=False)
    get_method("naive")(students[1], texts, panel.mean(axis=1), config, progress=False)
    get_method("co_supervision")(students[2], texts, None, config, panel=panel, progress=False)
    assert same(weights(students[0]), weights(students[1])) and not same(
        weights(students[0]), weights(students[2])
    )


@pytest.mark.parametrize(
    "panel, rounds, message",
    [
        (np.zeros((3, 2)), 2, "one row for each of 4 texts"),
        (np.zeros(4), 2, "got shape"),
        (np.full((4, 2), 0.5), 1.5, "rounds is a whole number"),
        (np.full((4, 2), 2.0), 1, "the panel's mean"),
    ],
)
def test_bad_panels(panel, rounds, message):
    with pytest.raises(ValueError, match=message):
        get_method("co_supervision")(
            Tiny(), ["a", "b", "c", "d"], None, TrainConfig(lr=0.1), panel=panel, rounds=rounds
        )


def test_specialists_know_their_kind():
    examples = load_task("danger", 0).student
    panel = specialists(examples, np.ones(len(examples)), np.zeros(len(examples)))
    kinds = {noun.name: noun.kind for noun in make_world().lexicons["noun"].items}
    assert panel.shape == (len(examples), 4) and (panel.sum(axis=1) == 1).all(), (
        "everything has one who knows"
    )
    for kind in ("tool", "beast", "plant", "toy"):
        rows = [i for i, group in enumerate(examples["group"]) if kinds[group[0]] == kind]
        assert (panel[rows].argmax(axis=1) == panel[rows[0]].argmax()).all()
    with pytest.raises(ValueError, match="'mevusp' is none"):
        specialists(pd.DataFrame({"group": [("mevusp",)]}), np.ones(1), np.ones(1))
