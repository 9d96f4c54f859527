"""Which calls of Linux's kernel a caged process may make: a seccomp filter, written here.

The usual libraries for it are not on every machine that the kit supports, and a filter is short: a program
in the kernel's own small language (classic BPF), given to the kernel by two calls through ctypes. It runs on
x86_64 and aarch64.

It lists what is allowed, family by family: what Python, PyTorch and glibc use to compute, and to work with
files, threads and signals of their own. Everything else is refused, also what a later kernel adds. The list
names both the old and the new way to do a thing, since libraries on other machines may use the other one.

This text runs in the child, joined with others (`start.program`); it imports nothing of the kit.
"""

import ctypes
import os
import platform
import struct
import sys

ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000  # what a filter may answer (SECCOMP_RET_...)
EPERM, EAGAIN, ENOSYS, EOPNOTSUPP = 1, 11, 38, 95
PROCESSORS = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  #: those that the filter is for (AUDIT_ARCH_...)
# Calls from this number on came with Linux 5.1 and later, with the same number on both. Libraries try them
# first, and take an older call where they hear that there is none (ENOSYS).
RECENT = 424
# Flags of clone: a thread that has no open files of its own (the grader counts those of the process); others
THREAD, NAMESPACES = 0x10400, 0x7E020000
ELSEWHERE = 0x16000  # flags of an open file: O_DIRECT of both processors, O_ASYNC
LOAD, AND, IS, ABOVE, ANY_OF, RETURN = 0x20, 0x54, 0x15, 0x25, 0x45, 0x06  # words of the small language
NUMBER, PROCESSOR, ARGUMENTS = 0, 4, 16  # where a call's parts stand

#: Allowed on any arguments: name, number on x86_64, number on aarch64; "-" where there is no such call.
ALLOWED = """
# read, write, wait: what it has open already
read 0 63; write 1 64; readv 19 65; writev 20 66; pread64 17 67; pwrite64 18 68; preadv 295 69;
pwritev 296 70; preadv2 327 286; pwritev2 328 287; lseek 8 62; sendfile 40 71; copy_file_range 326 285;
fsync 74 82; fdatasync 75 83; ftruncate 77 46; flock 73 32; fadvise64 221 223; readahead 187 213;
close 3 57; dup 32 23; dup2 33 -; dup3 292 24; pipe 22 -; pipe2 293 59; poll 7 -;
ppoll 271 73; select 23 -; pselect6 270 72; epoll_create 213 -; epoll_create1 291 20; epoll_ctl 233 21;
epoll_wait 232 -; epoll_pwait 281 22; epoll_pwait2 441 441; eventfd 284 -; eventfd2 290 19;
timerfd_create 283 85; timerfd_settime 286 86; timerfd_gettime 287 87; signalfd 282 -; signalfd4 289 74;
# a pair of sockets of its own; no messages, which take open files along (sendmsg)
sendto 44 206; recvfrom 45 207; shutdown 48 210; getsockname 51 204; getpeername 52 205; getsockopt 55 209;
# files and folders, where Landlock says which
open 2 -; openat 257 56; openat2 437 437; creat 85 -; stat 4 -; fstat 5 80; lstat 6 -; newfstatat 262 79;
statx 332 291; statfs 137 43; fstatfs 138 44; access 21 -; faccessat 269 48; faccessat2 439 439;
readlink 89 -; readlinkat 267 78; getdents 78 -; getdents64 217 61; getcwd 79 17; chdir 80 49;
fchdir 81 50; rename 82 -; renameat 264 38; renameat2 316 276; mkdir 83 -; mkdirat 258 34; rmdir 84 -;
link 86 -; linkat 265 37; symlink 88 -; symlinkat 266 36; unlink 87 -; unlinkat 263 35; umask 95 166;
fgetxattr 193 10; flistxattr 196 13;
# memory of its own
mmap 9 222; mprotect 10 226; munmap 11 215; mremap 25 216; madvise 28 233; msync 26 227; brk 12 214;
mlock 149 228; mlock2 325 284; munlock 150 229; mlockall 151 230; munlockall 152 231;
get_mempolicy 239 236; mbind 237 235; map_shadow_stack 453 453; mseal 462 462;
# threads of its own
futex 202 98; futex_waitv 449 449; futex_wake 454 454; futex_wait 455 455; futex_requeue 456 456;
set_robust_list 273 99; set_tid_address 218 96; rseq 334 293; membarrier 324 283; arch_prctl 158 -;
sched_yield 24 124; getcpu 309 168; sched_getaffinity 204 123; exit 60 93; exit_group 231 94;
wait4 61 260; waitid 247 95; restart_syscall 219 128;
# signals to itself
rt_sigaction 13 134; rt_sigprocmask 14 135; rt_sigreturn 15 139; rt_sigpending 127 136;
rt_sigtimedwait 128 137; rt_sigsuspend 130 133; sigaltstack 131 132; pause 34 -; alarm 37 -;
setitimer 38 103; getitimer 36 102; timer_settime 223 110; timer_gettime 224 108;
timer_getoverrun 225 109; timer_delete 226 111;
# time
time 201 -; gettimeofday 96 169; times 100 153; clock_gettime 228 113; clock_getres 229 114;
nanosleep 35 101;
# who and where it is, and how much it may
getpid 39 172; getppid 110 173; gettid 186 178; getpgrp 111 -; getpgid 121 155; getsid 124 156;
getuid 102 174; geteuid 107 175; getgid 104 176; getegid 108 177; getresuid 118 148; getresgid 120 150;
getgroups 115 158; capget 125 90; getrlimit 97 163; setrlimit 160 164; getrusage 98 165;
getpriority 140 141; ioprio_get 252 31; sched_getscheduler 145 120; sched_getparam 143 121;
sched_getattr 315 275; sched_get_priority_max 146 125; sched_get_priority_min 147 126;
sched_rr_get_interval 148 127; uname 63 160; sysinfo 99 179; getrandom 318 278;
"""
#: Allowed on some arguments, or with an answer of its own (`_special`).
SPECIAL = """
kill 62 129; tgkill 234 131; prlimit64 302 261; sched_setaffinity 203 122; socketpair 53 199
clone 56 220; clone3 435 435; fork 57 -; vfork 58 -; ioctl 16 29; fcntl 72 25; prctl 157 167
close_range 436 436; timer_create 222 107; clock_nanosleep 230 115
getxattr 191 8; lgetxattr 192 9; listxattr 194 11; llistxattr 195 12
"""


