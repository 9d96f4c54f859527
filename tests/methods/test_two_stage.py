"""Two stages (Shi et al. 2025) against the same steps taken one by one."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from tiny import Tiny, data, same, weights

from w2s_kit.methods import get_method, naive
from w2s_kit.methods.two_stage import consistent_majority
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.device import pick_device
from w2s_kit.training.reading import predict

CONFIG, CPU = TrainConfig(lr=0.02), pick_device("cpu")


def trained(labels, **kw):
    model = Tiny()
    get_method("two_stage")(model, data()[0], labels, CONFIG, device=CPU, **kw)
    return model


def test_it_tells_how_many_labels_it_kept_and_changed():
    texts, labels = data()
    majority, kept = consistent_majority(labels, 10, 0.8, CONFIG.seed)
    turned = (majority > 0.5) != (np.asarray(labels) > 0.5)
    tell = lambda **kw: get_method("two_stage")(Tiny(), texts, labels, CONFIG, device=CPU, **kw).labels
    assert tell(stages=1) == {"given": 120, "kept": kept.sum(), "changed": turned[kept].sum()}
    assert tell(confident=0.6)["kept"] == kept.sum() + round(0.6 * (~kept).sum())


def test_stages_one_by_one():
    texts, labels = data()
    majority, kept = consistent_majority(labels, 10, 0.8, CONFIG.seed)
    assert 20 < kept.sum() < 100
    first = Tiny()
    naive(first, [text for text, keep in zip(texts, kept) if keep], majority[kept], CONFIG, device=CPU)
    assert same(weights(first), weights(trained(labels, stages=1)))
    said = predict(first, texts)
    least = np.sort(abs(said[~kept] - 0.5))[::-1][round(0.6 * (~kept).sum()) - 1]
    sure = ~kept & (abs(said - 0.5) >= least)
    assert 0 < sure.sum() < (~kept).sum()
    final = np.where(kept, majority, said > 0.5)
    second = Tiny()
    naive(
        second,
        [text for text, keep in zip(texts, kept | sure) if keep],
        final[kept | sure],
        CONFIG,
        device=CPU,
    )
    assert same(weights(second), weights(trained(labels, confident=0.6)))


def test_a_run_killed_in_the_second_stage_continues_there(tmp_path, monkeypatch):
    labels, module = data()[1], sys.modules["w2s_kit.methods.two_stage"]
    config, calls, plain = replace(CONFIG, checkpoint_every=1), [], naive

    def killed(student, texts, labels, config, **kw):
        calls.append(len(texts))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return plain(student, texts, labels, config, **kw)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(module, "naive", killed)
        get_method("two_stage")(Tiny(), data()[0], labels, config, device=CPU, checkpoint=tmp_path / "c")
    assert len(list(tmp_path.iterdir())) == 1, "the first stage is kept"
    model = Tiny()
    get_method("two_stage")(model, data()[0], labels, config, device=CPU, checkpoint=tmp_path / "c")
    assert same(weights(model), weights(trained(labels))) and not list(tmp_path.iterdir())


def test_hard_labels_leave_nothing_for_a_second_stage():
    texts, labels = data()
    hard = (labels > 0.5).astype(float)
    alone = Tiny()
    naive(alone, texts, hard, CONFIG, device=CPU)
    assert same(weights(alone), weights(trained(hard)))


def test_consistent_majority():
    sure = np.array([0.0, 1.0, 0.5, 0.9])
    majority, kept = consistent_majority(np.repeat(sure, 4_000), 10, 0.8)
    shares = kept.reshape(4, -1).mean(axis=1)
    assert (
        shares[0] == shares[1] == 1
        and shares[2] == pytest.approx(2 * 56 / 1024, abs=0.02)
        and shares[3] == pytest.approx(0.930, abs=0.02)
    )
    np.testing.assert_allclose(majority.reshape(4, -1).mean(axis=1), [0, 1, 386 / 1024, 0.998], atol=0.03)


@pytest.mark.parametrize(
    "labels, options, message",
    [
        (data()[1], {"stages": 3}, "1 or 2"),
        (data()[1], {"confident": 2}, "a share"),
        (np.full(120, 0.95), {}, "one class|one label"),
        (data()[1], {"threshold": 1.5}, "lower the threshold"),
    ],
)
def test_what_cannot_be_is_refused(labels, options, message):
    with pytest.raises(ValueError, match=message):
        trained(labels, **options)
