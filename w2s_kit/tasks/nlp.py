"""The 22 natural-language datasets of Burns et al. 2023 (Section 3), and four more, as binary tasks.

A row of the hub becomes one example in two steps. A formatter, which knows nothing of chance, offers every
text that the row can give, with its label, and names what the row is about (a passage, a question): its
group. Then a coin decides which text is shown, so that a multiple-choice question is seen once, with its
right answer or with a wrong one. The coin depends on the seed and the row's words alone: it falls the same
way wherever the row stands in its file.

Rows come from the hub, or, where the environment variable W2S_DATA names a folder, from
`owner/name/config/split.parquet` in it (`data_prep/mirror_datasets.py` fills such a folder); then nothing is
fetched. No row of any dataset is part of this package.

What went wrong elsewhere, and is not repeated here (EleutherAI/w2s, the replication of the paper on 8B
models):
    OpenBookQA      right answers were shown as a letter, wrong ones as text
    ETHICS          deontology, justice and virtue reached an AUC above .999 with 0.5B: in the first published
    formatters
                    (w2s/datasets.py, commit ce93f31e) the text ended with "A: yes" or "A: no", which is the
                    label itself. Later versions end with "A:". Which version gave their numbers is not said,
                    but the rows alone do not explain them: words get .58 to .67 of them right, format .49 to
                    .55 (results/leaks.csv)
    Anthropic-HH    one dialogue alone, preferred or not: nearly unlearnable. Here both are shown, as "pairs"
    CosmosQA        "None of the above choices" was shown only where it is wrong. Here it is never shown,
    because nothing is above
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ..shared.names import nearest
from . import LINKS, PARTS, Split, normalised, preference, shuffled, together
from .labels import REMEDIES, label_of, place_of, told
from .rows import Rejected, Report

DATA = "W2S_DATA"  # the environment variable
MOST = 100_000  # rows read of a split, drawn at random: three of the datasets have up to millions
CONVERTED = "refs/convert/parquet"  # where the hub itself keeps a copy without loading script
NONE_ABOVE = "none of the above"


# ------------------------------------------------------------------------------------------------ from a row to its offers
# A formatter returns ([(text, label), ...], group): group is a tuple of str, and rows that share one of them
# belong together.
# No offers: the row is left out on purpose. Rejected: the row is broken.


def _text(row: Mapping, column: str, empty: bool = False) -> str:
    """Raises Rejected for what is no text, and for an empty one unless that is allowed."""
    text = row[column]
    if not isinstance(text, str) or not (empty or text.strip()):
        raise Rejected("no text", f"{column} is {text!r}"[:300])
    return text


def _texts(row: Mapping, column: str) -> list[str]:
    texts = row[column]
    if not isinstance(texts, (list, tuple, np.ndarray)) or not len(texts):
        raise Rejected("no text", f"{column} is {texts!r}, and not some texts"[:300])
    return [_text({column: text}, column) for text in texts]


def _key(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(text.lower().split()) for text in texts if text.strip()))


def _given(text: str, label, *about: str):
    """The row has its label."""
    return [(text, label_of(label))], _key(*about)


def _chosen(asked: str, right: str, wrong: Iterable[str], *about: str):
    """The row has one right answer and several wrong ones."""
    wrong = [answer for answer in dict.fromkeys(wrong) if answer.strip() != right.strip()]
    return ([(asked + right, 1), *((asked + answer, 0) for answer in wrong)] if wrong else []), _key(*about)


def _asked(context: str, question: str) -> str:
    return (f"{context.strip()}\n\n" if context.strip() else "") + f"Question: {question.strip()}\nAnswer: "


def _but(answers: list[str], right: int) -> list[str]:
    return [answer for i, answer in enumerate(answers) if i != right]


def boolq(row):
    passage, question = _text(row, "passage"), _text(row, "question")
    return _given(f"{passage}\n\nQuestion: {question}?", row["answer"], passage)


def cosmosqa(row):
    context, answers = _text(row, "context"), [_text(row, f"answer{i}") for i in range(4)]
    right = place_of(row["label"], 4)
    if NONE_ABOVE in answers[right].lower():
        return [], _key(context)
    wrong = [answer for answer in _but(answers, right) if NONE_ABOVE not in answer.lower()]
    return _chosen(_asked(context, _text(row, "question")), answers[right], wrong, context)


def dream(row):
    said, answers, right = "\n".join(_texts(row, "dialogue")), _texts(row, "choice"), _text(row, "answer")
    if right.strip() not in map(str.strip, answers):
        raise Rejected("no such answer", f"{right!r} is none of the choices"[:300])
    return _chosen(_asked(said, _text(row, "question")), right, answers, said)


def justice(row):
    scenario = _text(row, "scenario")
    words = scenario.rstrip(" .").split()  # people wrote variants that keep the beginning or the end
    return _given(scenario, row["label"], "< " + " ".join(words[:8]), "> " + " ".join(words[-8:]))


def deontology(row):
    scenario, excuse = _text(row, "scenario"), _text(row, "excuse")
    asked = "Does the second sentence excuse, or follow from, the first?"
    return _given(f"{asked}\n{scenario}\n{excuse}", row["label"], scenario)


def virtue(row):
    scenario, *traits = (part.strip() for part in _text(row, "scenario").split("[SEP]"))
    if not scenario or len(traits) != 1 or not traits[0]:
        raise Rejected("no trait", f"{row['scenario']!r} should be a scenario, [SEP] and a trait"[:300])
    return _given(f"Does the trait fit the person?\n{scenario}\nTrait: {traits[0]}", row["label"], scenario)


def utilitarianism(row):
    better, worse = _text(row, "baseline"), _text(row, "less_pleasant")
    texts = (
        f"Is the first more pleasant than the second?\nFirst: {a}\nSecond: {b}"
        for a, b in ((better, worse), (worse, better))
    )
    return ([] if better == worse else list(zip(texts, (1, 0)))), _key(better, worse)


def anli(row):
    premise, hypothesis = _text(row, "premise"), _text(row, "hypothesis")
    follows = label_of(row["label"], ("entailment", "neutral", "contradiction")) == 0
    return _given(f"Does the second text follow from the first?\n{premise}\n{hypothesis}", follows, premise)


def sentence(row):
    text = _text(row, "sentence")
    return _given(text, row["label"], text)


def hellaswag(row):
    ctx, endings = _text(row, "ctx").strip(), _texts(row, "endings")
    right = place_of(row["label"], len(endings))
    return _chosen(f"{ctx} ", endings[right], _but(endings, right), ctx, _text(row, "source_id"))


def mctaco(row):
    about = _text(row, "sentence")
    return _given(_asked(about, _text(row, "question")) + _text(row, "answer"), row["label"], about)


def by_letter(row, context: str, question: str, about: str):
    if not isinstance(row["choices"], Mapping) or not {"text", "label"} <= row["choices"].keys():
        raise Rejected("no text", f"choices is {row['choices']!r}, and not texts with letters"[:300])
    texts, letters = _texts(row["choices"], "text"), _texts(row["choices"], "label")
    if len(texts) != len(letters) or len({letter.strip().casefold() for letter in letters}) != len(letters):
        raise Rejected("no letter for each answer", f"{len(texts)} answers, and {', '.join(letters)}"[:300])
    right = label_of(row["answerKey"], letters, numbers=False)
    return _chosen(_asked(context, question), texts[right], _but(texts, right), about)


def openbookqa(row):
    stem = _text(row, "question_stem")
    return by_letter(row, "", stem, stem)


def quartz(row):
    para = _text(row, "para")
    return by_letter(row, para, _text(row, "question"), para)


def paws(row):
    one, other = _text(row, "sentence1"), _text(row, "sentence2")
    return _given(f"Do both sentences say the same?\n{one}\n{other}", row["label"], one, other)


def quail(row):
    context, answers = _text(row, "context"), _texts(row, "answers")
    right = place_of(row["correct_answer_id"], len(answers))
    return _chosen(_asked(context, _text(row, "question")), answers[right], _but(answers, right), context)


def piqa(row):
    goal, solutions = _text(row, "goal"), [_text(row, "sol1"), _text(row, "sol2")]
    right = place_of(row["label"], 2)
    return _chosen(f"Goal: {goal}\nSolution: ", solutions[right], _but(solutions, right), goal)


def sciq(row, context: str = ""):
    question, support = _text(row, "question"), _text(row, "support", empty=True)
    right, wrong = _text(row, "correct_answer"), [_text(row, f"distractor{i}") for i in (1, 2, 3)]
    return _chosen(_asked(context, question), right, wrong, question, support)


def sciq_support(row):
    support = _text(row, "support", empty=True)
    return sciq(row, support) if support.strip() else ([], _key(_text(row, "question")))


def social_iqa(row):
    context, answers = _text(row, "context"), [_text(row, f"answer{letter}") for letter in "ABC"]
    right = place_of(row["label"], 3, first=1)
    return _chosen(_asked(context, _text(row, "question")), answers[right], _but(answers, right), context)


def multirc(row):
    paragraph = _text(row, "paragraph")
    return _given(_asked(paragraph, _text(row, "question")) + _text(row, "answer"), row["label"], paragraph)


def wic(row):
    word, one, other = (_text(row, column) for column in ("word", "sentence1", "sentence2"))
    return _given(f'Does "{word}" mean the same in both sentences?\n{one}\n{other}', row["label"], word)


def tweet(row):
    text = _text(row, "text")
    return _given(text, row["label"], text)


def tweet_of_three(row):
    """Negative, neutral, positive: the neutral ones are left out."""
    text, feeling = _text(row, "text"), label_of(row["label"], ("negative", "neutral", "positive"))
    return ([], _key(text)) if feeling == 1 else _given(text, feeling // 2, text)


def review(row):
    title, content = "" if row["title"] is None else _text(row, "title", empty=True), _text(row, "content")
    return _given(f"{title}\n{content}".strip(), row["label"], content)


# ------------------------------------------------------------------------------------------------ the table
@dataclass(frozen=True)
class Dataset:
    """One line of the table. `train` and `test` are splits of the hub, or several with a plus: where both are
    the same, its groups are dealt to all parts. `licence` is what the source states ("?": nothing, or
    unclear), `about` what no two parts share. A `revision` is a commit where the facts name one in full.
    """

    name: str
    id: str
    config: str
    train: str
    test: str
    licence: str
    about: str
    read: Callable[[Mapping], tuple] | None  # None: comparisons, which `preference` reads
    revision: str = "main"
    label: str = "label"  # the column that may hold words, such as yes and no: what became of them is printed


# ETHICS: the hub's "validation" is the original plain test, its "test" the original hard test, which was
# filtered against models.
# MC-TACO has no train; its larger split is called test. SST-2's train holds phrases of whole sentences, which
# are not marked as
# such: a phrase may stand in one half and its sentence in the other.
PAPER = (
    Dataset(
        "boolq",
        "google/boolq",
        "default",
        "train",
        "validation",
        "CC BY-SA 3.0",
        "passage",
        boolq,
        label="answer",
    ),
    Dataset(
        "cosmosqa", "Samsoup/cosmos_qa", "default", "train", "validation", "CC BY 4.0", "context", cosmosqa
    ),
    Dataset(
        "dream",
        "dataset-org/dream",
        "plain_text",
        "train",
        "test",
        "non-commercial research",
        "dialogue",
        dream,
        CONVERTED,
    ),
    Dataset(
        "ethics-justice",
        "hendrycks/ethics",
        "justice",
        "train",
        "validation",
        "MIT",
        "first or last 8 words",
        justice,
        CONVERTED,
    ),
    Dataset(
        "ethics-deontology",
        "hendrycks/ethics",
        "deontology",
        "train",
        "validation",
        "MIT",
        "scenario",
        deontology,
        CONVERTED,
    ),
    Dataset(
        "ethics-virtue",
        "hendrycks/ethics",
        "virtue",
        "train",
        "validation",
        "MIT",
        "scenario",
        virtue,
        CONVERTED,
    ),
    Dataset(
        "ethics-utilitarianism",
        "hendrycks/ethics",
        "utilitarianism",
        "train",
        "validation",
        "MIT",
        "either scenario",
        utilitarianism,
        CONVERTED,
    ),
    Dataset(
        "anli-r2",
        "facebook/anli",
        "plain_text",
        "train_r2",
        "test_r2",
        "CC BY-NC 4.0",
        "premise",
        anli,
        "8e4813d81f46d313dac7892e1c28076917cfcdf9",
    ),
    Dataset(
        "cola",
        "nyu-mll/glue",
        "cola",
        "train",
        "validation",
        "research use",
        "sentence",
        sentence,
        "a3f3ab759b9d7018046ce361f115ef38276d2e1e",
    ),
    Dataset("sst2", "stanfordnlp/sst2", "default", "train", "validation", "?", "sentence", sentence),
    Dataset(
        "hellaswag",
        "Rowan/hellaswag",
        "default",
        "train",
        "validation",
        "MIT",
        "context or source",
        hellaswag,
    ),
    Dataset(
        "mctaco", "CogComp/mc_taco", "plain_text", "test", "validation", "?", "sentence", mctaco, CONVERTED
    ),
    Dataset(
        "openbookqa", "allenai/openbookqa", "main", "train", "validation+test", "?", "question", openbookqa
    ),
    Dataset(
        "paws",
        "google-research-datasets/paws",
        "labeled_final",
        "train",
        "test",
        "other",
        "either sentence",
        paws,
    ),
    Dataset(
        "quail",
        "textmachinelab/quail",
        "quail",
        "train",
        "validation",
        "CC BY-NC-SA 4.0",
        "passage",
        quail,
        "2bd9d7f90a532fe1a910b70972cef5fda341c8fe",
    ),
    Dataset("piqa", "baber/piqa", "default", "train", "validation", "AFL-3.0", "goal", piqa),
    Dataset("quartz", "allenai/quartz", "default", "train", "test", "CC BY 4.0", "paragraph", quartz),
    Dataset("sciq", "allenai/sciq", "default", "train", "test", "CC BY-NC 3.0", "question or support", sciq),
    Dataset(
        "social-iqa", "lighteval/siqa", "default", "train", "validation", "CC BY 4.0", "context", social_iqa
    ),
    Dataset(
        "multirc",
        "aps/super_glue",
        "multirc",
        "train",
        "validation",
        "other (SuperGLUE)",
        "paragraph",
        multirc,
    ),
    # "wic" is MiniWorld's
    Dataset("superglue-wic", "aps/super_glue", "wic", "train", "validation", "CC BY-NC 4.0", "word", wic),
    Dataset(
        "twitter-sentiment", "EleutherAI/twitter-sentiment", "default", "train", "test", "?", "tweet", tweet
    ),
)
MORE = (
    Dataset(
        "sciq-support",
        "allenai/sciq",
        "default",
        "train",
        "test",
        "CC BY-NC 3.0",
        "question or support",
        sciq_support,
    ),
    Dataset("amazon-polarity", "fancyzhx/amazon_polarity", "default", "train", "test", "?", "review", review),
    Dataset(
        "tweet-eval",
        "cardiffnlp/tweet_eval",
        "sentiment",
        "train",
        "test",
        "terms of Twitter and SemEval",
        "tweet",
        tweet_of_three,
    ),
    Dataset("anthropic-hh", "Anthropic/hh-rlhf", "default", "train", "train", "MIT", "opening", None),
)
DATASETS = {entry.name: entry for entry in PAPER + MORE}


# ------------------------------------------------------------------------------------------------ from rows to a split
def load(
    name: str | Dataset,
    seed: int = 0,
    n_train: int = 500,
    n_test: int = 500,
    data: str | Path | None = None,
    allow_rejected: bool = False,
) -> Split:
    """See `w2s_kit.tasks.load_task`. Half of each part has label 1. The train split's groups are dealt to the
    two halves, and to two more parts while there is material; groups that the test split has as well are left
    out of them. difficulty: the share of texts that are shorter, which is a guess, and no more. `data`: a
    folder of files, instead of the one that W2S_DATA names. Raises FileNotFoundError where a file is missing
    there, ConnectionError where the hub cannot be read, and ValueError for an unknown name, rows of another
    shape, or too few.
    """
    if isinstance(name, str) and name not in DATASETS:
        raise ValueError(nearest("dataset", name, DATASETS))
    entry = DATASETS[name] if isinstance(name, str) else name
    data = data or os.environ.get(DATA)
    if entry.read is None:
        source = file_of(entry, entry.train, data) if data else f"{entry.id}:{entry.train}"
        return replace(
            preference.load(f"{preference.PREFIX}{source}", seed, n_train, n_test, allow_rejected),
            name=entry.name,
        )
    most, report, words = max(MOST, 10 * ((2 + LINKS) * n_train + n_test)), Report(), {}
    tables = [
        examples(entry, split, seed, data, most, report, words, allow_rejected).assign(split=split)
        for split in splits_of(entry)
    ]
    pool = _once(pd.concat(tables, ignore_index=True), report)
    for line in filter(None, (told(words), str(report) if report.rejected else "")):
        print(f"{entry.name}: {line}")
    if pool.empty:
        raise ValueError(f"{entry.name}: no row can be used")
    pool = pool.assign(together=together(pool["group"]), difficulty=pool["text"].str.len().rank(pct=True))
    held_out = pool["split"].isin(entry.test.split("+"))
    for links in (LINKS, 0):
        rng = random.Random(f"{entry.name}-{seed}")
        names = [*PARTS[:2], *(f"fresh{i}" for i in range(1, links + 1))]
        if entry.train == entry.test:
            dealt = dict(zip([*names, "test"], _dealt(pool, [n_train] * len(names) + [n_test], rng)))
        else:
            rest = pool[~held_out & ~pool["together"].isin(pool["together"][held_out])]
            dealt = {
                **dict(zip(names, _dealt(rest, [n_train] * len(names), rng))),
                "test": _dealt(pool[held_out], [n_test], rng)[0],
            }
        sizes = dict.fromkeys(names, n_train) | {"test": n_test}
        try:
            parts = {
                part: _balanced(table, sizes[part], f"{entry.name}/{part}", rng)
                for part, table in dealt.items()
            }
        except ValueError:
            if not links:
                raise
        else:
            supervisor, student, test = (parts.pop(part) for part in PARTS)
            return Split(entry.name, supervisor, student, test, fresh=tuple(parts.values()), report=report)
    raise AssertionError("the pass without links returns or raises")


def examples(
    entry: Dataset,
    split: str,
    seed: int = 0,
    data: str | Path | None = None,
    most: int = MOST,
    report: Report | None = None,
    words: dict[str, int] | None = None,
    allow_rejected: bool = False,
) -> pd.DataFrame:
    """The columns text, label, group and where (file and row) of a split, in the order of the source's rows.

    A broken row is counted in `report`, with its place and the reason; `words` takes up what became of
    labels that are words. Rows that the dataset leaves out on purpose, as neutral tweets, are not counted.
    Raises like `load`, and ValueError where more than half of the rows are broken, unless `allow_rejected`.
    """
    where = (
        str(file_of(entry, split, data))
        if data
        else f"{entry.id} ({entry.config}, {split}, {entry.revision})"
    )
    report, words = Report() if report is None else report, {} if words is None else words
    assert entry.read is not None, f"{entry.name} holds comparisons"
    usable, broken = [], []
    for number, row in _rows(entry, split, seed, data, most):
        place = f"{where}, row {number}"
        try:
            offers, group = entry.read(row)
            offers = [(_text({"offer": text}, "offer"), label_of(label)) for text, label in offers]
        except KeyError as error:
            columns = ", ".join(map(str, row))
            why = f"{where} has no column {error}, but {columns}"
            raise ValueError(f"{entry.name}: {why}; {_remedy(entry, data)}") from None
        except (AttributeError, IndexError, TypeError, ValueError) as error:
            why = error if isinstance(error, Rejected) else Rejected("cannot be read", error)
            broken.append((place, why))
            continue
        if offers:
            usable.append((*toss(offers, seed), group, place))
            said = row.get(entry.label)
            if isinstance(said, str) and len(offers) == 1:
                words[said.strip()] = offers[0][1]
    if len(broken) > len(usable) and not allow_rejected:
        ((reason, n),) = Counter(why.reason for _, why in broken).most_common(1)
        place, why = next(one for one in broken if one[1].reason == reason)
        share = f"{len(broken)} of {len(broken) + len(usable)} rows are broken, {n} of them as {place}"
        raise ValueError(f"{entry.name}: {share} ({why}); {_remedy(entry, data, reason)}")
    report.read, report.kept = report.read + len(broken) + len(usable), report.kept + len(usable)
    for place, why in broken:
        report.reject(place, why)
    return pd.DataFrame(usable, columns=["text", "label", "group", "where"])


def _remedy(entry: Dataset, data: str | Path | None, reason: str = "") -> str:
    """What to do about a file that cannot be read, or that has rows which are broken for this reason."""
    remedy = "the dataset has changed on the hub"
    if data and DATASETS.get(entry.name) is entry:
        remedy = (
            f"fetch it anew (python data_prep/mirror_datasets.py --only {entry.name} --again), or, "
            "where the file is your own, put it right"
        )
    elif data:
        remedy = "put the file right"
    hidden = f"{REMEDIES['hidden label']}; or else "
    return hidden + remedy if reason in ("hidden label", "no label") else remedy


def _once(pool: pd.DataFrame, report: Report) -> pd.DataFrame:
    """Each text once: of equal ones the first, the test's if it has one. `report` has the others."""
    normal = pool["text"].map(normalised)
    unsure = pool.groupby(normal)["label"].transform("nunique") > 1
    twice = ~unsure & normal.duplicated()
    for reason, rows in (("same text with both labels", unsure), ("same text twice", twice)):
        for place, text in zip(pool["where"][rows], pool["text"][rows]):
            report.reject(place, Rejected(reason, repr(text[:80])))
    report.kept -= int((unsure | twice).sum())
    return pool[~unsure & ~twice]


