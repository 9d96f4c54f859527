"""What gives labels away: how far one gets in a task without understanding its texts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .split import SEPARATOR, Split

PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[]_"


def leaks(split: Split) -> dict:
    """How far one gets in a task without understanding its texts, as a row of a table.

    It holds the test accuracy of two classifiers that learn from the ground truth of both halves, with 95 %
    Wilson intervals.

        words     which words and pairs of words there are, in no order (tf-idf, logistic regression)
        format    lengths, capitals, digits, punctuation, and how a text begins and ends, but no word
                  (boosted trees)

    Flagged where accuracy is three standard errors above one half. Flagged words need be no leak: sentiment
    stands in words. A flagged format says that labels show without reading. In "pairs", both see what the
    second side has more than the first. Raises ValueError for tasks of other kinds.
    """
    from scipy.stats import binomtest
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    if split.kind not in ("classes", "pairs"):
        raise ValueError(f"{split.name} is a task of {split.kind}; leaks are measured in classes and pairs")
    train, test = pd.concat([split.supervisor, split.student]), split.test
    tfidf = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")
    tfidf.fit([side for text in train["text"] for side in text.split(SEPARATOR)])
    readers = {
        "words": (tfidf.transform, LogisticRegression(C=10, max_iter=1000)),
        "format": (
            lambda texts: np.array([_shape(text) for text in texts]),
            HistGradientBoostingClassifier(max_iter=60, random_state=0),
        ),
    }
    row = {"task": split.name, "n_train": len(train), "n_test": len(test)}
    for name, (read, model) in readers.items():
        seen = []
        for table in (train, test):
            sides = list(zip(*(text.split(SEPARATOR) for text in table["text"])))
            seen.append(read(sides[0]) if len(sides) == 1 else read(sides[1]) - read(sides[0]))
        right = int((model.fit(seen[0], train["label"]).predict(seen[1]) == test["label"].to_numpy()).sum())
        accuracy, ends = right / len(test), binomtest(right, len(test)).proportion_ci(method="wilson")
        row |= {
            name: accuracy,
            f"{name}_low": ends.low,
            f"{name}_high": ends.high,
            f"{name}_flag": bool(accuracy > 0.5 + 3 * 0.5 / len(test) ** 0.5),
        }
    return row


def _shape(text: str) -> list[float]:
    """Numbers that say nothing about words: of the whole text, and of its last line, where answers stand."""

    def kind(letter: str) -> int:
        return next(
            (
                i
                for i, test in enumerate((str.islower, str.isupper, str.isdigit, str.isspace))
                if test(letter)
            ),
            4,
        )

    numbers = []
    for piece in (text, text.rstrip().rsplit("\n", 1)[-1].split(": ", 1)[-1]):
        words = piece.split() or [""]
        numbers += [
            len(piece),
            len(words),
            sum(map(len, words)) / len(words),
            len(words[0]),
            len(words[-1]),
            piece.count("\n"),
            sum(map(str.isupper, piece)),
            sum(map(str.isdigit, piece)),
            kind(piece[:1]),
            kind(piece[-1:]),
            kind(words[-1][:1]),
            *(piece.count(sign) for sign in PUNCTUATION),
        ]
    return numbers
