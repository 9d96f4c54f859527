"""The finetuning loop: what it trains, in how much memory, and when it stops."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny import Tiny, data, same, weights
from tiny_runs import CONFIG, CPU, TARGETS, TEXTS, run

from w2s_kit.methods.confidence import Confidence
from w2s_kit.training import batches, gradients, losses, memory
from w2s_kit.training.batches import encode
from w2s_kit.training.config import TrainConfig, learning_rate
from w2s_kit.training.device import pick_device
from w2s_kit.training.reading import predict


# ------------------------------------------------------------------------------------------------ training
def test_learns_and_repeats():
    model, history = run()
    again, _ = run()
    assert same(weights(model), weights(again))
    assert not same(weights(model), weights(run(replace(CONFIG, seed=1))[0]))
    table = history.table()
    assert list(table["step"]) == sorted({round(k / 4 * 8) for k in range(1, 13)}) and history.steps == 24
    assert table["loss"].iloc[-1] < table["loss"].iloc[0]
    longer, _ = run(replace(CONFIG, epochs=20))
    assert np.mean((predict(longer, TEXTS) > 0.5) == (TARGETS > 0.5)) > 0.9


def test_one_step_is_adamw_on_the_clipped_gradient():
    config = TrainConfig(lr=0.1, epochs=1, batch_size=len(TEXTS), max_grad_norm=0.01, weight_decay=0.1)
    ours, _ = run(config)
    plain = Tiny()
    optimizer = torch.optim.AdamW(plain.parameters(), lr=0.1, weight_decay=0.1)
    logits = torch.cat(
        [plain(torch.tensor([ids]), torch.tensor([len(ids)])) for ids in plain.tokenizer(TEXTS)["input_ids"]]
    )
    w = torch.from_numpy(TARGETS)
    (-(w * logits.log_softmax(1)[:, 1] + (1 - w) * logits.log_softmax(1)[:, 0]).mean()).backward()
    norm = math.sqrt(sum(float(p.grad.pow(2).sum()) for p in plain.parameters()))
    for p in plain.parameters():
        p.grad *= 0.01 / norm
    optimizer.step()
    for p, q in zip(ours.parameters(), plain.parameters()):
        torch.testing.assert_close(p, q, atol=2e-5, rtol=0)


def test_only_what_needs_a_gradient_is_trained():
    probe = Tiny()
    probe.embedding.requires_grad_(False)
    before = weights(probe)
    run(model=probe)
    after = weights(probe)
    assert torch.equal(before["embedding.weight"], after["embedding.weight"])
    assert not torch.equal(before["head.weight"], after["head.weight"])
    with pytest.raises(ValueError, match="no parameter to train"):
        run(model=Tiny().requires_grad_(False))


def test_learning_rate_schedules():
    rates = lambda **kw: [learning_rate(TrainConfig(lr=1, **kw), s, 100) for s in range(100)]
    assert rates(schedule="constant") == [1] * 100
    np.testing.assert_allclose(rates(schedule="linear"), 1 - np.arange(100) / 100)
    np.testing.assert_allclose(rates(), (1 + np.cos(np.pi * np.arange(100) / 100)) / 2)
    warm = rates(warmup=0.1)
    np.testing.assert_allclose(warm[:11], [*np.arange(1, 11) / 10, 1])
    assert max(warm) == 1 and warm[-1] < 0.01


def test_fractions_of_epochs():
    assert run(replace(CONFIG, epochs=0.5))[1].steps == 4
    assert run(replace(CONFIG, epochs=1.5))[1].steps == 12


def test_the_callers_random_numbers_are_left_alone():
    model = Tiny()
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    run(
        model=model,
        loss=lambda logits, targets, fraction: losses.cross_entropy(logits + torch.randn(2), targets),
    )
    assert torch.equal(torch.rand(1), expected)


def test_predictions_come_back_in_order():
    model = Tiny()
    one_by_one = np.concatenate([predict(model, [text], device=CPU) for text in TEXTS])
    for budget in (1, 100, 16_384):
        np.testing.assert_allclose(predict(model, TEXTS, budget, CPU), one_by_one, atol=1e-6)
    assert predict(model, TEXTS).shape == (len(TEXTS),)


# ------------------------------------------------------------------------------------------ memory
@pytest.mark.parametrize("budget", [1, 70, 250])
def test_a_batch_in_parts_gives_its_own_gradient(budget):
    """Also for the confidence loss, whose threshold depends on the whole batch."""
    data, w = encode(Tiny(), TEXTS[:32], CPU.device), torch.from_numpy(TARGETS[:32])
    scaler = torch.amp.GradScaler("cpu", enabled=False)

    def gradient(budget):
        model = Tiny()
        batch = batches.Batch(data.sizes, data.ids, data.lengths, w)
        value = gradients.gradients(model, Confidence(), batch, 1.0, CPU, scaler, budget)
        return [value, *(p.grad for p in model.parameters())]

    for whole, parts in zip(gradient(10_000), gradient(budget)):
        torch.testing.assert_close(parts, whole, atol=1e-6, rtol=0)


def test_batches_in_parts_give_the_same_model():
    kw = dict(loss=Confidence())
    whole, parts = run(**kw)[0], run(replace(CONFIG, token_budget=80), **kw)[0]
    # rounding, over 24 steps of Adam
    np.testing.assert_allclose(predict(parts, TEXTS), predict(whole, TEXTS), atol=1e-4)


class Small(Tiny):
    """On an imaginary device with room for 100 tokens when it trains."""

    room = 100

    def forward(self, input_ids, lengths):
        if input_ids.numel() > self.room and torch.is_grad_enabled():
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return super().forward(input_ids, lengths)


def test_out_of_memory_halves_the_budget_and_changes_no_result(recwarn):
    small, _ = run(model=Small(), loss=Confidence())
    said = [str(w.message) for w in recwarn]
    assert said == ["out of memory with 180 tokens at a time; 90 fit: slower, same results"], "once"
    assert same(weights(small), weights(run(replace(CONFIG, token_budget=90), loss=Confidence())[0]))


def test_out_of_memory_with_a_single_example():
    model = Small()
    model.room = 1
    with pytest.raises(RuntimeError, match="one example at a time.*smaller model"):
        run(model=model)
    with pytest.raises(RuntimeError, match="something else"):
        memory.while_it_fits(lambda size: (_ for _ in ()).throw(RuntimeError("something else")), 8, 8, 2)


def test_prediction_out_of_memory():
    class Tight(Tiny):
        def forward(self, input_ids, lengths):
            if input_ids.numel() > 100:
                raise RuntimeError("out of memory")
            return super().forward(input_ids, lengths)

    with pytest.warns(UserWarning, match="90 fit"):
        np.testing.assert_allclose(predict(Tight(), TEXTS), predict(Tiny(), TEXTS), atol=1e-6)


# ----------------------------------------------------------------------------------------- early stopping
def test_early_stopping_keeps_the_best_by_validation():
    texts, p = data(100, seed=3)
    validation = texts, 1 - p  # learning makes this worse and worse, so the first row is the best
    for kind in ("weak", "ground_truth"):
        model, history = run(replace(CONFIG, early_stopping=kind), validation=validation)
        table = history.table()
        best = table.loc[table["agreement"].idxmax()]
        assert history.best_step == best["step"] < 24
        kept = predict(model, texts)
        assert np.mean((kept > 0.5) == (1 - p > 0.5)) == best["agreement"]
        assert table["validation_loss"].iloc[-1] > table["validation_loss"].iloc[0]
    last, history = run(validation=validation)
    assert history.best_step is None and same(weights(last), weights(run()[0])), "looking on changes nothing"
    with pytest.raises(ValueError, match="needs validation"):
        run(replace(CONFIG, early_stopping="weak"))


# -------------------------------------------------------------------------------------------------- device
def test_one_place_decides_on_the_device(monkeypatch):
    assert (CPU.device.type, CPU.dtype) == ("cpu", torch.float32) and "CPU" in CPU.why
    with pytest.raises(ValueError, match="cuda"):
        pick_device("cude")
    cuda = torch.cuda
    monkeypatch.setattr(cuda, "is_available", lambda: True)
    monkeypatch.setattr(cuda, "get_device_name", lambda: "Imaginary T4")
    for capability, dtype in {(7, 5): torch.float16, (8, 0): torch.bfloat16, (9, 0): torch.bfloat16}.items():
        monkeypatch.setattr(cuda, "get_device_capability", lambda: capability)
        picked = pick_device()
        assert (picked.device.type, picked.dtype) == ("cuda", dtype) and "Imaginary T4" in picked.why
    monkeypatch.setattr(cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="sees no GPU"):
        pick_device("cuda")
