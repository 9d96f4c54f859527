"""Debates of models that argue in words of their own: what is kept, and what judges read."""

import json

import pytest

from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_model
from w2s_kit.models.writer import Writer
from w2s_kit.studies import debate as room
from w2s_kit.studies.debate import (
    spoken,
)


def test_spoken_debates_go_on_where_they_were_cut_off(tmp_path, monkeypatch):
    prompts, cuts = [], [2]  # after how many turns it is cut off

    def sample(writer, asked, *, temperature, seed, longest):
        if len(prompts) in cuts:
            cuts.clear()
            raise KeyboardInterrupt
        prompts.append(asked)
        return [[f"reason\n{seed} of {i}"] for i in range(len(asked))]

    monkeypatch.setattr(room, "sample", sample)
    writer, path, asked = (
        type("W", (), {"tokenizer": type("T", (), {"chat_template": None})}),
        tmp_path / "debates.jsonl",
        ["is a ?", "is b ?"],
    )
    with pytest.raises(KeyboardInterrupt):
        spoken(writer, asked, path, turns=2, seed=3)
    assert json.loads(path.read_text().splitlines()[1]) == {
        "text": "is b ?",
        "said": ["yes: reason 3000 of 1", "no: reason 3001 of 1"],
    }
    found = spoken(writer, asked, path, turns=2, seed=3)
    assert (
        found[0] == "yes: reason 3000 of 0\nno: reason 3001 of 0\n"
        "yes: reason 3002 of 0\nno: reason 3003 of 0\n\nis a ?"
    )
    assert len(prompts) == 4, "no turn twice"
    assert (
        "the answer is no" in prompts[1][0]
        and "yes: reason 3000 of 0" in prompts[1][0]
        and prompts[0][1].startswith("is b ?")
        and "reason" not in prompts[0][1]
    )
    assert (
        spoken(writer, asked, path, turns=1, seed=3)[1]
        == "yes: reason 3000 of 1\nno: reason 3001 of 1\n\nis b ?"
        and len(prompts) == 4
    )
    with pytest.raises(ValueError, match="debates.jsonl: holds debates about other texts"):
        spoken(writer, asked[::-1], path, turns=2)


def test_a_language_model_speaks(tmp_path, monkeypatch):
    """A small one, so in its own way; with a chat template, where it has one."""
    model, tokenizer = load_model(load_family()["xs"])
    for template in (None, "{% for message in messages %}they asked : {{ message['content'] }}{% endfor %}"):
        monkeypatch.setattr(tokenizer, "chat_template", template)
        said = spoken(
            Writer(model, tokenizer),
            ["is the box heavy ?"],
            tmp_path / f"{template is None}.jsonl",
            turns=1,
            longest=5,
        )
        yes, no, empty, text = said[0].split("\n")
        assert yes.startswith("yes: ") and no.startswith("no: ") and text == "is the box heavy ?"
