"""The page that a student gets back: their notebook, with what each question has earned, and why."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from pathlib import Path

from ..shared.files import write_whole
from ..shared.names import pip
from .marking import BY_HAND, Marks


def rows(marks: Marks, by_hand: Mapping[str, float]) -> list[tuple[str, str, str]]:
    """Each question: its name, its points, and why it has not all of them.

    `by_hand`: points that a person has given. The heading that a question stands under is part of its name.
    """
    headings, heading = {}, ""
    for cell in marks.cells:
        if cell["cell_type"] == "markdown" and (found := re.findall(r"^#+ (.*)$", cell["source"], re.M)):
            heading = re.sub(r"\s*\(\d+ points?\)", "", found[-1])
        question = cell["metadata"].get("nbgrader", {}).get("grade_id")
        headings[question] = heading
    made = []
    for question, score in marks.scores.items():
        of, said = f"{marks.of[question]:g}", marks.said[question]
        if score is None:
            score, said = by_hand.get(question), "" if question in by_hand else said
        name = f"{headings.get(question, '')} ({question.removesuffix('_test')})".strip()
        points = f"{BY_HAND}, {of} points" if score is None else f"{score:g} of {of}"
        hidden = " (a case that the form does not show; the question tells of it)"
        said = said + hidden if said == "AssertionError" else said
        made.append((name, points, "" if said == BY_HAND else said))
    return made


def page(marks: Marks, by_hand: Mapping[str, float]) -> str:
    """The page, as HTML that runs nothing. Raises ImportError where nbconvert is missing."""
    try:
        from nbconvert import HTMLExporter
        from nbformat import from_dict
    except ImportError as error:
        raise ImportError(f"feedback needs nbconvert: {pip('w2s_kit[notebooks]')}") from error
    told = rows(marks, by_hand)
    lines = "".join(
        "<tr>" + "".join(f"<td>{html.escape(part[:2000])}</td>" for part in row) + "</tr>" for row in told
    )
    table = f"<table><tr><th>question</th><th>points</th><th>what happened</th></tr>{lines}</table>"
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in marks.notes)
    top = {"cell_type": "markdown", "metadata": {}, "source": f"# Points\n\n{table}\n\n<ul>{notes}</ul>"}
    notebook = from_dict({"cells": [top, *marks.cells], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    # what a submission displays must not run in the browser of who reads it
    exporter = HTMLExporter(template_name="classic", sanitize_html=True)
    return exporter.from_notebook_node(notebook)[0]


def write_page(target: Path, marks: Marks, by_hand: Mapping[str, float]) -> None:
    """Write the page of one submission."""
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, page(marks, by_hand))
