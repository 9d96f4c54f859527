"""What a caged process tries, to find out which bounds hold here. It is no attack: it takes back what worked.

This text runs in the child, joined with others (`start.program`); it imports nothing of the kit.
"""

import ctypes
import json
import mmap
import os
import socket
import sys
from collections.abc import Callable

from .bounds import confine

FILE_SIZE = 1 << 20
SPIN = 1  # seconds of processor time


def _called(name: str, *arguments) -> int:
    """A function of libc; raises OSError where it fails."""
    libc = ctypes.CDLL(None, use_errno=True)
    answer = getattr(libc, name)(*arguments)
    if answer == -1:
        raise OSError(ctypes.get_errno(), name)
    return answer


def _begun() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _sent(family: int, kind: int, protocol: int = 0) -> Callable[[], None]:
    return lambda: socket.socket(family, kind, protocol).close()


def _shared() -> None:
    number = _called("shmget", 0, 4096, 0o1600)
    try:
        _called("shmctl", number, 0, None)
    except OSError:  # it was made, and cannot be taken back: that is what should not be
        pass


def _seized(other: int) -> None:
    _called("ptrace", 0x4206, other, None, None)  # PTRACE_SEIZE; it ends with this process


def attempts(organiser: int, file: str, memory: int) -> dict[str, list[Callable]]:
    """What each bound forbids, in words, and the ways to try it: each should raise OSError.

    organiser: the process that asks. file: one of its files.
    """
    import resource

    return {
        "memory": [lambda: mmap.mmap(-1, memory + 1).close()],
        "size of files": [lambda: os.ftruncate(2, FILE_SIZE + 1)],
        "number of processes": [_begun],
        "files that it can open": [lambda: open(file).close(), lambda: open(file, "r+").close()],
        "rights and dates of files": [lambda: os.chmod(file, 0o600), lambda: os.utime(file)],
        "other processes' memory": [
            lambda: open(f"/proc/{organiser}/mem", "rb").close(),
            lambda: _seized(organiser),
        ],
        "signals to other processes": [lambda: os.kill(organiser, 0)],
        "limits and priority of other processes": [
            lambda: resource.prlimit(organiser, resource.RLIMIT_CPU),
            lambda: os.sched_setaffinity(organiser, os.sched_getaffinity(organiser)),
            lambda: os.setpriority(os.PRIO_PROCESS, organiser, os.getpriority(os.PRIO_PROCESS, organiser)),
        ],
        "network": [
            _sent(2, 1),  # TCP
            _sent(2, 2),  # UDP
            _sent(2, 1, 262),  # TCP by several ways
            _sent(1, 1),  # sockets of this machine
            _sent(16, 3),  # the kernel's own
        ],
        "memory that outlives it": [_shared, lambda: os.close(_called("memfd_create", b"left", 0))],
        "rare calls of the kernel": [
            lambda: os.close(_called("inotify_init1", 0)),
            lambda: _called("unshare", 0x10000000),
            lambda: _called("syscall", ctypes.c_long(425), 1, ctypes.create_string_buffer(120)),  # io_uring
        ],
    }


def holds(way: Callable) -> bool:
    """Whether an attempt was refused."""
    try:
        way()
    except (OSError, AttributeError):
        return True
    return False


def try_all() -> None:
    """The child's program: the bounds, then all attempts. It writes what did not hold, then uses time."""
    job = json.loads(sys.stdin.buffer.readline())
    confine(job["memory"], SPIN, [], file_size=FILE_SIZE)
    ways = attempts(os.getppid(), job["file"], job["memory"])
    free = [words for words, tries in ways.items() if not all([holds(way) for way in tries])]
    os.write(1, json.dumps(free).encode())
    while True:
        pass


if __name__ == "__main__":
    try_all()
