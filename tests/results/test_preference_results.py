"""The measured tables of notebooks 06 and 07: they are what this code measures, whole, and agree with each
other.
"""

import json

import measure_reactions
import numpy as np
import pandas as pd
import pytest
from measure_preference import by_kind
from measurements import VARIANTS, reading

from w2s_kit.experiment.settings import PREFERENCE
from w2s_kit.experiment.stages import run_stopped, three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.metrics.pgr import pgr
from w2s_kit.models.families import WEIGHTS, load_family
from w2s_kit.report.claims import INTERVENTIONS, intervention_gains, load
from w2s_kit.shared.files import results_folder
from w2s_kit.tasks import load_task
from w2s_kit.tasks.miniworld import dialogue

NAMES = load_family(PREFERENCE.family).names[1:]
PAIRS = [(w, s) for i, w in enumerate(NAMES[:-1]) for s in NAMES[i:]]


def table(name):
    return pd.read_csv(results_folder() / f"preference_{name}.csv")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return Store(tmp_path_factory.mktemp("runs"))


@pytest.mark.parametrize("method", ["naive", *VARIANTS])
def test_a_slice_measured_now_agrees_with_the_stored_table(method, store):
    if method == "naive":
        result = three_stages(PREFERENCE, "s", "m", store=store)
    else:
        result = dict(reading(PREFERENCE, "dialogue", 0, [("s", "m")], [method], store))[method]
    stored = table("grid").set_index(["supervisor", "student", "method", "seed"]).loc["s", "m", method, 0]
    for who in ("supervisor", "student", "ceiling"):
        assert getattr(result, who).accuracy() == pytest.approx(stored[f"{who}_accuracy"], abs=0.02)


def test_the_grid_is_whole():
    grid = table("grid")
    count = grid.groupby(["method", "supervisor", "student"]).size()
    assert set(count) == {5}
    for method in ("naive", "confidence", *VARIANTS):
        assert set(count[method].index) == set(PAIRS)
    assert set(count["bootstrap"].index) == {(w, s) for w, s in PAIRS if NAMES.index(s) > NAMES.index(w) + 1}


def test_kinds_are_counted_from_the_predictions(store):
    result = three_stages(PREFERENCE, "s", "m", store=store)
    found = by_kind(pd.DataFrame([result.row()]), store)
    test = load_task("dialogue", 0, PREFERENCE.n_train, PREFERENCE.n_test).test
    for who, run in (
        ("supervisor", result.supervisor),
        ("student", result.student),
        ("ceiling", result.ceiling),
    ):
        mine = found[found.who == who].set_index("kind")
        assert set(mine.method) == {"naive"}
        assert set(mine.index) == {"all", *dialogue.PAIRS} and mine.accuracy["all"] == run.accuracy()
        longer = (test.kind == "length").to_numpy()
        assert (
            mine.accuracy["length"] == run.correct()[longer].mean() and mine.pairs["length"] == longer.sum()
        )
        assert mine.with_people["all"] == (run.answers() == test.preferred).mean()


def test_stopping_is_judged_on_examples_it_has_not_seen(store):
    """The run that is stopped goes the way of the one that is not; its best point is by the other half of the
    test.
    """
    last, best = (
        three_stages(PREFERENCE, "s", "m", store=store).student,
        run_stopped(PREFERENCE, "s", "m", store=store),
    )
    way = pd.DataFrame(best.metrics["history"])
    assert len(way) == 8 and way["agreement"].iloc[-1] == last.correct()[::2].mean()
    assert best.correct()[::2].mean() == way["agreement"].max(), "the best of the points on the way"
    assert best.config["kind"] == "stopped" and best.config["supervisor_run"] == last.config["supervisor_run"]


def test_the_methods_table_is_the_stored_runs():
    """One cell by hand, from accuracies alone."""
    tables = load(results_folder())
    gains = intervention_gains(tables).set_index(["method", "domain"])
    assert set(gains.index.get_level_values(0)) == set(INTERVENTIONS)
    assert gains.loc[("generative", "chess"), "verdict"] == "not measured", "a chess player reads no text"
    accuracies = ["supervisor_accuracy", "student_accuracy", "ceiling_accuracy"]
    read = table("reactions").query("seed >= 100").groupby("reading")[accuracies].mean()
    by_hand = pgr(*read.loc["all"]) - pgr(*read.loc["none"])
    assert gains.loc[("generative", "reward modelling"), "value"] == pytest.approx(by_hand)
    own = table("grid").groupby(["supervisor", "student", "method"])[accuracies].mean()
    by_hand = [pgr(*own.loc[w, "xl", "confidence"]) - pgr(*own.loc[w, "xl", "naive"]) for w in NAMES[:-1]]
    assert gains.loc[("confidence", "reward modelling"), "value"] == pytest.approx(np.median(by_hand))


