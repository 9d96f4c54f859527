"""A run that is killed continues to the same weights, and reads no checkpoint but its own."""

import contextlib
from dataclasses import replace

import pytest
import torch
from tiny import Tiny, data, same, weights
from tiny_runs import CONFIG, CPU, run

from w2s_kit.methods.confidence import Confidence
from w2s_kit.training import loop, losses
from w2s_kit.training.loop import finetune


def name_of(loss):
    """What a checkpoint knows a loss by: a function's name, or the options of one that has some."""
    return getattr(loss, "__name__", repr(loss))


def killed_at(step, loss=losses.cross_entropy):
    """`loss`, that raises at its call number `step`; the same name, as it stands for the same loss."""
    calls = iter(range(10**9))

    def dying(logits, targets, fraction):
        if next(calls) == step:
            raise KeyboardInterrupt
        return loss(logits, targets, fraction)

    dying.__name__ = name_of(loss)
    return dying


@pytest.mark.parametrize("step", [4, 9, 10, 17, 23])
def test_a_killed_run_continues_to_the_same_weights(tmp_path, step):
    file, config = (
        tmp_path / "runs" / "checkpoint",
        replace(CONFIG, checkpoint_every=3, early_stopping="weak"),
    )
    kw = dict(validation=data(40, seed=2), loss=Confidence())
    uninterrupted, expected = run(config, **kw)
    with pytest.raises(KeyboardInterrupt):
        run(config, checkpoint=file, **kw | {"loss": killed_at(step, kw["loss"])})
    assert [f.name for f in file.parent.iterdir()] == ["checkpoint"]

    calls = []
    counting = lambda *args: (calls.append(1), kw["loss"](*args))[1]
    counting.__name__ = name_of(kw["loss"])
    model, history = run(config, checkpoint=file, **kw | {"loss": counting})
    assert len(calls) == 24 - step // 3 * 3, "continues where the checkpoint was"
    assert same(weights(model), weights(uninterrupted))
    assert (history.rows, history.best_step) == (expected.rows, expected.best_step)
    assert not file.exists(), "removed at the end"


def test_a_loss_with_random_numbers_continues_too(tmp_path):
    def noisy(logits, targets, fraction):
        return losses.cross_entropy(logits + torch.randn(logits.shape), targets)

    config, file = replace(CONFIG, checkpoint_every=5), tmp_path / "checkpoint"
    with pytest.raises(KeyboardInterrupt):
        run(config, checkpoint=file, loss=killed_at(13, noisy))
    assert same(weights(run(config, checkpoint=file, loss=noisy)[0]), weights(run(config, loss=noisy)[0]))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.write_bytes(file.read_bytes()[:-100]),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"{" * 500),
    ],
)
def test_a_damaged_checkpoint_is_not_read(tmp_path, spoil):
    config, file = replace(CONFIG, checkpoint_every=5), tmp_path / "checkpoint"
    with pytest.raises(KeyboardInterrupt):
        run(config, checkpoint=file, loss=killed_at(13))
    spoil(file)
    with pytest.warns(UserWarning, match="damaged.*starts anew"):
        model, _ = run(config, checkpoint=file)
    assert same(weights(model), weights(run()[0]))


@pytest.mark.parametrize(
    "other", [dict(config=replace(CONFIG, seed=5)), dict(model=Tiny(seed=4)), dict(loss=Confidence())]
)
def test_another_runs_checkpoint_is_not_read(tmp_path, other):
    file = tmp_path / "checkpoint"
    with pytest.raises(KeyboardInterrupt):
        run(replace(CONFIG, checkpoint_every=5), checkpoint=file, loss=killed_at(13))
    with pytest.warns(UserWarning, match="another run"):
        run(checkpoint=file, **other)


def test_a_full_disk_costs_the_checkpoint_not_the_run(tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(loop.checkpoints, "save_file", full)
    with pytest.warns(UserWarning, match="No space left.*training goes on"):
        model, _ = run(replace(CONFIG, checkpoint_every=5), checkpoint=tmp_path / "checkpoint")
    assert same(weights(model), weights(run()[0])) and not list(tmp_path.iterdir())


def test_a_checkpoint_knows_where_texts_end(tmp_path):
    """The same ids, parted elsewhere, are other texts."""
    file, config = tmp_path / "checkpoint", replace(CONFIG, checkpoint_every=2)
    for texts in (["w1 w2 w3", "w4"], ["w1 w2", "w3 w4"]):
        model = Tiny()
        with contextlib.ExitStack() as stack:
            if file.exists():
                stack.enter_context(pytest.warns(UserWarning, match="another run"))
            kept = dict(checkpoint=file, keep_checkpoint=True)
            finetune(model, texts, [0.0, 1.0], config, device=CPU, progress=False, **kept)
