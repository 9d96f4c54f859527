"""Lang et al.'s theorems hold on any graph, MiniWorld's reviews are what they say they are, and the table of
notebook 17 is measured.
"""

import itertools

import measure_expansion
import numpy as np
import pandas as pd
import pytest

from w2s_kit import theory
from w2s_kit.inside.probes import fit_words
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.shared.files import results_folder
from w2s_kit.studies.theory.expansion import evaluate
from w2s_kit.tasks.miniworld import reviews
from w2s_kit.tasks.miniworld.reviews import (
    HALVES,
    NEIGHBOURS,
    SILENT,
    draw_reviews,
    rule,
    same_word,
    word_list,
)
from w2s_kit.tasks.miniworld.world import make_world


# ----------------------------------------------------------------------------------------------- the theorems
def graphs(n=3_000):
    """Students, labels and graphs at random, of few examples, so that extreme cases come."""
    rng = np.random.default_rng(0)
    for _ in range(n):
        size, silent = rng.integers(3, 12, 2)
        good, right, quiet = (rng.random(k) < rng.choice([0.5, 0.7, 0.95]) for k in (size, size, silent))
        if good.any() and not good.all():
            dense = rng.choice([0.1, 0.3, 0.8])
            yield (
                right,
                good,
                quiet,
                rng.random((size, size)) < dense,
                rng.random((silent, size)) < dense,
                rng.choice([0, 0.1, 0.34, 0.5]),
            )


def test_the_identity_is_exact():
    for right, good, _, edges, _, eta in graphs(300):
        found = theory.correction(right, good, edges, eta)
        assert theory.corrected_error(
            found["alpha"], found["disagreement"], found["overruled"]
        ) == pytest.approx(found["error"], abs=1e-14)


def test_no_student_breaks_a_bound():
    promised = {"bound": 0, "theorem": 0, "silent": 0}
    for right, good, quiet, edges, across, eta in graphs():
        found, silent = (
            theory.correction(right, good, edges, eta),
            theory.coverage(quiet, right, good, across, eta),
        )
        assert (
            found["error"] <= found["bound"] + 1e-12
            and found["error"] <= found["theorem"] + 1e-12
            and silent["error"] <= silent["theorem"] + 1e-12
        )
        assert found["reach"] <= found["overruled"] + 1e-12, "the step between identity and bound"
        promised["bound"] += found["bound"] < found["alpha"]
        promised["theorem"] += found["theorem"] < found["alpha"]
        promised["silent"] += silent["theorem"] < 1
    assert min(promised.values()) > 50, "bounds that promise nothing cannot be broken"


def test_a_promise_with_too_large_an_expansion_is_broken():
    broken = 0
    for right, good, _, edges, _, eta in graphs():
        found = theory.correction(right, good, edges, eta)
        if found["alpha"] < 0.5 and theory.correction_applies(found["alpha"], 1.0, found["disagreement"]):
            broken += found["error"] > theory.correction_bound(found["alpha"], 1.0, found["disagreement"])
    assert broken > 50


def test_reach_is_the_smallest_set():
    rng = np.random.default_rng(1)
    for _ in range(200):
        edges, eta = rng.random((rng.integers(0, 5), 6)) < 0.4, rng.choice([0, 0.2, 0.5])
        met = edges.sum(axis=0)
        enough = [
            len(some)
            for k in range(7)
            for some in itertools.combinations(range(6), k)
            if met[list(some)].sum() >= (1 - eta) * met.sum() - 1e-9
        ]
        assert theory.reach(edges, eta) == pytest.approx(min(enough) / 6)
    assert theory.reach(np.eye(4, dtype=bool)[:2]) == 0.5 and theory.reach(np.zeros((2, 3), bool)) == 0


def test_instability_and_neighbours_by_hand():
    edges = theory.neighbours(["a", ("b", 1), "c"], ["a", "a", ("b", 1), "d"])
    assert edges.tolist() == [[True, True, False, False], [False, False, True, False], [False] * 4]
    assert theory.instability(edges, np.array([1, 0, 1]), np.array([1, 0, 1, 1])).tolist() == [0.5, 1, 0]


