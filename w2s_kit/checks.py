"""Checks for the exercises: each takes your answer, and says that it is right, or what to think about again, or, as long
as your function returns nothing, that it is your turn."""

from __future__ import annotations

import contextvars
import math
from collections import Counter

import numpy as np
import torch

from .methods.confidence import Confidence
from .methods.reliability import entropy as answer_entropy
from .methods.reliability import reliabilities
from .metrics import answers as answer_metrics
from .metrics import pgr
from .studies import theory
from .studies.debate import speaks_for_yes


def _wrong(message: str):
    raise AssertionError(message)


_grading = contextvars.ContextVar("grading", default=False)


def graded(check, *answer) -> None:
    """`check` as a test of an assignment: an answer that returns nothing is wrong, where in a notebook it is your turn."""
    token = _grading.set(True)
    try:
        check(*answer)
    finally:
        _grading.reset(token)


def _unwritten(function, *arguments, **named) -> bool:
    """True, and a line that says so, while the function returns nothing."""
    if function(*arguments, **named) is not None:
        return False
    said = f"{getattr(function, '__name__', 'your function')} returns nothing yet."
    if _grading.get():
        raise NotImplementedError(said)
    print(f"Your turn: {said}")
    return True


def check_pgr(function) -> None:
    """Notebook 00, exercise 1."""
    if _unwritten(function, 0.6, 0.75, 0.9):
        return
    cases = [(0.6, 0.75, 0.9), (0.6, 0.6, 0.9), (0.6, 0.9, 0.9), (0.7, 0.65, 0.8)]
    for supervisor, student, ceiling in cases:
        got, want = function(supervisor, student, ceiling), pgr.pgr(supervisor, student, ceiling)
        if not isinstance(got, (int, float, np.floating)):
            _wrong(f"return a number; got {got!r}")
        if not math.isclose(got, want, abs_tol=1e-9):
            _wrong(f"for supervisor {supervisor}, student {student}, ceiling {ceiling} you get {got:.3f}. What share of the way "
                   "from the supervisor to the ceiling has the student gone? Both differences start at the supervisor.")
    print("Right: recovered gap over whole gap, negative when the student falls below its supervisor.")


def check_harden(function) -> None:
    """Notebook 01: soft labels to hard ones."""
    soft = np.array([0.1, 0.49, 0.51, 0.9])
    if _unwritten(function, soft):
        return
    got = np.asarray(function(soft))
    if got.shape != soft.shape:
        _wrong(f"one hard label for each soft label: expected shape {soft.shape}, got {got.shape}")
    if not np.array_equal(got, [0, 0, 1, 1]):
        _wrong(f"a hard label is the likelier class: for {soft.tolist()} you get {got.tolist()}")
    print("Right: the sure and the unsure now look the same. That is the information that soft labels keep.")


def check_agreement(function) -> None:
    """Notebook 01: agreement where the supervisor is wrong."""
    rng = np.random.default_rng(0)
    student, supervisor, truth = (rng.integers(0, 2, 200) for _ in range(3))
    if _unwritten(function, student, supervisor, truth):
        return
    want = answer_metrics.agreement(student, supervisor, truth)["supervisor_wrong"]
    got = float(function(student, supervisor, truth))
    if not math.isclose(got, want, abs_tol=1e-9):
        _wrong(f"expected {want:.3f}, got {got:.3f}: first keep the rows where the supervisor is wrong, then ask how often the student says the same")
    print("Right: this is how much of its supervisor's errors a student imitates.")


def check_confidence_loss(function) -> None:
    """Notebook 03: (logits, targets, alpha) -> scalar."""
    torch.manual_seed(0)
    logits, targets = torch.randn(8, 2, requires_grad=True), torch.rand(8)
    if _unwritten(function, logits, targets, 0.5):
        return
    for alpha in (0.0, 0.5, 0.75):
        want = Confidence(alpha, warmup=0.0)(logits, targets, 1.0)
        got = function(logits, targets, alpha)
        if not torch.allclose(got, want, atol=1e-5):
            _wrong(f"alpha = {alpha}: expected {want.item():.4f}, got {got.item():.4f}. Mix the targets, (1 - alpha) of the weak label "
                   "and alpha of the student's own hardened prediction; half of the batch is hardened to 1.")
    if not torch.autograd.grad(function(logits, targets, 0.75), logits)[0].allclose(torch.autograd.grad(Confidence(0.75, 0.0)(logits, targets, 1.0), logits)[0], atol=1e-5):
        _wrong("the value is right, but the gradient is not: detach the hardened prediction, it is a target and not a prediction")
    print("Right: value and gradient agree.")


def check_median_pgr(function, summary) -> None:
    """Notebook 02: (summary, supervisor) -> the median defined PGR of each student, a Series indexed by student."""
    supervisors = list(dict.fromkeys(summary["supervisor"]))
    if _unwritten(function, summary, supervisors[0]):
        return
    for supervisor in supervisors:
        mine = summary[summary["supervisor"] == supervisor]
        want, got = mine[mine["defined"]].groupby("student")["pgr"].median(), function(summary, supervisor)
        if set(got.index) != set(want.index):
            _wrong(f"supervisor {supervisor}: expected the students {sorted(want.index)}, got {sorted(got.index)}; "
                   "the undefined ones go first, then one group is one student")
        for student in want.index:
            if not math.isclose(got[student], want[student], abs_tol=1e-9):
                _wrong(f"supervisor {supervisor}, student {student}: expected {want[student]:.3f}, got {got[student]:.3f}. "
                       "Leave out the tasks where PGR is undefined, and take the median of the others, not the mean.")
    print("Right: one line of Figure 3 for each supervisor.")


