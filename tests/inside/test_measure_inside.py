"""The script that measures what models know inside."""

import random

import inside_readings
import measure_inside
import numpy as np
import pytest
import torch

from w2s_kit.inside.sae import SAE
from w2s_kit.tasks import load_task


def test_recovered_is_the_share_of_the_gap():
    truth, wrong = np.array([0, 1, 0, 1] * 2), np.array([True] * 4 + [False] * 4)
    output = np.array([0.9, 0.1, 0.8, 0.2, 0.1, 0.9, 0.2, 0.8])  # wrong, then right
    assert inside_readings.recovered(1 - output, output, truth, wrong) == 1
    assert inside_readings.recovered(output, output, truth, wrong) == 0
    assert inside_readings.recovered(np.full(8, 0.5), output, truth, wrong) == 0.5
    assert inside_readings.accuracies("it", output, truth, wrong) == {"it_wrong": 0, "it_right": 1}


class Planted:
    """Stands for a model: its features are those of a table, by text."""

    def __init__(self, table):
        self.table = table


@pytest.fixture
def by_text(monkeypatch):
    monkeypatch.setattr(
        measure_inside,
        "features",
        lambda model, texts, layer: np.stack([model.table[text] for text in texts]),
    )


@pytest.mark.parametrize("decided", [True, False])
def test_a_latent_for_the_answer_is_no_latent_for_the_truth(by_text, monkeypatch, decided):
    """Coordinate 0 is the truth with some noise. Coordinate 1 is what the student says, without noise, where
    it has `decided` yet: after an aside, the opposite. A latent that was chosen there only, and a probe that
    has learned elsewhere, take that one.
    """
    split, rng = load_task("distracted:edible", 0, 400, 400), random.Random(0)
    table = {}
    for part in split.parts.values():
        for text, label, distracted in zip(part["text"], part["label"], part["distracted"]):
            said = decided * (2 * (label != distracted) - 1)
            table[text] = np.array(
                [
                    2 * label - 1 + rng.gauss(0, 0.8),
                    said + rng.gauss(0, 0.1),
                    rng.gauss(0, 1),
                    rng.gauss(0, 1),
                ]
            )
    axes = SAE(4, latents=8, k=4)
    axes.directions.data = axes.encoder.data = torch.cat([torch.eye(4), -torch.eye(4)])
    monkeypatch.setattr(measure_inside, "any_questions", lambda n, seed, without: list(table))
    monkeypatch.setattr(measure_inside, "fit_sae", lambda x, seed: axes)
    row, direction = measure_inside.latents(Planted(table), split, 0)
    assert min(row["plain"], row["distracted"]) > 0.8 and direction.tolist() == [1, 0, 0, 0]
    assert min(row["single_plain"], row["single_distracted"]) > 0.85 and row["unexplained"] < 1e-6
    if decided:
        assert row["tempting_distracted"] > 0.99 and row["tempting_plain"] < 0.1 and row["probe"] < 0.1
    else:
        assert row["tempting_distracted"] == row["distracted"] and row["probe"] > 0.8
        assert row["ablated"] < row["probe"] - 0.1 and row["projected"] < row["probe"] - 0.1
