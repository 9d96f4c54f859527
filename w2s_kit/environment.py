"""Can this machine run the kit? `check()` says so line by line, with the remedy where it cannot."""

from __future__ import annotations

import importlib
import shutil
import sys
from importlib import metadata

NEEDED = {"torch": "torch", "transformers": "transformers", "datasets": "datasets", "matplotlib": "matplotlib", "seaborn": "seaborn", "ipywidgets": "ipywidgets", "chess": "chess"}


def check() -> bool:
    """Prints [OK] or [FAIL] for Python, the packages, the shipped models and the disk; True when all is well."""
    lines = [(sys.version_info >= (3, 11), "Python 3.11 or newer", "install a newer Python")]
    for package, module in NEEDED.items():
        try:
            importlib.import_module(module)
            lines.append((True, package, ""))
        except ImportError as error:
            lines.append((False, package, f"pip install {package}   ({error})"))
    from .models import load_family

    for family, title in (("miniworld", "MiniWorld"), ("chess", "chess")):
        names = load_family(family).names
        lines.append((len(names) > 1, f"{title} models: {', '.join(names) or 'none'}", f"python data_prep/pretrain_{family}.py makes them"))
    lines.append((shutil.disk_usage(".").free > 200e6, "disk: 200 MB free for runs", "delete old folders under runs/"))
    try:
        installed = metadata.version("w2s_kit")
        lines.append((True, f"w2s_kit {installed}", ""))
    except metadata.PackageNotFoundError:
        lines.append((False, "w2s_kit is installed", "pip install -e . in the repository"))
    for fine, what, remedy in lines:
        print(f"[{'OK' if fine else 'FAIL'}] {what}" + ("" if fine else f"  ->  {remedy}"))
    return all(fine for fine, _, _ in lines)
