"""The pages around the paper agree with the scoreboard, with the notebooks, and with each other."""

import re

import oversight
import pytest
from files_of_the_project import ROOT

from w2s_kit.report.claims import shipped

READING = (ROOT / "docs/reading.md").read_text("utf-8")
ENTRIES = [line for line in READING.split("\n") if line.startswith("| ") and not line.startswith("| work")]
NOTEBOOK = re.compile(r"\bnotebooks? (\d\d(?:(?:, | and | or | to )\d\d)*)", re.I)


def test_every_verdict_of_the_reading_list_is_that_of_the_scoreboard():
    verdicts = shipped().set_index("id")["verdict"]
    told = re.findall(r"`(\w+)`: (\w+)", READING)
    assert len(told) > 30
    wrong = {claim: verdicts.get(claim) for claim, verdict in told if verdicts.get(claim) != verdict}
    assert not wrong, f"docs/reading.md: the scoreboard says {wrong} (None: no such claim)"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: re.sub(r"\W+", " ", entry)[:40])
def test_an_entry_says_what_was_measured_where(entry):
    work, claim, measured = [cell.strip() for cell in entry.strip("| ").split(" | ")]
    assert work and re.fullmatch(r".+\.( \(.+\))?", claim), f"a sentence, and where it was read: {claim}"
    assert NOTEBOOK.search(measured) or measured.startswith("not measured"), measured


@pytest.mark.parametrize("page", ["reading.md", "context.md", "oversight.md"])
def test_notebooks_that_a_page_names_exist(page):
    text = (ROOT / "docs" / page).read_text("utf-8")
    numbers = {number for match in NOTEBOOK.findall(text) for number in re.findall(r"\d\d", match)}
    shown = {path.name[:2] for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")}
    assert numbers and numbers <= shown, sorted(numbers - shown)


def test_picture_and_table_of_oversight_have_the_same_schemes(tmp_path):
    text = (ROOT / "docs/oversight.md").read_text("utf-8")
    assert re.findall(r"^\| (.+?) \(\[", text, re.M) == list(oversight.SCHEMES)
    oversight.draw(tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes()[:4] == oversight.PICTURE.read_bytes()[:4] == b"\x89PNG"
