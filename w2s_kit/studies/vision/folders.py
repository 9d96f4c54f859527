"""Real tier: a folder of images, one folder a class."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

FOLDERS = {"student": "train", "test": "val"}
SUFFIXES = {".bmp", ".jpeg", ".jpg", ".png", ".webp"}


@dataclass(frozen=True)
class ImageFolder:
    """Images of the parts "student" and "test".

    Fields:

        classes    their names, in the order of their numbers
        files      the paths of the images of each part
        truth      (n,) of each part, numbers of `classes`
    """

    classes: tuple[str, ...]
    files: dict[str, list[Path]]
    truth: dict[str, np.ndarray]


def read_folder(root: str | Path, per_class: int | None = None, seed: int = 0) -> ImageFolder:
    """Read the names of the images of a folder.

    The student learns from ROOT/train/CLASS/*.jpg, and ROOT/val/CLASS/*.jpg is the test; png, webp and bmp
    are read as well. `per_class`: at most so many images of a class in each, drawn by `seed`.

    Raises ValueError that names the folder that is missing or empty, or the class that stands in one of the
    two only.
    """
    if per_class is not None and per_class < 1:
        raise ValueError(f"per_class is {per_class}; it should be 1 or more, or None for all images")
    places, rng = {part: Path(root) / name for part, name in FOLDERS.items()}, np.random.default_rng(seed)
    images = {part: _by_class(place) for part, place in places.items()}
    for here, there in (("student", "test"), ("test", "student")):
        for name in sorted(images[here].keys() - images[there].keys()):
            raise ValueError(
                f"{places[there] / name}: this class is missing here, but stands in {places[here]}; "
                "add it, or remove it there"
            )
    for classes in images.values() if per_class else ():
        for name, files in classes.items():
            classes[name] = [files[i] for i in sorted(rng.permutation(len(files))[:per_class])]
    truth = {
        part: np.repeat(np.arange(len(classes)), [len(files) for files in classes.values()])
        for part, classes in images.items()
    }
    return ImageFolder(
        tuple(images["test"]),
        {part: [file for files in classes.values() for file in files] for part, classes in images.items()},
        truth,
    )


def _by_class(place: Path) -> dict[str, list[Path]]:
    """The images of each folder in `place`, in alphabetical order."""
    if not place.is_dir():
        raise ValueError(
            f"{place}: there is no such folder; "
            f"images belong into train/CLASS/ and val/CLASS/ of {place.parent}"
        )
    folders = [
        folder for folder in sorted(place.iterdir()) if folder.is_dir() and not folder.name.startswith(".")
    ]
    if len(folders) < 2:
        raise ValueError(
            f"{place}: has {len(folders)} folders; "
            "it should have one for each class, and two classes at least"
        )
    images = {
        folder.name: sorted(
            f for f in folder.iterdir() if f.suffix.lower() in SUFFIXES and not f.name.startswith(".")
        )
        for folder in folders
    }
    for name, files in images.items():
        if not files:
            raise ValueError(
                f"{place / name}: no images ({', '.join(sorted(SUFFIXES))}); "
                "add some, or remove this class from train and val"
            )
    return images