def splits_of(entry: Dataset) -> list[str]:
    """Every split of the hub that it needs, the test's first: what stands in both is the test's."""
    return list(dict.fromkeys([*entry.test.split("+"), *entry.train.split("+")]))


def toss(offers: list[tuple[str, int]], seed: int) -> tuple[str, int]:
    """The offer that is shown: a right one and a wrong one are equally likely. The same for the same seed and
    offers.
    """
    if len(offers) == 1:
        return offers[0]
    coin = random.Random(repr((seed, offers)))
    label = coin.randrange(2)
    return coin.choice([offer for offer in offers if offer[1] == label])


def file_of(entry: Dataset, split: str, data: str | Path) -> Path:
    """Raises FileNotFoundError."""
    folder = Path(data) / entry.id
    for file in (folder / entry.config / f"{split}.parquet", folder / f"{split}.parquet"):
        if file.is_file():
            return file
    raise FileNotFoundError(
        f"{entry.name}: no file {folder / entry.config / split}.parquet. Fetch it (python data_prep/mirror_datasets.py "
        f"--only {entry.name}, with {DATA}={data}), or unset {DATA} to load {entry.id} from the hub"
    )


def from_hub(entry: Dataset, split: str):
    """The split as a `datasets.Dataset`. Raises ConnectionError with the reason."""
    from datasets import load_dataset

    try:
        if entry.revision == CONVERTED:  # one folder a config, one a split, and no script beside them
            return load_dataset(
                entry.id, revision=CONVERTED, data_files=f"{entry.config}/{split}/*.parquet", split="train"
            )
        return load_dataset(
            entry.id,
            None if entry.config == "default" else entry.config,
            split=split,
            revision=entry.revision,
        )
    except Exception as error:  # the hub's libraries raise many kinds
        why = " ".join(str(error).split())[:300]
        raise ConnectionError(
            f"{entry.name}: {entry.id} ({entry.config}, {split}, {entry.revision}) cannot be loaded from the hub ({why}). "
            f"Without a network, fill a folder elsewhere (data_prep/mirror_datasets.py) and name it in {DATA}"
        ) from error


