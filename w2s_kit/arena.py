"""An arena for weak-to-strong methods (notebook 25; Wen, Qiu and others 2026): other people's code, scored on
labels it cannot see.

Three processes. The *organiser's*, where you type. The *server*, which draws the data, keeps the test labels
to itself, and answers questions about accuracy. And for each submission a fresh *child*, which has weak
labels, features and NumPy, and is killed when it is done, or has taken too long. Child and server do not know
each other.

    with Arena(miniworld, seeds=range(5)) as arena:
        arena.submit(method, "mine")     # method(weak, inputs, model) -> 0 or 1 for each of inputs.test
        arena.leaderboard()
"""

from __future__ import annotations

import ctypes
import inspect
import io
import json
import math
import multiprocessing
import os
import secrets
import signal
import subprocess
import sys
import sysconfig
import tempfile
import textwrap
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from . import confined
from .confined import answer
from .metrics.intervals import mean_interval
from .metrics.pgr import gap_of_accuracies, no_clear_gap

MIN_SEEDS = 5
CHILD = inspect.getsource(confined)  # the program of a child; it has no file that it may read
# what a submission may import beside the standard library
PACKAGES = ("numpy", "scipy", "sklearn", "joblib", "threadpoolctl")


class Refused(ValueError):
    """The server does not take this; its text says why."""


class SubmissionError(RuntimeError):
    """A submission came to no answer: its own error, or a bound that it ran into."""


@dataclass(frozen=True)
class Problem:
    """What everybody may see, of one seed."""

    weak: np.ndarray  # (n,) the supervisor's P(label 1) of the student's half
    train: np.ndarray  # (n, width) what the frozen student makes of that half, standardised
    test: np.ndarray  # (m, width) and of the test
    weak_test: np.ndarray  # (m,) 0 or 1: the supervisor's own answers on the test, PGR 0


@dataclass(frozen=True)
class Drawn:
    """A problem with its solutions; it never leaves the server."""

    problem: Problem
    truth: np.ndarray  # (m,) 0 or 1
    ceiling: np.ndarray  # (m,) 0 or 1: answers of the student fitted to the truth, PGR 1


def miniworld(
    seed: int,
    task: str = "edible",
    supervisor: str = "s",
    student: str = "xl",
    n_train: int = 500,
    n_test: int = 1_000,
) -> Drawn:
    """A task of MiniWorld, read off two frozen models of the kit by linear probes (notebook 11)."""
    from .inside.probes import fit_probe
    from .models.families import load_family
    from .models.loading import load_classifier
    from .tasks import load_task
    from .training.reading import features

    split, family = load_task(task, seed, n_train, n_test), load_family()
    read = lambda name, half: features(
        load_classifier(family[name]), getattr(split, half)["text"].tolist()
    ).astype(float)
    truth = {half: getattr(split, half)["label"].to_numpy() for half in ("supervisor", "student", "test")}
    weak = fit_probe(read(supervisor, "supervisor"), truth["supervisor"])
    train, test = read(student, "student"), read(student, "test")
    centre, scale = train.mean(axis=0), train.std(axis=0) + 1e-9
    problem = Problem(
        weak.predict_proba(read(supervisor, "student"))[:, 1],
        (train - centre) / scale,
        (test - centre) / scale,
        weak.predict(read(supervisor, "test")),
    )
    return Drawn(problem, truth["test"], fit_probe(train, truth["student"]).predict(test))


