"""Identities of the theory at machine precision, and its closed forms against plain simulation."""

import measure_theory
import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax

from w2s_kit import theory
from w2s_kit.report.widgets import explorer
from w2s_kit.shared.files import results_folder


def rng_(*seed):
    return np.random.default_rng(seed)


# -------------------------------------------------------------------------------------------- gain and misfit
@pytest.mark.parametrize("seed", range(5))
def test_on_the_training_inputs_realizable_linear_heads_gain_their_misfit(seed):
    rng = rng_(seed)
    features = rng.standard_normal((200, 6))
    truth = theory.apply_head(features, rng.standard_normal((7, 3)))
    weak = truth + rng.standard_normal((200, 3))
    gain, misfit = theory.gain_and_misfit(
        theory.apply_head(features, theory.fit_head(features, weak)), weak, truth
    )
    assert gain.shape == (3,) and (misfit > 0.5).all()
    np.testing.assert_allclose(gain, misfit, rtol=0, atol=1e-8)
    off = truth + np.sin(features[:, :1])  # no longer a linear head: the identity must go
    assert (
        abs(
            np.subtract(
                *theory.gain_and_misfit(
                    theory.apply_head(features, theory.fit_head(features, weak)), weak, off
                )
            )
        ).max()
        > 1e-3
    )


def test_gain_and_misfit_are_differences_of_errors():
    gain, misfit = theory.gain_and_misfit([0.0, 1.0], [1.0, 3.0], [0.0, 0.0])
    assert (gain, misfit) == (5 - 0.5, 2.5)
    with pytest.raises(ValueError, match=r"got shapes \(1,\), \(2,\) and \(2,\)"):
        theory.gain_and_misfit([0.0], [1.0, 3.0], [0.0, 0.0])


def test_a_head_has_an_intercept():
    features = rng_(0).standard_normal((20, 2))
    np.testing.assert_allclose(
        theory.apply_head(features, theory.fit_head(features, features @ [1, 2] + 3)), features @ [1, 2] + 3
    )


def test_line_fit():
    x = np.array([1.0, 2.0, 4.0])
    assert theory.line_fit(x, x) == (1, 1)
    r2, slope = theory.line_fit(-x, x)
    assert slope == pytest.approx(-1) and r2 < 0


@pytest.mark.parametrize("seed", range(3))
def test_a_convex_class_keeps_the_inequality_and_signs_break_it(seed):
    rng, broken = rng_(seed), 0
    for _ in range(10):
        features = abs(rng.standard_normal((60, 6)))
        truth = features @ rng.choice([-1.0, 1.0], 6)
        weak = truth + 4 * np.sin(3 * features[:, 0])
        gain, misfit = theory.gain_and_misfit(features @ theory.box_head(features, weak), weak, truth)
        assert gain >= misfit - 1e-8
        gain, misfit = theory.gain_and_misfit(features @ theory.sign_head(features, weak), weak, truth)
        broken += gain < misfit - 1e-8
    assert broken > 0


def test_the_sign_head_is_the_best_of_all():
    for seed in range(10):
        features, labels = (
            rng_(seed).uniform(0, [1, 2, 3, 4, 5], (30, 5)),
            3 * rng_(seed, 1).standard_normal(30) + 2,
        )
        errors = [
            ((features @ (1 - 2.0 * np.array(head)) - labels) ** 2).sum() for head in np.ndindex(*(2,) * 5)
        ]
        assert ((features @ theory.sign_head(features, labels) - labels) ** 2).sum() == pytest.approx(
            min(errors)
        )
    with pytest.raises(ValueError, match="2\\^21"):
        theory.sign_head(np.ones((3, 21)), np.ones(3))


def test_representations_and_pairs():
    networks = theory.representations(3, steps=200)
    x = theory.gaussian_inputs(rng_(0), 50)
    assert {name: network(x).shape for name, network in networks.items()} == dict.fromkeys(
        ("target", "strong", "weak"), (50, 16)
    )
    assert (networks["weak"](x) == theory.representations(3, steps=200)["weak"](x)).all()
    gain, misfit = theory.pairs(
        networks["target"], networks["weak"], networks["target"], rng_(1), n_pairs=3, n=4_000, unseen=4_000
    )
    np.testing.assert_allclose(gain, misfit, rtol=0.4)
    own_gain, own_misfit = theory.pairs(
        networks["weak"], networks["weak"], networks["target"], rng_(1), n_pairs=3, n=4_000, unseen=4_000
    )
    np.testing.assert_allclose(own_misfit / misfit, 0, atol=1e-9)  # who can copy its supervisor gains nothing
    np.testing.assert_allclose(own_gain / misfit, 0, atol=1e-6)


def mixtures(seed, classes=3, k=4, n=200):
    rng = rng_(seed)
    x = rng.standard_normal((n, 5))
    predictors = np.stack([softmax(x @ rng.standard_normal((5, classes)), axis=1) for _ in range(k)])
    return (
        predictors,
        np.tensordot(rng.dirichlet(np.ones(k)), predictors, 1),
        softmax(x @ rng.standard_normal((5, classes)), axis=1),
    )


