"""What theory promises: notebooks 16 to 18."""

from __future__ import annotations

import numpy as np

from ...studies.theory.shared_variance import variance_formula
from .ledger import POINTS, Table, anything, claim, judge, shares, table, together, within, within_bounds
from .resampled import least, mean, most, slope

MISFIT = Table("theory_misfit", anything("setting", "seed", "r2", "slope", "held", "top2"))
EXPANSION = Table(
    "theory_expansion",
    anything("student", "C", "set", "seed") | shares("accuracy") | anything("alpha", "theorem"),
)
RANDOM_FEATURES = Table(
    "theory_random_features",
    anything("features", "width", "seed") | shares("teacher_error") | within(0, 1e99, "student_error"),
)
VARIANCE = Table(
    "theory_variance",
    anything("n", "n_student", "shared", "seed") | within(0, 1e99, "supervisor_variance", "student_variance"),
)


def _setting(tables, name):
    return table(tables, MISFIT, setting=name).assign(task=name, supervisor="weak", student="strong")


@claim(
    "16",
    "theory",
    "A student with a linear head gains on its supervisor exactly what it misfits the supervisor's labels "
    "by.",
    "Charikar, Pabbaraju and Shiragur 2024, Theorem 1 and Fig. 2a",
    "100 pairs with realizable heads: slope of gain against misfit within 0.9 and 1.1, and R² of gain = "
    "misfit > 0.9; opposite: slope < 0; refuted: < 0.9",
    reads=MISFIT,
)
def gain_is_misfit(tables):
    rows = _setting(tables, "realizable")
    slope_of, said = lambda p: mean(p["slope"]), "slope {:z.2f} [{:z.2f}, {:z.2f}]"
    return together(
        judge(rows, slope_of, said, above=0.9),
        upper_bound=judge(rows, slope_of, said, above=1.1, opposite=1.1, sign=-1),
        fit=judge(rows, lambda p: mean(p["r2"]), "R² {:z.2f} [{:z.2f}, {:z.2f}]", above=0.9, opposite=0.9),
    )


@claim(
    "16",
    "theory",
    "The supervisor to choose is the one whose error minus misfit is smallest.",
    "Charikar, Pabbaraju and Shiragur 2024, Table 1",
    "among ten supervisors, the student of the one chosen so is of the two best in > 0.8 of draws; "
    "opposite: < 0.2, which is chance; refuted: < 0.8",
    reads=MISFIT,
)
def misfit_chooses_supervisors(tables):
    return judge(
        _setting(tables, "choice"),
        lambda p: mean(p["top2"]),
        "share {:z.2f} [{:z.2f}, {:z.2f}]",
        above=0.8,
        opposite=0.2,
    )


@claim(
    "16",
    "theory",
    "A classifier that minimises KL(student ‖ weak labels) over mixtures gains its misfit, or more.",
    "Mulgund and Pabbaraju 2025",
    "100 draws: gain ≥ misfit − 0.001 in > 0.95 of them, and R² of gain = misfit > 0.9; opposite: in < 0.5; "
    "refuted: < 0.95",
    reads=MISFIT,
)
def gain_is_misfit_in_kl(tables):
    rows = _setting(tables, "kl")
    verdict = judge(
        rows, lambda p: mean(p["held"]), "share {:z.2f} [{:z.2f}, {:z.2f}]", above=0.95, opposite=0.5
    )
    fit = judge(rows, lambda p: mean(p["r2"]), "R² {:z.2f} [{:z.2f}, {:z.2f}]", above=0.9, opposite=0.9)
    return together(verdict, fit=fit)


def _expansion(tables, **student):
    """One row a set of reviews and seed, the set in place of the student."""
    rows = (
        table(tables, EXPANSION, **student)
        .rename(columns={"set": "student"})
        .assign(task="reviews", supervisor="list")
    )
    return rows.assign(copied=(1 - rows["accuracy"] - rows["alpha"]).abs())


@claim(
    "17",
    "theory",
    "A student that can state its supervisor's rule copies it, errors and all, and knows nothing beyond it.",
    "Lang, Sontag and Vijayaraghavan 2024 (2405.16043), Table 3 and Proposition 4.1: bag of words 89.5 and "
    "67.1 %, as its supervisor, then 100 and 0 %",
    "bag of words: |error − its supervisor's| in either class, and the smaller accuracy where the "
    "supervisor is silent, all < 0.005; opposite: one > 0.05; refuted: > 0.005",
    reads=EXPANSION,
)
def students_copy_rules_that_they_can_state(tables):
    def worst(p):
        silent = least(*(p.one("accuracy", student=part) for part in ("T0", "T1")))
        return most(*(p.one("copied", student=part) for part in ("S0", "S1")), silent)

    return judge(
        _expansion(tables, student="words"),
        worst,
        "{:.3f} [{:.3f}, {:.3f}]",
        above=0.005,
        opposite=0.05,
        sign=-1,
    )


