"""The exercises' checks accept right answers and catch plausible wrong ones."""

import math
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from w2s_kit import checks


def test_pgr(capsys):
    checks.check_pgr(lambda w, s, c: (s - w) / (c - w))
    assert "Right" in capsys.readouterr().out
    with pytest.raises(AssertionError, match="share of the way"):
        checks.check_pgr(lambda w, s, c: s / c)
    with pytest.raises(AssertionError, match="return a number"):
        checks.check_pgr(lambda w, s, c: "half")


def test_harden():
    checks.check_harden(lambda p: (p > 0.5).astype(int))
    with pytest.raises(AssertionError, match="likelier class"):
        checks.check_harden(np.ceil)
    with pytest.raises(AssertionError, match="shape"):
        checks.check_harden(lambda p: p[:2])


def test_agreement():
    checks.check_agreement(lambda s, w, y: (s == w)[w != y].mean())
    with pytest.raises(AssertionError, match="supervisor is wrong"):
        checks.check_agreement(lambda s, w, y: (s == w).mean())


def test_confidence_loss():
    def right(logits, targets, alpha, detach=True):
        odds = logits[:, 1] - logits[:, 0]
        hard = (odds > odds.median()).float() if detach else torch.sigmoid(50 * (odds - odds.median()))
        mixed = (1 - alpha) * targets + alpha * hard
        return -(mixed * logits.log_softmax(1)[:, 1] + (1 - mixed) * logits.log_softmax(1)[:, 0]).mean()

    checks.check_confidence_loss(right)
    with pytest.raises(AssertionError, match="Mix the targets"):
        checks.check_confidence_loss(lambda logits, targets, alpha: right(logits, targets, 0.0))


def test_median_pgr():
    summary = pd.DataFrame([("x", "l", 0.1, True), ("x", "l", 0.2, True), ("x", "l", 0.9, True), ("x", "l", 9.0, False), ("x", "m", 0.5, True), ("m", "l", 0.7, True)],
                           columns=["supervisor", "student", "pgr", "defined"])
    right = lambda t, w: t[(t.supervisor == w) & t.defined].groupby("student").pgr.median()
    checks.check_median_pgr(right, summary)
    with pytest.raises(AssertionError, match="supervisor x, student l: expected 0.200, got 0.400.*median"):
        checks.check_median_pgr(lambda t, w: t[(t.supervisor == w) & t.defined].groupby("student").pgr.mean(), summary)
    with pytest.raises(AssertionError, match="supervisor x, student l: expected 0.200, got 0.550.*undefined"):
        checks.check_median_pgr(lambda t, w: t[t.supervisor == w].groupby("student").pgr.median(), summary)
    with pytest.raises(AssertionError, match="the undefined ones go first"):
        checks.check_median_pgr(lambda t, w: right(t, w)[:1], summary)


def test_ramp():
    checks.check_ramp(lambda step: 0.75 * min(1.0, step / 0.2))
    with pytest.raises(AssertionError, match="divide"):  # as released: creeps, then jumps
        checks.check_ramp(lambda step: 0.75 * (1.0 if step > 0.2 else step))
    with pytest.raises(AssertionError, match="21%.*stays there"):
        checks.check_ramp(lambda step: 0.75 * step / 0.2)


@pytest.mark.parametrize("check", [checks.check_pgr, checks.check_harden, checks.check_agreement, checks.check_confidence_loss, checks.check_ramp, checks.check_inherited])
def test_an_answer_not_yet_written_is_no_error(check, capsys):
    def mine(*arguments):
        ...

    check(mine)
    assert capsys.readouterr().out == "Your turn: mine returns nothing yet.\n"


def test_gap_slope():
    summary = pd.DataFrame({"gap": [0.1, 0.2, 0.35, 0.3, 0.2], "pgr": [0.5, 0.35, 0.2, 0.2, -4.0], "defined": [True, True, True, True, False]})
    right = lambda t: 0.1 * np.polyfit(t.gap[t.defined], t.pgr[t.defined], 1)[0]
    checks.check_gap_slope(right, summary)
    with pytest.raises(AssertionError, match="tenth"):
        checks.check_gap_slope(lambda t: 10 * right(t), summary)
    with pytest.raises(AssertionError, match="has no PGR"):
        checks.check_gap_slope(lambda t: 0.1 * np.polyfit(t.gap, t.pgr, 1)[0], summary)


