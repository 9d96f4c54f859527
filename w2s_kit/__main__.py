"""The kit without notebooks.

    python -m w2s_kit run --task danger --supervisor s --student xl --method confidence --seeds 3
    python -m w2s_kit sweep --tasks danger edible --supervisors s m --students l xl --seeds 5 --jobs 2 --out sweep.csv
    python -m w2s_kit report sweep.csv --picture sweep.png
    python -m w2s_kit doctor

Options are the fields of `experiment.Settings`, as in the notebooks: --n-train 1000, --hard-labels, --family qwen, --lr 1e-3 or
--lr small=1e-3,large=1e-4. What a method takes goes after --option: --option alpha_max=0.5. Everything trained stands in the store, so a
command that was stopped continues.
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from .environment import check
from .experiment import CHESS, PREFERENCE, Settings, grid, summarise
from .methods import get_method
from .names import nearest
from .store import Store

DEFAULTS = {"chess": CHESS, "dialogue": PREFERENCE}  # tasks whose settings are not those of language
HELP = {"n_train": "examples in each half", "n_test": "examples in the test", "epochs": "passes over a half", "family": "of models: a name, ids of the hub or folders",
        "lr": "one rate, or NAME=RATE,NAME=RATE", "lora": "rank of adapters", "hard_labels": "weak labels as 0 and 1"}


def value(text: str):
    """0.5 -> a number, true -> True, midweak -> itself."""
    try:
        return ast.literal_eval({"true": "True", "false": "False", "none": "None"}.get(text.lower(), text))
    except (ValueError, SyntaxError):
        return text


def pair(text: str) -> tuple:
    key, equals, rest = text.partition("=")
    if not equals or not key:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return key, value(rest)


def rate(text: str):
    try:
        return {key: float(given) for key, given in map(pair, text.split(","))} if "=" in text else float(text)
    except (TypeError, ValueError):
        raise argparse.ArgumentTypeError(f"{text!r} is no rate: 1e-3, or NAME=1e-3,NAME=1e-4") from None


def add_settings(parser: argparse.ArgumentParser) -> None:
    """One option a field of Settings; what is not given keeps the task's default."""
    for field in dataclasses.fields(Settings):
        if field.name in ("task", "seed"):
            continue
        option: dict[str, Any] = {"dest": field.name, "default": argparse.SUPPRESS, "help": HELP.get(field.name)}
        if isinstance(field.default, bool):
            option["action"] = argparse.BooleanOptionalAction
        else:
            option["type"] = rate if field.name == "lr" else type(field.default) if field.default is not None else int
        parser.add_argument(f"--{field.name.replace('_', '-')}", **option)
    parser.add_argument("--option", dest="options", type=pair, action="append", default=[], metavar="NAME=VALUE", help="of the method")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="seeds 0 to N-1 (default 1; intervals want 5)")
    parser.add_argument("--store", help="folder of runs (default: runs)")


def keywords(method: Callable) -> list[str]:
    """What a method takes by name, but for what an experiment hands it."""
    return [name for name, it in inspect.signature(method).parameters.items() if it.kind is it.KEYWORD_ONLY and name not in ("validation", "checkpoint")]


def table_of(args: argparse.Namespace, tasks, supervisors, students, methods, jobs: int) -> tuple[pd.DataFrame, Store]:
    store, given = Store(args.store) if args.store else Store(), {f.name: getattr(args, f.name) for f in dataclasses.fields(Settings) if hasattr(args, f.name)}
    methods = {name: dict(args.options) for name in methods}
    for method, options in methods.items():
        known = ["through"] if method == "bootstrap" else keywords(get_method(method))
        for name in options:
            if not known:
                raise ValueError(f"method {method} takes no options, got {name}")
            if name not in known:
                raise ValueError(nearest(f"option of {method}", name, known))
    tables = [grid([task], supervisors, students, methods, range(args.seeds), dataclasses.replace(DEFAULTS.get(task, Settings("")), **given), store, jobs) for task in tasks]
    if not sum(map(len, tables)):
        raise ValueError("no student was trained; the warnings above say why")
    return pd.concat(tables, ignore_index=True), store


