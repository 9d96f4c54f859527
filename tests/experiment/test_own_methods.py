"""A method is a value: its options, its key, and its way to another process."""

from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import joblib
import numpy as np
import pytest
from stand_ins import (  # noqa: F401 (fixtures)
    SETTINGS,
    settings,
    small_world,
    store,
    trained,
)

from w2s_kit.experiment import keys, stages
from w2s_kit.experiment.digest import Unnamed, digest
from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.stages import run_student, three_stages
from w2s_kit.methods import bootstrap, confidence, naive, own
from w2s_kit.training.loop import finetune


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
