"""Tables of notebooks from 09 on: a slice that is measured now agrees with what is stored."""

import random

import inside_readings
import measure_aligner
import measure_alike
import measure_debate
import measure_dials
import measure_filters
import measure_interventions
import measure_probing
import measure_reliability
import measure_salience
import measure_shift
import measure_simulation
import measure_sums
import measure_two_stage
import numpy as np
import pandas as pd
import pytest
from measure_overfitting import stopping

from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_labels, run_student
from w2s_kit.experiment.store import Store
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.shared.files import results_folder
from w2s_kit.studies.reranking import vote
from w2s_kit.tasks import load_task, sums
from w2s_kit.tasks.miniworld.distraction import turned
from w2s_kit.tasks.miniworld.taste import FACTS, TASK
from w2s_kit.tasks.miniworld.world import make_world
from w2s_kit.tasks.supervisors import beliefs
from w2s_kit.training.reading import predict


def agree(live: list[dict], name: str, atol: float = 0.02) -> None:
    """Every number of these rows is that of the stored row with the same names."""
    stored, live = pd.read_csv(results_folder() / f"{name}.csv"), pd.DataFrame(live)
    keys = [
        column
        for column in (
            "task",
            "what",
            "structure",
            "supervisor",
            "student",
            "method",
            "seed",
            "dial",
            "share",
            "epoch",
            "taught_by",
            "corrector",
            "upstream",
            "size",
            "state",
            "form",
            "layer",
            "shift",
        )
        if column in stored and column in live
    ]
    both = live.merge(stored, on=keys, suffixes=("", "_stored"), validate="one_to_one")
    assert len(both) == len(live) > 0
    measured = [column for column in live if f"{column}_stored" in both]
    assert measured
    for column in measured:
        np.testing.assert_allclose(
            both[column].astype(float), both[f"{column}_stored"].astype(float), atol=atol, err_msg=column
        )


def test_overfitting(tmp_path):
    ((row, curve),) = stopping("sentiment", 1, "s", "xl", "naive", Store(tmp_path))
    agree([row], "overfitting")
    agree(curve, "overfitting_curves")


def test_simulation(tmp_path, monkeypatch):
    monkeypatch.setattr(measure_simulation, "METHODS", ("naive",))
    ((row, curve),) = measure_simulation.structured("edible", 200, "form", Store(tmp_path))
    kept = [
        "task",
        "structure",
        "student",
        "method",
        "seed",
        "supervisor_accuracy",
        "student_accuracy",
        "ceiling_accuracy",
        "agreement_wrong",
        "simulable",
    ]
    agree([{name: row[name] for name in kept}], "simulation")
    agree(curve, "simulation_curves", atol=0.04)  # of some hundred errors


def test_all_label_sets_are_equally_right():
    stored = pd.read_csv(results_folder() / "simulation.csv")
    assert (
        stored.groupby(["task", "seed"]).supervisor_accuracy.nunique() == 1
    ).all() and stored.structure.nunique() == 11


@pytest.mark.parametrize(
    "measure, name",
    [
        (measure_probing.probe_grid, "probe_grid"),
        (measure_probing.prompting, "prompting"),
        (measure_probing.probing, "probing"),
    ],
)
def test_probing(tmp_path, measure, name):
    # prompted, every model; in the table, those that were also finetuned
    size = ("xs", "s", "m", "l", "xl").index
    upward = lambda row: size(row["student"]) >= size(row["supervisor"])
    agree([row for row in measure("ethics", 1, Store(tmp_path)) if name != "prompting" or upward(row)], name)


def test_dials(tmp_path):
    store, split = Store(tmp_path), load_task("ethics", 100)
    settings = Settings("ethics", family="miniworld-dials", seed=100)
    people = run_labels(
        settings,
        "people",
        {part: beliefs("ethics", split.parts[part]) for part in ("student", "test")},
        store=store,
    )
    agree([measure_dials.turned(settings, people, "m-says-1", "says", 1.0, store)], "dials")
    weak = measure_dials.run_ground_truth(Settings("edible", seed=100), "s", half="supervisor", store=store)
    agree(
        [
            measure_dials.turned(
                Settings("edible", family="miniworld-dials", seed=100), weak, "m-leak-0.1", "leak", 0.1, store
            )
        ],
        "dials",
    )


