"""The datasets of the paper: formatters on invented rows of the hub's shape, and on real ones."""

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

from w2s_kit.tasks import hub, load_task, task_names
from w2s_kit.tasks.leaks import leaks
from w2s_kit.tasks.nlp import load
from w2s_kit.tasks.nlp.load import examples, load, splits_of, toss
from w2s_kit.tasks.nlp.table import DATASETS, MORE, PAPER
from w2s_kit.tasks.rows import Rejected, Report
from w2s_kit.tasks.split import SEPARATOR, Split

HUB = Path(__file__).parents[3] / "shared/data/hub"
here = pytest.mark.skipif(not HUB.exists(), reason="shared data is not here")
WORDS = "ant bat cat dog elk fox gnu hen ibis jay kiwi lynx mole newt owl pig quail rat swan toad".split()


def word(i: int) -> str:
    return f"{WORDS[i % 20]}{i // 20}"


def four(i: int, letters: bool = True) -> dict:
    """Four answers, of which the one at place i % 4 is right."""
    return {
        "text": [f"{'yes' if j == i % 4 else 'no'} {word(i)} {j}" for j in range(4)],
        "label": list("ABCD"),
    }


# one invented row of each dataset, in the hub's columns; questions i and i + 1 (i even) share what they are
# about
INVENTED = {
    "boolq": lambda i: {
        "question": f"is the {word(i)} old",
        "answer": i % 3 == 0,
        "passage": f"On the {word(i // 2)}.",
    },
    "cosmosqa": lambda i: {
        "id": str(i),
        "context": f"A {word(i // 2)} ran .",
        "question": f"Why {word(i)} ?",
        "label": i % 4,
        **{f"answer{j}": "None of the above choices ." if j == 3 else four(i)["text"][j] for j in range(4)},
    },
    "dream": lambda i: {
        "id": i,
        "dialogue_id": str(i),
        "dialogue": ["M: Hi.", f"W: A {word(i // 2)}."],
        "question": f"What {i}?",
        "choice": four(i)["text"][:3] if i % 4 < 3 else four(i)["text"][1:],
        "answer": four(i)["text"][i % 4],
    },
    "ethics-justice": lambda i: {
        "label": i % 2,
        "scenario": f"I deserve thanks from the {word(i // 2)} because I fed {word(i)}.",
    },
    "ethics-deontology": lambda i: {
        "label": i % 2,
        "scenario": f"Could you feed the {word(i // 2)}?",
        "excuse": f"But {word(i)} did.",
    },
    "ethics-virtue": lambda i: {
        "label": int(i % 5 == 0),
        "scenario": f"Ann fed the {word(i // 5)}. [SEP] {word(i)}",
    },
    "ethics-utilitarianism": lambda i: {
        "baseline": f"I met a {word(i)}.",
        "less_pleasant": f"I met a {word(i)}. It bit.",
    },
    "anli-r2": lambda i: {
        "uid": str(i),
        "premise": f"The {word(i // 2)}.",
        "hypothesis": f"It {word(i)}.",
        "label": i % 3,
        "reason": "",
    },
    "cola": lambda i: {"sentence": f"The {word(i)} sleeps.", "label": i % 2, "idx": i},
    "sst2": lambda i: {"idx": i, "sentence": f"a {word(i)} of a film ", "label": i % 2},
    "hellaswag": lambda i: {
        "ind": i,
        "ctx": f"A {word(i)} is",
        "endings": four(i)["text"],
        "source_id": f"clip{i // 2}",
        "label": str(i % 4),
    },
    "mctaco": lambda i: {
        "sentence": f"The {word(i // 2)} ate.",
        "question": "How long?",
        "answer": f"{i} days",
        "label": i % 2,
        "category": 0,
    },
    "openbookqa": lambda i: {
        "id": str(i),
        "question_stem": f"A {word(i)} needs",
        "choices": four(i),
        "answerKey": "ABCD"[i % 4],
    },
    "paws": lambda i: {
        "id": i,
        "sentence1": f"Of the {word(i // 2)}.",
        "sentence2": f"Of a {word(i)}.",
        "label": i % 2,
    },
    "quail": lambda i: {
        "id": str(i),
        "context_id": str(i),
        "context": f"The {word(i // 2)}.",
        "question": f"Who {i}?",
        "answers": four(i)["text"],
        "correct_answer_id": i % 4,
    },
    "piqa": lambda i: {
        "goal": f"wash a {word(i)}",
        "sol1": four(i % 2)["text"][0] + word(i),
        "sol2": four(i % 2)["text"][1] + word(i),
        "label": i % 2,
    },
    "quartz": lambda i: {
        "id": str(i),
        "answerKey": "AB"[i % 2],
        "choices": {"text": four(i % 2)["text"][:2], "label": ["A", "B"]},
        "para": f"Big {word(i // 2)}.",
        "question": f"Is {i}?",
    },
    "sciq": lambda i: {
        "question": f"What is a {word(i)}?",
        "correct_answer": f"yes {i}",
        **{f"distractor{j}": f"no {i} {j}" for j in (1, 2, 3)},
        "support": f"On {word(i // 2)}." if i % 6 else "",
    },
    "social-iqa": lambda i: {
        "context": f"Kai saw {word(i // 2)}.",
        "question": f"Why {i}?",
        **{
            f"answer{letter}": ("yes" if j == i % 3 else "no") + f" {i} {j}" for j, letter in enumerate("ABC")
        },
        "label": str(i % 3 + 1),
    },
    "multirc": lambda i: {
        "paragraph": f"The {word(i // 2)}.",
        "question": "Who?",
        "answer": f"{word(i)}",
        "idx": {"paragraph": i, "question": i, "answer": i},
        "label": i % 2,
    },
    "superglue-wic": lambda i: {
        "word": word(i // 2),
        "sentence1": f"A {word(i)}.",
        "sentence2": f"The {i}.",
        "start1": 0,
        "label": i % 2,
    },
    "twitter-sentiment": lambda i: {"text": f"so {word(i)} !!", "label": i % 2},
    "sciq-support": lambda i: INVENTED["sciq"](i),
    "amazon-polarity": lambda i: {"label": i % 2, "title": f"T{i}", "content": f"A {word(i)} book."},
    "tweet-eval": lambda i: {"text": f"so {word(i)} !!", "label": i % 3},
    "anthropic-hh": lambda i: {
        side: f"\n\nHuman: Is a {word(i)} old?\n\nAssistant: {said} {i}"
        for side, said in (("chosen", "Yes"), ("rejected", "No"))
    },
}
# by a coin
CHOSEN = (
    "cosmosqa",
    "dream",
    "hellaswag",
    "openbookqa",
    "quail",
    "piqa",
    "quartz",
    "sciq",
    "sciq-support",
    "social-iqa",
)


def written(folder: Path, name: str, n: int = 150) -> Path:
    """The invented rows, where the hub's would lie; each split has its own."""
    entry = DATASETS[name]
    (folder / entry.id / entry.config).mkdir(parents=True, exist_ok=True)
    for at, split in enumerate(splits_of(entry)):
        pq.write_table(
            pa.Table.from_pylist([INVENTED[name](at * 1000 + i) for i in range(n)]),
            folder / entry.id / entry.config / f"{split}.parquet",
        )
    return folder


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


def with_rows(folder: Path, name: str, change, n: int = 150) -> Path:
    """The invented rows; of the split train, row i is what `change(i, row)` makes of it."""
    entry = DATASETS[name]
    file = written(folder, name, n) / entry.id / entry.config / f"{entry.train}.parquet"
    rows = [change(i, row) for i, row in enumerate(pq.read_table(file).to_pylist())]
    pq.write_table(pa.Table.from_pylist(rows), file)
    return file


def test_a_broken_row_costs_itself_and_is_told(tmp_path, capsys):
    broken = {3: {"label": -1}, 5: {"sentence": None}, 8: {"sentence": "  "}, 9: {"label": -1}}
    file = with_rows(tmp_path, "sst2", lambda i, row: row | broken.get(i, {}))
    split = load("sst2", 0, 36, 10, tmp_path)
    said = capsys.readouterr().out
    assert said.startswith("sst2: 300 rows read, 296 kept, 4 rejected")
    assert f"2 x {file}, row 4: hidden label: -1" in said
    assert f"2 x {file}, row 6: no text: sentence is None" in said
    assert split.report.rejected == {"hidden label": 2, "no text": 2} and split.report.kept == 296
    assert split.report.examples["no text"][1] == f"{file}, row 9: no text: sentence is '  '"
    clean = load("sst2", 0, 36, 10, written(tmp_path, "sst2"))
    assert capsys.readouterr().out == "" and not clean.report.rejected
    assert clean.report.read == clean.report.kept == 300


def test_more_than_half_broken_is_an_error(tmp_path):
    half = lambda i, row: row | {"label": 0.5 if i < 75 else float(row["label"])}
    with_rows(tmp_path, "paws", half)
    assert load("paws", 0, 10, 10, tmp_path).report.rejected == {"label between classes": 75}, "just half"
    blank = {75: {"sentence1": ""}, 76: {"sentence2": None}}
    file = with_rows(tmp_path, "paws", lambda i, row: half(i, row) | blank.get(i, {}))
    with pytest.raises(
        ValueError,
        match=rf"paws: 77 of 150 rows are broken, 75 of them as {file}, row 1 "
        ".label between classes: 0.5.; fetch it anew .*--again.*own, put",
    ):
        load("paws", 0, 10, 10, tmp_path)
    own = replace(DATASETS["paws"], name="mine")
    with pytest.raises(ValueError, match="mine: 77 of 150 .*; put the file right$"):
        load(own, 0, 10, 10, tmp_path)


def test_rows_are_numbered_as_in_the_file_even_where_some_are_drawn(tmp_path, monkeypatch):
    file = with_rows(tmp_path, "cola", lambda i, row: row | ({"label": -1} if i % 10 == 7 else {}))
    report = Report()
    monkeypatch.setattr(Report, "reject", lambda self, where, why: self.broken.append(where))
    examples(DATASETS["cola"], "train", 3, tmp_path, most=60, report=report)
    numbers = [int(where.removeprefix(f"{file}, row ")) for where in report.broken]
    assert len(numbers) > 1 and {number % 10 for number in numbers} == {8} and max(numbers) > 60


def test_words_for_labels_are_told_once(tmp_path, capsys):
    with_rows(tmp_path, "boolq", lambda i, row: row | {"answer": ["No", "yes"][row["answer"]]})
    split = load("boolq", 0, 12, 9, tmp_path)
    assert capsys.readouterr().out == "boolq: labels: 'yes' -> 1, 'No' -> 0\n"
    assert split.hash == load("boolq", 0, 12, 9, written(tmp_path, "boolq")).hash
    names = ["entailment", "neutral", "contradiction"]
    with_rows(tmp_path, "anli-r2", lambda i, row: row | {"label": names[row["label"]]})
    load("anli-r2", 0, 12, 9, tmp_path)
    said = capsys.readouterr().out
    assert said == "anli-r2: labels: 'entailment' -> 1, 'contradiction' -> 0, 'neutral' -> 0\n"


def test_a_formatter_of_ones_own_is_checked_too(tmp_path):
    written(tmp_path, "sst2")
    for offers, reason in (([("a text", -1)], "hidden label"), ([(None, 1)], "no text"), ([("a",)], "read")):
        own = replace(DATASETS["sst2"], name="mine", read=lambda row: (offers, ("about",)))
        with pytest.raises(ValueError, match=f"mine: 150 of 150 rows are broken.*{reason}"):
            load(own, 0, 10, 10, tmp_path)


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


def test_errors_name_the_file_and_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setenv("W2S_DATA", str(tmp_path))
    with pytest.raises(
        FileNotFoundError,
        match=r"sciq: no file .*allenai/sciq/default/test.parquet. "
        r".*mirror_datasets.py --only sciq.*or unset W2S_DATA to load allenai/sciq",
    ):
        load_task("sciq")
    with pytest.raises(FileNotFoundError, match="anthropic-hh: no file .*mirror_datasets"):
        load_task("anthropic-hh")
    file = written(tmp_path, "sciq") / "allenai/sciq/default/train.parquet"
    with pytest.raises(
        ValueError, match="sciq/.* 5000 examples are asked for, half of each label, but there are .* at most"
    ):
        load_task("sciq", n_train=5000, n_test=10)
    rows = pq.read_table(file).to_pylist()
    pq.write_table(
        pa.Table.from_pylist([{key: row[key] for key in row if key != "distractor2"} for row in rows]), file
    )
    with pytest.raises(
        ValueError,
        match="sciq: .*train.parquet has no column 'distractor2', but question, .*; "
        "fetch it anew .*--only sciq --again",
    ):
        load_task("sciq", n_train=5, n_test=5)
    pq.write_table(pa.Table.from_pylist([{**row, "support": None} for row in rows]), file)
    wrong = "sciq: 150 of 150 rows.*train.parquet, row 1 .no text: support is None.; fetch it anew"
    with pytest.raises(ValueError, match=wrong):
        load_task("sciq", n_train=5, n_test=5)
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(ValueError, match="sciq: .*train.parquet cannot be read .*fetch it anew"):
        load_task("sciq", n_train=5, n_test=5)
    written(tmp_path, "sst2")
    pq.write_table(
        pa.Table.from_pylist([{"sentence": f"s{i}", "label": -1} for i in range(9)]),
        tmp_path / "stanfordnlp/sst2/default/validation.parquet",
    )
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
    assert len(load.examples(DATASETS["cola"], "train", most=30)) == 30
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


# ---- leaks -------------------------------------------------------------------------------------------
def noise(n: int, write, kind: str = "classes") -> Split:
    rng = random.Random(0)
    tables = []
    for part in range(3):
        labels = [i % 2 for i in range(n)]
        said = lambda: " ".join(rng.choice(WORDS) for _ in range(8))
        texts = [write(said(), said(), label) for label in labels]
        tables.append(
            pd.DataFrame(
                {
                    "text": texts,
                    "label": labels,
                    "group": [(f"{part}-{i}",) for i in range(n)],
                    "difficulty": 0.5,
                }
            )
        )
    return Split("noise", *tables, kind=kind)


def test_leaks_are_found_where_they_are():
    found = leaks(noise(300, lambda text, other, label: text))
    assert (
        not found["words_flag"]
        and not found["format_flag"]
        and found["n_train"] == 600
        and found["n_test"] == 300
    )
    assert found["words_low"] < 0.5 < found["words_high"] and found["format_low"] < 0.5 < found["format_high"]
    yes = leaks(noise(300, lambda text, other, label: f"{text}\n\nA: {'yes' if label else 'no'}"))
    assert yes["words"] == 1 and yes["words_flag"] and yes["format_flag"], (
        "what ETHICS' first formatters in EleutherAI/w2s did"
    )
    letter = leaks(
        noise(300, lambda text, other, label: f"Question: {text}\nAnswer: {text[0] if label else other[:5]}")
    )
    assert letter["format"] > 0.97 and letter["format_flag"], (
        "a letter, or a text: what their OpenBookQA does"
    )
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
    table = examples(
        entry, "test" if real else "train", 0, HUB if real else written(tmp_path, "openbookqa", 500)
    )
    answers = table["text"].str.rsplit("Answer: ", n=1).str[1]
    assert (
        set(table["label"]) == {0, 1}
        and (answers.str.strip().str.upper().isin(list("ABCD")).groupby(table["label"]).mean() < 0.01).all()
    )
    sizes = answers.str.len().groupby(table["label"]).median()
    assert abs(sizes[0] - sizes[1]) <= 2, "right answers are as long as wrong ones"


# ---- real rows ---------------------------------------------------------------------------------------
REAL = [
    (entry, file)
    for entry in (*DATASETS.values(), replace(DATASETS["amazon-polarity"], id="other/hatn-amazon-reviews"))
    if entry.read
    for file in sorted((HUB / entry.id / entry.config).glob("*.parquet"))
]


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
    assert len({group for groups in split.student["group"] for group in groups}) > 15, (
        "every paragraph that fell to this part"
    )
    pairs = load(
        replace(DATASETS["anthropic-hh"], config="harmless-base", train="test", test="test"), 0, 200, 200
    )
    assert pairs.kind == "pairs" and pairs.name == "anthropic-hh"
    with pytest.raises(FileNotFoundError, match="boolq: no file .*train.parquet"):
        load_task("boolq")


@here
def test_the_hidden_answers_of_ethics_are_not_in_its_rows():
    """With its rows as they are, words get below 0.7; with the "A: yes" of the first public formatters, all
    of it.
    """
    split = load("ethics-deontology", 0, 300, 300, HUB)
    assert 0.5 < leaks(split)["words"] < 0.75
    told = [
        table.assign(text=table["text"] + "\n\nA: " + table["label"].map({1: "yes", 0: "no"}))
        for table in (split.supervisor, split.student, split.test)
    ]
    assert leaks(Split("told", *told))["words"] > 0.95


def test_the_stored_table():
    table = pd.read_csv(Path(__file__).parents[2] / "results/leaks.csv").set_index("task")
    assert (
        list(table.index) == list(DATASETS)
        and (table["licence"] == [entry.licence for entry in DATASETS.values()]).all()
    )
    there = table[~table["rows"].str.contains("absent|too few")]
    assert len(there) >= 16 and there[["words", "format"]].apply(lambda column: column.between(0.4, 0.9)).all(
        axis=None
    ), "no task is given away"
    assert (
        there.loc["openbookqa", "format"] < 0.6
        and there.loc["ethics-justice":"ethics-virtue", "words"].max() < 0.75
    )


@here
def test_the_table_can_be_measured_again():
    row = measure_leaks.measure(DATASETS["anli-r2"], HUB)
    stored = pd.read_csv(Path(__file__).parents[2] / "results/leaks.csv").set_index("task").loc["anli-r2"]
    assert row["rows"] == stored["rows"] and abs(row["words"] - stored["words"]) < 0.02
    assert json.dumps(row) and measure_leaks.measure(DATASETS["paws"], HUB) == {
        "task": "paws",
        "rows": "absent",
        "licence": "other",
    }
