"""The scoreboard as a page of its own, results/scoreboard.html.

It shows every claim with its criterion, figure and verdict, and a link to the cell that shows the claim.
The page is one file, needs no network, and is filtered in the browser. Address `#ID` leads to a claim.

All that a larger page needs stands in the one element of the class `w2s-scoreboard`, and its style holds
nowhere else. It is dark where the reader's system is, or where the larger page says `data-theme="dark"`.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pandas as pd

from ...shared.address import colab, github
from .ledger import domains
from .looks import COLORS, DARK, INKS, LIGHT, SIGNS

#: How a verdict comes from an interval, for readers.
RULE = (
    "A claim shows where the whole interval lies beyond the number in its criterion: a mean beyond it is "
    "not enough. It is refuted where the interval excludes the smallest effect of interest, which stands in "
    "the criterion after the word: then even an effect that small is not there. It is opposite where the "
    "whole interval lies on the other side. Else it is undecided: the seeds are too few, and the figure "
    "says how many would do, at today's spread. All are verdicts about this scale. The smallest effects "
    "were set, and conditions judged by intervals, when seeds 0 to 9 had been seen; seeds of 100 and above "
    "decide wherever they have been measured."
)


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
        style=style(),
        counts=", ".join(f"{counts[verdict]} {verdict}" for verdict in verdicts),
        domains="".join(f"<option>{escape(name)}</option>" for name in dict.fromkeys(by_row)),
        verdicts="".join(f"<option>{escape(verdict)}</option>" for verdict in verdicts),
        rows="\n".join(rows),
        rule=escape(RULE),
        script=_SCRIPT,
    )


def style() -> str:
    """The rules of the page, light and dark, each for the class `w2s-scoreboard` alone."""
    light, dark = (
        f"color-scheme: {scheme}; " + "; ".join(f"--{name}: {color}" for name, color in colors.items())
        for scheme, colors in (("light", LIGHT), ("dark", DARK))
    )
    verdicts = "\n".join(
        f'.w2s-scoreboard [data-verdict="{verdict}"] .verdict {{ background: {COLORS[verdict]}; '
        f"color: {INKS[verdict]} }}"
        for verdict in SIGNS
    )
    return f"""
