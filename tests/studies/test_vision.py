"""Digits: who sees what, and that nobody sees more."""

import inspect
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from w2s_kit.metrics.pgr import estimate_pgr, pgr
from w2s_kit.shared.files import results_folder
from w2s_kit.studies import vision
from w2s_kit.studies.vision import (
    CONTROLS,
    STUDENTS,
    contrast,
    learn,
    load_digits,
    probe,
    represent,
    supervise,
    three_stages,
)

SPLIT = load_digits(0)


def test_the_parts_are_disjoint_and_alike():
    rows = np.concatenate(list(SPLIT.rows.values()))
    assert sorted(rows) == list(range(1797)) and {len(part) for part in SPLIT.rows.values()} == {599}
    counts = np.array([np.bincount(truth, minlength=10) for truth in SPLIT.truth.values()])
    assert np.ptp(counts, axis=0).max() <= 1, "each part has the same share of every digit"
    images = {part: {image.tobytes() for image in found} for part, found in SPLIT.images.items()}
    assert not (
        images["test"] & images["student"]
        or images["test"] & images["supervisor"]
        or images["student"] & images["supervisor"]
    )
    again, other = load_digits(0), load_digits(1)
    assert all(np.array_equal(again.images[part], SPLIT.images[part]) for part in SPLIT.images)
    assert not np.array_equal(other.rows["test"], SPLIT.rows["test"])


def test_the_supervisor_sees_its_six_pixels_only():
    hidden = np.ones((8, 8), bool)
    hidden[vision.ROWS, vision.COLUMNS] = False
    assert hidden.sum() == 64 - 6
    noise = np.random.default_rng(0).random((599, 8, 8))
    scrambled = replace(
        SPLIT, images={part: np.where(hidden, noise, images) for part, images in SPLIT.images.items()}
    )
    seen, blinded = supervise(SPLIT), supervise(scrambled)
    assert all(np.array_equal(seen[part], blinded[part]) for part in ("student", "test"))
    covered = replace(
        SPLIT, images={part: np.where(hidden, images, noise) for part, images in SPLIT.images.items()}
    )
    assert not np.array_equal(supervise(covered)["test"], seen["test"])


def test_the_supervisor_is_about_as_good_as_alexnet():
    assert 0.5 < np.mean(supervise(SPLIT)["test"] == SPLIT.truth["test"]) < 0.65


@pytest.mark.parametrize("name", [*STUDENTS, *CONTROLS])
def test_representations_see_no_label_and_no_test_image(name):
    rng = np.random.default_rng(0)
    blind = replace(
        SPLIT,
        images=SPLIT.images | {"test": rng.random((599, 8, 8))},
        truth={part: rng.permutation(truth) for part, truth in SPLIT.truth.items()},
    )
    few = {"passes": 2} if name == "contrastive" else {}
    seen, unseen = represent(name, SPLIT, **few)
    other, noise = represent(name, blind, **few)
    np.testing.assert_array_equal(seen, other)
    assert seen.shape == unseen.shape == (
        599,
        {"pca": 10, "patches": 256, "contrastive": 16, "centre": 6, "pixels": 64}[name],
    ) and not np.array_equal(unseen, noise)


def test_unlabeled_images_are_those_of_both_training_parts():
    tests = {image.tobytes() for image in SPLIT.images["test"]}
    assert len(SPLIT.unlabeled) == 2 * 599 and not tests & {image.tobytes() for image in SPLIT.unlabeled}


def test_two_views_are_of_one_image_and_differ():
    images = torch.tensor(SPLIT.images["test"][:50], dtype=torch.float32)[:, None]
    draws = torch.Generator().manual_seed(0)
    one, other = contrast.views(images, draws), contrast.views(images, draws)
    assert one.shape == images.shape and not torch.allclose(one, other, atol=0.1)
    distance = torch.cdist(one.flatten(1), other.flatten(1))
    partner, others = distance.diag().mean(), distance.mean()
    assert partner < 0.9 * others, "a view is nearer to its partner than to the others"


def test_the_contrastive_loss_by_hand():
    """Two images, each with two equal views, at right angles: a view has one partner and two others."""
    one = torch.eye(2)
    t = contrast.TEMPERATURE
    by_hand = -np.log(np.exp(1 / t) / (np.exp(1 / t) + 2))
    assert vision.contrastive_loss(one, one).item() == pytest.approx(by_hand, rel=1e-5)
    assert vision.contrastive_loss(one, one.flip(0)).item() > by_hand


