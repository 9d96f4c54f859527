"""Theory that can be computed: gain and misfit (notebook 16), expansion (17), random features and shared
variance (18).

Errors are mean squared differences over inputs, unless a divergence is named. A theorem stands at the
function that it is about; its proof, a few lines, stands in the notebook.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


# ------------------------------------------------------------------------------------------------ gain and misfit
def gain_and_misfit(student, weak, truth):
    """What the student gains on its supervisor, weak error − student error, and the misfit, how far it is
    from its labels.

    Predictions on the same inputs, shape (n,) or (n, tasks); two numbers, or two arrays (tasks,). Charikar,
    Pabbaraju, Shiragur 2024, Theorem 1: gain >= misfit when the student is the point of a convex set nearest
    to its labels and the truth is in that set; equal when the set is a linear space. Raises ValueError when
    the shapes differ.
    """
    student, weak, truth = (np.asarray(values, dtype=float) for values in (student, weak, truth))
    if not student.shape == weak.shape == truth.shape:
        raise ValueError(
            f"one prediction an input from each: got shapes {student.shape}, {weak.shape} and {truth.shape}"
        )
    error = lambda a, b: np.mean((a - b) ** 2, axis=0)
    return error(weak, truth) - error(student, truth), error(student, weak)


def line_fit(gain, misfit) -> tuple[float, float]:
    """R² of the line gain = misfit, which has nothing to fit and so can be negative, and the slope of gain
    through the origin. Shapes (pairs,).
    """
    gain, misfit = np.asarray(gain, dtype=float), np.asarray(misfit, dtype=float)
    return float(1 - ((gain - misfit) ** 2).sum() / ((gain - gain.mean()) ** 2).sum()), float(
        (gain * misfit).sum() / (misfit**2).sum()
    )


def fit_head(features, labels) -> np.ndarray:
    """Least-squares linear head with an intercept, (width + 1,) or (width + 1, tasks), for features (n,
    width): the exact argmin.
    """
    return np.linalg.lstsq(_with_one(features), np.asarray(labels, dtype=float), rcond=None)[0]


def apply_head(features, head) -> np.ndarray:
    """Predictions (n,) or (n, tasks)."""
    return _with_one(features) @ head


def _with_one(features) -> np.ndarray:
    return np.column_stack([features, np.ones(len(features))])


def sign_head(features, labels) -> np.ndarray:
    """The best head (width,) of weights +1 and −1, all 2^width tried: a class that is not convex. Raises
    ValueError beyond 20.
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
    """The best head (width,) of weights between −1 and 1: the convex hull of what `sign_head` chooses from."""
    from scipy.optimize import lsq_linear

    return lsq_linear(features, labels, (-1, 1), method="bvls", tol=1e-12).x


def representations(
    seed: int = 0, inputs: int = 8, width: int = 16, tasks: int = 10, n: int = 2_000, steps: int = 1_500
) -> dict[str, Callable]:
    """The synthetic recipe of Charikar et al. (2024): {"target", "strong", "weak"}, functions from x (n,
    inputs) to features (n, width) of ReLU networks 5, 8 and 2 layers deep. The target's is random, and is
    what the truth is a linear head of. The other two have learned from `tasks` such truths with the true
    heads given; then they are frozen.
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
    """Gain and misfit, two arrays (n_pairs,), on tasks that are random heads of `target`: the supervisor's
    head is fitted to the truth of 2,000 inputs, the student's to the supervisor's labels of n others, and
    both are compared on `unseen` ones.
    """
    found = np.empty((n_pairs, 2))
    for row in found:
        head, (seen, labelled, test) = (
            rng.uniform(-0.25, 0.25, target(np.zeros((1, 8))).shape[1] + 1),
            (gaussian_inputs(rng, k) for k in (2_000, n, unseen)),
        )
        weak_head = fit_head(supervisor(seen), apply_head(target(seen), head))
        student_head = fit_head(student(labelled), apply_head(supervisor(labelled), weak_head))
        row[:] = gain_and_misfit(
            apply_head(student(test), student_head),
            apply_head(supervisor(test), weak_head),
            apply_head(target(test), head),
        )
    return found.T


def gaussian_inputs(rng: np.random.Generator, n: int, inputs: int = 8) -> np.ndarray:
    """(n, inputs), N(0, 500²), as in the same recipe."""
    return 500 * rng.standard_normal((n, inputs))


def kl(p, q) -> float:
    """KL(p ‖ q), mean over inputs; class probabilities (n, classes)."""
    return float((p * np.log(p / q)).sum(axis=-1).mean())


def kl_projection(predictors, weak, reverse: bool = True) -> np.ndarray:
    """The mixture of `predictors` (k, n, classes) nearest to the weak labels (n, classes): by KL(student ‖
    weak), the student in the first place, or with `reverse=False` by KL(weak ‖ student), which is
    cross-entropy. Both are convex in the mixture's weights. Mulgund and Pabbaraju 2025: the first has gain >=
    misfit, in KL(truth ‖ ·) and KL(student ‖ weak), for a truth in the mixtures.
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

    found = minimize(
        objective,
        np.full(k, 1 / k),
        jac=True,
        method="SLSQP",
        bounds=[(0, 1)] * k,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones(k)},
        options={"ftol": 1e-12, "maxiter": 500},
    )
    weights = np.clip(found.x, 0, None)
    return np.tensordot(weights / weights.sum(), predictors, 1)