# ------------------------------------------------------------------------------------------------ the server
class Board:
    """Scores answers on both halves of the test. `ladder`: release only what beats the best so far by that
    much, in its steps (Blum and Hardt 2015); None: release everything. PGR is of mean accuracies over seeds,
    and each half has its own baselines. Raises Refused where the ceiling does not clearly beat the supervisor
    on each half.
    """

    def __init__(
        self,
        drawn: Sequence[Drawn],
        ladder: float | None = 0.05,
        min_seeds: int = MIN_SEEDS,
        secret: int | None = None,
    ):
        self._truth = np.array([d.truth for d in drawn])
        self._public = np.random.default_rng(secret).random(self._truth.shape) < 0.5
        ends = [np.array([d.problem.weak_test for d in drawn]), np.array([d.ceiling for d in drawn])]
        self._ends = [self._accuracies(answers) for answers in ends]
        self._ladder, self._min_seeds, self._entries, self._best, self._closed = (
            ladder,
            min_seeds,
            [],
            -math.inf,
            False,
        )
        if self._unclear(*map(self._by_seed, ends)):
            # told of the whole test: a difference of the halves would tell about the private one
            told = "supervisor {supervisor:.3f}, ceiling {ceiling:.3f}".format(**self.limits())
            raise Refused(
                "PGR is undefined here: on one half of the test at least, the ceiling does not "
                f"clearly beat the supervisor ({told}; {len(drawn)} seed{'s' * (len(drawn) != 1)} "
                f"of {self._truth.shape[1]} inputs). Draw a wider gap, more test inputs or more seeds"
            )

    def _unclear(self, weak, ceiling) -> bool:
        """Whether a half has no clear gap: over its test inputs or, of more seeds than one, over seeds.

        `weak`, `ceiling`: (2, seeds), as `_by_seed` has them."""
        gaps = []
        for half, w, c in zip((self._public, ~self._public), weak, ceiling):
            gaps.append(gap_of_accuracies(w.mean(), c.mean(), items=int(half.sum())))
            gaps += [mean_interval(c - w)] if len(w) > 1 else []
        return any(map(no_clear_gap, gaps))

    def _by_seed(self, answers) -> np.ndarray:
        """(2, seeds): accuracy on the public and on the private half."""
        right = answers == self._truth
        masks = (self._public, ~self._public)
        return np.array([[row[half].mean() for row, half in zip(right, mask)] for mask in masks])

    def _accuracies(self, answers) -> np.ndarray:
        return np.array([np.mean(seeds) for seeds in self._by_seed(answers)])

    def both(self, answers) -> tuple[float, float]:
        """Public and private PGR, exactly: for whoever may know the truth. No request of the server's reaches
        it.
        """
        weak, ceiling = self._ends
        public, private = (self._accuracies(np.asarray(answers)) - weak) / (ceiling - weak)
        return float(public), float(private)

    def score(self, answers, name: str | None = None) -> float:
        """Public PGR of answers (seeds, m), as the board releases it; with a `name`, it enters the
        leaderboard. Raises Refused.
        """
        answers = np.asarray(answers)
        if self._closed:
            raise Refused("the private scores have been shown: this board is closed")
        if answers.ndim != 2 or len(answers) < self._min_seeds:
            raise Refused(
                f"an entry has answers for at least {self._min_seeds} seeds; this one has shape {answers.shape}"
            )
        if answers.shape != self._truth.shape or not np.isin(answers, (0, 1)).all():
            raise Refused(
                f"an entry is 0 or 1 of shape {self._truth.shape}, all seeds and all test inputs; got {answers.dtype} of shape {answers.shape}"
            )
        public, private = self.both(answers)
        if self._ladder:
            if public >= self._best + self._ladder:
                self._best = math.floor(public / self._ladder + 1e-9) * self._ladder
            public = self._best
        if name is not None:
            self._entries.append((name, public, private))
        return public

    def leaderboard(self) -> pd.DataFrame:
        """Columns entry, public, and, once the board is closed, private."""
        table = pd.DataFrame(self._entries, columns=["entry", "public", "private"]).sort_values(
            "public", ascending=False, kind="stable", ignore_index=True
        )
        return table if self._closed else table.drop(columns="private")

    def reveal(self) -> pd.DataFrame:
        """The leaderboard with private scores. Nothing is scored after that."""
        self._closed = True
        return self.leaderboard()

    def limits(self) -> dict[str, float]:
        """The accuracies that PGR is measured between; one for both halves, since a difference would tell
        about the private one.
        """
        return dict(zip(("supervisor", "ceiling"), (float(end.mean()) for end in self._ends)))


