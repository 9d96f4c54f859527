"""Writes another address of the repository into every file that holds one, as a fork needs it.

    python -m w2s_kit.course address OWNER/NAME --ref v0.1.0

The files are those that git tracks: badges and setup cells of the notebooks, the README, the metadata of the
package, the workflows, and the two lines of `shared.address`, which say what the address is now.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from ..shared.address import REF, REPOSITORY
from ..shared.files import write_whole
from ..shared.names import pip

ROOT = Path(__file__).parents[2]
CONSTANTS = "w2s_kit/shared/address.py"
# What GitHub allows: an owner of letters, digits and hyphens; a name with points and underlines, too; a ref
# that stands in an address as it is.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[\w.-]+")
A_REF = re.compile(r"[\w.-]+(/[\w.-]+)*")
# Sites that name a repository by owner and name, with what stands before them in the address.
_HOSTS = (
    r"(?:github\.com/|raw\.githubusercontent\.com/|colab\.research\.google\.com/github/|mybinder\.org/v2/gh/)"
)


def rewritten(text: str, repository: str, ref: str, old: str = REPOSITORY, old_ref: str = REF) -> str:
    """`text` with every address of the repository `old` at `old_ref` made one of `repository` at `ref`.

    Addresses of other repositories stay as they are. Where an address names no ref, as that of the issues,
    only the repository changes.
    """
    (old_owner, old_name), (owner, name) = old.split("/"), repository.split("/")
    at = rf"(?P<at>/blob/|/tree/|/raw/|@|/){re.escape(old_ref)}(?![\w.-]*\w)"
    address = re.compile(rf"(?P<host>{_HOSTS}){re.escape(old)}(?![\w-]|\.(?!git\b)\w)(?:{at})?")
    text = address.sub(lambda m: m["host"] + repository + (m["at"] + ref if m["at"] else ""), text)
    pages = rf"\b{re.escape(old_owner.lower())}\.github\.io/{re.escape(old_name)}(?![\w-])"
    return re.sub(pages, f"{owner.lower()}.github.io/{name}", text)


def tracked(root: Path) -> list[Path]:
    """The files that git tracks under `root`. Raises ValueError where that is no clone of a repository."""
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], capture_output=True, text=True)
    if listed.returncode or not (root / CONSTANTS).is_file():
        raise ValueError(
            f"{root} is no clone of the kit: git clone your fork, {pip('-e', '.')} there, and call this again"
        )
    return [path for name in listed.stdout.split("\0") if name and (path := root / name).is_file()]


def move(repository: str, ref: str, root: Path = ROOT) -> list[Path]:
    """Write the address `repository` at `ref` into all tracked files of `root`; returns those that changed.

    The constants come last, so a command that was stopped half-way can be called again. Raises ValueError
    for what is no OWNER/NAME or no ref, and where `root` is no clone.
    """
    if not NAME.fullmatch(repository):
        raise ValueError(f"{repository!r} is no address on GitHub: OWNER/NAME is meant, as in {REPOSITORY}")
    if not A_REF.fullmatch(ref):
        raise ValueError(f"--ref {ref!r} names no tag or branch: letters, digits, points, - and _ are meant")
    constants, changed = root / CONSTANTS, []
    for path in tracked(root):
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue  # a binary file holds no address
        if path != constants and (new := rewritten(text, repository, ref)) != text:
            write_whole(path, new)
            changed.append(path)
    text = constants.read_text("utf-8")
    new = text.replace(f'REPOSITORY = "{REPOSITORY}"', f'REPOSITORY = "{repository}"')
    new = new.replace(f'REF = "{REF}"', f'REF = "{ref}"')
    if new != text:
        write_whole(constants, new)
        changed.append(constants)
    return changed
