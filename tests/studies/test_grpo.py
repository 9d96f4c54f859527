"""GRPO through TRL: it trains as `reinforce` does, tells the same, and hands the model back as it was."""

import copy
import importlib
import importlib.util
import random
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny import same, weights
from torch import nn
from torch.optim.optimizer import register_optimizer_step_pre_hook
from transformers import GPT2Config, GPT2LMHeadModel

from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_writer
from w2s_kit.models.writer import Writer
from w2s_kit.studies import easy_to_hard, grpo, reinforcement
from w2s_kit.studies.reinforcement import PolicyConfig, reinforce
from w2s_kit.studies.rewards import by_truth, flipped

needs_trl = pytest.mark.skipif(importlib.util.find_spec("trl") is None, reason="trl is not installed")
CONFIG = PolicyConfig(steps=2, problems=2, each=4, lr=1e-3, longest=20)
ONE = PolicyConfig(steps=1, problems=2, each=4, lr=1e-3, longest=20)


def draw(n, rng):
    """Problems of different lengths, so that prompts have to be padded."""
    return easy_to_hard.draw(n, (1, 3), rng)


def evens(problems, solutions, rng) -> np.ndarray:
    """The share of even digits: no two solutions need have the same."""
    return np.array(
        [[np.mean([int(c) % 2 == 0 for c in one if c.isdigit()] or 0) for one in many] for many in solutions]
    )


@pytest.fixture
def writer(tmp_path) -> Writer:
    """A small model of the kit, from a folder of one's own."""
    shipped = load_writer(load_family("sums")["xs"])
    shipped.model.save_pretrained(tmp_path / "models" / "own")
    shipped.tokenizer.save_pretrained(tmp_path / "models" / "own")
    return load_writer(load_family(str(tmp_path / "models" / "own"))["own"])


@pytest.fixture
def learned_places(writer) -> Writer:
    """A model that learns a vector for each place, and has dropout, as GPT-2."""
    torch.manual_seed(0)
    ids = dict(vocab_size=len(writer.tokenizer), bos_token_id=1, eos_token_id=1)
    model = GPT2LMHeadModel(GPT2Config(**ids, n_positions=64, n_embd=32, n_layer=2, n_head=2))
    for p in model.parameters():
        p.data *= 3
    return Writer(model, writer.tokenizer)