def check_ramp(function) -> None:
    """Notebook 03: (step_fraction) -> alpha, with alpha_max 0.75 and a warm-up over 20 %."""
    if _unwritten(function, 0.1):
        return
    for step, want in ((0.0, 0.0), (0.05, 0.1875), (0.1, 0.375), (0.2, 0.75), (0.21, 0.75), (1.0, 0.75)):
        if not math.isclose(got := function(step), want, abs_tol=1e-9):
            _wrong(f"when {step:.0%} of training is done, alpha should be {want:g}, but you get {got:g}. It starts at 0, reaches "
                   "alpha_max after 20 %, and stays there: what do you have to divide by, so that it does not jump at the end of the ramp?")
    print("Right: it rises without a jump, and stays.")


def check_gap_slope(function, summary) -> None:
    """Notebook 04: how PGR changes with the gap."""
    made_up = summary.head(4).assign(gap=[0.1, 0.2, 0.3, 0.4], pgr=[0.5, 0.3, 0.1, 9.0], defined=[True, True, True, False])
    if _unwritten(function, made_up):
        return
    got = function(made_up)
    if math.isclose(got, -2.0, abs_tol=1e-6):
        _wrong("that is the slope for a whole unit of gap; 10 points are a tenth of it")
    if not math.isclose(got, -0.2, abs_tol=1e-6):
        _wrong(f"gaps .1, .2, .3 with PGR .5, .3, .1 fall by .2 in 10 points, and a fourth pair has no PGR; you get {got:.3f}")
    print(f"Right: on the stored grid {function(summary):+.2f} for 10 points of gap.")


def check_inherited(function) -> None:
    """Notebook 05: the share of a student's errors that its teacher made before."""
    rng = np.random.default_rng(0)
    student, teacher, truth = rng.integers(0, 3, (3, 400))
    if _unwritten(function, student, teacher, truth):
        return
    got, found = function(student, teacher, truth), answer_metrics.error_sources(student, teacher, truth)
    wrong = float((student != truth).mean())
    if math.isclose(got, found["inherited"], abs_tol=1e-9):
        _wrong("that is the share of all answers; take it of the wrong ones")
    if not math.isclose(got, found["inherited"] / wrong, abs_tol=1e-9):
        _wrong(f"of the student's errors, {found['inherited'] / wrong:.2f} repeat the teacher's; you get {got:.2f}")
    print("Right: the rest are errors of its own, or other errors where its teacher erred, too.")


def check_preference(function) -> None:
    """Notebook 06: rewards of the two sides -> P(the second is preferred)."""
    first, second = np.array([0.0, 1.0, -2.0, 3.0]), np.array([0.0, -1.0, 1.0, 3.5])
    if _unwritten(function, first, second):
        return
    got, want = np.asarray(function(first, second), float), 1 / (1 + np.exp(first - second))
    if got.shape != want.shape:
        _wrong(f"one probability a pair: expected shape {want.shape}, got {got.shape}")
    if np.allclose(got, 1 - want):
        _wrong("that is the probability of the first; label 1 says that the second is better")
    if not np.allclose(got, want):
        _wrong(f"for rewards 1 and -1 you get {got[1]:.3f}. Only the difference counts, and a logistic function makes a probability of it.")
    if not np.allclose(function(first + 7, second + 7), got):
        _wrong("adding 7 to both rewards changes your answer; a level means nothing, only the difference does")
    print("Right: Bradley and Terry's model. What a reward is in itself, comparisons never say.")


def check_best_of_n(function) -> None:
    """Notebook 06: (rewards, qualities, n), both (prompts, answers) -> mean quality of the best by reward among the first n."""
    rng = np.random.default_rng(0)
    rewards, qualities = rng.normal(size=(2, 50, 16))
    if _unwritten(function, rewards, qualities, 4):
        return
    for n in (1, 4, 16):
        want = qualities[np.arange(50), rewards[:, :n].argmax(axis=1)].mean()
        got = float(function(rewards, qualities, n))
        if math.isclose(got, qualities[:, :n].max(axis=1).mean(), abs_tol=1e-9) and n > 1:
            _wrong("that is the best quality; the choice has to be made by the reward, which is all that one has")
        if not math.isclose(got, want, abs_tol=1e-9):
            _wrong(f"n = {n}: expected {want:.3f}, got {got:.3f}. Of each row take the first n rewards, their largest, and the quality in its place.")
    print("Right: as n grows, the choice is ever more the reward model's own.")


def check_fair_gain(function) -> None:
    """Notebook 07: five accuracies -> the gain in PGR of a reading stage, each student against its own kind of ceiling."""
    numbers = dict(weak=0.6, naive=0.65, ceiling=0.8, generative=0.7, ceiling_that_read=0.9)
    if _unwritten(function, **numbers):
        return
    got = float(function(**numbers))
    naive = pgr.pgr(0.6, 0.65, 0.8)
    if math.isclose(got, pgr.pgr(0.6, 0.7, 0.8) - naive, abs_tol=1e-9):
        _wrong("the student that has read is measured against a ceiling that has not: part of its gain is what reading does to anybody")
    if not math.isclose(got, pgr.pgr(0.6, 0.7, 0.9) - naive, abs_tol=1e-9):
        _wrong(f"expected {pgr.pgr(0.6, 0.7, 0.9) - naive:+.3f}, got {got:+.3f}: PGR with reading, for student and ceiling, minus naive PGR")
    print("Right: a stage that helps the ceiling as much as the student has recovered nothing.")


