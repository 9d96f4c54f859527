"""Mini tier: scikit-learn's handwritten digits, and representations that are learned from them alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...inside.probes import fit_probe
from ...shared.names import nearest
from ...tasks.split import PARTS
from .contrast import contrastive

# what the supervisor sees: with six pixels it is about as accurate as AlexNet, 57 %
ROWS, COLUMNS = slice(3, 5), slice(3, 6)


@dataclass(frozen=True)
class Digits:
    """The digits by part: supervisor, student and test.

    Fields:

        images    (n, 8, 8) of each part, from 0 (paper) to 1 (ink)
        truth     (n,) of each part, from 0 to 9
        rows      (n,) of each part: where each image stands in scikit-learn's data set
    """

    images: dict[str, np.ndarray]
    truth: dict[str, np.ndarray]
    rows: dict[str, np.ndarray]

    @property
    def unlabeled(self) -> np.ndarray:
        """The images that representations learn from, (n, 8, 8): both training parts, never the test."""
        return np.concatenate([self.images["supervisor"], self.images["student"]])


def load_digits(seed: int = 0) -> Digits:
    """Deal the 1797 digits out in three parts of 599, each with the same share of every digit.

    The same 13 people wrote all three: the data set does not say who wrote what.
    """
    from sklearn import datasets

    data = datasets.load_digits()
    order = np.random.default_rng(seed).permutation(len(data.target))
    order = order[np.argsort(data.target[order], kind="stable")]  # by digit, in random order within each
    rows = {part: np.sort(order[i::3]) for i, part in enumerate(PARTS)}
    return Digits(
        {part: data.images[i] / 16 for part, i in rows.items()},
        {part: data.target[i] for part, i in rows.items()},
        rows,
    )


Encode = Callable[[np.ndarray], np.ndarray]  #: Images (n, 8, 8) -> features (n, width).


def _pixels(images: np.ndarray, seed: int = 0) -> Encode:
    return lambda images: images.reshape(len(images), -1)


def _centre(images: np.ndarray, seed: int = 0) -> Encode:
    return lambda images: images[:, ROWS, COLUMNS].reshape(len(images), -1)


def _pca(images: np.ndarray, seed: int = 0, width: int = 10) -> Encode:
    """The `width` directions in which the images differ most: as many as there are digits."""
    from sklearn.decomposition import PCA

    fitted = PCA(width, random_state=seed).fit(images.reshape(len(images), -1))
    return lambda images: fitted.transform(images.reshape(len(images), -1))


def _patches(images: np.ndarray, seed: int = 0, side: int = 3, codes: int = 64) -> Encode:
    """The patches of Coates, Ng and Lee (2011): features (n, 4 x codes).

    Cut every image into overlapping patches, even out their brightness and contrast, whiten them, and find
    `codes` typical ones by k-means. An image is described by how near its patches are to each of these: the
    triangle activation, max(0, mean distance - distance), summed over each quarter of the image.
    """
    from sklearn.cluster import KMeans

    def cut(images: np.ndarray) -> np.ndarray:  # (n, places down, places across, pixels), each evened out
        patches = np.lib.stride_tricks.sliding_window_view(images, (side, side), axis=(1, 2))
        patches = patches.reshape(*patches.shape[:3], side * side)
        patches = patches - patches.mean(axis=-1, keepdims=True)
        # so that the noise of blank paper is not blown up
        return patches / np.sqrt(patches.var(axis=-1, keepdims=True) + 0.01)

    known = cut(images).reshape(-1, side * side)
    mean = known.mean(axis=0)
    size, direction = np.linalg.eigh(np.cov(known.T))
    whiten = direction / np.sqrt(size + 0.1) @ direction.T
    typical = KMeans(codes, n_init=1, random_state=seed).fit((known - mean) @ whiten)

    def encode(images: np.ndarray) -> np.ndarray:
        patches = cut(images)
        n, down, across, _ = patches.shape
        distance = typical.transform(((patches - mean) @ whiten).reshape(-1, side * side)).reshape(
            n, down, across, codes
        )
        active = np.maximum(0, distance.mean(axis=-1, keepdims=True) - distance)
        quarters = [
            quarter
            for half in np.split(active, [down // 2], axis=1)
            for quarter in np.split(half, [across // 2], axis=2)
        ]
        return np.concatenate([quarter.sum(axis=(1, 2)) for quarter in quarters], axis=1)

    return encode


# A function of unlabeled images (n, 8, 8) and a seed, to what then turns any images into features: a frozen
# representation.
STUDENTS: dict[str, Callable[..., Encode]] = {
    "pca": _pca,
    "patches": _patches,
    "contrastive": contrastive,
}
CONTROLS: dict[str, Callable[..., Encode]] = {"centre": _centre, "pixels": _pixels}  # nothing is learned


def learn(representation: str, images: np.ndarray, seed: int = 0, **options) -> Encode:
    """Learn a representation from `images` (n, 8, 8) alone, with `options` of its own, such as `passes`.

    The function returned turns images into features (n, width). Raises ValueError for an unknown name.
    """
    known = STUDENTS | CONTROLS
    if representation not in known:
        raise ValueError(nearest("representation of digits", representation, known))
    return known[representation](images, seed, **options)


def represent(representation: str, split: Digits, seed: int = 0, **options) -> tuple[np.ndarray, np.ndarray]:
    """Features (n, width) of the student's images and of the test's; `options` as for `learn`."""
    encode = learn(representation, split.unlabeled, seed, **options)
    return encode(split.images["student"]), encode(split.images["test"])


def supervise(split: Digits, supervisor: str = "centre") -> dict[str, np.ndarray]:
    """The supervisor's answers on the parts "student" and "test", (n,) each.

    The supervisor is a probe on what it sees, fitted to the truth of its own part.
    """
    encode = learn(supervisor, split.unlabeled)
    fitted = fit_probe(encode(split.images["supervisor"]), split.truth["supervisor"])
    return {part: fitted.predict(encode(split.images[part])) for part in ("student", "test")}