def test_bounds_by_hand():
    assert theory.correction_bound(0.1, 1.0, 0.1) == pytest.approx(0.05) and theory.correction_bound(
        0.25, 0.0, 0.2, 0.1
    ) == pytest.approx(0.2 + 0.25 + 0.1)
    assert theory.coverage_bound(0.1, 1.0, 0.1) == 0 and theory.coverage_bound(
        0.25, 0.5, 0.2, 0.1, q=0.01
    ) == pytest.approx(0.1 * 1.5 + 0.3)
    assert (
        theory.coverage_bound(0.1, 0.0, 0.1) == np.inf and theory.coverage_bound(0.1, 1.0, 0.0, q=0.2) == 0.2
    )
    assert theory.correction_applies(0.2, 0.5, 0.275) and not theory.correction_applies(0.2, 0.5, 0.276)


def test_a_copy_of_its_supervisor_expands_nowhere():
    """Proposition 4.1: a class of students that can repeat all labels, bad ones too, has no expansion."""
    good = np.array([True] * 6 + [False] * 3)
    copy, truth, all_to_all = good, np.ones(9, bool), np.ones((9, 9), bool)
    found = theory.correction(copy, good, all_to_all, 0.5)
    assert (found["robust"], found["reach"], found["bound"]) == (0, 0, found["alpha"]) and found[
        "theorem"
    ] == 1
    found = theory.correction(truth, good, all_to_all)
    assert (found["c"], found["reach"], found["bound"]) == (1, 1, 0) and found["theorem"] == pytest.approx(
        found["alpha"] / 2
    )


def test_coverage_needs_both_expansions():
    """Half of the silent are wrong in each; Theorem 4.2 with one of the two expansions only would say less
    than that.
    """
    right, good = np.array([False, False, True, True, False]), np.array([True] * 4 + [False])
    wrong_reaches, right_reaches = np.zeros((2, 2, 5), bool)
    wrong_reaches[0, :2] = True
    found = theory.coverage([False, True], right, good, wrong_reaches)
    assert (found["error"], found["unstable"], found["c"], found["theorem"]) == (
        0.5,
        0,
        0,
        1,
    ) and theory.coverage_bound(0.2, 1.0, 0.4) < 0.5
    right_reaches[1, 4] = True
    found = theory.coverage([False, True], np.ones(5, bool), good, right_reaches)
    assert (found["error"], found["unstable"], found["c"], found["theorem"]) == (
        0.5,
        0,
        0,
        1,
    ) and theory.coverage_bound(0.2, 1.0, 0.2) < 0.5
    right_reaches[0, :2] = wrong_reaches[0, :2]
    assert theory.coverage([False, True], right | ~good, good, right_reaches)["theorem"] == pytest.approx(
        (0.6 - 0.2) / 0.6
    )


def test_what_is_no_graph_is_refused():
    yes, no = np.ones(3, bool), np.zeros(3, bool)
    for call, message in (
        (lambda: theory.correction(yes, yes, np.ones((3, 3))), "all labels are good, or all bad"),
        (lambda: theory.correction(yes, no, np.ones((3, 3))), "all bad"),
        (lambda: theory.coverage(yes, yes, no, np.ones((3, 3))), "all bad"),
        (lambda: theory.correction(yes, no, np.ones((3, 2))), r"shape \(3, 3\)"),
        (lambda: theory.reach(np.ones(3)), r"shape \(n, m\)"),
        (lambda: theory.reach(np.ones((2, 2)), 1.0), "eta lies in"),
        (lambda: theory.reach(np.ones((2, 0))), "somebody to reach"),
        (lambda: theory.correction_bound(0.5, 1, 0), "minority"),
        (lambda: theory.coverage_bound(0.6, 1, 0), "minority"),
    ):
        with pytest.raises(ValueError, match=message):
            call()


# ------------------------------------------------------------------------------------------------ the reviews
TEST, LISTED = draw_reviews(1_500, "test", 101), word_list(101)
SAID = rule(TEST, LISTED)


def test_reviews_are_the_tasks_own_and_no_sentence_stands_in_both_halves():
    train, value = (
        draw_reviews(1_500, "train", 101),
        {word.name: word.value for word in make_world().lexicons["adjective"].items},
    )
    assert draw_reviews(1_500, "test", 101).equals(TEST) and not set(train["text"]) & set(TEST["text"])
    assert set().union(*TEST["things"]) == set(HALVES["test"]) and set(TEST["form"]) == {
        "plain",
        "not",
        "but",
        "though",
    }
    verdict = np.array([value[words[-1]] for words in TEST["words"]])  # of two words, the last one counts
    assert (TEST["label"] == np.where(TEST["form"] == "not", 1 - verdict, verdict)).all()
    with pytest.raises(ValueError, match="train, test"):
        draw_reviews(5, "both", 0)


