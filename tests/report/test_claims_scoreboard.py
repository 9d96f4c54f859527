"""The scoreboard: nothing is invented, and documentation, page and command show what results/ say."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from claim_tables import world
from pair_tables import MODELS, save

from w2s_kit.experiment.result import Result, summarise
from w2s_kit.experiment.store import Store
from w2s_kit.report import claims
from w2s_kit.report.claims import (
    CLAIMS,
    VERDICTS,
    markdown,
    page,
    pages,
    paper_figures,
    print_claims,
    put,
    scoreboard,
    shipped,
    write,
)
from w2s_kit.shared.address import colab, github
from w2s_kit.shared.files import results_folder

ROOT = Path(__file__).parents[2]
BY_ID = {claim.id: claim for claim in CLAIMS}


def test_it_reads_what_the_experiment_writes(tmp_path):
    """Runs with made-up predictions, through the store, `Result.row`, `summarise` and CSV files."""
    rng, store, skill = np.random.default_rng(0), Store(tmp_path / "runs"), {"xs": 0.65, "s": 0.80, "m": 0.95}

    def run(kind, model, accuracy, task, seed, **more):
        config = {"kind": kind, "model": model, "task": task, "seed": seed, "data": f"{task}{seed}", **more}
        label = np.arange(300) % 2
        right = rng.random(300) < accuracy
        table = pd.DataFrame(
            {
                "split": "test",
                "row": np.arange(300),
                "label": label,
                "probability": np.where(right, label, 1 - label) * 0.8 + 0.1,
            }
        )
        return store.put(
            config,
            {"accuracy": float(right.mean()), "parameters": 10, "pretraining_flops": MODELS[model]},
            table,
        )

    results = []
    for task in "ab":
        for seed in range(3):
            weak = {m: run("weak", m, skill[m], task, seed) for m in skill}
            ceiling = {m: run("ceiling", m, skill[m], task, seed) for m in skill}
            for w, s in (("xs", "s"), ("xs", "m"), ("s", "m")):
                student = run(
                    "student",
                    s,
                    (skill[w] + skill[s]) / 2,
                    task,
                    seed,
                    method="naive",
                    supervisor=w,
                    hard_labels=False,
                )
                results.append(Result(weak[w], student, ceiling[s]))
    grid = pd.DataFrame([result.row() for result in results])
    grid["label_accuracy"] = grid["supervisor_accuracy"]  # these runs have a test only
    table = scoreboard(
        save({"nlp_grid": grid, "nlp_summary": summarise(grid, store)}, tmp_path / "results")
    ).set_index("id")
    pgr = table.loc["naive_pgr_above_20"]
    assert pgr["verdict"] == "shows" and pgr["value"] == pytest.approx(0.5, abs=0.12)
    assert table.loc["ceilings_grow", "value"] == pytest.approx(15, abs=3)
    assert table.loc["confidence_hurts_near_pairs", "verdict"] == "not measured"


MARKERS = {name: f"<!-- {name} -->what stood here<!-- /{name} -->" for name in ("scoreboard", "figures")}


def documented(tmp_path) -> Path:
    """A folder docs/ whose two pages hold an old table."""
    (docs := tmp_path / "docs").mkdir()
    for name, markers in MARKERS.items():
        (docs / f"{name}.md").write_text(f"# Kit\n\nbefore\n{markers}\nafter \\1 µ\n", encoding="utf-8")
    return docs


def test_write_changes_the_tables_and_nothing_else(tmp_path, monkeypatch):
    docs, results = documented(tmp_path), save(world(), tmp_path / "results")
    table = write(results, docs)
    files = [docs / "scoreboard.md", docs / "figures.md", results / "claims.csv"]
    for path, shown in zip(files, (markdown(table), paper_figures.markdown(table))):
        name = path.stem
        assert path.read_text(encoding="utf-8") == (
            f"# Kit\n\nbefore\n<!-- {name} -->\n{shown}\n<!-- /{name} -->\nafter \\1 µ\n"
        )
    assert len(markdown(table).splitlines()) == 2 + len(CLAIMS) and all(
        line.count(" | ") == 6 for line in markdown(table).splitlines()
    )
    saved = pd.read_csv(results / "claims.csv", dtype={"notebook": str}).fillna({"changed": ""})
    pd.testing.assert_frame_equal(saved, table, rtol=1e-5, check_dtype=False)
    assert (results / "scoreboard.png").read_bytes().startswith(b"\x89PNG") and all(
        c.id in (results / "scoreboard.html").read_text(encoding="utf-8") for c in CLAIMS
    )
    first = [path.read_bytes() for path in files]
    write(results, docs)
    assert [path.read_bytes() for path in files] == first

    monkeypatch.setattr(Path, "write_text", lambda *a, **k: (_ for _ in ()).throw(OSError("no space left")))
    with pytest.raises(OSError, match="no space"):
        write(save(world(pgr=-0.3), results), docs)
    monkeypatch.undo()
    assert [path.read_bytes() for path in files] == first


def test_a_page_without_its_markers_is_named():
    with pytest.raises(ValueError, match="docs/scoreboard.md: no <!-- scoreboard"):
        put("# Kit\n<!-- /scoreboard --><!-- scoreboard -->", "scoreboard", "| a |")


def test_every_figure_points_at_a_section_and_at_claims_that_exist():
    notebooks = {
        path.name[:2]: path.read_text(encoding="utf-8") for path in (ROOT / "notebooks").glob("*.ipynb")
    }
    for figure in paper_figures.FIGURES:
        assert not figure.notebook or f'"## {figure.section}' in notebooks[figure.notebook].replace(
            "\\n", ""
        ), figure
        assert set(figure.claims) <= set(BY_ID) and {BY_ID[claim].notebook for claim in figure.claims} <= {
            figure.notebook,
            "00",
            "01",
        }, figure


def test_every_claim_has_one_cell_that_shows_it():
    found = page.cells(ROOT / "notebooks")
    assert set(found) == set(BY_ID)
    assert {id: notebook[:2] for id, (notebook, *_) in found.items()} == {
        id: claim.notebook for id, claim in BY_ID.items()
    }
    for notebook, cell, heading in found.values():
        nb = json.loads((ROOT / "notebooks" / notebook).read_text(encoding="utf-8"))
        (at,) = (c for c in nb["cells"] if c["id"] == cell)
        assert at["cell_type"] == "code" and heading


def test_a_claim_that_a_notebook_has_printed_reads_as_it_does_today():
    """Text and verdict change with the code, saved outputs only when a notebook is run again."""
    table, printed, wanted = shipped().set_index("id"), 0, 0
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "".join(line for c in cells if c["cell_type"] == "code" for line in c["source"])
        if "print_claims(" in code or ".statement}" in code:
            wanted += sum(claim.notebook == path.name[:2] for claim in CLAIMS)
        text = "".join(line for c in cells for out in c.get("outputs", ()) for line in out.get("text", ()))
        for each in (claim for claim in CLAIMS if f": {claim.statement}\n    " in text):
            run = f"run: python -m w2s_kit.course.notebooks notebooks/{path.name}"
            verdict, figure = table.loc[each.id, ["verdict", "figure"]]
            assert f"{verdict}: {each.statement}\n    {figure}   ({each.criterion})" in text, run
            printed += 1
    assert printed == wanted > 10


def test_the_claims_of_a_notebook_are_printed_and_of_one_without_any_refused(capsys):
    print_claims("12")
    mine = [claim for claim in CLAIMS if claim.notebook == "12"]
    said = capsys.readouterr().out.splitlines()
    verdicts = shipped().set_index("id")["verdict"]
    assert said[::2] == [f"{verdicts[claim.id]}: {claim.statement}" for claim in mine]
    assert all(line.endswith(f"({claim.criterion})") for line, claim in zip(said[1::2], mine))
    with pytest.raises(ValueError, match="notebook '01b' has no claims; these have: 00, "):
        print_claims("01b")


def test_a_claim_that_two_cells_are_tagged_with_is_refused(tmp_path):
    cell = {"cell_type": "code", "id": "a", "metadata": {"tags": ["claim:x"]}, "source": ""}
    (tmp_path / "00_a.ipynb").write_text(json.dumps({"cells": [cell, cell]}))
    with pytest.raises(ValueError, match="00_a.ipynb: x is tagged in 00_a.ipynb, too"):
        page.cells(tmp_path)


def test_the_page_shows_every_claim_and_escapes_what_it_shows():
    table = pd.DataFrame(
        [
            {
                "id": c.id,
                "notebook": c.notebook,
                "statement": f"<b>{c.id}</b> & more",
                "source": "s",
                "criterion": "c < 1",
                "verdict": "shows",
                "figure": f"figure of {c.id}",
            }
            for c in CLAIMS
        ]
    )
    made = page.html(table, {"chess_small_gaps": ("04_chess_puzzles.ipynb", "cell-14", "Figure 3, chess")})
    assert all(
        f'id="{c.id}"' in made
        and f"&lt;b&gt;{c.id}&lt;/b&gt; &amp; more" in made
        and f"figure of {c.id}" in made
        for c in CLAIMS
    )
    path = "notebooks/04_chess_puzzles.ipynb"
    assert f'href="{github(path)}"' in made and f'href="{colab(path)}#scrollTo=cell-14"' in made
    assert (
        "<b>" not in made
        and f"{len(CLAIMS)} shows" in made
        and all(f'data-domain="{c.domain}"' in made for c in CLAIMS)
    )


def test_the_page_escapes_names_of_claims_notebooks_and_cells():
    """They stand in attributes, where a quotation mark is enough."""
    markup = '"><img src=x onerror=alert(1)>'
    row = {
        "id": f"a{markup}",
        "notebook": "04",
        "statement": markup,
        "source": markup,
        "criterion": markup,
        "verdict": "shows",
        "figure": markup,
    }
    made = page.html(
        pd.DataFrame([row]), {row["id"]: (f"04_{markup}.ipynb", f"cell{markup}", f"heading{markup}")}
    )
    assert "<img" not in made and made.count("&lt;img") >= 6 and "04_%22%3E%3Cimg" in made


def test_a_board_of_one_domain_or_verdict():
    table = pd.read_csv(ROOT / "results" / "claims.csv", dtype={"notebook": str})
    assert len(claims.board(table)) == len(table)
    chess = claims.board(table, "chess")
    assert (
        set(chess["notebook"]) == {"04", "05"}
        and len(claims.board(table, "chess", "shows")) == (chess["verdict"] == "shows").sum()
    )
    with pytest.raises(ValueError, match="did you mean 'chess'"):
        claims.board(table, "ches")


def test_the_command_prints_the_shipped_verdicts_wherever_it_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    # all take a minute
    monkeypatch.setattr(claims.verdicts, "CLAIMS", some := CLAIMS[::9])
    assert claims.main([]) == 0
    out, table = (
        capsys.readouterr().out,
        pd.read_csv(ROOT / "results" / "claims.csv", dtype={"notebook": str}),
    )
    shipped = [row for row in table.itertuples() if row.id in {claim.id for claim in some}]
    assert len(shipped) == len(some) > 5
    assert all(
        f"{row.verdict:>13} | {row.notebook} | {row.statement}" in out and row.figure in out
        for row in shipped
    )
    assert f"judged by the tables in {results_folder()}" in out and not list(tmp_path.iterdir())


def test_the_command_without_tables_fails_and_says_why(tmp_path, monkeypatch, capsys):
    for folder, reason in ((tmp_path, "none of the tables"), (tmp_path / "nowhere", "no such folder")):
        assert claims.main(["--results", str(folder)]) == 1
        said = capsys.readouterr()
        assert reason in said.err and str(folder) in said.err and not said.out
    monkeypatch.setattr(claims.verdicts, "results_folder", lambda: tmp_path / "nowhere")
    assert claims.main([]) == 1 and "nowhere" in capsys.readouterr().err


def test_the_command_names_the_tables_that_are_not_there(tmp_path, capsys):
    tables = world(n_seeds=2)
    assert (
        claims.main(["--results", str(save({k: v for k, v in tables.items() if k != "vision"}, tmp_path))])
        == 0
    )
    last = capsys.readouterr().out.splitlines()[-1]
    assert "vision.csv" in last and "nlp_grid.csv" not in last


def test_the_command_names_a_table_that_cannot_be_read(tmp_path, capsys):
    (tmp_path / "vision.csv").write_text("")
    assert claims.main(["--results", str(tmp_path)]) == 2
    assert "vision.csv" in capsys.readouterr().err


@pytest.mark.parametrize("there", [(), ("docs",), ("results", "notebooks")])
def test_it_writes_nothing_outside_a_clone(tmp_path, monkeypatch, capsys, there):
    for name in there:
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    assert claims.main(["--write"]) == 2
    said = capsys.readouterr()
    assert (
        "clone of the repository" in said.err
        and not said.out
        and sorted(p.name for p in tmp_path.iterdir()) == sorted(there)
    )
    assert all(f"no {name}" in said.err for name in {"docs", "results", "notebooks"} - set(there))


def test_it_does_not_write_that_nothing_was_measured(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir(), (tmp_path / "notebooks").mkdir()
    shown = documented(tmp_path) / "scoreboard.md"
    before = shown.read_text(encoding="utf-8")
    assert claims.main(["--write"]) == 1 and shown.read_text(encoding="utf-8") == before
    save(world(n_seeds=2), tmp_path / "results")
    assert claims.main(["--write"]) == 0 and "what stood here" not in shown.read_text(encoding="utf-8")


def test_the_pages_and_the_table_are_current():
    table = scoreboard(ROOT / "results", sampled=True)
    for path, text in pages(table, ROOT / "docs").items():
        assert path.read_text(encoding="utf-8") == text, "run: python -m w2s_kit.report.claims --write"
    assert (ROOT / "results" / "scoreboard.html").read_text(encoding="utf-8") == page.html(
        table, page.cells(ROOT / "notebooks")
    ), "run: python -m w2s_kit.report.claims --write"
    pd.testing.assert_frame_equal(shipped(), table, rtol=1e-5, check_dtype=False)
    assert set(table["verdict"]) <= set(VERDICTS)
    assert all(
        math.isfinite(v) != (verdict == "not measured")
        for v, verdict in zip(table["value"], table["verdict"])
    )