def check_excess_imitation(function) -> None:
    """Notebook 08: agreement where the supervisor is wrong, beyond what errors that know nothing of each other would give."""
    rng = np.random.default_rng(0)
    truth, supervisor = rng.integers(0, 2, (2, 4_000))
    own = truth ^ (rng.random(4_000) < 0.2)  # errs in one of five, wherever
    if _unwritten(function, own, supervisor, truth):
        return
    for student in (own, np.where(rng.random(4_000) < 0.5, supervisor, own)):
        wrong = supervisor != truth
        want = float((student == supervisor)[wrong].mean() - (student != truth)[~wrong].mean())
        got = float(function(student, supervisor, truth))
        if math.isclose(got, (student == supervisor)[wrong].mean(), abs_tol=1e-9):
            _wrong("that is the whole agreement with wrong answers; take away how often the student errs where its supervisor is right")
        if not math.isclose(got, want, abs_tol=1e-9):
            _wrong(f"expected {want:+.3f}, got {got:+.3f}: the student's error rate where the supervisor is wrong, minus that where it is right")
    print("Right: zero for a student that errs on its own, one for a student that is its supervisor.")


def check_honest_gain(function) -> None:
    """Notebook 09: (accuracies on A, accuracies on B) along training -> the gain of stopping, not flattered."""
    rng = np.random.default_rng(0)
    rise = 0.7 + 0.2 * np.sin(np.linspace(0.3, 2.6, 16))
    on_a, on_b = rise + rng.normal(0, 0.03, (2, 16))
    if _unwritten(function, on_a, on_b):
        return
    got = float(function(on_a, on_b))
    fair = [chosen[where.argmax()] - chosen[-1] for where, chosen in ((on_a, on_b), (on_b, on_a))]
    if any(math.isclose(got, history.max() - history[-1], abs_tol=1e-9) for history in (on_a, on_b)):
        _wrong("the same examples choose the moment and judge it: of sixteen moments the luckiest wins")
    if math.isclose(got, on_b[on_a.argmax()], abs_tol=1e-9):
        _wrong("that is how good it is when stopped; the gain is against the end of training")
    if not any(math.isclose(got, want, abs_tol=1e-9) for want in (*fair, np.mean(fair))):
        _wrong(f"expected {fair[0]:+.3f}, got {got:+.3f}: find the best moment on A, then compare that moment with the last one on B")
    print("Right: it may be negative, and then stopping was luck.")


def check_wrong_where(function) -> None:
    """Notebook 10: (truth, score, errors) -> labels that are wrong at the top of the score."""
    truth, score = np.array([0, 1, 1, 0, 1, 0]), np.array([0.3, 0.9, 0.1, 0.7, 0.5, 0.2])
    before = truth.copy()
    if _unwritten(function, truth, score, 2):
        return
    for errors in (0, 2, 6):
        want = truth.copy()
        want[np.argsort(-score)[:errors]] ^= 1
        got = np.asarray(function(truth, score, errors))
        if not np.array_equal(truth, before):
            _wrong("the truth itself has changed: work on a copy")
        if got.shape != truth.shape:
            _wrong(f"one label for each example: expected shape {truth.shape}, got {got.shape}")
        if not np.array_equal(got, want):
            _wrong(f"{errors} errors at scores {score.tolist()}: expected {want.tolist()}, got {got.tolist()}")
    print("Right: the same accuracy, and any structure that can be written as a score.")


def check_prompt(function) -> None:
    """Notebook 11: (questions, labels, asked) -> a few-shot prompt."""
    questions, labels, asked = ["is the dax edible ?", "is the oak edible ?"], [1, 0], "is the cat edible ?"
    if _unwritten(function, questions, labels, asked):
        return
    got, want = function(questions, labels, asked), "is the dax edible ? yes . is the oak edible ? no . is the cat edible ?"
    if not isinstance(got, str):
        _wrong(f"one text; got {type(got).__name__}")
    if not got.strip().endswith(asked):
        _wrong(f"the last thing is what is asked, without an answer; yours ends in {got[-30:]!r}")
    if got.split() != want.split():
        _wrong(f"expected\n  {want}\ngot\n  {got}")
    print("Right: the model goes on as the examples did.")


def check_never_rises(function) -> None:
    """Notebook 13: (dial, pgr) -> whether PGR never rises along the dial."""
    cases = [([0, 0.5, 1], [0.9, 0.5, 0.1], True), ([0, 0.5, 1], [0.9, 0.95, 0.1], False), ([1, 0, 0.5], [0.1, 0.9, 0.5], True),
             ([0.5, 1, 0], [0.9, 0.5, 0.7], False), ([0, 0.5, 1], [0.5, 0.5, 0.1], True)]
    if _unwritten(function, *map(np.array, cases[0][:2])):
        return
    for dial, values, want in cases:
        if bool(function(np.array(dial), np.array(values))) != want:
            _wrong(f"dial {dial}, PGR {values}: expected {want}" + ("; the table is not in the order of the dial" if dial != sorted(dial) else ""))
    print("Right: between two points of a dial there is noise, too; an interval would say how much.")


