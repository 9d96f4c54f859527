"""Chains of students: who learns what from whom, and that links are shared."""

from dataclasses import replace

import numpy as np
import pytest
from stand_ins import replace_loaders, settings, small_world, store, tiny_task, trained  # noqa: F401  (fixtures)

from w2s_kit.experiment import splits, stages
from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.result import Result, summarise
from w2s_kit.experiment.stages import run_ground_truth, run_student, three_stages
from w2s_kit.methods.bootstrap import between, teach
from w2s_kit.tasks.split import LeakageError, Split


def with_fresh(name, seed=0, n_train=96, n_test=80, fresh=0, parts=2):
    split = tiny_task(name, seed, n_train, n_test)
    fresh = []
    for i in range(parts):
        table = tiny_task(name, seed + 100 + i, n_train, n_test).student
        fresh.append(table.assign(group=[(f"fresh{i}-{row}",) for row in range(len(table))]))
    return replace(split, fresh=tuple(fresh))


@pytest.fixture(autouse=True)
def fresh_examples(small_world, monkeypatch):  # noqa: F811
    replace_loaders(monkeypatch.setattr, load_task=with_fresh)


def test_the_order_of_teaching():
    seen = []
    learn = lambda teacher, name, part: seen.append((teacher, name, part)) or f"run of {name}"
    assert teach("the supervisor", ["m", "l", "xl"], learn) == "run of xl"
    assert seen == [
        ("the supervisor", "m", "fresh1"),
        ("run of m", "l", "fresh2"),
        ("run of l", "xl", "student"),
    ]


def test_sizes_between():
    names = ["xs", "s", "m", "l", "xl"]
    assert (
        between(names, "xs", "xl") == ["s", "l"]
        and between(names, "xs", "xl", 3) == ["s", "m", "l"]
        and between(names, "xs", "xl", 1) == ["m"]
    )
    assert between(names, "xs", "l") == ["s", "m"] and between(names, "xs", "m") == ["s"]
    assert (
        between(names, "xs", "s")
        == between(names, "m", "m")
        == between(names, "l", "s")
        == between(names, "xs", "xl", 0)
        == []
    )


def test_a_chain_by_hand(store):  # noqa: F811
    """The same three runs without `bootstrap`: each link learns from the labels of the one before, on its own
    part.
    """
    chained = run_student(settings(), "small", "big", "bootstrap", store=store)
    split, weak = with_fresh("up"), run_ground_truth(settings(), "small", store=store)
    link = store.load(chained.config["supervisor_run"])
    assert chained.config["chain"] == ["small", "middle"] and chained.config["part"] == "student"
    assert (
        link.config["model"] == "middle"
        and link.config["part"] == "fresh1"
        and link.config["supervisor_run"] == weak.name
    )

    def learn(name, texts, labels, seed=0):
        import torch

        from w2s_kit.experiment.learn import load_classifier
        from w2s_kit.methods import get_method
        from w2s_kit.training.reading import predict

        torch.manual_seed(seed)
        spec = stages.load_family("tiny")[name]
        model = load_classifier(spec)
        get_method("naive")(model, texts, labels, settings().train_config(spec, "none"), progress=False)
        return lambda part: predict(model, split.parts[part]["text"].tolist())

    middle = learn("middle", split.parts["fresh1"]["text"].tolist(), weak.probabilities("fresh1"))
    np.testing.assert_allclose(link.probabilities("student"), middle("student"), atol=1e-6)
    big = learn("big", split.student["text"].tolist(), middle("student"))
    np.testing.assert_allclose(chained.probabilities(), big("test"), atol=1e-6)


def test_chains_that_begin_alike_share_links(store, trained):  # noqa: F811
    run_student(settings(), "small", "big", "bootstrap", store=store)
    assert trained() == ["small", "middle", "big"]
    run_student(settings(), "small", "big", "bootstrap", store=store, through=["middle"])
    assert trained() == ["small", "middle", "big"], "the same chain, named"
    run_student(settings(), "small", "middle", "bootstrap", store=store, through=["middle"])
    assert trained() == ["small", "middle", "big", "middle"]


def test_a_chain_in_a_grid_and_its_row(store):  # noqa: F811
    table = grid(
        ["up"],
        ["small"],
        ["middle", "big"],
        methods=["naive", "bootstrap"],
        seeds=[0, 1],
        settings=settings(task=""),
        store=store,
    )
    assert table.groupby(["student", "method"]).size().to_dict() == {
        ("big", "bootstrap"): 2,
        ("big", "naive"): 2,
        ("middle", "naive"): 2,
    }
    assert set(table["supervisor"]) == {"small"}, "PGR starts at the one who had ground truth"
    assert len(summarise(table, store)) == 3
    direct = three_stages(settings(), "small", "big", store=store)
    chained = Result(
        direct.supervisor, run_student(settings(), "small", "big", "bootstrap", store=store), direct.ceiling
    )
    assert chained.row()["method"] == "bootstrap" and direct.row()["method"] == "naive"


def test_what_cannot_be_chained(store, monkeypatch):  # noqa: F811
    with pytest.raises(ValueError, match="no size lies between 'small' and 'middle'.*through"):
        run_student(settings(), "small", "middle", "bootstrap", store=store)
    replace_loaders(monkeypatch.setattr, load_task=tiny_task)
    splits.forget_splits()
    with pytest.raises(
        ValueError, match="chain of 2 students needs fresh examples.*none for fresh1.*smaller n_train"
    ):
        run_student(settings(), "small", "big", "bootstrap", store=store)
    with pytest.raises(ValueError, match="did you mean 'bootstrap'"):
        run_student(settings(), "small", "big", "bootstrp", store=store)


def test_fresh_examples_do_not_leak():
    split = with_fresh("up")
    assert list(split.parts) == ["supervisor", "student", "fresh1", "fresh2", "test"]
    assert split.hash != tiny_task("up").hash
    with pytest.raises(LeakageError, match="both student and fresh1"):
        Split("up", split.supervisor, split.student, split.test, fresh=(split.student,))