def test_reactions(monkeypatch):
    """What stands before the student learns: its supervisors, and what a probe finds after reading. (To train
    it takes a quarter of a minute each time.)
    """
    train, large = measure_reactions.finetune, measure_reactions.STUDENT
    parameters = load_family(PREFERENCE.family)[large].parameters
    small = lambda model: sum(weights.numel() for weights in model.parameters()) < parameters / 2
    monkeypatch.setattr(measure_reactions, "READINGS", {"all": 1.0})
    monkeypatch.setattr(
        measure_reactions,
        "finetune",
        lambda model, *a, **kw: train(model, *a, **kw) if small(model) else None,
    )
    live = pd.DataFrame(measure_reactions.reactions(100)).set_index("reading")
    stored = table("reactions").query("seed == 100").set_index("reading").loc[live.index]
    assert list(live.index) == ["all", "all three read"]
    for column in ("supervisor_accuracy", "probe_true", "probe_polite"):
        np.testing.assert_allclose(live[column], stored[column], atol=0.02, err_msg=column)
    np.testing.assert_allclose(live["supervisor_against"], stored["supervisor_against"], atol=0.04)


def test_the_table_of_reactions_is_whole():
    stored = table("reactions")
    readings = {*measure_reactions.READINGS, "all three read"}
    assert (stored.groupby("seed").reading.agg(set) == readings).all() and not stored.duplicated(
        ["reading", "seed"]
    ).any()
    by_seed = stored.pivot(index="seed", columns="reading")
    same = by_seed["supervisor_accuracy"].drop(columns="all three read")
    assert (same.nunique(axis=1) == 1).all(), "one supervisor, but for the one that reads"
    assert (by_seed["ceiling_accuracy"]["all"] == by_seed["ceiling_accuracy"]["all three read"]).all()


def test_the_family_has_read_on_and_forgotten_little():
    for name in load_family(PREFERENCE.family).names[2:]:
        before, after = (
            json.loads((WEIGHTS / family / name / "pretraining.json").read_text())
            for family in ("miniworld", "miniworld-chat")
        )
        assert (
            after["tokens"] > before["tokens"]
            and after["flops"] > before["flops"]
            and after["parameters"] == before["parameters"]
        )
        known = [
            np.mean(
                [
                    facts["log"][-1][task]
                    for task in ("edible", "danger", "weight", "habitat", "material", "kind", "alive")
                ]
            )
            for facts in (before, after)
        ]
        assert known[1] > known[0] - 0.08


def test_the_ceiling_tells_truth_from_surface():
    kinds = table("kinds").query("method == 'naive'")
    ceiling = kinds[(kinds.who == "ceiling") & (kinds.model == "xl")].groupby("kind").accuracy.mean()
    weakest = kinds[(kinds.who == "supervisor") & (kinds.model == "s")].groupby("kind").accuracy.mean()
    assert ceiling["truth against surface"] > 0.6 > 0.5 > weakest["truth against surface"], (
        "the instrument can show a shortcut"
    )


def test_kinds_keep_models_apart_that_have_read():
    kinds, grid = table("kinds"), table("grid")
    for who, column in (("supervisor", "supervisor"), ("ceiling", "student")):
        mine = (
            kinds[(kinds.who == who) & (kinds.kind == "all")]
            .groupby(["method", "model"])
            .agg(runs=("seed", "size"), accuracy=("accuracy", "mean"))
        )
        assert (mine.runs == 5).all(), "one run a seed, so nothing is mixed"
        for (method, model), row in mine.iterrows():
            variant = {
                "naive": "naive",
                "generative": "generative, all read",
                "generative, no ends": "generative, fair, no ends",
            }[method]
            same = grid[(grid.method == variant) & (grid[column] == model)].drop_duplicates([f"{who}_run"])
            assert row.accuracy == pytest.approx(same[f"{who}_accuracy"].mean(), abs=1e-5)
