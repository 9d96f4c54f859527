"""Claims read their tables as they should: intervals, pairs without a gap, and what is not there or unfit."""

import math

import numpy as np
import pandas as pd
import pytest
from claim_tables import world
from pair_tables import save, summary

from w2s_kit.metrics.intervals import mean_interval
from w2s_kit.report import claims
from w2s_kit.report.claims import (
    CLAIMS,
    TABLES,
    Table,
    scoreboard,
)
from w2s_kit.report.claims.resampled import mean, over_seeds

BY_ID = {claim.id: claim for claim in CLAIMS}
LANGUAGE = ("00", "01", "02", "03", "08")  # notebooks whose claims are about the language grid


def test_the_figure_is_the_rounded_verdict():
    verdict = BY_ID["naive_pgr_above_20"].measure(world(n_seeds=5, pgr=(0.5, 0.1), pgr_slope=0))
    # the median task is c in every seed, so the statistic is a plain mean
    t = mean_interval([0.3, 0.4, 0.5, 0.6, 0.7])
    assert (verdict.value, verdict.low, verdict.high) == pytest.approx((t.mean, t.low, t.high))
    assert verdict.figure == "median PGR 0.50 [0.30, 0.70], 5 seeds, 5 tasks" and verdict.verdict == "shows"
    zero = BY_ID["agreement_follows_truth"].measure(world(agree=-1e-9))
    assert zero.figure.startswith("+0.0 ["), "no minus before zero"


def test_the_interval_of_a_mean_is_students():
    """Exactly while all resamples are counted, nearly when they are drawn."""
    for n, tolerance in ((2, 1e-9), (5, 1e-9), (6, 1e-9), (8, 0.15)):
        x = np.random.default_rng(n).normal(70, 2, n)
        rows = pd.DataFrame({"task": "a", "supervisor": "xs", "student": "l", "seed": range(n), "naive": x})
        found, t = over_seeds(rows, lambda p: mean(p["naive"])), mean_interval(x)
        assert found.mean == pytest.approx(t.mean) and found.high - found.low == pytest.approx(
            t.high - t.low, rel=tolerance
        )


def test_order_of_rows_does_not_matter():
    tables = world(pgr=(0.5, 0.05), near=(-0.02, 0.01), ceiling=(0.03, 0.005))
    shuffled = {name: table.sample(frac=1, random_state=1) for name, table in tables.items()}
    for claim in CLAIMS:
        assert claim.measure(tables).figure == claim.measure(shuffled).figure


def test_pairs_without_a_clear_gap_have_no_pgr():
    tables = world()
    expected = BY_ID["naive_pgr_above_20"].measure(tables).value
    extra = []
    for name in "fghijk":  # six tasks whose students are far from a ceiling that is nowhere: PGR would be -60
        extra.append(
            tables["nlp_grid"]
            .query("task == 'c'")
            .assign(task=name, supervisor_accuracy=0.8, ceiling_accuracy=0.801, student_accuracy=0.74)
        )
    grid = pd.concat([tables["nlp_grid"], *extra], ignore_index=True)
    grid.loc[grid["task"].isin([*"fghijk"]), "ceiling_accuracy"] += 0.01 * (grid["seed"] - 1)
    verdict = BY_ID["naive_pgr_above_20"].measure({"nlp_grid": grid, "nlp_summary": summary(grid)})
    assert verdict.value == pytest.approx(expected) and verdict.figure.endswith("5 tasks")
    forced = summary(grid).assign(defined=True)
    assert BY_ID["naive_pgr_above_20"].measure({"nlp_grid": grid, "nlp_summary": forced}).value < 0


def test_equal_and_smaller_students_count_for_ceilings_only():
    tables = world()
    grid = tables["nlp_grid"]
    own = grid["supervisor"] == grid["student"]
    grid.loc[own, ["student_accuracy", "agreement_right"]] = 0.01
    for claim in CLAIMS:
        assert claim.measure(tables) == claim.measure(world()), claim.id
    without = {
        name: table[table["student"] != "xs"] if "student" in table else table
        for name, table in tables.items()
    }
    # a steeper family, seen through xs as its own student only
    grid.loc[grid["student"] == "xs", "ceiling_accuracy"] = 0.60
    tables["nlp_summary"] = summary(grid)
    steeper, same = BY_ID["ceilings_grow"].measure(tables), BY_ID["ceilings_grow"].measure(without)
    assert steeper.value > same.value + 1


