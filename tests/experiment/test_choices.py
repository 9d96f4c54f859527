"""More than two answers, and not the same number everywhere: the loop, the losses, the store and the three
stages.
"""

from itertools import islice

import numpy as np
import pandas as pd
import pytest
import torch
from stand_ins import Spec, replace_loaders
from torch import nn

from w2s_kit.experiment import splits
from w2s_kit.experiment.result import summarise
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.methods.confidence import Confidence
from w2s_kit.methods.log_confidence import ReleasedConfidence
from w2s_kit.metrics.answers import same_answers
from w2s_kit.models.families import Family
from w2s_kit.tasks.split import PARTS, Split
from w2s_kit.training import losses
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.device import pick_device
from w2s_kit.training.loop import finetune
from w2s_kit.training.reading import predict

CPU = pick_device("cpu")
CONFIG = TrainConfig(lr=0.1, epochs=10, batch_size=16)


class Reader:
    pad_token_id = 0

    def __call__(self, texts):
        return {"input_ids": [[int(word) for word in text.split()] for text in texts]}


class Picker(nn.Module):
    """Chooses among the numbers of its text; each has a worth, to be learned, of those that it knows."""

    answers, pad_id = "many", 0

    def __init__(self, known=30):
        super().__init__()
        self.tokenizer, self.known = Reader(), known
        self.worth = nn.Embedding(31, 1)
        nn.init.zeros_(self.worth.weight)

    def forward(self, ids, lengths):
        there = torch.arange(ids.shape[1]) < lengths[:, None]
        return (self.worth(ids)[..., 0] * (ids <= self.known)).masked_fill(~there, -1e9)


def pick_the_best(n, seed=0):
    """Texts of two to seven numbers, and the place of the greatest."""
    rng = np.random.default_rng(seed)
    rows = [rng.choice(np.arange(1, 31), rng.integers(2, 8), replace=False) for _ in range(n)]
    return [" ".join(map(str, row)) for row in rows], np.array([row.argmax() for row in rows])


def one_hot(places, width=7):
    return np.eye(width)[places]


def test_it_learns_and_answers_within_what_there_is():
    texts, best = pick_the_best(300)
    model = Picker()
    before = (predict(model, texts).argmax(axis=1) == best).mean()
    finetune(model, texts, one_hot(best), CONFIG, device=CPU)
    said = predict(model, texts, token_budget=200)
    assert before < 0.5 < 0.85 < (said.argmax(axis=1) == best).mean()
    counts = [len(text.split()) for text in texts]
    assert said.shape == (300, 7) and all(
        (row[n:] == 0).all() and row.sum() == pytest.approx(1, abs=1e-5) for row, n in zip(said, counts)
    )


def test_the_width_of_the_targets_does_not_matter():
    texts, best = pick_the_best(100)
    models = [Picker(), Picker()]
    for model, width in zip(models, (7, 19)):
        finetune(model, texts, one_hot(best, width), CONFIG, device=CPU)
    assert torch.equal(models[0].worth.weight, models[1].worth.weight)


def test_a_batch_in_parts_changes_nothing():
    texts, best = pick_the_best(64)
    models = [Picker(), Picker()]
    for model, budget in zip(models, (None, 20)):
        finetune(
            model, texts, one_hot(best), TrainConfig(lr=0.1, batch_size=16, token_budget=budget), device=CPU
        )
    assert torch.allclose(models[0].worth.weight, models[1].worth.weight, atol=1e-6)


@pytest.mark.parametrize(
    "change, message",
    [
        (
            lambda t: t[:, 0],
            r"one distribution over answers a text, shape \(20, answers\), got shape \(20,\)",
        ),
        (lambda t: t[:-1], r"shape \(20, answers\), got shape \(19, 7\)"),
        (lambda t: np.where(np.arange(20)[:, None] == 4, 0.5, t), "row 4 is no distribution .its sum is 3.5"),
        (lambda t: np.where(np.arange(20)[:, None] == 4, np.nan, t), "row 4 is no distribution"),
    ],
)
def test_targets_that_are_no_distributions(change, message):
    texts, best = pick_the_best(20)
    with pytest.raises(ValueError, match=message):
        finetune(Picker(), texts, change(one_hot(best)), CONFIG, device=CPU)


def test_early_stopping_watches_the_answers():
    texts, best = pick_the_best(100)
    history = finetune(
        Picker(),
        texts,
        one_hot(best),
        TrainConfig(lr=0.1, epochs=4, early_stopping="weak"),
        validation=(texts[:40], one_hot(best)[:40]),
        device=CPU,
    )
    rows = history.table()
    assert (
        history.best_step == rows.step[rows.agreement.idxmax()]
        and rows.validation_loss.iloc[-1] < rows.validation_loss.iloc[0]
    )


