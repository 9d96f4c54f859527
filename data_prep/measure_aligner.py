"""Measure a small corrector and ten models that it never saw (Ji et al. 2024), for notebook 22.

    python data_prep/measure_aligner.py    # results/aligner.csv, aligner_strong.csv; an hour on one core

Resumable: the answers of every model are kept in the store. Upstream models are finetuned on answers of some
habit. The corrector "aligner" learns from triples whose answers a crowd wrote. The crowd errs in a quarter of
the facts, about as often as the ten models do on average. Other correctors learn from other crowds, from some
wrong corrections, or without learning to copy first. "direct" is the same small model finetuned to answer, by
the same corrections. "word list" strikes out the rude words of the triples.

In aligner_strong.csv, two of the models are finetuned further, on labels for new questions:

    own           their own answers
    corrections   corrections of these
    direct        answers of "direct"
    truth         the truth
    scattered     the truth with as many wrong facts as the corrections have, about things at random
"""

from __future__ import annotations

import copy
import itertools
import random
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd
from advice_measures import changes, measures, scattered, struck
from measuring import grow_tables, options, parallel

from w2s_kit.experiment.digest import digest
from w2s_kit.experiment.run import Run
from w2s_kit.experiment.store import Store
from w2s_kit.models.families import load_family
from w2s_kit.models.generation import sample, write
from w2s_kit.models.loading import load_model
from w2s_kit.models.writer import Writer
from w2s_kit.studies.aligner import aligner, correct, prompts
from w2s_kit.tasks.miniworld import advice
from w2s_kit.tasks.miniworld.advice import HELD_BACK, Habit
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.loop import finetune

FAMILY, CORRECTOR, LONGEST, BATCH = "miniworld-chat", "m", 20, 250
N, TRIPLES, TEST = 2_000, 4_000, 500
SEEDS = {"aligner": 10, "aligner_strong": 5}
EVEN = (1, 1, 1)  # kind, plain and rude alike


@dataclass(frozen=True)
class Upstream:
    size: str
    habit: Habit = Habit()
    temperature: float = 0.5


UPSTREAMS = {
    "s": Upstream("s"),
    "m, rude": Upstream("m", Habit(manners=(1, 1, 2))),
    "l": Upstream("l"),
    "l, careless": Upstream("l", Habit(wrong=0.3, manners=EVEN)),
    "l, hot": Upstream("l", temperature=1.5),
    "xl": Upstream("xl"),
    "xl, rude": Upstream("xl", Habit(manners=(0, 0, 1))),
    "xl, careless": Upstream("xl", Habit(wrong=0.3, manners=EVEN)),
    "xl, salesman": Upstream("xl", Habit(says={"edible": "edible", "dangerous": "safe", "heavy": "light"})),
    "xl, other words": Upstream("xl", Habit(manners=EVEN, words=HELD_BACK)),
}
# share of facts that the crowd tells wrongly, share of corrections that are wrong, whether copying is learned
# first
CORRECTORS = {
    "aligner": (0.25, 0.0, True),
    "crowd errs in 10 %": (0.1, 0.0, True),
    "crowd errs in 50 %": (0.5, 0.0, True),
    "10 % wrong corrections": (0.25, 0.1, True),
    "no warm-up": (0.25, 0.0, False),
}
STRONG = ("xl, rude", "xl, salesman")
LABELS = ("own", "corrections", "direct", "truth", "scattered")


# ----------------------------------------------------------------------------------------------------- models
def learned(model: Writer, questions, answers, size: str, seed: int, epochs: float = 2) -> Writer:
    config = TrainConfig(load_family(FAMILY)[size].lr, epochs=epochs, seed=seed)
    finetune(model, questions, answers, config, progress=False)
    return model


def fresh(size: str) -> Writer:
    return Writer(*load_model(load_family(FAMILY)[size]))


@lru_cache(maxsize=1)
def upstream(name: str, seed: int) -> Writer:
    who, rng = UPSTREAMS[name], random.Random(f"upstream-{name}-{seed}")
    nouns, questions = advice.ask(advice.parts(seed)["upstream"], N, rng)
    return learned(
        fresh(who.size), questions, [who.habit.answer(noun, rng) for noun in nouns], who.size, seed
    )


