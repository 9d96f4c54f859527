"""Parts that files, folders, columns and datasets of the hub name: what stands in which part of the split."""

import pandas as pd
import pytest
from own_files import SIZES, saved, table

from w2s_kit.tasks import load_task


def part_of(n, word, **columns):
    """A table whose texts say what part they are from."""
    return table(n, text=[f"{word} {i}" for i in range(n)], **columns)


def come_from(split):
    """For each part, the words that its texts begin with."""
    return {part: set(rows["text"].str.split().str[0]) for part, rows in split.parts.items()}


def folder(tmp_path, **parts):
    for name, frame in parts.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    return f"rows:{tmp_path}"


HALVES = {"supervisor": {"train"}, "student": {"train"}, "fresh1": {"train"}, "fresh2": {"train"}}


@pytest.mark.parametrize("held_out", ["test", "validation", "dev"])
def test_train_and_test_of_a_folder(tmp_path, capsys, held_out):
    name = folder(tmp_path, train=part_of(200, "train"), **{held_out: part_of(60, "held")})
    (tmp_path / "README.md").write_text("about the data")
    split = load_task(name, **SIZES)
    assert come_from(split) == HALVES | {"test": {"held"}} and len(split.test) == 20
    said = capsys.readouterr().out
    assert "train.csv -> supervisor and student" in said and f"{held_out}.csv -> test" in said


def test_validation_is_left_out_where_there_is_a_test(tmp_path, capsys):
    parts = {word: part_of(200, word) for word in ("train", "test", "validation")}
    split = load_task(folder(tmp_path, **parts), **SIZES)
    assert come_from(split) == HALVES | {"test": {"test"}} and split.report.read == 400
    assert "validation.csv -> left out" in capsys.readouterr().out


def test_three_files_are_the_three_parts(tmp_path):
    parts = {word: part_of(40, word) for word in ("supervisor", "student", "test")}
    split = load_task(folder(tmp_path, **parts), **SIZES)
    assert come_from(split) == {word: {word} for word in parts} and not split.fresh
    with pytest.raises(
        ValueError, match=r"supervisor: 60 examples .*20 of label 0 .*at most 40.*in student: 20"
    ):
        load_task(f"rows:{tmp_path}", n_train=60, n_test=20)


@pytest.mark.parametrize(
    "words", [("train", "test"), ("supervisor", "student", "test"), ("Training", "VALID")]
)
def test_a_column_names_the_parts(tmp_path, words):
    frame = pd.concat([part_of(100, word).assign(part=word) for word in words])
    split = load_task(saved(frame.rename(columns={"part": "split"}), tmp_path / "a.csv"), **SIZES)
    expected = [set(words[:-1]) & found for found in come_from(split).values()]
    assert come_from(split)["test"] == {words[-1]} and all(expected[:2])
    saved(frame, tmp_path / "b.csv")
    assert come_from(load_task(f"rows:{tmp_path}/b.csv?split=part", **SIZES))["test"] == {words[-1]}
    assert come_from(load_task(f"rows:{tmp_path}/a.csv?split=", **SIZES))["test"] == set(words), "as one"


def test_parts_that_make_no_split(tmp_path):
    for words, message in (
        (("supervisor", "test"), "the parts are supervisor, test"),
        (("supervisor", "student"), "there is no test"),
        (("supervisor", "student", "train", "test"), "Give train and test, or supervisor, student and test"),
        (("test",), "nothing to learn from"),
        (("train", "somewhere"), "unknown part 'somewhere'.*write .split= after the file"),
    ):
        frame = pd.concat([part_of(100, word).assign(split=word) for word in words])
        with pytest.raises(ValueError, match=message):
            load_task(saved(frame, tmp_path / "a.csv"), **SIZES)
    with pytest.raises(ValueError, match="no file train and no file test"):
        load_task(f"rows:{tmp_path}")
    name = folder(tmp_path, train=part_of(100, "train"), test=part_of(100, "test"))
    with pytest.raises(ValueError, match="the files are parts already"):
        load_task(f"{name}?split=label", **SIZES)
    (tmp_path / "train.jsonl").write_text("{}")
    with pytest.raises(ValueError, match="train.csv, train.jsonl are all the part 'train'"):
        load_task(name, **SIZES)


def test_files_in_pieces_are_one_part(tmp_path):
    for i in range(2):
        part_of(60, f"train{i}").to_parquet(tmp_path / f"train-0000{i}-of-00002.parquet")
    part_of(60, "test").to_parquet(tmp_path / "test-00000-of-00001.parquet")
    assert come_from(load_task(f"rows:{tmp_path}", **SIZES))["student"] == {"train0", "train1"}


@pytest.mark.parametrize("spoiled", ["text", "label"])
def test_a_part_whose_rows_cannot_be_used_is_not_made_of_others(tmp_path, spoiled):
    """Most competitions hide the labels of the test, as -1."""
    test = part_of(60, "test").assign(**{spoiled: {"text": " ", "label": -1}[spoiled]})
    frames = {"train": part_of(200, "train"), "test": test}
    whole = pd.concat([frame.assign(split=word) for word, frame in frames.items()])
    message = {
        "text": "/test: 20 examples are asked for.*there are 0 of label 0",
        "label": "all labels of .* are hidden .*, so it is no test",
    }[spoiled]
    for name in (folder(tmp_path, **frames), saved(whole, tmp_path / "whole.jsonl")):
        with pytest.raises(ValueError, match=message):
            load_task(name, **SIZES)


