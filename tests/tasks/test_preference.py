"""Comparisons from the shapes of the hub, and what is done with rows that are none."""

import gzip
import json
import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import HARMLESS

from w2s_kit.tasks.preference import LONGEST, Comparison, read_comparisons
from w2s_kit.tasks.rows import Report

ASKED = "\n\nHuman: Is ice cold?\n\nAssistant:"


def read(*rows):
    report = Report()
    return list(read_comparisons(rows, report)), report


def test_transcripts_part_at_an_answer():
    more = ASKED + " Yes.\n\nHuman: Why?\n\nAssistant:"
    found, _ = read({"chosen": more + " It is frozen.", "rejected": more + " It is ice, and ice is."})
    assert found == [Comparison(more, " It is frozen.", " It is ice, and ice is.")], (
        "the common beginning ends with the turn, not with the letters in common"
    )
    found, _ = read(
        {
            "chosen": ASKED + " Yes.\n\nHuman: Thanks.\n\nAssistant: Any time.",
            "rejected": ASKED + " No.\n\nHuman: Thanks.\n\nAssistant: Any time.",
        }
    )
    assert found[0].prompt == ASKED and found[0].chosen == " Yes.\n\nHuman: Thanks.\n\nAssistant: Any time."


def test_message_lists_and_plain_columns_mean_the_same():
    def messages(answer):
        return [{"role": "user", "content": "Is ice cold?"}, {"role": "assistant", "content": answer}]

    lists, _ = read(
        {
            "prompt": "Is ice cold?",
            "chosen": messages("Yes."),
            "rejected": messages("No."),
            "score_chosen": 9.0,
            "score_rejected": 4.0,
        }
    )
    plain, _ = read({"prompt": "Is ice cold?", "chosen": "Yes.", "rejected": "No.", "margin": "5"})
    transcript, _ = read({"chosen": ASKED + " Yes.", "rejected": ASKED + " No."})
    assert (
        lists == plain == [Comparison(ASKED, " Yes.", " No.", 5.0)]
        and transcript[0].prompt == ASKED
        and transcript[0].margin is None
    )


@pytest.mark.parametrize(
    "row, reason",
    [
        ({"chosen": ASKED + " Yes.", "rejected": ASKED + " Yes."}, "identical sides"),
        ({"chosen": ASKED + " Yes.", "rejected": ASKED + "  Yes. "}, "identical sides"),
        ({"chosen": ASKED + " Yes.", "rejected": ASKED}, "empty side"),
        (
            {"chosen": ASKED + " Yes.", "rejected": "\n\nHuman: Is fire cold?\n\nAssistant: No."},
            "different prompts",
        ),
        (
            {
                "chosen": ASKED + " Yes.\n\nHuman: A?\n\nAssistant: B",
                "rejected": ASKED + " Yes.\n\nHuman: C?\n\nAssistant: B",
            },
            "different prompts",
        ),
        ({"chosen": "\n\nHuman: Is ice cold?", "rejected": "\n\nHuman: Is ice hot?"}, "no assistant's turn"),
        ({"chosen": "Yes.", "rejected": "No."}, "no assistant's turn"),
        ({"chosen": ASKED + " Yes."}, "no text"),
        ({"chosen": ASKED + " Yes.", "rejected": None}, "no text"),
        ({"prompt": " ", "chosen": "Yes.", "rejected": "No."}, "empty prompt"),
        ({"prompt": "Is ice cold?", "chosen": "Yes.", "rejected": "No.", "margin": 0}, "tie"),
        ({"prompt": "Is ice cold?", "chosen": "Yes.", "rejected": "No.", "margin": "much"}, "bad margin"),
        *[
            ({"prompt": "Is ice cold?", "chosen": "Yes.", "rejected": "No.", "margin": margin}, "bad margin")
            for margin in (math.nan, "inf", 10**400, [1])
        ],
        ({"prompt": "Is ice cold?", "chosen": "Yes.", "rejected": "No.", "margin": -3}, "negative margin"),
        (
            {
                "prompt": "Is ice cold?",
                "chosen": "Yes.",
                "rejected": "No.",
                "score_chosen": 1,
                "score_rejected": 5,
            },
            "contradicting scores",
        ),
        (
            {
                "prompt": "q",
                "chosen": "Yes.",
                "rejected": "No.",
                "margin": 4,
                "score_chosen": 1,
                "score_rejected": 5,
            },
            "contradicting scores",
        ),
        (
            {
                "prompt": "Is ice cold?",
                "chosen": "Yes.",
                "rejected": "No.",
                "score_chosen": 5,
                "score_rejected": "5",
            },
            "tie",
        ),
        ({"prompt": "Is ice cold?", "chosen": "", "rejected": "No."}, "empty side"),
        ({"chosen": [{"role": {}, "content": "Yes."}], "rejected": []}, "bad message"),
        ({"chosen": ASKED + "x" * LONGEST, "rejected": ASKED + " No."}, "too long"),
        ({"chosen": [{"role": "judge", "content": "Yes."}], "rejected": []}, "bad message"),
        ({"chosen": [{"role": "user"}], "rejected": []}, "bad message"),
        ({"chosen": [], "rejected": []}, "no assistant's turn"),
    ],
)
def test_a_row_that_is_no_comparison_is_counted_with_its_reason(row, reason):
    found, report = read(row)
    assert (
        not found
        and dict(report.rejected) == {reason: 1}
        and report.read == 1
        and "row 1" in report.examples[reason][0]
    )


