"""The kit without notebooks.

    python -m w2s_kit run --task danger --supervisor s --student xl --method confidence --seeds 3
    python -m w2s_kit sweep --tasks danger edible --supervisors s m --students l xl --seeds 5 --jobs 2 --out
    sweep.csv python -m w2s_kit report sweep.csv --picture sweep.png python -m w2s_kit doctor

Options are the fields of `experiment.Settings`, as in the notebooks: --n-train 1000, --hard-labels, --family
qwen, --lr 1e-3 or --lr small=1e-3,large=1e-4. What a method takes goes after --option: --option
alpha_max=0.5. Everything trained stands in the store, so a command that was stopped continues.
"""

from __future__ import annotations

# PyTorch takes seconds to import, so what needs it is imported where it is used: --help and typing errors
# come at once.
import argparse
import ast
import dataclasses
import inspect
import os
import sys
import tempfile
import types
import typing
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import __version__
from .course.doctor import check
from .shared.files import written_whole
from .shared.names import nearest

if TYPE_CHECKING:
    import pandas as pd

    from .experiment.settings import Settings
    from .experiment.store import Store

HELP = {
    "n_train": "examples in each half",
    "n_test": "examples in the test",
    "epochs": "passes over a half",
    "family": "of models: a name, ids of the hub or folders",
    "lr": "one rate, or NAME=RATE,NAME=RATE",
    "lora": "rank of adapters",
    "hard_labels": "weak labels as 0 and 1",
}
STOPPED = 130  # what a shell reports for a program that Ctrl-C ended


# ------------------------------------------------------------------------------------------ reading arguments
def value(text: str):
    """0.5 -> a number, true -> True, midweak -> itself."""
    try:
        return ast.literal_eval({"true": "True", "false": "False", "none": "None"}.get(text.lower(), text))
    except (ValueError, SyntaxError, MemoryError, RecursionError):  # the last two for thousands of brackets
        return text


def pair(text: str) -> tuple:
    key, equals, rest = text.partition("=")
    if not equals or not key:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return key, value(rest)


def rate(text: str):
    try:
        return (
            {key: float(given) for key, given in map(pair, text.split(","))} if "=" in text else float(text)
        )
    except (TypeError, ValueError):
        raise argparse.ArgumentTypeError(f"{text!r} is no rate: 1e-3, or NAME=1e-3,NAME=1e-4") from None


def from_one(text: str) -> int:
    """A whole number, at least 1."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return number


def named(text: str) -> str:
    """Any text but an empty one, as an unset variable of a script leaves it."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty")
    return text


def file(text: str) -> Path:
    return Path(named(text))


def add_settings(parser: argparse.ArgumentParser) -> None:
    """One option a field of Settings; what is not given keeps the task's default."""
    from .experiment.settings import Settings

    for field in dataclasses.fields(Settings):
        if field.name in ("task", "seed"):
            continue
        option: dict[str, Any] = {
            "dest": field.name,
            "default": argparse.SUPPRESS,
            "help": HELP.get(field.name),
        }
        if isinstance(field.default, bool):
            option["action"] = argparse.BooleanOptionalAction
        elif field.name == "lr":
            option["type"] = rate
        else:
            kind = type(field.default) if field.default is not None else int
            option["type"] = named if kind is str else kind
        parser.add_argument(f"--{field.name.replace('_', '-')}", **option)


