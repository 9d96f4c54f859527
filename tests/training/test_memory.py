"""What finetuning takes is known before it starts, and layers can forget."""

import numpy as np
import pytest
import torch
from transformers import GPT2Config, GPT2Model, LlamaConfig, LlamaModel

from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_ground_truth
from w2s_kit.experiment.store import Store
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.training import loop, reading
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.loop import finetune
from w2s_kit.training.memory import check_memory, finetuning_bytes

XS = load_family()["xs"]
SHAPE = dict(vocab_size=50)
TEXTS, LABELS = (
    ["is the dax edible ?", "is the cat edible ?", "do people eat the oak ?", "is the lamp heavy ?"] * 4,
    np.tile([0.0, 1.0, 1.0, 0.0], 4),
)


@pytest.mark.parametrize("probe", [False, True])
def test_weights_gradients_and_moments_are_as_large_as_said(probe, monkeypatch):
    made, real = [], torch.optim.AdamW
    monkeypatch.setattr(torch.optim, "AdamW", lambda *a, **kw: made.append(real(*a, **kw)) or made[0])
    kept = []
    monkeypatch.setattr(
        torch.nn.Module,
        "zero_grad",
        lambda self, *a: (
            kept.append(sum(p.grad.nbytes for p in self.parameters() if p.grad is not None))
            or [setattr(p, "grad", None) for p in self.parameters()]
        ),
    )
    model = load_classifier(XS, linear_probe=probe)
    finetune(model, TEXTS, LABELS, TrainConfig(lr=1e-3, epochs=1))
    trained, frozen = (
        sum(p.numel() for p in model.parameters() if p.requires_grad == wanted) for wanted in (True, False)
    )
    moments = sum(t.nbytes for state in made[0].state.values() for t in state.values() if t.numel() > 1)
    weights = sum(p.nbytes for p in model.parameters())
    assert weights + moments + max(kept) == finetuning_bytes(trained, frozen, half=False)
    assert (trained < 100) == probe


@pytest.mark.parametrize("half", [True, False])
@pytest.mark.parametrize(
    "make",
    [
        lambda: GPT2Model(GPT2Config(**SHAPE, n_embd=128, n_layer=4, n_head=4)),
        lambda: LlamaModel(
            LlamaConfig(
                **SHAPE, hidden_size=128, intermediate_size=384, num_hidden_layers=4, num_attention_heads=4
            )
        ),
    ],
)
def test_what_a_token_leaves_behind(make, half):
    """Never more than is said, and not much less."""
    model, ids, kept = make().eval(), torch.randint(0, 50, (8, 64)), {}
    weights = {p.untyped_storage().data_ptr() for p in model.parameters()}
    keep = lambda t: kept.setdefault(t.untyped_storage().data_ptr(), (t.untyped_storage().nbytes(), t)) and t
    with (
        torch.autograd.graph.saved_tensors_hooks(keep, lambda t: t),
        torch.autocast("cpu", torch.bfloat16, enabled=half),
    ):
        out = model(ids).last_hidden_state
    # of weights in 16 bits
    copies = sum(p.numel() for p in model.parameters() if p.ndim == 2) * 2 if half else 0
    left = sum(size for place, (size, _) in kept.items() if place not in weights) - copies
    said = finetuning_bytes(0, tokens=ids.numel(), layers=4, width=128, half=half)
    assert out.requires_grad and 0.6 * said < left < 1.1 * said, (left, said)  # a tenth for what is no layer


def test_layers_that_forget_leave_less():
    whole, forgetful = (
        finetuning_bytes(0, tokens=1_000, layers=24, width=1_024, recompute=recompute)
        for recompute in (False, True)
    )
    assert whole == 24 * 68 * 1_024 * 1_000 and forgetful == (24 * 4 + 68) * 1_024 * 1_000 < whole / 9


def test_too_large_a_model_is_refused_with_a_remedy():
    model = load_classifier(XS)
    needed = finetuning_bytes(sum(p.numel() for p in model.parameters()), half=False)
    check_memory(model, needed)
    with pytest.raises(MemoryError, match=r"adapters \(lora=8\) need about 0\.0 GB"):
        check_memory(model, needed - 1)
    with pytest.raises(MemoryError, match=r"4 bits \(lora=8, quantised=True\)"):
        check_memory(model, needed / 8)
    with pytest.raises(MemoryError, match="take a smaller model, or a larger GPU"):
        check_memory(model, needed / 64)
    with pytest.raises(MemoryError, match="xs needs about"):
        check_memory(model, 1)


def test_finetuning_asks_first(monkeypatch):
    monkeypatch.setattr(loop, "free_bytes", lambda device: 1_000)
    with pytest.raises(MemoryError):
        finetune(load_classifier(XS), TEXTS, LABELS, TrainConfig(lr=1e-3))


def test_layers_that_forget_learn_the_same():
    found, calls = [], []
    for recompute in (False, True):
        model = load_classifier(load_family()["m"])
        layer = model.backbone.layers[1]
        layer.self_attn.register_forward_hook(lambda *a: calls.append(torch.is_grad_enabled()))
        calls.clear()
        finetune(model, TEXTS, LABELS, TrainConfig(lr=1e-3, epochs=2, recompute=recompute))
        found.append(
            (len(calls), [p.detach().clone() for p in model.parameters()], reading.predict(model, TEXTS))
        )
    (once, weights, said), (twice, same, said_too) = found
    assert twice > once, "insides are computed again"
    for a, b in zip(weights, same):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=1e-5)
    np.testing.assert_allclose(said, said_too, atol=1e-5)


def test_what_cannot_forget_says_so():
    from stand_ins import Tiny

    with pytest.raises(ValueError, match="no layer of Tiny can compute its insides again"):
        finetune(
            Tiny(12, "zeros", False),
            ["w1 w2", "w3"],
            np.array([0.0, 1.0]),
            TrainConfig(lr=0.1, recompute=True),
        )


def test_recomputing_changes_neither_a_runs_name_nor_its_result(tmp_path):
    plain, forgetful = (
        Settings("edible", n_train=40, n_test=20, recompute=recompute) for recompute in (False, True)
    )
    runs = [
        run_ground_truth(settings, "xs", store=Store(tmp_path / str(i)), progress=False)
        for i, settings in enumerate((plain, forgetful))
    ]
    assert runs[0].name == runs[1].name
    np.testing.assert_allclose(runs[0].probabilities(), runs[1].probabilities(), atol=1e-5)
