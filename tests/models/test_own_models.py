"""Models and data that a user brings: GPT-2's architecture and kind of tokenizer, without a padding token."""

import copy
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from samples import comparisons, random_games
from small_models import family  # noqa: F401  (fixtures)

from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_zero_shot, three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.methods import get_method
from w2s_kit.models import families as models_module
from w2s_kit.models.adapters import add_lora
from w2s_kit.models.families import HUB, ModelSpec, load_family
from w2s_kit.models.loading import load_classifier, load_model
from w2s_kit.models.reward import RewardModel
from w2s_kit.tasks.chess import write_text
from w2s_kit.tasks.split import SEPARATOR
from w2s_kit.training import gradients, loop
from w2s_kit.training.config import TrainConfig


@pytest.mark.parametrize("lora", [0, 2])
@pytest.mark.parametrize("kind", ["classes", "pairs", "writing", "constrained"])
def test_three_stages(family, kind, lora, tmp_path):
    if lora:
        pytest.importorskip("peft")
    task = "ethics"
    if kind == "pairs":
        task = f"preference:{comparisons(tmp_path)}"
    elif kind != "classes":
        write_text(random_games(90), tmp_path / "puzzles.jsonl")
        task = f"chess-text:{tmp_path / 'puzzles.jsonl'}"
    settings = Settings(
        task,
        family=family,
        n_train=20,
        n_test=20,
        epochs=1,
        hard_labels=kind in ("writing", "constrained"),
        constrained=kind == "constrained",
        lora=lora,
    )
    result = three_stages(settings, "small", "large", store=Store(tmp_path / "runs"))
    row = result.row()
    assert (
        row["supervisor"] == "small"
        and row["student"] == "large"
        and all(0 <= row[f"{who}_accuracy"] <= 1 for who in ("supervisor", "student", "ceiling"))
    )
    if kind == "constrained":
        from w2s_kit.tasks import load_task

        test = load_task(task, 0, 20, 20).test
        assert all(answer in among for answer, among in zip(result.student.answers(), test["among"])), (
            "every move is legal"
        )
    if kind == "classes":
        assert (
            run_zero_shot(replace(settings, seed=1), "large", store=Store(tmp_path / "runs")).config["head"]
            == "tokens"
        )


def test_adapters_leave_the_model_as_it_is(family):
    pytest.importorskip("peft")
    model = RewardModel(*load_model(load_family(family)["large"]))
    before = copy.deepcopy(model.state_dict())
    add_lora(model, 2)
    trained = [name for name, p in model.named_parameters() if p.requires_grad]
    assert "head.weight" in trained and all("lora_" in name for name in trained if name != "head.weight")
    texts = [
        f"is it wrong to hurt ann ? {answer}{SEPARATOR}is it wrong to hurt ann ? no"
        for answer in ("yes", "yes yes", "no no", "hurt")
    ]
    get_method("generative")(
        model, texts, [0.0, 0.2, 1.0, 0.9], TrainConfig(lr=0.1, epochs=4, batch_size=2), progress=False
    )
    after = {name.replace(".base_layer", ""): tensor for name, tensor in model.state_dict().items()}
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items() if name != "head.weight")
    assert any(after[name].abs().sum() > 0 for name in after if "lora_B" in name), "they begin at zero"


def test_adapters_larger_than_a_layer_are_refused(family):
    pytest.importorskip("peft")
    model = load_classifier(load_family(family)["large"])
    with pytest.raises(ValueError, match=r"lora=1000000: a layer of this model is only \d+ wide"):
        add_lora(model, 1_000_000)


def test_random_weights_are_told_apart_by_their_shape(family, tmp_path):
    """A model from scratch is its config.json alone, so another one is another model."""
    spec = load_family(family)["large-scratch"]
    before = spec.weights_hash
    config = Path(spec.path) / "config.json"
    text = config.read_text()
    try:
        config.write_text(text + "\n\n")
        assert spec.weights_hash != before and before.startswith("random-")
    finally:
        config.write_text(text)


def test_adapters_and_a_probe_exclude_each_other():
    with pytest.raises(ValueError, match="choose one"):
        Settings("ethics", lora=8, linear_probe=True)
    with pytest.raises(ValueError, match="no language model"):
        add_lora(load_classifier(load_family("chess")["xs"]), 8)


@pytest.mark.parametrize("at", [3, 7, 11])
def test_a_killed_generative_run_with_adapters_continues_to_the_same_weights(
    family, at, tmp_path, monkeypatch
):
    """Four steps of reading, eight on labels; killed in either, it does not read again."""
    pytest.importorskip("peft")
    texts = [f"{a} is it{SEPARATOR}{b} wrong to hurt" for a in "abcd" for b in "efgh"]
    labels, config = (
        [i % 2 for i in range(16)],
        TrainConfig(lr=0.01, epochs=4, batch_size=8, checkpoint_every=1),
    )

    def learn(checkpoint=None):
        torch.manual_seed(0)
        model = RewardModel(*load_model(load_family(family)["large"]))
        add_lora(model, 2)
        get_method("generative")(
            model, texts, labels, config, stage_epochs=4, checkpoint=checkpoint, progress=False
        )
        return model.state_dict()

    expected, steps, original = learn(), [], gradients.gradients

    def dying(*args, **kw):
        if len(steps) == at:
            raise KeyboardInterrupt
        steps.append(1)
        return original(*args, **kw)

    monkeypatch.setattr(loop, "gradients", dying)
    with pytest.raises(KeyboardInterrupt):
        learn(tmp_path / "checkpoint")
    done, at = len(steps), 10**9
    got = learn(tmp_path / "checkpoint")
    assert all(torch.equal(got[name], tensor) for name, tensor in expected.items())
    assert len(steps) == 12, f"{len(steps) - done} steps after {done}"
    assert not list(tmp_path.iterdir()), "nothing is left behind"


# ---- families of the hub -----------------------------------------------------------------------------
def test_families_of_the_hub_by_name(monkeypatch):
    asked = []
    monkeypatch.setattr(
        models_module,
        "_from_elsewhere",
        lambda path: asked.append(path) or ModelSpec(path.split("/")[-1], path, 5e-5, 1, 1.0),
    )
    for name, paths in HUB.items():
        assert load_family(name).names == [path.split("/")[-1] for path in paths]
    assert asked == [path for paths in HUB.values() for path in paths]
    with pytest.raises(ValueError, match="'gpt2'"):
        load_family("gpt3")


def test_a_revision_is_part_of_the_path(tmp_path, monkeypatch):
    seen = []

    def offline(name, revision, trust_remote_code):
        seen.append((name, revision))
        raise OSError("offline")

    monkeypatch.setattr("transformers.AutoConfig.from_pretrained", offline)
    odd = tmp_path / "model@home"
    odd.mkdir()
    for path in ("owner/name", "owner/name@abc123", str(odd)):
        with pytest.raises(OSError, match="no language model or encoder is found there"):
            load_family(path)
        with pytest.raises(OSError, match="cannot be loaded whole"):
            load_model(ModelSpec("m", path, 1e-3, 1, 1.0))
    assert seen == [("owner/name", "main")] * 2 + [("owner/name", "abc123")] * 2 + [(str(odd), "main")] * 2
