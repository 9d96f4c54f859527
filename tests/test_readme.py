"""The README is the front door: short, true, and every link in it leads somewhere."""

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from w2s_kit.shared import address

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
LINKS = sorted(set(re.findall(r"\]\((\S+?)\)", README)))
ROWS = re.findall(r"^\| (\d\d) \| (.+?) \| (\d+) \| (.+) \|$", README, re.MULTILINE)


def prose(markdown: str) -> list[str]:
    """Its words, without tables and the addresses of links."""
    return re.sub(r"\]\([^)]*\)", "]", re.sub(r"^\|.*$", "", markdown, flags=re.MULTILINE)).split()


def test_it_is_read_in_a_few_minutes():
    assert len(prose(README)) <= 700


def anchors(page: str) -> set[str]:
    """The anchors of a page of the site: its headings, as its Markdown file has them."""
    text = (ROOT / "docs" / page).with_suffix(".md").read_text(encoding="utf-8")
    headings = re.findall(r"^#{1,3} (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def leads_nowhere(link: str) -> bool:
    """Whether a link into the site names a page or a heading that is not there."""
    page, sign, anchor = link.removeprefix(address.site()).partition("#")
    page = page or "index.html"
    there = page.endswith(".html") and (ROOT / "docs" / page).with_suffix(".md").is_file()
    return not there or bool(sign) and unquote(anchor) not in anchors(page)


@pytest.mark.parametrize(
    "page, nowhere",
    [
        ("", False),
        ("figures.html", False),
        ("gone.html", True),
        ("figures", True),
        ("figures.html#nowhere", True),
        ("#nowhere", True),
        ("install.html#colab-and-kaggle", False),
    ],
)
def test_what_leads_nowhere(page, nowhere):
    assert leads_nowhere(address.site(page)) == nowhere


def test_the_badges():
    """Each by its picture and by what it opens."""
    colab = address.colab("notebooks/00_start_here.ipynb")
    tests = f"{address.github()}/actions/workflows/tests.yml"
    shield = "https://img.shields.io/badge/"
    assert re.findall(r"^\[!\[(.+)\]\((\S+)\)\]\((\S+)\)$", README.partition("\n\n")[2], re.M)[:5] == [
        ("tests", f"{tests}/badge.svg", tests),
        ("licence: MIT", f"{shield}licence-MIT-blue", address.github("LICENSE")),
        (
            "Python 3.11 or newer",
            f"{shield}python-3.11%20or%20newer-blue",
            address.github("pyproject.toml"),
        ),
        ("documentation", f"{shield}docs-site-blue", address.site()),
        ("Open notebook 00 in Colab", "https://colab.research.google.com/assets/colab-badge.svg", colab),
    ]


@pytest.mark.parametrize("link", LINKS)
def test_links_are_absolute_and_lead_to_files_of_the_kit(link):
    """A package page and a mirror show the README without the files beside it."""
    assert link.startswith("https://")
    for prefix in (address.github("x")[:-1], address.raw(""), address.colab("")):
        if link.startswith(prefix):
            assert (ROOT / unquote(link.removeprefix(prefix))).is_file()
    assert not link.startswith(address.site()) or not leads_nowhere(link)
    if workflow := re.search(r"/actions/workflows/([\w.]+)", link):
        assert (ROOT / ".github/workflows" / workflow[1]).is_file()


def test_every_notebook_has_a_row_with_three_doors():
    assert [number for number, *_ in ROWS] == [path.name[:2] for path in NOTEBOOKS]
    for (number, question, _, doors), path in zip(ROWS, NOTEBOOKS):
        for door, made in (("GitHub", address.github), ("Colab", address.colab), ("Kaggle", address.kaggle)):
            assert f"[{door}]({made(f'notebooks/{path.name}')})" in doors.split(" | "), number
        assert question.strip() and len(doors.split(" | ")) == 3


def test_the_minutes_are_those_that_the_notebooks_say():
    for (number, _, minutes, _), path in zip(ROWS, NOTEBOOKS):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        said = re.search(r"\*\*Time\*\* (\d+) minutes to read", "".join(cells[1]["source"]))
        assert said and said[1] == minutes, number


def test_the_lines_of_python_print_what_stands_below_them(capsys):
    code, output = re.search(r"```python\n(.*?)```\s+```\n(.*?)```", README, re.DOTALL).groups()
    exec(code, {})
    assert capsys.readouterr().out == output


def test_its_commands_exist():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"\bmake (\w+) +#|`make (\w+)`", README))
    assert {a or b for a, b in named} <= targets and "test" in {b for _, b in named}


def test_the_ways_through_have_the_same_minutes_and_only_look_back():
    minutes = {number: said for number, _, said, _ in ROWS}
    page = (ROOT / "docs" / "paths.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| \[(\d\d)\]\(\.\./notebooks/(\d\d)_\S+\) \| .+ \| (\d+) \| (.+?) \| ", page, re.MULTILINE
    )
    assert len(rows) == page.count("| [")
    for number, linked, said, needed in rows:
        assert number == linked and said == minutes[number]
        assert all(before < number for before in re.findall(r"\b\d\d\b", needed)), number
    core = page.split("## Theory")[0]
    assert len(re.findall(r"^\| \[", core, re.MULTILINE)) == 9
    mentioned = set(re.findall(r"\.\./notebooks/(\d\d)_", page))
    assert mentioned == set(minutes), "every notebook is on a way, or among the rest"
