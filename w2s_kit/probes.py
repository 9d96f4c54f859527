"""What a model holds, read from outside: the features of its last token, and how well a linear probe finds a concept in them
(Burns et al. 2023, Section 5.2.3: a concept that a probe finds easily is salient)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial
from types import SimpleNamespace

import numpy as np

from .train import Device, encode, in_batches, pick_device


def features(model, texts: Sequence[str], token_budget: int = 16_384, device: Device | None = None, layer: int | None = None) -> np.ndarray:
    """(n, width): what the head of a classifier or reward model sees of each text, or what an earlier `layer` makes of its last
    token: 0 are the embeddings, 1 the first layer's output, -2 the one's before the last. A comparison is two texts here."""
    device = device or pick_device(next(model.parameters()).device.type)
    model.to(device.device).eval()
    single = SimpleNamespace(tokenizer=getattr(model.tokenizer, "tokenizer", model.tokenizer), pad_id=model.pad_id, longest=model.longest)
    forward = model.features if layer is None else partial(model.features, layer=layer)
    return in_batches(forward, encode(single, texts, device.device), device, token_budget)


def few_shot(asked: Sequence[str], seen: Sequence[str], labels: Sequence[int], shots: int, rng: random.Random, words: tuple[str, str] = ("no", "yes")) -> list[str]:
    """Each text of `asked` after `shots` others with their 0/1 labels in words, drawn anew for each (Section 5.2.1)."""
    def example(i: int) -> str:
        return f"{seen[i]} {words[int(labels[i])]} ."

    return [" ".join([*map(example, rng.sample(range(len(seen)), shots)), text]) for text in asked]


def rewards(model, texts: Sequence[str]) -> np.ndarray:
    """(n,): what a reward model gives to each text; differences mean something, levels do not."""
    return features(model, texts) @ model.head.weight.detach().cpu().numpy()[0]


def fit_probe(seen: np.ndarray, labels: Sequence[int] | np.ndarray, C: float = 0.1):
    """A logistic regression on features (n, width) with 0/1 labels (n,), as a classifier of scikit-learn; the smaller C, the less it
    learns by heart. Raises ValueError for one class only."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=2_000)).fit(seen, np.asarray(labels))


def fit_words(texts: Sequence[str], labels: Sequence[int]):
    """A linear classifier on which words a text has, with an L1 penalty: it finds the few words that tell the labels, and takes no
    other. As a classifier of scikit-learn, of texts. Raises ValueError for one class only."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    words = CountVectorizer(token_pattern=r"\S+", binary=True)
    return make_pipeline(words, LinearSVC(penalty="l1", dual=False, C=0.1, random_state=0)).fit(texts, np.asarray(labels))


def probe_accuracy(seen: np.ndarray, labels: Sequence[int], unseen: np.ndarray, truth: Sequence[int]) -> float:
    """Of a probe that was fitted to `labels`, on other features. Raises ValueError for one class only."""
    return float(fit_probe(seen, labels).score(unseen, np.asarray(truth)))
