"""A finished run: its config, its metrics and its predictions."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

#: The columns of predictions.
COLUMNS = ["split", "row", "probability", "label"]
CHOICES = ["answer", "distribution"]  #: Further columns, where there are more than two answers.


def answers(predictions: pd.DataFrame) -> np.ndarray:
    """What the model says, row by row: 0 or 1, the place of its answer, or the text that it wrote."""
    if "answer" not in predictions:
        return (predictions["probability"] > 0.5).to_numpy(int)
    return predictions["answer"].to_numpy(copy=True)


def one_hot(places) -> np.ndarray:
    """Answers by place, (n,), as distributions with all weight on them, (n, answers)."""
    places = np.asarray(places, int)
    return np.eye(places.max() + 1)[places]


@dataclass(frozen=True)
class Run:
    """A finished run, as read from its folder.

    Fields:

        name           of the run, and of its folder
        folder         where it stands
        config         all that decides its result
        metrics        what it gave, such as accuracy and seconds
        predictions    one row an example, with the columns COLUMNS, and CHOICES where there are more answers
    """

    name: str
    folder: Path = field(repr=False)
    config: dict = field(repr=False)
    metrics: dict
    predictions: pd.DataFrame = field(repr=False)

    def split(self, part: str) -> pd.DataFrame:
        """The predictions on one part of the data, in its order.

        Raises ValueError when the run made none there.
        """
        rows = self.predictions[self.predictions["split"] == part].sort_values("row", ignore_index=True)
        if rows.empty:
            parts = sorted(set(self.predictions["split"]))
            raise ValueError(f"run {self.name} has no predictions on {part!r}, only on {parts}")
        return rows

    def probabilities(self, split: str = "test") -> np.ndarray:
        """P(label 1), shape (n,). A supervisor's on "student" are the weak labels."""
        return self.split(split)["probability"].to_numpy(copy=True)

    def labels(self, split: str = "test") -> np.ndarray:
        """Ground truth, shape (n,)."""
        return self.split(split)["label"].to_numpy(copy=True)

    def answers(self, split: str = "test") -> np.ndarray:
        """What the model says: 0 or 1, or the place of its answer; integers, shape (n,)."""
        return answers(self.split(split))

    def weak_labels(self, split: str = "student", hard: bool = False) -> np.ndarray:
        """What a student learns from: the model's predictions as labels.

        They are P(label 1), shape (n,). Of more than two answers they are distributions, (n, answers). Of a
        model that writes they are its texts, (n,), and always hard.
        hard: all weight on the model's answer. Raises ValueError when soft labels were not kept.
        """
        rows = self.split(split)
        if "answer" in rows and not pd.api.types.is_numeric_dtype(rows["answer"]):
            if not hard:
                raise ValueError(
                    f"run {self.name} wrote its answers, so there are no soft labels: set hard_labels=True"
                )
            return self.answers(split)
        if "answer" not in rows:
            return self.answers(split).astype(float) if hard else self.probabilities(split)
        if hard:
            return one_hot(rows["answer"])
        if "distribution" not in rows or rows["distribution"].isna().any():
            raise ValueError(
                f"run {self.name} kept answers on {split!r}, but no distributions to make soft labels of"
            )
        soft = np.zeros((len(rows), rows["distribution"].map(len).max()))
        for row, values in zip(soft, rows["distribution"]):
            row[: len(values)] = np.asarray(values, float) / np.sum(values, dtype=float)
        return soft

    def correct(self, split: str = "test") -> np.ndarray:
        """Which predictions are right: booleans, shape (n,)."""
        return self.answers(split) == self.labels(split)

    def accuracy(self, split: str = "test") -> float:
        """The share of predictions that are right."""
        return float(self.correct(split).mean())


def check_predictions(table: pd.DataFrame) -> None:
    """Raises ValueError, with the row, for a table of predictions that a store cannot keep."""
    missing = set(COLUMNS) - set(table.columns)
    if missing or table.empty:
        problem = f"missing {sorted(missing)}" if missing else "got none"
        raise ValueError(f"predictions: expected rows with the columns {COLUMNS}, {problem}")
    if "answer" in table and not pd.api.types.is_numeric_dtype(table["answer"]):
        for column in ("label", "answer"):
            bad = [row for row, text in enumerate(table[column]) if not isinstance(text, str)]
            if bad:
                raise ValueError(
                    f"predictions: row {bad[0]} has {column} {table[column].iloc[bad[0]]!r}, where the "
                    "answers are texts"
                )
        return
    highest = {
        "probability": 1,
        **({"label": np.inf, "answer": np.inf} if "answer" in table else {"label": 1}),
    }
    for column, most in highest.items():
        bad = np.flatnonzero(~table[column].between(0, most).to_numpy())
        if bad.size:
            raise ValueError(
                f"predictions: row {bad[0]} has {column} {table[column].iloc[bad[0]]}, which is not in "
                f"[0, {most:g}]"
            )
