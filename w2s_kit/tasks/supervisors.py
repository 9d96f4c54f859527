"""Weak labels without a weak model: as many errors as wanted, and where they are wanted.

Source: Burns et al. 2023, Appendix E.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np
import pandas as pd

from .miniworld.concepts import CONCEPTS
from .miniworld.world import make_world, mistaken


def distracted_labels(examples: pd.DataFrame) -> np.ndarray:
    """The labels of a distractible supervisor, who is wrong after an aside: hard labels, floats (n,)."""
    return np.where(examples["distracted"], 1 - examples["label"], examples["label"]).astype(float)


def specialists(examples, expert, layman) -> np.ndarray:
    """The labels of a panel for questions about MiniWorld's things, shape (n, kinds).

    Each member answers as `expert` (n,) on one kind of thing, and as `layman` (n,) on the others. Foods are
    few, so the expert of plants knows them, too. Raises ValueError for tasks about other words.
    """
    kinds = {noun.name: noun.kind for noun in make_world().lexicons["noun"].items}
    if unknown := sorted({group[0] for group in examples["group"]} - set(kinds)):
        raise ValueError(
            f"specialists are for questions about things, and {unknown[0]!r} is none: "
            "take a task such as danger, edible or weight"
        )
    kind = np.array([kinds[group[0]].replace("food", "plant") for group in examples["group"]])
    known = [name for name in dict.fromkeys(k.replace("food", "plant") for k in kinds.values())]
    return np.column_stack([np.where(kind == name, expert, layman) for name in known])


def wrong_at_top(truth, score, errors: int, seed: int = 0) -> np.ndarray:
    """Ground truth (n,), 0 or 1, but wrong on the `errors` examples of the highest `score` (n,).

    The result are hard labels, floats (n,). Equal scores are ordered at random. Raises ValueError for more
    errors than examples, or where examples and scores differ in number.
    """
    truth, score = np.asarray(truth, float), np.asarray(score, float)
    if score.shape != truth.shape or not 0 <= errors <= len(truth):
        raise ValueError(
            f"{errors} errors among {len(truth)} examples with {len(score)} scores: "
            "every example has a score, and is wrong at most once"
        )
    order = np.lexsort((np.random.default_rng(seed).random(len(truth)), -score))
    labels = truth.copy()
    labels[order[:errors]] = 1 - labels[order[:errors]]
    return labels


def errors_shared(truth, answers, overlap: float, errors: int, seed: int = 0) -> np.ndarray:
    """Ground truth (n,) with `errors` errors, some of them where `answers` is wrong, too.

    truth, answers: 0 or 1, (n,). Wrong are the share `overlap` of the examples that `answers` has wrong, and
    for the rest examples that it has right. Where the errors stand is drawn at random. Their number is the
    same at every overlap, so the accuracy is, too. The result are hard labels, floats. Raises ValueError for
    an overlap outside [0, 1], for what is not 0 or 1, and for a number of errors that cannot be placed so.
    Notebook 26 turns this dial.
    """
    truth, answers = np.asarray(truth, float), np.asarray(answers, float)
    if truth.shape != answers.shape or not np.isin([truth, answers], (0, 1)).all():
        raise ValueError(
            "truth and answers are 0 or 1, one of each for every example: make answers hard first"
        )
    if not 0 <= overlap <= 1:
        raise ValueError(f"overlap is a share from 0 to 1, but {overlap} was given")
    wrong, right = np.flatnonzero(truth != answers), np.flatnonzero(truth == answers)
    shared = round(overlap * len(wrong))
    if not 0 <= errors - shared <= len(right):
        raise ValueError(
            f"{errors} errors, of which {shared} are the answers' own: the others need as many of "
            f"{len(right)} examples that the answers have right; take from {shared} to {shared + len(right)}"
        )
    rng, labels = np.random.default_rng(seed), truth.copy()
    for places, number in ((wrong, shared), (right, errors - shared)):
        chosen = rng.choice(places, number, replace=False)
        labels[chosen] = 1 - labels[chosen]
    return labels


def _tools(examples: pd.DataFrame) -> np.ndarray:
    kinds = {noun.name: noun.kind for noun in make_world().lexicons["noun"].items}
    return np.array([kinds[group[0]] == "tool" for group in examples["group"]])


def _long_form(examples: pd.DataFrame) -> np.ndarray:
    """Which questions are asked in the longer of two forms.

    "is the dax edible ?" has five words, and "do people eat the dax ?" has six.
    """
    return examples["text"].str.split().str.len() > 5


# name -> a score of each example of a table (`Split`): errors stand where it is highest. One function for all
# parts of a split.
STRUCTURES: dict[str, Callable[[pd.DataFrame], np.ndarray]] = {
    "noise": lambda examples: np.zeros(len(examples)),
    # some words, always
    "word": lambda examples: np.array([zlib.crc32(group[0].encode()) for group in examples["group"]]),
    "rare": lambda examples: examples["difficulty"].to_numpy(),
    "common": lambda examples: -examples["difficulty"].to_numpy(),
    "long": lambda examples: examples["text"].str.len().to_numpy(),
    "short": lambda examples: -examples["text"].str.len().to_numpy(),
    # words of the first letters
    "letter": lambda examples: np.array([-ord(group[0][0]) for group in examples["group"]]),
    "kind": _tools,  # all about tools: a rule on what a word means
    # leans to yes in the longer form
    "form": lambda examples: np.abs(_long_form(examples) - examples["label"]).to_numpy(),
    "yes": lambda examples: -examples["label"].to_numpy(),  # says yes too often
}


def beliefs(task: str, examples: pd.DataFrame) -> np.ndarray:
    """The labels of people who are wrong about three words in ten: hard labels, floats (n,).

    See `world.mistaken`. Raises ValueError for a task that one yes-or-no fact about one word does not decide.
    """
    concept = CONCEPTS.get(task)
    if not concept or concept.attribute not in ("edible", "dangerous", "heavy", "valence", "polarity"):
        raise ValueError(
            f"{task}: beliefs are known where one fact decides: "
            "edible, danger, weight, ethics, social, sentiment"
        )
    fact = lambda item: getattr(item, concept.attribute if concept.sort == "noun" else "value")
    world = make_world()
    told, believed = (of.lexicons[concept.sort].items for of in (world, mistaken(world)))
    wrong = {true.name for true, said in zip(told, believed) if fact(true) != fact(said)}
    decides = examples["group"].str[-1]  # of two adjectives the last one has the last word
    return np.where(decides.isin(wrong), 1 - examples["label"], examples["label"]).astype(float)
