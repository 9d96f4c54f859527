"""What a commit of everything here would hold, for tests that look at all files."""

import functools
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
OURS = {".binder", ".ci", ".github"}  # hidden folders of the project


@functools.cache
def project_files() -> list[Path]:
    """What a commit of everything here would hold.

    In a copy without git, as a source distribution is: all but environments, caches and what a build leaves.
    """
    git = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
    )
    top = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "--show-toplevel"], capture_output=True, text=True
    )
    if git.returncode == top.returncode == 0 and Path(top.stdout.strip()) == ROOT.resolve():
        found = [ROOT / name for name in git.stdout.split("\0") if name]
    else:
        ignored = {"__pycache__", "build", "dist", "runs", "cache"}
        found = [
            p
            for p in ROOT.rglob("*")
            if not any(
                part in ignored or part.endswith(".egg-info") or part.startswith(".") and part not in OURS
                for part in p.relative_to(ROOT).parts[:-1]
            )
        ]
    return sorted(p for p in found if p.is_file() and not p.is_symlink())


def text_of(path: Path) -> str | None:
    """None for a binary file."""
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
