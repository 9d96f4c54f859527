"""Signs and colours of verdicts, on the page and in pictures."""

from __future__ import annotations

SIGNS = {"shows": "●", "undecided": "○", "refuted": "∅", "opposite": "✕", "not measured": "–"}
# The ground of each verdict, and the words on it. The signs tell verdicts apart as well.
COLORS = {
    "shows": "#0173b2",
    "undecided": "#6b6b6b",
    "refuted": "#1f1f1f",
    "opposite": "#bd5300",
    "not measured": "#dcdcdc",
}
INKS = dict.fromkeys(COLORS, "#ffffff") | {"not measured": "#333333"}
# The rest of the page: ink and links can be read on paper, on the table's head and on a marked row.
LIGHT = {
    "paper": "#ffffff",
    "head": "#f4f4f4",
    "mark": "#fff6d6",
    "ink": "#1a1a1a",
    "link": "#0a5c9e",
    "line": "#dddddd",
}
DARK = {
    "paper": "#14181e",
    "head": "#252b33",
    "mark": "#3d3410",
    "ink": "#e6e6e6",
    "link": "#8cc0f0",
    "line": "#3a424d",
}
