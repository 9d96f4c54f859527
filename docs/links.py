"""Checks a built site: every link and anchor leads somewhere, and no page fetches anything from elsewhere.

Sphinx checks its own links. This also checks those in raw HTML, as the scoreboard has them, and what the
theme and its extensions put into a page.

    python docs/links.py docs/_build/html      # exit status 1, and a line for each fault
"""

from __future__ import annotations

import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ADDRESSES = ("href", "xlink:href", "src", "poster", "data", "background", "action", "formaction")
SETS = ("srcset", "imagesrcset")  # of pictures: an address and a size each
IN_SET = re.compile(r"([^\s,]\S*?)(?:,+\s|,*$|\s+[^,]*(?:,|$))")
NOT_FETCHED = {"canonical", "alternate", "next", "prev", "search", "index", "help", "author", "license"}
IN_STYLE = re.compile(r"@import\s*[\"']?(?:https?:)?//|url\(\s*[\"']?(?:https?:)?//", re.I)


class Page(HTMLParser):
    """The anchors of a page, its links, and what a browser fetches for it, by address or in its styles."""

    def __init__(self, text: str):
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.styles = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Keeps what one tag says. Only a click leads elsewhere: every other address is fetched."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        self.styles += given.get("style", "") + "\n"
        clicked = tag in ("a", "area") or (
            tag == "link" and set(given.get("rel", "").lower().split()) <= NOT_FETCHED
        )
        kept = self.links if clicked else self.fetched
        kept += [given[name].strip() for name in ADDRESSES if name in given]
        kept += [address for name in SETS for address in IN_SET.findall(given.get(name, ""))]

    def handle_data(self, data):
        """Keeps the text of a style."""
        if self.cdata_elem == "style":
            self.styles += data


def faults(site: Path) -> list[str]:
    """What is wrong, a line each: links to nothing, anchors that no page has, and foreign addresses.

    Raises ValueError where there is no page at all.
    """
    files = {path.relative_to(site).as_posix(): path for path in site.rglob("*.html")}
    pages = {
        name: Page(path.read_text("utf-8"))
        for name, path in files.items()
        if not name.startswith("_static/")  # templates of the theme
    }
    if not pages:
        raise ValueError(f"{site}: no page in it; build the site first (make site)")
    found = []
    for name, page in pages.items():
        found += [f"{name} fetches {address}" for address in page.fetched if _foreign(address)]
        for link in [*page.links, *(it for it in page.fetched if not _foreign(it))]:
            if why := _broken(link, name, site, pages):
                found.append(f"{name}: {link} {why}")
    styles = {name: page.styles for name, page in pages.items()}
    styles |= {path.relative_to(site).as_posix(): path.read_text("utf-8") for path in site.rglob("*.css")}
    found += [f"{name} fetches {match[0]}" for name in styles if (match := IN_STYLE.search(styles[name]))]
    return sorted(set(found))


def _foreign(address: str) -> bool:
    return bool(urlsplit(address).netloc)


def _broken(link: str, page: str, site: Path, pages: dict[str, Page]) -> str:
    """Why a link leads nowhere; "" for one that leads somewhere, or to another site."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return ""
    target = page
    if parts.path:
        target = os.path.normpath(os.path.join(os.path.dirname(page), unquote(parts.path)))
        if not (site / target).is_file():
            return "leads to no file"
    anchor = unquote(parts.fragment)
    if anchor and target in pages and anchor not in pages[target].anchors:
        return "leads to no anchor"
    return ""


if __name__ == "__main__":
    wrong = faults(Path(sys.argv[1]))
    print(*wrong, sep="\n")
    sys.exit(bool(wrong))
