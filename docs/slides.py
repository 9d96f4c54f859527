"""Makes the slides of the core path: each file of docs/slides becomes one HTML page that needs no network.

A line `---` ends a slide. A picture names a cell of a notebook, and is taken from its saved output:

    ![what it shows](../../notebooks/02_nlp_scaling.ipynb#cell-09)

So slides and notebooks show the same picture, and a lecturer edits Markdown only.

    python docs/slides.py      # `make slides` does this; then open docs/_build/slides/index.html
"""

from __future__ import annotations

import html
import json
import re
import sys
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

SOURCES = Path(__file__).parent / "slides"
TARGET = Path(__file__).parent / "_build/slides"

STYLE = """
* { box-sizing: border-box; }
body { margin: 0; color: #1a1a1a; background: #fff; font: 2.6vmin/1.45 system-ui, Arial, sans-serif; }
section { height: 100vh; padding: 5vmin 8vmin 8vmin; position: relative; overflow: auto; break-after: page; }
.paged section { display: none; }
.paged section.shown { display: block; }
h1 { font-size: 6vmin; line-height: 1.2; margin: 18vh 0 0.6em; }
h2 { font-size: 4.4vmin; line-height: 1.2; margin: 0 0 0.7em; color: #0b5394; }
li { margin: 0.35em 0; }
img { display: block; margin: 0 auto; max-width: 100%; height: 58vh; object-fit: contain; }
table { border-collapse: collapse; margin: 0.6em 0; }
th, td { border-bottom: 1px solid #bbb; padding: 0.3em 0.9em; text-align: left; }
code { background: #f0f0f0; padding: 0 0.2em; }
footer { position: absolute; bottom: 2.5vmin; right: 8vmin; font-size: 1.8vmin; color: #555; }
@page { size: 320mm 180mm; margin: 0; }
@media print { .paged section { display: block; } }
"""

# Keys or a click turn slides. The address holds the number, so a reload stays. Without JavaScript all show.
SCRIPT = """
const slides = [...document.querySelectorAll("section")];
let current = 0;
function show(number) {
  current = Math.max(0, Math.min(slides.length - 1, number));
  slides.forEach((slide, i) => slide.classList.toggle("shown", i === current));
  history.replaceState(null, "", "#" + (current + 1));
}
const steps = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1 };
addEventListener("keydown", event => {
  if (event.key in steps) { event.preventDefault(); show(current + steps[event.key]); }
  if (event.key === "Home") show(0);
  if (event.key === "End") show(slides.length - 1);
});
addEventListener("click", event => {
  const step = event.clientX < innerWidth / 3 ? -1 : 1;
  if (!event.target.closest("a") && !String(getSelection())) show(current + step);
});
document.documentElement.classList.add("paged");
show((parseInt(location.hash.slice(1)) || 1) - 1);
"""


def picture(link: str, file: Path) -> str:
    """The picture that `link` names in the slides `file`, as an address that holds the picture itself.

    Raises ValueError, with the file and the remedy, where the link names no cell with exactly one picture.
    """
    where = f"{file.name}: {link}"
    path, _, cell_id = link.partition("#")
    book = (file.parent / path).resolve()
    if book.suffix != ".ipynb" or not book.is_file() or not cell_id:
        raise ValueError(f"{where} names no cell: write ../../notebooks/NAME.ipynb#CELL-ID")
    cells = {cell["id"]: cell for cell in json.loads(book.read_text("utf-8"))["cells"]}
    if cell_id not in cells:
        raise ValueError(f"{where}: {book.name} has no cell with this id; it has {', '.join(cells)}")
    outputs = [output.get("data", {}) for output in cells[cell_id].get("outputs", [])]
    pictures = [data["image/png"] for data in outputs if "image/png" in data]
    if len(pictures) != 1:
        raise ValueError(f"{where}: this cell has {len(pictures)} saved pictures; name a cell with one")
    return "data:image/png;base64," + "".join("".join(pictures[0]).split())


def slides(text: str, file: Path) -> list[str]:
    """The slides of one file, as HTML. Raises ValueError where a picture is missing or not described."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    pages = []
    for part in re.split(r"^---[ \t]*$", text, flags=re.M):
        tokens = markdown.parse(part)
        for image in [child for token in tokens for child in token.children or [] if child.type == "image"]:
            embed(image, file)
        pages.append(markdown.renderer.render(tokens, markdown.options, {}))
    return pages


def embed(image: Token, file: Path) -> None:
    """Puts the picture itself into a picture's token. Raises ValueError where its description is missing."""
    link = str(image.attrs["src"])
    if not image.content.strip():
        raise ValueError(f"{file.name}: {link} has no description: write one between [ and ]")
    image.attrs["src"] = picture(link, file)


def deck(file: Path) -> str:
    """One HTML page with all slides of a file; its style, its script and its pictures are in it."""
    pages = slides(file.read_text("utf-8"), file)
    body = "\n".join(
        f"<section>\n{page}<footer>{file.stem} · {number} of {len(pages)}</footer>\n</section>"
        for number, page in enumerate(pages, 1)
    )
    return whole(title(file), f"<style>{STYLE}</style>", f"{body}\n<script>{SCRIPT}</script>")


def title(file: Path) -> str:
    """The first heading of a file of slides. Raises ValueError where there is none."""
    heading = re.search(r"^# (.+)$", file.read_text("utf-8"), re.M)
    if not heading:
        raise ValueError(f"{file.name} has no title: begin it with `# ` and the question")
    return heading[1].strip()


def whole(name: str, head: str, body: str) -> str:
    """An HTML page."""
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{html.escape(name)}</title>\n'
        f"{head}</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def build(sources: Path = SOURCES, target: Path = TARGET) -> list[Path]:
    """Writes a page for each file of `sources`, and index.html, which links them; returns all of them."""
    files = sorted(sources.glob("*.md"))
    pages = {f"{file.stem}.html": deck(file) for file in files}
    links = [f'<li><a href="{f.stem}.html">{f.stem[:2]} · {html.escape(title(f))}</a></li>' for f in files]
    pages["index.html"] = whole("Slides of the core path", "", f"<h1>Slides</h1>\n<ul>{''.join(links)}</ul>")
    target.mkdir(parents=True, exist_ok=True)
    for name, page in pages.items():
        (target / name).write_text(page, "utf-8")
    return [target / name for name in pages]


if __name__ == "__main__":
    try:
        print(f"{len(build()) - 1} files of slides: open {TARGET / 'index.html'}")
    except ValueError as error:
        sys.exit(str(error))
