"""Chat models: a text goes through the template of their tokenizer, with the assistant's turn left open."""

import copy
import shutil
from pathlib import Path

import pytest
import torch
from samples import comparisons
from small_models import family  # noqa: F401
from transformers import AutoTokenizer

from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.models.chat import ChatTokenizer
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.training.batches import encode, without_middle

TEMPLATE = (
    "{% for m in messages %}{{ m['role'] }} : {{ m['content'] }} . {% endfor %}"
    "{% if add_generation_prompt %}assistant :{% endif %}"
)
SMALL = {"n_train": 20, "n_test": 20, "epochs": 1}


@pytest.fixture
def talking(family, tmp_path) -> str:
    """The family of the tests, whose tokenizers have a template."""
    copies = []
    for path in family.split(","):
        copied = shutil.copytree(path, tmp_path / "models" / Path(path).name)
        tokenizer = AutoTokenizer.from_pretrained(path)
        tokenizer.chat_template = TEMPLATE
        tokenizer.save_pretrained(copied)
        copies.append(str(copied))
    return ",".join(copies)


def test_a_text_is_what_the_template_makes_of_it(talking):
    tokenizer = AutoTokenizer.from_pretrained(talking.split(",")[0])
    texts = ["is it dangerous ?", "people fear it ."]
    framed = ChatTokenizer(tokenizer)(texts)["input_ids"]
    for text, ids in zip(texts, framed):
        message = [{"role": "user", "content": text}]
        whole = tokenizer.apply_chat_template(message, tokenize=False, add_generation_prompt=True)
        assert ids == tokenizer(whole, add_special_tokens=False)["input_ids"]
        assert whole.endswith("assistant :")
    assert ChatTokenizer(tokenizer).pad_token_id == tokenizer.pad_token_id
    copied = copy.deepcopy(ChatTokenizer(tokenizer))(texts)["input_ids"]
    assert copied == framed


def test_a_text_that_is_too_long_keeps_the_open_turn(talking):
    model = load_classifier(load_family(talking)["small"], chat=True)
    plain = load_classifier(load_family(talking)["small"])
    long = "is it dangerous ? " * 400
    ids = encode(model, [long], torch.device("cpu")).rows()[0].tolist()
    end = plain.tokenizer(". assistant :", add_special_tokens=False)["input_ids"]
    start = plain.tokenizer("user :", add_special_tokens=False)["input_ids"]
    assert len(ids) <= model.longest and ids[-len(end) :] == end and ids[: len(start)] == start
    assert ids == without_middle(model.tokenizer([long])["input_ids"][0], model.longest)


def test_three_stages_and_their_key(talking, tmp_path):
    store = Store(tmp_path / "runs")
    plain, chat = (
        three_stages(Settings("ethics", family=talking, chat=chat, **SMALL), "small", "large", store=store)
        for chat in (False, True)
    )
    assert chat.student.config["chat"] is True and "chat" not in plain.student.config
    assert len(store.names()) == 6
    assert (plain.student.probabilities() != chat.student.probabilities()).any()


def test_a_family_without_a_template_is_refused_before_anything_is_trained(family, tmp_path):
    store = Store(tmp_path / "runs")
    with pytest.raises(ValueError, match="no chat template: it is no chat model"):
        three_stages(Settings("ethics", family=family, chat=True, **SMALL), "small", "large", store=store)
    assert not store.names()


def test_tasks_of_pairs_are_refused(talking, tmp_path):
    task = f"preference:{comparisons(tmp_path)}"
    with pytest.raises(ValueError, match="chat=True is for tasks with two classes, and preference:"):
        three_stages(
            Settings(task, family=talking, chat=True, **SMALL),
            "small",
            "large",
            store=Store(tmp_path / "runs"),
        )
    assert not Path(tmp_path / "runs").exists() or not Store(tmp_path / "runs").names()


def test_a_reading_stage_reads_the_texts_as_they_are(talking, tmp_path):
    settings = Settings("ethics", family=talking, chat=True, **SMALL)
    result = three_stages(settings, "small", "large", "generative", store=Store(tmp_path / "runs"))
    assert 0 <= result.student.accuracy() <= 1
    with pytest.raises(ValueError, match="needs the text as it is: leave chat=False"):
        load_classifier(load_family(talking)["small"], chat=True).tokenizer(
            ["a"], return_offsets_mapping=True
        )


def test_a_template_that_changes_the_message_is_refused(talking):
    tokenizer = AutoTokenizer.from_pretrained(talking.split(",")[0])
    tokenizer.chat_template = "{{ messages[0]['content'] | upper }} x"
    with pytest.raises(ValueError, match="does not hold a message as it is"):
        ChatTokenizer(tokenizer)