def _rows(
    entry: Dataset, split: str, seed: int, data: str | Path | None, most: int
) -> Iterable[tuple[int, Mapping]]:
    """The rows in order, each with its number from 1 on; if there are more than `most`, so many at random."""
    if not data:
        rows = from_hub(entry, split)
        if len(rows) <= most:
            yield from enumerate(rows, 1)
        else:
            kept = sorted(random.Random(seed).sample(range(len(rows)), most))
            yield from zip((i + 1 for i in kept), rows.select(kept))
        return
    from pyarrow.parquet import ParquetFile

    file, start = file_of(entry, split, data), 0
    try:
        parquet = ParquetFile(file)
        total = parquet.metadata.num_rows
        kept = range(total) if total <= most else set(random.Random(seed).sample(range(total), most))
        for batch in parquet.iter_batches(10_000):
            here = [i for i in range(len(batch)) if start + i in kept]
            yield from zip((start + i + 1 for i in here), batch.take(here).to_pylist())
            start += len(batch)
    except (OSError, ValueError) as error:  # pyarrow's errors are both
        raise ValueError(f"{entry.name}: {file} cannot be read ({error}); {_remedy(entry, data)}") from error


def _dealt(pool: pd.DataFrame, sizes: list[int], rng: random.Random) -> list[pd.DataFrame]:
    """Whole groups in random order, so that the parts have rows in proportion to `sizes`."""
    pool = shuffled(pool.iloc[rng.sample(range(len(pool)), len(pool))], "together", rng).reset_index(
        drop=True
    )
    begins = pool.index.to_series().groupby(pool["together"]).transform("min")
    part = np.searchsorted(np.cumsum(sizes) / sum(sizes) * len(pool), begins, side="right")
    return [pool[part == i] for i in range(len(sizes))]


def _balanced(table: pd.DataFrame, n: int, where: str, rng: random.Random) -> pd.DataFrame:
    """`n` rows, half of each label, from as many groups as possible."""
    turn = table.groupby(["together", "label"]).cumcount()
    table = table.loc[turn.sort_values(kind="stable").index]
    taken = [table[table["label"] == label].head(want) for label, want in ((0, n // 2), (1, n - n // 2))]
    if sum(map(len, taken)) < n:
        have = [(table["label"] == label).sum() for label in (0, 1)]
        raise ValueError(
            f"{where}: {n} examples are asked for, half of each label, but there are {have[0]} of label 0 and {have[1]} of label 1; "
            f"ask for a smaller {'n_test' if where.endswith('/test') else 'n_train'}, at most {2 * min(have)}"
        )
    taken = pd.concat(taken)
    return taken.iloc[rng.sample(range(n), n)][["text", "label", "group", "difficulty"]].reset_index(
        drop=True
    )
