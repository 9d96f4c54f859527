"""Aligner: two stages of the one loop; a small corrector that copies, and changes what it was shown to
change; and how it is measured.
"""

import measure_aligner
import numpy as np
import pandas as pd
import pytest
from small_models import LETTERS, fresh, tokenizer  # noqa: F401
from tiny import same, weights

from w2s_kit.experiment.store import Store
from w2s_kit.studies.aligner import PAPERS_PROMPT, aligner, correct, prompts
from w2s_kit.tasks.corrections import LONGEST, Triple, load_corrections, read_corrections
from w2s_kit.tasks.miniworld import advice
from w2s_kit.tasks.miniworld.advice import FACTS
from w2s_kit.tasks.rows import Report
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.loop import finetune

SHORT = "{question} {answer}"
CONFIG = TrainConfig(lr=1e-2, epochs=4)


def triples(n, seed=0):
    """The correction doubles what is single, and leaves what is double."""
    rng = np.random.default_rng(seed)
    questions, letters, double = (
        rng.choice(LETTERS, n).tolist(),
        rng.choice(LETTERS, n).tolist(),
        rng.random(n) < 0.5,
    )
    return (
        questions,
        [letter * (1 + d) for letter, d in zip(letters, double)],
        [letter * 2 for letter in letters],
    )


def test_two_stages_are_two_runs_of_the_loop(tokenizer):
    questions, answers, corrections = triples(40)
    copied = answers[:20]
    by_hand, second, both = fresh(tokenizer), fresh(tokenizer), fresh(tokenizer)
    finetune(by_hand, [f"{q} {a}" for q, a in zip(questions, copied)], copied, CONFIG, progress=False)
    finetune(by_hand, [f"{q} {a}" for q, a in zip(questions, answers)], corrections, CONFIG, progress=False)
    aligner(
        both,
        questions,
        corrections,
        CONFIG,
        answers=answers,
        warm_up=(questions[:20], copied),
        prompt=SHORT,
        progress=False,
    )
    aligner(second, questions, corrections, CONFIG, answers=answers, prompt=SHORT, progress=False)
    assert same(weights(by_hand), weights(both)) and not same(weights(second), weights(both))


def test_it_corrects_answers_of_others(tokenizer):
    corrector = fresh(tokenizer)
    questions, answers, corrections = triples(1_200)
    aligner(
        corrector,
        questions,
        corrections,
        CONFIG,
        answers=answers,
        warm_up=(questions, answers),
        prompt=SHORT,
        progress=False,
    )
    questions, answers, corrections = triples(60, seed=1)
    found = correct(corrector, questions, answers, 3, SHORT, batch_size=7)
    assert np.mean([a == b for a, b in zip(found, corrections)]) > 0.9


def test_prompts():
    assert prompts(["q"], ["a"]) == ["q a is it so ?"]
    assert prompts(["q"], ["a"], PAPERS_PROMPT) == ["##Question: q\n##Answer: a\n##Correction:"]
    with pytest.raises(ValueError, match="2 questions and 1 answers"):
        prompts(["q", "r"], ["a"])


# -------------------------------------------------------------------------------------------- rows of the hub
ROW = {"question": "Is ice cold?", "answer": "No.", "correction": "Yes, it is."}


def test_rows_and_files_of_corrections(tmp_path):
    rows = [ROW, ROW | {"answer": " Never. \n"}, ROW, ROW | {"correction": ROW["answer"]}]
    found = [
        Triple("Is ice cold?", "No.", "Yes, it is."),
        Triple("Is ice cold?", "Never.", "Yes, it is."),
        Triple("Is ice cold?", "No.", "No."),
    ]
    assert (
        list(read_corrections(rows, report := Report())) == found
        and report.rejected == {"twice": 1}
        and (report.read, report.kept) == (4, 3)
    )
    pd.DataFrame(rows).to_parquet(tmp_path / "t.parquet")
    pd.DataFrame(rows).to_json(tmp_path / "t.jsonl", orient="records", lines=True)
    for name in ("t.parquet", "t.jsonl"):
        assert (
            list(read_corrections(tmp_path / name)) == found == load_corrections(str(tmp_path / name), 10)
            and load_corrections(str(tmp_path / name), 2) == found[:2]
        )


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"answer": None}, "no text"),
        ({"question": 3}, "no text"),
        ({"correction": " "}, "empty text"),
        ({"answer": "x" * (LONGEST + 1)}, "too long"),
    ],
)
def test_a_row_that_is_no_triple_is_counted_with_its_reason(change, reason):
    assert (
        not list(read_corrections([ROW | change], report := Report()))
        and report.rejected == {reason: 1}
        and "row 1" in str(report)
    )


def test_a_dataset_of_the_hub_or_nothing(tmp_path, monkeypatch):
    datasets = pytest.importorskip("datasets")
    asked = []
    monkeypatch.setattr(
        datasets,
        "load_dataset",
        lambda name, config, split, revision: (
            asked.append((name, split))
            or datasets.Dataset.from_list([ROW | {"answer": f"{i}"} for i in range(9)])
        ),
    )
    assert len(set(load_corrections("aligner/aligner-20K", 4))) == 4 and asked == [
        ("aligner/aligner-20K", "train")
    ]
    (tmp_path / "none.jsonl").write_text('{"question": "a"}\n')
    with pytest.raises(ValueError, match="(?s)no correction can be read .*1 x .*none.jsonl, row 1: no text"):
        load_corrections(str(tmp_path / "none.jsonl"), 4)


