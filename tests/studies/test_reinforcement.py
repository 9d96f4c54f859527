"""The policy gradient is the one of the formula, rewards are what they say, and a killed run goes on."""

import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch.optim.optimizer import register_optimizer_step_pre_hook

from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_model
from w2s_kit.models.writer import Writer
from w2s_kit.studies import reinforcement, rewards
from w2s_kit.studies.easy_to_hard import draw
from w2s_kit.studies.reinforcement import (
    PolicyConfig,
    advantages,
    erring,
    policy_loss,
    reinforce,
    saturated,
    shares,
)
from w2s_kit.studies.rewards import by_majority, by_truth, copied, flipped, judged
from w2s_kit.tasks import sums

JUDGE = torch.nn.Linear(3, 2)  # its weights tell judges apart; `step_scores` is replaced
SMALL = PolicyConfig(steps=5, problems=3, each=4, longest=14, seed=3)
ONE = sums.Problem(4, ("x3+7", "x13+2"))  # 4 x3+7 = 9 ; 9 x13+2 = 9 ; so 9
RIGHT, CARRIED = ONE.solution, "4 x3+7 = 2 ; 2 x13+2 = 8 ; so 8"


def easy(n, rng):
    return draw(n, (2,), rng)


def threes(problems, solutions, rng=None):
    """Somebody who likes the digit 3."""
    return np.array([[one.count("3") for one in many] for many in solutions])


def writer(size="xs"):
    return Writer(*load_model(load_family("sums")[size]))


# ---- the gradient ------------------------------------------------------------------------------------
def test_advantages_are_standardised_in_each_group():
    found = advantages([[1, 0, 0, 1], [2, 2, 2, 2], [0, 0, 0, 10]])
    assert found[0] == pytest.approx([1, -1, -1, 1], abs=1e-3)
    assert (found[1] == 0).all()
    assert found[2] == pytest.approx([-1 / 3**0.5] * 3 + [3**0.5], abs=1e-3)


def test_the_loss_has_the_gradient_of_the_formula():
    torch.manual_seed(0)
    logits = torch.randn(4, 5, 7, dtype=torch.float64, requires_grad=True)
    said = torch.randint(0, 7, (4, 5))
    written = torch.tensor([[0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 1, 0, 0, 0], [0, 1, 1, 1, 1]]).bool()
    advantage = torch.tensor([1.0, -0.5, 2.0, 0.0], dtype=torch.float64)
    log_p = logits.log_softmax(-1).gather(-1, said[..., None])[..., 0]
    policy_loss(log_p, advantage, written).backward()
    # d log p(said) / d logits = one-hot - p
    by_hand = F.one_hot(said, 7) - logits.detach().softmax(-1)
    by_hand = -by_hand * advantage[:, None, None] * written[..., None] / 11
    assert torch.allclose(logits.grad, by_hand, atol=1e-12)


def test_the_loop_steps_along_the_gradient_that_transformers_computes(monkeypatch):
    drawn, grads = [], []
    real = reinforcement.sample_ids

    def recorded(writer, prompts, each, **how):
        drawn.append((list(prompts), real(writer, prompts, each, **how)))
        return drawn[-1][1]

    monkeypatch.setattr(reinforcement, "sample_ids", recorded)
    model = writer()
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    hook = register_optimizer_step_pre_hook(
        lambda optimizer, *_: grads.append(
            [None if p.grad is None else p.grad.clone() for p in model.parameters()]
        )
    )
    try:
        reinforce(model, easy, threes, PolicyConfig(steps=1, problems=3, each=4, longest=14, seed=3))
    finally:
        hook.remove()
    (prompts, answers), (found,) = drawn[0], grads
    model.load_state_dict(before, strict=False)  # the head is the embedding
    texts = model.tokenizer.batch_decode(answers, skip_special_tokens=True)
    weight = advantages(np.array([text.count("3") for text in texts]).reshape(3, 4)).ravel()
    assert np.abs(weight).max() > 0.5, "a group without differences would test nothing"
    model.zero_grad()
    total = sum(map(len, answers))
    asked = [row for row in model.tokenizer(prompts)["input_ids"] for _ in range(4)]
    for prompt, answer, one in zip(asked, answers, weight, strict=True):
        labels = torch.tensor([[-100] * len(prompt) + answer])
        loss = model.model(input_ids=torch.tensor([prompt + answer]), labels=labels).loss  # a mean
        (loss * len(answer) / total * float(one)).backward()
    expected = [p.grad for p in model.parameters()]
    norm = torch.sqrt(sum((g**2).sum() for g in expected if g is not None))
    for ours, theirs in zip(found, expected, strict=True):
        assert (ours is None) == (theirs is None)
        if ours is not None:
            assert torch.allclose(ours, theirs * min(1, 1 / float(norm)), atol=1e-5)


