"""Models that write: what the loss counts, greedy decoding, and decoding that is held to given answers."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pandas as pd
import pytest
import torch
from small_models import LETTERS, fresh, tokenizer, word_tokenizer  # noqa: F401
from stand_ins import replace_loaders
from transformers import GPT2Config, GPT2LMHeadModel

from w2s_kit.experiment import splits, stages
from w2s_kit.experiment.checks import OneSided, check_task
from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.result import summarise
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_ground_truth, run_student, three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.methods import get_method
from w2s_kit.models.families import Family, ModelSpec, load_family
from w2s_kit.models.generation import log_likelihoods, sample, write
from w2s_kit.models.heads import Classifier
from w2s_kit.models.loading import load_model
from w2s_kit.models.writer import Reader, Writer, answer_weights
from w2s_kit.tasks.split import Split
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.loop import finetune
from w2s_kit.training.losses import likelihood


def echo(n, seed=0):
    """The answer is the prompt's last letter, doubled."""
    rng = np.random.default_rng(seed)
    rows = [rng.choice(LETTERS, rng.integers(2, 7)) for _ in range(n)]
    return [" ".join(row) for row in rows], [row[-1] * 2 for row in rows]


@pytest.fixture(scope="module")
def trained(tokenizer):
    writer = fresh(tokenizer)
    history = finetune(writer, *echo(400), TrainConfig(lr=1e-2, epochs=4), progress=False)
    assert history.rows[-1]["loss"] < 0.1 < history.rows[0]["loss"]
    return writer


def test_the_loss_is_that_of_the_answer_alone(tokenizer):
    prompts, answers = echo(7)
    writer, texts = fresh(tokenizer), [f"{p} {a}<eos>" for p, a in zip(prompts, answers)]
    expected = []
    for prompt, text in zip(prompts, texts):
        ids, begins = tokenizer(text)["input_ids"], len(tokenizer(prompt)["input_ids"])
        logprobs = writer.model(torch.tensor([ids])).logits[0].log_softmax(-1)
        expected.append(-np.mean([logprobs[i - 1, ids[i]].item() for i in range(begins, len(ids))]))
    rows = tokenizer(texts)["input_ids"]
    lengths = torch.tensor([len(row) for row in rows])
    ids = torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    weights = torch.from_numpy(answer_weights(tokenizer, prompts, texts))
    assert likelihood(writer(ids, lengths), weights).item() == pytest.approx(np.mean(expected), rel=1e-5)
    assert (weights > 0).sum(1).tolist() == [2] * 7 and torch.allclose(weights.sum(1), torch.ones(7))


@pytest.fixture
def short(tokenizer):
    """A writer with learned places for 16 tokens: with one more, it cannot read."""
    torch.manual_seed(0)
    size = dict(n_positions=16, n_embd=16, n_layer=1, n_head=2, eos_token_id=2, bos_token_id=2)
    return Writer(GPT2LMHeadModel(GPT2Config(vocab_size=len(tokenizer), **size)).eval(), tokenizer)


def test_a_text_that_is_too_long_loses_its_middle_and_never_its_answer(short, tokenizer):
    assert short.longest == 16
    long, brief = " ".join("abcdefgh" * 5), "a b c"
    texts, weights = short.pairs([long, brief], ["aa", "bb"])
    assert weights.shape == (2, 16) and weights[0, -2:].tolist() == [0.5, 0.5], "the answer and the end"
    whole = tokenizer(f"{long} aa<eos>")["input_ids"]
    ids = torch.tensor([[*whole[:8], *whole[-8:]]])
    logprobs = short.model(ids).logits[0].log_softmax(-1)
    expected = sum(logprobs[i - 1, ids[0, i]].item() for i in (14, 15))
    assert log_likelihoods(short, [long, brief], ["aa", "bb"])[0] == pytest.approx(expected, rel=1e-4)
    history = finetune(short, [long, brief] * 8, ["aa", "bb"] * 8, TrainConfig(lr=1e-2), progress=False)
    assert history.rows[-1]["loss"] < history.rows[0]["loss"]


