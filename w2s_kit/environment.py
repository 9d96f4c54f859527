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
OPTIONAL = {"peft": "adapters, lora=8", "bitsandbytes": "weights in 4 bits, quantised=True", "accelerate": "several GPUs or processes", "distributed": "grids on a dask cluster", "ray": "grids on ray",
            "nbgrader": "grading assignments"}
# The families that ship, and what makes each anew.
FAMILIES = {"miniworld": "pretrain_miniworld.py", "chess": "pretrain_chess.py", "miniworld-chat": "pretrain_miniworld.py --chat", "miniworld-dials": "pretrain_dials.py",
            "sums": "pretrain_sums.py"}


def check(details: bool = False) -> bool:
    """Prints [OK] or [FAIL] for Python, the packages, the shipped models and the disk; True when all is well. `details` adds versions and
    what is optional, which differs from machine to machine."""
    lines = [(sys.version_info >= (3, 11), "Python 3.11 or newer", "install a newer Python")]
    for package in NEEDED:
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
    except metadata.PackageNotFoundError:
        lines.append((False, "w2s_kit is installed", "pip install -e . in the repository"))
    for fine, what, remedy in lines:
        print(f"[{'OK' if fine else 'FAIL'}] {what}" + ("" if fine else f"  ->  {remedy}"))
    if details:
        _details()
    return all(fine for fine, _, _ in lines)


def _family(name: str) -> tuple[bool, str, str]:
    remedy = f"install the kit anew, or make them: python data_prep/{FAMILIES[name]}"
    try:
        from .models import load_family

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
    for package, use in OPTIONAL.items():
        try:
            print(f"[--] {package} {metadata.version(package)}: {use}")
        except metadata.PackageNotFoundError:
            print(f"[--] no {package}; {use} needs it: pip install {package}")
