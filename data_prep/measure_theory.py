"""Measure gain and misfit, random features, shared variance: the tables of notebooks 16 and 18.

    python data_prep/measure_theory.py    # about 20 minutes
                                          # results/theory_misfit.csv, theory_random_features.csv,
                                          # theory_variance.csv

Data is drawn, nothing is downloaded. A row is one setting and seed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from measuring import ROOT, save
from scipy.special import softmax
from tqdm.auto import tqdm

from w2s_kit import theory

SEEDS = 10
WIDTHS = (2, 3, 4, 6, 8, 10, 12, 16, 24, 32)  # of the ten supervisors that one chooses among
LINEAR, RELU, INPUTS = (4, 8, 16, 32, 64, 128, 256), (16, 24, 32, 48, 64, 96, 128, 192, 256), 32
STUDENT, WEAK = 10, 20  # dimensions


def summary(setting: str, seed: int, gain, misfit) -> dict:
    """One row for many pairs. `held`: the share whose gain is misfit − 0.001 or more."""
    r2, slope = theory.line_fit(gain, misfit)
    return {
        "setting": setting,
        "seed": seed,
        "pairs": len(gain),
        "r2": r2,
        "slope": slope,
        "ratio": float(np.median(gain / misfit)),
        "held": float((gain >= misfit - 1e-3).mean()),
        "positive": float((gain > 0).mean()),
        "gain": float(gain.mean()),
        "misfit": float(misfit.mean()),
    }


def regression(seed: int) -> list[dict]:
    """The paper's synthetic recipe, and variants of it.

    The same with as few inputs as there; with longer pretraining; with roles reversed.
    """
    at, longer, rows = theory.representations(seed), theory.representations(seed, steps=6_000), []
    for setting, networks, student, supervisor, sizes in (
        ("realizable", at, "target", "weak", {}),
        ("realizable, 2000 inputs", at, "target", "weak", {"n": 2_000, "unseen": 2_000}),
        ("pretrained", at, "strong", "weak", {}),
        ("pretrained longer", longer, "strong", "weak", {}),
        ("reversed", at, "weak", "strong", {}),
    ):
        gain, misfit = theory.pairs(
            networks[student],
            networks[supervisor],
            networks["target"],
            np.random.default_rng([seed, 1]),
            **sizes,
        )
        rows.append(summary(setting, seed, gain, misfit))
    return rows + signs(seed, at) + [choice(seed, at)]


def signs(seed: int, networks, pairs: int = 100, n: int = 2_000) -> list[dict]:
    """Heads of +1 and −1, and their convex hull, on the inputs that they were fitted to.

    There the theorem has no small print.
    """
    rng, found = np.random.default_rng([seed, 2]), {"signs": [], "hull": []}
    for _ in range(pairs):
        x = theory.gaussian_inputs(rng, n)
        features = networks["target"](x)
        features /= features.std()
        truth = features @ rng.choice([-1.0, 1.0], 16)
        weak = theory.apply_head(networks["weak"](x), theory.fit_head(networks["weak"](x), truth))
        for setting, fit in (("signs", theory.sign_head), ("hull", theory.box_head)):
            found[setting].append(theory.gain_and_misfit(features @ fit(features, weak), weak, truth))
    return [summary(setting, seed, *np.array(those).T) for setting, those in found.items()]


def choice(seed: int, networks, draws: int = 10) -> dict:
    """Ten supervisors with few random features each, of which one is to be chosen.

    Does weak error − misfit, or weak error alone, find one of the two best students?
    """
    rng, right = np.random.default_rng([seed, 3]), []
    for _ in range(draws):
        head, (seen, labelled, unseen) = (
            rng.uniform(-0.25, 0.25, 17),
            (theory.gaussian_inputs(rng, n) for n in (2_000, 2_000, 5_000)),
        )
        truth, errors = theory.apply_head(networks["target"](unseen), head), []
        for width in WIDTHS:
            weights = rng.standard_normal((8, width))
            looks = lambda x: np.maximum(x @ weights, 0)
            weak_head = theory.fit_head(looks(seen), theory.apply_head(networks["target"](seen), head))
            student_head = theory.fit_head(
                networks["strong"](labelled), theory.apply_head(looks(labelled), weak_head)
            )
            weak = theory.apply_head(looks(unseen), weak_head)
            gain, misfit = theory.gain_and_misfit(
                theory.apply_head(networks["strong"](unseen), student_head), weak, truth
            )
            errors.append((np.mean((weak - truth) ** 2), misfit, np.mean((weak - truth) ** 2) - gain))
        weak_error, misfit, student_error = np.array(errors).T
        best = student_error.argsort()[:2]
        right.append([(weak_error - misfit).argmin() in best, weak_error.argmin() in best])
    top2, by_error = np.mean(right, axis=0)
    return {"setting": "choice", "seed": seed, "pairs": draws, "top2": top2, "top2_by_error": by_error}


def divergence(
    seed: int, draws: int = 100, n: int = 400, classes: int = 3, predictors: int = 6
) -> list[dict]:
    """Mixtures of softmax predictors; a supervisor near the truth, in another place each time.

    KL in both directions.
    """
    rng, pairs = np.random.default_rng([seed, 4]), {"kl": [], "kl forward": []}
    for _ in range(draws):
        x = rng.standard_normal((n, 10))
        pool = softmax(
            0.7 * np.einsum("ni,kic->knc", x, rng.standard_normal((predictors, 10, classes))), axis=-1
        )
        truth = np.tensordot(rng.dirichlet(np.ones(predictors)), pool, 1)
        error = rng.uniform(0.1, 1.2) * (
            x[:, :4] @ rng.standard_normal((4, classes))
        ) + 0.2 * rng.standard_normal((n, classes))
        weak = softmax(np.log(truth) + error, axis=-1)
        for setting, reverse in (("kl", True), ("kl forward", False)):
            student = theory.kl_projection(pool, weak, reverse)
            pairs[setting].append(
                (theory.kl(truth, weak) - theory.kl(truth, student), theory.kl(student, weak))
            )
    return [summary(setting, seed, *np.array(those).T) for setting, those in pairs.items()]


def linear_features(seed: int) -> list[dict]:
    rows = []
    for width in LINEAR:
        teacher = theory.linear_teacher(width, np.random.default_rng([seed, width]))
        rows.append(
            {
                "features": "linear",
                "width": width,
                "seed": seed,
                "teacher_error": teacher.error,
                "student_error": teacher.best_stop()[1],
                "late_error": float(teacher.student_error(1e12)),
            }
        )
    return rows


def relu_features(
    seed: int, units: int = 8_192, n: int = 3_000, seen: int = 12_000, unseen: int = 4_000
) -> list[dict]:
    """A student of finite width on a finite sample: kernel gradient flow on its teacher's labels of n inputs.

    Its best time is chosen by the truth, as in the theorem; `late_error` is at infinity.
    """
    rng = np.random.default_rng([seed, 5])

    def unit(rows):
        x = rng.standard_normal((rows, INPUTS))
        return x / np.linalg.norm(x, axis=1, keepdims=True)

    relu = lambda x, features: np.maximum(x @ features.T, 0)
    x, x_test, features = unit(seen), unit(unseen), unit(units)
    truth, truth_test = np.sqrt(INPUTS) * x[:, 0], np.sqrt(INPUTS) * x_test[:, 0]
    mine = relu(x[:n], features)
    values, vectors = np.linalg.eigh(mine @ mine.T / (units * n))
    values = np.maximum(values, 1e-12)
    ahead = relu(x_test, features) @ mine.T @ vectors / (units * n)
    rows = []
    for width in RELU:
        few = unit(width)
        weights = np.linalg.lstsq(relu(x, few), truth, rcond=None)[0]
        labels = vectors.T @ (relu(x[:n], few) @ weights)
        error_at = lambda learned: float(((ahead @ (learned / values * labels) - truth_test) ** 2).mean())
        rows.append(
            {
                "features": "relu",
                "width": width,
                "seed": seed,
                "teacher_error": float(((relu(x_test, few) @ weights - truth_test) ** 2).mean()),
                "student_error": min(error_at(-np.expm1(-t * values)) for t in np.geomspace(1, 1e7, 60)),
                "late_error": error_at(np.ones(n)),
            }
        )
    return rows


def variances(seed: int, repeats: int = 300) -> list[dict]:
    rows = []
    for shared in (1, 3, 5, 8, 10):
        bases = theory.subspaces(STUDENT, WEAK, np.ones(shared))
        for n in (200, 1_000):
            for n_student in (200, 1_000):
                measured = theory.measured_variances(
                    *bases, n, n_student, repeats, np.random.default_rng([seed, shared, n, n_student])
                ).mean(axis=0)
                rows.append(
                    {
                        "n": n,
                        "n_student": n_student,
                        "shared": shared,
                        "seed": seed,
                        "repeats": repeats,
                        **dict(zip(("supervisor_variance", "student_variance", "truth_variance"), measured)),
                    }
                )
    return rows


TABLES = {
    "theory_misfit": (regression, divergence),
    "theory_random_features": (linear_features, relu_features),
    "theory_variance": (variances,),
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(SEEDS)))
    parser.add_argument("--out", type=Path, default=ROOT / "results")
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES))
    args = parser.parse_args()
    for name in args.tables:
        save(
            pd.DataFrame(
                [
                    row
                    for measure in TABLES[name]
                    for seed in tqdm(args.seeds, measure.__name__)
                    for row in measure(seed)
                ]
            ),
            args.out / f"{name}.csv",
        )