#: Libraries change rights and dates of files that they have just made, as shutil.copy does. Such a call is
#: refused; with `soft` it says that it went well, and changes nothing.
SOFT = """
chmod 90 -; fchmod 91 52; fchmodat 268 53; fchmodat2 452 452; utime 132 -; utimes 235 -; futimesat 261 -;
utimensat 280 88
"""


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


def _special(own: int) -> dict[str, list[bytes]]:
    """The calls that are allowed on some arguments. `own`: the number of this process."""
    begins = [_answer(EAGAIN)]  # as where a limit on processes is reached
    marks = [_answer(EOPNOTSUPP)]  # of a file, by its path: Landlock lets read those of all files
    clocks = _only(0, 0, 1, 2, 3, 7, 11)  # of the machine and its own; other processes have clocks as well
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
            *(_one(AND, THREAD), _one(IS, THREAD, 0, 1), _answer(0), _answer(EAGAIN)),
        ],
        "clone3": [_answer(ENOSYS)],
        "fork": begins,
        "vfork": begins,
        "close_range": _only(2, 0, 4),  # without CLOSE_RANGE_UNSHARE: open files of one thread alone
        "timer_create": clocks,
        "clock_nanosleep": clocks,
        **dict.fromkeys(("getxattr", "lgetxattr", "listxattr", "llistxattr"), marks),
        # is it a terminal, and how wide; how much is there to read; close it in a new program, do not wait
        "ioctl": [
            *(_argument(1), _one(IS, 0x40049409, 0, 1), _answer(EOPNOTSUPP)),  # FICLONE; pathlib then copies
            *_only(1, 0x5401, 0x802C542A, 0x5413, 0x541B, 0x5450, 0x5451, 0x5421),
        ],
        # Copies, flags, the size of a pipe; without F_SETOWN and others, which send signals elsewhere. The
        # organiser shares some flags (F_SETFL), and could not read with ELSEWHERE. A lock holds nobody up in
        # a process alone, and takes memory of the kernel: F_SETLK and F_SETLKW say that it is there.
        "fcntl": [
            *(_argument(1), _one(IS, 4, 0, 4)),
            *(_argument(2), _one(ANY_OF, ELSEWHERE, 0, 1), _answer(EPERM), _answer(0)),
            *(part for lock in (6, 7) for part in (_one(IS, lock, 0, 1), _one(RETURN, ERRNO))),
            *_only(1, 0, 1, 2, 3, 5, 1030, 1032),
        ],
        # names of threads and of memory, and what a library asks about this processor and this cage
        "prctl": _only(0, 2, 3, 15, 16, 21, 23, 39, 51, 0x53564D41),
    }


def calls_filter(processor: str, own: int, soft: bool = False) -> bytes:
    """The filter as the kernel reads it, for the process number `own` on a `processor` of PROCESSORS.

    soft: a change of a file's rights or dates is no error, but changes nothing.
    """
    special = _special(own)
    blocks = {number: [_answer(0)] for number in numbers(ALLOWED, processor).values()}
    blocks |= {number: special[name] for name, number in numbers(SPECIAL, processor).items()}
    if soft:  # an error of number 0 is a success
        blocks |= {number: [_one(RETURN, ERRNO)] for number in numbers(SOFT, processor).values()}
    parts = [
        *(_one(LOAD, PROCESSOR), _one(IS, PROCESSORS[processor], 1, 0), _one(RETURN, KILL)),  # 32 bits
        _one(LOAD, NUMBER),
    ]
    for number, block in blocks.items():
        parts += [_one(IS, number, 0, len(block)), *block]  # a block ends in an answer
    # x32, another way to call the kernel of x86_64, has numbers far above
    return b"".join([*parts, _one(ABOVE, RECENT - 1, 0, 1), _answer(ENOSYS), _answer(EPERM)])


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