def check_believer(function) -> None:
    """Notebook 12: (weak, truth), whole numbers -> how often a student would be right that tells all classes apart, and calls each
    what its supervisor calls it most often."""
    truth = np.repeat([0, 1, 2], [50, 30, 20])
    weak = np.concatenate([np.repeat([0, 1], [30, 20]), np.repeat([1, 2], [12, 18]), np.repeat([2, 0], [11, 9])])
    if _unwritten(function, weak, truth):
        return
    got = float(function(weak, truth))
    if math.isclose(got, np.mean(weak == truth), abs_tol=1e-9):
        _wrong("that is how often the weak labels are right; this student gives all images of a class one answer, the most frequent of its weak labels")
    if math.isclose(got, 2 / 3, abs_tol=1e-9):
        _wrong("you count classes; larger classes should count for more, as they do in an accuracy")
    if not math.isclose(got, 0.7, abs_tol=1e-9):
        _wrong("of 50 zeros 30 are labelled right, of 30 ones 12 (18 are called two), of 20 twos 11. This student calls zeros and twos "
               f"right and ones two, so it is right on 70 of 100 images; you get {got:.2f}")
    print("Right: errors that follow no rule it sees through; a class that is mostly called something else it learns by its wrong name.")


def check_holm(function) -> None:
    """Notebook 15: p-values -> Holm's adjusted p-values, in the same order."""
    cases = [([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]), ([0.02], [0.02]), ([0.6, 0.7, 0.01], [1, 1, 0.03])]
    if _unwritten(function, np.array(cases[0][0])):
        return
    for p_values, want in cases:
        p, want = np.array(p_values), np.array(want)
        got = np.asarray(function(p.copy()), dtype=float)
        if got.shape != p.shape:
            _wrong(f"one adjusted p-value for each: expected shape {p.shape}, got {got.shape}")
        if np.allclose(got, want, atol=1e-9):
            continue
        if np.allclose(got, np.minimum(1, len(p) * p), atol=1e-9):
            _wrong("that is Bonferroni: every p times the number of tests. Holm multiplies the smallest by it, the next by one less, and so on")
        if np.allclose(np.sort(got), want[np.argsort(want)], atol=1e-9):
            _wrong(f"the numbers are right and in another order: for {p_values} expected {want.tolist()}; put each back where its p-value stood")
        if (got > 1).any():
            _wrong(f"for {p_values} you get {got.round(4).tolist()}: a probability is 1 at most")
        order = np.argsort(p)
        if np.allclose(got[order], np.minimum(1, p[order] * np.arange(len(p), 0, -1)), atol=1e-9):
            _wrong(f"for {p_values} you get {got.round(4).tolist()}: a larger p-value must not end below a smaller one, so carry the largest so far along")
        _wrong(f"for {p_values} expected {want.tolist()}, got {got.round(4).tolist()}")
    print("Right: as strict as Bonferroni with the first, and less with each that passes.")


def check_tokens(function) -> None:
    """Notebook 14: how many tokens fit beside a model."""
    from .training.memory import finetuning_bytes

    cases = [(355e6, 24, 1024, 15e9), (124e6, 12, 768, 15e9), (124e6, 12, 768, 4e9)]
    if _unwritten(function, *cases[0]):
        return
    for parameters, layers, width, memory in cases:
        got, want = function(parameters, layers, width, memory), (memory - finetuning_bytes(parameters)) / finetuning_bytes(0, tokens=1, layers=layers, width=width)
        if not isinstance(got, (int, float, np.integer, np.floating)):
            _wrong(f"return a number; got {got!r}")
        if abs(got - want) <= 1 + want / 1000:
            continue
        if abs(got - memory / finetuning_bytes(0, tokens=1, layers=layers, width=width)) <= 1 + got / 1000:
            _wrong(f"{got:.0f} tokens would fit beside no model at all: take off what the weights need, their gradients and moments included")
        if got > want and finetuning_bytes(int(parameters), tokens=int(got), layers=layers, width=width) > memory:
            _wrong(f"with {got:.0f} tokens, {parameters / 1e6:.0f} million weights need {finetuning_bytes(int(parameters), tokens=int(got), layers=layers, width=width) / 1e9:.1f} GB, "
                   f"and there are {memory / 1e9:.0f}")
        _wrong(f"{got:.0f} tokens fit, and more would: fill the {memory / 1e9:.0f} GB")
    print("Right: what the weights leave over, divided by what a token leaves behind. For short texts that is thousands, so a batch is rarely the trouble.")


def check_overruled(function) -> None:
    """Notebook 17: (alpha, disagreement, error) -> where its label is wrong, how often is a student right?"""
    rng = np.random.default_rng(0)
    if _unwritten(function, 0.2, 0.2, 0.1):
        return
    for share in (0.1, 0.3, 0.45):
        good, right = rng.random(2_000) > share, rng.random(2_000) < 0.7
        alpha, disagreement, error = np.mean(~good), np.mean(right != good), np.mean(~right)
        got, want = float(function(alpha, disagreement, error)), np.mean(right[~good])
        if math.isclose(got, 1 - want, abs_tol=1e-9):
            _wrong("that is how often it repeats a wrong label; the question is how often it overrules one")
        if not math.isclose(got, want, abs_tol=1e-9):
            _wrong(f"alpha {alpha:.3f}, disagreement {disagreement:.3f}, error {error:.3f}: expected {want:.3f}, got {got:.3f}. "
                   "Solve error = disagreement + alpha (1 - 2 overruled) for the last.")
    print("Right: three numbers of a table say what became of the wrong labels, and no example has to be looked at.")