def test_the_smallest_supervisor_must_beat_chance():
    tables = world(weak=(0.51, 0.58, 0.60, 0.62))
    grid = tables["nlp_grid"]
    hurt = (grid["supervisor"] == "xs") & (grid["method"] == "confidence")
    grid.loc[hurt, "student_accuracy"] -= 0.3
    verdict = BY_ID["confidence_helps_across_large_gaps"].measure(tables)
    assert verdict.value == pytest.approx(0.1 / (0.845 - 0.58)), "xs is at 51 %, so s to l is the pair"
    assert (
        BY_ID["confidence_helps_across_large_gaps"].measure(world(weak=(0.5, 0.51, 0.52, 0.53))).verdict
        == "not measured"
    )


def test_a_supervisor_that_is_never_wrong_has_no_agreement_there():
    tables = world()
    grid = tables["nlp_grid"]
    grid.loc[(grid["task"] == "a") & (grid["seed"] == 0), "agreement_wrong"] = np.nan
    verdict = BY_ID["agreement_follows_truth"].measure(tables)
    assert verdict.verdict == "shows" and verdict.figure.endswith("4 tasks")
    assert BY_ID["naive_pgr_above_20"].measure(tables).figure.endswith("5 tasks")


class Watched(dict):
    """Tables that say which of them were looked at."""

    def __init__(self, tables):
        super().__init__(tables)
        self.seen = set()

    def __contains__(self, name):
        self.seen.add(name)
        return super().__contains__(name)


def reads(claim):
    claim.measure(tables := Watched(world(n_seeds=2)))  # few seeds, few resamples
    return tables.seen


def not_measured(verdict):
    return verdict.verdict == "not measured" and all(
        map(math.isnan, (verdict.value, verdict.low, verdict.high))
    )


@pytest.mark.parametrize("name", BY_ID)
def test_without_its_tables_a_claim_is_not_measured(name):
    claim, full = BY_ID[name], world(n_seeds=2)
    assert (read := reads(claim)) and read <= set(TABLES)
    for gone in read:
        found = claim.measure({k: v for k, v in full.items() if k != gone})
        if name == "no_intervention_is_consistent":  # it has other domains
            assert not_measured(found) == ("chess" not in gone) and (
                "fewer than two domains" in found.figure or "chess" in gone
            )
        else:
            assert not_measured(found) and found.figure == f"no {gone}.csv"
            assert claim.measure({**full, gone: full[gone].head(0)}).figure == f"no rows in {gone}.csv"
    assert not_measured(
        found := claim.measure({k: v[v["seed"] == 0] if "seed" in v else v for k, v in full.items()})
    ) and ("one seed" in found.figure or "two domains" in found.figure)


def test_every_table_is_read():
    assert set().union(*map(reads, CLAIMS)) == set(TABLES)


def test_every_claim_names_the_tables_that_it_reads():
    assert {claim.id: {table.name for table in claim.reads} for claim in CLAIMS} == {
        claim.id: reads(claim) for claim in CLAIMS
    }


def test_a_table_that_is_declared_twice_with_other_columns_is_refused():
    entered = (len(CLAIMS), dict(TABLES))
    with pytest.raises(ValueError, match="vision.csv is declared twice"):
        claims.ledger.claim("12", "vision", "s", "s", "c", reads=Table("vision", {"seed": None}))
    assert (len(CLAIMS), TABLES) == entered


def test_every_notebook_is_of_one_domain():
    assert len({(claim.notebook, claim.domain) for claim in CLAIMS}) == len({c.notebook for c in CLAIMS})


