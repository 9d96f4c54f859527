"""What the benchmarks compare is the same work, and what they count is there."""

import importlib
import mmap
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

from w2s_kit.experiment.settings import Settings
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.training.batches import Batch, encode, training_batches
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.device import pick_device
from w2s_kit.training.gradients import gradients
from w2s_kit.training.losses import cross_entropy

XS = load_family()["xs"]
TEXTS = [
    "is the dax edible ?",
    "cat",
    "do people eat the oak ?",
    "is the lamp heavy ?",
    "is the cat heavy ?",
] * 14
TARGETS = np.tile([0.1, 1.0, 0.7, 0.0, 0.4], 14)
CONFIG = TrainConfig(lr=1e-3, epochs=2)
resident = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="resident memory is read from /proc"
)


@pytest.fixture(scope="module")
def bench():
    """The benchmarks by name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parents[1] / "benchmarks"))
        names = ("instruments", "finetuning", "grid", "scaling")
        yield {name: importlib.import_module(name) for name in names}
        for name in names:
            del sys.modules[name]


def test_recipe_and_trainer_have_the_kits_gradient(bench):
    """One batch of texts of different lengths: padded or one by one, it is the same arithmetic."""
    found, device = [], pick_device("cpu")
    ids, wanted = (
        load_classifier(XS, head="tokens").tokenizer(TEXTS[:5])["input_ids"],
        torch.tensor(TARGETS[:5], dtype=torch.float32),
    )

    def by_kit(model):
        data = encode(model, TEXTS[:5], device.device)
        batch = Batch(data.sizes, data.ids, data.lengths, wanted)
        scaler = torch.amp.GradScaler("cpu", enabled=False)
        gradients(model, cross_entropy, batch, 0.0, device, scaler, data.ids.numel())

    def by_trainer(model):
        data = encode(model, TEXTS[:5], device.device)
        bench["finetuning"].WithLoss(model)(data.ids, data.lengths, wanted)["loss"].backward()

    for way in (
        by_kit,
        by_trainer,
        lambda model: bench["finetuning"].recipe_gradients(model, ids, wanted, device),
    ):
        model = load_classifier(XS, head="tokens")
        way(model)
        found.append(torch.cat([p.grad.flatten() for p in model.parameters()]))
    assert found[0].abs().max() > 0.01
    for other in found[1:]:
        torch.testing.assert_close(other, found[0], atol=1e-5, rtol=1e-5)


def test_all_take_as_many_steps_and_learn_without_dropout(bench):
    steps, training = {}, []
    for who in ("by_kit", "by_trainer", "by_recipe"):
        model, done = load_classifier(XS), []
        model.register_forward_pre_hook(lambda module, _: training.append(module.training))
        before = model.head.weight.detach().clone()
        hook = register_optimizer_step_post_hook(
            lambda optimizer, *_: done.append(optimizer.param_groups[0]["lr"])
        )
        try:
            spent = getattr(bench["finetuning"], who)(model, TEXTS, TARGETS, CONFIG)
        finally:
            hook.remove()
        assert not torch.equal(model.head.weight, before) and spent.shape == (2,) and spent[0] > 0
        steps[who] = done
    assert len(steps["by_kit"]) == 2 * 3  # 70 texts are 3 batches
    np.testing.assert_allclose(steps["by_trainer"], steps["by_kit"], rtol=1e-6)  # the same cosine
    np.testing.assert_allclose(steps["by_recipe"], steps["by_kit"], rtol=1e-6)
    assert not any(training)


def test_trainer_gets_the_kits_batches_where_it_should(bench):
    """In the kit's order, in each epoch anew, and every text once an epoch."""
    model, read = load_classifier(XS), []
    model.register_forward_pre_hook(lambda module, given: read.append(given[0].detach().clone()))
    bench["finetuning"].by_trainer(model, TEXTS, TARGETS, CONFIG, order="same")
    data = encode(load_classifier(XS), TEXTS, torch.device("cpu"))
    goal = torch.from_numpy(TARGETS)
    kits = list(training_batches(data, goal, CONFIG, 0, 6))
    assert len(read) == len(kits) == 6
    for ids, batch in zip(read, kits):
        assert ids.shape == batch.ids.shape and torch.equal(ids, batch.ids)
    assert not torch.equal(read[0], read[3])


def test_texts_too_long_are_cut_alike(bench):
    model = load_classifier(XS)
    rows = bench["finetuning"].tokenised(model, ["the cat " * 100, "the cat"])
    assert len(rows[0]) == model.longest and rows[1] == model.tokenizer(["the cat"])["input_ids"][0]


@resident
def test_the_probe_of_memory_sees_what_work_takes_and_no_more(bench, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)

    def pages(mebi):
        # straight from the system and straight back: malloc may keep what NumPy frees, by what ran before
        block = np.frombuffer(mmap.mmap(-1, mebi * 2**20), np.uint8)
        block[:] = 1
        return block

    def prepare():
        pages(150)  # while loading
        kept = pages(20)

        def work():
            for mebi in (30, 60, 10):  # 60 at the most
                pages(mebi)
            return kept

        return work

    assert bench["instruments"].peak_memory(prepare) == pytest.approx(60 * 2**20, abs=3 * 2**20)


@resident
def test_a_process_that_dies_is_told_from_one_that_needs_nothing(bench, capfd, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(RuntimeError, match="has died"):
        bench["instruments"].peak_memory(lambda: 1 / 0)


def test_parameters_that_tokens_are_multiplied_with(bench):
    config = bench["scaling"].SHAPES["minilm"]()
    model = bench["scaling"].build("minilm", 16)
    # of an encoder of MiniLM's shape; biases and norms are under a percent
    layers = 6 * (4 * 384 * 384 + 2 * 384 * 1536)
    assert bench["instruments"].multiplied(model.backbone) == pytest.approx(layers, rel=0.01)
    assert bench["scaling"].flops(config, 10, 7) == 6 * 10 + 12 * 6 * 384 * 7


def test_the_fewest_trainings_of_a_grid(bench, tmp_path):
    fewest = bench["grid"].fewest
    assert fewest(["a"], ["a"], ["naive"]) == 3
    assert fewest(["a", "b"], ["b", "c", "d"], ["naive", "confidence"]) == 2 + 3 + 12
    assert fewest(list("abcde"), list("abcde"), ["naive"]) == 35
    table = (
        bench["grid"]
        .compare(replace(Settings("nli"), n_train=32, n_test=16), ["xs", "s"], ["naive"], tmp_path)
        .set_index("what")
    )
    assert table["trainings"].to_dict() == {"empty store": 8, "full store": 0, "pair by pair": 12} and set(
        table["fewest"]
    ) == {8}
    first = table.loc["empty store"]
    assert 0 < first["finetuning_s"] < first["computing_s"] < first["seconds"] and first["overhead"] > 0
