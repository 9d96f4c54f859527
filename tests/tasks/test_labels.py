"""Labels of files, read in one place: what is no label is rejected with its reason; nothing is invented."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from w2s_kit.tasks.labels import REMEDIES, check_number, label_of, place_of, read_labels, told
from w2s_kit.tasks.rows import Rejected

BROKEN = {  # by reason
    "no label": (
        None,
        np.nan,
        np.float32("nan"),
        pd.NA,
        pd.NaT,
        Decimal("NaN"),
        "",
        "  ",
        "NaN",
        "null",
        "None",
        "N/A",
    ),
    "hidden label": (-1, "-1", " -1 ", -1.0, "-1.0", np.int64(-1), Decimal(-1)),
    "label between classes": (0.5, "0.5", np.float32(0.25), 1e-9, -0.5),
    "label out of range": (2, 99, "99", 2.0, -2, np.inf, -np.inf, 10**400),
    "unknown label": ("perhaps", {"label": 1}, [1], (0,), np.array(1), 1j, b"1", "1_0", "١", "1 0"),
}
GOOD = {
    0: (0, "0", 0.0, "0.0", False, np.False_, np.int8(0), "no", " No ", "FALSE", "negative", "wrong"),
    1: (1, "1", 1.0, "1.", True, np.True_, np.float64(1), Decimal(1), "yes", "YES", "t", "pos", "Correct"),
}


@pytest.mark.parametrize("reason", BROKEN)
def test_what_is_no_label_is_rejected_with_its_reason(reason):
    assert reason in REMEDIES
    for value in BROKEN[reason]:
        with pytest.raises(Rejected) as why:
            label_of(value)
        assert why.value.reason == reason, value


@pytest.mark.parametrize("label", GOOD)
def test_the_ways_to_write_a_label(label):
    assert [label_of(value) for value in GOOD[label]] == [label] * len(GOOD[label])


def test_classes_with_names():
    three = ("Entailment", "neutral", "not given")
    assert [label_of(value, three) for value in (0, "2", 1.0, "entailment", " Not  given")] == [0, 2, 1, 0, 2]
    wrong = ((3, "out of range"), ("yes", "none of entailment, neutral"), (True, "unknown"), (-1, "hidden"))
    for value, reason in wrong:
        with pytest.raises(Rejected, match=reason):
            label_of(value, three)
    assert label_of("b", "ABCD", numbers=False) == 1 and label_of(2, ("1", "2"), numbers=False) == 1
    for value in (0, 1, "1", True, 0.5, None):
        with pytest.raises(Rejected):
            label_of(value, "ABCD", numbers=False)
    with pytest.raises(Rejected, match="out of range"):
        label_of(0, ("1", "2"))  # the classes are called so: 0 is none


def test_places():
    assert [place_of(value, 4) for value in (0, "3", 2.0)] == [0, 3, 2]
    assert [place_of(value, 3, first=1) for value in ("1", 3)] == [0, 2]
    for value, n, first in (
        (4, 4, 0),
        ("4", 4, 0),
        (0, 3, 1),
        (4, 3, 1),
        (-1, 4, 0),
        ("-1", 3, 1),
        (0.5, 4, 0),
        (None, 4, 0),
    ):
        with pytest.raises(Rejected):
            place_of(value, n, first)
    for word in ("yes", True, "A", {"label": 1}):
        with pytest.raises(Rejected, match="unknown label"):
            place_of(word, 2)


def test_numbers_as_training_takes_them():
    for value in (0, 1, 1.0, True, np.int64(1), np.True_):
        check_number(value, 2)
    check_number(17)
    for value, reason in (
        (2, "out of range"),
        (0.5, "between"),
        (-1, "hidden"),
        (np.nan, "no label"),
        (None, "no label"),
        ("1", "in words"),
        ([1], "unknown"),
        (np.inf, "out of range"),
    ):
        with pytest.raises(Rejected, match=reason):
            check_number(value, 2)


def column(values, names=None):
    read = read_labels(values, names)
    return read.labels.tolist(), read.rows.tolist(), read.mapping


def test_a_column_of_words_or_numbers():
    assert column(["yes", "no", " YES"]) == ([1, 0, 1], [0, 1, 2], {"yes": 1, "no": 0})
    assert column([True, False]) == ([1, 0], [0, 1], {"true": 1, "false": 0})
    assert column(["1", 0.0, 1]) == ([1, 0, 1], [0, 1, 2], {"1": 1, "0": 0})
    assert column(["spam", "ham", "Spam"]) == ([1, 0, 1], [0, 1, 2], {"spam": 1, "ham": 0}), "by the alphabet"
    assert column(["spam", "ham"], ("spam", "ham"))[0] == [0, 1], "as they are named"
    assert column(["1", 2, "2"], ("1", "2"))[0] == [0, 1, 1]
    assert column(["bad", "fair", "good"], {"bad": 0, "fair": 1, "good": 1})[0] == [0, 1, 1]
    assert column([0, 1, 2], {"0": 0, "1": 1, "2": 1})[0] == [0, 1, 1]
    read = read_labels(pd.Series([], dtype=object))
    assert read.labels.shape == read.rows.shape == (0,) and read.labels.dtype == int


def test_a_column_says_what_became_of_it():
    assert told(read_labels(["yes", "no", "yes", "1"]).mapping) == "labels: 'yes' -> 1, 'no' -> 0"
    assert told(read_labels([0, 1, "1"]).mapping) == "", "numbers need no words"


def test_broken_rows_of_a_column_are_told_apart():
    read = read_labels([1, None, 0, -1, 0.5, "yes", {"label": 1}, "-1"])
    assert read.labels.tolist() == [1, 0, 1] and read.rows.tolist() == [0, 2, 5]
    assert {row: why.reason for row, why in read.rejected.items()} == {
        1: "no label",
        3: "hidden label",
        4: "label between classes",
        6: "unknown label",
        7: "hidden label",
    }
    named = read_labels(["ham", "eggs", "spam", 7, ""], ("ham", "spam"))
    assert named.labels.tolist() == [0, 1] and [why.reason for why in named.rejected.values()] == [
        "unknown label",
        "label out of range",
        "no label",
    ]
    for values in ([1, None, 0, -1, 0.5], ["yes", "-1", "no"]):
        assert set(read_labels(values).labels) <= {0, 1}


def test_what_would_be_a_guess_is_asked_for():
    listed = r"3 classes: 'b' \(2 rows\), 'a' \(1 rows\), 'c' \(1 rows\).*names=.'b': 0, 'a': 1, 'c': 1"
    with pytest.raises(ValueError, match=listed):
        read_labels(["a", "b", "b", "c"])
    with pytest.raises(ValueError, match=r"3 classes.*99 \(1 rows\).*Name two, and the others' rows are rej"):
        read_labels([0, 1, 1, 99])
    read = read_labels([0, 1, 1, 99], ("0", "1"))
    assert read.rows.tolist() == [0, 1, 2] and read.rejected[3].reason == "label out of range", "as it says"
    for values, names in (
        ([1, 2], "'1', '2'"),
        (["no", "maybe"], "'maybe', 'no'"),
        (["left", "right"], "'left', 'right'"),
    ):
        with pytest.raises(ValueError, match=rf"a guess: say it, as in names=\({names}\)"):
            read_labels(values)
    with pytest.raises(ValueError, match="one class"):
        read_labels(["spam", "spam"])
    for names in (("a",), ("a", "b", "c"), {"a": 0, "b": 0}, {"a": 0, "b": 2}, "ab"[:1]):
        with pytest.raises(ValueError, match="the classes are 0 and 1; give two names"):
            read_labels(["a", "b"], names)
