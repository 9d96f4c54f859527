"""The three challenges hold what their names say, and what is measured of them."""

import numpy as np
import pandas as pd
import pytest

from w2s_kit.studies.elicitation import (
    balanced_accuracy,
    habitats,
    one_of,
    suggestions,
    sure,
    unbalanced,
    with_unknown,
)
from w2s_kit.tasks import load_task
from w2s_kit.tasks.miniworld import dialogue
from w2s_kit.tasks.miniworld.world import make_world

NOUNS = {noun.name: noun for noun in make_world().lexicons["noun"].items}


def test_suggestions_differ_in_truth_and_their_manner_is_told():
    pairs = suggestions(3, n=60, pairs=400)
    assert len(pairs) == 60 and set(pairs["truth"]) == {0, 1}
    assert set(pairs["manner"]) == {-1, 0, 1}
    split = load_task("dialogue", 3, 400, 50).student
    texts = dict(zip(split["text"].str.split("\x1e").map(tuple), split["better"]))
    for first, second, truth, manner in pairs.itertuples(index=False):
        assert texts[first, second] == truth
        assert not first.endswith(dialogue.EVASIONS) and not second.endswith(dialogue.EVASIONS)
        gap = dialogue.manner_of(second) - dialogue.manner_of(first)
        assert np.sign(gap) == manner
    with pytest.raises(ValueError, match="raise pairs"):
        suggestions(3, n=60, pairs=60)


def test_the_manner_of_an_answer():
    assert [dialogue.manner_of(text) for text in ("lovely . is it", "so dull . is it", "is it")] == [1, -1, 0]


def test_shares_of_yes():
    rows = pd.DataFrame({"label": [1, 0] * 20, "at": range(40)})
    part = unbalanced(rows, 0.1, 20)
    assert part["label"].sum() == 2 and len(part) == 20 and part["at"].is_unique
    with pytest.raises(ValueError, match="only 20 rows have label 0"):
        unbalanced(rows, 0.1, 40)


def test_unknown_nouns_are_new_and_have_no_label():
    rows = load_task("edible", 0, 80, 20).student
    part = with_unknown(rows, 0.25, 0)
    assert part["known"].sum() == 60 and part["label"].notna().eq(part["known"]).all()
    assert (part["text"][part["known"]] == rows["text"][part["known"]]).all()
    for text, (old,) in zip(part["text"][~part["known"]], rows["group"][~part["known"]]):
        assert old not in text.split()
        assert not set(text.split()) & set(NOUNS)
    with pytest.raises(ValueError, match="share"):
        with_unknown(rows, 1.2, 0)


def test_every_noun_has_one_habitat_of_four():
    table = habitats(1, nouns=12)
    assert len(table) == 48 and table["noun"].nunique() == 12
    assert (table.groupby("noun")["label"].sum() == 1).all()
    for _, row in table[table["label"] == 1].iterrows():
        assert NOUNS[row["noun"]].habitat == row["value"]
    blocks = one_of(4, 48)
    assert len(blocks) == 12 and (np.concatenate([rows for rows, _ in blocks]) == np.arange(48)).all()


def test_measures():
    assert balanced_accuracy([0, 0, 0, 0], [0, 0, 0, 1]) == 0.5
    assert sure([0.9, 0.1, 0.5]) == pytest.approx((0.9 + 0.9 + 0.5) / 3)
