"""Answers of students to the exercises of notebooks 14 to 20, 26 and 29: right ones, and wrong ones."""

import math

import numpy as np
import pandas as pd
from early_answers import Answers


# ------------------------------------------------------------------- real text, theory, scoreboard
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


def all_wrong(panel, truth):
    return np.array([all((p > 0.5) != t for p in row) for row, t in zip(panel, truth)])


def any_wrong(panel, truth):
    return np.array([any((p > 0.5) != t for p in row) for row, t in zip(panel, truth)])


def shared(panel, truth):
    wrong = [(np.mean(row) > 0.5) != t for row, t in zip(panel, truth)]
    return np.mean([every for every, mean in zip(all_wrong(panel, truth), wrong) if mean])


def verdict(low, high, above, opposite, smallest):
    decided = "shows" if low > above else "opposite" if high < opposite else ""
    return decided or ("refuted" if high < smallest else "undecided")


def wrong_label_overruled(alpha, disagreement, error):
    return (1 - (error - disagreement) / alpha) / 2


REAL_TEXT_AND_THEORY = {
    "14-tokens": Answers(
        [tokens, lambda *case: int(tokens(*case))],
        [
            (lambda n, layers, width, memory: memory / (68 * layers * width), "beside no model"),
            (lambda *case: 1.5 * tokens(*case), "need 1"),
            (lambda *case: 0.5 * tokens(*case), "more would"),
            (lambda *case: "many", "a number"),
            (lambda *case: math.inf, "weights need"),
            (lambda *case: -1, "more would"),
        ],
    ),
    "15-holm": Answers(
        [adjusted, lambda p: adjusted(p).tolist(), lambda p: pd.Series(adjusted(p))],
        [
            (lambda p: np.minimum(1, np.asarray(p) * len(p)), "Bonferroni"),
            (lambda p: np.sort(adjusted(p)), "in another order"),
            (lambda p: np.minimum(1, not_carried(p)), "carry the largest"),
            (lambda p: adjusted(p) * 100, "1 at most"),
            (lambda p: np.asarray(p), "number of tests"),
            (lambda p: float(np.min(p)), r"shape \(4,\)"),
        ],
    ),
    "15-best-of-five": Answers(
        [
            lambda p: ((p.min(axis=1) < 0.05).mean(), np.mean([(adjusted(row) < 0.05).any() for row in p])),
            lambda p: [(p < 0.05).any(axis=1).mean(), (5 * p.min(axis=1) < 0.05).mean()],
        ],
        [
            (lambda p: ((p < 0.05).mean(), 0), "before: got .*share of all p-values"),
            (lambda p: ((p < 0.05).any(axis=0).mean(), 0), "before: got .*down the columns"),
            (lambda p: ((p < 0.05).all(axis=1).mean(), 0), "before: got .*one is enough"),
            (lambda p: ((p.min(axis=1) < 0.05).sum(), 0), "before: got .*return a share"),
            (lambda p: (100 * (p.min(axis=1) < 0.05).mean(), 0), "before: got .*in per cent"),
            (lambda p: 2 * [(p.min(axis=1) < 0.05).mean()], "after: got .*nothing is corrected"),
            (
                lambda p: (
                    (p.min(axis=1) < 0.05).mean(),
                    (adjusted(p.ravel()).reshape(p.shape) < 0.05).any(axis=1).mean(),
                ),
                "after: got .*all tables",
            ),
            (lambda p: ((p.min(axis=1) < 0.05).mean(), 0.9), "after: expected .*each row by itself"),
            (lambda p: (p.min(axis=1) < 0.05).mean(), "expected 2 values"),
            (lambda p: (p.min(axis=1), p.min(axis=1)), "expected 2 values"),
        ],
    ),
    "16-gain-and-misfit": Answers(
        [
            lambda s, w, y: (mse(w, y) - mse(s, y), mse(s, w)),
            lambda s, w, y: [mse(w, y) - mse(s, y), mse(s, w)],
            lambda s, w, y: np.array([mse(w, y) - mse(s, y), mse(s, w)]),
        ],
        [
            (
                lambda s, w, y: (mse(s, y) - mse(w, y), mse(s, w)),
                "gain: got .*positive when the student is better",
            ),
            (lambda s, w, y: (mse(w, y) - mse(s, y), mse(s, y)), "misfit: expected .*The truth has no part"),
            (lambda s, w, y: (abs(w - y).mean() - abs(s - y).mean(), mse(s, w)), "gain: expected"),
            (lambda s, w, y: mse(s, w), r"expected 2 values \(a number, a number\)"),
            (lambda s, w, y: (1.0, 2.0, 3.0), "expected 2 values"),
            (lambda s, w, y: ("a", [1, 2]), "expected 2 values"),
        ],
    ),
    "16-error-term": Answers(
        [lambda misfit, outside: 2 * (misfit * outside) ** 0.5],
        [
            (lambda misfit, outside: (misfit * outside) ** 0.5, "where is the 2"),
            (lambda misfit, outside: 2 * misfit * outside, "take the root"),
            (lambda misfit, outside: -2 * (misfit * outside) ** 0.5, "a positive number"),
            (lambda misfit, outside: outside, "depends on the misfit, too"),
            (lambda misfit, outside: misfit, "product of the two lengths"),
        ],
    ),
    "17-overruled": Answers(
        [wrong_label_overruled],
        [
            (lambda *case: 1 - wrong_label_overruled(*case), "repeats a wrong label"),
            (lambda alpha, disagreement, error: 1 - error, "Solve"),
        ],
    ),
    "17-expansion": Answers(
        [lambda edges, inside: edges[inside].any(axis=0).mean() / inside.mean()],
        [
            (lambda edges, inside: edges[inside].any(axis=0).mean(), "what share of the good"),
            (lambda edges, inside: edges[inside].sum() / edges.shape[1] / inside.mean(), "counts once"),
        ],
    ),
    "18-lowest-error": Answers(
        [lambda error: (1 - (1 - error) ** 0.5) ** 2],
        [
            (lambda error: error**2 / 4, "simpler bound"),
            (lambda error: error**2, "teacher_error 0.5: expected 0.08579, got 0.25"),
            (
                lambda error: (1 - (1 - error) ** 0.5) ** 2 * (error != 0.1) + (error == 0.1) / 100,
                "expected 0.002633, got 0.01",
            ),
        ],
    ),
    "18-stretch": Answers(
        [lambda error: 1 / (1 - error), lambda error: np.float64(1 / (1 - error))],
        [
            (lambda error: 1 / (1 - error) ** 0.5, "noise included"),
            (lambda error: 1 - error, "divide by it"),
            (lambda error: 1 / error if error else math.inf, "yours needs more"),
            (lambda error: 1.0, "expected 2, got 1"),
            (lambda error: f"{1 / (1 - error)}", "expected a number"),
        ],
    ),
    "31-verdict": Answers(
        [verdict],
        [
            (
                lambda low, high, above, *rest: (
                    "shows" if (low + high) / 2 > above else verdict(low, high, above, *rest)
                ),
                "expected 'undecided', got 'shows'",
            ),
            (
                lambda low, high, above, *rest: "shows" if low >= above else verdict(low, high, above, *rest),
                "Here an end of the interval is on a threshold",
            ),
            (
                lambda *case: verdict(*case).capitalize(),
                "expected one of 'shows', 'undecided', 'refuted', 'opposite', got 'Shows'",
            ),
            (
                lambda low, high, above, opposite, smallest: (
                    "refuted"
                    if -smallest < low and high < smallest
                    else verdict(low, high, above, opposite, smallest)
                ),
                "expected '",
            ),
        ],
    ),
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
    "19-answer-entropy": Answers(
        [nats],
        [
            (lambda answers: nats(answers, np.log2), "in bits"),
            (no_zero, "0 log 0 counts as 0.*makes NaN"),
            (lambda answers: nats(answers) + 1, r"expected \[0.0, 0.0, 0.5, 0.673\], got \[1.0"),
            (lambda answers: nats(answers).mean(), r"shape \(4,\)"),
        ],
    ),
    "19-reliability-weights": Answers(
        [weights],
        [
            (
                lambda answers, tau: (
                    weights(answers, tau) / weights(answers, tau).sum()
                    if len(set(answers)) > 1
                    else np.ones(5)
                ),
                "two terms, not five",
            ),
            (
                lambda answers, tau: weights(answers, tau) if len(set(answers)) > 1 else np.full(5, 0.2),
                "the softmax is 1",
            ),
        ],
    ),
    "19-control": Answers(
        [
            lambda kept, seed: np.random.default_rng(seed).permutation(kept),
            lambda kept, seed: np.isin(
                np.arange(len(kept)),
                np.random.default_rng(seed).choice(len(kept), kept.sum(), replace=False),
            ),
        ],
        [
            (
                lambda kept, seed: np.random.default_rng(seed).random(len(kept)) < kept.mean(),
                "keep exactly as many",
            ),
            (lambda kept, seed: kept, "of the filter itself"),
            (lambda kept, seed: np.sort(kept), "two seeds choose the same"),
            (lambda kept, seed: np.random.default_rng().permutation(kept), "one seed chooses other"),
            (
                lambda kept, seed: np.random.default_rng(seed).choice(len(kept), kept.sum(), replace=False),
                "expected",
            ),
            (lambda kept, seed: ~kept, "the control does the same"),
            (lambda kept, seed: kept if len(kept) < 9 else kept[:-1], "a boolean for each"),
        ],
    ),
    "20-self-consistency": Answers(
        [lambda drawn: (yes(drawn) > 0.5, np.maximum(yes(drawn), 1 - yes(drawn)))],
        [
            (lambda drawn: (yes(drawn) >= 0.5, yes(drawn)), "majority: expected .*tie is label 0"),
            (lambda drawn: (yes(drawn) > 0.5, yes(drawn)), "as consistent as"),
            (lambda drawn: (yes(drawn) > 0.5, yes(drawn) ** 2), "share: expected .*share of the majority"),
            (lambda drawn: yes(drawn) > 0.5, "expected 2 values"),
        ],
    ),
    "20-without-drawing": Answers(
        [
            lambda p, kept: ((np.maximum(p, 1 - p) >= 0.8) != kept).sum(),
            lambda p, kept: float((((p >= 0.8) | (p <= 0.2)) ^ kept).sum()),
        ],
        [
            (lambda p, kept: ((p >= 0.8) != kept).sum(), "a sure no"),
            (lambda p, kept: ((np.maximum(p, 1 - p) >= 0.8) != kept).mean(), "the number of questions"),
            (lambda p, kept: ((np.maximum(p, 1 - p) >= 0.8) == kept).sum(), "stays the same"),
            (lambda p, kept: ((np.maximum(p, 1 - p) > 0.8) != kept).sum(), "≥, not >"),
            (lambda p, kept: abs((np.maximum(p, 1 - p) >= 0.8).sum() - kept.sum()), "cancel"),
            (lambda p, kept: (np.maximum(p, 1 - p) >= 0.8) != kept, "expected a number"),
            (lambda p, kept: len(p), "count where the two decisions differ"),
        ],
    ),
    "26-adaptive-weight": Answers(
        [own_share],
        [
            (lambda *case: 1 - own_share(*case), "the supervisor's share"),
            (lambda p, v, tau: own_share(p, v, 0.4), "CE"),
            (lambda p, v, tau: own_share(p, v, tau) if (p > 0.5) != v else 0.0, "They agree"),
        ],
    ),
    "26-chance-agreement": Answers(
        [lambda a, b, k: a * b + (k - 1) * ((1 - a) / (k - 1)) * ((1 - b) / (k - 1))],
        [
            (lambda a, b, k: a * b + (1 - a) * (1 - b), "different wrong answers"),
            (lambda a, b, k: a * b + (1 - a) * (1 - b) / k, "how many wrong ones"),
            (lambda a, b, k: a * b, "can agree, too"),
            (lambda a, b, k: a * b + (1 - a) * (1 - b) / (k - 1) ** 2, "any wrong option"),
            (lambda a, b, k: (a + b) / 2, "Both right: a b"),
        ],
    ),
    "26-shared-errors": Answers(
        [shared, lambda panel, truth: float(shared(panel, truth))],
        [
            (lambda panel, truth: all_wrong(panel, truth).mean(), "a share of all questions"),
            (lambda panel, truth: 1 - shared(panel, truth), "somebody does not make"),
            (
                lambda panel, truth: all_wrong(panel, truth).sum() / any_wrong(panel, truth).sum(),
                "somebody errs",
            ),
            (lambda panel, truth: 0.77, "The mean is wrong about 4 questions, and about 2 of them"),
            (lambda panel, truth: all_wrong(panel, truth), "expected a number"),
        ],
    ),
    "26-most-agreeable": Answers(
        [lambda panel, said: ((panel > 0.5) == (said > 0.5)[:, None]).mean(axis=0).argmax()],
        [
            (lambda panel, said: 0, "you choose number 0"),
            (lambda panel, said: abs(panel - said[:, None]).sum(axis=0).argmax(), "you choose number"),
            (lambda panel, said: panel.mean(axis=0).argmax(), "you choose number"),
        ],
    ),
}


MIDDLE = REAL_TEXT_AND_THEORY | LATER_METHODS
