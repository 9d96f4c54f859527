"""Runs notebooks and saves their outputs: `python -m w2s_kit.course.notebooks [notebook ...]`.

Two run at a time, those that take longest first. Pictures also go to results/figures/. After a run of all of
them the scoreboard of claims is computed anew.

The saved file depends on the notebook and its results only, not on the machine, the clock or the front end.
So a rerun that changes nothing leaves no difference, and a strict comparison (nbval) of a later run with the
saved outputs is fair. Only the standard library is imported here: the settings below come before torch.
"""

from __future__ import annotations

import argparse
import base64
import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from ..shared.files import written_whole
from ..shared.names import pip

# Set before anything is imported in the kernel (these are read at import). conftest.py sets them for tests.
KERNEL_ENV = {
    "HF_HUB_OFFLINE": "1",  # the mini tier needs no network, and must not notice whether there is one
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "OMP_NUM_THREADS": "1",  # sums in one order, whatever the number of cores; for small models no slower
    "CUDA_VISIBLE_DEVICES": "",  # saved numbers are a CPU's, in float32; in Jupyter everybody has their GPU
    "TOKENIZERS_PARALLELISM": "false",  # otherwise a warning whenever a process forks after tokenising
    # No progress bars: a bar's text holds times, and whether it appears at all depends on speed.
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TQDM_DISABLE": "1",  # tqdm's notebook bars ignore it, so code that draws one passes it on as `disable`
}
FIGURES = Path("results/figures")
TIMES = Path("results/benchmarks/notebooks.csv")  # how long each notebook took, for the order of the next run
ANSWERS = "solutions"  # the folder of worked answers, beside the notebooks
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}


def numbered(folder: Path) -> list[Path]:
    """The notebooks `NN_topic.ipynb` of `folder`, in reading order."""
    return sorted(folder.glob("[0-9][0-9]_*.ipynb"))


def whole_course(folder: Path) -> list[Path]:
    """All that a run of the whole course runs: the notebooks of `folder`, then their worked answers."""
    return numbered(folder) + numbered(folder / ANSWERS)


def name_of(path: Path) -> str:
    """What a notebook is called in the table of times and in results/figures: "02_nlp_scaling".

    Its worked answers have the same file name, so they are called "solutions/02_nlp_scaling".
    """
    return f"{ANSWERS}/{path.stem}" if path.absolute().parent.name == ANSWERS else path.stem


def heaviest_first(paths: Iterable[Path], times: Path = TIMES) -> list[Path]:
    """`paths` in the order to start them in when several run side by side: the longest first.

    `times`: a table of notebooks and their seconds. What it does not know comes before all others. Raises
    ValueError where it cannot be read.
    """
    seconds = _known_times(times)
    return sorted(paths, key=lambda path: (-seconds.get(name_of(path), float("inf")), name_of(path)))


def _known_times(times: Path) -> dict[str, float]:
    """The seconds of each notebook in a table of times, which need not be there yet."""
    if not times.exists():
        return {}
    with times.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        try:
            return {row["notebook"]: float(row["seconds"]) for row in rows}
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"{times}, line {rows.line_num}: no notebook and its seconds are there. Delete the file: it "
                "only says in which order notebooks run, and --timings writes it anew"
            ) from error


def kernel_environment() -> dict[str, str]:
    """This process's environment for a kernel. MPLBACKEND is left out: it would switch inline figures off."""
    return {k: v for k, v in os.environ.items() if k != "MPLBACKEND"} | KERNEL_ENV


def normalise(nb) -> None:
    """Remove, in place, what differs between machines and runs: kernel, Python version, widgets, timestamps.

    A saved widget is dead without its state, and GitHub shows no notebook that holds it; its text stays.
    """
    nb.metadata.pop("widgets", None)
    nb.metadata.kernelspec = dict(KERNELSPEC)
    nb.metadata.language_info = {"name": "python"}
    for cell in nb.cells:
        cell.metadata.pop("execution", None)
        cell.metadata.pop("ExecuteTime", None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)  # a random id


