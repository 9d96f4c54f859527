"""Reading and steering: questions asked twice, readings against what was planted, hooks against biases,
latents against directions.
"""

import random

import inside_readings
import measure_inside
import numpy as np
import pytest
import torch
from scipy.special import expit
from sklearn.metrics import roc_auc_score
from torch import nn
from transformers import BertConfig, BertModel, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from w2s_kit.inside.probes import aurocs, fit_ccs, main_difference, mean_difference
from w2s_kit.inside.sae import SAE, fit_sae
from w2s_kit.inside.steering import changed, layers_of, steered
from w2s_kit.models.families import load_family
from w2s_kit.models.heads import Classifier
from w2s_kit.models.loading import load_classifier
from w2s_kit.tasks import load_task
from w2s_kit.tasks.miniworld.distraction import TASKS, any_questions, turned
from w2s_kit.tasks.miniworld.paraphrase import ASIDES
from w2s_kit.tasks.miniworld.world import make_world
from w2s_kit.tasks.supervisors import distracted_labels
from w2s_kit.training.reading import features, predict


# ---------------------------------------------------------------------------------------------- the questions
@pytest.mark.parametrize("task", TASKS)
def test_every_question_stands_there_twice(task):
    split = load_task(f"distracted:{task}", 3, 60, 100)
    assert [len(part) for part in split.parts.values()] == [60, 60, 100]
    for part in split.parts.values():
        plain, after = part[~part["distracted"]], part[part["distracted"]]
        assert (
            part["label"].mean() == 0.5 and (plain.index + 1 == after.index).all() and plain["text"].is_unique
        )
        for column in ("label", "group", "difficulty"):
            assert plain[column].tolist() == after[column].tolist()
        assert all(
            text.endswith(question) and text.removesuffix(question) in ASIDES[1:]
            for text, question in zip(after["text"], plain["text"])
        )
        said = distracted_labels(part)
        assert (said == part["label"]).tolist() == [True, False] * (len(part) // 2) and said.dtype == float
    assert (
        load_task(f"distracted:{task}", 3, 60, 100).hash
        == split.hash
        != load_task(f"distracted:{task}", 4, 60, 100).hash
    )


def test_comparisons_turned_round_have_the_other_answer():
    sizes = {noun.name: noun.size_cm for noun in make_world().lexicons["noun"].items}
    test = load_task("distracted:bigger", 1, 40, 80).test
    for text, label, other in zip(test["text"], test["label"], turned(test["text"])):
        (first, second), (turned_first, turned_second) = (
            question.split("is the ")[1].removesuffix(" ?").split(" bigger than the ")
            for question in (text, other)
        )
        assert label == (sizes[first] > sizes[second]) and (first, second) == (turned_second, turned_first)
        assert text.split("is the")[0] == other.split("is the")[0], "what somebody said stays"
    assert turned(turned(test["text"])) == test["text"].tolist()


def test_questions_that_cannot_be():
    with pytest.raises(ValueError, match="'edibl'; did you mean 'edible'"):
        load_task("distracted:edibl")
    with pytest.raises(ValueError, match="even numbers, not n_train=31"):
        load_task("distracted:edible", n_train=31)
    with pytest.raises(ValueError, match="'is the dax edible .' compares no two things"):
        turned(["is the dax edible ?"])


def test_any_questions_are_about_other_words():
    split = load_task("distracted:edible", 0, 40, 40)
    words = set().union(*split.test["group"])
    asked = any_questions(2_000, seed=1, without=words)
    assert not words & set(" ".join(asked).split()) and asked == any_questions(
        2_000, seed=1, without=words
    ) != any_questions(2_000, seed=2, without=words)
    after = [any(text.startswith(aside) for aside in ASIDES[1:]) for text in asked]
    assert after == [False, True] * 1_000 and all(text.endswith("?") for text in asked)
    assert words & set(" ".join(any_questions(2_000, seed=1)).split())


# ---------------------------------------------------------------------------------------------------- reading
def test_the_difference_of_means_asks_which_mean_is_nearer():
    rng = np.random.default_rng(0)
    seen, labels, unseen = rng.normal(size=(60, 5)), rng.integers(0, 2, 60), rng.normal(size=(40, 5))
    direction, threshold = mean_difference(seen, labels)
    means = [seen[labels == label].mean(axis=0) for label in (0, 1)]
    nearer = np.linalg.norm(unseen - means[1], axis=1) < np.linalg.norm(unseen - means[0], axis=1)
    np.testing.assert_array_equal(unseen @ direction > threshold, nearer)
    np.testing.assert_allclose(direction, means[1] - means[0])
    with pytest.raises(ValueError, match="all 60 are 1"):
        mean_difference(seen, np.ones(60))


def pairs(n=400, width=12, seed=0, truth=3.0, other=0.0):
    """(no, yes, labels): one axis says the truth of the side, a second one something else that its opposite
    denies; the words of a side add a constant, and all else is noise that both sides share.
    """
    rng = np.random.default_rng(seed)
    label, something, shared = rng.integers(0, 2, n), rng.integers(0, 2, n), rng.normal(size=(n, width))
    yes, no = shared + 0.3 * rng.normal(size=(n, width)) + 5, shared + 0.3 * rng.normal(size=(n, width))
    for side, sign in ((yes, 1), (no, -1)):
        side[:, 0] = sign * truth * (2 * label - 1) / 2 + 0.3 * rng.normal(size=n)
        side[:, 1] += sign * other * (2 * something - 1) / 2
    return no, yes, label


def test_ccs_finds_what_one_side_says_and_the_other_denies():
    no, yes, label = pairs()
    found = fit_ccs(no, yes, seed=1)
    unseen_no, unseen_yes, unseen = pairs(seed=1)
    signed = found.signed(no[:20], yes[:20], label[:20])
    assert np.mean((signed(unseen_no, unseen_yes) > 0.5) == unseen) > 0.97
    turned_round = found.signed(no[:20], yes[:20], 1 - label[:20])
    np.testing.assert_allclose(
        turned_round(unseen_no, unseen_yes), 1 - signed(unseen_no, unseen_yes), atol=1e-6
    )
    p_no, p_yes = (
        expit((side - side.mean(axis=0)) / found.scale @ found.weight + found.bias) for side in (no, yes)
    )
    assert found.loss == pytest.approx(
        np.mean((p_no + p_yes - 1) ** 2 + np.minimum(p_no, p_yes) ** 2), abs=2e-3
    )
    assert fit_ccs(no, yes, seed=1).loss == found.loss
    np.testing.assert_allclose(
        fit_ccs(no - 7, 2 * np.pi + yes, seed=1)(no - 7, yes + 2 * np.pi), found(no, yes), atol=1e-3
    )


def test_ccs_finds_what_is_clearest_and_that_need_not_be_the_truth():
    no, yes, label = pairs(truth=0.6, other=6.0)
    right = np.mean((fit_ccs(no, yes).signed(no, yes, label)(no, yes) > 0.5) == label)
    assert right < 0.65, "the other feature is as consistent, and louder"
    along = (yes - no - (yes - no).mean(axis=0)) @ main_difference(no, yes) > 0
    assert abs(np.mean(along == label) - 0.5) < 0.15


def test_the_main_difference():
    no, yes, label = pairs()
    direction = main_difference(no, yes)
    assert np.linalg.norm(direction) == pytest.approx(1) and abs(direction[0]) > 0.95
    assert abs(np.mean(((yes - no - (yes - no).mean(axis=0)) @ direction > 0) == label) - 0.5) > 0.47


def test_pairs_have_two_sides():
    with pytest.raises(ValueError, match=r"got \(3, 2\) and \(4, 2\)"):
        fit_ccs(np.zeros((3, 2)), np.zeros((4, 2)))


# --------------------------------------------------------------------------------------------------- steering
class Letters:
    """A tokenizer: one id a word."""

    pad_token_id, unk_token_id = 0, None

    def __call__(self, texts):
        return {"input_ids": [[1 + hash_of(word) for word in text.split()] for text in texts]}


def hash_of(word: str) -> int:
    return sum(map(ord, word)) % 40


def brought(architecture: str) -> Classifier:
    """A model as a user may bring it, three layers deep, with a head that has an opinion."""
    torch.manual_seed(0)
    if architecture == "gpt2":
        model = GPT2LMHeadModel(GPT2Config(vocab_size=50, n_positions=32, n_embd=16, n_layer=3, n_head=2))
    else:
        model = LlamaForCausalLM(
            LlamaConfig(
                vocab_size=50,
                hidden_size=16,
                intermediate_size=24,
                num_hidden_layers=3,
                num_attention_heads=2,
                max_position_embeddings=32,
            )
        )
    for p in model.parameters():
        p.data += 0.3 * torch.randn_like(p)
    classifier = Classifier(model.eval(), Letters())
    nn.init.normal_(classifier.head.weight)
    return classifier


TEXTS = ["is the dax edible ?", "ann is sad . is the bladock edible ?", "people eat it", "so ?"]


@pytest.mark.parametrize("architecture", ["gpt2", "llama"])
@pytest.mark.parametrize("layer", [1, 2, -2])
def test_steering_is_a_bias_behind_the_layer(architecture, layer):
    """The last thing that a layer does is to add what its second linear map gives, so a bias of that map is
    the oracle.
    """
    model, vector = brought(architecture), np.linspace(-2, 3, 16).astype(np.float32)
    before = predict(model, TEXTS)
    with steered(model, layer, vector):
        during, after_it = predict(model, TEXTS), features(model, TEXTS, layer=3)
    np.testing.assert_array_equal(predict(model, TEXTS), before)
    block = layers_of(model)[layer - 1 if layer > 0 else 3 + layer]
    last = block.mlp.c_proj if architecture == "gpt2" else block.mlp.down_proj
    last.bias = nn.Parameter(torch.from_numpy(vector) + (0 if last.bias is None else last.bias.detach()))
    np.testing.assert_allclose(during, predict(model, TEXTS), atol=1e-6)
    np.testing.assert_allclose(after_it, features(model, TEXTS, layer=3), atol=1e-5)
    assert np.abs(during - before).max() > 0.01


@pytest.mark.parametrize("architecture", ["gpt2", "llama"])
def test_a_layer_that_says_nothing_more(architecture):
    """Hidden states times 0: whatever the text, the layers after see the same."""
    model = brought(architecture)
    with changed(model, 1, lambda hidden: 0 * hidden):
        said = predict(model, ["is it ?", "ann is ?"])
    assert (
        said[0] == pytest.approx(said[1], abs=1e-6) and np.ptp(predict(model, ["is it ?", "ann is ?"])) > 1e-3
    )


def test_the_hook_goes_when_something_breaks():
    model = brought("llama")
    before = predict(model, TEXTS)
    with pytest.raises(ZeroDivisionError), steered(model, 1, np.ones(16)):
        raise ZeroDivisionError
    np.testing.assert_array_equal(predict(model, TEXTS), before)


@pytest.mark.parametrize("layer", [0, 3, -1, 9])
def test_layers_that_cannot_be_changed(layer):
    with (
        pytest.raises(ValueError, match="after the layers 1 to 2"),
        steered(brought("gpt2"), layer, np.ones(16)),
    ):
        pass


def test_layers_of_what_a_user_brings():
    assert len(layers_of(load_classifier(load_family()["xl"]))) == 3
    assert (
        len(
            layers_of(
                BertModel(
                    BertConfig(
                        vocab_size=30,
                        hidden_size=8,
                        num_hidden_layers=4,
                        num_attention_heads=2,
                        intermediate_size=8,
                    )
                )
            )
        )
        == 4
    )
    with pytest.raises(ValueError, match="Linear has no list of None layers"):
        layers_of(nn.Linear(2, 2))


# ---------------------------------------------------------------------------------------------------- latents
def planted(n=3_000, width=16, directions=12, used=2, seed=0):
    """Sums of `used` of `directions` directions that are at right angles."""
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.normal(size=(width, width)))[0][:directions]
    amounts = np.zeros((n, directions))
    for row in amounts:
        row[rng.choice(directions, used, replace=False)] = rng.uniform(1, 2, used)
    return (amounts @ basis + 3).astype(np.float32), basis, amounts


