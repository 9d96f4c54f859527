"""How language models are measured without a GPU: middle layers are read once, and heads learn from them."""

from argparse import Namespace

import frozen
import measure_language_models as script
import numpy as np
import pandas as pd
import pytest
import torch
from saved_models import saved, spec  # noqa: F401

from w2s_kit.experiment.store import Store
from w2s_kit.models.loading import load_classifier
from w2s_kit.shared.shipped import WEIGHTS
from w2s_kit.training.batches import encode
from w2s_kit.training.device import pick_device

CPU = pick_device("cpu")


@pytest.mark.parametrize("kind", ["llama", "bert"])
def test_a_middle_layer_is_the_mean_over_a_texts_own_tokens(saved, tmp_path, monkeypatch, kind):  # noqa: F811
    monkeypatch.setattr(frozen, "BLOCK", 2)
    texts = ["the dog is dangerous", "is it", "the dog is it the dog"]
    read = frozen.means_of_layers(spec(saved / kind), texts, tmp_path, CPU)
    model = load_classifier(spec(saved / kind)).eval()
    assert set(read) == {1}  # of two layers
    for text, mean in zip(texts, read[1]):
        ids = encode(model, [text], torch.device("cpu")).ids
        with torch.no_grad():
            alone = model.backbone(input_ids=ids, output_hidden_states=True).hidden_states[1][0]
        torch.testing.assert_close(mean, alone.mean(dim=0), atol=1e-5, rtol=1e-4)


def test_what_was_read_is_not_computed_again(saved, tmp_path, monkeypatch):  # noqa: F811
    first = frozen.means_of_layers(spec(saved / "llama"), ["is it"], tmp_path, CPU)
    monkeypatch.setattr(frozen, "load_classifier", None)
    torch.testing.assert_close(frozen.means_of_layers(spec(saved / "llama"), ["is it"], tmp_path, CPU), first)


def test_layers_of_real_depths():
    assert [frozen.middle_layers(n) for n in (6, 18, 30)] == [[2, 3], [6, 9], [10, 15]]


def made(rng, n=200, choice=60) -> script.Material:
    """Labels stand in layer 2 of every model, behind more noise in the supervisor; layer 1 is noise."""
    labels = np.arange(n) % 2
    pool = pd.DataFrame({"text": [f"text {i}" for i in range(n)], "label": labels, "difficulty": 0.5})
    pool["group"] = [(f"group {i // 4}",) for i in range(n)]
    noise = lambda scale: torch.from_numpy(rng.normal(size=(n, 4)) * scale).float()
    signal = torch.from_numpy(np.outer(2 * labels - 1, np.ones(4))).float()
    layers = lambda scale: {1: noise(1), 2: signal + noise(scale)}
    features = {"minilm": layers(3), "smollm2": layers(2), "gemma": layers(0.3)}
    return script.Material(pool, [*range(n - choice, n)], [*range(n - choice)], features)


def test_layer_and_rate_are_chosen_where_nothing_is_measured(monkeypatch):
    monkeypatch.setattr(script, "CHOICE_SEEDS", (1000, 1001))
    monkeypatch.setattr(script, "RATES", (3e-3, 1e-2))
    its = made(np.random.default_rng(0))
    before = script.accuracies({"task": its}, "gemma")
    layer, lr = script.choice(before)
    assert layer == 2 and lr in script.RATES
    its.pool.loc[its.measured, "label"] = 0
    its.features["gemma"][2][its.measured] = 99.0
    pd.testing.assert_frame_equal(script.accuracies({"task": its}, "gemma"), before)


def test_of_equal_rates_the_smallest_is_chosen_and_then_the_best_layer():
    """100 examples: a standard error of .9 is .03."""
    rows = [(1, 1e-3, 0.88), (2, 1e-3, 0.89), (1, 1e-2, 0.90), (2, 1e-2, 0.80), (1, 1e-4, 0.86)]
    table = pd.DataFrame(rows, columns=["layer", "lr", "accuracy"]).assign(asked=100)
    assert script.choice(table) == (2, 1e-3)


def test_every_seed_deals_the_measured_examples_anew_in_whole_groups():
    its = made(np.random.default_rng(0))
    deals = [script.dealt(its, "task", seed) for seed in (100, 101, 100)]
    assert deals[0] == deals[2] != deals[1]
    for parts in deals:
        groups = [{its.pool["group"][row] for row in rows} for rows in parts.values()]
        assert not (groups[0] & groups[1] or groups[0] & groups[2] or groups[1] & groups[2])
        for rows in parts.values():
            assert set(rows) <= set(its.measured) and its.pool["label"][rows].mean() == 0.5
        assert [len(rows) / len(its.measured) for rows in parts.values()] == pytest.approx(
            script.SHARES, abs=0.05
        )


def test_heads_give_a_row_a_pair_and_method():
    its = made(np.random.default_rng(0), n=400)
    table = pd.DataFrame(script.heads("task", 100, its, dict.fromkeys(its.features, (2, 1e-2))))
    assert list(table) == script.COLUMNS and len(table) == len(script.PAIRS) * len(script.LEARNED)
    one = table[(table["supervisor"] == "minilm") & (table["student"] == "gemma")].set_index("method")
    assert one["supervisor_accuracy"]["naive"] + 0.1 < one["ceiling_accuracy"]["naive"]
    assert one["student_accuracy"]["naive"] != 0.5 != one["student_accuracy"]["confidence"]
    worse = dict.fromkeys(its.features, (2, 1e-2)) | {"gemma": (1, 1e-2)}  # students on the layer of noise
    again = pd.DataFrame(script.heads("task", 100, its, worse)).query("student == 'gemma'")
    assert (again["ceiling_accuracy"] < one["ceiling_accuracy"]["naive"] - 0.2).all()


def test_on_a_gpu_everybody_is_finetuned_and_the_table_has_the_same_columns(tmp_path, monkeypatch):
    monkeypatch.setattr(script, "pool", lambda task: (None, 100))
    monkeypatch.setattr(script, "FINETUNED_RATES", (1e-3, 3e-3))
    monkeypatch.setattr(script, "LEARNED", ("naive",))
    sizes = {"minilm": "xs", "smollm2": "s", "gemma": "m"}
    folders = {name: WEIGHTS / "miniworld" / size for name, size in sizes.items()}
    args = Namespace(**folders, store=tmp_path, out=tmp_path, tasks=["danger"], first=100, seeds=1)
    script.by_finetuning(args, script.models(args), Store(tmp_path / "runs"))
    table = pd.read_csv(tmp_path / "language_models.csv")
    assert list(table) == script.COLUMNS and set(table["way"]) == {"finetuned"}
    assert [*zip(table["supervisor"], table["student"])] == [*script.PAIRS]
