"""What a submission holds: files in its folder, files that it has removed and still has open, and threads."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

FILE_SIZE, FOLDER_SIZE, FILES = 64 << 20, 256 << 20, 2000  # what a submission may write
THREADS = 500  # that it may have; the kernel has room for some ten thousand, of all processes together


def too_much(folder: Path, process: int = 0) -> str:
    """What a submission has written or begun too much of, or nothing.

    process: its number, whose removed files and threads are counted as well; 0 where it cannot be looked at.
    """
    if process and threads(process) > THREADS:
        return f"it started more than {THREADS} threads"
    size, count, places = removed(process, folder) if process else 0, 0, [str(folder)]
    while places and count <= FILES and size <= FOLDER_SIZE:
        place = places.pop()
        try:
            with contextlib.suppress(OSError):
                if os.name == "posix":
                    os.chmod(place, 0o700)  # a folder that may be written and not be read hides what is in it
            with os.scandir(place) as entries:
                for entry in entries:
                    count += 1
                    if entry.is_dir(follow_symlinks=False):
                        places.append(entry.path)
                    elif os.name == "posix":
                        size += entry.stat(follow_symlinks=False).st_blocks * 512
        except FileNotFoundError:  # it was removed meanwhile
            continue
        except OSError:  # folders so deep that they have no name
            return "it made folders that cannot be looked through"
    if count > FILES:
        return f"it made more than {FILES} files"
    return f"it wrote more than {FOLDER_SIZE >> 20} MB of files" if size > FOLDER_SIZE else ""


def threads(process: int) -> int:
    """How many threads a process has; 0 where nobody can tell, or it is gone."""
    try:
        return max(os.stat(f"/proc/{process}/task").st_nlink - 2, 0)
    except OSError:
        return 0


def removed(process: int, folder: Path) -> int:
    """Bytes of the files that a process has removed, and that it still holds on Linux's disk.

    They have no name any more, so nobody sees them in the `folder`. One that is held by a mapping alone tells
    no size: it counts as the largest that may be written.
    """
    known, size = set(), 0
    with contextlib.suppress(OSError):
        for place in Path("/proc", str(process), "task").iterdir():
            # its first thread may have ended, and then shows nothing
            with contextlib.suppress(OSError):
                if files := list((place / "fd").iterdir()):
                    break
        else:
            return 0
        for held in files:
            with contextlib.suppress(OSError):
                about = held.stat()  # not by its name, which may be too long to be told
                if stat.S_ISREG(about.st_mode) and not about.st_nlink and about.st_ino not in known:
                    known.add(about.st_ino)
                    size += about.st_blocks * 512
        with open(place / "maps", errors="replace") as maps:
            for line in maps:
                parts = line.rstrip("\n").split(maxsplit=5)
                if len(parts) < 6 or not parts[5].startswith(f"{folder}{os.sep}"):
                    continue
                if parts[5].endswith(" (deleted)") and int(parts[4]) not in known:
                    known.add(int(parts[4]))
                    size += FILE_SIZE
    return size
