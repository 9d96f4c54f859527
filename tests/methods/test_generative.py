"""The reading stage: it lowers the language model's loss on the task's texts, ignores labels, and a ceiling
can have it.
"""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from small_models import tiny  # noqa: F401  (a fixture)
from tiny import Tiny, data

from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_ground_truth, three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.methods import get_method
from w2s_kit.models.loading import load_classifier, load_model
from w2s_kit.models.reward import RewardModel
from w2s_kit.models.writer import Reader
from w2s_kit.tasks import load_task
from w2s_kit.tasks.split import SEPARATOR
from w2s_kit.training.batches import encode
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.loop import finetune
from w2s_kit.training.losses import likelihood

CONFIG = TrainConfig(lr=3e-3, epochs=2)


def reading_loss(student, texts):
    reader = Reader(student)
    whole, weights = reader.pairs([""] * len(texts), texts)
    data = encode(reader, whole, torch.device("cpu"))
    with torch.no_grad():
        return likelihood(reader(data.ids, data.lengths), torch.from_numpy(weights)).item()


def test_the_reader_is_the_language_model(tiny):  # noqa: F811
    model, tokenizer = load_model(tiny)
    texts = load_task("nli", n_train=4, n_test=4).student["text"].tolist()
    expected = []
    for text in texts:
        ids = torch.tensor([tokenizer(f" {text}{tokenizer.eos_token}")["input_ids"]])
        logp = model(ids).logits[0, :-1].log_softmax(-1)
        # the tokenizer begins every text with <eos>, which is given
        expected.append(-logp.gather(1, ids[0, 1:, None]).mean().item())
    for student in (load_classifier(tiny), RewardModel(model, tokenizer)):
        assert reading_loss(student, texts) == pytest.approx(np.mean(expected), rel=1e-4)


def test_the_stage_reads_both_sides_and_no_labels(tiny):  # noqa: F811
    texts = load_task("nli", n_train=40, n_test=4).student["text"].tolist()
    compared = [f"{a}{SEPARATOR}{b}" for a, b in zip(texts[:20], texts[20:])]
    labels = np.arange(20) % 2
    student, before = RewardModel(*load_model(tiny)), reading_loss(RewardModel(*load_model(tiny)), texts)
    read = copy.deepcopy(student)
    finetune(
        Reader(read),
        [""] * 40,
        list(dict.fromkeys(side for pair in compared for side in pair.split(SEPARATOR))),
        CONFIG,
        progress=False,
    )
    assert reading_loss(read, texts[:20]) < before - 0.3 and reading_loss(read, texts[20:]) < before - 0.3
    get_method("generative")(student, compared, labels, CONFIG, stage_epochs=2, progress=False)
    get_method("naive")(read, compared, labels, CONFIG, progress=False)
    for (name, a), b in zip(student.state_dict().items(), read.state_dict().values()):
        torch.testing.assert_close(a, b, msg=name)


def test_a_ceiling_that_has_read_too(tmp_path):
    settings, store = Settings("edible", n_train=40, n_test=20), Store(tmp_path)
    result = three_stages(settings, "xs", "s", "generative", store=store)
    read = run_ground_truth(settings, "s", "student", method="generative", store=store)
    assert result.student.config["method"] == "generative" and read.name != result.ceiling.name
    assert read.config["method"] == "generative" and result.ceiling.config["method"] == "naive"
    assert (
        run_ground_truth(settings, "s", "student", method="generative", store=store, stage_epochs=2).name
        != read.name
    )


def test_layers_that_forget_read_the_same(tiny):  # noqa: F811
    texts, (plain, forgetful) = (
        ["is the stone edible ?", "is it heavy ?"],
        (load_classifier(tiny) for _ in "ab"),
    )
    get_method("generative")(plain, texts, [0.2, 0.8], CONFIG, progress=False)
    get_method("generative")(forgetful, texts, [0.2, 0.8], replace(CONFIG, recompute=True), progress=False)
    for a, b in zip(plain.parameters(), forgetful.parameters()):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=1e-5)


def test_what_cannot_read():
    with pytest.raises(ValueError, match="Tiny was made of no language model"):
        get_method("generative")(Tiny(), *data(8), CONFIG)


def test_texts_without_their_ends(tiny):  # noqa: F811
    student, texts = load_classifier(tiny), ["is the stone edible ?", "is the stone heavy ?"]
    end = Reader(student).tokenizer.eos_token
    (with_end, _), (without, weights) = (
        Reader(student, ends).pairs(["", ""], texts) for ends in (True, False)
    )
    assert [text.removesuffix(end) for text in with_end] == without and all(
        text.endswith(end) for text in with_end
    )
    assert (weights.sum(axis=1) == 1).all()
    a, b = load_classifier(tiny), load_classifier(tiny)
    get_method("generative")(a, texts, [0.2, 0.8], CONFIG, ends=False, progress=False)
    get_method("generative")(b, texts, [0.2, 0.8], CONFIG, progress=False)
    assert not torch.equal(a.head.weight, b.head.weight)
