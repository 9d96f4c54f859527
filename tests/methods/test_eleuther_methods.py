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
from tiny import Tiny, data, same, weights

from w2s_kit.experiment.stages import run_student
from w2s_kit.experiment.store import Store
from w2s_kit.methods import METHODS, get_method, strong_to_strong
from w2s_kit.methods.entropy import Entropy
from w2s_kit.methods.kl import KL
from w2s_kit.methods.log_confidence import LogConfidence
from w2s_kit.methods.losses import LOSSES, get_loss
from w2s_kit.methods.product import Product
from w2s_kit.methods.relabel import PROBES, kept, knn, largest_components, logistic, topo
from w2s_kit.methods.window import Window
from w2s_kit.models.chess_policy import ChessPolicy, ChessPolicyConfig
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier, load_model
from w2s_kit.models.reward import RewardModel
from w2s_kit.models.writer import Writer
from w2s_kit.tasks import load_task
from w2s_kit.tasks.split import SEPARATOR
from w2s_kit.training import gradients, loop, losses
from w2s_kit.training.batches import encode
from w2s_kit.training.checkpoints import identify
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.device import pick_device
from w2s_kit.training.loop import finetune
from w2s_kit.training.reading import predict

# hidden by functions of their names
S2S, RELABEL = (sys.modules[f"w2s_kit.methods.{name}"] for name in ("strong_to_strong", "relabel"))
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
        value = gradients.gradients(
            model, get_loss(name), rows.ids, rows.lengths, w, 1.0, CPU, scaler, rows.sizes, budget
        )
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


# ----------------------------------------------------------------------------------------- relabel and filter
def clusters(n=200, wrong=12, seed=0, soft=0.85):
    """Two clouds of texts, one a label, and weak labels of which `wrong` in each cloud are those of the
    other.
    """
    rng = np.random.default_rng(seed)
    truth = np.arange(n) % 2
    seen = rng.normal(size=(n, 4)) + 6 * truth[:, None]
    planted = np.concatenate(
        [rng.choice(np.flatnonzero(truth == label), wrong, replace=False) for label in (0, 1)]
    )
    labels = np.where(truth == 1, soft, 1 - soft)
    labels[planted] = 1 - labels[planted]
    return seen, labels, truth, np.sort(planted)


@pytest.mark.parametrize("by", PROBES)
@pytest.mark.parametrize("soft", [0.85, 1.0])
def test_planted_errors_are_found(by, soft):
    seen, labels, truth, planted = clusters(soft=soft)
    options = {"l2": 0.01} if by == "logistic" else {"k": 20}
    assert ((PROBES[by](seen, labels, seen, **options) > 0.5) == truth).all()
    rows = kept(seen, labels, by, share=0.88, **options)
    if by == "topo":  # it may find a right one or two too far out
        assert not set(rows) & set(planted) and len(rows) >= 174
        assert (
            len(kept(seen, labels, by, 1.0, **options))
            == len(rows)
            > len(kept(seen, labels, by, 0.5, **options))
            == 100
        )
    else:  # 12 % are wrong: with less to drop, some stay; with more, some right ones go
        np.testing.assert_array_equal(rows, np.setdiff1d(np.arange(200), planted))
        assert (
            len(kept(seen, labels, by, 0.94, **options)) == 188
            and len(kept(seen, labels, by, 0.5, **options)) == 100
        )
        assert not set(kept(seen, labels, by, 0.5, **options)) & set(planted)
        np.testing.assert_array_equal(kept(seen, labels, by, 1.0, **options), np.arange(200))


def test_knn_is_the_mean_of_the_nearest():
    seen, labels = np.array([[0.0], [1.0], [2.5], [7.0]]), np.array([0.1, 0.4, 0.9, 0.8])
    np.testing.assert_allclose(knn(seen, labels, np.array([[0.4], [9.0]]), 2), [0.25, 0.85])
    np.testing.assert_allclose(knn(seen, labels, seen, 1), labels)
    np.testing.assert_allclose(knn(seen, labels, seen, 50), 0.55)


def test_logistic_is_where_its_loss_is_flat():
    rng = np.random.default_rng(0)
    seen, labels, l2 = rng.normal(size=(60, 3)), rng.random(60), 0.02
    p = logistic(seen, labels, seen, l2)
    # its weights and offset
    inside = np.linalg.lstsq(np.c_[seen, np.ones(60)], np.log(p / (1 - p)), rcond=None)[0]
    slope = seen.T @ (p - labels) / 60 + 2 * l2 * inside[:3]
    np.testing.assert_allclose([*slope, np.mean(p - labels)], 0, atol=1e-4)


def test_the_largest_component_of_each_label():
    """On a line: runs of one label are components, as their neighbours on either side are near and those of
    the other label bar the way.
    """
    labels = np.array([1] * 6 + [0] * 3 + [1] * 3 + [0] * 7 + [1] * 2, float)
    seen = np.arange(len(labels))[:, None].astype(float)
    seen[9:, 0] += 0.5  # the middle 1s stand apart from their 0s
    inside = largest_components(seen, labels, 2)
    np.testing.assert_array_equal(np.flatnonzero(inside), [*range(6), *range(12, 19)])
    np.testing.assert_array_equal(kept(seen, labels, "topo", share=0.9, k=2), [*range(6), *range(12, 19)])
    assert len(kept(seen, labels, "topo", share=0.5, k=2)) == 10, "what is left goes by its neighbours"
    assert topo(seen, labels, np.array([[10.0]]), 2)[0] == 0, "the 1s beside it are outside"
    assert knn(seen, labels, np.array([[10.0]]), 2)[0] == 1
    # arrows lead from the first to the others, and none to it
    alone = np.array([50.0, 0.0, 0.1, 0.2])[:, None]
    np.testing.assert_array_equal(largest_components(alone, np.ones(4), 2), [False, True, True, True])
    np.testing.assert_array_equal(kept(alone, np.ones(4), "topo", k=2), [1, 2, 3])


