"""Leaks: what gives a label away without the question."""

import random

import pandas as pd
import pytest
from hub_rows import HUB, WORDS, written

from w2s_kit.tasks.leaks import leaks
from w2s_kit.tasks.nlp.load import examples
from w2s_kit.tasks.nlp.table import DATASETS
from w2s_kit.tasks.split import SEPARATOR, Split


def noise(n: int, write, kind: str = "classes") -> Split:
    rng = random.Random(0)
    tables = []
    for part in range(3):
        labels = [i % 2 for i in range(n)]
        said = lambda: " ".join(rng.choice(WORDS) for _ in range(8))
        texts = [write(said(), said(), label) for label in labels]
        tables.append(
            pd.DataFrame(
                {
                    "text": texts,
                    "label": labels,
                    "group": [(f"{part}-{i}",) for i in range(n)],
                    "difficulty": 0.5,
                }
            )
        )
    return Split("noise", *tables, kind=kind)


def test_leaks_are_found_where_they_are():
    found = leaks(noise(300, lambda text, other, label: text))
    assert (
        not found["words_flag"]
        and not found["format_flag"]
        and found["n_train"] == 600
        and found["n_test"] == 300
    )
    assert found["words_low"] < 0.5 < found["words_high"] and found["format_low"] < 0.5 < found["format_high"]
    yes = leaks(noise(300, lambda text, other, label: f"{text}\n\nA: {'yes' if label else 'no'}"))
    assert yes["words"] == 1 and yes["words_flag"] and yes["format_flag"], (
        "what ETHICS' first formatters in EleutherAI/w2s did"
    )
    letter = leaks(
        noise(300, lambda text, other, label: f"Question: {text}\nAnswer: {text[0] if label else other[:5]}")
    )
    assert letter["format"] > 0.97 and letter["format_flag"], (
        "a letter, or a text: what their OpenBookQA does"
    )
    capital = leaks(noise(300, lambda text, other, label: text.capitalize() if label else text))
    assert capital["format"] > 0.97 and not capital["words_flag"]


def test_leaks_between_two_sides():
    pair = lambda good, bad, label: SEPARATOR.join((bad, good) if label else (good, bad))
    assert not leaks(noise(200, lambda text, other, label: pair(text, other, label), "pairs"))["words_flag"]
    longer = leaks(noise(200, lambda text, other, label: pair(f"{text} {other}", other, label), "pairs"))
    assert longer["format"] > 0.97 and longer["format_flag"]
    split = noise(20, lambda text, other, label: text)
    with pytest.raises(ValueError, match="choices; leaks are measured in classes and pairs"):
        leaks(Split("c", split.supervisor, split.student, split.test, "choices"))


def test_openbookqa_shows_no_letters(tmp_path):
    entry = DATASETS["openbookqa"]
    real = (HUB / entry.id / "main/test.parquet").exists()
    table = examples(
        entry, "test" if real else "train", 0, HUB if real else written(tmp_path, "openbookqa", 500)
    )
    answers = table["text"].str.rsplit("Answer: ", n=1).str[1]
    assert (
        set(table["label"]) == {0, 1}
        and (answers.str.strip().str.upper().isin(list("ABCD")).groupby(table["label"]).mean() < 0.01).all()
    )
    sizes = answers.str.len().groupby(table["label"]).median()
    assert abs(sizes[0] - sizes[1]) <= 2, "right answers are as long as wrong ones"