def check_expansion(function) -> None:
    """Notebook 17: (edges, inside) -> c. edges (n, m) booleans from n examples with good labels to m with bad ones; inside (n,)."""
    cases = [(np.eye(4, 2, dtype=bool), [1, 0, 0, 0], 2.0), (np.eye(4, 2, dtype=bool), [0, 0, 1, 1], 0.0),
             (np.array([[1, 1, 1], [1, 0, 0], [0, 0, 0]], bool), [1, 1, 0], 1.5), (np.array([[1, 1], [1, 0]], bool), [0, 1], 1.0)]
    if _unwritten(function, cases[0][0], np.array(cases[0][1], bool)):
        return
    for edges, inside, want in cases:
        inside = np.array(inside, bool)
        got, counted = float(function(edges, inside)), edges[inside].sum() / edges.shape[1] / inside.mean()
        if not math.isclose(got, want, abs_tol=1e-9):
            _wrong(f"edges {edges.astype(int).tolist()}, inside {inside.astype(int).tolist()}: expected {want:.2f}, got {got:.2f}. "
                   + ("Who has two neighbours inside counts once." if math.isclose(got, counted, abs_tol=1e-9)
                      else "What share of the bad has a neighbour inside, and what share of the good is inside?"))
    print("Right: a set with c = 1 is as large from the other side as from its own.")


def check_gain_and_misfit(function) -> None:
    """Notebook 16: (student, weak, truth) -> (gain, misfit)."""
    rng = np.random.default_rng(0)
    student, weak, truth = rng.normal(size=(3, 50))
    if _unwritten(function, student, weak, truth):
        return
    (gain, misfit), want = function(student, weak, truth), theory.gain_and_misfit(student, weak, truth)
    if math.isclose(gain, -want[0], abs_tol=1e-9):
        _wrong("a gain is positive when the student is better: the supervisor's error minus the student's")
    if not math.isclose(gain, want[0], abs_tol=1e-9):
        _wrong(f"gain: expected {want[0]:+.3f}, got {gain:+.3f}: mean squared distance of the supervisor from the truth, minus that of the student")
    if not math.isclose(misfit, want[1], abs_tol=1e-9):
        _wrong(f"misfit: expected {want[1]:.3f}, got {misfit:.3f}: the truth has no part in it; how far is the student from the labels it was given?")
    print("Right: one of the two needs the truth, the other does not.")


def check_lowest_error(function) -> None:
    """Notebook 18: the supervisor's error -> the lowest possible error of its student."""
    if _unwritten(function, 0.5):
        return
    for error in (0.0, 0.1, 0.5, 1.0):
        got, want = float(function(error)), float(theory.lowest_error(error))
        if error == 0.1 and math.isclose(got, error ** 2 / 4, abs_tol=1e-9):
            _wrong("that is the simpler bound below it; it is not attained. How long is the supervisor's answer, and how long the truth?")
        if not math.isclose(got, want, abs_tol=1e-9):
            _wrong(f"supervisor's error {error}: expected {want:.4f}, got {got:.4f}. The truth has length 1, the supervisor's answer √(1 − error), and the student's is no longer than that")
    print("Right: a student that only shrinks what it is told cannot make up for what was never said.")


def check_answer_entropy(function) -> None:
    """Notebook 19: answers (n, N), 0 or 1 -> the entropy of each row, in nats, (n,)."""
    answers = np.array([[1, 1, 1, 1, 1], [0, 0, 0, 0, 0], [1, 0, 0, 0, 0], [1, 0, 1, 0, 1]])
    if _unwritten(function, answers):
        return
    got, want = np.asarray(function(answers), float), answer_entropy(answers)
    if got.shape != want.shape:
        _wrong(f"one number a question: expected shape {want.shape}, got {got.shape}")
    if np.isnan(got).any():
        _wrong("0 log 0 counts as 0: five equal answers are no surprise, and NumPy makes NaN of it")
    if np.allclose(got, want / np.log(2)):
        _wrong("that is in bits; use the natural logarithm")
    for row, value, wanted in zip(answers, got, want):
        if not math.isclose(value, wanted, abs_tol=1e-9):
            _wrong(f"answers {row.tolist()}: expected {wanted:z.3f}, got {value:.3f}: -sum p log p over the shares p of 0 and of 1")
    print("Right: none of the two needs to know how sure the supervisor says it is.")


def check_reliability_weights(function) -> None:
    """Notebook 19: (answers (N,), tau) -> the weight of each, (N,)."""
    cases = [(np.array([1, 1, 1, 1, 1]), 0.2), (np.array([1, 0, 0, 1, 1]), 0.2), (np.array([0, 0, 0, 0, 1]), 0.2), (np.array([1, 0, 0, 1, 1]), 1.0)]
    if _unwritten(function, *cases[1]):
        return
    for answers, tau in cases:
        got, want = np.asarray(function(answers, tau), float), reliabilities(answers[None], tau)[0]
        if got.shape != want.shape:
            _wrong(f"one weight an answer: expected shape {want.shape}, got {got.shape}")
        if not np.allclose(got, want):
            hint = "of one answer alone, the softmax is 1" if len(set(answers)) == 1 else "a softmax over the *different* answers: two terms, not five"
            _wrong(f"answers {answers.tolist()}, tau {tau}: expected {want.round(3).tolist()}, got {got.round(3).tolist()}: {hint}")
    print("Right: the smaller tau, the more the majority takes all.")