.w2s-scoreboard {{ {light} }}
@media (prefers-color-scheme: dark) {{
 html:not([data-theme="light"]) .w2s-scoreboard {{ {dark} }}
}}
html[data-theme="dark"] .w2s-scoreboard {{ {dark} }}
{_RULES}
{verdicts}
"""


def _row(claim, domain: str, where: tuple[str, str, str]) -> str:
    """The row of the page for one claim, which is a row of the scoreboard."""
    verdict = escape(claim.verdict)
    return (
        f'<tr data-domain="{escape(domain)}" data-verdict="{verdict}" id="{escape(claim.id)}">'
        f'<td><span class="verdict">{SIGNS[claim.verdict]} {verdict}</span></td>'
        f'<td>{escape(claim.statement)} <a class="id" href="#{escape(claim.id)}">{escape(claim.id)}</a></td>'
        f"<td>{escape(claim.figure)}{_wider(claim)}</td><td>{escape(claim.criterion)}{_changed(claim)}</td>"
        f"<td>{_link(claim.notebook, *where)}</td><td>{escape(claim.source)}</td></tr>"
    )


def _wider(claim) -> str:
    """The interval over seeds and tasks, where tasks are a sample."""
    low, high = getattr(claim, "tasks_low", np.nan), getattr(claim, "tasks_high", np.nan)
    return f"<br>over seeds and tasks: {low:+.3g} to {high:+.3g}" if np.isfinite([low, high]).all() else ""


def _changed(claim) -> str:
    """What was changed after results had been seen, folded: it is longer than all the rest."""
    said = getattr(claim, "changed", "")
    title = "<summary>Changed after results were seen</summary>"
    return f"<details>{title}{escape(said)}</details>" if said else ""


def _link(number: str, notebook: str, cell: str, heading: str) -> str:
    """Links to the notebook of that number, and to its cell in Colab.

    Where no cell shows the claim, it is the number alone.
    """
    number, heading = escape(number), escape(heading)
    if not notebook:
        return number
    path, at = f"notebooks/{quote(notebook)}", f"#scrollTo={quote(cell)}"
    return (
        f'<a href="{escape(github(path))}">{number} · {heading}</a> '
        f'<a href="{escape(colab(path) + at)}" aria-label="{number} · {heading}, in Colab">Colab</a>'
    )


_RULES = """\
.w2s-scoreboard { color: var(--ink); background: var(--paper); padding: 1rem; container-type: inline-size }
.w2s-scoreboard a { color: var(--link) }
.w2s-scoreboard p > span { display: inline-block }
.w2s-scoreboard label { margin-right: .4rem }
.w2s-scoreboard select { margin-right: 1.5rem; font: inherit }
.w2s-scoreboard .claims { overflow: auto; max-height: 90vh; border-bottom: 1px solid var(--line) }
.w2s-scoreboard table { border-collapse: collapse; width: 100%; font-size: .95em }
.w2s-scoreboard td, .w2s-scoreboard th { text-align: left; vertical-align: top; padding: .45rem .6rem; \
border-bottom: 1px solid var(--line); color: inherit; overflow-wrap: anywhere; min-width: 6rem }
.w2s-scoreboard th { position: sticky; top: 0; background: var(--head) }
.w2s-scoreboard td:nth-child(2) { min-width: 13rem }
.w2s-scoreboard .id { display: block; font: .85em ui-monospace, monospace; text-decoration: none }
.w2s-scoreboard tr { scroll-margin-top: 4rem }
.w2s-scoreboard tr:target { background: var(--mark) }
.w2s-scoreboard .verdict { white-space: nowrap; font-weight: 600; padding: .1rem .4rem; \
border: 1px solid var(--line); border-radius: .25rem }
@container (max-width: 58rem) {
 .w2s-scoreboard .claims { max-height: none }
 .w2s-scoreboard thead { display: none }
 .w2s-scoreboard tr { display: block; padding: .6rem 0; border-bottom: 1px solid var(--line) }
 .w2s-scoreboard tr[hidden] { display: none }
 .w2s-scoreboard td { display: block; border: 0; padding: .15rem .6rem }
 .w2s-scoreboard td:nth-child(3)::before { content: "measured: " }
 .w2s-scoreboard td:nth-child(4)::before { content: "criterion: " }
 .w2s-scoreboard td:nth-child(5)::before { content: "where: " }
 .w2s-scoreboard td:nth-child(6)::before { content: "source: " }
}
@media print {
 .w2s-scoreboard .claims { max-height: none }
}"""

_SCRIPT = """\
 const board = document.currentScript.closest(".w2s-scoreboard");
 const rows = [...board.querySelectorAll("tbody tr")];
 const chosen = [...board.querySelectorAll("select")];
 const filter = () => {
  let shown = 0;
  for (const row of rows) {
   row.hidden = chosen.some(c => c.value !== "all" && row.dataset[c.name] !== c.value);
   shown += !row.hidden;
  }
  const wanted = chosen.map(c => c.value).filter(value => value !== "all").join(", ");
  board.querySelector("output").textContent =
   shown ? shown + (shown === 1 ? " claim" : " claims") : "no claim here is: " + wanted;
 };
 for (const each of chosen) each.addEventListener("change", filter);
 filter();
"""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, \
initial-scale=1"><meta name="color-scheme" content="light dark"><title>w2s_kit: scoreboard</title>
<style>{style}</style></head>
<body style="margin: 0; font: 15px/1.45 system-ui, sans-serif">
<main>
<div class="w2s-scoreboard">
<h1>What the literature claims, and what shows here</h1>
<p>{counts}. Every criterion was fixed before the seeds that decide were measured; what was changed after \
results had been seen is told with the claim. The verdict is computed from the tables in \
<code>results/</code>. Intervals are 95 %, over seeds: verdicts use these alone. A second interval, over \
seeds and tasks, says what other tasks of the kind could give.</p>
<p>{rule}</p>
<p><span><label for="w2s-domain">domain</label><select id="w2s-domain" name="domain"><option>all</option>\
{domains}</select></span> <span><label for="w2s-verdict">verdict</label><select id="w2s-verdict" \
name="verdict"><option>all</option>{verdicts}</select></span> \
<output for="w2s-domain w2s-verdict"></output></p>
<div class="claims" role="region" aria-label="claims" tabindex="0">
<table><thead><tr><th scope="col">verdict</th><th scope="col">claim</th><th scope="col">measured</th>\
<th scope="col">criterion</th><th scope="col">where</th><th scope="col">source</th></tr></thead><tbody>
{rows}
</tbody></table>
</div>
<script>
{script}</script>
</div>
</main></body></html>
"""
