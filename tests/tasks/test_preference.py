"""Comparisons from the shapes of the hub, and what is done with rows that are none."""

import gzip
import json
import math
import random
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import comparisons

from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.tasks import load_task
from w2s_kit.tasks.preference import LONGEST, Comparison, read_comparisons
from w2s_kit.tasks.rows import Report
from w2s_kit.tasks.split import SEPARATOR

DATA = Path(__file__).parents[3] / "shared/data/hub/Anthropic/hh-rlhf/harmless-base/test.parquet"
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


@pytest.mark.skipif(not DATA.exists(), reason="shared data is not here")
def test_real_transcripts():
    found = list(read_comparisons(DATA, report := Report()))
    assert report.read == 2000 and report.kept == len(found) >= 1990
    raw = pd.read_parquet(DATA)
    words = {" ".join(side.split()) for side in raw["chosen"]}
    assert all(" ".join((one.prompt + one.chosen).split()) in words for one in found), (
        "nothing is lost, nothing added"
    )
    assert all(one.prompt.endswith("\n\nAssistant:") for one in found)


# ---- as a task ---------------------------------------------------------------------------------------


def test_a_split_of_pairs(tmp_path):
    file = comparisons(tmp_path)
    split = load_task(f"preference:{file}", seed=1, n_train=20, n_test=30)
    assert split.kind == "pairs" and [len(t) for t in split.parts.values()] == [20, 20, 20, 20, 30]
    for part in split.parts.values():
        assert part["label"].sum() == len(part) // 2 and part["difficulty"].between(0, 1).all()
        for text, label in zip(part["text"], part["label"]):
            sides = text.split(SEPARATOR)
            assert len(sides) == 2 and len(sides[label]) > len(sides[1 - label])
    assert split.hash == load_task(f"preference:{file}", seed=1, n_train=20, n_test=30).hash
    for wrong, message in (
        ("nowhere.csv", "nowhere.csv: no such file"),
        (tmp_path / "none.jsonl", "no comparison can be read"),
    ):
        (tmp_path / "none.jsonl").write_text('{"chosen": "a", "rejected": "a"}')
        with pytest.raises(ValueError, match=message):
            load_task(f"preference:{wrong}")


def test_a_file_of_pandas_teaches_the_right_answer(tmp_path):
    rng, marks = random.Random(0), ["Sure!", "An apple,", 'he "said"', "a\nb", "\n\n", ";", "No."]
    rows = [
        {
            "prompt": f"{i} {' '.join(rng.choices(marks, k=3))}",
            "chosen": f"good {' '.join(rng.choices(marks, k=3))}",
            "rejected": f"bad {' '.join(rng.choices(marks, k=3))}",
            "margin": 1.5,
        }
        for i in range(100)
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "a.csv")
    split = load_task(f"preference:{tmp_path / 'a.csv'}", n_train=20, n_test=20)
    assert (split.report.read, split.report.kept) == (100, 100)
    wanted = {(row["prompt"].strip(), row["chosen"].strip(), row["rejected"].strip()) for row in rows}
    for text, label in zip(split.test["text"], split.test["label"]):
        sides = [side.removeprefix("\n\nHuman: ").split("\n\nAssistant: ") for side in text.split(SEPARATOR)]
        assert (sides[0][0], sides[label][1], sides[1 - label][1]) in wanted


@pytest.mark.parametrize(
    "row",
    [
        lambda i: {
            "chosen": f"Human: question {i}\n\nAssistant: good",
            "rejected": f"Human: question {i}\n\nAssistant: bad",
        },
        lambda i: {
            "chosen": f"\n\nAssistant: Hi.\n\nHuman: {i}\n\nAssistant: good",
            "rejected": f"\n\nAssistant: Hi.\n\nHuman: {i}\n\nAssistant: bad",
        },
        lambda i: {"prompt": f"Human: question {i}\n\nAssistant:", "chosen": "good", "rejected": "bad"},
        lambda i: {"prompt": f"\n\nHuman:\n\nHuman: question {i}", "chosen": "good", "rejected": "bad"},
    ],
)
def test_different_prompts_are_different_groups(tmp_path, row):
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(row(i)) for i in range(100)))
    split = load_task(f"preference:{tmp_path / 'a.jsonl'}", n_train=30, n_test=30)
    assert len({group for part in split.parts.values() for group in part["group"]}) == sum(
        map(len, split.parts.values())
    )