def _serve(connection, draw, seeds, options) -> None:
    """The server's whole life. A question is a number, the name of a request and its arguments; a reply is
    the same number, whether it went well, and numbers, a table or an error.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who interrupts a notebook's cell wants to keep the server
    if sys.platform.startswith("linux"):
        # PR_SET_DUMPABLE 0: its memory is closed to processes of the same user
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
    if options["secret"] is None:
        # once, so that a reopened board has the same halves
        options = {**options, "secret": secrets.randbits(64)}
    drawn, board = [], None

    def attend(name, arguments):
        nonlocal drawn, board
        if name == "draw":
            drawn = [draw(seed) for seed in seeds]
            board = Board(drawn, **options)
            return [d.problem for d in drawn]
        if name == "reopen":
            board = Board(drawn, **{**options, **arguments[0]})
        elif name in ("score", "leaderboard", "reveal", "limits"):
            return getattr(board, name)(*arguments)
        else:
            raise Refused(f"no such request: {name}")

    with suppress(EOFError, OSError):  # until the organiser leaves
        while True:
            number, name, arguments = connection.recv()
            try:
                reply = True, attend(name, arguments)
            except (ValueError, OSError, ImportError) as error:
                reply = False, error
            except Exception as error:  # of a kind that may not travel
                reply = False, RuntimeError(repr(error))
            connection.send((number, *reply))


# ------------------------------------------------------------------------------------------------ the child
def _files() -> dict[str, list[str]]:
    """What a submission may read: the standard library, PACKAGES, and the system's shared libraries. Not the
    rest of site-packages, where the kit may be, with all that it takes to draw the same test again; Python
    only looks there for names.
    """
    library, packages = (
        Path(sysconfig.get_paths()["stdlib"]),
        [sysconfig.get_paths()[name] for name in ("purelib", "platlib")],
    )
    paths = [path for path in library.iterdir() if path.name not in ("site-packages", "dist-packages")]
    for package in PACKAGES:
        spec = find_spec(package)
        for folder in map(Path, spec.submodule_search_locations or [spec.origin or ""] if spec else []):
            paths += [folder, folder.with_name(f"{folder.name}.libs"), folder.with_name("scikit_learn.libs")]
    paths += Path(sys.base_prefix, "lib").glob("*.so*")
    paths += map(Path, ("/lib", "/lib64", "/usr/lib", "/etc/ld.so.cache", "/dev/null", "/dev/urandom"))
    return {"readable": [str(path) for path in paths if path.exists()], "listable": [str(library), *packages]}


def _child(header: Mapping, problems: Sequence[Problem], seconds: float) -> bytes:
    """What the child writes. Its standard streams are files without a name, so it can fill no pipe, and needs
    no folder.
    """
    data = io.BytesIO()
    np.savez(
        data,
        **{
            f"{name}{i}": getattr(problem, name)
            for i, problem in enumerate(problems)
            for name in ("weak", "train", "test")
        },
    )
    environment = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    if os.name == "nt":
        environment["SYSTEMROOT"] = os.environ["SYSTEMROOT"]
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as errors,
    ):
        given.write(
            json.dumps({**header, "problems": len(problems), **_files()}).encode() + b"\n" + data.getvalue()
        )
        given.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-c", CHILD],
            stdin=given,
            stdout=out,
            stderr=errors,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise SubmissionError(f"stopped: it took more than {seconds:g} s") from None
        finally:
            with suppress(OSError, AttributeError):  # all of its process group; on Windows there is none
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            process.wait()
        out.seek(0)
        errors.seek(0)
        if process.returncode in (-9, -getattr(signal, "SIGXCPU", 9)):
            raise SubmissionError(
                f"stopped: it took more than {header['seconds']} s of processor time, or the machine ran out of memory"
            )
        if process.returncode:
            if os.fstat(errors.fileno()).st_size >= confined.FILE_SIZE:
                raise SubmissionError(f"stopped: it printed more than {confined.FILE_SIZE >> 20} MB")
            lines = errors.read().decode(errors="replace").strip().splitlines()
            raise SubmissionError(
                "".join(filter(str.isprintable, lines[-1]))[:300]
                if lines
                else f"ended with code {process.returncode}, and said nothing"
            )
        return out.read(confined.FILE_SIZE)


@lru_cache(maxsize=1)
def missing_bounds() -> list[str]:
    """What this machine cannot forbid a submission, in words; empty on a recent Linux."""
    return json.loads(_child({"source": None, "memory": 1 << 30, "seconds": 60}, [], 60))


def run_confined(
    method: Callable | str,
    problems: Sequence[Problem],
    seconds: float = 30,
    memory: int = 1 << 30,
    **keywords,
) -> np.ndarray:
    """(problems, m): answers of somebody else's `method`, a function or the text of a module that defines
    `method`. It runs in a child, as text: what it needs, it imports itself. `seconds` bound both clock and
    processor, `memory` its address space in bytes. Raises SubmissionError.
    """
    source = textwrap.dedent(inspect.getsource(method)) if callable(method) else method
    header = {
        "source": source,
        "method": method.__name__ if callable(method) else "method",
        "keywords": keywords,
        "memory": memory,
        "seconds": math.ceil(seconds),
    }
    said, shape = _child(header, problems, seconds), (len(problems), len(problems[0].test))
    if len(said) != math.prod(shape) or not set(said) <= {0, 1}:
        raise SubmissionError(
            f"wrote {len(said)} bytes of its own; answers are {math.prod(shape)} times 0 or 1"
        )
    return np.frombuffer(said, np.uint8).reshape(shape)


def run_here(method: Callable, problems: Sequence[Problem], **keywords) -> np.ndarray:
    """The same answers without a child: faster, and for code that you trust."""
    return np.array([answer(method, problem, seed, keywords) for seed, problem in enumerate(problems)])


# ------------------------------------------------------------------------------------------------ the arena
class Arena:
    """The organiser's side. `draw(seed)` makes a `Drawn`, and is called in the server only; it can be
    pickled. `ladder`, `min_seeds` and `secret`, which decides the halves, as in `Board`. Raises Refused for
    fewer seeds than `min_seeds`, and where PGR is undefined, as `Board` does.
    """

    def __init__(
        self,
        draw: Callable[[int], Drawn],
        seeds: Sequence[int],
        ladder: float | None = 0.05,
        min_seeds: int = MIN_SEEDS,
        secret: int | None = None,
    ):
        seeds = list(seeds)
        if len(seeds) < min_seeds:
            raise Refused(f"an arena has at least {min_seeds} seeds, this one {len(seeds)}")
        # a fork would inherit this process, and a thread or two of it half-way
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._server = context.Process(
            target=_serve,
            args=(theirs, draw, seeds, {"ladder": ladder, "min_seeds": min_seeds, "secret": secret}),
            daemon=True,
        )
        self._server.start()
        theirs.close()
        self._asked = 0
        try:
            self.problems: list[Problem] = self._ask("draw")
        except BaseException:
            self.close()
            raise

    def _ask(self, name: str, *arguments):
        self._asked, number = self._asked + 1, None
        self._connection.send((self._asked, name, arguments))
        # a reply that nobody waited for, as the cell was interrupted, is dropped
        while number != self._asked:
            try:
                number, fine, value = self._connection.recv()
            except EOFError:
                raise RuntimeError("the server has ended") from None
        if not fine:
            raise value
        return value

    def submit(self, method: Callable | str, name: str, **bounds) -> float:
        """Runs a method in a child, enters it, and returns its released public PGR. `bounds` as in
        `run_confined`. Raises SubmissionError and Refused. Warns where this machine cannot forbid everything.
        """
        if missing := missing_bounds():
            warnings.warn(
                f"this machine cannot bound a submission's {', '.join(missing)}: enter only code that you trust",
                stacklevel=2,
            )
        return self.score(run_confined(method, self.problems, **bounds), name)

    def score(self, answers, name: str | None = None) -> float:
        """As `Board.score`."""
        return self._ask("score", np.asarray(answers), name)

    def leaderboard(self) -> pd.DataFrame:
        return self._ask("leaderboard")

    def reveal(self) -> pd.DataFrame:
        """As `Board.reveal`: once, at the end."""
        return self._ask("reveal")

    def limits(self) -> dict[str, float]:
        """As `Board.limits`."""
        return self._ask("limits")

    def reopen(self, **options) -> None:
        """An empty board on the same data and halves, with other `options` (ladder, min_seeds). For
        demonstrations: in a contest it would undo what `reveal` promises.
        """
        self._ask("reopen", options)

    def close(self) -> None:
        self._connection.close()
        self._server.join(5)
        self._server.kill()

    def __enter__(self) -> Arena:
        return self

    def __exit__(self, *_) -> None:
        self.close()


# ------------------------------------------------------------------------------------------------ methods, and a search over them
KNOBS = {
    "keep": (1.0, 0.75, 0.5, 0.25),  # share of examples to learn from, the supervisor's surest first
    "soft": (False, True),  # its probabilities, or 0 and 1
    "C": (1e-4, 1e-3, 1e-2, 1e-1, 1.0),  # freedom of the head
    "rounds": (0, 1, 2, 4),  # how often the student relabels, and learns again
    "mix": (0.3, 0.6, 1.0),  # how far labels move towards the student's own answers, each time
    "own": (False, True),  # whether it then chooses the examples by its own sureness
    "components": (0, 8, 16, 32, 64),  # only so many principal components of the features; 0: all of them
}
NAIVE = {"keep": 1.0, "soft": False, "C": 0.1, "rounds": 0, "mix": 0.3, "own": False, "components": 0}


def recipe(
    weak, inputs, model, keep=1.0, soft=False, C=0.1, rounds=0, mix=0.3, own=False, components=0, share=1.0
):
    """One method for each setting of KNOBS; NAIVE is the plain one. `share`: a random part of the examples,
    by `model.rng`.
    """
    train, test = inputs.train, inputs.test
    if components:
        _, _, axes = np.linalg.svd(train, full_matrices=False)
        train, test = train @ axes[:components].T, test @ axes[:components].T
    labels = weak if soft else (weak > 0.5).astype(float)
    drawn = model.rng.random(len(weak)) < share
    sure = abs(weak - 0.5)
    for _ in range(rounds + 1):
        kept = drawn & (sure >= np.quantile(sure, 1 - keep))
        head = model.fit(train[kept], labels[kept], C=C)
        mine = head(train)
        labels = (1 - mix) * labels + mix * (mine > 0.5)
        if own:
            sure = abs(mine - 0.5)
    return head(test) > 0.5


def search(
    score: Callable[[dict], float], steps: int, rng: np.random.Generator, starts: Sequence[Mapping] = ()
) -> list[tuple[dict, float]]:
    """A researcher of few ideas: tries NAIVE and the `starts`, then changes one knob of the best so far, or,
    one time in five, all. Returns what it tried with its scores, in order.
    """
    tried = []
    first = [dict(NAIVE), *({**NAIVE, **start} for start in starts)]
    draw = lambda knob: KNOBS[knob][rng.integers(len(KNOBS[knob]))]
    for step in range(steps):
        if step < len(first):
            knobs = first[step]
        elif rng.random() < 0.2:
            knobs = {knob: draw(knob) for knob in KNOBS}
        else:
            knob = list(KNOBS)[rng.integers(len(KNOBS))]
            knobs = {**max(tried, key=lambda one: one[1])[0], knob: draw(knob)}
        tried.append((knobs, score(knobs)))
    return tried


def flip_one_by_one(score: Callable[[np.ndarray], float], start: np.ndarray) -> np.ndarray:
    """An attack on a board that answers everything: flip one answer, keep it if the score rises, go on. Of
    answers (seeds, m), as many questions as there are answers, and one; nothing is learned, all is asked.
    """
    answers = np.array(start, dtype=np.uint8)
    best = score(answers)
    for place in np.ndindex(answers.shape):
        answers[place] ^= 1
        if (now := score(answers)) > best:
            best = now
        else:
            answers[place] ^= 1
    return answers


def flip_blocks(
    score: Callable[[np.ndarray], float],
    start: np.ndarray,
    questions: int,
    size: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """A more patient one: flip `size` random answers at once, keep them if the score rises."""
    answers = np.array(start, dtype=np.uint8)
    best = score(answers)
    for _ in range(questions):
        trial = answers.copy()
        trial.flat[rng.choice(answers.size, size, replace=False)] ^= 1
        if (now := score(trial)) > best:
            best, answers = now, trial
    return answers
