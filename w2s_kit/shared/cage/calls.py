"""Which calls of Linux's kernel a caged process may not make: a seccomp filter, written here.

The usual libraries for it are not on every machine that the kit supports, and a filter is short: a program
in the kernel's own small language (classic BPF), given to the kernel by two calls through ctypes. It runs on
x86_64 and aarch64.

It lists what is refused, family by family. A list of what is allowed would be stricter on paper. But Python,
PyTorch and glibc use other calls with each version, and differ between the two processors; what such a list
forgets would break honest code, and only on some machines. So everything known is either in a family below or
harmless, and every number above the newest known call is refused: what a later kernel adds is closed until
somebody has read about it.

This text runs in the child, joined with others (`start.program`); it imports nothing of the kit.
"""

import ctypes
import os
import platform
import struct
import sys

ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000  # what a filter may answer (SECCOMP_RET_...)
EPERM, EAGAIN, ENOSYS = 1, 11, 38
PROCESSORS = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  #: those that the filter is for (AUDIT_ARCH_...)
NEWEST = 469  # file_setattr, of Linux 6.17; the same number on both
THREAD, NAMESPACES = 0x10000, 0x7E020000  # flags of clone
LOAD, AND, IS, ABOVE, ANY_OF, RETURN = 0x20, 0x54, 0x15, 0x25, 0x45, 0x06  # words of the small language
NUMBER, PROCESSOR, ARGUMENTS = 0, 4, 16  # where a call's parts stand

#: Refused on any arguments: name, number on x86_64, number on aarch64; "-" where there is no such call.
REFUSED = """
# rights and dates of files, and files by other names than a path
chmod 90 -; fchmod 91 52; fchmodat 268 53; fchmodat2 452 452; chown 92 -; fchown 93 55; lchown 94 -;
fchownat 260 54; utime 132 -; utimes 235 -; futimesat 261 -; utimensat 280 88; setxattr 188 5;
lsetxattr 189 6; fsetxattr 190 7; removexattr 197 14; lremovexattr 198 15; fremovexattr 199 16;
setxattrat 463 463; removexattrat 466 466; file_setattr 469 469; truncate 76 45; fallocate 285 47;
name_to_handle_at 303 264; open_by_handle_at 304 265;
# network
socket 41 198; connect 42 203; bind 49 200; listen 50 201; accept 43 202; accept4 288 242;
# memory and messages that outlive a process
shmget 29 194; shmat 30 196; shmctl 31 195; shmdt 67 197; semget 64 190; semop 65 193; semctl 66 191;
semtimedop 220 192; msgget 68 186; msgsnd 69 189; msgrcv 70 188; msgctl 71 187; mq_open 240 180;
mq_unlink 241 181; mq_timedsend 242 182; mq_timedreceive 243 183; mq_notify 244 184;
mq_getsetattr 245 185; memfd_create 319 279; memfd_secret 447 447;
# watching files, queues of the kernel's own, keys
inotify_init 253 -; inotify_init1 294 26; inotify_add_watch 254 27; inotify_rm_watch 255 28;
fanotify_init 300 262; fanotify_mark 301 263; io_uring_setup 425 425; io_uring_enter 426 426;
io_uring_register 427 427; keyctl 250 219; add_key 248 217; request_key 249 218;
# other processes
ptrace 101 117; process_vm_readv 310 270; process_vm_writev 311 271; process_madvise 440 440;
process_mrelease 448 448; kcmp 312 272; pidfd_open 434 434; pidfd_getfd 438 438;
pidfd_send_signal 424 424; tkill 200 130; rt_sigqueueinfo 129 138; rt_tgsigqueueinfo 297 240;
get_robust_list 274 100; setpgid 109 154; setsid 112 157;
# limits and priorities of others
setpriority 141 140; ioprio_set 251 30; sched_setscheduler 144 119; sched_setparam 142 118;
sched_setattr 314 274; migrate_pages 256 238; move_pages 279 239;
# other programs, other namespaces
execve 59 221; execveat 322 281; unshare 272 97; setns 308 268;
# the machine
mount 165 40; umount2 166 39; pivot_root 155 41; chroot 161 51; open_tree 428 428; move_mount 429 429;
fsopen 430 430; fsconfig 431 431; fsmount 432 432; fspick 433 433; mount_setattr 442 442;
open_tree_attr 467 467; statmount 457 457; listmount 458 458; swapon 167 224; swapoff 168 225;
quotactl 179 60; quotactl_fd 443 443; acct 163 89; bpf 321 280; perf_event_open 298 241;
userfaultfd 323 282; cachestat 451 451; kexec_load 246 104; kexec_file_load 320 294; init_module 175 105;
finit_module 313 273; delete_module 176 106; create_module 174 -; personality 135 92; reboot 169 142;
sethostname 170 161; setdomainname 171 162; settimeofday 164 170; clock_settime 227 112;
adjtimex 159 171; clock_adjtime 305 266; iopl 172 -; ioperm 173 -; modify_ldt 154 -; syslog 103 116;
vhangup 153 58; nfsservctl 180 42; lookup_dcookie 212 18; uselib 134 -; mknod 133 -; mknodat 259 33;
"""
# Refused on some arguments, or with an answer of its own (`_special`).
SPECIAL = """
kill 62 129; tgkill 234 131; prlimit64 302 261; sched_setaffinity 203 122; socketpair 53 199
clone 56 220; clone3 435 435; fork 57 -; vfork 58 -; ioctl 16 29; fcntl 72 25; prctl 157 167
"""


