"""Invented rows of the paper's datasets, in the shape of the hub."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from w2s_kit.tasks.nlp.load import splits_of
from w2s_kit.tasks.nlp.table import DATASETS

HUB = Path(__file__).parents[2] / "shared/data/hub"
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


def with_rows(folder: Path, name: str, change, n: int = 150) -> Path:
    """The invented rows; of the split train, row i is what `change(i, row)` makes of it."""
    entry = DATASETS[name]
    file = written(folder, name, n) / entry.id / entry.config / f"{entry.train}.parquet"
    rows = [change(i, row) for i, row in enumerate(pq.read_table(file).to_pylist())]
    pq.write_table(pa.Table.from_pylist(rows), file)
    return file
