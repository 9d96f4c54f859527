"""Docstrings of the kit are plain text with a little Markdown; Sphinx reads reStructuredText.

`name`            code, with a link where the kit has the name
indented lines    code, or a table, as they stand
name    meaning   columns stay as they are, too
name: meaning     a list, where two lines or more begin so
"""

from __future__ import annotations

import re

COLUMNS = re.compile(r"\S {3,}\S")
ENTRY = re.compile(r"([a-z_]\w*(?:, [a-z_]\w*)*): ")


def as_rst(lines: list[str]) -> list[str]:
    """The lines of a docstring, without its indentation, in reStructuredText."""
    out: list[str] = []
    within = False  # code: a blank line does not end it
    for block in _blocks(lines):
        before, within = within, block[0].startswith(" ")
        if within or any(COLUMNS.search(line) for line in block):
            out += [*([] if before and within else ["::", ""]), *("    " + line for line in block), ""]
        elif ENTRY.match(block[0]) and sum(bool(ENTRY.match(line)) for line in block) > 1:
            out += [*_list(block), ""]
        else:
            out += [*_prose("\n".join(block)).split("\n"), ""]
    return out


def _blocks(lines: list[str]) -> list[list[str]]:
    """Paragraphs; a line that begins with a blank after one that does not begins a new one, and back."""
    blocks: list[list[str]] = []
    fresh = True
    for line in lines:
        if not line.strip():
            fresh = True
            continue
        if fresh or line.startswith(" ") != blocks[-1][0].startswith(" "):
            blocks.append([])
        blocks[-1].append(line.rstrip())
        fresh = False
    return blocks


def _list(block: list[str]) -> list[str]:
    """Entries "name: meaning", perhaps of several lines each, as a list."""
    marked = [ENTRY.sub(r"`\1`: ", line, count=1) if ENTRY.match(line) else line for line in block]
    text = _prose("\n".join(marked)).split("\n")
    return [("- " if ENTRY.match(line) else "  ") + shown for line, shown in zip(block, text)]


def _prose(text: str) -> str:
    """A paragraph with its code marked, and without what reStructuredText would take for other markup."""
    pieces = re.split(r"(`+[^`]+`+)", text)
    for i, piece in enumerate(pieces):
        if i % 2:
            code = piece.strip("`")
            simple = re.fullmatch(r"[A-Za-z_][\w.]*(\(\))?", code)
            pieces[i] = f":py:obj:`{code.removesuffix('()')}`" if simple else f"``{code}``"
            if pieces[i - 1][-1:].isalnum():
                pieces[i] = "\\ " + pieces[i]
            if pieces[i + 1][:1].isalnum():
                pieces[i] += "\\ "
        else:
            pieces[i] = re.sub(r"([\\*|])|(?<=\w)(_)(?=\W|$)", r"\\\g<0>", piece)
    return "".join(pieces)
