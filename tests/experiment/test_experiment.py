"""The three stages, and grids of them, on stand-ins."""

import os
import signal
import time
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import joblib
import numpy as np
import pandas as pd
import pytest
import torch
from stand_ins import (  # noqa: F401 (fixtures)
    FAMILY,
    GRID,
    SETTINGS,
    WORDS,
    Spec,
    in_another_process,
    reference,
    replace_loaders,
    settings,
    small_world,
    stand_in,
    store,
    tiny_task,
    trained,
)

from w2s_kit.experiment import keys, learn, result, splits, stages
from w2s_kit.experiment.checks import OneSided
from w2s_kit.experiment.digest import Unnamed, digest
from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.result import Result, summarise
from w2s_kit.experiment.stages import run_ground_truth, run_labels, run_student, three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.methods import bootstrap, confidence, naive, own
from w2s_kit.metrics.pgr import estimate_pgr
from w2s_kit.models.families import Family
from w2s_kit.training.loop import finetune

ACCURACIES = ["supervisor_accuracy", "student_accuracy", "ceiling_accuracy", "agreement"]


# ----------------------------------------------------------------------------------------- the three stages
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


# ---------------------------------------------------------------------------------------------- run identity
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


# ------------------------------------------------------------------------------------------------------ grids
def test_each_model_of_a_grid_is_trained_once(store, trained, reference):
    table = grid(**GRID, settings=SETTINGS, store=store)
    pd.testing.assert_frame_equal(table, reference)
    assert (
        len(table) == 2 * 2 * 2 * 2
        and not table.duplicated(["task", "supervisor", "student", "method", "seed"]).any()
    )
    runs = store.table()
    truth = runs[runs["kind"] == "ground_truth"]
    assert len(truth) == 2 * 2 * 4 and not truth.duplicated(["task", "seed", "model", "half"]).any()
    assert len(trained()) == len(runs) == 16 + 16
    assert trained()[:4] == ["small", "middle", "middle", "big"], "supervisors and ceilings first"
    pd.testing.assert_frame_equal(grid(**GRID, settings=SETTINGS, store=store), reference)
    assert len(trained()) == 32, "the second time everything is in the store"


def test_upward_leaves_out_students_smaller_than_their_supervisor(store):
    names = FAMILY.names
    table = grid(["up"], names, names, settings=SETTINGS, store=store, upward=True)
    assert list(zip(table["supervisor"], table["student"])) == [
        (names[i], names[j]) for i in range(3) for j in range(i, 3)
    ]


@pytest.mark.parametrize("k", [1, 7, 20])
def test_a_grid_that_fails_after_k_runs_continues(store, trained, monkeypatch, reference, k):
    with monkeypatch.context() as patch:
        patch.setenv("STAND_IN_STOPS_AFTER", str(k))
        with pytest.raises(KeyboardInterrupt):
            grid(**GRID, settings=SETTINGS, store=store)
    assert len(store.names()) == k
    pd.testing.assert_frame_equal(grid(**GRID, settings=SETTINGS, store=store), reference)
    assert len(trained()) == 32


