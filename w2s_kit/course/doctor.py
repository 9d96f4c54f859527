"""Can this machine run the kit? `check()` says so line by line, with the remedy where it cannot."""

from __future__ import annotations

import importlib
import os
import platform
import shutil
import sys
import tempfile
from importlib import metadata

from ..shared.names import pip

NEEDED = ("torch", "transformers", "datasets", "matplotlib", "seaborn", "ipywidgets", "chess")
# package -> (extra of the kit that brings it, what for). Without these the kit works, except for that.
OPTIONAL = {
    "ipywidgets": ("notebooks", "explorers in notebooks"),
    "jupyterlab": ("notebooks", "notebooks here"),
    "peft": ("lora", "adapters, lora=8"),
    "bitsandbytes": ("quantised", "weights in 4 bits, quantised=True"),
    "trl": ("rl", "learning from rewards on real models"),
    "accelerate": ("cluster", "several GPUs or processes"),
    "distributed": ("cluster", "grids on a dask cluster"),
    "ray": ("cluster", "grids on ray"),
    "nbgrader": ("course", "grading assignments"),
}
# The families that ship, and what makes each anew.
FAMILIES = {
    "miniworld": "pretrain_miniworld.py",
    "chess": "pretrain_chess.py",
    "chess-fine": "pretrain_chess.py xs+ s+ --out w2s_kit/weights/chess-fine",
    "miniworld-chat": "pretrain_miniworld.py --chat",
    "miniworld-dials": "pretrain_dials.py",
    "sums": "pretrain_sums.py",
}
SIGNS = {True: "OK", False: "FAIL", None: "--"}
#: Whether something is fine (None: it need not be), what it is about, and the remedy.
Line = tuple[bool | None, str, str]


def check(details: bool = False) -> bool:
    """Print [OK] or [FAIL] for Python, the packages, the shipped models and the disk; True when all is well.

    Only what a plain `pip install w2s_kit` promises can fail. What belongs to an extra has the sign [--], and
    its remedy is the extra. `details` adds versions and all that is optional, which differs between machines.
    """
    lines: list[Line] = [(sys.version_info >= (3, 11), "Python 3.11 or newer", "install a newer Python")]
    lines += [_package(name, details) for name in NEEDED]
    lines += [_family(name) for name in FAMILIES]
    free = shutil.disk_usage(".").free
    lines.append((free > 200e6, "disk: 200 MB free for runs", "delete old folders under runs/"))
    elsewhere = "start in a folder that you may write to, or name one: Store(FOLDER), --store FOLDER"
    lines.append((*_writable(), elsewhere))
    lines += _kit()
    for fine, what, remedy in lines:
        print(f"[{SIGNS[fine]}] {what}" + (f"  ->  {remedy}" if fine is False else ""))
    if details:
        _details()
    return all(fine is not False for fine, _, _ in lines)


def _package(name: str, details: bool) -> Line:
    if name in OPTIONAL and not _installed(name):
        return None, _without(name), ""
    try:
        importlib.import_module(name)
        return True, name + (f" {metadata.version(name)}" if details else ""), ""
    except Exception as error:  # an unfit build of a package may raise anything
        return False, name, f"{pip('--upgrade', name)}   ({type(error).__name__}: {error})"


def _kit() -> list[Line]:
    """The kit's own version, and what it requires that is not there or too old."""
    try:
        version = metadata.version("w2s_kit")
    except metadata.PackageNotFoundError:
        return [(False, "w2s_kit is installed", f"in the clone: {pip('-e', '.')}")]
    try:
        unmet: list[Line] = [(False, what, pip("--upgrade", wanted)) for what, wanted in _unmet()]
    except ImportError as error:
        name = str(error.name).partition(".")[0]
        unmet = [(False, f"{name} is installed", pip("--upgrade", name))]
    return [(True, f"w2s_kit {version}", ""), *unmet]


def _installed(package: str) -> bool:
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        return False
    return True


def _without(package: str) -> str:
    extra, use = OPTIONAL[package]
    return f"no {package}; needed for {use}: {pip(f'w2s_kit[{extra}]')}"


def _unmet() -> list[tuple[str, str]]:
    """What the kit requires, extras apart, and is not there or too old: (how it is, what is wanted)."""
    from packaging.requirements import Requirement  # matplotlib brings it

    unmet = []
    for line in metadata.requires("w2s_kit") or []:
        wanted = Requirement(line)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        needed = f"{wanted.name}{wanted.specifier}"
        try:
            version = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            unmet.append((f"{wanted.name} is installed", needed))
            continue
        if not wanted.specifier.contains(version, prereleases=True):
            unmet.append((f"{wanted.name} {version} is not {wanted.specifier}", needed))
    return unmet


def _family(name: str) -> tuple[bool, str, str]:
    remedy = f"install the kit anew, or make them: python data_prep/{FAMILIES[name]}"
    try:
        from ..models.families import load_family

        names = load_family(name).names
        return len(names) > 1, f"models {name}: {', '.join(names) or 'none'}", remedy
    except Exception as error:
        return False, f"models {name} ({type(error).__name__}: {error})", remedy


def _writable() -> tuple[bool, str]:
    try:
        # a file of that name is no folder, and is refused here, too
        with tempfile.TemporaryFile(dir="runs" if os.path.lexists("runs") else "."):
            return True, "runs can be written here"
    except OSError as error:
        return False, f"runs can be written here ({error})"


def _details() -> None:
    print(f"[--] {platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors")
    try:
        import torch

        if torch.cuda.is_available():
            memory = torch.cuda.get_device_properties(0).total_memory / 2**30
            print(f"[--] device: {torch.cuda.get_device_name(0)}, {memory:.0f} GiB")
        else:
            on_colab = "On Colab: Runtime, Change runtime type, T4 GPU"
            print(f"[--] device: the processor; enough for the mini tier. {on_colab}")
    except Exception:
        pass  # said above
    for package, (_, use) in OPTIONAL.items():
        if _installed(package):
            print(f"[--] {package} {metadata.version(package)}: {use}")
        elif package not in NEEDED:  # said above
            print(f"[--] {_without(package)}")
