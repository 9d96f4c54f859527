"""Real tier: what a frozen model, or a classifier, of the hub makes of files of images."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from tqdm.auto import tqdm

from ...models.whole import load_whole
from ...training.device import Device, pick_device, resting


def features(
    name: str, files: Sequence[Path], batch_size: int = 64, device: Device | None = None
) -> np.ndarray:
    """The features of images, (n, width), float32, by a frozen model of the hub or in a folder.

    Of a transformer with a class token it is that token, as for DINO; else the mean over all places. Raises
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
    """The answers (n,), numbers of `classes`, of a classifier of the hub or in a folder.

    It chooses among these classes only. They are named as the classifier's labels, or else are as many and in
    the same order, as ImageNet's are (n01440764 and so on). Raises ValueError for a class that it has no
    label for, OSError that names the model or image that cannot be read.
    """
    from transformers import AutoModelForImageClassification

    model, processor = _load(AutoModelForImageClassification, name)
    columns = output_columns(classes, model.config.id2label, name)
    forward = lambda pixels: model(pixel_values=pixels).logits[:, columns]
    return _in_batches(forward, model, processor, files, batch_size, device, "weak labels").argmax(axis=1)


def output_columns(classes: Sequence[str], labels: Mapping[int, str], name: str) -> list[int]:
    """Which output of a classifier stands for each class.

    Raises ValueError for a class that is no label, or the label of two outputs, and for two classes of one
    output.
    """
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
            f"{name}: class {unknown[0]!r} ({len(unknown)} of {len(classes)} are like it) "
            "is no label of this classifier, or of two; "
            f"its {len(labels)} labels are {some} and so on. Name the folders so"
        )
    columns = [one[plain(folder)] for folder in classes]
    if len(set(columns)) < len(columns):
        twice = [folder for folder, i in zip(classes, columns) if columns.count(i) > 1]
        raise ValueError(
            f"{name}: classes {twice[0]!r} and {twice[1]!r} are one label of this classifier; "
            "put them into one folder"
        )
    return columns


def _load(auto, name: str, unused: str | None = None):
    """(model, image processor), whole (`models.whole.load_whole`), and without code of others.

    Where the hub has no safetensors file of a model, transformers takes the one of its conversion service.
    """
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
    device, parts = resting(model, device or pick_device()), []
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
