"""Losses and methods of EleutherAI's study against closed forms, planted errors, and the promises of their
docstrings.
"""

import math
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from stand_ins import settings, small_world, store  # noqa: F401  (fixtures)
from tiny import Tiny, clouds, data, same, weights

from w2s_kit.experiment.stages import run_student
from w2s_kit.experiment.store import Store
from w2s_kit.methods import METHODS, get_method, strong_to_strong
from w2s_kit.methods.entropy import Entropy
from w2s_kit.methods.kl import KL
from w2s_kit.methods.log_confidence import LogConfidence
from w2s_kit.methods.losses import LOSSES, get_loss
from w2s_kit.methods.product import Product
from w2s_kit.methods.window import Window
from w2s_kit.models.chess_policy import ChessPolicy, ChessPolicyConfig
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_model
from w2s_kit.models.reward import RewardModel
from w2s_kit.models.writer import Writer
from w2s_kit.tasks.split import SEPARATOR
from w2s_kit.training import gradients, losses
from w2s_kit.training.batches import Batch, encode
from w2s_kit.training.checkpoints import identify
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.device import pick_device
from w2s_kit.training.loop import finetune
from w2s_kit.training.reading import predict

S2S = sys.modules["w2s_kit.methods.strong_to_strong"]  # hidden by the function of its name
CPU, CONFIG = pick_device("cpu"), TrainConfig(lr=0.02)
P = [0.9, 0.62, 0.3, 0.45, 0.07, 0.55]  # what the student says
W = [0.2, 0.8, 0.1, 0.5, 0.4, 0.95]  # and its supervisor
MAKERS = {
    "entropy": Entropy,
    "log_confidence": LogConfidence,
    "window": Window,
    "kl": KL,
    "product": Product,
}


def student_of(p, shift=0.7):
    """Logits with these P(label 1)."""
    return torch.tensor(
        [[math.log(1 - x) + shift, math.log(x) + shift] for x in p], dtype=torch.double, requires_grad=True
    )


def ce(p, w):
    return -sum(t * math.log(q) + (1 - t) * math.log(1 - q) for q, t in zip(p, w)) / len(p)


def value_and_slope(loss, p=P, w=W, fraction=1.0):
    """The loss, and its gradient by the logit of label 1; by that of label 0 it must be the opposite."""
    logits = student_of(p)
    value = loss(logits, torch.tensor(w, dtype=torch.double), fraction)
    (slope,) = torch.autograd.grad(value, logits)
    torch.testing.assert_close(slope[:, 0], -slope[:, 1])
    return value.item(), slope[:, 1].numpy()


def agrees(loss, value, slope, **kw):
    found = value_and_slope(loss, **kw)
    assert found[0] == pytest.approx(value, rel=1e-9)
    np.testing.assert_allclose(found[1], slope, atol=1e-12)


# ------------------------------------------------------------------------------------------ losses
@pytest.mark.parametrize("fraction, a", [(0.0, 0.0), (0.1, 0.2), (0.25, 0.4), (1.0, 0.4)])
def test_entropy(fraction, a):
    p, w = np.array(P), np.array(W)
    value = (1 - a) * ce(P, W) + a * ce(P, P)
    toward_labels, away_from_half = p - w, -np.log(p / (1 - p)) * p * (1 - p)
    agrees(Entropy(0.4, 0.2), value, ((1 - a) * toward_labels + a * away_from_half) / 6, fraction=fraction)
    agrees(Entropy(0.4, 0.2, as_released=True), value, (1 - a) * toward_labels / 6, fraction=fraction)


def test_entropy_pushes_away_from_a_half_where_the_labels_are_silent():
    slope = value_and_slope(Entropy(1.0, 0.0))[1]  # the descent is the other way
    assert (np.sign(-slope) == np.sign(np.array(P) - 0.5)).all()
    still = value_and_slope(Entropy(1.0, 0.0, as_released=True))[1]
    np.testing.assert_allclose(still, 0, atol=1e-15, err_msg="w2s's own has no such push")


def test_log_confidence():
    p, w = np.array(P), np.array(W)
    median = np.array([1, 1, 0, 0, 0, 1])  # 0.9, 0.62 and 0.55 are the upper half
    for fraction, a in ((0.0, 0.0), (0.1, 0.3), (1.0, 0.6)):
        target = (1 - a) * w + a * median
        agrees(LogConfidence(0.6, 0.2), ce(P, target), (p - target) / 6, fraction=fraction)
    third = 0.5 * w + 0.5 * np.array([1, 1, 0, 0, 0, 0])  # prior 1/3
    agrees(LogConfidence(prior=1 / 3), ce(P, third), (p - third) / 6)
    low = [0.1, 0.4, 0.3, 0.35, 0.4, 0.45]  # mean label 1/3: None takes it from there
    third = 0.5 * np.array(low) + 0.5 * np.array([1, 1, 0, 0, 0, 0])
    agrees(LogConfidence(prior=None), ce(P, third), (p - third) / 6, w=low)
    odds = np.log(np.array(low) / (1 - np.array(low)))
    target = 0.5 / (1 + np.exp(odds.mean() - odds)) + 0.5 * median
    agrees(LogConfidence(prior=0.1, balance=True), ce(P, target), (p - target) / 6, w=low)


