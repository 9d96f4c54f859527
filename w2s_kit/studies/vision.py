"""Weak to strong on images (Burns et al. 2023, Appendix D.1; notebook 12): a weak supervisor labels images,
and a student learns from these labels by a linear probe on a representation that was learned without labels
and stays as it is.

Mini tier: scikit-learn's handwritten digits, a supervisor that sees six of their 64 pixels, and two
representations in the roles of the paper's two DINO models. Real tier: a folder of images, a classifier and a
frozen model of the hub, by other arguments:

    three_stages("patches")
    three_stages("facebook/dino-vitb8", supervisor="timm/mobilenetv3_small_050.lamb_in1k", images="my_images")

Labels are hard, the supervisor's first choice and nothing more: that is what a logistic regression for ten
classes or a thousand learns from without further ado. The released code of the paper gives its probes soft
labels here.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm.auto import tqdm

from ..inside.probes import fit_probe
from ..models.whole import load_whole
from ..shared.names import nearest
from ..tasks.split import PARTS
from ..training.device import Device, pick_device

# what the supervisor sees: with six pixels it is about as accurate as AlexNet, 57 %
ROWS, COLUMNS = slice(3, 5), slice(3, 6)
FOLDERS = {"student": "train", "test": "val"}
SUFFIXES = {".bmp", ".jpeg", ".jpg", ".png", ".webp"}


@dataclass(frozen=True)
class Stages:
    """What each of the three stages answers on the test, and the truth: (n,) each, whole numbers."""

    supervisor: np.ndarray
    student: np.ndarray
    ceiling: np.ndarray
    truth: np.ndarray

    def correct(self) -> np.ndarray:
        """(3, n), true where supervisor, student and ceiling are right; of several seeds, what
        `metrics.estimate_pgr` takes.
        """
        return np.stack([self.supervisor, self.student, self.ceiling]) == self.truth

    def accuracies(self) -> dict[str, float]:
        return {
            f"{who}_accuracy": float(right.mean())
            for who, right in zip(("supervisor", "student", "ceiling"), self.correct())
        }


def probe(
    seen: np.ndarray, unseen: np.ndarray, weak: Mapping[str, np.ndarray], truth: Mapping[str, np.ndarray]
) -> Stages:
    """The student and its ceiling: linear probes on features of the student's images, `seen` (n, width), and
    of the test's, `unseen` (m, width). `weak` and `truth` hold the supervisor's answers and the right ones,
    "student" (n,) and "test" (m,). Raises ValueError for lengths that differ, and where all labels are one
    class.
    """
    for part, rows in (("student", seen), ("test", unseen)):
        if not len(rows) == len(weak[part]) == len(truth[part]):
            raise ValueError(
                f"{part}: features of {len(rows)} images, {len(weak[part])} weak labels, {len(truth[part])} true ones"
            )
    student, ceiling = (fit_probe(seen, labels["student"]).predict(unseen) for labels in (weak, truth))
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
    """Supervisor, student and ceiling. On "digits", both are representations (`STUDENTS`, `CONTROLS`) and the
    supervisor is a probe, too, fitted to the truth on its own third; `seed` draws the split. On a folder of
    images (see `read_folder`), the supervisor is a finished classifier, the student a model without a head,
    by hub id or folder.
    """
    if str(images) == "digits":
        split = load_digits(seed)
        return probe(*represent(student, split, seed), supervise(split, supervisor), split.truth)
    folder = read_folder(images, per_class, seed)
    weak = {
        part: predictions(supervisor, files, folder.classes, batch_size, device)
        for part, files in folder.files.items()
    }
    seen, unseen = (features(student, files, batch_size, device) for files in folder.files.values())
    return probe(seen, unseen, weak, folder.truth)


# ------------------------------------------------------------------------------------------ mini tier: digits
@dataclass(frozen=True)
class Digits:
    """By part, supervisor, student and test: `images` (n, 8, 8) from 0 (paper) to 1 (ink), `truth` (n,) from
    0 to 9, and `rows` (n,), where each image stands in scikit-learn's data set.
    """

    images: dict[str, np.ndarray]
    truth: dict[str, np.ndarray]
    rows: dict[str, np.ndarray]

    @property
    def unlabeled(self) -> np.ndarray:
        """(n, 8, 8): what representations are learned from. Both training parts, never the test."""
        return np.concatenate([self.images["supervisor"], self.images["student"]])


def load_digits(seed: int = 0) -> Digits:
    """The 1797 digits dealt out in three parts of 599, each with the same share of every digit. The same 13
    people wrote all three: the data set does not say who wrote what.
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


