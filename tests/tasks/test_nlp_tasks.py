"""The datasets of the paper become tasks: one row a text, the parts kept apart, the rows from the hub."""

import random
from dataclasses import replace

import mirror_datasets
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hub_rows import CHOSEN, INVENTED, with_rows, written

from w2s_kit.tasks import hub, load_task, task_names
from w2s_kit.tasks.nlp.load import examples, load, splits_of, toss
from w2s_kit.tasks.nlp.table import DATASETS, MORE, PAPER


def test_the_table_has_the_papers_datasets():
    assert len(PAPER) == 22 and len(MORE) == 4 and set(INVENTED) == set(DATASETS)
    assert not set(DATASETS) & {*task_names(), "dialogue", "chess", "tactic"}, "no name stands for two tasks"
    for entry in DATASETS.values():
        assert entry.id.count("/") == 1 and entry.licence and entry.about
        assert (
            entry.revision in ("main", hub.CONVERTED) or len(entry.revision) == 40 and int(entry.revision, 16)
        ), "a commit in full, or none"


@pytest.mark.parametrize("name", DATASETS)
def test_each_dataset_becomes_a_task(name, tmp_path, monkeypatch):
    monkeypatch.setenv("W2S_DATA", str(written(tmp_path, name)))
    # Split itself checks labels, and that no group stands in two parts
    split = load_task(name, seed=1, n_train=12, n_test=9)
    assert split.name == name and split.kind == ("pairs" if name == "anthropic-hh" else "classes")
    assert [len(split.parts[part]) for part in ("supervisor", "student", "test")] == [12, 12, 9] and len(
        split.fresh
    ) == 2
    for part, table in split.parts.items():
        assert abs(2 * table["label"].sum() - len(table)) <= 1, f"{part} is balanced"
        assert table["text"].is_unique and table["difficulty"].between(0, 1).all()
    assert (
        split.hash
        == load_task(name, seed=1, n_train=12, n_test=9).hash
        != load_task(name, seed=2, n_train=12, n_test=9).hash
    )
    if name in CHOSEN:
        for text, label in zip(split.test["text"], split.test["label"]):
            assert ("yes" in text) == label and ("no " in text) != label, (
                "right answers say yes, wrong ones no, and one is shown"
            )


def test_what_a_text_looks_like():
    def text(name, i=4, place=0):
        return DATASETS[name].read(INVENTED[name](i))[0][place]

    assert text("boolq", 3) == ("On the bat0.\n\nQuestion: is the dog0 old?", 1)
    assert text("openbookqa") == ("Question: A elk0 needs\nAnswer: yes elk0 0", 1) and text(
        "openbookqa", place=1
    ) == ("Question: A elk0 needs\nAnswer: no elk0 1", 0)
    assert text("sciq") == ("Question: What is a elk0?\nAnswer: yes 4", 1)
    assert text("sciq-support") == ("On cat0.\n\nQuestion: What is a elk0?\nAnswer: yes 4", 1)
    assert text("dream")[0].startswith("M: Hi.\nW: A cat0.\n\nQuestion: What 4?\nAnswer: ")
    assert text("anli-r2", 3)[1] == 1 and text("anli-r2", 4)[1] == text("anli-r2", 5)[1] == 0, (
        "neutral is grouped with contradiction"
    )
    assert (
        text("social-iqa", 5) == ("Kai saw cat0.\n\nQuestion: Why 5?\nAnswer: yes 5 2", 1)
        and text("hellaswag", 6)[0] == "A gnu0 is yes gnu0 2"
    )
    assert text("ethics-utilitarianism") == (
        "Is the first more pleasant than the second?\nFirst: I met a elk0.\nSecond: I met a elk0. It bit.",
        1,
    )
    assert text("ethics-virtue", 5) == ("Does the trait fit the person?\nAnn fed the bat0.\nTrait: fox0", 1)
    assert [DATASETS["tweet-eval"].read(INVENTED["tweet-eval"](i))[0] for i in range(3)] == [
        [("so ant0 !!", 0)],
        [],
        [("so cat0 !!", 1)],
    ]


