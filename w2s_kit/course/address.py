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
# What GitHub allows: an owner of letters, digits and hyphens; a name with points and underlines, too.
NAME = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*/(?!\.\.?$)[A-Za-z0-9_.-]+(?<!\.git)")
# A ref that stands in an address as it is. One with a slash does not: nobody could say where the path begins.
A_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
# Sites that name a repository by owner and name, with what stands before them and before the ref.
_PAGES = r"(?:github\.com/|colab\.research\.google\.com/github/)"
_BEFORE_REF = r"/(?:blob|tree|raw|releases/tag)/|(?:\.git)?@"
_FILES = r"(?:raw\.githubusercontent\.com/|mybinder\.org/v2/gh/)"


def rewritten(text: str, repository: str, ref: str, old: str = REPOSITORY, old_ref: str = REF) -> str:
    """`text` with every address of the repository `old` at `old_ref` made one of `repository` at `ref`.

    Addresses of other repositories stay as they are. Where an address names no ref, as that of the issues,
    only the repository changes. The folder that `git clone` makes has the name of the repository, so a `cd`
    after it changes, too.
    """
    (old_owner, old_name), (owner, name) = old.split("/"), repository.split("/")
    kit = rf"{re.escape(old)}(?![\w-]|\.(?!git\b)\w)"
    for hosts, before in ((_PAGES, _BEFORE_REF), (_FILES, "/")):
        at = rf"(?P<at>{before}){re.escape(old_ref)}(?![\w.-]*\w)"
        address = re.compile(rf"(?P<host>{hosts}){kit}(?:{at})?")
        text = address.sub(lambda m: m["host"] + repository + (m["at"] + ref if m["at"] else ""), text)
    folder = rf"(git clone \S+/{re.escape(repository)}(?:\.git)?(?: && |\n)cd ){re.escape(old_name)}(?!\S)"
    text = re.sub(folder, lambda m: m[1] + name, text)
    pages = rf"\b{re.escape(old_owner.lower())}\.github\.io/{re.escape(old_name)}(?![\w-]|\.\w)"
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

    All of them, or none: where a file cannot be written, or after Ctrl-C, those before it get their old text
    back. Raises ValueError for what is no OWNER/NAME or no ref, and where `root` is no clone.
    """
    if not NAME.fullmatch(repository):
        raise ValueError(f"{repository!r} is no address on GitHub: OWNER/NAME is meant, as in {REPOSITORY}")
    if not A_REF.fullmatch(ref):
        raise ValueError(
            f"--ref {ref!r} names no tag or branch that an address can hold: letters, digits, points, "
            "hyphens and underlines are meant, and no slash"
        )
    texts = {}  # path -> (old, new)
    for path in tracked(root):
        try:
            old = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue  # a binary file holds no address
        if path == root / CONSTANTS:
            new = old.replace(f'REPOSITORY = "{REPOSITORY}"', f'REPOSITORY = "{repository}"')
            new = new.replace(f'REF = "{REF}"', f'REF = "{ref}"')
        else:
            new = rewritten(old, repository, ref)
        if new != old:
            texts[path] = old, new
    begun: list[Path] = []
    try:
        for path, (_, new) in texts.items():
            begun.append(path)
            write_whole(path, new)
    except BaseException:
        for path in begun:
            write_whole(path, texts[path][0])
        raise
    return list(texts)
