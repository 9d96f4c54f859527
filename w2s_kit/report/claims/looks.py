"""Signs and colours of verdicts, on the page and in pictures."""

from __future__ import annotations

SIGNS = {"shows": "●", "does not show": "○", "opposite": "✕", "not measured": "–"}
# the signs tell verdicts apart as well
COLORS = {"shows": "#0173b2", "does not show": "#8a8a8a", "opposite": "#d55e00", "not measured": "#c9c9c9"}
