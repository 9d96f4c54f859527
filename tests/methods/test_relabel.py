"""Probes that relabel or filter, against planted errors, closed forms and what docstrings promise."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from tiny import Tiny, clouds, same, weights

from w2s_kit.methods import get_method
from w2s_kit.methods.relabel import PROBES, kept, knn, largest_components, logistic, topo
from w2s_kit.models.chess_policy import ChessPolicy, ChessPolicyConfig
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier, load_model
from w2s_kit.models.reward import RewardModel
from w2s_kit.models.writer import Writer
from w2s_kit.tasks import load_task
from w2s_kit.tasks.split import SEPARATOR
from w2s_kit.training import loop
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.device import pick_device

RELABEL = sys.modules["w2s_kit.methods.relabel"]  # hidden by the function of its name
CPU, CONFIG = pick_device("cpu"), TrainConfig(lr=0.02)


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
    turned = int(((np.asarray(labels) > 0.5) != truth).sum())
    for stopping in ("weak", "ground_truth"):
        history = get_method("relabel")(
            student,
            texts,
            labels,
            TrainConfig(lr=0.1, early_stopping=stopping),
            validation=held_out,
            **options,
        )
        assert history.labels == {"given": len(texts), "kept": len(texts), "changed": turned}
        told, said, kw = learned.pop()
        assert told == texts and ((said > 0.5) == truth).all() and 0 < said.min() < said.max() < 1
        np.testing.assert_array_equal(
            np.asarray(kw["validation"][1]) > 0.5,
            [False, True, True] if stopping == "weak" else [True, False, False],
        )
    history = get_method("filter")(student, texts, labels, CONFIG, share=0.9, **options)
    told, said, kw = learned.pop()
    assert history.labels == {"given": len(texts), "kept": len(told), "changed": 0}
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