# Libraries change rights and dates of files that they have just made, as shutil.copy does. With `soft` such a
# call says that it went well, and changes nothing.
SOFT = ("chmod", "fchmod", "fchmodat", "fchmodat2", "utime", "utimes", "futimesat", "utimensat")


def numbers(table: str, processor: str) -> dict[str, int]:
    """name -> number of the calls of a `table` that this kind of `processor` has."""
    lines = [line for line in table.splitlines() if not line.startswith("#")]
    rows = [row.split() for row in ";".join(lines).split(";") if row.strip()]
    place = 1 + list(PROCESSORS).index(processor)
    return {row[0]: int(row[place]) for row in rows if row[place] != "-"}


def _one(word: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    """One instruction: a word, its value, and how many instructions to leave out, if so and if not."""
    return struct.pack("<HBBI", word, yes, no, value)


def _answer(errno: int) -> bytes:
    return _one(RETURN, ERRNO | errno if errno else ALLOW)


def _argument(place: int) -> bytes:
    """Load the lower half of an argument; the kernel reads no more of those that are looked at here."""
    return _one(LOAD, ARGUMENTS + 8 * place)


def _only(place: int, *values: int) -> list[bytes]:
    """Allow the call where an argument has one of the `values`."""
    fits = [part for value in values for part in (_one(IS, value, 0, 1), _answer(0))]
    return [_argument(place), *fits, _answer(EPERM)]


def _never(place: int, *values: int) -> list[bytes]:
    """Refuse the call where an argument has one of the `values`."""
    fits = [part for value in values for part in (_one(IS, value, 0, 1), _answer(EPERM))]
    return [_argument(place), *fits, _answer(0)]


def _special(own: int) -> dict[str, list[bytes]]:
    """The calls that are refused on some arguments. `own`: the number of this process."""
    begins = [_answer(EAGAIN)]  # as where a limit on processes is reached
    return {
        "kill": _only(0, own),
        "tgkill": _only(0, own),
        "prlimit64": _only(0, 0, own),
        "sched_setaffinity": _only(0, 0, own),
        # asyncio wants a pair of sockets of its own. Of the other kinds one can be sent somewhere else.
        "socketpair": [
            *(_argument(0), _one(IS, 1, 1, 0), _answer(EPERM)),  # AF_UNIX
            *(_argument(1), _one(AND, 15), _one(IS, 1, 0, 1), _answer(0), _answer(EPERM)),  # SOCK_STREAM
        ],
        # Threads, and nothing else. `clone3` hides its flags from a filter; libc then takes `clone`.
        "clone": [
            *(_argument(0), _one(ANY_OF, NAMESPACES, 0, 1), _answer(EPERM)),
            *(_one(ANY_OF, THREAD, 0, 1), _answer(0), _answer(EAGAIN)),
        ],
        "clone3": [_answer(ENOSYS)],
        "fork": begins,
        "vfork": begins,
        # TIOCSTI and TIOCLINUX type into a terminal; FIOSETOWN, F_SETOWN and others send signals elsewhere
        "ioctl": _never(1, 0x5412, 0x541C, 0x8901, 0x8902),
        "fcntl": _never(1, 8, 10, 15, 1024, 1026),
        # outliving its parent, hiding what it holds, PR_SET_MM, taking over orphans, being debugged
        "prctl": _never(0, 1, 4, 35, 36, 0x59616D61),
    }


def calls_filter(processor: str, own: int, soft: bool = False) -> bytes:
    """The filter as the kernel reads it, for the process number `own` on a `processor` of PROCESSORS.

    soft: a change of a file's rights or dates is no error, but changes nothing.
    """
    parts = [
        *(_one(LOAD, PROCESSOR), _one(IS, PROCESSORS[processor], 1, 0), _one(RETURN, KILL)),  # 32 bits
        *(_one(LOAD, NUMBER), _one(ABOVE, NEWEST, 0, 1), _answer(ENOSYS)),  # x32 has numbers far above
    ]
    refused = numbers(REFUSED, processor)
    blocks = {number: [_answer(EPERM)] for number in refused.values()}
    if soft:  # an error of number 0 is a success
        blocks |= {refused[name]: [_one(RETURN, ERRNO)] for name in SOFT if name in refused}
    special = _special(own)
    blocks |= {number: special[name] for name, number in numbers(SPECIAL, processor).items()}
    for number, block in blocks.items():
        parts += [_one(IS, number, 0, len(block)), *block]  # a block ends in an answer
    return b"".join([*parts, _answer(0)])


def refuse_calls(soft: bool = False) -> bool:
    """Close this process in for good, all its threads; returns whether the kernel took the filter."""
    processor = platform.machine()
    if not sys.platform.startswith("linux") or processor not in PROCESSORS or sys.maxsize < 1 << 32:
        return False
    text = calls_filter(processor, os.getpid(), soft)
    room = ctypes.create_string_buffer(text, len(text))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("parts", ctypes.c_void_p)]

    libc, number = ctypes.CDLL(None, use_errno=True), ctypes.c_long
    program = Program(len(text) // 8, ctypes.addressof(room))
    libc.prctl(38, number(1), number(0), number(0), number(0))  # no new privileges
    seccomp = {"x86_64": 317, "aarch64": 277}[processor]
    # SECCOMP_SET_MODE_FILTER, for all threads
    return libc.syscall(number(seccomp), number(1), number(1), ctypes.byref(program)) == 0
