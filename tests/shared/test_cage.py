"""The cage attacked, by root's child and an ordinary user's: each attack fails, and honest code goes on.

The same attacks succeed where the cage is left open, so that a test which passes means something.
"""

import ctypes
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from w2s_kit.shared.cage import attempts, bounds, calls, tried
from w2s_kit.shared.cage.start import end, framed, program, start

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the bounds of Linux")
ROOT = hasattr(os, "getuid") and os.getuid() == 0
NOBODY, SOMEBODY = bounds.NOBODY, 12_345
USERS = ["root", "an ordinary user"] if ROOT else ["an ordinary user"]
OPEN = {
    "calls": ("if not refuse_calls(soft):", "if True:"),
    "files": ("locked = landlock(readable, listable, writable)", "locked = True"),
}


def somebody() -> None:
    """From root to a user without rights, who may still read where Python stands, below root's home."""
    libc = ctypes.CDLL(None)
    libc.prctl(8, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(*[SOMEBODY] * 3)
    os.setresuid(*[SOMEBODY] * 3)
    libc.capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(4, 4, 4, 0, 0, 0))
    libc.prctl(47, 2, 2, 0, 0)  # PR_CAP_AMBIENT, raise CAP_DAC_READ_SEARCH


# Calls that must be refused whatever their arguments are: name, number on x86_64, on aarch64.
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
# who it is, other filters, disks of all
setuid 105 146; setgid 106 144; setreuid 113 145; setregid 114 143; setgroups 116 159; setresuid 117 147;
setresgid 119 149; setfsuid 122 151; setfsgid 123 152; capset 126 91; seccomp 317 277; sync 162 81;
syncfs 306 267; sync_file_range 277 84; vmsplice 278 75; mincore 27 232; set_mempolicy 238 237;
landlock_create_ruleset 444 444; landlock_restrict_self 446 446; setsockopt 54 208; sendmmsg 307 269;
sendmsg 46 211; recvmsg 47 212;
"""


# ------------------------------------------------------------------------------------------------ attacks
# name -> code; VICTIM is a process of the same user, FILE one of its files, ROOM a folder that may be written
ATTACKS = {
    "limit another's time": "resource.prlimit(VICTIM, resource.RLIMIT_CPU, (1, 1))",
    "slow another down": "os.setpriority(os.PRIO_PROCESS, VICTIM, 19)",
    "move another to one core": "os.sched_setaffinity(VICTIM, [0])",
    "signal another": "os.kill(VICTIM, 0)",
    "signal all": "os.kill(-1, 0)",
    "queue a signal": "call('sigqueue', VICTIM, 0, None)",
    "have the kernel signal another": "fcntl.fcntl(0, 8, VICTIM)",
    "hold another by a descriptor": "os.pidfd_open(VICTIM)",
    "debug another": "call('ptrace', 0x4206, VICTIM, None, None)",
    "read another's memory": "open(f'/proc/{VICTIM}/mem', 'rb')",
    "copy another's memory": "vm()",
    "read a file": "open(FILE).read()",
    "write a file": "open(FILE, 'a')",
    "shorten a file": "os.truncate(FILE, 0)",
    "change a file's rights": "os.chmod(FILE, 0o777)",
    "change a file's date": "os.utime(FILE, (0, 0))",
    "change a file's owner": "os.chown(FILE, os.getuid(), os.getgid())",
    "fill the disk at once": "os.posix_fallocate(os.open(ROOM + '/large', 66, 0o600), 0, 1 << 20)",
    "mark a file": "os.setxattr(FILE, 'user.mark', b'1')",
    "remove a file": "os.unlink(FILE)",
    "list a folder": "os.listdir(os.path.dirname(FILE))",
    "leave a pipe": "os.mkfifo(os.path.dirname(FILE) + '/pipe')",
    "leave a link": "os.symlink(FILE, os.path.dirname(FILE) + '/link')",
    "fork": "os.fork() or os._exit(0)",
    "start a program": "subprocess.run(['/bin/true'])",
    "become a program": "os.execv('/bin/true', ['true'])",
    "TCP": "socket.socket(2, 1)",
    "UDP": "socket.socket(2, 2)",
    "TCP by several ways": "socket.socket(2, 1, 262)",
    "TCP of version 6": "socket.socket(10, 1)",
    "an abstract socket": "socket.socket(1, 1).connect('\\0' + 'w2s-cage')",
    "a pair that can be sent elsewhere": "socket.socketpair(1, socket.SOCK_DGRAM)",
    "netlink": "socket.socket(16, 3)",
    "shared memory": "call('shmget', 4711, 4096, 0o1666)",
    "a message queue": "call('msgget', 4711, 0o1666)",
    "a semaphore": "call('semget', 4711, 1, 0o1666)",
    "a queue of POSIX": "call('syscall', L({'x86_64': 240, 'aarch64': 180}[M]), b'left', 0o102, 0o600, None)",
    "memory with a descriptor": "os.memfd_create('left')",
    "shared memory of POSIX": "open('/dev/shm/left_by_the_cage', 'w')",
    "watch a folder": "call('inotify_init1', 0)",
    "io_uring": "call('syscall', L(425), 1, ctypes.create_string_buffer(120))",
    "a key": "call('syscall', L({'x86_64': 248, 'aarch64': 217}[M]), b'user', b'a', b'b', 1, -4)",
    "a user of its own": "call('unshare', 0x10000000)",
    "personality": "call('personality', 0x0040000)",
    "count the processor's events": "call('syscall', L(NR['perf_event_open']), bytes(128), 0, -1, -1, 0)",
    "catch faults of pages": "call('syscall', L(NR['userfaultfd']), 1)",
    "a program for the kernel": "call('syscall', L(NR['bpf']), 5, bytes(128), 128)",
    "leave the session": "os.setsid()",
    "outlive its parent": "call('prctl', 1, 0, 0, 0, 0)",
    "hide the files that it holds": "call('prctl', 4, 0, 0, 0, 0)",
    "take over orphans": "call('prctl', 36, 1, 0, 0, 0)",
    "ask what others have read": "call('syscall', L(451), 0, bytes(16), bytes(32), 0)",
    "write another's memory": "call('syscall', L(NR['process_vm_writev']), VICTIM, bytes(16), L(1), "
    "bytes(16), L(1), L(0))",
    "a memory that nobody sees": "call('syscall', L(447), 0)",
    "enter a namespace": "call('syscall', L(NR['setns']), 0, 0)",
    "mount a folder": "call('mount', b'none', b'/tmp', b'tmpfs', 0, None)",
    "its own memory as a file": "open('/proc/self/mem', 'r+b')",
    "a file without a name elsewhere": "os.open('/tmp', os.O_TMPFILE | os.O_RDWR)",
    "a file through a link": "os.symlink(FILE, ROOM + '/sl'); open(ROOM + '/sl')",
    "slow its user down": "os.setpriority(os.PRIO_USER, 0, 5)",
    "signal its group": "os.kill(0, 0)",
    "a lease of a file": "fcntl.fcntl(os.open(ROOM + '/l', 66), 1024, 0)",
    "start a program by spawn": "os.posix_spawn('/bin/true', ['true'], {})",
    "memory in many parts": "x = [mmap.mmap(-1, 1 << 30) for _ in range(5)]",
    "sooner out of memory than others, or later": "open('/proc/self/oom_score_adj', 'w')",
    "a call that nobody knows yet": "call('syscall', L(700))",
    "change another's scheduling": "os.sched_setscheduler(VICTIM, os.SCHED_BATCH, os.sched_param(0))",
    "slow another's disk": "call('syscall', L(NR['ioprio_set']), 1, VICTIM, 2 << 13 | 7)",
    "move another's memory": "move()",
    "signal another's thread": "call('syscall', L(NR['tgkill']), VICTIM, VICTIM, 0)",
    "signal one thread of another": "call('syscall', L(NR['tkill']), VICTIM, 0)",
    "compare with another": "call('syscall', L(NR['kcmp']), os.getpid(), VICTIM, 0, 0, 0)",
    "read another's variables": "open(f'/proc/{VICTIM}/environ', 'rb')",
    "list all processes": "os.listdir('/proc')",
    "fork into new namespaces": "call('syscall', L(NR['clone']), 0x10000011, 0, 0, 0, 0) or os._exit(0)",
    "a key ring": "call('syscall', L(NR['keyctl']), 0, -3, 1)",
    "watch the whole disk": "call('syscall', L(NR['fanotify_init']), 0, 0)",
    "the kernel's ciphers": "socket.socket(38, 5)",
    "a socket of virtual machines": "socket.socket(40, 1)",
    "raw packets": "socket.socket(17, 3)",
    "more memory than it has": "mmap.mmap(-1, 5 << 30)",
    "raise its own bound of memory": "call('setrlimit', 9, (ctypes.c_ulong * 2)(2**64 - 1, 2**64 - 1))",
    "more open files than it may": "os.dup2(0, 300)",
    "a file above its size": "open(ROOM + '/big', 'wb').write(bytes(2 << 20))",
    "rename a file": "os.rename(FILE, FILE + 'x')",
    "another name for a file": "os.link(FILE, ROOM + '/link')",
    "become root": "os.setresuid(0, 0, 0)",
    "become another user": "os.setresuid(4711, 4711, 4711)",
    "another root folder": "os.chroot(ROOM)",
    "another name for the machine": "socket.sethostname('theirs')",
    "keep an open file where nobody counts it": "socket.send_fds(socket.socketpair()[0], [b'x'], [0])",
    "open files of one thread alone": "call('syscall', L(436), L(1000), L(2000), L(2))",
    "a timer on another's clock": "timers((~VICTIM << 3) | 2, 1)",
    "more timers than its user has room for": "timers(1, 300)",
    "what is marked on a file": "os.listxattr(FILE)",
    "hinder who reads what it writes": "fcntl.fcntl(0, fcntl.F_SETFL, os.O_DIRECT)",
    "signals for what it shares": "fcntl.fcntl(1, fcntl.F_SETFL, os.O_ASYNC)",
    "a lock of an open file": "fcntl.fcntl(0, 37, bytes([0] * 32))",
}
TOOLS = """
import asyncio, fcntl, mmap, resource, socket, subprocess, threading
M, L = platform.machine(), ctypes.c_long
NR = numbers(REFUSED + SPECIAL, M)
def call(name, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    answer = getattr(libc, name)(*arguments)
    if answer == -1:
        raise OSError(ctypes.get_errno(), name)
    return answer
def move():
    nodes = ctypes.byref(ctypes.c_ulong(1))
    call("syscall", L(NR["migrate_pages"]), VICTIM, L(8), nodes, nodes)
def timers(clock, count):
    for _ in range(count):
        call("syscall", L(NR["timer_create"]), L(clock), None, ctypes.byref(ctypes.c_int()))
def vm():
    room = ctypes.create_string_buffer(8)
    part = (ctypes.c_uint64 * 2)(ctypes.addressof(room), 8)
    call("process_vm_readv", VICTIM, part, L(1), part, L(1), L(0))
"""
BODY = """
import json
job = json.loads(sys.stdin.buffer.readline())
VICTIM, FILE, ROOM = job["victim"], job["file"], job["room"]
confine(4 << 30, 20, [os.path.dirname(os.__file__)], [], [ROOM], threads=True)
stopped = {}
for name, code in job["attacks"].items():
    try:
        exec(code)
    except (OSError, AttributeError) as error:
        stopped[name] = type(error).__name__
    else:
        stopped[name] = None
os.write(1, json.dumps(stopped).encode() + b"\\n")
def honest():
    done = []
    one, other = socket.socketpair()
    one.send(b"x"); assert other.recv(1) == b"x"
    thread = threading.Thread(target=done.append, args=[1]); thread.start(); thread.join()
    async def wait():
        await asyncio.sleep(0.01)
        return await asyncio.to_thread(lambda: 2)
    done.append(asyncio.run(wait()))
    open(ROOM + "/answer", "w").write("3")
    done.append(int(open(ROOM + "/answer").read()))
    os.kill(os.getpid(), 0); resource.getrlimit(resource.RLIMIT_AS)
    return done
os.write(1, json.dumps(honest()).encode() + b"\\n")
"""


def caged(attacks: dict, user: str, leave_open=()) -> tuple[dict, list]:
    """What became of each attack, the error's name or None, and of the honest work after all of them."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as inputs:
        Path(folder).chmod(0o755)
        owner = (NOBODY if user == "root" else SOMEBODY) if ROOT else os.getuid()
        file, room = Path(folder, "theirs", "file"), Path(folder, "room")
        for made in (file.parent, room):
            made.mkdir()
        file.write_text("secret")
        if ROOT:
            for path in (file.parent, file, room):
                os.chown(path, owner, owner)
        whose = {"user": owner, "group": owner, "extra_groups": []} if ROOT else {}
        victim = subprocess.Popen(["/bin/sleep", "60"], **whose)
        text = program() + f"REFUSED = {REFUSED!r}" + TOOLS + BODY
        for name in leave_open:
            assert OPEN[name][0] in text
            text = text.replace(*OPEN[name])
        job = {"victim": victim.pid, "file": str(file), "room": str(room), "attacks": attacks}
        inputs.write(framed(text) + json.dumps(job).encode() + b"\n")
        inputs.seek(0)
        streams = {"stdin": inputs, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": folder}
        as_user = {"preexec_fn": somebody} if ROOT and user != "root" else {}
        child = start({}, **streams, **as_user)
        try:
            said, complaints = child.communicate(timeout=60)
        finally:
            end(child)
            end_of_victim = victim.poll()
            victim.kill()
            victim.wait()
        assert said, complaints.decode()
        if not leave_open:
            assert end_of_victim is None and file.read_text() == "secret"
            assert [path.name for path in file.parent.iterdir()] == ["file"]
            assert file.stat().st_mtime > 1e9 and file.stat().st_mode & 0o777 == 0o644
        lines = said.decode().splitlines()
    return json.loads(lines[0]), json.loads(lines[1]) if len(lines) > 1 else [complaints.decode()]


@pytest.fixture(scope="module")
def everything_holds():
    if missing := tried.missing_bounds():
        pytest.skip(f"this machine cannot forbid: {', '.join(missing)}")


@linux
@pytest.mark.parametrize("user", USERS)
def test_every_attack_fails_and_honest_code_goes_on(user, everything_holds):
    stopped, honest = caged(ATTACKS, user)
    assert [name for name, error in stopped.items() if error is None] == []
    assert set(stopped) == set(ATTACKS) and "AttributeError" not in stopped.values()
    assert stopped["fork"] == "BlockingIOError"  # as where a limit on processes is reached
    assert honest == [1, 2, 3]


@linux
@pytest.mark.parametrize("user", USERS)
def test_without_the_filter_many_of_them_succeed(user, everything_holds):
    """Those of faults.md's kind: others' limits, rights of files, sockets, memory that outlives it."""
    attacks = {n: c for n, c in ATTACKS.items() if "fork" not in n and "become" not in n}
    stopped, _ = caged(attacks, user, leave_open=["calls"])
    free = {name for name, error in stopped.items() if error is None}
    assert {"limit another's time", "change a file's rights", "change a file's date", "UDP"} <= free
    assert {"shared memory", "memory with a descriptor", "watch a folder", "netlink"} <= free
    assert {"change another's scheduling", "slow another's disk", "a key ring"} <= free
    libc = ctypes.CDLL(None)
    for get, ask in (("shmget", "shmctl"), ("msgget", "msgctl"), ("semget", "semctl")):
        size = {"shmget": [4096], "semget": [1]}.get(get, [])
        if (left := getattr(libc, get)(4711, *size, 0)) != -1:
            getattr(libc, ask)(left, *([0] if get == "semget" else []), 0, None)


@linux
@pytest.mark.skipif(platform.machine() != "x86_64", reason="a call of 32 bits, of this processor")
def test_a_call_of_32_bits_ends_the_process(everything_holds):
    """The numbers mean other calls there, so a filter that looked at numbers alone would let them pass."""
    code = """
import mmap
confine(4 << 30, 20, [], threads=True)
room = mmap.mmap(-1, 4096, prot=7)
room.write(bytes.fromhex("b814000000cd80c3"))  # getpid, the old way
f = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(room)))
f()
os.write(1, b"alive")
"""
    child = start({}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said, _ = child.communicate(framed(program() + code), timeout=30)
    assert said == b"" and child.returncode < 0


# ------------------------------------------------------------------------------------------------ the filter
def allowed(text: bytes, number: int, *arguments: int, processor: int) -> int:
    """What the filter answers to one call, computed as the kernel does."""
    words = [number, processor, 0, 0]
    for argument in (*arguments, *[0] * (6 - len(arguments))):
        words += [argument & 0xFFFFFFFF, argument >> 32]
    place, held = 0, 0
    while True:
        word, yes, no, value = calls.struct.unpack_from("<HBBI", text, 8 * place)
        place += 1
        if word == calls.RETURN:
            return value
        if word == calls.LOAD:
            held = words[value // 4]
        elif word == calls.AND:
            held &= value
        else:
            test = {calls.IS: held == value, calls.ABOVE: held > value, calls.ANY_OF: bool(held & value)}
            place += yes if test[word] else no


@pytest.mark.parametrize("processor", calls.PROCESSORS)
def test_the_filter_on_both_processors(processor):
    """By a reader of the small language, since no machine is both."""
    text, kind = calls.calls_filter(processor, own=77), calls.PROCESSORS[processor]
    assert len(text) // 8 < 4096, "the kernel takes no longer one"
    answer = lambda number, *arguments: allowed(text, number, *arguments, processor=kind)
    refused = calls.numbers(REFUSED, processor)
    none, no = calls.ERRNO | calls.ENOSYS, calls.ERRNO | calls.EPERM
    assert len(refused) > 110
    assert all(answer(n) == (none if n >= calls.RECENT else no) for n in refused.values())
    everywhere = calls.numbers(calls.ALLOWED + calls.SPECIAL, processor).values()
    assert all(answer(n) in (none, no) for n in range(2_000) if n not in everywhere), (
        "nothing else is allowed"
    )
    special = calls.numbers(calls.SPECIAL, processor)
    yes = calls.ALLOW
    assert answer(special["kill"], 77, 9) == yes and answer(special["kill"], 78, 9) == no
    assert answer(special["kill"], 2**32 - 1) == no  # -1: everybody
    assert answer(special["prlimit64"], 0) == yes and answer(special["prlimit64"], 1) == no
    assert (
        answer(special["socketpair"], 1, 1 | 0o2000000) == yes and answer(special["socketpair"], 1, 2) == no
    )
    assert answer(special["socketpair"], 2, 1) == no
    assert answer(special["clone"], 0x3D0F00) == yes  # a thread, as glibc starts it
    assert answer(special["clone"], 17) == calls.ERRNO | calls.EAGAIN  # a process
    assert answer(special["clone"], 0x3D0B00) == calls.ERRNO | calls.EAGAIN  # a thread with files of its own
    assert answer(special["close_range"], 3, 9, 4) == yes and answer(special["close_range"], 3, 9, 2) == no
    assert answer(special["timer_create"], 1) == yes and answer(special["timer_create"], 2**32 - 6) == no
    assert (
        answer(special["clock_nanosleep"], 1) == yes and answer(special["clock_nanosleep"], 2**32 - 6) == no
    )
    assert answer(special["lgetxattr"]) == answer(special["ioctl"], 3, 0x40049409) == calls.ERRNO | 95
    assert answer(special["clone"], 0x10010000) == no and answer(special["clone3"]) == calls.ERRNO | 38
    assert answer(special["ioctl"], 0, 0x5412) == no and answer(special["ioctl"], 0, 0x5401) == yes
    assert answer(special["fcntl"], 3, 8) == no and answer(special["fcntl"], 3, 1030) == yes
    assert answer(special["fcntl"], 3, 4, 0x800) == yes  # O_NONBLOCK
    assert answer(special["fcntl"], 3, 4, {"x86_64": 0x4000, "aarch64": 0x10000}[processor]) == no  # O_DIRECT
    assert (
        answer(special["fcntl"], 3, 6) == answer(special["fcntl"], 3, 7) == calls.ERRNO
    )  # a lock that is none
    assert answer(special["prctl"], 4) == no and answer(special["prctl"], 15) == yes
    assert answer(1_000) == answer(0x40000000) == none
    assert allowed(text, 20, processor=0x40000003) == calls.KILL
    softly = calls.calls_filter(processor, 77, soft=True)
    assert allowed(softly, refused["fchmod"], processor=kind) == calls.ERRNO  # 0: no error, and no effect
    assert allowed(softly, refused["fchown"], processor=kind) == no
    ordinary = {"x86_64": [0, 1, 9, 202, 228, 257, 318], "aarch64": [63, 64, 222, 98, 113, 56, 278]}
    assert all(answer(number) == yes for number in ordinary[processor])  # read, write, mmap, futex, ...


@pytest.mark.parametrize(
    "processor, header",
    [
        ("x86_64", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        ("aarch64", "/usr/include/asm-generic/unistd.h"),
    ],
)
def test_the_numbers_are_those_of_the_kernels_headers(processor, header):
    if not Path(header).exists():
        pytest.skip(f"{header} is not here")
    text = Path(header).read_text()
    known = {name: int(n) for name, n in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text)}
    known |= {"newfstatat": known["fstatat"]} if "fstatat" in known else {}  # another name in one header
    ours = calls.numbers(calls.ALLOWED + calls.SPECIAL + ";" + calls.SOFT + REFUSED, processor)
    assert {name: (n, known[name]) for name, n in ours.items() if name in known and known[name] != n} == {}
    newer = {name for name, n in ours.items() if name not in known}
    assert all(ours[name] > 450 for name in newer), newer


# ---------------------------------------------------------------------------------------- what is missing
@linux
@pytest.mark.parametrize(
    "old, new, missing",
    [
        ('bound("RLIMIT_AS", memory)', "pass", {"memory"}),
        ('bound("RLIMIT_FSIZE", file_size)', "pass", {"size of files"}),
        ("if not refuse_calls(soft):", "if True:", {"network", "memory that outlives it"}),
        (OPEN["files"][0], OPEN["files"][1], {"files that it can open"}),
        pytest.param(  # though what was made cannot be removed; it goes with root's child
            *("time 201 -;", "time 201 -; shmget 29 194;", {"memory that outlives it"}),
            marks=pytest.mark.skipif(not ROOT, reason="it would stay"),
        ),
    ],
)
def test_a_bound_that_does_not_hold_is_named(old, new, missing, monkeypatch, everything_holds):
    """By trying it, not by asking whether it was set."""
    assert old in program(attempts)
    monkeypatch.setattr(tried, "program", lambda *modules: program(*modules).replace(old, new))
    tried.missing_bounds.cache_clear()
    try:
        assert missing <= set(tried.missing_bounds()) <= set(tried.BOUNDS)
    finally:
        monkeypatch.undo()
        tried.missing_bounds.cache_clear()


def test_on_other_systems_nothing_holds(monkeypatch):
    tried.missing_bounds.cache_clear()
    monkeypatch.setattr(sys, "platform", "darwin")
    try:
        assert tried.missing_bounds() == list(tried.BOUNDS)
    finally:
        tried.missing_bounds.cache_clear()


@linux
def test_a_child_ends_with_its_starter(everything_holds):
    """Also where the starter is killed and can end nobody."""
    child_text = "confine(4 << 30, 60, [], threads=True)\nimport time\nos.write(1, b'x')\ntime.sleep(60)"
    starter = f"""
import subprocess, sys, time
from w2s_kit.shared.cage.start import framed, program, start
child = start({{}}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdin.write(framed(program() + {child_text!r})); child.stdin.flush()
child.stdout.read(1)
print(child.pid, flush=True)
time.sleep(60)
"""
    root = Path(__file__).parents[2]
    process = subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, cwd=root)
    pid = int(process.stdout.readline())
    process.kill()
    process.wait()
    for _ in range(100):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            break
        time.sleep(0.05)
    else:
        os.kill(pid, 9)
        pytest.fail("it lives on")