def test_deception(tmp_path):
    agree(measure_dials.hiding("edible", 100, Store(tmp_path)), "deception", atol=0.03)


def test_interventions(tmp_path):
    """Notebook 15: one of those that look at the student's own features."""
    name = "knn relabel"
    method, options = measure_interventions.INTERVENTIONS[name]
    live = grid(["edible"], ["m"], ["xl"], {method: options}, [1], Settings(task=""), Store(tmp_path)).assign(
        method=name
    )
    agree(
        live.filter(regex="task|supervisor$|student$|method|seed|accuracy$").to_dict("records"),
        "interventions_grid",
    )


def test_reliability(tmp_path):
    agree(measure_reliability.reliability("danger", 1, Store(tmp_path)), "reliability")


def test_two_stages(tmp_path):
    store = Store(tmp_path)
    agree(measure_two_stage.staged("danger", 11, store), "two_stage")
    agree(measure_two_stage.late("danger", 11, store, taught_by=["weak"]), "two_stage_late")


def test_filters(tmp_path, monkeypatch):
    monkeypatch.setattr(measure_filters, "WAYS", ("filter",))
    agree(measure_filters.filters("edible", 120, Store(tmp_path)), "filters", atol=0.03)


def test_aligner(tmp_path, monkeypatch):
    """The small model answers by itself, and is upstream with a word list after it."""
    store, shown = Store(tmp_path), {"m, rude": measure_aligner.UPSTREAMS["m, rude"]}
    measure_aligner.answers("m, rude", 1, store)
    monkeypatch.setattr(measure_aligner, "N", 8)  # few labels for students, which no number here depends on
    measure_aligner.direct(1, store)
    monkeypatch.setattr(measure_aligner, "CORRECTORS", {})
    monkeypatch.setattr(measure_aligner, "UPSTREAMS", shown)
    agree(measure_aligner.arrows(1, store), "aligner")


def test_inside():
    """Before finetuning, where nothing needs to be trained. The contrast-consistent search is left out: at
    chance it is anybody's guess.
    """
    model, split = (
        load_classifier(load_family()["xl"], head="tokens"),
        load_task("distracted:bigger", 200, 1_000, 1_000),
    )
    texts = [split.parts[part]["text"].tolist() for part in ("student", "test")]
    right, output = (
        {part: ~split.parts[part]["distracted"].to_numpy() for part in ("student", "test")},
        predict(model, texts[1]),
    )
    held = [inside_readings.at_layers(model, part) for part in texts]
    pairs = [[inside_readings.at_layers(model, side)[2] for side in (turned(part), part)] for part in texts]
    found = inside_readings.contrasts(*pairs, split, right, "turned_", seed=200)
    cell = {"task": "bigger", "student": "xl", "seed": 200, "supervisor": "distracted", "state": "pretrained"}
    rows = [
        cell
        | {"layer": layer}
        | inside_readings.readings(*(part[layer] for part in held), split, right, output, 200, closely=False)
        for layer in (2, 3)
    ]
    agree(rows, "inside")
    agree(
        [cell | {"layer": 2} | {name: value for name, value in found.items() if "ccs" not in name}], "inside"
    )


def test_students_of_sums(tmp_path, monkeypatch):
    monkeypatch.setattr(measure_sums, "STUDENTS", [("xs", "s")])
    agree(measure_sums.students(1, Store(tmp_path)), "sums_students")