def test_what_is_rewarded_becomes_likelier():
    rows = reinforce(
        writer("s"), easy, threes, PolicyConfig(steps=14, problems=8, lr=1e-3, longest=14), truth=by_truth
    )
    reward = [row["reward"] for row in rows[1:]]
    assert np.mean(reward[-3:]) > np.mean(reward[:3]) + 0.5
    assert [row["step"] for row in rows] == list(range(15))
    assert all(0 <= row["truth"] <= 1 and 0 <= row["useful"] <= 1 and row["surprise"] > 0 for row in rows[1:])


# ---- runs --------------------------------------------------------------------------------------------
class Killed(Exception):
    pass


def test_a_killed_run_ends_with_the_same_weights(tmp_path):
    whole, path = writer(), tmp_path / "run"
    counted = []

    def measure(model):
        counted.append(1)
        return {"measured": len(counted)}

    rows = reinforce(whole, easy, threes, SMALL, measure=measure, every=2)
    assert [row["step"] for row in rows if "measured" in row] == [0, 2, 4, 5]
    calls = []

    def once(problems, solutions, rng):
        calls.append(1)
        if len(calls) == 4:
            raise Killed
        return threes(problems, solutions, rng)

    once.__qualname__ = "threes"
    with pytest.raises(Killed):
        reinforce(writer(), easy, once, SMALL, every=2, checkpoint=path)
    assert path.exists()
    again = writer()
    resumed = reinforce(again, easy, once, SMALL, every=2, checkpoint=path)
    assert len(calls) == 4 + 3, "steps 1 and 2 are not done again"
    assert not path.exists()
    strip = lambda rows: [{k: v for k, v in row.items() if k != "measured"} for row in rows]
    assert strip(resumed) == strip(rows)
    for ours, theirs in zip(again.parameters(), whole.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def until_written(path):
    """The reward `threes` of a run that is killed as soon as its checkpoint is there."""

    def reward(problems, solutions, rng):
        if path.exists():
            raise Killed
        return threes(problems, solutions)

    reward.__qualname__ = "threes"
    return reward


def test_another_runs_checkpoint_is_not_read(tmp_path):
    path = tmp_path / "run"

    with pytest.raises(Killed):
        reinforce(writer(), easy, until_written(path), SMALL, every=2, checkpoint=path)
    with pytest.warns(UserWarning, match="another run"):
        rows = reinforce(
            writer(), easy, threes, PolicyConfig(steps=1, problems=3, each=4, longest=14), checkpoint=path
        )
    assert len(rows) == 2


@pytest.mark.parametrize(
    "before, after",
    [
        (flipped(0.2), flipped(0.4)),
        (judged(JUDGE, steps=True), judged(JUDGE, steps=True, rule=True)),
        (judged(JUDGE, steps=True), judged(JUDGE, steps=False)),
        (judged(JUDGE, steps=True), judged(torch.nn.Linear(3, 2), steps=True)),
    ],
)
def test_a_checkpoint_of_the_same_reward_set_otherwise_is_not_read(before, after, tmp_path, monkeypatch):
    monkeypatch.setattr(
        rewards, "step_scores", lambda model, texts: [np.array([len(t) / 99, 0.5]) for t in texts]
    )
    path, real = tmp_path / "run", reinforcement.sample_ids

    def until_there(*given, **how):
        if path.exists():
            raise Killed
        return real(*given, **how)

    monkeypatch.setattr(reinforcement, "sample_ids", until_there)
    with pytest.raises(Killed):
        reinforce(writer(), easy, before, SMALL, every=2, checkpoint=path)
    monkeypatch.setattr(reinforcement, "sample_ids", real)
    with pytest.warns(UserWarning, match="another run"):
        reinforce(writer(), easy, after, SMALL, every=2, checkpoint=path)


def test_a_checkpoint_of_other_problems_is_not_read(tmp_path):
    path = tmp_path / "run"

    other = lambda n, rng: easy(n + 1, rng)[1:]
    with pytest.raises(Killed):
        reinforce(writer(), easy, until_written(path), SMALL, every=2, checkpoint=path)
    with pytest.warns(UserWarning, match="another run"):
        reinforce(writer(), other, threes, SMALL, every=2, checkpoint=path)


@pytest.mark.parametrize(
    "wrong, message",
    [
        (lambda problems, solutions, rng: [1.0] * 12, "shape|should give one"),
        (lambda problems, solutions, rng: np.full((3, 4), np.nan), "finite"),
    ],
)
def test_a_reward_of_the_wrong_shape_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        reinforce(writer(), easy, wrong, SMALL)


# ---- rewards -----------------------------------------------------------------------------------------
def test_truth_and_its_flips():
    said = [[RIGHT, CARRIED, "so 9", "nothing"]]
    assert by_truth([ONE], said).tolist() == [[True, False, True, False]]
    rng = random.Random(0)
    assert flipped(0)([ONE], said, rng).tolist() == [[1, 0, 1, 0]]
    assert flipped(1)([ONE], said, rng).tolist() == [[0, 1, 0, 1]]
    many = np.mean([flipped(0.2)([ONE], said, rng) != by_truth([ONE], said) for _ in range(2_000)])
    assert many == pytest.approx(0.2, abs=0.02)
    with pytest.raises(ValueError, match="rate"):
        flipped(1.5)


def test_the_majority_need_not_be_right():
    said = [[CARRIED, CARRIED, RIGHT, "nothing"], ["nothing"] * 4]
    assert by_majority([ONE, ONE], said).tolist() == [[True, True, False, False], [False] * 4]


def test_reward_models_judge_steps_or_the_whole(monkeypatch):
    seen = []

    def scores(model, texts):
        seen.extend(texts)
        return [np.array([0.5, 0.8])] * len(texts)

    monkeypatch.setattr(rewards, "step_scores", scores)
    said = [[RIGHT, "9 x3+7 = 4 ; so 4"]]
    assert judged(JUDGE, steps=True)([ONE], said) == pytest.approx(np.array([[0.4, 0.4]]))
    assert judged(JUDGE, steps=False)([ONE], said) == pytest.approx(np.array([[0.8, 0.8]]))
    assert judged(JUDGE, steps=True, rule=True)([ONE], said) == pytest.approx(np.array([[0.4, 0.0]]))
    assert seen[0] == f"{ONE.text} {RIGHT}"
    judged(JUDGE, steps=True)([ONE], [["4 x3+7 = 9 ; " * 50] * 2])
    assert len(seen[-1].split()) == 24, "a solution without an end does not go beyond what the model can read"


@pytest.mark.parametrize(
    "solution, wanted",
    [
        (RIGHT, True),
        (CARRIED, True),  # wrongly calculated, rightly copied
        ("4 x3+7 = 9 ; 9 x13+2 = 9 ; so 8", False),  # closes with another digit
        ("4 x3+7 = 9 ; 8 x13+2 = 6 ; so 6", False),  # does not go on from 9
        ("4 x13+2 = 4 ; 4 x3+7 = 9 ; so 9", False),  # another order
        ("4 x3+7 = 9 ; so 9", False),  # a step is missing
        (f"{RIGHT} ; so 9", False),
        ("", False),
        ("4 x3+7 9 ; 9 x13+2 = 9 ; so 9", False),
    ],
)
def test_the_copy_rule(solution, wanted):
    assert copied(ONE, solution) is wanted


def test_solutions_that_are_wrong_on_purpose():
    rng = random.Random(1)
    problems = draw(200, (6,), rng)
    assert all(erring(p, rng, rate=0) == p.solution for p in problems)
    wrong = [sums.check(p, erring(p, rng, rate=1)) for p in problems]
    assert all(one.fault == "calculation" and one.wrong == 0 for one in wrong)
    assert all(copied(p, erring(p, rng)) for p in problems)


# ---- what came of it ---------------------------------------------------------------------------------
def test_shares_of_what_a_writer_says(monkeypatch):
    lucky = "4 x3+7 = 2 ; 2 x13+2 = 9 ; so 9"  # two mistakes, and the right answer
    said = [[RIGHT, lucky, CARRIED, "4 x13+2 = 4 ; so 4"], [CARRIED, CARRIED, "x", "so 9"]]
    monkeypatch.setattr(reinforcement, "solutions", lambda *given: said)
    assert shares(None, [ONE, ONE]) == {
        "right": 3 / 8,
        "sound": 1 / 8,
        "any": 1,
        "majority": 1 / 2,
        "calculation": 4 / 8,
        "copying": 1 / 8,
        "form": 1 / 8,
        "close": 1 / 8,
    }


def test_when_a_reward_has_stopped_rising():
    soon, late = [0] * 5 + [1] * 55, np.linspace(0, 1, 60)
    assert saturated(soon) < 0.1
    assert 0.85 < saturated(late) < 1
    assert np.isnan(saturated([1.0] * 60)) and np.isnan(saturated(np.linspace(1, 0, 60)))
