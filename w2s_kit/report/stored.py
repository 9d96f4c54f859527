"""One page of what a store has: tables, pictures, what is undefined, settings and versions."""

from __future__ import annotations

import base64
import html
import json
from collections import Counter
from pathlib import Path

import pandas as pd

from ..experiment.result import Result, summarise
from ..experiment.run import Run
from ..experiment.store import Store
from ..metrics.pgr import pgr_text
from ..shared.files import written_whole
from .sweeps import draw

#: What may differ between the runs of one table. All else in a config is a setting of the table.
NO_SETTING = (
    "kind",
    "task",
    "data",
    "model",
    "weights",
    "code",
    "method",
    "options",
    "method_code",
    "seed",
) + (
    "half",
    "part",
    "supervisor",
    "supervisor_run",
    "chain",
)


def results_of(store: Store) -> tuple[list[Result], list[str]]:
    """The students of a store with their supervisors and ceilings, and what is missing for others, in words.

    The ceiling is the student's model, finetuned naively on ground truth, all else being the same.
    """
    runs = {name: run for name in store.names() if (run := store.load(name)) is not None}
    ceilings = {
        _about(run): run
        for run in runs.values()
        if run.config["kind"] == "ground_truth"
        and run.config["half"] == "student"
        and run.config["method"] == "naive"
    }
    results, missing = [], []
    for name, run in runs.items():
        if run.config["kind"] != "student" or run.config["part"] != "student":
            continue
        first: Run | None = run
        while first is not None and first.config["kind"] == "student":  # back to the start of a chain
            first = runs.get(first.config["supervisor_run"])
        ceiling = ceilings.get(_about(run))
        if first is None or ceiling is None:
            missing.append(
                f"{name}, {run.config['model']}: no {'ceiling' if first else 'supervisor'} in the store"
            )
        else:
            results.append(Result(first, run, ceiling))
    return results, missing


def _about(run: Run) -> str:
    """The same for a student and its ceiling: data, model and how it is trained."""
    kept = {name: run.config[name] for name in ("data", "model", "weights", "seed")}
    # a ceiling that stops early stops by the truth, as its labels are, whatever a student stops by
    same = {"lr": run.config["train"]["lr"], **_settings(run), "early_stopping": None}
    return json.dumps([kept, same], sort_keys=True)


def _settings(run: Run) -> dict:
    """The settings of a run that a table has in common. Rates differ between models."""
    about = {
        name: value for name, value in run.config.items() if name not in (*NO_SETTING, "train", "hard_labels")
    }
    train = {name: value for name, value in run.config["train"].items() if name not in ("seed", "lr")}
    return about | train


def report_store(root: Path, out: Path) -> list[Path]:
    """Write OUT.html, OUT.md and pictures for the runs of the store `root`; returns what was written.

    A section a setting: numbers of examples, epochs, family. Raises ValueError where no student has
    both its supervisor and its ceiling there.
    """
    results, missing = results_of(Store(root))
    if not results:
        why = f": {missing[0]}" if missing else ""
        raise ValueError(f"{root} has no student with its supervisor and its ceiling{why}")
    groups: dict[str, list[Result]] = {}
    for result in results:
        hard = {"hard_labels": result.student.config["hard_labels"]}
        groups.setdefault(json.dumps(_settings(result.student) | hard, sort_keys=True), []).append(result)
    text, pictures = [f"# Runs in {root.name}", ""], []
    for number, (settings, members) in enumerate(groups.items(), 1):
        picture = out.with_name(f"{out.name}_{number}.png")
        text += _section(json.loads(settings), members, picture)
        pictures.append(picture)
    text += _made([run for r in results for run in (r.supervisor, r.student, r.ceiling)])
    if missing:
        text += ["## Left out", "", *(f"- {line}" for line in missing), ""]
    page = "\n".join(text)
    written = {
        out.with_name(f"{out.name}.md"): page,
        out.with_name(f"{out.name}.html"): _html(page, pictures),
    }
    for path, content in written.items():
        with written_whole(path) as temporary:
            temporary.write_text(content, encoding="utf-8")
    return [*written, *pictures]


