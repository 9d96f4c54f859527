"""The server's side of the arena: a board of problems with hidden answers, which tells scores only."""

from __future__ import annotations

import ctypes
import math
import secrets
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...metrics.intervals import mean_interval
from ...metrics.pgr import gap_of_accuracies, no_clear_gap

MIN_SEEDS = 5


class Refused(ValueError):
    """The server does not take this; its text says why."""


@dataclass(frozen=True)
class Problem:
    """What everybody may see, of one seed.

    Fields:

        weak         (n,), the supervisor's P(label 1) of the student's half
        train        (n, width), what the frozen student makes of that half, standardised
        test         (m, width), the same of the test
        weak_test    (m,), 0 or 1: the supervisor's own answers on the test, PGR 0
    """

    weak: np.ndarray
    train: np.ndarray
    test: np.ndarray
    weak_test: np.ndarray


@dataclass(frozen=True)
class Drawn:
    """A problem with its solutions; it never leaves the server.

    Fields:

        problem    what everybody may see
        truth      (m,), 0 or 1
        ceiling    (m,), 0 or 1: answers of the student fitted to the truth, PGR 1
    """

    problem: Problem
    truth: np.ndarray
    ceiling: np.ndarray


class Board:
    """Scores answers on both halves of the test.

    ladder: release only what beats the best so far by that much, in its steps (Blum and Hardt 2015); None:
    release everything. PGR is of mean accuracies over seeds, and each half has its own baselines. Raises
    Refused where the ceiling does not clearly beat the supervisor on each half.
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
        self._ladder, self._min_seeds = ladder, min_seeds
        self._entries, self._best, self._closed = [], -math.inf, False
        if self._unclear(*map(self._by_seed, ends)):
            # of the whole test: a difference of the halves would tell about the private one
            accuracies = "supervisor {supervisor:.3f}, ceiling {ceiling:.3f}".format(**self.limits())
            raise Refused(
                "PGR is undefined here: on one half of the test at least, the ceiling does not "
                f"clearly beat the supervisor ({accuracies}; {len(drawn)} seed{'s' * (len(drawn) != 1)} "
                f"of {self._truth.shape[1]} inputs). Draw a wider gap, more test inputs or more seeds"
            )

    def _unclear(self, weak, ceiling) -> bool:
        """Whether a half has no clear gap: over its test inputs or, of more seeds than one, over seeds.

        `weak`, `ceiling`: (2, seeds), as `_by_seed` has them.
        """
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
        """Public and private PGR, exactly: for whoever may know the truth.

        No request to the server reaches it.
        """
        weak, ceiling = self._ends
        public, private = (self._accuracies(np.asarray(answers)) - weak) / (ceiling - weak)
        return float(public), float(private)

    def score(self, answers, name: str | None = None) -> float:
        """Public PGR of answers (seeds, m), as the board releases it.

        With a `name`, it enters the leaderboard. Raises Refused for answers of another shape or kind, and on
        a closed board.
        """
        answers = np.asarray(answers)
        if self._closed:
            raise Refused("the private scores have been shown: this board is closed")
        if answers.ndim != 2 or len(answers) < self._min_seeds:
            raise Refused(
                f"an entry has answers for at least {self._min_seeds} seeds; "
                f"this one has shape {answers.shape}"
            )
        if answers.shape != self._truth.shape or not np.isin(answers, (0, 1)).all():
            raise Refused(
                f"an entry is 0 or 1 of shape {self._truth.shape}, all seeds and all test inputs; "
                f"got {answers.dtype} of shape {answers.shape}"
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
        """The entries, best first: columns entry, public, and, once the board is closed, private."""
        table = pd.DataFrame(self._entries, columns=["entry", "public", "private"]).sort_values(
            "public", ascending=False, kind="stable", ignore_index=True
        )
        return table if self._closed else table.drop(columns="private")

    def reveal(self) -> pd.DataFrame:
        """The leaderboard with private scores. Nothing is scored after that."""
        self._closed = True
        return self.leaderboard()

    def limits(self) -> dict[str, float]:
        """The accuracies that PGR is measured between: supervisor and ceiling.

        They are of both halves together, since a difference would tell about the private one.
        """
        return dict(zip(("supervisor", "ceiling"), (float(end.mean()) for end in self._ends)))


def serve(connection, draw, seeds, options) -> None:
    """The server's whole life.

    A question is a number, the name of a request and its arguments. A reply is the same number, whether it
    went well, and numbers, a table or an error.
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
