"""Runs the numbered notebooks in order and saves their outputs: `python -m w2s_kit.notebooks [notebook ...]`.

Pictures also go to results/figures/, and the scoreboard of claims is computed anew.

The saved file depends on the notebook and its results only, not on the machine, the clock or the front end, so that a rerun
that changes nothing leaves no difference, and a strict comparison (nbval) of a later run with the saved outputs is fair.
"""
from __future__ import annotations

import argparse
import base64
import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path

# Set before anything is imported in the kernel (these are read at import). The root conftest sets the same ones for the tests.
KERNEL_ENV = {
    "HF_HUB_OFFLINE": "1",              # the mini tier needs no network, and must not notice whether there is one
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "OMP_NUM_THREADS": "1",             # sums in one order, whatever the number of cores; for small models no slower
    "CUDA_VISIBLE_DEVICES": "",         # saved numbers are a CPU's, in float32; whoever opens a notebook in Jupyter has their GPU
    "TOKENIZERS_PARALLELISM": "false",  # otherwise a warning whenever a process forks after tokenising
    # No progress bars: a bar's text holds times, and whether it appears at all depends on speed.
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TQDM_DISABLE": "1",                # tqdm's notebook bars ignore it, so code that draws one passes it on as `disable`
}
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}


def numbered(folder: Path) -> list[Path]:
    """The notebooks `NN_topic.ipynb` of `folder`, in reading order."""
    return sorted(folder.glob("[0-9][0-9]_*.ipynb"))


def kernel_environment() -> dict[str, str]:
    """This process's environment for a notebook kernel. MPLBACKEND is left out: it would switch inline figures off."""
    return {k: v for k, v in os.environ.items() if k != "MPLBACKEND"} | KERNEL_ENV


def normalise(nb) -> None:
    """Remove, in place, what differs between machines and runs: kernel and Python version, widgets, timestamps.

    A saved widget is dead without its state, and GitHub refuses to show a notebook that holds the state; its text stays.
    """
    nb.metadata.pop("widgets", None)
    nb.metadata.kernelspec = dict(KERNELSPEC)
    nb.metadata.language_info = {"name": "python"}
    for cell in nb.cells:
        cell.metadata.pop("execution", None)
        cell.metadata.pop("ExecuteTime", None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)    # a random id


def save_figures(nb, name: str, folder: Path) -> None:
    """Every PNG of the notebook as a file of its own, `name`-1.png and so on."""
    for old in folder.glob(f"{name}-*.png"):
        old.unlink()
    images = [output["data"]["image/png"] for cell in nb.cells for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(images, 1):
        (folder / f"{name}-{number}.png").write_bytes(base64.b64decode(image))


def execute(path: Path, timeout: float | None = 1800, figures: Path | None = None) -> float:
    """Run one notebook in place with this interpreter; returns seconds. Its pictures also go into the folder `figures`.

    A cell that fails raises nbclient's CellExecutionError (the cell and its traceback) and leaves the file as it was.
    `timeout` is in seconds a cell.
    """
    import nbformat
    from ipykernel.kernelspec import RESOURCES, get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    class ThisInterpreter(KernelSpecManager):
        """Whatever kernel the notebook names or the user has registered, run the environment that runs this line."""
        def get_kernel_spec(self, kernel_name):
            return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())

    nb = nbformat.read(path, as_version=4)
    client = NotebookClient(nb, km=AsyncKernelManager(kernel_spec_manager=ThisInterpreter()), timeout=timeout,
                            record_timing=False, coalesce_streams=True, extra_arguments=["--log-level=ERROR"],
                            resources={"metadata": {"path": str(path.parent)}})
    start = time.perf_counter()
    client.execute(env=kernel_environment())
    seconds = time.perf_counter() - start
    normalise(nb)
    temporary = path.with_name(path.name + ".tmp")
    nbformat.write(nb, temporary)
    os.replace(temporary, path)
    if figures is not None:
        save_figures(nb, path.stem, figures)
    return seconds


def main(argv: list[str] | None = None) -> int:
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    parser = argparse.ArgumentParser(prog="python -m w2s_kit.notebooks", description="Run notebooks in place, in order.")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: every notebooks/NN_*.ipynb")
    paths = parser.parse_args(argv).notebooks or numbered(Path("notebooks"))
    if not paths:
        print("no notebooks/NN_*.ipynb here: run this from the repository's root")
    total = 0.0
    for path in paths:
        print(f"{path} ...", end=" ", flush=True)
        try:
            seconds = execute(path, figures=Path("results/figures"))
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            print(f"FAILED, the file is left as it was\n{error}")
            return 1
        total += seconds
        print(f"{seconds:.1f} s", flush=True)
    if len(paths) > 1:
        print(f"{len(paths)} notebooks in {total:.0f} s")
    if importlib.util.find_spec("w2s_kit.claims"):
        print(flush=True)
        write = ["--write"] if Path("README.md").exists() and Path("results").is_dir() else []
        return subprocess.run([sys.executable, "-m", "w2s_kit.claims", *write]).returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
