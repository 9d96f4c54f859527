"""Datasets as their authors publish them: named classes, hidden tests, lists of turns, one split, configs."""

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hub_rows import HUB
from own_files import SIZES, saved, table

from w2s_kit.tasks import load_task
from w2s_kit.tasks.hub import DATA


def published(frame, path, **classes):
    """The frame as a parquet file of the hub, with the names of the classes of some columns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    features = {column: {"names": names, "_type": "ClassLabel"} for column, names in classes.items()}
    told = {b"huggingface": json.dumps({"info": {"features": features}}).encode()}
    pq.write_table(pa.Table.from_pandas(frame).replace_schema_metadata(told), path)
    return f"rows:{path}"


THREE = ["entailment", "neutral", "contradiction"]


def test_classes_are_called_by_their_published_names(tmp_path, capsys):
    frame = table(300, label=[i % 3 for i in range(300)])
    name = published(frame, tmp_path / "nli.parquet", label=THREE)
    split = load_task(f"{name}?positive=Entailment&negative=contradiction", **SIZES)
    truth = dict(zip(frame["text"], frame["label"]))
    assert all(truth[t] == (0 if label else 2) for t, label in zip(split.test["text"], split.test["label"]))
    assert "100 rows of other classes are left out" in capsys.readouterr().out
    by_number = load_task(f"{name}?positive=0&negative=2", **SIZES)
    assert by_number.test["text"].tolist() == split.test["text"].tolist()
    with pytest.raises(ValueError, match="3 classes: 'entailment' .*positive=entailment makes 'entailment'"):
        load_task(name, **SIZES)


def test_of_two_named_classes_the_number_decides(tmp_path):
    """In the alphabet, "unacceptable" is the second; the dataset says that it is 0."""
    frame = table(200)
    split = load_task(
        published(frame, tmp_path / "cola.parquet", label=["unacceptable", "acceptable"]), **SIZES
    )
    truth = dict(zip(frame["text"], frame["label"]))
    assert [truth[text] for text in split.test["text"]] == split.test["label"].tolist()


def test_names_of_classes_come_from_the_hub_too(monkeypatch):
    import datasets

    labels = datasets.Features(text=datasets.Value("string"), label=datasets.ClassLabel(names=THREE))
    rows = datasets.Dataset.from_pandas(table(300, label=[i % 3 for i in range(300)]), features=labels)
    monkeypatch.setattr(datasets, "load_dataset", lambda *name, **where: rows)
    monkeypatch.delenv(DATA, raising=False)
    split = load_task("rows:owner/name?positive=neutral", **SIZES)
    number = split.test["text"].str.extract(r"(\d+)")[0].astype(int)
    assert ((number % 3 == 1) == split.test["label"].astype(bool)).all()


def test_where_the_test_is_hidden_the_validation_is_the_test(tmp_path, capsys):
    for word in ("train", "test", "validation"):
        frame = table(200, text=[f"{word} {i}" for i in range(200)])
        frame.assign(label=-1 if word == "test" else frame["label"]).to_csv(tmp_path / f"{word}.csv")
    split = load_task(f"rows:{tmp_path}", **SIZES)
    assert set(split.test["text"].str.split().str[0]) == {"validation"}
    assert (
        "test.csv is left out, since all its 200 labels are hidden (-1 or nothing)" in capsys.readouterr().out
    )


@pytest.mark.parametrize("hidden", [None, "", "no column"])
def test_a_hidden_test_may_have_no_labels_at_all(hidden, tmp_path, capsys):
    for word in ("train", "dev", "test"):
        frame = table(200, text=[f"{word} {i}" for i in range(200)])
        if word == "test":
            frame = frame.assign(label=hidden) if hidden != "no column" else frame.drop(columns="label")
        saved(frame, tmp_path / f"{word}.jsonl")
    split = load_task(f"rows:{tmp_path}", **SIZES)
    assert set(split.test["text"].str.split().str[0]) == {"dev"}
    assert "test.jsonl is left out, since all its 200 labels are hidden" in capsys.readouterr().out
    (tmp_path / "dev.jsonl").unlink()
    with pytest.raises(ValueError, match="all labels of test.jsonl are hidden.*that has labels alone"):
        load_task(f"rows:{tmp_path}", **SIZES)
    saved(table().drop(columns="label"), tmp_path / "train.jsonl")
    with pytest.raises(ValueError, match="train.jsonl: unknown column 'label'"):
        load_task(f"rows:{tmp_path}", **SIZES)


def test_what_stands_inside_a_cell_has_a_name(tmp_path):
    rows = [
        {"data": {"q": f"question {i}", "choice": ["a", "b"]}, "gold": {"label": i % 2}} for i in range(200)
    ]
    name = saved(pd.DataFrame(rows), tmp_path / "nested.jsonl")
    split = load_task(f"{name}?text=data.q+data.choice&label=gold.label", **SIZES)
    assert split.test["text"].str.fullmatch(r"question \d+\n\na\nb").all()
    with pytest.raises(ValueError, match="no text: data.p is None"):
        load_task(f"{name}?text=data.p&label=gold.label", **SIZES)
    with pytest.raises(ValueError, match="unknown column 'dat.q'; did you mean 'data'"):
        load_task(f"{name}?text=dat.q&label=gold.label", **SIZES)


def test_messages_are_lines_with_their_roles(tmp_path):
    said = lambda i: [{"role": "user", "content": f"question {i}"}, {"role": "assistant", "content": "well"}]
    name = saved(table(200, text=[said(i) for i in range(200)]), tmp_path / "chats.jsonl")
    assert load_task(name, **SIZES).test["text"].str.fullmatch(r"user: question \d+\nassistant: well").all()
    name = saved(table(200, text=[[{"from": "user"}]] * 200), tmp_path / "other.jsonl")
    with pytest.raises(ValueError, match="no text: text is"):
        load_task(name, **SIZES)


def test_turns_of_a_dialogue_are_lines(tmp_path):
    frame = table(200, text=[[f"M: question {i}", "W: well"] for i in range(200)])
    split = load_task(saved(frame, tmp_path / "dialogues.parquet"), **SIZES)
    assert split.test["text"].str.fullmatch(r"M: question \d+\nW: well").all()


def test_an_empty_column_may_be_left_out(tmp_path):
    name = saved(table(200, title=""), tmp_path / "reviews.csv")
    with pytest.raises(ValueError, match=r"title is empty; .* leave the column out of \?text="):
        load_task(f"{name}?text=title+text", **SIZES)


def test_a_folder_of_folders_names_them(tmp_path):
    for config in ("cola", "sst2"):
        saved_in = tmp_path / config
        saved_in.mkdir()
        table().to_csv(saved_in / "train.csv")
    with pytest.raises(ValueError, match="one of the folders in it: cola, sst2"):
        load_task(f"rows:{tmp_path}", **SIZES)


def test_only_a_validation(tmp_path):
    table().to_csv(tmp_path / "validation.csv")
    with pytest.raises(ValueError, match="nothing to learn from. Name a file or one split"):
        load_task(f"rows:{tmp_path}", **SIZES)


def test_a_split_that_is_not_there_names_those_that_are(tmp_path, monkeypatch):
    published(table(), tmp_path / "owner/name/default/validation.parquet")
    monkeypatch.setenv(DATA, str(tmp_path))
    with pytest.raises(
        ValueError, match="config default has the splits validation. .* owner/name:validation\\)"
    ):
        load_task("rows:owner/name", **SIZES)
    published(table(), tmp_path / "owner/name/other/test.parquet")
    with pytest.raises(ValueError, match=r"Name one, as in owner/name:train\?config=\w+\)"):
        load_task("rows:owner/name?config=absent", **SIZES)


@pytest.mark.parametrize("names", [("train_r2", "dev_r2"), ("train", "validation_matched")])
def test_splits_of_a_kind_have_further_words_in_their_names(names, tmp_path, monkeypatch):
    for word in names:
        published(
            table(text=[f"{word} {i}" for i in range(200)]), tmp_path / f"owner/name/default/{word}.parquet"
        )
    monkeypatch.setenv(DATA, str(tmp_path))
    split = load_task(f"rows:owner/name:{'+'.join(names)}", **SIZES)
    assert set(split.test["text"].str.split().str[0]) == {names[1]}


@pytest.mark.parametrize("shards", ["train-0000{}-of-00002-ab12ef.parquet", "train_{}.jsonl", "train-{}.csv"])
def test_shards_are_one_part(shards, tmp_path):
    for i in range(2):
        saved(table(text=[f"shard {i}, text {j}" for j in range(200)]), tmp_path / shards.format(i))
    assert load_task(f"rows:{tmp_path}", **SIZES).report.kept == 400


def test_texts_as_labels_are_no_classes(tmp_path):
    name = saved(table(200, answer=[f"because {i} " * 50 for i in range(200)]), tmp_path / "gsm.jsonl")
    with pytest.raises(
        ValueError, match="there are 200 classes in 200 rows.*Is this the column of labels"
    ) as it:
        load_task(f"{name}?label=answer", **SIZES)
    assert len(str(it.value)) < 500


def test_a_dataset_that_the_kit_knows_is_named(tmp_path, monkeypatch):
    choices = [{"text": ["a", "b"], "label": ["A", "B"]}] * 200
    frame = pd.DataFrame(
        {"question_stem": [f"q {i}" for i in range(200)], "choices": choices, "answerKey": "A"}
    )
    published(frame, tmp_path / "allenai/openbookqa/main/train.parquet")
    monkeypatch.setenv(DATA, str(tmp_path))
    with pytest.raises(
        ValueError, match="no text: choices is .*The kit reads this dataset by itself, as openbookqa"
    ):
        load_task("rows:allenai/openbookqa?text=question_stem+choices&label=answerKey&positive=A", **SIZES)


@pytest.mark.skipif(not HUB.is_dir(), reason="real rows are not part of the project")
@pytest.mark.parametrize(
    "line",
    [
        "stanfordnlp/sst2:train+validation?text=sentence",
        "nyu-mll/glue:train+validation?config=cola&text=sentence",
        "google/boolq:validation?text=passage+question&label=answer&group=passage",
        "facebook/anli:dev_r2?text=premise+hypothesis&positive=entailment",
        "hendrycks/ethics:train+test?config=justice&text=scenario",
        "hendrycks/ethics:train+test?config=deontology&text=scenario+excuse&group=scenario",
        "aps/super_glue:train+validation?config=multirc&text=paragraph+question+answer&group=paragraph",
        "cardiffnlp/tweet_eval:test?config=sentiment&positive=positive&negative=negative",
        "other/hatn-amazon-reviews:train+test?text=content",
        "baber/piqa:validation?text=goal+sol1+sol2",
        "lighteval/siqa:validation?text=context+question+answerA+answerB+answerC&positive=1",
        "Samsoup/cosmos_qa:validation?text=context+question+answer0+answer1+answer2+answer3&positive=0",
    ],
)
def test_a_dozen_real_datasets_by_one_line_each(line, monkeypatch):
    monkeypatch.setenv(DATA, str(HUB))
    split = load_task(f"rows:{line}", n_train=150, n_test=60)
    assert split.report.kept > 0.9 * split.report.read > 300
    assert all(rows["label"].mean() == 0.5 for rows in split.parts.values())
