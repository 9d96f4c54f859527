"""What runs in the process of a submission: bounds first, then somebody else's code.

`sandbox` hands this file to a fresh Python as text, behind that of the cage, since a submission cannot read
the kit's files. So it imports nothing else of the kit.
"""

import io
import json
import os
import sys
from collections.abc import Callable, Mapping
from importlib.machinery import PathFinder
from types import SimpleNamespace
from typing import Any

import numpy as np

from ...shared.cage.bounds import confine

FILE_SIZE = 1 << 20  # bytes that a submission may write, answers and complaints each


class Model:
    """The strong model as a method meets it.

    Its body is frozen, and has become the features; its head can be fitted, as often as wanted. `rng` draws
    numbers.
    """

    def __init__(self, seed: int = 0):
        self.rng = np.random.default_rng(seed)

    def fit(self, features, targets, weights=None, C: float = 0.1) -> Callable[[np.ndarray], np.ndarray]:
        """Fit a logistic regression of features (n, width) on targets (n,), hard or soft.

        Returns a function of features to P(label 1). It minimises sum(weights * cross-entropy) +
        |head|² / 2C. Raises ValueError for lengths that differ.
        """
        x, y = np.asarray(features, float), np.asarray(targets, float)
        w = np.ones(len(y)) if weights is None else np.asarray(weights, float)
        if not len(x) == len(y) == len(w):
            raise ValueError(f"{len(x)} features, {len(y)} targets, {len(w)} weights: one of each an example")
        x = np.column_stack([x, np.ones(len(x))])
        penalty = np.append(np.full(x.shape[1] - 1, 1 / C), 1e-8)  # the intercept goes free
        head = np.zeros(x.shape[1])
        cost = lambda h: w @ (np.logaddexp(0, x @ h) - y * (x @ h)) + penalty @ h**2 / 2
        for _ in range(50):  # Newton's method; half a step where a whole one leads uphill
            p = 1 / (1 + np.exp(-np.clip(x @ head, -500, 500)))
            slope = x.T @ (w * (p - y)) + penalty * head
            step = np.linalg.solve((x * (w * p * (1 - p))[:, None]).T @ x + np.diag(penalty), slope)
            while cost(head - step) > cost(head) + 1e-9 and abs(step).max() > 1e-9:
                step /= 2
            head = head - step
            if abs(step).max() < 1e-7:
                break
        return lambda z: 1 / (1 + np.exp(-np.clip(np.asarray(z, float) @ head[:-1] + head[-1], -500, 500)))


def answer(method: Callable, problem, seed: int, keywords: Mapping) -> np.ndarray:
    """The answers of `method` to the test inputs of `problem` (weak, train, test): (m,) 0 or 1.

    Raises ValueError for anything else.
    """
    answers = method(
        problem.weak.copy(),
        SimpleNamespace(train=problem.train.copy(), test=problem.test.copy()),
        Model(seed),
        **keywords,
    )
    answers, shape = np.asarray(answers), (len(problem.test),)
    if answers.shape != shape or answers.dtype.kind not in "buif" or not np.isin(answers, (0, 1)).all():
        raise ValueError(
            f"a method returns 0 or 1 for each of the {shape[0]} test inputs; "
            f"this one returns {answers.dtype} of shape {answers.shape}"
        )
    return answers.astype(np.uint8)


class Absent:
    """A package that may not be read counts as not installed: libraries try some, and go on without."""

    @staticmethod
    def find_spec(name: str, path=None, target=None):
        """What Python's own finder says. Raises ModuleNotFoundError for a file that cannot be opened."""
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.has_location and spec.origin:
            try:
                open(spec.origin, "rb").close()
            except PermissionError:
                raise ModuleNotFoundError(f"No module named {name!r} in the arena", name=name) from None
        return spec


def main() -> None:
    """The child's program: reads a job from standard input, closes itself in, and answers.

    The job is a line of JSON with the bounds and the source, then the arrays of one problem as .npz. The
    answers are bytes, one a test input.
    """
    header = json.loads(sys.stdin.buffer.readline())
    arrays = np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
    problem = SimpleNamespace(**{name: arrays[name] for name in ("weak", "train", "test")})
    out = os.dup(1)
    os.dup2(2, 1)  # what a submission prints stands with its errors
    confine(header["memory"], header["seconds"], header["readable"], header["listable"], file_size=FILE_SIZE)
    sys.meta_path.insert(sys.meta_path.index(PathFinder), Absent)
    scope: dict[str, Any] = {"np": np, "__name__": "submission"}
    exec(compile(header["source"], "submission.py", "exec"), scope)
    os.write(out, bytes(answer(scope[header["method"]], problem, header["seed"], header["keywords"])))


if __name__ == "__main__":
    main()
