"""Can this machine run the kit? `check()` says so line by line, with the remedy where it cannot."""

from __future__ import annotations

import importlib
import os
import platform
import shutil
import sys
import tempfile
from importlib import metadata

NEEDED = ("torch", "transformers", "datasets", "matplotlib", "seaborn", "ipywidgets", "chess")
# package -> (extra of the kit that brings it, what for). Without these the kit works, all but what is said here.
OPTIONAL = {"ipywidgets": ("notebooks", "explorers in notebooks"), "jupyterlab": ("notebooks", "notebooks here"),
            "peft": ("lora", "adapters, lora=8"), "bitsandbytes": ("quantised", "weights in 4 bits, quantised=True"),
            "accelerate": ("cluster", "several GPUs or processes"), "distributed": ("cluster", "grids on a dask cluster"),
            "ray": ("cluster", "grids on ray"), "nbgrader": ("course", "grading assignments")}
# The families that ship, and what makes each anew.
FAMILIES = {"miniworld": "pretrain_miniworld.py", "chess": "pretrain_chess.py", "miniworld-chat": "pretrain_miniworld.py --chat", "miniworld-dials": "pretrain_dials.py",
            "sums": "pretrain_sums.py"}


def check(details: bool = False) -> bool:
    """Prints [OK] or [FAIL] for Python, the packages, the shipped models and the disk; True when all is well.

    Only what a plain `pip install w2s_kit` promises can fail. What belongs to an extra is told, [--], and its remedy
    is the extra. `details` adds versions and everything optional, which differs from machine to machine.
    """
    lines: list[tuple[bool | None, str, str]] = [(sys.version_info >= (3, 11), "Python 3.11 or newer", "install a newer Python")]
    for package in NEEDED:
        if package in OPTIONAL and not _installed(package):
            lines.append((None, _without(package), ""))
            continue
        try:
            importlib.import_module(package)
            lines.append((True, package + (f" {metadata.version(package)}" if details else ""), ""))
        except Exception as error:  # an unfit build of a package may raise anything
            lines.append((False, package, f"pip install --upgrade {package}   ({type(error).__name__}: {error})"))
    lines += [_family(name) for name in FAMILIES]
    lines.append((shutil.disk_usage(".").free > 200e6, "disk: 200 MB free for runs", "delete old folders under runs/"))
    lines.append((*_writable(), "start in a folder that you may write to, or name one: Store(FOLDER), --store FOLDER"))
    try:
        lines.append((True, f"w2s_kit {metadata.version('w2s_kit')}", ""))
        lines += [(False, what, f"pip install --upgrade '{wanted}'") for what, wanted in _unmet()]
    except metadata.PackageNotFoundError:
        lines.append((False, "w2s_kit is installed", "pip install -e . in the repository"))
    for fine, what, remedy in lines:
        print(f"[{ {True: 'OK', False: 'FAIL', None: '--'}[fine] }] {what}" + (f"  ->  {remedy}" if fine is False else ""))
    if details:
        _details()
    return all(fine is not False for fine, _, _ in lines)


def _installed(package: str) -> bool:
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        return False
    return True


def _without(package: str) -> str:
    extra, use = OPTIONAL[package]
    return f"no {package}; needed for {use}: pip install 'w2s_kit[{extra}]'"


def _unmet() -> list[tuple[str, str]]:
    """What the kit requires, extras apart, and is not there or too old: (how it is, what is wanted)."""
    from packaging.requirements import Requirement  # matplotlib brings it

    found = []
    for line in metadata.requires("w2s_kit") or []:
        wanted = Requirement(line)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            if not wanted.specifier.contains(version := metadata.version(wanted.name), prereleases=True):
                found.append((f"{wanted.name} {version} is not {wanted.specifier}", f"{wanted.name}{wanted.specifier}"))
        except metadata.PackageNotFoundError:
            found.append((f"{wanted.name} is installed", f"{wanted.name}{wanted.specifier}"))
    return found


def _family(name: str) -> tuple[bool, str, str]:
    remedy = f"install the kit anew, or make them: python data_prep/{FAMILIES[name]}"
    try:
        from ..models import load_family

        names = load_family(name).names
        return len(names) > 1, f"models {name}: {', '.join(names) or 'none'}", remedy
    except Exception as error:
        return False, f"models {name} ({type(error).__name__}: {error})", remedy


def _writable() -> tuple[bool, str]:
    try:
        with tempfile.TemporaryFile(dir="runs" if os.path.isdir("runs") else "."):
            return True, "runs can be written here"
    except OSError as error:
        return False, f"runs can be written here ({error})"


def _details() -> None:
    print(f"[--] {platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors")
    try:
        import torch

        if torch.cuda.is_available():
            print(f"[--] device: {torch.cuda.get_device_name(0)}, {torch.cuda.get_device_properties(0).total_memory / 2**30:.0f} GiB")
        else:
            print("[--] device: the processor; enough for the mini tier. On Colab: Runtime, Change runtime type, T4 GPU")
    except Exception:
        pass  # said above
    for package, (_, use) in OPTIONAL.items():
        if _installed(package):
            print(f"[--] {package} {metadata.version(package)}: {use}")
        elif package not in NEEDED:  # said above
            print(f"[--] {_without(package)}")