def check_self_consistency(function) -> None:
    """Notebook 20: drawn answers (n, k), 0 or 1 -> (majority (n,), its share (n,)); a tie is label 0."""
    drawn = np.array([[1, 1, 1, 1], [0, 1, 0, 0], [1, 0, 1, 0], [1, 1, 0, 1]])
    if _unwritten(function, drawn):
        return
    majority, share = (np.asarray(found, float) for found in function(drawn))
    if not np.array_equal(majority, [1, 0, 0, 1]):
        _wrong(f"majority of {drawn.tolist()}: expected [1, 0, 0, 1], got {majority.tolist()}; a tie is label 0")
    if np.allclose(share, [1, 0.25, 0.5, 0.75]):
        _wrong("that is the share of label 1; who always says 0 is as consistent as who always says 1")
    if not np.allclose(share, [1, 0.75, 0.5, 0.75]):
        _wrong(f"share of the majority: expected [1, 0.75, 0.5, 0.75], got {share.tolist()}")
    print("Right: consistency knows nothing of truth. It is the supervisor's own confidence, seen through its answers.")


def check_fixed_and_spoiled(function) -> None:
    """Notebook 22: (right before, right after), booleans -> (share fixed of the wrong, share spoiled of the right)."""
    before = np.array([True, True, True, True, False, False, False, True])
    after = np.array([True, True, False, True, True, False, False, True])
    if _unwritten(function, before, after):
        return
    for was, now in ((before, after), (after, before), (before, before)):
        fixed, spoiled = (float(share) for share in function(was, now))
        want = now[~was].mean(), (~now[was]).mean()
        if math.isclose(fixed, (now & ~was).mean(), abs_tol=1e-9) and not math.isclose(fixed, want[0], abs_tol=1e-9):
            _wrong("that is a share of all facts; ask how many of the wrong ones were put right")
        if not math.isclose(fixed, want[0], abs_tol=1e-9):
            _wrong(f"right before {was.astype(int).tolist()}, after {now.astype(int).tolist()}: fixed should be {want[0]:.3f}, you get {fixed:.3f}")
        if not math.isclose(spoiled, want[1], abs_tol=1e-9):
            _wrong(f"right before {was.astype(int).tolist()}, after {now.astype(int).tolist()}: spoiled should be {want[1]:.3f}, you get {spoiled:.3f}: of those that were right, those that no longer are")
    print("Right: what one number, the accuracy, hides in its difference.")


def check_who_is_right(function) -> None:
    """Notebook 22: (p of the answerer, k of the corrector) -> P(the answerer is right, when they disagree about one of two words)."""
    if _unwritten(function, 0.9, 0.8):
        return
    for p, k in ((0.9, 0.8), (0.8, 0.8), (0.5, 0.8), (0.95, 0.79), (0.6, 0.5)):
        want, got = p * (1 - k) / (p * (1 - k) + (1 - p) * k), float(function(p, k))
        if math.isclose(got, p, abs_tol=1e-9) and not math.isclose(want, p, abs_tol=1e-9):
            _wrong(f"p = {p}, k = {k}: {p} is how often the answerer is right in general; that the two disagree is news. How often do they, with each of them right?")
        if math.isclose(got, p * (1 - k), abs_tol=1e-9):
            _wrong(f"p = {p}, k = {k}: {got:.3f} is how often they disagree *and* the answerer is right; divide by how often they disagree")
        if not math.isclose(got, want, abs_tol=1e-9):
            _wrong(f"p = {p}, k = {k}: expected {want:.3f}, got {got:.3f}. With two words, they disagree where exactly one of them is right")
    print("Right: above one half just where p is above k. Who corrects others must know more than they do, or know when it does.")


def check_ccs_loss(function) -> None:
    """Notebook 24: (P(true) of the side that ends in no (n,), of the other (n,)) -> the loss, a number."""
    if _unwritten(function, np.array([0.1, 0.2]), np.array([0.9, 0.7])):
        return
    cases = [([0.0, 1.0], [1.0, 0.0], 0.0, ""), ([0.5, 0.5], [0.5, 0.5], 0.25, "one half on both sides is consistent, and says nothing: the second term is there to forbid it"),
             ([1.0, 1.0], [1.0, 1.0], 2.0, "both sides true is a contradiction, and sure of it"), ([0.1, 0.9], [0.7, 0.3], 0.09, "square first, then take the mean"),
             ([0.2, 0.1, 0.6], [0.9, 0.9, 0.5], 0.32 / 3, "a mean over the pairs, of the two terms' sum")]
    for no, yes, want, hint in cases:
        got = float(function(np.array(no), np.array(yes)))
        if not math.isclose(got, want, abs_tol=1e-9):
            _wrong(f"no {no}, yes {yes}: expected {want:.3f}, got {got:.3f}" + (f": {hint}" if hint else ": of these, one side is true and the other false, so there is nothing to lose"))
    print("Right. And no label in it, so the opposite of a probe loses exactly as much: the sign has to come from elsewhere.")


def check_project_out(function) -> None:
    """Notebook 24: (features (n, width), direction (width,), the direction's middle) -> the features without what lies along the direction."""
    x, direction = np.array([[3.0, 1.0, 2.0], [0.0, -4.0, 1.0], [1.0, 1.0, 1.0]]), np.array([0.0, 3.0, 4.0])
    if _unwritten(function, x, direction, 2.0):
        return
    got = np.asarray(function(x, direction, 2.0))
    if got.shape != x.shape:
        _wrong(f"as many features as before: expected shape {x.shape}, got {got.shape}")
    along, unit = got @ direction, direction / 5
    if not np.allclose(along, 2.0):
        _wrong(f"all should lie at 2 along the direction (features @ direction), and lie at {along.round(2).tolist()}. "
               + ("The direction is 5 long: divide twice by its length" if np.allclose(got, x - np.outer(x @ direction - 2, direction)) else "Subtract (features @ direction − middle) times the direction over its squared length"))
    if not np.allclose(got - np.outer(got @ unit, unit), x - np.outer(x @ unit, unit)):
        _wrong("across the direction nothing should change")
    print("Right: what a linear probe along this direction could know is gone, and nothing else.")