def test_what_was_there_before_is_left_out():
    one, other = (
        {"prompt": "q", "chosen": "a", "rejected": "b"},
        {"prompt": "q", "chosen": "b", "rejected": "a"},
    )
    found, report = read(one, one, other, {"prompt": "p", "chosen": "b", "rejected": "a"})
    assert len(found) == 2 and dict(report.rejected) == {"twice": 1, "twice, with opposite preferences": 1}


def test_files(tmp_path):
    rows = [{"prompt": f"q{i}", "chosen": "a", "rejected": "b"} for i in range(3)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)) + '\n{"prompt": "q4", "chosen": \n')
    pd.DataFrame(rows).to_csv(tmp_path / "a.csv.gz", index=False)
    pd.DataFrame(rows).to_parquet(tmp_path / "a.parquet")
    for name in ("a.jsonl", "a.csv.gz", "a.parquet"):
        assert len(list(read_comparisons(tmp_path / name, report := Report()))) == 3, name
        assert report.rejected.total() == (name == "a.jsonl")
    (tmp_path / "latin.csv").write_bytes(
        "prompt,chosen,rejected\nq,caf\xe9,tea\nq,tea,milk\n".encode("latin-1")
    )
    assert len(list(read_comparisons(tmp_path / "latin.csv", report := Report()))) == 1 and dict(
        report.rejected
    ) == {"not UTF-8": 1}
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress((tmp_path / "a.jsonl").read_bytes() * 50)[:-20])
    list(read_comparisons(tmp_path / "cut.jsonl.gz", report := Report()))
    assert report.broken and "breaks off" in str(report)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["prompt", "chosen", "rejected", "margin", "score_chosen", "score_rejected"]),
        st.one_of(
            st.none(),
            st.integers(),
            st.floats(),
            st.text("\n HumanAssistant:ab"),
            st.lists(
                st.one_of(
                    st.none(),
                    st.fixed_dictionaries(
                        {"role": st.sampled_from(["user", "assistant"]), "content": st.text("ab ")}
                    ),
                )
            ),
        ),
    )
)
def test_no_row_is_a_crash(row):
    found, report = read(row)
    assert len(found) == report.kept == 1 - report.rejected.total()
    for one in found:
        assert one.prompt.endswith("\n\nAssistant:") or one.prompt == row.get("prompt")
        assert one.chosen.strip() and one.rejected.strip() and one.chosen != one.rejected


@pytest.mark.skipif(not HARMLESS.exists(), reason="shared data is not here")
def test_real_transcripts():
    found = list(read_comparisons(HARMLESS, report := Report()))
    assert report.read == 2000 and report.kept == len(found) >= 1990
    raw = pd.read_parquet(HARMLESS)
    words = {" ".join(side.split()) for side in raw["chosen"]}
    assert all(" ".join((one.prompt + one.chosen).split()) in words for one in found), (
        "nothing is lost, nothing added"
    )
    assert all(one.prompt.endswith("\n\nAssistant:") for one in found)


USER, ANSWER = (
    {"role": "user", "content": "Which planet is red?"},
    lambda text: {"role": "assistant", "content": text},
)


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "Which planet is red?", "chosen": "Mars.", "rejected": "Venus."},
        {"question": "Which planet is red?", "chosen": "Mars.", "rejected": "Venus."},
        {"prompt": [USER], "chosen": [ANSWER("Mars.")], "rejected": [ANSWER("Venus.")]},
        {"prompt": "Which planet is red?", "chosen": [ANSWER("Mars.")], "rejected": [ANSWER("Venus.")]},
        {
            "prompt": "Which planet is red?",
            "chosen": [USER, ANSWER("Mars.")],
            "rejected": [USER, ANSWER("Venus.")],
        },
        {
            "prompt": "\n\nHuman: Which planet is red?\n\nAssistant:",
            "chosen": " Mars.",
            "rejected": " Venus.",
        },
        {
            "chosen": "\n\nHuman: Which planet is red?\n\nAssistant: Mars.",
            "rejected": "\n\nHuman: Which planet is red?\n\nAssistant: Venus.",
        },
    ],
)
def test_all_shapes_of_one_comparison(row):
    (found,) = read_comparisons([row], report := Report())
    assert (found.prompt, found.chosen, found.rejected) == (
        "\n\nHuman: Which planet is red?\n\nAssistant:",
        " Mars.",
        " Venus.",
    ), report


@pytest.mark.parametrize(
    "prompt, reason",
    [
        ("", "empty prompt"),
        ("  ", "empty prompt"),
        ([], "empty prompt"),
        ("x" * 60_000, "too long"),
        (7, "no text"),
        ([{"role": "wizard", "content": "hm"}], "bad message"),
    ],
)
def test_a_bad_prompt_is_named(prompt, reason):
    assert not list(
        read_comparisons([{"prompt": prompt, "chosen": "Mars.", "rejected": "Venus."}], report := Report())
    )
    assert dict(report.rejected) == {reason: 1}