def test_learning_from_views_brings_a_digits_images_together():
    near = []
    for passes in (0, 40):
        train, test = represent("contrastive", SPLIT, passes=passes)
        np.testing.assert_allclose(np.linalg.norm(test, axis=1), 1, atol=1e-5)
        nearest = (test @ train.T).argmax(axis=1)
        near.append(np.mean(SPLIT.truth["student"][nearest] == SPLIT.truth["test"]))
    assert near[1] > near[0] + 0.05, near


def test_the_encoder_is_the_seeds_alone():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    one = represent("contrastive", SPLIT, 1, passes=1)[1]
    assert torch.equal(before, torch.get_rng_state()), "nobody else's chance is used"
    torch.manual_seed(6)
    np.testing.assert_array_equal(represent("contrastive", SPLIT, 1, passes=1)[1], one)
    assert not np.allclose(represent("contrastive", SPLIT, 2, passes=1)[1], one)


@pytest.mark.parametrize("wrong", [{"passes": -1}, {"width": 0}])
def test_an_encoder_that_cannot_be_made_is_told(wrong):
    with pytest.raises(ValueError, match="passes are 0 or more, and width is 1 or more"):
        vision.contrastive(np.zeros((3, 8, 8)), **wrong)


@pytest.mark.parametrize("quiet", ["", "1"])
def test_the_bar_is_hidden_where_no_bars_are_wanted(quiet, monkeypatch):
    """Notebooks are run and compared without bars: how far one came is never the same twice."""
    monkeypatch.setenv("TQDM_DISABLE", quiet)
    asked, bar = [], contrast.tqdm
    monkeypatch.setattr(contrast, "tqdm", lambda *a, **how: asked.append(how["disable"]) or bar(*a, **how))
    represent("contrastive", SPLIT, passes=1)
    assert asked == [bool(quiet)]


def test_patch_features_are_local_and_know_no_brightness():
    encode, images = learn("patches", SPLIT.unlabeled), SPLIT.images["test"][:20]
    found = encode(images)
    assert (found >= 0).all()
    np.testing.assert_allclose(encode(images + 0.3), found, atol=1e-9)
    dotted = images.copy()
    dotted[:, 0, 0] = 1 - dotted[:, 0, 0]
    changed = ~np.isclose(encode(dotted), found).all(axis=0)
    assert changed[:64].any() and not changed[64:].any(), "a corner is seen in its own quarter only"


def test_whoever_sees_what_the_supervisor_sees_recovers_nothing():
    rows = [(three_stages("centre", seed=seed), three_stages("pixels", seed=seed)) for seed in range(3)]
    simulating, whole = (np.stack([stages.correct() for stages in column], axis=1) for column in zip(*rows))
    assert not estimate_pgr(*simulating).defined, "its ceiling is no better than its supervisor"
    assert abs(pgr(simulating[0].mean(), simulating[1].mean(), whole[2].mean())) < 0.12, (
        "and short of another's ceiling it stays where it began"
    )


def test_unknown_representation():
    with pytest.raises(ValueError, match="did you mean 'patches'"):
        three_stages("patch")


def test_probe_says_what_does_not_fit():
    x, y = np.random.default_rng(0).normal(size=(30, 4)), np.arange(30) % 3
    with pytest.raises(ValueError, match="student: features of 30 images, 29 weak labels, 30 true ones"):
        probe(x, x, {"student": y[:29], "test": y}, {"student": y, "test": y})
    with pytest.raises(ValueError, match="class"):
        probe(x, x, {"student": 0 * y, "test": y}, {"student": y, "test": y})


def test_a_seed_measured_now_agrees_with_the_stored_tables():
    stored, by_passes = (
        pd.read_csv(results_folder() / f"{name}.csv") for name in ("vision", "vision_passes")
    )
    assert set(stored.task) == {"digits"} and set(stored.student) == set(STUDENTS)
    for table, cell in ((stored, ["supervisor", "student"]), (by_passes, ["student", "passes"])):
        assert set(table.groupby(cell).seed.nunique()) == {10} and not table.duplicated([*cell, "seed"]).any()
    shared = ["seed", "supervisor_accuracy", "student_accuracy", "ceiling_accuracy"]
    last = by_passes[by_passes.passes == by_passes.passes.max()][shared].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        stored[stored.student == "contrastive"][shared].reset_index(drop=True), last
    )
    default = inspect.signature(vision.contrastive).parameters["passes"].default
    assert default == by_passes.passes.max()
    split = load_digits(104)
    weak = supervise(split)
    for student, options in (("pca", {}), ("patches", {}), ("contrastive", {"passes": 20})):
        table = stored if not options else by_passes[by_passes.passes == 20]
        row = table[(table.student == student) & (table.seed == 104)].iloc[0]
        live = probe(*represent(student, split, 104, **options), weak, split.truth).accuracies()
        np.testing.assert_allclose(list(live.values()), row[list(live)].to_numpy(float), atol=0.02)
