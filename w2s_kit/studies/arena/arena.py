"""The organiser's side of the arena: it starts the server, and sends it answers and questions."""

from __future__ import annotations

import multiprocessing
import warnings
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from .board import MIN_SEEDS, Drawn, Problem, Refused, serve
from .sandbox import missing_bounds, run_confined


class Arena:
    """An arena on the problems of several seeds, with a server process of its own.

    `draw(seed)` makes a `Drawn`, and is called in the server only; it can be pickled. `ladder`, `min_seeds`
    and `secret`, which decides the halves, are those of `Board`. Raises Refused for fewer seeds than
    `min_seeds`, and where PGR is undefined, as `Board` does.
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
            target=serve,
            args=(theirs, draw, seeds, {"ladder": ladder, "min_seeds": min_seeds, "secret": secret}),
            daemon=True,
        )
        self._server.start()
        theirs.close()
        self._requests = 0
        try:
            self.problems: list[Problem] = self._ask("draw")
        except BaseException:
            self.close()
            raise

    def _ask(self, name: str, *arguments):
        self._requests, number = self._requests + 1, None
        self._connection.send((self._requests, name, arguments))
        # a reply that nobody waited for, as the cell was interrupted, is dropped
        while number != self._requests:
            try:
                number, fine, value = self._connection.recv()
            except EOFError:
                raise RuntimeError("the server has ended") from None
        if not fine:
            raise value
        return value

    def submit(self, method: Callable | str, name: str, **bounds) -> float:
        """Run a method in a child, enter it, and return its released public PGR.

        `bounds` are those of `run_confined`. Raises SubmissionError and Refused. Warns where this machine
        cannot forbid everything.
        """
        if missing := missing_bounds():
            warnings.warn(
                f"this machine cannot bound a submission's {', '.join(missing)}: "
                "enter only code that you trust",
                stacklevel=2,
            )
        return self.score(run_confined(method, self.problems, **bounds), name)

    def score(self, answers, name: str | None = None) -> float:
        """The public PGR of answers, as `Board.score` releases it."""
        return self._ask("score", np.asarray(answers), name)

    def leaderboard(self) -> pd.DataFrame:
        """The table of entries, as `Board.leaderboard` shows it."""
        return self._ask("leaderboard")

    def reveal(self) -> pd.DataFrame:
        """The leaderboard with private scores, as `Board.reveal`: once, at the end."""
        return self._ask("reveal")

    def limits(self) -> dict[str, float]:
        """The accuracies that PGR is measured between, as `Board.limits`."""
        return self._ask("limits")

    def reopen(self, **options) -> None:
        """Begin an empty board on the same data and halves, with other `options` (ladder, min_seeds).

        For demonstrations: in a contest it would undo what `reveal` promises.
        """
        self._ask("reopen", options)

    def close(self) -> None:
        """End the server."""
        self._connection.close()
        self._server.join(5)
        self._server.kill()

    def __enter__(self) -> Arena:
        return self

    def __exit__(self, *_) -> None:
        self.close()
