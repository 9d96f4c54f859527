"""The scoreboard as a page of its own, results/scoreboard.html: every claim with its criterion, figure,
verdict and a link to the cell that shows it. One file, no network; sorted and filtered in the browser.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from urllib.parse import quote

import pandas as pd

DOMAINS = {  # by notebook
    **dict.fromkeys(("00", "01", "02", "03"), "language"),
    **dict.fromkeys(("04", "05"), "chess"),
    **dict.fromkeys(("06", "07"), "reward modelling"),
    **dict.fromkeys(("08", "09", "10", "11", "13"), "analysis"),
    "12": "vision",
    "14": "real text",
    "15": "real text",
    **dict.fromkeys(("16", "17", "18"), "theory"),
    **dict.fromkeys(("19", "20", "21", "22", "23", "24", "25", "26"), "later methods"),
}
# notebooks whose claims are about real models and data, measured on a CPU; all others are of the mini tier
REAL = ("14",)
SIGNS = {"shows": "●", "does not show": "○", "opposite": "✕", "not measured": "–"}
# told apart by the signs, too
COLORS = {"shows": "#0173b2", "does not show": "#8a8a8a", "opposite": "#d55e00", "not measured": "#c9c9c9"}
REPOSITORY = "https://github.com/w2s-kit/w2s_kit/blob/main/notebooks"
COLAB = REPOSITORY.replace("https://github.com", "https://colab.research.google.com/github")


def cells(notebooks: Path) -> dict[str, tuple[str, str, str]]:
    """claim -> (notebook, cell id, heading above it), of the cells with a tag "claim:ID" in the numbered
    notebooks of a folder. Raises ValueError for a claim that two cells are tagged with.
    """
    found: dict[str, tuple[str, str, str]] = {}
    for path in sorted(notebooks.glob("[0-9][0-9]_*.ipynb")):
        heading = ""
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                heading = next(
                    (
                        line[3:]
                        for line in reversed("".join(cell["source"]).splitlines())
                        if line.startswith("## ")
                    ),
                    heading,
                )
            for tag in cell["metadata"].get("tags", []):
                if tag.startswith("claim:"):
                    if (claim := tag.removeprefix("claim:")) in found:
                        raise ValueError(
                            f"{path.name}: {claim} is tagged in {found[claim][0]}, too; one cell shows a claim"
                        )
                    found[claim] = (path.name, cell["id"], heading)
    return found


def html(table: pd.DataFrame, where: dict[str, tuple[str, str, str]]) -> str:
    """The page for a `scoreboard` and the `cells` of its claims. Whatever comes from a table or a notebook is
    escaped.
    """
    rows = []
    for row in table.itertuples():
        tiers = [escape(row.figure) if (row.notebook in REAL) == real else "" for real in (False, True)]
        color, sign = COLORS[row.verdict], SIGNS[row.verdict]
        rows.append(
            f'<tr data-domain="{escape(DOMAINS[row.notebook])}" data-verdict="{escape(row.verdict)}" id="{escape(row.id)}">'
            f"<td>{_link(row.notebook, *where.get(row.id, ('', '', '')))}</td><td>{escape(row.statement)}</td>"
            f'<td class="v" style="--c:{color}">{sign} {escape(row.verdict)}</td><td>{tiers[0]}</td><td>{tiers[1]}</td>'
            f"<td>{escape(row.criterion)}</td><td>{escape(row.source)}</td></tr>"
        )
    counts = table["verdict"].value_counts()
    said = ", ".join(f"{counts[v]} {v}" for v in SIGNS if v in counts)
    options = [
        f"<option>{escape(name)}</option>" for name in dict.fromkeys(DOMAINS[n] for n in table["notebook"])
    ]
    verdicts = [f"<option>{escape(v)}</option>" for v in SIGNS if v in counts]
    return _PAGE.format(said=said, domains="".join(options), verdicts="".join(verdicts), rows="\n".join(rows))


def _link(number: str, notebook: str, cell: str, heading: str) -> str:
    """To the notebook of that number, and to the cell in Colab; the number alone where no cell shows the
    claim.
    """
    number, heading = escape(number), escape(heading)
    if not notebook:
        return number
    at = escape(f"{quote(notebook)}#scrollTo={quote(cell)}")
    return f'<a href="../notebooks/{quote(notebook)}" title="{heading}">{number} · {heading}</a> <a href="{COLAB}/{at}">Colab</a>'


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>w2s_kit: scoreboard</title>
<style>
 body {{ font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 100rem; padding: 0 1rem; color: #1a1a1a; background: #fff }}
 table {{ border-collapse: collapse; width: 100% }} td, th {{ text-align: left; vertical-align: top; padding: .45rem .6rem; border-bottom: 1px solid #ddd }}
 th {{ position: sticky; top: 0; background: #f4f4f4 }} .v {{ white-space: nowrap; font-weight: 600; color: var(--c) }} td:first-child {{ min-width: 9rem }}
 label {{ margin-right: 1.5rem }} tr:target {{ background: #fff6d6 }}
</style></head><body>
<h1>What the literature claims, and what shows here</h1>
<p>{said}. Every criterion was fixed before its result was seen, and the verdict is computed from the tables in this folder. Intervals are 95 %, over seeds. "Does not
show" is a verdict about this scale; "opposite" means that the interval lies wholly on the other side.</p>
<p><label>domain <select id="domain"><option>all</option>{domains}</select></label><label>verdict <select id="verdict"><option>all</option>{verdicts}</select></label><span id="count"></span></p>
<table><thead><tr><th>where</th><th>claim</th><th>verdict</th><th>measured, mini tier</th><th>measured, real text</th><th>criterion</th><th>source</th></tr></thead><tbody>
{rows}
</tbody></table>
<script>
 const chosen = ["domain", "verdict"].map(id => document.getElementById(id)), rows = [...document.querySelectorAll("tbody tr")];
 function filter() {{
  let shown = 0;
  for (const row of rows) {{
   row.hidden = chosen.some(c => c.value !== "all" && row.dataset[c.id] !== c.value);
   shown += !row.hidden;
  }}
  document.getElementById("count").textContent = shown + " claims";
 }}
 chosen.forEach(c => c.addEventListener("change", filter));
 filter();
</script></body></html>
"""