def test_a_grid_that_is_not_finished_says_so():
    def figures_of(tables):
        return {claim.id: claim.measure(tables).figure for claim in CLAIMS if claim.notebook in LANGUAGE}

    tables, measured = (
        world(),
        {c.id for c in CLAIMS if c.notebook in ("00", "02", "08")}
        - {"confidence_lowers_agreement_with_errors"},
    )
    found = figures_of(world(methods=("naive",)))
    assert found["confidence_hurts_near_pairs"] == "no confidence students in nlp_grid.csv" and all(
        "seeds" in found[id] for id in measured
    )
    grid = tables["nlp_grid"]
    found = figures_of(
        {**tables, "nlp_grid": grid[(grid["method"] == "naive") | (grid["seed"] < 2) & (grid["task"] != "a")]}
    )
    assert found["confidence_hurts_near_pairs"].endswith("2 seeds, 4 tasks") and found[
        "ceilings_grow"
    ].endswith("3 seeds, 5 tasks")
    pair = {
        k: v[(v["supervisor"] == "xs") & (v["student"] == "l")]
        for k, v in tables.items()
        if k.startswith("nlp")
    }
    found = figures_of(pair)
    assert (
        "PGR" in found["naive_pgr_above_20"]
        and found["ceilings_grow"] == "too few models in the grid for a slope"
        and found["pgr_grows_with_student"] == "no such pairs in the grid"
    )


def test_results_that_are_nowhere(tmp_path):
    assert set(scoreboard(tmp_path / "nowhere")["verdict"]) == {"not measured"}


@pytest.mark.parametrize(
    "name, column", [(name, column) for name, table in TABLES.items() for column in table.columns]
)
def test_a_column_that_is_not_there_is_named(tmp_path, name, column):
    tables = {
        other: table for other, table in world(n_seeds=2).items() if other.split("_")[0] == name.split("_")[0]
    }
    tables[name] = tables[name].rename(columns={column: "something_else"})
    with pytest.raises(ValueError, match=rf"{name}\.csv: no column '{column}'; it has .*something_else"):
        scoreboard(save(tables, tmp_path))


@pytest.mark.parametrize(
    "name, column, value",
    [
        ("nlp_grid", "student_accuracy", 70.5),
        ("nlp_grid", "ceiling_accuracy", np.nan),
        ("nlp_grid", "agreement_right", -0.1),
        ("nlp_grid", "student_pretraining_flops", 0.0),
        ("nlp_summary", "gap", -60.0),
        ("nlp_summary", "defined", 2),
        ("debate", "labels", 70.5),
    ],
)
def test_a_value_out_of_range_is_named(tmp_path, name, column, value):
    tables = world(n_seeds=2)
    tables[name][column] = tables[name][column].astype(float)
    tables[name].loc[3, column] = value
    with pytest.raises(
        ValueError, match=rf"{name}\.csv: column '{column}', row 3: {float(value)} is not within"
    ):
        scoreboard(save(tables, tmp_path))
    tables[name][column] = "high"
    with pytest.raises(ValueError, match=rf"{name}\.csv: column '{column}', row 0: 'high' is not within"):
        scoreboard(save(tables, tmp_path))


def test_tables_that_do_not_belong_together_are_refused(tmp_path):
    tables = world()
    twice = pd.concat([tables["nlp_grid"], tables["nlp_grid"].tail(1)])
    late = world(ceiling=0.01)["nlp_summary"]
    partial = tables["nlp_grid"].drop(
        index=tables["nlp_grid"].query("seed == 2 and task == 'a' and supervisor == 'xs'").index
    )
    short = tables["nlp_summary"].query("task != 'a'")
    for i, (grid, table, message) in enumerate(
        [
            (twice, tables["nlp_summary"], "stands twice"),
            (tables["nlp_grid"], late, "does not summarise"),
            (partial, tables["nlp_summary"], "2 of 3 seeds"),
            (tables["nlp_grid"], short, "does not summarise"),
        ]
    ):
        with pytest.raises(ValueError, match=message):
            scoreboard(save({"nlp_grid": grid, "nlp_summary": table}, tmp_path / str(i)))
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "nlp_grid.csv").write_text("")
    with pytest.raises(ValueError, match=r"nlp_grid\.csv: "):
        scoreboard(tmp_path / "cut")
