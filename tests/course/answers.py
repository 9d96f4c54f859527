"""Answers to the exercises as students give them: right ones, and wrong ones with words of the hint they are to get."""

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import torch


@dataclass
class Answers:
    right: list  # functions; how they come to the answer is another way than the kit's
    wrong: list  # (function, words of the message, a regular expression)
    given: tuple = ()  # what `check` takes beside the function


# ------------------------------------------------------------------- language tasks (00 to 03)
def loss(logits, targets, alpha, harden=lambda odds: (odds > odds.median()).float()):
    mixed = (1 - alpha) * targets + alpha * harden(logits[:, 1] - logits[:, 0])
    return -(mixed * logits.log_softmax(1)[:, 1] + (1 - mixed) * logits.log_softmax(1)[:, 0]).mean()


def soft(odds):
    """The hardened values, but with a gradient that flows through them."""
    hard = (odds > odds.median()).float()
    return hard + odds - odds.detach()


SUMMARY = pd.DataFrame(
    [("x", "l", 0.1, True), ("x", "l", 0.2, True), ("x", "l", 0.9, True), ("x", "l", 9.0, False),
     ("x", "m", 0.5, True), ("m", "l", 0.7, True)], columns=["supervisor", "student", "pgr", "defined"])


def median(summary, supervisor):
    return summary[(summary.supervisor == supervisor) & summary.defined].groupby("student").pgr.median()


def with_if(soft_labels):
    if soft_labels > 0.5:
        return 1
    return 0


LANGUAGE = {
    "00-pgr": Answers([lambda w, s, c: (s - w) / (c - w), lambda w, s, c: np.float32((s - w) / (c - w)).astype(float) * 0
                       + 1 - (c - s) / (c - w)], [
        (lambda w, s, c: s / c, "expected 0.5, got 0.8333.*share of the way"),
        (lambda w, s, c: "half", "expected a number, got 'half'"),
        (lambda w, s, c: max(0, (s - w) / (c - w)), "do not clip"),
        (lambda w, s, c: (c - w) / (s - w) if s != w else 0, "turn the fraction around"),
        (lambda w, s, c: (c - s) / (c - w), "still left"),
        (lambda w, s, c: (s - w) / c, "not by the ceiling"),
        (lambda w, s, c: (s - w) / (c - w) if s != w else 0 / (s - w), "ZeroDivisionError.*Which of the inputs"),
        (lambda w, s, c: (s - w) / (c - w) if s >= w else None, "got None. Is there a way through .* without a return")]),
    "01-harden": Answers([lambda p: (p > 0.5).astype(int), lambda p: p > 0.5, lambda p: [round(x) for x in p]], [
        (np.ceil, "likelier class"), (lambda p: (p < 0.5).astype(int), "the less likely ones"),
        (lambda p: p[:2], r"expected an array of shape \(4,\)"), (lambda p: p, "likelier class"),
        (with_if, "truth value.*An `if` wants one True or False"),
        (lambda p: math.floor(p + 0.5), "take one number")]),
    "01-agreement": Answers([lambda s, w, y: (s == w)[w != y].mean()], [
        (lambda s, w, y: (s == w).mean(), "keep the rows where the supervisor is wrong"),
        (lambda s, w, y: ((s == w) & (w != y)).mean(), "share of all rows"),
        (lambda s, w, y: (s == y)[w != y].mean(), "First keep the rows"),
        (lambda s, w, y: (s == w)[w != y], "expected a number, got an array of shape")]),
    "02-median-pgr": Answers([median, lambda t, w: median(t, w)[::-1]], [
        (lambda t, w: t[(t.supervisor == w) & t.defined].groupby("student").pgr.mean(),
         "supervisor 'x': student l: expected 0.2, got 0.4.*median"),
        (lambda t, w: t[t.supervisor == w].groupby("student").pgr.median(), "student l: expected 0.2, got 0.55.*undefined"),
        (lambda t, w: median(t, w)[:1], r"one value for each of \['l', 'm'\], got \['l'\].*the undefined ones go first"),
        (lambda t, w: median(t, w).to_dict(), "expected a Series of numbers, got {'l': 0.2"),
        (lambda t, w: median(t, w).to_frame(), "expected a Series of numbers, got a DataFrame of 2 rows"),
        (lambda t, w: median(t, w).tolist(), "expected a Series of numbers"),
        (lambda t, w: median(t, w).astype(str), "expected a Series of numbers, got a Series"),
        (lambda t, w: pd.concat([median(t, w)] * 2), "one value for each"),
        (lambda t, w: t.groupby("students").pgr.median(), "raises KeyError: 'students'")], (SUMMARY,)),
    "03-confidence-loss": Answers([loss], [
        (lambda logits, targets, alpha: loss(logits, targets, 0.0), "Mix the targets"),
        (lambda *case: loss(*case).item(), r"expected a scalar tensor, .* gradient \(no .item"),
        (lambda *case: float(loss(*case)), "expected a scalar tensor"),
        (lambda *case: loss(*case).detach(), "it has no gradient"),
        (lambda *case: loss(*case, harden=soft), "the gradient is not: detach the hardened prediction"),
        (lambda *case: loss(*case) * torch.ones(8), "expected a scalar tensor"),
        (lambda *case: loss(*case) * float("nan"), "NaN")]),
    "03-ramp": Answers([lambda step: 0.75 * min(1.0, step / 0.2)], [
        (lambda step: 0.75 * (1.0 if step > 0.2 else step), "divide"),  # as released: creeps, then jumps
        (lambda step: 0.75 * step / 0.2, "step_fraction 0.21.*stays there"),
        (lambda step: min(1.0, step / 0.2), "expected 0.375, got 0.5")]),
}