def test_losses_of_many_answers():
    torch.manual_seed(0)
    logits, targets = torch.randn(6, 5, requires_grad=True), torch.rand(6, 5).softmax(dim=1)
    by_hand = -(targets * logits.log_softmax(dim=1)).sum(dim=1).mean()
    assert torch.isclose(losses.cross_entropy(logits, targets), by_hand)
    own = torch.eye(5)[logits.argmax(dim=1)]
    sure = -((0.25 * targets + 0.75 * own) * logits.log_softmax(dim=1)).sum(dim=1).mean()
    assert torch.isclose(Confidence(0.75, 0.2)(logits, targets, 1.0), sure)
    with pytest.raises(ValueError, match="two answers only"):
        ReleasedConfidence()(logits, targets, 1.0)
    with pytest.raises(ValueError, match=r"both \(n, answers\), got \(6, 5\) and \(6, 4\)"):
        losses.cross_entropy(logits, targets[:, :4])
    with pytest.raises(ValueError, match="row 2 is -1"):
        losses.cross_entropy(logits, torch.where(torch.arange(6)[:, None] == 2, -1.0, targets))


def test_padding_carries_no_loss_and_no_gradient():
    logits = torch.tensor([[1.0, 2.0, -1e9]], requires_grad=True)
    loss = losses.cross_entropy(logits, torch.tensor([[0.0, 1.0, 0.0]]))
    loss.backward()
    assert loss.item() == pytest.approx(np.log(1 + np.exp(-1.0))) and logits.grad[0, 2] == 0


def test_agreement_of_answers():
    same = same_answers([3, 0, 7, 7], [3, 1, 7, 2], [3, 0, 7, 7])
    assert same == {"overall": 0.5, "supervisor_right": 1.0, "supervisor_wrong": 0.0}


# ------------------------------------------------------------------------------------------------ the store
def test_the_store_keeps_answers_and_distributions(tmp_path):
    table = pd.DataFrame(
        {
            "split": ["student"] * 2 + ["test"],
            "row": [0, 1, 0],
            "probability": [0.6, 0.5, 0.9],
            "label": [4, 0, 2],
            "answer": [1, 0, 2],
            "distribution": [[0.2, 0.6, 0.2], [0.5, 0.5], None],
        }
    )
    run = Store(tmp_path).put({"a": 1}, {}, table)
    assert (
        run.answers("student").tolist() == [1, 0]
        and run.correct("student").tolist() == [False, True]
        and run.accuracy() == 1.0
    )
    np.testing.assert_allclose(run.weak_labels("student"), [[0.2, 0.6, 0.2], [0.5, 0.5, 0]])
    np.testing.assert_allclose(run.weak_labels("student", hard=True), [[0, 1], [1, 0]])
    with pytest.raises(ValueError, match="kept answers on 'test', but no distributions"):
        run.weak_labels("test")
    with pytest.raises(ValueError, match="row 1 has answer -1"):
        Store(tmp_path).put({"a": 2}, {}, table.assign(answer=[1, -1, 2]))


# ------------------------------------------------------------------------------------------ the three stages
def task(name, seed=0, n_train=200, n_test=200, fresh=0):
    drawn = dict(zip(*pick_the_best(2 * (2 * n_train + n_test), seed)))  # each once: none stands in two parts
    texts, parts = iter(drawn), {}
    for part, n in zip(PARTS, (n_train, n_train, n_test)):
        some = list(islice(texts, n))
        best, groups = [drawn[text] for text in some], [(f"{part}{j}",) for j in range(n)]
        parts[part] = pd.DataFrame({"text": some, "label": best, "group": groups, "difficulty": 0.5})
    return Split(name, **parts, kind="choices")


@pytest.mark.parametrize("hard", [True, False])
def test_three_stages_on_many_answers(hard, tmp_path, monkeypatch):
    replace_loaders(monkeypatch.setattr, load_task=task)
    replace_loaders(
        monkeypatch.setattr,
        load_family=lambda name: Family("pickers", (Spec("weak", 15), Spec("strong", 30))),
    )
    replace_loaders(monkeypatch.setattr, load_classifier=lambda spec, **kw: Picker(spec.parameters))
    splits.forget_splits()
    settings = Settings(task="best", n_train=200, n_test=200, epochs=4, hard_labels=hard, family="pickers")
    result = three_stages(settings, "weak", "strong", store=Store(tmp_path))
    assert (
        result.supervisor.accuracy() < result.ceiling.accuracy()
        and result.student.config["hard_labels"] is hard
    )
    row = summarise([result]).iloc[0]
    assert row.supervisor_accuracy == result.supervisor.accuracy() and 0 <= row.agreement_wrong <= 1
    splits.forget_splits()


def test_labels_of_a_task_with_choices():
    good = task("best")
    assert good.kind == "choices" and good.hash == task("best").hash
    with pytest.raises(ValueError, match="row 3 has label -1"):
        Split(
            "best",
            good.supervisor,
            good.student.assign(label=[0, 1, 2, -1, *good.student.label[4:]]),
            good.test,
            "choices",
        )
    with pytest.raises(ValueError, match="a ground-truth label is 0 or 1"):
        Split("best", good.supervisor, good.student, good.test)
    with pytest.raises(ValueError, match="did you mean 'choices'"):
        Split("best", good.supervisor, good.student, good.test, "choice")