def check_step_labels(function) -> None:
    """Notebook 21: which steps of a solution are right, in order -> the labels that a process reward model learns, one a prefix."""
    if _unwritten(function, [True, False, True]):
        return
    for right, want in (([True, True, True], [1, 1, 1]), ([True, False, True], [1, 0]), ([False, False], [0]), ([True, True, False], [1, 1, 0])):
        got = list(map(int, function(right)))
        if got == list(map(int, right)) and got != want:
            _wrong(f"steps {right}: a step that goes on rightly from a wrong value does not make the solution right again. Labels end with the first wrong step: {want}")
        if got != want:
            _wrong(f"steps {right}: expected {want}, got {got}; one label for each prefix, up to and including the first wrong step")
    print("Right: after the first wrong step nobody knows what right would mean, so nothing is said.")


def check_weighted_vote(function) -> None:
    """Notebook 21: (answers, scores) of one problem's solutions -> the answer that wins; None is no answer."""
    if _unwritten(function, [3, 3, 4], [0.2, 0.2, 0.9]):
        return
    for answers, scores, want in (([3, 3, 4], [0.2, 0.2, 0.9], 4), ([3, 3, 4], [0.5, 0.5, 0.9], 3), ([None, None, 5], [0.9, 0.9, 0.1], 5), ([7, 8, 8, 7, 7], [0.1, 0.9, 0.8, 0.1, 0.2], 8)):
        got, best = function(answers, scores), answers[int(np.argmax(scores))]
        if got != want:
            why = "None is no answer and wins nothing" if got is None else "that is the best of n" if got == best else "that is the majority" if got == Counter(answers).most_common(1)[0][0] else "sum the scores of each answer"
            _wrong(f"answers {answers}, scores {scores}: expected {want}, got {got}; {why}")
    print("Right: one enthusiastic judgement counts once, and many modest ones together.")


def check_best_of_all_choices(function) -> None:
    """Notebook 21: (right, scores, n) of one problem's samples -> how often the best-scored of n of them is right, over all choices."""
    right, scores = [1, 0, 1, 0, 1], [0.2, 0.9, 0.4, 0.1, 0.3]
    if _unwritten(function, right, scores, 2):
        return
    for n, want in ((1, 0.6), (5, 0.0), (2, 0.6), (3, 0.4)):
        got = float(function(right, scores, n))
        if n > 1 and n < 5 and math.isclose(got, float(right[int(np.argmax(scores[:n]))])):
            _wrong(f"n = {n}: the first {n} samples are one choice of many; expected {want}, the mean over all of them")
        if not math.isclose(got, want, abs_tol=1e-9):
            _wrong(f"n = {n}, right {right}, scores {scores}: expected {want:g}, got {got:g}. The sample at place k from the top is the best of "
                   f"comb({len(right)} - 1 - k, n - 1) of the comb({len(right)}, n) choices")
    print("Right: all choices of n at once, with no luck in it.")


def check_counting_judge(function) -> None:
    """Notebook 23: a transcript, a list of (side, fact, holds) -> P(yes) of a judge that counts who spoke more often."""
    cases = [([(1, 0, 1), (0, 1, 0), (1, 2, 1)], 1), ([(0, 0, 0), (1, 1, 0), (0, 5, 1)], 0), ([(1, 3, 0), (0, 4, 1)], 0.5), ([], 0.5), ([(1, 0, 0), (1, 4, 0), (0, 2, 1)], 1)]
    if _unwritten(function, cases[0][0]):
        return
    for transcript, want in cases:
        if not math.isclose(got := float(function(transcript)), want, abs_tol=1e-9):
            spoke = [sum(side == who for side, _, _ in transcript) for who in (1, 0)]
            hint = "nobody spoke more often, so it has no opinion" if want == 0.5 else "what was said does not matter, only who said it"
            _wrong(f"{transcript}: yes spoke {spoke[0]} times and no {spoke[1]}: expected {want}, got {got:g}; {hint}")
    print("Right: no word understood. How good is it after three turns, and how good after five?")


def check_speaks_for_yes(function) -> None:
    """Notebook 23: (beliefs (n, facts), weak labels (n,)) -> for each fact, how much likelier yes is where it is believed, (facts,)."""
    rng = np.random.default_rng(0)
    beliefs, labels = rng.random((8, 3)), rng.random(8)
    if _unwritten(function, beliefs, labels):
        return
    got, want = np.asarray(function(beliefs, labels), float), speaks_for_yes(beliefs, labels)
    if got.shape != want.shape:
        _wrong(f"one number a fact: expected shape {want.shape}, got {got.shape}")
    believed = beliefs > 0.5
    hard = np.array([labels[column].mean() - labels[~column].mean() for column in believed.T])
    if np.allclose(got, hard):
        _wrong("that takes beliefs for certain, those above one half; a belief of 0.6 counts 0.6 for the fact and 0.4 against it")
    if not np.allclose(got, want):
        _wrong(f"expected {want.round(3).tolist()}, got {got.round(3).tolist()}: a mean of the labels weighted with the beliefs, less one weighted with 1 - beliefs")
    print("Right: this is all that a debater knows about the question, and it comes from labels that are often wrong.")


