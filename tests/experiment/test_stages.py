"""The three stages on stand-ins: who learns what, and what determines a run."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from stand_ins import (  # noqa: F401 (fixtures)
    FAMILY,
    SETTINGS,
    WORDS,
    Spec,
    replace_loaders,
    settings,
    small_world,
    stand_in,
    store,
    tiny_task,
    trained,
)

from w2s_kit.experiment import learn, splits, stages
from w2s_kit.experiment.digest import digest
from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.result import Result
from w2s_kit.experiment.stages import run_ground_truth, run_labels, run_student, three_stages
from w2s_kit.methods import own
from w2s_kit.metrics.pgr import estimate_pgr
from w2s_kit.models.families import Family
from w2s_kit.training.loop import finetune

ACCURACIES = ["supervisor_accuracy", "student_accuracy", "ceiling_accuracy", "agreement"]


def test_three_stages_train_the_right_model_on_the_right_half_with_the_right_labels(store, monkeypatch):
    lessons, split = [], tiny_task("up")
    real = finetune

    def watch(model, texts, targets, config, **kw):
        lessons.append((list(texts), np.asarray(targets, float)))
        return real(model, texts, targets, config, **kw)

    monkeypatch.setattr(stages, "as_method", lambda *given: own(watch, key="watched"))
    result = three_stages(settings(), "small", "big", store=store)
    (weak_texts, weak_targets), (texts, weak_labels), (ceiling_texts, ceiling_targets) = lessons
    assert weak_texts == list(split.supervisor["text"]) and np.array_equal(
        weak_targets, split.supervisor["label"]
    )
    assert texts == ceiling_texts == list(split.student["text"]) and np.array_equal(
        ceiling_targets, split.student["label"]
    )
    assert np.array_equal(weak_labels, result.supervisor.probabilities("student"))
    assert 0 < np.ptp(weak_labels) and not np.isin(weak_labels, (0, 1)).all()  # soft
    three_stages(settings(hard_labels=True), "small", "big", store=store)
    assert len(lessons) == 4, "hard labels want another student, not another supervisor or ceiling"
    assert np.array_equal(lessons[3][1], weak_labels > 0.5)


def test_the_effect_shows_and_pgr_is_that_of_the_stored_predictions(store):
    result = three_stages(settings(), "small", "big", store=store)
    accuracies, corrects = [], []
    for run in (result.supervisor, result.student, result.ceiling):
        table = pd.read_parquet(run.folder / "predictions.parquet")
        test = table[table["split"] == "test"].sort_values("row")
        assert np.array_equal(test["label"], tiny_task("up").test["label"])
        right = ((test["probability"] > 0.5).to_numpy() == (test["label"] == 1).to_numpy()).astype(float)
        accuracies.append(right.mean()), corrects.append(right[None])
        assert run.metrics["accuracy"] == right.mean() == run.accuracy()
    weak, student, ceiling = accuracies
    assert weak + 0.1 < ceiling
    assert result.pgr.value == pytest.approx((student - weak) / (ceiling - weak), abs=1e-12)
    assert result.pgr == estimate_pgr(*corrects)
    row = result.row()
    assert [row[c] for c in ACCURACIES[:3]] == accuracies
    same = (result.student.probabilities() > 0.5) == (result.supervisor.probabilities() > 0.5)
    right = corrects[0][0].astype(bool)
    assert (row["agreement"], row["agreement_right"], row["agreement_wrong"]) == (
        same.mean(),
        same[right].mean(),
        same[~right].mean(),
    )
    assert f"ceiling {ceiling:.3f}" in str(result)


def test_a_result_refuses_runs_of_different_data(store):
    a, b = (three_stages(settings(seed=s), "small", "big", store=store) for s in (0, 1))
    with pytest.raises(ValueError, match="different data or seeds"):
        Result(a.supervisor, b.student, a.ceiling)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda s: run_ground_truth(settings(), "bigg", store=s), "did you mean 'big'"),
        (lambda s: run_ground_truth(settings(), "big", half="studnt", store=s), "did you mean 'student'"),
        (lambda s: run_student(settings(), "small", "big", "naiv", store=s), "did you mean 'naive'"),
        (
            lambda s: grid(["up"], ["small"], ["big"], ["naive", "confidense"], settings=SETTINGS, store=s),
            "did you mean 'confidence'",
        ),
        (lambda s: grid(["up"], ["smal"], ["big"], settings=SETTINGS, store=s), "did you mean 'small'"),
    ],
)
def test_unknown_names_are_met_with_the_nearest_before_anything_is_trained(store, trained, call, message):
    with pytest.raises(ValueError, match=message):
        call(store)
    assert trained() == []


def test_labels_of_no_model_teach_a_student_and_enter_a_result(store, monkeypatch):
    split, taught = tiny_task("up"), []
    labels = {part: 1.0 - split.parts[part]["label"].to_numpy() for part in ("student", "test")}
    labels["student"][:3] = 0.25
    weak = run_labels(settings(), "liars", labels, store=store)
    assert weak.accuracy() == 0 and np.allclose(weak.probabilities("student"), labels["student"])
    real = finetune
    monkeypatch.setattr(
        stages,
        "as_method",
        lambda *given: own(
            lambda m, x, y, *a, **kw: taught.append(y) or real(m, x, y, *a, **kw), key="watched"
        ),
    )
    result = three_stages(settings(), weak, "big", store=store)
    assert np.allclose(taught[0], labels["student"]) and result.row()["supervisor"] == "liars"
    assert run_student(settings(), weak, "big", store=store).name == result.student.name, "remembered"
    other = run_labels(settings(), "liars", labels | {"student": split.student["label"]}, store=store)
    assert run_student(settings(), other, "big", store=store).name != result.student.name, (
        "other labels, another student"
    )


def test_labels_of_no_model_have_to_fit(store):
    split = tiny_task("up")
    good = {part: split.parts[part]["label"] for part in ("student", "test")}
    with pytest.raises(ValueError, match="wanted are those of 'student' and 'test'"):
        run_labels(settings(), "people", {"student": good["student"]}, store=store)
    with pytest.raises(ValueError, match="labels of 'people' for 'test'"):
        run_labels(settings(), "people", good | {"test": good["test"][:-1]}, store=store)
    with pytest.raises(ValueError, match="other examples than those of up, seed 1"):
        run_student(settings(seed=1), run_labels(settings(), "people", good, store=store), "big", store=store)


def test_early_stopping_watches_a_held_out_part_and_the_labels_it_may_see(store, monkeypatch):
    seen, real = [], finetune

    def watch(model, texts, targets, config, *, validation=None, **kw):
        seen.append((len(texts), validation and np.asarray(validation[1]), config.early_stopping))
        return real(model, texts, targets, config, validation=validation, **kw)

    monkeypatch.setattr(stages, "as_method", lambda *given: own(watch, key="watched"))
    weak = three_stages(settings(early_stopping="weak"), "small", "big", store=store).supervisor
    three_stages(settings(early_stopping="ground_truth"), "small", "big", store=store)
    assert [n for n, _, _ in seen] == [86, 86, 86, 86], (
        "ground-truth models are shared by both kinds of stopping"
    )
    truth = tiny_task("up").student["label"].to_numpy()[86:]
    assert np.array_equal(seen[1][1], weak.probabilities("student")[86:]) and seen[1][2] == "weak"
    assert np.array_equal(seen[2][1], truth)  # the ceiling
    assert np.array_equal(seen[3][1], truth) and seen[3][2] == "ground_truth"


def test_whatever_determines_a_run_changes_its_name(store, monkeypatch, tmp_path):
    base = run_student(settings(), "small", "big", store=store).name
    names = [base]
    for change in (
        dict(seed=1),
        dict(task="down"),
        dict(n_train=64),
        dict(n_test=60),
        dict(epochs=1),
        dict(lr=0.05),
        dict(batch_size=16),
        dict(hard_labels=True),
        dict(linear_probe=True),
        dict(head="tokens"),
    ):
        names.append(run_student(settings(**change), "small", "big", store=store).name)
    names += [
        run_student(settings(), "middle", "big", store=store).name,
        run_student(settings(), "small", "middle", store=store).name,
    ]
    names += [
        run_student(settings(), "small", "big", "confidence", store=store).name,
        run_student(settings(), "small", "big", "confidence", store=store, alpha_max=0.5).name,
    ]
    for known in (11, WORDS):  # other weights of the supervisor, of the student
        changed = tuple(
            Spec(s.name, s.parameters, "v2" if s.parameters in (known, known + 1) else "v1") for s in FAMILY
        )
        stand_in(monkeypatch.setattr, tmp_path / "log", Family("tiny", changed))
        names.append(run_student(settings(), "small", "big", store=store).name)
    stand_in(monkeypatch.setattr, tmp_path / "log")
    monkeypatch.setattr(learn, "HELD_OUT", 0.2)
    names.append(run_student(settings(), "small", "big", store=store).name)
    assert len(set(names)) == len(names)


def test_data_of_another_content_makes_another_run(store, monkeypatch):
    before = run_ground_truth(settings(), "big", store=store).name

    def edited(*args, **kw):
        split = tiny_task(*args, **kw)
        split.test.loc[0, "text"] += " w1"
        return split

    replace_loaders(monkeypatch.setattr, load_task=edited)
    splits.forget_splits()
    assert run_ground_truth(settings(), "big", store=store).name != before


def test_checkpointing_does_not_change_a_runs_name(store, trained):
    names = {run_ground_truth(settings(checkpoint_every=every), "big", store=store).name for every in (0, 2)}
    assert len(names) == 1 and len(trained()) == 1


def test_a_method_of_ones_own(store, trained):
    def flipped(model, texts, weak_labels, config, strength=1.0, **kw):
        return finetune(model, texts, 1 - strength * weak_labels, config, **kw)

    mine = run_student(settings(), "small", "big", flipped, store=store)
    assert mine.config["method"] == "flipped" and mine.config["method_code"] == digest(flipped)
    assert mine.accuracy() < 0.5 < run_student(settings(), "small", "big", store=store).accuracy()
    assert (
        run_student(settings(), "small", "big", flipped, store=store).name == mine.name
        and len(trained()) == 3
    )
    table = grid(
        ["up"], ["small"], ["big"], {"naive": {}, flipped: {"strength": 0.9}}, settings=SETTINGS, store=store
    )
    assert list(table["method"]) == ["naive", "flipped"] and len(trained()) == 5


def test_random_numbers_of_the_caller_do_not_depend_on_the_store(store):
    drawn = []
    for _ in range(2):
        torch.manual_seed(5)
        run_ground_truth(settings(), "big", store=store)
        drawn.append(torch.rand(1).item())
    assert drawn[0] == drawn[1]


def test_zero_shot_is_the_pretrained_model_asked_in_words(store, tmp_path):
    from w2s_kit.experiment.stages import run_zero_shot
    from w2s_kit.training.reading import predict

    run = run_zero_shot(settings(linear_probe=False), "big", store=store)
    model = learn.load_classifier(FAMILY["big"], head="tokens", linear_probe=False)
    np.testing.assert_allclose(
        run.probabilities(), predict(model, tiny_task("up").test["text"].tolist()), atol=1e-6
    )
    assert run.config["kind"] == "zero_shot" and run.config["head"] == "tokens" and run.metrics["steps"] == 0
    assert run_zero_shot(settings(), "big", store=store).name == run.name


def test_a_rate_for_each_model():
    settings = replace(SETTINGS, lr={"small": 0.3, "big": 0.05})
    assert [settings.train_config(spec, "none").lr for spec in FAMILY if spec.name != "middle"] == [0.3, 0.05]
    with pytest.raises(ValueError, match="none for 'middle': add one"):
        settings.train_config(FAMILY["middle"], "none")


def test_what_a_method_made_of_the_labels_is_stored_and_printed(store):
    def half(student, texts, weak_labels, config, **kw):
        history = finetune(student, texts[::2], weak_labels[::2], config, **kw)
        history.labels = {"given": len(texts), "kept": len(texts[::2]), "changed": 0}
        return history

    plain = three_stages(settings(), "small", "big", store=store)
    assert "labels" not in plain.student.metrics and "labels" not in str(plain)
    halved = lambda: three_stages(settings(), "small", "big", own(half, key="half"), store=store)
    for result in halved(), halved():  # the second comes from the store
        n = result.student.metrics["labels"]["given"]
        assert str(result).endswith(f", {n // 2} of {n} labels kept, 0 of {n} labels changed")