def said(name: str, model: Writer, questions, seed: int) -> list[str]:
    temperature = UPSTREAMS[name].temperature
    samples = sample(model, questions, temperature=temperature, seed=seed, longest=LONGEST)
    return [answer for (answer,) in samples]


def triples(seed: int, wrong: float, mistaken: float = 0.0) -> tuple[list[str], list[str], list[str]]:
    """Questions, a crowd's answers, corrections.

    A share `mistaken` of the corrections is another answer of the crowd.
    """
    rng, habit = random.Random(f"triples-{seed}"), Habit(wrong, EVEN)
    nouns, questions = advice.ask(advice.parts(seed)["aligner"], TRIPLES, rng)
    answers = [habit.answer(noun, rng) for noun in nouns]
    return (
        questions,
        answers,
        [
            habit.answer(noun, rng) if rng.random() < mistaken else advice.correction(noun, answer)
            for noun, answer in zip(nouns, answers)
        ],
    )


def to_copy(seed: int) -> tuple[list[str], list[str]]:
    """Questions, and answers that are about some other thing: nothing but copying gets them right."""
    rng = random.Random(f"copy-{seed}")
    nouns, questions = advice.ask(advice.parts(seed)["aligner"], TRIPLES, rng)
    return questions, [Habit(manners=EVEN).answer(rng.choice(nouns), rng) for _ in questions]


@lru_cache(maxsize=1)
def copier(seed: int) -> Writer:
    questions, answers = to_copy(seed)
    return learned(fresh(CORRECTOR), prompts(questions, answers), answers, CORRECTOR, seed)


def corrector(how: str, seed: int) -> Writer:
    """`aligner` in its two stages, of which the first is the same for all.

    Without it, the second is twice as long.
    """
    wrong, mistaken, warm = CORRECTORS[how]
    questions, answers, corrections = triples(seed, wrong, mistaken)
    model, epochs = (copy.deepcopy(copier(seed)), 2) if warm else (fresh(CORRECTOR), 4)
    config = TrainConfig(load_family(FAMILY)[CORRECTOR].lr, epochs=epochs, seed=seed)
    aligner(model, questions, corrections, config, answers=answers, progress=False)
    return model


# ---------------------------------------------------------------------------------------------- what they say
def asked(seed: int, part: str) -> tuple[list, list[str]]:
    return advice.ask(
        advice.parts(seed)[part], TEST if part == "test" else N, random.Random(f"{part}-{seed}")
    )


def answers(name: str, seed: int, store: Store) -> Run:
    """An upstream model's; a strong one's to the student's questions, too."""
    parts = ("test", "student") if name in STRONG else ("test",)
    return _kept(
        store,
        "answers",
        name,
        seed,
        lambda: {part: said(name, upstream(name, seed), asked(seed, part)[1], seed) for part in parts},
    )


def corrections(how: str, seed: int, store: Store) -> Run:
    """Corrections of every upstream model's answers to the test.

    By "aligner", also of a strong model's answers to the student's questions.
    """

    def compute():
        model = corrector(how, seed)
        heard = {(name, "test"): answers(name, seed, store).answers("test").tolist() for name in UPSTREAMS}
        if how == "aligner":
            heard |= {
                (name, "student"): answers(name, seed, store).answers("student").tolist() for name in STRONG
            }
        return {
            f"{name}/{part}": correct(model, asked(seed, part)[1], these, batch_size=BATCH)
            for (name, part), these in heard.items()
        }

    return _kept(store, "corrections", how, seed, compute)


def direct(seed: int, store: Store) -> Run:
    """What the small model answers by itself."""

    def compute():
        questions, _, right = triples(seed, CORRECTORS["aligner"][0])
        model = learned(fresh(CORRECTOR), questions, right, CORRECTOR, seed)
        return {
            part: write(model, asked(seed, part)[1], LONGEST, batch_size=BATCH)
            for part in ("test", "student")
        }

    return _kept(store, "direct", CORRECTOR, seed, compute)


