"""Copies what the site shows into docs/_build/source, and puts it right for a page.

The notebooks stay where students open them, and nothing under version control is written. A file whose text
has not changed keeps its time, so that Sphinx builds only what has changed.

    python docs/staging.py      # `make site` does this, then builds
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import reference

from w2s_kit.shared.address import github, site

ROOT = Path(__file__).parents[1]
STAGED = ROOT / "docs/_build/source"

# Pages that stand in the repository, but not in docs/, and what they are called on the site.
ELSEWHERE = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "notebooks/assignments/README.md": "course.md",
}
IN_REPOSITORY = github("-").removesuffix("-")
BADGE = re.compile(r"^\[!\[[^\]]*\]\([^)]*\)\]\([^)]*\)[ \t]*\n*", re.M)
LITERAL = re.compile(r"(^```.*?^```|`[^`\n]+`|\$\$.*?\$\$|\$[^$\n]+\$)", re.S | re.M)
LINK = re.compile(r"(?<=\]\()[^)\s]+(?=\))|(?<=href=\")[^\"]+|(?<=src=\")[^\"]+")
MENTION = re.compile(r"(\[[^\]]*\]\([^)]*\))|\b([Nn]otebooks? )(\d\d(?:(?:, | and | or | to )\d\d)*)")
MOVES = "*The controls move in the notebook only: open it with the rocket at the top of this page.*"
ANSWER = {"code_prompt_show": "Answer", "code_prompt_hide": "Answer"}  # what is written on a folded answer
CONTROLS = {"output_type": "display_data", "metadata": {}, "data": {"text/markdown": MOVES}}


def pages(root: Path = ROOT) -> dict[str, str]:
    """What is shown: path in the repository -> path on the site, before it becomes .html.

    The worked answers to exercises of the notebooks are shown, too. Of the problem sets only what students
    get: `source/` holds solutions, and no pattern here matches it.
    """
    shown = {}
    for pattern in ("[0-9][0-9]_*.ipynb", "solutions/[0-9][0-9]_*.ipynb", "assignments/release/*/*.ipynb"):
        shown |= {path: path for path in _found(root, f"notebooks/{pattern}")}
    shown |= {path: path for path in _found(root, "results/*.png")}
    shown |= {path: path.removeprefix("docs/") for path in _found(root, "docs/*.png")}
    for pattern in ("docs/*.md", "docs/howto/*.md", "docs/teaching/*.md"):
        shown |= {path: path.removeprefix("docs/") for path in _found(root, pattern)}
    return shown | {path: to for path, to in ELSEWHERE.items() if (root / path).exists()}


def _found(root: Path, pattern: str) -> list[str]:
    return [path.relative_to(root).as_posix() for path in sorted(root.glob(pattern))]


def prose(text: str, change: Callable[[str], str]) -> str:
    """Changes Markdown, but leaves code and formulas as they are."""
    pieces = LITERAL.split(text)
    return "".join(piece if i % 2 else change(piece) for i, piece in enumerate(pieces))


def relink(text: str, source: str, shown: dict[str, str], root: Path = ROOT) -> str:
    """Links of the page `source` as the site wants them.

    What the site shows is linked there, by a path from page to page, also where the repository was named in
    full. Any other file of the repository is linked on GitHub. Raises ValueError for a file that does not
    exist.
    """
    return prose(text, lambda piece: LINK.sub(lambda m: _target(m[0], source, shown, root), piece))


def _target(link: str, source: str, shown: dict[str, str], root: Path) -> str:
    address, mark, anchor = link.partition("#")
    if not address:
        return link
    of_the_site = {site(to.rpartition(".")[0] + ".html"): path for path, to in shown.items()}
    if address in of_the_site:
        path = of_the_site[address]
    elif address == site():
        path = "docs/index.md"
    elif address.startswith(IN_REPOSITORY):
        path = address.removeprefix(IN_REPOSITORY)
    elif re.match(r"[a-z]+:", address):
        return link
    else:
        path = os.path.normpath(os.path.join(os.path.dirname(source), address))
    if path in shown:
        return os.path.relpath(shown[path], os.path.dirname(shown[source])) + mark + anchor
    if not (root / path).exists():
        raise ValueError(f"{source}: {link} leads to no file of the repository")
    return github(path) + mark + anchor


def mentions(text: str, source: str, shown: dict[str, str]) -> str:
    """Makes links of "notebook 02", "notebooks 11 and 13", and of `02_nlp_scaling`."""
    numbered = {Path(path).name[:2]: path for path in shown if re.match(r"notebooks/\d\d_", path)}
    up = os.path.dirname(shown[source])

    def number(match: re.Match) -> str:
        path = numbered.get(match[0])
        return f"[{match[0]}]({os.path.relpath(shown[path], up)})" if path else match[0]

    def mention(match: re.Match) -> str:  # a link stays as it is
        return match[1] or match[2] + re.sub(r"\d\d", number, match[3])

    text = prose(text, lambda piece: MENTION.sub(mention, piece))
    if source == "docs/figures.md":  # its third column is the number of a notebook
        cell = re.compile(r"^(\|[^|]*\|[^|]*\| )(\d\d)(?= \|)", re.M)
        text = cell.sub(lambda m: m[1] + re.sub(r"\d\d", number, m[2]), text)
    for path in numbered.values():
        stem = Path(path).stem
        text = re.sub(rf"(?<!\[)`{stem}`", f"[{stem}]({os.path.relpath(shown[path], up)})", text)
    return text


def page(text: str, source: str, shown: dict[str, str], root: Path = ROOT) -> str:
    """A page in Markdown: without badges, since pages have launch buttons, and with links of the site."""
    return mentions(relink(BADGE.sub("", text), source, shown, root), source, shown)


def notebook(book: dict, source: str, shown: dict[str, str], root: Path = ROOT) -> dict:
    """A notebook as the site shows it; it is never run.

    The setup cell is folded, and so is an answer in code, which has the tag "hide-cell". Before a cell with
    the tag "claim:ID" stands the anchor ID. Below an explorer, which is saved as it is at the start, a
    sentence says where its controls move.
    """
    cells = []
    for cell in book["cells"]:
        cell = {**cell, "metadata": dict(cell["metadata"])}
        text, tags = "".join(cell["source"]), cell["metadata"].get("tags", [])
        for claim in [tag.removeprefix("claim:") for tag in tags if tag.startswith("claim:")]:
            anchor = f'<span id="{claim}"></span>'
            cells.append({"cell_type": "markdown", "id": f"a-{claim}"[:60], "metadata": {}, "source": anchor})
        if cell["cell_type"] == "markdown":
            cell["source"] = page(text, source, shown, root)
        elif text.startswith("# Setup:"):
            cell["metadata"]["tags"] = [*tags, "hide-input"]
        elif "hide-cell" in tags:
            cell["metadata"]["mystnb"] = ANSWER
        if "outputs" in cell:
            explorer = any(_plain(output).startswith("Explorer (") for output in cell["outputs"])
            cell["outputs"] = [*cell["outputs"], *([CONTROLS] if explorer else [])]
        cells.append(cell)
    return {**book, "cells": cells}


def _plain(output: dict) -> str:
    return "".join(output.get("data", {}).get("text/plain", ""))


def scoreboard(text: str, board: str) -> str:
    """docs/scoreboard.md with the page of filters, results/scoreboard.html, in place of its table.

    A claim's link goes to its cell on the site. The introduction stands in the page of filters, too, so the
    heading is all that is kept of `text`. Raises ValueError where one of them has another form.
    """
    style = re.search(r"<style>.*?</style>", board, re.S)
    body = re.search(r'<div class="w2s-scoreboard">.*</div>(?=\s*(?:</main>)?\s*</body>)', board, re.S)
    heading = re.match(r"# .*\n", text)
    if not (style and body and heading and "<!-- scoreboard -->" in text):
        raise ValueError("the scoreboard has another form than the site expects")
    inside = re.sub(r"<h1>.*?</h1>\n?", "", body[0], flags=re.S)
    row = re.compile(rf'(id="(\w+)">.*?<a href="){re.escape(IN_REPOSITORY)}(notebooks/\w+)\.ipynb"')
    inside = row.sub(r'\1\3.html#\2"', inside)
    wide = "---\nhtml_theme.sidebar_secondary.remove: true\n---\n"
    return f"{wide}{heading[0]}\n```{{raw}} html\n{style[0]}\n{inside}\n```\n"


def questions(text: str, readme: str) -> str:
    """docs/index.md with the README's table of notebooks: number, question, minutes.

    Raises ValueError where the README has no such table.
    """
    row = re.compile(r"^\| (\d\d) \| (.+?) \| (\d+) \| .*?blob/[^/)]+/(notebooks/\w+\.ipynb)\)", re.M)
    lines = [
        f"| {number} | [{question}](../{path}) | {minutes} |"
        for number, question, minutes, path in row.findall(readme)
    ]
    if not lines or "<!-- notebooks -->" not in text:
        raise ValueError("README.md has no table of notebooks, or docs/index.md no place for it")
    table = "\n".join(["| | question | minutes to read |", "|---|---|---|", *lines])
    return text.replace("<!-- notebooks -->", table)


def answers(text: str, shown: dict[str, str], root: Path = ROOT) -> str:
    """docs/answers.md with a list of all worked answers, and a table of contents of their pages.

    Raises ValueError where the page has no place for it.
    """
    if "<!-- answers -->" not in text:
        raise ValueError("docs/answers.md has no place for the list of answers: <!-- answers -->")
    books = [path for path in shown if path.startswith("notebooks/solutions/")]
    lines = [f"- [{_title(root / path)}](../{path})" for path in books]
    tree = ["```{toctree}", ":hidden:", *(shown[path].removesuffix(".ipynb") for path in books), "```"]
    return text.replace("<!-- answers -->", "\n".join([*lines, "", *tree]))


def _title(path: Path) -> str:
    """The heading of a notebook's first cell, without the sign and without badges."""
    first = "".join(json.loads(path.read_text("utf-8"))["cells"][0]["source"])
    return BADGE.sub("", first).splitlines()[0].removeprefix("# ")


