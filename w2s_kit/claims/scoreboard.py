"""The scoreboard: every claim of the ledger with its verdict, as a table, and in the README.

`python -m w2s_kit.claims` prints it; `--write` puts it into the README and into results/claims.csv.
"""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path

import pandas as pd

from .. import figures
from .ledger import CLAIMS, COLUMNS, VERDICTS

OPEN, CLOSE = "<!-- scoreboard -->", "<!-- /scoreboard -->"


def load(results: str | Path = "results") -> dict[str, pd.DataFrame]:
    """The tables that the claims read, those that exist. Raises ValueError naming a file that cannot be read."""
    tables = {}
    for name in COLUMNS:
        path = Path(results) / f"{name}.csv"
        if path.exists():
            try:
                tables[name] = pd.read_csv(path)
            except ValueError as error:  # pandas' own do not say which file
                raise ValueError(f"{path}: {error}") from error
    return tables


def scoreboard(results: str | Path = "results") -> pd.DataFrame:
    """One row a claim: id, notebook, statement, source, criterion, verdict, figure, value, low, high."""
    tables = load(results)
    return pd.DataFrame([vars(claim) | vars(claim.measure(tables)) for claim in CLAIMS]).drop(columns="measure")


def markdown(table: pd.DataFrame) -> str:
    """The scoreboard as the README shows it."""
    rows = table[["notebook", "statement", "verdict", "figure", "criterion", "source"]].to_numpy().tolist()
    head = [["notebook", "claim", "verdict", "measured here", "criterion", "source"], ["---"] * 6]
    return "\n".join(f"| {' | '.join(row)} |" for row in head + rows)


def with_scoreboard(readme: str, table: pd.DataFrame) -> str:
    """The text of the README with the scoreboard and the table of figures between their markers. Raises ValueError when it lacks
    them."""
    for start, end, text in ((OPEN, CLOSE, markdown(table)), (figures.OPEN, figures.CLOSE, figures.markdown(table))):
        if not re.search(f"{start}.*{end}", readme, re.DOTALL):
            raise ValueError(f"README.md: no {start} … {end} to put the {'scoreboard' if start == OPEN else 'figures'} between")
        readme = re.sub(f"{start}.*{end}", lambda _: f"{start}\n{text}\n{end}", readme, flags=re.DOTALL)
    return readme


def write(results: str | Path = "results", readme: str | Path = "README.md") -> pd.DataFrame:
    """Put the scoreboard into `readme` and claims.csv of `results`, each whole or not at all."""
    table, readme, file = scoreboard(results), Path(readme), Path(results) / "claims.csv"
    text = with_scoreboard(readme.read_text(encoding="utf-8"), table)
    file.parent.mkdir(parents=True, exist_ok=True)
    for path, content in ((file, table.to_csv(index=False, float_format="%.6g", lineterminator="\n")), (readme, text)):
        temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        temporary.write_text(content, encoding="utf-8", newline="\n")
        os.replace(temporary, path)
    return table


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m w2s_kit.claims", description="Print the scoreboard of claims.")
    parser.add_argument("--write", action="store_true", help="also put it into README.md and results/claims.csv")
    table = write() if parser.parse_args(argv).write else scoreboard()
    for row in table.itertuples():
        print(f"{row.verdict:>13} | {row.notebook} | {row.statement}\n{'':13} |    | {row.figure}")
    print(", ".join(f"{(table['verdict'] == v).sum()} {v}" for v in VERDICTS if (table["verdict"] == v).any()))
