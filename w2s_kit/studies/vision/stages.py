"""The three stages on images: the student and the ceiling are linear probes on frozen features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...inside.probes import fit_probe
from ...training.device import Device
from .digits import load_digits, represent, supervise
from .folders import read_folder
from .image_models import features, predictions


@dataclass(frozen=True)
class Stages:
    """The answers of the three stages on the test, (n,) each, whole numbers.

    Fields:

        supervisor    what the weak model says
        student       what the probe says that learned from the supervisor's labels
        ceiling       what the probe says that learned from the truth
        truth         what is right
    """

    supervisor: np.ndarray
    student: np.ndarray
    ceiling: np.ndarray
    truth: np.ndarray

    def correct(self) -> np.ndarray:
        """Where supervisor, student and ceiling are right: (3, n), booleans.

        `metrics.pgr.estimate_pgr` takes these of several seeds.
        """
        return np.stack([self.supervisor, self.student, self.ceiling]) == self.truth

    def accuracies(self) -> dict[str, float]:
        """supervisor_accuracy, student_accuracy and ceiling_accuracy."""
        return {
            f"{who}_accuracy": float(right.mean())
            for who, right in zip(("supervisor", "student", "ceiling"), self.correct())
        }


def probe(
    train_features: np.ndarray,
    test_features: np.ndarray,
    weak: Mapping[str, np.ndarray],
    truth: Mapping[str, np.ndarray],
) -> Stages:
    """Fit the student and its ceiling, linear probes on the features of images.

    `train_features` (n, width) are of the student's images, `test_features` (m, width) of the test's. `weak`
    and `truth` hold the supervisor's answers and the right ones, "student" (n,) and "test" (m,). Raises
    ValueError for lengths that differ, and where all labels are one class.
    """
    for part, rows in (("student", train_features), ("test", test_features)):
        if not len(rows) == len(weak[part]) == len(truth[part]):
            raise ValueError(
                f"{part}: features of {len(rows)} images, {len(weak[part])} weak labels, "
                f"{len(truth[part])} true ones"
            )
    student, ceiling = (
        fit_probe(train_features, labels["student"]).predict(test_features) for labels in (weak, truth)
    )
    return Stages(np.asarray(weak["test"]), student, ceiling, np.asarray(truth["test"]))


def three_stages(
    student: str = "patches",
    supervisor: str = "centre",
    images: str | Path = "digits",
    seed: int = 0,
    per_class: int | None = None,
    batch_size: int = 64,
    device: Device | None = None,
) -> Stages:
    """Run supervisor, student and ceiling on digits or on a folder of images.

    On "digits", both are representations (`STUDENTS`, `CONTROLS`). The supervisor is a probe, too, fitted to
    the truth on its own third; `seed` draws the split. On a folder of images (see `read_folder`), the
    supervisor is a finished classifier and the student a model without a head, by hub id or folder.
    """
    if str(images) == "digits":
        split = load_digits(seed)
        return probe(*represent(student, split, seed), supervise(split, supervisor), split.truth)
    folder = read_folder(images, per_class, seed)
    weak = {
        part: predictions(supervisor, files, folder.classes, batch_size, device)
        for part, files in folder.files.items()
    }
    train_features, test_features = (
        features(student, files, batch_size, device) for files in folder.files.values()
    )
    return probe(train_features, test_features, weak, folder.truth)
