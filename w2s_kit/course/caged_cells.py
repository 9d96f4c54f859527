"""The cells of one submission, run in a cage: a folder and a process of its own, and an end in any case.

started     the child that runs them (`cell_child`), as it is seen from outside
run_cells   all cells in order, and what became of each
"""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import queue
import secrets
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from ..shared.cage.bounds import NOBODY
from ..shared.cage.start import end, framed, program, start
from . import cell_child, cell_outputs
from .cell_replies import Cell, Ran, ran_of
from .containers import end_in, start_in
from .notebooks import KERNEL_ENV
from .proofs import FORGED, proofs
from .putting_back import readable
from .written import FILE_SIZE, too_much

SECONDS_A_CELL = 600  # at most; then the cell counts as wrong, and the next one runs
SECONDS_IN_ALL = 3600  # at most, for all cells of a submission
TIMES = 5  # as long as the solution took
AT_LEAST_A_CELL, AT_LEAST_IN_ALL = 20, 60  # seconds that anybody may have
SECONDS_TO_START = 300  # for a process, with all that the staff's cells import
SECONDS_TO_STOP = 5  # for a cell that was told to stop; then it is killed, and the cells after it do not run
REPLY = 64 << 20  # bytes of one reply
SPOKE = "it wrote into the channel of the grader"
KIT = Path(__file__).parents[1]
CHILD = program(cell_child)


@dataclass
class Allowed:
    """How long a submission may run, and where. So a loop costs the class minutes and not an hour.

    Fields:

        a_cell    seconds of one cell; then it counts as wrong, and the next one runs
        in_all    seconds of all cells, with the start of their process; then it has to go
        image     of the container that it runs in; empty where it runs in a process of this machine
    """

    a_cell: float = field(default_factory=lambda: SECONDS_A_CELL)
    in_all: float = field(default_factory=lambda: SECONDS_IN_ALL)
    image: str = ""

    @classmethod
    def after(cls, longest: float, seconds: float, image: str = "") -> Allowed:
        """Of a solution whose `longest` cell and whose whole took so many seconds: five times as long."""
        a_cell, in_all = max(TIMES * longest, AT_LEAST_A_CELL), max(TIMES * seconds, AT_LEAST_IN_ALL)
        return cls(min(a_cell, SECONDS_A_CELL), min(in_all, SECONDS_IN_ALL), image)


