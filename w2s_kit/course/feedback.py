"""The page that a student gets back: their notebook, with what each question has earned, and why."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from pathlib import Path

from ..shared.files import write_whole
from ..shared.names import pip
from .marking import BY_HAND, Marks

SHOWN = ("text/html", "image/png", "text/plain")  # the first that there is, is shown
TAGS = (
    *("a", "b", "br", "code", "dd", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i"),
    *(
        "li",
        "ol",
        "p",
        "pre",
        "span",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ),
)


def rows(marks: Marks, by_hand: Mapping[str, float]) -> list[tuple[str, str, str]]:
    """Each question: its name, its points, and why it has not all of them.

    `by_hand`: points that a person has given.
    """
    made, named = [], names(marks)
    for question, score in marks.scores.items():
        of, said = f"{marks.of[question]:g}", reason(marks, question)
        if score is None:
            score, said = by_hand.get(question), "" if question in by_hand else said
        points = f"{BY_HAND}, {of} points" if score is None else f"{score:g} of {of}"
        made.append((named[question], points, "" if said == BY_HAND else said))
    return made


def names(marks: Marks) -> dict[str, str]:
    """Question -> its name: the heading that it stands under, without the points, and its answer's."""
    headings, heading = {}, ""
    for cell in marks.cells:
        if cell["cell_type"] == "markdown" and (found := re.findall(r"^#+ (.*)$", cell["source"], re.M)):
            heading = re.sub(r"\s*\(\d+ points?\)", "", found[-1])
        headings[cell["metadata"].get("nbgrader", {}).get("grade_id")] = heading
    return {q: f"{headings.get(q, '')} ({q.removesuffix('_test')})".strip() for q in marks.scores}


def reason(marks: Marks, question: str) -> str:
    """Why a question has not all its points, in a sentence; nothing of a hidden test."""
    hidden = " (a case that the form does not show; the question tells of it)"
    return marks.said[question] + (hidden if marks.said[question] == "AssertionError" else "")


def _clean(text: str) -> str:
    """A student's HTML or Markdown without what could run: tags of text and tables stay, others are shown."""
    from bleach import clean  # nbconvert brings it

    text = re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL | re.IGNORECASE)
    words = (
        r"\\(href|require|style|class|cssId|unicode|def|let|newcommand)\b"  # of formulas, with a backslash
    )
    text = re.sub(words, r"\1", text)
    allowed = {"*": ["class"], "td": ["colspan", "rowspan"], "th": ["colspan", "rowspan"], "a": ["href"]}
    return clean(text, tags=set(TAGS), attributes=allowed, protocols={"http", "https", "mailto"})


def harmless(cell: dict) -> dict:
    """A cell that runs nothing in the browser of who reads the page.

    The staff's texts stay as they are. Of what cells show, text and pictures stay, and HTML in part.
    """
    if cell["cell_type"] == "markdown":
        return cell if cell.get("staff") else cell | {"source": _clean(cell["source"])}
    outputs = []
    for output in cell["outputs"]:
        if "data" in output:
            data = {kind: _joined(output["data"].get(kind, "")) for kind in SHOWN}
            if not re.fullmatch(r"[A-Za-z0-9+/=\s]+", data["image/png"]):
                del data["image/png"]
            data["text/html"] = _clean(data["text/html"])
            data = {kind: text for kind, text in data.items() if text}
            output = output | {"data": data or {"text/plain": "(not shown here)"}, "metadata": {}}
        outputs.append(output)
    return cell | {"outputs": outputs}


def _joined(value) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value)


def page(marks: Marks, by_hand: Mapping[str, float]) -> str:
    """The page, as HTML. Raises ImportError where nbconvert is missing."""
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
    cells = [top, *({k: v for k, v in harmless(cell).items() if k != "staff"} for cell in marks.cells)]
    notebook = from_dict({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    return HTMLExporter(template_name="classic").from_notebook_node(notebook)[0]


def write_page(target: Path, marks: Marks, by_hand: Mapping[str, float]) -> None:
    """Write the page of one submission."""
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, page(marks, by_hand))