def test_window():
    p, w = np.array(P), np.array(W)
    unsure = np.array([0, 1, 0, 1, 0, 1])  # within 0.15 of a half
    rows = [ce([q], [t]) for q, t in zip(P, W)]
    agrees(Window(0.15), np.dot(unsure, rows) / 6, unsure * (p - w) / 6)
    agrees(Window(0.41), sum(rows[:4] + rows[5:]) / 6, np.array([1, 1, 1, 1, 0, 1]) * (p - w) / 6)
    agrees(Window(0.01), 0.0, np.zeros(6))


def test_kl_has_the_gradient_of_cross_entropy():
    agrees(KL(), ce(P, W) - ce(W, W), (np.array(P) - np.array(W)) / 6)
    agrees(KL(), 0.0, np.zeros(6), w=P)
    hard = [0.0, 1.0, 0.0, 1.0, 1.0, 0.0]
    agrees(KL(), ce(P, hard), (np.array(P) - hard) / 6, w=hard)
    for w in (W, hard):
        np.testing.assert_allclose(
            value_and_slope(KL(), w=w)[1], value_and_slope(losses.cross_entropy, w=w)[1], atol=1e-12
        )


@pytest.mark.parametrize("alpha, beta", [(1, 1), (0.5, 2), (0, 2), (2, 0)])
def test_product(alpha, beta):
    p, w = np.array(P), np.array(W)
    yes, no = w**alpha * p**beta, (1 - w) ** alpha * (1 - p) ** beta
    q = yes / (yes + no)
    agrees(Product(alpha, beta), ce(P, q), (p - q) / 6)


def test_product_goes_on_where_the_student_is_surer_already():
    p, w = [0.95, 0.05, 0.6, 0.6, 0.6], [0.7, 0.3, 0.4, 0.5, 1.0]
    slope = -value_and_slope(Product(), p, w)[1]
    np.testing.assert_array_equal(np.sign(slope.round(12)), [1, -1, -1, 0, 1])
    naive = -value_and_slope(losses.cross_entropy, p, w)[1]
    assert naive[0] < 0 < slope[0] and slope[4] == pytest.approx(naive[4]), "a hard label is its own product"
    # alpha = 0: hard labels are not heard either
    agrees(Product(0), ce(P, P), np.zeros(6), w=[0.0, 1.0] * 3)
    far = torch.tensor([[0.0, -200.0]], requires_grad=True)  # a probability below float32's least
    assert Product()(far, torch.tensor([1.0]), 1.0).item() == pytest.approx(200)


def test_without_their_weight_they_are_cross_entropy():
    rng = np.random.default_rng(0)
    logits, w = (
        torch.tensor(rng.normal(size=(32, 2)) * 2, dtype=torch.float32, requires_grad=True),
        torch.tensor(rng.random(32), dtype=torch.float32),
    )
    exact = [
        Entropy(0),
        Entropy(0, as_released=True),
        LogConfidence(0),
        LogConfidence(0, prior=None),
    ]
    for loss in [*exact, Window(math.inf), Window(0.51), Product(1, 0)]:
        ours, naive = loss(logits, w, 1.0), losses.cross_entropy(logits, w)
        slopes = [torch.autograd.grad(x, logits)[0] for x in (ours, naive)]
        torch.testing.assert_close(ours, naive)
        torch.testing.assert_close(*slopes)
        if loss in exact:
            assert torch.equal(ours, naive) and torch.equal(*slopes)


@pytest.mark.parametrize("name", ["entropy", "kl", "product"])
def test_many_answers(name):
    """With two of them it is the same; an example with fewer than the batch, whose last logits are -1e9,
    changes nothing.
    """
    loss, logits, w = get_loss(name), student_of(P), torch.tensor(W, dtype=torch.double)
    two = torch.stack([1 - w, w], dim=1)
    torch.testing.assert_close(loss(logits, two, 1.0), loss(logits, w, 1.0))
    wide = torch.cat([logits, torch.full((6, 1), -1e9, dtype=torch.double)], dim=1)
    value = loss(wide, torch.cat([two, torch.zeros(6, 1, dtype=torch.double)], dim=1), 1.0)
    torch.testing.assert_close(value, loss(logits, w, 1.0))
    torch.testing.assert_close(
        torch.autograd.grad(value, logits)[0], torch.autograd.grad(loss(logits, w, 1.0), logits)[0]
    )