def show(summary: pd.DataFrame) -> None:
    """Accuracies in per cent, and PGR with its 95 % interval, or why there is none."""
    told = summary[["task", "supervisor", "student", "method", "seeds"]].copy()
    for who in ("supervisor", "student", "ceiling"):
        told[f"{who} %"] = (100 * summary[f"{who}_accuracy"]).map("{:.1f}".format)
    told["PGR"] = [f"{row.pgr:.2f} [{row.pgr_low:.2f}, {row.pgr_high:.2f}]" if row.defined else f"undefined: {row.why}" for row in summary.itertuples()]
    print(told.rename(columns={"supervisor": "weak", "student": "strong"}).to_string(index=False))


def summary_of(table: Path) -> Path:
    return table.with_name(f"{table.stem}_summary.csv")


def report(table: Path, picture: Path | None) -> None:
    """Prints the summary of a sweep, and draws it. Raises ValueError for tables that are none of a sweep."""
    for path in (table, summary_of(table)):
        if not path.exists():
            raise ValueError(f"{path} is not there: python -m w2s_kit sweep --out {table} writes a table and its summary")
    found = {path: pd.read_csv(path) for path in (table, summary_of(table))}
    for (path, rows), needed in zip(found.items(), (["seed", "student_accuracy"], ["pgr", "defined", "why"])):
        if missing := {"task", "supervisor", "student", "method", *needed} - set(rows):
            raise ValueError(f"{path} is no table of a sweep: no column {', '.join(sorted(missing))}; python -m w2s_kit sweep --out {table} makes it")
    rows, summary = found.values()
    show(summary)
    if picture:
        import matplotlib.pyplot as plt

        from . import plots

        figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
        methods = list(dict.fromkeys(summary["method"]))
        plots.accuracy_by_compute(rows, methods=methods, ax=left)
        plots.pgr_by_compute(summary, methods=methods, ax=right)
        figure.savefig(picture, dpi=150)
        print(f"wrote {picture}")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m w2s_kit", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="one pair: supervisor, student, ceiling and PGR")
    sweep = commands.add_parser("sweep", help="every combination, into a table")
    for one, many in (("task", "tasks"), ("supervisor", "supervisors"), ("student", "students")):
        run.add_argument(f"--{one}", required=True)
        sweep.add_argument(f"--{many}", required=True, nargs="+", metavar="NAME")
    run.add_argument("--method", default="naive")
    sweep.add_argument("--methods", nargs="+", default=["naive"], metavar="NAME")
    sweep.add_argument("--jobs", type=int, default=1, help="processes side by side")
    sweep.add_argument("--out", type=Path, required=True, help="OUT.csv: one row a run; OUT_summary.csv beside it: means, PGR")
    for command in (run, sweep):
        add_settings(command)
    found = commands.add_parser("report", help="what a sweep found")
    found.add_argument("table", type=Path)
    found.add_argument("--picture", type=Path, help="accuracy and PGR against the student's size")
    commands.add_parser("doctor", help="can this machine run the kit?")
    args, unknown = parser.parse_known_args(argv)
    if unknown:
        options = [name for action in commands.choices[args.command]._actions for name in action.option_strings]
        parser.error(nearest("option", unknown[0].split("=")[0], options))
    if args.command == "doctor":
        return 0 if check(details=True) else 1
    try:
        if args.command == "run":
            show(summarise(*table_of(args, [args.task], [args.supervisor], [args.student], [args.method], 1)))
        elif args.command == "sweep":
            table, store = table_of(args, args.tasks, args.supervisors, args.students, args.methods, args.jobs)
            summary = summarise(table, store)
            for rows, path in ((table, args.out), (summary, summary_of(args.out))):
                rows.to_csv(f"{path}.tmp", index=False)
                Path(f"{path}.tmp").replace(path)
            show(summary)
        else:
            report(args.table, args.picture)
    except (ValueError, KeyError, OSError, MemoryError) as error:  # OneSided and unknown names among them: a message helps, a traceback does not
        print(f"w2s_kit {args.command}: {error.args[0] if isinstance(error, KeyError) and error.args else error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