def test_a_damaged_run_inside_a_grid_is_made_again(store, trained, reference):
    table = grid(**GRID, settings=SETTINGS, store=store)
    for who in ("supervisor", "student", "ceiling"):
        file = store.root / table[f"{who}_run"][0] / "predictions.parquet"
        os.truncate(file, file.stat().st_size // 2)
    with pytest.warns(UserWarning, match="damaged"):
        pd.testing.assert_frame_equal(grid(**GRID, settings=SETTINGS, store=store), reference)
    assert len(trained()) == 32 + 3


def test_a_supervisor_that_says_one_thing_only_costs_its_rows_not_the_grid(store, monkeypatch):
    family = Family("tiny", (Spec("mute", 0, lr=0.0), *FAMILY))
    replace_loaders(monkeypatch.setattr, load_family=lambda name: family)
    with pytest.raises(OneSided, match="all 96 weak labels of supervisor 'mute' are 0.5"):
        run_student(settings(), "mute", "big", store=store)
    with pytest.warns(UserWarning, match="no row for student 'big'"):
        table = grid(["up"], ["mute", "small"], ["big"], settings=SETTINGS, store=store)
    assert list(table["supervisor"]) == ["small"]


def test_kill_9_then_two_grids_continue_on_one_store_one_of_them_in_parallel(
    tmp_path, store, trained, reference
):
    killed = in_another_process(tmp_path, 0.15)
    deadline = time.monotonic() + 60
    while len(store.names()) < 5 and time.monotonic() < deadline and killed.poll() is None:
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    done, begun = len(store.names()), len(trained())
    assert 5 <= done < 32

    # nobody waits for the dead one's claim; while one grid runs in its own process, the other has two workers
    other = in_another_process(tmp_path, 0.05)
    with joblib.parallel_config(
        backend="loky", initializer=stand_in, initargs=(setattr, tmp_path / "log", FAMILY, 0.05)
    ):
        table = grid(**GRID, settings=SETTINGS, store=store, n_jobs=2)
    assert other.wait(timeout=60) == 0
    pd.testing.assert_frame_equal(table, reference)
    assert len(store.names()) == 32 and len(trained()) - begun == 32 - done, (
        "no run was lost, and none was computed by both"
    )
    pd.testing.assert_frame_equal(grid(**GRID, settings=SETTINGS, store=store), reference)
    assert len(trained()) - begun == 32 - done, "nothing was left to train"


def test_random_numbers_of_the_caller_do_not_depend_on_the_store(store):
    drawn = []
    for _ in range(2):
        torch.manual_seed(5)
        run_ground_truth(settings(), "big", store=store)
        drawn.append(torch.rand(1).item())
    assert drawn[0] == drawn[1]


# --------------------------------------------------------------------------------------------------- summary
def test_summarise_gives_means_over_seeds_and_pgr_over_seeds_and_items(store, reference):
    grid(**GRID, settings=SETTINGS, store=store)
    summary = summarise(reference, store)
    assert len(summary) == 8 and set(summary["seeds"]) == {2}
    for row in summary.to_dict("records"):
        rows = reference[(reference[result.CELL] == [row[c] for c in result.CELL]).all(axis=1)]
        assert all(row[c] == pytest.approx(rows[c].mean()) for c in ACCURACIES)
        items = []
        for who in ("supervisor", "student", "ceiling"):
            files = [store.root / name / "predictions.parquet" for name in rows[f"{who}_run"]]
            tables = [pd.read_parquet(file).query("split == 'test'") for file in files]
            items.append(
                np.array([((t["probability"] > 0.5) == (t["label"] == 1)).to_numpy(float) for t in tables])
            )
        expected = estimate_pgr(*items)
        assert row["defined"] == expected.defined == (row["why"] == "")
        np.testing.assert_allclose(
            [row[c] for c in ("pgr", "pgr_low", "pgr_high", "gap", "gap_low", "gap_high")],
            [
                expected.value,
                expected.low,
                expected.high,
                expected.gap.mean,
                expected.gap.low,
                expected.gap.high,
            ],
        )
        if row["defined"]:
            weak, student, ceiling = (rows[c].mean() for c in ACCURACIES[:3])
            assert row["pgr"] == pytest.approx((student - weak) / (ceiling - weak))
    assert (
        summary["defined"].any() and not summary[summary["supervisor"] == summary["student"]]["defined"].all()
    )


def test_summarise_takes_results_and_tests_of_different_sizes(store):
    results = [
        three_stages(settings(seed=s, n_test=n), "small", "big", store=store) for s, n in ((0, 80), (1, 80))
    ]
    table = pd.DataFrame([r.row() for r in results])
    pd.testing.assert_frame_equal(summarise(results), summarise(table, store))
    results[1] = three_stages(settings(seed=1, n_test=70), "small", "big", store=store)
    summary = summarise(results).iloc[0]
    assert summary["student_accuracy"] == pytest.approx(np.mean([r.student.accuracy() for r in results]))


def test_summarise_refuses_mixed_settings_and_missing_runs(store, tmp_path):
    mixed = pd.DataFrame(
        [three_stages(settings(hard_labels=h), "small", "big", store=store).row() for h in (False, True)]
    )
    with pytest.raises(ValueError, match="seed 0 stands twice"):
        summarise(mixed, store)
    with pytest.raises(ValueError, match="is not in"):
        summarise(mixed[:1], Store(tmp_path / "elsewhere"))


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


# ---------------------------------------------------------------------------------------- a method is a value
def test_options_reach_the_student_and_who_has_the_same_method(store):
    """A method by name, with options beside it, is the same method for whoever is given it by that name."""
    for way in (
        {
            "method": "confidence",
            "alpha_max": 0.2,
            "ceiling_method": "confidence",
            "supervisor_method": "confidence",
        },
        {
            "method": confidence(alpha_max=0.2),
            "ceiling_method": confidence(alpha_max=0.2),
            "supervisor_method": confidence(alpha_max=0.2),
        },
    ):
        result = three_stages(settings(), "small", "big", store=store, **way)
        assert [run.config["options"] for run in (result.supervisor, result.student, result.ceiling)] == [
            {"alpha_max": 0.2}
        ] * 3
    assert len(store.names()) == 3, "both ways are the same runs"
    result = three_stages(
        settings(), "small", "big", confidence(alpha_max=0.2), ceiling_method="naive", store=store
    )
    assert result.ceiling.config["options"] == {} and result.row()["method"] == "confidence(alpha_max=0.2)"
    with pytest.raises(ValueError, match="did you mean 'alpha_max'"):
        three_stages(settings(), "small", "big", "confidence", alpha=0.2, store=store)


def test_methods_of_one_kind_have_rows_of_their_own(store, trained):
    methods = [naive, *(confidence(alpha_max=alpha) for alpha in (0.25, 0.5)), confidence(alpha_max=0.75)]
    table = grid(["up"], ["small"], ["big"], methods, settings=SETTINGS, store=store)
    assert list(table["method"]) == [
        "naive",
        "confidence(alpha_max=0.25)",
        "confidence(alpha_max=0.5)",
        "confidence",
    ]
    assert table["student_run"].nunique() == 4 and len(trained()) == 2 + 4
    by_name = grid(
        ["up"],
        ["small"],
        ["big"],
        {"confidence": {}, "gentle": confidence(alpha_max=0.25)},
        settings=SETTINGS,
        store=store,
    )
    assert list(by_name["method"]) == ["confidence", "gentle"] and len(trained()) == 6
    assert list(by_name["student_run"]) == list(table["student_run"][[3, 1]])
    with pytest.raises(ValueError, match="confidence stands twice"):
        grid(["up"], ["small"], ["big"], [confidence, "confidence"], settings=SETTINGS, store=store)


def make(alpha):
    def mine(model, texts, weak_labels, config, **kw):
        return finetune(model, texts, alpha * weak_labels + (1 - alpha) * np.round(weak_labels), config, **kw)

    return mine


SCALE = 1.0


def scaled(model, texts, weak_labels, config, **kw):
    return finetune(model, texts, SCALE * np.asarray(weak_labels), config, **kw)


@pytest.mark.parametrize("jobs", [1, 2])
def test_two_closures_are_two_runs(store, trained, jobs):
    """The same in this process and in others, where no source can be read."""
    methods = [own(make(alpha), label=f"mine {alpha}") for alpha in (0.0, 1.0)]
    with joblib.parallel_config(backend="threading"):
        table = grid(["up"], ["small"], ["big"], methods, settings=SETTINGS, store=store, n_jobs=jobs)
    assert table["student_run"].nunique() == 2
    assert run_student(settings(), "small", "big", make(1.0), store=store).name == table["student_run"][1], (
        "found again, under any label"
    )


def test_a_changed_global_is_another_run_and_a_partial_is_a_method(store, monkeypatch):
    first = run_student(settings(), "small", "big", scaled, store=store)
    assert run_student(settings(), "small", "big", scaled, store=store).name == first.name
    monkeypatch.setitem(globals(), "SCALE", 0.5)
    assert run_student(settings(), "small", "big", scaled, store=store).name != first.name
    half = partial(confidence.function, alpha_max=0.5)
    table = grid(
        ["up"], ["small"], ["big"], [half, confidence(alpha_max=0.5)], settings=SETTINGS, store=store
    )
    assert (
        list(table["method"]) == ["confidence", "confidence(alpha_max=0.5)"]
        and table["student_accuracy"].nunique() == 1
    )


def test_a_key_of_ones_own_names_what_nothing_else_can(store, tmp_path):
    stream = (tmp_path / "words").open("w")

    def noted(model, texts, weak_labels, config, **kw):
        stream.write("x")
        return finetune(model, texts, weak_labels, config, **kw)

    with pytest.raises(Unnamed, match=r"noted: stream is .*key=\"\.\.\.\""):
        run_student(settings(), "small", "big", noted, store=store)
    runs = [
        run_student(settings(), "small", "big", own(noted, key=key), store=store).name
        for key in ("one", "one", "two")
    ]
    assert runs[0] == runs[1] != runs[2]
    stream.close()


def test_a_method_travels_to_another_process_whole():
    import pickle

    from w2s_kit.methods import METHODS

    for method in METHODS.values():
        assert pickle.loads(pickle.dumps(method)) == method
    assert pickle.loads(pickle.dumps(confidence(alpha_max=0.5))).options == {"alpha_max": 0.5}
    assert confidence(alpha_max=0.75) == confidence != confidence(alpha_max=0.5)
    assert bootstrap(through=1).path(["xs", "s", "m", "l", "xl"], "xs", "xl") == ["m", "xl"]
    with pytest.raises(TypeError, match="hand it to run_student"):
        bootstrap("student", ["text"], [1.0], "config")


def test_what_must_fail_fails_before_a_supervisor_is_trained(store, trained, monkeypatch):
    monkeypatch.setattr(stages, "split_of", lambda settings: SimpleNamespace(kind="writing", parts={}))
    with pytest.raises(ValueError, match="set hard_labels=True"):
        run_student(settings(), "small", "big", store=store)
    assert trained() == []


def test_options_reach_the_same_method_however_it_is_given(store):
    def mine(student, texts, weak_labels, config, *, strength=1.0, **kw):
        return finetune(student, texts, weak_labels * strength + (1 - strength) / 2, config, **kw)

    ways = [
        (mine, mine, {"strength": 0.8}),
        (confidence, confidence, {"alpha_max": 0.4}),
        ("confidence", confidence, {"alpha_max": 0.4}),
    ]
    for method, same, options in ways:
        others = {"supervisor_method": same, "ceiling_method": same}
        result = three_stages(settings(), "small", "big", method, **others, **options, store=store)
        for run in (result.supervisor, result.student, result.ceiling):
            assert run.config["options"] == options


@pytest.mark.parametrize(
    "given",
    [
        {"ceiling_method": "bootstrap"},
        {"supervisor_method": "bootstrap"},
        {"ceiling_method": "naiv"},
        {"student": "bigg"},
    ],
)
def test_what_the_other_stages_cannot_do_fails_before_anything_is_trained(store, trained, given):
    given = dict(given)
    with pytest.raises(ValueError, match="chain of students|unknown"):
        three_stages(settings(), "small", given.pop("student", "big"), store=store, **given)
    assert trained() == []


def test_a_mapping_from_labels_takes_functions_and_names_too(store):
    def mine(student, texts, weak_labels, config, **kw):
        return finetune(student, texts, weak_labels, config, **kw)

    methods = {"own": mine, "paper": "confidence", "value": naive}
    table = grid(["up"], ["small"], ["big"], methods, settings=SETTINGS, store=store)
    assert table["method"].tolist() == ["own", "paper", "value"]


@pytest.mark.parametrize("name", ["hard_labels", "linear_probe", "constrained"])
def test_a_word_is_no_yes_or_no(name):
    with pytest.raises(ValueError, match=f"{name} is True or False, but 'no'"):
        replace(SETTINGS, **{name: "no"})
    assert getattr(replace(SETTINGS, **{name: np.True_}), name)


def test_a_function_as_an_option_travels_to_processes_without_its_source(store):
    """What a worker cannot read is named before it is sent."""
    method = own(make(1.0), label="mine", key="mine")
    travelling = replace(method, code=keys.code_of(method), told={"by": "digest 0123456789abcdef"})
    run = run_student(settings(), "small", "big", travelling, store=store)
    assert run.config["options"] == {"by": "digest 0123456789abcdef"}
    shaped = confidence(alpha_max=0.5)
    assert keys.told_options(shaped) == {"alpha_max": 0.5}
    assert keys.told_options(own(scaled, by=make(0.5)))["by"] == f"digest {digest(make(0.5))}"


def test_a_grid_takes_one_method_and_refuses_a_seed_twice(store):
    table = grid(["up"], ["small"], ["big"], "naive", settings=SETTINGS, store=store)
    assert list(table["method"]) == ["naive"]
    with pytest.raises(ValueError, match="stands twice"):
        grid(["up"], ["small"], ["big"], seeds=[0, 0], settings=SETTINGS, store=store)