def test_a_sparse_autoencoder_finds_the_directions_that_things_are_made_of():
    x, basis, amounts = planted()
    sae = fit_sae(x, latents=24, k=2, steps=1_500, lr=1e-2)
    directions, fire = sae.directions.detach().numpy(), sae.latents(x)
    assert sae.unexplained(x) < 0.05 and ((fire > 0).sum(axis=1) <= 2).all() and (fire >= 0).all()
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1, atol=1e-5)
    cosines = basis @ directions.T
    assert (cosines.max(axis=1) > 0.95).mean() > 0.8
    which = cosines[0].argmax()
    assert np.corrcoef(fire[:, which], amounts[:, 0])[0, 1] > 0.95
    np.testing.assert_allclose(
        sae.without(x, which), x - np.outer(fire[:, which], directions[which]), atol=1e-5
    )
    np.testing.assert_allclose(
        fire @ directions + sae.origin.detach().numpy(), sae(torch.from_numpy(x)).detach().numpy(), atol=1e-4
    )


def test_latents_count_in_the_units_of_the_features():
    x, _, _ = planted(500)
    once, larger = (fit_sae(factor * x, latents=24, k=2, steps=30) for factor in (1, 8))
    np.testing.assert_allclose(larger.latents(8 * x), 8 * once.latents(x), rtol=1e-3, atol=1e-3)
    with pytest.raises(ValueError, match="not k=5"):
        SAE(8, latents=4, k=5)


