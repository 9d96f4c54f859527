"""What no split may be: equal texts in two parts, or labels that are none."""

import itertools
import time
import unicodedata

import numpy as np
import pandas as pd
import pytest

from w2s_kit.tasks import load_task
from w2s_kit.tasks.miniworld import dialogue
from w2s_kit.tasks.split import PARTS, SEPARATOR, LeakageError, Split, normalised

WAYS = {
    "the same": "Is \ufb01sh good ?",
    "another blank": "  Is \ufb01sh\tgood\n?",
    "no-break space": "Is\u00a0\ufb01sh good ?",
    "two letters for one": "Is fish good ?",
}


def part(name: str, texts: list, labels: list, groups: list | None = None) -> pd.DataFrame:
    groups = groups or [(f"{name}{i}",) for i in range(len(texts))]
    return pd.DataFrame({"text": texts, "label": labels, "group": groups, "difficulty": 0.5})


def tables(kind: str, names=PARTS) -> dict[str, pd.DataFrame]:
    label = {"choices": [0, 3, 1, 0], "writing": list("abca")}.get(kind, [0, 1, 0, 1])
    text = lambda name, i: f"{name} {i}" + (f"{SEPARATOR}{name} {i} too" if kind == "pairs" else "")
    return {name: part(name, [text(name, i) for i in range(4)], label) for name in names}


def with_text(table: pd.DataFrame, row: int, text) -> pd.DataFrame:
    return table.assign(text=[text if i == row else old for i, old in enumerate(table["text"])])


@pytest.mark.parametrize("kind", ["classes", "choices", "writing"])
def test_equal_texts_in_two_parts_are_a_leak(kind):
    names = ("supervisor", "student", "test", "fresh1", "fresh2")
    for (a, b), (how, text) in itertools.product(itertools.combinations(names, 2), WAYS.items()):
        good = tables(kind, names)
        leaky = good | {a: with_text(good[a], 1, WAYS["the same"]), b: with_text(good[b], 2, text)}
        build = lambda t: Split("own", *(t[name] for name in PARTS), kind, (t["fresh1"], t["fresh2"]))
        assert build(good)
        with pytest.raises(LeakageError, match="1 texts stand in two parts") as why:
            build(leaky)
        assert f"{a} (row 1)" in str(why.value) or f"{a} (row 2)" in str(why.value), how
        assert f"{b} (row 2)" in str(why.value) or f"{b} (row 1)" in str(why.value), how
        assert "good" in str(why.value) and "Take them out of one" in str(why.value)


def test_a_text_may_stand_twice_in_one_part():
    good = tables("classes")
    assert Split("own", **good | {"student": with_text(good["student"], 1, "student 0")})
    other = with_text(good["student"], 1, "Test 0")
    assert Split("own", **good | {"student": other}), "capital letters may matter"


def test_the_same_pair_in_two_parts_is_a_leak_in_either_order():
    good = tables("pairs")
    assert Split("own", **good, kind="pairs")
    one, other = good["supervisor"]["text"][1].split(SEPARATOR)
    for text in (f"{one}{SEPARATOR}{other}", f"{other}{SEPARATOR}{one}", f"{other} {SEPARATOR}\n{one}"):
        with pytest.raises(LeakageError, match=r"supervisor \(row 1\) and test \(row 3\)"):
            Split("own", **good | {"test": with_text(good["test"], 3, text)}, kind="pairs")
    half = f"{one}{SEPARATOR}something else"
    assert Split("own", **good | {"test": with_text(good["test"], 3, half)}, kind="pairs"), "one side may"


def test_no_two_parts_of_dialogue_share_a_pair():
    """Answers that evade name no noun. Left to chance, these seeds put one such pair into two parts."""
    for seed, n in ((15, 500), (55, 500), (41, 1_000)):
        parts = dialogue.load("dialogue", seed, n, n).parts
        pairs = [{frozenset(text.split(SEPARATOR)) for text in table["text"]} for table in parts.values()]
        assert sum(map(len, pairs)) == len(set().union(*pairs)) == sum(map(len, parts.values()))


def test_what_dialogue_draws_is_as_before_where_no_pair_came_twice():
    assert load_task("dialogue", 0, 100, 100).hash == "b2fe64a3140938c6"


def test_normal_forms():
    for text in (
        *WAYS.values(),
        "plain words",
        " a ",
        "a  b",
        "a\x1eb",
        "a\x7f b",
        "",
        "\uff46ull",
        "\u0301",
        "\u2003x\u2028y",
    ):
        assert normalised(text) == " ".join(unicodedata.normalize("NFKC", text).split()), repr(text)


@pytest.mark.parametrize("kind", ["classes", "pairs", "choices"])
@pytest.mark.parametrize("name", PARTS)
def test_a_label_that_is_none_is_refused_with_its_row(kind, name):
    for label, why in (
        (-1, "Hidden label: take another split"),
        (-1.0, "Hidden label"),
        (None, "No label"),
        (0.5, "Label between classes: decide"),
        (np.nan, "No label: fill it in"),
        (np.inf, "Label out of range"),
        ("1", "Label in words: .*read_labels"),
        ("yes", "Label in words"),
        ({"label": 1}, "Unknown label"),
    ):
        good = tables(kind)
        bad = good[name].assign(label=pd.Series([0, 1, label, 1], dtype=object))
        with pytest.raises(ValueError, match=f"own/{name}: row 2 has label .*; .*{why}") as error:
            Split("own", **good | {name: bad}, kind=kind)
        assert "anew" not in str(error.value), "who knows where it is from"
        if not isinstance(label, (str, dict)) and label is not None:
            with pytest.raises(ValueError, match=f"own/{name}: row 2 has label .*{why}"):
                Split("own", **good | {name: good[name].assign(label=[0, 1, label, 1])}, kind=kind)
    for labels in ([0, 1, 1.0, 0], [False, True, True, False]):
        assert Split("own", **tables(kind) | {name: good[name].assign(label=labels)}, kind=kind)


@pytest.mark.parametrize("text", [None, np.nan, "", " \n", 3, ["a"]])
def test_a_text_that_is_none_is_refused_with_its_row(text):
    good = tables("classes")
    bad = good["student"].assign(text=pd.Series(["a", "b", "c", text], dtype=object))
    with pytest.raises(ValueError, match="own/student: row 3 has text .*leave the row out"):
        Split("own", **good | {"student": bad})


def test_checking_costs_little():
    split = load_task("edible", 0, 700, 600)
    begin = time.process_time()
    for _ in range(5):
        Split("again", split.supervisor, split.student, split.test)
    assert (time.process_time() - begin) / 5 < 0.1, "2,000 texts take about 5 ms"
