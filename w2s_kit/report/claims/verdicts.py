"""The scoreboard: every claim of the ledger with its verdict, as a table, and in the documentation.

`python -m w2s_kit.report.claims` prints it, from the tables that ship with the kit. In a clone of the
repository, `--write` puts it into docs/scoreboard.md, results/claims.csv, scoreboard.html and scoreboard.png,
and the verdicts on the paper's figures into docs/figures.md.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from ...shared.files import results_folder, write_whole, written_whole
from ...shared.names import nearest
from . import page, paper_figures
from .ledger import CLAIMS, TABLES, VERDICTS, domains
from .picture import claims_board


def load(results: str | Path | None = None) -> dict[str, pd.DataFrame]:
    """The tables that the claims read, as far as they exist.

    `results`: their folder, by default the one that ships with the kit. Raises ValueError naming a file that
    cannot be read.
    """
    tables, folder = {}, results_folder() if results is None else Path(results)
    for name in TABLES:
        path = folder / f"{name}.csv"
        if path.exists():
            try:
                tables[name] = pd.read_csv(path)
            except ValueError as error:  # pandas' own do not say which file
                raise ValueError(f"{path}: {error}") from error
    return tables


def scoreboard(results: str | Path | None = None, sampled: bool = False) -> pd.DataFrame:
    """Every claim with its verdict, a row a claim.

    Columns id, notebook, statement, source, criterion, changed, verdict, figure, value, low, high, wanted and
    refuted, as in `Claim` and `Verdict`. `results`: as in `load`. `sampled`: also tasks_low and tasks_high,
    the interval over seeds and tasks where tasks are a sample; that takes seconds.
    """
    return _judged(load(results), sampled)


def shipped() -> pd.DataFrame:
    """The scoreboard that ships with the kit, results/claims.csv: as `scoreboard()`, to six digits.

    `write` computes and saves it. Raises FileNotFoundError where the kit is not installed whole.
    """
    table = pd.read_csv(results_folder() / "claims.csv", dtype={"notebook": str})
    return table.assign(changed=table["changed"].fillna(""))


def print_claims(notebook: str) -> None:
    """Print the shipped verdicts of one notebook, "05": two lines a claim.

    Raises ValueError for a notebook without claims.
    """
    table = shipped()
    rows = table[table["notebook"] == notebook]
    if rows.empty:
        raise ValueError(
            f"notebook {notebook!r} has no claims; these have: {', '.join(table['notebook'].unique())}"
        )
    for row in rows.itertuples():
        print(f"{row.verdict}: {row.statement}\n    {row.figure}   ({row.criterion})")


def _judged(tables: dict[str, pd.DataFrame], sampled: bool = False) -> pd.DataFrame:
    judged = pd.DataFrame([vars(claim) | vars(claim.measure(tables)) for claim in CLAIMS])
    if sampled:
        wider = [make() if make else None for make in judged["sampled"]]
        judged["tasks_low"] = [interval.low if interval else math.nan for interval in wider]
        judged["tasks_high"] = [interval.high if interval else math.nan for interval in wider]
    return judged.drop(columns=["domain", "reads", "measure", "sampled"])


def board(table: pd.DataFrame, domain: str | None = None, verdict: str | None = None) -> pd.DataFrame:
    """The claims of a scoreboard for reading, of one domain or verdict where that is named.

    Columns notebook, claim, verdict, measured and criterion. Raises ValueError for a domain or verdict
    that no claim has.
    """
    by_row = domains(table["notebook"])
    for what, wanted, known in (("domain", domain, by_row), ("verdict", verdict, pd.Series(VERDICTS))):
        if wanted is not None and wanted not in set(known):
            raise ValueError(nearest(what, wanted, list(dict.fromkeys(known))))
    kept = table[
        ((by_row == domain) | (domain is None)) & ((table["verdict"] == verdict) | (verdict is None))
    ]
    return (
        kept[["notebook", "statement", "verdict", "figure", "criterion"]]
        .rename(columns={"statement": "claim", "figure": "measured"})
        .reset_index(drop=True)
    )


def markdown(table: pd.DataFrame) -> str:
    """The scoreboard as docs/scoreboard.md shows it."""
    columns = ["notebook", "statement", "verdict", "figure", "criterion", "source", "changed"]
    rows = table[columns].to_numpy().tolist()
    head = [["notebook", "claim", "verdict", "measured here", "criterion", "source", "changed"], ["---"] * 7]
    return "\n".join(f"| {' | '.join(row)} |" for row in head + rows)


def put(text: str, name: str, table: str) -> str:
    """The page `text` with `table` between its markers `<!-- name -->` and `<!-- /name -->`.

    Raises ValueError where the page lacks them.
    """
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    if not re.search(f"{start}.*{end}", text, re.DOTALL):
        raise ValueError(f"docs/{name}.md: no {start} … {end} to put the table between")
    return re.sub(f"{start}.*{end}", lambda _: f"{start}\n{table}\n{end}", text, flags=re.DOTALL)


def pages(table: pd.DataFrame, docs: Path) -> dict[Path, str]:
    """The pages of `docs` that hold a table of verdicts, each with its text for this scoreboard."""
    tables = {"scoreboard": markdown(table), "figures": paper_figures.markdown(table)}
    paths = {name: docs / f"{name}.md" for name in tables}
    return {path: put(path.read_text(encoding="utf-8"), name, tables[name]) for name, path in paths.items()}


def write(results: str | Path = "results", docs: str | Path = "docs") -> pd.DataFrame:
    """Puts verdicts into the pages of `docs`; claims.csv, scoreboard.html and scoreboard.png into `results`.

    Each file is written whole or not at all. The links go to the notebooks beside `docs`. Returns the
    scoreboard.
    """
    table, docs, results = scoreboard(results, sampled=True), Path(docs), Path(results)
    renewed = pages(table, docs)
    results.mkdir(parents=True, exist_ok=True)
    shown = page.cells(docs.parent / "notebooks")
    renewed[results / "claims.csv"] = table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    renewed[results / "scoreboard.html"] = page.html(table, shown)
    for path, content in renewed.items():
        write_whole(path, content)
    figure = claims_board(table)
    with written_whole(results / "scoreboard.png") as temporary:
        figure.savefig(temporary, dpi=110, metadata={"Software": None})
    plt.close(figure)
    return table


def main(argv: list[str] | None = None) -> int:
    """Runs the command line and returns its exit code.

    0: printed. 1: there is no table to judge by. 2: a table is unfit, or --write has nothing to write to.
    """
    parser = argparse.ArgumentParser(
        prog="python -m w2s_kit.report.claims",
        description="Print the scoreboard of claims, from the tables that ship with the kit.",
    )
    parser.add_argument(
        "--results", type=Path, metavar="FOLDER", help="judge by the tables in this folder instead"
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help="in a clone of the repository: also put it into docs/, results/claims.csv, scoreboard.html and "
        "scoreboard.png",
    )
    args = parser.parse_args(argv)
    try:
        if args.write:
            _check_clone(args.results)
        folder = args.results or (Path("results") if args.write else results_folder())
        tables = load(folder)
        if not tables:  # all would be "not measured", and with --write the pages would say so
            reason = (
                "none of the tables that the claims are judged by is in it"
                if folder.is_dir()
                else "there is no such folder"
            )
            print(
                f"w2s_kit.report.claims: nothing can be judged by {folder}: {reason}. Name the folder with "
                "--results FOLDER, or install the kit anew",
                file=sys.stderr,
            )
            return 1
        missing = [f"{name}.csv" for name in TABLES if name not in tables]
        _show(write(folder) if args.write else _judged(tables), folder, missing)
    except (ValueError, OSError) as error:
        print(f"w2s_kit.report.claims: {error}", file=sys.stderr)
        return 2
    return 0


def _check_clone(results: Path | None) -> None:
    """Raises ValueError where this folder is no clone of the repository, with nothing to write to."""
    here = ["docs", "notebooks", *([] if results else ["results"])]
    if missing := [name for name in here if not Path(name).is_dir()]:
        raise ValueError(
            f"--write renews docs/ and results/ of a clone of the repository, and there is no "
            f"{', no '.join(missing)} in {Path.cwd()}: go to the clone's top folder, or leave --write out"
        )


def _show(table: pd.DataFrame, folder: Path, missing: list[str]) -> None:
    """Prints the verdicts, the folder of the tables that they come from, and which tables are not there."""
    for row in table.itertuples():
        print(f"{row.verdict:>13} | {row.notebook} | {row.statement}\n{'':13} |    | {row.figure}")
    print(
        ", ".join(f"{(table['verdict'] == v).sum()} {v}" for v in VERDICTS if (table["verdict"] == v).any())
    )
    print(
        f"judged by the tables in {folder}"
        + (f", where {len(missing)} are not there: {', '.join(missing)}" if missing else "")
    )