@claim(
    "17",
    "theory",
    "A student with pretrained features corrects its supervisor in the class with fewer errors, and is "
    "right where it is silent.",
    "Lang, Sontag and Vijayaraghavan 2024 (2405.16043), Table 3: 95.5 % against 89.5 %; silent 85.8 and "
    "74.9 %, 81.8 % overall",
    "xl, smallest of: errors corrected (hated) − 3, accuracy where silent (each class) − 50, overall − 70, "
    "in points, > 0; refuted: < 1 point",
    reads=EXPANSION,
)
def features_correct_and_go_beyond(tables):
    def margin(p):
        accuracy = lambda part: 100 * p.one("accuracy", student=part)
        return least(
            accuracy("S0") - 100 * (1 - p.one("alpha", student="S0")) - 3,
            accuracy("T0") - 50,
            accuracy("T1") - 50,
            accuracy("all") - 70,
        )

    return judge(_expansion(tables, student="xl", C=0.001), margin, POINTS, smallest=1)


@claim(
    "17",
    "theory",
    "With exact neighbours, the theory promises correction in the class with fewer errors, and none in the "
    "other.",
    "Lang, Sontag and Vijayaraghavan 2024 (2405.16043), Table 1: error at most 0.05 where the supervisor "
    "errs in 0.11, at most 0.37 where it errs in 0.33",
    "xl, smaller of: supervisor's error − Theorem 4.1 (hated), Theorem 4.1 − supervisor's error (liked), "
    "in points, > 0; a theorem that does not apply says 1; refuted: < 1 point",
    reads=EXPANSION,
)
def expansion_tells_what_is_corrected(tables):
    def margin(p):
        promised = lambda part: 100 * (p.one("alpha", student=part) - p.one("theorem", student=part))
        return least(promised("S0"), -promised("S1"))

    return judge(_expansion(tables, student="xl", C=0.001), margin, POINTS, smallest=1)


@claim(
    "18",
    "theory",
    "Stopped in time, a student of random features has its supervisor's error to a power well above one.",
    "Medvedev et al. 2025: 2 for linear features, 1.49 proved for ReLU features",
    "slope of log student error against log supervisor error, over widths: ReLU > 1.4 with R² > 0.95, "
    "linear within 1.95 and 2.05; opposite: ReLU < 1; refuted: < 1.4",
    reads=RANDOM_FEATURES,
)
def early_stopping_raises_the_power(tables):
    def powers(kind):
        rows = table(tables, RANDOM_FEATURES, features=kind)
        return rows.assign(
            task=kind,
            supervisor=rows["width"],
            student=kind,
            x=np.log(rows["teacher_error"]),
            y=np.log(rows["student_error"]),
        )

    power, said = lambda p: slope(p["x"], p["y"]), "power {:z.2f} [{:z.2f}, {:z.2f}]"
    r2 = lambda p: slope(p["x"], p["y"]) * slope(p["y"], p["x"])
    relu = powers("relu")
    return together(
        judge(relu, power, said, above=1.4, opposite=1),
        fit=judge(relu, r2, "R² {:z.2f} [{:z.2f}, {:z.2f}]", above=0.95, opposite=0.95),
        linear_features=within_bounds(powers("linear"), power, said, 1.95, 2.05),
    )


@claim(
    "18",
    "theory",
    "A student inherits its supervisor's variance where their features overlap, and averages it away where "
    "they do not.",
    "Dong et al. 2025: σ²/n · (overlap + d_s/N · (d_w − overlap))",
    "20 cells of overlap, n and N: largest deviation from the formula, with n − d_w − 1 for n, < 12 %, "
    "student below supervisor in all; opposite: > 12 %",
    reads=VARIANCE,
)
def variance_is_inherited_in_the_overlap(tables):
    rows = table(tables, VARIANCE)
    rows = rows.assign(
        task="variance",
        supervisor=rows["n"],
        student=[f"{shared} {n}" for shared, n in zip(rows["shared"], rows["n_student"])],
        formula=[
            variance_formula(10, 20, *cell) for cell in zip(rows["shared"], rows["n"], rows["n_student"])
        ],
    )
    verdict = judge(
        rows,
        lambda p: most(100 * abs(p["student_variance"] / p["formula"] - 1)),
        "{:z.1f} [{:z.1f}, {:z.1f}] % at most",
        above=12,
        opposite=12,
        sign=-1,
    )
    ratio = lambda p: most(p["student_variance"] / p["supervisor_variance"])
    said = "{:z.2f} [{:z.2f}, {:z.2f}] of the supervisor's at most"
    return together(verdict, student=judge(rows, ratio, said, above=1, opposite=1, sign=-1))
