"""What a reader sees of Markdown in cells and files: markup inside HTML is set, too, and not shown raw.

CommonMark takes all up to the next blank line for HTML. So a hint's text wants a blank line before and after.
"""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from files_of_the_project import ROOT, project_files
from markdown_it import MarkdownIt

FILES = [path for path in project_files() if path.suffix in (".md", ".ipynb")]
RAW = re.compile(  # code, bold, slanted, a formula, a link
    r"`[^`]+`|\*\*\w[^*]*\*\*|\*\w[^*]*\*|\$[^$\s][^$]*\$|\[[^\]]+\]\([^)]+\)"
)
DOUBLED = re.compile(r"\\\\[A-Za-z]+")  # in a formula: a new line, and then the letters of a command
COMMONMARK = MarkdownIt("commonmark").enable("table")


class Words(HTMLParser):
    """The text of a piece of HTML, without what stands in code, scripts and styles."""

    LITERAL = ("code", "pre", "script", "style")

    def __init__(self):
        super().__init__()
        self.inside, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        self.inside += [tag] * (tag in self.LITERAL)

    def handle_endtag(self, tag):
        if tag in self.inside:
            self.inside.remove(tag)

    def handle_data(self, data):
        self.text += "" if self.inside else data


def shown_raw(markdown: str) -> list[str]:
    """Pieces of markup that stand in blocks of HTML, where a page shows them as they are written."""
    words = Words()
    for token in COMMONMARK.parse(markdown):
        if token.type == "html_block":
            words.feed(token.content)
    return RAW.findall(words.text)


def texts(path: Path) -> dict[str, str]:
    """Every piece of Markdown in a file: where it stands -> the text."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return {path.name: text}
    cells = enumerate(json.loads(text)["cells"])
    return {f"cell {i}": "".join(cell["source"]) for i, cell in cells if cell["cell_type"] == "markdown"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_markup_is_shown_raw(path):
    raw = {where: found for where, text in texts(path).items() if (found := shown_raw(text))}
    assert not raw, f"put a blank line before and after what stands between HTML tags: {raw}"


def doubled_commands(markdown: str) -> list[str]:
    """Commands of formulas that have two backslashes, such as \\\\text: a page shows the bare letters."""
    formulas = re.findall(r"\$\$.+?\$\$|\$[^$\n]+\$", markdown, re.DOTALL)
    return [command for formula in formulas for command in DOUBLED.findall(formula)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_commands_of_formulas_have_one_backslash(path):
    doubled = {where: found for where, text in texts(path).items() if (found := doubled_commands(text))}
    assert not doubled, f"one backslash makes a command: {doubled}"


def test_a_doubled_command_is_found_and_a_new_line_is_none():
    assert doubled_commands(r"Then $$\\text{CE}(f,w)$$ and $\\sigma$.") == [r"\\text", r"\\sigma"]
    assert not doubled_commands(r"$$\begin{cases}a & \text{if}\\ b & c\\[4pt] d\end{cases}$$ and `\\text`.")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_hint_is_a_paragraph_of_its_own(path):
    """With markup in it or not: the next author who adds some need not know why."""
    for where, text in texts(path).items():
        for body in re.findall(r"</summary>(.*?)</details>", text, re.DOTALL):
            assert body.startswith("\n\n") and body.endswith("\n\n"), f"{where}: {body[:60]!r}"


@pytest.mark.parametrize(
    "piece", ["`code`", "**bold**", "*slanted*", "$x^2$", "[a link](https://example.org)"]
)
def test_markup_in_html_is_found_and_a_blank_line_mends_it(piece):
    assert shown_raw(f"Before.\n\n<details><summary>Hint</summary>Look at {piece}.</details>") == [piece]
    assert shown_raw(f"<details><summary>Hint</summary>\nLook at {piece}.\n</details>") == [piece]
    assert not shown_raw(f"<details><summary>Hint</summary>\n\nLook at {piece}.\n\n</details>")
    assert not shown_raw(f"<details><summary>Hint</summary><code>{piece}</code> and 2 * 3.</details>")
