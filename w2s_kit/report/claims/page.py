"""The scoreboard as a page of its own, results/scoreboard.html.

It shows every claim with its criterion, figure and verdict, and a link to the cell that shows the claim.
The page is one file, needs no network, and is filtered in the browser.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from ...shared.address import colab
from .ledger import domains
from .looks import COLORS, SIGNS

REAL = "real text"  # the domain of real models and data, measured on a CPU; others are of the mini tier


def cells(notebooks: Path) -> dict[str, tuple[str, str, str]]:
    """The cells that show claims: claim -> (notebook, cell id, heading above the cell).

    Such a cell has a tag "claim:ID". Only the numbered notebooks of the folder are read. Raises ValueError
    for a claim that two cells are tagged with.
    """
    shown: dict[str, tuple[str, str, str]] = {}
    for path in sorted(notebooks.glob("[0-9][0-9]_*.ipynb")):
        heading = ""
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                headings = [line for line in "".join(cell["source"]).splitlines() if line.startswith("## ")]
                heading = headings[-1][3:] if headings else heading
            for tag in cell["metadata"].get("tags", []):
                if not tag.startswith("claim:"):
                    continue
                if (claim := tag.removeprefix("claim:")) in shown:
                    raise ValueError(
                        f"{path.name}: {claim} is tagged in {shown[claim][0]}, too; one cell shows a claim"
                    )
                shown[claim] = (path.name, cell["id"], heading)
    return shown


def html(table: pd.DataFrame, where: dict[str, tuple[str, str, str]]) -> str:
    """The page for a `scoreboard` and the `cells` of its claims.

    Whatever comes from a table or a notebook is escaped.
    """
    by_row = domains(table["notebook"])
    rows = [
        _row(claim, domain, where.get(claim.id, ("", "", "")))
        for claim, domain in zip(table.itertuples(), by_row)
    ]
    counts = table["verdict"].value_counts()
    verdicts = [verdict for verdict in SIGNS if verdict in counts]
    return _PAGE.format(
        counts=", ".join(f"{counts[verdict]} {verdict}" for verdict in verdicts),
        domains="".join(f"<option>{escape(name)}</option>" for name in dict.fromkeys(by_row)),
        verdicts="".join(f"<option>{escape(verdict)}</option>" for verdict in verdicts),
        rows="\n".join(rows),
    )


def _row(claim, domain: str, where: tuple[str, str, str]) -> str:
    """The row of the page for one claim, which is a row of the scoreboard."""
    verdict, figure = escape(claim.verdict), escape(claim.figure)
    mini, real = ("", figure) if domain == REAL else (figure, "")
    return (
        f'<tr data-domain="{escape(domain)}" data-verdict="{verdict}" id="{escape(claim.id)}">'
        f"<td>{_link(claim.notebook, *where)}</td><td>{escape(claim.statement)}</td>"
        f'<td class="v" style="--c:{COLORS[claim.verdict]}">{SIGNS[claim.verdict]} {verdict}</td>'
        f"<td>{mini}</td><td>{real}</td>"
        f"<td>{escape(claim.criterion)}</td><td>{escape(claim.source)}</td></tr>"
    )


def _link(number: str, notebook: str, cell: str, heading: str) -> str:
    """Links to the notebook of that number, and to its cell in Colab.

    Where no cell shows the claim, it is the number alone.
    """
    number, heading = escape(number), escape(heading)
    if not notebook:
        return number
    at = escape(f"{colab(f'notebooks/{quote(notebook)}')}#scrollTo={quote(cell)}")
    return (
        f'<a href="../notebooks/{quote(notebook)}" title="{heading}">{number} · {heading}</a> '
        f'<a href="{at}">Colab</a>'
    )


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, \
initial-scale=1"><title>w2s_kit: scoreboard</title>
<style>
 body {{ font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 100rem; padding: 0 1rem; \
color: #1a1a1a; background: #fff }}
 table {{ border-collapse: collapse; width: 100% }} td, th {{ text-align: left; vertical-align: top; \
padding: .45rem .6rem; border-bottom: 1px solid #ddd }}
 th {{ position: sticky; top: 0; background: #f4f4f4 }} .v {{ white-space: nowrap; font-weight: 600; color: \
var(--c) }} td:first-child {{ min-width: 9rem }}
 label {{ margin-right: 1.5rem }} tr:target {{ background: #fff6d6 }}
</style></head><body>
<h1>What the literature claims, and what shows here</h1>
<p>{counts}. Every criterion was fixed before its result was seen, and the verdict is computed from the \
tables in this folder. Intervals are 95 %, over seeds. "Does not
show" is a verdict about this scale; "opposite" means that the interval lies wholly on the other side.</p>
<p><label>domain <select id="domain"><option>all</option>{domains}</select></label><label>verdict <select \
id="verdict"><option>all</option>{verdicts}</select></label><span id="count"></span></p>
<table><thead><tr><th>where</th><th>claim</th><th>verdict</th><th>measured, mini tier</th><th>measured, real \
text</th><th>criterion</th><th>source</th></tr></thead><tbody>
{rows}
</tbody></table>
<script>
 const chosen = ["domain", "verdict"].map(id => document.getElementById(id)), rows = \
[...document.querySelectorAll("tbody tr")];
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
