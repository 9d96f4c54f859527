"""MiniWorld's reviews, with a supervisor that is a list of words, and mostly silent.

They are a small copy of the reviews of films in Lang et al. (2405.16043).

    the film was great . did they like it ?          yes
    the film was not awful . did they like it ?      yes, but a list of words sees "awful"

Every review is made of few parts, so all other ways to say the same are known: neighbours are looked up and
not guessed by a language model. Notebook 17 uses them to evaluate the paper's theorems.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pandas as pd

from .concepts import CONCEPTS
from .questions import TEMPER
from .vocabulary import REVIEWED
from .world import make_world

SILENT = -1  #: The label of a supervisor that has nothing to say.
#: The things reviewed in either half: no sentence stands in both.
HALVES = {"train": REVIEWED[:3], "test": REVIEWED[3:]}
LISTED = 20  # good words on the list, and as many bad ones


def draw_reviews(n: int, half: str, seed: int) -> pd.DataFrame:
    """`n` reviews as the task `sentiment` asks them, of the things in one of HALVES.

    The columns are text, label (1 liked), form (plain, not, but, though), things and words (tuples, in the
    order of the text). Draws are independent: a short review may come twice. Raises ValueError for another
    half.
    """
    if half not in HALVES:
        raise ValueError(f"half: expected one of {', '.join(HALVES)}, got {half!r}")
    rng, adjectives = random.Random(f"reviews-{half}-{seed}"), make_world().lexicons["adjective"]
    words = adjectives.part(lambda rank: True, TEMPER)
    rows = []
    while len(rows) < n:
        text, label, carriers = CONCEPTS["sentiment"].ask(lambda sort: words.draw(rng), rng)
        tokens = text.split()
        things = tuple(token for token in tokens if token in REVIEWED)
        if set(things) <= set(HALVES[half]):
            form = next((word for word in ("not", "but", "though") if word in tokens), "plain")
            rows.append((text, int(label), form, things, tuple(word.name for word in carriers)))
    return pd.DataFrame(rows, columns=["text", "label", "form", "things", "words"])


def word_list(seed: int, listed: int = LISTED) -> dict[str, int]:
    """`listed` good words (1) and as many bad ones (0), at random among those that there are."""
    rng, adjectives = random.Random(f"list-{seed}"), make_world().lexicons["adjective"].items
    return {
        word.name: value
        for value in (1, 0)
        for word in rng.sample([a for a in adjectives if a.value == value], listed)
    }


def rule(reviews: pd.DataFrame, listed: dict[str, int]) -> np.ndarray:
    """The labels of the list of words, shape (n,).

    A label is 1 for more good words of the list than bad ones, 0 for fewer, and SILENT for a tie. It is
    SILENT, too, for a good word after *not*: the author of the list handled "not great", but forgot "not
    awful".
    """
    count = np.array(
        [sum(2 * listed[word] - 1 for word in words if word in listed) for words in reviews["words"]]
    )
    silent = (count == 0) | ((count > 0) & (reviews["form"] == "not").to_numpy())
    return np.where(silent, SILENT, count > 0).astype(int)


# What else says the same? name -> a key of each review: neighbours are reviews with the same key, and the
# same truth.
NEIGHBOURS: dict[str, Callable[[pd.DataFrame], list]] = {
    "other words": lambda reviews: list(zip(reviews["form"], reviews["things"])),
    "or turned round": lambda reviews: [
        (form.replace("not", "plain"), things) for form, things in zip(reviews["form"], reviews["things"])
    ],
    "any form": lambda reviews: reviews["things"].str[-1].tolist(),  # the thing that is judged
    "any thing": lambda reviews: [""] * len(reviews),
}


def same_word(reviews: pd.DataFrame, listed: dict[str, int]) -> list:
    """A key that knows no meaning: the words of the list that stand in a review. For a control."""
    return [tuple(word for word in words if word in listed) for words in reviews["words"]]