def check_ladder(function) -> None:
    """Notebook 25: (score, best, step) -> what the board shows from now on."""
    if _unwritten(function, 0.3, 0.2, 0.05):
        return
    for score, best, want in ((0.30, 0.20, 0.30), (0.24, 0.20, 0.20), (0.10, 0.20, 0.20), (0.33, 0.20, 0.30), (0.20, -math.inf, 0.20)):
        got = float(function(score, best, 0.05))
        if math.isclose(got, score, abs_tol=1e-9) and not math.isclose(got, want, abs_tol=1e-9):
            _wrong(f"score {score}, best so far {best}: you show {got:g}, the score itself. Every digit of it tells about labels; show {want:g}")
        if not math.isclose(got, want, abs_tol=1e-9):
            _wrong(f"score {score}, best so far {best}, step 0.05: expected {want:g}, got {got:g}. Less than a step above the best changes nothing; "
                   "more is rounded down to a multiple of the step")
    print("Right: a board that answers seldom, and roughly, has little to give away.")


def check_read_label(function) -> None:
    """Notebook 25: (answer, before, after) -> the label of a row, from the scores before and after its answer was flipped, or "private"."""
    if _unwritten(function, 1, 0.5, 0.51):
        return
    for answer, before, after, want in ((1, 0.5, 0.51, 0), (0, 0.5, 0.51, 1), (1, 0.5, 0.49, 1), (0, 0.5, 0.49, 0), (0, 0.5, 0.5, "private"), (1, 0.5, 0.5, "private")):
        if (got := function(answer, before, after)) != want:
            _wrong(f"the answer was {answer}, the score {before} and after the flip {after}: the label is {want!r}, you say {got!r}. "
                   + ("A score that does not move is not about this row" if want == "private" else "If flipping helped, the answer was wrong"))
    print("Right: one question, one label. The board has been asked about accuracy and has answered about truth.")


def check_adaptive_weight(function) -> None:
    """Notebook 26: (P(yes), the supervisor's hard answer, tau) -> alpha, as published."""
    if _unwritten(function, 0.9, 0, 0.5):
        return
    for p, v, tau in ((0.9, 0, 0.5), (0.9, 1, 0.5), (0.2, 1, 0.5), (0.2, 0, 1.0), (0.7, 0, 1.0)):
        got = float(function(p, v, tau))
        odds = 1 if (p > 0.5) == v else max(p, 1 - p) / min(p, 1 - p)
        want = 1 / (1 + odds ** (1 / tau))
        if math.isclose(got, 1 - want, abs_tol=1e-9) and not math.isclose(got, want, abs_tol=1e-9):
            _wrong(f"P(yes) {p}, supervisor {v}, tau {tau}: that is {got:.3f}, the supervisor's share; the student's own is {want:.3f}")
        if not math.isclose(got, want, abs_tol=1e-9):
            _wrong(f"P(yes) {p}, supervisor {v}, tau {tau}: expected {want:.3f}, got {got:.3f}. "
                   + ("They agree, so the two cross-entropies are the same" if odds == 1 else "CE(f, h) = -log of what f gives to the likelier answer, CE(f, v) of what it gives to the supervisor's"))
    print("Right: and never above one half.")


def check_most_agreeable(function) -> None:
    """Notebook 26: the panel's P(yes) (n, supervisors), the student's (n,) -> the column that agrees with it most often."""
    panel = np.array([[0.9, 0.4, 0.1], [0.8, 0.6, 0.2], [0.2, 0.1, 0.9], [0.4, 0.9, 0.6]])
    cases = [(panel, np.array([0.6, 0.9, 0.1, 0.7]), 0), (panel, np.array([0.1, 0.9, 0.2, 0.6]), 1), (panel, np.array([0.3, 0.45, 0.9, 0.55]), 2)]
    if _unwritten(function, *cases[0][:2]):
        return
    for asked, said, want in cases:
        if int(got := function(asked, said)) != want:
            counts = ((asked > 0.5) == (said > 0.5)[:, None]).sum(axis=0).tolist()
            _wrong(f"the student says {said.tolist()}: the supervisors agree with it in {counts} of {len(said)} cases, you choose number {got}")
    print("Right: nobody was asked for the truth. The student is the measure, and it may be wrong.")


def check_verdict(function) -> None:
    """Notebook 27, exercise 1."""
    cases = [(0.1, 0.3, 0, 0, "shows"), (-0.1, 0.3, 0, 0, "does not show"), (-0.3, -0.1, 0, 0, "opposite"), (0.25, 0.3, 0.2, 0, "shows"), (0.1, 0.15, 0.2, 0, "does not show"),
             (0.0, 0.3, 0, 0, "does not show"), (-0.2, 0.0, 0, 0, "does not show"), (0.05, 0.15, 0.2, 0.2, "opposite")]
    if _unwritten(function, *cases[0][:4]):
        return
    for low, high, above, opposite, want in cases:
        if (got := function(low, high, above, opposite)) != want:
            _wrong(f"interval [{low}, {high}], to show it must lie above {above}, to show the opposite below {opposite}: expected {want!r}, got {got!r}. "
                   "All of the interval has to be beyond the threshold, and on it is not beyond.")
    print("Right. Between the two thresholds, and across either, it does not show.")