def parser_for(argv: Sequence[str]) -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """The parser, and its commands by name. Settings' options are read off their class, if `argv` asks for
    them.
    """
    parser = argparse.ArgumentParser(
        prog="python -m w2s_kit", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"w2s_kit {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="one pair: supervisor, student, ceiling and PGR")
    sweep = commands.add_parser("sweep", help="every combination, into a table")
    for one, many in (("task", "tasks"), ("supervisor", "supervisors"), ("student", "students")):
        run.add_argument(f"--{one}", required=True, type=named)
        sweep.add_argument(f"--{many}", required=True, nargs="+", type=named, metavar="NAME")
    run.add_argument("--method", default="naive", type=named)
    sweep.add_argument("--methods", nargs="+", default=["naive"], type=named, metavar="NAME")
    sweep.add_argument("--jobs", type=from_one, default=1, help="processes side by side, at most one a seed")
    sweep.add_argument(
        "--out",
        type=file,
        required=True,
        help="OUT.csv: one row a run; OUT_summary.csv beside it: means, PGR",
    )
    for name, command in (("run", run), ("sweep", sweep)):
        if name in argv:
            add_settings(command)
        command.add_argument(
            "--option",
            dest="options",
            type=pair,
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="of the method",
        )
        command.add_argument(
            "--seeds",
            type=from_one,
            default=1,
            metavar="N",
            help="seeds 0 to N-1 (default 1; intervals want 5)",
        )
        command.add_argument("--store", type=named, default="runs", help="folder of runs (default: runs)")
    found = commands.add_parser("report", help="what a sweep found")
    found.add_argument("table", type=file)
    found.add_argument("--picture", type=file, help="accuracy and PGR against the student's size")
    commands.add_parser("doctor", help="can this machine run the kit?")
    return parser, dict(commands.choices)


# ---------------------------------------------------------------------------------- checks before any training
def check_writable(path: Path, option: str) -> None:
    """Raises ValueError where `path`, given by `option`, cannot become a file."""
    if path.is_dir():
        raise ValueError(f"{option} {path} is a folder: name a file in it")
    if not path.parent.is_dir():
        raise ValueError(f"{option} {path}: there is no folder {path.parent}; make it first")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
        if path.exists():
            path.open("ab").close()
    except OSError as error:
        raise ValueError(
            f"{option} {path} cannot be written ({error.strerror}): name another place"
        ) from error


def check_store(root: Path) -> None:
    """Raises ValueError where no run could be kept in the folder `root`, which is made with the first run."""
    there = next(
        folder for folder in (root, *root.absolute().parents) if folder.exists() or folder.is_symlink()
    )
    if not there.is_dir():
        raise ValueError(f"--store {root}: {there} is no folder; name another one")
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise ValueError(
            f"--store {root} cannot be written ({error.strerror}): name another folder"
        ) from error


def keywords(function: Callable) -> dict[str, Any]:
    """What a method's function takes by name, but for what an experiment hands it: name -> its type."""
    from .methods.method import option_names

    hints = typing.get_type_hints(function)
    return {name: hints.get(name, Any) for name in option_names(function)}


def fits(given, hint) -> bool:
    """Whether an option's value is of the type that its method names: float | None, say. Whole numbers are
    floats, too.
    """
    if hint is Any:
        return True
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return any(fits(given, one) for one in typing.get_args(hint))
    if typing.get_origin(hint) is not None:  # Sequence[str]
        return isinstance(given, (list, tuple))
    if hint is bool or isinstance(given, bool):
        return hint is bool and isinstance(given, bool)
    return isinstance(given, (int, float) if hint is float else hint)


def check_options(method: str, options: dict) -> None:
    """Raises ValueError for an unknown method, and for options that it does not take, or not of this type."""
    from .methods import METHODS, get_method

    function = get_method(method).function
    known = keywords(function)
    needed = [
        name
        for name, it in inspect.signature(function).parameters.items()
        if it.kind is it.KEYWORD_ONLY and it.default is it.empty
    ]
    if needed:
        whole = [name for name in METHODS if name != method]
        raise ValueError(
            f"method {method} takes {', '.join(needed)}, which are tables: call it from Python. Methods for the "
            f"command line: {', '.join(whole)}"
        )
    for name, given in options.items():
        if not known:
            raise ValueError(f"method {method} takes no options, got {name}")
        if name not in known:
            raise ValueError(nearest(f"option of {method}", name, known))
        if not fits(given, known[name]):
            wanted = getattr(known[name], "__name__", None) or str(known[name]).replace(
                "collections.abc.", ""
            )
            raise ValueError(f"--option {name}={given}: {method} takes {wanted} there, not {given!r}")


def check_once(what: str, names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"--{what} names {name!r} twice: name it once")


def settings_of(args: argparse.Namespace, tasks: Iterable[str]) -> list[Settings]:
    """Task by task: its own settings, and on top what was given. Raises ValueError that names the option."""
    from .experiment.settings import CHESS, PREFERENCE, Settings

    own = {"chess": CHESS, "dialogue": PREFERENCE}  # tasks whose settings are not those of language
    names = [field.name for field in dataclasses.fields(Settings)]
    given = {name: getattr(args, name) for name in names if hasattr(args, name)}
    try:
        return [dataclasses.replace(own.get(task, Settings("")), **given | {"task": task}) for task in tasks]
    except ValueError as error:
        name, _, rest = str(error).partition(" ")
        raise ValueError(f"--{name.replace('_', '-')} {rest}" if name in names else str(error)) from error


def check_task(settings: Settings, models: Sequence[str]) -> None:
    """Raises ValueError for what would end an experiment later: a task that cannot be loaded at this size,
    names of models that its family has not, rates and ranks that do not fit them.
    """
    from .models.families import load_family
    from .tasks import load_task

    family = load_family(settings.family)
    specs = [family[name] for name in dict.fromkeys(models)]
    for spec in specs:
        settings.train_config(spec, settings.early_stopping)
        if settings.lora and (width := width_of(spec.path)) and settings.lora > width:
            raise ValueError(
                f"--lora {settings.lora}: adapters of a rank above the model's width, {width} in {spec.name!r}, "
                "are larger than what they stand beside; 8 is usual"
            )
    load_task(
        settings.task,
        settings.seed,
        settings.n_train,
        settings.n_test,
        settings.fresh,
        settings.allow_rejected,
    )


def width_of(path: str) -> int | None:
    """How wide the layers of a language model are, by its configuration; None for another kind of model."""
    from transformers import AutoConfig

    from .models.families import with_revision

    name, revision = with_revision(path)
    return getattr(
        AutoConfig.from_pretrained(name, revision=revision, trust_remote_code=False), "hidden_size", None
    )


# ------------------------------------------------------------------------------------------------ the commands
def table_of(
    args: argparse.Namespace, tasks, supervisors, students, methods, jobs: int
) -> tuple[pd.DataFrame, Store]:
    """The table of `grid.grid`, one grid a task, and the store with its runs. All checks come before
    any training.
    """
    import pandas as pd

    from .experiment.grid import grid
    from .experiment.store import Store

    for what, names in (
        ("tasks", tasks),
        ("supervisors", supervisors),
        ("students", students),
        ("methods", methods),
    ):
        check_once(what, names)
    methods = {name: dict(args.options) for name in methods}
    for method, options in methods.items():
        check_options(method, options)
    check_store(Path(args.store))
    by_task = settings_of(args, tasks)
    for settings in by_task:
        check_task(settings, [*supervisors, *students])
    store, jobs = Store(args.store), min(jobs, args.seeds)  # a process has whole seeds
    tables = [
        grid.grid([settings.task], supervisors, students, methods, range(args.seeds), settings, store, jobs)
        for settings in by_task
    ]
    if not sum(map(len, tables)):
        smaller = ", or the rate is too large: try a smaller --lr" if hasattr(args, "lr") else ""
        raise ValueError(f"no student was trained; the warnings above say why{smaller}")
    return pd.concat(tables, ignore_index=True), store


def show(summary: pd.DataFrame) -> None:
    """Accuracies in per cent, and PGR with its 95 % interval, or why there is none."""
    from .metrics.pgr import pgr_text

    told = summary[["task", "supervisor", "student", "method", "seeds"]].copy()
    for who in ("supervisor", "student", "ceiling"):
        told[f"{who} %"] = (100 * summary[f"{who}_accuracy"]).map("{:.1f}".format)
    why = lambda row: (
        "" if row.defined else row.why if isinstance(row.why, str) else "the table gives no reason"
    )
    told["PGR"] = [pgr_text(row.pgr, row.pgr_low, row.pgr_high, why(row)) for row in summary.itertuples()]
    print(told.rename(columns={"supervisor": "weak", "student": "strong"}).to_string(index=False))


def summary_of(table: Path) -> Path:
    return table.with_name(f"{table.stem}_summary.csv")


NEEDED = (
    ["seed", "student_accuracy"],
    [
        "seeds",
        "supervisor_accuracy",
        "student_accuracy",
        "ceiling_accuracy",
        "pgr",
        "pgr_low",
        "pgr_high",
        "defined",
        "why",
    ],
)


def report(table: Path, picture: Path | None) -> None:
    """Prints the summary of a sweep, and draws it. Raises ValueError for tables that are none of a sweep."""
    import pandas as pd

    if picture:
        check_picture(picture)
    for path in (table, summary_of(table)):
        if not path.exists():
            raise ValueError(
                f"{path} is not there: python -m w2s_kit sweep --out {table} writes a table and its summary"
            )
    found = {}
    for path, needed in zip((table, summary_of(table)), NEEDED):
        try:
            found[path] = rows = pd.read_csv(path)
        except ValueError as error:  # pandas' own do not say which file
            raise ValueError(f"{path} cannot be read as a table: {' '.join(str(error).split())}") from error
        if missing := {"task", "supervisor", "student", "method", *needed} - set(rows):
            raise ValueError(
                f"{path} is no table of a sweep: no column {', '.join(sorted(missing))}; python -m w2s_kit sweep --out {table} makes it"
            )
        if rows.empty:
            raise ValueError(f"{path} has no rows: python -m w2s_kit sweep --out {table} makes it anew")
    rows, summary = found.values()
    show(summary)
    if picture:
        draw(rows, summary, picture)
        print(f"wrote {picture}")


def check_picture(path: Path) -> None:
    from matplotlib.figure import Figure

    known = Figure().canvas.get_supported_filetypes()
    if path.suffix.lower().removeprefix(".") not in known:
        raise ValueError(f"--picture {path}: a picture's name ends in one of .{', .'.join(sorted(known))}")
    check_writable(path, "--picture")


def draw(rows: pd.DataFrame, summary: pd.DataFrame, picture: Path) -> None:
    """A row of two axes a task, accuracy and PGR with 95 % intervals; over several tasks, their medians
    above.
    """
    import matplotlib.pyplot as plt

    from .report import plots

    methods, tasks = list(dict.fromkeys(summary["method"])), list(dict.fromkeys(summary["task"]))
    parts = [("", rows, summary)] if len(tasks) == 1 else [(f"median over {len(tasks)} tasks", rows, summary)]
    if len(tasks) > 1:
        parts += [(task, rows[rows["task"] == task], summary[summary["task"] == task]) for task in tasks]
    figure, axes = plt.subplots(
        len(parts), 2, figsize=(11, 4 * len(parts)), layout="constrained", squeeze=False
    )
    for (title, runs, means), (left, right) in zip(parts, axes):
        plots.accuracy_by_compute(runs, methods=methods, intervals=True, ax=left).set(title=title)
        plots.pgr_by_compute(means, methods=methods, intervals=True, ax=right).set(title=title)
    figure.savefig(picture, dpi=150 if len(parts) < 40 else 60)  # a picture has an end: 65,535 pixels
    plt.close(figure)


def sweep(args: argparse.Namespace) -> None:
    """Trains, writes the table and its summary, each whole or not at all, and prints the summary."""
    from .experiment.result import summarise

    for path in (args.out, summary_of(args.out)):
        check_writable(path, "--out")
    table, store = table_of(args, args.tasks, args.supervisors, args.students, args.methods, args.jobs)
    summary = summarise(table, store)
    for rows, path in ((table, args.out), (summary, summary_of(args.out))):
        with written_whole(path) as temporary:
            rows.to_csv(temporary, index=False)
    show(summary)


def run(args: argparse.Namespace) -> None:
    from .experiment.result import summarise

    show(summarise(*table_of(args, [args.task], [args.supervisor], [args.student], [args.method], 1)))


def main(argv: list[str] | None = None) -> int:
    """0: done. 1: the doctor found something. 2: an argument is unfit, or training failed. 130: stopped by
    Ctrl-C.
    """
    argv = sys.argv[1:] if argv is None else argv
    args: Any = None
    try:
        parser, commands = parser_for(argv)
        args, unknown = parser.parse_known_args(argv)
        if unknown:
            options = [name for action in commands[args.command]._actions for name in action.option_strings]
            commands[args.command].error(nearest("option", unknown[0].split("=")[0], options))
        if args.command == "doctor":
            return 0 if check(details=True) else 1
        if args.command == "report":
            report(args.table, args.picture)
        else:
            # After Ctrl-C, the helper of Python's that cleans up for workers would say so at length, after
            # our own line.
            os.environ.setdefault("PYTHONWARNINGS", "ignore:resource_tracker:UserWarning")
            {"run": run, "sweep": sweep}[args.command](args)
    except KeyboardInterrupt:
        print(f"\nw2s_kit: stopped{_continues(args)}", file=sys.stderr)
        return STOPPED
    except BrokenProcessPool:
        print(
            f"w2s_kit {args.command}: a process of --jobs was ended from outside, mostly for want of memory: take fewer --jobs{_continues(args)}",
            file=sys.stderr,
        )
        return 2
    except RuntimeError as error:
        if "out of memory" not in str(error):
            raise  # an error of the kit: its traceback is wanted
        print(f"w2s_kit {args.command}: {error}", file=sys.stderr)
        return 2
    except (
        ValueError,
        KeyError,
        OSError,
        MemoryError,
        FloatingPointError,
        ImportError,
    ) as error:  # a message helps, a traceback does not
        print(f"w2s_kit {args.command}: {said(error)}", file=sys.stderr)
        return 2
    return 0


def said(error: Exception) -> str:
    text = str(error.args[0] if isinstance(error, KeyError) and error.args else error)
    return f"{text} (--lr)" if isinstance(error, FloatingPointError) else text or type(error).__name__


def _continues(args: Any) -> str:
    """What is not lost, for a command that trains."""
    if not hasattr(args, "store"):
        return ""
    from .experiment.store import Store

    return f"; {len(Store(args.store).names())} runs are stored in {args.store}; the same command continues"


if __name__ == "__main__":
    sys.exit(main())
