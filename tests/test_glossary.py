"""The glossary is docs/words.md: it holds the words a reader needs, and each is in the notebook it names."""

import functools
import json
import re

import pytest
from files_of_the_project import ROOT

from w2s_kit.metrics.answers import AT_CHANCE

GLOSSARY = (ROOT / "docs/words.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (.+?) \| (.+) \| \[(\d\d)\]\(\.\./notebooks/(\S+)\) \|$", GLOSSARY, re.MULTILINE)
#: Readers of the notebooks asked for these.
WANTED = """
    AUROC, ceiling, confidence loss, epoch, finetune, FLOPs, gap, ground truth, interval, ledger, MiniWorld,
    naive, percentage points, PGR, probe, seed, student, supervisor, tier, weak label
"""
ENDINGS = {"finetune": "finetun", "salience": "salien", "disanalogy": "disanalog"}


def contains(text: str, word: str) -> bool:
    """Whether a text has the word or a form of it, such as a plural. Brackets after a word do not count."""
    word = re.sub(r" \(.*\)$", "", word)
    pattern = r"\s+".join(map(re.escape, ENDINGS.get(word, word).split()))
    return re.search(rf"\b{pattern}", text, re.IGNORECASE) is not None


@functools.cache
def prose(name: str) -> str:
    """The Markdown of a notebook."""
    cells = json.loads((ROOT / "notebooks" / name).read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def test_what_contains_means():
    assert contains("Seeds\ndiffer.", "seed") and contains("finetuned", "finetune")
    assert contains("small adapters", "adapter (LoRA)") and contains("hard\nlabels", "hard label")
    assert not contains("a budget", "gap") and not contains("soften labels", "soft label")


def test_every_row_was_read_and_words_are_in_order():
    lines = [line for line in GLOSSARY.splitlines() if line.startswith("|")]
    assert len(ROWS) == len(lines) - 2 > 0, "a row is: | word | meaning | [NN](../notebooks/NN_name.ipynb) |"
    words = [word.lower() for word, *_ in ROWS]
    assert words == sorted(set(words))


def test_it_has_the_words_that_readers_asked_for():
    assert {word.strip() for word in WANTED.split(",")} <= {word for word, *_ in ROWS}


@pytest.mark.parametrize("word, number, name", [(word, number, name) for word, _, number, name in ROWS])
def test_a_word_is_in_the_notebook_that_introduces_it(word, number, name):
    assert name.startswith(f"{number}_")
    assert contains(prose(name), word), f"{name} does not use '{word}': name another one in docs/words.md"


def test_at_chance_is_what_the_code_calls_at_chance():
    meaning = dict((word, meaning) for word, meaning, *_ in ROWS)["at chance"]
    assert f"less than {AT_CHANCE} % of the student's half" in meaning