# ------------------------------------------------------------------- chess and rewards (04 to 07)
CHESS = pd.DataFrame({"gap": [0.1, 0.2, 0.35, 0.3, 0.2], "pgr": [0.5, 0.35, 0.2, 0.2, -4.0], "defined": [True] * 4 + [False]})


def slope(table):
    return 0.1 * np.polyfit(table.gap[table.defined], table.pgr[table.defined], 1)[0]


def sigmoid(first, second):
    return 1 / (1 + np.exp(first - second))


def share(w, s, c):
    return (s - w) / (c - w)


CHESS_AND_REWARDS = {
    "04-gap-slope": Answers([slope], [
        (lambda t: 10 * slope(t), "tenth"), (lambda t: 0.1 * np.polyfit(t.gap, t.pgr, 1)[0], "has no PGR"),
        (lambda t: -slope(t), "expected -0.2, got 0.2.*fall by")], (CHESS,)),
    "05-inherited": Answers([lambda s, t, y: ((s == t) & (s != y)).sum() / (s != y).sum()], [
        (lambda s, t, y: ((s == t) & (s != y)).mean(), "of the wrong ones"),
        (lambda s, t, y: (t != y)[s != y].mean(), "repeat the teacher's"),
        (lambda s, t, y: (s == t).mean(), "that repeat the teacher's")]),
    "06-preference": Answers([sigmoid], [
        (lambda a, b: sigmoid(b, a), "probability of the first"),
        (lambda a, b: b / (np.abs(a) + np.abs(b) + 1), "difference counts"), (lambda a, b: 0.5, r"array of shape \(4,\)"),
        (lambda a, b: np.where(np.abs(a) > 5, 0.5, sigmoid(a, b)), "adding 7")]),
    "06-best-of-n": Answers([lambda r, q, n: np.mean([row[best] for row, best in zip(q, r[:, :n].argmax(1))])], [
        (lambda r, q, n: q[:, :n].max(1).mean(), "the best quality"),
        (lambda r, q, n: q[np.arange(len(q)), r.argmax(1)].mean(), "n 1: got .*take the first n"),
        (lambda r, q, n: r[:, :n].max(1).mean(), "the largest reward"),
        (lambda r, q, n: q[:, n - 1].mean(), "Of each row take the first n")]),
    "07-fair-gain": Answers([lambda weak, naive, ceiling, generative, read: share(weak, generative, read) - share(weak, naive, ceiling)], [
        (lambda w, s, c, g, r: share(w, g, c) - share(w, s, c), "has not"), (lambda w, s, c, g, r: g - s, "expected"),
        (lambda w, s, c, g, r: share(w, g, r), "more than naive PGR")]),
}


