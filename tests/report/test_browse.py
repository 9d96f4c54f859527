"""Looking into stored runs: every question once, under the right case, with the text that was asked."""

import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.metrics.answers import error_sources
from w2s_kit.report import browse
from w2s_kit.report.browse import CASES, examples, students
from w2s_kit.tasks import load_task

SETTINGS = Settings("danger", n_train=60, n_test=80, epochs=1)


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("runs"))
    return store, three_stages(SETTINGS, "xs", "s", store=store, progress=False)


def test_students_are_found_and_named(stored):
    store, result = stored
    assert students(store) == {"danger · xs → s · naive · seed 0": result.student.name}
    assert students(Store(store.root / "empty")) == {}


def test_every_question_stands_there_once_under_its_case(stored):
    store, result = stored
    for table in (examples(result.student, store), examples(result.student.name, store)):
        asked = load_task("danger", 0, 60, 80).test
        assert sorted(table["text"]) == sorted(asked["text"])
        truth = dict(zip(asked["text"], asked["label"]))
        assert all(truth[text] == label for text, label in zip(table["text"], table["truth"]))
        shares = error_sources(result.student.answers(), result.supervisor.answers(), result.student.labels())
        assert {case: (table["case"] == case).mean() for case in CASES} == pytest.approx(
            {case: shares[case] for case in CASES}
        )
        disagree = (table["supervisor"] != table["student"]).to_numpy()
        assert disagree[: disagree.sum()].all(), "first where the two disagree"
        assert (np.diff(table["sure"][: disagree.sum()]) <= 0).all() and (table["sure"] >= 0.5).all()


def test_the_explorer_shows_the_case_and_page_that_are_asked_for(stored, monkeypatch):
    from w2s_kit.report import widgets

    shown = []
    monkeypatch.setattr(
        widgets,
        "display",
        lambda *what: shown.extend(
            w.data for w in what if hasattr(w, "data") and isinstance(w.data, pd.DataFrame)
        ),
    )
    store, result = stored
    box = widgets.run_explorer(store, rows=7)
    case, page = box.children[1].children
    table = examples(result.student, store)
    case.value = "inherited"
    pd.testing.assert_frame_equal(
        shown[-1].reset_index(drop=True), table[table["case"] == "inherited"].head(7).reset_index(drop=True)
    )
    case.value, page.value = "all", 2
    assert shown[-1]["text"].tolist() == table["text"].iloc[14:21].tolist() and not box.children[2].outputs
    assert "no students" in widgets.run_explorer(Store(store.root / "empty")).data


def test_the_explorer_of_claims_filters(monkeypatch):
    from w2s_kit.report import widgets
    from w2s_kit.report.claims import board

    table, shown = (
        pd.DataFrame(
            {
                "notebook": ["00", "04", "05"],
                "statement": list("abc"),
                "verdict": ["shows", "shows", "opposite"],
                "figure": "f",
                "criterion": "c",
            }
        ),
        [],
    )
    monkeypatch.setattr(
        widgets,
        "display",
        lambda *what: shown.extend(
            w.data["claim"].tolist() for w in what if isinstance(getattr(w, "data", None), pd.DataFrame)
        ),
    )
    domain, verdict = widgets.claims_explorer(table).children[0].children
    domain.value = "chess"
    verdict.value = "opposite"
    assert shown == [["a", "b", "c"], ["b", "c"], ["c"]] and board(table, "chess", "opposite")[
        "claim"
    ].tolist() == ["c"]


MARKUP = "<img src=x onerror=alert(1)> & <b>bold</b>"


def shown_as_html(monkeypatch):
    """What the explorers display from now on, as the browser gets it."""
    from w2s_kit.report import widgets

    pages = []
    as_html = lambda what: what.to_html() if hasattr(what, "to_html") else what.data
    monkeypatch.setattr(widgets, "display", lambda *what: pages.extend(map(as_html, what)))
    return pages


def test_texts_of_a_data_file_are_shown_and_not_run(stored, monkeypatch):
    from w2s_kit.report import widgets

    store, result = stored
    texts = browse.texts
    monkeypatch.setattr(browse, "texts", lambda run: texts(run).map(lambda text: f"{MARKUP} {text}"))
    pages = shown_as_html(monkeypatch)
    widgets.run_explorer(store)
    assert any("&lt;img src=x" in page for page in pages) and not any(
        "<img" in page or "<b>" in page for page in pages
    )
    assert "<img" not in examples(result.student, store)._repr_html_()
    assert "<b>" not in widgets.run_explorer(Store(store.root / "<b>bold</b>")).data


def test_words_of_claims_are_shown_and_not_run(monkeypatch):
    from w2s_kit.report import widgets
    from w2s_kit.report.claims import board

    pages = shown_as_html(monkeypatch)
    told = {
        "notebook": ["04"],
        "statement": [MARKUP],
        "verdict": ["shows"],
        "figure": [MARKUP],
        "criterion": [f"gap < 0 {MARKUP}"],
    }
    widgets.claims_explorer(table := pd.DataFrame(told))
    assert any("gap &lt; 0" in page for page in pages) and not any(
        "<img" in page or "<b>" in page for page in pages
    )
    assert "<img" not in board(table)._repr_html_()


def test_nothing_else_in_the_kit_makes_html():
    """Each place that does has a test here or in test_claims; a new one wants one, too."""
    package = Path(browse.__file__).parent
    makes = re.compile(r"\bHTML\(|\.to_html\(|\.style\b|<td>|Markdown\(")
    found = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if makes.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"widgets.py", str(Path("claims", "page.py"))}


def test_what_cannot_be_browsed_is_said(stored, tmp_path, monkeypatch):
    store, result = stored
    with pytest.raises(ValueError, match="no student's but a ground_truth run"):
        examples(result.ceiling, store)
    with pytest.raises(ValueError, match="there is no run 'abc'"):
        examples("abc", store)
    shutil.copytree(store.root / result.student.name, tmp_path / result.student.name)
    with pytest.raises(ValueError, match="learned from run .* not in .* any more"):
        examples(result.student, Store(tmp_path))
    monkeypatch.setattr(browse, "load_task", lambda *a, **kw: SimpleNamespace(hash="other"))
    with pytest.raises(ValueError, match="gives other examples now"):
        examples(result.student, store)


def test_a_chain_with_fresh_parts(tmp_path):
    store = Store(tmp_path)
    settings = Settings("danger", n_train=60, n_test=80, epochs=1, fresh=2)
    result = three_stages(settings, "xs", "m", "bootstrap", through=["s"], store=store, progress=False)
    assert sorted(examples(result.student, store)["text"]) == sorted(
        load_task("danger", 0, 60, 80, 2).test["text"]
    )
    assert len(students(store)) == 2
