"""What only a GPU can show: half precision, memory that runs out, and that a run there is one run.

pytest tests/training/test_gpu.py    # a minute; every other test runs on the CPU, whatever the machine has
"""

from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny import same, weights

from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.methods import get_method
from w2s_kit.models.families import load_family
from w2s_kit.models.generation import sample
from w2s_kit.models.heads import Classifier
from w2s_kit.models.loading import load_classifier, load_model
from w2s_kit.models.writer import Writer
from w2s_kit.tasks import load_task
from w2s_kit.training import reading
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.device import Device, pick_device
from w2s_kit.training.loop import finetune
from w2s_kit.training.reading import predict

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(),
    reason="no GPU, or not asked for by name: pytest tests/training/test_gpu.py",
)
CUDA, CPU = torch.device("cuda"), Device(torch.device("cpu"), torch.float32, "the reference")
PRECISIONS = {"bfloat16": torch.bfloat16, "float16": torch.float16, "float32": torch.float32}
CONFIG = TrainConfig(lr=1e-3, epochs=2)


def on(precision: str) -> Device:
    return Device(CUDA, PRECISIONS[precision], precision)


@pytest.fixture(scope="module")
def task():
    split = load_task("danger", 0, 300, 300)
    return split.student["text"].tolist(), split.student["label"].to_numpy(float), split.test["text"].tolist()


@pytest.fixture(scope="module")
def reference(task):
    texts, labels, unseen = task
    model = load_classifier(load_family()["m"])
    finetune(model, texts, labels, CONFIG, progress=False, device=CPU)
    return predict(model, unseen, device=CPU)


def test_it_is_picked_and_says_why():
    picked = pick_device()
    assert picked.device.type == "cuda" and torch.cuda.get_device_name() in picked.why


@pytest.mark.parametrize("precision", PRECISIONS)
def test_it_learns_what_the_cpu_learns(task, reference, precision):
    texts, labels, unseen = task
    model = load_classifier(load_family()["m"])
    finetune(model, texts, labels, CONFIG, progress=False, device=on(precision))
    said = predict(model, unseen, device=on(precision))
    far = np.abs(said - reference)
    assert next(model.parameters()).is_cuda and all(p.dtype == torch.float32 for p in model.parameters())
    assert (
        np.mean((said > 0.5) == (reference > 0.5)) > 0.95
        and far.mean() < {"float32": 1e-3, "float16": 0.01, "bfloat16": 0.05}[precision]
    )


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_run_killed_ends_with_the_same_weights(task, tmp_path, precision):
    """To the last bit: sums of a GPU come in an order of their own, so this asks for deterministic ones."""
    texts, labels, _ = task
    config, ways = replace(CONFIG, checkpoint_every=4), []

    class Killed(Exception):
        pass

    def loss_of(kill):
        from w2s_kit.training.losses import cross_entropy

        steps = iter(range(10**6))

        def loss(logits, targets, step_fraction):
            if next(steps) == kill:
                raise Killed
            return cross_entropy(logits, targets, step_fraction)

        loss.__name__ = "a loss"
        return loss

    for kill in (None, 13):
        path, model = tmp_path / f"{precision}{kill}", load_classifier(load_family()["m"])
        if kill is not None:
            with pytest.raises(Killed):
                finetune(
                    model,
                    texts,
                    labels,
                    config,
                    loss=loss_of(kill),
                    checkpoint=path,
                    progress=False,
                    device=on(precision),
                )
            model = load_classifier(load_family()["m"])
        finetune(
            model,
            texts,
            labels,
            config,
            loss=loss_of(None),
            checkpoint=path,
            progress=False,
            device=on(precision),
        )
        ways.append(weights(model))
    assert same(*ways)


def test_memory_that_runs_out_costs_time_and_no_result(task):
    from transformers import LlamaConfig, LlamaForCausalLM

    texts, labels, _ = task
    texts = [" ".join([text] * 6) for text in texts]
    _, tokenizer = load_model(load_family()["xs"])

    def model():
        torch.manual_seed(0)
        return Classifier(
            LlamaForCausalLM(
                LlamaConfig(
                    vocab_size=len(tokenizer),
                    hidden_size=512,
                    intermediate_size=1408,
                    num_hidden_layers=8,
                    num_attention_heads=8,
                )
            ),
            tokenizer,
        )

    def trained(config, **limit):
        it = model()
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        finetune(it, texts, labels, config, progress=False, device=on("float32"))
        return {name: p.cpu() for name, p in weights(it).items()}, torch.cuda.max_memory_allocated()

    config = TrainConfig(lr=1e-4, epochs=1, batch_size=150)
    whole, most = trained(config)
    forgetful, less = trained(replace(config, recompute=True))
    total = torch.cuda.get_device_properties(0).total_memory
    try:
        torch.cuda.empty_cache()
        torch.cuda.set_per_process_memory_fraction(0.7 * most / total)
        with pytest.warns(UserWarning, match="out of memory with .* fit: slower, same results"):
            halved, least = trained(config)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert max(less, least) < 0.75 * most
    for other in (forgetful, halved):
        assert all(torch.allclose(whole[name], other[name], atol=2e-4) for name in whole)


def test_every_method_runs(task):
    texts, labels, _ = task
    soft = labels * 0.8 + 0.1
    for name in (
        "confidence",
        "entropy",
        "log_confidence",
        "window",
        "kl",
        "product",
        "strong_to_strong",
        "relabel",
        "filter",
        "two_stage",
        "adaptive",
        "generative",
    ):
        student = load_classifier(load_family()["s"])
        history = get_method(name)(student, texts, soft, CONFIG, progress=False)
        assert history.steps and np.isfinite(history.rows[-1]["loss"]), name


def test_experiment_adapters_probes_and_writing(tmp_path, task):
    store, quiet = Store(tmp_path), {"progress": False}
    result = three_stages(Settings("danger", n_train=300, n_test=300), "s", "m", store=store, **quiet)
    assert (
        0.4 < result.supervisor.accuracy() < result.ceiling.accuracy()
        and torch.cuda.get_device_name() in result.student.metrics["device"]
    )
    pytest.importorskip("peft")
    assert (
        three_stages(
            Settings("danger", n_train=300, n_test=300, lora=8), "s", "m", store=store, **quiet
        ).ceiling.accuracy()
        > 0.5
    )
    seen = reading.features(load_classifier(load_family()["m"]), task[0][:50])
    assert seen.shape == (50, 64) and np.isfinite(seen).all()
    writer = Writer(*load_model(load_family("miniworld-chat")["m"]))
    assert sample(writer, ["is it edible ?"], each=4, longest=12) == sample(
        writer, ["is it edible ?"], each=4, longest=12
    )


def test_weights_in_four_bits(tmp_path):
    pytest.importorskip("bitsandbytes")
    settings = Settings("danger", n_train=300, n_test=300, lora=8, quantised=True)
    result = three_stages(settings, "s", "xl", store=Store(tmp_path), progress=False)
    assert result.ceiling.accuracy() > 0.6 and np.isfinite(result.student.probabilities()).all()