# ------------------------------------------------------------------- analysis (08 to 13)
def flipped(truth, score, errors):
    labels = truth.copy()
    labels[np.argsort(-score)[:errors]] = 1 - labels[np.argsort(-score)[:errors]]
    return labels


def flipped_in_place(truth, score, errors):
    truth[np.argsort(-score)[:errors]] ^= 1
    return truth


def written(questions, labels, asked):
    return " ".join([f"{q} {['no', 'yes'][label]} ." for q, label in zip(questions, labels)] + [asked])


def called(weak, truth):
    calls = {y: np.bincount(weak[truth == y]).argmax() for y in np.unique(truth)}
    return np.mean([calls[y] == y for y in truth])


ANALYSIS = {
    "08-excess-imitation": Answers([lambda s, w, y: (s != y)[w != y].mean() - (s != y)[w == y].mean()], [
        (lambda s, w, y: (s == w)[w != y].mean(), "take away"),
        (lambda s, w, y: (s == w)[w != y].mean() - (s != y).mean(), "expected .*minus that where it is right")]),
    "09-honest-gain": Answers([lambda a, b: b[a.argmax()] - b[-1], lambda a, b: a[b.argmax()] - a[-1],
                               lambda a, b: np.mean([b[a.argmax()] - b[-1], a[b.argmax()] - a[-1]])], [
        (lambda a, b: a.max() - a[-1], "luckiest"), (lambda a, b: b.max() - b[-1], "luckiest"),
        (lambda a, b: b[a.argmax()], "against the end"), (lambda a, b: b.mean() - b[-1], "expected")]),
    "10-wrong-where": Answers([flipped], [
        (flipped_in_place, "work on a copy"), (lambda t, s, e: flipped(t, -s, e), "the score is lowest"),
        (lambda t, s, e: flipped(t, s, e)[:3], r"shape \(6,\)"), (lambda t, s, e: t, "expected .*highest scores")]),
    "11-prompt": Answers([written, lambda *case: written(*case) + "\n"], [
        (lambda q, l, a: [*q, a], "expected one text, got"), (lambda q, l, a: written(q, l, a) + " yes .", "without an answer"),
        (lambda q, l, a: written(q, l[::-1], a), "expected(.|\n)*followed by yes or no")]),
    "12-believer": Answers([called], [
        (lambda weak, truth: (weak == truth).mean(), "how often the weak labels are right"),
        (lambda weak, truth: np.mean([np.bincount(weak[truth == y]).argmax() == y for y in np.unique(truth)]), "you count classes"),
        (lambda weak, truth: 1.0, "70 of 100")]),
    "13-never-rises": Answers([lambda d, p: bool((np.diff(p[np.argsort(d)]) <= 0).all()),
                               lambda d, p: (np.diff(p[np.argsort(d)]) <= 0).all()], [
        (lambda d, p: bool((np.diff(p) <= 0).all()), "expected True, got False. The table is not in the order"),
        (lambda d, p: p[-1] <= p[0], "expected False, got True"),
        (lambda d, p: bool((np.diff(p[np.argsort(d)]) < 0).all()), "expected True, got False. Equal neighbours"),
        (lambda d, p: np.diff(p) <= 0, "expected True or False"), (lambda d, p: "yes", "expected True or False, got 'yes'")]),
}