# ------------------------------------------------------------------------------------------------ expansion
# Lang, Sontag and Vijayaraghavan 2024, arXiv 2405.16043.
# All is about one class i of two. Where a supervisor speaks (S), its labels are good or bad; a share `alpha`
# is bad. Where it is
# silent (T), there are none. Examples are told apart by booleans: is the student right, is the label good. So
# student and label
# differ exactly where the two booleans do.
ETAS = tuple(i / 20 for i in range(11))  # each eta gives a bound that holds, so the smallest one does


def neighbours(here, there) -> np.ndarray:
    """(n, m) booleans: who of n examples has the same key as whom of m others. Keys are hashable, one an
    example.
    """
    number = {key: i for i, key in enumerate(dict.fromkeys([*here, *there]))}
    return np.array([number[key] for key in here], int)[:, None] == np.array(
        [number[key] for key in there], int
    )


def instability(edges, answers, answers_there) -> np.ndarray:
    """r(f, x), shape (n,): the share of x's neighbours to which the student gives another answer; 0 for who
    has none. `edges` (n, m), answers (n,) and (m,). Raises ValueError when these shapes do not agree.
    """
    edges, answers, there = (
        _edges(edges, (len(answers), len(answers_there))),
        np.asarray(answers),
        np.asarray(answers_there),
    )
    return (edges & (answers[:, None] != there)).sum(axis=1) / np.maximum(1, edges.sum(axis=1))


def reach(edges, eta: float = 0.0) -> float:
    """How many have a neighbour in a set? `edges` (n in the set, m): the smallest share of the m on which 1 -
    eta of all edges end; with eta = 0 it is the share that has an edge at all. It is P_(1-eta)(U, A), the
    robust neighbourhood's size. Raises ValueError for eta outside [0, 1) and for m = 0.
    """
    edges = _edges(edges)
    if not 0 <= eta < 1 or not edges.shape[1]:
        raise ValueError(
            f"eta lies in [0, 1), and there must be somebody to reach; got eta {eta}, edges of shape {edges.shape}"
        )
    most = np.sort(edges.sum(axis=0))[::-1]
    return (
        float(np.argmax(np.cumsum(most) >= (1 - eta) * most.sum() - 1e-9) + 1) / len(most)
        if most.any()
        else 0.0
    )


def corrected_error(alpha: float, disagreement: float, overruled: float) -> float:
    """err(f, y | S) = err(f, label | S) + alpha (1 - 2 overruled), exactly; `overruled` is the share of bad
    labels against which the student is right. A lower bound of it makes an upper bound of the error: the
    first step of Theorem 4.1.
    """
    return disagreement + alpha * (1 - 2 * overruled)


def correction_bound(alpha: float, c: float, disagreement: float, unstable: float = 0.0) -> float:
    """Theorem 4.1: err(f, y | S) <= 2 alpha / (1 - 2 alpha) unstable + disagreement + alpha (1 - 3c/2), for a
    student whose right and robust answers on good labels expand by c to the bad ones, if
    `correction_applies`. `unstable`: P(not robust | S). Raises ValueError unless bad labels are a minority.
    """
    return 2 * alpha / (1 - 2 * _minority(alpha)) * unstable + disagreement + alpha * (1 - 1.5 * c)


def correction_applies(alpha: float, c: float, differs_or_unstable: float) -> bool:
    """The condition of Theorem 4.1: P(student differs from its label, or is not robust | S) <= (1 - alpha + 3
    c alpha) / 4.
    """
    return bool(differs_or_unstable <= (1 - alpha + 3 * c * alpha) / 4 + 1e-12)