def test_equal_texts_stand_once(tmp_path, capsys):
    """Also with other blanks, or letters that Unicode has twice; each has a group of its own."""
    same = ["so  old", "so\told ", "so old", "so\u00a0old", "\uff53\uff4f old"]
    twins = lambda i, row: {"text": f"{same[i % 5]} {i // 5}", "label": 0} if i < 40 else row
    file = with_rows(tmp_path, "twitter-sentiment", twins)
    read = lambda row: ([(row["text"], row["label"])], (repr(row["text"]),))
    split = load(replace(DATASETS["twitter-sentiment"], read=read), 0, 30, 20, tmp_path)
    assert split.report.rejected == {"same text twice": 32} and split.report.kept == 268
    assert f"32 x {file}, row 2: same text twice" in capsys.readouterr().out
    both = lambda i, row: row | ({"sentence": f"film{' ' * (i % 2)} {i // 2}"} if i < 20 else {})
    with_rows(tmp_path, "sst2", both)
    assert load("sst2", 0, 30, 20, tmp_path).report.rejected == {"same text with both labels": 20}


def test_no_answer_is_none_of_the_above():
    offers = [DATASETS["cosmosqa"].read(INVENTED["cosmosqa"](i))[0] for i in range(8)]
    assert not offers[3] and not offers[7] and all(offers[i] for i in (0, 1, 2)), (
        "a row whose right answer is none of the above cannot be used"
    )
    assert not any("none of the above" in text.lower() for each in offers for text, _ in each)


def test_the_coin_depends_on_the_row_alone(tmp_path):
    entry = DATASETS["openbookqa"]
    file = written(tmp_path, "openbookqa", 300) / entry.id / "main/train.parquet"
    before = examples(entry, "train", 5, tmp_path)
    rows = pq.read_table(file).to_pylist()
    random.Random(0).shuffle(rows)
    pq.write_table(pa.Table.from_pylist(rows[:200]), file)
    after = examples(entry, "train", 5, tmp_path)
    assert set(after["text"]) < set(before["text"]) and list(after["text"]) != list(before["text"][:200]), (
        "in another order, and among fewer rows"
    )
    assert 0.4 < before["label"].mean() < 0.6 and set(examples(entry, "train", 6, tmp_path)["text"]) != set(
        after["text"]
    )
    shown = [toss([("r", 1), ("a", 0), ("b", 0), ("c", 0)], seed)[0] for seed in range(2000)]
    assert abs(shown.count("r") / 2000 - 1 / 2) < 0.04 and all(
        abs(shown.count(wrong) / 2000 - 1 / 6) < 0.03 for wrong in "abc"
    )