def test_what_was_rejected_is_told(tmp_path, capsys):
    file = comparisons(tmp_path)
    whole = load_task(f"preference:{file}", n_train=20, n_test=20)
    assert capsys.readouterr().out == "" and whole.report.kept == 120
    file.write_text('{"prompt": "q"}\n' + file.read_text())
    split = load_task(f"preference:{file}", n_train=20, n_test=20)
    assert "121 rows read, 120 kept, 1 rejected" in capsys.readouterr().out and split.report.rejected == {
        "no text": 1
    }
    assert split.hash == whole.hash, "the report is no content"
    file.write_text('{"prompt": "q"}\n' * 121 + file.read_text())
    with pytest.raises(ValueError, match="more than half"):
        load_task(f"preference:{file}", n_train=20, n_test=20)
    assert (
        load_task(f"preference:{file}", n_train=20, n_test=20, allow_rejected=True).report.rejected.total()
        == 122
    )


def test_three_stages_of_reward_modelling(tmp_path):
    run = Settings(task=f"preference:{comparisons(tmp_path)}", n_train=30, n_test=30, epochs=6)
    result = three_stages(run, "xs", "s", store=Store(tmp_path / "runs"))
    assert result.ceiling.accuracy() > 0.9, "length is easy to see"
    assert result.student.config["kind"] == "student" and 0 <= result.student.accuracy() <= 1


@pytest.mark.skipif(not DATA.exists(), reason="shared data is not here")
def test_a_split_of_real_dialogues():
    split = load_task(f"preference:{DATA}", n_train=300, n_test=400)
    assert len(split.fresh) == 2 and split.test["label"].mean() == 0.5


def test_a_dataset_of_the_hub(tmp_path, monkeypatch):
    """As the hub's library hands it out, here from a file: shuffled, and no more of it than needed."""
    import datasets

    file, asked = comparisons(tmp_path), []

    def load_dataset(name, config, split, revision):
        asked.append((name, split))
        return datasets.Dataset.from_list([json.loads(line) for line in file.read_text().splitlines()])

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    split = load_task("preference:owner/name:train_prefs", seed=1, n_train=10, n_test=10)
    load_task("preference:owner/name", n_train=10, n_test=10)
    assert asked == [("owner/name", "train_prefs"), ("owner/name", "train")]
    assert len(split.test) == 10 and split.name == "preference:owner/name:train_prefs"
    monkeypatch.setattr(
        datasets, "load_dataset", lambda *name, **where: (_ for _ in ()).throw(ConnectionError("no network"))
    )
    with pytest.raises(
        ValueError, match="owner/name: no such file, and no dataset that can be read .*no network"
    ):
        load_task("preference:owner/name")


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


def test_rows_that_contradict_themselves_are_rejected(tmp_path):
    """A prompt that is not the dialogues' own, a list of messages saved as text, one name twice in a row."""
    from w2s_kit.tasks.preference import read_comparisons
    from w2s_kit.tasks.rows import Report

    talk = lambda question, answer: [
        {"role": "user", "content": question},
        {"role": "assistant", "content": answer},
    ]
    good = {
        "prompt": "Name a fruit.",
        "chosen": talk("Name a fruit.", "A plum."),
        "rejected": talk("Name a fruit.", "No."),
    }
    other = good | {"prompt": "Name a town."}
    saved = {"prompt": "Name a fruit.", "chosen": str(good["chosen"]), "rejected": str(good["rejected"])}
    report = Report()
    assert [one.chosen for one in read_comparisons([good, other, saved], report)] == [" A plum."]
    assert report.rejected == {"different prompts": 1, "bad message": 1}
    file = tmp_path / "rows.jsonl"
    file.write_text(
        '{"prompt": "Q", "chosen": "A", "rejected": "B", "chosen": "C"}\n'
        '{"prompt": "Q", "chosen": "A", "rejected": "B"}\n'
    )
    report = Report()
    assert len(list(read_comparisons(file, report))) == 1 and "chosen stands twice" in str(report)


def test_an_edited_file_is_read_again_by_the_same_process(tmp_path):
    from w2s_kit.experiment.splits import split_of

    file, rows = (
        tmp_path / "rows.jsonl",
        [{"prompt": f"Question {i}?", "chosen": f"yes {i}", "rejected": "no"} for i in range(60)],
    )
    hashes = []
    for answer in ("yes", "yes", "surely"):
        file.write_text(
            "".join(
                json.dumps({**row, "chosen": row["chosen"].replace("yes", answer)}) + "\n" for row in rows
            )
        )
        hashes.append(split_of(Settings(f"preference:{file}", n_train=8, n_test=8)).hash)
    assert hashes[0] == hashes[1] != hashes[2]
