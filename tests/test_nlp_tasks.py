"""The datasets of the paper: formatters on invented rows of the hub's shape, and on real ones where they are."""

import json
import random
from dataclasses import replace
from pathlib import Path

import measure_leaks
import mirror_datasets
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from w2s_kit.leaks import leaks
from w2s_kit.tasks import SEPARATOR, Split, load_task, nlp, task_names
from w2s_kit.tasks.nlp import DATASETS, MORE, PAPER, examples, load, splits_of, toss

HUB = Path(__file__).parents[2] / "shared/data/hub"
here = pytest.mark.skipif(not HUB.exists(), reason="shared data is not here")
WORDS = "ant bat cat dog elk fox gnu hen ibis jay kiwi lynx mole newt owl pig quail rat swan toad".split()


def word(i: int) -> str:
    return f"{WORDS[i % 20]}{i // 20}"


def four(i: int, letters: bool = True) -> dict:
    """Four answers, of which the one at place i % 4 is right."""
    return {"text": [f"{'yes' if j == i % 4 else 'no'} {word(i)} {j}" for j in range(4)], "label": list("ABCD")}


# one invented row of each dataset, in the hub's columns; questions i and i + 1 (i even) share what they are about
INVENTED = {
    "boolq": lambda i: {"question": f"is the {word(i)} old", "answer": i % 3 == 0, "passage": f"On the {word(i // 2)}."},
    "cosmosqa": lambda i: {"id": str(i), "context": f"A {word(i // 2)} ran .", "question": f"Why {word(i)} ?", "label": i % 4,
                           **{f"answer{j}": "None of the above choices ." if j == 3 else four(i)["text"][j] for j in range(4)}},
    "dream": lambda i: {"id": i, "dialogue_id": str(i), "dialogue": ["M: Hi.", f"W: A {word(i // 2)}."], "question": f"What {i}?",
                           "choice": four(i)["text"][:3] if i % 4 < 3 else four(i)["text"][1:],
                        "answer": four(i)["text"][i % 4]},
    "ethics-justice": lambda i: {"label": i % 2, "scenario": f"I deserve thanks from the {word(i // 2)} because I fed {word(i)}."},
    "ethics-deontology": lambda i: {"label": i % 2, "scenario": f"Could you feed the {word(i // 2)}?", "excuse": f"But {word(i)} did."},
    "ethics-virtue": lambda i: {"label": int(i % 5 == 0), "scenario": f"Ann fed the {word(i // 5)}. [SEP] {word(i)}"},
    "ethics-utilitarianism": lambda i: {"baseline": f"I met a {word(i)}.", "less_pleasant": f"I met a {word(i)}. It bit."},
    "anli-r2": lambda i: {"uid": str(i), "premise": f"The {word(i // 2)}.", "hypothesis": f"It {word(i)}.", "label": i % 3, "reason": ""},
    "cola": lambda i: {"sentence": f"The {word(i)} sleeps.", "label": i % 2, "idx": i},
    "sst2": lambda i: {"idx": i, "sentence": f"a {word(i)} of a film ", "label": i % 2},
    "hellaswag": lambda i: {"ind": i, "ctx": f"A {word(i)} is", "endings": four(i)["text"], "source_id": f"clip{i // 2}", "label": str(i % 4)},
    "mctaco": lambda i: {"sentence": f"The {word(i // 2)} ate.", "question": "How long?", "answer": f"{i} days", "label": i % 2, "category": 0},
    "openbookqa": lambda i: {"id": str(i), "question_stem": f"A {word(i)} needs", "choices": four(i), "answerKey": "ABCD"[i % 4]},
    "paws": lambda i: {"id": i, "sentence1": f"Of the {word(i // 2)}.", "sentence2": f"Of a {word(i)}.", "label": i % 2},
    "quail": lambda i: {"id": str(i), "context_id": str(i), "context": f"The {word(i // 2)}.", "question": f"Who {i}?",
                           "answers": four(i)["text"], "correct_answer_id": i % 4},
    "piqa": lambda i: {"goal": f"wash a {word(i)}", "sol1": four(i % 2)["text"][0] + word(i), "sol2": four(i % 2)["text"][1] + word(i), "label": i % 2},
    "quartz": lambda i: {"id": str(i), "answerKey": "AB"[i % 2], "choices": {"text": four(i % 2)["text"][:2], "label": ["A", "B"]},
                           "para": f"Big {word(i // 2)}.", "question": f"Is {i}?"},
    "sciq": lambda i: {"question": f"What is a {word(i)}?", "correct_answer": f"yes {i}",
                           **{f"distractor{j}": f"no {i} {j}" for j in (1, 2, 3)}, "support": f"On {word(i // 2)}." if i % 6 else ""},
    "social-iqa": lambda i: {"context": f"Kai saw {word(i // 2)}.", "question": f"Why {i}?",
                           **{f"answer{letter}": ("yes" if j == i % 3 else "no") + f" {i} {j}" for j, letter in enumerate("ABC")}, "label": str(i % 3 + 1)},
    "multirc": lambda i: {"paragraph": f"The {word(i // 2)}.", "question": "Who?", "answer": f"{word(i)}", "idx": {"paragraph": i, "question": i, "answer": i}, "label": i % 2},
    "superglue-wic": lambda i: {"word": word(i // 2), "sentence1": f"A {word(i)}.", "sentence2": f"The {i}.", "start1": 0, "label": i % 2},
    "twitter-sentiment": lambda i: {"text": f"so {word(i)} !!", "label": i % 2},
    "sciq-support": lambda i: INVENTED["sciq"](i),
    "amazon-polarity": lambda i: {"label": i % 2, "title": f"T{i}", "content": f"A {word(i)} book."},
    "tweet-eval": lambda i: {"text": f"so {word(i)} !!", "label": i % 3},
    "anthropic-hh": lambda i: {side: f"\n\nHuman: Is a {word(i)} old?\n\nAssistant: {said} {i}" for side, said in (("chosen", "Yes"), ("rejected", "No"))},
}
CHOSEN = ("cosmosqa", "dream", "hellaswag", "openbookqa", "quail", "piqa", "quartz", "sciq", "sciq-support", "social-iqa")  # by a coin


def written(folder: Path, name: str, n: int = 150) -> Path:
    """The invented rows, where the hub's would lie; each split has its own."""
    entry = DATASETS[name]
    (folder / entry.id / entry.config).mkdir(parents=True, exist_ok=True)
    for at, split in enumerate(splits_of(entry)):
        pq.write_table(pa.Table.from_pylist([INVENTED[name](at * 1000 + i) for i in range(n)]), folder / entry.id / entry.config / f"{split}.parquet")
    return folder


def test_the_table_has_the_papers_datasets():
    assert len(PAPER) == 22 and len(MORE) == 4 and set(INVENTED) == set(DATASETS)
    assert not set(DATASETS) & {*task_names(), "dialogue", "chess", "tactic"}, "no name stands for two tasks"
    for entry in DATASETS.values():
        assert entry.id.count("/") == 1 and entry.licence and entry.about
        assert entry.revision in ("main", nlp.CONVERTED) or len(entry.revision) == 40 and int(entry.revision, 16), "a commit in full, or none"


@pytest.mark.parametrize("name", DATASETS)
def test_each_dataset_becomes_a_task(name, tmp_path, monkeypatch):
    monkeypatch.setenv("W2S_DATA", str(written(tmp_path, name)))
    split = load_task(name, seed=1, n_train=12, n_test=9)  # Split itself checks labels, and that no group stands in two parts
    assert split.name == name and split.kind == ("pairs" if name == "anthropic-hh" else "classes")
    assert [len(split.parts[part]) for part in ("supervisor", "student", "test")] == [12, 12, 9] and len(split.fresh) == 2
    for part, table in split.parts.items():
        assert abs(2 * table["label"].sum() - len(table)) <= 1, f"{part} is balanced"
        assert table["text"].is_unique and table["difficulty"].between(0, 1).all()
    assert split.hash == load_task(name, seed=1, n_train=12, n_test=9).hash != load_task(name, seed=2, n_train=12, n_test=9).hash
    if name in CHOSEN:
        for text, label in zip(split.test["text"], split.test["label"]):
            assert ("yes" in text) == label and ("no " in text) != label, "right answers say yes, wrong ones no, and one is shown"


def test_what_a_text_looks_like():
    def text(name, i=4, place=0):
        return DATASETS[name].read(INVENTED[name](i))[0][place]

    assert text("boolq", 3) == ("On the bat0.\n\nQuestion: is the dog0 old?", 1)
    assert text("openbookqa") == ("Question: A elk0 needs\nAnswer: yes elk0 0", 1) and text("openbookqa", place=1) == ("Question: A elk0 needs\nAnswer: no elk0 1", 0)
    assert text("sciq") == ("Question: What is a elk0?\nAnswer: yes 4", 1)
    assert text("sciq-support") == ("On cat0.\n\nQuestion: What is a elk0?\nAnswer: yes 4", 1)
    assert text("dream")[0].startswith("M: Hi.\nW: A cat0.\n\nQuestion: What 4?\nAnswer: ")
    assert text("anli-r2", 3)[1] == 1 and text("anli-r2", 4)[1] == text("anli-r2", 5)[1] == 0, "neutral is grouped with contradiction"
    assert text("social-iqa", 5) == ("Kai saw cat0.\n\nQuestion: Why 5?\nAnswer: yes 5 2", 1) and text("hellaswag", 6)[0] == "A gnu0 is yes gnu0 2"
    assert text("ethics-utilitarianism") == ("Is the first more pleasant than the second?\nFirst: I met a elk0.\nSecond: I met a elk0. It bit.", 1)
    assert text("ethics-virtue", 5) == ("Does the trait fit the person?\nAnn fed the bat0.\nTrait: fox0", 1)
    assert [DATASETS["tweet-eval"].read(INVENTED["tweet-eval"](i))[0] for i in range(3)] == [[("so ant0 !!", 0)], [], [("so cat0 !!", 1)]]


def test_no_answer_is_none_of_the_above():
    offers = [DATASETS["cosmosqa"].read(INVENTED["cosmosqa"](i))[0] for i in range(8)]
    assert not offers[3] and not offers[7] and all(offers[i] for i in (0, 1, 2)), "a row whose right answer is none of the above cannot be used"
    assert not any("none of the above" in text.lower() for each in offers for text, _ in each)


def test_the_coin_depends_on_the_row_alone(tmp_path):
    entry = DATASETS["openbookqa"]
    file = written(tmp_path, "openbookqa", 300) / entry.id / "main/train.parquet"
    before = examples(entry, "train", 5, tmp_path)
    rows = pq.read_table(file).to_pylist()
    random.Random(0).shuffle(rows)
    pq.write_table(pa.Table.from_pylist(rows[:200]), file)
    after = examples(entry, "train", 5, tmp_path)
    assert set(after["text"]) < set(before["text"]) and list(after["text"]) != list(before["text"][:200]), "in another order, and among fewer rows"
    assert 0.4 < before["label"].mean() < 0.6 and set(examples(entry, "train", 6, tmp_path)["text"]) != set(after["text"])
    shown = [toss([("r", 1), ("a", 0), ("b", 0), ("c", 0)], seed)[0] for seed in range(2000)]
    assert abs(shown.count("r") / 2000 - 1 / 2) < 0.04 and all(abs(shown.count(wrong) / 2000 - 1 / 6) < 0.03 for wrong in "abc")


def test_linked_groups_stay_together(tmp_path):
    """a-b and b-c share b, so that a and c stand in one part as well."""
    rows = [{"id": i, "sentence1": f"s{i - i % 3 + max(0, i % 3 - 1)}", "sentence2": f"t{i - i % 3 + min(1, i % 3)}", "label": i % 2} for i in range(300)]
    folder = tmp_path / "google-research-datasets/paws/labeled_final"
    folder.mkdir(parents=True)
    for split in ("train", "test"):
        pq.write_table(pa.Table.from_pylist(rows if split == "train" else rows[:90]), folder / f"{split}.parquet")
    split = load("paws", 0, 30, 30, tmp_path)
    number = lambda group: {int(name[1:]) // 3 for name in group}
    parts = [set().union(*map(number, table["group"])) for table in split.parts.values()]
    assert sum(map(len, parts)) == len(set().union(*parts)) and parts[-1] <= set(range(30)), "three rows that are linked, and the test split's own, in one part"


def test_what_stands_twice_or_contradicts_is_left_out(tmp_path):
    written(tmp_path, "sst2")
    file = tmp_path / "stanfordnlp/sst2/default/train.parquet"
    rows = pq.read_table(file).to_pylist()
    pq.write_table(pa.Table.from_pylist(rows + [rows[0], {**rows[1], "label": 1 - rows[1]["label"]}]), file)
    split = load("sst2", 0, 36, 10, tmp_path)
    texts = pd.concat(list(split.parts.values()))["text"]
    assert texts.is_unique and rows[1]["sentence"] not in set(texts)


def test_errors_name_the_file_and_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setenv("W2S_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"sciq: no file .*allenai/sciq/default/test.parquet. "
                                                r".*mirror_datasets.py --only sciq.*or unset W2S_DATA to load allenai/sciq"):
        load_task("sciq")
    with pytest.raises(FileNotFoundError, match="anthropic-hh: no file .*mirror_datasets"):
        load_task("anthropic-hh")
    file = written(tmp_path, "sciq") / "allenai/sciq/default/train.parquet"
    with pytest.raises(ValueError, match="sciq/.* 5000 examples are asked for, half of each label, but there are .* at most"):
        load_task("sciq", n_train=5000, n_test=10)
    rows = pq.read_table(file).to_pylist()
    pq.write_table(pa.Table.from_pylist([{key: row[key] for key in row if key != "distractor2"} for row in rows]), file)
    with pytest.raises(ValueError, match="sciq: .*train.parquet has no column 'distractor2', but question, .*; fetch it anew .*--only sciq --again"):
        load_task("sciq", n_train=5, n_test=5)
    pq.write_table(pa.Table.from_pylist([{**row, "support": None} for row in rows]), file)
    wrong = "sciq: 150 of 150 rows.*train.parquet, row 1 .no text: support is None.; fetch it anew"
    with pytest.raises(ValueError, match=wrong):
        load_task("sciq", n_train=5, n_test=5)
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(ValueError, match="sciq: .*train.parquet cannot be read .*fetch it anew"):
        load_task("sciq", n_train=5, n_test=5)
    written(tmp_path, "sst2")
    pq.write_table(pa.Table.from_pylist([{"sentence": f"s{i}", "label": -1} for i in range(9)]), tmp_path / "stanfordnlp/sst2/default/validation.parquet")
    wrong = "sst2: 9 of 9 rows are broken.*validation.parquet, row 1 .hidden label: -1.*take another split"
    with pytest.raises(ValueError, match=wrong):
        load_task("sst2", n_train=5, n_test=5)
    for wrong, meant in (("sciqq", "sciq"), ("ethics-justise", "ethics-justice")):
        with pytest.raises(ValueError, match=f"did you mean '{meant}'"):
            load_task(wrong)
        with pytest.raises(ValueError, match=f"did you mean '{meant}'"):
            load(wrong)


def test_many_rows_are_sampled(tmp_path):
    written(tmp_path, "cola", 150)
    some = examples(DATASETS["cola"], "train", 3, tmp_path, most=40)
    assert len(some) == 40 and list(some["text"]) != list(examples(DATASETS["cola"], "train", 3, tmp_path)["text"][:40])
    assert list(some["text"]) == list(examples(DATASETS["cola"], "train", 3, tmp_path, most=40)["text"])


def from_lists(monkeypatch, asked):
    """The hub, as its library would answer."""
    import datasets

    def load_dataset(id, config=None, *, split, revision, data_files=None):
        asked.append((id, config, split, revision, data_files))
        if id == "google/boolq":
            raise RuntimeError("Dataset scripts are no longer supported, but found boolq.py")
        entry = next(entry for entry in DATASETS.values() if entry.id == id)
        later = 1000 * splits_of(entry).index(data_files.split("/")[1] if data_files else split)  # the other split's rows are others
        return datasets.Dataset.from_list([INVENTED[entry.name](i + later) for i in range(150)])

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    monkeypatch.delenv("W2S_DATA", raising=False)


def test_without_a_folder_rows_come_from_the_hub(monkeypatch, tmp_path):
    asked = []
    from_lists(monkeypatch, asked)
    quail, dream = load_task("quail", n_train=10, n_test=10), load_task("dream", n_train=10, n_test=10)
    pinned = "2bd9d7f90a532fe1a910b70972cef5fda341c8fe"
    assert asked[:2] == [("textmachinelab/quail", "quail", split, pinned, None) for split in ("validation", "train")]
    assert asked[2:] == [("dataset-org/dream", None, "train", "refs/convert/parquet", f"plain_text/{split}/*.parquet") for split in ("test", "train")]
    assert quail.hash == load("quail", 0, 10, 10, written(tmp_path, "quail")).hash and len(dream.test) == 10, "the same from files"
    assert len(nlp.examples(DATASETS["cola"], "train", most=30)) == 30
    with pytest.raises(ConnectionError, match="boolq: google/boolq .default, validation, main. cannot be loaded from the hub "
                                             ".*scripts are no longer supported.*mirror_datasets.py. and name it in W2S_DATA"):
        load_task("boolq")


def test_a_mirror_is_filled_once(monkeypatch, tmp_path, capsys):
    asked = []
    from_lists(monkeypatch, asked)
    only = ["--data", str(tmp_path), "--only", "quail", "--only", "boolq", "--only", "dream"]
    assert mirror_datasets.main(only) == 2, "both splits of boolq do not load"
    said = capsys.readouterr().out
    assert "quail" in said and "150 of 150 rows" in said and "DOES NOT LOAD" in said and "no longer supported" in said and "4 of 6 splits" in said
    assert not list(tmp_path.rglob("*.part")) and load("quail", 0, 10, 10, tmp_path).name == load("dream", 0, 10, 10, tmp_path).name.replace("dream", "quail")
    assert mirror_datasets.main(only) == 2 and "is there" in capsys.readouterr().out and len(asked) == 4 + 2 + 2, "what is there is not fetched again"
    mirror_datasets.main(["--data", str(tmp_path), "--only", "quail", "--most", "20", "--again"])
    assert pq.read_table(tmp_path / "textmachinelab/quail/quail/train.parquet").num_rows == 20
    with pytest.raises(SystemExit):
        mirror_datasets.main(["--data", str(tmp_path), "--only", "quali"])
    assert "did you mean 'quail'" in capsys.readouterr().err


# ------------------------------------------------------------------------------------------------ leaks
def noise(n: int, write, kind: str = "classes") -> Split:
    rng = random.Random(0)
    tables = []
    for part in range(3):
        labels = [i % 2 for i in range(n)]
        said = lambda: " ".join(rng.choice(WORDS) for _ in range(8))
        texts = [write(said(), said(), label) for label in labels]
        tables.append(pd.DataFrame({"text": texts, "label": labels, "group": [(f"{part}-{i}",) for i in range(n)], "difficulty": 0.5}))
    return Split("noise", *tables, kind=kind)


def test_leaks_are_found_where_they_are():
    found = leaks(noise(300, lambda text, other, label: text))
    assert not found["words_flag"] and not found["format_flag"] and found["n_train"] == 600 and found["n_test"] == 300
    assert found["words_low"] < 0.5 < found["words_high"] and found["format_low"] < 0.5 < found["format_high"]
    yes = leaks(noise(300, lambda text, other, label: f"{text}\n\nA: {'yes' if label else 'no'}"))
    assert yes["words"] == 1 and yes["words_flag"] and yes["format_flag"], "what ETHICS' first formatters in EleutherAI/w2s did"
    letter = leaks(noise(300, lambda text, other, label: f"Question: {text}\nAnswer: {text[0] if label else other[:5]}"))
    assert letter["format"] > 0.97 and letter["format_flag"], "a letter, or a text: what their OpenBookQA does"
    capital = leaks(noise(300, lambda text, other, label: text.capitalize() if label else text))
    assert capital["format"] > 0.97 and not capital["words_flag"]


def test_leaks_between_two_sides():
    pair = lambda good, bad, label: SEPARATOR.join((bad, good) if label else (good, bad))
    assert not leaks(noise(200, lambda text, other, label: pair(text, other, label), "pairs"))["words_flag"]
    longer = leaks(noise(200, lambda text, other, label: pair(f"{text} {other}", other, label), "pairs"))
    assert longer["format"] > 0.97 and longer["format_flag"]
    split = noise(20, lambda text, other, label: text)
    with pytest.raises(ValueError, match="choices; leaks are measured in classes and pairs"):
        leaks(Split("c", split.supervisor, split.student, split.test, "choices"))


def test_openbookqa_shows_no_letters(tmp_path):
    entry = DATASETS["openbookqa"]
    real = (HUB / entry.id / "main/test.parquet").exists()
    table = examples(entry, "test" if real else "train", 0, HUB if real else written(tmp_path, "openbookqa", 500))
    answers = table["text"].str.rsplit("Answer: ", n=1).str[1]
    assert set(table["label"]) == {0, 1} and (answers.str.strip().str.upper().isin(list("ABCD")).groupby(table["label"]).mean() < 0.01).all()
    sizes = answers.str.len().groupby(table["label"]).median()
    assert abs(sizes[0] - sizes[1]) <= 2, "right answers are as long as wrong ones"


# ------------------------------------------------------------------------------------------------ real rows
REAL = [(entry, file) for entry in (*DATASETS.values(), replace(DATASETS["amazon-polarity"], id="other/hatn-amazon-reviews"))
        if entry.read for file in sorted((HUB / entry.id / entry.config).glob("*.parquet"))]


@here
def test_every_real_row_can_be_read():
    """Or is left out for a reason that is known."""
    unused = {"cosmosqa": 0.1, "tweet-eval": 0.55, "sciq-support": 0.13}
    assert len({entry.name for entry, _ in REAL}) >= 16
    for entry, file in REAL:
        if (entry.name, file.stem) == ("sst2", "test"):
            with pytest.raises(ValueError, match="hidden label: -1"):
                examples(entry, "test", 0, HUB)
            continue
        table, rows = examples(entry, file.stem, 0, HUB), pq.ParquetFile(file).metadata.num_rows
        assert rows * (1 - unused.get(entry.name, 0.001)) <= len(table) <= rows, (entry.name, file.stem)
        assert table["text"].str.len().gt(2).all() and table["group"].map(len).ge(1).all()
        if entry.name in CHOSEN:
            assert abs(table["label"].mean() - 0.5) < 4 * 0.5 / len(table) ** 0.5, "a fair coin"


@here
def test_real_tasks(monkeypatch):
    monkeypatch.setenv("W2S_DATA", str(HUB))
    for name in ("sciq", "ethics-deontology", "multirc"):
        split = load_task(name, 0, 200, 200)
        assert len(split.fresh) == 2 and all(table["label"].mean() == 0.5 for table in split.parts.values())
    assert len({group for groups in split.student["group"] for group in groups}) > 15, "every paragraph that fell to this part"
    pairs = load(replace(DATASETS["anthropic-hh"], config="harmless-base", train="test", test="test"), 0, 200, 200)
    assert pairs.kind == "pairs" and pairs.name == "anthropic-hh"
    with pytest.raises(FileNotFoundError, match="boolq: no file .*train.parquet"):
        load_task("boolq")


@here
def test_the_hidden_answers_of_ethics_are_not_in_its_rows():
    """With its rows as they are, words get below 0.7; with the "A: yes" of the first public formatters, all of it."""
    split = load("ethics-deontology", 0, 300, 300, HUB)
    assert 0.5 < leaks(split)["words"] < 0.75
    told = [table.assign(text=table["text"] + "\n\nA: " + table["label"].map({1: "yes", 0: "no"})) for table in (split.supervisor, split.student, split.test)]
    assert leaks(Split("told", *told))["words"] > 0.95


def test_the_stored_table():
    table = pd.read_csv(Path(__file__).parents[1] / "results/leaks.csv").set_index("task")
    assert list(table.index) == list(DATASETS) and (table["licence"] == [entry.licence for entry in DATASETS.values()]).all()
    there = table[~table["rows"].str.contains("absent|too few")]
    assert len(there) >= 16 and there[["words", "format"]].apply(lambda column: column.between(0.4, 0.9)).all(axis=None), "no task is given away"
    assert there.loc["openbookqa", "format"] < 0.6 and there.loc["ethics-justice":"ethics-virtue", "words"].max() < 0.75


@here
def test_the_table_can_be_measured_again():
    row = measure_leaks.measure(DATASETS["anli-r2"], HUB)
    stored = pd.read_csv(Path(__file__).parents[1] / "results/leaks.csv").set_index("task").loc["anli-r2"]
    assert row["rows"] == stored["rows"] and abs(row["words"] - stored["words"]) < 0.02
    assert json.dumps(row) and measure_leaks.measure(DATASETS["paws"], HUB) == {"task": "paws", "rows": "absent", "licence": "other"}