def test_aurocs_are_those_of_each_column():
    rng = np.random.default_rng(0)
    columns, labels = rng.integers(0, 4, (80, 6)).astype(float), rng.integers(0, 2, 80)
    columns[:, 5] = 1
    np.testing.assert_allclose(
        aurocs(columns, labels), [roc_auc_score(labels, column) for column in columns.T]
    )
    with pytest.raises(ValueError, match="all 80 are 0"):
        aurocs(columns, np.zeros(80))


# ------------------------------------------------------------------------------------------------- the script
def test_recovered_is_the_share_of_the_gap():
    truth, wrong = np.array([0, 1, 0, 1] * 2), np.array([True] * 4 + [False] * 4)
    output = np.array([0.9, 0.1, 0.8, 0.2, 0.1, 0.9, 0.2, 0.8])  # wrong, then right
    assert inside_readings.recovered(1 - output, output, truth, wrong) == 1
    assert inside_readings.recovered(output, output, truth, wrong) == 0
    assert inside_readings.recovered(np.full(8, 0.5), output, truth, wrong) == 0.5
    assert inside_readings.accuracies("it", output, truth, wrong) == {"it_wrong": 0, "it_right": 1}


class Planted:
    """Stands for a model: its features are those of a table, by text."""

    def __init__(self, table):
        self.table = table


