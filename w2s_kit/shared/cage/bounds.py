"""A process closes itself in, for good: `confine`, before it runs the first line of other people's code.

One process, and its threads: a caged process can start no other. So a limit on its own memory is the limit on
all that it uses, nothing outlives it, and no cgroup is needed, which few accounts may make. Where the kernel
takes no filter (`calls`), the number of processes is limited for the user instead.

This text runs in the child, joined with others (`start.program`); it imports nothing of the kit.
"""

import ctypes
import os
import sys
from collections.abc import Sequence

from .calls import refuse_calls

NOBODY = 65_534  # the user that owns nothing, on Linux
CONNECT, SIGNAL = 1 << 1, 1 << 1  # of Linux's Landlock, as the next three
READ_FILE, READ_DIR = 1 << 2, 1 << 3
# write, read, list, remove folders and files, make folders and files, and (where known) move and truncate
WRITE = sum(1 << bit for bit in (1, 2, 3, 4, 5, 7, 8, 13, 14))


def confine(
    memory: int,
    seconds: int,
    readable: Sequence[str],
    listable: Sequence[str] = (),
    writable: Sequence[str] = (),
    file_size: int = 1 << 20,
    threads: bool = False,
    soft: bool = False,
) -> None:
    """Bound this process for good, by all means that this machine has; `tried` finds out which hold.

    memory: bytes of address space. seconds: of processor time. It may read what is in `readable`, see the
    names in `listable`, and write in `writable`, no file above `file_size` bytes. It may have `threads`,
    but no other process. soft: a change of a file's rights or dates is no error, but changes nothing. Root
    becomes nobody.
    """
    try:
        import resource
    except ImportError:  # Windows
        return

    def bound(name, value):
        try:
            resource.setrlimit(getattr(resource, name), (value, value))
        except (AttributeError, ValueError, OSError):
            pass

    bound("RLIMIT_CORE", 0)
    bound("RLIMIT_AS", memory)
    bound("RLIMIT_CPU", seconds)
    bound("RLIMIT_FSIZE", file_size)
    bound("RLIMIT_NOFILE", 256)
    bound("RLIMIT_MSGQUEUE", 0)
    bound("RLIMIT_SIGPENDING", 256)  # timers count as well, and all processes of a user share the number
    if not sys.platform.startswith("linux"):
        bound("RLIMIT_NPROC", 0)
        return
    if len(os.listdir("/proc/self/task")) > 1:
        raise RuntimeError("Landlock closes in one thread, and this process has several already")
    try:
        with open("/proc/self/oom_score_adj", "w") as first:  # where memory runs out, this process goes first
            first.write("1000")
    except OSError:
        pass
    libc, number = ctypes.CDLL(None, use_errno=True), ctypes.c_long
    if os.getuid() == 0:
        libc.unshare(0x08000000)  # shared memory of its own
    locked = landlock(readable, listable, writable)
    if os.getuid() == 0:
        become_nobody(may_read=locked)
    libc.prctl(1, number(9), number(0), number(0), number(0))  # it ends with the process that started it
    if not threads:
        bound("RLIMIT_NPROC", 0)
    if not refuse_calls(soft):
        bound("RLIMIT_NPROC", 0)


def become_nobody(may_read: bool) -> None:
    """Give up being root, whom no limit on processes holds.

    may_read: keep one right of root's, to read (Python itself may stand in a folder of root's), where
    Landlock says what.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        libc.prctl(8, 1, 0, 0, 0)  # PR_SET_KEEPCAPS
        os.setgroups([])
        os.setresgid(*[NOBODY] * 3)
        os.setresuid(*[NOBODY] * 3)
        right = (1 << 2) * may_read  # CAP_DAC_READ_SEARCH
        libc.capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(right, right, 0, 0, 0, 0))
    except (AttributeError, OSError):
        pass


def landlock(readable: Sequence[str], listable: Sequence[str], writable: Sequence[str]) -> bool:
    """Let this process open what `confine` names and no other file; returns whether Landlock holds it.

    It cannot read another process's memory. Later kernels also forbid signals to other processes (6.12), and
    TCP (6.7).
    """
    libc, number = ctypes.CDLL(None, use_errno=True), ctypes.c_long
    version = libc.syscall(number(444), None, number(0), number(1))
    if version < 1:
        return False
    # all that this version knows to forbid
    handled = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    rules = (ctypes.c_uint64 * 3)(handled, CONNECT | 1, SIGNAL | 1)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = libc.syscall(number(444), rules, number(size), number(0))
    if ruleset < 0:
        return False

    class Beneath(ctypes.Structure):
        _pack_ = 1
        _fields_ = [("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32)]

    for path, allowed in [
        *((path, READ_FILE | READ_DIR) for path in readable),
        *((path, READ_DIR) for path in listable),
        *((path, WRITE & handled) for path in writable),
    ]:
        try:
            opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        of_a_file = READ_FILE | (1 << 1) | (1 << 14)
        rule = Beneath(allowed if os.path.isdir(path) else allowed & of_a_file, opened)
        libc.syscall(number(445), number(ruleset), number(1), ctypes.byref(rule), number(0))
        if not path.startswith("/proc/self/"):  # those are made anew, without a rule, when nobody holds them
            os.close(opened)
    # no new privileges: without it Landlock is for root only
    libc.prctl(38, number(1), number(0), number(0), number(0))
    held = libc.syscall(number(446), number(ruleset), number(0)) == 0
    os.close(ruleset)
    return held