Encode = Callable[[np.ndarray], np.ndarray]  # images (n, 8, 8) -> features (n, width)


def _pixels(images: np.ndarray, seed: int = 0) -> Encode:
    return lambda images: images.reshape(len(images), -1)


def _centre(images: np.ndarray, seed: int = 0) -> Encode:
    return lambda images: images[:, ROWS, COLUMNS].reshape(len(images), -1)


def _pca(images: np.ndarray, seed: int = 0, width: int = 10) -> Encode:
    """The `width` directions in which the images differ most: as many as there are digits."""
    from sklearn.decomposition import PCA

    found = PCA(width, random_state=seed).fit(images.reshape(len(images), -1))
    return lambda images: found.transform(images.reshape(len(images), -1))


def _patches(images: np.ndarray, seed: int = 0, side: int = 3, codes: int = 64) -> Encode:
    """Coates, Ng and Lee (2011): cut every image into overlapping patches, even out their brightness and
    contrast, whiten them, and find `codes` typical ones by k-means. An image is described by how near its
    patches are to each of these: the triangle activation, max(0, mean distance - distance), summed over each
    quarter of the image. (n, 4 x codes).
    """
    from sklearn.cluster import KMeans

    def cut(images: np.ndarray) -> np.ndarray:  # (n, places down, places across, pixels), each evened out
        found = np.lib.stride_tricks.sliding_window_view(images, (side, side), axis=(1, 2))
        found = found.reshape(*found.shape[:3], side * side)
        found = found - found.mean(axis=-1, keepdims=True)
        # so that the noise of blank paper is not blown up
        return found / np.sqrt(found.var(axis=-1, keepdims=True) + 0.01)

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
STUDENTS: dict[str, Callable[..., Encode]] = {"pca": _pca, "patches": _patches}
CONTROLS: dict[str, Callable[..., Encode]] = {"centre": _centre, "pixels": _pixels}  # nothing is learned


def learn(representation: str, images: np.ndarray, seed: int = 0) -> Encode:
    """A representation that is learned from `images` (n, 8, 8) alone; the function returned turns images into
    features (n, width). Raises ValueError for an unknown name.
    """
    known = STUDENTS | CONTROLS
    if representation not in known:
        raise ValueError(nearest("representation of digits", representation, known))
    return known[representation](images, seed)