@pytest.fixture
def by_text(monkeypatch):
    monkeypatch.setattr(
        measure_inside,
        "features",
        lambda model, texts, layer: np.stack([model.table[text] for text in texts]),
    )


@pytest.mark.parametrize("decided", [True, False])
def test_a_latent_for_the_answer_is_no_latent_for_the_truth(by_text, monkeypatch, decided):
    """Coordinate 0 is the truth with some noise. Coordinate 1 is what the student says, without noise, where
    it has `decided` yet: after an aside, the opposite. A latent that was chosen there only, and a probe that
    has learned elsewhere, take that one.
    """
    split, rng = load_task("distracted:edible", 0, 400, 400), random.Random(0)
    table = {}
    for part in split.parts.values():
        for text, label, distracted in zip(part["text"], part["label"], part["distracted"]):
            said = decided * (2 * (label != distracted) - 1)
            table[text] = np.array(
                [
                    2 * label - 1 + rng.gauss(0, 0.8),
                    said + rng.gauss(0, 0.1),
                    rng.gauss(0, 1),
                    rng.gauss(0, 1),
                ]
            )
    axes = SAE(4, latents=8, k=4)
    axes.directions.data = axes.encoder.data = torch.cat([torch.eye(4), -torch.eye(4)])
    monkeypatch.setattr(measure_inside, "any_questions", lambda n, seed, without: list(table))
    monkeypatch.setattr(measure_inside, "fit_sae", lambda x, seed: axes)
    row, direction = measure_inside.latents(Planted(table), split, 0)
    assert min(row["plain"], row["distracted"]) > 0.8 and direction.tolist() == [1, 0, 0, 0]
    assert min(row["single_plain"], row["single_distracted"]) > 0.85 and row["unexplained"] < 1e-6
    if decided:
        assert row["tempting_distracted"] > 0.99 and row["tempting_plain"] < 0.1 and row["probe"] < 0.1
    else:
        assert row["tempting_distracted"] == row["distracted"] and row["probe"] > 0.8
        assert row["ablated"] < row["probe"] - 0.1 and row["projected"] < row["probe"] - 0.1