def labels(name: str, kind: str, seed: int, store: Store) -> list[str]:
    nouns, _ = asked(seed, "student")
    own = answers(name, seed, store).answers("student").tolist()
    if kind == "truth":
        return [advice.correction(noun, answer) for noun, answer in zip(nouns, own)]
    if kind == "own":
        return own
    if kind == "direct":
        return direct(seed, store).answers("student").tolist()
    corrected = corrections("aligner", seed, store).answers(f"{name}/student").tolist()
    return corrected if kind == "corrections" else scattered(nouns, corrected, seed)


def student(name: str, kind: str, seed: int, store: Store) -> Run:
    """A strong model's answers to the test, greedily.

    It is finetuned further on labels of some kind, or "before" that.
    """

    def compute():
        model = copy.deepcopy(upstream(name, seed))
        if kind != "before":
            learned(
                model, asked(seed, "student")[1], labels(name, kind, seed, store), UPSTREAMS[name].size, seed
            )
        return {"test": write(model, asked(seed, "test")[1], LONGEST, batch_size=BATCH)}

    return _kept(store, f"student, {kind}", name, seed, compute)


@lru_cache(maxsize=1)
def code() -> str:
    """Names all that the tables go through, as it was when the first run was made."""
    return digest(arrows, strong)


def _kept(store: Store, what: str, who: str, seed: int, compute) -> Run:
    """`compute()` -> {split: answers}, as a run.

    Splits are named after a part of the nouns, perhaps with the model before it.
    """

    def run():
        tables = []
        for split, texts in compute().items():
            nouns, _ = asked(seed, split.split("/")[-1])
            tables.append(
                pd.DataFrame(
                    {
                        "split": split,
                        "row": range(len(texts)),
                        "answer": texts,
                        "probability": 1.0,
                        "label": [advice.tell(advice.facts(noun)) for noun in nouns],
                    }
                )
            )
        return {}, pd.concat(tables, ignore_index=True)

    return store.run(
        {
            "kind": "advice",
            "what": what,
            "who": who,
            "seed": seed,
            "code": code(),
            "weights": [spec.weights_hash for spec in load_family(FAMILY)],
        },
        run,
    )


# ----------------------------------------------------------------------------------------------------- tables
def arrows(seed: int, store: Store) -> list[dict]:
    nouns, _ = asked(seed, "test")
    rows = [
        {
            "corrector": "direct",
            "upstream": "none",
            "size": CORRECTOR,
            "seed": seed,
            **measures(nouns, direct(seed, store).answers("test")),
        }
    ]
    for how in (*CORRECTORS, "word list"):
        for name, who in UPSTREAMS.items():
            before = answers(name, seed, store).answers("test")
            after = (
                list(map(struck, before))
                if how == "word list"
                else corrections(how, seed, store).answers(f"{name}/test")
            )
            rows.append(
                {
                    "corrector": how,
                    "upstream": name,
                    "size": who.size,
                    "seed": seed,
                    **measures(nouns, before, "before_"),
                    **measures(nouns, after),
                    **changes(nouns, before, after),
                }
            )
    return rows


def strong(seed: int, store: Store) -> list[dict]:
    (test, _), (new, _) = asked(seed, "test"), asked(seed, "student")
    rows = []
    for name, kind in itertools.product(STRONG, ("before", *LABELS)):
        row = {
            "student": name,
            "labels": kind,
            "seed": seed,
            **measures(test, student(name, kind, seed, store).answers("test")),
        }
        rows.append(
            row if kind == "before" else row | measures(new, labels(name, kind, seed, store), "labels_")
        )
    return rows


if __name__ == "__main__":
    parser = options(__doc__)
    parser.add_argument("--tables", nargs="+", choices=SEEDS, default=list(SEEDS))
    parser.set_defaults(seeds=None)
    args = parser.parse_args()
    given, functions = args.seeds, {"aligner": arrows, "aligner_strong": strong}
    for name in args.tables:
        args.seeds, function = given or SEEDS[name], functions[name]
        measure = lambda seed: {name: parallel(function, [(seed,)], name, 1, Store(args.store))}  # noqa: B023
        grow_tables([name], args, measure)