def test_real_rows_train_a_corrector_from_a_folder(tmp_path, tokenizer):
    """The code of notebook 22 for real models, on a tiny one."""
    from w2s_kit.models.families import load_family
    from w2s_kit.models.loading import load_model
    from w2s_kit.models.writer import Writer

    fresh(tokenizer).model.save_pretrained(tmp_path / "small")
    tokenizer.save_pretrained(tmp_path / "small")
    pd.DataFrame(triples(30), index=Triple._fields).T.to_json(
        tmp_path / "rows.jsonl", orient="records", lines=True
    )
    questions, answers, corrections = zip(*load_corrections(str(tmp_path / "rows.jsonl"), 20))
    spec = load_family(str(tmp_path / "small"))["small"]
    corrector = Writer(*load_model(spec))
    history = aligner(
        corrector,
        questions,
        corrections,
        TrainConfig(lr=1e-2, epochs=1, batch_size=8),
        answers=answers,
        warm_up=(questions, answers),
        prompt=PAPERS_PROMPT,
        progress=False,
    )
    assert history.steps == np.ceil(len(questions) / 8) and len(
        correct(corrector, questions, answers, 3, PAPERS_PROMPT)
    ) == len(questions)


# --------------------------------------------------------------------------------------- the measuring script
def test_scattered_errors_are_as_many():
    nouns, _ = measure_aligner.asked(1000, "student")
    told = [advice.tell(advice.facts(noun) | {"dangerous": "safe"}, "so fine .") for noun in nouns]
    found = measure_aligner.scattered(nouns, told, 1000)
    before, after = (advice.judge(nouns, texts) for texts in (told, found))
    pd.testing.assert_series_equal(before[list(FACTS)].mean(), after[list(FACTS)].mean())
    assert (
        after["kind"].all()
        and 0.3 < np.mean([a["dangerous"] == "safe" for a in (advice.read(text)[1] for text in found)]) < 0.7
    ), "no longer all on one side"


def test_what_was_fixed_and_spoiled():
    nouns, _ = measure_aligner.asked(1000, "test")
    truth = [advice.facts(noun) for noun in nouns]
    wrong = {name: {words[0]: words[-1], words[-1]: words[0]} for name, words in FACTS.items()}
    flip = lambda facts, *names: {
        name: wrong[name].get(word, "tiny") if name in names else word for name, word in facts.items()
    }
    before = [advice.tell(flip(facts, "edible", "heavy")) for facts in truth]
    after = [advice.tell(flip(facts, "heavy", "dangerous")) for facts in truth]
    assert measure_aligner.changes(nouns, before, after) == {"fixed": 0.5, "spoiled": 0.5}
    assert measure_aligner.changes(nouns, before, before) == {"fixed": 0, "spoiled": 0}


def test_a_word_list_strikes_out_its_words_only():
    true = "it is big , edible , safe and light ."
    assert [measure_aligner.struck(f"so {word} . {true}") for word in ("dull", "ugly", "lovely")] == [
        true,
        f"so ugly . {true}",
        f"so lovely . {true}",
    ]


def test_copying_needs_the_answer():
    questions, answers = measure_aligner.to_copy(1000)
    nouns, again = advice.ask(
        advice.parts(1000)["aligner"], measure_aligner.TRIPLES, measure_aligner.random.Random("copy-1000")
    )
    assert again == questions and advice.judge(nouns, answers)["helpful"].mean() < 0.5, (
        "they are about other things"
    )


def test_triples():
    questions, answers, corrections = measure_aligner.triples(1000, 0.25)
    nouns, _ = advice.ask(
        advice.parts(1000)["aligner"], measure_aligner.TRIPLES, measure_aligner.random.Random("triples-1000")
    )
    assert corrections == [advice.correction(noun, answer) for noun, answer in zip(nouns, answers)]
    assert advice.judge(nouns, answers)["helpful"].mean() == pytest.approx(0.75, abs=0.02)
    mistaken = measure_aligner.triples(1000, 0.25, 0.1)
    assert mistaken[:2] == (questions, answers) and np.mean(
        [a != b for a, b in zip(mistaken[2], corrections)]
    ) == pytest.approx(0.1, abs=0.03)


def test_the_tables_small(tmp_path, monkeypatch):
    """Every step, on a few questions and the smallest models; the second time, nothing is trained."""
    for name, value in {
        "N": 24,
        "TRIPLES": 24,
        "TEST": 8,
        "CORRECTOR": "xs",
        "STRONG": ("xl, rude",),
        "UPSTREAMS": {
            "s": measure_aligner.Upstream("xs"),
            "xl, rude": measure_aligner.Upstream("xs", measure_aligner.UPSTREAMS["xl, rude"].habit),
        },
    }.items():
        monkeypatch.setattr(measure_aligner, name, value)
    for cached in (measure_aligner.upstream, measure_aligner.copier):
        cached.cache_clear()
    store = Store(tmp_path)
    arrows, strong = measure_aligner.arrows(1000, store), measure_aligner.strong(1000, store)
    for cached in (measure_aligner.upstream, measure_aligner.copier):
        cached.cache_clear()
    assert [row["corrector"] for row in arrows] == [
        "direct",
        *np.repeat([*measure_aligner.CORRECTORS, "word list"], 2),
    ]
    assert [row["labels"] for row in strong] == ["before", *measure_aligner.LABELS]
    monkeypatch.setattr(measure_aligner, "learned", None)
    np.testing.assert_equal(
        (measure_aligner.arrows(1000, store), measure_aligner.strong(1000, store)), (arrows, strong)
    )
