"""Weak-to-strong generalization from the command line.

    w2s-kit notebooks --copy w2s
    w2s-kit run --task danger --supervisor s --student xl --method confidence --seeds 3
    w2s-kit run study.toml --dry-run
    w2s-kit sweep --tasks danger edible --supervisors s m --students l xl --seeds 5 --out sweep.csv
    w2s-kit report sweep.csv --picture sweep.png
    w2s-kit doctor

`python -m w2s_kit` is the same command.

Options are the fields of `experiment.settings.Settings`, as in the notebooks: --n-train 1000, --hard-labels,
--family qwen, --lr 1e-3 or --lr small=1e-3,large=1e-4. What a method takes goes after --option: --option
alpha_max=0.5. `sweep --jobs 2` trains in two processes. Everything trained stands in the store, so a command
that was stopped continues.
"""

from __future__ import annotations

# PyTorch takes seconds to import, so what needs it is imported where it is used: --help and typing errors
# come at once.
import argparse
import io
import os
import shlex
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import __version__
from .course.doctor import check
from .experiment.arguments import add_settings, changes_of, check_writable, file, filled, from_one, pair
from .shared.names import here, nearest

if TYPE_CHECKING:
    from .experiment.study import Study

STOPPED = 130  # what a shell reports for a program that Ctrl-C ended


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code.

    0: done. 1: the doctor found something. 2: an argument is unfit, or training failed. 130: Ctrl-C.
    """
    argv = sys.argv[1:] if argv is None else argv
    args: Any = None
    _accept_any_console()
    try:
        parser, commands = parsers()
        args, unknown = parser.parse_known_args(argv)
        refused = commands.get(args.command, parser)
        if unknown:
            refused.error(_not_understood(unknown[0].split("=")[0], refused))
        if args.command is None:
            parser.error(f"name a command: {', '.join(commands)}")
        if args.command in ("doctor", "notebooks", "report"):
            return told(args)
        # After Ctrl-C, a process of Python's own cleans up for the workers. It would report that at
        # length, after our own line.
        os.environ.setdefault("PYTHONWARNINGS", "ignore:resource_tracker:UserWarning")
        {"run": run, "sweep": sweep}[args.command](args)
    except KeyboardInterrupt:
        print(f"\nw2s_kit: stopped{_continues(args)}", file=sys.stderr)
        return STOPPED
    except BrokenProcessPool:
        print(
            f"w2s_kit {args.command}: a process of --jobs was ended from outside, mostly for want of memory: "
            f"take fewer --jobs{_continues(args)}",
            file=sys.stderr,
        )
        return 2
    except RuntimeError as error:
        if "out of memory" not in str(error):
            raise  # an error of the kit: its traceback is wanted
        print(f"w2s_kit {args.command}: {error}", file=sys.stderr)
        return 2
    except (ValueError, KeyError, OSError, MemoryError, FloatingPointError, ImportError) as error:
        # a message helps, a traceback does not
        print(f"w2s_kit {args.command}: {_message(error)}", file=sys.stderr)
        return 2
    return 0


def _not_understood(word: str, parser: argparse.ArgumentParser) -> str:
    options = [name for action in parser._actions for name in action.option_strings]
    if word.startswith("-"):
        return nearest("option", word, options)
    return f"{word!r} belongs to no option. Known: {', '.join(options)}"


def told(args: argparse.Namespace) -> int:
    """Run a command that trains nothing; returns its exit code.

    After `| head` nobody reads on, which is no fault. Of a command that trains, a broken pipe is one: it may
    be another than that of the console.
    """
    code = 0
    try:
        if args.command == "doctor":
            code = 0 if check(details=True) else 1
        elif args.command == "notebooks":
            notebooks(args.copy)
        else:
            report(args)
        sys.stdout.flush()  # here, so that it is noticed here
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _accept_any_console() -> None:
    """A sign that the console lacks is printed as a question mark, and ends nothing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _message(error: Exception) -> str:
    text = str(error.args[0] if isinstance(error, KeyError) and error.args else error)
    return f"{text} (--lr)" if isinstance(error, FloatingPointError) else text or type(error).__name__


def _continues(args: Any) -> str:
    """What is not lost when a command that trains is stopped; "" for the other commands."""
    if not hasattr(args, "store"):
        return ""
    from .experiment.store import Store

    return f"; {len(Store(args.store).names())} runs are stored in {args.store}; the same command continues"


# -------------------- reading arguments
def parsers() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """The parser of the whole line, and those of its commands by name."""
    parser = argparse.ArgumentParser(
        prog="w2s-kit", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"w2s_kit {__version__}")
    commands = parser.add_subparsers(dest="command")
    run = commands.add_parser("run", help="one pair: supervisor, student, ceiling and PGR")
    sweep = commands.add_parser("sweep", help="every combination, into a table")
    run.add_argument("study", nargs="?", type=file, help="a TOML file that says all, in place of options")
    _add_names(run, sweep)
    sweep.add_argument(
        "--out",
        type=file,
        required=True,
        help="OUT.csv: one row a run; OUT_summary.csv beside it: means, PGR",
    )
    for command in (run, sweep):
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
        command.add_argument("--store", type=filled, default="runs", help="folder of runs (default: runs)")
        command.add_argument(
            "--jobs", type=from_one, default=1, help="processes, at most one for each task and seed"
        )
        command.add_argument(
            "--dry-run", action="store_true", help="say what would be trained, how long it takes, and stop"
        )
    notebooks = commands.add_parser(
        "notebooks", help="list the notebooks that come with the kit, or copy them"
    )
    notebooks.add_argument(
        "--copy", type=file, metavar="DIR", help="into this folder; nothing is overwritten"
    )
    report = commands.add_parser("report", help="what a sweep found, or a page of what a store has")
    report.add_argument("table", type=file, help="the table of a sweep, or the folder of a store")
    report.add_argument(
        "--out", type=file, help="of a store: OUT.html, OUT.md and pictures (default: report)"
    )
    report.add_argument("--picture", type=file, help="accuracy and PGR against the student's size")
    commands.add_parser("doctor", help="can this machine run the kit?")
    return parser, dict(commands.choices)


