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

FETCHED = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src", "video": "src"}
NOT_FETCHED = {"canonical", "alternate", "next", "prev", "search", "index", "help", "author", "license"}
IN_STYLE = re.compile(r"@import\s+[\"']?(?:https?:)?//|url\(\s*[\"']?(?:https?:)?//", re.I)


class Page(HTMLParser):
    """The anchors of a page, its links, and what a browser fetches for it."""

    def __init__(self, text: str):
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Keeps what one tag says."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif (address := given.get(FETCHED.get(tag, ""))) and not (
            tag == "link" and NOT_FETCHED & set(given.get("rel", "").split())
        ):
            self.fetched.append(address)


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
    for style in site.rglob("*.css"):
        if match := IN_STYLE.search(style.read_text("utf-8")):
            found.append(f"{style.relative_to(site)} fetches {match[0]}")
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
