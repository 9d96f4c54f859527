"""Runs notebooks in order and saves their outputs: `python -m w2s_kit.course.notebooks [notebook ...]`.

Pictures also go to results/figures/, and the scoreboard of claims is computed anew.

The saved file depends on the notebook and its results only, not on the machine, the clock or the front end.
So a rerun that changes nothing leaves no difference, and a strict comparison (nbval) of a later run with the
saved outputs is fair. Only the standard library is imported here: the settings below come before torch.
"""

from __future__ import annotations

import argparse
import base64
import os
import sys
import time
from pathlib import Path

from ..shared.files import written_whole

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
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}


def numbered(folder: Path) -> list[Path]:
    """The notebooks `NN_topic.ipynb` of `folder`, in reading order."""
    return sorted(folder.glob("[0-9][0-9]_*.ipynb"))


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
    """Every PNG of the notebook as a file of its own, `name`-1.png and so on."""
    for old in folder.glob(f"{name}-*.png"):
        old.unlink()
    outputs = [output.get("data", {}) for cell in nb.cells for output in cell.get("outputs", [])]
    images = [data["image/png"] for data in outputs if "image/png" in data]
    folder.mkdir(parents=True, exist_ok=True)
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
        remedy = "pip install 'w2s_kit[notebooks]'"
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
            save_figures(nb, path.stem, figures)
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
        prog="python -m w2s_kit.course.notebooks", description="Run notebooks in place, in order."
    )
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: every notebooks/NN_*.ipynb")
    parser.add_argument("--timeout", type=float, default=1800, metavar="SECONDS", help="a cell, default 1800")
    args = parser.parse_args(argv)
    paths = args.notebooks or numbered(Path("notebooks"))
    if not paths:
        print("no notebooks/NN_*.ipynb here: run this from the repository's root")
        return 2
    try:
        return _run_all(paths, args.timeout)
    except (KeyboardInterrupt, SystemExit) as stop:
        print("\nstopped: the notebook in hand is left as it was, those before it are saved")
        return 130 if isinstance(stop, KeyboardInterrupt) else int(stop.code or 0)


def _run_all(paths: list[Path], timeout: float) -> int:
    """Run the notebooks and compute the scoreboard of claims; returns the exit code."""
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    from .kernels import stopped_by_signals

    total = 0.0
    with stopped_by_signals():
        for done, path in enumerate(paths):
            print(f"{path} ...", end=" ", flush=True)
            try:
                seconds = execute(path, timeout, figures=Path("results/figures"))
            except (CellExecutionError, CellTimeoutError, RuntimeError, OSError, ValueError) as error:
                print("FAILED", error, *getattr(error, "__notes__", ()), sep="\n")
                print(f"{path} is left as it was. Notebooks saved before it: {done}. results/ is kept.")
                print(f"To try it again alone: python -m w2s_kit.course.notebooks {path}")
                return 1
            total += seconds
            print(f"{seconds:.1f} s", flush=True)
        if len(paths) > 1:
            print(f"{len(paths)} notebooks in {total:.0f} s")
        print(flush=True)
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