def coverage_bound(
    alpha: float, c: float, disagreement: float, unstable: float = 0.0, q: float = 0.0
) -> float:
    """Theorem 4.2: err(f, y | T) <= (1 + alpha / (1 - 2 alpha)) unstable + max(q, (disagreement - c alpha) /
    (c (1 - 2 alpha))), where sets of silent examples expand by c, those with wrong robust answers to good
    labels, those with right ones to bad labels. `disagreement` is on S, `unstable` is P(not robust | T).
    Infinite for c = 0. Raises ValueError unless bad labels are a minority.
    """
    rest = (disagreement - c * alpha) / (c * (1 - 2 * _minority(alpha))) if c > 0 else np.inf
    return float((1 + alpha / (1 - 2 * alpha)) * unstable + max(q, rest))


def correction(right, good, edges, eta: float = 0.0) -> dict[str, float]:
    """All that Theorem 4.1 speaks of, for one class where its supervisor speaks. `right`, `good` (n,) and
    `edges` (n, n) booleans; an answer is robust if at most `eta` of the neighbours across (good to bad, bad
    to good) get another one.

    alpha, disagreement, overruled and error as in `corrected_error`; robust: share of good labels where the
    student is right and robust; reach: of them; c = reach / robust; bound: `corrected_error` with `reach`,
    which holds for any graph; theorem: Theorem 4.1, or 1, no promise, where it does not apply. Raises
    ValueError unless some labels are good and some bad.
    """
    right, good = np.asarray(right, bool), np.asarray(good, bool)
    edges = _edges(edges, (len(right), len(good)))
    if good.all() or not good.any():
        raise ValueError(
            "all labels are good, or all bad: there is nothing to correct, or nobody to learn it from"
        )
    robust = np.empty(len(good), bool)
    for side in (good, ~good):
        robust[side] = instability(edges[side][:, ~side], right[side], right[~side]) <= eta
    alpha, disagreement = float(np.mean(~good)), float(np.mean(right != good))
    expanding = (right & robust)[good]
    reached, share = reach(edges[good][:, ~good][expanding], eta), float(expanding.mean())
    c = _factor(reached, share) if share else 0.0
    applies = alpha < 0.5 and correction_applies(alpha, c, float(np.mean((right != good) | ~robust)))
    return {
        "eta": eta,
        "alpha": alpha,
        "disagreement": disagreement,
        "overruled": float(np.mean(right[~good])),
        "error": float(np.mean(~right)),
        "robust": share,
        "reach": reached,
        "c": c,
        "bound": corrected_error(alpha, disagreement, reached),
        "theorem": min(1.0, correction_bound(alpha, c, disagreement, float(np.mean(~robust))))
        if applies
        else 1.0,
    }


def coverage(right_silent, right, good, edges, eta: float = 0.0) -> dict[str, float]:
    """All that Theorem 4.2 speaks of, for one class. `right_silent` (t,) where the supervisor is silent,
    `right` and `good` (n,) where it speaks, `edges` (t, n) between them. error: on the silent ones; unstable:
    share of them that is not robust, towards good labels or bad ones; c: the smaller of the two expansions,
    where there is a set that could expand; theorem: Theorem 4.2, at most 1, and 1 where bad labels are no
    minority. Raises ValueError unless some labels are good and some bad.
    """
    silent, right, good = np.asarray(right_silent, bool), np.asarray(right, bool), np.asarray(good, bool)
    edges = _edges(edges, (len(silent), len(right)))
    if good.all() or not good.any():
        raise ValueError(
            "all labels are good, or all bad: Theorem 4.2 needs silent examples that have neighbours among both"
        )
    robust = np.ones(len(silent), bool)
    for side in (good, ~good):
        robust &= instability(edges[:, side], silent, right[side]) <= eta
    sets = ((~silent & robust, good), (silent & robust, ~good))
    c = min(
        (_factor(reach(edges[some][:, to], eta), float(some.mean())) for some, to in sets if some.any()),
        default=1.0,
    )
    alpha, disagreement, unstable = (
        float(np.mean(~good)),
        float(np.mean(right != good)),
        float(np.mean(~robust)),
    )
    bound = coverage_bound(alpha, c, disagreement, unstable) if alpha < 0.5 else 1.0
    return {
        "eta": eta,
        "error": float(np.mean(~silent)),
        "unstable": unstable,
        "c": c,
        "theorem": min(1.0, bound),
    }