def save_figures(nb, name: str, folder: Path) -> None:
    """Every PNG of the notebook as a file of its own, `name`-1.png and so on; `name` as `name_of` has it."""
    for old in folder.glob(f"{name}-*.png"):
        old.unlink()
    outputs = [output.get("data", {}) for cell in nb.cells for output in cell.get("outputs", [])]
    images = [data["image/png"] for data in outputs if "image/png" in data]
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(images, 1):
        (folder / f"{name}-{number}.png").write_bytes(base64.b64decode(image))


def execute(path: Path, timeout: float | None = 1800, figures: Path | None = None) -> float:
    """Run one notebook in place with this interpreter; returns seconds. Its pictures also go into `figures`.

    `timeout` is in seconds a cell. The kernel and all that it started have ended when this returns or raises,
    also after Ctrl-C or SIGTERM. Any failure leaves the file as it was, and a note of the error says which
    cell it was and what to do. Raises nbclient's CellExecutionError, CellTimeoutError and DeadKernelError,
    RuntimeError where no kernel starts, and ValueError where `path` holds no notebook.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, CellTimeoutError

        from .kernels import run, stopped_by_signals
    except ImportError as error:
        remedy = pip("w2s_kit[notebooks]")
        raise ImportError(f"running notebooks needs more than the kit itself: {remedy}") from error
    try:
        nb = nbformat.read(path, as_version=4)
    except OSError:
        raise
    except Exception as error:  # of several kinds, depending on what is wrong with the file
        raise ValueError(f"{path}: no notebook can be read there ({error})") from error
    started: list[int] = []
    client = NotebookClient(
        nb,
        timeout=timeout,
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=lambda cell, cell_index: started.append(cell_index),
    )
    start = time.perf_counter()
    try:
        run(client)
    except (CellExecutionError, CellTimeoutError, RuntimeError) as error:
        error.add_note(_what_to_do(error, nb, started[-1] if started else None))
        raise
    seconds = time.perf_counter() - start
    normalise(nb)
    with stopped_by_signals(), written_whole(path) as temporary:  # any failure leaves the notebook as it was
        nbformat.write(nb, temporary)
        if figures is not None:
            save_figures(nb, name_of(path), figures)
    return seconds


def _what_to_do(error: Exception, nb, cell: int | None) -> str:
    """Where a run failed, and the remedy. `cell`: index of the last cell that started, None if none did."""
    if cell is None:
        return "No kernel started. To find out what is missing: python -m w2s_kit doctor"
    remedy = {
        "CellExecutionError": "Its error stands above. Mend the cell, or what it calls.",
        "CellTimeoutError": "It took too long. Let it do less, or give more time: --timeout SECONDS",
        "DeadKernelError": "The kernel died in it. Mostly that is for lack of memory: close other programs.",
    }.get(type(error).__name__, "")
    lines = nb.cells[cell].source.strip().splitlines()
    return f"Cell {cell + 1} of {len(nb.cells)} failed. It begins: {lines[0]}\n{remedy}"


def main(argv: list[str] | None = None) -> int:
    """Run the notebooks that are named, or all; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m w2s_kit.course.notebooks",
        description="Run notebooks in place, and after all of them compute the scoreboard of claims.",
    )
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: the whole course")
    parser.add_argument("--timeout", type=float, default=1800, metavar="SECONDS", help="a cell, default 1800")
    parser.add_argument(
        "--jobs",
        type=int,
        default=min(2, os.cpu_count() or 1),
        metavar="N",
        help="how many run side by side, each in one thread; default 2, or 1 where there is one core",
    )
    parser.add_argument(
        "--timings",
        action="store_true",
        help=f"write into {TIMES} how long each took, by which the next run orders them; for a release, on a "
        "machine that does nothing else",
    )
    args = parser.parse_args(argv)
    if args.jobs < 1:
        parser.error(f"--jobs {args.jobs}: it takes one at least")
    paths = args.notebooks or whole_course(Path("notebooks"))
    if not paths:
        print("no notebooks/NN_*.ipynb here: run this from the repository's root")
        return 2
    jobs, seconds, start = min(args.jobs, len(paths)), {}, time.perf_counter()
    try:
        # also before --timings: what cannot be renewed should be told before an hour of work
        ordered = heaviest_first(paths) if jobs > 1 or args.timings else paths
    except ValueError as error:
        print(error)
        return 2
    try:
        if jobs == 1:
            done = _one_by_one(paths, args.timeout, seconds)
        else:
            done = _side_by_side(ordered, args.timeout, seconds, jobs)
    except (KeyboardInterrupt, SystemExit) as stop:
        print("\nstopped: what was running is left as it was, what had ended is saved")
        return 130 if isinstance(stop, KeyboardInterrupt) else int(stop.code or 0)
    if len(paths) > 1:
        took = f"{len(paths)} notebooks in {time.perf_counter() - start:.0f} s"
        print(took if done else f"Notebooks saved before it: {len(seconds)}. results/ is kept.", flush=True)
    if not done:
        return 1
    if args.timings:
        _write_times(seconds)
    return 0 if args.notebooks else _scoreboard()