def test_inherited():
    right = lambda student, teacher, truth: ((student == teacher) & (student != truth)).sum() / (student != truth).sum()
    checks.check_inherited(right)
    with pytest.raises(AssertionError, match="of the wrong ones"):
        checks.check_inherited(lambda student, teacher, truth: ((student == teacher) & (student != truth)).mean())
    with pytest.raises(AssertionError, match="repeat the teacher's"):
        checks.check_inherited(lambda student, teacher, truth: (teacher != truth)[student != truth].mean())


def test_preference():
    right = lambda a, b: 1 / (1 + np.exp(a - b))
    checks.check_preference(right)
    for wrong, message in ((lambda a, b: right(b, a), "probability of the first"), (lambda a, b: b / (np.abs(a) + np.abs(b) + 1), "difference counts"),
                           (lambda a, b: 0.5, "one probability a pair"), (lambda a, b: np.where(np.abs(a) > 5, 0.5, right(a, b)), "adding 7")):
        with pytest.raises(AssertionError, match=message):
            checks.check_preference(wrong)


def test_best_of_n():
    checks.check_best_of_n(lambda r, q, n: np.mean([row[best] for row, best in zip(q, r[:, :n].argmax(1))]))
    with pytest.raises(AssertionError, match="the best quality"):
        checks.check_best_of_n(lambda r, q, n: q[:, :n].max(1).mean())
    with pytest.raises(AssertionError, match="n = 1"):
        checks.check_best_of_n(lambda r, q, n: q[np.arange(len(q)), r.argmax(1)].mean())


def test_fair_gain():
    pgr = lambda w, s, c: (s - w) / (c - w)
    checks.check_fair_gain(lambda weak, naive, ceiling, generative, ceiling_that_read: pgr(weak, generative, ceiling_that_read) - pgr(weak, naive, ceiling))
    with pytest.raises(AssertionError, match="has not"):
        checks.check_fair_gain(lambda weak, naive, ceiling, generative, ceiling_that_read: pgr(weak, generative, ceiling) - pgr(weak, naive, ceiling))
    with pytest.raises(AssertionError, match="expected"):
        checks.check_fair_gain(lambda weak, naive, ceiling, generative, ceiling_that_read: generative - naive)


def test_excess_imitation():
    checks.check_excess_imitation(lambda s, w, y: (s != y)[w != y].mean() - (s != y)[w == y].mean())
    with pytest.raises(AssertionError, match="take away"):
        checks.check_excess_imitation(lambda s, w, y: (s == w)[w != y].mean())
    with pytest.raises(AssertionError, match="expected"):
        checks.check_excess_imitation(lambda s, w, y: (s == w)[w != y].mean() - (s != y).mean())


def test_honest_gain():
    checks.check_honest_gain(lambda a, b: b[a.argmax()] - b[-1])
    checks.check_honest_gain(lambda a, b: a[b.argmax()] - a[-1])
    for wrong, message in ((lambda a, b: a.max() - a[-1], "luckiest"), (lambda a, b: b[a.argmax()], "against the end"), (lambda a, b: b.mean() - b[-1], "expected")):
        with pytest.raises(AssertionError, match=message):
            checks.check_honest_gain(wrong)


def test_wrong_where():
    def right(truth, score, errors):
        labels = truth.copy()
        labels[np.argsort(-score)[:errors]] = 1 - labels[np.argsort(-score)[:errors]]
        return labels

    def in_place(truth, score, errors):
        truth[np.argsort(-score)[:errors]] ^= 1
        return truth

    checks.check_wrong_where(right)
    for wrong, message in ((in_place, "work on a copy"), (lambda t, s, e: right(t, -s, e), "expected"), (lambda t, s, e: right(t, s, e)[:3], "one label")):
        with pytest.raises(AssertionError, match=message):
            checks.check_wrong_where(wrong)


def test_prompt():
    word = {0: "no", 1: "yes"}
    right = lambda questions, labels, asked: " ".join([f"{q} {word[label]} ." for q, label in zip(questions, labels)] + [asked])
    checks.check_prompt(right)
    for wrong, message in ((lambda q, l, a: [*q, a], "one text"), (lambda q, l, a: right(q, l, a) + " yes .", "without an answer"), (lambda q, l, a: right(q, l[::-1], a), "expected")):
        with pytest.raises(AssertionError, match=message):
            checks.check_prompt(wrong)


