"""Questions with two answers from files of one's own: `rows:FILE`."""

import gzip
import json

import pandas as pd
import pytest
from own_files import SIZES, saved, table

from w2s_kit.tasks import files_of, load_task, own_task
from w2s_kit.tasks.own.name import Asked, asked


def labels_of(split):
    """The label of each text, over all parts."""
    return {text: label for part in split.parts.values() for text, label in zip(part["text"], part["label"])}


@pytest.mark.parametrize(
    "name", ["a.csv", "a.csv.gz", "a.csv.zst", "a.jsonl", "a.jsonl.gz", "a.json", "a.parquet"]
)
def test_a_file_of_any_kind_is_a_task(tmp_path, capsys, name):
    frame = table()
    split = load_task(saved(frame, tmp_path / name), seed=1, **SIZES)
    assert split.kind == "classes" and [len(part) for part in split.parts.values()] == [20] * 5
    truth = dict(zip(frame["text"], frame["label"]))
    assert (
        all(truth[text] == label for text, label in labels_of(split).items()) and len(labels_of(split)) == 100
    )
    for part in split.parts.values():
        assert part["label"].sum() == 10 and part["difficulty"].between(0, 1).all()
    assert capsys.readouterr().out == "" and split.report.kept == 200
    again = load_task(f"rows:{tmp_path / name}", seed=1, **SIZES)
    assert split.hash == again.hash != load_task(f"rows:{tmp_path / name}", seed=2, **SIZES).hash


