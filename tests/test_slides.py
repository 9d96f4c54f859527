"""The slides: one file for each notebook of the core path, with pictures and numbers of that notebook."""

import json
import re

import pytest
import slides
from files_of_the_project import ROOT

FILES = sorted(slides.SOURCES.glob("*.md"))
PARTS = ["The question", "Predict", "What we learned", "Discuss"]
DECIMAL = re.compile(r"\d*\.\d+")


def core_notebooks():
    core = re.search(r"^## The core$(.*?)^## ", (ROOT / "docs/paths.md").read_text("utf-8"), re.M | re.S)
    return re.findall(r"^\| \[\d\d\]\(\.\./notebooks/(\w+)\.ipynb\)", core[1], re.M)


def test_each_notebook_of_the_core_path_has_slides_and_no_other():
    assert [file.stem for file in FILES] == core_notebooks()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_slides_have_their_parts_in_order_and_pictures_of_their_notebook(file):
    text = file.read_text("utf-8")
    headings = re.findall(r"^## (.+)$", text, re.M)
    assert [heading for heading in headings if heading in PARTS] == PARTS
    assert text.startswith("# ") and slides.title(file).endswith("?")
    links = re.findall(r"!\[.+?\]\((\S+?)\)", text)
    assert links and all(link.startswith(f"../../notebooks/{file.stem}.ipynb#") for link in links)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_page_holds_its_pictures_and_fetches_nothing(file):
    page = slides.deck(file)
    sources = re.findall(r'src="([^"]{0,30})', page)
    assert len(sources) == file.read_text("utf-8").count("](../../notebooks/") > 0
    assert all(source.startswith("data:image/png;base64,iVBOR") for source in sources)
    assert not re.search(r'<link|<script src|@import|url\(|href="(?!https:)', page)


def numbers(text):
    return {float(number) for number in DECIMAL.findall(text)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_decimal_of_the_slides_stands_in_the_notebook(file):
    """So slides cannot keep a number that the notebook has measured anew."""
    book = json.loads((ROOT / f"notebooks/{file.stem}.ipynb").read_text("utf-8"))
    printed = []
    for cell in book["cells"]:
        printed += cell["source"] if cell["cell_type"] == "markdown" else []
        for output in cell.get("outputs", []):
            printed += [*output.get("text", []), *output.get("data", {}).get("text/plain", [])]
    text = re.sub(r"!\[.*?\]\(\S+?\)", "", file.read_text("utf-8"))
    text = re.sub(r"Sections? [\d.]+|Section [\d.]+", "", text)
    missing = numbers(text) - numbers("".join(printed))
    assert not missing, f"{file.name}: {sorted(missing)} do not stand in the notebook"


# ------------------------------------------------------------------------------------------ what goes wrong
@pytest.fixture
def folder(tmp_path):
    """docs/slides and notebooks, with a notebook of two cells: one with a picture, one without."""
    (tmp_path / "docs/slides").mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    picture = {"output_type": "display_data", "data": {"image/png": "iVBORw0\n"}}
    cells = [{"id": "drawn", "outputs": [picture]}, {"id": "said", "outputs": []}, {"id": "prose"}]
    (tmp_path / "notebooks" / "01_a.ipynb").write_text(json.dumps({"cells": cells}))
    return tmp_path / "docs/slides"


def write(folder, link, description="a line"):
    file = folder / "01_a.md"
    file.write_text(f"# A?\n\n---\n\n![{description}]({link})\n")
    return file


def test_build_writes_a_page_a_file_and_an_index(folder, tmp_path):
    write(folder, "../../notebooks/01_a.ipynb#drawn")
    written = slides.build(folder, tmp_path / "out")
    assert [path.name for path in written] == ["01_a.html", "index.html"]
    assert '<img src="data:image/png;base64,iVBORw0" alt="a line" />' in written[0].read_text()
    assert written[0].read_text().count("<section>") == 2
    assert '<a href="01_a.html">01 · A?</a>' in written[1].read_text()


@pytest.mark.parametrize(
    "link, told",
    [
        ("../../notebooks/01_a.ipynb#gone", "has no cell with this id; it has drawn, said, prose"),
        ("../../notebooks/01_a.ipynb#said", "this cell has 0 saved pictures"),
        ("../../notebooks/01_a.ipynb#prose", "this cell has 0 saved pictures"),
        ("../../notebooks/02_b.ipynb#drawn", "names no cell"),
        ("../../notebooks/01_a.ipynb", "names no cell"),
        ("https://example.org/a.png", "names no cell"),
    ],
)
def test_a_picture_that_is_not_there_is_an_error_that_names_the_file(folder, link, told):
    file = write(folder, link)
    with pytest.raises(ValueError, match=rf"01_a\.md: .*{re.escape(told)}"):
        slides.deck(file)


def test_a_picture_needs_a_description_and_a_file_a_title(folder):
    with pytest.raises(ValueError, match="has no description"):
        slides.deck(write(folder, "../../notebooks/01_a.ipynb#drawn", description=""))
    (folder / "02_b.md").write_text("## no title\n")
    with pytest.raises(ValueError, match=r"02_b\.md has no title"):
        slides.deck(folder / "02_b.md")