def _add_names(run: argparse.ArgumentParser, sweep: argparse.ArgumentParser) -> None:
    """The names that a run has one of, and a sweep one or more."""
    for one, what in (
        ("task", "such as danger, or rows:FILE for your own data; an unknown name lists all"),
        ("supervisor", "weak model of the family: xs, s, m, l, xl unless --family says otherwise"),
        ("student", "strong model of the family"),
    ):
        run.add_argument(f"--{one}", type=filled, metavar="NAME", help=what)
        sweep.add_argument(f"--{one}s", required=True, nargs="+", type=filled, metavar="NAME", help=what)
    ways = "how students learn (default: naive); an unknown name lists all"
    run.add_argument("--method", type=filled, metavar="NAME", help=ways)
    sweep.add_argument("--methods", nargs="+", default=["naive"], type=filled, metavar="NAME", help=ways)


# -------------------- notebooks
def notebooks(folder: Path | None) -> None:
    """List the notebooks that come with the kit, or copy them into `folder`."""
    from .course.copies import copy, shipped, title

    if folder is None:
        for name, path in shipped().items():
            print(f"{name:<41} {title(path)}")
        print("w2s-kit notebooks --copy DIR copies them into a folder to work in")
        return
    written, kept = copy(folder)
    for path in kept:
        print(f"kept {path}, which differs from the kit's: it may hold your answers")
    first = f"{here('jupyter')} lab {shlex.quote(str(folder / '00_start_here.ipynb'))}"
    print(f"{len(written)} notebooks copied into {folder}. Begin with:\n{first}")


# -------------------- report
def report(args: argparse.Namespace) -> None:
    """Print what a sweep found, and draw it; or write the page of a store."""
    if not args.table.is_dir():
        if args.out:
            raise ValueError(f"--out goes with the folder of a store, and {args.table} is none")
        from .report.sweeps import report

        report(args.table, args.picture)
        return
    if args.picture:
        raise ValueError(f"--picture goes with the table of a sweep; of a store, {args.table}, give --out")
    out = args.out or Path("report")
    check_writable(out.with_name(f"{out.name}.html"), "--out")
    from .report.stored import report_store

    for path in report_store(args.table, out):
        print(f"wrote {path}")


# -------------------- run and sweep
def run(args: argparse.Namespace) -> None:
    """Train one pair by one method, or what a file says, and print its summary."""
    one = {name: getattr(args, name) for name in ("task", "supervisor", "student")}
    missing = [f"--{name}" for name, given in one.items() if not given]
    if args.study is None and missing:
        raise ValueError(f"{', '.join(missing)}: give them, or a file: w2s-kit run study.toml")
    from .experiment.study import Study, read_study

    if args.study is None:
        study = Study(
            [args.task],
            [(args.supervisor, args.student)],
            {args.method or "naive": dict(args.options)},
            range(args.seeds),
            changes_of(args),
            args.store,
        )
        study.check()
    else:
        plain = vars(parsers()[1]["run"].parse_args([str(args.study)]))
        given = {name for name, value in vars(args).items() if value != plain.get(name)}
        if beside := sorted(given - {"command", "jobs", "dry_run"}):
            option = beside[0].replace("options", "option").replace("_", "-")
            raise ValueError(f"--{option} beside {args.study}: write it into the file")
        study = read_study(args.study)
        args.store = study.store
    measured(study, args)


def sweep(args: argparse.Namespace) -> None:
    """Train every combination, write the table and its summary, and print the summary."""
    from .experiment.checks import check_once
    from .experiment.study import Study, across
    from .report.sweeps import summary_of

    for path in (args.out, summary_of(args.out)):
        check_writable(path, "--out")
    check_once("methods", args.methods)
    options = dict(args.options)
    study = Study(
        args.tasks,
        across(args.supervisors, args.students),
        {method: options for method in args.methods},
        range(args.seeds),
        changes_of(args),
        args.store,
        args.out,
    )
    study.check()
    measured(study, args)


def measured(study: Study, args: argparse.Namespace) -> None:
    """Train what a study says, write its table and summary where it has `out`, and print the summary.

    Each of the two files is written whole or not at all. With --dry-run: say what it would take.
    """
    from .experiment.result import summarise
    from .experiment.store import Store
    from .report.sweeps import show, summary_of
    from .shared.files import written_whole

    if args.dry_run:
        from .experiment.planning import plan

        print(plan(study, args.jobs))
        return
    store = Store(study.store)
    table = study.table(store, args.jobs)
    summary = summarise(table, store)
    if study.out:
        for rows, path in ((table, study.out), (summary, summary_of(study.out))):
            with written_whole(path) as temporary:
                rows.to_csv(temporary, index=False)
    show(summary)


if __name__ == "__main__":
    sys.exit(main())