def test_never_rises():
    right = lambda dial, pgr: bool((np.diff(pgr[np.argsort(dial)]) <= 0).all())
    checks.check_never_rises(right)
    for wrong in (lambda d, p: bool((np.diff(p) <= 0).all()), lambda d, p: p[-1] <= p[0], lambda d, p: bool((np.diff(p[np.argsort(d)]) < 0).all())):
        with pytest.raises(AssertionError, match="expected"):
            checks.check_never_rises(wrong)


def test_holm():
    def right(p):
        p = np.asarray(p, float)
        order, adjusted = np.argsort(p), np.empty(len(p))
        adjusted[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
        return adjusted

    checks.check_holm(right)
    for wrong in (lambda p: np.minimum(1, np.asarray(p) * len(p)), lambda p: np.sort(right(p)), lambda p: np.asarray(p), lambda p: float(np.min(p))):
        with pytest.raises(AssertionError):
            checks.check_holm(wrong)


def test_tokens():
    right = lambda n, layers, width, memory: (memory - 18 * n) / (68 * layers * width)
    checks.check_tokens(right)
    checks.check_tokens(lambda *case: int(right(*case)))
    for wrong, says in ((lambda n, layers, width, memory: memory / (68 * layers * width), "beside no model"), (lambda *case: 1.5 * right(*case), "need 1"),
                        (lambda *case: 0.5 * right(*case), "more would"), (lambda *case: "many", "a number")):
        with pytest.raises(AssertionError, match=says):
            checks.check_tokens(wrong)


def test_overruled(capsys):
    right = lambda alpha, disagreement, error: (1 - (error - disagreement) / alpha) / 2
    checks.check_overruled(right)
    assert "Right" in capsys.readouterr().out
    for wrong, message in ((lambda *numbers: 1 - right(*numbers), "repeats a wrong label"), (lambda alpha, disagreement, error: 1 - error, "Solve")):
        with pytest.raises(AssertionError, match=message):
            checks.check_overruled(wrong)


def test_expansion(capsys):
    checks.check_expansion(lambda edges, inside: edges[inside].any(axis=0).mean() / inside.mean())
    assert "Right" in capsys.readouterr().out
    for wrong, message in ((lambda edges, inside: edges[inside].any(axis=0).mean(), "what share of the good"), (lambda edges, inside: edges[inside].sum() / edges.shape[1] / inside.mean(), "counts once")):
        with pytest.raises(AssertionError, match=message):
            checks.check_expansion(wrong)


def test_gain_and_misfit(capsys):
    mse = lambda a, b: ((a - b) ** 2).mean()
    checks.check_gain_and_misfit(lambda s, w, y: (mse(w, y) - mse(s, y), mse(s, w)))
    assert "Right" in capsys.readouterr().out
    checks.check_gain_and_misfit(lambda s, w, y: None)
    assert "Your turn" in capsys.readouterr().out
    with pytest.raises(AssertionError, match="positive when the student is better"):
        checks.check_gain_and_misfit(lambda s, w, y: (mse(s, y) - mse(w, y), mse(s, w)))
    with pytest.raises(AssertionError, match="the truth has no part"):
        checks.check_gain_and_misfit(lambda s, w, y: (mse(w, y) - mse(s, y), mse(s, y)))
    with pytest.raises(AssertionError, match="gain: expected"):
        checks.check_gain_and_misfit(lambda s, w, y: (abs(w - y).mean() - abs(s - y).mean(), mse(s, w)))


def test_lowest_error():
    checks.check_lowest_error(lambda error: (1 - (1 - error) ** 0.5) ** 2)
    with pytest.raises(AssertionError, match="simpler bound"):
        checks.check_lowest_error(lambda error: error ** 2 / 4)
    with pytest.raises(AssertionError, match="expected 0.0026, got 0.0100"):
        checks.check_lowest_error(lambda error: error ** 2)


def test_answer_entropy(capsys):
    def right(answers, log=np.log):
        p = np.stack([answers.mean(axis=1), 1 - answers.mean(axis=1)])
        return -(p * log(np.where(p > 0, p, 1))).sum(axis=0)

    checks.check_answer_entropy(right)
    assert "Right" in capsys.readouterr().out
    checks.check_answer_entropy(lambda answers: None)
    assert "Your turn" in capsys.readouterr().out
    with pytest.raises(AssertionError, match="in bits"):
        checks.check_answer_entropy(lambda answers: right(answers, np.log2))
    with np.errstate(all="ignore"), pytest.raises(AssertionError, match="NaN"):
        checks.check_answer_entropy(lambda answers: -(answers.mean(axis=1) * np.log(answers.mean(axis=1))))
    with pytest.raises(AssertionError, match="expected 0.000"):
        checks.check_answer_entropy(lambda answers: right(answers) + 1)


def test_reliability_weights(capsys):
    def right(answers, tau):
        different, counts = np.unique(answers, return_counts=True)
        powers = np.exp(counts / len(answers) / tau)
        return np.array([powers[different == a][0] for a in answers]) / powers.sum()

    checks.check_reliability_weights(right)
    assert "Right" in capsys.readouterr().out
    with pytest.raises(AssertionError, match="two terms, not five"):
        checks.check_reliability_weights(lambda answers, tau: right(answers, tau) / right(answers, tau).sum() if len(set(answers)) > 1 else np.ones(5))
    with pytest.raises(AssertionError, match="the softmax is 1"):
        checks.check_reliability_weights(lambda answers, tau: right(answers, tau) / right(answers, tau).sum())


def test_self_consistency(capsys):
    yes = lambda drawn: drawn.mean(axis=1)
    checks.check_self_consistency(lambda drawn: (yes(drawn) > 0.5, np.maximum(yes(drawn), 1 - yes(drawn))))
    assert "Right" in capsys.readouterr().out
    checks.check_self_consistency(lambda drawn: None)
    assert "Your turn" in capsys.readouterr().out
    for wrong, message in ((lambda drawn: (yes(drawn) >= 0.5, yes(drawn)), "a tie is label 0"), (lambda drawn: (yes(drawn) > 0.5, yes(drawn)), "as consistent as"),
                           (lambda drawn: (yes(drawn) > 0.5, yes(drawn) ** 2), "share of the majority")):
        with pytest.raises(AssertionError, match=message):
            checks.check_self_consistency(wrong)


def test_fixed_and_spoiled(capsys):
    checks.check_fixed_and_spoiled(lambda was, now: (now[~was].mean(), 1 - now[was].mean()))
    assert "Right" in capsys.readouterr().out
    checks.check_fixed_and_spoiled(lambda was, now: None)
    assert "Your turn" in capsys.readouterr().out
    for wrong, message in ((lambda was, now: ((now & ~was).mean(), (was & ~now).mean()), "a share of all facts"), (lambda was, now: (was[now].mean(), 0), "fixed should be 0.333"),
                           (lambda was, now: (now[~was].mean(), now[was].mean()), "spoiled should be 0.200, you get 0.800")):
        with pytest.raises(AssertionError, match=message):
            checks.check_fixed_and_spoiled(wrong)


def test_who_is_right(capsys):
    """Counted on draws, too: the formula and the world agree."""
    rng = np.random.default_rng(0)

    def drawn(p, k):
        answerer, corrector = rng.random(400_000) < p, rng.random(400_000) < k
        return answerer[answerer != corrector].mean()

    right = lambda p, k: 1 / (1 + (1 - p) / p * k / (1 - k))
    assert right(0.9, 0.8) == pytest.approx(drawn(0.9, 0.8), abs=0.01)
    checks.check_who_is_right(right)
    assert "Right" in capsys.readouterr().out
    checks.check_who_is_right(lambda p, k: None)
    assert "Your turn" in capsys.readouterr().out
    for wrong, message in ((lambda p, k: p, "the two disagree is news"), (lambda p, k: p * (1 - k), "divide by how often"), (lambda p, k: p / (p + k), "expected 0.692, got 0.529")):
        with pytest.raises(AssertionError, match=message):
            checks.check_who_is_right(wrong)


def test_ccs_loss(capsys):
    right = lambda no, yes: np.mean((yes + no - 1) ** 2 + np.where(yes < no, yes, no) ** 2)
    checks.check_ccs_loss(right)
    assert "Right" in capsys.readouterr().out
    checks.check_ccs_loss(lambda no, yes: None)
    assert "Your turn" in capsys.readouterr().out
    for wrong, message in ((lambda no, yes: np.mean((yes + no - 1) ** 2), "says nothing"), (lambda no, yes: np.mean((yes - no) ** 2 + np.minimum(yes, no) ** 2), "nothing to lose"),
                           (lambda no, yes: np.mean(yes + no - 1) ** 2 + np.mean(np.minimum(yes, no)) ** 2, "square first"), (lambda no, yes: len(no) * right(no, yes), "expected")):
        with pytest.raises(AssertionError, match=message):
            checks.check_ccs_loss(wrong)


def test_project_out(capsys):
    def right(x, direction, middle):
        unit = direction / np.linalg.norm(direction)
        return x + np.outer(middle / np.linalg.norm(direction) - x @ unit, unit)

    checks.check_project_out(right)
    assert "Right" in capsys.readouterr().out
    checks.check_project_out(lambda x, direction, middle: None)
    assert "Your turn" in capsys.readouterr().out
    for wrong, message in ((lambda x, d, middle: x - np.outer(x @ d - middle, d), "divide twice"), (lambda x, d, middle: right(x, d, 0), "Subtract"),
                           (lambda x, d, middle: right(x, d, middle)[:, 1:], "shape"), (lambda x, d, middle: right(0 * x, d, middle), "across")):
        with pytest.raises(AssertionError, match=message):
            checks.check_project_out(wrong)


def test_step_labels(capsys):
    until = lambda right: right[: right.index(False) + 1] if False in right else right
    checks.check_step_labels(until)
    assert "Right" in capsys.readouterr().out
    checks.check_step_labels(lambda right: None)
    assert "Your turn" in capsys.readouterr().out
    for wrong, message in ((lambda right: right, "right again"), (lambda right: [all(right)], "each prefix"), (lambda right: [min(right[: k + 1]) for k in range(len(right))], "up to and including")):
        with pytest.raises(AssertionError, match=message):
            checks.check_step_labels(wrong)


def test_weighted_vote(capsys):
    sums = lambda answers, scores: {a: sum(s for b, s in zip(answers, scores) if b == a) for a in answers if a is not None}
    checks.check_weighted_vote(lambda answers, scores: max(sums(answers, scores), key=sums(answers, scores).get))
    assert "Right" in capsys.readouterr().out
    checks.check_weighted_vote(lambda answers, scores: None)
    assert "Your turn" in capsys.readouterr().out
    for wrong, message in ((lambda answers, scores: answers[int(np.argmax(scores))], "best of n"), (lambda answers, scores: max(answers, key=answers.count), "the majority"),
                           (lambda answers, scores: max(answers, key=lambda a: sum(s for b, s in zip(answers, scores) if b == a)), "wins nothing")):
        with pytest.raises(AssertionError, match=message):
            checks.check_weighted_vote(wrong)


def test_best_of_all_choices(capsys):
    def all_choices(right, scores, n):
        return np.mean([right[max(chosen, key=lambda i: scores[i])] for chosen in combinations(range(len(right)), n)])

    checks.check_best_of_all_choices(all_choices)
    assert "Right" in capsys.readouterr().out
    checks.check_best_of_all_choices(lambda right, scores, n: None)
    assert "Your turn" in capsys.readouterr().out
    for wrong, message in ((lambda right, scores, n: all_choices(right[:n], scores[:n], n) if n > 1 else all_choices(right, scores, 1), "one choice of many"),
                           (lambda right, scores, n: np.mean(right), "comb")):
        with pytest.raises(AssertionError, match=message):
            checks.check_best_of_all_choices(wrong)


def test_counting_judge(capsys):
    def right(transcript):
        sides = [2 * side - 1 for side, _, _ in transcript]
        return (np.sign(sum(sides)) + 1) / 2

    checks.check_counting_judge(right)
    assert "Right" in capsys.readouterr().out
    checks.check_counting_judge(lambda transcript: None)
    assert "Your turn" in capsys.readouterr().out
    for wrong, message in ((lambda t: 1 - right(t), "yes spoke 2 times and no 1"), (lambda t: float(right(t) > 0.4), "no opinion"), (lambda t: np.mean([side for side, _, _ in t] or [0.5]), "expected 1, got 0.66"),
                           (lambda t: (np.sign(sum(2 * holds - 1 for _, _, holds in t)) + 1) / 2, "only who said it|no opinion")):
        with pytest.raises(AssertionError, match=message):
            checks.check_counting_judge(wrong)


def test_speaks_for_yes(capsys):
    def right(beliefs, labels):
        return (beliefs * labels[:, None]).sum(0) / beliefs.sum(0) - ((1 - beliefs) * labels[:, None]).sum(0) / (1 - beliefs).sum(0)

    checks.check_speaks_for_yes(right)
    assert "Right" in capsys.readouterr().out
    checks.check_speaks_for_yes(lambda beliefs, labels: None)
    assert "Your turn" in capsys.readouterr().out
    for wrong, message in ((lambda b, y: right((b > 0.5).astype(float), y), "takes beliefs for certain"), (lambda b, y: (b * y[:, None]).mean(0), "weighted with"), (lambda b, y: right(b, y).mean(), "one number a fact")):
        with pytest.raises(AssertionError, match=message):
            checks.check_speaks_for_yes(wrong)


def test_adaptive_weight(capsys):
    def right(p, v, tau):
        f = {1: p, 0: 1 - p}
        own, told = (math.exp(-math.log(f[answer]) / tau) for answer in (int(p > 0.5), v))
        return own / (own + told)

    checks.check_adaptive_weight(right)
    assert "Right" in capsys.readouterr().out
    checks.check_adaptive_weight(lambda p, v, tau: None)
    assert "Your turn" in capsys.readouterr().out
    for wrong, message in ((lambda *args: 1 - right(*args), "the supervisor's share"), (lambda p, v, tau: right(p, v, 0.4), "CE"), (lambda p, v, tau: 0.012, "They agree|expected")):
        with pytest.raises(AssertionError, match=message):
            checks.check_adaptive_weight(wrong)


def test_most_agreeable(capsys):
    checks.check_most_agreeable(lambda panel, said: ((panel > 0.5) == (said > 0.5)[:, None]).mean(axis=0).argmax())
    assert "Right" in capsys.readouterr().out
    checks.check_most_agreeable(lambda panel, said: None)
    assert "Your turn" in capsys.readouterr().out
    for wrong in (lambda panel, said: 0, lambda panel, said: abs(panel - said[:, None]).sum(axis=0).argmax(), lambda panel, said: panel.mean(axis=0).argmax()):
        with pytest.raises(AssertionError, match="you choose number"):
            checks.check_most_agreeable(wrong)


def test_verdict():
    right = lambda low, high, above, opposite: "shows" if low > above else "opposite" if high < opposite else "does not show"
    checks.check_verdict(right)
    with pytest.raises(AssertionError, match="expected 'does not show', got 'shows'"):
        checks.check_verdict(lambda low, high, above, opposite: "shows" if (low + high) / 2 > above else right(low, high, above, opposite))
    with pytest.raises(AssertionError, match="on it is not beyond"):
        checks.check_verdict(lambda low, high, above, opposite: "shows" if low >= above else right(low, high, above, opposite))


def test_in_an_assignment_nothing_is_no_answer(capsys):
    def half(soft):
        pass

    checks.check_harden(half)
    assert "Your turn: half returns nothing yet." in capsys.readouterr().out
    with pytest.raises(NotImplementedError, match="half returns nothing yet"):
        checks.graded(checks.check_harden, half)
    checks.check_harden(half)
    assert "Your turn" in capsys.readouterr().out, "only inside an assignment"


def test_believer(capsys):
    def right(weak, truth):
        calls = {y: np.bincount(weak[truth == y]).argmax() for y in np.unique(truth)}
        return np.mean([calls[y] == y for y in truth])

    checks.check_believer(right)
    assert "Right" in capsys.readouterr().out
    with pytest.raises(AssertionError, match="how often the weak labels are right"):
        checks.check_believer(lambda weak, truth: (weak == truth).mean())
    with pytest.raises(AssertionError, match="you count classes"):
        checks.check_believer(lambda weak, truth: np.mean([np.bincount(weak[truth == y]).argmax() == y for y in np.unique(truth)]))
    with pytest.raises(AssertionError, match="70 of 100"):
        checks.check_believer(lambda weak, truth: 1.0)


def test_every_check_is_tested():
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert not [name for name in vars(checks) if name.startswith("check_") and f"checks.{name}" not in tests and f"import {name}" not in tests]