def _section(settings: dict, members: list[Result], picture: Path) -> list[str]:
    """The lines of a section; draws its picture."""
    labelled = sorted(map(_labelled, members), key=_place)
    table = pd.DataFrame([result.row() for result in labelled])
    summary = summarise(labelled)
    draw(table, summary, picture)
    said = ", ".join(f"{name} {value}" for name, value in settings.items())
    lines = [f"## {_count(table['task'].nunique(), 'task')}, {_count(len(table), 'student')}", ""]
    lines += [f"Settings: {said}.", "", f"Learning rates: {_rates(members)}.", ""]
    lines += ["| task | supervisor | student | method | seeds | supervisor % | student % | ceiling % | PGR |"]
    lines += ["|---|---|---|---|---|---|---|---|---|"]
    undefined = []
    for row in summary.itertuples():
        numbers = (f"{100 * value:.1f}" for value in _accuracies(row))
        pgr = pgr_text(row.pgr, row.pgr_low, row.pgr_high, "" if row.defined else "see below")
        pair = (row.task, row.supervisor, row.student, row.method)
        lines.append("| " + " | ".join([*pair, str(row.seeds), *numbers, pgr]) + " |")
        if not row.defined:
            undefined.append(f"- {row.task}, {row.supervisor} → {row.student}, {row.method}: {row.why}")
    lines += ["", f"![accuracy and PGR with 95 % intervals]({picture.name})", ""]
    if undefined:
        lines += ["No PGR, since the gap is not clear:", "", *undefined, ""]
    return lines


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + "s" * (number != 1)


def _place(result: Result) -> tuple:
    """The order of rows: by task, then by size."""
    row = result.row()
    sizes = row["supervisor_parameters"], row["student_parameters"]
    return row["task"], *sizes, row["method"], row["seed"]


def _rates(members: list[Result]) -> str:
    runs = [run for result in members for run in (result.supervisor, result.student, result.ceiling)]
    rates = {(run.config["model"], run.config["train"]["lr"]) for run in runs if "train" in run.config}
    return ", ".join(f"{model} {rate:g}" for model, rate in sorted(rates))


def _accuracies(row) -> tuple[float, float, float]:
    return row.supervisor_accuracy, row.student_accuracy, row.ceiling_accuracy


def _labelled(result: Result) -> Result:
    """With the options of its method in the label, by which rows of a table are told apart."""
    config = result.student.config
    options = ", ".join(f"{name}={value}" for name, value in (config.get("options") or {}).items())
    name = "bootstrap" if "chain" in config else config["method"]
    return Result(
        result.supervisor, result.student, result.ceiling, f"{name}({options})" if options else name
    )


def _made(runs: list[Run]) -> list[str]:
    """How the runs were made: each way once, with the number of its runs."""
    ways: Counter[str] = Counter()
    for run in {run.name: run for run in runs}.values():
        made = run.metrics.get("made") or {}
        said = [f"{name} {value}" for name, value in made.items() if name not in ("at", "command") and value]
        said += [str(run.metrics.get("device", ""))] + (
            [f"`{made['command']}`"] if made.get("command") else []
        )
        ways["; ".join(filter(None, said)) or "not known: made by an older version"] += 1
    return ["## How they were made", "", *(f"- {count} runs: {way}" for way, count in ways.items()), ""]


STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:70em;margin:2em auto;padding:0 1em}"
    "td,th{padding:.2em .7em;text-align:left}img{max-width:100%}"
)


def _html(page: str, pictures: list[Path]) -> str:
    """The page as HTML that stands alone: pictures are in it."""
    inside = {
        path.name: "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()
        for path in pictures
    }
    body, rows = [], []
    for line in [*page.split("\n"), ""]:
        if line.startswith("| "):
            rows.append([html.escape(cell) for cell in line.strip("| ").split(" | ")])
            continue
        if rows and not line.startswith("|--"):
            head, *rest = rows
            cells = lambda row, tag: "".join(f"<{tag}>{cell}</{tag}>" for cell in row)
            body.append("<table><tr>" + cells(head, "th") + "</tr>")
            body += [f"<tr>{cells(row, 'td')}</tr>" for row in rest] + ["</table>"]
            rows = []
        if line.startswith("!["):
            alt, _, name = line[2:].rstrip(")").partition("](")
            body.append(f'<img alt="{html.escape(alt)}" src="{inside[name]}">')
        elif line.startswith("#"):
            level = len(line) - len(line.lstrip("#"))
            body.append(f"<h{level}>{html.escape(line[level + 1 :])}</h{level}>")
        elif line and not line.startswith("|--"):
            body.append(f"<p>{html.escape(line)}</p>")
    title = html.escape(page.split("\n")[0][2:])
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    return (
        f'<!doctype html><html lang="en"><head>{head}</head><body>\n' + "\n".join(body) + "\n</body></html>\n"
    )