@pytest.mark.parametrize("seed", range(4))
def test_kl_projection(seed):
    """Optimal in both directions against mixtures drawn at random; only the first has Pythagoras' inequality
    as a theorem.
    """
    predictors, truth, weak = mixtures(seed)
    for reverse in (True, False):
        student = theory.kl_projection(predictors, weak, reverse)
        distance = (lambda p: theory.kl(p, weak)) if reverse else (lambda p: theory.kl(weak, p))
        others = [
            np.tensordot(w, predictors, 1) for w in rng_(seed, 1).dirichlet(np.ones(len(predictors)), 200)
        ]
        assert distance(student) <= min(map(distance, others)) + 1e-9
        np.testing.assert_allclose(student.sum(axis=1), 1)
    student = theory.kl_projection(predictors, weak)
    assert theory.kl(truth, weak) - theory.kl(truth, student) >= theory.kl(student, weak) - 1e-6
    np.testing.assert_allclose(theory.kl_projection(predictors, truth), truth, atol=1e-3)


# -------------------------------------------------------------------------------------------- random features
@pytest.mark.parametrize("make", [theory.linear_teacher, theory.relu_teacher])
def test_a_teacher_is_a_projection(make):
    for width in (8, 64):
        teacher = make(width, rng_(width))
        assert teacher.error == pytest.approx(1 - teacher.signal)  # |f|² = <f, truth>
        assert (teacher.noise >= 0).all() and teacher.student_error(0) == 1
        stop, best = teacher.best_stop()
        assert theory.lowest_error(teacher.error) <= best < teacher.error and stop > 0
        assert teacher.student_error(np.array([0, stop])).tolist() == pytest.approx([1, best])


def test_the_linear_student_reaches_the_square():
    for width in (4, 32, 256):
        teacher = theory.linear_teacher(width, rng_(width), directions=50_000)
        assert teacher.best_stop()[1] == pytest.approx(teacher.error**2, rel=0.01)
        assert teacher.student_error(1e9) == pytest.approx(teacher.error, rel=1e-6)


def test_the_linear_teacher_is_the_projection_it_says():
    """Against least squares on inputs in as many directions."""
    drawn, small = rng_(5), 0.1  # tau = 0.5 over 50 directions
    teacher = theory.linear_teacher(6, rng_(5), tau=0.5, directions=50)
    root = np.r_[1.0, np.full(50, small)]  # standard deviation of each input
    features = np.column_stack([drawn.standard_normal(6), drawn.standard_normal((6, 50))]) * root
    # in coordinates of unit variance
    projected = np.linalg.lstsq(features.T, np.eye(51)[0], rcond=None)[0] @ features
    assert teacher.signal == pytest.approx(projected[0]) and teacher.noise[0] == pytest.approx(
        (projected[1:] ** 2).sum()
    )


def test_the_relu_kernel_and_its_spectrum_against_sampled_inputs():
    rng = rng_(0)
    x = rng.standard_normal((200_000, 6))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    u, v = np.eye(6)[0], np.array([0.6, 0.8, 0, 0, 0, 0])
    sampled = (np.maximum(x @ u, 0) * np.maximum(x @ v, 0)).mean()
    assert theory.relu_kernel(0.6, 6) == pytest.approx(sampled, rel=0.01)
    degrees = range(0, 40)
    rates, copies, polynomials = theory.harmonics(6, degrees)
    rebuilt = sum(rate * many * p(0.6) for rate, many, p in zip(rates, copies, polynomials))
    assert rebuilt == pytest.approx(theory.relu_kernel(0.6, 6), rel=1e-4)
    assert (
        rates[3] == pytest.approx(0, abs=1e-9)
        and rates[5] == pytest.approx(0, abs=1e-9)
        and copies[:3].tolist() == [1, 6, 20]
    )


def test_the_relu_teacher_against_least_squares_on_sampled_inputs():
    teacher, rng = theory.relu_teacher(12, rng_(2), inputs=8), rng_(2)
    features = rng.standard_normal((12, 8))
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    x = rng_(3).standard_normal((100_000, 8))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    truth, seen = np.sqrt(8) * x[:, 0], np.maximum(x @ features.T, 0)
    said = seen @ np.linalg.lstsq(seen, truth, rcond=None)[0]
    assert teacher.error == pytest.approx(((said - truth) ** 2).mean(), rel=0.02)
    assert teacher.noise[1] == pytest.approx(said.mean() ** 2, abs=2e-3)  # degree 0
    linear = (np.sqrt(8) * x * said[:, None]).mean(axis=0)
    assert teacher.noise[0] == pytest.approx((linear[1:] ** 2).sum(), rel=0.05)


