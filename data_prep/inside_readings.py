"""What can be read off the layers of a model, where its supervisor is wrong and where it is right."""

from __future__ import annotations

import numpy as np
import torch

from w2s_kit.inside.probes import fit_ccs, fit_probe, main_difference, mean_difference
from w2s_kit.metrics.answers import auroc
from w2s_kit.tasks.split import Split
from w2s_kit.training.batches import encode
from w2s_kit.training.device import pick_device
from w2s_kit.training.reading import in_batches

SHUFFLES = 5  # probes of shuffled labels, whose mean counts


def at_layers(model, texts: list[str]) -> list[np.ndarray]:
    """`features` of each layer, 0 to the last, in one pass."""

    def forward(ids, lengths):
        layers = torch.stack(
            model.backbone(input_ids=ids, use_cache=False, output_hidden_states=True).hidden_states, dim=1
        )
        return layers[torch.arange(len(ids)), :, lengths - 1].flatten(1)

    device = pick_device(next(model.parameters()).device.type)
    rows = in_batches(forward, encode(model.to(device.device).eval(), texts, device.device), device)
    return [*rows.reshape(len(texts), -1, model.head.in_features).swapaxes(0, 1)]


def readings(
    train_features: np.ndarray,
    test_features: np.ndarray,
    split: Split,
    right: dict[str, np.ndarray],
    output: np.ndarray,
    seed: int,
    closely: bool,
) -> dict:
    """What can be read off one layer, given its features of student half and test.

    `right`: where the supervisor is, on "student" and "test"; `output`: P(yes) of the model itself.
    `closely`: with the controls, and what Mallen et al. report.
    """
    truth, test = (split.parts[part]["label"].to_numpy() for part in ("student", "test"))
    known, labels, wrong = train_features[right["student"]], truth[right["student"]], ~right["test"]
    probe, (direction, threshold) = fit_probe(known, labels), mean_difference(known, labels)
    p = probe.predict_proba(test_features)[:, 1]
    result = {
        **accuracies("output", output, test, wrong),
        **accuracies("probe", p, test, wrong),
        **accuracies("means", test_features @ direction > threshold, test, wrong),
        **accuracies("oracle", fit_probe(train_features, truth).predict(test_features), test, wrong),
    }
    if not closely:
        return result
    rng = np.random.default_rng(seed)
    shuffled = [
        (fit_probe(known, rng.permutation(labels)).predict(test_features) == test)[wrong].mean()
        for _ in range(SHUFFLES)
    ]
    return result | {
        "shuffled_wrong": np.mean(shuffled),
        "anomaly": auroc(np.abs(p - output), wrong),
        "recovered": recovered(p, output, test, wrong),
        "recovered_hard": on_rare_words(split, train_features, test_features, right, output),
    }


def accuracies(name: str, p: np.ndarray, truth: np.ndarray, wrong: np.ndarray) -> dict:
    """Two numbers: the accuracy of predictions `p` where the supervisor is `wrong`, and where it is right."""
    correct = (np.asarray(p) > 0.5) == truth
    return {f"{name}_wrong": correct[wrong].mean(), f"{name}_right": correct[~wrong].mean()}


def recovered(p: np.ndarray, output: np.ndarray, truth: np.ndarray, wrong: np.ndarray) -> float:
    """How much a probe brings back where the supervisor is `wrong`, as a share.

    1 is the AUROC of the outputs where it is right, and 0 theirs where it is wrong.
    """
    there = auroc(output[wrong], truth[wrong])
    return (auroc(p[wrong], truth[wrong]) - there) / (auroc(output[~wrong], truth[~wrong]) - there)


def on_rare_words(
    split: Split, train_features: np.ndarray, test_features: np.ndarray, right: dict, output: np.ndarray
) -> float:
    """As `recovered`, of a probe that learns from the commoner half of the words, on the rarer half."""
    common, rare = split.student["difficulty"].to_numpy(), split.test["difficulty"].to_numpy()
    rows, rare = right["student"] & (common <= np.median(common)), rare > np.median(rare)
    p = fit_probe(train_features[rows], split.student["label"].to_numpy()[rows]).predict_proba(test_features)[
        :, 1
    ]
    return recovered(p[rare], output[rare], split.test["label"].to_numpy()[rare], ~right["test"][rare])


def contrasts(
    train_sides: list[np.ndarray],
    test_sides: list[np.ndarray],
    split: Split,
    right: dict,
    prefix: str,
    seed: int,
) -> dict:
    """Of the two sides of pairs; the labels of the student half count for the sign only, and for `pairs`."""
    truth, test, wrong = split.student["label"].to_numpy(), split.test["label"].to_numpy(), ~right["test"]
    known, labels = [side[right["student"]] for side in train_sides], truth[right["student"]]
    ccs, apart = fit_ccs(*train_sides, seed=seed).signed(*known, labels), train_sides[1] - train_sides[0]
    direction, middle = main_difference(*train_sides), apart.mean(axis=0)
    along = lambda no, yes: (yes - no - middle) @ direction > 0
    crc = along(*test_sides) == (np.mean(along(*known) == labels) >= 0.5)
    probe = fit_probe(apart[right["student"]], labels)
    parts = (
        accuracies("ccs", ccs(*test_sides), test, wrong)
        | accuracies("crc", crc, test, wrong)
        | accuracies("pairs", probe.predict(test_sides[1] - test_sides[0]), test, wrong)
    )
    return {f"{prefix}{name}": value for name, value in (parts | {"ccs_loss": ccs.loss}).items()}


def ended(texts: list[str]) -> tuple[list[str], list[str]]:
    """Every text with "no" after it, and every text with "yes": the two sides of contrast pairs."""
    return [f"{text} no" for text in texts], [f"{text} yes" for text in texts]