def test_a_prompt_that_is_too_long_leaves_room_for_the_answer(short):
    long = " ".join("abcdefgh" * 5)
    assert write(short, [long], longest=8) == write(short, ["a b c d e f g h"], longest=8), "8 and 8 tokens"
    assert write(short, [long, "a"], longest=8, among=[["aa"], ["bb", "cc"]])[0] == "aa"
    reader = Reader(Classifier(short.model, short.tokenizer))
    finetune(reader, [""] * 2, [long, "a b"], TrainConfig(lr=1e-2, epochs=1), progress=False)
    assert reader.longest == 16


def test_what_is_no_answer_to_its_prompt(tokenizer):
    for texts in (["a b"], ["b a bb"]):
        with pytest.raises(ValueError, match="row 0 is .*not its prompt and an answer"):
            answer_weights(tokenizer, ["a b"], texts)


def test_it_learns_to_write_and_stops_by_itself(trained):
    prompts, answers = echo(60, seed=1)
    said = write(trained, prompts, longest=5, batch_size=16)
    assert np.mean([a == b for a, b in zip(said, answers)]) > 0.9, (
        "one word, whatever the order and the batch"
    )
    assert said == write(trained, prompts, longest=5, batch_size=7)


def test_held_to_given_answers(trained):
    prompts, answers = echo(30, seed=2)
    among = [["aa", "bb"] if i % 2 else ["cc", answer] for i, answer in enumerate(answers)]
    said = write(trained, prompts, among=among)
    assert all(text in allowed for text, allowed in zip(said, among))
    assert np.mean([text == answer for text, answer in list(zip(said, answers))[::2]]) > 0.9


def test_draws_follow_the_probabilities_and_leave_the_generator_alone(tokenizer):
    prompts, writer = ["a b", "c d e"], fresh(tokenizer)
    before = torch.random.get_rng_state()
    drawn = sample(writer, prompts, each=2_000, longest=1, batch_size=500)
    assert torch.equal(before, torch.random.get_rng_state())
    assert (
        drawn
        == sample(writer, prompts, each=2_000, longest=1, batch_size=500)
        != sample(writer, prompts, each=2_000, longest=1, batch_size=500, seed=1)
    )
    words = [*LETTERS, *(letter * 2 for letter in LETTERS)]
    for prompt, said in zip(prompts, drawn):
        logits = writer.model(torch.tensor([tokenizer(prompt)["input_ids"]])).logits[0, -1]
        expected = logits.softmax(-1)[tokenizer.convert_tokens_to_ids(words)].detach().numpy()
        assert np.abs(np.array([said.count(word) for word in words]) / 2_000 - expected).max() < 5 * np.sqrt(
            0.25 / 2_000
        )
    cold = sample(writer, prompts, each=3, temperature=1e-3, longest=4)
    assert cold == [[said] * 3 for said in write(writer, prompts, longest=4)]
    with pytest.raises(ValueError, match="temperature is above 0"):
        sample(writer, prompts, temperature=0)


def test_draws_among_given_answers(trained):
    prompts = echo(20, seed=3)[0]
    said = sample(trained, prompts, each=5, among=[["aa", "bb cc"]] * 20, temperature=3.0)
    assert {text for row in said for text in row} == {"aa", "bb cc"} and all(len(row) == 5 for row in said)


def test_the_likelihood_of_an_answer(tokenizer):
    prompts, answers = ["a b", "c d e", "f"], ["aa", "bb cc", "dd"]
    writer = fresh(tokenizer)
    expected = []
    for prompt, answer in zip(prompts, answers):
        ids, begins = tokenizer(f"{prompt} {answer}<eos>")["input_ids"], len(tokenizer(prompt)["input_ids"])
        logprobs = writer.model(torch.tensor([ids])).logits[0].log_softmax(-1)
        expected.append(sum(logprobs[i - 1, ids[i]].item() for i in range(begins, len(ids))))
    assert log_likelihoods(writer, prompts, answers) == pytest.approx(expected, rel=1e-5)


def test_what_a_writer_does_not_learn_by(tokenizer):
    with pytest.raises(ValueError, match="learns naively, without validation"):
        get_method("confidence")(fresh(tokenizer), *echo(4), TrainConfig(lr=1e-2))
    with pytest.raises(ValueError, match="1 texts and 2 answers"):
        finetune(fresh(tokenizer), ["a b"], ["bb", "cc"], TrainConfig(lr=1e-2))