def memory() -> int:
    """Bytes of address space that a submission may have: three quarters of this machine's memory, 6 to 16 GB.

    With PyTorch and the kit loaded it takes about 1 GB.
    """
    try:
        held = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        held = 0
    return min(max(held * 3 // 4, 6 << 30), 16 << 30)


def _readable() -> list[str]:
    """What a submission may read: Python, its packages, the system's libraries, the kit without its course.

    Not the folder of the course, other people's homes, or what of the system tells about its users.
    """
    library = Path(sysconfig.get_paths()["stdlib"])
    found = [Path(place) for place in sys.path if Path(place).name in ("site-packages", "dist-packages")]
    found += [library, Path(sys.base_prefix, "lib"), Path(sys.prefix, "pyvenv.cfg")]
    found += [KIT, KIT.parent / "results"]
    system = ("/usr/lib", "/usr/lib64", "/usr/share", "/usr/local/lib", "/lib", "/lib64", "/etc/ld.so.cache")
    rest = ("/etc/localtime", "/etc/fonts", "/dev/urandom", "/dev/zero", "/proc/cpuinfo", "/proc/meminfo")
    rest += ("/proc/self/maps",)  # its own: scikit-learn looks there for the libraries that are loaded
    places = [str(place) for place in (*found, *map(Path, (*system, *rest))) if place.exists()]
    return [*places, "/sys/devices/system/cpu"]


def _environment(home: Path) -> dict[str, str]:
    """Variables of a child: those of notebooks, and a home of its own. None of yours."""
    # the list of fonts takes seconds to make
    from matplotlib import get_cachedir

    for fonts in Path(get_cachedir()).glob("fontlist*.json"):
        shutil.copy(fonts, home)
    return {
        **KERNEL_ENV,
        **{
            name: str(home)
            for name in ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "MPLCONFIGDIR", "IPYTHONDIR")
        },
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "JOBLIB_MULTIPROCESSING": "0",  # or it warns that it has no other processes
        "USER": "student",
        "LOGNAME": "student",
        "LANG": "C.UTF-8",
    }


@contextlib.contextmanager
def _folder(files: Sequence[Path]) -> Iterator[Path]:
    """A folder for one submission, with copies of `files`, which goes with all that is in it."""
    folder = Path(tempfile.mkdtemp())
    try:
        work = folder / "work"
        (work / ".home").mkdir(parents=True)
        for file in files:
            shutil.copy(file, work)
        if hasattr(os, "getuid") and os.getuid() == 0:
            folder.chmod(0o711)
            for path in (work, *work.rglob("*")):
                os.chown(path, NOBODY, NOBODY)
            work.chmod(0o700)
        yield work
    finally:
        try:
            shutil.rmtree(folder)
        except (OSError, RecursionError):  # folders in folders, a thousand deep
            if os.name == "posix":
                # folders that may be written and not be read
                subprocess.run(["/bin/chmod", "-R", "u+rwx", str(folder)], stderr=subprocess.DEVNULL)
                subprocess.run(["/bin/rm", "-rf", str(folder)], stderr=subprocess.DEVNULL)


class Ended(Exception):
    """The process is gone, or has to go; the text says why."""


class _Child:
    """The process of a submission."""

    def __init__(self, folder: Path, words: IO[bytes], allowed: Allowed):
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": words, "cwd": folder}
        self.folder, self.name = folder, f"w2s-{secrets.token_hex(8)}"
        environment = _environment(folder / ".home")
        if allowed.image:
            made = start_in(allowed.image, self.name, folder, environment, memory(), words)
            self.process, self.keeper = made
        else:
            self.process = start(environment, **streams)
        self._replies: queue.Queue[bytes] = queue.Queue()
        self.allowed, self.last = allowed, time.monotonic() + allowed.in_all
        threading.Thread(target=self._hear, daemon=True).start()

    def begin(self, answers: Sequence[str], staff: Sequence[str]) -> None:
        """Wait until it has closed itself in, and imported what the `staff`'s cells import. Raises Ended."""
        bounds = {"memory": memory(), "seconds": SECONDS_IN_ALL, "readable": _readable()}
        bounds |= {"writable": [str(self.folder), "/dev/null"], "file_size": FILE_SIZE}
        job = {"path": [path for path in sys.path if path], "kit": str(KIT.parent), "bounds": bounds}
        if self.allowed.image:  # Python stands elsewhere there, and all that can be read is the image's
            bounds["readable"], job["path"] = ["/"], []
        # not in one text with the child: who holds a stream of it would hold the grader's functions as well
        job |= {"answers": list(answers), "staff": list(staff), "outputs": inspect.getsource(cell_outputs)}
        self._say(framed(CHILD) + json.dumps(job).encode() + b"\n")
        if self._reply(SECONDS_TO_START) is None:
            raise Ended("it did not start in time")

    def _hear(self) -> None:
        """In a thread: replies as they come; nothing, once the process is gone or says too much at once."""
        out = self.process.stdout
        with contextlib.suppress(OSError, ValueError):
            while (line := out.readline(REPLY)).endswith(b"\n"):  # type: ignore[union-attr]
                self._replies.put(line)
        self._replies.put(b"")

    def _say(self, data: bytes) -> None:
        """In a thread: who does not listen holds nobody up."""

        def write():
            with contextlib.suppress(OSError, ValueError):
                self.process.stdin.write(data)
                self.process.stdin.flush()

        threading.Thread(target=write, daemon=True).start()

    def _reply(self, seconds: float) -> dict | None:
        """The next reply, or None after so many seconds. Raises Ended."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                line = self._replies.get(timeout=min(0.25, max(until - time.monotonic(), 0.01)))
            except queue.Empty:
                if much := too_much(self.folder, 0 if self.allowed.image else self.process.pid):
                    raise Ended(much) from None
                continue
            if not line:
                raise Ended(self._why())
            try:
                reply = readable(json.loads(line))
            except (ValueError, RecursionError):
                raise Ended(SPOKE) from None
            if not isinstance(reply, dict):
                raise Ended(SPOKE)
            return reply
        return None

    def _why(self) -> str:
        """Why the process is gone."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self.process.wait(2)
            if self.allowed.image:
                self.keeper.join(2)  # or its last words are not yet there
            if code == -getattr(signal, "SIGXCPU", 999):
                return "it used more processor time than a submission may"
            if code == -9:
                return "it was killed, mostly for lack of memory"
            return f"its process ended itself, code {code}" if code >= 0 else f"it crashed, signal {-code}"
        return "it said more at once than the grader takes"

    def end(self) -> None:
        """End it, at once, and all that belongs to it."""
        if self.allowed.image:
            end_in(self.name)
        end(self.process)

    def run(self, cell: Cell) -> Ran:
        """Run one cell. Raises Ended."""
        nonce = secrets.token_hex(16)
        self._say(json.dumps({"nonce": nonce, **vars(cell)}).encode() + b"\n")
        if (left := self.last - time.monotonic()) <= 0:
            raise Ended(f"all its cells together ran for more than {self.allowed.in_all:.0f} s")
        given = min(self.allowed.a_cell, left)
        reply, late = self._reply(given), ""
        if reply is None:
            late = f"ran too long: it was stopped after {given:.0f} s. Is there a loop without an end?"
            with contextlib.suppress(OSError, ValueError):  # Windows knows no such signal
                self.process.send_signal(signal.SIGINT)
            if left < self.allowed.a_cell or (reply := self._reply(SECONDS_TO_STOP)) is None:
                raise Ended(late)
        if reply.get("nonce") != nonce:
            raise Ended(SPOKE)
        try:
            return ran_of(reply, late)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Ended(SPOKE) from None

    def prove(self, cell: Cell) -> None:
        """Have it run cells like this test, whose results are known here; raises Ended for a forged one."""
        for proof in proofs(cell):
            if proof.is_forged(self.run(proof.cell)):
                raise Ended(FORGED)


def run_cells(
    cells: Sequence[Cell],
    answers: Sequence[str] = (),
    files: Sequence[Path] = (),
    allowed: Allowed | None = None,
    graded: Container[str] = (),
) -> tuple[list[Ran], str]:
    """What became of each cell of a submission, and why it ended early, if it did.

    `answers`: names that students are asked to define. `files`: copies of these lie beside it. `allowed`:
    how long it may run. `graded`: names of the tests that earn points. Cells after one that ended the process
    were not run. Nothing of it goes on when this returns.
    """
    staff, ran = [cell.source for cell in cells if cell.kind != "student"], []
    with _folder(files) as folder, tempfile.TemporaryFile() as words:
        child = _Child(folder, words, allowed or Allowed())
        begun = False
        try:
            child.begin(answers, staff)
            begun = True
            for cell in cells:
                start = time.monotonic()
                if cell.name in graded:
                    child.prove(cell)
                became = child.run(cell)
                became.seconds = time.monotonic() - start
                if cell.name in graded:
                    child.prove(cell)
                ran.append(became)
            why = ""
        except Ended as ended:
            why = str(ended)
            if not begun:
                words.seek(0)
                last = words.read()[-2000:].decode(errors="replace").strip()
                image = child.allowed.image
                hint = (
                    f"Does python run in the image {image}, with the kit installed?"
                    if image
                    else "Where root grades without Landlock, all users must be able to read Python."
                )
                raise RuntimeError(
                    f"no process for the cells could be started here ({why}). {hint} It said:\n{last}"
                ) from None
        finally:
            child.end()
    if why:
        stopped = {"output_type": "error", "ename": "Stopped", "evalue": why, "traceback": [why]}
        ran.append(Ran(False, [stopped], why))
    after = f"not reached: {why}, in {cells[len(ran) - 1].name}" if why else ""
    return ran + [Ran(False, [], after) for _ in cells[len(ran) :]], why
