"""One run: a model is made, learns from labels, and predicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch

from ..models.adapters import add_lora
from ..models.families import ModelSpec
from ..models.generation import write
from ..models.loading import load_classifier, load_reward_model, load_writer
from ..tasks.split import Split
from ..training.config import TrainConfig
from ..training.reading import predict
from .run import answers, one_hot
from .settings import Settings

HELD_OUT = 0.1  # share of a half that is not learned but watched, when early stopping is on


def learn_and_predict(
    learn: Callable,
    make: Callable,
    ask: Callable,
    settings: Settings,
    spec: ModelSpec,
    train: TrainConfig,
    examples: pd.DataFrame,
    targets: np.ndarray,
    split: Split,
    parts: Sequence[str],
    watched: tuple | None = None,
) -> tuple[dict, pd.DataFrame]:
    """Finetune a model on `examples` and predict `parts` of the split: (metrics, predictions) for the store.

    learn: a method, with its options. make, ask: see `ways`.
    targets: what the model learns, soft labels of shape (n,), distributions (n, answers) or texts (n,).
    parts: names of parts of the split, the test last. The accuracy in the metrics is that of the last one.
    watched: (texts, targets) by which early stopping goes; None: by the last tenth of the examples.
    """
    texts, judge = examples["text"].tolist(), targets
    if train.early_stopping == "ground_truth":
        judge = truth(examples)
    # the caller's random numbers must not depend on what the store already has
    with torch.random.fork_rng([]):
        torch.manual_seed(settings.seed)
        model: Any = make(spec, settings)
        if hasattr(model, "settle") and not spec.pretrained:
            model.settle(texts)
        if settings.lora:
            add_lora(model, settings.lora)
        if split.kind == "choices":  # ground truth says which answer is right
            targets, judge = (one if one.ndim == 2 else one_hot(one) for one in (targets, judge))
            watched = watched and (watched[0], one_hot(watched[1]))
        if train.early_stopping != "none" and watched is None:
            n = len(texts) - max(1, round(HELD_OUT * len(texts)))
            texts, targets, watched = texts[:n], targets[:n], (texts[n:], judge[n:])
        history = learn(model, texts, targets, train, validation=watched)
    tables = [
        prediction_table(part, split.parts[part], ask(model, split.parts[part], settings)) for part in parts
    ]
    metrics = {
        "accuracy": float((answers(tables[-1]) == tables[-1]["label"]).mean()),
        "parameters": spec.parameters,
        "pretraining_flops": spec.pretraining_flops,
        "seconds": history.seconds,
        "steps": history.steps,
        "device": history.device,
        "history": history.table().to_dict("records"),
    }
    if history.labels:
        metrics["labels"] = history.labels
    return metrics, pd.concat(tables, ignore_index=True)


def truth(examples: pd.DataFrame) -> np.ndarray:
    """Ground truth as targets: numbers, or texts."""
    return examples["label"].to_numpy(float if pd.api.types.is_numeric_dtype(examples["label"]) else object)


def ways(kind: str) -> tuple[Callable, Callable]:
    """For a kind of task, (make, ask).

    make: a function of (spec, settings), returns a model. ask: a function of (model, questions, settings),
    returns its predictions.
    """
    return {
        "classes": (_classifier, _predicted),
        "choices": (_classifier, _predicted),
        "pairs": (_reward_model, _predicted),
        "writing": (_writer, _written),
    }[kind]


def prediction_table(part: str, examples: pd.DataFrame, predictions: np.ndarray) -> pd.DataFrame:
    """What the store keeps of a model's predictions on one part of a split.

    predictions: P(label 1), shape (n,), distributions, (n, answers), or texts, (n,). Whole distributions are
    kept where they are weak labels, so not for the test.
    """
    table = pd.DataFrame(
        {"split": part, "row": np.arange(len(examples)), "label": examples["label"].to_numpy()}
    )
    if predictions.dtype == object:
        return table.assign(probability=1.0, answer=predictions)
    if predictions.ndim == 1:
        return table.assign(probability=predictions)
    table = table.assign(probability=predictions.max(axis=1), answer=predictions.argmax(axis=1))
    if part != "test":
        table["distribution"] = [row[: np.flatnonzero(row)[-1] + 1] for row in predictions]
    return table


def _classifier(spec: ModelSpec, settings: Settings):
    return load_classifier(
        spec,
        head=settings.head,
        linear_probe=settings.linear_probe,
        quantised=settings.quantised,
        chat=settings.chat,
    )


def _no_chat(settings: Settings) -> None:
    """Raises ValueError where texts were to go through a chat template, and the task has no two classes."""
    if settings.chat:
        raise ValueError(
            f"chat=True is for tasks with two classes, and {settings.task} is none: leave it out"
        )


def _reward_model(spec: ModelSpec, settings: Settings):
    _no_chat(settings)
    return load_reward_model(spec, linear_probe=settings.linear_probe, quantised=settings.quantised)


def _writer(spec: ModelSpec, settings: Settings):
    _no_chat(settings)
    return load_writer(spec, quantised=settings.quantised)


def _predicted(model, questions: pd.DataFrame, settings: Settings) -> np.ndarray:
    return predict(model, questions["text"].tolist())


def _written(model, questions: pd.DataFrame, settings: Settings) -> np.ndarray:
    """The first word that the model writes after each prompt: a move in SAN has no blanks."""
    words = write(
        model, questions["text"].tolist(), among=questions["among"].tolist() if settings.constrained else None
    )
    return np.array([(text.split() or [""])[0] for text in words], dtype=object)