class Layered(Tiny):
    """A stand-in with features of five layers: of each text, its first word's place in one of two clouds, in
    layer 2 only.
    """

    longest = None

    def __init__(self):
        super().__init__()
        self.backbone, self.asked = SimpleNamespace(config=SimpleNamespace(num_hidden_layers=4)), []

    def features(self, input_ids, lengths, layer=None):
        self.asked.append(layer)
        seen = torch.stack([(input_ids[:, 0] - 1).float() // 25, (input_ids[:, 0] - 1) % 25 / 100], dim=1)
        return seen if layer == 2 else torch.zeros_like(seen)


def clouds(n=80):
    """(texts, weak labels, truth): a text's first word says its cloud, and one label in ten is wrong."""
    rng = np.random.default_rng(0)
    truth = np.arange(n) % 2
    texts = [f"w{25 * t + rng.integers(25)} w{rng.integers(50)}" for t in truth]
    labels = np.where(truth == 1, 0.9, 0.1)
    labels[:8] = 1 - labels[:8]
    return texts, labels, truth


@pytest.mark.parametrize("by", PROBES)
def test_relabel_and_filter_learn_from_what_the_probe_says(monkeypatch, by):
    texts, labels, truth = clouds()
    learned = []

    def spy(student, texts, labels, config, **kw):
        assert same(weights(student), weights(Tiny())), "features are those of the pretrained student"
        learned.append((texts, np.asarray(labels), kw))
        return loop.History()

    monkeypatch.setattr(RELABEL, "naive", spy)
    options = dict(by=by, k=20, device=CPU)
    student = Layered()
    held_out = [f"w{i}" for i in (3, 30, 40)], [1.0, 0.0, 0.0]
    for stopping in ("weak", "ground_truth"):
        get_method("relabel")(
            student,
            texts,
            labels,
            TrainConfig(lr=0.1, early_stopping=stopping),
            validation=held_out,
            **options,
        )
        told, said, kw = learned.pop()
        assert told == texts and ((said > 0.5) == truth).all() and 0 < said.min() < said.max() < 1
        np.testing.assert_array_equal(
            np.asarray(kw["validation"][1]) > 0.5,
            [False, True, True] if stopping == "weak" else [True, False, False],
        )
    get_method("filter")(student, texts, labels, CONFIG, share=0.9, **options)
    told, said, kw = learned.pop()
    assert set(student.asked) == {2}, "the middle layer"
    if by == "topo":  # 20 neighbours each: some right ones are outside, too
        assert (
            40 <= len(told) <= 72
            and set(told) <= set(texts[8:])
            and ((said > 0.5) == [int(t[1:].split()[0]) >= 25 for t in told]).all()
        )
    else:
        assert told == texts[8:]
        np.testing.assert_allclose(said, labels[8:])
    get_method("filter")(student, texts, labels, CONFIG, layer=3, **options)
    assert student.asked[-1] == 3


def test_what_relabel_and_filter_are_not_for():
    texts, labels, _ = clouds(20)
    pairs = [f"{a}{SEPARATOR}{b}" for a, b in zip(texts, texts[::-1])]
    xs = load_model(load_family("miniworld")["xs"])
    for name in ("relabel", "filter"):
        for student, rows in (
            (Tiny(), texts),
            (RewardModel(*xs), pairs),
            (ChessPolicy(ChessPolicyConfig(4, 1)), texts),
            (Writer(*xs), texts),
        ):
            with pytest.raises(ValueError, match=f"{type(student).__name__} is not"):
                get_method(name)(student, rows, labels, CONFIG)
        with pytest.raises(ValueError, match="knn"):
            get_method(name)(Layered(), texts, labels, CONFIG, by="kn")
        with pytest.raises(ValueError, match="row 1 is 1.5"):
            get_method(name)(Layered(), texts, [0, 1.5] + [0] * 18, CONFIG)
    for share in (0, 1.1):
        with pytest.raises(ValueError, match="share"):
            get_method("filter")(Layered(), texts, labels, CONFIG, share=share)


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
    texts, labels, _ = clouds(20)
    pairs = [
        f"is {a} edible ?{SEPARATOR}is {b} heavy ?"
        for a, b in zip(["the stone", "the cake"] * 10, ["the cake", "the stone"] * 10)
    ]
    for name in (*MAKERS, "strong_to_strong"):
        student = RewardModel(*load_model(load_family("miniworld")["xs"]))
        get_method(name)(student, pairs, labels, TrainConfig(lr=3e-3), device=CPU)
        assert student.head.weight.abs().max() > 0, name


@pytest.mark.parametrize("name, by", [(name, by) for name in ("relabel", "filter") for by in PROBES])
def test_language_models_learn_from_relabelled_and_filtered_labels(name, by):
    split = load_task("edible", n_train=80, n_test=20)
    texts, truth = split.student["text"].tolist(), split.student["label"].to_numpy(float)
    labels, config = np.where(np.arange(80) % 8 == 0, 1 - truth, truth) * 0.8 + 0.1, TrainConfig(lr=3e-3)

    def student():
        model = load_classifier(load_family("miniworld")["xs"])
        get_method(name)(model, texts, labels, config, by=by, k=10, device=CPU)
        return weights(model)

    naive = load_classifier(load_family("miniworld")["xs"])
    get_method("naive")(naive, texts, labels, config, device=CPU)
    assert same(student(), student()) and not same(student(), weights(naive))
