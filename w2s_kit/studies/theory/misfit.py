"""Gain and misfit (Charikar et al. 2024, 2405.15116): a student gains what it disagrees with."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def gain_and_misfit(student, weak, truth):
    """Gain: what the student improves on its supervisor; misfit: how far the student is from its labels.

    Gain is weak error − student error. Predictions on the same inputs, shape (n,) or (n, tasks); two numbers,
    or two arrays (tasks,). Charikar, Pabbaraju, Shiragur 2024, Theorem 1: gain >= misfit when the student is
    the point of a convex set nearest to its labels and the truth is in that set; equal when the set is a
    linear space. Raises ValueError when the shapes differ.
    """
    student, weak, truth = (np.asarray(values, dtype=float) for values in (student, weak, truth))
    if not student.shape == weak.shape == truth.shape:
        raise ValueError(
            f"one prediction an input from each: got shapes {student.shape}, {weak.shape} and {truth.shape}"
        )
    error = lambda a, b: np.mean((a - b) ** 2, axis=0)
    return error(weak, truth) - error(student, truth), error(student, weak)


def line_fit(gain, misfit) -> tuple[float, float]:
    """R² of the line gain = misfit, and the slope of gain through the origin; shapes (pairs,).

    The line has nothing to fit, so its R² can be negative.
    """
    gain, misfit = np.asarray(gain, dtype=float), np.asarray(misfit, dtype=float)
    explained = 1 - ((gain - misfit) ** 2).sum() / ((gain - gain.mean()) ** 2).sum()
    slope = (gain * misfit).sum() / (misfit**2).sum()
    return float(explained), float(slope)


def fit_head(features, labels) -> np.ndarray:
    """The least-squares linear head with an intercept, for features (n, width): the exact argmin.

    Its shape is (width + 1,), or (width + 1, tasks) for labels (n, tasks).
    """
    return np.linalg.lstsq(_with_one(features), np.asarray(labels, dtype=float), rcond=None)[0]


def apply_head(features, head) -> np.ndarray:
    """The predictions of a head of `fit_head`: (n,) or (n, tasks)."""
    return _with_one(features) @ head


def _with_one(features) -> np.ndarray:
    return np.column_stack([features, np.ones(len(features))])


def sign_head(features, labels) -> np.ndarray:
    """The best head (width,) of weights +1 and −1, all 2^width tried: a class that is not convex.

    Raises ValueError beyond 20 features.
    """
    features, width = np.asarray(features, dtype=float), np.shape(features)[1]
    if width > 20:
        raise ValueError(f"{width} features make 2^{width} heads; this tries all of them")
    heads = 1 - 2.0 * (np.arange(2**width)[:, None] >> np.arange(width) & 1)
    # |F h - y|² = h'F'F h - 2 h'F'y + |y|²: a few sums instead of one prediction a head
    return heads[
        np.argmin(((heads @ (features.T @ features)) * heads).sum(axis=1) - 2 * heads @ (features.T @ labels))
    ]


def box_head(features, labels) -> np.ndarray:
    """The best head (width,) of weights between −1 and 1: the convex hull of the heads of `sign_head`."""
    from scipy.optimize import lsq_linear

    return lsq_linear(features, labels, (-1, 1), method="bvls", tol=1e-12).x


def representations(
    seed: int = 0, inputs: int = 8, width: int = 16, tasks: int = 10, n: int = 2_000, steps: int = 1_500
) -> dict[str, Callable]:
    """The synthetic recipe of Charikar et al. (2024): {"target", "strong", "weak"}.

    Each is a function from x (n, inputs) to features (n, width) of a ReLU network: 5, 8 and 2 layers deep.
    The target's is random, and the truth is a linear head of it. The other two have learned from `tasks` such
    truths with the true heads given; then they are frozen.
    """
    import torch
    from torch import nn

    torch_state = torch.random.get_rng_state()
    torch.manual_seed(seed)
    network = lambda depth: nn.Sequential(
        *[layer for i in range(depth) for layer in (nn.Linear(inputs if i == 0 else width, width), nn.ReLU())]
    )
    networks = {"target": network(5), "strong": network(8), "weak": network(2)}
    x, heads = (
        gaussian_inputs(np.random.default_rng(seed), tasks * n, inputs),
        [nn.Linear(width, 1) for _ in range(tasks)],
    )
    x = torch.tensor(x, dtype=torch.float32).reshape(tasks, n, inputs)
    with torch.no_grad():
        truth = torch.stack([head(networks["target"](batch)) for head, batch in zip(heads, x)])
    for name in ("strong", "weak"):
        optimizer = torch.optim.AdamW(networks[name].parameters(), lr=1e-3)
        for step in range(steps):
            task, rows = step % tasks, torch.randint(0, n, (128,))
            weight, bias = (parameter.detach() for parameter in heads[task].parameters())
            loss = (
                (networks[name](x[task][rows]) @ weight.T + bias - truth[task][rows]) ** 2
            ).mean() / truth.var()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    torch.random.set_rng_state(torch_state)

    def frozen(network):
        @torch.no_grad()
        def features(x):
            return network(torch.tensor(x, dtype=torch.float32)).double().numpy()

        return features

    return {name: frozen(network) for name, network in networks.items()}


def pairs(
    student: Callable,
    supervisor: Callable,
    target: Callable,
    rng: np.random.Generator,
    n_pairs: int = 100,
    n: int = 10_000,
    unseen: int = 20_000,
):
    """Gain and misfit, two arrays (n_pairs,), on tasks that are random heads of `target`.

    The supervisor's head is fitted to the truth of 2,000 inputs, the student's to the supervisor's labels of
    n others, and both are compared on `unseen` ones.
    """
    result = np.empty((n_pairs, 2))
    for row in result:
        head = rng.uniform(-0.25, 0.25, target(np.zeros((1, 8))).shape[1] + 1)
        known, labelled, test = (gaussian_inputs(rng, k) for k in (2_000, n, unseen))
        weak_head = fit_head(supervisor(known), apply_head(target(known), head))
        student_head = fit_head(student(labelled), apply_head(supervisor(labelled), weak_head))
        row[:] = gain_and_misfit(
            apply_head(student(test), student_head),
            apply_head(supervisor(test), weak_head),
            apply_head(target(test), head),
        )
    return result.T


def gaussian_inputs(rng: np.random.Generator, n: int, inputs: int = 8) -> np.ndarray:
    """Inputs (n, inputs) of the same recipe, N(0, 500²)."""
    return 500 * rng.standard_normal((n, inputs))


def kl(p, q) -> float:
    """KL(p ‖ q), mean over inputs; class probabilities (n, classes)."""
    return float((p * np.log(p / q)).sum(axis=-1).mean())


def kl_projection(predictors, weak, reverse: bool = True) -> np.ndarray:
    """The mixture of `predictors` (k, n, classes) nearest to the weak labels (n, classes).

    Nearest by KL(student ‖ weak), the student in the first place, or with `reverse=False` by KL(weak ‖
    student), which is cross-entropy. Both are convex in the mixture's weights. Mulgund and Pabbaraju 2025:
    the first has gain >= misfit, in KL(truth ‖ ·) and KL(student ‖ weak), for a truth in the mixtures.
    """
    from scipy.optimize import minimize

    predictors = np.asarray(predictors, dtype=float)
    k, n = predictors.shape[:2]

    def objective(weights):
        mixed = np.tensordot(weights, predictors, 1)
        # the divergence's derivative by the mixture
        towards = np.log(mixed / weak) + 1 if reverse else -weak / mixed
        return kl(mixed, weak) if reverse else kl(weak, mixed), np.einsum(
            "knc,nc->k", predictors, towards
        ) / n

    result = minimize(
        objective,
        np.full(k, 1 / k),
        jac=True,
        method="SLSQP",
        bounds=[(0, 1)] * k,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones(k)},
        options={"ftol": 1e-12, "maxiter": 500},
    )
    weights = np.clip(result.x, 0, None)
    return np.tensordot(weights / weights.sum(), predictors, 1)