def _factor(reached: float, share: float) -> float:
    return min(1.0, reached / share)  # who expands by more expands by 1


def _edges(edges, shape: tuple | None = None) -> np.ndarray:
    edges = np.asarray(edges, bool)
    if edges.ndim != 2 or shape not in (None, edges.shape):
        raise ValueError(f"edges: expected booleans of shape {shape or '(n, m)'}, got shape {edges.shape}")
    return edges


def _minority(alpha: float) -> float:
    if not 0 <= alpha < 0.5:
        raise ValueError(f"alpha: bad labels are a minority in these theorems, got a share of {alpha}")
    return alpha


# ------------------------------------------------------------------------------------------------ random features
@dataclass(frozen=True)
class Teacher:
    """A teacher of random features, in the coordinates in which a student of infinitely many such features
    learns.

    The truth has length 1. `signal` is the teacher's component along it; everything else it says is noise,
    here the squared length of each part. Gradient flow on the teacher's labels, stopped at time t, has
    learned the share 1 − exp(−t rate) of each part.
    """

    signal: float
    noise: np.ndarray  # (parts,)
    signal_rate: float
    rates: np.ndarray  # (parts,)

    @property
    def error(self) -> float:
        return float((1 - self.signal) ** 2 + self.noise.sum())

    def student_error(self, t):
        """At one time, or at an array of times."""
        t = np.asarray(t, dtype=float)
        learned = lambda rate: -np.expm1(-t * rate)
        return (1 - learned(self.signal_rate) * self.signal) ** 2 + sum(
            part * learned(rate) ** 2 for part, rate in zip(self.noise, self.rates)
        )

    def best_stop(self, times=np.geomspace(0.01, 1e9, 1_000)) -> tuple[float, float]:
        """(time, error) of the student that is stopped when it is best, in units of the signal's rate."""
        errors = self.student_error(times := np.asarray(times) / self.signal_rate)
        return float(times[errors.argmin()]), float(errors.min())


def linear_teacher(
    width: int, rng: np.random.Generator, tau: float = 4.0, directions: int = 20_000
) -> Teacher:
    """Least squares on `width` random linear features. Inputs have variance 1 along the truth and tau /
    directions along each of many others, so the teacher's error is near tau / (width + tau), and the
    student's best error is its square as directions grow (Medvedev et al. 2025, linear random features).
    """
    small = np.sqrt(tau / directions)
    truth, others = rng.standard_normal(width), small * rng.standard_normal((width, directions))
    weights = np.linalg.solve(np.outer(truth, truth) + others @ others.T, truth)
    return Teacher(
        float(weights @ truth), np.array([((weights @ others) ** 2).sum()]), 1.0, np.array([small**2])
    )


def relu_kernel(cosine, inputs: int):
    """E[relu(u·x) relu(v·x)] over x uniform on the unit sphere of R^inputs, for unit u, v of this cosine
    (arc-cosine kernel).
    """
    angle = np.arccos(np.clip(cosine, -1, 1))
    return (np.sin(angle) + (np.pi - angle) * np.cos(angle)) / (2 * np.pi * inputs)


def harmonics(inputs: int, degrees) -> tuple[np.ndarray, np.ndarray, list[Callable]]:
    """Of the ReLU kernel on the sphere: eigenvalue and multiplicity of each degree, and its Legendre
    polynomial with P(1) = 1. By the Funk-Hecke formula the eigenvalue is the mean of kernel times polynomial
    over one coordinate of x.
    """
    from scipy.special import comb, eval_gegenbauer, roots_gegenbauer

    alpha = inputs / 2 - 1
    at, weight = roots_gegenbauer(200, alpha)
    polynomials = [
        lambda c, k=k: eval_gegenbauer(k, alpha, c) / eval_gegenbauer(k, alpha, 1.0) for k in degrees
    ]
    rates = np.array([(weight * relu_kernel(at, inputs) * p(at)).sum() / weight.sum() for p in polynomials])
    copies = np.array(
        [comb(inputs + k - 1, k) - (comb(inputs + k - 3, k - 2) if k > 1 else 0) for k in degrees]
    )
    return rates, copies, polynomials