def _one_by_one(paths: list[Path], timeout: float, seconds: dict[Path, float]) -> bool:
    """Run the notebooks here, in this order, and enter the `seconds` of each; whether all went well."""
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    from .kernels import stopped_by_signals

    with stopped_by_signals():
        for path in paths:
            print(f"{path} ...", end=" ", flush=True)
            try:
                seconds[path] = execute(path, timeout, figures=FIGURES)
            except (CellExecutionError, CellTimeoutError, RuntimeError, OSError, ValueError) as error:
                print("FAILED", error, *getattr(error, "__notes__", ()), sep="\n")
                print(f"{path} is left as it was.")
                print(f"To try it again alone: python -m w2s_kit.course.notebooks {path}")
                return False
            print(f"{seconds[path]:.1f} s", flush=True)
    return True


def _side_by_side(paths: list[Path], timeout: float, seconds: dict[Path, float], jobs: int) -> bool:
    """Run `jobs` notebooks at a time, begun in this order, each by a process that does as `_one_by_one`.

    Where one fails, those that run beside it are ended, too, and no other is started.
    """
    from .kernels import stopped_by_signals

    command = [sys.executable, "-m", "w2s_kit.course.notebooks", f"--timeout={timeout}"]
    waiting = list(paths)
    running: dict[Path, subprocess.Popen] = {}
    began: dict[Path, float] = {}
    with tempfile.TemporaryDirectory() as folder, stopped_by_signals():
        try:
            while waiting or running:
                while waiting and len(running) < jobs:
                    path = waiting.pop(0)
                    began[path] = time.perf_counter()
                    print(f"{path} begins", flush=True)
                    with Path(folder, str(list(began).index(path))).open("w") as said:
                        running[path] = subprocess.Popen(
                            [*command, str(path)],
                            stdout=said,
                            stderr=subprocess.STDOUT,
                            start_new_session=True,  # signals come here, and `_end` passes them on
                        )
                time.sleep(0.1)
                for path in [path for path, process in running.items() if process.poll() is not None]:
                    process = running.pop(path)
                    printed = Path(
                        folder, str(list(began).index(path))
                    )  # answers share their notebook's name
                    print(printed.read_text(errors="replace").strip(), flush=True)
                    if process.returncode:
                        return False
                    seconds[path] = time.perf_counter() - began[path]
        finally:
            _end(list(running.values()))
    return True


def _end(processes: list[subprocess.Popen]) -> None:
    """End the processes, which end their kernels. A second signal here does not wait: it is passed on."""
    try:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()
    except BaseException:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()
        raise


def _write_times(seconds: dict[Path, float]) -> None:
    """The seconds of each notebook into the table of times, beside those of notebooks that did not run."""
    known = _known_times(TIMES) | {name_of(path): spent for path, spent in seconds.items()}
    TIMES.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{notebook},{spent:.1f}\n" for notebook, spent in sorted(known.items())]
    with written_whole(TIMES) as temporary:
        temporary.write_text("notebook,seconds\n" + "".join(lines), encoding="utf-8")


def _scoreboard() -> int:
    """Compute the scoreboard of claims, and write it where this is a clone; returns the exit code."""
    write = ["--write"] if Path("docs").is_dir() and Path("results").is_dir() else []
    from ..report.claims.verdicts import main as scoreboard  # late: it imports pandas and Matplotlib

    try:
        scoreboard(write)
    except (OSError, ValueError) as error:
        print(f"the notebooks are saved, but there is no scoreboard of claims: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
