"""Co-supervision (after Liu and Alahi 2024, 2402.15505): several supervisors, each good at something.

The student finds out at what.

    targets = mean of all supervisors' labels
    repeat 1 + rounds times:
        student = its pretrained self, finetuned on (texts, targets)
        answers = the student's: yes for the half of the texts where it leans to yes most (as in `confidence`)
        trust   = for each text and supervisor: how often the supervisor agrees with the student on the 50
                  texts nearest to it
        targets = the label of the supervisor most trusted there; a text on which that supervisor and the
                  student disagree is left out

The paper assigns along a hierarchy of classes, and its supervisors were trained on parts of it. Here are two
answers and no such hierarchy, so nearness in the pretrained student's middle layer takes its place: agreement
on one text alone would be the student's own answer, which with two answers some supervisor always gives.
"""

from __future__ import annotations

import copy

import numpy as np

from ..training.config import TrainConfig
from ..training.history import History
from ..training.reading import predict
from ..training.targets import check_targets
from .naive import naive
from .relabel import knn, middle_features
from .value import method


@method
def co_supervision(
    student, texts, weak_labels, config: TrainConfig, *, panel, rounds: int = 2, k: int = 50, **kw
) -> History:
    """The student learns from a panel of supervisors, and finds out whom to trust where.

    panel: the supervisors' labels, P(label 1), (n, supervisors). `weak_labels` are not used; they should be
    the panel's mean. k: neighbours. The history is the last round's. Raises ValueError for a panel that does
    not fit the texts, and for early stopping, which holds out texts of which the panel knows nothing.
    """
    panel = np.asarray(panel, float)
    if panel.ndim != 2 or len(panel) != len(texts):
        raise ValueError(
            f"panel: expected one row for each of {len(texts)} texts and one column a supervisor, "
            f"got shape {panel.shape}; early stopping, which holds out texts, goes with other methods"
        )
    if not (isinstance(rounds, int) and rounds >= 0):
        raise ValueError(f"rounds is a whole number, at least 0, but got {rounds!r}")
    targets, rows = check_targets(panel.mean(axis=1), len(texts), "the panel's mean"), np.arange(len(texts))
    start, features = copy.deepcopy(student.state_dict()), middle_features(student, texts, kw)
    for left in range(rounds, -1, -1):
        student.load_state_dict(start)
        history = naive(student, [texts[i] for i in rows], targets[rows], config, **kw)
        if left:
            predictions = predict(student, texts)
            answers = (predictions > np.median(predictions)).astype(float)
            targets = panel[np.arange(len(texts)), trusted(features, panel, answers, k)]
            rows = np.flatnonzero((targets > 0.5) == (answers > 0.5))
    return history


def trusted(features: np.ndarray, panel: np.ndarray, answers: np.ndarray, k: int = 50) -> np.ndarray:
    """The supervisor to trust on each text, a column of `panel`, (n,).

    It is the one that agrees with the student's `answers`, (n,), on most of the `k` texts with the nearest
    `features`, (n, width), the text itself among them. Ties go to the first of `panel`, (n, supervisors).
    """
    agree = (panel > 0.5) == (np.asarray(answers) > 0.5)[:, None]
    shares = [knn(features, column.astype(float), features, k) for column in agree.T]
    return np.column_stack(shares).argmax(axis=1)