def relu_teacher(width: int, rng: np.random.Generator, inputs: int = 32) -> Teacher:
    """Least squares on `width` random ReLU features of inputs on the sphere; the truth is linear. Nothing is
    sampled but the features: all means over inputs are known. Parts of the noise: the rest of degree 1, then
    degrees 0, 2, 4, 6, and what is left, which is learned no faster than degree 8 (Medvedev et al. 2025, ReLU
    random features).
    """
    features = rng.standard_normal((width, inputs))
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    cosines, truth = features @ features.T, features[:, 0] / (2 * np.sqrt(inputs))
    weights = np.linalg.solve(relu_kernel(cosines, inputs), truth)
    signal = float(weights @ truth)
    # the odd ones from 3 on have eigenvalue 0
    rates, copies, polynomials = harmonics(inputs, (1, 0, 2, 4, 6, 8))
    parts = np.array(
        [rate * many * weights @ p(cosines) @ weights for rate, many, p in zip(rates, copies, polynomials)]
    )
    rest = signal - parts[:-1].sum()  # a projection's squared length is its signal
    return Teacher(
        signal,
        np.array([parts[0] - signal**2, *parts[1:-1], max(rest, 0)]),
        rates[0],
        np.array([rates[0], *rates[1:]]),
    )


def lowest_error(teacher_error):
    """No student that only shrinks its teacher (f_student = A f_teacher, 0 <= A <= 1) can be better than
    this, when the teacher is a projection of a truth of length 1: (1 − √(1 − L))² >= L² / 4 (Medvedev et al.
    2025, the quadratic lower bound).
    """
    return (1 - np.sqrt(1 - np.asarray(teacher_error, dtype=float))) ** 2


# ------------------------------------------------------------------------------------------------ shared variance
def subspaces(
    student: int, weak: int, cosines, dimensions: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal bases (dimensions, student) and (dimensions, weak) whose first axes meet at these cosines,
    the others at right angles. Raises ValueError when there are more cosines than axes, or too few
    dimensions.
    """
    cosines = np.asarray(cosines, dtype=float)
    dimensions = dimensions or student + weak
    if len(cosines) > min(student, weak) or dimensions < student + weak or (abs(cosines) > 1).any():
        raise ValueError(
            f"{len(cosines)} angles between {student} and {weak} axes in {dimensions} dimensions, cosines {cosines.tolist()}"
        )
    axes = np.eye(dimensions)
    own, others = axes[:, :student], axes[:, student : student + weak].copy()
    k = len(cosines)
    others[:, :k] = own[:, :k] * cosines + others[:, :k] * np.sqrt(1 - cosines**2)
    return own, others


def overlap(student_basis, weak_basis) -> float:
    """‖V_s' V_w‖²: how many dimensions two subspaces share, between 0 and the smaller one's; orthonormal
    bases (dimensions, ·).
    """
    return float(np.square(np.asarray(student_basis).T @ np.asarray(weak_basis)).sum())


def variance_formula(
    student: int, weak: int, shared: float, n: int, n_student: int, sigma: float = 1.0, exact: bool = False
) -> float:
    """Variance of a student of `student` dimensions taught by a supervisor of `weak` dimensions, of which
    they share `shared`: the supervisor had n true labels with noise sigma, the student n_student of its
    labels (Dong et al. 2025). The supervisor's variance is inherited where they overlap, and divided by
    n_student / student where they do not.

    With n − weak − 1 in place of n, which for Gaussian inputs is exact; `exact`: the same for the student,
    n_student − student − 1.
    """
    per_dimension = sigma**2 / (n - weak - 1)
    return per_dimension * (
        shared + student / (n_student - student - 1 if exact else n_student) * (weak - shared)
    )


def measured_variances(
    student_basis,
    weak_basis,
    n: int,
    n_student: int,
    repeats: int,
    rng: np.random.Generator,
    sigma: float = 1.0,
) -> np.ndarray:
    """(repeats, 3): squared distances from the truth, which both subspaces can represent, of supervisor,
    student and the student's own model fitted to the supervisor's n true labels. Gaussian inputs, ridgeless
    least squares; a truth of zero loses nothing, as least squares moves along with it.
    """
    v_s, v_w = (np.asarray(basis, dtype=float) for basis in (student_basis, weak_basis))
    found = np.empty((repeats, 3))
    fit = lambda x, y: np.linalg.solve(x.T @ x, x.T @ y)
    for row in found:
        x, z, y = (
            rng.standard_normal((n, len(v_s))),
            rng.standard_normal((n_student, len(v_s))),
            sigma * rng.standard_normal(n),
        )
        weak = v_w @ fit(x @ v_w, y)
        student, on_truth = fit(z @ v_s, z @ weak), fit(x @ v_s, y)
        row[:] = [(model**2).sum() for model in (weak, student, on_truth)]
    return found
