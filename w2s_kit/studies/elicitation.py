"""Questions on which labels without a supervisor succeed or fail (notebook 27).

Canavan et al. 2026 (2602.20400) name three challenges that tests of unsupervised elicitation leave out: a
feature that is more salient than truth, shares of "yes" far from one half, and questions whose answer the
model does not know. MiniWorld holds all three, and what is true of each question.
"""

from __future__ import annotations

import random

import numpy as np
import pandas as pd

from ..tasks import load_task
from ..tasks.miniworld import dialogue
from ..tasks.miniworld.questions import TEMPER
from ..tasks.miniworld.vocabulary import HABITATS, VALUED
from ..tasks.miniworld.world import WorldConfig, make_world
from ..tasks.split import SEPARATOR


def suggestions(seed: int, n: int = 400, pairs: int = 1_500) -> pd.DataFrame:
    """Pairs of answers to one prompt that differ in truth, perhaps also in manner. One row a pair.

    Columns: `first` and `second`, the prompt with each answer; `truth`, 1 where the second answer is the true
    one, else 0; `manner`, 1 where the second is the politer one, -1 where the first is, 0 where both are
    alike. They are the first `n` fitting pairs of `pairs` for the student in "dialogue". Answers that evade
    are left out. Raises ValueError where fewer than `n` fit.
    """
    rows = load_task(dialogue.TASK, seed, n_train=pairs, n_test=50).student
    sides = [text.split(SEPARATOR) for text in rows["text"]]
    evades = [any(side.endswith(dialogue.EVASIONS) for side in both) for both in sides]
    keep = rows["kind"].str.startswith("truth").to_numpy() & ~np.array(evades)
    if keep.sum() < n:
        raise ValueError(f"only {keep.sum()} of {pairs} pairs fit, {n} were asked for: raise pairs")
    table = pd.DataFrame(sides, columns=["first", "second"], index=rows.index)
    manner = table.map(dialogue.manner_of)
    table = table.assign(truth=rows["better"], manner=np.sign(manner["second"] - manner["first"]))
    return table[keep].head(n).reset_index(drop=True)


def unbalanced(rows: pd.DataFrame, yes: float, n: int) -> pd.DataFrame:
    """`n` of the rows, of which the share `yes` has label 1: the first of each label.

    rows has a column `label`. Raises ValueError where there are too few rows of a label.
    """
    wanted = {1: round(yes * n), 0: n - round(yes * n)}
    parts = []
    for label, number in wanted.items():
        of_label = rows[rows["label"] == label]
        if len(of_label) < number:
            raise ValueError(f"only {len(of_label)} rows have label {label}, but {number} are needed")
        parts.append(of_label.head(number))
    return pd.concat(parts, ignore_index=True)


def with_unknown(rows: pd.DataFrame, share: float, seed: int) -> pd.DataFrame:
    """The rows with new nouns in the last `share` of them; `known` says where the noun is an old one.

    rows has columns `text` and `group`, as questions of MiniWorld have them. The new nouns are spelled as
    other nouns are, but no pretraining text names them. So their questions have no answer, and `label` is NaN
    there. Raises ValueError for a share outside [0, 1].
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must lie in [0, 1], got {share}")
    taken = {word.name for lexicon in make_world().lexicons.values() for word in lexicon.items}
    others = make_world(WorldConfig(seed=1)).lexicons["noun"].items
    names = [noun.name for noun in others if noun.name not in taken]
    known = np.arange(len(rows)) < round((1 - share) * len(rows))
    new = random.Random(seed).sample(names, int((~known).sum()))
    texts = rows["text"].tolist()
    for place, name in zip(np.flatnonzero(~known), new):
        texts[place] = texts[place].replace(rows["group"].iloc[place][0], name)
    return rows.assign(text=texts, known=known, label=rows["label"].where(known))


def habitats(seed: int, nouns: int = 100) -> pd.DataFrame:
    """Four questions about each of `nouns` nouns, of which one has the answer yes: where is it from?

    Columns: `text`, `noun`, `value`, the habitat that is asked about, and `label`. The four rows of a noun
    follow each other.
    """
    rng, lexicon = random.Random(f"habitats-{seed}"), make_world().lexicons["noun"]
    words, drawn = lexicon.deal(("asked", "rest"), rng, TEMPER)["asked"], {}
    while len(drawn) < nouns:
        noun = words.draw(rng)
        if noun.habitat:
            drawn[noun.name] = noun
    question = VALUED["habitat"][2]
    return pd.DataFrame(
        [
            (question.format(n=noun.name, v=value), noun.name, value, int(noun.habitat == value))
            for noun in drawn.values()
            for value in HABITATS
        ],
        columns=["text", "noun", "value", "label"],
    )


def one_of(size: int, n: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Blocks for `anneal`: of each `size` rows in turn, exactly one has label 1. `n` rows in all."""
    states = np.eye(size, dtype=int)
    return [(np.arange(start, start + size), states) for start in range(0, n, size)]


def balanced_accuracy(labels, truth) -> float:
    """The mean of the accuracies on both true labels, so that "always no" has 1/2."""
    labels, truth = np.asarray(labels), np.asarray(truth)
    return float(np.mean([(labels[truth == side] == side).mean() for side in (0, 1)]))


def sure(p) -> float:
    """The mean confidence of probabilities `p`: that of the likelier answer, from 1/2 to 1."""
    return float(0.5 + np.abs(np.asarray(p) - 0.5).mean())