def test_groups_are_named_in_all_files_or_in_none(tmp_path):
    train, test = part_of(200, "train", group=[i // 2 for i in range(200)]), part_of(60, "test")
    name = folder(tmp_path, train=train, test=test)
    with pytest.raises(ValueError, match="train.csv has a column of groups, and test.csv has none.*.group="):
        load_task(name, **SIZES)
    assert come_from(load_task(f"{name}?group=", **SIZES))["test"] == {"test"}


def test_a_group_of_the_test_is_left_out_of_training(tmp_path, capsys):
    """Groups 0 to 9 stand in train and in test; of the texts, some stand in both."""
    train = part_of(200, "train", group=[f"g{i // 4}" for i in range(200)])
    test = part_of(100, "test", group=[f"g{i // 4 + 40}" for i in range(100)])
    split = load_task(folder(tmp_path, train=train, test=test), **SIZES)
    groups = {part: {name for group in rows["group"] for name in group} for part, rows in split.parts.items()}
    crossing = {f"g{i}" for i in range(40, 50)}
    assert not crossing & (groups["supervisor"] | groups["student"]) and crossing & groups["test"]
    assert (
        "40 rows of train are left out, since their 10 groups stand in another part"
        in capsys.readouterr().out
    )


def test_of_three_parts_the_later_one_keeps_a_group(tmp_path, capsys):
    parts = {
        "supervisor": part_of(80, "supervisor", group=[f"g{i // 4}" for i in range(80)]),
        "student": part_of(80, "student", group=[f"g{i // 4 + 15}" for i in range(80)]),
        "test": part_of(80, "test", group=[f"g{i // 4 + 30}" for i in range(80)]),
    }
    split = load_task(folder(tmp_path, **parts), **SIZES)
    groups = {part: {name for group in rows["group"] for name in group} for part, rows in split.parts.items()}
    assert groups["supervisor"] <= {f"g{i}" for i in range(15)}
    assert groups["student"] <= {f"g{i}" for i in range(15, 30)}
    said = capsys.readouterr().out
    assert "20 rows of supervisor are left out" in said and "20 rows of student are left out" in said


def test_a_text_of_the_test_stays_there(tmp_path, capsys):
    train = part_of(100, "train")
    test = pd.concat([part_of(60, "test"), train[:40]])
    split = load_task(folder(tmp_path, train=train, test=test), **SIZES)
    assert split.report.rejected == {"same text twice": 40}
    learned = set(split.supervisor["text"]) | set(split.student["text"])
    assert (
        not learned & set(train["text"][:40])
        and "train.csv, row 2: same text twice" in capsys.readouterr().out
    )


def test_a_dataset_of_the_hub(tmp_path, monkeypatch):
    """From a folder that mirrors it, and as the hub's library hands it out."""
    import datasets

    where = tmp_path / "owner" / "name" / "default"
    where.mkdir(parents=True)
    frames = {word: part_of(200, word).rename(columns={"label": "answer"}) for word in ("train", "test")}
    for word, frame in frames.items():
        frame.to_parquet(where / f"{word}.parquet")
    monkeypatch.setenv("W2S_DATA", str(tmp_path))
    whole = load_task("rows:owner/name?label=answer", **SIZES)
    assert come_from(whole) == HALVES | {"test": {"train"}}
    both = load_task("rows:owner/name@main:train+test?label=answer", **SIZES)
    assert come_from(both) == HALVES | {"test": {"test"}}
    monkeypatch.delenv("W2S_DATA")
    asked = []

    def load_dataset(name, config, split, revision):
        asked.append((name, split, revision))
        frame = frames[split]
        return datasets.Dataset.from_pandas(frame.assign(text=["", *frame["text"][1:]]))

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    live = load_task("rows:owner/name@v1:train+test?label=answer", **SIZES)
    assert asked == [("owner/name", "train", "v1"), ("owner/name", "test", "v1")]
    assert come_from(live) == HALVES | {"test": {"test"}}
    assert any(told.startswith("owner/name@v1:test, row") for told in live.report.examples["empty text"])
    with pytest.raises(ValueError, match="unknown part 'trian'; did you mean 'train'"):
        load_task("rows:owner/name:trian+test?label=answer")  # codespell:ignore trian


def test_a_config_of_a_dataset_of_the_hub(tmp_path, monkeypatch):
    """The rows of one config, from a mirror and from the hub; without a name only where there is one only."""
    import datasets

    frames = {config: part_of(200, config) for config in ("cola", "sst2")}
    for config, frame in frames.items():
        (tmp_path / "owner" / "name" / config).mkdir(parents=True)
        frame.to_parquet(tmp_path / "owner" / "name" / config / "train.parquet")
    monkeypatch.setenv("W2S_DATA", str(tmp_path))
    for config in frames:
        split = load_task(f"rows:owner/name?config={config}", **SIZES)
        assert come_from(split) == dict.fromkeys(split.parts, {config})
    with pytest.raises(
        ValueError, match="config cola has the splits train; config sst2 has the splits train"
    ):
        load_task("rows:owner/name", **SIZES)
    (tmp_path / "owner/name/sst2/train.parquet").unlink()
    only = load_task("rows:owner/name", **SIZES)
    assert come_from(only)["test"] == {"cola"}
    monkeypatch.delenv("W2S_DATA")
    asked = []

    def load_dataset(name, config, split, revision):
        asked.append((name, config, split))
        return datasets.Dataset.from_pandas(frames[config])

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    assert come_from(load_task("rows:owner/name:train?config=sst2", **SIZES))["student"] == {"sst2"}
    assert asked == [("owner/name", "sst2", "train")]


def test_a_file_has_no_config(tmp_path):
    name = saved(part_of(200, "a"), tmp_path / "mine.csv")
    with pytest.raises(ValueError, match="only datasets of the hub have a config: leave it out"):
        load_task(f"{name}?config=cola", **SIZES)