@pytest.mark.parametrize("name", MAKERS)
def test_a_batch_in_parts_gives_the_batchs_own_gradient(name):
    texts, targets = data(32)
    rows, w = encode(Tiny(), texts, CPU.device), torch.from_numpy(targets)
    scaler = torch.amp.GradScaler("cpu", enabled=False)

    def gradient(budget):
        model = Tiny()
        batch = Batch(rows.sizes, rows.ids, rows.lengths, w)
        value = gradients.gradients(model, get_loss(name), batch, 1.0, CPU, scaler, budget)
        return [value, *(p.grad for p in model.parameters())]

    for budget in (1, 100):
        for whole, parts in zip(gradient(10_000), gradient(budget)):
            torch.testing.assert_close(parts, whole, atol=1e-6, rtol=0)


def test_losses_have_an_identity_and_check_their_settings():
    made = [
        Entropy(),
        Entropy(0.4),
        Entropy(as_released=True),
        LogConfidence(),
        LogConfidence(prior=None),
        LogConfidence(balance=True),
        Window(),
        Window(0.2),
        KL(),
        Product(),
        Product(2),
        Product(1, 2),
    ]
    assert len({identify(CONFIG, loss, {}) for loss in made}) == len(made)
    for name, make in MAKERS.items():
        assert identify(CONFIG, make(), {}) == identify(CONFIG, get_loss(name), {})
    for make, message in [
        (lambda: Entropy(1.2), "weight"),
        (lambda: LogConfidence(warmup=-1), "warmup"),
        (lambda: Window(0), "radius"),
        (lambda: Window(math.nan), "radius"),
        (lambda: Product(-1), "alpha"),
        (lambda: Product(1, math.inf), "beta"),
        (lambda: LogConfidence(prior=2), "prior"),
    ]:
        with pytest.raises(ValueError, match=message):
            make()
    for loss in (Window(), LogConfidence()):
        with pytest.raises(ValueError, match="two answers only"):
            loss(torch.zeros(2, 3), torch.full((2, 3), 1 / 3), 0.5)


# ------------------------------------------------------------------------------------ methods that are a loss
def trained(method, model=None, config=CONFIG, **kw):
    model = model or Tiny()
    history = get_method(method)(model, *data(), config, device=CPU, **kw)
    assert history.table()["loss"].notna().all()
    return weights(model)


def by_loss(loss):
    model = Tiny()
    finetune(model, *data(), CONFIG, loss=loss, device=CPU)
    return weights(model)


@pytest.mark.parametrize(
    "name, kw",
    [
        ("entropy", {}),
        ("entropy", {"weight": 0.3, "warmup": 0.5, "as_released": True}),
        ("log_confidence", {}),
        ("kl", {}),
        ("product", {}),
        ("log_confidence", {"weight": 0.3, "warmup": 0.5, "prior": None, "balance": True}),
        ("product", {"alpha": 0.5, "beta": 2}),
        ("window", {"radius": 0.1}),
    ],
)
def test_methods_are_the_loop_with_their_loss(name, kw):
    assert same(trained(name, **kw), by_loss(MAKERS[name](**kw)))


def test_kl_trains_the_naive_student_and_the_others_do_not():
    naive = trained("naive")
    far = lambda other: max((a - b).abs().max().item() for a, b in zip(naive.values(), other.values()))
    assert far(trained("kl")) < 1e-4
    for name, kw in {"entropy": {}, "log_confidence": {}, "window": {"radius": 0.1}, "product": {}}.items():
        assert far(trained(name, **kw)) > 2e-2, name
    assert far(trained("entropy", warmup=0, as_released=True)) < 1e-3, "Adam divides the 1-a out again"


def test_the_window_is_as_wide_as_the_supervisor_is_typically_sure(monkeypatch):
    asked, make = [], Window
    module = sys.modules["w2s_kit.methods.window"]  # methods.window is the method
    monkeypatch.setattr(module, "Window", lambda radius: asked.append(radius) or make(radius))
    trained("window")
    trained("window", radius=0.2)
    assert asked == [pytest.approx(np.median(np.abs(data()[1] - 0.5))), 0.2]
    with pytest.raises(ValueError, match="midweak"):
        trained("window", radius="wide")


# ------------------------------------------------------------------------------------------ strong to strong
class Spy:
    """Stands in for `finetune`: notes with which weights and labels each round begins, and with which weights
    it ends.
    """

    def __init__(self, patch, fail_in=None):
        self.rounds, self.fail_in = [], fail_in
        patch.setattr(S2S, "finetune", self)

    def __call__(self, student, texts, labels, config, **kw):
        if len(self.rounds) == self.fail_in:
            raise KeyboardInterrupt
        begins = weights(student)
        history = finetune(student, texts, labels, config, **kw)
        self.rounds.append(
            SimpleNamespace(
                begins=begins,
                labels=np.asarray(labels),
                says=predict(student, texts),
                ends=weights(student),
                **kw,
            )
        )
        return history