def texts(root: Path = ROOT) -> Iterator[tuple[str, bytes]]:
    """(path on the site, content) of everything that Sphinx reads."""
    shown = pages(root)
    for source, target in shown.items():
        content = (root / source).read_bytes()
        if source.endswith(".ipynb"):
            book = notebook(json.loads(content), source, shown, root)
            content = json.dumps(book, ensure_ascii=False).encode()
        elif source.endswith(".md"):
            text = content.decode()
            if source == "docs/index.md":
                text = questions(text, (root / "README.md").read_text("utf-8"))
            if source == "docs/answers.md":
                text = answers(text, shown, root)
            text = page(text, source, shown, root)
            if source == "docs/scoreboard.md":
                text = scoreboard(text, (root / "results/scoreboard.html").read_text("utf-8"))
            content = text.encode()
        yield target, content
    for target, text in reference.pages(root / "w2s_kit"):
        yield target, text.encode()


def stage(target: Path = STAGED, root: Path = ROOT) -> None:
    """Writes everything that Sphinx reads, and removes what is no longer shown."""
    written = set()
    for name, content in texts(root):
        file = target / name
        written.add(file)
        if not file.exists() or file.read_bytes() != content:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    for file in [path for path in target.rglob("*") if path.is_file() and path not in written]:
        file.unlink()


if __name__ == "__main__":
    try:
        stage()
    except ValueError as error:
        sys.exit(str(error))