def test_linked_groups_stay_together(tmp_path):
    """a-b and b-c share b, so that a and c stand in one part as well."""
    rows = [
        {
            "id": i,
            "sentence1": f"s{i - i % 3 + max(0, i % 3 - 1)}",
            "sentence2": f"t{i - i % 3 + min(1, i % 3)}",
            "label": i % 2,
        }
        for i in range(300)
    ]
    folder = tmp_path / "google-research-datasets/paws/labeled_final"
    folder.mkdir(parents=True)
    for split in ("train", "test"):
        pq.write_table(
            pa.Table.from_pylist(rows if split == "train" else rows[:90]), folder / f"{split}.parquet"
        )
    split = load("paws", 0, 30, 30, tmp_path)
    number = lambda group: {int(name[1:]) // 3 for name in group}
    parts = [set().union(*map(number, table["group"])) for table in split.parts.values()]
    assert sum(map(len, parts)) == len(set().union(*parts)) and parts[-1] <= set(range(30)), (
        "three rows that are linked, and the test split's own, in one part"
    )


def test_what_stands_twice_or_contradicts_is_left_out(tmp_path):
    written(tmp_path, "sst2")
    file = tmp_path / "stanfordnlp/sst2/default/train.parquet"
    rows = pq.read_table(file).to_pylist()
    pq.write_table(pa.Table.from_pylist(rows + [rows[0], {**rows[1], "label": 1 - rows[1]["label"]}]), file)
    split = load("sst2", 0, 36, 10, tmp_path)
    texts = pd.concat(list(split.parts.values()))["text"]
    assert texts.is_unique and rows[1]["sentence"] not in set(texts)


def test_many_rows_are_sampled(tmp_path):
    written(tmp_path, "cola", 150)
    some = examples(DATASETS["cola"], "train", 3, tmp_path, most=40)
    assert len(some) == 40 and list(some["text"]) != list(
        examples(DATASETS["cola"], "train", 3, tmp_path)["text"][:40]
    )
    assert list(some["text"]) == list(examples(DATASETS["cola"], "train", 3, tmp_path, most=40)["text"])


def from_lists(monkeypatch, asked):
    """The hub, as its library would answer."""
    import datasets

    def load_dataset(id, config=None, *, split, revision, data_files=None):
        asked.append((id, config, split, revision, data_files))
        if id == "google/boolq":
            raise RuntimeError("Dataset scripts are no longer supported, but found boolq.py")
        entry = next(entry for entry in DATASETS.values() if entry.id == id)
        # the other split's rows are others
        later = 1000 * splits_of(entry).index(data_files.split("/")[1] if data_files else split)
        return datasets.Dataset.from_list([INVENTED[entry.name](i + later) for i in range(150)])

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    monkeypatch.delenv("W2S_DATA", raising=False)


def test_without_a_folder_rows_come_from_the_hub(monkeypatch, tmp_path):
    asked = []
    from_lists(monkeypatch, asked)
    quail, dream = load_task("quail", n_train=10, n_test=10), load_task("dream", n_train=10, n_test=10)
    pinned = "2bd9d7f90a532fe1a910b70972cef5fda341c8fe"
    assert asked[:2] == [
        ("textmachinelab/quail", "quail", split, pinned, None) for split in ("validation", "train")
    ]
    assert asked[2:] == [
        ("dataset-org/dream", None, "train", "refs/convert/parquet", f"plain_text/{split}/*.parquet")
        for split in ("test", "train")
    ]
    assert (
        quail.hash == load("quail", 0, 10, 10, written(tmp_path, "quail")).hash and len(dream.test) == 10
    ), "the same from files"
    assert len(examples(DATASETS["cola"], "train", most=30)) == 30
    with pytest.raises(
        ConnectionError,
        match="boolq: google/boolq .default, validation, main. cannot be loaded from the hub "
        ".*scripts are no longer supported.*mirror_datasets.py. and name it in W2S_DATA",
    ):
        load_task("boolq")


def test_a_mirror_is_filled_once(monkeypatch, tmp_path, capsys):
    asked = []
    from_lists(monkeypatch, asked)
    only = ["--data", str(tmp_path), "--only", "quail", "--only", "boolq", "--only", "dream"]
    assert mirror_datasets.main(only) == 2, "both splits of boolq do not load"
    said = capsys.readouterr().out
    assert (
        "quail" in said
        and "150 of 150 rows" in said
        and "DOES NOT LOAD" in said
        and "no longer supported" in said
        and "4 of 6 splits" in said
    )
    assert not list(tmp_path.rglob("*.tmp*")) and load("quail", 0, 10, 10, tmp_path).name == load(
        "dream", 0, 10, 10, tmp_path
    ).name.replace("dream", "quail")
    assert (
        mirror_datasets.main(only) == 2 and "is there" in capsys.readouterr().out and len(asked) == 4 + 2 + 2
    ), "what is there is not fetched again"
    mirror_datasets.main(["--data", str(tmp_path), "--only", "quail", "--most", "20", "--again"])
    assert pq.read_table(tmp_path / "textmachinelab/quail/quail/train.parquet").num_rows == 20
    with pytest.raises(SystemExit):
        mirror_datasets.main(["--data", str(tmp_path), "--only", "quali"])
    assert "did you mean 'quail'" in capsys.readouterr().err
