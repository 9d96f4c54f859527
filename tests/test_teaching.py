"""The pages for lecturers agree with the notebooks, the README and the problem sets."""

import json
import re

import pytest
import slides
from files_of_the_project import ROOT

TEACHING = ROOT / "docs/teaching"
README = (ROOT / "README.md").read_text("utf-8")
MINUTES = {number: int(m) for number, m in re.findall(r"^\| (\d\d) \| .+? \| (\d+) \| \[", README, re.M)}


def weeks(heading):
    """(notebooks, minutes, what is handed in) of each week of a syllabus."""
    text = (TEACHING / "syllabus.md").read_text("utf-8")
    part = re.search(rf"^## {heading}$(.*?)^## ", text, re.M | re.S)[1]
    rows = [line.split("|") for line in part.split("\n") if re.match(r"\| \d+\. ", line)]
    return [(re.findall(r"\d\d", row[2]), int(row[3]), re.findall(r"ps\d", row[5])) for row in rows]


@pytest.mark.parametrize("heading, n_weeks, left_out", [("Five weeks", 5, {"14"}), ("Ten weeks", 10, set())])
def test_a_syllabus_has_each_notebook_and_set_once_and_the_minutes_of_the_readme(heading, n_weeks, left_out):
    plan = weeks(heading)
    assert len(plan) == n_weeks
    notebooks = [number for numbers, _, _ in plan for number in numbers]
    assert sorted(notebooks) == sorted(MINUTES.keys() - left_out)
    assert sorted(ps for _, _, sets in plan for ps in sets) == [f"ps{n}" for n in range(1, 6)]
    for numbers, minutes, _ in plan:
        assert minutes == sum(MINUTES[number] for number in numbers), numbers


def test_each_core_notebook_has_questions_and_each_question_an_answer():
    text = (TEACHING / "questions.md").read_text("utf-8")
    sections = re.split(r"^## ", text, flags=re.M)[1:]
    core = sorted(file.stem[:2] for file in slides.SOURCES.glob("*.md"))
    assert [section[:2] for section in sections] == core
    for section in sections:
        questions = re.findall(r"^\*\*(\d)\. .+?\?\*\*\n\n\*A good answer names:\* \S", section, re.M)
        assert questions == [str(n + 1) for n in range(len(questions))] and len(questions) >= 3, section[:40]


def test_the_rubric_adds_up():
    text = (TEACHING / "capstone.md").read_text("utf-8")
    total = int(re.search(r"^## Rubric, (\d+) points$", text, re.M)[1])
    best = int(re.search(r"^\| \| 0 to 2 \| 3 to 5 \| 6 to (\d) \|$", text, re.M)[1])
    assert total == best * len(re.findall(r"^\| \*\*", text, re.M)) > 0


@pytest.mark.parametrize("number", range(1, 6))
def test_points_by_tests_and_in_words_are_as_the_page_on_assistants_says(number):
    text = (TEACHING / "assistants.md").read_text("utf-8")
    told = re.search(
        r"Of the (\d+) points of each set, (\d+) are given by tests, and (\d+) for an answer", text
    )
    book = json.loads(
        (ROOT / f"notebooks/assignments/release/ps{number}/ps{number}.ipynb").read_text("utf-8")
    )
    graded = [cell["metadata"].get("nbgrader", {}) for cell in book["cells"]]
    graded = [cell for cell in graded if cell.get("grade")]
    words = sum(cell["points"] for cell in graded if cell["solution"])
    tests = sum(cell["points"] for cell in graded if not cell["solution"])
    assert (tests + words, tests, words) == tuple(int(points) for points in told.groups())