def test_nothing_that_shrinks_its_teacher_beats_the_limit():
    rng = rng_(0)
    for _ in range(50):
        q = np.linalg.qr(rng.standard_normal((8, 8)))[0]
        truth, teacher = np.eye(8)[0], q[:, :4] @ q[:, :4].T @ np.eye(8)[0]
        student = (lambda b: b * rng.uniform(0, 1, 8) @ b.T)(
            np.linalg.qr(rng.standard_normal((8, 8)))[0]
        ) @ teacher
        error = ((teacher - truth) ** 2).sum()
        assert ((student - truth) ** 2).sum() >= theory.lowest_error(error) - 1e-12 >= error**2 / 4 - 1e-11
    # attained by the truth, as short as the teacher: 0.5
    assert theory.lowest_error(np.array([0.0, 0.75, 1.0])).tolist() == [0, 0.25, 1]


# -------------------------------------------------------------------------------------------- shared variance
def test_subspaces_share_what_they_are_told():
    own, others = theory.subspaces(3, 5, [1, 0.6])
    for basis in (own, others):
        np.testing.assert_allclose(basis.T @ basis, np.eye(basis.shape[1]), atol=1e-12)
    assert theory.overlap(own, others) == pytest.approx(1 + 0.36)
    with pytest.raises(ValueError, match="3 angles between 2"):
        theory.subspaces(2, 5, [1, 1, 1])


@pytest.mark.parametrize("cosines", [[], [1.0] * 4, [0.7] * 4])
def test_variance_of_supervisor_student_and_ceiling(cosines):
    n, n_student = 40, 60
    own, others = theory.subspaces(4, 8, cosines)
    measured = theory.measured_variances(own, others, n, n_student, 4_000, rng_(1), sigma=2.0)
    error = measured.std(axis=0) / np.sqrt(len(measured))
    shared = theory.overlap(own, others)
    wanted = [
        theory.variance_formula(8, 8, 8, n, n_student, 2.0),
        theory.variance_formula(4, 8, shared, n, n_student, 2.0, exact=True),
        4 * 4 / (n - 5),
    ]
    np.testing.assert_array_less(abs(measured.mean(axis=0) - wanted), 4 * error)
    assert (4 * error < 0.15 * np.array(wanted)).all()


# ------------------------------------------------------------------------------------------ the stored tables
def stored(name, seed):
    table = pd.read_csv(results_folder() / f"{name}.csv")
    return table[table.seed == seed].reset_index(drop=True)


def test_the_stored_divergences_are_what_is_measured_now():
    live = pd.DataFrame(measure_theory.divergence(3))
    table = stored("theory_misfit", 3)
    table = table[table.setting.str.startswith("kl")].reset_index(drop=True)
    pd.testing.assert_frame_equal(live, table[live.columns], check_dtype=False, atol=1e-3)


def test_the_stored_regressions_are_what_is_measured_now():
    # what the supervisor has learned in the reversed setting depends on the machine's last bits, and a slope
    # on one outlier: a median does not
    networks, table = theory.representations(0), stored("theory_misfit", 0).set_index("setting")
    for setting, student, supervisor, names in (
        ("realizable", "target", "weak", ("slope", "ratio")),
        ("reversed", "weak", "strong", ("ratio",)),
    ):
        gain, misfit = theory.pairs(networks[student], networks[supervisor], networks["target"], rng_(0, 1))
        live = measure_theory.summary(setting, 0, gain, misfit)
        assert [live[name] for name in names] == pytest.approx(
            [table.loc[setting, name] for name in names], abs=0.05
        )


def test_the_stored_features_and_variances_are_what_is_measured_now():
    table = stored("theory_random_features", 3)
    live = pd.DataFrame(measure_theory.linear_features(3))
    pd.testing.assert_frame_equal(live, table[table.features == "linear"], rtol=1e-4)
    finite = table[table.features == "relu"].set_index("width")
    # the student of 8,192 units against closed forms, other teachers of the same width
    for width in (32, 128):
        many = [theory.relu_teacher(width, rng_(width, draw)) for draw in range(20)]
        assert finite.teacher_error[width] == pytest.approx(
            np.mean([teacher.error for teacher in many]), rel=0.25
        )
        assert finite.student_error[width] == pytest.approx(
            np.mean([teacher.best_stop()[1] for teacher in many]), rel=0.4
        )
    found = stored("theory_variance", 3).set_index(["shared", "n", "n_student"]).loc[(5, 200, 200)]
    bases = theory.subspaces(measure_theory.STUDENT, measure_theory.WEAK, np.ones(5))
    live = theory.measured_variances(*bases, 200, 200, int(found["repeats"]), rng_(3, 5, 200, 200)).mean(
        axis=0
    )
    np.testing.assert_allclose(
        live, found[["supervisor_variance", "student_variance", "truth_variance"]], rtol=1e-4
    )


def test_the_explorer_draws_what_its_sliders_say():
    drawn = []
    box = explorer(lambda **values: drawn.append(values), width=(2, 0, 4, 1), time=(0.5, 0, 1, 0.1))
    box.children[0].children[0].value = 3
    assert drawn == [{"width": 2, "time": 0.5}, {"width": 3, "time": 0.5}]
