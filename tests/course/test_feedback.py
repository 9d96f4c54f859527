"""The page that a student gets back: rows with names and reasons, and nothing that runs."""

import re

import pytest

pytest.importorskip("nbconvert")

from w2s_kit.course.feedback import harmless, page, rows
from w2s_kit.course.marking import BY_HAND, Marks


def cell(source, grade_id="", code=True, outputs=(), staff=True):
    metadata = {"nbgrader": {"grade_id": grade_id}} if grade_id else {}
    made = {
        "cell_type": "code" if code else "markdown",
        "metadata": metadata,
        "source": source,
        "staff": staff,
    }
    return made | ({"outputs": list(outputs), "execution_count": None} if code else {})


MARKS = Marks(
    scores={"half_test": 0.0, "twice_test": 2.0, "why": None},
    of={"half_test": 3.0, "twice_test": 2.0, "why": 4.0},
    said={"half_test": "AssertionError", "twice_test": "", "why": BY_HAND},
    notes=["an added cell"],
    cells=[
        cell("## 1. Halves (3 points)", code=False),
        cell("assert half(4) == 2", "half_test"),
        cell("## 2. Twice (2 points)", code=False),
        cell("assert twice(2) == 4", "twice_test"),
        cell("## 3. In words (4 points)", code=False),
        cell("Because.", "why", code=False, staff=False),
    ],
)


def test_a_row_has_the_name_of_its_question_and_a_reason():
    halves, twice, words = rows(MARKS, {})
    assert halves[:2] == ("1. Halves (half)", "0 of 3") and "does not show" in halves[2]
    assert twice == ("2. Twice (twice)", "2 of 2", "")
    assert words == ("3. In words (why)", "not marked yet, 4 points", "")


def test_points_by_hand_come_into_the_page():
    assert rows(MARKS, {"why": 3.5})[2] == ("3. In words (why)", "3.5 of 4", "")
    assert "3.5 of 4" in page(MARKS, {"why": 3.5}) and "not marked yet" in page(MARKS, {})
    assert page(MARKS, {}) == page(MARKS, {}), "a page changes nothing of the marks"


def shows(data, metadata=None):
    output = {"output_type": "display_data", "data": data, "metadata": metadata or {}}
    return cell("x", outputs=[output], staff=False)


RUNS = "<script>steal()</script><img src=x onerror=steal()>"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="steal()"><script>steal()</script></svg>'


@pytest.mark.parametrize(
    "made",
    [
        shows({"text/html": RUNS}),
        shows({"text/html": ["<style>", RUNS, "</style><b onclick=steal()>"]}),
        shows({"text/markdown": RUNS, "text/plain": RUNS}),
        shows({"text/latex": RUNS}),
        shows({"image/svg+xml": SVG}),
        shows({"application/javascript": "steal()"}),
        shows({"image/png": '"><script>steal()</script>'}),
        shows({"image/png": "iVBOR"}, {"image/png": {"width": '1"><script>steal()</script>'}}),
        shows({"text/vnd.mermaid": RUNS, "application/vnd.vega.v5+json": {"a": RUNS}}),
        cell(
            RUNS + "<a href='javascript:steal()'>x</a> $\\href{javascript:steal()}{x}$", "", False, (), False
        ),
        cell("x", outputs=[{"output_type": "stream", "name": "stdout", "text": RUNS}]),
        cell("x", outputs=[{"output_type": "error", "ename": RUNS, "evalue": RUNS, "traceback": [RUNS]}]),
        cell(RUNS, staff=False),
    ],
)
def test_nothing_of_a_submission_runs_in_a_browser(made):
    whole = page(Marks(cells=[made], notes=[RUNS], said={"q": RUNS}, scores={"q": 0.0}, of={"q": 1.0}), {})
    assert not re.search(r"<(script|img|svg|b|a)\b[^>]*steal", whole)
    assert not re.search(r"<script[^>]*>[^<]*steal", whole) and r"\href" not in whole


def test_tables_and_pictures_stay():
    table = "<table class='dataframe'><tbody><tr><td colspan='2'>1</td></tr></tbody></table>"
    data = harmless(shows({"text/html": table, "text/plain": "1"}))["outputs"][0]["data"]
    assert data["text/html"] == table.replace("'", '"')
    picture = {"image/png": "iVBORw0KGgo=\n", "text/plain": "<Figure>"}
    assert harmless(shows(picture))["outputs"][0]["data"] == picture