def test_the_rule_counts_words_and_is_wrong_where_it_is_said_to_be():
    table = pd.DataFrame(
        [
            ["plain", ("great",)],
            ["not", ("great",)],
            ["not", ("awful",)],
            ["but", ("great", "awful")],
            ["but", ("great", "dull")],
            ["plain", ("dull",)],
        ],
        columns=["form", "words"],
    )
    assert rule(table, {"great": 1, "awful": 0}).tolist() == [1, SILENT, 0, SILENT, 1, SILENT]
    value = {word.name: word.value for word in make_world().lexicons["adjective"].items}
    assert (
        len(LISTED) == 2 * reviews.LISTED
        and all(value[word] == good for word, good in LISTED.items())
        and word_list(101) == LISTED != word_list(102)
    )
    wrong = TEST[(SAID != SILENT) & (SAID != TEST["label"])]
    conceded = [
        form in ("but", "though") and words[0] in LISTED for form, words in zip(wrong["form"], wrong["words"])
    ]
    assert len(wrong) > 20 and (np.array(conceded) | ((wrong["form"] == "not") & (wrong["label"] == 1))).all()


def test_neighbours_nest_and_a_key_without_meaning_never_leads_from_good_to_bad():
    before = None
    for key in NEIGHBOURS.values():
        edges = theory.neighbours(key(TEST), key(TEST))
        assert (
            (edges == edges.T).all()
            and edges.diagonal().all()
            and (before is None or (edges >= before).all() and edges.sum() > before.sum())
        )
        before = edges
    key = same_word(TEST, LISTED)
    for label in (0, 1):
        good, bad = (
            {key[i] for i in np.flatnonzero((TEST["label"] == label) & (SAID == said))}
            for said in (label, 1 - label)
        )
        assert good and bad and not good & bad


def test_evaluate_by_hand():
    table = evaluate(TEST["label"], TEST, SAID)
    assert (
        table["share"].drop("all").sum() == pytest.approx(1)
        and (table["accuracy"] == 1).all()
        and (table["bound"].dropna() == 0).all()
        and (table.loc[["T0", "T1"], "theorem"] == 0).all()
    )
    assert table.loc["S0", "theorem"] == pytest.approx(table.loc["S0", "alpha"] / 2)
    copied = evaluate(np.where(SAID == SILENT, 0, SAID), TEST, SAID)
    assert copied.loc["T0", "accuracy"] == 1 and copied.loc["T1", "accuracy"] == 0
    assert (copied.loc[["S0", "S1"], "bound"] == copied.loc[["S0", "S1"], "alpha"]).all() and (
        copied.loc[["S0", "S1"], "disagreement"] == 0
    ).all()
    assert evaluate(TEST["label"], TEST, SAID, same_word(TEST, LISTED)).loc["S0", "bound"] == pytest.approx(
        2 * table.loc["S0", "alpha"]
    )


def test_the_student_of_words_takes_the_list_and_nothing_else():
    train = draw_reviews(12_000, "train", 101)
    heard = rule(train, LISTED)
    student = fit_words(train["text"][heard != SILENT], heard[heard != SILENT])
    spoken = SAID != SILENT
    assert (student.predict(TEST["text"])[spoken] == SAID[spoken]).mean() > 0.99
    names, weights = student[0].get_feature_names_out(), student[1].coef_[0]
    assert set(names[np.argsort(-abs(weights))[:20]]) <= set(LISTED)


# -------------------------------------------------------------------------------------------------- the table
def test_the_stored_table_is_measured():
    stored = pd.read_csv(results_folder() / "theory_expansion.csv")
    live = pd.DataFrame(
        measure_expansion.students(1, {"xl": load_classifier(load_family()["xl"])}, penalties=(0.001, 1.0))
    )
    both = live.merge(
        stored, on=["student", "C", "set", "seed"], suffixes=("", "_stored"), validate="one_to_one"
    )
    assert len(both) == len(live) == 22
    for column in ("share", "accuracy", "alpha", "disagreement", "overruled", "bound", "theorem"):
        np.testing.assert_allclose(both[column], both[f"{column}_stored"], atol=0.03, err_msg=column)
    assert (
        stored.groupby(["student", "C", "set"], dropna=False).seed.nunique() == measure_expansion.SEEDS
    ).all()


def test_no_stored_bound_is_broken():
    stored = pd.read_csv(results_folder() / "theory_expansion.csv")
    for bound in ("bound", "theorem"):
        known = stored.dropna(subset=[bound])
        assert len(known) and (1 - known["accuracy"] <= known[bound] + 1e-5).all()