def test_each_round_begins_anew_with_the_labels_of_the_last(monkeypatch):
    spy = Spy(monkeypatch)
    student = Tiny()
    get_method("strong_to_strong")(student, *data(), CONFIG, device=CPU)
    assert len(spy.rounds) == 3, "two iterations after the first student"
    np.testing.assert_array_equal(spy.rounds[0].labels, data()[1])
    for before, after in zip(spy.rounds, spy.rounds[1:]):
        np.testing.assert_array_equal(after.labels, before.says)
        assert not same(after.ends, before.ends)
    assert all(same(r.begins, weights(Tiny())) for r in spy.rounds)
    assert same(weights(student), spy.rounds[-1].ends)
    assert same(spy.rounds[0].ends, trained("naive")) and same(
        trained("strong_to_strong", iterations=0), trained("naive")
    )
    assert same(trained("strong_to_strong", iterations=0, loss="entropy"), trained("entropy"))


def test_early_stopping_by_the_labels_of_the_rounds_own_teacher(monkeypatch):
    texts, truth = data(40, seed=1)
    for kind in ("weak", "ground_truth"):
        spy, student = Spy(monkeypatch), Tiny()
        strong_to_strong(
            student,
            *data(),
            TrainConfig(lr=0.02, early_stopping=kind),
            iterations=1,
            validation=(texts, truth),
            device=CPU,
        )
        np.testing.assert_array_equal(spy.rounds[0].validation[1], truth)
        first = Tiny()
        first.load_state_dict(spy.rounds[0].ends)
        np.testing.assert_array_equal(
            spy.rounds[1].validation[1], predict(first, texts) if kind == "weak" else truth
        )


def test_killed_in_its_last_round_it_goes_on_there(monkeypatch, tmp_path):
    whole = trained("strong_to_strong")
    Spy(monkeypatch, fail_in=2)
    with pytest.raises(KeyboardInterrupt):
        trained("strong_to_strong", checkpoint=tmp_path / "run")
    assert len(list(tmp_path.iterdir())) == 2
    spy = Spy(monkeypatch)
    assert same(trained("strong_to_strong", checkpoint=tmp_path / "run"), whole)
    assert not list(tmp_path.iterdir()) and len(spy.rounds) == 3


def test_what_the_other_methods_are_not_for():
    writer = Writer(*load_model(load_family("miniworld")["xs"]))
    for name in (*MAKERS, "strong_to_strong"):
        with pytest.raises(ValueError, match="writes|Writer"):
            get_method(name)(writer, ["a b"] * 4, ["c"] * 4, CONFIG)
    for name in ("window", "log_confidence"):
        start, moves = "8/8/8/8/8/8/8/K6k w - - 0 1", [[1 / 3, 1 / 3, 1 / 3]]
        with pytest.raises(ValueError, match="two answers only"):
            get_method(name)(ChessPolicy(ChessPolicyConfig(4, 1)), [start], moves, CONFIG, device=CPU)
    for iterations in (-1, 1.5):
        with pytest.raises(ValueError, match="iterations"):
            get_method("strong_to_strong")(Tiny(), *data(8), CONFIG, iterations=iterations)


# ------------------------------------------------------------------------------------ all of them, end to end
NEW = [*MAKERS, "strong_to_strong", "relabel", "filter"]


def test_they_are_registered():
    assert set(NEW) < set(METHODS) and set(MAKERS) < set(LOSSES)


@pytest.mark.parametrize("name", [*MAKERS, "strong_to_strong"])
def test_stand_ins_learn_by_them_and_again_the_same(name, store, tmp_path):  # noqa: F811
    runs = [
        run_student(settings(), "small", "big", name, store=where)
        for where in (store, Store(tmp_path / "again"))
    ]
    assert runs[0].name == runs[1].name and runs[0].config["method"] == name and runs[0].accuracy() > 0.55
    assert runs[0].predictions.equals(runs[1].predictions)
    assert run_student(settings(seed=1), "small", "big", name, store=store).name != runs[0].name


def test_pairs_learn_by_them():
    _, labels, _ = clouds(20)
    pairs = [
        f"is {a} edible ?{SEPARATOR}is {b} heavy ?"
        for a, b in zip(["the stone", "the cake"] * 10, ["the cake", "the stone"] * 10)
    ]
    for name in (*MAKERS, "strong_to_strong"):
        student = RewardModel(*load_model(load_family("miniworld")["xs"]))
        get_method(name)(student, pairs, labels, TrainConfig(lr=3e-3), device=CPU)
        assert student.head.weight.abs().max() > 0, name