@needs_trl
def test_a_writer_learns_and_each_step_has_a_row(writer, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir(), (tmp_path / "temporary").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    before, seen = weights(writer), []

    def reward(problems, solutions, rng):
        seen.append((problems, solutions))
        return evens(problems, solutions, rng)

    rows = grpo.grpo(writer, draw, reward, CONFIG, truth=by_truth)
    assert not same(before, weights(writer))
    assert [row["step"] for row in rows] == [1, 2]
    for row, (problems, solutions) in zip(rows, seen, strict=True):
        assert set(row) == {"step", "reward", "truth", "useful", "entropy"}
        assert problems == draw(2, CONFIG.rng(row["step"])), "those of reinforce"
        assert np.shape(solutions) == (2, 4)
        rewards = evens(problems, solutions, None)
        assert row["reward"] == rewards.mean() and row["truth"] == by_truth(problems, solutions).mean()
        assert row["useful"] == (rewards.std(axis=1) > 0).mean()
        assert 0 < row["entropy"] < np.log(len(writer.tokenizer))
    assert not any((tmp_path / "here").iterdir()) and not any((tmp_path / "temporary").iterdir())


@needs_trl
def test_the_same_seed_gives_the_same_rewards(writer):
    first, again, other = (
        grpo.grpo(copy.deepcopy(writer), draw, flipped(0.3), replace(CONFIG, seed=seed)) for seed in (0, 0, 1)
    )
    assert first == again != other
    always = lambda n, rng: draw(n, random.Random(0))  # the same problems for all seeds
    first, other = (grpo.grpo(writer, always, evens, replace(ONE, lr=0.0, seed=seed)) for seed in (0, 1))
    assert first != other, "solutions are the seed's, too"


def moved(writer, train) -> torch.Tensor:
    """How far a step takes the weights of a copy, (parameters,)."""
    learner = copy.deepcopy(writer)
    train(learner)
    pairs = zip(writer.parameters(), learner.parameters(), strict=True)
    return torch.cat([(new - old).detach().double().flatten() for old, new in pairs])


def both(writer, monkeypatch, **options) -> tuple[float, float]:
    """Two steps of TRL beside those of `reinforce` on the same solutions: (cosine, length beside length)."""
    drawn, texts_of = [], grpo.texts_of
    monkeypatch.setattr(grpo, "texts_of", lambda writer, ids: drawn.append(ids) or texts_of(writer, ids))
    theirs = moved(writer, lambda w: grpo.grpo(w, draw, evens, CONFIG, **options))
    again = iter(drawn)
    monkeypatch.setattr(reinforcement, "sample_ids", lambda *_, **__: next(again))
    ours = moved(writer, lambda w: reinforce(w, draw, evens, CONFIG))
    return float(torch.cosine_similarity(ours, theirs, dim=0)), float(theirs.norm() / ours.norm())


@needs_trl
@pytest.mark.parametrize("model", ["writer", "learned_places"])
@pytest.mark.parametrize("batch_size", [None, 2])
def test_its_steps_are_those_of_reinforce(model, batch_size, request, monkeypatch):
    cosine, times = both(request.getfixturevalue(model), monkeypatch, batch_size=batch_size)
    assert cosine == pytest.approx(1, abs=1e-3) and times == pytest.approx(1, abs=0.02)


@needs_trl
def test_the_optimizers_are_set_alike(writer, monkeypatch):
    """Two steps do not show how long the moments are kept."""
    used = []
    hook = register_optimizer_step_pre_hook(lambda one, *_: used.append(one))
    both(writer, monkeypatch)
    hook.remove()
    theirs, ours = used[0], used[-1]
    for group in theirs.param_groups:
        for key in ("lr", "betas", "eps", "weight_decay", "amsgrad"):
            assert group[key] == ours.param_groups[0][key], key


@needs_trl
def test_options_win_and_another_loss_is_another_step(writer, monkeypatch):
    assert both(writer, monkeypatch, loss_type="grpo")[0] < 0.99


@pytest.fixture
def plain_steps(monkeypatch):
    """Steps as long as the gradient, in place of Adam's."""
    monkeypatch.setattr(torch.optim, "Adam", lambda parameters, lr, betas: torch.optim.SGD(parameters, lr))


@needs_trl
def test_advantages_are_shorter_by_the_root_of_three_quarters_in_a_group_of_four(
    writer, plain_steps, monkeypatch
):
    monkeypatch.setattr(reinforcement, "clip_grad_norm_", lambda *_: None)
    cosine, times = both(writer, monkeypatch, optim="sgd", max_grad_norm=1e9)
    assert cosine == pytest.approx(1, abs=1e-5) and times == pytest.approx((3 / 4) ** 0.5, abs=1e-3)


@needs_trl
def test_long_gradients_are_cut_to_the_same_length(learned_places, plain_steps, monkeypatch):
    cosine, times = both(learned_places, monkeypatch, optim="sgd")
    assert cosine == pytest.approx(1, abs=1e-5) and times == pytest.approx(1, abs=1e-3)


@needs_trl
def test_the_model_comes_back_as_it_was(learned_places):
    writer, places = learned_places, torch.randint(3, 83, (2, 9))
    names, config = set(vars(writer.model)), copy.deepcopy(writer.model.config)
    tokenizer = copy.deepcopy(vars(writer.tokenizer))
    grpo.grpo(writer, draw, evens, ONE)
    assert set(vars(writer.model)) == names and not writer.model._forward_pre_hooks
    assert not writer.training and writer.model.config.use_cache == config.use_cache
    assert (
        {part.p for part in writer.modules() if isinstance(part, nn.Dropout)} == {config.resid_pdrop} != {0.0}
    )
    assert writer.tokenizer.padding_side == tokenizer["padding_side"]
    twin, lengths = copy.deepcopy(writer), torch.tensor([9, 9])
    before = twin(places, lengths)
    for p in writer.parameters():
        p.data.zero_()
    assert torch.equal(before, twin(places, lengths)), "a copy has weights of its own"


@needs_trl
@pytest.mark.parametrize("setting", [{"no_repeat_ngram_size": 1}, {"suppress_tokens": [5, 6, 7, 8]}])
def test_a_models_own_settings_for_writing_are_not_heard(writer, setting, monkeypatch):
    """They would draw solutions that the model itself does not find likely."""
    seen, texts_of = [], grpo.texts_of
    monkeypatch.setattr(grpo, "texts_of", lambda writer, ids: seen.append(ids) or texts_of(writer, ids))
    other = copy.deepcopy(writer)
    vars(other.model.generation_config).update(setting)
    own = other.model.generation_config
    for one in (writer, other):
        grpo.grpo(one, draw, evens, ONE)
    assert seen[0] == seen[1] and other.model.generation_config is own


@needs_trl
def test_messages_go_through_the_template_of_the_model(writer):
    plain = grpo.grpo(copy.deepcopy(writer), draw, evens, CONFIG)
    writer.tokenizer = copy.deepcopy(writer.tokenizer)
    writer.tokenizer.chat_template = "<eos> {% for m in messages %}{{ m['content'] }} :{% endfor %}"
    ask = lambda problem: [{"role": "user", "content": problem.text.removesuffix(" :")}]
    assert grpo.grpo(copy.deepcopy(writer), draw, evens, CONFIG, prompt=ask) == plain


@needs_trl
def test_the_trained_model_is_kept_where_asked(writer, tmp_path):
    grpo.grpo(writer, draw, evens, ONE, out=tmp_path / "kept")
    kept = load_writer(load_family(str(tmp_path / "kept"))["kept"])
    assert same(weights(kept.model), weights(writer.model))
    assert kept.tokenizer.get_vocab() == writer.tokenizer.get_vocab()


@needs_trl
def test_nobody_is_told_what_is_trained(writer, monkeypatch):
    base, told = importlib.import_module("trl.trainer.base_trainer"), []
    if not hasattr(base, "send_telemetry"):
        pytest.skip("older versions tell nobody")
    monkeypatch.delenv("CI", raising=False)  # there TRL is silent by itself
    monkeypatch.setattr(base, "send_telemetry", lambda **what: told.append(what))
    grpo.grpo(writer, draw, evens, ONE)
    assert not told


@needs_trl
@pytest.mark.parametrize(
    "wrong, message",
    [
        (
            lambda problems, solutions, rng: np.zeros(2),
            r"one finite number a solution, \(2, 4\), but gave \(2,\)",
        ),
        (lambda problems, solutions, rng: np.full((2, 4), np.nan), "not all finite"),
    ],
)
def test_a_wrong_reward_is_refused(writer, wrong, message):
    for reward, truth in ((wrong, None), (evens, wrong)):
        with pytest.raises(ValueError, match=message):
            grpo.grpo(writer, draw, reward, ONE, truth=truth)
    assert "forward" not in vars(writer.model), "the model is given back all the same"


@needs_trl
def test_what_cannot_be_trained_is_refused(writer, monkeypatch):
    with pytest.raises(ValueError, match="batch_size 3 should divide the 8 solutions of a step"):
        grpo.grpo(writer, draw, evens, ONE, batch_size=3)
    with pytest.raises(ValueError, match="Linear is no language model"):
        grpo.grpo(Writer(nn.Linear(1, 1), writer.tokenizer), draw, evens, ONE)
    monkeypatch.setattr(grpo, "team", lambda: "a team")
    with pytest.raises(ValueError, match="in one process"):
        grpo.grpo(writer, draw, evens, ONE)


def test_without_trl_the_message_names_the_extra(writer, monkeypatch):
    monkeypatch.setitem(sys.modules, "trl", None)
    with pytest.raises(ImportError, match=r"through trl: .*pip install 'w2s_kit\[rl\]'"):
        grpo.grpo(writer, draw, evens, ONE)