# ------------------------------------------------------------------- real text (14, 15), theory (16 to 18), scoreboard
def adjusted(p):
    p = np.asarray(p, float)
    order, result = np.argsort(p), np.empty(len(p))
    result[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return result


def not_carried(p):
    order, result = np.argsort(p), np.empty(len(p))
    result[order] = p[order] * np.arange(len(p), 0, -1)
    return result


def tokens(n, layers, width, memory):
    return (memory - 18 * n) / (68 * layers * width)


def mse(a, b):
    return ((a - b) ** 2).mean()


def verdict(low, high, above, opposite):
    return "shows" if low > above else "opposite" if high < opposite else "does not show"


def wrong_label_overruled(alpha, disagreement, error):
    return (1 - (error - disagreement) / alpha) / 2


REAL_TEXT_AND_THEORY = {
    "14-tokens": Answers([tokens, lambda *case: int(tokens(*case))], [
        (lambda n, layers, width, memory: memory / (68 * layers * width), "beside no model"),
        (lambda *case: 1.5 * tokens(*case), "need 1"), (lambda *case: 0.5 * tokens(*case), "more would"),
        (lambda *case: "many", "a number"), (lambda *case: math.inf, "weights need"), (lambda *case: -1, "more would")]),
    "15-holm": Answers([adjusted, lambda p: adjusted(p).tolist(), lambda p: pd.Series(adjusted(p))], [
        (lambda p: np.minimum(1, np.asarray(p) * len(p)), "Bonferroni"), (lambda p: np.sort(adjusted(p)), "in another order"),
        (lambda p: np.minimum(1, not_carried(p)), "carry the largest"), (lambda p: adjusted(p) * 100, "1 at most"),
        (lambda p: np.asarray(p), "number of tests"), (lambda p: float(np.min(p)), r"shape \(4,\)")]),
    "16-gain-and-misfit": Answers([lambda s, w, y: (mse(w, y) - mse(s, y), mse(s, w)),
                                   lambda s, w, y: [mse(w, y) - mse(s, y), mse(s, w)],
                                   lambda s, w, y: np.array([mse(w, y) - mse(s, y), mse(s, w)])], [
        (lambda s, w, y: (mse(s, y) - mse(w, y), mse(s, w)), "gain: got .*positive when the student is better"),
        (lambda s, w, y: (mse(w, y) - mse(s, y), mse(s, y)), "misfit: expected .*The truth has no part"),
        (lambda s, w, y: (abs(w - y).mean() - abs(s - y).mean(), mse(s, w)), "gain: expected"),
        (lambda s, w, y: mse(s, w), r"expected 2 values \(a number, a number\)"),
        (lambda s, w, y: (1.0, 2.0, 3.0), "expected 2 values"),
        (lambda s, w, y: ("a", [1, 2]), "expected 2 values")]),
    "17-overruled": Answers([wrong_label_overruled], [
        (lambda *case: 1 - wrong_label_overruled(*case), "repeats a wrong label"),
        (lambda alpha, disagreement, error: 1 - error, "Solve")]),
    "17-expansion": Answers([lambda edges, inside: edges[inside].any(axis=0).mean() / inside.mean()], [
        (lambda edges, inside: edges[inside].any(axis=0).mean(), "what share of the good"),
        (lambda edges, inside: edges[inside].sum() / edges.shape[1] / inside.mean(), "counts once")]),
    "18-lowest-error": Answers([lambda error: (1 - (1 - error) ** 0.5) ** 2], [
        (lambda error: error**2 / 4, "simpler bound"),
        (lambda error: error**2, "teacher_error 0.5: expected 0.08579, got 0.25"),
        (lambda error: (1 - (1 - error) ** 0.5) ** 2 * (error != 0.1) + (error == 0.1) / 100, "expected 0.002633, got 0.01")]),
    "27-verdict": Answers([verdict], [
        (lambda low, high, above, opposite: "shows" if (low + high) / 2 > above else verdict(low, high, above, opposite),
         "expected 'does not show', got 'shows'"),
        (lambda low, high, above, opposite: "shows" if low >= above else verdict(low, high, above, opposite), "on it is not beyond"),
        (lambda *case: verdict(*case).capitalize(), "expected one of 'shows', 'opposite', 'does not show', got 'Shows'")]),
}


# ------------------------------------------------------------------- later methods (19, 20, 26)
def nats(answers, log=np.log):
    p = np.stack([answers.mean(axis=1), 1 - answers.mean(axis=1)])
    return -(p * log(np.where(p > 0, p, 1))).sum(axis=0)


def no_zero(answers):
    p = answers.mean(axis=1)
    with np.errstate(all="ignore"):
        return -(p * np.log(p) + (1 - p) * np.log(1 - p))


def weights(answers, tau):
    different, counts = np.unique(answers, return_counts=True)
    powers = np.exp(counts / len(answers) / tau)
    return np.array([powers[different == a][0] for a in answers]) / powers.sum()


def yes(drawn):
    return drawn.mean(axis=1)


def own_share(p, v, tau):
    f = {1: p, 0: 1 - p}
    own, given = (math.exp(-math.log(f[answer]) / tau) for answer in (int(p > 0.5), v))
    return own / (own + given)


LATER_METHODS = {
    "19-answer-entropy": Answers([nats], [
        (lambda answers: nats(answers, np.log2), "in bits"), (no_zero, "0 log 0 counts as 0.*makes NaN"),
        (lambda answers: nats(answers) + 1, r"expected \[0.0, 0.0, 0.5, 0.673\], got \[1.0"),
        (lambda answers: nats(answers).mean(), r"shape \(4,\)")]),
    "19-reliability-weights": Answers([weights], [
        (lambda answers, tau: weights(answers, tau) / weights(answers, tau).sum() if len(set(answers)) > 1 else np.ones(5),
         "two terms, not five"),
        (lambda answers, tau: weights(answers, tau) if len(set(answers)) > 1 else np.full(5, 0.2), "the softmax is 1")]),
    "20-self-consistency": Answers([lambda drawn: (yes(drawn) > 0.5, np.maximum(yes(drawn), 1 - yes(drawn)))], [
        (lambda drawn: (yes(drawn) >= 0.5, yes(drawn)), "majority: expected .*tie is label 0"),
        (lambda drawn: (yes(drawn) > 0.5, yes(drawn)), "as consistent as"),
        (lambda drawn: (yes(drawn) > 0.5, yes(drawn) ** 2), "share: expected .*share of the majority"),
        (lambda drawn: yes(drawn) > 0.5, "expected 2 values")]),
    "26-adaptive-weight": Answers([own_share], [
        (lambda *case: 1 - own_share(*case), "the supervisor's share"), (lambda p, v, tau: own_share(p, v, 0.4), "CE"),
        (lambda p, v, tau: own_share(p, v, tau) if (p > 0.5) != v else 0.0, "They agree")]),
    "26-most-agreeable": Answers([lambda panel, said: ((panel > 0.5) == (said > 0.5)[:, None]).mean(axis=0).argmax()], [
        (lambda panel, said: 0, "you choose number 0"),
        (lambda panel, said: abs(panel - said[:, None]).sum(axis=0).argmax(), "you choose number"),
        (lambda panel, said: panel.mean(axis=0).argmax(), "you choose number")]),
}


# ------------------------------------------------------------------- later studies (21 to 25)
def until_wrong(right):
    return right[: right.index(False) + 1] if False in right else right


def sums(answers, scores):
    return {a: sum(s for b, s in zip(answers, scores) if b == a) for a in answers}


def vote(answers, scores):
    found = {a: total for a, total in sums(answers, scores).items() if a is not None}
    return max(found, key=found.get)


def all_choices(right, scores, n):
    return np.mean([right[max(chosen, key=lambda i: scores[i])] for chosen in combinations(range(len(right)), n)])


def counted(transcript):
    return (np.sign(sum(2 * side - 1 for side, _, _ in transcript)) + 1) / 2


def speaks(beliefs, labels):
    believed, not_believed = ((b * labels[:, None]).sum(0) / b.sum(0) for b in (beliefs, 1 - beliefs))
    return believed - not_believed


def ccs(no, yes):
    return np.mean((yes + no - 1) ** 2 + np.where(yes < no, yes, no) ** 2)


def projected(x, direction, middle):
    unit = direction / np.linalg.norm(direction)
    return x + np.outer(middle / np.linalg.norm(direction) - x @ unit, unit)


def rounded(score, best, step):
    return best if score < best + step - 1e-9 else np.floor(score / step + 1e-9) * step


def read(answer, before, after):
    return "private" if after == before else 1 - answer if after > before else answer


LATER_STUDIES = {
    "21-step-labels": Answers([until_wrong, lambda right: map(int, until_wrong(right)), lambda right: np.array(until_wrong(right))], [
        (lambda right: right, "right again"), (lambda right: [all(right)], "each prefix"),
        (lambda right: [min(right[: k + 1]) for k in range(len(right))], "up to and including"),
        (lambda right: all(right), "expected a list of numbers")]),
    "21-weighted-vote": Answers([vote], [
        (lambda answers, scores: answers[int(np.argmax(scores))], "best of n"),
        (lambda answers, scores: max(answers, key=answers.count), "the majority"),
        (lambda answers, scores: max(sums(answers, scores), key=sums(answers, scores).get), "wins nothing"),
        (lambda answers, scores: min(a for a in answers if a), "expected 4, got 3. Sum|the majority")]),
    "21-best-of-all-choices": Answers([all_choices], [
        (lambda right, scores, n: all_choices(right[:n], scores[:n], n) if n > 1 else 0.6, "one choice of many"),
        (lambda right, scores, n: np.mean(right) + n, "comb")]),
    "22-fixed-and-spoiled": Answers([lambda was, now: (now[~was].mean(), 1 - now[was].mean())], [
        (lambda was, now: ((now & ~was).mean(), (was & ~now).mean()), "fixed: got .*a share of all facts"),
        (lambda was, now: (was[now].mean(), 0), "fixed: expected 0.3333"),
        (lambda was, now: (now[~was].mean(), now[was].mean()), "spoiled: expected 0.2, got 0.8"),
        (lambda was, now: (now[~was].mean(), (was & ~now).mean()), "spoiled: got 0.125: .*the right ones were lost")]),
    "22-who-is-right": Answers([lambda p, k: 1 / (1 + (1 - p) / p * k / (1 - k))], [
        (lambda p, k: p, "the two disagree is news"), (lambda p, k: p * (1 - k), "divide by how often"),
        (lambda p, k: p / (p + k), "expected 0.6923, got 0.5294")]),
    "23-counting-judge": Answers([counted], [
        (lambda t: 1 - counted(t), "yes spoke 2 times and no 1"), (lambda t: float(counted(t) > 0.4), "no opinion"),
        (lambda t: np.mean([side for side, _, _ in t] or [0.5]), "expected 1, got 0.66"),
        (lambda t: (np.sign(sum(2 * holds - 1 for _, _, holds in t)) + 1) / 2, "only who said it|no opinion")]),
    "23-speaks-for-yes": Answers([speaks], [
        (lambda b, y: speaks((b > 0.5).astype(float), y), "takes beliefs for certain"),
        (lambda b, y: (b * y[:, None]).mean(0), "weighted with"), (lambda b, y: speaks(b, y).mean(), r"array of shape \(3,\)")]),
    "24-ccs-loss": Answers([ccs], [
        (lambda no, yes: np.mean((yes + no - 1) ** 2), "says nothing"),
        (lambda no, yes: ccs(no, yes) + (abs(yes - no) == 1).mean(), "nothing to lose"),
        (lambda no, yes: np.mean(yes + no - 1) ** 2 + np.mean(np.minimum(yes, no)) ** 2, "square first"),
        (lambda no, yes: len(no) * ccs(no, yes), "that is a sum"),
        (lambda no, yes: ccs(no, yes) if min(*no, *yes) < 1 else 3.0, "a contradiction"),
        (lambda no, yes: np.mean((yes - no) ** 2 + np.minimum(yes, no) ** 2), "their sum less 1")]),
    "24-project-out": Answers([projected], [
        (lambda x, d, middle: x - np.outer(x @ d - middle, d), "divide twice"), (lambda x, d, middle: projected(x, d, 0), "Subtract"),
        (lambda x, d, middle: projected(x, d, middle)[:, 1:], "shape"), (lambda x, d, middle: projected(0 * x, d, middle), "across")]),
    "25-ladder": Answers([rounded], [
        (lambda score, best, step: max(score, best), "score 0.24, .*got 0.24: that is the score itself"),
        (lambda score, best, step: max(best, np.floor(score / step) * step - step), "rounded down")]),
    "25-read-label": Answers([read], [
        (lambda answer, before, after: answer, "flipping helped"),
        (lambda answer, before, after: 1 - answer if after > before else answer, "does not move"),
        (lambda answer, before, after: str(read(answer, before, after)), "expected one of 0, 1, 'private', got '0'")]),
}

ANSWERS = LANGUAGE | CHESS_AND_REWARDS | ANALYSIS | REAL_TEXT_AND_THEORY | LATER_METHODS | LATER_STUDIES