def represent(representation: str, split: Digits, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features (n, width) of the student's images and of the test's."""
    encode = learn(representation, split.unlabeled, seed)
    return encode(split.images["student"]), encode(split.images["test"])


def supervise(split: Digits, supervisor: str = "centre") -> dict[str, np.ndarray]:
    """The supervisor's answers on the parts "student" and "test", (n,) each: a probe on what it sees, fitted
    to the truth of its own part.
    """
    encode = learn(supervisor, split.unlabeled)
    fitted = fit_probe(encode(split.images["supervisor"]), split.truth["supervisor"])
    return {part: fitted.predict(encode(split.images[part])) for part in ("student", "test")}


# ------------------------------------------------------------------------------ real tier: a folder of images
@dataclass(frozen=True)
class ImageFolder:
    """`files` and `truth` (n,), numbers of `classes`, of the parts "student" and "test"."""

    classes: tuple[str, ...]
    files: dict[str, list[Path]]
    truth: dict[str, np.ndarray]


def read_folder(root: str | Path, per_class: int | None = None, seed: int = 0) -> ImageFolder:
    """The images ROOT/train/CLASS/*.jpg, which the student learns from, and ROOT/val/CLASS/*.jpg, the test;
    png, webp and bmp are read as well. `per_class`: at most so many images of a class in each, drawn by
    `seed`. Raises ValueError that names the folder that is missing or empty, or the class that stands in one
    of the two only.
    """
    if per_class is not None and per_class < 1:
        raise ValueError(f"per_class is {per_class}; it should be 1 or more, or None for all images")
    places, rng = {part: Path(root) / name for part, name in FOLDERS.items()}, np.random.default_rng(seed)
    found = {part: _by_class(place) for part, place in places.items()}
    for here, there in (("student", "test"), ("test", "student")):
        for name in sorted(found[here].keys() - found[there].keys()):
            raise ValueError(
                f"{places[there] / name}: this class is missing here, but stands in {places[here]}; add it, or remove it there"
            )
    for classes in found.values() if per_class else ():
        for name, files in classes.items():
            classes[name] = [files[i] for i in sorted(rng.permutation(len(files))[:per_class])]
    truth = {
        part: np.repeat(np.arange(len(classes)), [len(files) for files in classes.values()])
        for part, classes in found.items()
    }
    return ImageFolder(
        tuple(found["test"]),
        {part: [file for files in classes.values() for file in files] for part, classes in found.items()},
        truth,
    )


def _by_class(place: Path) -> dict[str, list[Path]]:
    """The images of each folder in `place`, in alphabetical order."""
    if not place.is_dir():
        raise ValueError(
            f"{place}: there is no such folder; images belong into train/CLASS/ and val/CLASS/ of {place.parent}"
        )
    folders = [
        folder for folder in sorted(place.iterdir()) if folder.is_dir() and not folder.name.startswith(".")
    ]
    if len(folders) < 2:
        raise ValueError(
            f"{place}: has {len(folders)} folders; it should have one for each class, and two classes at least"
        )
    found = {
        folder.name: sorted(
            f for f in folder.iterdir() if f.suffix.lower() in SUFFIXES and not f.name.startswith(".")
        )
        for folder in folders
    }
    for name, files in found.items():
        if not files:
            raise ValueError(
                f"{place / name}: no images ({', '.join(sorted(SUFFIXES))}); add some, or remove this class from train and val"
            )
    return found


def features(
    name: str, files: Sequence[Path], batch_size: int = 64, device: Device | None = None
) -> np.ndarray:
    """(n, width), float32: what a frozen model of the hub or in a folder makes of images, in their order. Of
    a transformer with a class token it is that token, as for DINO; else the mean over all places. Raises
    OSError that names the model or the image that cannot be read.
    """
    from transformers import AutoModel

    # which a model that was trained without labels may not have
    model, processor = _load(AutoModel, name, unused="pooler")
    has_token = any(key.endswith(("cls_token", "class_embedding")) for key, _ in model.named_parameters())

    def forward(pixels: torch.Tensor) -> torch.Tensor:
        hidden = model(pixel_values=pixels).last_hidden_state
        if hidden.ndim == 4:  # (n, channels, height, width) of a convolutional network
            return hidden.mean(dim=(2, 3))
        return hidden[:, 0] if has_token else hidden.mean(dim=1)

    return _in_batches(forward, model, processor, files, batch_size, device, "features")


def predictions(
    name: str,
    files: Sequence[Path],
    classes: Sequence[str],
    batch_size: int = 64,
    device: Device | None = None,
) -> np.ndarray:
    """(n,), numbers of `classes`: what a classifier of the hub or in a folder takes images for, of these
    classes only. The classes are named as the classifier's labels, or else are as many and in the same order,
    as ImageNet's are (n01440764 and so on). Raises ValueError for a class that it has no label for, OSError
    that names the model or image that cannot be read.
    """
    from transformers import AutoModelForImageClassification

    model, processor = _load(AutoModelForImageClassification, name)
    columns = _columns(classes, model.config.id2label, name)
    forward = lambda pixels: model(pixel_values=pixels).logits[:, columns]
    return _in_batches(forward, model, processor, files, batch_size, device, "weak labels").argmax(axis=1)


def _columns(classes: Sequence[str], labels: Mapping[int, str], name: str) -> list[int]:
    """Which output of a classifier stands for each class."""
    plain = lambda text: " ".join(str(text).lower().replace("_", " ").replace("-", " ").split())
    # MobileNet's label 0
    labels = {int(i): plain(label) for i, label in labels.items() if plain(label) != "background"}
    whole = Counter(labels.values())
    one = {label: i for i, label in labels.items() if whole[label] == 1}
    words = Counter(word.strip() for label in labels.values() for word in set(label.split(",")))
    # "tench, tinca tinca"
    one = {
        word.strip(): i
        for i, label in labels.items()
        for word in label.split(",")
        if words[word.strip()] == 1
    } | one
    unknown = [folder for folder in classes if plain(folder) not in one]
    if len(unknown) == len(classes) == len(labels):
        return sorted(labels)
    if unknown:
        some = ", ".join(repr(label) for label in list(labels.values())[:3])
        raise ValueError(
            f"{name}: class {unknown[0]!r} ({len(unknown)} of {len(classes)} are like it) is no label of this classifier, or of two; "
            f"its {len(labels)} labels are {some} and so on. Name the folders so"
        )
    columns = [one[plain(folder)] for folder in classes]
    if len(set(columns)) < len(columns):
        twice = [folder for folder, i in zip(classes, columns) if columns.count(i) > 1]
        raise ValueError(
            f"{name}: classes {twice[0]!r} and {twice[1]!r} are one label of this classifier; put them into one folder"
        )
    return columns


def _load(auto, name: str, unused: str | None = None):
    """(model, image processor), whole (`models.check_whole`), and without code of others. Where the hub has
    no safetensors file of a model, transformers takes the one of its conversion service."""
    from safetensors import SafetensorError
    from transformers import AutoImageProcessor

    try:
        model = load_whole(auto, name, unused=unused)
        return model, AutoImageProcessor.from_pretrained(name, trust_remote_code=False)
    except (SafetensorError, OSError, ValueError, RuntimeError, ImportError) as error:
        hint = "; this is no trained classifier" if unused is None and "are missing" in str(error) else ""
        reason = " ".join(str(error).split())[:300]
        raise OSError(f"{name}: this model cannot be loaded ({reason}{hint})") from error


def _read_image(file: Path):
    from PIL import Image

    try:
        with Image.open(file) as image:
            return image.convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        # Pillow has a kind for each way to be broken
        raise OSError(
            f"{file}: cannot be read as an image ({error}); fetch it again, or remove it"
        ) from error


@torch.inference_mode()
def _in_batches(
    forward: Callable,
    model,
    processor,
    files: Sequence[Path],
    batch_size: int,
    device: Device | None,
    what: str,
) -> np.ndarray:
    device, parts = device or pick_device(), []
    model.to(device.device).eval()
    read = lambda file: processor(_read_image(file), return_tensors="pt")["pixel_values"]
    starts = tqdm(
        range(0, len(files), batch_size),
        what,
        delay=2,
        leave=False,
        disable=bool(os.environ.get("TQDM_DISABLE")),
    )
    with ThreadPoolExecutor() as pool:  # decoding takes longer than a small model does
        for start in starts:
            pixels = torch.cat(list(pool.map(read, files[start : start + batch_size]))).to(device.device)
            with device.autocast():
                parts.append(forward(pixels).float().cpu())
    return torch.cat(parts).numpy()
