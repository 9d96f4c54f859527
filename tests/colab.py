"""Runs the core notebooks where Colab's versions of the libraries are installed: `make colab`.

Colab's versions stand in colab.txt. They go into an environment of their own. There the setup cell of the
first notebook installs the kit's wheel, as a student does where the kit's address cannot be reached. That
install must replace nothing: a library that is replaced while a notebook runs breaks the notebook. Then every
core notebook must run without an error.

Two things are not Colab's: Python, which is the one that runs this script (colab.txt says which Colab has),
and torch, which is the version that is installed beside this script. Colab's own build brings gigabytes for
its GPU; `--torch 2.11.0` takes Colab's version all the same.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

from w2s_kit.course.notebooks import kernel_environment

ROOT = Path(__file__).parents[1]
PINS = Path(__file__).with_name("colab.txt")
CORE = ["00", "01", "02", "03", "05", "06", "08", "09", "13"]  # the course's core path
ADDRESS = re.compile(r'"w2s_kit @ [^"]+"')  # what the setup cell installs


def pins(text: str | None = None) -> dict[str, str]:
    """Colab's version of each library and of "python", from colab.txt or from the `text` of such a file."""
    text = PINS.read_text(encoding="utf-8") if text is None else text
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    python = re.search(r"^# Python (\d+\.\d+)\b", text, re.MULTILINE)
    if python is None:
        raise ValueError(f"{PINS}: no line says which Python Colab has, such as: # Python 3.12")
    found = dict(line.split("==") for line in lines)
    return {"python": python.group(1)} | {name.lower().replace("_", "-"): v for name, v in found.items()}


def call(*arguments, **options) -> str:
    """Run a command and return what it prints. Where it fails, say so and stop."""
    environment = {k: v for k, v in kernel_environment().items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    command = [str(a) for a in arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, **options)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout


def make_environment(folder: Path, torch: str) -> Path:
    """The interpreter of an environment with Colab's versions. One that is there is taken as it is."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        print(f"installing Colab's versions, with torch {torch}, into {folder}", flush=True)
        call(sys.executable, "-m", "venv", folder)
        wanted = [f"{name}=={version}" for name, version in (pins() | {"torch": torch}).items()]
        call(
            python,
            "-m",
            "pip",
            "install",
            "-q",
            *(line for line in wanted if not line.startswith("python==")),
        )
    return python


def make_wheel(folder: Path) -> Path:
    """The kit's wheel, built from a copy: so nothing that an earlier build left behind gets into it."""
    source = folder / "source"
    for name in ("w2s_kit", "results", "notebooks"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    call(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, source)
    (wheel,) = folder.glob("*.whl")
    shutil.rmtree(source)
    return wheel


def installed(python: Path) -> dict[str, str]:
    """Each package of an environment, with the line that `pip freeze` has for it."""
    lines = call(python, "-m", "pip", "freeze").splitlines()
    return {re.split("==| @ ", line)[0].lower().replace("_", "-"): line for line in lines}


def versions(lines: dict[str, str]) -> dict[str, str]:
    """The version of each package that came from an index, without the suffix of a build."""
    pinned = {name: line.partition("==")[2].partition("+")[0] for name, line in lines.items()}
    return {name: version for name, version in pinned.items() if version}


def replaced(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """What an install has changed or removed; what it has added is no matter."""
    return [f"{line} -> {after.get(name)}" for name, line in before.items() if after.get(name) != line]


def with_wheel(notebook: dict, wheel: Path) -> dict:
    """A notebook whose setup cell installs this file. Raises ValueError where no cell installs the kit."""
    cells = [
        c for c in notebook["cells"] if c["cell_type"] == "code" and ADDRESS.search("".join(c["source"]))
    ]
    if len(cells) != 1:
        raise ValueError(f"{len(cells)} cells install the kit from an address, not one")
    cells[0]["source"] = ADDRESS.sub(lambda _: f'"{wheel.as_posix()}"', "".join(cells[0]["source"]))
    return notebook


def errors_in(notebook: dict) -> list[str]:
    """Errors among the outputs, and those that a widget caught, which stop no run."""
    outputs = [o for cell in notebook["cells"] for o in cell.get("outputs", [])]
    widgets = notebook["metadata"].get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {})
    outputs += [o for w in widgets.get("state", {}).values() for o in w["state"].get("outputs", [])]
    return [f"{o['ename']}: {o['evalue']}" for o in outputs if o.get("output_type") == "error"]


def run(python: Path, notebook: Path) -> float:
    """Run a notebook in place with the environment's own nbconvert and kernel; returns seconds."""
    start = time.perf_counter()
    options = ["--to", "notebook", "--execute", "--inplace", "--ExecutePreprocessor.timeout=1800"]
    kernel = "--ExecutePreprocessor.kernel_name=python3"
    call(python, "-m", "nbconvert", *options, kernel, "--log-level=ERROR", notebook, cwd=notebook.parent)
    found = errors_in(json.loads(notebook.read_text(encoding="utf-8")))
    if found:
        raise SystemExit(f"{notebook.name}: a widget shows an error instead of its picture: {found}")
    return time.perf_counter() - start


def main(argv: list[str] | None = None) -> None:
    """Make the environment, install the kit there by the setup cell, and run the core notebooks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--venv", type=Path, default=ROOT / "build" / "colab", help="default: build/colab")
    parser.add_argument("--torch", default=None, metavar="VERSION", help="default: the one installed here")
    args = parser.parse_args(argv)
    torch = args.torch or metadata.version("torch").partition("+")[0]
    python = make_environment(args.venv.resolve(), torch)
    call(python, "-m", "pip", "uninstall", "-q", "-y", "w2s_kit", "chess")  # of an earlier run
    before = installed(python)
    for name, version in {**versions(before), "python": call(python, "--version").split()[1]}.items():
        if name in pins() and not f"{version}.".startswith(f"{pins()[name]}."):
            print(f"not as on Colab: {name} is {version} here, {pins()[name]} there", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        wheel = make_wheel(folder)
        for number in CORE:
            (source,) = (ROOT / "notebooks").glob(f"{number}_*.ipynb")
            notebook = json.loads(source.read_text(encoding="utf-8"))
            if number == CORE[0]:
                notebook = with_wheel(notebook, wheel)
            copy = folder / source.name
            copy.write_text(json.dumps(notebook), encoding="utf-8")
            print(f"{source.name:30} {run(python, copy):6.1f} s", flush=True)
            if number == CORE[0]:
                after = installed(python)
                if found := replaced(before, after):
                    raise SystemExit("the setup cell replaces what Colab has: " + "; ".join(found))
                if "w2s-kit" not in after:
                    raise SystemExit("the setup cell did not install the kit")
                print(f"the setup cell added {', '.join(sorted(set(after) - set(before)))}; replaced nothing")


if __name__ == "__main__":
    main()
