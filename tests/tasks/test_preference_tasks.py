"""Comparisons as a task: pairs that are split, and that a reward model learns from."""

import json
import random

import pandas as pd
import pytest
from samples import HARMLESS, comparisons

from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.tasks import load_task
from w2s_kit.tasks.split import SEPARATOR


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


@pytest.mark.skipif(not HARMLESS.exists(), reason="shared data is not here")
def test_a_split_of_real_dialogues():
    split = load_task(f"preference:{HARMLESS}", n_train=300, n_test=400)
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