def write_task(name, seed=0, n_train=200, n_test=80, fresh=0):
    drawn = dict(zip(*echo(2 * (2 * n_train + n_test), seed)))  # each once: none stands in two parts
    left, parts = iter(drawn), {}
    for part, n in (("supervisor", n_train), ("student", n_train), ("test", n_test)):
        prompts = list(islice(left, n))
        answers = [drawn[prompt] for prompt in prompts]
        parts[part] = pd.DataFrame(
            {
                "text": prompts,
                "label": answers,
                "group": [(f"{part}{j}",) for j in range(n)],
                "difficulty": 0.5,
                "among": [["cc", "dd", answer] for answer in answers],
            }
        )
    return Split(name, **parts, kind="writing")


@pytest.fixture
def writers(tokenizer, tmp_path, monkeypatch):
    specs = []
    for name in ("small", "big"):
        writer = fresh(tokenizer)
        writer.model.save_pretrained(tmp_path / name)
        tokenizer.save_pretrained(tmp_path / name)
        specs.append(ModelSpec(name, str(tmp_path / name), {"small": 3e-4, "big": 1e-2}[name], 1, 1e9))
    replace_loaders(monkeypatch.setattr, load_family=lambda name: Family("writers", tuple(specs)))
    replace_loaders(monkeypatch.setattr, load_task=write_task)
    splits.forget_splits()
    yield Store(tmp_path / "runs")
    splits.forget_splits()


def test_three_stages_of_writing(writers, monkeypatch):
    """The supervisor's words, right or wrong, are the student's targets."""
    settings = Settings(task="echo", n_train=200, n_test=80, epochs=4, hard_labels=True, family="writers")
    result = three_stages(settings, "small", "big", store=writers)
    weak = result.supervisor.split("student")
    assert result.supervisor.weak_labels("student", hard=True).tolist() == weak["answer"].tolist()
    assert set(weak["label"]) <= {letter * 2 for letter in LETTERS}
    assert (
        result.supervisor.accuracy() < 0.6 < 0.9 < result.ceiling.accuracy()
        and 0 <= result.student.accuracy() <= 1
    )
    assert summarise([result]).loc[0, "supervisor_accuracy"] == result.supervisor.accuracy()
    held = run_ground_truth(replace(settings, constrained=True), "small", store=writers)
    assert held.name != result.supervisor.name and held.accuracy() > result.supervisor.accuracy()
    assert all(answer in ("cc", "dd", label) for answer, label in zip(held.answers(), held.labels()))
    weak["answer"] = "aa"  # a supervisor that has learned one word only
    monkeypatch.setattr(
        stages, "run_ground_truth", lambda *a, **k: replace(result.supervisor, predictions=weak)
    )
    with pytest.raises(OneSided, match="all 200 weak labels of supervisor 'small' are aa, so"):
        run_student(settings, "small", "big", store=writers)
    monkeypatch.undo()


def test_there_are_no_soft_labels_of_what_was_written(writers):
    settings = Settings(task="echo", n_train=40, n_test=20, epochs=1, family="writers")
    with pytest.raises(ValueError, match="write their answers.*hard_labels=True"):
        three_stages(settings, "small", "big", store=writers)
    with pytest.raises(ValueError, match="write their answers.*hard_labels=True"):
        grid(["echo"], ["small"], ["big"], settings=settings, store=writers)
    with pytest.raises(ValueError, match="write their answers.*hard_labels=True"):
        check_task(settings, ["small", "big"])
    assert writers.names() == [], "it fails before a supervisor is trained"


@pytest.mark.parametrize(
    "setting",
    [
        {"repetition_penalty": 9.0},
        {"no_repeat_ngram_size": 1},
        {"min_new_tokens": 12},
        {"suppress_tokens": [5, 6, 7, 8]},
        {"bad_words_ids": [[5], [6], [7]]},
        {"typical_p": 0.2},
    ],
)
def test_a_models_own_settings_for_writing_are_not_heard(setting):
    writer = Writer(*load_model(load_family("sums")["xs"]))
    prompts = ["4 x3+7", "2 +9+9+9"]
    before = write(writer, prompts, longest=12), sample(writer, prompts, 3, seed=1, longest=12)
    own = writer.model.generation_config
    vars(own).update(setting)
    assert (write(writer, prompts, longest=12), sample(writer, prompts, 3, seed=1, longest=12)) == before
    assert writer.model.generation_config is own