def test_a_generator_of_sums():
    """Of one seed, what is said of level 3 before anybody judges."""
    rng = random.Random("easy-to-hard-1")
    shown, *_ = (
        measure_sums.draw(n, levels, rng)
        for n, levels in (
            (measure_sums.SHOWN, sums.EASY),
            (measure_sums.JUDGED, sums.EASY),
            (measure_sums.JUDGED // 2, sums.HARD),
        )
    )
    writer, problems = (
        measure_sums.generator("m", shown, 1),
        measure_sums.draw(measure_sums.PROBLEMS, (3,), rng),
    )
    said = measure_sums.solutions(writer, problems, measure_sums.SAMPLES, 2)
    answers = np.array(
        [[sums.check(problem, one).answer for one in many] for problem, many in zip(problems, said)],
        dtype=object,
    )
    stored = (
        pd.read_csv(results_folder() / "sums.csv")
        .query("seed == 1 and level == 3 and judge == 'none'")
        .set_index("n")["accuracy"]
    )
    for n in (1, 64):
        assert vote(
            answers, [problem.answer for problem in problems], np.ones(answers.shape), n, seed=1
        ) == pytest.approx(stored[n], abs=0.02)


def test_the_table_of_sums_is_whole():
    stored, inside = (pd.read_csv(results_folder() / f"{name}.csv") for name in ("sums", "sums_inside"))
    assert (
        stored.groupby(["level", "judge", "way", "n"])["seed"].nunique() == stored["seed"].nunique()
    ).all() and stored["seed"].nunique() >= 5
    alone = stored[(stored["n"] == 1) & (stored["judge"] != "more truth")].groupby(["seed", "level"])[
        "accuracy"
    ]
    # votes are means over random choices
    assert (alone.max() - alone.min()).max() < 0.02, "one solution is no choice"
    shares = inside[~inside["what"].str.startswith("area")].groupby(["seed", "level", "of"])["value"].sum()
    np.testing.assert_allclose(shares, 1, atol=1e-5)


def test_debate(tmp_path, monkeypatch):
    """Asking xl for all its beliefs takes half a minute; nearly all are true, so the debaters here believe
    what is so, and come close.
    """
    true = {
        noun.name: np.array([float(fact.holds(noun)) for fact in FACTS])
        for noun in make_world().lexicons["noun"].items
    }
    monkeypatch.setattr(measure_debate, "known", lambda family, size: true)
    store = Store(tmp_path)
    settings, judges = measure_debate.court(TASK, 201, store)
    naive, debate = judges(None), judges({})
    student = run_student(
        settings,
        run_labels(
            settings,
            "naive",
            {part: naive[0].probabilities(part) for part in ("student", "test")},
            store=store,
        ),
        "xl",
        store=store,
        progress=False,
    )
    ends = {"task": TASK, "supervisor": "m", "student": "xl", "seed": 201}
    agree(
        [
            ends
            | {
                "method": "naive",
                "supervisor_accuracy": naive[0].accuracy(),
                "labels": measure_debate.right(naive, "student"),
                "student_accuracy": student.accuracy(),
            }
        ],
        "debate",
    )
    agree(
        [ends | {"method": "debate", "labels": measure_debate.right(debate, "student")}], "debate", atol=0.06
    )


def test_alike(tmp_path, monkeypatch):
    monkeypatch.setattr(measure_alike, "OVERLAPS", (0.5,))
    (row,) = measure_alike.dialled("m", 100, Store(tmp_path))
    keys = ("task", "what", "supervisor", "student", "seed")
    numbers = (
        "supervisor_accuracy",
        "student_accuracy",
        "ceiling_accuracy",
        "agreement",
        "capa",
        "capa_hard",
    )
    agree([{name: row[name] for name in (*keys, *numbers)}], "alike")


def test_salience(monkeypatch):
    """What stands before the student learns: its supervisor, and what a probe finds in it. (To train it takes
    half a minute.)
    """
    train = measure_salience.finetune
    small = lambda model: sum(weights.numel() for weights in model.parameters()) < 1e6
    monkeypatch.setattr(measure_salience, "PAIRS", (("m", "xl"),))
    monkeypatch.setattr(
        measure_salience, "finetune", lambda model, *a, **kw: train(model, *a, **kw) if small(model) else None
    )
    (row,) = measure_salience.salience("size", "statement", 100)
    keys = ("task", "supervisor", "student", "form", "seed")
    agree([{name: row[name] for name in (*keys, "probe_before")}], "salience")
    # of 5 epochs: other processors round otherwise, and more than a few answers flip
    agree(
        [{name: row[name] for name in (*keys, "supervisor_accuracy", "label_accuracy")}],
        "salience",
        atol=0.04,
    )


def test_shift(tmp_path, monkeypatch):
    monkeypatch.setitem(measure_shift.METHODS_OF, "kind", [measure_shift.naive])
    agree(measure_shift.alone("edible", "kind", 100, Store(tmp_path)), "shift", atol=0.03)


def test_shift_of_manners(tmp_path):
    agree(
        measure_shift.manners("half", 100, Store(tmp_path), [measure_shift.anchor]),
        "shift_manners",
        atol=0.03,
    )
