"""Methods of EleutherAI's study: what they train, and that they train the same again."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from loss_values import CONFIG, CPU, MAKERS
from stand_ins import settings, small_world, store  # noqa: F401  (fixtures)
from tiny import Tiny, clouds, data, same, weights

from w2s_kit.experiment.stages import run_student
from w2s_kit.experiment.store import Store
from w2s_kit.methods import METHODS, get_method, strong_to_strong
from w2s_kit.methods.losses import LOSSES
from w2s_kit.methods.window import Window
from w2s_kit.models.chess_policy import ChessPolicy, ChessPolicyConfig
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_model
from w2s_kit.models.reward import RewardModel
from w2s_kit.models.writer import Writer
from w2s_kit.tasks.split import SEPARATOR
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.loop import finetune
from w2s_kit.training.reading import predict

S2S = sys.modules["w2s_kit.methods.strong_to_strong"]  # hidden by the function of its name


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
