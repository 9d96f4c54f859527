"""The formatters of the paper's datasets invent neither a label nor a text."""

import pytest
from hub_rows import CHOSEN, INVENTED

from w2s_kit.tasks.nlp.table import DATASETS
from w2s_kit.tasks.rows import Rejected

# of each dataset, the columns of its label and of its texts; the other columns are not read
LABELS = {
    "boolq": "answer",
    "openbookqa": "answerKey",
    "quartz": "answerKey",
    "quail": "correct_answer_id",
    **dict.fromkeys(("dream", "ethics-utilitarianism", "sciq", "sciq-support")),
}  # no label, but sides
UNREAD = {"id", "dialogue_id", "uid", "reason", "idx", "ind", "category", "context_id", "start1", "support"}
FORMATTED = [name for name, entry in DATASETS.items() if entry.read]


def offered(name, row):
    """What a formatter makes of a row: its offers, or why it makes none."""
    try:
        return DATASETS[name].read(row)[0]
    except Rejected as why:
        return why.reason


@pytest.mark.parametrize("name", FORMATTED)
def test_no_label_is_invented(name):
    column = LABELS.get(name, "label")
    rows = [INVENTED[name](i) for i in range(12)]
    if column is None:
        assert "label" not in rows[0]
        return
    good, letters = {}, column == "answerKey"
    for row in rows:
        good.setdefault(str(row[column]), row)
    for row in good.values():
        for broken in (
            None,
            "",
            " ",
            "-1",
            -1,
            -1.0,
            0.5,
            "0.5",
            float("nan"),
            99,
            "99",
            {"label": 1},
            [1],
            "perhaps",
        ):
            reason = offered(name, row | {column: broken})
            assert isinstance(reason, str), f"{broken!r} is read as {reason}"
            if broken in (-1, "-1"):
                assert reason == "hidden label"
        said = str(row[column])
        for value in (said, f" {said} ", said.lower(), said.upper()):
            assert offered(name, row | {column: value}) == offered(name, row), "written in another way"
        if letters:
            assert {offered(name, row | {column: place}) for place in (0, 1)} == {"label out of range"}
        else:
            assert offered(name, row | {column: float(row[column])}) == offered(name, row)
    if name in CHOSEN or name in ("anli-r2", "tweet-eval"):
        assert offered(name, row | {column: "yes"}) == "unknown label", "no place is called so"
    else:  # as the number would be
        yes, no = (offered(name, row | {column: word}) for word in ("Yes", "no"))
        assert yes == offered(name, row | {column: 1}) != no == offered(name, row | {column: 0})


@pytest.mark.parametrize("name", FORMATTED)
def test_no_text_is_invented(name):
    row = INVENTED[name](5)
    texts = [column for column in row if column not in UNREAD | {LABELS.get(name, "label")}]
    assert texts and isinstance(offered(name, row), list)
    for column in texts:
        for broken in (None, "", " ", -1, 0.5, float("nan"), 99, {"text": "a"}, [], [None], ["", " "], True):
            reason = offered(name, row | {column: broken})
            if (name, column) == ("amazon-polarity", "title") and broken in (None, "", " "):
                assert reason == [("A fox0 book.", 1)], "a review needs no title"
            else:
                assert isinstance(reason, str), f"{column} {broken!r} is read as {reason}"
        other = offered(name, row | {column: "-1"})  # a text like others, but not a list of them
        if isinstance(other, list):
            assert {label for _, label in other} == {label for _, label in offered(name, row)}
            assert column == "source_id" or any("-1" in text for text, _ in other)
        else:
            assert f"{name} {column}" in {
                "dream dialogue",
                "dream choice",
                "dream answer",
                "quail answers",
                "ethics-virtue scenario",
                "quartz choices",
                "hellaswag endings",
                "openbookqa choices",
            }, other


def test_what_contradicts_itself_is_rejected():
    letters = INVENTED["openbookqa"](4)
    for choices in (
        {"text": ["a", "b"], "label": ["A"]},
        {"text": ["a", "b"], "label": ["A", "a"]},
        {"label": ["A"]},
        {"text": ["a", None], "label": ["A", "B"]},
    ):
        assert isinstance(offered("openbookqa", letters | {"choices": choices, "answerKey": "A"}), str)
    assert offered("openbookqa", letters | {"answerKey": "E"}) == "unknown label"
    assert offered("dream", INVENTED["dream"](4) | {"answer": "something else"}) == "no such answer"
    for scenario in ("[SEP] kind", "Ann left. [SEP]", "a [SEP] b [SEP] c"):
        assert offered("ethics-virtue", {"label": 1, "scenario": scenario}) == "no trait"
    assert offered("piqa", INVENTED["piqa"](0) | {"label": 2}) == "label out of range"
    for label in (0, 4):
        assert offered("social-iqa", INVENTED["social-iqa"](0) | {"label": label}) == "label out of range"