@pytest.mark.parametrize(
    "words, told",
    [
        (("no", "yes"), "'yes' -> 1, 'no' -> 0"),
        (("neg", "pos"), "'pos' -> 1, 'neg' -> 0"),
        (("False", "True"), "'true' -> 1, 'false' -> 0"),
        ((False, True), "'true' -> 1, 'false' -> 0"),
        (("ham", "spam"), "'spam' -> 1, 'ham' -> 0"),
        ((0.0, 1.0), ""),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_words_become_labels_and_it_is_told(tmp_path, capsys, words, told, kind):
    frame = table()
    name = saved(frame.assign(label=[words[label] for label in frame["label"]]), tmp_path / f"a.{kind}")
    split = load_task(name, **SIZES)
    assert labels_of(split).items() <= dict(zip(frame["text"], frame["label"])).items()
    assert (told in capsys.readouterr().out) and (not told or f"labels: {told}" in split.report.notes)


def test_more_than_two_classes_are_refused_with_the_way_out(tmp_path, capsys):
    frame = table(300)
    frame["label"] = [("no", "yes", "maybe")[i % 3] for i in range(300)]
    name = saved(frame, tmp_path / "a.csv")
    with pytest.raises(
        ValueError, match=r"3 classes: 'no' \(100 rows\).*a.csv\?positive=no makes 'no' label 1.*&neg"
    ):
        load_task(name, **SIZES)
    rest = load_task(f"{name}?positive=Yes", **SIZES)
    assert (
        labels_of(rest).items() <= {t: int(w == "yes") for t, w in zip(frame["text"], frame["label"])}.items()
    )
    assert "'Yes' -> 1, all others -> 0" in capsys.readouterr().out
    two = load_task(f"{name}?positive=maybe&negative=yes", **SIZES)
    wanted = {text: int(word == "maybe") for text, word in zip(frame["text"], frame["label"]) if word != "no"}
    assert labels_of(two).items() <= wanted.items() and two.report.read == two.report.kept == 200
    assert "100 rows of other classes are left out" in capsys.readouterr().out
    with pytest.raises(ValueError, match="unknown class 'mabe'; did you mean 'maybe'"):
        load_task(f"{name}?positive=mabe", **SIZES)  # codespell:ignore mabe


@pytest.mark.parametrize(
    "labels, message",
    [
        ([0, 1, 2], r"3 classes"),
        ([1, 2], r"which is 1 is a guess\. Which of them is 1\? Say it, as in .*\?positive=1"),
        ([0.3, 0.9, 1.0, 0.0], r"soft in 100 of 200 rows, as '0.3'.*run_labels"),
        ([1, -1], r"100 labels are -1.*Where -1 is a class.*\?positive=1"),
        (["spam"], r"there is one class: 'spam' \(200 rows\)\. Is this the column of labels"),
        ([1], r"every label is 1, and a task needs both classes"),
    ],
)
def test_labels_that_make_no_task(tmp_path, labels, message):
    frame = table().assign(label=[labels[i % len(labels)] for i in range(200)])
    with pytest.raises(ValueError, match=message):
        load_task(saved(frame, tmp_path / "a.csv"), **SIZES)


def test_minus_one_may_be_a_class(tmp_path):
    frame = table()
    name = saved(frame.assign(label=frame["label"] * 2 - 1), tmp_path / "a.csv")
    split = load_task(f"{name}?positive=1", **SIZES)
    assert labels_of(split).items() <= dict(zip(frame["text"], frame["label"])).items()


def test_rows_that_cannot_be_used_are_told_with_their_place(tmp_path, capsys):
    frame = table().astype({"label": object})
    frame.loc[[3, 4, 5, 6], "label"] = ["", "0.5", "-1", "0"]
    frame.loc[[7, 8, 9], "text"] = [" ", "question 11 ?", "question  12 ?"]
    name = saved(frame, tmp_path / "a.csv")  # 8 is the text of 11 with another label, 9 that of 12
    split = load_task(name, n_train=60, n_test=40)
    assert split.report.rejected == {
        "empty text": 1,
        "no label": 1,
        "label between classes": 1,
        "hidden label": 1,
        "same text with both labels": 4,
    }
    assert split.report.read == 200 == split.report.kept + split.report.rejected.total()
    said = capsys.readouterr().out
    for told in (
        "a.csv, row 9: empty text: text is empty",
        "a.csv, row 5: no label: label is ''; fill it in",
    ):
        assert told in said
    assert not {"question 11 ?", "question  12 ?", "question 12 ?"} & set(labels_of(split))
    (tmp_path / "b.csv").write_text("text,label\n" + ",1\n" * 9 + "a,0\n")
    with pytest.raises(ValueError, match="more than half of the rows were rejected"):
        load_task(f"rows:{tmp_path / 'b.csv'}", **SIZES)


def test_the_same_row_twice_is_no_fault(tmp_path):
    name = saved(pd.concat([table(130)] * 3), tmp_path / "a.csv")
    split = load_task(name, **SIZES)
    assert split.report.rejected == {"same text twice": 260} and len(split.fresh) == 2


def test_uneven_classes_are_balanced_and_told(tmp_path, capsys):
    frame = table(400).assign(label=[int(i % 4 == 0) for i in range(400)])
    split = load_task(saved(frame, tmp_path / "a.csv"), **SIZES)
    assert all(part["label"].mean() == 0.5 for part in split.parts.values())
    assert "300 examples with label 0, 100 with label 1" in capsys.readouterr().out


def test_too_few_rows_say_how_many_there_are_and_what_would_do(tmp_path):
    name = saved(table(60), tmp_path / "a.csv")
    with pytest.raises(
        ValueError, match="30 with label 0 and 30 with label 1; what fits is n_train=20 and n_test=20"
    ):
        load_task(name, n_train=30, n_test=30)
    for seed in range(20):  # all of it, whatever the seed
        assert len(load_task(name, seed, **SIZES).test) == 20


def test_rows_of_a_group_stand_in_one_part(tmp_path):
    frame = table(400, group=[f"author {i // 8}" for i in range(400)])
    split = load_task(saved(frame, tmp_path / "a.csv"), n_train=60, n_test=60)
    author = dict(zip(frame["text"], frame["group"]))
    parts = [{author[text] for text in part["text"]} for part in split.parts.values()]
    assert sum(map(len, parts)) == len(set().union(*parts)) and split.test["group"].iloc[0][0].startswith(
        "author"
    )
    frame.loc[5, "group"] = None
    split = load_task(saved(frame, tmp_path / "a.csv"), n_train=60, n_test=60)
    assert split.report.rejected == {"no group": 1}
    with pytest.raises(ValueError, match="the largest of 2 groups has 200 rows"):
        load_task(saved(frame.assign(group=frame.index % 2), tmp_path / "a.csv"), n_train=60, n_test=60)
    assert len(load_task(f"rows:{tmp_path / 'a.csv'}?group=", n_train=60, n_test=60).test) == 60


def test_a_list_of_groups_links_rows(tmp_path):
    rows = [
        {"text": f"t {i}", "label": i % 2, "group": [f"a{i // 4}", f"b{(i + 2) // 4}"]} for i in range(400)
    ]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    with pytest.raises(ValueError, match="the largest of 1 groups has 400 rows"):
        load_task(f"rows:{tmp_path / 'a.json'}", **SIZES)


def test_columns_of_other_names(tmp_path):
    frame = pd.DataFrame(
        {
            "passage": [f"passage {i}" for i in range(200)],
            "is it+so?": [f"question {i}" for i in range(200)],
            "answer": ["yes", "no"] * 100,
            "author": [i // 4 for i in range(200)],
        }
    )
    name = saved(frame, tmp_path / "a.csv")
    split = load_task(f"{name}?text=passage+is it%2Bso?&label=answer&group=author", **SIZES)
    number = split.test["text"].iloc[0].rpartition(" ")[2]
    assert split.test["text"].iloc[0] == f"passage {number}\n\nquestion {number}"
    assert split.test["group"].iloc[0] == (str(int(number) // 4),)
    for wrong, message in (
        ("?text=passge&label=answer", "unknown column 'passge'; did you mean 'passage'"),
        (
            "?text=passage&label=answer&group=authr",
            "unknown column 'authr'; did you mean 'author'",
        ),
        ("?label=answer", "unknown column 'text'.*Known: passage.*rows:FILE.text=question&label=answer"),
        (
            "?text=passage&labe=answer",
            "unknown option 'labe'; did you mean 'label'",
        ),
        ("?text=passage&text=answer", "text= stands there twice"),
        ("?text=passage&label=", "label= is empty"),
        ("?text=passage&label=answer&negative=no", "negative= goes with positive="),
    ):
        with pytest.raises(ValueError, match=message):
            load_task(name + wrong, **SIZES)


def test_a_question_mark_may_stand_in_a_path(tmp_path):
    assert asked("rows:what?.csv") == Asked("what?.csv")
    assert asked("rows:a?b=c/what?.csv?label=is it ?") == Asked("a?b=c/what?.csv", label="is it ?")
    (tmp_path / "odd?label=x.csv").write_text("")
    assert asked(f"rows:{tmp_path}/odd?label=x.csv") == Asked(f"{tmp_path}/odd?label=x.csv")


def test_an_unknown_task_that_is_a_file_says_which_prefix(tmp_path):
    saved(table(), tmp_path / "gap.csv")
    for name in (f"{tmp_path}/gap.csv", f"csv:{tmp_path}/gap.csv", f"{tmp_path}/gap.csv?label=a"):
        with pytest.raises(ValueError, match=f"there is such a file.*'rows:{tmp_path}/gap.csv'"):
            load_task(name)
    with pytest.raises(ValueError, match="unknown task 'rws:gap.csv'; did you mean 'rows:FILE'"):
        load_task("rws:gap.csv")
    with pytest.raises(ValueError, match="no such file"):
        load_task("rows:none.csv")


def test_a_table_in_memory_gets_a_name_by_its_content(tmp_path):
    frame = table(label=["no", "yes"] * 100)
    name = own_task(frame, "mine", tmp_path / "data")
    assert name == own_task(frame, "mine", tmp_path / "data") and files_of(name)[0].read_bytes()
    assert labels_of(load_task(name, **SIZES)).items() <= dict(zip(table()["text"], table()["label"])).items()
    assert own_task(frame[::-1], "mine", tmp_path / "data") != name
    assert load_task(own_task(frame.rename(columns={"text": "q"}), folder=tmp_path) + "?text=q", **SIZES)
    for wrong in (frame[:0], "text", pd.concat([frame, frame], axis=1)):
        with pytest.raises(ValueError, match=r"a table with rows or a split, not|stand twice"):
            own_task(wrong, folder=tmp_path)
    with pytest.raises(ValueError, match="no folder in it"):
        own_task(frame, "a/b", tmp_path)


def test_a_table_or_a_split_stands_for_its_name(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    split = load_task(table(300, group=[f"g{i // 2}" for i in range(300)]), **SIZES)
    assert split.name in capsys.readouterr().out and files_of(split.name)[0].is_file()
    again = load_task(split, **SIZES)  # all its rows, in the same parts
    for part in ("supervisor", "student", "test"):
        assert sorted(again.parts[part]["text"]) == sorted(split.parts[part]["text"])
    with pytest.raises(ValueError, match="chess: a split of choices does not fit"):
        load_task(load_task("chess", n_train=4, n_test=4))
    for wrong in (None, 5, ["edible"]):
        with pytest.raises(ValueError, match="a task is a name, a table with rows or a split"):
            load_task(wrong)


def test_packed_files_are_found_for_the_store(tmp_path):
    with gzip.open(tmp_path / "train.csv.gz", "wt") as file:
        table().to_csv(file, index=False)
    saved(table(100, text=[f"another {i}" for i in range(100)]), tmp_path / "test.jsonl")
    assert [file.name for file in files_of(f"rows:{tmp_path}?label=label")] == ["test.jsonl", "train.csv.gz"]
    assert files_of("rows:owner/name:train+test") == files_of("edible") == []
